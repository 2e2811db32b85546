"""Serves an uploaded file to those who may read it; nothing in it runs under this site's origin."""

from __future__ import annotations

import logging
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accountability.audit import access_log
from accountability.files.attachments import content_of, may_read
from accountability.models import Attachment
from accountability.web.request import Request

log = logging.getLogger(__name__)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@require_safe
def attachment(request: Request, token: str) -> HttpResponse:
    """The file as a download, never shown inline; 404 for a reader without permission, as for one that doesn't exist.

    Each read and each attempt is noted: the content is somebody's personal data.
    """
    file = Attachment.objects.filter(token=token).select_related("matter").first()
    if file is None:
        raise Http404
    content = read_and_noted(request, file)
    headers = HEADERS | {"Content-Disposition": disposition(file.name or "")}
    return HttpResponse(content, content_type=file.media_type, headers=headers)


def read_and_noted(request: Request, file: Attachment) -> bytes:
    """The content, for a page that shows it. Raises Http404; the read or the attempt is noted either way."""
    content = _content(file) if may_read(file, request.actor) else None
    result = "refused" if content is None else "ok"
    access_log.note(request, "file", matter_id=file.matter_id, result=result, detail=str(file))
    if content is None:
        raise Http404
    return content


def _content(file: Attachment) -> bytes | None:
    try:
        return content_of(file)
    except FileNotFoundError:
        log.error("attachment %s: its content is not in the folder", file.pk)
        return None


def disposition(name: str) -> str:
    """The file's own name, and an ASCII one for old browsers (RFC 6266)."""
    extension = name.rpartition(".")[2]
    return f"attachment; filename=\"file.{extension}\"; filename*=UTF-8''{quote(name, safe='')}"
