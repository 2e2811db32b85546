"""The standard phrases in the papers of complaints, each with its default. Marketing may edit them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.documents.phrases import Phrase

NOTHING = "—"
"""Shown in a form's field that has no value."""

PHRASES = (
    Phrase(
        "notice_note", _("投诉处理通知单：填写说明"),
        "接口人应在交办时限前交办首问责任人，或向分管领导报告；不属本部门职责的，应在反馈时限前说明理由并给出指导意见；"
        "解决方案和处理结果应在处理时限前答复{centre}。",
        ("centre",), rows=3,
    ),
    Phrase(
        "minutes_duty", _("协调纪要：配合单位的责任"),
        "以上任务经各配合单位确认，自议定之时起执行。首问责任部门对处理结果负责；配合单位负考核关联责任，首问责任同样适用配合单位的"
        "处理流程相关人员。",
        rows=3,
    ),
    Phrase(
        "urging_opening", _("催办通知书：事由"),
        "投诉{complaint}（投诉处理通知单{notice}，第{round}轮派单）的下列时限已过，至签发时仍未履行：",
        ("complaint", "notice", "round"), rows=2,
    ),
    Phrase(
        "urging_opening_invited", _("催办通知书：事由（配合单位）"),
        "投诉{complaint}经协调明确由你单位承担的任务已过完成期限，至签发时仍未完成：",
        ("complaint",), rows=2,
    ),
    Phrase(
        "urging_demand", _("催办通知书：要求"),
        "请立即办理，并将结果答复{recipient}。自签发次日起{days}个工作日内仍未履行的，将提请{marketing}予以书面批评。",
        ("recipient", "days", "marketing"), rows=2,
    ),
    Phrase("outside_miit", _("答复函：通信管理部门"), "通信管理局电信用户申诉受理机构"),
    Phrase("outside_line_12345", _("答复函：12345"), "12345政务服务便民热线管理机构"),
    Phrase("outside_line_12315", _("答复函：12315"), "市场监督管理部门12315机构"),
    Phrase("outside_superior", _("答复函：上级单位"), "集团公司客户服务部门"),
    Phrase(
        "outside_opening", _("答复函：事由"),
        "你单位转来的{number}号转办件收悉。我公司以投诉{complaint}办理，现将情况答复如下：",
        ("number", "complaint"), rows=2,
    ),
    Phrase("outside_closing", _("答复函：结尾"), "特此答复。", rows=2),
)  # fmt: skip
