"""The windows in which the system gave no sign of life, and what two people said about the misses in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class HoldQuerySet(models.QuerySet["Hold"]):
    def awaiting(self) -> HoldQuerySet:
        """Those that nobody has released."""
        return self.filter(released_at=None)

    def unfinished(self) -> HoldQuerySet:
        """Those that aren't released, or whose misses aren't all recorded: what is unsent from before waits."""
        return self.filter(finished_at=None)

    def leave_out(self, rows: Any, column: str) -> Any:
        """The rows without those whose instant lies in a window that nobody has released."""
        for since, until in self.awaiting().values_list("since", "until"):
            rows = rows.exclude(**{f"{column}__range": (since, until)})
        return rows

    def leave_out_unsent(self, rows: Any, column: str) -> Any:
        """The rows without those written before the end of an unfinished window: an older copy of the database doesn't
        know that they were sent.
        """
        until = self.unfinished().aggregate(until=models.Max("until"))["until"]
        return rows if until is None else rows.filter(**{f"{column}__gte": until})


class Hold(models.Model):
    """The window from the last sign of life of the sweep to its return, after a restore or a long outage. Two people
    release it: the misses in it are confirmed, or all excused.
    """

    since = models.DateTimeField(_("起"))
    until = models.DateTimeField(_("止"))
    is_excused = models.BooleanField(_("免责"), default=False)
    proposed_by = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("申请人"))
    released_by = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("审批人"))
    released_at = models.DateTimeField(_("结论时间"), null=True)
    reason = models.ForeignKey("PersonalData", models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(_("判定完毕"), null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("停摆时段")
        constraints = [
            models.CheckConstraint(
                name="hold_is_released_by_two",
                condition=Q(released_at__isnull=True)
                | Q(proposed_by__isnull=False, released_by__isnull=False) & ~Q(proposed_by=F("released_by")),
            ),
            models.CheckConstraint(
                name="hold_is_finished_after_release", condition=Q(finished_at=None) | Q(released_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"

    def covers(self, instant: datetime) -> bool:
        return self.since <= instant <= self.until

    @property
    def is_awaiting(self) -> bool:
        return self.released_at is None

    @property
    def facts(self) -> dict[str, Any]:
        """What the alarm and the notices say about it."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}
