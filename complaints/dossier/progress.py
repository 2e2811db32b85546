"""Where a complaint is in the flow, and who has had it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.models import LedgerEntry
from complaints.declarations.limits import Kind
from complaints.dossier.deadlines import binding
from complaints.dossier.dossier import Story
from complaints.dossier.files import ANSWERS
from complaints.models import LEFT_OUT, Complaint, Ending, Replier, Round, RoundState, State
from complaints.models.centre import is_of_centre

FLOW: tuple[tuple[str, Any], ...] = (
    ("register", _("登记")),
    ("dispatch", _("派单")),
    ("hand_off", _("交办")),
    ("accept", _("接单")),
    ("answer", _("答复")),
    ("judge_complete", _("审核")),
    ("reply", _("回复")),
    ("record_satisfaction", _("归档")),
)
"""The steps of the flow chart, each with the verb that ends it."""

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
"""The steps shown to people who may know the state but not the running round."""


def handled_directly(complaint: Complaint) -> bool:
    """Whether the centre settles, or settled, it without a unit."""
    if complaint.state == State.HANDLING:
        return True
    return complaint.state in (State.COMPLETED, State.REPLIED, State.ARCHIVED) and complaint.result_round_id is None


def steps(story: Story, at: datetime) -> list[dict[str, Any]]:
    """The steps of the stepper. The current one is late if its limit has passed."""
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
            shown.append({"label": _("退回裁定") if complaint.awaits == "rule_on_return" else label, **_now(story, at)})
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
    """The steps done by a complaint that ended early: withdrawn, registered twice, or its customer unreachable."""
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
    """The index of the current step; past the last one for an archived complaint."""
    awaited = complaint.awaits
    if awaited == "rule_on_return" and complaint.round is not None:
        awaited = BEFORE_RETURN[RoundState(complaint.round.state_before_return)]
    awaited = STANDS_AT.get(awaited, awaited)
    names = [verb for verb, _label in FLOW]
    return names.index(awaited) if awaited in names else len(FLOW)


def _now(story: Story, at: datetime) -> dict[str, Any]:
    limit = binding(story.deadlines, story.complaint.awaits)
    late = limit is not None and limit.due_at is not None and limit.due_at < at
    since = story.complaint.matter.waiting_since
    return {"state": "late" if late else "current", "held": at - since if since else None}


def _instants(complaint: Complaint) -> list[datetime | None]:
    """When each step was done, in the order of the flow, in the newest round."""
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

JUDGED_BY_CENTRE: dict[str, Any] = {"request_return": _("裁定退回"), **dict.fromkeys(ANSWERS, _("审核答复"))}
"""Verbs of a unit after which the centre holds the complaint, with what the centre does then."""

JUDGES = ("rule_on_return", "judge_complete")


@dataclass
class Station:
    """One holder of the complaint in the responsibility strip. `office` is the person's function."""

    unit: Any
    role: Any
    since: datetime
    until: datetime | None
    at: datetime
    person: Any = None
    office: Any = None
    leader: Any = None
    tone: str = "neutral"
    is_round: bool = False
    is_bounce: bool = False

    @property
    def is_return(self) -> bool:
        """The unit returned it as not its duty."""
        return self.tone == BACK

    @property
    def is_now(self) -> bool:
        return self.until is None

    @property
    def held(self) -> timedelta:
        return (self.until or self.at) - self.since


def stations(story: Story, at: datetime) -> list[Station]:
    """The holders in their order; for a unit only its own rounds. A unit that gets it again is marked (ping-pong)."""
    found = list(_all_hands(story, at) if story.knows_all else _own_hands(story, at))
    seen: set[Any] = set()
    for station in found:
        station.is_bounce = station.is_round and station.unit in seen
        if station.is_round:
            seen.add(station.unit)
    return found


def _own_hands(story: Story, at: datetime) -> Iterator[Station]:
    for found in story.rounds:
        yield from _round(story, found, at)


def _all_hands(story: Story, at: datetime) -> Iterator[Station]:
    complaint = story.complaint
    since = complaint.registered_at
    if since is None or complaint.is_history:
        return
    if complaint.was_entered_late:
        since = complaint.matter.opened_at  # earlier holders aren't known
    for number, found in enumerate(story.rounds):
        role = _("登记、派单") if number == 0 else _("重新判断、派单")
        yield from _before_dispatch(story, role, since, found.delivered_at, at)
        yield from _round(story, found, at)
        if found.ended_at is None:
            return
        since = found.ended_at
    yield from _after_rounds(story, since, at)


def _before_dispatch(story: Story, role: Any, since: datetime, until: datetime, at: datetime) -> Iterator[Station]:
    """The centre before a dispatch, after the forwarder's reply if the customer wasn't satisfied with it."""
    replied = next((e.at for e in story.entries if e.verb == "reply" and since <= e.at <= until), None)
    if replied is not None and story.complaint.replier == Replier.FORWARDER:
        yield _forwarder(story.complaint, since, replied, at)
        since = replied
    yield _centre(story.complaint, role, since, until, at)


