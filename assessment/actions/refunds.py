"""What an annulled penalty took goes back: the unit proves it, and is reminded until it does (R52, R54)."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Day, Person, Reference
from accountability.gate.sweeper import ON_CHASE, ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Employee
from assessment import permissions
from assessment.actions.chasing import begin_chasing, chase_unit
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.actions.quoting import NOT_CUSTOMER, refuse_identity
from assessment.cases import candidates
from assessment.declarations.limits import Kind
from assessment.models import Case
from assessment.models.states import CaseState


def owe_refunds(act: Act) -> None:
    """Start the unit's duty to give back what was carried out, and tell each person that it comes back."""
    case: Case = act.subject
    owed = [penalty for penalty in case.penalty_rows if penalty.is_to_refund]
    if not owed:
        return
    act.start(Kind.REFUND, act.batch.limits.limit("refund"), unit_id=case.unit_id)
    tell_unit(act, "refund_owed", kind=Kind.REFUND)
    for penalty in owed:
        act.announce(penalty.person_id, "own_refund")


@verb(
    Case, _("提交退还回执"),
    Person(name="person", label=_("受处理人"), among=candidates.to_refund, even_gone=True),
    Day(name="refunded_on", label=_("退还日期")),
    Reference(name="voucher", label=_("人力资源凭证号")), NOT_CUSTOMER,
    rule="R54",
    permission=permissions.file_refund, states=[CaseState.ANNULLED], when=[permissions.refund_is_missing],
    icon="paper", tone="ok",
    read_by=("head",),
)  # fmt: skip
def file_refund(
    act: Act, *, person: Employee, refunded_on: date, voucher: str, not_customer: bool = False
) -> None:  # fmt: skip
    """The unit proves that it gave back what an annulled penalty had taken; nobody proves their own (R52)."""
    case: Case = act.subject
    assert act.actor is not None
    row = case.penalty_of(person)
    refuse_unless(row is not None and row.is_to_refund, _("本案没有应退还此人的扣减。"), "person")
    assert row is not None
    refuse_unless(person.pk != act.actor.pk, _("不能提交本人的退还回执，请由他人提交。"), "person")
    refuse_unless(refunded_on <= day_of(act.at), _("退还日期不能晚于今天。"), "refunded_on")
    assert row.annulled_at is not None
    refuse_unless(refunded_on >= day_of(row.annulled_at), _("退还日期不能早于撤销日期。"), "refunded_on")
    refuse_identity(act, voucher, "voucher", not_customer=not_customer)
    row.refunded_on, row.refund_voucher = refunded_on, voucher
    row.refund_by, row.refund_at = act.actor.employee, act.at
    if not any(penalty.is_to_refund for penalty in case.penalty_rows):
        act.meet(Kind.REFUND)
    tell_marketing(act, "refund_filed")


ON_MISS[Kind.REFUND] = begin_chasing
ON_CHASE[Kind.REFUND] = partial(chase_unit, verb="chase_refund", notice="refund_chased")
