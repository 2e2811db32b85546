"""Work lists: which complaints wait for this person, in which order, and what one line of a list may show them.

Every list is in the order of R12: urgent first, within a priority the escalated and repeated ones, then by the nearest
due instant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accountability.db.probes import Probe
from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import fetched_again
from accountability.deadlines.limits import day_of, end_of_day
from accountability.declarations.limits import kind_that_binds
from accountability.models import Absence, Deadline
from accountability.models.timekeeping import has_waited_too_long
from accountability.permissions import Actor
from accountability.web.desk import Clock
from accountability.web.standing_statements import standing_rows, standing_statements
from complaints.declarations.limits import Kind
from complaints.dossier.customer import Customer, customer_of
from complaints.dossier.deadlines import nearest
from complaints.fields.candidates import cannot_call
from complaints.lists.clocks import clocks_of, in_clock
from complaints.models import (
    FLAGS,
    TOLD_FOR,
    Channel,
    Complaint,
    Cooperation,
    Coordination,
    Priority,
    Round,
    RoundState,
    State,
    Tier,
)
from complaints.models.rounds import BEFORE_ANSWER
from complaints.models.states import NOT_OVER, WITH_HANDLER
from complaints.models.visibility import ComplaintQuerySet

ORDER = ("matter__work_rank", "matter__work_due_at", "matter_id")
"""R12's order. The matter's key comes last, so that the order is total and pages don't overlap."""

NEWEST = ("-matter_id",)
OLDEST = ("matter_id",)
DUE = ("matter__work_due_at", "matter_id")
"""By the nearest due instant alone, whatever the priority. Complaints without one come last."""

TOLD_OF_A_LIMIT = (
    "matter_id", "kind", "part", "party", "cycle", "is_window", "warned",
    "started_at", "due_at", "met_at", "missed_at", "voided_at", "suspended_at", "excused_at",
)  # fmt: skip
"""What a line tells of each of its limits, out of twice as many columns."""

WORDS = 90
"""Characters of the customer's words in a line; the page has room for fewer."""

MASKED = 600

NEEDS_RULING = Q(returns_before_ruling__gt=0, out_of_scope_returns__gte=F("returns_before_ruling"))
COORDINATED = Q(coordinator__isnull=False, archived_at=None, matter__closed_at=None)
FORWARDER_REPLIES = Q(channel=Channel.FORWARD, tier=Tier.VIP)
PROMISED = Q(call_back_on__isnull=False)


@dataclass(frozen=True)
class WorkList:
    """One kind of work. `is_standing`: it belongs to an office, so it is shown even when it is empty."""

    name: str
    title: Any
    condition: Callable[[], Q]
    """Which complaints are in it. Most pages name many lists and ask for few of them."""
    is_standing: bool = False
    is_duty: bool = True
    shared: bool = False
    empty: Any = ""

    @cached_property
    def where(self) -> Q:
        return self.condition()


def lists_of(actor: Actor, at: datetime) -> list[WorkList]:
    """The lists this person has: first what they must do, then what they watch."""
    of_units = (*_of_the_unit(actor), *_to_reassign(actor, at))
    first = (*_of_the_centre(actor), *of_units, *_of_marketing(actor), *_of_oneself(actor, at))
    return [*first, *_of_the_table(actor), *_overviews(actor, at)]


def complaints_of(work: WorkList, actor: Actor, *, mine: bool = False) -> ComplaintQuerySet:
    """The complaints of a list that this person may see."""
    return among(Complaint.objects.visible_one_by_one(actor), work, actor, mine=mine)


def among(visible: ComplaintQuerySet, work: WorkList, actor: Actor, *, mine: bool = False) -> ComplaintQuerySet:
    """Of the complaints that this person may see, those of a list."""
    found = visible.filter(work.where)
    return found.filter(concerns(actor)) if mine and work.shared else found


def concerns(actor: Actor) -> Q:
    """What this person registered, holds or forwarded."""
    return Q(agent=actor.pk) | Q(matter__holder=actor.pk) | Q(forwarded_by=actor.pk)


def _awaiting(verb: str, **where: Any) -> Q:
    return Q(matter__awaits=verb, **where)


