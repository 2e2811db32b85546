"""Exports: those one asked for, those one decides on, one with its story, and the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access_log, acting
from accountability.acts import Batch, Refused
from accountability.deadlines import show_second
from accountability.facts import clean_all
from accountability.forms import VerbForm
from accountability.gate import perform
from accountability.masking import mask_text
from accountability.models import LedgerEntry, privacy_in_force
from accountability.permissions import Actor, may_look_beyond
from accountability.verbs import VERBS, Verb, available, find
from accountability.views.files import HEADERS
from accountability.web import STATUS_OF, Request, page_by_key, run
from accountability.wording import timeline_entry, verb_label
from assessment.exports import keeping
from assessment.exports.desk import to_decide
from assessment.exports.kinds import KINDS, Scope
from assessment.models import Export, ExportState, What
from assessment.permissions import MAY_EXPORT, may_export_unmasked
from complaints.story import texts_of

READS_AND_WRITES = ["GET", "HEAD", "POST"]
NARROWS = ("what", "since", "until", "unit", "states")
"""What the number of rows depends on; nothing else of a form is sent for the count."""

MEDIA_TYPES: dict[str, str] = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LOOKS = {
    "request_export": ("edit", "brand"),
    "approve_export": ("check", "ok"),
    "decline_export": ("cross", "danger"),
    "make_export": ("paper", "info"),
    "fail_export": ("alert", "danger"),
    "fetch_export": ("inbox", "warn"),
}


def _twice(actor: Actor) -> Actor:
    """Whoever takes data out of the house, or lets somebody, has shown their second factor in this session."""
    if not actor.looks_beyond_own_work:
        raise PermissionDenied
    return actor


# The list


@require_safe
def exports(request: Request) -> HttpResponse:
    """`?asked=mine` one's own, `?asked=decide` what waits for one's decision; without it all that one may see."""
    actor, asked = request.actor, request.GET.get("asked", "")
    if not may_look_beyond(actor):
        raise PermissionDenied
    narrowed = {"mine": Export.objects.filter(requested_by_id=actor.pk), "decide": to_decide(actor)}
    found = narrowed.get(asked, Export.objects.visible_to(actor))
    page = page_by_key(found.with_everything(), ["-matter_id"], request)
    chips = [
        {
            "label": label,
            "url": reverse("exports") + query,
            "current": asked == name or (not name and asked not in narrowed),
        }
        for name, label, query in _chips(actor)
    ]
    return render(request, "assessment/exports.html", {"page": page, "rows": page.rows, "chips": chips})


def _chips(actor: Actor) -> Iterator[tuple[str, Any, str]]:
    yield "", _("全部"), ""
    yield "mine", _("我申请的"), "?asked=mine"
    if actor.leads_marketing or actor.is_csc_supervisor or actor.heads_centre:
        yield "decide", _("待我批准"), "?asked=decide"


# One export


def known_export(request: Request, number: str) -> Export:
    """The export of this number, if the reader may know of it; else 404, as for one that doesn't exist."""
    found = Export.objects.visible_to(request.actor).with_everything()
    joined = found.select_related("matter__holder", "matter__holder_unit", "reason", "remark")
    export = joined.filter(matter__number=number).first()
    if export is None:
        raise Http404
    return export


@require_safe
def page(request: Request, number: str) -> HttpResponse:
    """What is asked for, by whom and what for, who decided, what became of the file, and what may be done now."""
    return _show(request, known_export(request, number), 200)


def _show(request: Request, export: Export, status: int, sentence: str = "") -> HttpResponse:
    actor = request.actor
    verbs = [entry for entry in available(export, actor) if entry.name != "fetch_export"]
    told = {name: mask_text(text) for name, text in texts_of(export.reason).items()}
    may_fetch = export.state == ExportState.MADE and find(Export, "fetch_export").permits(export, actor)
    most = privacy_in_force(request.at).export_fetches
    context = _present(export) | {
        "told": told,
        "remark": mask_text(texts_of(export.remark).get("remark", "")),
        "scope": list(_scope(export)),
        "forms": [_form(entry, export, actor) for entry in verbs],
        "fetch": _form(find(Export, "fetch_export"), export, actor) if may_fetch else None,
        "most_fetches": most,
        "is_used_up": export.fetched >= most,
        "entries": [_entry(row) for row in _entries(export)],
        "sentence": sentence,
    }
    return render(request, "assessment/export.html", context, status=status)


