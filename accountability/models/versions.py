"""The base of all tables in versions: rows are only added, each with its author, reason and instant (R15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.db.in_force import in_force, in_force_if_any


class Version(models.Model):
    """One version of a policy, a table or a text. Rows never change: a change is a new version."""

    version = models.PositiveIntegerField(_("版本"), unique=True)
    in_force_from = models.DateTimeField(_("生效时间"))
    author = models.ForeignKey("accountability.Employee", models.PROTECT, related_name="+", verbose_name=_("修订人"))
    reason = models.CharField(_("修订理由"), max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"v{self.version or 0}"

    @classmethod
    def last(cls, **series: Any) -> Self | None:
        """The newest version. `series` selects one, in a table with several series of versions (`year`)."""
        return cls._default_manager.filter(**series).order_by("-version").first()

    @classmethod
    def in_force(cls, at: datetime) -> Self:
        return in_force(cls, at)

    @classmethod
    def in_force_if_any(cls, at: datetime) -> Self | None:
        return in_force_if_any(cls, at)
