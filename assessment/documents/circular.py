"""The 通报批评: the draft that is written by itself, and the paper to all units once it is signed (R47, R49–R52).

It names the unit and its people, never a customer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accountability.acts import refuse_unless
from accountability.deadlines import day_of
from accountability.documents.content import Block, Content, Heading, Para
from accountability.documents.kinds import Order
from accountability.documents.phrases import Wording
from accountability.masking import mask_text
from assessment.documents.material import Material
from assessment.documents.order import how_found
from assessment.documents.words import grounds_in_words
from assessment.models import Case, Circular, Source

EVERYBODY = "各单位"
FIRST = re.compile(r"[一二三四五六七八九十]+、")
SECOND = re.compile(r"（[一二三四五六七八九十]+）")
LONGEST_HEADING = 40


def circular_text(case: Case, wording: Wording) -> str:
    """A circular in its four parts: facts, nature and cause, decision, demands (R50–R52)."""
    unit = case.unit.name
    return mask_text(
        "\n".join(
            (
                f"{EVERYBODY}：\n现将{unit}违反“首问责任制”的情况通报如下。",
                f"一、基本情况\n{_facts(case, wording)}",
                f"二、性质认定\n{how_found(case, '该单位')}依据{wording['basis']}处理。",
                f"三、处理决定\n{_decision(case)}",
                f"四、有关要求\n{wording['circular_demands']}",
            )
        )
    )


def _facts(case: Case, wording: Wording) -> str:
    if case.source == Source.FAULT:
        return f"{case.unit.name}投诉处理接口人处理不当。"
    return f"{case.unit.name}在客户投诉处理中涉嫌违反“首问责任制”，{wording['marketing']}已通知其开展自查。"


def _decision(case: Case) -> str:
    people = [
        f"{penalty.person.name}（{grounds_in_words(penalty.grounds)}）：扣除{penalty.months}个月绩效奖金。"
        for penalty in case.penalty_rows
        if penalty.annulled_at is None and penalty.person_id in case.people_to_name
    ]
    return "\n".join([f"对{case.unit.name}予以全省通报批评。", *people])


def withdrawal_text(circular: Circular, reason: str) -> str:
    return f"{EVERYBODY}：\n现撤回《{circular.title}》（{circular.number}）。\n撤回理由：{reason}"


def compose(orders: Sequence[Order]) -> list[Content]:
    """`part` is the circular's key; a draft has no number and no date."""
    circulars = [_circular(order) for order in orders]
    made = Material(orders, texts=[(circular, "texts") for circular in circulars])
    return [_content(order, circular, made) for order, circular in zip(orders, circulars, strict=True)]


def _circular(order: Order) -> Circular:
    """With its unit, which its title names: the case's. There is a draft of one that nobody has signed yet."""
    wanted = (each for each in order.subject.circular_rows if each.pk == order.part)
    circular = next((each for each in wanted if order.act or each == order.subject.draft), None)
    refuse_unless(circular, _("没有这份通报草稿。"))
    assert circular is not None
    circular.unit = order.subject.unit
    return circular


def _content(order: Order, circular: Circular, made: Material) -> Content:
    lines = [line.strip() for line in made.words(order.subject, circular).get("body", "").split("\n")]
    body = tuple(_block(line) for line in lines if line and line.rstrip("：:") != EVERYBODY)
    return Content(
        "circular", circular.title, issuer=made.wording["red_head"], number=order.number, to=(EVERYBODY,), body=body,
        signed=made.wording["marketing"], dated=day_of(order.at) if order.act else None,
    )  # fmt: skip


def _block(line: str) -> Block:
    """A short line that is numbered as a heading is one (一、 and （一）)."""
    if len(line) <= LONGEST_HEADING and not line.endswith(("。", "；")):
        for level, numbered in enumerate((FIRST, SECOND), start=1):
            if numbered.match(line):
                return Heading(line, level)
    return Para(line)
