"""The progress of a case in steps, and who must act now, as far as a reader may know it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.verbs import VERBS
from accountability.models import Deadline
from accountability.notices.sentences import verb_label
from assessment.cases.dossier import Dossier
from assessment.models import DETERMINED, Case, CaseState, Ground
from complaints.dossier.deadlines import binding

OF_THE_CHARGE = (_("通知自查"), _("自查报告"), _("认定"), _("处理"), _("结案"))
OF_A_FAULT = (_("提出"), _("处理意见"), _("决定"), _("处理"), _("结案"))
REPORT, PENALTIES, END = 1, 3, 4

PLACES: dict[str, int] = {
    CaseState.SHEET_ISSUED: 0,
    CaseState.OPENED: 0,
    CaseState.FAULT_OPENED: 1,
    CaseState.NOTIFIED: REPORT,
    CaseState.OPINION_FILED: 2,
    CaseState.DISPUTED: 2,
    CaseState.NO_VIOLATION: END,
}
"""The step that is due, by state; after a finding of violation, what is owed decides."""


def steps(dossier: Dossier, at: datetime) -> list[dict[str, Any]]:
    """The stepper's steps; the due one is late if its limit has passed."""
    case = dossier.case
    place = _place(case)
    limit = binding(dossier.deadlines, case.awaits)
    late = limit is not None and limit.due_at is not None and limit.due_at < at
    shown = []
    for number, label in enumerate(OF_A_FAULT if case.is_fault else OF_THE_CHARGE):
        state = "done" if number < place else "todo" if number > place else "late" if late else "current"
        shown.append({"label": label, "state": "skipped" if number in _skipped(case) else state})
    return shown


def _place(case: Case) -> int:
    if case.state in DETERMINED:
        return PENALTIES if case.unpaid else END
    if case.state == CaseState.FAULT_OPENED and not case.lacks_opinion:
        return 2
    return PLACES.get(case.state, END + 1)


def _skipped(case: Case) -> set[int]:
    """Steps that didn't happen: a report that never came, everything after declining, penalties if there are none."""
    if case.state == CaseState.DECLINED:
        return {2, PENALTIES, END} | (set() if case.opinion_at else {1})
    if case.state == CaseState.ANNULLED:
        return {PENALTIES, END}
    if case.is_fault and case.violated is not None and case.opinion_at is None:
        return {1} | ({PENALTIES} if case.violated is False else set())
    deemed = not case.is_fault and bool(case.violated) and (case.report is None or case.report.late)
    return ({REPORT} if deemed else set()) | ({PENALTIES} if case.violated is False else set())


def missing_to_close(case: Case) -> list[Any]:
    """What a case with a violation lacks before it can be closed, in sentences (R50, R51)."""
    if case.state not in DETERMINED:
        return []
    unnamed = [str(row.person) for row in case.penalty_rows if row.person_id in case.people_to_name]
    names = "、".join(unnamed)
    told = [
        unrecorded(case),
        case.withdrawal and case.withdrawal.waits_for_signer and _("撤回通报的文稿待签发，请先办结。"),
        not case.circular_in_force and _("通报批评尚未签发。"),
        case.circular_in_force and names and _("通报批评尚未点名以下受处理人：%(who)s。") % {"who": names},
    ]
    return [sentence for sentence in told if sentence]


def unrecorded(case: Case) -> Any:
    """Whose penalty is owed and not recorded, in a sentence; empty if nobody's."""
    owed = list(dict.fromkeys(str(Ground(each["ground"]).label) for each in case.unpaid))
    return owed and _("尚未记录对以下人员的处理：%(who)s。") % {"who": "、".join(owed)}


def is_told(awaits: str, *, knows_all: bool) -> bool:
    """Whether a reader may know exactly what is awaited, and from whom.

    What isn't told is the marketing department's own matter until it is done: which panel members haven't given an
    opinion, what was submitted to a leader.
    """
    entry = VERBS.get((Case.matter_kind, awaits))
    return knows_all or (entry is not None and entry.told_awaited)


def duty_of(case: Case, awaits: str, *, knows_all: bool) -> Any:
    """What is awaited, in words; if it may not be told, only that the marketing department is working on it."""
    if not awaits:
        return ""
    told = is_told(awaits, knows_all=knows_all)
    return verb_label(awaits, case.matter_kind) if told else _("由市场部办理")


def holder_of(case: Case, deadlines: Iterable[Deadline], *, knows_all: bool) -> dict[str, Any]:
    """Who must act now, on what, since and until when, in the form that `includes/holder.html` takes."""
    awaits, matter = case.awaits, case.matter
    if not awaits:
        return {"closed": case.get_state_display()}
    limit = binding(deadlines, awaits)
    holder = matter.holder if is_told(awaits, knows_all=knows_all) else None
    return {
        "holder": holder,
        # A panel member is shown with their own unit, though the matter remains with the marketing department.
        "unit": holder.unit if holder and awaits == "give_opinion" else matter.holder_unit,
        "duty": duty_of(case, awaits, knows_all=knows_all),
        "since": matter.waiting_since,
        "until": limit.due_at if limit else matter.alarm_at,
    }
