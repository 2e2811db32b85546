"""Exports: those one requested, those one decides on, one with its story, and the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.audit import access_log
from accountability.deadlines.limits import show_second
from accountability.gate.act import Batch, Refused
from accountability.gate.fields import clean_all
from accountability.gate.perform import perform
from accountability.gate.verbs import Verb, available, find
from accountability.models import LedgerEntry, privacy_in_force
from accountability.permissions import Actor, may_look_beyond
from accountability.security.masking import mask_text
from accountability.views.files import HEADERS
from accountability.web.listings import NotUnderstood
from accountability.web.request import Request, page_by_key
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import READS_AND_WRITES, STATUS_OF, MatterPage, Teller, status_of
from assessment.exports import keeping
from assessment.exports.desk import to_decide
from assessment.exports.kinds import Kind, Scope
from assessment.exports.lists import kind_of, may_export, words_of_export, words_of_list
from assessment.models import Export, ExportState, What
from assessment.permissions import MAY_EXPORT, may_export_unmasked, may_have
from complaints.dossier.customer import texts_of

NARROWS = ("what", "since", "until", "unit", "states", "listing", "asked")
"""What the number of rows depends on; the count request sends nothing else of a form."""

MEDIA_TYPES: dict[str, str] = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LOOKS: dict[str, tuple[Any, str, str]] = {
    "make_export": ("", "paper", "info"),
    "fail_export": ("", "alert", "danger"),
}


SAID_APART = ("asked", "words")
"""Sealed texts that the scope of an export says."""


def _twice(actor: Actor) -> Actor:
    """Requesting, approving or fetching an export takes a second factor in this session."""
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
    return render(request, "assessment/exports/exports.html", {"page": page, "rows": page.rows, "chips": chips})


def _chips(actor: Actor) -> Iterator[tuple[str, Any, str]]:
    yield "", _("全部"), ""
    yield "mine", _("我申请的"), "?asked=mine"
    if actor.leads_marketing or actor.is_csc_supervisor or actor.heads_centre:
        yield "decide", _("待我批准"), "?asked=decide"


# One export


def _scope(export: Export) -> Iterator[tuple[Any, Any]]:
    kind = kind_of(export.what, export.listing)
    field: Any = Export._meta.get_field
    yield field("what").verbose_name, export.title
    yield field("format").verbose_name, export.get_format_display()
    if kind and kind.dated:
        yield _("时段"), f"{export.since} – {export.until}"
    if export.listing:
        yield _("列表的筛选条件"), words_of_export(export)
    else:
        yield field("unit").verbose_name, export.unit or _("全部单位")
    if kind and kind.states:
        labels = dict(kind.states)
        yield field("states").verbose_name, "、".join(str(labels[name]) for name in export.states) or _("全部状态")
    chosen = (str(column.label) for column in kind.chosen(export.columns)) if kind else [WHY["gone"]]
    yield field("columns").verbose_name, "、".join(map(str, chosen))
    yield _("脱敏"), _("不脱敏") if export.unmasked else _("姓名、号码和正文均脱敏")
    yield _("行数"), export.asked_rows if export.made_rows is None else export.made_rows


WHY = {
    "rows": gettext_lazy("行数已超过上限。"),
    "right": gettext_lazy("申请人已无权导出。"),
    "gone": gettext_lazy("系统已没有这个列表，请从现有列表重新申请。"),
    "filters": gettext_lazy("列表的筛选条件已不能识别或不再保存，按批准的范围已无法生成；如仍需要，请重新申请。"),
    "grown": gettext_lazy("行数比申请时多出很多，已超出批准的范围；如仍需要，请重新申请。"),
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


class ExportPage(MatterPage):
    """What is requested, by whom and what for, who decided, what became of the file, and what may be done now.

    Fetching has an address of its own.
    """

    model = Export
    place, place_of_verbs = "export", "export_act"
    template, verb_template = "assessment/exports/export.html", "assessment/exports/export_act.html"
    plain = ("", "dot", "neutral")
    looks, by_itself, entries_shown = LOOKS, frozenset({"make_export", "fail_export", "expire_export"}), 50

    def seen(self, actor: Actor) -> QuerySet[Export]:
        return super().seen(actor).select_related("matter__holder", "matter__holder_unit", "reason", "remark")

    def frame(self, request: Request, known: Export) -> dict[str, Any]:
        told = {"export": known, "matter": known.matter, "until": known.expires_at}
        return told | self.holder(known) | {"closed": known.get_state_display()}

    def body(self, request: Request, known: Export) -> dict[str, Any]:
        fetch = find(Export, "fetch_export")
        may_fetch = known.state == ExportState.MADE and fetch.permits(known, request.actor)
        most = privacy_in_force(request.at).export_fetches
        return {
            "told": {name: mask_text(text) for name, text in texts_of(known.reason).items() if name not in SAID_APART},
            "remark": mask_text(texts_of(known.remark).get("remark", "")),
            "scope": list(_scope(known)),
            "forms": self.forms(request, known, self.offered(request, known)),
            "fetch": self.verb_form(request, known, fetch) if may_fetch else None,
            "most_fetches": most,
            "is_used_up": known.fetched >= most,
            "entries": self.timeline(request, known),
        }

    def offered(self, request: Request, subject: Export) -> list[Verb]:
        return [entry for entry in available(subject, request.actor) if entry.name != "fetch_export"]

    def verb(self, name: str) -> Verb:
        if name == "fetch_export":
            raise Http404
        return super().verb(name)

    def act(self, request: Request, number: str, verb: str) -> HttpResponse:
        """Approving takes the second factor."""
        if verb == "approve_export" and self.verb(verb).permits(self.find(request, number), request.actor):
            _twice(request.actor)
        return super().act(request, number, verb)

    def teller(self, request: Request, known: Export, entries: list[LedgerEntry]) -> Teller:
        return lambda entry: "\n".join(_said(entry.facts))


PAGE = ExportPage()
page, act = PAGE.views


# A new one


@require_http_methods(READS_AND_WRITES)
def begin(request: Request) -> HttpResponse:
    """First the kind of list; then the form, with that list's states and columns, and how many rows it would be."""
    if not may_look_beyond(request.actor):
        raise PermissionDenied
    actor = _twice(request.actor)
    given = request.POST if request.method == "POST" else request.GET
    what = given.get("what", "")
    listing = given.get("listing", "")
    what = what if what in MAY_EXPORT and may_export(what, listing, actor) else ""
    data = request.POST if request.method == "POST" else None
    form = _begin_form(what, listing if what else "", actor, data, given)
    if begun := PAGE.begun(request, form, _("导出申请已提交，待批准。")):
        return begun
    return _ask(request, form, what)


