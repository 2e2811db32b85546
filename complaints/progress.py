"""Where a complaint stands in the flow, and through whose hands it went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.clocks import binding
from complaints.models import LEFT_OUT, Complaint, Ending, Round, RoundState, State
from complaints.story import Story

FLOW: tuple[tuple[str, Any], ...] = (
    ("register", _("登记")),
    ("dispatch", _("派单")),
    ("hand_off", _("交办")),
    ("accept", _("受理")),
    ("answer", _("答复")),
    ("judge_complete", _("审核")),
    ("reply", _("回复")),
    ("record_satisfaction", _("归档")),
)
"""The way of the flow chart, each step named by the verb that ends it."""

OF_THE_UNIT = frozenset({"dispatch", "hand_off", "accept", "answer"})
STANDS_AT = {"name_handler": "hand_off", "approve_answer": "answer", "decide": "record_satisfaction"}
BEFORE_RETURN = {
    RoundState.DELIVERED: "hand_off",
    RoundState.REPORTED: "hand_off",
    RoundState.HANDED_OFF: "accept",
    RoundState.ACCEPTED: "answer",
}

OUTLINE: tuple[tuple[Any, frozenset[str]], ...] = (
    (_("登记"), frozenset({State.FORWARDED})),
    (_("办理"), frozenset({State.REGISTERED, State.HANDLING, State.DISPATCHED})),
    (_("回复"), frozenset({State.COMPLETED})),
    (_("归档"), frozenset({State.REPLIED})),
)
"""What those learn who may know the state, but not the round that is running."""


def handled_directly(complaint: Complaint) -> bool:
    """Whether the centre settles, or settled, it without a unit."""
    if complaint.state == State.HANDLING:
        return True
    return complaint.state in (State.COMPLETED, State.REPLIED, State.ARCHIVED) and complaint.result_round_id is None


def steps(story: Story, at: datetime) -> list[dict[str, Any]]:
    """The stepper's steps; the one that is due is late where the limit it is under has passed."""
    complaint = story.complaint
    if not story.knows_present:
        return _outline(complaint)
    place = _place(complaint)
    instants = _instants(complaint)
    shown = []
    for number, (verb, label) in enumerate(FLOW):
        if _was_skipped(complaint, verb):
            shown.append({"label": label, "state": "skipped"})
        elif number < place:
            shown.append({"label": label, "state": "done", "held": _held(instants, number)})
        elif number == place:
            shown.append({"label": _label_now(complaint, label), **_now(story, at)})
        else:
            shown.append({"label": label, "state": "todo"})
    return shown


def _was_skipped(complaint: Complaint, verb: str) -> bool:
    if complaint.is_history:
        return verb not in (FLOW[0][0], FLOW[-1][0])
    if complaint.ended_as in LEFT_OUT:
        return verb not in _done_before_the_end(complaint)
    return verb in OF_THE_UNIT and handled_directly(complaint)


def _done_before_the_end(complaint: Complaint) -> set[str]:
    """How far a complaint had come that ended early: withdrawn, registered twice, its customer out of reach."""
    latest = complaint.latest_round
    judged = complaint.ended_as == Ending.UNREACHABLE or (latest is not None and latest.state == RoundState.CLOSED)
    done = {
        FLOW[0][0]: True,
        "dispatch": latest is not None,
        "hand_off": latest is not None and latest.handed_off_at,
        "accept": latest is not None and latest.accepted_at,
        "answer": latest is not None and latest.answered_at,
        "judge_complete": judged or complaint.replied_at,
        "reply": complaint.replied_at,
        FLOW[-1][0]: True,
    }
    return {verb for verb, is_done in done.items() if is_done}


def _place(complaint: Complaint) -> int:
    """The index of the step that is due; beyond the last for an archived complaint."""
    awaited = complaint.awaits
    if awaited == "rule_on_return" and complaint.round is not None:
        awaited = BEFORE_RETURN[RoundState(complaint.round.state_before_return)]
    awaited = STANDS_AT.get(awaited, awaited)
    names = [verb for verb, _label in FLOW]
    return names.index(awaited) if awaited in names else len(FLOW)


def _label_now(complaint: Complaint, label: Any) -> Any:
    return _("退回裁定") if complaint.awaits == "rule_on_return" else label


def _now(story: Story, at: datetime) -> dict[str, Any]:
    limit = binding(story.deadlines, story.complaint.awaits)
    late = limit is not None and limit.due_at is not None and limit.due_at < at
    since = story.complaint.matter.waiting_since
    return {"state": "late" if late else "current", "held": at - since if since else None}


