"""Word and Excel files looked into: the package they claim to be, with nothing in it that runs or calls elsewhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat

from django.utils.translation import gettext as _

from accountability.importing.workbooks import unpacked_sizes

MOST_UNPACKED = 200 * 1024 * 1024
MOST_OF_LISTS = 8 * 1024 * 1024
"""Of the parts that are read here: the list of contents and the lists of relations."""
MOST_PARTS = 5000

OOXML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": (f"{OOXML}wordprocessingml.document.main+xml", "word/"),
    "xlsx": (f"{OOXML}spreadsheetml.sheet.main+xml", "xl/"),
}
"""The media type of the part everything hangs on, and the folder it lies in."""

_ACTIVE_PART = re.compile(r"vbaproject|vbadata|activex|macrosheets|dialogsheets|oleobject|embeddings/.*\.bin$")
_ACTIVE_TYPE = re.compile(r"macroenabled|vbaproject|activex|oleobject|macrosheet", re.IGNORECASE)


class Unfit(Exception):
    """What is wrong with a file, as a part of a sentence."""


def check_docx(content: bytes) -> None:
    _check(content, "docx")


def check_xlsx(content: bytes) -> None:
    _check(content, "xlsx")


def _check(content: bytes, extension: str) -> None:
    """Raises Unfit."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unfit(_("文件加了密码或为旧版 Office 格式，请去掉密码并另存为 .%(kind)s") % {"kind": extension})
    if not content.startswith(b"PK\x03\x04"):
        raise Unfit(_("内容与扩展名不符"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_package(package, extension)
    except Unfit:
        raise
    except Exception:  # a damaged package comes to any exception of three libraries
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
    for name in names:
        if name.lower().endswith(".rels"):
            _read(package, name, _check_relation)


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
    """A link for people to click is let be; whatever the program itself would fetch is refused."""
    if said.get("TargetMode", "").lower() == "external" and not said.get("Type", "").endswith("/hyperlink"):
        raise Unfit(_("文件引用了外部模板或文件，请断开链接后另存"))


def _read(package: zipfile.ZipFile, name: str, look: Callable[[dict[str, str]], None]) -> None:
    """Show the attributes of every element of a part; one that declares entities of its own is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda _element, said: look(said) if said else None
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.Parse(package.read(name), True)


def _refuse_entities(*_said: object) -> None:
    raise Unfit(_("文件已损坏"))
