"""What the frame of every page shows: navigation by role, unread notices, alarms that concern everybody.

Worked out only where a template asks (a partial asks for nothing), with two queries whatever is in the database, and
one more for each place of which it must be looked up whether it concerns the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accountability import touring, wording
from accountability.models import Alarm, Matter, Notification
from accountability.models.records import OF_THE_RECORD
from accountability.permissions import CONTACT_ROLES, Actor, actor_of, sees_rights

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


def sees_alarms(actor: Actor) -> bool:
    """Marketing, the centre's supervisors and the auditors look after what waits too long."""
    return actor.is_marketing or actor.is_csc_supervisor or actor.is_auditor


def opens_alarms(actor: Actor) -> bool:
    """They, and the heads of units: those of their own."""
    return sees_alarms(actor) or bool(actor.heads)


def sees_cases(actor: Actor) -> bool:
    """Who may have cases to look at: the centre's agents, marketing, auditors, and contacts and heads of units."""
    return actor.is_agent or keeps_the_books(actor) or answers_for_a_unit(actor)


def keeps_the_books(actor: Actor) -> bool:
    """Marketing and the auditors may enter the administration; there is no superuser."""
    return actor.is_marketing or actor.is_auditor


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


def answers_for_a_unit(actor: Actor) -> bool:
    """Contacts, deputies, heads, and who stands in for them."""
    return bool(actor.heads or actor.stands_in_for or actor.roles & CONTACT_ROLES)


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
    """A year without a calendar concerns everybody, a mass warning the whole centre as well as those who look after
    matters that wait too long.
    """
    actor = actor_of(request)
    if actor is None:
        return []
    # Units without a contact stand in the list of alarms and in the morning's report; a page needn't repeat them.
    opened = Alarm.objects.visible_to(actor).filter(cleared_at=None).exclude(kind="no_contact")
    if actor.is_administrator:
        opened = opened.filter(kind__in=_alarms_of_administrators(actor))
    elif not sees_alarms(actor):
        opened = opened.filter(kind__in=["calendar", *OF_THE_RECORD, *(["mass"] if actor.is_agent else [])])
    # Leads are counted apart, and all others sort before "waiting": no flood hides a mass warning.
    rows = list(opened.exclude(kind="lead").order_by("kind", "pk").values_list("kind", "facts")[:MOST])
    leads = opened.filter(kind="lead").order_by()[:MOST].count() if sees_alarms(actor) else 0
    told = [_no_calendar(facts["year"], actor) for kind, facts in rows if kind == "calendar"]
    of_the_system = ("channel", "papers", "exports", "unmasking", *OF_THE_RECORD)
    told += [_no_service(kind, facts, actor) for kind, facts in rows if kind in of_the_system]
    events, proposed = (sum(kind == counted for kind, _facts in rows) for counted in ("mass", "criticism"))
    waiting = len(rows) - len(told) - events - proposed
    counts = [(_mass, events), (_criticism, proposed), (_leads, leads), (_waiting, waiting)]
    return told + [say(count) for say, count in counts if count]


def _alarms_of_administrators(actor: Actor) -> list[str]:
    """What has stopped working is the system administrator's, who looks at too much the audit administrator's."""
    of_the_system = ["calendar", "channel", "papers"] if actor.is_system_admin else []
    return of_the_system + (["unmasking", *OF_THE_RECORD] if actor.is_audit_admin else [])


def _no_calendar(year: int, actor: Actor) -> dict[str, Any]:
    text = _("%(year)s 年工作日历尚未公布，按工作日计算的时限暂无到期时刻，系统不作推测。") % {"year": year}
    link = _("去公布") if actor.is_marketing else _("查看")
    return {"text": text, "url": reverse("calendar_year", args=[year]), "link": link, "tone": "danger"}


def _no_service(kind: str, facts: dict[str, Any], actor: Actor) -> dict[str, Any]:
    text = wording.ALARMS[kind](facts)
    office = "home" if actor.is_administrator else "alarms"
    where = "record" if kind in OF_THE_RECORD else office
    return {"text": text, "url": reverse(where), "link": _("查看"), "tone": "danger"}


def _number(count: int) -> str:
    return f"{count}+" if count >= MOST else str(count)


def _mass(count: int) -> dict[str, Any]:
    text = ngettext("%(count)s 起疑似大面积投诉待确认。", "%(count)s 起疑似大面积投诉待确认。", count) % {
        "count": _number(count)
    }
    return {"text": text, "url": reverse("mass_events"), "link": _("查看"), "tone": "danger"}


def _criticism(count: int) -> dict[str, Any]:
    text = ngettext("%(count)s 项书面批评待市场部决定。", "%(count)s 项书面批评待市场部决定。", count) % {
        "count": _number(count)
    }
    return {"text": text, "url": reverse("alarms"), "link": _("查看"), "tone": "warn"}


def _leads(count: int) -> dict[str, Any]:
    text = _("%(count)s 条线索久未处置（R38）。") % {"count": _number(count)}
    return {"text": text, "url": reverse("leads"), "link": _("查看"), "tone": "warn"}


def _waiting(count: int) -> dict[str, Any]:
    text = _("%(count)s 件投诉等待过久。") % {"count": _number(count)}
    return {"text": text, "url": reverse("alarms"), "link": _("查看"), "tone": "warn"}