def _begin_form(what: str, listing: str, actor: Actor, data: QueryDict | None, given: QueryDict) -> VerbForm:
    """Without fields that don't apply to this list, or that this person may not ask for. The address may fill in period
    and unit, or the list with its filters.
    """
    filled = {name: given.get(name, "") for name in ("since", "until", "unit", "format", "asked")}
    filled |= {"what": what, "listing": listing}
    subject = Export(what=what, listing=listing)
    form = VerbForm(find(Export, "request_export"), subject, actor, data=data, initial=filled)
    kind = kind_of(what, listing)
    if kind and kind.dated:
        form.demand("since", "until")
    for name in ("what", "listing", "asked", *_hidden(kind, listing)):
        form.fields[name].widget = form.fields[name].hidden_widget()
    if not may_export_unmasked(what, actor):
        for name in ("unmasked", "unmask_reason"):
            form.fields[name].widget = form.fields[name].hidden_widget()
    return form


def _hidden(kind: Kind | None, listing: str) -> Iterator[str]:
    """A list is narrowed by its own filters only."""
    if not (kind and kind.dated):
        yield from ("since", "until")
    if not (kind and kind.states):
        yield "states"
    if listing:
        yield "unit"


def _ask(request: Request, form: VerbForm, what: str) -> HttpResponse:
    choices = [choice for choice in What.choices if may_export(choice[0], "", request.actor)]
    listing = str(form["listing"].value() or "") if what else ""
    asked = str(form["asked"].value() or "")
    context = {"form": form, "what": what, "choices": choices}
    context["label"] = Export(what=what, listing=listing).title if what else ""
    context["filters"], status = "", status_of(form)
    if listing:
        try:
            context["filters"] = words_of_list(listing, asked, request.actor, request.at) or _("全部")
        except NotUnderstood:
            status = 422
    context |= {"said": _count(request) if what and not form.refusal else "", "narrows": NARROWS}
    context |= {"action": reverse("begin_export"), "back": reverse("exports"), "draft": f"request_export:{what}"}
    return render(request, "assessment/exports/export_begin.html", context, status=status)