def _of_the_centre(actor: Actor) -> Iterator[WorkList]:
    """All agents share the centre's work. What only a supervisor may decide is in a supervisor's list only."""
    if not actor.is_agent:
        return
    everything = actor.is_csc_supervisor
    common = Q() if everything else ~NEEDS_RULING
    in_time = Q() if everything else Q(latest_round__late_return=False)
    for name, title, condition in (
        ("register", _("转交待登记"), lambda: _awaiting("register")),
        ("dispatch", _("待派单"), lambda: _awaiting("dispatch") & common),
        ("redispatch", _("其中退回待重派"), lambda: _awaiting("dispatch", round_count__gt=0) & common),
        ("rule_on_return", _("退回待裁定"), lambda: _awaiting("rule_on_return") & in_time),
        ("extend", _("延期待批"), lambda: Q(state=State.DISPATCHED) & asks_for_time()),
        ("judge_complete", _("处理结果待审核"), lambda: _awaiting("judge_complete")),
        ("reply", _("待回复客户"), lambda: _awaiting("reply") & ~FORWARDER_REPLIES),
        ("record_satisfaction", _("待回访满意度"), lambda: _awaiting("record_satisfaction")),
        ("decide", _("不满意待决定"), lambda: _awaiting("decide") & common),
        ("answer_outside_case", _("待答复转办单位"), lambda: Q(outside_open__gt=0)),
    ):
        yield WorkList(name, title, condition, is_standing=True, shared=True, empty=_("新的任务会出现在这里。"))


def asks_for_time() -> Q:
    """For a query over complaints: the running round has asked for an extension that can still be granted."""
    asking = Round.objects.filter(
        extension_until__isnull=False, extended_at=None, ended_at=None, state__in=BEFORE_ANSWER
    )
    running = Deadline.objects.running().filter(
        kind=Kind.HANDLING, matter_id=OuterRef("complaint_id"), part=OuterRef("number")
    )
    return Q(latest_round__in=asking.filter(Exists(running)))


def _of_the_unit(actor: Actor) -> Iterator[WorkList]:
    units = actor.contact_duties
    if units:

        def waiting() -> Q:
            return _awaiting("hand_off", matter__holder_unit__in=units)

        empty = _("新派来的投诉会出现在这里，须在30分钟内交办或报告分管领导。")
        yield WorkList("hand_off", _("待交办"), waiting, is_standing=True, empty=empty)
        back = Q(latest_round__return_requested_at__isnull=False)
        yield WorkList("returned_to_unit", _("其中退回未获同意的"), lambda: waiting() & back)


def _to_reassign(actor: Actor, at: datetime) -> Iterator[WorkList]:
    """Work whose holder has left or is away, for those who can give it to another (R3, R21, R34), and calls
    promised by such a person, for the agents."""
    if actor.answers_for:
        yield WorkList("reassign", _("办理人不在，待改派"), lambda: _held_by_nobody(actor, at))
    if actor.is_agent:
        gone = _("回电人不在，待改约")
        yield WorkList("move_call_back", gone, lambda: PROMISED & _away("call_back_by", at) | cannot_call(at))
    if actor.is_csc_supervisor:
        replies = _awaiting("reply") & FORWARDER_REPLIES
        yield WorkList("reassign_reply", _("回复人不在，待改派"), lambda: replies & _away("matter__holder", at))


def _held_by_nobody(actor: Actor, at: datetime) -> Q:
    held = _awaiting("accept") | _awaiting("answer") | _awaiting("approve_answer") | _awaiting("name_handler")
    return held & _away("matter__holder", at) & Q(latest_round__unit__in=actor.answers_for)


def _away(person: str, at: datetime) -> Q:
    """For a query over complaints: the person has left or is away."""
    absent = Absence.objects.at(at).filter(employee=OuterRef(person))
    return Q(**{f"{person}__is_active": False}) | Q(Exists(absent))


def _of_the_table(actor: Actor) -> Iterator[WorkList]:
    """Coordination: the tasks of one's unit, for those who answer for it, and the next steps of the convener."""
    mine = Q(unit__in=actor.answers_for)
    theirs = mine | Q(handler=actor.pk) | Q(leader=actor.pk)
    parts = Cooperation.objects
    yield WorkList("to_confirm", _("协调任务待确认"), lambda: _a_part(parts.to_confirm().filter(mine)))
    yield WorkList("to_finish", _("协调任务待完成"), lambda: _a_part(parts.to_finish().filter(theirs)))
    yield WorkList("record_tasks", _("协调待书面明确"), lambda: _convened(actor) & Q(_a_table(recorded_at=None)))
    yield WorkList("conclude_coordination", _("协调待议定"), lambda: _convened(actor) & Q(_agreed()))


