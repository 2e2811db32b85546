"""转办件办理情况答复函 (R9): to the body outside that handed a complaint over. It names the customer masked, as every
paper does: the body knows them by its own number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import override

from accountability.deadlines.limits import day_of
from accountability.documents.content import Content, Para, Table
from accountability.documents.phrases import Wording, wording_with
from accountability.gate.act import Order
from complaints.documents.forms import across, pair, when
from complaints.documents.known import Paths, Texts, matter_of, text_id, together_of
from complaints.models import OutsideCase

TITLE = "转办件办理情况答复函"


@dataclass(frozen=True)
class Known:
    """What was looked up for all papers."""

    texts: Texts
    categories: Paths
    wording: Wording


def compose(orders: Sequence[Order]) -> list[Content]:
    """Compose all letters with one statement."""
    complaints = [order.subject for order in orders]
    with override(settings.LANGUAGE_CODE):
        together, ids = together_of(orders), {text_id(order.entry) for order in orders if order.entry is not None}
        texts, paths = Texts(complaints, ids, together), Paths(complaints, together)
        known = Known(texts, paths, wording_with(together, orders[0].at)())
        return [_letter(order, known) for order in orders]


def _letter(order: Order, known: Known) -> Content:
    case: OutsideCase = order.facts["case"]
    centre, complaint = known.wording["centre"], order.subject
    assert order.entry is not None
    said = known.texts.masked(complaint, text_id(order.entry), "content")
    customer = known.texts.customer(complaint)
    opening = known.wording.text("outside_opening", number=case.number, complaint=matter_of(order).number)
    return Content(
        "outside_answer", TITLE, issuer=centre, number=order.number, to=(known.wording[f"outside_{case.body}"],),
        body=(
            Para(opening),
            Table((
                pair("转办编号", case.number, "收到时间", when(case.received_at)),
                pair("投诉编号", matter_of(order).number, "受理时间", when(complaint.registered_at)),
                pair("客户", customer.masked_name, "投诉类别", known.categories.get(complaint.category_id)),
                across("办理情况", said),
            )),
            Para(known.wording["outside_closing"]),
        ),
        signed=centre, dated=day_of(order.at),
    )  # fmt: skip
