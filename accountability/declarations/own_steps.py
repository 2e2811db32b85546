"""Declares the steps of the tours on this app's own pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.declarations.tours import STEPS, Step

STEPS.add(
    Step("search", "search", "search-q", _("一个框查全部"),
         _("按 Ctrl-K 或 / 打开：编号、号码后四位、凭理由的全号、客户全名、单位、写下的内容。查询会留下记录。"),
         {"agent": 6, "auditor": 5}),
    Step("waiting", "alarms", "alarms", _("等得太久的"),
         _("无人接手、等待过久的投诉和没有接口人的单位都在这里（R17）。催办记录时间，处理人和分管领导都看得到（R13）。"),
         {"csc_supervisor": 6}),
    Step("bell", "preferences", "id_plays_sound", _("新派单会叫您"),
         _("开着任何一页，新到的派单都会提示；在这里打开响铃，选择邮件、短信或群机器人。30分钟交办的提醒夜间也发送（R19）。"),
         {"contact": 2}),
    Step("roster", "units", "units", _("接口人不能断"),
         _("点开本单位，在“值班与离岗”里登记离岗和值班。没有在任接口人时，派单由负责人接收，30分钟照样计算（R17、R19）。"),
         {"contact": 4, "head": 2}),
    Step("table", "inbox", "notices", _("需要别的单位配合"),
         _("由首问责任部门召集协调，书面写明各单位的任务和时间（R29、R30）；受邀单位不能拒绝，责任一样（R31、R32）。轮到您时，这里会有通知。"),
         {"handler": 3}),
    Step("readings", "rule_readings", "by-unit", _("谁读过规则"),
         _("全体员工都要学习；每个版本各人确认，这里看得到谁还没有（R55）。"),
         {"head": 6, "auditor": 4}),
    Step("limits", "limits", "limits", _("时限由市场部定"),
         _("时限、日历和类别只有市场部能修订，每次成为新版本并留下理由（R15）；未结的轮次仍按派单时的版本（R6）。"),
         {"marketing": 4, "system_admin": 3, "security_admin": 3, "audit_admin": 3}),
    Step("decisions", "alarms", "alarms", _("等市场部决定的"),
         _("催办后仍不办理的，书面批评由市场部决定（R13）；未公布的工作日历、没有接口人的单位（R17）也在这里。"),
         {"marketing": 6}),
    Step("books", "admin:index", "books", _("全部台账，只供查阅"),
         _("案件、规则的每个版本、每次查看和查询的记录都在这里；规则由市场部修订，您看得到每次的理由（R15）。"),
         {"auditor": 1}),
    Step("running", "operations", "operations", _("系统此刻是否正常"),
         _("巡查、通知、公文、数据库、备份和磁盘的状态。巡查停了，30分钟的时限（R19）就无人判定；本页不含投诉内容。"),
         {"system_admin": 1}),
    Step("accounts", "accounts", "accounts", _("谁有什么权限"),
         _("管理员和审计员由您任命，不能任命本人，也不能兼任；接口人（R17）等业务角色由市场部任命。每项变更记入台账。"),
         {"security_admin": 1}),
    Step("watch", "access_log", "access-log", _("谁看过什么"),
         _("登录、查阅、查看号码、导出和被拒绝的操作都在这里，只增不改；查看互动单（R40）也有记录。按工号、动作、结果和日期筛选。"),
         {"audit_admin": 1}),
    Step("notices", "inbox", "notices", _("有事会通知您"),
         _("轮到您、时限将到、有了结果，都在这里，页面上方的铃旁显示未读数。发到屏幕之外的方式由您自己选。"),
         {"system_admin": 2, "security_admin": 2, "audit_admin": 2, "plain": 3}),
    Step("rules", "rules", "rules", _("规则就在手边"),
         _("通知原文和 R1 至 R55 都在这里，表单和时限旁都标着依据的规则。每个版本请确认已阅读（R55）。"),
         {"handler": 5, "leader": 5, "system_admin": 4, "security_admin": 4, "audit_admin": 4, "plain": 4}),
)  # fmt: skip
