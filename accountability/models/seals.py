"""The tables of seals and verifications of the record, for pages to show; the seals themselves are files (ADR 0018)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """Notes that a seal was written. The file is the seal itself; the owner of the database could forge this row."""

    number = models.PositiveIntegerField(_("序号"), unique=True)
    at = models.DateTimeField(_("时间"))
    hmac = models.CharField(_("校验码"), max_length=64)
    entries = models.PositiveBigIntegerField(_("台账条数"))
    matters = models.PositiveIntegerField(_("涉及事项数"))
    rows = models.PositiveIntegerField(_("新封存日志与历史行数"))

    class Meta:
        verbose_name = verbose_name_plural = _("封存")
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class Verification(models.Model):
    """One check of the whole record against its chains and seals; `findings` lists what is wrong."""

    at = models.DateTimeField(_("时间"))
    entries = models.PositiveBigIntegerField(_("台账条数"))
    seals = models.PositiveIntegerField(_("封存数"))
    found = models.PositiveIntegerField(_("发现的问题数"))
    findings = models.JSONField(_("发现的问题"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("核验")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.found} of {self.entries}"
