"""Translations, extracted and compiled without the gettext programs, which a bare machine lacks.

The texts in code and templates are Chinese and are themselves the msgids; each catalogue in locale/ translates them.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCES = ("accountability", "complaints", "assessment", "config", "templates")
SUFFIXES = {".py", ".html", ".svg"}
"""Files with texts, below the project's folder; migrations freeze old texts and are left out."""

KEYWORDS = DEFAULT_KEYWORDS | {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext")}


def extract_messages(base: Path) -> Catalog:
    """Every text marked for translation in code and templates; nothing is translated."""
    catalog = Catalog()
    for file in _sources(base):
        for _line, msgid, _comments, context in _texts(file):
            catalog.add(msgid, context=context)
    return catalog


def _sources(base: Path) -> Iterator[Path]:
    files = [file for folder in SOURCES for file in (base / folder).rglob("*") if file.suffix in SUFFIXES]
    return (file for file in sorted(files) if "migrations" not in file.parts)


def _texts(file: Path) -> Iterator[tuple]:
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        # The rest of the template's indentation would be invalid Python.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(file)).splitlines())
    return extract("python", BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"})


def update_messages(base: Path, locale_dir: Path) -> list[Path]:
    """Bring each `django.po` up to date with the sources: new texts are added untranslated, vanished ones removed."""
    template = extract_messages(base)
    return [_update(po, template) for po in sorted(locale_dir.glob("*/LC_MESSAGES/django.po"))]


def _update(po: Path, template: Catalog) -> Path:
    """Leave out the source locations: a catalogue changes only where a text does."""
    catalog = read_catalog(po)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    with po.open("wb") as file:
        write_po(file, catalog, width=120, ignore_obsolete=True, no_location=True, sort_output=True)
    return po


def read_catalog(po: Path) -> Catalog:
    """The catalogue of the folder's language. Raises PoFileError where it is broken."""
    with po.open("rb") as file:
        return read_po(file, locale=po.parent.parent.name, abort_invalid=True)


def compile_messages(locale_dir: Path) -> list[Path]:
    """Write each `django.mo` older than its `django.po`; return what was written. A broken .po raises."""
    stale = [po for po in sorted(locale_dir.glob("*/LC_MESSAGES/*.po")) if _is_stale(po)]
    return [_compile(po) for po in stale]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


def _compile(po: Path) -> Path:
    """Written to a temporary file and moved: a process that reads the old file meanwhile reads all of it."""
    catalog = read_catalog(po)
    draft = po.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalog, use_fuzzy=False)
    return draft.replace(po.with_suffix(".mo"))
