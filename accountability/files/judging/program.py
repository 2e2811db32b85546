"""The program: judges what comes in on standard input, and answers with one word."""

from __future__ import annotations

import sys
from importlib import import_module

from accountability.files.judging.reasons import Unfit

FIT = "fit"

CHECKS = {
    "pdf": "pdf.check_pdf",
    "png": "pictures.check_png",
    "jpg": "pictures.check_jpeg",
    "jpeg": "pictures.check_jpeg",
    "docx": "office.check_docx",
    "xlsx": "office.check_xlsx",
    "wav": "sound.check_wav",
    "mp3": "sound.check_mp3",
    "m4a": "sound.check_m4a",
    "amr": "sound.check_amr",
    "txt": "texts.check_text",
    "csv": "texts.check_table",
}
"""The check of each extension, imported when it is needed: most need little of Python's library."""


USE_PACKAGES = {"pdf"}
"""The extensions whose check needs an installed library."""


def check(extension: str, content: bytes) -> None:
    """Check that the file is what its extension says and does nothing by itself. Raises Unfit."""
    module, _dot, name = CHECKS[extension].partition(".")
    getattr(import_module(f"accountability.files.judging.{module}"), name)(content)


def main(arguments: list[str]) -> None:
    try:
        check(arguments[0], sys.stdin.buffer.read())
    except Unfit as unfit:
        print(unfit.reason)
    else:
        print(FIT)
