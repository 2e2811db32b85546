"""The short tour of each role: where its work stands, and which rule bites there.

Words and places alone; who takes which steps, and who was offered them, is `touring.py`'s to say. `VERSION` grows when
a tour is rewritten so far that everybody should be offered it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

VERSION = 1


@dataclass(frozen=True)
class Step:
    """One stop: the page by the name of its address, the element there by its id, and what to know of it."""

    name: str
    place: str
    target: str
    title: Any
    text: Any


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        # The centre
        Step("centre", "home", "waiting", _("先看工作台"),
             _("轮到客服中心办的都列在这里：派单、裁定退回、判断、回复。数字旁标出超时和将到期的，点开就是清单（R10）。")),
        Step("intake", "register", "intake", _("一边听一边登记"),
             _("输入号码就看到客户的历史和未结投诉；类别可按拼音首字母查找；登记和派单可以一步完成。每一轮只派一个首问责任部门（R11）。")),
        Step("order", "complaints", "queue", _("清单的次序"),
             _("紧急的在前，其中升级和重复的最先，同一级按到期时刻排列（R12）。可以筛选、存成自己的视图，勾选多件一起派单或催办（R13）。")),
        Step("replier", "answer_templates", "templates", _("谁来回复客户"),
             _("只有客服中心能判断处理完毕（R33）。员工转交的VIP客户由转交员工回复（R34），其他都由客服中心回复（R35）。常用的话在这里，填表时一点就插入。")),
        Step("leads", "leads", "leads", _("超时就是线索"),
             _("单位超时未履行的自动列在这里。勾选同一单位的几条，发出互动单（R38、R39）；互动单只有客服中心、市场部和审计员看得到（R40）。")),
        Step("search", "search", "search-q", _("一个框查全部"),
             _("按 Ctrl-K 或 / 打开：编号、号码全号或后四位、客户全名、单位、写下的内容。查号码和姓名会留下记录。")),
        Step("rulings", "home", "waiting", _("只有主管能定的"),
             _("多次退回之后的派单、超过时限的退回，由主管裁定（R27、R28）；客户不满意又不再派单的，写明理由并由您批准才能归档（R7）。")),
        Step("mass", "mass_events", "mass", _("大面积投诉"),
             _("同一地区、同一大类短时间内集中出现时自动预警，由客服中心确认、主管解除。可以一次回复全部客户（R35），每件仍按各自的时限办理。")),
        Step("wording", "answer_templates", "templates", _("答复的用语由您维护"),
             _("模板可按类别分，用占位符代替编号、单位和时限；客户的信息不进模板。回复由客服中心负责（R35），用语由主管修订。")),
        Step("bulletin", "bulletins", "bulletins", _("定期通报"),
             _("每月一日自动拟好草稿，您核对后发给各单位；其中也列出责成的处理是否已执行（R54）。")),
        Step("waiting", "alarms", "alarms", _("等得太久的"),
             _("无人接手、等待过久的投诉和没有接口人的单位都在这里（R17）。催办记录时间，处理人和分管领导都看得到（R13）。")),
        # The unit
        Step("hand_over", "home", "waiting", _("30分钟"),
             _("派到本单位的列在这里，可以就地交办。自系统送达起30分钟内交办（R19）；做不到的，在同一个30分钟内向分管领导汇报并写明理由（R20）。")),
        Step("bell", "preferences", "id_plays_sound", _("新派单会叫您"),
             _("开着任何一页，新到的派单都会提示；在这里打开响铃，选择邮件、短信或群机器人。30分钟交办的提醒夜间也发送（R19）。")),
        Step("give_back", "complaints", "queue", _("不属本单位的"),
             _("点开投诉，选“退回”：写明理由，并给出建议的单位或指导（R27）。不同意或逾时未裁定的，仍由本单位办理，时限不停（R28）。")),
        Step("roster", "units", "units", _("接口人不能断"),
             _("点开本单位，在“值班与离岗”里登记离岗和值班。没有在任接口人时，派单由负责人接收，30分钟照样计算（R17、R19）。")),
        Step("report", "cases", "cases", _("自查报告"),
             _("接到自查通知后5个工作日内报送（R43）：说明事实，承认的明确责任人（R44），有异议的附证据（R46）。逾期一刻即视为违反（R45）。")),
        Step("handle", "home", "waiting", _("交办到您的"),
             _("在时限内做两件事：提出解决方案，回复客服中心；缺一或逾期都算超时（R24）。是否处理完毕由客服中心判断（R25）。")),
        Step("clocks", "complaints", "queue", _("看最近的时限"),
             _("每行先显示最近的时限；点开投诉，每个时限都写着依据和算法（R6）。不属本单位的，连同理由和指导退回（R27）。")),
        Step("table", "inbox", "notices", _("需要别的单位配合"),
             _("由首问责任部门召集协调，书面写明各单位的任务和时间（R29、R30）；受邀单位不能拒绝，责任一样（R31、R32）。轮到您时，这里会有通知。")),
        Step("leader", "home", "waiting", _("您同为首问责任人"),
             _("您分管的员工接手的投诉，您同为首问责任人（R4）。接口人向您汇报后，由您指定处理人或自行处理，时限继续计算（R21）。")),
        Step("opinion", "cases", "cases", _("接口人处理不当"),
             _("先由单位提交处理意见，再由市场部决定（R22）。轮到您提交时，案件列在这里。")),
        Step("penalty", "circulars", "circulars", _("违反的后果"),
             _("判定违反的，处理人和分管领导扣除1至3个月绩效奖金（R50），单位负责人同样（R51）；通报写明单位，发至全部单位（R52）。")),
        Step("burning", "dashboard", "figures", _("哪里最急"),
             _("本单位在办、将到期、超时和退回的数字与走势都在这里，点开就是那些投诉；解决率用于年度排名（R53）。")),
        Step("plans", "plans", "plans", _("整改到验收为止"),
             _("市场部要求的整改写明责任人和期限；办完在这里报告，由市场部验收（R16）。")),
        Step("readings", "rule_readings", "by-unit", _("谁读过规则"),
             _("全体员工都要学习；每个版本各人确认，这里看得到谁还没有（R55）。")),
        # Marketing and auditors
        Step("docket", "admin:assessment_case_changelist", "cases", _("案件在台账里办"),
             _("收到互动单或自行判定后，2个工作日内通知单位自查（R42）；有异议的先评判，涉嫌单位的人回避（R48）。有一人未处理，案件不能结案（R51）。")),
        Step("sign", "circulars", "circulars", _("通报由领导签发"),
             _("专员起草，市场部领导在自己的登录中签发，发至全部单位（R52）；签发后只能用另一份通报撤回。")),
        Step("coordinated", "home", "waiting", _("市场部协调的投诉"),
             _("重大、重大紧急的，以及跨省或涉及其他运营商的紧急投诉，由市场部协调（R14），列在工作台上：可以催办、召集协调、书面明确、议定和调整标志。")),
        Step("limits", "limits", "limits", _("时限由市场部定"),
             _("时限、日历和类别只有市场部能修订，每次成为新版本并留下理由（R15）；未结的轮次仍按派单时的版本（R6）。")),
        Step("ranking", "rankings", "rankings", _("年度排名"),
             _("按问题解决率排名，后三名（含并列）不能参加评优，由市场部领导确认（R53）。")),
        Step("decisions", "alarms", "alarms", _("等市场部决定的"),
             _("催办后仍不办理的，书面批评由市场部决定（R13）；未公布的工作日历、没有接口人的单位（R17）也在这里。")),
        Step("books", "admin:index", "books", _("全部台账，只供查阅"),
             _("案件、规则的每个版本、每次查看和查询的记录都在这里；规则由市场部修订，您看得到每次的理由（R15）。")),
        Step("sheets", "sheets", "sheets", _("互动单"),
             _("只有客服中心、市场部和审计员看得到（R40）；涉嫌单位在查询、导出、通知和计数中都看不到它，请勿转告。")),
        Step("figures", "dashboard", "figures", _("数字背后的投诉"),
             _("按单位、类别和地区看及时率、退回和解决率（R53、R54）；每个数字都能点到背后的投诉，表格可以下载。")),
        # Administrators
        Step("running", "operations", "operations", _("系统此刻是否正常"),
             _("巡查、通知、公文、数据库、备份和磁盘的状态。巡查停了，30分钟的时限（R19）就无人判定；本页不含投诉内容。")),
        Step("accounts", "accounts", "accounts", _("谁有什么权限"),
             _("管理员和审计员由您任命，不能任命本人，也不能兼任；接口人（R17）等业务角色由市场部任命。每项变更记入台账。")),
        Step("watch", "access_log", "access-log", _("谁看过什么"),
             _("登录、查阅、查看号码、导出和被拒绝的操作都在这里，只增不改；查看互动单（R40）也有记录。按工号、动作、结果和日期筛选。")),
        # Everybody
        Step("forward", "forward", "forward", _("您最先接手的"),
             _("任何员工最先接手投诉，都是首问责任人（R1），不得推诿拒绝（R2）：在这里如实转交客服中心。VIP客户的投诉办结后由您本人回复（R34）。")),
        Step("mine", "home", "waiting", _("您转交的投诉"),
             _("您转交的投诉和它的进展列在这里；由您回复客户的，办结后也列在这里（R34）。")),
        Step("notices", "inbox", "notices", _("有事会通知您"),
             _("轮到您、时限将到、有了结果，都在这里，页面上方的铃旁显示未读数。发到屏幕之外的方式由您自己选。")),
        Step("rules", "rules", "rules", _("规则就在手边"),
             _("通知原文和 R1 至 R55 都在这里，表单和时限旁都标着依据的规则。每个版本请确认已阅读（R55）。")),
    )
}  # fmt: skip

TOURS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "agent": (_("客服代表"), ("centre", "intake", "order", "replier", "leads", "search")),
    "csc_supervisor": (_("客服中心主管"), ("rulings", "leads", "mass", "wording", "bulletin", "waiting")),
    "contact": (_("接口人和副接口人"), ("hand_over", "bell", "give_back", "roster", "report")),
    "handler": (_("处理人"), ("handle", "clocks", "table", "forward", "rules")),
    "leader": (_("分管领导"), ("leader", "clocks", "opinion", "penalty", "rules")),
    "head": (_("单位负责人"), ("burning", "roster", "report", "penalty", "plans", "readings")),
    "marketing": (_("市场部"), ("docket", "sign", "coordinated", "limits", "ranking", "decisions")),
    "auditor": (_("审计员"), ("books", "sheets", "figures", "readings", "search")),
    "system_admin": (_("系统管理员"), ("running", "notices", "limits", "rules")),
    "security_admin": (_("安全管理员"), ("accounts", "notices", "limits", "rules")),
    "audit_admin": (_("审计管理员"), ("watch", "notices", "limits", "rules")),
    "plain": (_("全体员工"), ("forward", "mine", "notices", "rules")),
}
"""By role: what it is called on the page of the tour, and its steps in the order in which they are taken."""
