"""PDF files: however a name is spelled and wherever it is packed, what starts something is found."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable, Iterator

import pikepdf
import pytest
import weasyprint

from accountability.files.inspection import BadFile, judge
from accountability.files.judging.pdf import check_pdf
from accountability.files.judging.reasons import Reason, Unfit
from tests.accountability.files.made_files import packed_pdf, pdf, stream

pytestmark = [pytest.mark.asvs("5.2.2"), pytest.mark.compliance(24)]

SCRIPT = b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
NINE_BITS = 9


def hexed(content: bytes) -> bytes:
    return content.hex().encode() + b">"


def runs(content: bytes) -> bytes:
    pieces = [content[place : place + 100] for place in range(0, len(content), 100)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces) + b"\x80"


def lzw(content: bytes) -> bytes:
    """Every letter as itself, and the table emptied before it is full."""
    codes: list[int] = []
    for place in range(0, len(content), 200):
        codes += [256, *content[place : place + 200]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def ascii85(content: bytes) -> bytes:
    return base64.a85encode(content) + b"~>"


def twice(content: bytes) -> bytes:
    return zlib.compress(zlib.compress(content))


PACKED: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "Flate": (b"/FlateDecode", zlib.compress),
    "Flate as a list": (b"[/FlateDecode]", zlib.compress),
    "Flate spelled in hex": (b"/Fl#61teDecode", zlib.compress),
    "Flate twice": (b"[/FlateDecode /FlateDecode]", twice),
    "hex": (b"/ASCIIHexDecode", hexed),
    "85": (b"/ASCII85Decode", ascii85),
    "85 of Flate": (b"[/ASCII85Decode/FlateDecode]", lambda content: ascii85(zlib.compress(content))),
    "hex of Flate": (b"[/ASCIIHexDecode /FlateDecode]", lambda content: hexed(zlib.compress(content))),
    "hex of Flate twice": (b"[/ASCIIHexDecode /FlateDecode /FlateDecode]", lambda content: hexed(twice(content))),
    "runs": (b"/RunLengthDecode", runs),
    "runs of Flate": (b"[/RunLengthDecode /FlateDecode]", lambda content: runs(zlib.compress(content))),
    "LZW": (b"/LZWDecode", lzw),
    "nothing": (b"[]", bytes),
}
"""By name, the filters of a stream of objects and how they pack it."""

SPELLED = {
    "in hex": b"/OpenAction << /S /#4a#61#76#61Script /J#53 (app.alert(1)) >>",
    "as a key only": b"/AA << /WC << /J#53 4 0 R >> >>",
    "as a list": b"/OpenAction [<< /S /JavaScript >>]",
    "behind a comment": b"/OpenAction << /S %x\n/JavaScript >>",
    "without blanks": b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>",
    "between texts": b"/A (/S) /OpenAction << /S /JavaScript >> /B (x)",
    "after a text of brackets": rb"/A (\)\(\\) /OpenAction << /JS (x) >>",
    "in a list of lists": b"/A [[[[[<< /JS (x) >>]]]]]",
    "a program": b"/OpenAction << /S /L#61unch /F (cmd.exe) >>",
    "a form that is sent": b"/OpenAction << /S /SubmitForm /F << /FS /URL /F (https://a/) >> >>",
    "data that are fetched": b"/OpenAction << /S /ImportData /F (a) >>",
    "another file": b"/OpenAction << /S /GoToR /F (a.pdf) >>",
    "a file inside another": b"/OpenAction << /S /GoToE >>",
    "a form program": b"/AcroForm << /XFA 4 0 R >>",
    "a file": b"/Names << /EmbeddedFiles << /Names [(a) << /EF << /F 4 0 R >> >>] >> >>",
    "a film": b"/OpenAction << /S /Rendition >>",
    "a body": b"/A << /Subtype /3D >>",
}


@pytest.mark.parametrize("where", PACKED)
def test_a_script_is_found_wherever_it_is_packed(where: str) -> None:
    filters, pack = PACKED[where]
    check_pdf(packed_pdf(b"", filters=filters, pack=pack))
    with pytest.raises(Unfit, match=Reason.ACTIVE_PDF):
        check_pdf(packed_pdf(SCRIPT, filters=filters, pack=pack))


@pytest.mark.parametrize("how", SPELLED)
def test_what_starts_something_is_found_however_it_is_spelled(how: str) -> None:
    for content in (pdf(SPELLED[how], b"(x)"), packed_pdf(SPELLED[how], b"(x)")):
        with pytest.raises(Unfit, match=Reason.ACTIVE_PDF):
            check_pdf(content)


def test_a_script_is_found_in_an_object_of_its_own_and_in_the_head_of_a_stream() -> None:
    for objects in ([b"<< /S /JavaScript >>"], [b"[/JavaScript]"], [stream(b"x", b"/A << /JS 3 0 R >> ")]):
        with pytest.raises(Unfit, match=Reason.ACTIVE_PDF):
            check_pdf(pdf(b"/OpenAction 4 0 R", *objects))
    check_pdf(pdf(b"/A 4 0 R", stream(b"/JS /JavaScript"), b"(/JavaScript)", rb"(\(/Launch)", b"/Launching"))


def test_a_kind_spelled_in_hex_is_that_kind() -> None:
    with pytest.raises(Unfit, match=Reason.ACTIVE_PDF):
        check_pdf(packed_pdf(SCRIPT, kind=b"/ObjS#74m"))


def unreadable() -> Iterator[tuple[str, bytes]]:
    good, packed = pdf(), packed_pdf(b"")
    yield "no list", good.replace(b"xref\n0", b"yref\n0")
    yield "a list that leads elsewhere", good.replace(b"0000000009", b"0000000010")
    yield "a list that is elsewhere", good.replace(b"startxref\n", b"startxref\n1")
    yield "an object cut off", good.replace(b"/Count 1 >>", b"/Count 1   ")
    yield "a broken stream", packed.replace(zlib.compress(b"x")[:2], b"\0\0", 1)
    yield "an unknown filter", packed_pdf(b"", filters=b"/Unknown")
    yield "another filter than it says", packed_pdf(b"", filters=b"/LZWDecode")
    yield "a picture's filter", packed_pdf(b"", filters=b"/DCTDecode")
    yield "a stream that ends before", packed_pdf(b"", pack=lambda content: zlib.compress(content)[:-12])


UNREADABLE = dict(unreadable())


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cant_be_read_whole_is_refused(what: str) -> None:
    with pytest.raises(Unfit, match=Reason.BAD_PDF):
        check_pdf(UNREADABLE[what])


def locked(*, user: str) -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as page:
        page.save(file, encryption=pikepdf.Encryption(owner="a", user=user))
    return file.getvalue()


def test_a_password_is_named() -> None:
    """Also one that only forbids printing: the file opens without it."""
    for content in (locked(user="b"), locked(user="")):
        with pytest.raises(Unfit, match=Reason.LOCKED):
            check_pdf(content.replace(b"/Encrypt", b"/Encr#79pt"))


@pytest.mark.parametrize(
    "target",
    [b"(file://host/a)", rb"(\\\\host\\a)", b"(//host/a)", b"( FILE:a)", b"(C:/a)", b"<66696c653a2f2f>", b"4 0 R"],
)
def test_a_link_that_leads_to_a_file_is_refused(target: bytes) -> None:
    with pytest.raises(Unfit, match=Reason.FILE_LINK):
        check_pdf(pdf(b"/A << /S /URI /URI " + target + b" >> ", b"(file:a)"))


def test_a_stream_whose_content_is_in_another_file_is_refused() -> None:
    with pytest.raises(Unfit, match=Reason.OUTSIDE):
        check_pdf(pdf(b"", stream(b"", rb"/F (\\\\host\\a) ")))


def test_files_that_programs_wrote_are_taken() -> None:
    links = "<a href='https://a/'>网页</a><a href='mailto:a@b'>信</a><a href='#a'>上</a>"
    written = weasyprint.HTML(string=f"<h1>自查报告</h1><p id=a>/JavaScript</p>{links}").write_pdf()
    check_pdf(written)
    for how in pikepdf.ObjectStreamMode:
        file = io.BytesIO()
        with pikepdf.open(io.BytesIO(written)) as known:
            known.save(file, object_stream_mode=how, linearize=how is pikepdf.ObjectStreamMode.generate)
        check_pdf(file.getvalue())
    check_pdf(pdf(b"/A << /S /URI /URI (www.example.com) >> /B << /URI << /Base (x) >> >> "))


def blanks(begin: bytes) -> bytes:
    """700 MB of them, behind what begins."""
    packer = zlib.compressobj(1)
    return packer.compress(begin) + b"".join(packer.compress(b" " * 2**20) for _mb in range(700)) + packer.flush()


def test_what_unpacks_beyond_the_judges_memory_is_refused() -> None:
    with pytest.raises(BadFile):
        judge("a.pdf", packed_pdf(b"", pack=blanks))
