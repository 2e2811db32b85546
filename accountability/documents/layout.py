"""How the words of a paper share its lines, in every form alike: the head line, the title, tables (GB/T 9704)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, inf

from accountability.documents.content import Cell, Content, Table

UPRIGHT, ACROSS = 156.0, 225.0
"""Millimetres of the block that text stands in."""

POINTS = 72 / 25.4
TITLE = 22
"""Points of the title."""


def block_of(content: Content) -> float:
    return ACROSS if content.is_wide else UPRIGHT


def width_of(text: str) -> float:
    """In characters: a letter or digit is half of one."""
    return sum(1 if unicodedata.east_asian_width(letter) in "WFA" else 0.5 for letter in text)


# The head line


@dataclass(frozen=True)
class Head:
    """A look of the head line: points high, per cent of that wide. The stylesheets have a class for each name."""

    name: str
    size: float
    scale: int

    def room(self, block: float) -> float:
        return block * POINTS / (self.size * self.scale / 100)


HEADS = (Head("", 34, 100), Head("tight", 34, 81), Head("tighter", 30, 73), Head("tightest", 26, 65))


def head_of(content: Content) -> tuple[Head, list[str]]:
    """A long name of an office is condensed until it fits its line; one that never would gets several."""
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
"""What a line must not end inside of."""

AFTER, WELL_AFTER = set("的对和与及或：”’》〉）〕"), set("、，；")
BEFORE = ("“", "‘", "《", "（", "开展", "涉嫌", "违反", "进行", "关于", "执行", "处理", "责任")
NEVER_FIRST, NEVER_LAST = set("、，。；：？！”’》〉）〕％%…·"), set("“‘《〈（〔")
IN_WORD, IN_QUOTES, ELSEWHERE, WELL = 200.0, 12.0, 4.0, -15.0
"""What ending a line there costs; a line that is a character longer or shorter than its fellows costs 1, two cost 4."""


def title_lines(content: Content) -> list[str]:
    room = block_of(content) * POINTS / TITLE
    return [line for piece in content.title.split("\n") for line in broken(piece.strip(), room)]


def broken(text: str, room: float) -> list[str]:
    """As few lines as it takes, about as long as each other, none ending inside a word if that can be helped."""
    if width_of(text) <= room:
        return [text]
    least = ceil(width_of(text) / room)
    return next(lines for count in range(least, len(text) + 1) if (lines := _shared(text, room, count)))


def _shared(text: str, room: float, count: int) -> list[str]:
    """The text in so many lines with the least to blame; nothing where a line wouldn't fit."""
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
    """What it costs to end a line before each letter."""
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
    """How a table gets onto its page: its type's points, whether it lies across, whether even numbers must break.

    The stylesheets have a class for each name.
    """

    name: str
    size: float
    is_across: bool = False
    is_broken: bool = False


SIZES = (("", 12.0, 4.0), ("close", 10.5, 3.0), ("closer", 9.0, 2.0), ("closest", 7.5, 1.6))
"""Name, points, millimetres of both paddings of a cell."""

MOST = {"number": inf, "side": 5.0, "text": 4.0}
"""Characters that a column needs at most, by what stands in it: the rest may wrap, numbers never."""

LABEL = 6
"""Characters on a line of what stands before a row of a form, or above a column."""

MANY, ABOVE_MANY = 7, 3
"""With more columns than so many only so many characters stand on a line above one."""


def fit_of(table: Table, content: Content) -> Fit:
    """In type as large as there is room for; what doesn't fit upright lies across on a page of its own."""
    # Characters of each column's widest part that can't wrap.
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
    """The rows with the labels broken where they read well: whoever sets a page breaks them anywhere."""
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
    # A digit is a little wider than half a character.
    longest = max((width_of(line) for line in cell.text.split("\n")), default=0.0) * (1.15 if cell.is_number else 1)
    return min(longest, above or MOST[kind])
