"""The keys outside the database: from the environment, or made once for a checkout."""

import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

NAMES = ("SECRET_KEY", "PERSONAL_DATA_KEYS", "BLIND_INDEX_KEY", "LEDGER_KEY")


def demand_keys(environ: Mapping[str, str], also: tuple[str, ...] = ()) -> dict[str, str]:
    """The keys of a deployment; raises ImproperlyConfigured naming every variable that is missing or empty."""
    missing = [name for name in (*NAMES, *also) if not environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"Missing in the environment: {', '.join(missing)}. A deployment must supply them (docs/deploy.md); "
            "on a developer's machine set DEVELOPMENT=1."
        )
    return {name: environ[name] for name in NAMES}


def development_keys(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The keys of a checkout: made when first needed, stored in `path` (mode 0600); the environment has precedence."""
    if not path.exists():
        _write_once(path, _new_keys())
    kept: dict[str, str] = json.loads(path.read_text())
    return {name: environ.get(name) or kept[name] for name in NAMES}


def _new_keys() -> dict[str, str]:
    fresh = {name: secrets.token_urlsafe(48) for name in NAMES}
    return fresh | {"PERSONAL_DATA_KEYS": Fernet.generate_key().decode()}


def _write_once(path: Path, keys: dict[str, str]) -> None:
    """Several processes may start at once and must all get the same keys, so the first file to be linked is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file, indent=1)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        os.unlink(draft)
