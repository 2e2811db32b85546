"""Translations, compiled without the gettext programs: a bare machine has none."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_messages(locale_dir: Path) -> list[Path]:
    """Write each `django.mo` older than its `django.po`; returns what was written. A wrong .po raises."""
    stale = [po for po in sorted(locale_dir.glob("*/LC_MESSAGES/*.po")) if _is_stale(po)]
    return [_compile(po) for po in stale]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


def _compile(po: Path) -> Path:
    """Written beside and moved over: a process that reads the old file meanwhile reads it whole."""
    language = po.parent.parent.name
    with po.open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    draft = po.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalog, use_fuzzy=False)
    return draft.replace(po.with_suffix(".mo"))
