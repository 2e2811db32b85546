"""Checks Word and Excel files: they must be what they claim, without active content or references to other places."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable

from accountability.files.judging.elements import Reader, holds, local
from accountability.files.judging.packages import Allowance, opened
from accountability.files.judging.reasons import Reason, Unfit, demand
from accountability.spreadsheets.formulas import fetches, links

OOXML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": (f"{OOXML}wordprocessingml.document.main+xml", "word/"),
    "xlsx": (f"{OOXML}spreadsheetml.sheet.main+xml", "xl/"),
}
"""The media type of the main part, and its folder."""

MOST_INSIDE = 20 * 1024 * 1024
"""The largest embedded workbook (of a chart) in bytes; it is checked like the file itself."""

_ACTIVE_PART = re.compile(r"vbaproject|vbadata|activex|macrosheets|dialogsheets|oleobject|ctrlprops/|afchunk")
_ACTIVE_TYPE = re.compile(
    r"macroenabled|vbaproject|activex|oleobject|macrosheet|text/html|xhtml|rfc822|application/rtf", re.IGNORECASE
)
_FETCHING_PART = re.compile(r"externallinks/|querytables/|(?:^|/)connections\.xml$")

FORMULAS = {"f", "definedName", "formula", "formula1", "formula2"}
MENTIONS = {
    "docx": re.compile(rb"fldChar|fldSimple|instrText|InstrText|href"),
    "xlsx": re.compile(rb"[<:](?:f\b|definedName|formula)|href"),
}
"""What a part with fields, formulas or drawn links must hold; the elements of any other aren't looked at one by one."""

LONGEST_CODE = 200
"""Characters of a field's code that are looked at: what it does is its first word."""

MOST_NESTED = 200
_NO_WORD = re.compile(r"\W")
_FETCHING_FIELD = re.compile(
    r"(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|RD|QUOTE [\"']?\d{1,200})\b", re.IGNORECASE
)
_LINK_FIELD = re.compile(r"HYPERLINK\b", re.IGNORECASE)
_ARGUMENT = re.compile(
    r"""(?P<switch>\\[lot] ?(?:"[^"]{0,200}"?|[^ "]{1,200})|\\[a-z])"""
    r"""|"(?P<quoted>[^"]{0,200})"?|(?P<bare>[^ "]{1,200})""",
    re.IGNORECASE,
)
"""An argument of a field: a switch, with its own argument where it has one, or a word."""

_LINK_TO_CLICK = re.compile(r"(?:https?://|mailto:|tel:|#)", re.IGNORECASE)
_DRAWN_FILE_LINK = re.compile(rb"href(?!\s{0,9}=\s{0,9}[\"'](?:https?://|mailto:|tel:|#))", re.IGNORECASE)


def check_docx(content: bytes) -> None:
    _check(content, "docx", Allowance.of(content))


def check_xlsx(content: bytes) -> None:
    _check(content, "xlsx", Allowance.of(content))


def _check(content: bytes, extension: str, allowance: Allowance, *, is_inside: bool = False) -> None:
    demand(not content.startswith(b"\xd0\xcf\x11\xe0"), Reason.ACTIVE if is_inside else Reason.OLD_OFFICE)
    demand(content.startswith(b"PK\x03\x04"))
    try:
        with opened(content, allowance) as package:
            _check_package(package, extension, allowance)
            _check_inside(package, allowance, is_inside)
    except (Unfit, MemoryError):
        raise
    except Exception:  # a damaged package can raise any exception of three libraries
        raise Unfit(Reason.DAMAGED) from None


def _check_package(package: zipfile.ZipFile, extension: str, allowance: Allowance) -> None:
    names = set(package.namelist())
    demand("[Content_Types].xml" in names)
    types = _Types()
    _read(package, "[Content_Types].xml", types.note, allowance)
    main, folder = MAIN[extension]
    demand(any(name.startswith(folder) and types.of_part.get(name.lower()) == main for name in names))
    active = any(_ACTIVE_TYPE.search(said) for said in types.all)
    demand(not active and not any(_ACTIVE_PART.search(name.lower()) for name in names), Reason.ACTIVE)
    demand(not any(_FETCHING_PART.search(name.lower()) for name in names), Reason.OUTSIDE)
    for name in names:
        if name.lower().endswith(".rels"):
            _read(package, name, lambda _element, said: _check_relation(said), allowance)
        elif types.is_xml(name.lower()):
            _check_words(package, name, extension, allowance)
        elif name.lower().endswith(".vml"):
            # As Excel writes it, it isn't sound XML.
            demand(not _DRAWN_FILE_LINK.search(package.read(name)), Reason.FILE_LINK)


class _Types:
    """The media types that the package declares: of single parts, and of extensions."""

    def __init__(self) -> None:
        self.of_part: dict[str, str] = {}
        self.of_extension: dict[str, str] = {}
        self.all: list[str] = []

    def note(self, _element: str, said: dict[str, str]) -> None:
        if "ContentType" in said:
            self.all.append(said["ContentType"])
            self.of_part[said.get("PartName", "").lstrip("/").lower()] = said["ContentType"]
            self.of_extension[said.get("Extension", "").lower()] = said["ContentType"]

    def is_xml(self, name: str) -> bool:
        """Whether a program would read the part as XML: also one with another extension and the type of a document."""
        declared = self.of_part.get(name) or self.of_extension.get(name.rpartition(".")[2], "")
        return name.endswith(".xml") or (declared.startswith("application/") and declared.endswith("xml"))


