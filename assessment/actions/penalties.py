"""Penalties and the proof that they were carried out (R47, R50, R51, R54)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Day, Person, Reference, Text, Whole
from accountability.gate.sweeper import ON_CHASE, ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Employee, PersonalData
from accountability.permissions import Actor
from assessment import permissions
from assessment.actions.chasing import begin_chasing, chase_unit
from assessment.actions.determination import follow_penalties, return_order
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.actions.quoting import NOT_CUSTOMER, refuse_identity
from assessment.cases import candidates
from assessment.cases.papers import owing_in
from assessment.cases.penalty_rows import Penalties, PenaltyRow
from assessment.declarations.limits import Kind
from assessment.models import LEAST_MONTHS, MOST_MONTHS, Case, Circular, Ground, Penalty, payers
from assessment.models.states import DETERMINED, CaseState


def _may_be_penalised(case: Case, actor: Actor) -> bool:
    """True until a circular names the person with their months."""
    return case.was_deemed or not any(_counts(circular) for circular in case.circular_rows)


def _counts(circular: Circular) -> bool:
    """In force, or waiting for its signer: what a signer has read doesn't change afterwards (R50)."""
    return circular.is_in_force or (circular.waits_for_signer and circular.withdrawn_at is None)


@verb(
    Case, _("记录处理"),
    Person(name="person", label=_("受处理人"), among=candidates.with_a_part, even_gone=True),
    Choice(name="ground", label=_("处理依据"), choices=tuple((g.value, g.label) for g in Ground)),
    Whole(name="months", label=_("扣除绩效奖金(月)"), least=LEAST_MONTHS, most=MOST_MONTHS),
    Text(name="reason", label=_("情节与理由"), rows=3),
    rule="R50", offered=_may_be_penalised,
    permission=permissions.penalise, states=DETERMINED,
    icon="person", tone="danger",
    read_by=("head",), told_awaited=True,
)  # fmt: skip
def penalise(act: Act, *, person: Employee, ground: str, months: int, reason: str) -> None:
    """One to three whole months, on a ground in which the person has a part. A person with two grounds has one row with
    both and the months last given. Nobody records their own penalty, and none is recorded once a circular names the
    person (R50). Executed months can't change, but a second ground may still be added.
    """
    assert act.entry is not None
    refuse_penalty(act, person, [ground], months)
    record_penalty(act, person, [ground], months, act.entry.texts)
    settle(act)


def _is_any_to_pay(case: Case, actor: Actor) -> bool:
    """Anybody but oneself, as `lines_to_pay` lists them."""
    return any(set(payers(each)) - {actor.pk} for each in case.unpaid)


@verb(
    Case, _("一并记录处理"),
    Penalties(name="penalties", label=_("应处理的人员")), rule="R50", offered=_is_any_to_pay,
    permission=permissions.penalise_all, states=DETERMINED,
    icon="person", tone="danger",
    read_by=("head",),
)  # fmt: skip
def penalise_all(act: Act, *, penalties: list[PenaltyRow]) -> None:
    """A row for everybody who owes a penalty, by the same rules, all or nothing; one's own is left to others (R51)."""
    case: Case = act.subject
    assert act.actor is not None
    given = {row.person.pk: row.grounds or _owed_by(case, row.person) for row in penalties}
    for row in penalties:
        refuse_unless(given[row.person.pk], _("%(name)s没有应记录的处理。") % {"name": row.person}, "penalties")
        refuse_penalty(act, row.person, given[row.person.pk], row.months, at="penalties")
    me = act.actor.pk
    left = [line.who for line in owing_in(case, case.unpaid_after(given)) if not line.is_only(me)]
    refuse_unless(not left, _("还应填写对以下人员的处理：%(who)s。") % {"who": "、".join(left)}, "penalties")
    act.note(penalties=[
        {"person": row.person.pk, "grounds": list(given[row.person.pk]), "months": row.months} for row in penalties
    ])  # fmt: skip
    for row in penalties:
        texts = act.sealed("penalise", {"reason": row.reason})
        record_penalty(act, row.person, given[row.person.pk], row.months, texts)
    settle(act)


def _owed_by(case: Case, person: Employee) -> list[str]:
    return [owed["ground"] for owed in case.unpaid if person.pk in payers(owed)]


