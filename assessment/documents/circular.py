"""The 通报批评: the automatic draft, and the paper to all units once it is signed (R47, R49–R52).

It names the unit and its people, never a customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.documents.content import Block, Content, Heading, Para
from accountability.documents.phrases import Wording
from accountability.gate.act import Order, refuse_unless
from accountability.models import Paper
from accountability.security.masking import mask_text
from assessment.documents.material import Material
from assessment.documents.order import how_found
from assessment.documents.record import Record, facts_of, ordinal
from assessment.documents.words import grounds_in_words
from assessment.models import Case, Circular

EVERYBODY = "各单位"
FIRST = re.compile(r"[一二三四五六七八九十]+、")
SECOND = re.compile(r"（[一二三四五六七八九十]+）")
LONGEST_HEADING = 40


def circular_text(case: Case, wording: Wording, record: Record | None = None) -> str:
    """The text that the leader gets and that may be edited: the facts from the record, and how the violation was found
    (R50–R52). Decision and demands aren't typed; they are composed with the paper (`_decided`).
    """
    unit, facts = case.unit.name, "\n".join(facts_of(case, wording, record))
    before = case.circular_in_force
    about = (
        f"违反“首问责任制”有关责任人的处理情况（{unit}已由{before.number}通报批评）"
        if before
        else "违反“首问责任制”的情况"
    )
    return mask_text(
        "\n".join(
            (
                f"{EVERYBODY}：\n现将{unit}{about}通报如下。",
                f"一、基本情况\n{facts}",
                f"二、性质认定\n{how_found(case, '该单位')}依据{wording['basis']}处理。",
            )
        )
    )


def decision_of(case: Case, wording: Wording) -> list[str]:
    """What the system would add to a text of two parts that is submitted to a leader now."""
    return _decided(case, Circular(case=case), ("一、", "二、"), wording)


def _decided(case: Case, circular: Circular, lines: Sequence[str], wording: Wording) -> list[str]:
    """Who is criticised and who loses how many months, from the record and never typed (R50–R52), and the demands on
    all units. Headings continue those of the text. Before submission it lists the people it would name.
    """
    named = circular.named if circular.signer_id else case.people_to_name
    people = [
        f"{penalty.person}（{grounds_in_words(penalty.grounds)}）：扣除{penalty.months}个月绩效奖金。"
        for penalty in case.penalty_rows
        if penalty.annulled_at is None and penalty.person_id in named
    ]
    unit = [] if _repeats(case, circular) else [f"对{case.unit.name}予以全省通报批评。"]
    rest = ["对责任人的处理情况另行通报。"] if case.unpaid else []
    place = sum(_block(line) == Heading(line, 1) for line in lines)
    return [
        f"{ordinal(place + 1)}、处理决定", *unit, *people, *rest, f"{ordinal(place + 2)}、有关要求",
        *wording["circular_demands"].split("\n"),
    ]  # fmt: skip


def _repeats(case: Case, circular: Circular) -> bool:
    """Whether another circular in force already criticises the unit."""
    return any(each.is_in_force and each.pk != circular.pk for each in case.circular_rows)


def withdrawal_text(circular: Circular, reason: str) -> str:
    """It cites the title that was issued: the unit may have another name since."""
    issued = Paper.objects.get(matter=circular.case.matter, kind="circular", part=circular.pk)
    return f"{EVERYBODY}：\n现撤回《{issued.title}》（{circular.number}）。\n撤回理由：{reason}"


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    """`part` is the circular's key; a draft has no number and no date."""
    return _compose(orders, [_circular(order) for order in orders])


def preview(case: Case, drafts: Sequence[Circular], at: datetime) -> list[Content]:
    """How these unsigned circulars of the case would read, including dropped ones."""
    orders = [Order("circular", case, at, part=draft.pk) for draft in drafts]
    for draft in drafts:
        draft.unit = case.unit
    return list(_compose(orders, drafts)) if orders else []


def _compose(orders: Sequence[Order], circulars: Sequence[Circular]) -> Iterable[Content]:
    made = Material(orders, texts=[(circular, "texts") for circular in circulars])
    return (_content(order, circular, made) for order, circular in zip(orders, circulars, strict=True))


def _circular(order: Order) -> Circular:
    """The circular, with the case's unit set, which its title names. Without an act it must be an unsigned draft."""
    wanted = (each for each in order.subject.circular_rows if each.pk == order.part)
    circular = next((each for each in wanted if order.act or each.is_draft), None)
    refuse_unless(circular, _("没有这份通报草稿。"))
    assert circular is not None
    circular.unit = order.subject.unit
    return circular


def _content(order: Order, circular: Circular, made: Material) -> Content:
    case = order.subject
    lines = [line.strip() for line in made.words(case, circular).get("body", "").split("\n")]
    if not circular.withdraws_id:
        lines += [made.mask(case, line) for line in _decided(case, circular, lines, made.wording)]
    body = tuple(_block(line) for line in lines if line and line.rstrip("：:") != EVERYBODY)
    return Content(
        "circular", circular.title, issuer=made.wording["red_head"], number=order.number, to=(EVERYBODY,), body=body,
        signed=made.wording["marketing"], dated=day_of(order.at) if order.act else None,
    )  # fmt: skip


def _block(line: str) -> Block:
    """A short line numbered as a heading (一、 or （一）) becomes one."""
    if len(line) <= LONGEST_HEADING and not line.endswith(("。", "；")):
        for level, numbered in enumerate((FIRST, SECOND), start=1):
            if numbered.match(line):
                return Heading(line, level)
    return Para(line)