def _convened(actor: Actor) -> Q:
    """The round whose coordination this person leads. It is asked of each open coordination: next to the OR, PostgreSQL
    would find all rounds that ever had one at marketing's table.
    """
    works_on_it = Q(acting_handler=actor.pk) | Q(leader=actor.pk) | Q(acting_handler=None, handler=actor.pk)
    newest = Round.objects.filter(pk=OuterRef("latest_round"))
    own_round = Q(Probe(newest.filter(works_on_it, state__in=WITH_HANDLER)), state=State.DISPATCHED)
    if actor.is_marketing:
        at_its_table = newest.filter(state__in=BEFORE_ANSWER, coordinations__by_coordinator=True)
        own_round |= COORDINATED & Q(Probe(at_its_table))
    return own_round


def _agreed() -> Exists:
    silent = Cooperation.objects.filter(coordination=OuterRef("pk"), confirmed_at=None, deemed_at=None)
    return _a_table(~Exists(silent), recorded_at__isnull=False)


def _a_part(parts: QuerySet[Cooperation]) -> Q:
    return Q(pk__in=parts.values("coordination__round__complaint_id"))


def _a_table(*where: Any, **facts: Any) -> Exists:
    """The newest round has a coordination that isn't concluded and matches the filters."""
    waiting = Coordination.objects.open().filter(*where, concluded_at=None, **facts)
    return Exists(waiting.filter(round=OuterRef("latest_round")))


def _of_marketing(actor: Actor) -> Iterator[WorkList]:
    """What marketing coordinates (R14); for its leaders also the excuses that another has proposed."""
    if actor.is_marketing:
        empty = _("没有需要市场部协调的投诉。")
        yield WorkList("coordinated", _("市场部协调"), lambda: COORDINATED, is_standing=True, empty=empty)
    if not actor.leads_marketing:
        return
    empty = _("没有待批准的免责。")
    yield WorkList("confirm_excuse", _("待批准免责"), lambda: _excuse_asked(actor), is_standing=True, empty=empty)


def _excuse_asked(actor: Actor) -> Q:
    asked = Deadline.objects.excuse_asked().exclude(excuse_proposed_by=actor.pk)
    return Q(pk__in=asked.values("matter_id"))


def _of_oneself(actor: Actor, at: datetime) -> Iterator[WorkList]:
    me = {"matter__holder": actor.pk}
    yield WorkList("confirm_told", _("待确认电话交办"), lambda: _told(actor, at))
    yield WorkList("name_handler", _("待指定首问责任人"), lambda: _awaiting("name_handler", **me))
    yield WorkList("accept", _("待接单"), lambda: _awaiting("accept", **me))
    today = end_of_day(day_of(at))
    yield WorkList("answer_today", _("今天须答复"), lambda: _awaiting("answer", **me) & _falls_due_by(today))
    yield WorkList("returned", _("退回给我的"), lambda: _given_back(me))
    yield WorkList("answer", _("待答复"), lambda: _awaiting("answer", **me))
    yield WorkList("approve_answer", _("待审核答复"), lambda: _awaiting("approve_answer", **me))
    yield WorkList("give_material", _("待提供回复材料"), lambda: _owes_material(actor))
    yield WorkList("finish_call_back", _("待回电"), lambda: PROMISED & Q(call_back_by=actor.pk))
    yield WorkList("reply_forwarded", _("由我回复客户"), lambda: _awaiting("reply", **me) & FORWARDER_REPLIES)


def _told(actor: Actor, at: datetime) -> Q:
    """The contact handed over by telephone and named this person, who hasn't confirmed it yet."""
    telling = Round.objects.filter(
        state=RoundState.DELIVERED, told_to=actor.pk, told_at__isnull=False, told_recorded_at__gte=at - TOLD_FOR
    )
    return Q(state=State.DISPATCHED, latest_round__in=telling)


def _given_back(me: dict[str, int]) -> Q:
    back = Q(latest_round__return_requested_at__isnull=False) | Q(latest_round__answered_at__isnull=False)
    return (_awaiting("accept", **me) | _awaiting("answer", **me)) & back


def _owes_material(actor: Actor) -> Q:
    """Material was asked of a unit one answers for, or of the round one handled (R36)."""
    handled = Q(acting_handler=actor.pk) | Q(acting_handler=None, handler=actor.pk)
    asked = Round.objects.filter(handled | Q(unit__in=actor.answers_for), material_asked_at__isnull=False)
    return Q(state=State.COMPLETED, latest_round__in=asked)


