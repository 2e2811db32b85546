"""The interface contact's fault: the unit gives its opinion first, then the provincial side decides (R22)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Through
from accountability.documents.issuing import issue
from accountability.gate.act import ON_TAKEN_BACK, Act, lock, refuse_unless
from accountability.gate.fields import Choice, Text
from accountability.gate.sweeper import ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Deadline, Unit
from assessment import permissions
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.actions.opening import begin, refuse_own_department, take_up
from assessment.actions.panel import FINDINGS, decide
from assessment.cases.fields import OfRound
from assessment.declarations.limits import Kind
from assessment.models import Case, LeadMark, Source, open_leads
from assessment.models.states import OF_A_FAULT
from complaints.declarations.limits import Kind as ComplaintKind
from complaints.models import Round

ONCE_A_ROUND = _("该轮次的接口人处理不当已提出过，或其交办超时已由案件采用，不能重复提出。")
"""One message for both cases: the centre isn't told of a case that marketing opened on its own."""


def _handoff_of(round: Round, act: Act) -> Deadline | None:
    """The binding hand-off of the round, unless a case accuses its contact already or has taken up a miss of it."""
    together, complaint = act.batch.together, {round.complaint_id}
    accused = together.rows(Case, round_id={round.pk})
    duties = together.rows(Deadline, matter_id=complaint, part={round.number}, kind={ComplaintKind.HANDOFF})
    marks = together.rows(LeadMark, deadline_id=Through(Deadline, "id", "matter_id", complaint))
    act.batch.calendar_for(act.batch.limits.limit("opinion"))  # reads all of it
    missed = {duty.pk for duty in duties() if duty.missed_at}
    taken_up = any(mark.case_id and not mark.restored_at and mark.deadline_id in missed for mark in marks())
    refuse_unless(not (accused() or taken_up), ONCE_A_ROUND, "round")
    return next((duty for duty in duties() if duty.is_latest), None)


@verb(
    Case, _("提出接口人处理不当"),
    OfRound(name="round", label=_("涉及轮次"), help=_("投诉编号#轮次，如 TS20260105000001#1。")),
    Text(name="description", label=_("问题描述"), rows=4),
    creates=True, rule="R22",
    permission=permissions.open_fault,
    icon="flag", tone="warn",
    read_by=("unit", "centre"),
)  # fmt: skip
def open_fault(act: Act, *, round: Round, description: str) -> None:
    """Open a case against the unit of the round: once a round, and not if a case has already taken up its missed
    hand-off. The case takes up that miss, now or when it happens (R38).
    """
    assert act.actor is not None
    unit = round.unit
    refuse_own_department(unit, "round")
    own = unit.kind == Unit.Kind.SERVICE_CENTRE and not act.actor.is_marketing
    refuse_unless(not own, _("涉及客服中心自身的，由市场部立案。"), "round")
    lock([round.complaint_id])  # of two acts at once, the second finds the first one's case
    case: Case = act.subject
    case.handoff = _handoff_of(round, act)
    case.open_fault()
    begin(act, unit, Source.FAULT, [round.complaint], by_centre=act.actor.is_agent)
    case.round = round
    if act.actor.is_marketing:
        case.officer = act.actor.employee
    mine = {"matter_id": round.complaint_id, "part": round.number, "unit": unit, "kind": ComplaintKind.HANDOFF}
    take_up(act, open_leads(**mine))
    act.start(Kind.OPINION, act.batch.limits.limit("opinion"), unit_id=unit.pk)
    tell_unit(act, "fault_opened")
    tell_marketing(act, "fault_opened")


@verb(
    Case, _("提交处理意见"), Text(name="opinion", label=_("处理意见"), rows=5), rule="R22",
    permission=permissions.file_opinion,
    icon="chat",
    read_by=("unit",), told_awaited=True,
)  # fmt: skip
def file_opinion(act: Act, *, opinion: str) -> None:
    """The unit's own opinion, never given by the person who owed the hand-off. Without it nothing is decided before its
    limit has passed.
    """
    case: Case = act.subject
    case.file_opinion()
    case.drop_approval()
    assert act.actor is not None
    assert act.entry is not None
    case.opinion, case.opinion_by, case.opinion_at = act.entry.texts, act.actor.employee, act.at
    act.meet(Kind.OPINION)
    tell_marketing(act, "opinion_filed")


@verb(
    Case, _("决定"), Choice(name="conclusion", label=_("结论"), choices=FINDINGS),
    Text(name="reasons", label=_("理由"), rows=4), rule="R22",
    permission=permissions.decide_fault, states=OF_A_FAULT, when=[permissions.opinion_is_heard],
    icon="check", tone="warn",
    read_by=("unit",), told_awaited=True,
)  # fmt: skip
def decide_fault(act: Act, *, conclusion: str, reasons: str) -> None:
    """The provincial side decides after the unit's opinion, or after its limit passed without one. A confirmed fault
    owes the contact's penalty and a circular.
    """
    case: Case = act.subject
    case.drop_approval()
    assert act.actor is not None
    assert act.entry is not None
    case.decision, case.decided_by, case.officer = act.entry.texts, act.actor.employee, act.actor.employee
    act.void(Kind.OPINION)
    decide(act, conclusion)
    issue(act, "fault_opinion")


def opinion_missed(act: Act, deadline: Deadline) -> None:
    """The unit missed its limit: it may still give its opinion, but the decision no longer needs it (R22)."""
    case: Case = act.subject
    case.opinion_lapsed_at = deadline.due_at
    tell_marketing(act, "opinion_lapsed")


def opinion_in_time(act: Act, deadline: Deadline) -> None:
    """The unit gave its opinion in time after all."""
    if deadline.kind == Kind.OPINION:
        act.subject.opinion_lapsed_at = None


ON_MISS[Kind.OPINION] = opinion_missed
ON_TAKEN_BACK.append(opinion_in_time)
