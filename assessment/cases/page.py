"""The parts of a dossier in the order in which a page shows them; the dossier has masked every text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accountability.db.row_keys import Key
from accountability.documents.phrases import wording_at
from accountability.models import Deadline
from accountability.notices.sentences import verb_label
from accountability.permissions import Actor
from accountability.web.standing_statements import standing_rows
from assessment.cases.dossier import Dossier
from assessment.cases.papers import (
    JudgedRound,
    Owing,
    PenaltyLine,
    ReportPaper,
    SeatPaper,
    judged_rounds,
    penalty_lines,
    report_paper,
    seats_of,
    still_owing,
)
from assessment.cases.part_table import PartTable, part_table
from assessment.cases.progress import holder_of, steps
from assessment.documents import decision_of
from assessment.documents.showing import shown
from assessment.models import Case, Circular, Panel, Plan
from complaints.dossier.customer import Customer
from complaints.dossier.deadlines import Reckoning, label_of_name, leading, reckon_all
from complaints.models import Complaint


@dataclass
class Paper:
    """A row with its texts, unsealed and masked."""

    row: Any
    words: dict[str, str]


@dataclass
class PanelPaper(Paper):
    row: Panel
    seats: list[SeatPaper] = field(default_factory=list)


@dataclass
class CircularPaper(Paper):
    """`words` are the leader's remarks, if it was ever sent back; `shown` is the paper itself."""

    row: Circular
    shown: SafeString | None = None


@dataclass
class Lead:
    """A missed limit that the case took up, and why it was due at that instant."""

    deadline: Deadline
    label: str
    why: Reckoning


def _plans(actor: Actor, _at: datetime, case: Key) -> list[QuerySet[Plan]]:
    return [Plan.objects.visible_to(actor).filter(case=case).with_everything().order_by("pk")]


@dataclass
class CaseFile:
    """What the pages of a case show of its dossier."""

    dossier: Dossier
    at: datetime

    @property
    def case(self) -> Case:
        return self.dossier.case

    def _paper(self, row: Any) -> Paper:
        return Paper(row, self.dossier.words(row.texts))

    @property
    def description(self) -> str:
        """Why a case without a sheet was opened."""
        return "" if self.dossier.sheet else self.dossier.words(self.case.texts).get("description", "")

    @cached_property
    def sheet(self) -> Paper | None:
        return self._paper(self.dossier.sheet) if self.dossier.sheet else None

    @property
    def complained(self) -> list[tuple[Complaint, Customer]]:
        """The linked complaints that this person may know of, each with its customer, who is shown masked."""
        return [(complaint, self.dossier.customers[complaint.pk]) for complaint in self.dossier.complaints]

    @property
    def told(self) -> str:
        """What the notice asks the unit to look into."""
        return self.dossier.words(self.case.notice).get("check", "")

    @cached_property
    def report(self) -> ReportPaper | None:
        """The report that counts, waits for its signer, or came late; not earlier versions that were replaced."""
        return report_paper(self.dossier)

    @property
    def opinion(self) -> str:
        return self.dossier.words(self.case.opinion).get("opinion", "")

    @property
    def decision(self) -> str:
        return self.dossier.words(self.case.decision).get("reasons", "")

    @cached_property
    def panel(self) -> PanelPaper | None:
        row: Panel | None = self.case.panel
        return PanelPaper(row, self.dossier.words(row.texts), seats_of(self.dossier)) if row else None

    @cached_property
    def judged(self) -> list[JudgedRound]:
        """The unit's rounds with their limits, for those who judge by them."""
        return judged_rounds(self.case)

    @cached_property
    def penalties(self) -> list[PenaltyLine]:
        return penalty_lines(self.dossier)

    @cached_property
    def owing(self) -> list[Owing]:
        return still_owing(self.dossier)

    @cached_property
    def part_table(self) -> PartTable | None:
        return part_table(self.dossier, self.at)

    @cached_property
    def plans(self) -> list[Plan]:
        """What the unit has to put right (R16)."""
        actor = self.dossier.actor
        return standing_rows(_plans, actor, actor.at, Key(self.case.pk))

    @property
    def added(self) -> list[str]:
        """What the system adds to the text of a circular that is submitted to a leader now."""
        return [self.dossier.mask(line) for line in decision_of(self.case, wording_at(self.at))]

    @cached_property
    def circulars(self) -> list[CircularPaper]:
        rows: list[Circular] = self.case.circular_rows
        return self._circulars(rows, below=3)

    @cached_property
    def to_sign(self) -> CircularPaper | None:
        waiting = self.case.circular_to_sign
        return self._circulars([waiting], below=1)[0] if waiting else None

    def _circulars(self, rows: list[Circular], *, below: int) -> list[CircularPaper]:
        seen = shown(self.case, rows, self.at, below=below)
        return [CircularPaper(row, self.dossier.words(row.remarks), seen.get(row.pk)) for row in rows]

    @cached_property
    def approval(self) -> dict[str, Any] | None:
        """What waits for a marketing leader's own approval."""
        case = self.case
        if not case.approval:
            return None
        return {
            "asked": verb_label(case.approval, Case.matter_kind), "verb": case.approval, "by": case.approval_by,
            "at": case.approval_at, "approver": case.approver,
            "reason": self.dossier.words(case.approval_texts).get("reason", ""),
        }  # fmt: skip

    @cached_property
    def leads(self) -> list[Lead]:
        missed = [mark.deadline for mark in self.dossier.leads]
        counted = zip(missed, reckon_all(missed), strict=True)
        return [Lead(deadline, label_of_name(deadline.name), why) for deadline, why in counted]

    @property
    def rests_on_less(self) -> bool:
        """Whether a miss that the case took up counts no more, while somebody answers for the case, or may yet."""
        return self.case.may_be_violation and not all(mark.counts for mark in self.dossier.leads)

    @cached_property
    def limits(self) -> list[Reckoning]:
        return reckon_all(self.dossier.deadlines)

    @cached_property
    def clocks(self) -> list[Deadline]:
        pressing = [deadline for deadline in self.dossier.deadlines if self.case.presses(deadline)]
        return leading(pressing, self.case.awaits)

    @property
    def folds(self) -> list[tuple[Any, str, bool]]:
        """What is read rarely: the label, the template, and whether its own head has more than the label."""
        case, dossier = self.case, self.dossier
        told = (
            (self.sheet, _("互动单全文"), "basis", True),
            (dossier.complaints, _("关联投诉与经手人"), "complaints", False),
            (dossier.leads, _("纳入的超时"), "leads", False),
            (case.notified_at, _("自查通知"), "notice", True),
            (case.circular_rows, _("通报批评"), "circulars", False),
            (self.plans or dossier.actor.is_marketing, _("整改方案"), "plans", True),
            (dossier.deadlines, _("全部时限"), "limits", False),
        )
        return [
            (label, f"admin/assessment/case/parts/{part}.html", keeps)
            for is_shown, label, part, keeps in told if is_shown
        ]  # fmt: skip

    @property
    def holder(self) -> dict[str, Any]:
        return holder_of(self.case, self.dossier.deadlines, knows_all=self.dossier.knows_all)

    @property
    def steps(self) -> list[dict[str, Any]]:
        return steps(self.dossier, self.at)
