"""The 互动单, and which leads were taken up or set aside."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accountability.models import Deadline, Employee, PersonalData, Unit
from accountability.models.history import History
from accountability.permissions import Actor
from complaints.declarations.limits import Kind

TITLE = "关于%(unit)s涉嫌违反“首问责任制”的互动单"
"""The notice's own words, whatever the language of the page (R39)."""


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, actor: Actor) -> SheetQuerySet:
        """Sheets are only for the issuing roles of the centre, marketing and auditors, at any time (R40).

        An agent who is contact or head of a unit doesn't see sheets about that unit: they are never for the unit.
        """
        if actor.reads_every_case:
            return self
        return self.exclude(unit_id__in=actor.answers_for) if actor.is_agent else self.none()


SHEETS = "HD"
"""The number of a sheet begins so."""


class Sheet(models.Model):
    """What the centre sends to the marketing department alone (R39, R40).

    Its number and the case's don't reveal each other, or how many there are. Description, evidence and the customer are
    in sealed rows.
    """

    case = models.OneToOneField("assessment.Case", models.PROTECT, related_name="sheet", verbose_name=_("案件"))
    number = models.CharField(_("编号"), max_length=24, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("涉嫌单位"))
    person = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("首问责任人"))
    issued_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("发出人"))
    issued_at = models.DateTimeField(_("发出时间"))
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("互动单")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        return TITLE % {"unit": self.unit.name}


class LeadMark(models.Model):
    """What became of a lead: a case took it up, or a supervisor of the centre set it aside. Without a mark it
    is open.
    """

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="marks", verbose_name=_("超时的时限"))
    case = models.ForeignKey("assessment.Case", models.PROTECT, null=True, related_name="leads", verbose_name=_("案件"))
    marked_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("操作人"))
    marked_at = models.DateTimeField(_("时间"))
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    restored_at = models.DateTimeField(_("恢复时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("线索处置")
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"], name="taken_up_once", condition=Q(restored_at__isnull=True, case__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["deadline"], name="set_aside_once", condition=Q(restored_at__isnull=True, case__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}"

    @property
    def counts(self) -> bool:
        """Whether the miss counts still: not taken back, excused or voided since."""
        missed = self.deadline
        return bool(missed.missed_at) and not (self.restored_at or missed.voided_at or missed.excused_at)


def is_taken_up(missed: Deadline) -> bool:
    """Whether a case has taken the miss up, whatever became of the case. Asked before a miss is undone."""
    return missed.pk is not None and LeadMark.objects.filter(deadline=missed, case__isnull=False).exists()


LEAD_KINDS = (Kind.HANDOFF, Kind.HANDLING, Kind.COOPERATION)
"""The duties of units whose miss is a lead: hand-off (R19), handling (R24), cooperation (R32)."""


def open_leads(*, to_centre: bool = False, **which: Any) -> QuerySet[Deadline]:
    """Misses that point to a violation (R38): not excused, not taken up by a case, not set aside.

    If an accepted return voids a limit that was missed, its lead is gone too: a void limit isn't missed. With
    `to_centre` a case that marketing opened on its own takes no lead away: the centre doesn't know of it, and judges
    the miss by its own sheet.
    """
    missed = Deadline.objects.filter(kind__in=LEAD_KINDS, missed_at__isnull=False, **which)
    marked = LeadMark.objects.filter(deadline=OuterRef("pk"), restored_at=None)
    if to_centre:
        sheets = Sheet.objects.filter(
            unit=OuterRef("deadline__unit"), case__complaint_links__complaint=OuterRef("deadline__matter"),
            issued_at__gte=OuterRef("deadline__missed_at"),
        )  # fmt: skip
        marked = marked.filter(Q(case=None) | Q(case__by_centre=True) | Exists(sheets))
    return missed.filter(Q(voided_at=None, excused_at=None) & ~Exists(marked))
