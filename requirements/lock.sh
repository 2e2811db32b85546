#!/usr/bin/env bash
# Pins and hashes what the .in files ask for, for every platform and Python >= 3.11; where packages come from stays out.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PIP_FIND_LINKS UV_FIND_LINKS
lock() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$@"
}
lock requirements/base.in -o requirements/base.txt
lock requirements/api.in -c requirements/base.txt -o requirements/api.txt
lock requirements/oidc.in -c requirements/base.txt -o requirements/oidc.txt
lock requirements/ldap.in -c requirements/base.txt -o requirements/ldap.txt
lock requirements/dev.in -c requirements/base.txt -c requirements/api.txt -c requirements/oidc.txt \
    -c requirements/ldap.txt -o requirements/dev.txt
lock requirements/mining.in -o requirements/mining.txt
lock requirements/peer.in -o requirements/peer.txt
