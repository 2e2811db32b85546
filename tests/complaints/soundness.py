"""What must hold of a complaint after every act, and at the end: the record tells the same story as the rows."""

from __future__ import annotations

from collections.abc import Iterator

from accountability.audit.chains import broken
from accountability.declarations.notices import ALARMS
from accountability.models import NO_DUE, Alarm, Deadline, LedgerEntry, Matter
from complaints.conformance.flow import Position
from complaints.conformance.replay import replay
from complaints.declarations.limits import ANSWERS_TO_OUTSIDE
from complaints.models import Complaint, Cooperation, Round

# What holds after every step


def wrong_with(complaint: Complaint) -> Iterator[str]:
    matter = Matter.objects.get(pk=complaint.pk)
    deadlines = list(Deadline.objects.filter(matter=matter).order_by("pk"))
    rounds = list(Round.objects.filter(complaint_id=complaint.pk).order_by("number"))
    yield from _holder(complaint, matter)
    alarms = list(Alarm.objects.filter(matter=matter, cleared_at=None))
    yield from _alarm(complaint, matter, alarms)
    yield from _lasting_alarms(complaint, alarms)
    yield from _deadlines(complaint, deadlines)
    yield from _cycles(deadlines)
    yield from _confirmations(complaint, deadlines)
    yield from _invitations(complaint, rounds)
    yield from _chases(complaint, deadlines)
    yield from _rounds(complaint, rounds)
    parts = (0, complaint.current_part)
    pressing = [
        d for d in deadlines
        if d.is_outstanding and d.due_at and d.part in parts and not d.suspended_at
        and (complaint.state != "archived" or d.kind in ANSWERS_TO_OUTSIDE)
        and (d.part == 0 or complaint.state == "dispatched") and not d.is_settled
    ]  # fmt: skip
    outstanding = [d.due_at for d in pressing if d.due_at]
    waits = not pressing and any(alarm.kind == "waiting" for alarm in alarms)
    if matter.work_warned != (waits or any(d.warned for d in pressing)):
        yield f"warned of: {matter.work_warned}, the matter's deadlines say {[d.name for d in pressing if d.warned]}"
    if matter.work_due_at != min(outstanding, default=NO_DUE):
        yield f"the nearest instant is {matter.work_due_at}, the matter's deadlines say {outstanding}"


def is_over(complaint: Complaint) -> bool:
    """Whether nobody owes anything of it any more: no body outside waits for its answer either."""
    return complaint.state == "archived" and not complaint.outside_open


def _holder(complaint: Complaint, matter: Matter) -> Iterator[str]:
    nobody = complaint.state == "forwarded" or is_over(complaint)
    if (matter.holder_id is None) != nobody:
        yield f"{complaint.state} is held by {matter.holder}"
    if (matter.holder_unit_id is None) != is_over(complaint):
        yield f"{complaint.state} is held by unit {matter.holder_unit}"
    if (matter.closed_at is None) == is_over(complaint):
        yield f"{complaint.state}, closed at {matter.closed_at}"


def _alarm(complaint: Complaint, matter: Matter, alarms: list[Alarm]) -> Iterator[str]:
    raised = sum(alarm.kind == "waiting" for alarm in alarms)
    watched = raised + (matter.alarm_at is not None)
    if watched != (0 if is_over(complaint) else 1):
        yield f"{complaint.state}: {raised} open alarms, the next at {matter.alarm_at}"


def _lasting_alarms(complaint: Complaint, alarms: list[Alarm]) -> Iterator[str]:
    """Those that somebody must answer stand only while they can be answered."""
    raised = [alarm for alarm in alarms if alarm.kind in {kind.name for kind in ALARMS.values() if kind.lasts}]
    latest = complaint.latest_round
    silent = {f"material:{latest.pk}"} if latest is not None and latest.material_alarmed_at else set()
    if {alarm.key for alarm in raised if alarm.kind == "material"} != silent:
        yield f"alarms of {[alarm.key for alarm in raised]}, material asked and late {silent}"
    if complaint.criticism_due != any(alarm.kind == "criticism" for alarm in raised):
        yield f"criticism due: {complaint.criticism_due}, alarms {[alarm.key for alarm in raised]}"


