"""The tables of the held state: when people were last served, and the windows in which they weren't."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accountability.models.matters import PersonalData
from accountability.models.organisation import Employee
from accountability.models.timekeeping import Deadline
from accountability.security.masking import mask_text


class PeopleServed(models.Model):
    """The mark of life: when a web process last could serve people. There is one row, or none.

    Web processes alone write it, every 5 s. It is in the database, so that a restored copy is as old as its mark.
    """

    ONE = 1
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("最近服务时刻")

    def __str__(self) -> str:
        return self.at.isoformat()


class HoldQuerySet(models.QuerySet["Hold"]):
    def holding(self) -> HoldQuerySet:
        """Those that hold matters: people haven't decided, or what they decided isn't carried out everywhere."""
        return self.exclude(state=Hold.State.RELEASED)

    def undecided(self) -> HoldQuerySet:
        """The one on which people haven't decided yet. A constraint allows one."""
        return self.filter(state__in=(Hold.State.HELD, Hold.State.PROPOSED))


class Hold(models.Model):
    """A window in which nobody was served, from the mark of life until it was fresh again (`until`, None: it isn't).

    What fell due in it is judged when two people have ruled on it: as it is, or excused for all.
    """

    class State(models.TextChoices):
        HELD = "held", _("待提请")
        PROPOSED = "proposed", _("待第二人批准")
        RELEASING = "releasing", _("正在执行")
        RELEASED = "released", _("已解除")

    class Ruling(models.TextChoices):
        CONFIRM = "confirm", _("确认：超时如实记录")
        EXCUSE = "excuse", _("免责：超时记录并全部免责")

    class Messages(models.TextChoices):
        SEND = "send", _("补发")
        DROP = "drop", _("不再发送，只留在站内通知")

    mark = models.ForeignKey(PeopleServed, models.PROTECT, related_name="holds")
    since = models.DateTimeField(_("起"))
    until = models.DateTimeField(_("止"), null=True)
    noticed_at = models.DateTimeField(_("发现时间"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.HELD)
    ruling = models.CharField(_("处理方式"), max_length=8, choices=Ruling.choices, blank=True)
    messages = models.CharField(_("未发消息"), max_length=8, choices=Messages.choices, blank=True)
    reason = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("提请人"))
    proposed_at = models.DateTimeField(_("提请时间"), null=True)
    approved_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人"))
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    messages_settled_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(_("解除时间"), null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("停摆时段")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mark"], name="one_undecided_hold", condition=Q(state__in=["held", "proposed"])
            ),
            models.CheckConstraint(
                name="hold_is_released_by_two",
                condition=Q(state__in=["held", "proposed"])
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since.isoformat()} {self.state}"

    def excuses(self, deadline: Deadline) -> bool:
        """Whether the miss is held against nobody. What fell due after people were served again is none in any case:
        acts on the matter were refused until the ruling.
        """
        assert self.until is not None
        assert deadline.due_at is not None
        return self.ruling == self.Ruling.EXCUSE or deadline.due_at > self.until

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger records about it."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat() if self.until else None}

    @property
    def why(self) -> str:
        return mask_text(self.reason.opened.get("reason", "")) if self.reason else ""

    def drop_proposal(self) -> None:
        """Nobody has proposed anything any more."""
        self.state, self.ruling, self.messages = self.State.HELD, "", ""
        self.reason = self.proposed_by = self.proposed_at = None
