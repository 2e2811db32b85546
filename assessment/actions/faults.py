"""The interface contact's fault: the unit's opinion first, then the provincial side decides (R22)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.acts import Act, Batch, lock, refuse_unless
from accountability.documents.issuing import issue
from accountability.facts import Choice, Text
from accountability.models import Deadline, Unit
from accountability.sweeping import ON_MISS
from accountability.verbs import verb
from assessment.actions.opening import begin, refuse_own_department, take_up
from assessment.actions.panel import FINDINGS, decide
from assessment.actions.telling import tell_marketing, tell_unit
from assessment.facts import OfRound
from assessment.models import Case, CaseState, LeadMark, Source, open_leads
from complaints.ladder import begin_ladder
from complaints.models import Round

Kind = Deadline.Kind


@verb(
    Case, _("提出接口人处理不当"),
    OfRound(name="round", label=_("涉及轮次"), help=_("投诉编号#轮次，如 TS20261124000001#1。")),
    Text(name="description", label=_("问题描述"), rows=4),
    creates=True, rule="R22",
)  # fmt: skip
def open_fault(act: Act, *, round: Round, description: str) -> None:
    """Against the unit of the round, once a round; it takes up the round's missed hand-off, one that still runs when it
    is missed. Where another case has taken it up there is no second one.
    """
    assert act.actor is not None
    unit = round.unit
    refuse_own_department(unit, "round")
    own = unit.kind == Unit.Kind.SERVICE_CENTRE and not act.actor.is_marketing
    refuse_unless(not own, _("涉及客服中心自身的，由市场部立案。"), "round")
    lock([round.complaint_id])  # two at once: the second finds the first one's case
    # One sentence for both: the centre doesn't know of a case that marketing opened by itself.
    refuse_unless(not _is_taken_up(round), _("该轮次的交办已另案处理，不能再次提出。"), "round")
    case: Case = act.subject
    case.open_fault()
    begin(act, unit, Source.FAULT, [round.complaint], by_centre=act.actor.is_agent)
    case.round = round
    if act.actor.is_marketing:
        case.officer = act.actor.employee
    mine = {"matter_id": round.complaint_id, "part": round.number, "unit": unit, "kind": Deadline.Kind.HANDOFF}
    take_up(act, open_leads(**mine))
    act.start(Kind.OPINION, act.batch.limits.limit("opinion"), unit_id=unit.pk)
    tell_unit(act, "fault_opened")
    tell_marketing(act, "fault_opened")


def _is_taken_up(round: Round) -> bool:
    """By a fault case of its own, or its missed hand-off by another case."""
    missed = LeadMark.objects.filter(
        deadline__matter_id=round.complaint_id, deadline__kind=Kind.HANDOFF, deadline__part=round.number,
        case__isnull=False, restored_at=None,
    )  # fmt: skip
    return Case.objects.filter(round=round).exists() or missed.exists()


def hand_over_missed(act: Act, deadline: Deadline) -> None:
    """A chase copied to the leader, 催办通知书 the next day, criticism proposed five working days later; where the
    contact's fault was found before, its case takes the miss up (R22).
    """
    begin_ladder(act, deadline)
    case = _faults(act.batch).get((act.matter.pk, deadline.part))
    if case is not None and deadline.due_at is not None:
        mark = LeadMark(deadline=deadline, case=case, marked_by=case.opened_by, marked_at=deadline.due_at)
        act.changes.new(mark)


def _faults(batch: Batch) -> dict[tuple[int, int], Case]:
    """The fault cases that stand on rounds of the complaints at hand, by complaint and round; one query a batch."""
    if "faults" not in batch.memo:
        complaints = [act.matter.pk for act in batch.acts]
        found = Case.objects.filter(source=Source.FAULT, round__complaint_id__in=complaints)
        found = found.exclude(state__in=(CaseState.DECLINED, CaseState.ANNULLED)).select_related("round", "opened_by")
        batch.memo["faults"] = {(case.round.complaint_id, case.round.number): case for case in found if case.round}
    known: dict[tuple[int, int], Case] = batch.memo["faults"]
    return known


@verb(Case, _("提交处理意见"), Text(name="opinion", label=_("处理意见"), rows=5), rule="R22")
def file_opinion(act: Act, *, opinion: str) -> None:
    """The unit's own opinion, without which nothing is decided before its limit has passed; never of whoever owed the
    hand-off.
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
)  # fmt: skip
def decide_fault(act: Act, *, conclusion: str, reasons: str) -> None:
    """The provincial side's decision, after the unit's opinion or without one that never came; a fault that stands owes
    the contact's penalty and a circular.
    """
    case: Case = act.subject
    case.decide_fault()
    case.drop_approval()
    assert act.actor is not None
    assert act.entry is not None
    case.decision, case.decided_by, case.officer = act.entry.texts, act.actor.employee, act.actor.employee
    act.void(Kind.OPINION)
    decide(act, conclusion)
    issue(act, "fault_opinion")


def opinion_missed(act: Act, deadline: Deadline) -> None:
    """The unit let its limit pass: it may still give its opinion, but the decision needs none (R22)."""
    case: Case = act.subject
    case.opinion_lapsed_at = deadline.due_at
    tell_marketing(act, "opinion_lapsed")


ON_MISS[Kind.HANDOFF] = hand_over_missed
ON_MISS[Kind.OPINION] = opinion_missed
