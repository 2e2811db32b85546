"""What every end of a round, and every end of a complaint, has in common."""

from __future__ import annotations

from accountability.gate.act import Act
from complaints.actions.material import lapse_material
from complaints.actions.notify import issue_notice, tell_invited
from complaints.conversation.call_backs import lapse_call_back, pass_call_back
from complaints.declarations.limits import Kind
from complaints.models import LEFT_OUT, OF_THE_INVITED, Complaint, Cooperation, Ending, Round
from complaints.models.states import State


def end_round(act: Act, current: Round) -> None:
    """The round is over. Its notice is issued again with the slip filled in (R18). Its coordination ends too: what an
    invited unit owed and isn't due yet is voided (R30). A call that its handler promised to the customer passes to
    the agent.
    """
    current.ended_at = act.at
    if act.subject.state != State.ARCHIVED:
        pass_call_back(act, current.works_on_it, act.subject.agent_id)
    issue_notice(act, current)
    if not current.coordinated:
        return
    for deadline in act.deadlines:
        if deadline.kind in OF_THE_INVITED and deadline.part == current.number:
            act.void(deadline.kind, part=current.number, party=deadline.party)
    parts = [part for part in act.subject.parts if part.coordination.round_id == current.pk]
    _leave_table(act, [part for part in parts if part.coordination.finished_at is None])


def _leave_table(act: Act, parts: list[Cooperation]) -> None:
    """Tell each invited unit whose part is still open that the round has ended. Each is told once: a table that wasn't
    concluded is finished here, and a round ends only once.
    """
    for part in parts:
        table = part.coordination
        if table.concluded_at is None:
            act.changes.watch(table)
            table.finished_at = act.at
            tell_invited(act, part, "coordination_lapsed")
        elif part.finished_at is None:
            tell_invited(act, part, "coordination_lapsed", concluded=True)


def cancel_round(act: Act) -> None:
    """End the running round without a result. Its limits are voided; what was missed stays missed."""
    current = act.subject.round
    if current is None:
        return
    for kind in (Kind.HANDOFF, Kind.HANDLING, Kind.RULING):
        act.void(kind, part=current.number)
    current.cancel()
    end_round(act, current)


def archive(act: Act, ending: Ending) -> None:
    """End the complaint. After a withdrawal, a duplicate or an unreachable customer, no reply is owed any more."""
    complaint: Complaint = act.subject
    lapse_material(act)
    lapse_call_back(act)
    complaint.ended_as = ending
    complaint.archived_at = act.at
    for kind in (Kind.FIRST_REPLY, Kind.LEGAL, Kind.CONTACT_ON_SITE, Kind.NETWORK_SOLUTION):
        if ending in LEFT_OUT:
            act.void(kind)
    act.tell(complaint.forwarded_by_id, "archived")
