"""What the frame of every page shows: navigation by role, unread notices, alarms that concern everybody.

Worked out only where a template asks (a partial asks for nothing), with two queries whatever is in the database, and
one more for each place of which it must be looked up whether it concerns the reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accountability import touring, wording
from accountability.declarations.notices import ALARMS, Count
from accountability.models import Alarm, Matter, Notification
from accountability.permissions import Actor, answers_for_a_unit, keeps_the_books, opens_alarms, sees_rights

MOST = 100
"""Numbers at the bell and the alarms are counted up to here: more than anybody works through, and cheap to count."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `unread_count`, `alarms`; the step of the tour that this page shows, and its offer."""
    return {
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "unread_count": SimpleLazyObject(lambda: _unread(request)),
        "alarms": SimpleLazyObject(lambda: _alarms(request)),
        "tour": SimpleLazyObject(lambda: touring.under_way(request, actor_of(request))),
        "tour_offered": SimpleLazyObject(lambda: touring.is_offered(actor_of(request))),
    }


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in person; None for a stranger and where a request failed before the middleware."""
    actor = getattr(request, "actor", None)
    return actor if actor else None


def sees_cases(actor: Actor) -> bool:
    """Who may have cases to look at: the centre's agents, marketing, auditors, and contacts and heads of units."""
    return actor.is_agent or keeps_the_books(actor) or answers_for_a_unit(actor)


def assesses(actor: Actor) -> bool:
    """Leads and sheets are for who issues them, who judges them and who audits both (R38, R40)."""
    return actor.is_agent or actor.is_marketing or actor.is_auditor


def exports(actor: Actor) -> bool:
    """Whoever may look beyond their own work, and decides on others' exports."""
    return actor.is_csc_supervisor or actor.heads_centre or keeps_the_books(actor)


def sees_figures(actor: Actor) -> bool:
    """The numbers of all units, or of those one answers for."""
    return actor.reads_every_complaint or answers_for_a_unit(actor)


CONCERNED: dict[str, Callable[[Actor], bool]] = {}
"""Whom a place concerns besides those whose office it is, by its name; set in `ready()` by the app that knows."""


def _concerns(actor: Actor, name: str) -> bool:
    looked_up = CONCERNED.get(name)
    return looked_up is not None and looked_up(actor)


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of(request)
    if actor is None:
        return []
    here, aside = _here(request), ASIDE | {"forward"} if keeps_the_books(actor) else ASIDE
    aside -= {"access_log"} if actor.is_audit_admin else set()
    return [
        {"label": label, "url": reverse(name), "current": name == here, "aside": name in aside}
        for name, label, is_theirs in (_places_of_administrators if actor.is_administrator else _places)(actor)
        if is_theirs
    ]


Place = tuple[str, Any, bool]
"""The name of an address, what it is called, and whether it is this person's."""


def _places_of_administrators(actor: Actor) -> list[Place]:
    return [
        ("operations", _("系统运行"), actor.is_system_admin),
        ("accounts", _("账号与角色"), actor.is_security_admin),
        ("access_log", _("访问日志"), actor.is_audit_admin),
        ("record", _("记录核验"), actor.oversees_record),
        ("sign_in_policy", _("登录策略"), actor.is_audit_admin),
        ("units", _("单位与接口人"), True),
        ("calendar", _("工作日历"), True),
        ("limits", _("时限"), True),
        ("rules", _("规则"), True),
    ]


def _places(actor: Actor) -> list[Place]:
    return [
        ("home", _("工作台"), True),
        ("dashboard", _("看板"), sees_figures(actor) or _concerns(actor, "dashboard")),
        ("complaints", _("投诉"), True),
        ("register", _("登记受理"), actor.is_agent),
        ("mass_events", _("大面积投诉"), actor.reads_every_complaint),
        ("cases", pgettext("nav", "案件"), sees_cases(actor)),
        ("answer_templates", _("答复模板"), actor.is_agent),
        ("leads", _("线索"), assesses(actor)),
        ("sheets", _("互动单"), assesses(actor)),
        ("forward", _("转交投诉"), not actor.is_agent),
        ("circulars", _("通报"), True),
        ("bulletins", _("通报与排名"), True),
        ("exports", _("数据导出"), exports(actor)),
        ("plans", _("整改"), keeps_the_books(actor) or answers_for_a_unit(actor) or _concerns(actor, "plans")),
        ("units", _("单位与接口人"), True),
        ("calendar", _("工作日历"), True),
        ("limits", _("时限"), True),
        ("rules", _("规则"), True),
        ("privacy_policy", _("个人信息"), True),
        ("alarms", _("预警"), opens_alarms(actor)),
        ("record", _("记录核验"), actor.oversees_record),
        ("rights", _("客户权利请求"), sees_rights(actor)),
        ("access_log", _("访问日志"), actor.is_auditor),
        ("admin:index", _("台账"), keeps_the_books(actor)),
    ]


