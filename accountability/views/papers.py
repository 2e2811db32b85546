"""Official papers: reading them, their files, and drafts before they are issued."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.audit import access_log
from accountability.documents import keeping
from accountability.documents.kinds import KINDS
from accountability.documents.making import MEDIA_TYPES
from accountability.documents.marking import mark_of
from accountability.documents.reading import may_read, papers_of, shown, subject_of
from accountability.gate.act import Refused
from accountability.gate.subjects import SUBJECTS
from accountability.models import Matter, Paper, PaperFile, PaperHandover
from accountability.notices import sentences
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from accountability.views.files import HEADERS, disposition
from accountability.web.request import Request

log = logging.getLogger(__name__)

LOOK_AGAIN = "5"
"""Seconds after which the page of a paper whose files are being made reloads automatically, with or without script."""

LARGEST_PART = 2**31


@require_safe
def paper(request: Request, token: str) -> HttpResponse:
    """The frozen words as they were issued, with the available files."""
    found = _demand(request, token, "paper")
    text = found.text
    found.mark = mark_of(found)
    forms = [] if text is None else _forms(found)
    context = {
        "paper": found,
        "kind": KINDS[found.kind],
        "shown": shown(found),
        "forms": forms,
        "issued_files": _as_issued(found) if found.mark and text is not None else [],
        "handover": None if found.is_draft else PaperHandover.objects.filter(paper=found).first(),
        "may_verify": request.actor.is_auditor,
        "is_being_made": any(form["state"] == "waiting" for form in forms),
        "versions": [] if found.is_draft else papers_of([found.matter_id], request.actor, found.kind, found.part),
        "matter_url": sentences.page_of(found.matter) if _sees(found.matter, request.actor) else "",
    }
    response = render(request, "accountability/documents/page.html", context)
    response["Cache-Control"] = "private, no-store"
    if context["is_being_made"]:
        response["Refresh"] = LOOK_AGAIN
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: Request, token: str, form: str) -> HttpResponse:
    """The paper in this form, with its mark, the same bytes on every request; POST requests the file where it isn't
    made yet. `?issued` is for auditors, who verify: the bytes as they were issued, without their mark.
    """
    as_issued = "issued" in request.GET
    detail, bars = (f"{form} issued", not request.actor.is_auditor) if as_issued else (form, False)
    found = _demand(request, token, "paper_file", detail=detail, bars=bars)
    if form not in _offered(found) or found.is_erased:
        raise Http404
    if request.method == "POST":
        keeping.ask(found, form, by=request.user, at=request.at)
        return redirect("paper", token)
    mark = "" if as_issued and not found.is_draft else mark_of(found)
    kept = found.files.filter(form=form, mark=mark, made_at__isnull=False).first()
    content = _content(kept) if kept else None
    if content is None:
        raise Http404
    name = " ".join(filter(None, (found.number, found.title)))
    headers = HEADERS | {"Content-Disposition": disposition(f"{name}.{form}")}
    return HttpResponse(content, content_type=MEDIA_TYPES[form], headers=headers)


@require_POST
def draft(request: Request, kind: str, number: str, part: int) -> HttpResponse:
    """Freeze how the paper would read now, for those who may draft it; 404 for everybody else.

    A matter that this person may not see costs the same statements as a number that doesn't exist, so that neither the
    answer nor its time tells them apart. Both attempts are noted.
    """
    entry, matter = KINDS.get(kind), Matter.objects.filter(number=number).first()
    sees = entry is not None and entry.drafted_from(request.actor).filter(number=number).exists()
    subject = subject_of(matter) if matter is not None and sees and part < LARGEST_PART else None
    allowed = subject is not None and entry is not None and entry.offers_draft(subject, part, request.actor)
    detail = f"{kind[:24]} {part}" if matter else mask_text(f"{kind[:24]} {number[:24]} {part}")
    _note(request, "paper_draft", matter.pk if matter else None, is_allowed=allowed, detail=detail)
    if matter is None or not allowed:
        raise Http404
    try:
        made = keeping.freeze_draft(kind, subject, matter, part=part, by=request.user, at=request.at)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(sentences.page_of(matter) or "home")
    return redirect("paper", made.token)


def _demand(request: Request, token: str, action: str, detail: str = "", *, bars: bool = False) -> Paper:
    """The paper, if the reader may have it and nothing else `bars` them. Each reading and each attempt is noted; a
    reader without permission gets the same answer as for a paper that doesn't exist.
    """
    known = Paper.objects.select_related("matter", "content", "issued_by__unit")
    found = known.filter(token=token).first()
    if found is None:
        raise Http404
    allowed = not bars and may_read(found, request.actor)
    _note(request, _action(found, action), found.matter_id, is_allowed=allowed, detail=f"{found} {detail}".strip())
    if not allowed:
        raise Http404
    return found


def _action(found: Paper, action: str) -> str:
    kind = KINDS.get(found.kind)
    return kind.noted_as if kind is not None and kind.noted_as else action


def _note(request: Request, action: str, matter_id: int | None, *, is_allowed: bool, detail: str) -> None:
    access_log.note(request, action, matter_id=matter_id, result="ok" if is_allowed else "refused", detail=detail)


def _offered(found: Paper) -> tuple[str, ...]:
    return (*KINDS[found.kind].forms, PaperFile.Form.HTML)


def _forms(found: Paper) -> list[dict[str, Any]]:
    """Each available form of the file with the paper's mark, and its state."""
    files = {row.form: row for row in found.files.filter(mark=found.mark)}
    return [
        {"name": name, "label": PaperFile.Form(name).label, "file": files.get(name), "state": _state(files.get(name))}
        for name in _offered(found)
    ]


def _as_issued(found: Paper) -> list[PaperFile]:
    """The files from before the paper had its mark: their digests stay visible."""
    return [] if found.is_draft else list(found.files.filter(mark="", made_at__isnull=False).order_by("pk"))


def _state(row: PaperFile | None) -> str:
    if row is None:
        return "none"
    if row.made_at:
        return "ready"
    return "failed" if row.failures >= keeping.MOST_FAILURES else "waiting"


def _sees(matter: Matter, actor: Actor) -> bool:
    """Whether the reader may see the page of the paper's matter: some readers of a circular may not know of its
    case.
    """
    known: Any = getattr(SUBJECTS[matter.kind], "objects", None)
    return known is not None and known.visible_to(actor).filter(pk=matter.pk).exists()


def _content(kept: PaperFile) -> bytes | None:
    try:
        return keeping.bytes_of(kept)
    except FileNotFoundError:
        log.error("paper file %s: its content is not in the folder", kept)
        return None
