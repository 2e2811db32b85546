"""The yearly ranking: the years, one with its table, its check against the record, and the acts on it (R53)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import MultipleHiddenInput
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accountability.audit import access_log
from accountability.db import replica
from accountability.deadlines.limits import day_of
from accountability.declarations.places import everybody
from accountability.documents.reading import with_marks
from accountability.gate.verbs import Verb, find
from accountability.models import Paper, limits_in_force
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from accountability.web.listings import LISTINGS, Column, Found, Listing, page_of, second
from accountability.web.request import PAGE_SIZE, Request
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import READS_AND_WRITES, MatterPage, status_of
from assessment.actions.rankings import FIRST_YEAR
from assessment.models import Ranking, RankingLine, RankingState
from assessment.models.bulletins import reads_drafts
from assessment.models.standings import Group, Standings
from assessment.permissions import draft_ranking
from assessment.rankings.frozen_inputs import changed_rounds, differences, preview_of, recompute
from assessment.rankings.letter import percent
from assessment.rankings.workbook import MEDIA_TYPE, book_of
from complaints.dossier.customer import texts_of

# The years


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    found = Ranking.objects.visible_to(actor).select_related("matter", "decided_by")
    return Found(found, ("-year", "-attempt"))


RANKINGS = Listing(
    "rankings", gettext_lazy("年度排名"), _found, everybody,
    (
        Column("year", gettext_lazy("年度"), lambda row: row.year),
        Column("number", gettext_lazy("编号"), lambda row: row.matter.number),
        Column("document_number", gettext_lazy("发文字号"), lambda row: row.document_number),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("decided_at", gettext_lazy("公布时间"), lambda row: second(row.decided_at)),
    ),
    names_nobody=True,
)  # fmt: skip
LISTINGS.add(RANKINGS)


@require_safe
def rankings(request: Request) -> HttpResponse:
    """The latest year first. Drafts only for those who may read them, who may also preview the current year."""
    context = {
        "page": page_of(RANKINGS, request),
        "running": day_of(request.at).year if reads_drafts(request.actor) else None,
        "may_draft": draft_ranking(Ranking(), request.actor),
    }
    return render(request, "assessment/rankings/rankings.html", context)


# One of them


@require_safe
def of_year(request: Request, year: int) -> HttpResponse:
    """The year's latest ranking that the reader may see; if there is none, some readers get a preview that saves
    nothing.
    """
    known = Ranking.objects.visible_to(request.actor).with_everything().filter(year=year)
    ranking = known.order_by("-attempt").first()
    if ranking is not None:
        return PAGE.show(request, ranking)
    if not reads_drafts(request.actor) or not FIRST_YEAR <= year <= day_of(request.at).year:
        raise Http404
    is_split = limits_in_force(request.at).rank_separately
    return PAGE.show(request, replica.read(lambda: preview_of(year, is_split=is_split)))


def _papers(ranking: Ranking) -> list[Paper]:
    return with_marks(list(Paper.objects.filter(matter_id=ranking.pk, issued_at__isnull=False)))


def _others(ranking: Ranking, request: Request) -> Iterable[Ranking]:
    """Other rankings of the year: withdrawn ones, or the one that replaced this one."""
    found = Ranking.objects.visible_to(request.actor).filter(year=ranking.year).select_related("matter")
    return found.exclude(pk=ranking.pk or 0)


def told_of(ranking: Ranking, request: Request) -> dict[str, Any]:
    """What is told of a ranking beside its table; a program is told the same."""
    return {
        "reason": mask_text(texts_of(ranking.decision).get("reason", "")),
        "withdrawal": mask_text(texts_of(ranking.withdrawal).get("reason", "")),
        "papers": _papers(ranking) if ranking.matter_id else [],
        "others": _others(ranking, request),
    }


# The table


def captions() -> dict[Group, str]:
    return {Group.ALL: _("问题解决率排名"), Group.CITIES: _("分公司排名"), Group.OFFICES: _("部门和直属单位排名")}


def lists_of(ranking: Ranking) -> list[dict[str, Any]]:
    before = {line.unit_id: line for line in _previous(ranking)}
    named, found = captions(), []
    for group, standings in ranking.standings.items():
        lines = [line for line in ranking.lines if line.group == group]
        found.append({
            "caption": named[group],
            "rows": [_row(line, ranking, before.get(line.unit_id)) for line in lines if line.asked],
            "unranked": [line.name for line in lines if not line.asked],
            "note": _why(standings),
        })  # fmt: skip
    return found


def _why(standings: Standings) -> str:
    """Why a person's decision is necessary."""
    if standings.has_too_few:
        return _("排名单位不足四个，是否有单位不能参评由人决定。")
    if standings.tied:
        return _("并列跨越倒数第三名：%(count)s 个单位并列，默认全部计入，由人决定。") % {"count": len(standings.tied)}
    return ""


def _previous(ranking: Ranking) -> list[RankingLine]:
    """Last year's published lines; empty if there are none."""
    if not hasattr(ranking, "_previous_lines"):
        last = Ranking.objects.filter(year=ranking.year - 1, state=RankingState.CONFIRMED).first()
        ranking._previous_lines = [line for line in last.lines if line.asked] if last else []  # type: ignore[attr-defined]
    found: list[RankingLine] = ranking._previous_lines  # type: ignore[attr-defined]
    return found


def _row(line: RankingLine, ranking: Ranking, before: RankingLine | None) -> dict[str, Any]:
    assert line.rate is not None
    decided = line.is_barred is not None
    return {
        "line": line,
        "percent": percent(line.rate),
        "is_barred": line.is_barred if decided else line.is_lowest,
        "is_decided": decided,
        "trend": _trend(line, before),
        "behind_resolved": behind("resolved", ranking.year, line.unit.code),
        "behind_asked": behind("closed_in_scope", ranking.year, line.unit.code),
    }


