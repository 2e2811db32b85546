"""The steps of the tours on pages of complaints and mass events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.declarations.tours import STEPS, Step

STEPS.add(
    Step(
        "centre", "home", "waiting", _("先看工作台"),
        _("轮到客服中心办的都列在这里：派单、裁定退回、判断、回复。数字旁标出超时和将到期的，点开就是清单（R10）。"),
        {"agent": 1},
    ),
    Step(
        "intake", "register", "intake", _("一边听一边登记"),
        _("输入号码就看到客户的历史和未结投诉；类别可按拼音首字母查找；登记和派单可以一步完成。每一轮只派一个首问责任部门（R11）。"),
        {"agent": 2},
    ),
    Step(
        "order", "complaints", "queue", _("清单的次序"),
        _("紧急的在前，其中升级和重复的最先，同一级按到期时刻排列（R12）。可以筛选、存成自己的视图，勾选多件一起派单或催办（R13）。"),
        {"agent": 3},
    ),
    Step(
        "replier", "answer_templates", "templates", _("谁来回复客户"),
        _("只有客服中心能判断处理完毕（R33）。员工转交的VIP客户由转交员工回复（R34），其他都由客服中心回复（R35）。常用的话在这里，填表时一点就插入。"),
        {"agent": 4},
    ),
    Step(
        "rulings", "home", "waiting", _("只有主管能定的"),
        _("多次退回之后的派单、超过时限的退回，由主管裁定（R27、R28）；客户不满意又不再派单的，写明理由并由您批准才能归档（R7）。"),
        {"csc_supervisor": 1},
    ),
    Step(
        "mass", "mass_events", "mass", _("大面积投诉"),
        _("同一地区、同一大类短时间内集中出现时自动预警，由客服中心确认、主管解除。可以一次回复全部客户（R35），每件仍按各自的时限办理。"),
        {"csc_supervisor": 3},
    ),
    Step(
        "wording", "answer_templates", "templates", _("答复的用语由您维护"),
        _("模板可按类别分，用占位符代替编号、单位和时限；客户的信息不进模板。回复由客服中心负责（R35），用语由主管修订。"),
        {"csc_supervisor": 4},
    ),
    Step(
        "hand_over", "home", "waiting", _("30分钟"),
        _("派到本单位的列在这里，可以就地交办。自系统送达起30分钟内交办（R19）；做不到的，在同一个30分钟内向分管领导汇报并写明理由（R20）。"),
        {"contact": 1},
    ),
    Step(
        "give_back", "complaints", "queue", _("不属本单位的"),
        _("点开投诉，选“退回”：写明理由，并给出建议的单位或指导（R27）。不同意或逾时未裁定的，仍由本单位办理，时限不停（R28）。"),
        {"contact": 3},
    ),
    Step(
        "handle", "home", "waiting", _("交办到您的"),
        _("在时限内做两件事：提出解决方案，回复客服中心；缺一或逾期都算超时（R24）。是否处理完毕由客服中心判断（R25）。"),
        {"handler": 1},
    ),
    Step(
        "clocks", "complaints", "queue", _("看最近的时限"),
        _("每行先显示最近的时限；点开投诉，每个时限都写着依据和算法（R6）。不属本单位的，连同理由和指导退回（R27）。"),
        {"handler": 2, "leader": 2},
    ),
    Step(
        "joint", "home", "waiting", _("您同为首问责任人"),
        _("您分管的员工接手的投诉，您同为首问责任人（R4）。接口人向您汇报后，由您指定处理人或自行处理，时限继续计算（R21）。"),
        {"leader": 1},
    ),
    Step(
        "coordinated", "home", "waiting", _("市场部协调的投诉"),
        _("重大、重大紧急的，以及跨省或涉及其他运营商的紧急投诉，由市场部协调（R14），列在工作台上：可以催办、召集协调、书面明确、议定和调整标志。"),
        {"marketing": 3},
    ),
    Step(
        "forward", "forward", "forward", _("您最先接手的"),
        _("任何员工最先接手投诉，都是首问责任人（R1），不得推诿拒绝（R2）：在这里如实转交客服中心。VIP客户的投诉办结后由您本人回复（R34）。"),
        {"handler": 4, "plain": 1},
    ),
    Step(
        "mine", "home", "waiting", _("您转交的投诉"),
        _("您转交的投诉和它的进展列在这里；由您回复客户的，办结后也列在这里（R34）。"),
        {"plain": 2},
    ),
)  # fmt: skip
