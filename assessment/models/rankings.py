"""The yearly ranking: drafted with its inputs, confirmed by a person, withdrawn if they were wrong (R53)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject, bound, subject
from accountability.models import Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor
from assessment.models.bulletins import reads_drafts
from assessment.models.standings import Group, Standings, standings_of
from complaints.models import Round


class RankingState(models.TextChoices):
    NEW = "new", _("未起草")
    DRAFTED = "drafted", _("待确认")
    CONFIRMED = "confirmed", _("已公布")
    WITHDRAWN = "withdrawn", _("已撤回")


State = RankingState

TO_CONFIRM = timedelta(hours=5 * 24)
"""How long a draft may wait for a leader of marketing, unless the table of limits says otherwise."""


class RankingQuerySet(models.QuerySet["Ranking"]):
    def visible_to(self, actor: Actor) -> RankingQuerySet:
        """Published rankings are for everybody; drafts for marketing, auditors and the centre's supervisors."""
        return self if reads_drafts(actor) else self.exclude(state=State.DRAFTED)

    def standing(self) -> RankingQuerySet:
        """The one of each year that counts, or is about to."""
        return self.exclude(state=State.WITHDRAWN)

    def with_everything(self) -> RankingQuerySet:
        return self.select_related(
            "matter__holder", "matter__holder_unit", "drafted_by", "decided_by__unit", "withdrawn_by__unit",
            "decision", "withdrawal",
        )  # fmt: skip