def _falls_due_by(last: datetime) -> Q:
    """The unit's limit ends by this instant, or has ended."""
    limit = Deadline.objects.outstanding().filter(kind=Kind.HANDLING, due_at__lte=last)
    return Q(Exists(limit.filter(matter_id=OuterRef("pk"), part=OuterRef("matter__part"))))


def _overviews(actor: Actor, at: datetime) -> Iterator[WorkList]:
    """Lists to read without having to act."""
    units = actor.answers_for
    yield WorkList("joint", _("我负连带责任的"), lambda: _running(leader=actor.pk), is_duty=False)
    sent = Q(state=State.DISPATCHED)
    yield WorkList("under_review", _("我送审的答复"), lambda: sent & _sent_for_review(actor), is_duty=False)
    if units:
        empty = _("本单位没有在办的投诉。")
        own = partial(_running, unit__in=units)
        yield WorkList("unit", _("本单位在办"), own, is_standing=True, is_duty=False, empty=empty)
    mine = Q(NOT_OVER, forwarded_by=actor.pk)
    yield WorkList("forwarded", _("我转交的"), lambda: mine, is_duty=False)
    if actor.reads_every_complaint:

        def late() -> Q:
            return Q(matter__closed_at=None) & in_clock(Clock.LATE, actor, at)

        empty = _("没有超时的投诉。")
        yield WorkList("overdue", _("已超时"), late, is_standing=True, is_duty=False, empty=empty)


def _running(**whose: Any) -> Q:
    """Complaints whose newest round is under way and is theirs."""
    rounds = Round.objects.running().filter(**whose)
    return Q(state=State.DISPATCHED, latest_round__in=rounds)


def _sent_for_review(actor: Actor) -> Q:
    handled = Q(acting_handler=actor.pk) | Q(acting_handler=None, handler=actor.pk)
    return Q(latest_round__in=Round.objects.filter(handled, review_asked_at__isnull=False))


# Lines


def for_lines(complaints: ComplaintQuerySet) -> ComplaintQuerySet:
    """With everything a line shows."""
    found = complaints.with_everything().select_related("intake")
    return found.following("matter__holder", "matter__holder_unit")


def shown(actor: Actor, at: datetime, ids: Iterable[int]) -> list[Complaint]:
    """Those of these complaints that this person may see, with the same."""
    return standing_rows(_shown, actor, at, Keys.of(ids))


def _shown(actor: Actor, _at: datetime, ids: Keys) -> list[ComplaintQuerySet]:
    return [for_lines(Complaint.objects.visible_one_by_one(actor)).filter(OneOf("pk", ids))]


@dataclass
class Line:
    """One complaint in a list, with no more than this reader may know."""

    complaint: Complaint
    at: datetime
    knows_intake: bool
    knows_present: bool
    deadlines: list[Deadline] = field(default_factory=list)
    forms: Sequence[Any] = ()
    """The forms of acts that may be done at the line itself."""
    pieces: Sequence[Any] = ()
    """The text around a search match."""
    call_back: date | None = None
    """The day on which this reader promised the customer a call."""

    @cached_property
    def customer(self) -> Customer:
        return customer_of(self.complaint)

    @property
    def category(self) -> str:
        """Empty if it isn't known yet, or if this reader may not know it."""
        category = self.complaint.category
        return str(category) if category and self.knows_intake else ""

    @cached_property
    def words(self) -> str:
        """The beginning of what the customer said, on one line and masked. Masking reads much further than is shown, so
        that no number is cut in two where it can be seen.
        """
        customer = self.customer
        return customer.mask(" ".join(customer.content.split())[:MASKED])[:WORDS]

    @property
    def badges(self) -> Iterator[tuple[str, str, Any]]:
        """Urgency, state and flags: kind, value and label, as the tag `badge` takes them."""
        yield from self._urgency
        yield self.state
        if self.knows_intake:
            yield from _flag_badges(self.complaint)

    @property
    def marks(self) -> Iterator[tuple[str, str, Any]]:
        """The badges without the state, as short as one line needs: what is neither urgent nor flagged has none."""
        if not self.knows_intake:
            return
        if self.complaint.category_id and self.complaint.priority != Priority.P3:
            yield "priority", self.complaint.priority, self.complaint.priority
        yield from _flag_badges(self.complaint)

    @cached_property
    def state(self) -> tuple[str, str, Any]:
        running = self.complaint.round if self.knows_present else None
        if running is not None:
            return "round", running.state, self.complaint.describe_state()
        return "complaint", self.complaint.state, self.complaint.get_state_display()

    @property
    def _urgency(self) -> Iterator[tuple[str, str, Any]]:
        if self.knows_intake and self.complaint.category_id:
            priority = Priority(self.complaint.priority)
            yield "priority", priority.value, f"{priority.value} {priority.label}"

    @cached_property
    def clock(self) -> Deadline | None:
        """The limit of the next duty, or else the nearest one. If any limit is overdue, an overdue one."""
        kind = kind_that_binds(self.complaint.matter.awaits)
        pressing = self._overdue or self.deadlines
        own = [deadline for deadline in pressing if deadline.kind == kind]
        return next(iter(nearest(own, 1) or nearest(pressing, 1)), None)

    @property
    def clocks(self) -> list[Deadline]:
        """Every limit that still runs or is overdue, the nearest first."""
        return nearest(self.deadlines, len(self.deadlines))

    @cached_property
    def _overdue(self) -> list[Deadline]:
        return [deadline for deadline in self._pressing if deadline.due_at and deadline.due_at < self.at]

    @cached_property
    def _pressing(self) -> list[Deadline]:
        """As `pressing_of`: a suspended limit is shown but doesn't count."""
        return [deadline for deadline in self.deadlines if deadline.presses]

    @property
    def tone(self) -> str:
        if self._overdue:
            return "danger"
        return "warn" if any(deadline.warned for deadline in self._pressing) or self.waits_too_long else ""

    @property
    def waits_too_long(self) -> bool:
        """Without a limit that presses, a complaint is urgent by its age: its waiting raised an alarm."""
        return self.knows_present and not self._pressing and has_waited_too_long(self.complaint.matter)


