"""The tables of cases and what comes of them: sheets, reports, panels, penalties, circulars, plans, bulletins,
rankings, exports. Imports the declarations of this app, and the apps below.
"""

from assessment.declarations import limits  # noqa: F401  the tables' choices and the forms of limits need them
from assessment.models.bulletins import Bulletin, BulletinState
from assessment.models.cases import Case, CaseQuerySet
from assessment.models.circulars import Circular
from assessment.models.determination import determined_in, people_of_the_round
from assessment.models.exports import Export, ExportPiece, ExportState, ExportWork, What
from assessment.models.linked_complaints import CaseComplaint
from assessment.models.numbers import code_of
from assessment.models.owing import BY_NOTICE, BY_REPORT, BY_ROUND, BY_TASK, Owed, owed_handoff, payers
from assessment.models.panels import Panel, Seat, hidden_opinions
from assessment.models.parts import Part, Recorded, parts_in, people_of_task, standing_tasks, stands, taken_by, task_of
from assessment.models.penalties import LEAST_MONTHS, MOST_MONTHS, Penalty
from assessment.models.plans import Plan, PlanState
from assessment.models.rankings import Ranking, RankingLine, RankingRound, RankingState
from assessment.models.reports import Evidence, NamedPerson, Report
from assessment.models.sheets import LEAD_KINDS, SHEETS, TITLE, LeadMark, Sheet, is_taken_up, open_leads
from assessment.models.states import (
    BEFORE_NOTICE,
    DETERMINED,
    HIDDEN_FROM_UNIT,
    OF_A_FAULT,
    OF_MARKETING,
    OVER,
    PRESSES_IN,
    ROUTE_TWO,
    WAITS,
    CaseState,
    Conclusion,
    Finding,
    Ground,
    Source,
)

__all__ = [
    "BEFORE_NOTICE",
    "BY_NOTICE",
    "BY_REPORT",
    "BY_ROUND",
    "BY_TASK",
    "DETERMINED",
    "HIDDEN_FROM_UNIT",
    "LEAD_KINDS",
    "LEAST_MONTHS",
    "MOST_MONTHS",
    "OF_A_FAULT",
    "OF_MARKETING",
    "OVER",
    "PRESSES_IN",
    "ROUTE_TWO",
    "SHEETS",
    "TITLE",
    "WAITS",
    "Bulletin",
    "BulletinState",
    "Case",
    "CaseComplaint",
    "CaseQuerySet",
    "CaseState",
    "Circular",
    "Conclusion",
    "Evidence",
    "Export",
    "ExportPiece",
    "ExportState",
    "ExportWork",
    "Finding",
    "Ground",
    "LeadMark",
    "NamedPerson",
    "Owed",
    "Panel",
    "Part",
    "Penalty",
    "Plan",
    "PlanState",
    "Ranking",
    "RankingLine",
    "RankingRound",
    "RankingState",
    "Recorded",
    "Report",
    "Seat",
    "Sheet",
    "Source",
    "What",
    "code_of",
    "determined_in",
    "hidden_opinions",
    "is_taken_up",
    "open_leads",
    "owed_handoff",
    "parts_in",
    "payers",
    "people_of_task",
    "people_of_the_round",
    "standing_tasks",
    "stands",
    "taken_by",
    "task_of",
]
