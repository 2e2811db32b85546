"""A case: one suspected violation of the first-inquiry duty by one unit, from the sheet or the lead to the penalty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.deadlines.limits import SHANGHAI, day_of
from accountability.gate.lookups import Lookups
from accountability.gate.subjects import subject
from accountability.gate.verbs import VERBS
from accountability.models import Deadline, Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor
from accountability.security.encryption import digest
from assessment.declarations.limits import Kind
from assessment.models.circulars import Circular
from assessment.models.holding import CaseIsHeld
from assessment.models.numbers import code_of
from assessment.models.owing import CaseOwes, handoff_of, owed_handoff
from assessment.models.panels import Panel, Seat
from assessment.models.penalties import Penalty
from assessment.models.reading import CaseIsRead
from assessment.models.reports import Report
from assessment.models.states import (
    BEFORE_NOTICE,
    DETERMINED,
    HIDDEN_FROM_UNIT,
    OF_A_FAULT,
    OF_MARKETING,
    OVER,
    PRESSES_IN,
    SLIPS,
    WAITS,
    CaseState,
    Source,
)
from complaints.models import Round

State = CaseState

AT_WORK, FINISHED = 0, 9
"""What a case's matter has for `work_rank`: finished cases come last in a list, even if a return slip is missing."""


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """Marketing and auditors: all. The centre's agents and supervisors: what the centre opened by sheet or fault.
        The contacts, deputies and head of the unit: theirs from the notice on, and a fault of its contact from the
        start, declined or not. Everybody else: none.
        """
        if actor.reads_every_case:
            return self
        mine = Q(pk=None)
        if actor.is_agent:
            mine |= Q(by_centre=True)
        units = actor.answers_for
        if units:
            told = Q(source=Source.FAULT) | ~Q(state__in=HIDDEN_FROM_UNIT)
            mine |= Q(unit_id__in=units) & told & ~Q(state=State.NEW)
        return self.filter(mine)

    def asked_of(self, actor: Actor) -> CaseQuerySet:
        """Cases in which this person is asked for one thing only, and may know only what that takes: an opinion on the
        panel (R48), which nobody judges whose own unit it is, or as a leader of the unit on a contact's fault (R22).
        """
        seats = Seat.objects.sitting().filter(member_id=actor.pk, panel__case_id=OuterRef("pk"))
        leads = Employee.objects.filter(supervisor_id=actor.pk, unit_id=OuterRef("unit_id"))
        judges = Q(Exists(seats)) & ~Q(unit_id__in=actor.units)
        return self.filter(judges | Q(Exists(leads), source=Source.FAULT))

    def known_to(self, actor: Actor) -> CaseQuerySet:
        """Those whose page this person may open, however little of it they see."""
        return self if actor.reads_every_case else self.visible_to(actor) | self.asked_of(actor)

    def open(self) -> CaseQuerySet:
        return self.exclude(state__in=OVER)

    def running(self) -> CaseQuerySet:
        """Those in which something is awaited, read from the index of open matters."""
        return self.filter(matter__work_rank=AT_WORK, matter__closed_at=None)

    def with_late_slip(self, at: datetime) -> CaseQuerySet:
        """Those that are over whose return slip is overdue (R51), by what the gate keeps with the matter: of a case in
        which nothing is awaited any more, no other limit presses (`PRESSES_IN`).
        """
        late = {"matter__work_due_at__lt": at, "state__in": (State.CLOSED, State.ANNULLED)}
        return self.filter(matter__work_rank=FINISHED, **late)


