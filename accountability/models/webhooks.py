"""The tables of what is told to other systems: their addresses, the events, and each event's way to each address."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from string import ascii_lowercase

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.models.organisation import Employee, Unit
from accountability.models.outgoing import Outgoing
from accountability.security.encryption import seal_bytes, unseal_bytes


def letters(count: int) -> str:
    """Letters by chance: digits in a row would be taken for somebody's number."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(count))


def _token() -> str:
    return letters(16)


def _event_key() -> str:
    return f"evt_{letters(32)}"


class WebhookEndpoint(models.Model):
    """An address of another system, and what it is told: these types (all if there are none), of every complaint or of
    one unit's rounds.

    It begins disabled: another person than who added it enables it. Address and secrets are sealed; the address never
    changes. `failing_since` is when tries began to fail in a row; `resume_at`, until when it is left in peace.
    """

    class Why(models.TextChoices):
        NEW = "new", _("待第二人启用")
        HAND = "hand", _("已停用")
        FAILING = "failing", _("连续送达失败，已停用")
        GONE = "gone", _("对方已停止接收，已停用")

    token = models.CharField(max_length=16, unique=True, default=_token)
    sealed = models.BinaryField()
    types = models.JSONField(_("事件"), default=list)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    added_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("添加人"))
    added_at = models.DateTimeField(_("添加时间"))
    enabled_at = models.DateTimeField(_("启用时间"), null=True)
    disabled = models.CharField(_("停用"), max_length=8, choices=Why.choices, default=Why.NEW, blank=True)
    former_until = models.DateTimeField(_("旧密钥有效至"), null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    resume_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("事件推送地址")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"webhook {self.token}"

    @property
    def opened(self) -> dict[str, str]:
        """`url`, `secret` and, while it counts, the `former` secret. Raises InvalidTag if the row was tampered with."""
        found: dict[str, str] = json.loads(unseal_bytes(self.sealed, token=self.token, part="webhook"))
        return found

    def seal(self, **texts: str) -> None:
        self.sealed = seal_bytes(json.dumps(texts).encode(), token=self.token, part="webhook")

    def secrets_at(self, at: datetime) -> list[str]:
        """The secrets to sign with: after a change the former one too, until receivers have had time to follow."""
        opened, overlap = self.opened, self.former_until is not None and at < self.former_until
        return [opened["secret"], *([opened["former"]] if overlap and opened.get("former") else [])]

    def wants(self, event: WebhookEvent) -> bool:
        """Whether it is told: nothing from before it was enabled, and for one unit only its own rounds."""
        since = self.enabled_at is not None and self.enabled_at <= event.made_at
        of_type = not self.types or event.kind in self.types
        return since and of_type and self.unit_id in (None, event.unit_id)


class WebhookEvent(models.Model):
    """One event, written with the act that it tells of. `key` is its id at every receiver and on every try. `unit` is
    the unit whose round it belongs to, none for what no unit is told.
    """

    key = models.CharField(_("事件编号"), max_length=40, unique=True, default=_event_key)
    kind = models.CharField(_("事件"), max_length=60)
    subject = models.CharField(_("编号"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("发生时间"))
    made_at = models.DateTimeField(db_index=True)
    data = models.JSONField(default=dict)
    is_spread = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("事件")
        indexes = [models.Index(fields=["id"], name="webhook_event_to_spread", condition=Q(is_spread=False))]

    def __str__(self) -> str:
        return self.key


class WebhookDelivery(Outgoing):
    """One event on its way to one address. Of an answer only its status is kept."""

    event = models.ForeignKey(
        WebhookEvent, models.CASCADE, related_name="deliveries", verbose_name=_("事件"), db_index=False
    )
    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries", db_index=False)
    tried_at = models.DateTimeField(_("最近发送"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("事件推送记录")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["event", "endpoint"], name="one_webhook_delivery_each")]
        indexes = [
            models.Index(fields=["endpoint", "next_try_at"], name="webhook_due", condition=Q(state="waiting")),
            models.Index(fields=["planned_at"], name="webhook_waiting", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.state}"
