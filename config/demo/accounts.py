"""The demo accounts that `make run` prints: one for each role, and what to try as that person."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from config.demo.organisation import demo_employees, demo_units

DEMO_PASSWORD = "shouwen-demo-2026"  # nosec B105
"""One password, so that one hash (0.13 s) serves all demo users. Only the demo command sets it."""


@dataclass(frozen=True)
class DemoAccount:
    """A line of the table: the person, and what the role lets you try."""

    username: str
    password: str
    name: str
    unit: str
    role: str
    tries: str


ROLES = (
    ("kf.agent", _("坐席"), _("受理来电、派单、裁定退回、审核答复、回复客户")),
    ("kf.supervisor", _("客服班长"), _("强制裁定派单、未满意归档审批；从超时线索发出互动单，或不予采用")),
    ("kf.head", _("客服中心负责人"), _("查看全省投诉")),
    ("wh.contact", _("接口人"), _("30 分钟内交办或向分管领导汇报；提交自查报告（时限在走）")),
    ("wh.deputy", _("副接口人"), _("接口人不在时代行交办")),
    ("wh.zhang", _("首问责任人"), _("接收、退回、提出方案、答复")),
    ("wh.leader", _("分管领导"), _("对汇报上来的投诉指定处理人")),
    ("wh.head", _("单位负责人"), _("查看本单位全部投诉；对接口人处理不当提交处理意见")),
    ("yc.contact", _("接口人"), _("宜昌的待交办工单")),
    ("yc.chen", _("首问责任人 / 转交员工"), _("转交客户投诉，回复转交的 VIP 客户")),
    ("yc.head", _("单位负责人"), _("签发本单位有异议的自查报告，附有证据文件")),
    ("jz.head", _("单位负责人"), _("已承认违反：记录对分管领导的处理")),
    ("hs.contact", _("接口人"), _("补交逾期未交、已被催办的执行回执")),
    ("wl.contact", _("接口人（部门）"), _("网络类投诉的交办")),
    ("wl.zhao", _("首问责任人（部门）"), _("网络类投诉的上门联系与技术方案")),
    ("wl.leader", _("评判会成员（外单位）"), _("对襄阳分公司的异议发表评判意见，其余成员已发表")),
    ("zd.head", _("无接口人单位的负责人"), _("直接收单并交办")),
    ("sc.officer", _("市场部专员"), _("在管理后台办案：通知自查、组织评判、送签通报、结案；维护时限表和工作日历")),
    ("sc.leader", _("市场部领导"), _("签发通报批评、批准不予立案；市场部全部权限")),
    ("sj.auditor", _("审计员"), _("只读查看全部投诉、案件和互动单，每次查阅都有记录")),
    ("sj.system", _("系统管理员"), _("查看系统运行状态，看不到投诉内容")),
    ("sj.security", _("安全管理员"), _("任命管理员和审计员，查看账号与角色")),
    ("sj.auditadmin", _("审计管理员"), _("查看访问日志，看不到投诉内容")),
)


def demo_accounts() -> list[DemoAccount]:
    """One account for each role, in the reader's language; names and units are the demo organisation's."""
    units = {unit.code: unit.name for unit in demo_units()}
    people = {row.username: row for row in demo_employees()}
    return [
        DemoAccount(name, DEMO_PASSWORD, people[name].name, units[people[name].unit], str(role), str(tries))
        for name, role, tries in ROLES
    ]
