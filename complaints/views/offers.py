"""What a person may do to a complaint now: the straight way in the page, everything beside it one click away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.permissions import Actor
from accountability.verbs import Verb, available
from complaints.models import Complaint, Stage

GRAVE = frozenset(
    {"archive_unsatisfied", "archive_unreachable", "mark_duplicate", "recall", "withdraw", "call_off_coordination"}
)
"""Verbs that end something."""

DECIDES = "dispatch"
"""The verb that opens where the customer isn't satisfied and the centre must decide."""

WAIT_FOR_ONE = ("confirm_task", "finish_task", "confirm_told", "decide_criticism", "give_material")
"""What waits for this very person beside what the complaint awaits: a unit's share at the table, a telephone call,
material for the reply.
"""

ASIDES: tuple[tuple[Any, frozenset[str]], ...] = (
    (
        _("跨部门协调"),
        frozenset({
            "convene", "record_tasks", "conclude_coordination", "call_off_coordination",
        }),
    ),
    (_("送审"), frozenset({"submit_for_review", "withdraw_review"})),
    (_("回复所需材料"), frozenset({"ask_material"})),
    (_("处理时限"), frozenset({"request_extension", "extend", "decline_extension"})),
    (_("人员变动"), frozenset({"reassign", "reassign_report", "reassign_reply", "record_told"})),
    (_("联系不上客户"), frozenset({"record_attempt", "archive_unreachable"})),
    (_("更正与提前结束"), frozenset({
            "correct", "set_flags", "correct_satisfaction", "recall", "mark_duplicate", "withdraw",
        })),
    (_("免责"), frozenset({"propose_excuse", "confirm_excuse", "reject_excuse"})),
    (_("违规线索"), frozenset({"set_aside_lead", "restore_lead"})),
)  # fmt: skip
"""Verbs beside the straight way, in groups by occasion."""

NEXT_AT_THE_TABLE = {Stage.CONVENED: "record_tasks", Stage.CONFIRMED: "conclude_coordination"}
"""What the convener owes next, by how far the coordination has come."""

BESIDE = frozenset(name for _label, names in ASIDES for name in names)


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
    first = (awaited_of(complaint), *WAIT_FOR_ONE)
    found = [entry for entry in available(complaint, actor) if not entry.creates]
    return sorted(found, key=lambda entry: (entry.name not in first, entry.name in GRAVE))


def steps_at_the_table(verbs: Iterable[Verb], stage: Stage) -> list[Verb]:
    """The next step of the newest coordination, for whoever may take it: it stands at the coordination itself."""
    return [entry for entry in verbs if entry.name == NEXT_AT_THE_TABLE.get(stage)]


def asides(verbs: Iterable[Verb]) -> list[Aside]:
    """Those beside the straight way, group by group; no empty ones."""
    groups = [Aside(label, [entry for entry in verbs if entry.name in names]) for label, names in ASIDES]
    return [group for group in groups if group.verbs]
