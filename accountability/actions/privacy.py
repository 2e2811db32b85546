"""The policy on personal data: changed only by the marketing department's leader, each change a version."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.revision import revise
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Line, Whole
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import PrivacyPolicy

VALUES = (
    Whole(name="unmask_per_hour", label=_("每小时查看号码超过几次预警"), least=1, most=1000, required=False),
    Whole(name="unmask_stop_per_hour", label=_("每小时凭理由查看至多几次"), least=1, most=1000, required=False),
    Whole(name="refusals_per_hour", label=_("每小时被拒访问超过几次预警"), least=5, most=1000, required=False),
    Whole(name="retention_years", label=_("归档后保存客户信息（年）"), least=1, most=30, required=False),
    Whole(name="circular_months", label=_("通报公示姓名（月）"), least=1, most=120, required=False),
    Whole(name="export_rows", label=_("一次导出至多几行"), least=1, most=200_000, required=False),
    Whole(name="export_hours", label=_("导出文件保留几小时"), least=1, most=30 * 24, required=False),
    Whole(name="export_fetches", label=_("导出文件至多下载几次"), least=1, most=20, required=False),
)


@verb(
    Organisation, _("修订个人信息规则"), *VALUES, Line(name="reason", label=_("修订理由"), max_length=200),
    permission=permissions.set_privacy_policy, rule="R15",
    seen=version_of("privacy", PrivacyPolicy),
)  # fmt: skip
def set_privacy_policy(act: Act, *, reason: str, **changed: Any) -> None:
    """Set how long names are kept and how often numbers may be looked at; applies to existing data as well."""
    refuse_unless(changed, _("请至少修改一项参数。"))
    wanted = revise(act, PrivacyPolicy, reason=reason, **changed)
    in_order = wanted.unmask_per_hour <= wanted.unmask_stop_per_hour
    refuse_unless(in_order, _("至多次数不应少于预警次数。"), "unmask_stop_per_hour")
