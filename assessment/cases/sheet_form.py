"""The sheet in the notice's layout (its form, R39): every text masked, the two departments' parts signed or open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accountability.models import Employee, LedgerEntry
from accountability.permissions import Actor
from assessment.models import Case, CaseState, Sheet
from complaints.dossier.customer import Customer, customer_of, texts_of
from complaints.models import Complaint

CENTRE_SAYS = "经初步判定，涉嫌违反“首问责任制”，现提请市场经营部通知该单位内部自查并认定。"
MARKETING_NOTIFIED = "同意，已通知该单位进行内部自查。"
MARKETING_DECLINED = "不予立案。"
"""The paper's own wording, whatever the language of the page around it."""


@dataclass
class Linked:
    """A complaint the sheet rests on, with the customer as the paper shows them."""

    complaint: Complaint
    customer: Customer

    @property
    def cause(self) -> str:
        return self.customer.masked_content


@dataclass
class Opinion:
    """A department's part: what it says, who signed and when; blank until then."""

    says: str = ""
    by: Employee | None = None
    at: datetime | None = None


@dataclass
class Paper:
    linked: list[Linked]
    description: str
    evidence: list[str]
    centre: Opinion
    marketing: Opinion = field(default_factory=Opinion)
    case: Case | None = None


def paper_of(sheet: Sheet, actor: Actor) -> Paper:
    """A constant number of queries. The sheet must already be fetched for this person."""
    complaints = Complaint.objects.visible_to(actor).filter(case_links__case=sheet.case_id)
    linked = [
        Linked(complaint, customer_of(complaint))
        for complaint in complaints.with_everything().select_related("intake").order_by("case_links__pk")
    ]
    texts = {name: _masked(text, linked) for name, text in texts_of(sheet.texts).items()}
    return Paper(
        linked,
        description=texts.get("description", ""),
        evidence=[line for line in texts.get("evidence", "").split("\n") if line],
        centre=Opinion(CENTRE_SAYS, sheet.issued_by, sheet.issued_at),
        marketing=_of_marketing(sheet.case),
        case=Case.objects.visible_to(actor).select_related("matter").filter(pk=sheet.case_id).first(),
    )


def _masked(text: str, linked: list[Linked]) -> str:
    for one in linked:
        text = one.customer.mask(text)
    return Customer().mask(text)


def _of_marketing(case: Case) -> Opinion:
    """Marketing notified the unit, or declined; the sheet shows nothing of the case after that."""
    declined = case.state == CaseState.DECLINED
    words: dict[str, Any] = {"verb": "approve" if declined else "notify_unit", "matter_id": case.pk}
    entry = LedgerEntry.objects.filter(**words).select_related("actor").order_by("-seq").first()
    if entry is None:
        return Opinion()
    return Opinion(MARKETING_DECLINED if declined else MARKETING_NOTIFIED, entry.actor, entry.at)
