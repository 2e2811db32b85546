"""Breaks the head line, the title and the tables of a paper into lines, the same in every format (GB/T 9704)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, inf

from accountability.documents.content import Cell, Content, Table

UPRIGHT, ACROSS = 156.0, 225.0
"""Width of the text block in millimetres, portrait and landscape."""

POINTS = 72 / 25.4
TITLE = 22
"""Font size of the title in points."""


def block_of(content: Content) -> float:
    return ACROSS if content.is_wide else UPRIGHT


def width_of(text: str) -> float:
    """The width in Chinese characters; a Latin letter or digit counts as half a character."""
    return sum(1 if unicodedata.east_asian_width(letter) in "WFA" else 0.5 for letter in text)


# The head line


@dataclass(frozen=True)
class Head:
    """A style of the head line: font size in points, width in per cent. The stylesheets have a class for each name."""

    name: str
    size: float
    scale: int

    def room(self, block: float) -> float:
        return block * POINTS / (self.size * self.scale / 100)


HEADS = (Head("", 34, 100), Head("tight", 34, 81), Head("tighter", 30, 73), Head("tightest", 26, 65))


def head_of(content: Content) -> tuple[Head, list[str]]:
    """The style and lines of the head line. A long name is condensed to fit one line; if it can't, it gets several."""
    block, name = block_of(content), content.issuer
    for head in HEADS:
        if width_of(name) <= head.room(block):
            return head, [name]
    return HEADS[-1], broken(name, HEADS[-1].room(block))


# The title

WORDS = re.compile(
    r"首问责任制?|责任人|分公司|子公司|有限公司|公司|中国|移动|电信|联通|通信|集团|[省市州县区]公司|自治州|开发区|互动单|通知单?|通知书|通报"
    r"|报告|纪要|意见书?|问题|自查|内部|违反|涉嫌|开展|责成|进行|限期|报送|投诉|接口人|处理|不当|客户|用户|服务|中心|[一-鿿]场部"
    r"|管理|网络|信息|安全|业务|年度|排名|解决率|执行|情况|评判会?|跨部门|部门|部|协调|催办|撤回|核查|文件|单位|有关|关于"
    r"|签[字名发]|方式|时[间限]|领导|审核|原因|描述|处理人|人次|反馈|满意|绩效|奖金|人力资源|凭证|经营部?"
    r"|[0-9A-Za-z.%：:/-]+[年月日号项件起%]?"
)
"""Words that must not be broken at the end of a line."""

AFTER, WELL_AFTER = set("的对和与及或：”’》〉）〕"), set("、，；")
BEFORE = ("“", "‘", "《", "（", "开展", "涉嫌", "违反", "进行", "关于", "执行", "处理", "责任")
NEVER_FIRST, NEVER_LAST = set("、，。；：？！”’》〉）〕％%…·"), set("“‘《〈（〔")
IN_WORD, IN_QUOTES, ELSEWHERE, WELL = 200.0, 12.0, 4.0, -15.0
"""The cost of ending a line at such a place. A line that is 1 or 2 characters off the average costs 1 or 4."""


def title_lines(content: Content) -> list[str]:
    room = block_of(content) * POINTS / TITLE
    return [line for piece in content.title.split("\n") for line in broken(piece.strip(), room)]


def broken(text: str, room: float) -> list[str]:
    """Break the text into as few lines as possible, of similar length, and if possible not inside a word."""
    if width_of(text) <= room:
        return [text]
    least = ceil(width_of(text) / room)
    return next(lines for count in range(least, len(text) + 1) if (lines := _shared(text, room, count)))


def _shared(text: str, room: float, count: int) -> list[str]:
    """The text in `count` lines with the least total cost; empty if a line wouldn't fit."""
    blame, fair = _blame(text), width_of(text) / count

    @cache
    def best(begin: int, lines: int) -> tuple[float, tuple[int, ...]]:
        if lines == 1:
            rest = width_of(text[begin:])
            return ((rest - fair) ** 2 if rest <= room else inf, (len(text),))
        found: tuple[float, tuple[int, ...]] = (inf, ())
        for end in range(begin + 1, len(text)):
            width = width_of(text[begin:end])
            if width > room:
                break
            cost, ends = best(end, lines - 1)
            found = min(found, (cost + blame[end] + (width - fair) ** 2, (end, *ends)))
        return found

    cost, ends = best(0, count)
    if cost == inf:
        return []
    return [text[begin:end].strip() for begin, end in zip((0, *ends), ends, strict=False)]


