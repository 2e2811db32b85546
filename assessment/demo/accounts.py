"""The demo accounts that `make run` prints: one for each role, and what to try as that person."""

from dataclasses import dataclass

from assessment.demo.organisation import demo_employees, demo_units

DEMO_PASSWORD = "shouwen-demo-2026"
"""One password, so that one hash (0.13 s) serves all demo users. Only the demo command sets it."""


@dataclass(frozen=True)
class DemoAccount:
    """A line of the table: who it is, and what the role lets you try."""

    username: str
    password: str
    name: str
    unit: str
    role: str
    tries: str


ROLES = (
    ("kf.agent", "坐席", "受理来电、派单、裁定退回、审核答复、回复客户"),
    ("kf.supervisor", "客服班长", "强制裁定派单、未满意归档审批"),
    ("kf.head", "客服中心负责人", "查看全省投诉"),
    ("wh.contact", "接口人", "30 分钟内交办或向分管领导汇报"),
    ("wh.deputy", "副接口人", "接口人不在时代行交办"),
    ("wh.zhang", "首问责任人", "接收、退回、提出方案、答复"),
    ("wh.leader", "分管领导", "对汇报上来的投诉指定处理人"),
    ("wh.head", "单位负责人", "查看本单位全部投诉"),
    ("yc.contact", "接口人", "宜昌的待交办工单"),
    ("yc.chen", "首问责任人 / 转交员工", "转交客户投诉，回复转交的 VIP 客户"),
    ("wl.contact", "接口人（部门）", "网络类投诉的交办"),
    ("wl.zhao", "首问责任人（部门）", "网络类投诉的上门联系与技术方案"),
    ("zd.head", "无接口人单位的负责人", "直接收单并交办"),
    ("sc.officer", "市场部专员", "时限表、工作日历、分管领导维护，协调重大投诉"),
    ("sc.leader", "市场部领导", "市场部全部权限"),
    ("sj.auditor", "审计员", "只读查看全部投诉"),
)


def demo_accounts() -> list[DemoAccount]:
    """One account for each role; names and units are the demo organisation's."""
    units = {unit.code: unit.name for unit in demo_units()}
    people = {row.username: row for row in demo_employees()}
    return [
        DemoAccount(name, DEMO_PASSWORD, people[name].name, units[people[name].unit], role, tries)
        for name, role, tries in ROLES
    ]
