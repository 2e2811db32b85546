"""Translations are compiled where they have changed, and a wrong one is an error."""

import gettext
import os
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from config.messages import compile_messages

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "派单"\nmsgstr "%s"\n'


def write(locale: Path, translation: str) -> Path:
    po = locale / "en" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(PO.replace("%s", translation))
    return po


def translated(mo: Path) -> str:
    return gettext.GNUTranslations(BytesIO(mo.read_bytes())).gettext("派单")


def test_a_changed_catalogue_is_compiled_once(tmp_path: Path) -> None:
    po = write(tmp_path, "Dispatch")
    mo = po.with_suffix(".mo")

    assert compile_messages(tmp_path) == [mo]
    assert compile_messages(tmp_path) == []
    assert translated(mo) == "Dispatch"

    write(tmp_path, "Send")
    os.utime(po, (mo.stat().st_mtime + 1,) * 2)
    assert compile_messages(tmp_path) == [mo]
    assert translated(mo) == "Send"
    assert sorted(os.listdir(po.parent)) == ["django.mo", "django.po"]


def test_a_broken_catalogue_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "Dispatch").write_text('msgid "派单"\nnonsense\n')
    with pytest.raises(PoFileError):
        compile_messages(tmp_path)
