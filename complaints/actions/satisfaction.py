"""Correct a mistaken 满意 or 不满意 while nothing has followed from it (R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Text, YesNo
from accountability.gate.verbs import verb
from accountability.models import LedgerEntry
from accountability.permissions import Actor
from complaints import permissions
from complaints.actions.ending import archive
from complaints.actions.replies import judged_round
from complaints.models import Complaint, Dissatisfaction, Ending, Round
from complaints.models.states import TELL_SATISFACTION

TO_PUT_RIGHT = timedelta(hours=24)
"""How long after the record a mistake can be corrected, the last instant included."""

FOLLOWED: list[Callable[[Round], Any]] = []
"""What other apps have done with a round's answer: each returns the message that says so, or nothing."""


def _recorded(complaint: Complaint) -> LedgerEntry | None:
    """The record of what the customer said; None for imported history."""
    said = LedgerEntry.objects.filter(matter_id=complaint.pk, verb__in=TELL_SATISFACTION)
    return said.order_by("-seq").first()


def _in_time(complaint: Complaint, actor: Actor) -> bool:
    recorded = _recorded(complaint)
    return recorded is not None and actor.at - recorded.at <= TO_PUT_RIGHT


def becomes_unsatisfied(complaint: Complaint) -> bool:
    return complaint.satisfied is True


@verb(
    Complaint, _("更正满意度"),
    YesNo(name="satisfied", label=_("客户实际"), yes=_("满意"), no=_("不满意")),
    Choice(
        name="kind", label=_("不满意原因"), choices=tuple(Dissatisfaction.choices), required=becomes_unsatisfied,
        help=_("更正为不满意时必选。"),
    ),
    Text(name="reason", label=_("更正理由"), rows=2, help=_("错在哪里；更正为不满意的，写明客户怎么说的。")),
    rule="R37", offered=_in_time,
    permission=permissions.correct_satisfaction,
    icon="edit", tone="warn", timeline="changes", group="corrections",
)  # fmt: skip
def correct_satisfaction(act: Act, *, satisfied: bool, reason: str, kind: str = "") -> None:
    """Record what the customer really said, within 24 hours of the record and before anything followed from it. If 满意
    was 不满意, the complaint returns to be decided; if 不满意 was 满意, it is archived (R7). The first record stays in
    the ledger.
    """
    complaint: Complaint = act.subject
    refuse_unless(satisfied is not complaint.satisfied, _("与现有记录相同，没有需要更正的内容。"), "satisfied")
    refuse_unless(not (satisfied and kind), _("客户满意时不填不满意原因。"), "kind")
    recorded = _recorded(complaint)
    refuse_unless(recorded and act.at - recorded.at <= TO_PUT_RIGHT, _("满意度记录已超过 24 小时，不能更正。"))
    assert recorded is not None
    _refuse_what_followed(complaint, since=recorded.at)
    complaint.correct_satisfaction()
    act.note(before={"satisfied": not satisfied})
    complaint.satisfied = complaint.resolved = satisfied
    judged = judged_round(complaint)
    if judged is not None:
        judged.satisfied, judged.dissatisfied_by = satisfied, kind
        for person_id in (judged.works_on_it, judged.leader_id, judged.contact_id):
            act.tell(person_id, "satisfaction_corrected", part=judged.number)
    if satisfied:
        archive(act, Ending.SATISFIED)
    else:
        _open_again(act)


def _refuse_what_followed(complaint: Complaint, *, since: datetime) -> None:
    """Refuse if a repeat was registered since the record, or a ranking or bulletin counts this answer."""
    repeated = complaint.repeats.filter(registered_at__gte=since).exists()
    refuse_unless(not repeated, _("该客户此后已有重复投诉登记，满意度不能更正。"))
    judged = judged_round(complaint)
    for sentence in [followed(judged) for followed in FOLLOWED] if judged is not None else ():
        refuse_unless(not sentence, sentence)


def _open_again(act: Act) -> None:
    """Take it out of the archive: the centre decides whether to dispatch again, and the forwarder is told."""
    complaint: Complaint = act.subject
    complaint.ended_as, complaint.archived_at = "", None
    act.tell(complaint.forwarded_by_id, "opened_again")
