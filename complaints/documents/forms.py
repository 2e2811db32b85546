"""Rows of a printed form: a label and its value, two pairs in a row or one across it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accountability.deadlines.limits import show_second
from accountability.documents.content import Cell
from complaints.documents.words import NOTHING

Row = tuple[Cell, ...]


def pair(label: str, value: Any, other_label: str, other_value: Any) -> Row:
    return (*_field(label, value, 1), *_field(other_label, other_value, 1))


def across(label: str, value: Any) -> Row:
    return _field(label, value, 3)


def head(*labels: str) -> Row:
    return tuple(Cell(label, is_head=True) for label in labels)


def line(*values: Any) -> Row:
    return tuple(Cell(_text(value)) for value in values)


def when(instant: datetime | None) -> str:
    return show_second(instant) if instant else NOTHING


def _field(label: str, value: Any, span: int) -> Row:
    return Cell(label, is_head=True), Cell(_text(value), span=span)


def _text(value: Any) -> str:
    """An unknown value is a dash. A field to be filled in by hand is given as an empty text."""
    return NOTHING if value is None else str(value)