def refuse_penalty(act: Act, person: Employee, grounds: Iterable[str], months: int, at: str = "") -> None:
    """The checks on each row, however many are recorded at once; `at` is the form field that shows the refusal."""
    case: Case = act.subject
    assert act.actor is not None
    refuse_unless(person.pk != act.actor.pk, _("不能记录对本人的处理，请由他人记录。"), at or "person")
    circulars = [each for each in case.circular_rows if _counts(each)]
    about = {"name": person}
    named = any(person.pk in each.named for each in circulars)
    refuse_unless(not named, _("通报批评已点名%(name)s或正待签发，处理不能再改。") % about, at or "person")
    closed = bool(circulars) and not case.was_deemed
    refuse_unless(not closed, _("通报批评已签发或正待签发，不能再记录处理。"), at or "person")
    row = case.penalty_of(person)
    executed = row is not None and row.slip_at is not None and row.months != months
    refuse_unless(not executed, _("该处理已执行并有回执，月数不能再改。"), at or "months")
    for ground in grounds:
        _refuse_ground(case, person, ground, at or "ground")


def _refuse_ground(case: Case, person: Employee, ground: str, at: str) -> None:
    """Only on a ground in which they have a part: nobody pays for another person, or twice in another's place (R50)."""
    refuse_unless(not case.is_fault or ground == Ground.CONTACT, _("接口人处理不当的，只处理接口人。"), at)
    about = {"name": person, "ground": Ground(ground).label}
    refuse_unless(case.has_part(person.pk, ground), _("%(name)s在本案中不是“%(ground)s”，不能以此处理。") % about, at)


def settle(act: Act) -> None:
    """Meet the duty with the last penalty, and notify the other side."""
    follow_penalties(act)
    assert act.actor is not None
    if act.actor.is_marketing:
        tell_unit(act, "penalised")
    else:
        tell_marketing(act, "penalised")


def record_penalty(
    act: Act, person: Employee, grounds: Iterable[str], months: int, texts: PersonalData | None
) -> None:  # fmt: skip
    """Record the person's one row, with these grounds added to those it already has."""
    case: Case = act.subject
    assert act.actor is not None
    row = case.penalty_of(person)
    if row is None:
        row = Penalty(
            case=case, person=person, recorded_by=act.actor.employee, recorded_at=act.at, grounds=[], months=1
        )
        act.changes.new(row)
        case.penalty_rows.append(row)
    row.months, row.texts = months, texts
    row.recorded_by, row.recorded_at = act.actor.employee, act.at
    row.grounds = list(dict.fromkeys([*row.grounds, *map(str, grounds)]))


@verb(
    Case, _("提交执行回执"),
    Person(name="person", label=_("受处理人"), among=candidates.without_slip, even_gone=True),
    Day(name="executed_on", label=_("执行日期")),
    Reference(name="voucher", label=_("人力资源凭证号")), NOT_CUSTOMER,
    rule="R54",
    permission=permissions.file_slip, states=[*DETERMINED, CaseState.CLOSED], when=[permissions.slip_is_missing],
    icon="paper", tone="ok",
    read_by=("head",),
)  # fmt: skip
def file_slip(
    act: Act, *, person: Employee, executed_on: date, voucher: str, not_customer: bool = False
) -> None:  # fmt: skip
    """The unit proves that the penalty was carried out. This may follow after the case is closed, and reminders are
    sent.
    """
    case: Case = act.subject
    assert act.actor is not None
    row = case.penalty_of(person)
    refuse_unless(row is not None, _("本案没有对此人的处理。"), "person")
    assert row is not None
    refuse_unless(row.slip_at is None, _("已有执行回执。"), "person")
    refuse_unless(person.pk != act.actor.pk, _("不能提交本人的执行回执，请由他人提交。"), "person")
    not_ahead = executed_on <= day_of(act.at)
    refuse_unless(not_ahead, _("执行日期不能晚于今天。"), "executed_on")
    decided = case.determined_at is None or executed_on >= day_of(case.determined_at)
    refuse_unless(decided, _("执行日期不能早于认定之日。"), "executed_on")
    refuse_identity(act, voucher, "voucher", not_customer=not_customer)
    row.executed_on, row.voucher = executed_on, voucher
    row.slip_by, row.slip_at = act.actor.employee, act.at
    follow_penalties(act)
    return_order(act)
    tell_marketing(act, "slip_filed")


ON_MISS[Kind.SLIP] = begin_chasing
ON_CHASE[Kind.SLIP] = partial(chase_unit, verb="chase_slip", notice="slip_chased")
