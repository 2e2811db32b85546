"""Checks Word and Excel files: they must be what they claim, without active content or references to other places."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat

from django.utils.translation import gettext as _

from accountability.spreadsheets.workbooks import unpacked_sizes

MOST_UNPACKED = 200 * 1024 * 1024
MOST_OF_LISTS = 8 * 1024 * 1024
"""The limit for the parts that are read whole: the list of content types and the lists of relationships."""
MOST_PARTS = 5000

OOXML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": (f"{OOXML}wordprocessingml.document.main+xml", "word/"),
    "xlsx": (f"{OOXML}spreadsheetml.sheet.main+xml", "xl/"),
}
"""The media type of the main part, and its folder."""

MOST_INSIDE = 20 * 1024 * 1024
"""The largest embedded workbook (of a chart) in bytes; it is checked like the file itself."""
PIECE = 1024 * 1024

_ACTIVE_PART = re.compile(r"vbaproject|vbadata|activex|macrosheets|dialogsheets|oleobject|ctrlprops/|afchunk")
_ACTIVE_TYPE = re.compile(
    r"macroenabled|vbaproject|activex|oleobject|macrosheet|text/html|xhtml|rfc822|application/rtf", re.IGNORECASE
)
_FETCHING_PART = re.compile(r"externallinks/|querytables/|(?:^|/)connections\.xml$")
_INSIDE = re.compile(r"embeddings/[^/]*\.(docx|xlsx)$")

_FIELD = re.compile(
    rb"<(?:\w+:)?(?:fldChar\b[^>]*\bfldCharType=[\"'](begin)|instrText\b[^>]*>([^<]*)"
    rb"|fldSimple\b[^>]*\binstr=(?:\"([^\"]*)|'([^']*)))"
)
_FETCHING_FIELD = re.compile(
    r"\W*(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|RD|QUOTE\s+[\"']?\d+)\b", re.IGNORECASE
)
_FORMULA = re.compile(rb"<(?:\w+:)?(?:f|definedName|formula[12]?)\b[^>]*>([^<]*)")
FETCHING_FORMULA = re.compile(r"\|[^|]*!|\b(?:WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC)\s*\(", re.IGNORECASE)
_FOREIGN = re.compile(rb"encoding=[\"'](?!utf-8|us-ascii|iso-8859-1|gb)", re.IGNORECASE)


class Unfit(Exception):
    """What is wrong with a file; the text is part of a sentence."""


def check_docx(content: bytes) -> None:
    _check(content, "docx")


def check_xlsx(content: bytes) -> None:
    _check(content, "xlsx")


def _check(content: bytes, extension: str, *, is_inside: bool = False) -> None:
    """Check the file. Raises Unfit."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unfit(_("文件加了密码或为旧版 Office 格式，请去掉密码并另存为 .%(kind)s") % {"kind": extension})
    if not content.startswith(b"PK\x03\x04"):
        raise Unfit(_("内容与扩展名不符"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            # Nothing may come before the first part or after the list, or it could be two files in one.
            begins = min((part.header_offset for part in package.infolist()), default=0)
            if begins != 0 or content.rfind(b"PK\x05\x06") + 22 != len(content):
                raise Unfit(_("文件已损坏"))
            _check_package(package, extension)
            _check_inside(package, is_inside)
    except Unfit:
        raise
    except Exception:  # a damaged package can raise any exception of three libraries
        raise Unfit(_("文件已损坏")) from None


def _check_package(package: zipfile.ZipFile, extension: str) -> None:
    names = set(package.namelist())
    _check_parts(package, names)
    types: list[dict[str, str]] = []
    _read(package, "[Content_Types].xml", types.append)
    main, folder = MAIN[extension]
    parts = {said.get("PartName", "").lstrip("/") for said in types if said.get("ContentType") == main}
    if not any(part.startswith(folder) for part in parts & names):
        raise Unfit(_("内容与扩展名不符"))
    active = any(_ACTIVE_TYPE.search(said.get("ContentType", "")) for said in types)
    if active or any(_ACTIVE_PART.search(name.lower()) for name in names):
        raise Unfit(_("文件含有宏、控件或内嵌对象"))
    if any(_FETCHING_PART.search(name.lower()) for name in names):
        raise Unfit(_("文件引用了外部模板或文件，请断开链接后另存"))
    for name in names:
        if name.lower().endswith(".rels"):
            _read(package, name, _check_relation)
        elif name.lower().endswith(".xml"):
            _check_words(package, name, extension)


def _check_inside(package: zipfile.ZipFile, is_inside: bool) -> None:
    """Check embedded files: only the data of a chart is allowed, and only one level deep."""
    for part in package.infolist():
        name = part.filename.lower()
        if "embeddings/" in name and not name.endswith(".rels"):
            known = _INSIDE.search(name)
            if known is None or is_inside or part.file_size > MOST_INSIDE:
                raise Unfit(_("文件含有宏、控件或内嵌对象"))
            _check(package.read(part), known[1], is_inside=True)


def _check_words(package: zipfile.ZipFile, name: str, extension: str) -> None:
    """Refuse fields and formulas that start programs or fetch data, entity declarations, and encodings that could hide
    them. The part may be large, so it is read piece by piece.
    """
    fields: list[str] = [""]
    rest, begins = b"", True
    with package.open(name) as part:
        while piece := part.read(PIECE):
            text = rest + piece
            if begins and (
                b"\x00" in text[:64] or text[:2] in (b"\xfe\xff", b"\xff\xfe") or _FOREIGN.search(text[:128])
            ):
                raise Unfit(_("文件已损坏"))
            begins = False
            cut = max(text.rfind(b"<"), len(text) - PIECE)
            _look_at_words(text[:cut], fields, extension)
            rest = text[cut:]
    _look_at_words(rest, fields, extension)
    if any(_FETCHING_FIELD.match(html.unescape(field)) for field in fields):
        raise Unfit(_("文件中的域或公式会启动程序或读取外部内容"))


def _look_at_words(text: bytes, fields: list[str], extension: str) -> None:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise Unfit(_("文件已损坏"))
    if extension == "xlsx":
        formulas = _FORMULA.findall(text) if any(sign in text for sign in (b"|", b"(", b"&")) else []
        if any(FETCHING_FORMULA.search(html.unescape(found.decode(errors="replace"))) for found in formulas):
            raise Unfit(_("文件中的域或公式会启动程序或读取外部内容"))
        return
    if b"instr" not in text and b"fldChar" not in text:
        return
    for begun, written, *simple in _FIELD.findall(text):
        if begun:
            fields.append("")
        elif written:
            fields[-1] = (fields[-1] + written.decode(errors="replace"))[:200]
        else:
            fields += [(simple[0] or simple[1]).decode(errors="replace"), ""]


def _check_parts(package: zipfile.ZipFile, names: set[str]) -> None:
    parts, sizes = package.infolist(), unpacked_sizes(package)
    lists = sum(size for name, size in sizes.items() if name.lower().endswith((".rels", "content_types].xml")))
    if len(parts) > MOST_PARTS or sum(sizes.values()) > MOST_UNPACKED or lists > MOST_OF_LISTS:
        raise Unfit(_("文件解压后过大"))
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unfit(_("文件加了密码，无法检查"))
    strange = any("\\" in name or name.startswith("/") or ".." in name.split("/") for name in names)
    if strange or package.comment or len({name.lower() for name in names}) < len(parts):
        raise Unfit(_("文件已损坏"))
    if "[Content_Types].xml" not in names:
        raise Unfit(_("内容与扩展名不符"))


def _check_relation(said: dict[str, str]) -> None:
    """Allow links for people to click; refuse what the program would fetch automatically."""
    kind = said.get("Type", "").lower()
    if kind.endswith(("/afchunk", "/oleobject", "/vbaproject", "/control")):
        raise Unfit(_("文件含有宏、控件或内嵌对象"))
    if said.get("TargetMode", "").lower() == "external" and not kind.endswith("/hyperlink"):
        raise Unfit(_("文件引用了外部模板或文件，请断开链接后另存"))


def _read(package: zipfile.ZipFile, name: str, look: Callable[[dict[str, str]], None]) -> None:
    """Pass the attributes of every element of a part to `look`. A part with a DOCTYPE is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda _element, said: look(said) if said else None
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.Parse(package.read(name), True)


def _refuse_entities(*_said: object) -> None:
    raise Unfit(_("文件已损坏"))
