"""Text messages to the customer, which lead to the only pages without sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models import Delivery
from complaints.models.complaints import Complaint


class CustomerMessage(models.Model):
    """One text message to the customer: the complaint was taken in, or it was answered (R35, R37). It holds no number
    and no text: both are made when it is sent, from what is on record then.

    A claim moves `next_try_at` past the longest possible send, as that of a notice does. `claim` is the same on every
    try, so that a gateway can detect repetitions.
    """

    class Kind(models.TextChoices):
        REGISTERED = "registered", _("受理告知")
        REPLIED = "replied", _("邀请评价")

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="messages", verbose_name=_("投诉"), db_index=False
    )
    kind = models.CharField(_("短信"), max_length=10, choices=Kind.choices)
    reply = models.PositiveSmallIntegerField(_("第几次回复"), default=0)
    made_at = models.DateTimeField(_("生成时间"))
    state = models.CharField(_("状态"), max_length=8, choices=Delivery.State.choices, default=Delivery.State.WAITING)
    claim = models.CharField(max_length=32, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    next_try_at = models.DateTimeField(_("下次发送"))
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    problem = models.CharField(_("问题"), max_length=40, default="", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("客户短信")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "kind", "reply"], name="one_customer_message_each"),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="customer_message_due", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_state_display()}"

    def settle(self, state: str, **columns: Any) -> None:
        """Save the result, unless the lease ran out and another worker has saved one."""
        mine = CustomerMessage.objects.filter(pk=self.pk, state=Delivery.State.WAITING, attempts=self.attempts)
        mine.update(state=state, **columns)

    @classmethod
    def due(cls, at: datetime) -> models.QuerySet[CustomerMessage]:
        return cls.objects.filter(state=Delivery.State.WAITING, next_try_at__lte=at)
