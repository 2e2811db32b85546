"""The kinds of paper of cases: who composes each, and who may read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.documents.kinds import Kind, matters_seen, nobody, none_of_them, register
from assessment.cases import paper_access
from assessment.documents import circular, fault, marking, notice, order, panel, phrases, report, sheet
from assessment.models import Case

COMPOSERS = (
    ("sheet", _("互动单"), sheet.compose, paper_access.sheets),
    ("notice", _("自查通知"), notice.compose, paper_access.of_the_unit),
    ("report", _("自查报告"), report.compose, paper_access.reports),
    ("panel_record", _("评判会纪要"), panel.compose, paper_access.of_the_judges),
    ("order", _("责成通知"), order.compose, paper_access.of_the_unit),
    ("circular", _("通报批评"), circular.compose, paper_access.circulars),
    ("fault_opinion", _("处理意见书"), fault.compose, paper_access.of_the_unit),
)  # fmt: skip

DRAFTED_FROM = {"circular": matters_seen(Case)}
MAY_DRAFT = {"circular": paper_access.may_draft_circular}
PARTS = {"circular": paper_access.circular_parts}
GOING_OUT = {"notice", "order", "circular"}
"""Letters to units. Sheets, reports, opinions and minutes are for those who sent and got them."""

NOTED_AS = {"sheet": "sheet"}
"""The word in the access log for reading it, where it differs from other papers."""


def register_all() -> None:
    phrases.declare_all()
    for name, label, compose, readable in COMPOSERS:
        register(
            Kind(
                name, label, compose, paper_access.one_by(readable), readable=readable,
                drafted_from=DRAFTED_FROM.get(name, none_of_them), may_draft=MAY_DRAFT.get(name, nobody),
                parts=PARTS.get(name), noted_as=NOTED_AS.get(name, ""), marks=marking.of_cases,
                goes_out=name in GOING_OUT,
            )
        )  # fmt: skip