ASIDE = frozenset({
    "mass_events", "answer_templates", "circulars", "bulletins", "exports", "units", "calendar", "limits", "rules",
    "privacy_policy", "alarms", "record", "access_log", "rights",
})  # fmt: skip
"""What stands under 更多: looked up now and then, or told by a notice, an alarm or the desk when it matters."""

PARTS_OF = {
    "account": "accounts",
    "unit": "units",
    "unit_roster": "units",
    "import_organisation": "units",
    "confirm_import": "units",
    "calendar_year": "calendar",
    **dict.fromkeys(("confirm_reading", "rule_readings"), "rules"),
    **dict.fromkeys(("complaint", "act", "bulk", "notices", "deadline", "notice", "minutes", "urging"), "complaints"),
    "saved_views": "complaints",
    **dict.fromkeys(("mass", "mass_act"), "mass_events"),
    **dict.fromkeys(("case", "case_act", "case_deadline", "open_fault"), "cases"),
    "edit_template": "answer_templates",
    **dict.fromkeys(("rights_request", "rights_act", "begin_rights"), "rights"),
    "circular": "circulars",
    "own_penalties": "privacy_policy",
    **dict.fromkeys(("sheet", "issue_sheet"), "sheets"),
    **dict.fromkeys(("plan", "plan_act", "begin_plan"), "plans"),
    **dict.fromkeys(("bulletin", "bulletin_act"), "bulletins"),
    **dict.fromkeys(("export", "export_act", "begin_export"), "exports"),
    **dict.fromkeys(
        ("rankings", "ranking", "ranking_numbered", "ranking_check", "ranking_act", "begin_ranking"), "bulletins"
    ),
}


def _here(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    if match is None:
        return ""
    if match.namespace == "admin":
        return "admin:index"
    return PARTS_OF.get(match.url_name or "", match.view_name or "")


def _unread(request: HttpRequest) -> int:
    actor = actor_of(request)
    return unread_of(actor) if actor else 0


def told_to(actor: Actor) -> QuerySet[Notification]:
    """One's own notices; for administrators none that is about a matter of the business."""
    mine = Notification.objects.filter(recipient_id=actor.pk)
    if actor.is_administrator:
        return mine.filter(Q(matter=None) | Q(matter__kind=Matter.Kind.ORGANISATION))
    return mine


def unread_of(actor: Actor) -> int:
    return told_to(actor).filter(read_at=None).order_by()[:MOST].count()


def _alarms(request: HttpRequest) -> list[dict[str, Any]]:
    """What may not be overlooked: a line for each alarm that is of its own, then the numbers of the others.

    Those of which there may be a flood are counted apart, so that no flood hides a warning.
    """
    actor = actor_of(request)
    if actor is None:
        return []
    shown = [kind for kind in ALARMS.values() if (kind.line or kind.count) and kind.shown_to(actor)]
    opened = Alarm.objects.visible_to(actor).filter(cleared_at=None)
    few = opened.filter(kind__in=[kind.name for kind in shown if not kind.floods]).order_by("kind", "pk")
    lines, counts = [], Counter[Count]()
    for name, facts in few.values_list("kind", "facts")[:MOST]:
        kind = ALARMS[name]
        if kind.line:
            lines.append(asdict(kind.line(facts, wording.sentence_of(kind, facts), actor)))
        elif kind.count:
            counts[kind.count] += 1
    for kind in shown:
        if kind.floods and kind.count:
            counts[kind.count] += opened.filter(kind=kind.name).order_by()[:MOST].count()
    return lines + [_counted(count, counts[count]) for count in sorted(+counts, key=lambda count: count.place)]


def _counted(count: Count, number: int) -> dict[str, Any]:
    said = f"{number}+" if number >= MOST else str(number)
    return {"text": count.says(said, number), "url": reverse(count.page), "link": _("查看"), "tone": count.tone}