def _confirmations(complaint: Complaint, deadlines: list[Deadline]) -> Iterator[str]:
    """The part of an open table says of its unit's confirmation what the limit of the present record says (R30)."""
    for part in complaint.open_parts:
        table = part.coordination
        mine = [d for d in deadlines if d.kind == "confirmation" and d.party == part.unit.code]
        mine = [d for d in mine if (d.part, d.started_at) == (table.round.number, table.recorded_at)]
        told = [(d.missed_at, d.met_at) for d in mine]
        if told != ([(part.deemed_at, part.confirmed_at)] if table.recorded_at else []):
            yield f"{part}: deemed {part.deemed_at}, confirmed {part.confirmed_at}, the limits say {told}"


def _invitations(complaint: Complaint, rounds: list[Round]) -> Iterator[str]:
    """What a unit was invited to is a copy of the complaint of its round."""
    for part in Cooperation.objects.filter(coordination__round__in=rounds) if rounds else ():
        if part.complaint_id != complaint.pk:
            yield f"{part}: an invitation to {part.complaint_id}"


def _deadlines(complaint: Complaint, deadlines: list[Deadline]) -> Iterator[str]:
    published = list(LedgerEntry.objects.filter(matter_id=complaint.pk, verb="publish_calendar"))
    for d in deadlines:
        waited = any(d.met_at and d.met_at <= e.at and d.facts in e.facts["limits"] for e in published)
        if d.missed_at and (d.missed_at != d.due_at or d.noticed_at is None or d.noticed_at < d.missed_at):
            yield f"{d}: missed {d.missed_at}, due {d.due_at}, noticed {d.noticed_at}"
        if d.missed_at and d.met_at and d.met_at <= d.missed_at:
            yield f"{d}: missed although met at {d.met_at}"
        if d.met_at and not d.missed_at and d.due_at and d.met_at > d.due_at and not waited:
            yield f"{d}: met at {d.met_at} after {d.due_at}, and not missed"
        if d.voided_at and d.met_at:
            yield f"{d}: void and met"
        if d.warn_at and not d.is_running:
            yield f"{d}: {d.status}, to be warned of at {d.warn_at}"
        if d.part and d.part < complaint.round_count and d.is_running:
            yield f"{d}: runs although its round is over"
        if d.suspended_at and (complaint.round is None or complaint.round.state != "return_requested"):
            yield f"{d}: suspended without a request"


def _cycles(deadlines: list[Deadline]) -> Iterator[str]:
    """Each stands once; the latest is the one that binds, and what a unit owed by an earlier one is void."""
    cycles = [(d.kind, d.part, d.party, d.cycle) for d in deadlines]
    if len(set(cycles)) != len(cycles):
        yield f"a cycle stands twice: {cycles}"
    latest = {(kind, part, party): cycle for kind, part, party, cycle in sorted(cycles)}
    for d in deadlines:
        if d.is_latest != (d.cycle == latest[d.kind, d.part, d.party]):
            yield f"{d.name}: said to be the latest cycle: {d.is_latest}"
        if d.kind in ("handoff", "handling", "ruling") and not d.is_latest and not d.voided_at:
            yield f"{d.name}: {d.status} although a later cycle binds"


def _chases(complaint: Complaint, deadlines: list[Deadline]) -> Iterator[str]:
    for d in deadlines:
        if d.is_chased and not (d.missed_at and complaint.is_pursued(d)):
            yield f"{d}: {d.status}, to be chased for at {d.chase_at}"


