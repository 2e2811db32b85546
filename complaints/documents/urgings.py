"""催办通知书 (R13): to a unit that missed a duty and still owes it. It never names the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import override

from accountability.deadlines.limits import day_of
from accountability.deadlines.words import limit_words
from accountability.declarations.limits import deadline_label
from accountability.documents.content import Content, Para, Table
from accountability.documents.phrases import Wording, wording_with
from accountability.gate.act import Order
from complaints.declarations.limits import Kind
from complaints.documents.forms import across, pair, when
from complaints.documents.known import Entries, Names, Paths, entries_of, together_of
from complaints.dossier.round_card import CHASES
from complaints.sweep.escalation import is_about

TITLE = "催办通知书"


@dataclass(frozen=True)
class Known:
    """What was looked up for all papers."""

    entries: Entries
    names: Names
    categories: Paths
    wording: Wording


def compose(orders: Sequence[Order]) -> list[Content]:
    """Compose all urgings with two statements at most. Each paper's part is its limit, whose key may be new."""
    for order in orders:
        order.part = order.facts["deadline"].pk
    with override(settings.LANGUAGE_CODE):
        known = _look_up(orders)
        return [_urging(order, known) for order in orders]


def _look_up(orders: Sequence[Order]) -> Known:
    together = together_of(orders)
    people = {pk for order in orders for pk in (order.facts["to"], order.facts["leader"])}
    units = {pk for order in orders for pk in (order.facts["deadline"].unit_id, order.facts["round"].unit_id)}
    names, paths = Names(people, units, together), Paths([order.subject for order in orders], together)
    wording = wording_with(together, orders[0].at)
    entries = entries_of(orders, {order.facts["deadline"].part for order in orders}, CHASES)
    return Known(entries, names, paths, wording())


def _urging(order: Order, known: Known) -> Content:
    centre, facts = known.wording["centre"], order.facts
    leader = known.names.person(facts["leader"])
    return Content(
        "urging", TITLE, issuer=centre, number=order.number, to=(known.names.unit(facts["deadline"].unit_id) or "",),
        body=(Para(_opening(order, known)), _limit(order, known), Para(_demand(order, known))),
        signed=centre, dated=day_of(facts["urged_at"]), copies=(leader,) if leader else (),
    )  # fmt: skip


def _opening(order: Order, known: Known) -> str:
    """The first paragraph. An invited unit isn't told the round."""
    assert order.act is not None
    current, number = order.facts["round"], order.act.matter.number
    if _is_invited(order):
        return known.wording.text("urging_opening_invited", complaint=number)
    return known.wording.text(
        "urging_opening", complaint=number, notice=current.notice_number, round=current.number
    )  # fmt: skip


def _demand(order: Order, known: Known) -> str:
    """What is demanded. A task's result is owed to the unit that convened; everything else to the centre."""
    assert order.act is not None
    words, current = known.wording, order.facts["round"]
    to = known.names.unit(current.unit_id) if _is_invited(order) else words["centre"]
    days = order.act.batch.limits_of(order.facts["deadline"]).ladder["criticism_workdays"]
    return words.text("urging_demand", recipient=to, marketing=words["marketing"], days=days)


def _limit(order: Order, known: Known) -> Table:
    deadline, complaint = order.facts["deadline"], order.subject
    path, owes = known.categories.get(complaint.category_id), known.names.person(order.facts["to"])
    return Table(
        (
            pair("投诉类别", path, "责任人", owes),
            across("未履行时限", f"{deadline_label(deadline.kind)}（{limit_words(deadline.limit)}）"),
            pair("起算", when(deadline.started_at), "到期", when(deadline.due_at)),
            across("此前催办", f"{_chases_before(order, known)}次"),
        )
    )


def _chases_before(order: Order, known: Known) -> int:
    """How often the centre and the system had chased the unit before; an invited unit for its task only."""
    deadline, at = order.facts["deadline"], order.facts["urged_at"]
    before = [e for e in known.entries[order.subject.pk] if e.part == deadline.part and e.at < at]
    return sum(is_about(entry, deadline) for entry in before) if _is_invited(order) else len(before)


def _is_invited(order: Order) -> bool:
    return bool(order.facts["deadline"].kind == Kind.COOPERATION)
