"""The bulletin as a paper to all units: opening, the province's numbers, the table, charts, notes (R54).

It is composed from the frozen figures, which contain nothing about sheets or declined cases (R40).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of, show_second
from accountability.documents.content import Block, Cell, Content, Figure, Heading, Para, Table, chinese_date
from accountability.documents.phrases import Phrase, Wording, wording_at
from accountability.gate.act import Order
from accountability.models import Paper
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from assessment.bulletins import before
from assessment.bulletins.columns import COLUMNS, RANK, Column, percent
from assessment.bulletins.drawing import DRAWN, draw, drawn
from assessment.bulletins.freezing import in_order, share_of
from assessment.bulletins.notes import notes
from assessment.models import Bulletin, BulletinState
from assessment.models.bulletins import reads_drafts

PHRASES = (
    Phrase("bulletin_head", _("定期通报：红头"), "省客户服务中心文件"),
    Phrase("bulletin_prefix", _("定期通报：发文代字"), "鄂移客通"),
    Phrase("bulletin_to", _("定期通报：主送"), "各单位"),
    Phrase(
        "bulletin_opening", _("定期通报：首段"),
        "根据《关于明确在投诉管理中落实首问责任制的通知》（鄂市通〔2011〕331号）第三条第（二）项，现将{month}各单位首问责任制"
        "执行情况通报如下。数据截止时间：{cut_off}。",
        ("month", "cut_off"), rows=4,
    ),
    Phrase(
        "bulletin_demand", _("定期通报：要求"),
        "请各单位对照本通报查找问题，按规定时限交办、处理和答复客户投诉，并按期执行对责任人的处理。", rows=3,
    ),
)  # fmt: skip

A_CHART = {1: 20, 2: 12}
"""Units per chart, by the number of bars of each unit, so that a chart fits across a page."""


def compose(orders: Sequence[Order]) -> list[Content]:
    wording = wording_at(orders[0].at)
    return [_content(order.subject, order, wording) for order in orders]


def may_read(paper: Paper, actor: Actor) -> bool:
    return Bulletin.objects.visible_to(actor).filter(pk=paper.matter_id).exists()


def readable(papers: Sequence[Paper], actor: Actor) -> Collection[int]:
    matters = {paper.matter_id for paper in papers}
    seen = set(Bulletin.objects.visible_to(actor).filter(pk__in=matters).values_list("pk", flat=True))
    return {paper.pk for paper in papers if paper.matter_id in seen}


def may_draft(bulletin: Any, actor: Actor) -> bool:
    """Those who may read the figures before they are sent; afterwards there is the paper itself."""
    return isinstance(bulletin, Bulletin) and bulletin.state == BulletinState.DRAFTED and reads_drafts(actor)


def parts(bulletin: Bulletin) -> set[int]:
    """A bulletin is one paper."""
    return {0}


def _content(bulletin: Bulletin, order: Order, wording: Wording) -> Content:
    month = f"{bulletin.month.year}年{bulletin.month.month}月"
    return Content(
        "bulletin", f"关于{month}首问责任制执行情况的通报", issuer=wording["bulletin_head"], number=order.number,
        to=(wording["bulletin_to"],), body=tuple(_body(bulletin, month, wording, str(order.facts.get("remarks", "")))),
        signed=wording["centre"], dated=day_of(order.at) if order.act else None, is_wide=True,
    )  # fmt: skip


def _body(bulletin: Bulletin, month: str, wording: Wording, remarks: str) -> Iterator[Block]:
    figures = bulletin.figures
    yield Para(wording.text("bulletin_opening", month=month, cut_off=instant_in_words(bulletin.cut_off_at)))
    yield Heading("一、总体情况")
    yield Para(_in_words(figures["total"]))
    yield Para(before.in_words(figures))
    yield Heading("二、各单位情况")
    yield Table(tuple(_rows(figures)), heads=1, caption=f"{month}各单位首问责任制执行情况表")
    yield from before.tables(figures)
    yield from _figures(figures)
    yield Heading("三、有关说明")
    for place, (text, values) in enumerate(notes(figures["lines"]), start=1):
        yield Para(f"{place}. {text % values}")
    for line in mask_text(remarks).splitlines():
        yield Para(line.strip())
    yield Heading("四、有关要求")
    yield Para(wording["bulletin_demand"])


def instant_in_words(at: datetime) -> str:
    """2026年11月1日 00:00:05."""
    return f"{chinese_date(day_of(at))} {show_second(at).partition(' ')[2]}"


def _in_words(total: dict[str, Any]) -> str:
    counts, shares = total["counts"], {name: percent(share_of(total, name)) for name in total["shares"]}
    return (
        f"各单位共收到派单{counts['received']}件，其中重复投诉{counts['repeat']}件、升级投诉{counts['escalated']}件；"
        f"按时处理率{shares['in_time']}，交办及时率{shares['within_30']}，处理超时{counts['overdue']}件；"
        f"退回获准{counts['returns_accepted']}件、未获准{counts['returns_rejected']}件；"
        f"客户满意率{shares['satisfied']}，解决率{shares['resolved']}。"
        f"认定违反“首问责任制”{counts['violations']}起，处理责任人{counts['penalties']}人次，"
        f"已提交执行回执{counts['penalties_done']}人次。"
    )


def _rows(figures: dict[str, Any]) -> Iterator[tuple[Cell, ...]]:
    yield (Cell("单位", is_head=True), *[Cell(column.printed, is_head=True) for column in COLUMNS])
    for line in in_order(figures["lines"]):
        yield (Cell(line["name"], is_head=True), *[_cell(line, column) for column in COLUMNS])
    yield (Cell("合计", is_head=True), *[_cell(figures["total"], column) for column in COLUMNS])


def _cell(line: dict[str, Any], column: Column) -> Cell:
    """A share with its two counts, so that a reader can check it."""
    if column.name == RANK:
        return Cell("—" if line["rank"] is None else str(line["rank"]), is_number=True)
    if not column.among:
        return Cell(str(line["counts"][column.name]), is_number=True)
    part, whole = (line["counts"][name] for name in column.measures)
    return Cell(f"{percent(share_of(line, column.name))}\n({part}/{whole})" if whole else "—", is_number=True)


def _figures(figures: dict[str, Any]) -> Iterator[Figure]:
    for place, (name, title, told) in enumerate(DRAWN, start=1):
        lines, most = drawn(figures, told), A_CHART[len(told)]
        pieces = [lines[begin : begin + most] for begin in range(0, len(lines), most)]
        for number, piece in enumerate(pieces, start=1):
            of = f"（{number}/{len(pieces)}）" if len(pieces) > 1 else ""
            yield Figure(str(draw(f"{name}-{number}", title, piece, told)), f"图{place} {title}{of}")
