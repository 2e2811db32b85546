"""A list as a file, streamed at once: only lists whose rows lead to nobody. All others are asked for as exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.audit import access_log
from accountability.deadlines.limits import show_second
from accountability.models import privacy_in_force
from accountability.spreadsheets.cells import csv_lines
from accountability.views.files import HEADERS, disposition
from accountability.web.listings import LISTINGS, Listing, NotUnderstood, asked_in, in_pieces, keys_of
from accountability.web.request import Request
from assessment.exports.kinds import cells
from assessment.exports.watermark import watermark
from assessment.exports.xlsx_stream import Streamed
from assessment.models import Export
from assessment.views.exports import MEDIA_TYPES


@never_cache
@require_safe
def download(request: Request, name: str, kind: str) -> HttpResponseBase:
    """The rows that the page shows with these filters, in its order, marked with who took them and on record. As many
    at most as an export may have.
    """
    listing = LISTINGS.get(name)
    if listing is None or not listing.names_nobody or kind not in MEDIA_TYPES:
        raise Http404
    if not listing.may_read(request.actor):
        raise PermissionDenied
    try:
        found = listing.for_file(asked_in(request.GET, listing), request.actor, request.at)
    except NotUnderstood as strange:
        return _refused(request, listing, _("筛选条件无法识别"), str(strange))
    most = privacy_in_force(request.at).export_rows
    keys = keys_of(found, most)
    if len(keys) > most:
        told = _("符合条件的超过 %(most)s 行，请缩小范围后再下载。") % {"most": most}
        return _refused(request, listing, _("行数超过上限"), told)
    access_log.note(request, "export", detail=f"list {name} {len(keys)}")
    pieces = in_pieces(listing, found.rows, keys, request.actor, request.at)
    file = _file(kind, listing, pieces, request)
    headers = HEADERS | {"Content-Disposition": disposition(f"{listing.label}-{show_second(request.at):.10}.{kind}")}
    return StreamingHttpResponse(file, content_type=MEDIA_TYPES[kind], headers=headers)


def _refused(request: Request, listing: Listing, title: str, text: str) -> HttpResponse:
    told = {"list": listing, "title": title, "text": text}
    return render(request, "assessment/exports/list_refused.html", told, status=422)


class _Piece:
    """The file object that a workbook is written to; what was written since is taken out piece by piece."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        return len(data)

    def flush(self) -> None:
        """Does nothing: the answer takes what there is."""

    def taken(self) -> bytes:
        data = bytes(self._kept)
        self._kept.clear()
        return data


def _file(kind: str, listing: Listing, pieces: Iterator[list[Any]], request: Request) -> Iterator[bytes]:
    """The file in pieces, in the language that the page had."""
    language = translation.get_language()
    mark = watermark(request.user, request.at)
    heads = [str(column.label) for column in listing.columns]
    return _csv(listing, pieces, mark, heads, language) if kind == Export.Format.CSV else _xlsx(
        listing, pieces, mark, heads, language, request.user.username
    )  # fmt: skip


def _lines(listing: Listing, piece: Iterable[Any], language: str | None) -> list[list[Any]]:
    with translation.override(language):
        return list(cells(listing.columns, piece, bare=False))


def _csv(
    listing: Listing, pieces: Iterator[list[Any]], mark: str, heads: list[str], language: str | None
) -> Iterator[bytes]:
    def rows() -> Iterator[list[Any]]:
        yield from ([mark], heads)
        for piece in pieces:
            yield from _lines(listing, piece, language)

    yield from (line.encode() for line in csv_lines(rows()))


def _xlsx(
    listing: Listing, pieces: Iterator[list[Any]], mark: str, heads: list[str], language: str | None, author: str
) -> Iterator[bytes]:
    out = _Piece()
    with Streamed(out, title=str(listing.label), mark=mark, author=author) as sheet:  # type: ignore[arg-type]
        sheet.row(heads, is_head=True)
        for piece in pieces:
            for line in _lines(listing, piece, language):
                sheet.row(line)
            yield out.taken()
    yield out.taken()
