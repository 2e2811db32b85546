"""Notices and alarms in words, in the reader's language: the rows hold a kind and references, never a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.models import Alarm, Deadline, Matter, Notification
from accountability.verbs import VERBS

Facts = Mapping[str, Any]
Words = str | Promise

DECIDE = gettext_lazy("决定再次派单或归档")
"""After 不满意 the centre decides between two verbs; the decision itself is none."""


def verb_label(name: str, kind: str = Matter.Kind.COMPLAINT) -> Words:
    """The verb as its button says it; an unknown word as it stands (a verb of an older version)."""
    if name == "decide":
        return DECIDE
    entry = VERBS.get((kind, name))
    return entry.label if entry else name


def deadline_label(kind: str) -> Words:
    return Deadline.Kind(kind).label if kind in Deadline.Kind.values else kind


def _limit(facts: Facts) -> dict[str, Words]:
    """The limit a notice is about: which, and of which round where it belongs to one."""
    part = facts.get("part")
    return {
        "limit": deadline_label(facts.get("kind", "")),
        "round": _("（第 %(part)s 轮）") % {"part": part} if part else "",
        "percent": str(facts.get("percent", "")),
    }


def _to_do(facts: Facts) -> str:
    return _("轮到您办理：%(verb)s。") % {"verb": verb_label(facts.get("verb", ""))}


def _missed(facts: Facts) -> str:
    return _("“%(limit)s”时限已超%(round)s。") % _limit(facts)


def _warned(facts: Facts) -> str:
    return _("“%(limit)s”时限已用去 %(percent)s%%%(round)s。") % _limit(facts)


def _waiting(facts: Facts) -> str:
    verb = facts.get("verb") or facts.get("awaits", "")
    return _("等待过久，仍待办理：%(verb)s。") % {"verb": verb_label(verb)}


def _calendar_missing(facts: Facts) -> str:
    return _("%(year)s 年工作日历尚未公布，请市场部公布。") % {"year": facts.get("year", "")}


def _return_ruled(facts: Facts) -> str:
    return _("退回申请已获同意。") if facts.get("accepted") else _("退回申请未获同意，由本单位继续处理。")


def _always(sentence: Words) -> Callable[[Facts], str]:
    return lambda facts: str(sentence)


NOTICES: dict[str, Callable[[Facts], str]] = {
    "to_do": _to_do,
    "missed": _missed,
    "warned": _warned,
    "waiting": _waiting,
    "alarm": _waiting,
    "calendar_missing": _calendar_missing,
    "return_ruled": _return_ruled,
    "coordinate": _always(gettext_lazy("需市场部协调（重大，或紧急且跨省、他网）。")),
    "no_contact": _always(gettext_lazy("本单位没有接口人，由负责人接收并交办（R17）。")),
    "joint": _always(gettext_lazy("您是本轮首问责任人的分管领导，承担连带责任。")),
    "archived": _always(gettext_lazy("您转交的投诉已归档。")),
    "chased": _always(gettext_lazy("客服中心催办。")),
}
"""What each kind of notice says. A test holds it against the kinds that the actions write."""

ALARMS: dict[str, Callable[[Facts], str]] = {"waiting": _waiting, "calendar": _calendar_missing}

GRAVE = frozenset({"missed", "waiting", "alarm", "calendar_missing"})
URGENT = frozenset({"warned", "chased", "coordinate", "no_contact"})


def notice(row: Notification) -> str:
    """The sentence of a notice."""
    return NOTICES[row.kind](row.facts) if row.kind in NOTICES else row.kind


def alarm(row: Alarm) -> str:
    """The sentence of an alarm."""
    return ALARMS[row.kind](row.facts) if row.kind in ALARMS else row.kind


def tone(kind: str) -> str:
    """How a notice is coloured."""
    return "danger" if kind in GRAVE else "warn" if kind in URGENT else "info"


def link(matter: Matter | None, facts: Facts) -> str:
    """Where the reader goes from here: the complaint, or the year without a calendar."""
    if matter is not None and matter.number and matter.kind == Matter.Kind.COMPLAINT:
        return reverse("complaint", args=[matter.number])
    return reverse("calendar_year", args=[facts["year"]]) if "year" in facts else ""
