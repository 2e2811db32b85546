"""Work delivered to an absent contact passes to another, as does a call that its person can't make; a leaver's open
work is reported to those who can reassign it, and an agent's stays with the centre (R3, R17, S12).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import F, Q

from accountability.db.sql import by_key
from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, Batch, lock
from accountability.gate.sweeper import PATIENCE, settle
from accountability.models import Appointment, Employee, Unit, contacts_by_unit
from accountability.organisation.succession import ON_AWAY, ON_LEAVER, PASSED_ON
from accountability.permissions import CENTRE_ROLES
from complaints.conversation.call_backs import pass_call_back
from complaints.declarations.limits import Kind
from complaints.dossier.timeline import A_CALL, AN_AGENT
from complaints.fields.candidates import agents_there, cannot_call
from complaints.lists.open_work import parts_in, replies_of, rounds_of
from complaints.models import Complaint, Round, RoundState

BATCH = 200
DELIVERED = Q(state=RoundState.DELIVERED)


def pass_on(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """Give delivered rounds to the present receiver of the unit: the same round, the same thirty minutes (S12, R19)."""
    waiting = Round.objects.filter(DELIVERED)
    matters = [r.complaint_id for r in waiting.filter(contact=gone)] if gone else _stuck(batch, waiting)
    acts = _acts(batch, matters, waiting=gone is not None)
    return sum(_pass_on(act, cause, gone) for act in _free(acts) if _is_judged(act, cause))


def _is_judged(act: Act, cause: Act | None) -> bool:
    """Whether a hand-off that has passed was judged, so that it stays with the contact who owed it. The act that takes
    the contact away judges it; the sweep leaves the round for its next run, as it alone knows until when it may judge.
    """
    if cause is not None and settle(act, before=act.at, moving=act.at - PATIENCE):
        act.dropped = False
    current = act.subject.round
    handoff = act.latest(Kind.HANDOFF, part=current.number) if current is not None else None
    return handoff is None or not handoff.is_running or handoff.due_at is None or handoff.due_at >= act.at


def _stuck(batch: Batch, waiting: Any) -> list[int]:
    """Complaints whose contact can't receive the round although somebody else in the unit can."""
    rounds = list(waiting.select_related("unit").order_by("pk"))
    units = {r.unit_id for r in rounds}
    there = contacts_by_unit(units, batch.at)
    stuck = []
    for r in rounds:
        receivers = [p.pk for p in there[r.unit_id]] or [r.unit.head_id]
        if r.contact_id not in receivers and receivers != [None]:
            stuck.append(r.complaint_id)
    return stuck[:BATCH]


def _acts(batch: Batch, ids: Collection[int], *, waiting: bool) -> list[Act]:
    """The acts of these complaints, each matter once a batch. Matters locked by others are skipped unless we wait."""
    known = {act.matter.pk: act for act in batch.acts if isinstance(act.subject, Complaint)}
    new = [pk for pk in dict.fromkeys(ids) if pk not in known]
    skip = not waiting and connection.features.has_select_for_update_skip_locked
    begun = batch.acts_of(Complaint, lock(new, skip_locked=skip)) if new else []
    for act in begun:
        act.dropped = True  # until something is done to it
    return [known[pk] for pk in dict.fromkeys(ids) if pk in known] + begun


def _free(acts: Iterable[Act]) -> Iterator[Act]:
    """Without held complaints: who owed a limit must not change before it is judged. The sweep passes them on then."""
    return (act for act in acts if not act.held)


def _pass_on(act: Act, cause: Act | None, gone: Employee | None) -> int:
    current = act.subject.round
    if current is None or current.state != RoundState.DELIVERED:
        return 0
    unit = act.batch.unit_by_id(current.unit_id)
    assert unit is not None
    contacts = [p for p in act.batch.contacts_of(unit) if gone is None or p.pk != gone.pk]
    to = contacts[0] if contacts else _head(unit, gone)
    if to is None or current.contact_id in {p.pk for p in contacts or [to]}:
        return 0
    _record(act, cause, current, to)
    _hand_over(act, current, to)
    if not contacts:
        act.tell(to.pk, "no_contact")
    return 1


def _head(unit: Unit, gone: Employee | None) -> Employee | None:
    head = by_key(Employee, [unit.head_id]).get(unit.head_id)
    return head if head is not None and head.is_active and (gone is None or head.pk != gone.pk) else None


def _record(act: Act, cause: Act | None, current: Round, to: Employee) -> None:
    """Write an entry in the complaint's own ledger, by the person who caused it, else by the system."""
    act.dropped = False
    act.actor = cause.actor if cause else None
    why = cause.entry.verb if cause and cause.entry else "sweep"
    person = act.actor.employee if act.actor else act.batch.system
    facts = {"from": current.contact_id, "to": to.pk, "why": why}
    act.entry = act.record(PASSED_ON, person, facts=facts, part=current.number)


