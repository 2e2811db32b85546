"""The tables of personal settings, of notices sent off-screen, and of the state of each channel."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.security.encryption import seal, unseal


class Channel(models.TextChoices):
    """The channels for notices off-screen. `settings.CHANNELS` says which ones a deployment has."""

    EMAIL = "email", _("电子邮件")
    SMS = "sms", _("短信")
    ROBOT = "robot", _("群机器人")


OF_CUSTOMERS = "customer"
"""Failures with customers' messages count apart from those of the gateway that sends them: what it refuses them, such
as too many at once, must not pause it for the thirty minutes.
"""


OF_UNIT = ":"
"""Between a channel and the code of a unit that has a line of its own there."""


def channel_label(name: str) -> Any:
    channel, _colon, unit = name.partition(OF_UNIT)
    if unit:
        return f"{channel_label(channel)} {unit}"
    return _("客户短信") if name == OF_CUSTOMERS else Channel(name).label if name in Channel.values else name


class Preferences(models.Model):
    """One person's addresses, language, and channels by topic (default: `settings.NOTICE_CHANNELS`).

    `shortcuts`: whether single-key shortcuts are on; users of voice control may need them off. `toured`: the version of
    the tours that the person finished or skipped (`tour_skipped`), 0 for none. `alarms_read`: the newest alarm that the
    person has read; the line of alarms stays folded until a newer one is raised.

    The addresses are sealed like a customer's data, but bound to the person instead of a matter, so that a row can't be
    moved to somebody else. Only the person can read or change them, except for the number of their office: marketing
    sets it too, and those who work on the same complaint see it.
    """

    employee = models.OneToOneField("Employee", models.PROTECT, primary_key=True, related_name="preferences")
    language = models.CharField(_("语言"), max_length=8, default=settings.LANGUAGE_CODE)
    chosen = models.JSONField(default=dict)
    counts_in_title = models.BooleanField(default=True)
    plays_sound = models.BooleanField(default=False)
    sealed = models.BinaryField(null=True)
    shortcuts = models.BooleanField(default=True)
    toured = models.PositiveSmallIntegerField(default=0)
    tour_skipped = models.BooleanField(default=False)
    alarms_read = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.employee_id)

    @property
    def _seal(self) -> dict[str, Any]:
        return {"matter_id": 0, "kind": "addresses", "row": self.employee_id}

    @property
    def addresses(self) -> dict[str, str]:
        """`email`, `mobile` and `office`, as far as they are known."""
        return unseal(self.sealed, **self._seal)

    @addresses.setter
    def addresses(self, given: dict[str, str]) -> None:
        known = {name: address for name, address in given.items() if address}
        self.sealed = seal(known, **self._seal) if known else None

    @classmethod
    def office_numbers(cls) -> dict[int, str]:
        """The office telephone of everybody who has one; one query."""
        known = cls.objects.exclude(sealed=None).only("sealed")
        return {one.pk: number for one in known if (number := one.office_number)}

    @property
    def office_number(self) -> str:
        """The office telephone; empty if there is none."""
        return self.addresses.get("office", "")

    def channels_for(self, topic: str) -> list[str]:
        """The channels wanted for the topic, whether or not there is an address for them."""
        return list(self.chosen.get(topic, settings.NOTICE_CHANNELS.get(topic, ())))


class Delivery(models.Model):
    """One notice on one channel: waiting, sent, failed or dropped. Several may share one `message` (a digest).

    A claim moves `next_try_at` past the longest possible send, so that two workers never send the same message and
    nothing is lost if a worker dies. A message keeps its key for all tries, so that a gateway can detect repetitions.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("未送达")
        DROPPED = "dropped", _("无需发送")

    notification = models.ForeignKey("Notification", models.PROTECT, related_name="deliveries", db_index=False)
    recipient = models.ForeignKey(
        "Employee", models.PROTECT, related_name="+", verbose_name=_("收件人"), db_index=False
    )
    channel = models.CharField(_("渠道"), max_length=8, choices=Channel.choices)
    is_clock = models.BooleanField(default=False)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    message = models.CharField(max_length=32, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    planned_at = models.DateTimeField(_("计划时间"))
    next_try_at = models.DateTimeField(_("下次发送"))
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    problem = models.CharField(_("问题"), max_length=40, default="", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("短信/邮件通知")
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_a_notice_and_channel")
        ]
        indexes = [
            models.Index(fields=["-is_clock", "next_try_at"], name="delivery_due", condition=models.Q(state="waiting")),
            models.Index(fields=["recipient", "channel", "sent_at"], name="delivery_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_state_display()}"


class ChannelHealth(models.Model):
    """Consecutive failures of a channel, or of its line to one unit, and when to try it again: not every message tries
    a dead gateway.
    """

    channel = models.CharField(max_length=32, primary_key=True)
    failures = models.PositiveSmallIntegerField(default=0)
    resume_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.channel} {self.failures}"
