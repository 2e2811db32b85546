"""Coordination of several units: the first-inquiry unit convenes, the record says who does what by when (R29–R32)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Read, Through, Together
from accountability.db.ways import Way, any_of
from accountability.gate.lookups import Lookups
from accountability.models import Employee, PersonalData, Unit
from accountability.models.history import History
from accountability.permissions import Actor
from complaints.declarations.limits import Kind
from complaints.models.rounds import BEFORE_ANSWER, Round, seen_by

OF_THE_INVITED = (Kind.CONFIRMATION, Kind.COOPERATION)
"""The limits of an invited unit: to confirm the record, and to do its task."""


class Stage(models.TextChoices):
    """How far a coordination has come. Computed from its instants, not stored."""

    CONVENED = "convened", _("待书面明确")
    RECORDED = "recorded", _("待各单位确认")
    CONFIRMED = "confirmed", _("待议定")
    CONCLUDED = "concluded", _("执行中")
    ENDED = "ended", _("随本轮结束")
    FINISHED = "finished", _("全部完成")
    CALLED_OFF = "called_off", _("已取消")
    LAPSED = "lapsed", _("未议定，随本轮结束")


class CoordinationQuerySet(models.QuerySet["Coordination"]):
    def open(self) -> CoordinationQuerySet:
        """Until every task is finished or its round ends."""
        return self.filter(finished_at=None)


class Coordination(Read):
    """One coordination of a round. Its texts (problem, record) are in the sealed rows of their acts."""

    round = models.ForeignKey("complaints.Round", models.PROTECT, related_name="coordinations")
    convened_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("召集人"))
    convened_at = models.DateTimeField(_("召集时间"))
    by_coordinator = models.BooleanField(_("由协调部门召集"), default=False)
    problem = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    record = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("书面明确时间"), null=True)
    concluded_at = models.DateTimeField(_("议定时间"), null=True)
    called_off_at = models.DateTimeField(_("取消时间"), null=True)
    finished_at = models.DateTimeField(_("全部完成时间"), null=True)

    history = History()
    objects = CoordinationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("跨部门协调")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], name="one_open_coordination", condition=Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} " + str(_("协调"))

    def convener_id(self, lookups: Lookups) -> int | None:
        """The person who convened, if they still have a part in the round: an earlier substitute may no longer know of
        it. For the coordinating department, the person who convened while they serve there (R14).
        """
        if self.by_coordinator:
            return self.convened_by_id if self.convened_by_id in lookups.marketing_ids else None
        of_round = (self.round.works_on_it, self.round.handler_id, self.round.leader_id)
        return self.convened_by_id if self.convened_by_id in of_round else None

    @property
    def convening_unit(self) -> Unit | None:
        """The first-inquiry unit, or the coordinating department."""
        return self.convened_by.unit if self.by_coordinator else self.round.unit

    def stage(self, all_confirmed: bool) -> Stage:
        """`all_confirmed`: whether every invited unit has confirmed the present record, or counts as having done so.

        A coordination ends with its round, finished or not (R30).
        """
        if self.called_off_at:
            return Stage.CALLED_OFF
        if self.finished_at:
            return Stage.FINISHED if self.concluded_at else Stage.LAPSED
        if self.concluded_at:
            return Stage.ENDED if self.round.is_over else Stage.CONCLUDED
        if self.recorded_at is None:
            return Stage.CONVENED
        return Stage.CONFIRMED if all_confirmed else Stage.RECORDED


class CooperationQuerySet(models.QuerySet["Cooperation"]):
    def to_confirm(self) -> CooperationQuerySet:
        """Recorded and not confirmed. Not while the round awaits a ruling or the centre's judgement, nor once the
        unit's silence counts as a confirmation.
        """
        waiting = self.filter(confirmed_at=None, deemed_at=None, coordination__recorded_at__isnull=False)
        waiting = waiting.filter(coordination__round__state__in=BEFORE_ANSWER)
        return waiting.filter(coordination__concluded_at=None, coordination__finished_at=None)

    def to_finish(self) -> CooperationQuerySet:
        return self.filter(finished_at=None, coordination__concluded_at__isnull=False)

    def visible_to(self, actor: Actor) -> CooperationQuerySet:
        """An invited unit sees its own task, never another's. The round's own people see all tasks of their round."""
        if actor.is_administrator:
            return self.none()
        if actor.reads_every_complaint:
            return self
        seen = Round.objects.filter(seen_by(actor), pk=OuterRef("coordination__round"))
        return self.filter(any_of(ways_of_invited(actor)) | Exists(seen))


def ways_of_invited(actor: Actor) -> list[Way]:
    """What a person's units were invited to."""
    return [Way("unit_id", actor.units)]


