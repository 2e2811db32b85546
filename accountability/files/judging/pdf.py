"""Checks PDF files: nothing in them starts by itself, leads to a file, or holds one.

qpdf (by pikepdf) reads them, which knows every filter and every spelling of a name (docs/adr/0046-pdf-by-qpdf.md). It
must read the whole file without a complaint: where it had to guess, a reader's program might guess otherwise.
"""

from __future__ import annotations

import io
import re

import pikepdf

from accountability.files.judging.reasons import Reason, Unfit, demand
from accountability.files.judging.single import check_single

_ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|XFA|Launch|SubmitForm|ImportData|GoToR|GoToE|Thread|EmbeddedFiles?|EF|RichMedia|Rendition"
    rb"|Movie|Sound|3D|OnInstantiate|PS)(?![^\s()<>\[\]{}/%])"
)
"""What a program would run, or another file: as the key or the value of a dictionary, spelled plainly as qpdf does."""

_TEXT = re.compile(rb"\((?:[^()\\]|\\.)*+\)", re.DOTALL)
_LINK = re.compile(rb"/URI (?:\(([^\x00]{0,200})|<(?!<)((?:[0-9a-f]{2}){0,100})|(\d))")
_NOT_OF_THE_WEB = re.compile(rb"(?i)\s{0,9}(?:[\\/]{2}|(?!https?:|mailto:|tel:)[a-z][a-z0-9+-]{0,40}:)")


def check_pdf(content: bytes) -> None:
    demand(re.match(rb"%PDF-[12]\.[0-9]", content) and b"%%EOF" in content[-2048:])
    check_single(content, page_in=1024)
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, inherit_page_attributes=False) as file:
            demand(not file.is_encrypted, Reason.LOCKED)
            for thing in file.objects:
                _check(thing)
            demand(not file.get_warnings(), Reason.BAD_PDF)
    except pikepdf.PasswordError:
        raise Unfit(Reason.LOCKED) from None
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, RuntimeError):
        raise Unfit(Reason.BAD_PDF) from None


def _check(thing: pikepdf.Object) -> None:
    """Check what stands in one numbered object; others that it refers to are objects of their own."""
    if isinstance(thing, pikepdf.Stream):
        demand("/F" not in thing.stream_dict, Reason.OUTSIDE)  # its content is in another file
        thing = thing.stream_dict
    written = thing.unparse(resolved=True) if isinstance(thing, pikepdf.Object) else b""
    if _ACTIVE.search(written):
        demand(not _ACTIVE.search(_TEXT.sub(b"", written)), Reason.ACTIVE_PDF)
    for link in _LINK.finditer(written):
        demand(not link[3], Reason.FILE_LINK)
        target = link[1] if link[2] is None else bytes.fromhex(link[2].decode())
        demand(not _NOT_OF_THE_WEB.match(target.replace(b"\\\\", b"\\")), Reason.FILE_LINK)
