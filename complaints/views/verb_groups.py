"""What a person may do to a complaint now: the normal flow on the page, everything else one click away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.verbs import Verb, available
from accountability.permissions import Actor
from complaints.models import Complaint, Stage

DECIDES = "dispatch"
"""The verb that is open when the customer isn't satisfied and the centre must decide."""

TALKS = "talks"
"""The group of verbs that the page offers at the record of what was done, not among the others."""

GROUPS: dict[str, Any] = {
    TALKS: _("沟通与备注"),
    "coordination": _("跨部门协调"),
    "review": _("送审"),
    "outside": _("外部转办"),
    "material": _("回复所需材料"),
    "time": _("处理时限"),
    "people": _("人员变动"),
    "unreachable": _("联系不上客户"),
    "corrections": _("更正与提前结束"),
    "excuses": _("免责"),
    "leads": _("违规线索"),
}
"""The groups of verbs outside the normal flow, by occasion; each verb names its group."""

NEXT_AT_THE_TABLE = {Stage.CONVENED: "record_tasks", Stage.CONFIRMED: "conclude_coordination"}
"""The convener's next step, by the stage of the coordination."""


@dataclass(frozen=True)
class Aside:
    """A group of verbs that may be run now."""

    label: Any
    verbs: list[Verb]


def awaited_of(complaint: Complaint) -> str:
    """The verb that must be run next."""
    return complaint.awaits if complaint.awaits != "decide" else DECIDES


def doable(complaint: Complaint, actor: Actor) -> list[Verb]:
    """Every verb this person may run now, the awaited one first, those that end something last."""
    found = [entry for entry in available(complaint, actor) if not entry.creates]
    return sorted(found, key=lambda entry: (not is_awaited(entry, complaint), entry.grave))


def is_awaited(entry: Verb, complaint: Complaint) -> bool:
    """Whether the complaint awaits it, or it waits for this person regardless of what the complaint awaits."""
    return entry.waits_for_one or entry.name == awaited_of(complaint)


def is_straight(entry: Verb, complaint: Complaint) -> bool:
    """Whether it belongs to the normal flow, or the complaint awaits just it: the answer to a body outside does so once
    everything else is over.
    """
    return not entry.group or entry.name == awaited_of(complaint)


def steps_at_the_table(verbs: Iterable[Verb], stage: Stage) -> list[Verb]:
    """The next step of the newest coordination, if this person may take it. It is shown at the coordination itself."""
    return [entry for entry in verbs if entry.name == NEXT_AT_THE_TABLE.get(stage)]


def asides(verbs: Iterable[Verb], complaint: Complaint) -> list[Aside]:
    """The verbs outside the normal flow by group, without empty groups."""
    verbs = [entry for entry in verbs if not is_straight(entry, complaint)]
    groups = [
        Aside(label, [entry for entry in verbs if entry.group == name])
        for name, label in GROUPS.items()
        if name != TALKS
    ]
    return [group for group in groups if group.verbs]
