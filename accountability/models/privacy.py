"""The policy on personal data: how often numbers may be unmasked, how long names are kept (PIPL 51)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models.versions import Version


class PrivacyPolicy(Version):
    """One version of the policy on personal data, which marketing's leader decides (R15).

    Unmasking numbers for a stated reason more than `unmask_per_hour` times an hour raises an alarm; from
    `unmask_stop_per_hour` on it is refused. More than `refusals_per_hour` pages an hour that somebody is refused, or
    that aren't there for them, raise one too. An export has at most `export_rows` rows; its file is kept for
    `export_hours` and can be fetched `export_fetches` times. Complaints are de-identified `retention_years` after
    archiving; names are removed from a circular `circular_months` after its publication.
    """

    unmask_per_hour = models.PositiveSmallIntegerField(_("每小时查看号码超过几次预警"), default=30)
    unmask_stop_per_hour = models.PositiveSmallIntegerField(_("每小时凭理由查看至多几次"), default=60)
    refusals_per_hour = models.PositiveSmallIntegerField(_("每小时被拒访问超过几次预警"), default=20)
    retention_years = models.PositiveSmallIntegerField(_("归档后保存客户信息（年）"), default=3)
    circular_months = models.PositiveSmallIntegerField(_("通报公示姓名（月）"), default=12)
    export_rows = models.PositiveIntegerField(_("一次导出至多几行"), default=20_000)
    export_hours = models.PositiveSmallIntegerField(_("导出文件保留几小时"), default=72)
    export_fetches = models.PositiveSmallIntegerField(_("导出文件至多下载几次"), default=3)

    class Meta(Version.Meta):
        verbose_name = verbose_name_plural = _("个人信息规则")


def privacy_in_force(at: datetime) -> PrivacyPolicy:
    """The version in force at `at`."""
    return PrivacyPolicy.in_force(at)