def _hand_over(act: Act, current: Round, to: Employee) -> None:
    """A hand-off already missed stays with its former contact; one that is still running becomes the new contact's."""
    current.contact = to
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    if handoff is not None and handoff.is_outstanding and not handoff.missed_at:
        handoff.person_id = to.pk


def pass_calls(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """In the sweep: a call promised to a customer goes to the complaint's agent, or to another of the centre, once its
    person can't make it, however that came: they left or moved, their service ended, or they are away (R23).
    """
    if gone is not None:
        return 0
    stuck = dict(Complaint.objects.filter(cannot_call(batch.at)).values_list("pk", "call_back_by")[:BATCH])
    there = agents_there(batch.at) if stuck else []
    if not there:
        return 0
    acts = _acts(batch, stuck, waiting=False)
    return sum(_pass_call(act, stuck[act.matter.pk], there) for act in _free(acts))


def _pass_call(act: Act, before: int, there: list[int]) -> int:
    complaint: Complaint = act.subject
    if complaint.call_back_on is None or complaint.call_back_by_id != before:
        return 0  # done or moved meanwhile
    to = complaint.agent_id if complaint.agent_id in there else there[0]
    act.dropped = False
    facts = {"from": before, "to": to, "why": A_CALL}
    act.entry = act.record(PASSED_ON, act.batch.system, facts=facts, part=complaint.current_part)
    pass_call_back(act, before, to)
    return 1


def leave_to_centre(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """In the sweep: what an agent took is the centre's once their service there has ended (R26)."""
    if gone is not None:
        return 0
    of_centre = Appointment.objects.filter(role__in=CENTRE_ROLES)
    serving = of_centre.filter(pk__in=Appointment.objects.serving(batch.at).values("pk")).values("employee")
    ended = of_centre.filter(ends_on__lt=day_of(batch.at)).exclude(employee__in=serving).values("employee")
    held = Complaint.objects.filter(agent=F("matter__holder"), matter__holder__in=ended)
    acts = _acts(batch, held.values_list("pk", flat=True)[:BATCH], waiting=False)
    return sum(_is_left(act) for act in _free(acts))


def _is_left(act: Act) -> bool:
    complaint: Complaint = act.subject
    holder = act.matter.holder
    if holder is None or holder.pk != complaint.agent_id or complaint.who_holds(act.batch)[0] == holder.pk:
        return False
    act.dropped = False
    _leave_to_centre(act, holder)
    return True


ON_AWAY.extend((pass_on, pass_calls, leave_to_centre))


# Leavers


def tell_who_reassigns(cause: Act, person: Employee) -> None:
    """Tell the people who may reassign a leaver's open work: contacts and head of the unit; supervisors for a reply;
    the handler whose answer waits for a leaver's review. What they held as the agent is left to the centre; a promised
    call passes on by itself (`pass_calls`).
    """
    verbs = {r.complaint_id: verb for r in rounds_of({person.pk}) for pk, verb, _r in parts_in(r) if pk == person.pk}
    replies = set(replies_of({person.pk}).values_list("pk", flat=True))
    held = set(Complaint.objects.filter(agent=person, matter__holder=person).values_list("pk", flat=True))
    reassigned = {*replies, *(pk for pk, verb in verbs.items() if verb)}
    for act in _acts(cause.batch, sorted(reassigned | held), waiting=True):
        left = act.matter.pk in held and act.subject.is_with_agent
        if not left and act.matter.pk not in reassigned:
            continue
        act.dropped, act.actor = False, cause.actor
        _tell(act, verbs.get(act.matter.pk, ""), act.matter.pk in replies, person)
        if left:
            _leave_to_centre(act, person)


def _tell(act: Act, verb: str, reply: bool, person: Employee) -> None:
    current = act.subject.round
    if verb and current is not None:
        unit = act.batch.unit_by_id(current.unit_id)
        contacts = [p.pk for p in act.batch.contacts_of(unit)] if unit and verb == "reassign" else []
        can = {current.works_on_it} if verb == "withdraw_review" else {*contacts, unit.head_id if unit else None}
        _tell_all(act, can - {person.pk}, verb)
    if reply:
        _tell_all(act, set(act.batch.csc_supervisor_ids) - {person.pk}, "reassign_reply")


def _leave_to_centre(act: Act, agent: Employee) -> None:
    """What an agent took is the centre's work: it stays there when they go. The act notifies who hears for it."""
    by = act.actor.employee if act.actor else act.batch.system
    facts = {"from": agent.pk, "why": AN_AGENT}
    act.entry = act.record(PASSED_ON, by, facts=facts, part=act.subject.current_part)


def _tell_all(act: Act, people: Iterable[int | None], verb: str) -> None:
    for person_id in people:
        act.tell(person_id, "to_do", verb=verb)


ON_LEAVER.append(tell_who_reassigns)