def _rounds(complaint: Complaint, rounds: list[Round]) -> Iterator[str]:
    numbers = [found.number for found in rounds]
    if numbers != list(range(1, complaint.round_count + 1)):
        yield f"{complaint.round_count} rounds, numbered {numbers}"
    running = [found.number for found in rounds if not found.is_over]
    if running != ([complaint.round_count] if complaint.state == "dispatched" else []):
        yield f"{complaint.state}: rounds {running} run"
    for found in rounds:
        if found.is_under_review != (found.draft_id is not None) or (
            found.is_under_review and (found.state != "accepted" or complaint.matter.holder_id != found.leader_id)
        ):
            yield f"{found}: {found.state}, under review since {found.review_asked_at}"
        if found.material_asked_at and complaint.state != "completed":
            yield f"{found}: material asked, the complaint is {complaint.state}"
        if (found.handler_id is None) != (found.handed_off_at is None) or (found.handler_id and not found.leader_id):
            yield f"{found}: handler {found.handler}, leader {found.leader}, at {found.handed_off_at}"


# What must hold at the end: the record tells the same story as the rows


def unlike_the_record(complaint: Complaint) -> Iterator[str]:
    wrong = broken(Matter.objects.get(pk=complaint.pk))
    if wrong:
        yield wrong
    entries = list(LedgerEntry.objects.filter(matter_id=complaint.pk).order_by("seq").select_related("actor"))
    yield from unlike_the_flow(complaint, entries)
    told = {
        "round_count": sum(e.verb == "dispatch" for e in entries),
        "second_dispatches": sum(e.verb == "dispatch" and e.facts["second"] for e in entries),
        "out_of_scope_returns": sum(e.verb == "rule_on_return" and e.facts["accepted"] for e in entries),
        "replies": sum(e.verb == "reply" for e in entries),
    }
    stands = {name: getattr(complaint, name) for name in told}
    if stands != told:
        yield f"the ledger tells {told}, the complaint says {stands}"
    missed = Deadline.objects.filter(matter_id=complaint.pk).exclude(missed_at=None).count()
    if sum((e.verb == "miss") - len(e.facts.get("taken_back", ())) for e in entries) != missed:
        yield f"{missed} deadlines missed, the ledger tells otherwise"
    if any((e.verb in OF_THE_SYSTEM) != (e.actor.username == "system") for e in entries):
        yield "a miss and what follows from it is the system's, everything else a person's"
    yield from _unlike_history(complaint, entries)


OF_THE_SYSTEM = {"miss", "chase_overdue", "urge", "propose_criticism", "lapse_told"}
MOVES_A_ROUND = {
    "hand_off", "report_to_leader", "name_handler", "accept", "request_return", "rule_on_return", "answer",
    "submit_for_review", "approve_answer",
}  # fmt: skip


def _unlike_history(complaint: Complaint, entries: list[LedgerEntry]) -> Iterator[str]:
    acts = {(e.actor_id, e.recorded_at) for e in entries}
    of_complaint = list(Complaint.history.filter(matter_id=complaint.pk))
    of_rounds = list(Round.history.filter(complaint_id=complaint.pk))
    for rows in (of_complaint, of_rounds):
        strangers = {(row.history_user_id, row.history_date) for row in rows} - acts
        if strangers:
            yield f"history rows that no entry explains: {strangers}"
    moved = {(e.actor_id, e.recorded_at) for e in entries if e.verb in MOVES_A_ROUND}
    kept = {(row.history_user_id, row.history_date) for row in of_rounds}
    if moved - kept:
        yield f"acts without a history row: {moved - kept}"
    latest = max(of_complaint, key=lambda row: row.history_id)
    names = [f.attname for f in Complaint._meta.concrete_fields]
    unlike = [name for name in names if getattr(latest, name) != getattr(complaint, name)]
    if unlike:
        yield f"the newest history row differs in {unlike}"


def unlike_the_flow(complaint: Complaint, entries: list[LedgerEntry]) -> Iterator[str]:
    """Whatever was done, the flow has a step for it, and the replay ends where the complaint stands."""
    moves = list(replay(entries))
    yield from (f"{move.activity} strays at {move.before.name}" for move in moves if move.strays)
    running, found = complaint.round, moves[-1].after if moves else Position()
    back = running.state_before_return if running and running.state == "return_requested" else ""
    stands = Position(complaint.state, running.state if running else "", back, complaint.satisfied)
    if found != stands:
        yield f"the replay ends at {found}, the complaint is at {stands}"