def _scope(export: Export) -> Iterator[tuple[Any, Any]]:
    kind = KINDS[export.what]
    field: Any = Export._meta.get_field
    yield field("what").verbose_name, export.get_what_display()
    yield field("format").verbose_name, export.get_format_display()
    if kind.dated:
        yield _("时段"), f"{export.since} – {export.until}"
    yield field("unit").verbose_name, export.unit or _("全部单位")
    if kind.states:
        labels = dict(kind.states)
        yield field("states").verbose_name, "、".join(str(labels[name]) for name in export.states) or _("全部状态")
    yield field("columns").verbose_name, "、".join(str(column.label) for column in kind.chosen(export.columns))
    yield _("脱敏"), _("不脱敏") if export.unmasked else _("姓名、号码和正文均脱敏")
    yield _("行数"), export.asked_rows if export.made_rows is None else export.made_rows


def _present(export: Export) -> dict[str, Any]:
    matter = export.matter
    return {
        "export": export, "matter": matter, "duty": verb_label(matter.awaits, matter.kind) if matter.awaits else "",
        "holder": matter.holder, "unit": matter.holder_unit, "closed": export.get_state_display(),
        "until": export.expires_at,
    }  # fmt: skip


def _entries(export: Export) -> list[LedgerEntry]:
    found = LedgerEntry.objects.filter(matter_id=export.pk).select_related("actor__unit")
    return list(found.order_by("-seq")[:50])


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    look = ("", *LOOKS.get(entry.verb, ("dot", "neutral")))
    by_itself = entry.verb in ("make_export", "fail_export", "expire_export")
    return timeline_entry(entry, Export.matter_kind, look, "\n".join(_said(entry.facts)), by_itself=by_itself)


WHY = {
    "rows": gettext_lazy("行数已超过上限。"),
    "right": gettext_lazy("申请人已无权导出。"),
    "fault": gettext_lazy("多次生成失败，详见服务器日志。"),
}


def _said(facts: dict[str, Any]) -> Iterator[str]:
    if "time" in facts:
        yield _("第 %(time)s 次下载") % facts
    if "rows" in facts and facts["rows"] is not None:
        yield _("%(rows)s 行") % facts
    if "why" in facts:
        yield str(WHY.get(facts["why"], ""))
    if "destroyed" in facts:
        yield _("文件已销毁")
    if facts.get("sha256"):
        yield f"SHA-256 {facts['sha256']}"


# What may be done


def _form(entry: Verb, export: Export, actor: Actor, data: Any = None) -> VerbForm:
    form = VerbForm(entry, export, actor, data=data)
    form.is_awaited = entry.name == export.awaits
    form.is_grave = entry.name in ("decline_export", "withdraw_export")
    return form


@require_http_methods(READS_AND_WRITES)
def act(request: Request, number: str, verb: str) -> HttpResponse:
    """One verb of the export: its form, or what became of it. Words that begin one or fetch it are not found."""
    export = known_export(request, number)
    entry = VERBS.get((Export.matter_kind, verb))
    if entry is None or entry.creates or entry.name == "fetch_export":
        raise Http404
    if entry.name == "approve_export" and entry.permits(export, request.actor):
        _twice(request.actor)
    if request.method == "POST":
        form = _form(entry, export, request.actor, request.POST)
        if acting.carry_out(request, form):
            return redirect("export", number)
        export = known_export(request, number)
        return _answer(request, export, entry, form, acting.ready_again(form, export))
    if barred := acting.barred(entry, export, request.actor):
        return _answer(request, export, entry, None, *barred)
    return _answer(request, export, entry, _form(entry, export, request.actor), 200)


def _answer(
    request: Request, export: Export, entry: Verb, form: VerbForm | None, status: int, sentence: str = ""
) -> HttpResponse:
    context = _present(export) | acting.verb_page(
        entry, export, request.actor, form, sentence, back="export", action="export_act"
    )
    return render(request, "assessment/export_act.html", context, status=status)


# A new one


@require_http_methods(READS_AND_WRITES)
def begin(request: Request) -> HttpResponse:
    """First what; then the form, with that list's own states and columns, and how many rows it would be."""
    if not may_look_beyond(request.actor):
        raise PermissionDenied
    actor = _twice(request.actor)
    given = request.POST if request.method == "POST" else request.GET
    what = given.get("what", "")
    what = what if what in MAY_EXPORT and MAY_EXPORT[what](actor) else ""
    data = request.POST if request.method == "POST" else None
    form = _begin_form(what, actor, data)
    if data is not None and (outcome := run(request, form)):
        messages.success(request, _("导出申请已提交，待批准。"))
        return redirect("export", outcome.subject.matter.number)
    return _ask(request, form, what)


