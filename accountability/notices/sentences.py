"""Makes the sentences of notices and alarms in the reader's language; the rows only have a kind and references."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.limits import show_instant
from accountability.declarations.limits import deadline_label
from accountability.declarations.notices import ALARMS, NOTICES, AlarmKind, Notice
from accountability.declarations.registry import Facts, Words
from accountability.gate.subjects import SUBJECTS
from accountability.gate.verbs import VERBS
from accountability.models import Alarm, Matter, Notification, channel_label
from accountability.permissions import Role

BY_ITSELF: dict[str, Words] = {
    "miss": gettext_lazy("超时"),
    "deidentify": gettext_lazy("去标识"),
    "close_sign_in": gettext_lazy("停用久未使用的登录"),
    "close_left_sign_in": gettext_lazy("停用已离职者的登录"),
    "issue_activation_codes": gettext_lazy("签发激活码"),
    "pass_on": gettext_lazy("移交待办"),
}
"""What the system does without a verb."""


def verb_label(name: str, kind: str = "") -> Words:
    """The label of a verb, or of something awaited or done by the system that isn't a verb; an unknown name (a verb of
    an older version) is returned unchanged.
    """
    for of_kind in (kind, *SUBJECTS) if kind else SUBJECTS:
        if entry := VERBS.get((of_kind, name)):
            return entry.label
        if of_kind in SUBJECTS and name in SUBJECTS[of_kind].other_labels:
            return SUBJECTS[of_kind].other_labels[name]
    return BY_ITSELF.get(name, name)


Look = tuple[Words, str, str]
"""Title (empty: the verb's label), icon and tone of an entry in a timeline."""

PLAIN: Look = ("", "dot", "brand")


def timeline_entry(entry: Any, kind: str, look: Look, text: str, *, by_itself: bool) -> dict[str, Any]:
    """A ledger entry as `includes/timeline.html` needs it. `by_itself`: the system did it, not a person."""
    title, icon, tone = look
    return {
        "at": entry.at, "icon": icon, "tone": tone, "late": entry.verb == "miss",
        "title": title or verb_label(entry.verb, kind),
        "actor": _("系统") if by_itself else entry.actor, "unit": None if by_itself else entry.actor.unit,
        "text": text,
    }  # fmt: skip


CLEARED = gettext_lazy("去标识")
"""The title of an entry that retention wrote; it isn't a verb, so it has no other label."""


def cleared(facts: Facts) -> str:
    """How much of a matter was erased, and for which request, if there was one."""
    told = {name: facts.get(name, 0) for name in ("texts", "papers", "files")}
    words = _("清除文字 %(texts)s 段、公文 %(papers)s 份、附件 %(files)s 个") % told
    return f"{words}（{facts['request']}）" if facts.get("request") else words


class Filling:
    """The values for the `%(…)s` of a sentence: the facts, and labels for what they refer to."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __getitem__(self, name: str) -> Any:
        return FILLINGS[name](self.facts) if name in FILLINGS else self.facts.get(name, "")


def _round(facts: Facts) -> str:
    part = facts.get("part")
    return _("（第 %(part)s 轮）") % {"part": part} if part else ""


def _channel(facts: Facts) -> Words:
    return channel_label(facts.get("channel", ""))


def _change(facts: Facts) -> Words:
    """A guarded change: what is done, and to which office."""
    done, role = verb_label(facts.get("change", "")), facts.get("role", "")
    return _("%(done)s（%(role)s）") % {"done": done, "role": Role(role).label} if role in Role.values else done


WORKS: dict[str, Words] = {
    "sweep": gettext_lazy("时限判定"),
    "release": gettext_lazy("停摆时段的裁定"),
    "notice": gettext_lazy("通知发送"),
    "paper": gettext_lazy("公文生成"),
    "export": gettext_lazy("导出文件生成"),
}
"""The kinds of work that `gate.isolation` names; every other one is a reminder or a watch of the sweep."""


def _work(facts: Facts) -> Words:
    return WORKS.get(facts.get("work", ""), _("提醒与巡查"))


def _instant(facts: Facts, name: str) -> str:
    return show_instant(datetime.fromisoformat(facts[name])) if name in facts else ""


FILLINGS: dict[str, Callable[[Facts], Words]] = {
    "limit": lambda facts: deadline_label(facts.get("kind", "")),
    "round": _round,
    "verb": lambda facts: verb_label(facts.get("verb") or facts.get("awaits", "")),
    "channel": _channel,
    "work": _work,
    "change": _change,
    "since": lambda facts: _instant(facts, "since"),
    "until": lambda facts: _instant(facts, "until"),
}


def sentence_of(declared: Notice | AlarmKind, facts: Facts) -> str:
    said = declared.sentence
    return str(said(facts)) if callable(said) else str(said) % Filling(facts)


def notice(row: Notification) -> str:
    """The sentence of a notice; the kind's name if no app declares the kind any more."""
    return sentence_of(NOTICES[row.kind], row.facts) if row.kind in NOTICES else row.kind


def alarm(row: Alarm) -> str:
    """The sentence of an alarm."""
    return sentence_of(ALARMS[row.kind], row.facts) if row.kind in ALARMS else row.kind


def tone(kind: str) -> str:
    """The tone (colour) of a notice."""
    return NOTICES[kind].tone if kind in NOTICES else "info"


def is_always_sent(kind: str) -> bool:
    """Whether the notice goes by e-mail and text message whatever the recipient chose."""
    return kind in NOTICES and NOTICES[kind].always_sent


def page_of(matter: Matter | None) -> str:
    """The URL of a matter's page; empty if it has none."""
    page = SUBJECTS[matter.kind].page if matter is not None and matter.number else ""
    return reverse(page, args=[matter.number]) if matter is not None and page else ""


def link(row: Notification | Alarm) -> str:
    """The URL that a notice or alarm links to: the page of its matter, otherwise that of its kind."""
    declared: Notice | AlarmKind | None = (ALARMS if isinstance(row, Alarm) else NOTICES).get(row.kind)
    return page_of(row.matter) or (declared.leads_to(row.facts) if declared else "")