@subject
class Case(CaseIsRead, CaseIsHeld, CaseOwes):
    """The methods named like verbs are its transitions. `by_centre` means that the centre opened it, by sheet or fault.

    A request that waits for a marketing leader's own approval (to decline, to annul) is in the columns `approval…`.
    """

    matter_kind = "case"
    named_with = ("unit",)
    page = "case"

    matter = models.OneToOneField(Matter, models.PROTECT, primary_key=True, related_name="case", verbose_name=_("事项"))
    state = FSMField(_("状态"), default=State.NEW, choices=State.choices, protected=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cases", verbose_name=_("被查单位"), db_index=False)
    source = models.CharField(_("来源"), max_length=20, choices=Source.choices)
    by_centre = models.BooleanField(_("客服中心提出"), default=False)
    opened_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("提出人"))
    opened_at = models.DateTimeField(_("提出时间"))
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    officer = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人"))
    round = models.OneToOneField(Round, models.PROTECT, null=True, related_name="fault", verbose_name=_("涉及轮次"))
    notified_at = models.DateTimeField(_("通知自查时间"), null=True)
    notified_head = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("通知时的单位负责人")
    )
    document_number = models.CharField(_("自查通知文号"), max_length=40, blank=True)
    notice = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    opinion = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    opinion_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("意见提交人"))
    opinion_at = models.DateTimeField(_("意见提交时间"), null=True)
    opinion_lapsed_at = models.DateTimeField(_("意见逾期"), null=True)
    decision = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("决定人"))
    determined_at = models.DateTimeField(_("认定时间"), null=True)
    violated = models.BooleanField(_("违反"), null=True)
    parts = models.JSONField(_("涉案人员"), default=list)
    owed = models.JSONField(_("应处理"), default=list)
    approval = models.CharField(_("待批事项"), max_length=20, blank=True)
    approval_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("提请人"))
    approval_at = models.DateTimeField(_("提请时间"), null=True)
    approval_texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人"))
    closed_at = models.DateTimeField(_("结案时间"), null=True)
    annulled_at = models.DateTimeField(_("撤销认定时间"), null=True)

    history = History()
    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("案件")
        ordering = ["-matter_id"]
        indexes = [
            models.Index(fields=["state", "-matter"], name="case_by_state"),
            models.Index(fields=["unit", "state"], name="case_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                name="approval_is_whole",
                condition=Q(approval="", approver__isnull=True) | ~Q(approval="") & Q(approver__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.matter)

    # What the gate asks

    @classmethod
    def shows_alarms(cls, actor: Actor) -> bool:
        """Marketing and auditors: what waits here is theirs to follow (R40)."""
        return actor.reads_every_case

    def watched(self) -> Iterable[models.Model]:
        yield self
        yield from (*self.penalty_rows, *self.circular_rows)
        yield from (report for report in self.report_rows if report.waits_for_signer)
        if self.panel is not None:
            yield from (self.panel, *self.panel.seat_rows)

    @property
    def position(self) -> str:  # type: ignore[override]
        """What a page saw: it changes with every step, and with what waits for a signature."""
        waiting = self.waiting_report
        seats = [len(self.panel.seat_rows), len(self.panel.silent)] if self.panel else []
        papers = "".join(
            "s" if circular.signed_at else "r" if circular.is_returned else "d" for circular in self.circular_rows
        )
        return ".".join(
            map(str, (
                self.state + ("-late" if self.opinion_lapsed_at else ""), self.approval or "-",
                self.approver_id or "-", waiting.pk if waiting else "-",
                *(seats or "-"), papers or "-",
                "".join(str(penalty.months) for penalty in self.penalty_rows) or "-",
            ))
        )  # fmt: skip

    def shown_for(self, verb: str) -> str:
        """An approval, signature or opinion is bound to the content that the person read.

        Pages carry this value even for readers who may not know the case's state, so it is a keyed digest. A panel
        member judges the papers given to the panel: the position, which others' opinions change, isn't in it.
        """
        if verb == "give_opinion" and self.panel:
            laid = VERBS[self.matter_kind, verb].seen
            assert laid is not None
            return digest("seen", ".".join(map(str, [self.state, *laid(self)])))
        return digest("seen", super().shown_for(verb))

    @property
    def work_rank(self) -> int:  # type: ignore[override]
        return FINISHED if self.state in OVER and not self.awaits else AT_WORK

    def named_for(self, actor: Actor) -> list[str]:
        return [str(self.unit)]

    def owed_by(self, deadline: Deadline, lookups: Lookups) -> int | None:
        """The unit's head owes the return slips, even if the case is over and has no holder."""
        late = deadline.kind in (Kind.DISCIPLINE, *SLIPS)
        return self.unit.head_id if late else self.matter.holder_id

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """The person who owes it and the officer who waits for it; for the unit's duties also its head. Nobody whom the
        matter is no longer for: an officer who has gone elsewhere doesn't learn how it goes on (R40).
        """
        if deadline.kind not in OF_MARKETING:
            yield deadline.person_id
        yield self.officer_serving(lookups)
        if self.matter.holder_id != self.officer_id:
            yield self.matter.holder_id
        if deadline.kind == Kind.PANEL and self.panel:
            yield from (seat.member_id for seat in self.panel.to_be_asked)
        if deadline.kind not in OF_MARKETING:
            yield self.unit.head_id

    def told_of_waiting(self, lookups: Lookups) -> Iterable[int]:
        """The marketing department's leaders: nobody else may hear of a case that they don't hold (R40)."""
        return lookups.marketing_leader_ids

    def may_wait(self, limits: TimeLimits) -> timedelta:
        """How long before an alarm: as the version of limits says, else the default of the step. For opinions it is
        counted from the day by which they were due.
        """
        hours = limits.may_wait(self.awaits, timedelta(hours=WAITS.get(self.awaits, 48)))
        if self.awaits == "give_opinion" and self.panel and self.matter.waiting_since:
            return max(self.panel.due_at - self.matter.waiting_since, timedelta()) + hours
        return hours

    def presses(self, deadline: Deadline) -> bool:
        return self.state in PRESSES_IN.get(deadline.kind, ()) and not deadline.is_settled

    def is_pursued(self, deadline: Deadline) -> bool:
        """Reminders for a return slip go on until it is there, even when the case is over; for opinions until all
        are in.
        """
        if deadline.kind == Kind.PANEL:
            return self.state == State.DISPUTED
        return deadline.kind in SLIPS and self.presses(deadline)

    def tells_present(self, actor: Actor) -> bool:
        """Not to a member of the panel or another who is only asked for one thing."""
        return Case.objects.visible_to(actor).filter(pk=self.pk).exists()

    def describe_state(self) -> Any:
        return State(self.state).label

    def make_number(self, at: datetime) -> str:
        return f"AJ{at.astimezone(SHANGHAI):%Y}-{code_of('case', self.matter_id)}"

    # What the domain asks

    @property
    def may_be_violation(self) -> bool:
        """Whether somebody answers for it, or may yet: it isn't declined, found not violated, or annulled."""
        return self.violated is not False and self.state not in (State.DECLINED, State.ANNULLED)

    def officer_serving(self, lookups: Lookups) -> int | None:
        """The officer, while they serve in the marketing department. One whom the act gives it to isn't read yet."""
        if self.officer is None or not self.officer.is_active:
            return None
        terms = [term for term in self.officer_terms if term.employee_id == self.officer_id]
        serves = any(term.serves_on(day_of(lookups.at)) for term in terms)
        return self.officer_id if serves or (not terms and self.officer_id in lookups.marketing_ids) else None

    def _rows(self, name: str) -> list[Any]:
        """The case's own rows; an act appends what it makes, so that what is owed and awaited is derived from it."""
        return [] if self._state.adding else list(getattr(self, name).all())

    @cached_property
    def penalty_rows(self) -> list[Penalty]:
        return self._rows("penalties")

    def penalty_of(self, person: Employee) -> Penalty | None:
        """The person's one row."""
        return next((row for row in self.penalty_rows if row.person_id == person.pk), None)

    @cached_property
    def circular_rows(self) -> list[Circular]:
        return self._rows("circulars")

    @cached_property
    def report_rows(self) -> list[Report]:
        return self._rows("reports")

    @cached_property
    def panel_rows(self) -> list[Panel]:
        return self._rows("panels")

    @cached_property
    def complaint_ids(self) -> list[int]:
        return [link.complaint_id for link in self._rows("complaint_links")]

    @property
    def is_fault(self) -> bool:
        return self.source == Source.FAULT

    @property
    def panel(self) -> Panel | None:
        """The panel that judges the objection, once appointed."""
        return self.panel_rows[-1] if self.panel_rows else None

    @property
    def waiting_report(self) -> Report | None:
        return next((report for report in self.report_rows if report.waits_for_signer), None)

    @property
    def report(self) -> Report | None:
        """The report that counts, or the late one that was kept."""
        return next((report for report in self.report_rows if report.signed_at), None)

    @property
    def circular_to_sign(self) -> Circular | None:
        return next((circular for circular in self.circular_rows if circular.waits_for_signer), None)

    @property
    def circular_in_force(self) -> Circular | None:
        return next((circular for circular in self.circular_rows if circular.is_in_force), None)

    @property
    def draft(self) -> Circular | None:
        """A circular that isn't signed yet; not one that withdraws another."""
        return next((each for each in self.circular_rows if each.is_draft and not each.withdraws_id), None)

    @property
    def withdrawal(self) -> Circular | None:
        """A circular that withdraws another as soon as it is signed."""
        return next((each for each in self.circular_rows if each.is_draft and each.withdraws_id), None)

    @property
    def was_deemed(self) -> bool:
        """Whether it is a violation because there was no report (R45); derived from the report, so also known once the
        case is closed.
        """
        return bool(self.violated) and not self.is_fault and (self.report is None or self.report.late)

    @property
    def penalised_people(self) -> list[int]:
        """The people whose penalties are in force, in the order in which they were recorded."""
        return [penalty.person_id for penalty in self.penalty_rows if penalty.annulled_at is None]

    @property
    def named_people(self) -> set[int]:
        """The people named in a circular in force."""
        return {pk for circular in self.circular_rows if circular.is_in_force for pk in circular.named}

    @property
    def people_to_name(self) -> list[int]:
        """The people whom the next circular names: everybody penalised and not yet named; none while a penalty
        is owed.
        """
        return [] if self.unpaid else [pk for pk in self.penalised_people if pk not in self.named_people]

    @cached_property
    def leaders(self) -> set[int]:
        """Those who lead somebody of the unit."""
        led = Employee.objects.filter(unit_id=self.unit_id, is_active=True, supervisor__is_active=True)
        return set(led.values_list("supervisor_id", flat=True))

    @cached_property
    def handoff(self) -> Deadline | None:
        """The hand-off that a fault case is about."""
        return handoff_of(self.round) if self.round else None

    @cached_property
    def at_fault(self) -> int | None:
        """The person who owed the hand-off that a fault case is about, even if the unit has another contact now
        (R22).
        """
        return owed_handoff(self.round, self.handoff) if self.round else None

    @property
    def opinion_givers(self) -> set[int]:
        """Those who can give the unit's opinion on its contact's fault: its head and those who lead somebody of it, but
        not on their own fault (R22).
        """
        return {pk for pk in (self.unit.head_id, *self.leaders) if pk and pk != self.at_fault}

    @property
    def lacks_opinion(self) -> bool:
        """Whether a decision must wait: the unit's opinion isn't there, its limit hasn't passed, and somebody can give
        it.
        """
        return not (self.opinion_at or self.opinion_lapsed_at) and bool(self.opinion_givers)

    def drop_approval(self) -> None:
        """Nothing waits for a leader's approval any more."""
        self.approval, self.approver = "", None
        self.approval_by = self.approval_at = self.approval_texts = None

    # Transitions: the verbs of the contract

    @transition(field=state, source=State.NEW, target=State.SHEET_ISSUED)
    def issue_sheet(self) -> None: ...

    @transition(field=state, source=State.NEW, target=State.OPENED)
    def open_case(self) -> None: ...

    @transition(field=state, source=State.NEW, target=State.FAULT_OPENED)
    def open_fault(self) -> None: ...

    @transition(field=state, source=[*BEFORE_NOTICE, *OF_A_FAULT], target=State.DECLINED)
    def decline(self) -> None: ...

    @transition(field=state, source=list(BEFORE_NOTICE), target=State.NOTIFIED)
    def notify_unit(self) -> None: ...

    @transition(field=state, source=State.NOTIFIED, target=State.ADMITTED)
    def admit(self) -> None: ...

    @transition(field=state, source=State.NOTIFIED, target=State.DISPUTED)
    def dispute(self) -> None: ...

    @transition(field=state, source=State.NOTIFIED, target=State.DEEMED_VIOLATION)
    def deem(self) -> None:
        """Run by the sweep: no report when it was due (R45), so no panel."""

    @transition(field=state, source=[State.DISPUTED, *OF_A_FAULT], target=State.VIOLATION)
    def find_violated(self) -> None: ...

    @transition(field=state, source=[State.DISPUTED, *OF_A_FAULT], target=State.NO_VIOLATION)
    def find_not_violated(self) -> None: ...

    @transition(field=state, source=State.FAULT_OPENED, target=State.OPINION_FILED)
    def file_opinion(self) -> None: ...

    @transition(field=state, source=[State.NO_VIOLATION, *DETERMINED], target=State.CLOSED)
    def close_case(self) -> None: ...

    @transition(field=state, source=[*DETERMINED, State.CLOSED], target=State.ANNULLED)
    def annul(self) -> None: ...
