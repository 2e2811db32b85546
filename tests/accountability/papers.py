"""A letter and a form as papers are, and a kind of paper that the organisation's matter gives out in tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from accountability.documents.content import Cell, Content, Figure, Heading, Para, Table
from accountability.documents.issuing import issue
from accountability.gate.act import Act, Order

LONG = (
    "经查，客户于2026年10月1日反映宽带故障，你单位作为首问责任单位，未在三十分钟内完成交接，"
    "涉嫌违反《关于明确在投诉管理中落实首问责任制的通知》（鄂市通〔2011〕331号）第六条第（二）款的规定。"
)

CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200" width="320" height="200"><title>及时率</title>'
    '<rect x="10" y="10" width="100" height="80" fill="#888"/><text x="20" y="150">武汉分公司 95.0%</text></svg>'
)

FIGURES = Table(
    rows=(
        (Cell("单位", is_head=True), Cell("受理", is_head=True), Cell("及时率", is_head=True)),
        *((Cell(f"第{n}分公司", is_head=True), Cell("12", is_number=True), Cell("95.0%", is_number=True))
          for n in range(1, 61)),
    ),
    heads=1,
    caption="各单位情况",
)  # fmt: skip

LETTER = Content(
    kind="letter",
    title="关于对武汉分公司涉嫌违反“首问责任制”问题开展自查的通知",
    issuer="省公司市场部文件",
    number="鄂市通〔2026〕12号",
    to=("武汉分公司", "宜昌分公司"),
    body=(
        Heading("一、基本情况"), Para(LONG), Heading("（一）事实", 2), Para(LONG), Heading("1. 交接", 3), Para(LONG),
        Figure(CHART, "图1　及时率"), FIGURES, Para("特此通知。"),
    ),
    attachments=("自查报告格式。", "证据清单"),
    signed="省公司市场部",
    dated=date(2026, 10, 9),
    copies=("省客户服务中心", "网络部"),
    printed="省公司市场部",
    notes=("（联系人：王某）",),
)  # fmt: skip

FORM = Content(
    kind="form",
    title="投诉处理通知单",
    number="编号：TS20261009000001",
    is_form=True,
    body=(
        Table(
            rows=(
                (Cell("客户", is_head=True), Cell("张**"), Cell("号码", is_head=True), Cell("138****1234")),
                (Cell("投诉内容", is_head=True), Cell("第一行\n第二行", span=3)),
            )
        ),
    ),
)

HOSTILE = (
    '<img src="file:///etc/passwd"><svg><image href="http://127.0.0.1:9/x"/></svg>'
    "<style>@import url(http://127.0.0.1:9/y)</style><link rel=attachment href=file:///etc/passwd>"
)


def compose(orders: Sequence[Order]) -> list[Content]:
    return [
        Content(
            kind="letter", title=f"关于第{order.part}件事的通知", issuer="省公司市场部文件", number=order.number,
            to=("武汉分公司",), body=(Para(order.facts.get("text", "特此通知。")),), signed="省公司市场部",
            dated=date(2026, 11, 24),
        )
        for order in orders
    ]  # fmt: skip


def give_out(act: Act, *, count: int = 1, text: str = "特此通知。", **_more: Any) -> None:
    for part in range(1, count + 1):
        issue(act, "letter", part=part, number=f"鄂市通〔2026〕{part}号", text=text)