def _instants(complaint: Complaint) -> list[datetime | None]:
    """When each step was done, in the order of the flow; of the newest round."""
    latest = complaint.latest_round
    of_round = [latest.handed_off_at, latest.accepted_at, latest.answered_at, latest.ended_at] if latest else [None] * 4
    first = latest is not None and latest.number == 1
    delivered = latest.delivered_at if latest is not None and first else None
    return [complaint.registered_at, delivered, *of_round, complaint.replied_at, complaint.archived_at]


def _held(instants: list[datetime | None], number: int) -> timedelta | None:
    done, before = instants[number], instants[number - 1] if number else None
    return done - before if done and before and done >= before else None


def _outline(complaint: Complaint) -> list[dict[str, Any]]:
    place = next((n for n, (_label, states) in enumerate(OUTLINE) if complaint.state in states), len(OUTLINE))
    return [
        {"label": label, "state": "done" if n < place else "current" if n == place else "todo"}
        for n, (label, _states) in enumerate(OUTLINE)
    ]


BACK = "back"
"""The tone of a round that was returned."""


@dataclass
class Station:
    """One hand the complaint went through, as the responsibility strip shows it."""

    unit: Any
    role: Any
    since: datetime
    until: datetime | None
    at: datetime
    person: Any = None
    leader: Any = None
    tone: str = "neutral"
    is_round: bool = False
    is_bounce: bool = False

    @property
    def is_return(self) -> bool:
        """The unit gave it back as not its matter."""
        return self.tone == BACK

    @property
    def is_now(self) -> bool:
        return self.until is None

    @property
    def held(self) -> timedelta:
        return (self.until or self.at) - self.since


def stations(story: Story, at: datetime) -> list[Station]:
    """The hands in their order: of a unit only its own rounds; a unit that gets it once more is marked (ping-pong)."""
    found = list(_all_hands(story, at) if story.knows_all else (_unit(story, r, at) for r in story.rounds))
    seen: set[Any] = set()
    for station in found:
        station.is_bounce = station.is_round and station.unit in seen
        if station.is_round:
            seen.add(station.unit)
    return found


def _all_hands(story: Story, at: datetime) -> Iterator[Station]:
    complaint = story.complaint
    since = complaint.registered_at
    if since is None or complaint.is_history:
        return
    if complaint.was_entered_late:
        since = complaint.matter.opened_at  # whose hands it was in before isn't known
    for number, found in enumerate(story.rounds):
        role = _("登记、派单") if number == 0 else _("重新判断、派单")
        yield _centre(complaint, role, since, found.delivered_at, at)
        yield _unit(story, found, at)
        if found.ended_at is None:
            return
        since = found.ended_at
    yield from _after_rounds(complaint, since, at)


def _after_rounds(complaint: Complaint, since: datetime, at: datetime) -> Iterator[Station]:
    """The reply, by the forwarder where R34 says so, and what the centre does before and after it."""
    replied = complaint.replied_at if complaint.replied_at and complaint.replied_at >= since else None
    if complaint.replier == Complaint.Replier.FORWARDER and (replied or complaint.state == State.COMPLETED):
        forwarder = complaint.reply_by or complaint.forwarded_by
        yield Station(forwarder.unit if forwarder else None, _("回复客户（R34）"), since, replied, at, person=forwarder)
        if replied is None:
            return
        since = replied
    if complaint.state == State.ARCHIVED:
        ended_early = complaint.ended_as in LEFT_OUT
        role = complaint.get_ended_as_display() if ended_early else _("回复、归档")
        yield _centre(complaint, role, since, complaint.archived_at, at)
    else:
        yield _centre(complaint, complaint.get_state_display(), since, None, at)


def _centre(complaint: Complaint, role: Any, since: datetime, until: datetime | None, at: datetime) -> Station:
    unit = complaint.agent.unit if complaint.agent else None
    return Station(unit or _("省客户服务中心"), role, since, until, at)


def _unit(story: Story, found: Round, at: datetime) -> Station:
    role: Any
    if found.is_under_review:
        role, person = _("答复待分管领导审核"), found.leader
    else:
        role, person = found.get_state_display(), found.handler or found.contact
    return Station(
        found.unit, role, found.delivered_at, found.ended_at, at, person=person, leader=found.leader,
        tone=_tone(story, found), is_round=True,
    )  # fmt: skip


def _tone(story: Story, found: Round) -> str:
    own = (d for d in story.deadlines if d.part == found.number and not d.party)
    missed = any(d.missed_at and not d.voided_at and not d.excused_at for d in own)
    if found.state == RoundState.RETURNED:
        return BACK
    if found.state == RoundState.CANCELLED:
        return "neutral"
    return "danger" if missed else "ok" if found.is_over else "brand"
