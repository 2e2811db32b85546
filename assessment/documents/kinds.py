"""The kinds of paper that violations bring forth: who composes each, who may read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.documents.kinds import Kind, nobody, register
from assessment.documents import circular, fault, marking, notice, order, panel, phrases, reading, report, sheet

COMPOSERS = (
    ("sheet", _("互动单"), sheet.compose, reading.sheets),
    ("notice", _("自查通知"), notice.compose, reading.of_the_unit),
    ("report", _("自查报告"), report.compose, reading.reports),
    ("panel_record", _("评判会纪要"), panel.compose, reading.of_the_judges),
    ("order", _("责成通知"), order.compose, reading.of_the_unit),
    ("circular", _("通报批评"), circular.compose, reading.circulars),
    ("fault_opinion", _("处理意见书"), fault.compose, reading.of_the_unit),
)  # fmt: skip

MAY_DRAFT = {"circular": reading.may_draft_circular}
PARTS = {"circular": reading.circular_parts}
NOTED_AS = {"sheet": "sheet"}
"""Under which word its reading stands in the access log, where not as any paper's."""


def register_all() -> None:
    phrases.declare_all()
    for name, label, compose, readable in COMPOSERS:
        register(
            Kind(
                name, label, compose, reading.one_by(readable), readable=readable,
                may_draft=MAY_DRAFT.get(name, nobody), parts=PARTS.get(name), noted_as=NOTED_AS.get(name, ""),
                marks=marking.of_cases,
            )
        )  # fmt: skip