def _trend(line: RankingLine, before: RankingLine | None) -> dict[str, Any] | None:
    if before is None or before.rate is None or line.rate is None:
        return None
    moved = (line.rate > before.rate) - (line.rate < before.rate)
    sign, word = {1: ("↑", _("上升")), 0: ("→", _("持平")), -1: ("↓", _("下降"))}[moved]
    return {"sign": sign, "word": word, "place": before.place, "percent": percent(before.rate)}


def behind(measure: str, year: int, unit: str) -> str:
    """The page of the rounds behind a number; empty if there is no such page."""
    try:
        place = reverse("figures_behind", args=[measure])
    except NoReverseMatch:
        return ""
    return f"{place}?{urlencode({'from': f'{year}-01-01', 'to': f'{year}-12-31', 'unit': unit})}"


# Downloaded, and checked


@require_safe
def table(request: Request, number: str) -> HttpResponse:
    """The table as a workbook; logged in the access log."""
    ranking = PAGE.find(request, number)
    response = HttpResponse(book_of(ranking, request.user, request.at), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{number}.xlsx"'
    access_log.note(request, "export_ranking", matter_id=ranking.pk)
    return response


@require_safe
def check(request: Request, number: str) -> HttpResponse:
    """Recomputed from its inputs, and compared with the present record round by round. It names rounds of every unit,
    so it is only for those who read them all.
    """
    if not reads_drafts(request.actor):
        raise Http404
    ranking = PAGE.find(request, number)
    changed = changed_rounds(ranking)
    begins = _place(changed, request.GET.get("from", ""))
    shown = changed[begins : begins + PAGE_SIZE]
    now = preview_of(ranking.year, is_split=ranking.is_split)
    context = {
        "ranking": ranking, "result": recompute(ranking), "number": len(changed),
        "before": changed[max(0, begins - PAGE_SIZE)] if begins else None,
        "after": changed[begins + PAGE_SIZE] if len(changed) > begins + PAGE_SIZE else None,
        "differences": differences(ranking, shown), "moved": _moved(ranking, now),
    }  # fmt: skip
    return render(request, "assessment/rankings/ranking_check.html", context)


def _place(changed: list[int], asked: str) -> int:
    """Where the page begins: at the round asked for, or the next after it."""
    is_key = len(asked) < 20 and asked.isascii() and asked.isdigit()
    return bisect_left(changed, int(asked)) if is_key else 0


def _moved(ranking: Ranking, now: Ranking) -> list[dict[str, Any]]:
    """The units whose numbers are no longer those of the ranking."""
    present = {line.unit_id: line for line in now.lines}
    pairs = [(line, present.get(line.unit_id)) for line in ranking.lines]
    return [
        {"then": line, "now": other, "percent_then": _share(line), "percent_now": _share(other)}
        for line, other in pairs
        if other is None or (line.resolved, line.asked, line.place) != (other.resolved, other.asked, other.place)
    ]


def _share(line: RankingLine | None) -> str:
    return percent(line.rate) if line is not None and line.rate is not None else "—"


class RankingPage(MatterPage):
    """One ranking with its table and what may be done to it."""

    model = Ranking
    place, place_of_verbs = "ranking_numbered", "ranking_act"
    template, verb_template = "assessment/rankings/ranking.html", "assessment/rankings/ranking_act.html"

    def frame(self, request: Request, known: Ranking) -> dict[str, Any]:
        until = known.matter.alarm_at if known.matter_id else None
        return {"ranking": known, "lists": lists_of(known), "until": until} | self.holder(known)

    def body(self, request: Request, known: Ranking) -> dict[str, Any]:
        """A preview saves nothing, so the only act on it is to draft the ranking."""
        is_preview, actor = known.matter_id is None, request.actor
        return {
            "is_preview": is_preview,
            "has_trend": bool(_previous(known)),
            "forms": [] if is_preview else self.forms(request, known, self.offered(request, known)),
            "reads_rounds": reads_drafts(actor),
            "may_draft": is_preview and draft_ranking(known, actor) and known.year < day_of(request.at).year,
            **told_of(known, request),
        }

    def initial(self, request: Request, known: Ranking, entry: Verb) -> dict[str, Any]:
        if entry.name != "confirm_barred":
            return {}
        return {"barred": [line.unit.code for line in known.choices if line.is_lowest]}

    def dress(self, request: Request, known: Ranking, form: VerbForm) -> None:
        super().dress(request, known, form)
        if form.verb.name == "confirm_barred" and not known.needs_decision:
            form.fields["barred"].widget = MultipleHiddenInput()
            form.preface = _("后三名如表所列，确认后向全省公布并通知各单位。")


PAGE = RankingPage()
numbered, act = PAGE.views


@require_http_methods(READS_AND_WRITES)
def begin(request: Request) -> HttpResponse:
    """Draft a past year by hand; normally the sweep has done it."""
    if not draft_ranking(Ranking(), request.actor):
        raise PermissionDenied
    known = {"year": request.GET.get("year") or day_of(request.at).year - 1}
    data = request.POST if request.method == "POST" else None
    form = VerbForm(find(Ranking, "draft_ranking"), Ranking(), request.actor, data=data, initial=known)
    if begun := PAGE.begun(request, form, _("排名已起草，数据已封存，待市场部领导确认。")):
        return begun
    context = {"form": form, "action": reverse("begin_ranking"), "back": reverse("rankings")}
    return render(request, "assessment/rankings/ranking_begin.html", context, status=status_of(form))
