"""Represents the content of a paper without its layout; page, PDF and DOCX are made from it (GB/T 9704).

The content is frozen when the paper is issued. It contains masked texts only, and is always in Chinese.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Heading:
    """A heading of `level` 1 to 4, set in 黑体, 楷体, 仿宋 and 仿宋. Its number (一、(一)1.(1)) is part of the text."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Para:
    """One paragraph, indented by two characters; `flush`: not indented."""

    text: str
    flush: bool = False


@dataclass(frozen=True)
class Cell:
    text: str
    is_head: bool = False
    span: int = 1
    is_number: bool = False
    """Aligned right, so that digits line up."""


@dataclass(frozen=True)
class Table:
    """A table. `heads`: how many of the first rows are repeated on each page."""

    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0
    caption: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart as SVG, drawn by us; there is always a table with the same data."""

    svg: str
    caption: str


Block = Heading | Para | Table | Figure
_BLOCKS: dict[str, type] = {kind.__name__: kind for kind in (Heading, Para, Table, Figure)}


@dataclass(frozen=True)
class Content:
    """One paper. `issuer` is the head line in red, `to` 主送, `signed` 落款 above the date, `copies` 抄送.

    `is_form`: a table with a title rather than a letter (通知单, 互动单), without head line and 落款. `attachments` are
    listed under the body; `printed` is the office in the 印发 line.
    """

    kind: str
    title: str
    issuer: str = ""
    number: str = ""
    to: tuple[str, ...] = ()
    body: tuple[Block, ...] = ()
    attachments: tuple[str, ...] = ()
    signed: str = ""
    dated: date | None = None
    copies: tuple[str, ...] = ()
    printed: str = ""
    is_form: bool = False
    is_wide: bool = False
    """A4 landscape, for tables with many columns."""
    notes: tuple[str, ...] = field(default=())

    def as_text(self) -> str:
        """The content as canonical JSON, which is sealed and from which the digest is computed."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Content:
        known = json.loads(text)
        known["body"] = tuple(_block(block) for block in known["body"])
        known["dated"] = date.fromisoformat(known["dated"]) if known["dated"] else None
        lists = {name: tuple(known[name]) for name in ("to", "attachments", "copies", "notes")}
        return cls(**known | lists)

    def changed(self, change: Callable[[str], str]) -> Content:
        """A copy for display with every text of the body rewritten; the issued content doesn't change."""
        return replace(self, body=tuple(_rewritten(block, change) for block in self.body))

    @property
    def digest(self) -> str:
        return digest_of(self.as_text())

    def as_lines(self) -> list[str]:
        """All texts in reading order, one per line: for programs, and for tests that compare them with a file."""
        lines = [self.issuer, self.number, self.title, *[f"{'、'.join(self.to)}：" for _ in self.to[:1]]]
        for block in self.body:
            lines += _lines_of(block)
        lines += [f"附件：{name}" for name in self.attachments]
        lines += [self.signed, chinese_date(self.dated) if self.dated else ""]
        lines += [f"抄送：{'、'.join(self.copies)}"] if self.copies else []
        lines += [self.printed, *self.notes]
        return [line for line in lines if line]


def digest_of(text: str) -> str:
    """The digest of a content's canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def chinese_date(day: date) -> str:
    """The date as `2026年10月9日`: Arabic digits, no leading zeros (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def _plain(content: Content) -> dict[str, Any]:
    """The content as plain data. Not `asdict`, whose deep copy took half of the time of issuing a paper."""
    known = dict(vars(content))
    known["body"] = [{"block": type(block).__name__} | vars(block) | _rows(block) for block in content.body]
    known["dated"] = content.dated.isoformat() if content.dated else None
    return known


def _rows(block: Block) -> dict[str, Any]:
    return {"rows": [[vars(cell) for cell in row] for row in block.rows]} if isinstance(block, Table) else {}


def _block(known: dict[str, Any]) -> Block:
    kind = known.pop("block")
    if kind == "Table":
        known["rows"] = tuple(tuple(Cell(**cell) for cell in row) for row in known["rows"])
    made: Block = _BLOCKS[kind](**known)
    return made


def _rewritten(block: Block, change: Callable[[str], str]) -> Block:
    if isinstance(block, Table):
        rows = tuple(tuple(replace(cell, text=change(cell.text)) for cell in row) for row in block.rows)
        return replace(block, rows=rows, caption=change(block.caption))
    if isinstance(block, Figure):
        return block
    return replace(block, text=change(block.text))


def _lines_of(block: Block) -> list[str]:
    if isinstance(block, Table):
        return [block.caption, *[" | ".join(cell.text for cell in row) for row in block.rows]]
    if isinstance(block, Figure):
        return [block.caption]
    return [block.text]