def _after_rounds(story: Story, since: datetime, at: datetime) -> Iterator[Station]:
    """The reply, by the forwarder where R34 says so, and the centre's work before and after it."""
    complaint = story.complaint
    judged = _handled_directly_until(story, since)
    if judged is not None:
        yield _centre(complaint, _("客服中心直接处理"), since, judged, at)
        since = judged
    replied = complaint.replied_at if complaint.replied_at and complaint.replied_at >= since else None
    if complaint.replier == Replier.FORWARDER and (replied or complaint.state == State.COMPLETED):
        yield _forwarder(complaint, since, replied, at)
        if replied is None:
            return
        since = replied
    if complaint.state == State.ARCHIVED:
        ended_early = complaint.ended_as in LEFT_OUT
        role = complaint.get_ended_as_display() if ended_early else _("回复、归档")
        yield _centre(complaint, role, since, complaint.archived_at, at)
    else:
        yield _centre(complaint, complaint.get_state_display(), since, None, at)


def _handled_directly_until(story: Story, since: datetime) -> datetime | None:
    """When the centre judged its own handling complete. The entry has no round, so it doesn't judge an answer."""
    told = (e for e in story.entries if e.verb == "judge_complete" and not e.part and e.facts.get("complete"))
    return next((entry.at for entry in told if entry.at >= since), None)


def _forwarder(complaint: Complaint, since: datetime, until: datetime | None, at: datetime) -> Station:
    """The employee who replies instead of the centre is no first-inquiry person (R34)."""
    person = complaint.reply_by or complaint.forwarded_by
    office = _("代为回复人") if complaint.reply_by else _("转交员工")
    unit = person.unit if person else None
    return Station(unit, _("回复客户（R34）"), since, until, at, person=person, office=office)


def _centre(complaint: Complaint, role: Any, since: datetime, until: datetime | None, at: datetime) -> Station:
    unit = complaint.agent.unit if is_of_centre(complaint.agent) and complaint.agent else None
    return Station(unit or _("省客户服务中心"), role, since, until, at)


def _round(story: Story, found: Round, at: datetime) -> Iterator[Station]:
    """The unit; from its request to return or its answer until the centre's judgement, the centre."""
    since, judged = found.delivered_at, list(_judged(story, found))
    for place, (role, begun, ended) in enumerate(judged):
        is_last = ended in (None, found.ended_at)
        yield _unit(story, found, since, begun, at, is_first=place == 0, is_last=is_last)
        yield _centre(story.complaint, role, begun, ended, at)
        if is_last:
            return
        since = ended or begun
    yield _unit(story, found, since, found.ended_at, at, is_first=not judged, is_last=True)


def _judged(story: Story, found: Round) -> Iterator[tuple[Any, datetime, datetime | None]]:
    """What the centre judged in the round, with start and end. A ruling it didn't make ends at its limit."""
    role, begun = None, None
    for entry in story.entries:
        if entry.part != found.number:
            continue
        if entry.verb in JUDGED_BY_CENTRE:
            role, begun = JUDGED_BY_CENTRE[entry.verb], entry.at
        elif begun is not None and (entry.verb in JUDGES or _is_silence(entry)):
            yield role, begun, entry.at
            begun = None
    if begun is not None:
        yield role, begun, found.ended_at


def _is_silence(entry: LedgerEntry) -> bool:
    return entry.verb == "miss" and entry.facts.get("kind") == Kind.RULING


def _standing(found: Round) -> Any:
    return _("答复待分管领导审核") if found.is_under_review else found.get_state_display()


def _unit(
    story: Story, found: Round, since: datetime, until: datetime | None, at: datetime, *, is_first: bool, is_last: bool
) -> Station:
    """The unit with the person who has it: the handler; before one is named, the leader reported to; before that, the
    contact. An answer that waits for a review is with the leader (R18).
    """
    people = (
        (_("分管领导"), found.leader if found.is_under_review and is_last else None),
        (_("首问责任人"), found.handler),
        (_("分管领导"), found.acting_leader or found.reported_to),
        (_("接口人"), found.contact),
    )
    office, person = next(((office, person) for office, person in people if person), (None, None))
    leader = found.leader if found.leader != person else None
    return Station(
        found.unit, _standing(found) if is_last else _("办理"), since, until, at,
        person=person, office=office, leader=leader, tone=_tone(story, found), is_round=is_first,
    )  # fmt: skip


def _tone(story: Story, found: Round) -> str:
    """A limit that the centre missed, and that its own miss settled, doesn't colour the unit's station."""
    own = (d for d in story.deadlines if d.part == found.number and not d.party)
    missed = any(d.missed_at and not (d.voided_at or d.excused_at or d.is_settled) for d in own)
    if found.state == RoundState.RETURNED:
        return BACK
    if found.state == RoundState.CANCELLED:
        return "neutral"
    return "danger" if missed else "ok" if found.is_over else "brand"
