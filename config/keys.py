"""The keys outside the database: from the environment, or made once for a checkout."""

import json
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import environ as environment
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

MODES = ("DEBUG", "DEMO", "DEVELOPMENT")
"""Each switches production off."""

NAMES = ("SECRET_KEY", "PERSONAL_DATA_KEYS", "BLIND_INDEX_KEY", "LEDGER_KEY")


def modes_of(environ: Mapping[str, str]) -> list[str]:
    """The modes that the environment names; none in production."""
    return [name for name in MODES if environ.get(name, "").lower() in environment.Env.BOOLEAN_TRUE_STRINGS]


def demand_keys(environ: Mapping[str, str], also: tuple[str, ...] = ()) -> dict[str, str]:
    """The keys of a deployment; raises ImproperlyConfigured naming every variable that is missing or empty."""
    missing = [name for name in (*NAMES, *also) if not environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"Missing in the environment: {', '.join(missing)}. A deployment must supply them (docs/deploy.md); "
            "on a developer's machine set DEVELOPMENT=1."
        )
    return {name: environ[name] for name in NAMES}


def refuse_two_modes(modes: Sequence[str], environ: Mapping[str, str]) -> None:
    """Raises ImproperlyConfigured where a deployment's variables come together with a mode that would switch off what
    protects it.
    """
    given = [name for name in (*NAMES, "ALLOWED_HOSTS") if environ.get(name)]
    if modes and given:
        raise ImproperlyConfigured(
            f"{', '.join(modes)} and {', '.join(given)} are both in the environment: the first is for a developer's "
            "machine or the demo, the others belong to a deployment (docs/deploy.md). Take one or the other out."
        )


def development_keys(path: Path) -> dict[str, str]:
    """The keys of a checkout: made when first needed, stored in `path` (mode 0600)."""
    if not path.exists():
        _write_once(path, _new_keys())
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


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
