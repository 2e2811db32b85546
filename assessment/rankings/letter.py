"""The letter that publishes a year's ranking, and the one that withdraws it (R53)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.documents.content import Block, Cell, Content, Heading, Para, Table, chinese_date
from accountability.documents.kinds import Kind, matters_seen, register
from accountability.documents.phrases import Phrase, Wording, declare, wording_at
from accountability.gate.act import Order
from accountability.models import Paper
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from assessment.documents.marking import of_rankings
from assessment.models import Ranking, RankingLine
from assessment.models.bulletins import reads_drafts
from assessment.models.standings import Group

NAME = "ranking"
TITLE = "关于{year}年度首问责任制问题解决率排名的通报"
WITHDRAWN = "关于撤回{year}年度首问责任制问题解决率排名的通报"
HEADS = ("名次", "单位", "满意且按时（轮）", "计入（轮）", "问题解决率", "百分比", "年度优秀单位评比")
CAPTIONS = {
    Group.ALL: "问题解决率排名",
    Group.CITIES: "分公司问题解决率排名",
    Group.OFFICES: "部门和直属单位问题解决率排名",
}

PHRASES = (
    Phrase("ranking_prefix", _("年度排名通报：发文代字"), "鄂市通"),
    Phrase("ranking_issuer", _("年度排名通报：发文机关"), "省公司市场部"),
    Phrase("ranking_to", _("年度排名通报：主送"), "各市州分公司、江汉分公司，省公司各部门、各直属单位"),
    Phrase(
        "ranking_basis", _("年度排名通报：依据"),
        "根据《关于明确在投诉管理中落实首问责任制的通知》（鄂市通〔2011〕331号）第六条第（三）款，现将{year}年度"
        "“首问责任”问题解决率排名通报如下。", ("year",), rows=3,
    ),
    Phrase(
        "ranking_scope", _("年度排名通报：口径"),
        "问题解决率为本年度内已判断处理完毕、客户满意且处理未超时的派单轮次，除以已判断处理完毕并记录满意度的派单轮次。"
        "非职责退回、协办、已免责的轮次和联系不上客户的投诉不计。解决率相同的名次并列。", rows=4,
    ),
    Phrase(
        "ranking_withdrawal", _("年度排名通报：撤回"),
        "{number}所列{year}年度“首问责任”问题解决率排名现予撤回，重新核定后另行通报。", ("number", "year"), rows=2,
    ),
)  # fmt: skip


def percent(rate: Fraction) -> str:
    """Two decimal places, halves rounded up, from the exact fraction: 66.67%."""
    hundredths = (rate.numerator * 20_000 + rate.denominator) // (2 * rate.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def compose(orders: Sequence[Order]) -> list[Content]:
    return [_withdrawal(order) if order.facts.get("withdraws") else _letter(order) for order in orders]


def _letter(order: Order) -> Content:
    ranking: Ranking = order.subject
    said = wording_at(order.at)
    body: list[Block] = [
        Para(said.text("ranking_basis", year=ranking.year)),
        Heading("一、统计口径"), Para(said["ranking_scope"]),
        Para(f"数据截至{chinese_date(day_of(ranking.frozen_at))}，共计入{ranking.rounds}轮。"),
        Heading("二、排名"), *_tables(ranking),
        *[Para(text) for text in _unranked(ranking)],
        Heading("三、不能参加年度优秀单位评比的单位"), Para(_barred(ranking)),
    ]  # fmt: skip
    if ranking.needs_decision and ranking.decided_at:
        body.append(Para(f"{_why(ranking)}经省公司市场部决定，理由：{_reason(order)}"))
    return _content(order, said, TITLE, tuple(body), is_wide=True)


def _withdrawal(order: Order) -> Content:
    ranking: Ranking = order.subject
    said = wording_at(order.at)
    text = said.text("ranking_withdrawal", number=ranking.document_number, year=ranking.year)
    reason = Para(f"撤回理由：{_reason(order)}")
    return _content(order, said, WITHDRAWN, (Para(text), reason))


def _reason(order: Order) -> str:
    return mask_text(str(order.facts.get("reason", "")))


def _content(order: Order, said: Wording, title: str, body: tuple[Block, ...], *, is_wide: bool = False) -> Content:
    issuer = said["ranking_issuer"]
    return Content(
        kind=NAME, title=title.format(year=order.subject.year), issuer=issuer, number=order.number,
        to=(said["ranking_to"],), body=body, signed=issuer, dated=day_of(order.at), printed=issuer, is_wide=is_wide,
    )  # fmt: skip


def _tables(ranking: Ranking) -> list[Table]:
    head = tuple(Cell(text, is_head=True) for text in HEADS)
    tables = []
    for group in ranking.standings:
        rows = [_row(line) for line in ranking.lines if line.group == group and line.asked]
        tables.append(Table((head, *rows), heads=1, caption=CAPTIONS[group]))
    return tables


def _row(line: RankingLine) -> tuple[Cell, ...]:
    assert line.rate is not None
    numbers = (str(line.resolved), str(line.asked), str(line.rate), percent(line.rate))
    return (
        Cell(str(line.place), is_number=True), Cell(line.name), *(Cell(text, is_number=True) for text in numbers),
        Cell("不能参加" if _is_barred(line) else "—"),
    )  # fmt: skip


def _is_barred(line: RankingLine) -> bool:
    """As decided; in a draft as the numbers say."""
    return line.is_lowest if line.is_barred is None else line.is_barred


def _unranked(ranking: Ranking) -> list[str]:
    names = [line.name for line in ranking.lines if not line.asked]
    return [f"{'、'.join(names)}本年度没有计入的轮次，不参加排名。"] if names else []


def _barred(ranking: Ranking) -> str:
    names = [line.name for line in ranking.lines if _is_barred(line)]
    if not names:
        return "本年度没有单位因排名不能参加年度优秀单位评比。"
    return f"{'、'.join(names)}不能参加{ranking.year}年度优秀单位评比。"


def _why(ranking: Ranking) -> str:
    few = any(found.has_too_few for found in ranking.standings.values())
    tied = any(found.tied for found in ranking.standings.values())
    told = ["排名单位不足四个"] * few + ["并列跨越倒数第三名"] * tied
    return "，".join(told) + "，"


def _may_read(paper: Paper, actor: Actor) -> bool:
    return Ranking.objects.visible_to(actor).filter(pk=paper.matter_id).exists()


def _may_draft(ranking: Ranking, actor: Actor) -> bool:
    return isinstance(ranking, Ranking) and ranking.is_draft and reads_drafts(actor)


def _parts(ranking: Ranking) -> set[int]:
    return {ranking.edition}


def install() -> None:
    """Register the letters and their phrases; called when the app is ready."""
    declare(*PHRASES)
    register(
        Kind(
            NAME, _("年度排名通报"), compose, _may_read, drafted_from=matters_seen(Ranking),
            may_draft=_may_draft, parts=_parts, marks=of_rankings, goes_out=True,
        )
    )  # fmt: skip