class Cooperation(Read):
    """One invited unit's part: a task with a due instant, confirmed, perhaps with an objection, and finished.

    `handler` and `leader` are the unit's people bound by the same duty (R32), stamped at the confirmation. A unit
    silent until its limit counts as having confirmed since `deemed_at`, and may still confirm once, late (R30).
    `complaint` is the round's: what a unit was invited to is read in the order of its complaints.
    """

    coordination = models.ForeignKey(Coordination, models.PROTECT, related_name="parts", db_index=False)
    complaint = models.ForeignKey("complaints.Complaint", models.PROTECT, related_name="cooperations", db_index=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="cooperations", verbose_name=_("配合单位"), db_index=False
    )
    due_at = models.DateTimeField(_("完成期限"), null=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    confirmed_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"))
    objected = models.BooleanField(_("有异议"), default=False)
    deemed_at = models.DateTimeField(_("视为确认"), null=True)
    handler = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("配合处理人"))
    leader = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("分管领导"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    finished_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("完成人"))

    history = History()
    objects = CooperationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("配合任务")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["coordination", "unit"], name="one_part_a_unit")]
        indexes = [
            models.Index(fields=["unit", "complaint"], name="cooperation_of_unit"),
            models.Index(fields=["unit"], name="cooperation_unfinished", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.coordination_id} {self.unit_id}"

    @property
    def is_confirmed(self) -> bool:
        return bool(self.confirmed_at or self.deemed_at)

    @property
    def is_to_confirm(self) -> bool:
        """In time, or late after the unit's silence has counted. After the conclusion only silent units are left."""
        table = self.coordination
        waits = table.recorded_at is not None and table.finished_at is None
        return waits and self.confirmed_at is None and table.round.state in BEFORE_ANSWER

    @property
    def is_to_finish(self) -> bool:
        return self.coordination.concluded_at is not None and self.finished_at is None


def parts_of(complaints: Collection[int]) -> dict[int, list[Cooperation]]:
    """By complaint, every invited unit's part, in no order, with its coordination, round and unit. One statement."""
    together = Together()
    its_rounds = Through(Round, "id", "complaint_id", complaints)
    its_tables = Through(Coordination, "id", "round_id", its_rounds)
    its_parts = together.rows(Cooperation, coordination_id=its_tables)
    of_tables = together.rows(Coordination, round_id=its_rounds)
    of_rounds = together.rows(Round, complaint_id=complaints)
    of_units = together.rows(Unit, id=Through(Cooperation, "unit_id", "coordination_id", its_tables))
    tables, rounds, units = of_tables.by_key(), of_rounds.by_key(), of_units.by_key()
    of_each: dict[int, list[Cooperation]] = {pk: [] for pk in complaints}
    for part in its_parts():
        part.coordination, part.unit = tables[part.coordination_id], units[part.unit_id]
        part.coordination.round = rounds[part.coordination.round_id]
        of_each[part.complaint_id].append(part)
    return of_each


def newest_first(parts: Iterable[Cooperation]) -> list[Cooperation]:
    """The newest coordination first; the parts of one share it."""
    ordered = sorted(parts, key=lambda part: (-part.coordination_id, part.pk))
    tables = {part.coordination_id: part.coordination for part in ordered}
    for part in ordered:
        part.coordination = tables[part.coordination_id]
    return ordered
