#!/usr/bin/env bash
# Builds .venv from the lock. Quick where nothing has changed: the stamp holds what the environment was built from.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=requirements/dev.txt

stamp() { { pwd; sha256sum "$lock"; } | sha256sum; }
if [ "$(cat .venv/.built-from 2>/dev/null)" = "$(stamp)" ] && .venv/bin/python -c "import django" 2>/dev/null; then
    exit 0
fi

works() { "$1" -c "import sys; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; }
has_venv() { "$1" -c "import venv, ensurepip" >/dev/null 2>&1; }
python="" without_venv=""
for candidate in python3.14 python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
    works "$candidate" || continue
    if has_venv "$candidate"; then python=$candidate && break; fi
    without_venv=${without_venv:-$candidate}
done
if [ -z "$python" ] && [ -n "$without_venv" ]; then
    version=$("$without_venv" -c "import sys; print('%d.%d' % sys.version_info[:2])")
    echo "$without_venv is there but lacks venv. Install the Debian package python3-venv (or python$version-venv):" >&2
    echo "    apt-get install python3-venv" >&2
    exit 1
elif [ -z "$python" ]; then
    echo "No python3 of version 3.11 or newer was found. Install the Debian packages python3 and python3-venv." >&2
    exit 1
fi

echo "Building .venv with $("$python" --version) ..."
"$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
stamp > .venv/.built-from
echo "The environment is ready."
