"""What the centre does beside the flow: escalate (R12) and chase (R13)."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accountability.acts import Act, refuse_unless
from accountability.facts import Text, Whole, Word
from accountability.models import LedgerEntry
from accountability.verbs import verb
from complaints.actions.intake import coordinate, raise_priority
from complaints.models import Complaint

CHASE_COOLDOWN = timedelta(minutes=10)


@verb(
    Complaint, _("标记升级"),
    Word(name="source", label=_("升级来源"), max_length=60),
    Text(name="reason", label=_("说明"), rows=2),
    rule="R12",
)  # fmt: skip
def escalate(act: Act, *, source: str, reason: str) -> None:
    """It comes back from higher up: urgent at least from now on, first in every list; running limits stay (R12)."""
    act.subject.escalate()
    act.subject.escalated = True
    raise_priority(act.subject)
    coordinate(act)


@verb(
    Complaint, _("催办"),
    Whole(name="round", label=_("派单轮次"), least=1, most=999),
    Text(name="message", label=_("催办内容"), rows=2),
    rule="R13",
)  # fmt: skip
def chase(act: Act, *, round: int, message: str) -> None:
    """A stamped reminder to the unit, seen by handler and leader; not again within ten minutes (R13)."""
    current = act.subject.round
    refuse_unless(current is not None and current.number == round, _("只能催办进行中的轮次。"), "round")
    last = LedgerEntry.objects.filter(matter=act.matter, verb="chase", part=round).order_by("-seq").first()
    refuse_unless(last is None or act.at - last.at >= CHASE_COOLDOWN, _("距上次催办不足 10 分钟。"))
    act.subject.chase()
    for person_id in {current.contact_id, current.handler_id, current.leader_id, current.reported_to_id}:
        act.tell(person_id, "chased", part=round)