def _begin_form(what: str, actor: Actor, data: QueryDict | None) -> VerbForm:
    """Without what has no meaning for this list, or is not this person's to ask for."""
    form = VerbForm(find(Export, "request_export"), Export(what=what), actor, data=data, initial={"what": what})
    kind = KINDS.get(what)
    if kind and kind.dated:
        form.demand("since", "until")
    for name in ("what", *(() if kind and kind.dated else ("since", "until")), *_hidden(kind)):
        form.fields[name].widget = form.fields[name].hidden_widget()
    if not may_export_unmasked(what, actor):
        for name in ("unmasked", "unmask_reason"):
            form.fields[name].widget = form.fields[name].hidden_widget()
    return form


def _hidden(kind: Any) -> tuple[str, ...]:
    return () if kind and kind.states else ("states",)


def _ask(request: Request, form: VerbForm, what: str) -> HttpResponse:
    choices = [choice for choice in What.choices if MAY_EXPORT[choice[0]](request.actor)]
    context = {"form": form, "what": what, "label": dict(What.choices).get(what, ""), "choices": choices}
    context |= {"said": _count(request) if what and not form.refusal else "", "narrows": NARROWS}
    context |= {"action": reverse("begin_export"), "back": reverse("exports"), "draft": f"request_export:{what}"}
    return render(request, "assessment/export_begin.html", context, status=acting.status_of(form))


@never_cache
@require_safe
def count(request: Request) -> HttpResponse:
    """How many rows it would be: while the form is filled in, and before anybody is asked for leave."""
    if not may_look_beyond(request.actor):
        raise PermissionDenied
    _twice(request.actor)
    return render(request, "assessment/parts/export_count.html", {"said": _count(request)})


def _count(request: Request) -> str:
    what = request.GET.get("what", "")
    if what not in MAY_EXPORT or not MAY_EXPORT[what](request.actor):
        return ""
    kind, subject = KINDS[what], Export(what=what)
    told = {name: request.GET.getlist(name) if name == "states" else request.GET.get(name, "") for name in NARROWS}
    facts = tuple(fact for fact in find(Export, "request_export").facts if fact.name in NARROWS)
    period = ("since", "until") if kind.dated else ()
    values, errors = clean_all(facts, told, subject, Batch(request.at), demanded=period)
    if errors:
        return _("请选择时段，这里将显示行数。") if kind.dated else ""
    scope = Scope(values.get("since"), values.get("until"), values.get("unit"), tuple(values.get("states", ())))
    rows, most = (
        kind.found(scope, request.actor, request.at).count(),
        privacy_in_force(request.at).export_rows,
    )
    if rows > most:
        return _("符合条件的有 %(rows)s 行，超过上限 %(most)s 行，请缩小范围。") % {"rows": rows, "most": most}
    return _("符合条件的有 %(rows)s 行，上限 %(most)s 行。") % {"rows": rows, "most": most}


# The file


@never_cache
@require_POST
def fetch(request: Request, number: str) -> HttpResponseBase:
    """The file, to be saved, for who asked for it; each time, and each attempt, is counted and noted.

    A repetition of the same request gives nothing: it would be a fetch that nobody counted.
    """
    export = known_export(request, number)
    entry = find(Export, "fetch_export")
    if entry.permits(export, request.actor):
        _twice(request.actor)
    form = _form(entry, export, request.actor, request.POST)
    try:
        outcome = perform(export, entry.name, by=request.user, at=request.at, key=form.key, seen=form.seen)
    except Refused as refusal:
        _note(request, export, "refused")
        status = 422 if refusal.code == "condition" else STATUS_OF.get(refusal.code, 422)
        return _show(request, known_export(request, number), status, sentence=str(refusal))
    if outcome.repeated:
        return redirect("export", number)
    made: Export = outcome.subject
    _note(request, made, "ok", f"{made.fetched} {made.sha256[:16]}")
    name = f"{number}-{show_second(request.at):.10}.{made.format}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(made.size)}
    return StreamingHttpResponse(keeping.pieces_of(made), content_type=MEDIA_TYPES[made.format], headers=headers)


def _note(request: Request, export: Export, result: str, detail: str = "") -> None:
    access_log.note(request, "export", result=result, matter_id=export.pk, detail=f"{export.what} {detail}".strip())
