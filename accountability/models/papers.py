"""The tables of issued papers and drafts: their frozen words, the files made from them, and their way to the OA."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.models.matters import Matter, PersonalData
from accountability.models.outgoing import Outgoing
from accountability.models.versions import Version
from accountability.models.webhooks import letters


class Paper(models.Model):
    """One paper: issued (its digest is in the ledger; some kinds have a number), or a draft, which is deleted later.

    `content` is sealed and can be erased; `digest` stays. `part` is the round, or the key of the object within the
    matter that the paper is about. Issuing it again makes the next `version`; earlier versions stay.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="papers", verbose_name=_("事项"))
    kind = models.CharField(_("文种"), max_length=24)
    part = models.PositiveBigIntegerField(default=0)
    version = models.PositiveSmallIntegerField(_("版次"), default=1)
    number = models.CharField(_("发文字号"), max_length=60, blank=True, default="")
    title = models.CharField(_("标题"), max_length=200)
    content = models.ForeignKey(PersonalData, models.PROTECT, related_name="+")
    digest = models.CharField(_("校验码"), max_length=64)
    issued_at = models.DateTimeField(_("印发时间"), null=True)
    issued_by = models.ForeignKey("Employee", models.PROTECT, related_name="+", verbose_name=_("印发人"))
    drafted_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=43, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = _("公文")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["number"], name="paper_by_number", opclasses=["varchar_pattern_ops"])]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "kind", "part", "version"], name="one_paper_a_version",
                condition=Q(issued_at__isnull=False),
            ),
            models.CheckConstraint(
                name="paper_issued_or_drafted", condition=Q(issued_at__isnull=True, drafted_at__isnull=False)
                | Q(issued_at__isnull=False, drafted_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    mark = ""
    """The mark that is printed across it now. Not a column: `documents.reading.with_marks` sets it."""

    @property
    def is_draft(self) -> bool:
        return self.issued_at is None

    @property
    def is_erased(self) -> bool:
        return self.content.sealed is None

    @property
    def dated(self) -> datetime:
        """When it was issued or, for a draft, when it was made."""
        at = self.issued_at or self.drafted_at
        assert at is not None
        return at

    @property
    def text(self) -> str | None:
        """The frozen content as canonical JSON; None for an erased paper."""
        return self.content.opened.get("content")


class PaperFile(models.Model):
    """A paper as a file of one format: requested, then made once and kept. `place` is its name in the file store.

    `mark` is the text printed across it, empty for the file as issued. A paper that is no longer valid is only handed
    out with its mark, but the file as issued stays. Once made, the row never changes; triggers ensure that
    (`db.insert_only`). `claimed_at` is when a worker last began to make it, `failures` how often that failed.
    """

    class Form(models.TextChoices):
        HTML = "html", "HTML"
        PDF = "pdf", "PDF"
        DOCX = "docx", "DOCX"
        XLSX = "xlsx", "XLSX"

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="files", db_index=False)
    form = models.CharField(max_length=4, choices=Form.choices)
    mark = models.CharField(max_length=200, default="", blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("Employee", models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    sha256 = models.CharField(_("校验码"), max_length=64, default="", blank=True)
    size = models.PositiveIntegerField(_("字节数"), default=0)
    place = models.CharField(max_length=32, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "form", "mark"], name="one_file_a_form_and_mark"),
            models.CheckConstraint(
                name="paper_file_made_with_bytes",
                condition=Q(made_at__isnull=True, place__isnull=True) | Q(made_at__isnull=False, place__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["id"], name="paper_file_to_make", condition=Q(made_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.form}"

    @property
    def sealed_as(self) -> str:
        """What its bytes are bound to in addition to the paper's token, so that no file can replace another."""
        return f"{self.form}:{self.mark}" if self.mark else self.form


def _key() -> str:
    return f"oa_{letters(32)}"


class PaperHandover(Outgoing):
    """An issued paper on its way to the OA, written with the act that issued it. `key` is its id there, the same on
    every try.

    `oa_number` and `receipt` are what the OA says of it, in its answer or later (`answered_at`).
    """

    paper = models.OneToOneField(Paper, models.PROTECT, related_name="handover", verbose_name=_("公文"))
    key = models.CharField(max_length=40, unique=True, default=_key)
    handed_at = models.DateTimeField(_("送交时间"), null=True)
    oa_number = models.CharField(_("OA文号"), max_length=60, default="", blank=True)
    receipt = models.CharField(_("OA回执"), max_length=120, default="", blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("公文送交OA")
        indexes = [
            models.Index(fields=["next_try_at"], name="handover_due", condition=Q(state="waiting")),
            models.Index(fields=["planned_at"], name="handover_open", condition=Q(state__in=("waiting", "failed"))),
        ]

    def __str__(self) -> str:
        return self.key


class PaperWording(Version):
    """One version of the phrases of papers that marketing may edit (R15)."""

    phrases = models.JSONField(_("用语"), default=dict)

    class Meta(Version.Meta):
        verbose_name = verbose_name_plural = _("公文用语")