def _flag_badges(complaint: Complaint) -> Iterator[tuple[str, str, Any]]:
    if complaint.tier == Tier.VIP:
        yield "flag", "vip", _("VIP")
    if complaint.repeat_of_id:
        yield "flag", "repeat", _("重复")
    labels = dict(FLAGS)
    for name in complaint.flags:
        yield "flag", name, labels[name]


def lines(complaints: Sequence[Complaint], actor: Actor, at: datetime) -> list[Line]:
    """The complaints as lines, in a constant number of queries."""
    keys = Keys.of(complaint.pk for complaint in complaints)
    deadlines = _by_matter(standing_rows(_limits_told, actor, at, keys))
    everything = actor.reads_every_complaint
    own, invited_to = ({}, set()) if everything else _known(actor, at, keys)
    return [
        Line(
            complaint, at, knows_intake=everything or complaint.pk in own or complaint.pk in invited_to,
            knows_present=everything or _knows_present(complaint, actor, own.get(complaint.pk, set())),
            deadlines=deadlines[complaint.pk],
            call_back=complaint.call_back_on if complaint.call_back_by_id == actor.pk else None,
        )
        for complaint in complaints
    ]  # fmt: skip


def _limits_told(actor: Actor, _at: datetime, keys: Keys) -> list[QuerySet[Deadline]]:
    return [clocks_of(actor).filter(OneOf("matter_id", keys)).only(*TOLD_OF_A_LIMIT)]


def _by_matter(deadlines: Iterable[Deadline]) -> dict[int, list[Deadline]]:
    found: dict[int, list[Deadline]] = defaultdict(list)
    for deadline in deadlines:
        found[deadline.matter_id].append(deadline)
    return found


def _known(actor: Actor, at: datetime, keys: Keys) -> tuple[dict[int, set[int]], set[int]]:
    """The own rounds by complaint, and the complaints with a coordination to which a unit of theirs is invited. One
    statement reads both.
    """
    (both,) = standing_statements(_own_rounds_and_invitations, actor, at, keys)
    own: dict[int, set[int]] = defaultdict(set)
    invited_to = set()
    for complaint_id, round_id, by_invitation in fetched_again(both):
        if by_invitation:
            invited_to.add(complaint_id)
        else:
            own[complaint_id].add(round_id)
    return own, invited_to


def _own_rounds_and_invitations(actor: Actor, _at: datetime, keys: Keys) -> list[QuerySet[Any, Any]]:
    rounds = Round.objects.visible_to(actor).filter(OneOf("complaint_id", keys))
    invited = Cooperation.objects.filter(OneOf("complaint_id", keys), unit_id__in=actor.units)
    mine = rounds.order_by().values_list("complaint_id", "pk", Value(False))
    return [mine.union(invited.order_by().values_list("complaint_id", "coordination_id", Value(True)), all=True)]


def _knows_present(complaint: Complaint, actor: Actor, own: set[int]) -> bool:
    return complaint.latest_round_id in own or complaint.matter.holder_id == actor.pk
