"""The verbs for an absent person: their open work passes to another; what was stamped stays stamped (R3, R4)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Person, Text
from accountability.gate.verbs import verb
from accountability.models import Employee
from complaints import permissions
from complaints.actions.handover import leads_in, running_round
from complaints.actions.intake import pass_reply_on
from complaints.actions.review import lapse_review
from complaints.conversation.call_backs import pass_call_back
from complaints.fields.candidates import colleagues, leaders_to_stand_in, who_could_reply
from complaints.models import Complaint, conditions
from complaints.models.states import State

REASON = Text(name="reason", label=_("理由"), rows=2)


@verb(
    Complaint, _("改由他人处理"), Person(name="to", label=_("改由"), among=colleagues), REASON, rule="R3",
    permission=permissions.reassign, states=[State.DISPATCHED], when=[conditions.with_handler],
    icon="person", tone="warn", timeline="changes", group="people",
    in_bulk=("unit",),
)  # fmt: skip
def reassign(act: Act, *, to: Employee, reason: str) -> None:
    """Leave, illness or a leaver: another employee of the unit answers instead. First-inquiry person and leader stay
    stamped. An answer that waits for the leader's review was the former person's, so its review ends.
    """
    current = running_round(act)
    refuse_unless(to.unit_id == current.unit_id, _("应是本单位员工。"), "to")
    refuse_unless(to.pk != current.works_on_it, _("已由该员工处理。"), "to")
    before = current.works_on_it
    lapse_review(act, current)
    current.acting_handler = None if to.pk == current.handler_id else to
    pass_call_back(act, before, to.pk)
    for person_id in {before, current.handler_id, current.leader_id} - {to.pk}:
        act.tell(person_id, "reassigned", part=current.number)


@verb(
    Complaint, _("改由他人协调"), Person(name="to", label=_("改由"), among=leaders_to_stand_in), REASON, rule="R21",
    permission=permissions.reassign_report, states=[State.DISPATCHED], when=[conditions.reported],
    icon="person", tone="warn", timeline="changes", group="people",
)  # fmt: skip
def reassign_report(act: Act, *, to: Employee, reason: str) -> None:
    """The leader reported to is away: the unit's head lets another leader, or themselves, name the handler."""
    current = running_round(act)
    refuse_unless(leads_in(act, current, to), _("应是本单位员工的分管领导或本单位负责人。"), "to")
    refuse_unless(to.pk != current.coordinates_it, _("已由该领导协调。"), "to")
    before = current.coordinates_it
    current.acting_leader = None if to.pk == current.reported_to_id else to
    act.tell(before, "reassigned", part=current.number)


@verb(
    Complaint, _("改由他人回复"), Person(name="to", label=_("改由"), among=who_could_reply), REASON, rule="R34",
    permission=permissions.reassign_reply, states=[State.REGISTERED, State.HANDLING, State.DISPATCHED, State.COMPLETED],
    when=[conditions.forwarder_owes_reply],
    icon="person", tone="warn", timeline="changes", group="people",
)  # fmt: skip
def reassign_reply(act: Act, *, to: Employee, reason: str) -> None:
    """The forwarder who owes the reply has left or is away: a supervisor of the centre names another replier (S21)."""
    complaint: Complaint = act.subject
    refuse_unless(to.pk != complaint.replies_instead_id, _("已由该员工回复。"), "to")
    act.tell(complaint.replies_instead_id, "reply_reassigned")
    pass_call_back(act, complaint.replies_instead_id, to.pk)
    complaint.reply_by = None if to.pk == complaint.forwarded_by_id else to
    pass_reply_on(act)
    act.tell(to.pk, "owes_reply")
