"""Verbs outside the normal flow: escalate (R12), chase and decide on criticism (R13), extend (R24)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import rows
from accountability.deadlines.limits import Fixed
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Instant, Line, Text, Whole, YesNo
from accountability.gate.verbs import verb
from accountability.models import Alarm, Deadline, LedgerEntry
from accountability.permissions import Actor
from complaints import permissions
from complaints.actions.handover import running_round
from complaints.actions.intake import coordinate
from complaints.declarations.limits import Kind
from complaints.models import Complaint, Cooperation, Round, conditions
from complaints.models.states import ONCE_DISPATCHED, State
from complaints.sweep.escalation import CRITICISM

CHASE_COOLDOWN = timedelta(minutes=10)


@verb(
    Complaint, _("标记升级"),
    Line(name="source", label=_("升级来源"), max_length=60),
    Text(name="reason", label=_("说明"), rows=2),
    rule="R12",
    permission=permissions.escalate,
    states=[State.REGISTERED, State.HANDLING, State.DISPATCHED, State.COMPLETED, State.REPLIED, State.FORWARDED],
    icon="up", tone="danger", timeline="talks",
)  # fmt: skip
def escalate(act: Act, *, source: str, reason: str) -> None:
    """It comes back from a higher authority: urgent at least, first in every list. Running limits stay (R12)."""
    act.subject.escalated = True
    act.subject.raise_priority()
    coordinate(act)


@verb(
    Complaint, _("催办"),
    Whole(name="round", label=_("派单轮次"), least=1, most=999),
    Text(name="message", label=_("催办内容"), rows=2),
    rule="R13",
    permission=permissions.chase, states=[State.DISPATCHED],
    icon="bell", tone="warn", timeline="talks",
    in_bulk=("agent", "marketing"), read_off=("round",),
)  # fmt: skip
def chase(act: Act, *, round: int, message: str) -> None:
    """A stamped reminder to the unit, seen by handler and leader, at most once in ten minutes (R13). Marketing may send
    it too where it coordinates (R14).
    """
    current = act.subject.round
    refuse_unless(current is not None and current.number == round, _("只能催办进行中的轮次。"), "round")
    chased = rows(LedgerEntry, matter_id=[act.matter.pk], verb=["chase"], part=[round])
    refuse_unless(not chased or act.at - chased[-1].at >= CHASE_COOLDOWN, _("距上次催办不足 10 分钟。"))
    assert act.actor is not None
    by = {} if act.actor.is_agent else {"by": "coordinator"}
    for person_id in {current.contact_id, current.works_on_it, current.leader_id, current.coordinates_it}:
        act.tell(person_id, "chased", part=round, **by)


def _not_extended(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and complaint.round.extended_at is None


@verb(
    Complaint, _("决定书面批评"),
    YesNo(name="criticised", label=_("决定"), yes=_("予以书面批评"), no=_("不予批评")),
    Text(name="reason", label=_("理由"), rows=2),
    rule="R13",
    permission=permissions.decide_criticism, states=ONCE_DISPATCHED, when=[conditions.criticism_proposed],
    timeline="talks", waits_for_one=True,
)  # fmt: skip
def decide_criticism(act: Act, *, criticised: bool, reason: str) -> None:
    """Marketing decides on the criticism that the chase ladder proposed. The head and the people of the unit that owed
    it are told (R13). The entry belongs to the round it concerns, which may be long over.
    """
    act.subject.criticism_due = False
    proposed = list(Alarm.objects.filter(matter=act.matter, kind=CRITICISM, cleared_at=None).order_by("pk"))
    for alarm in proposed:
        act.changes.watch(alarm)
        alarm.cleared_at = act.at
    act.note(limits=[alarm.facts for alarm in proposed])
    assert act.entry is not None
    parts = {alarm.facts["part"] for alarm in proposed}
    act.entry.part = parts.pop() if len(parts) == 1 else 0
    for person_id in {pk for alarm in proposed for pk in _answer_for(act, alarm)} if criticised else ():
        act.tell(person_id, "criticised")


def _answer_for(act: Act, alarm: Alarm) -> Iterable[int | None]:
    """Head, leader and handler of the unit that the proposal is about."""
    at_fault = Round.objects.get(complaint=act.subject, number=alarm.facts["part"])
    if alarm.unit_id == at_fault.unit_id:
        return at_fault.head_id, at_fault.leader_id, at_fault.works_on_it
    unit = act.batch.unit_by_id(alarm.unit_id)
    invited = Cooperation.objects.filter(coordination__round=at_fault, unit=unit)
    part = invited.exclude(coordination__concluded_at=None).order_by("-pk").first()
    return (unit.head_id if unit else None, *((part.leader_id, part.handler_id) if part else ()))


@verb(
    Complaint, _("申请延期"),
    Instant(name="until", label=_("延期至")),
    Text(name="reason", label=_("理由"), rows=2),
    rule="R24", offered=_not_extended,
    permission=permissions.request_extension, states=[State.DISPATCHED], when=[conditions.with_handler],
    icon="clock", tone="warn", timeline="limits", group="time",
)  # fmt: skip
def request_extension(act: Act, *, until: datetime, reason: str) -> None:
    """The handler asks for more time before the limit. The clock keeps running until the centre grants it."""
    current = running_round(act)
    _check_until(act, until)
    current.extension_until = until
    for person_id in act.subject.told_at_centre(act.batch):
        act.tell(person_id, "extension_asked", part=current.number)


@verb(
    Complaint, _("批准延期"),
    Whole(name="round", label=_("派单轮次"), least=1, most=999),
    Instant(name="until", label=_("延期至")),
    Text(name="reason", label=_("理由"), rows=2),
    rule="R24", offered=_not_extended,
    permission=permissions.extend, states=[State.DISPATCHED], when=[conditions.before_answer],
    icon="clock", tone="ok", timeline="limits", group="time",
)  # fmt: skip
def extend(act: Act, *, round: int, until: datetime, reason: str) -> None:
    """Once a round, not after the limit, never beyond the legal limit. The handling duty begins a new cycle."""
    current = running_round(act)
    refuse_unless(current.number == round, _("只能延长进行中的轮次。"), "round")
    old = _check_until(act, until)
    act.void(Kind.HANDLING, part=current.number)
    act.start(
        Kind.HANDLING, Fixed(until), start=old.started_at, part=current.number, unit_id=current.unit_id,
        person_id=current.handler_id,
    )  # fmt: skip
    current.extended_at = act.at
    for person_id in (current.works_on_it, current.leader_id, current.contact_id):
        act.tell(person_id, "extended", part=current.number)


@verb(
    Complaint, _("不同意延期"), Text(name="reason", label=_("理由"), rows=2), rule="R24",
    permission=permissions.decline_extension, states=[State.DISPATCHED],
    when=[conditions.before_answer, conditions.asked_for_time],
    icon="clock", tone="back", timeline="limits", group="time",
)  # fmt: skip
def decline_extension(act: Act, *, reason: str) -> None:
    """The centre refuses the request, which then ends. The limit stays as it was."""
    current = running_round(act)
    current.extension_until = None
    act.tell(current.works_on_it, "extension_declined", part=current.number)


def _check_until(act: Act, until: datetime) -> Deadline:
    """The running limit, if it may still be extended until then."""
    current = running_round(act)
    refuse_unless(current.extended_at is None, _("本轮已延期一次，不能再延。"))
    present, legal = act.latest(Kind.HANDLING, part=current.number), act.latest(Kind.LEGAL)
    waits = present is not None and present.waits_for_calendar
    refuse_unless(not waits, _("处理时限待工作日历公布后算出，在此之前不能延期。"))
    refuse_unless(present is not None and present.is_running, _("处理时限已过或不在进行中，不能延期。"))
    assert present is not None
    assert present.due_at is not None
    refuse_unless(until > present.due_at, _("应晚于现在的时限。"), "until")
    refuse_unless(legal is None or legal.due_at is None or until <= legal.due_at, _("不能晚于法定答复时限。"), "until")
    return present