def _blame(text: str) -> list[float]:
    """The cost of ending a line before each character."""
    inside = {place for word in WORDS.finditer(text) for place in range(word.start() + 1, word.end())}
    return [_blame_at(text, place, is_inside=place in inside) if place else inf for place in range(len(text))]


def _blame_at(text: str, place: int, *, is_inside: bool) -> float:
    before, after = text[place - 1], text[place]
    if after in NEVER_FIRST or before in NEVER_LAST:
        return IN_WORD * 2
    if is_inside:
        return IN_WORD
    opened = text[:place].count("“") > text[:place].count("”")
    if opened:
        return IN_QUOTES
    if before in WELL_AFTER:
        return WELL
    return 0.0 if before in AFTER or text.startswith(BEFORE, place) else ELSEWHERE


# Tables


@dataclass(frozen=True)
class Fit:
    """How a table fits on its page: font size in points, whether it is landscape, whether even numbers must be broken.

    The stylesheets have a class for each name.
    """

    name: str
    size: float
    is_across: bool = False
    is_broken: bool = False


SIZES = (("", 12.0, 4.0), ("close", 10.5, 3.0), ("closer", 9.0, 2.0), ("closest", 7.5, 1.6))
"""Name, font size in points, left and right padding of a cell together in millimetres."""

MOST = {"number": inf, "side": 5.0, "text": 4.0}
"""The most characters that a column needs, by its content: longer texts are wrapped, numbers never."""

LABEL = 6
"""Characters per line of a label before a row of a form or above a column."""

MANY, ABOVE_MANY = 7, 3
"""If a table has more than MANY columns, labels above columns have ABOVE_MANY characters per line."""


def fit_of(table: Table, content: Content) -> Fit:
    """The largest font size that fits. A table that doesn't fit in portrait gets a landscape page of its own."""
    # For each column, the width in characters of its widest part that can't be wrapped.
    needs, above = [1.0] * _columns(table), _above(table)
    for number, row in enumerate(table.rows):
        place = 0
        for cell in row:
            if cell.span == 1:
                needs[place] = max(needs[place], _need(cell, above if number < table.heads else 0))
            place += cell.span
    blocks = ((block_of(content), False),) if content.is_wide else ((UPRIGHT, False), (ACROSS, True))
    for block, is_across in blocks:
        for name, size, padding in SIZES[is_across or content.is_wide :]:
            if sum(needs) * size / POINTS + len(needs) * padding <= block:
                return Fit(name, size, is_across)
    return Fit(SIZES[-1][0], SIZES[-1][1], not content.is_wide, is_broken=True)


def labels_of(table: Table, content: Content) -> tuple[tuple[Cell, ...], ...]:
    """The rows with their labels broken at good places, because HTML renderers break Chinese text anywhere."""
    rows, above = [], _above(table)
    for number, row in enumerate(table.rows):
        room = above if number < table.heads else LABEL if content.is_form else 0
        rows.append(tuple(_label(cell, room) if room and cell.is_head and cell.span == 1 else cell for cell in row))
    return tuple(rows)


def _label(cell: Cell, room: float) -> Cell:
    return replace(cell, text="\n".join(line for piece in cell.text.split("\n") for line in broken(piece, room)))


def _columns(table: Table) -> int:
    return max((sum(cell.span for cell in row) for row in table.rows), default=0)


def _above(table: Table) -> int:
    return ABOVE_MANY if _columns(table) > MANY else LABEL


def _need(cell: Cell, above: int) -> float:
    kind = "number" if cell.is_number else "side" if cell.is_head else "text"
    # A digit is slightly wider than half a character.
    longest = max((width_of(line) for line in cell.text.split("\n")), default=0.0) * (1.15 if cell.is_number else 1)
    return min(longest, above or MOST[kind])
