"""The places for leads, cases, plans, bulletins, rankings, exports and figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accountability.administration.record_words import PAGES
from accountability.declarations.places import PLACES, Place, everybody, nobody
from accountability.permissions import Actor, keeps_the_books, may_look_beyond
from assessment.figures.counting import reads_figures
from assessment.models import Plan
from assessment.permissions import reads_leads, sees_cases


def _follows_plans(actor: Actor) -> bool:
    return keeps_the_books(actor) or bool(actor.answers_for)


def _own_plans(actor: Actor, _at: datetime) -> list[QuerySet[Any]]:
    return [Plan.objects.filter(owner_id=actor.pk).order_by().values("pk")]


PLACES.add(
    Place("dashboard", _("看板"), 20, reads_figures),
    Place(
        "cases", pgettext_lazy("nav", "案件"), 60, sees_cases,
        parts=("case", "case_act", "case_deadline", "open_fault"),
    ),
    Place("leads", _("线索"), 80, reads_leads),
    Place("sheets", _("互动单"), 90, reads_leads, parts=("sheet", "issue_sheet")),
    Place("circulars", _("通报"), 110, aside=everybody, parts=("circular",)),
    Place(
        "bulletins", _("通报与排名"), 120, aside=everybody,
        parts=(
            "bulletin", "bulletin_act", "rankings", "ranking", "ranking_numbered", "ranking_check", "ranking_act",
            "begin_ranking",
        ),
    ),
    Place(
        "exports", _("数据导出"), 130, may_look_beyond, everybody, parts=("export", "export_act", "begin_export"),
    ),
    Place("plans", _("整改"), 140, _follows_plans, parts=("plan", "plan_act", "begin_plan"), found=_own_plans),
    Place("own_penalties", _("本人受到的处理"), for_whom=nobody, within="privacy_policy"),
)  # fmt: skip

PAGES.update({
    "dashboard_table": _("看板"),
    "count_export": _("导出"),
    "list_file": _("列表文件"),
    "figures_behind": _("指标明细"),
    "ranking_table": _("年度排名"),
})  # fmt: skip
