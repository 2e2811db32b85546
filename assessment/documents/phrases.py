"""What marketing may edit in the papers of cases: names of departments, prefixes of numbers, standard texts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.documents.phrases import Phrase, declare

DEPARTMENTS = (
    Phrase("marketing_on_sheet", _("市场部：互动单上的名称"), "市场经营部"),
    Phrase("centre_on_sheet", _("客服中心：互动单上的名称"), "客户服务中心"),
    Phrase("province", _("省公司"), "省公司"),
    Phrase("red_head", _("市场部发文：红头"), "省公司市场部文件"),
    Phrase("minutes_head", _("市场部会议纪要：红头"), "省公司市场部会议纪要"),
)

PREFIXES = (
    Phrase("notice_prefix", _("自查通知：发文代字"), "鄂市通"),
    Phrase("order_prefix", _("责成通知：发文代字"), "鄂市通"),
    Phrase("circular_prefix", _("通报批评：发文代字"), "鄂移通报"),
    Phrase("minutes_prefix", _("评判会纪要：发文代字"), "鄂市评纪"),
    Phrase("report_prefix", _("自查报告：单位发文代字"), "鄂移{unit}", ("unit",)),
)

TEXTS = (
    Phrase("basis", _("依据的文件"), "《关于明确在投诉管理中落实首问责任制的通知》（鄂市通〔2011〕331号）", rows=2),
    Phrase(
        "sheet_centre", _("互动单：客服中心意见"),
        "经初步判定，涉嫌违反“首问责任制”，现提请{marketing}通知该单位内部自查并认定。", ("marketing",), rows=2,
    ),
    Phrase("sheet_notified", _("互动单：市场部意见（已通知自查）"), "同意，已通知该单位进行内部自查。"),
    Phrase("sheet_declined", _("互动单：市场部意见（不予立案）"), "不予立案。"),
    Phrase(
        "notice_opening", _("自查通知：首段"),
        "{source}，你单位在客户投诉处理中涉嫌违反“首问责任制”。依据{basis}第六条第（二）项，现通知你单位开展内部自查，有关事项如下。",
        ("source", "basis"), rows=4,
    ),
    Phrase(
        "notice_check", _("自查通知：未另列事项时"),
        "请就相关投诉的受理、交办、处理和答复全过程自查。", rows=2,
    ),
    Phrase(
        "notice_limit", _("自查通知：报告时限"),
        "请于接到本通知的{days}个工作日内，即{until}前，以正式文件将自查报告报送{marketing}。",
        ("days", "until", "marketing"), rows=3,
    ),
    Phrase(
        "notice_limit_unknown", _("自查通知：报告时限（工作日历未公布）"),
        "请于接到本通知的{days}个工作日内，以正式文件将自查报告报送{marketing}；截止日期待工作日历公布后另行通知。",
        ("days", "marketing"), rows=3,
    ),
    Phrase(
        "notice_report", _("自查通知：报告内容"),
        "自查报告应编列发文字号并由签发人签发，详细说明事件内容和原因，写明结论。承认违反的，应明确具体责任人；"
        "有异议的，应在报告中说明，并提供详实的可以证明本单位没有违规的证据。", rows=4,
    ),
    Phrase(
        "notice_consequence", _("自查通知：逾期后果"),
        "逾期不报的，视为你单位违反“首问责任制”，直接予以全省通报批评。", rows=2,
    ),
    Phrase(
        "order_opening", _("责成通知：首段"),
        "{found}依据{basis}第六条第（三）项、第（四）项，责成你单位对责任人进行处理，有关事项如下。",
        ("found", "basis"), rows=4,
    ),
    Phrase(
        "order_opening_fault", _("责成通知：首段（接口人处理不当）"),
        "{found}依据{basis}第四条第（一）项、第六条第（四）项，责成你单位对责任人进行处理，有关事项如下。",
        ("found", "basis"), rows=4,
    ),
    Phrase(
        "order_range", _("责成通知：处理幅度"),
        "对每名责任人，视情节给予扣除1至3个月绩效奖金的处理，以整月计。", rows=2,
    ),
    Phrase(
        "order_slip", _("责成通知：执行回执"),
        "处理执行后，请逐人填写下列回执，注明扣除月数、执行日期和人力资源凭证号。", rows=2,
    ),
    Phrase(
        "circular_demands", _("通报批评：有关要求"),
        "各单位应引以为戒，严格执行首问责任制，按时限交办、处理、答复客户投诉，不得推诿、拒绝、搪塞或拖延。", rows=3,
    ),
    Phrase(
        "panel_avoidance", _("评判会纪要：回避"),
        "被查单位人员、自查报告指明的人员、应受处理的人员，以及发出互动单或立案的人均已回避，未参加评判。", rows=2,
    ),
    Phrase(
        "panel_manner", _("评判会纪要：形式"),
        "各成员分别审阅材料，在本人会话中发表意见并签名。", rows=2,
    ),
)  # fmt: skip


def declare_all() -> None:
    declare(*DEPARTMENTS, *PREFIXES, *TEXTS)
