"""The tables of matters, to which deadlines, notices and alarms belong, and of their ledger."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Right
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accountability.db.own_keys import own_key
from accountability.db.sql import Read
from accountability.db.writing import HexDigest, RowMarks
from accountability.declarations.proofs import PROVED
from accountability.security.encryption import digest, digests, normal_phone, seal, unseal

NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
"""Sorts after every real instant, so that a matter with nothing due comes last in a work list."""


END_DIGITS = 4
"""The fewest last digits by which a number is found; an index knows them."""


def number_ends(digits: str, matter: str = "") -> models.Q:
    """The numbers that end with these digits, at least `END_DIGITS`. `matter` leads to the matter: `"matter__"`."""
    name = f"{matter}number"
    return models.Q(Exact(Right(name, END_DIGITS), digits[-END_DIGITS:])) & models.Q(**{f"{name}__endswith": digits})


class Matter(Read):
    """One case that is pursued, of the `kind` of its subject, or the organisation itself (one permanent matter).

    Its row is what acts lock, the parent of all records, and what work lists are sorted by: `work_rank` is R12's class
    (0 first), `work_due_at` the nearest outstanding due instant, `work_warned` whether a warning was given, or
    without any limit whether it waited too long; an index on these counts what is late, near or in time.
    `awaits` is the verb that must be run next, `holder` the person who must run it, `part` the current round. Only
    the gate writes these columns. From `deidentified_at` on it contains no personal data and no verb can be run on it.
    """

    class Kind(models.TextChoices):
        """This app's only kind. Other kinds are the `matter_kind` of the subjects that apps register."""

        ORGANISATION = "organisation", _("组织")

    kind = models.CharField(max_length=12)
    number = models.CharField(_("编号"), max_length=24, unique=True, null=True)
    opened_at = models.DateTimeField(_("建立"))
    closed_at = models.DateTimeField(_("办结"), null=True)
    deidentified_at = models.DateTimeField(_("去标识"), null=True)
    part = models.PositiveSmallIntegerField(default=0)

    awaits = models.CharField(_("待办"), max_length=24, default="", blank=True)
    holder = models.ForeignKey(
        "Employee", models.PROTECT, null=True, related_name="held", verbose_name=_("持有人"), db_index=False
    )
    holder_unit = models.ForeignKey("Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("持有单位"))
    waiting_since = models.DateTimeField(_("等待自"), null=True)
    alarm_at = models.DateTimeField(_("等待预警"), null=True)
    work_rank = models.PositiveSmallIntegerField(default=9)
    work_due_at = models.DateTimeField(default=NO_DUE)
    work_warned = models.BooleanField(default=False)

    ledger_length = models.PositiveIntegerField(default=0)
    ledger_head = HexDigest(max_length=64, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["awaits", "holder_unit", "work_rank", "work_due_at", "id"], name="matter_by_unit",
                condition=models.Q(holder_unit__isnull=False),
            ),
            models.Index(
                fields=["holder", "work_rank", "work_due_at", "id"], name="matter_by_holder",
                condition=models.Q(holder__isnull=False),
            ),
            models.Index(fields=["work_rank", "work_due_at", "id"], name="matter_by_urgency"),
            models.Index(
                fields=["work_rank", "work_due_at", "id"], name="matter_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(fields=["awaits", "work_rank", "work_due_at", "id"], name="matter_by_verb"),
            models.Index(fields=["awaits", "work_warned", "work_due_at"], name="matter_by_clock"),
            models.Index(fields=["work_due_at", "id"], name="matter_by_due"),
            models.Index(fields=["work_due_at"], name="matter_warned", condition=models.Q(work_warned=True)),
            models.Index(Right("number", END_DIGITS), name="matter_by_digits"),
            models.Index(fields=["alarm_at"], name="matter_alarm", condition=models.Q(alarm_at__isnull=False)),
            models.Index(
                fields=["kind", "closed_at"], name="matter_to_clear",
                condition=models.Q(closed_at__isnull=False, deidentified_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number or str(self.pk)


class Series(models.Model):
    """The last number given in a series. Each kind of matter, and each prefix and year of papers, has its own."""

    name = models.CharField(max_length=48, primary_key=True)
    last = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class LedgerEntry(Read):
    """One thing that was done: inserted once, never changed, chained to the matter's previous entry.

    `at` is the instant that counts for the act (for a miss, the due instant), `recorded_at` when it was written. Free
    text is in the erasable row `texts`; `facts` contains references only. `marks` proves the rows that the act left, by
    model and primary key (`gate.changes.mark`).
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="entries", verbose_name=_("事项"), db_index=False)
    seq = models.PositiveIntegerField(_("序号"))
    actor = models.ForeignKey("Employee", models.PROTECT, related_name="+", verbose_name=_("操作人"))
    verb = models.CharField(_("操作"), max_length=32)
    at = models.DateTimeField(_("计入时刻"))
    recorded_at = models.DateTimeField(_("记录时刻"))
    part = models.PositiveSmallIntegerField(_("轮次"), default=0)
    facts = models.JSONField(_("内容"), default=dict)
    texts = models.ForeignKey("PersonalData", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, null=True)
    marks = RowMarks(labels=PROVED, default=dict)
    hmac = HexDigest(_("校验码"), max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("操作台账")
        ordering = ["matter_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "seq"], name="one_entry_a_place"),
            models.UniqueConstraint(
                fields=["actor", "key"], name="one_effect_a_key", condition=models.Q(key__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id}/{self.seq}"


class PersonalData(Read):
    """The free texts of one act, sealed in one row that can be erased without changing the record.

    The digests find an intake by number or name without revealing them; they are keyed, so values can't be tried out.
    The key is made before the row is written, since the texts are bound to it.
    """

    id = models.BigIntegerField(primary_key=True, default=own_key)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="personal_data")
    kind = models.CharField(max_length=32)
    sealed = models.BinaryField(null=True)
    phone_digest = models.CharField(max_length=32, default="", blank=True)
    last4_digest = models.CharField(max_length=32, default="", blank=True)
    name_digest = models.CharField(max_length=32, default="", blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=[name], name=f"personal_by_{name[:5]}", condition=~models.Q(**{name: ""}))
            for name in ("phone_digest", "last4_digest", "name_digest")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @classmethod
    def of(cls, matter: Matter, kind: str, texts: dict[str, str]) -> PersonalData:
        """A new row, not yet saved."""
        row = cls(matter=matter, kind=kind, **blind_index(texts))
        row.sealed = seal(texts, matter_id=matter.pk, kind=kind, row=row.pk)
        return row

    @property
    def opened(self) -> dict[str, str]:
        """The texts; empty for an erased row. Raises cryptography's InvalidTag if the row was tampered with."""
        return unseal(self.sealed, matter_id=self.matter_id, kind=self.kind, row=self.pk)

    @property
    def phone_digests(self) -> tuple[str, ...]:
        """The digests that find intakes with the same number; with both keys while the key is being changed."""
        if not settings.BLIND_INDEX_KEY_OLD:
            return (self.phone_digest,) if self.phone_digest else ()
        return tuple(filter(None, digests("phone", normal_phone(self.opened.get("phone", "")))))


def blind_index(texts: dict[str, str]) -> dict[str, str]:
    """The digests of an intake's texts; empty for the texts of any other act."""
    phone = normal_phone(texts.get("phone", ""))
    return {
        "phone_digest": digest("phone", phone),
        "last4_digest": digest("last4", phone[-4:]),
        "name_digest": digest("name", texts.get("customer", "")),
    }
