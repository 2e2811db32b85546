"""Chinese glyphs for a Chromium on a machine that has no Chinese font of its own."""

from pathlib import Path

import pylopdf_fonts_zh_cn

FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent


def fonts_file(folder: Path) -> Path:
    """A fontconfig file, for FONTCONFIG_FILE, that adds the packaged Noto fonts to those of the machine."""
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{FONTS}</dir><cachedir>{folder}</cachedir></fontconfig>"
    )
    return file