def _check_inside(package: zipfile.ZipFile, allowance: Allowance, is_inside: bool) -> None:
    """Check embedded files: only the data of a chart is allowed, and only one level deep."""
    for part in package.infolist():
        name = part.filename.lower()
        if "embeddings/" in name and not name.endswith(".rels"):
            extension = name.rpartition(".")[2]
            known = extension in MAIN and name.rpartition("/")[0].endswith("embeddings")
            demand(known and not is_inside and part.file_size <= MOST_INSIDE, Reason.ACTIVE)
            _check(package.read(part), extension, allowance, is_inside=True)


def _read(
    package: zipfile.ZipFile, name: str, look: Callable[[str, dict[str, str]], None], allowance: Allowance
) -> None:
    with package.open(name) as part:
        Reader(look).read(part, allowance)


def _check_relation(said: dict[str, str]) -> None:
    """Allow links for people to click; refuse what the program would fetch automatically."""
    kind = said.get("Type", "").lower()
    demand(not kind.endswith(("/afchunk", "/oleobject", "/vbaproject", "/control")), Reason.ACTIVE)
    external = said.get("TargetMode", "").lower() == "external"
    demand(not external or kind.endswith("/hyperlink"), Reason.OUTSIDE)
    if external:
        _check_link(said.get("Target", ""))


def _check_link(target: str) -> None:
    """Allow a web address, a mail address, a telephone number and a place in the file itself. A link to a file of the
    reader's network hands their Windows password's hash to whoever owns that host.
    """
    demand(_LINK_TO_CLICK.match(target), Reason.FILE_LINK)


# Words


def _check_words(package: zipfile.ZipFile, name: str, extension: str, allowance: Allowance) -> None:
    """Refuse fields and formulas that start programs, fetch data or link to files. A part, which may be large, is read
    in pieces.
    """
    with package.open(name) as part:
        told = holds(part, MENTIONS[extension])
    fields = _Fields()
    look = None if not told else _Formulas().reader if extension == "xlsx" else fields.reader
    with package.open(name) as part:
        (look or Reader(None)).read(part, allowance)
    fields.end_all()


class _Formulas:
    """The formulas of a part of a workbook."""

    def __init__(self) -> None:
        self.reader = Reader(self._start)

    def _start(self, element: str, said: dict[str, str]) -> None:
        _check_attributes(said)
        if element in FORMULAS:
            self.reader.collect(_check_formula)


def _check_formula(formula: str) -> None:
    demand(not fetches(formula), Reason.STARTS)
    demand(not links(formula), Reason.LINKS)


def _check_attributes(said: dict[str, str]) -> None:
    """A drawn shape bears its link itself."""
    for name, value in said.items():
        if local(name) == "href":
            _check_link(value)


class _Fields:
    """The fields of a part of a document. A field's code may be cut over several runs, and fields may be nested."""

    def __init__(self) -> None:
        self.reader = Reader(self._start)
        self.open = [""]
        """The codes of the open fields; first what is in no field."""

    def _start(self, element: str, said: dict[str, str]) -> None:
        _check_attributes(said)
        if element in ("instrText", "delInstrText"):
            self.reader.collect(self._add)
        elif element in ("fldChar", "fldSimple"):
            for name, value in said.items():
                if local(name) == "fldCharType":
                    self._limit(value)
                elif local(name) == "instr":
                    _check_code(_from_first_word(value)[:LONGEST_CODE])

    def _limit(self, kind: str) -> None:
        if kind == "begin":
            self.open.append("")
            demand(len(self.open) <= MOST_NESTED, Reason.DAMAGED)
        elif kind == "end" and len(self.open) > 1:
            _check_code(self.open.pop())

    def _add(self, words: str) -> None:
        code = self.open[-1]
        self.open[-1] = (code + (words if code else _from_first_word(words)))[:LONGEST_CODE]

    def end_all(self) -> None:
        for code in self.open:
            _check_code(code)


def _from_first_word(words: str) -> str:
    """Without the blanks and signs before the first word, however many they are."""
    for place, sign in enumerate(words):
        if not _NO_WORD.match(sign):
            return words[place:]
    return ""


def _check_code(code: str) -> None:
    plain = " ".join(code.split())
    demand(not _FETCHING_FIELD.match(plain), Reason.STARTS)
    if link := _LINK_FIELD.match(plain):
        _check_link_field(plain[link.end() :], is_whole=len(code) < LONGEST_CODE)


def _check_link_field(arguments: str, *, is_whole: bool) -> None:
    """The target is the first argument that belongs to no switch. Without one the link leads into the file itself."""
    targets = (found["quoted"] or found["bare"] or "" for found in _ARGUMENT.finditer(arguments) if not found["switch"])
    target = next(targets, None)
    if target is None:
        demand(is_whole, Reason.FILE_LINK)
    else:
        _check_link(target)