@never_cache
@require_safe
def count(request: Request) -> HttpResponse:
    """How many rows it would be: while the form is filled in, before anybody is asked to approve."""
    if not may_look_beyond(request.actor):
        raise PermissionDenied
    _twice(request.actor)
    return render(request, "assessment/exports/parts/export_count.html", {"said": _count(request)})


def _count(request: Request) -> str:
    what = request.GET.get("what", "")
    listing = request.GET.get("listing", "")
    kind, subject = kind_of(what, listing), Export(what=what, listing=listing)
    if kind is None or not may_have(subject, request.actor):
        return ""
    told = {name: request.GET.getlist(name) if name == "states" else request.GET.get(name, "") for name in NARROWS}
    facts = tuple(fact for fact in find(Export, "request_export").facts if fact.name in NARROWS)
    period = ("since", "until") if kind.dated else ()
    values, errors = clean_all(facts, told, subject, Batch(request.at), demanded=period)
    if errors:
        return _("请选择时段，这里将显示行数。") if kind.dated else ""
    narrowed = values.get("since"), values.get("until"), values.get("unit")
    scope = Scope(*narrowed, tuple(values.get("states", ())), values.get("asked", ""))
    most = privacy_in_force(request.at).export_rows
    try:
        rows = kind.found(scope, request.actor, request.at).count()
    except NotUnderstood as strange:
        return str(strange)
    if rows > most:
        return _("符合条件的有 %(rows)s 行，超过上限 %(most)s 行，请缩小范围。") % {"rows": rows, "most": most}
    return _("符合条件的有 %(rows)s 行，上限 %(most)s 行。") % {"rows": rows, "most": most}


# The file


@never_cache
@require_POST
def fetch(request: Request, number: str) -> HttpResponseBase:
    """The file to save, for its requester. Every fetch is counted and logged; refused attempts are logged too.

    A repeated request gets nothing, as it would be a fetch that isn't counted.
    """
    export = PAGE.find(request, number)
    entry = find(Export, "fetch_export")
    if entry.permits(export, request.actor):
        _twice(request.actor)
    form = VerbForm(entry, export, request.actor, data=request.POST)
    try:
        outcome = perform(export, entry.name, by=request.user, at=request.at, key=form.key, seen=form.seen)
    except Refused as refusal:
        _note(request, export, "refused")
        status = 422 if refusal.code == "condition" else STATUS_OF.get(refusal.code, 422)
        return PAGE.show(request, PAGE.find(request, number), status, sentence=str(refusal))
    if outcome.repeated:
        return redirect("export", number)
    made: Export = outcome.subject
    _note(request, made, "ok", f"{made.fetched} {made.sha256[:16]}")
    name = f"{number}-{show_second(request.at):.10}.{made.format}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(made.size)}
    return StreamingHttpResponse(keeping.pieces_of(made), content_type=MEDIA_TYPES[made.format], headers=headers)


def _note(request: Request, export: Export, result: str, detail: str = "") -> None:
    access_log.note(request, "export", result=result, matter_id=export.pk, detail=f"{export.what} {detail}".strip())
