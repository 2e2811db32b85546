"""The tables of the access log, of notices and of alarms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Read
from accountability.declarations.notices import ALARMS
from accountability.declarations.subjects import SUBJECTS
from accountability.permissions import Actor


class AccessLog(Read):
    """Sensitive reads and attempts: sign-ins, refusals, unmasking, exports. Insert-only; contains no personal data."""

    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        "Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("访问人"), db_index=False
    )
    action = models.CharField(_("动作"), max_length=32)
    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="+", verbose_name=_("事项"))
    result = models.CharField(_("结果"), max_length=16)
    detail = models.CharField(_("说明"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("网络地址"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("访问日志")
        indexes = [
            models.Index(fields=["actor", "action", "at"], name="access_counted"),
            models.Index(fields=["action", "-id"], name="access_by_action"),
            models.Index(fields=["at"], name="access_by_day"),
        ]
        constraints = [
            # Only a failed sign-in with an unknown name has no actor.
            models.CheckConstraint(
                condition=models.Q(actor__isnull=False) | (models.Q(action="sign_in") & ~models.Q(result="ok")),
                name="no_null_actor",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.result}"


UNREAD = models.Q(read_at__isnull=True, over_at__isnull=True)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> NotificationQuerySet:
        """Notices that ask for the reader's attention: not read, and what they ask for isn't done. A partial index
        answers.
        """
        return self.filter(UNREAD)


class Notification(Read):
    """A notice to one person, written in the act's transaction: the row proves that it was sent.

    `kind` and `facts` become a sentence in the reader's language when the notice is shown. `read_at`: its
    recipient marked it read or opened its matter. `over_at`: its recipient acted on the matter, or what it asks for was
    done by anybody.
    """

    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="notifications")
    recipient = models.ForeignKey("Employee", models.PROTECT, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_inbox"),
            models.Index(fields=["recipient", "-id"], name="notification_unread", condition=UNREAD),
            models.Index(fields=["id"], name="notification_unsent", condition=models.Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} -> {self.recipient_id}"

    @property
    def is_unread(self) -> bool:
        return self.read_at is None and self.over_at is None


@dataclass(frozen=True)
class Sight:
    """What of the alarms somebody may not see: kinds of alarms, and those of whole kinds of matters (R40)."""

    kinds: tuple[str, ...]
    matters: tuple[str, ...]

    @classmethod
    def of(cls, actor: Actor) -> Sight:
        """Each kind of matter decides who sees its alarms."""
        of_the_record = tuple(kind.name for kind in ALARMS.values() if kind.of_the_record)
        hidden = tuple(kind for kind, model in SUBJECTS.items() if not model.shows_alarms(actor))
        return cls(() if actor.oversees_record else of_the_record, hidden)


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def visible_to(self, actor: Actor) -> AlarmQuerySet:
        """The alarms that this person may see."""
        return self.within(Sight.of(actor))

    def within(self, sight: Sight) -> AlarmQuerySet:
        return self.exclude(kind__in=sight.kinds).exclude(matter__kind__in=sight.matters)

    def of_units(self, units: Collection[int]) -> AlarmQuerySet:
        """The alarms that the heads of these units see. They learn of a proposed criticism when it is decided (R13)."""
        return self.filter(kind__in=[kind.name for kind in ALARMS.values() if kind.told_to_heads], unit_id__in=units)


class Alarm(models.Model):
    """Something that must not be overlooked: a matter that waits too long, a year without a calendar."""

    key = models.CharField(_("标识"), max_length=64)
    kind = models.CharField(_("类别"), max_length=32)
    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="alarms", verbose_name=_("事项"))
    unit = models.ForeignKey("Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    facts = models.JSONField(_("内容"), default=dict)
    since = models.DateTimeField(_("起始时间"))
    raised_at = models.DateTimeField(_("发出时间"))
    cleared_at = models.DateTimeField(_("解除时间"), null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("预警")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["kind", "id"], name="alarm_open", condition=models.Q(cleared_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="one_open_alarm_a_key", condition=models.Q(cleared_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
