"""The steps of the tours on pages of leads, cases, plans, bulletins, rankings and figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.declarations.tours import STEPS, Step

STEPS.add(
    Step("leads", "leads", "leads", _("超时就是线索"),
         _("单位超时未履行的自动列在这里。勾选同一单位的几条，发出互动单（R38、R39）；互动单只有客服中心、市场部和审计员看得到（R40）。"),
         {"agent": 5, "csc_supervisor": 2}),
    Step("bulletin", "bulletins", "bulletins", _("定期通报"),
         _("每月一日自动拟好草稿，您核对后发给各单位；其中也列出责成的处理是否已执行（R54）。"),
         {"csc_supervisor": 5}),
    Step("report", "cases", "cases", _("自查报告"),
         _("接到自查通知后5个工作日内报送（R43）：说明事实，承认的明确责任人（R44），有异议的附证据（R46）。逾期一刻即视为违反（R45）。"),
         {"contact": 5, "head": 3}),
    Step("opinion", "cases", "cases", _("接口人处理不当"),
         _("先由单位提交处理意见，再由市场部决定（R22）。轮到您提交时，案件列在这里。"),
         {"leader": 3}),
    Step("penalty", "circulars", "circulars", _("违反的后果"),
         _("判定违反的，处理人和分管领导扣除1至3个月绩效奖金（R50），单位负责人同样（R51）；通报写明单位，发至全部单位（R52）。"),
         {"leader": 4, "head": 4}),
    Step("burning", "dashboard", "figures", _("哪里最急"),
         _("本单位在办、将到期、超时和退回的数字与走势都在这里，点开就是那些投诉；解决率用于年度排名（R53）。"),
         {"head": 1}),
    Step("plans", "plans", "plans", _("整改到验收为止"),
         _("市场部要求的整改写明责任人和期限；办完在这里报告，由市场部验收（R16）。"),
         {"head": 5}),
    Step("docket", "admin:assessment_case_changelist", "cases", _("案件在台账里办"),
         _("收到互动单或自行判定后，2个工作日内通知单位自查（R42）；有异议的先评判，涉嫌单位的人回避（R48）。有一人未处理，案件不能结案（R51）。"),
         {"marketing": 1}),
    Step("sign", "circulars", "circulars", _("通报由领导签发"),
         _("专员起草，市场部领导在自己的登录中签发，发至全部单位（R52）；签发后只能用另一份通报撤回。"),
         {"marketing": 2}),
    Step("ranking", "rankings", "rankings", _("年度排名"),
         _("按问题解决率排名，后三名（含并列）不能参加评优，由市场部领导确认（R53）。"),
         {"marketing": 5}),
    Step("sheets", "sheets", "sheets", _("互动单"),
         _("只有客服中心、市场部和审计员看得到（R40）；涉嫌单位在查询、导出、通知和计数中都看不到它，请勿转告。"),
         {"auditor": 2}),
    Step("figures", "dashboard", "figures", _("数字背后的投诉"),
         _("按单位、类别和地区看及时率、退回和解决率（R53、R54）；每个数字都能点到背后的投诉，表格可以下载。"),
         {"auditor": 3}),
)  # fmt: skip
