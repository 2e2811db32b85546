"""A complaint, from the first person who takes it to the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.db.sql import Through, Together, by_key
from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject, subject
from accountability.models import Appointment, Category, Deadline, Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import CENTRE_ROLES, Actor
from complaints.declarations.limits import ANSWERS_TO_OUTSIDE, Kind
from complaints.models.centre import WithTheCentre
from complaints.models.conditions import customer_unsatisfied, not_yet_asked
from complaints.models.coordination import OF_THE_INVITED, Cooperation, newest_first, parts_of
from complaints.models.rounds import Round, RoundState, in_round
from complaints.models.states import (
    AWAITED_OF_ROUND,
    FLAGS,
    NOT_OVER,
    WITH_CONTACT,
    WITH_HANDLER,
    WITH_LEADER,
    Channel,
    Ending,
    Priority,
    Replier,
    State,
    Tier,
)
from complaints.models.transitions import BesideTheWay
from complaints.models.visibility import ComplaintQuerySet


@subject
class Complaint(WithTheCentre, Subject, BesideTheWay):
    """What is known of a complaint except the customer's own data, which are in the sealed row `intake`.

    The methods named like verbs are its transitions. What belongs to one dispatch is in the round; `latest_round` is
    the newest one, `result_round` the one whose result is being replied (none if the centre handled it itself).
    """

    matter_kind = "complaint"
    page = "complaint"
    tells_heads = True
    named_with = ("category__parent", "latest_round__unit")
    other_labels = {
        "decide": _("决定再次派单或归档"), "chase_overdue": _("到期催办"), "urge": _("催办通知书"),
        "propose_criticism": _("建议书面批评"),
    }  # fmt: skip
    patience = {
        "register": 2, "dispatch": 2, "hand_off": 1, "name_handler": 0.5, "accept": 4, "answer": 48,
        "rule_on_return": 3, "judge_complete": 4, "reply": 4, "record_satisfaction": 24, "decide": 24,
        "confirm_excuse": 48, "approve_answer": 4, "give_material": 4,
        "answer_outside_case": 24,
    }  # fmt: skip
    """Hours. The leader reported to has no limit of their own; they get half an hour, as the contact had (R21)."""
    series = "TS"

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="complaint", verbose_name=_("事项")
    )
    state = FSMField(_("状态"), default=State.NEW, choices=State.choices, protected=True)
    intake = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    tier = models.CharField(_("客户级别"), max_length=4, choices=Tier.choices, default=Tier.NONE)
    channel = models.CharField(_("受理渠道"), max_length=20, choices=Channel.choices)
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+", verbose_name=_("投诉类别"))
    priority = models.CharField(_("紧急程度"), max_length=2, choices=Priority.choices, default=Priority.P3)
    region = models.CharField(_("归属地市"), max_length=30, blank=True)
    cross_province = models.BooleanField(_("跨省"), default=False)
    other_operator = models.BooleanField(_("他网"), default=False)
    third_party = models.BooleanField(_("第三方"), default=False)
    escalated = models.BooleanField(_("升级"), default=False)
    major = models.BooleanField(_("重大"), default=False)

    forwarded_by = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="forwarded_complaints", verbose_name=_("转交员工"),
        db_index=False,
    )  # fmt: skip
    forwarded_at = models.DateTimeField(_("转交时间"), null=True)
    registered_at = models.DateTimeField(_("受理时间"), null=True)
    agent = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("受理人"))
    coordinator = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("协调部门"))
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats", verbose_name=_("重复投诉"))

    round_count = models.PositiveSmallIntegerField(_("派单轮次"), default=0)
    out_of_scope_returns = models.PositiveSmallIntegerField(_("非职责退回次数"), default=0)
    second_dispatches = models.PositiveSmallIntegerField(_("二次派单次数"), default=0)
    returns_before_ruling = models.PositiveSmallIntegerField(default=2)
    latest_round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="+")
    _read_with: Sequence[Complaint] = ()
    result_round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="+")
    replies = models.PositiveSmallIntegerField(_("回复次数"), default=0)
    replied_at = models.DateTimeField(_("回复时间"), null=True)
    satisfied = models.BooleanField(_("客户满意"), null=True)
    reply_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("代为回复人"))
    call_back_on = models.DateField(_("回电日期"), null=True)
    call_back_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("回电人"))
    coordinated = models.BooleanField(_("有协调"), default=False)
    outside_open = models.PositiveSmallIntegerField(_("待答复的外部转办"), default=0)
    criticism_due = models.BooleanField(_("待决定书面批评"), default=False)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="duplicates", verbose_name=_("与之重复")
    )
    ended_as = models.CharField(_("归档方式"), max_length=12, choices=Ending.choices, blank=True)
    resolved = models.BooleanField(_("已解决"), default=False)
    archived_unsatisfied = models.BooleanField(_("未满意归档"), default=False)
    archived_at = models.DateTimeField(_("归档时间"), null=True)

    history = History()
    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("投诉")
        ordering = ["-matter_id"]
        indexes = [
            models.Index(fields=["state", "-matter"], name="complaint_by_state"),
            models.Index(fields=["registered_at"], name="complaint_by_registration"),
            models.Index(
                fields=["forwarded_by", "matter"],
                name="complaint_of_forwarder",
                condition=Q(forwarded_by__isnull=False),
            ),
            models.Index(
                fields=["forwarded_by"],
                name="complaint_forwarded_open",
                condition=Q(NOT_OVER, forwarded_by__isnull=False),
            ),
            models.Index(
                fields=["coordinator"],
                name="complaint_coordinated",
                condition=Q(coordinator__isnull=False, archived_at__isnull=True),
            ),
            models.Index(
                fields=["call_back_by"], name="complaint_to_call_back", condition=Q(call_back_on__isnull=False)
            ),
            models.Index(fields=["agent"], name="complaint_to_answer_outside", condition=Q(outside_open__gt=0)),
        ]
        constraints = [
            models.CheckConstraint(
                name="forward_has_forwarder", condition=~Q(channel="forward") | Q(forwarded_by__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.matter)

    def raise_priority(self) -> None:
        """Raise a VIP's, an escalated and a repeated complaint to urgent at least."""
        if self.priority == Priority.P3 and (self.tier == Tier.VIP or self.escalated or self.repeat_of_id):
            self.priority = Priority.P2

    # What the gate asks

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return cls.of_matters_with(matters, Together())

    @classmethod
    def of_matters_with(cls, matters: dict[int, Matter], together: Together) -> dict[int, Self]:
        """The newest round has the number that the matter says, unless history was imported."""
        parts = {matter.part for matter in matters.values()}
        complaints = together.rows(cls, matter_id=matters)
        numbered = together.rows(Round, complaint_id=matters, number=parts)
        serving = together.rows(Appointment, role=CENTRE_ROLES, employee_id=Through(cls, "agent", "matter_id", matters))
        found, rounds = complaints.by_key(), numbered.by_key()
        rounds |= by_key(Round, {c.latest_round_id for c in found.values()} - rounds.keys())
        coordinated = [complaint for complaint in found.values() if complaint.coordinated]
        for pk, complaint in found.items():
            complaint.matter = matters[pk]
            complaint.latest_round = rounds.get(complaint.latest_round_id)
            complaint._read_with = coordinated
            complaint.agent_terms = complaint.agent_id, [t for t in serving() if t.employee_id == complaint.agent_id]
        return found

    def watched(self) -> Iterable[models.Model]:
        yield self
        if self.latest_round is not None:
            yield self.latest_round

    @property
    def position(self) -> str:  # type: ignore[override]
        """The state a page was built from: changes with every step of the flow, not with notes or misses."""
        running = self.round
        asked = {None: "-", True: "y", False: "n"}[self.satisfied]
        review = f".{running.draft_id}" if running and running.is_under_review else ""
        outside = f".o{self.outside_open}" if self.state == State.ARCHIVED and self.outside_open else ""
        standing = running.state if running else "-"
        return f"{self.state}.{self.round_count}.{standing}.{self.replies}{asked}{review}{outside}"

    @property
    def awaits(self) -> str:  # type: ignore[override]
        """The verb that must be run next; `decide` after 不满意: dispatch again or archive."""
        running = self.round
        if running is not None:
            return "approve_answer" if running.is_under_review else AWAITED_OF_ROUND[RoundState(running.state)]
        if self.state == State.REPLIED:
            return "record_satisfaction" if self.satisfied is None else "decide"
        return {
            State.FORWARDED: "register",
            State.REGISTERED: "dispatch",
            State.HANDLING: "judge_complete",
            State.COMPLETED: "reply",
            State.ARCHIVED: "answer_outside_case" if self.outside_open else "",
        }.get(State(self.state), "")

    @property
    def work_rank(self) -> int:  # type: ignore[override]
        """R12: urgent first, and within a priority the escalated and repeated ones before the others (0 is first)."""
        before_others = self.escalated or self.repeat_of_id is not None
        return list(Priority.values).index(self.priority) * 2 + (0 if before_others else 1)

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        if (of_unit := self.of_the_round()) is not None:
            return of_unit
        if self.state == State.ARCHIVED and not self.outside_open:
            return None, None
        if self.state == State.FORWARDED:
            return None, self.centre_of(lookups)
        replies = lookups.person(self.replies_instead_id if self.state == State.COMPLETED else None)
        if replies is not None:
            return replies.pk, replies.unit_id
        agent = self.agent_there(lookups)
        if agent is None:  # the centre's, as what was forwarded: agents stand in for one another
            return None, self.centre_of(lookups)
        return agent.pk, agent.unit_id

    def asked(self, lookups: Lookups) -> Iterable[int | None]:
        """Its holder; where nobody in person holds what the centre must do, whoever hears for the centre."""
        holder = self.matter.holder_id
        return self.told_at_centre(lookups) if holder is None and self.is_with_agent else (holder,)

    def of_the_round(self) -> tuple[int | None, int] | None:
        """Who must act in a round that is with its unit, and the unit."""
        running = self.round
        if running is None:
            return None
        if running.state == WITH_CONTACT:
            return running.contact_id, running.unit_id
        if running.state == WITH_LEADER:
            return running.coordinates_it, running.unit_id
        if running.is_under_review:
            return running.leader_id, running.unit_id
        return (running.works_on_it, running.unit_id) if running.state in WITH_HANDLER else None

    def names_people(self) -> Iterable[int]:
        return (pk for pk in (self.agent_id, self.forwarded_by_id, self.reply_by_id) if pk is not None)

    def may_wait(self, limits: TimeLimits) -> timedelta:
        return limits.may_wait(self.awaits)

    def named_for(self, actor: Actor) -> list[str]:
        """The category, and the unit of the present round to those who may read all. Who only forwarded it or replies
        doesn't know the intake.
        """
        everything = actor.reads_every_complaint
        knows_intake = everything or actor.pk not in (self.forwarded_by_id, self.reply_by_id)
        unit = str(self.latest_round.unit) if everything and self.latest_round else ""
        return [name for name in (str(self.category) if self.category and knows_intake else "", unit) if name]

    def owed_by(self, deadline: Deadline, lookups: Lookups) -> int | None:
        """An invited unit's duty is owed by the person named, or by its head if nobody confirmed, not by the holder
        (R32).
        """
        if deadline.kind in ANSWERS_TO_OUTSIDE:
            agent = self.agent_there(lookups)
            return None if agent is None else agent.pk
        if deadline.kind not in OF_THE_INVITED:
            return self.matter.holder_id
        return deadline.person_id or next((p.unit.head_id for p in self.parts if p.unit_id == deadline.unit_id), None)

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """Tell those who must act or answer for it. A unit's limit is told to its own people: the hand-over to the
        contact, everything later to handler and leader, both to the head; of the centre's own the agent hears, and who
        owes it.
        """
        if deadline.kind == Kind.CONFIRMATION:
            yield from {deadline.person_id, *(p.unit.head_id for p in self.parts if p.unit_id == deadline.unit_id)}
        elif deadline.kind == Kind.COOPERATION:
            yield from self._told_of_cooperation(deadline, lookups)
        elif deadline.part:
            owed = self._round_of(deadline)
            if deadline.kind == Kind.HANDOFF or owed.handler_id is None:
                yield owed.contact_id
            yield from {owed.handler_id, owed.leader_id, owed.head_id, owed.acting_handler_id, owed.acting_leader_id}
            if deadline.kind == Kind.RULING:
                yield from self.told_at_centre(lookups)
        else:
            owes = lookups.person(deadline.person_id)
            there = owes is not None and owes.is_active and owes.unit_id == deadline.unit_id
            yield deadline.person_id if there or deadline.person_id == self.replies_instead_id else None
            yield from self.told_at_centre(lookups)

    def _round_of(self, deadline: Deadline) -> Round:
        """The newest round is loaded; an earlier one is queried only when its miss is excused later."""
        newest = self.latest_round
        if newest is not None and newest.number == deadline.part:
            return newest
        return Round.objects.get(complaint_id=self.pk, number=deadline.part)

    def _told_of_cooperation(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """The cooperating unit's people and head, and the convener."""
        for part in self.parts:
            is_its = part.unit_id == deadline.unit_id and part.finished_at == deadline.met_at
            if is_its and part.coordination.concluded_at:
                yield from (part.handler_id, part.leader_id, part.unit.head_id, part.coordination.convener_id(lookups))

    @property
    def ended_at(self) -> datetime | None:
        """For imported history, long before it was written here."""
        return self.archived_at

    def presses(self, deadline: Deadline) -> bool:
        """Limits count until the archive, that of an answer to a body outside until it is given; a round's own only
        while a unit works on it. A missed ruling has settled the return (R28) and a missed confirmation counts as given
        (R30), so neither counts any more.
        """
        of_the_round = bool(deadline.part) and self.state != State.DISPATCHED
        is_over = self.state == State.ARCHIVED and deadline.kind not in ANSWERS_TO_OUTSIDE
        return not (is_over or deadline.is_settled or of_the_round)

    def is_pursued(self, deadline: Deadline) -> bool:
        """Only while its round runs: a round that is over isn't chased (R13)."""
        running = self.round
        return running is not None and running.number == deadline.part

    def told_of_waiting(self, lookups: Lookups) -> Iterable[int]:
        """The handler too, if their answer waits for the leader: they may take it back (R18)."""
        yield from super().told_of_waiting(lookups)
        if self.round is not None and self.round.is_under_review and self.round.works_on_it:
            yield self.round.works_on_it

    def tells_present(self, actor: Actor) -> bool:
        """Not to a unit whose round is over while another one has it, nor to who only forwarded it."""
        if actor.reads_every_complaint or self.matter.holder_id == actor.pk:
            return True
        newest = self.latest_round
        return newest is not None and newest.is_visible_to(actor)

    def describe_state(self) -> Any:
        running = self.round
        if running is not None and running.is_under_review:
            return _("答复待分管领导审核")
        return RoundState(running.state).label if running else State(self.state).label

    @property
    def current_part(self) -> int:  # type: ignore[override]
        """The round that new acts belong to: the running one, or the one whose result is being replied."""
        latest = self.latest_round
        if latest is None or (latest.is_over and latest.pk != self.result_round_id):
            return 0
        return latest.number if latest.state != RoundState.RETURNED else 0

    @property
    def round_in_hand(self) -> Round | None:
        """The round that new acts belong to (`current_part`)."""
        return self.latest_round if self.current_part else None

    def side_of(self, actor: Actor) -> int | None:
        """The unit for which this person takes part in the work: their own for the centre and the coordinating
        department, that of the round in hand for its people, an invited one for everybody in it. None for others.
        """
        if actor.is_agent or (self.coordinator_id is not None and actor.is_marketing):
            return actor.unit_id
        in_hand = self.round_in_hand
        if in_hand is not None and in_hand.has(actor):
            return in_hand.unit_id
        return next((part.unit_id for part in self.parts if part.unit_id in actor.units), None)

    # What the domain asks

    @property
    def round(self) -> Round | None:
        """The running round."""
        latest = self.latest_round
        return latest if latest is not None and not latest.is_over else None

    @cached_property
    def parts(self) -> list[Cooperation]:
        """Every invited unit's part, the newest coordination first. Empty if there never was one. Those of all
        complaints that were locked together are read at once, when the first of them asks.
        """
        if not self.coordinated:
            return []
        together = {each.pk: each for each in (*self._read_with, self) if "parts" not in each.__dict__}
        found = parts_of(together)
        for pk, each in together.items():
            each.know_parts(found[pk])
        return self.parts

    def know_parts(self, parts: Iterable[Cooperation]) -> None:
        """Take these, which are all of them, for `parts`: whoever read them spares it the statement."""
        self.__dict__["parts"] = newest_first(parts)

    @property
    def open_parts(self) -> list[Cooperation]:
        """The parts of the running round's coordination until all its tasks are finished. It ends with its round."""
        running = self.round
        here = [part for part in self.parts if running is not None and part.coordination.round_id == running.pk]
        return [part for part in here if part.coordination.finished_at is None]

    @property
    def flags(self) -> list[str]:
        return [name for name, _label in FLAGS if getattr(self, name)]

    @property
    def replier(self) -> str:
        """Who replies to the customer: forwarded and VIP, the forwarding employee (R34); otherwise the centre (R35).

        The tier is the one stamped at acceptance.
        """
        both = self.channel == Channel.FORWARD and self.tier == Tier.VIP
        return Replier.FORWARDER if both else Replier.CSC

    @property
    def is_history(self) -> bool:
        """Closed before it was imported: no limit ever ran and no employee handled it here."""
        return self.ended_as == Ending.IMPORTED

    @property
    def was_entered_late(self) -> bool:
        """Imported: received before this system knew of it."""
        return self.registered_at is not None and self.registered_at < self.matter.opened_at

    @property
    def replies_instead_id(self) -> int | None:
        """The employee who owes the reply instead of the centre: the forwarder, or the one a supervisor named (S21).
        None if the centre owes it.
        """
        return (self.reply_by_id or self.forwarded_by_id) if self.replier == Replier.FORWARDER else None

    def is_replied_by(self, actor: Actor) -> bool:
        """Whether this employee, not the centre, owes the customer the reply (R34)."""
        return self.replies_instead_id == actor.pk

    @property
    def next_dispatch_is_ruling(self) -> bool:
        """After this many accepted returns a supervisor rules; 0: never."""
        return 0 < self.returns_before_ruling <= self.out_of_scope_returns

    # Transitions: the verbs of the contract

    @transition(field=state, source=State.NEW, target=State.FORWARDED)
    def forward(self) -> None: ...

    @transition(field=state, source=[State.NEW, State.FORWARDED], target=State.REGISTERED)
    def register(self) -> None: ...

    @transition(field=state, source=State.REGISTERED, target=State.HANDLING)
    def handle_directly(self) -> None: ...

    @transition(field=state, source=State.REGISTERED, target=State.DISPATCHED)
    @transition(field=state, source=State.REPLIED, target=State.DISPATCHED, conditions=[customer_unsatisfied])
    def dispatch(self) -> None: ...

    @transition(
        field=state, source=State.DISPATCHED, target=State.REGISTERED,
        conditions=[in_round(RoundState.RETURN_REQUESTED)],
    )  # fmt: skip
    def rule_on_return(self) -> None:
        """An accepted return: the centre chooses a unit again (A2). One not accepted leaves the state as it is."""

    @transition(
        field=state, source=State.DISPATCHED, target=State.COMPLETED, conditions=[in_round(RoundState.ANSWERED)],
    )  # fmt: skip
    @transition(field=state, source=State.HANDLING, target=State.COMPLETED)
    def judge_complete(self) -> None:
        """Judged complete; what is judged incomplete goes back by `judge_incomplete`."""

    @transition(field=state, source=State.HANDLING, target=State.REGISTERED)
    def judge_incomplete(self) -> None:
        """Direct handling was incomplete: the complaint waits for the centre again."""

    @transition(field=state, source=State.COMPLETED, target=State.REPLIED)
    def reply(self) -> None: ...

    @transition(field=state, source=State.REPLIED, target=State.ARCHIVED, conditions=[not_yet_asked])
    def record_satisfaction(self) -> None:
        """满意 ends the complaint (R7); 不满意 leaves the state, and the centre decides."""

    @transition(field=state, source=State.REPLIED, target=State.ARCHIVED, conditions=[not_yet_asked])
    def rate_reply(self) -> None:
        """The same, in the customer's own words."""

    @transition(field=state, source=State.REPLIED, target=State.ARCHIVED, conditions=[customer_unsatisfied])
    def archive_unsatisfied(self) -> None: ...
