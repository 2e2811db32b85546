"""What was looked at, who was told, what waits too long."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessLog(models.Model):
    """Reads and attempts that matter: sign-ins, refusals, unmasking, exports. Insert-only; no personal data in it."""

    at = models.DateTimeField()
    actor = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=32)
    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=16)
    detail = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("访问日志")

    def __str__(self) -> str:
        return f"{self.action} {self.result}"


class Notification(models.Model):
    """A notice to one person, written in the act's own transaction: the row is the proof that it was sent.

    `kind` and `facts` are turned into words when shown, in the reader's language.
    """

    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="notifications")
    recipient = models.ForeignKey("Employee", models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_inbox"),
            models.Index(fields=["recipient"], name="notification_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["id"], name="notification_unsent", condition=models.Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} -> {self.recipient_id}"


class Alarm(models.Model):
    """Something that nobody may overlook: a matter that waits too long, a year without a calendar."""

    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="alarms")
    unit = models.ForeignKey("Unit", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    since = models.DateTimeField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="one_open_alarm_a_key", condition=models.Q(cleared_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.key