@subject
class Ranking(Subject, models.Model):
    """One ranking of a year; after a withdrawal there may be another. The methods named like verbs are its transitions.

    Each draft is an `edition` with lines and inputs of its own; earlier editions stay as they were. `inputs_digest`
    covers the present edition's inputs, in the order of rounds, and is in the ledger too.
    """

    matter_kind = "ranking"
    page = "ranking_numbered"
    stamped_people: ClassVar[frozenset[int]] = frozenset()

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="ranking", verbose_name=_("事项")
    )
    state = FSMField(_("状态"), default=State.NEW, choices=State.choices, protected=True)
    year = models.PositiveSmallIntegerField(_("年度"))
    attempt = models.PositiveSmallIntegerField(_("本年度第几次"), default=1)
    edition = models.PositiveSmallIntegerField(_("稿次"), default=0)
    is_split = models.BooleanField(_("分公司与部门分开排名"), default=False)
    drafted_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("起草人"))
    frozen_at = models.DateTimeField(_("数据封存时间"))
    rounds = models.PositiveIntegerField(_("计入轮次"), default=0)
    inputs_digest = models.CharField(_("依据校验码"), max_length=64)
    needs_decision = models.BooleanField(_("须由人决定"), default=False)
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"))
    decided_at = models.DateTimeField(_("确认时间"), null=True)
    decision = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    document_number = models.CharField(_("发文字号"), max_length=60, blank=True, default="")
    withdrawn_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("撤回人"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)
    withdrawal = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = RankingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("年度排名")
        ordering = ["-year", "-attempt"]
        constraints = [
            models.UniqueConstraint(fields=["year"], name="one_ranking_a_year", condition=~Q(state="withdrawn")),
            models.UniqueConstraint(fields=["year", "attempt"], name="one_ranking_an_attempt"),
            models.CheckConstraint(
                name="ranking_is_decided_whole",
                condition=Q(state="drafted", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["confirmed", "withdrawn"], decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.matter)

    # What the gate asks

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return bound(cls.objects.select_related("decision"), matters)

    def watched(self) -> Iterable[models.Model]:
        """Itself and, once it is drafted, its lines: a decision is written on them."""
        yield self
        if not self._state.adding:
            yield from self.lines

    @property
    def position(self) -> str:  # type: ignore[override]
        return f"{self.state}.{self.edition}"

    @property
    def awaits(self) -> str:  # type: ignore[override]
        return "confirm_barred" if self.state == State.DRAFTED else ""

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """A leader of marketing who may confirm it; if there is none, the department's head, to provide one."""
        if self.state != State.DRAFTED:
            return None, None
        unit = next((unit for unit in lookups.units_of_kind(Unit.Kind.MARKETING)), None)
        able = self.able(lookups)
        present = self.matter.holder_id
        if present in able:
            return present, unit.pk if unit else None
        return able[0] if able else unit.head_id if unit else None, unit.pk if unit else None

    def able(self, lookups: Lookups) -> list[int]:
        """The leaders who may confirm it: not the one who drafted it."""
        return [pk for pk in lookups.marketing_leader_ids if pk != self.drafted_by_id]

    def told_of_waiting(self, lookups: Lookups) -> Iterable[int]:
        return lookups.marketing_leader_ids

    def may_wait(self, limits: TimeLimits) -> timedelta:
        return limits.may_wait(self.awaits, TO_CONFIRM)

    def describe_state(self) -> Any:
        return State(self.state).label

    def make_number(self, at: datetime) -> str:
        """The first of a year PM2026, after a withdrawal PM2026-2."""
        return f"PM{self.year}" if self.attempt == 1 else f"PM{self.year}-{self.attempt}"

    # What the domain asks

    @cached_property
    def lines(self) -> list[RankingLine]:
        """The lines of the present edition in ranked order: list by list, the best first, the unranked last."""
        return list(self.all_lines.filter(edition=self.edition).select_related("unit").order_by(*LINE_ORDER))

    @cached_property
    def standings(self) -> dict[Group, Standings]:
        """The standings computed from the lines' numbers."""
        tallies = {line.unit.code: (line.resolved, line.asked) for line in self.lines if line.asked}
        units = [(line.unit.code, line.kind) for line in self.lines]
        return standings_of(tallies, units, is_split=self.is_split)

    @property
    def choices(self) -> list[RankingLine]:
        """The lines a person has to decide about: the tied ones, or every ranked one if there are too few."""
        open_codes: set[str] = set()
        for found in self.standings.values():
            open_codes |= set(found.rates) if found.has_too_few else set(found.tied)
        return [line for line in self.lines if line.unit.code in open_codes]

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFTED

    @property
    def is_published(self) -> bool:
        return self.state == State.CONFIRMED

    @property
    def is_withdrawn(self) -> bool:
        return self.state == State.WITHDRAWN

    # Transitions: the verbs of the vocabulary

    @transition(field=state, source=State.NEW, target=State.DRAFTED)
    def draft_ranking(self) -> None: ...

    @transition(field=state, source=State.DRAFTED, target=State.CONFIRMED)
    def confirm_barred(self) -> None: ...

    @transition(field=state, source=State.CONFIRMED, target=State.WITHDRAWN)
    def withdraw_ranking(self) -> None: ...


LINE_ORDER = ("group", models.F("place").asc(nulls_last=True), "unit__code")


class RankingLine(models.Model):
    """A unit in one edition, under the name and kind it had. `place` is None for a unit without a round that counts.

    `is_lowest` follows from the numbers, `is_barred` from a person's decision.
    """

    ranking = models.ForeignKey(Ranking, models.PROTECT, related_name="all_lines", db_index=False)
    edition = models.PositiveSmallIntegerField()
    group = models.CharField(max_length=8, choices=[(group.value, group.value) for group in Group])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    name = models.CharField(_("单位名称"), max_length=60)
    kind = models.CharField(max_length=16)
    resolved = models.PositiveIntegerField(_("满意且按时的轮次"))
    asked = models.PositiveIntegerField(_("计入的轮次"))
    place = models.PositiveSmallIntegerField(_("名次"), null=True)
    is_lowest = models.BooleanField(default=False)
    is_barred = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ranking", "edition", "unit"], name="one_line_a_unit_and_edition"),
            models.CheckConstraint(
                name="ranked_where_asked",
                condition=Q(place__isnull=True, asked=0) | Q(place__isnull=False, asked__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ranking_id}/{self.edition} {self.name}"

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.resolved, self.asked) if self.asked else None


class RankingRound(models.Model):
    """One input of an edition: this round counted, and as resolved or not.

    Written by one statement and never changed. It refers to rounds and units without database constraints: four hundred
    thousand checks would lock rows in use, to prove what their own tables already ensure.
    """

    ranking = models.ForeignKey(Ranking, models.PROTECT, related_name="+", db_index=False)
    edition = models.PositiveSmallIntegerField()
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    resolved = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ranking", "edition", "round"], name="one_input_a_round_and_edition")
        ]

    def __str__(self) -> str:
        return f"{self.ranking_id}/{self.edition} {self.round_id}"
