"""When background work last succeeded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One row a task, written when it has succeeded; and one a web host, which its readiness writes."""

    name = models.CharField(_("名称"), max_length=64, unique=True)
    host = models.CharField(_("主机"), max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("心跳")

    def __str__(self) -> str:
        return self.name
