"""Files made to keep busy whoever judges them, in any size: `make(n)` is about twice as large for twice the `n`."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

from tests.accountability.files import made_files

FIELD = b'<w:fldChar w:fldCharType="begin"/><w:instrText>D</w:instrText>'
ENDED = b'<w:fldChar w:fldCharType="end"/>'


def words(inside: bytes, *, closed: bool = True) -> bytes:
    return made_files.docx({"word/document.xml": b"<w:d xmlns:w='w'>" + inside + (b"</w:d>" if closed else b"")})


def crowded(first: bytes, count: int) -> bytes:
    """A document of so many empty elements, with a picture of noise, so that it isn't refused for its ratio."""
    body = b"<w:d xmlns:w='w'>" + first + b"<a/>" * count + b"</w:d>"
    return made_files.docx({"word/document.xml": body, "word/media/a.png": random.Random(1).randbytes(count // 8)})


def sheet(inside: bytes, *, closed: bool = True) -> bytes:
    return made_files.xlsx({"xl/worksheets/sheet1.xml": b"<a>(" + inside + (b"</a>" if closed else b"")})


def sizes(count: int) -> bytes:
    return b"".join(b"%d " % number for number in range(count))


HOSTILE: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "brackets, then tabs": ("csv", lambda n: b"(" * n + b"\t" * n),
    "tabs and brackets": ("csv", lambda n: b"=WEBSERVICE\t(" * n),
    "tabs before a formula": ("csv", lambda n: b"|!" + b"\t" * n + b"=1"),
    "blanks in a formula": ("csv", lambda n: b"HYPERLINK(,=CALL" + b" " * n + b"1"),
    "names of functions": ("csv", lambda n: b"=" + b"CALL" * n + b"("),
    "bars": ("csv", lambda n: b"=" + b"|" * n + b"(\n"),
    "quotation marks": ("csv", lambda n: b"CALL(" + b'"' * n),
    "quotation marks and commas": ("csv", lambda n: b"CALL(\n" + b'a","' * n),
    "formulas": ("csv", lambda n: b"x CALL (,-1\n" * n),
    "blank lines": ("txt", lambda n: b" \n" * n),
    "tags that don't end": ("docx", lambda n: words(b"<w:fldChar " * n, closed=False)),
    "a tag that doesn't end": ("docx", lambda n: words(b"<w:fldChar a='" + b"x " * n, closed=False)),
    "attributes": ("docx", lambda n: words(b"<w:fldChar " + b"".join(b"a%d='' " % i for i in range(n)) + b"/>")),
    "runs of a field": ("docx", lambda n: words(FIELD + b"<w:instrText> </w:instrText>" * n + ENDED)),
    "fields": ("docx", lambda n: words((FIELD + ENDED) * n)),
    "fields in fields": ("docx", lambda n: words(FIELD * n)),
    "blanks of a field": ("docx", lambda n: words(FIELD + b"<w:instrText>" + b" " * n + b"</w:instrText>")),
    "simple fields": ("docx", lambda n: words(b'<w:fldSimple w:instr="  QUOTE  1  "/>' * n)),
    "elements in elements": ("docx", lambda n: words(b"<w:instrText>" + b"<a>" * n + b"</a>" * n + b"</w:instrText>")),
    "relations": ("docx", lambda n: made_files.docx({"_rels/.rels": b"<r>" + b"<a Type=''/>" * n + b"</r>"})),
    "types": ("docx", lambda n: made_files.docx(types=made_files.overridden("word/x", "application/x") * n)),
    "parts": ("docx", lambda n: made_files.docx({f"word/{i}.xml": b"<a/>" for i in range(n // 10)})),
    "formulas that don't end": ("xlsx", lambda n: sheet(b"<f " * n, closed=False)),
    "formulas in formulas": ("xlsx", lambda n: sheet(b"<f>" * n + b"</f>" * n)),
    "many formulas": ("xlsx", lambda n: sheet(b"<f>(|</f>" * n)),
    "a long formula": ("xlsx", lambda n: sheet(b"<f>" + b"CALL|&#32;" * n + b"</f>")),
    "streams that don't end": ("pdf", lambda n: made_files.pdf(last=b"4 0 obj\n<<>>\nstream\n" * n)),
    "streams": ("pdf", lambda n: made_files.pdf(b"", *[made_files.stream(b"x")] * n)),
    "objects": ("pdf", lambda n: made_files.pdf(b"", *[b"<< /A (/JS) /B [1 2 3] >>"] * n)),
    "packed objects": ("pdf", lambda n: made_files.packed_pdf(b"", *[b"<< /A (/JS) >>"] * n)),
    "hidden letters": ("pdf", lambda n: made_files.pdf(b"/A /" + b"#41" * n)),
    "texts": ("pdf", lambda n: made_files.pdf(b"/A [" + b"(/JS \\))" * n + b"]")),
    "links": ("pdf", lambda n: made_files.pdf(b"/A [" + b"<< /URI (https://a) >>" * n + b"]")),
    "lists in lists": ("pdf", lambda n: made_files.pdf(b"/A " + b"[" * n + b"]" * n)),
    "a packed heap": ("pdf", lambda n: made_files.packed_pdf(sizes(n * 200))),
    "chunks": ("png", lambda n: made_files.png()[:33] + made_files._chunk(b"IDAT", b"") * n + made_files.png()[-12:]),
    "segments": ("jpg", lambda n: b"\xff\xd8" + b"\xff\xe0\x00\x02" * n + made_files.jpeg()[2:]),
    "filling": ("jpg", lambda n: b"\xff\xd8" + b"\xff" * n),
    "boxes": ("m4a", lambda n: made_files.m4a() + b"\x00\x00\x00\x08free" * n),
    "tracks": ("m4a", lambda n: made_files.m4a() + made_files._box(b"moov", b"hdlr" * n)),
    "silence": ("mp3", lambda n: b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(n) + made_files.mp3(tagged=False)),
    "heads of pages": ("wav", lambda n: made_files.wav() + b"<scrip" * n),
    "frames": ("amr", lambda n: made_files.amr() + b"<!doctyp" * n),
    "compressed": ("xlsx", lambda n: made_files.xlsx({"xl/a.xml": b"<a>" + zlib.compress(sizes(n)).hex().encode()})),
}  # fmt: skip
"""By name: the extension, and the content of a size."""

REPRODUCTIONS = {
    "14,000,000 elements after a field": (
        "docx",
        lambda n: crowded(b"<w:instrText/>", min(14_000_000 * n, 20_000_000)),
        "文件中的元素过多，请拆分后再传",
    ),
    "40 KB of brackets and tabs": ("csv", lambda n: b"(" + b"\t" * 40_000 * n, ""),
    "20,000 tags of a field": ("docx", lambda n: words(b"<w:fldChar " * 20_000 * n, closed=False), "文件已损坏"),
    "20,000 tags of a formula": ("xlsx", lambda n: sheet(b"<f " * 20_000 * n, closed=False), "文件已损坏"),
}
"""Each once stopped the whole web process for half a minute; the third column is what they must be told."""
