"""The tests' marks, read from their source without running anything: which test proves a rule or an item of a sheet."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

NAMES = ("rule", "asvs", "compliance", "lesson")


class Mark(NamedTuple):
    """`value` is what the mark names; a mark on a whole file has no test."""

    name: str
    value: str
    file: str
    test: str


@cache
def marks() -> tuple[Mark, ...]:
    """Every mark of every test, by file."""
    base, found = Path(settings.BASE_DIR), list[Mark]()
    for path in sorted((base / "tests").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "mark." in source:
            file = path.relative_to(base).as_posix()
            found += [Mark(name, value, file, test) for name, value, test in _marks(ast.parse(source).body)]
    return tuple(found)


def _marks(body: list[ast.stmt]) -> Iterator[tuple[str, str, str]]:
    """The marks of each test and of each of its cases; those of the file have no test."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from ((*mark, node.name) for decorator in node.decorator_list for mark in _marked(decorator))
        if isinstance(node, ast.ClassDef):
            yield from _marks(node.body)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from ((*mark, "") for mark in _marked(node.value))


def _marked(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The values of every `mark.name(…)` in the expression."""
    for call in ast.walk(node):
        name = ast.unparse(call.func).rpartition("mark.")[2] if isinstance(call, ast.Call) else ""
        if isinstance(call, ast.Call) and name in NAMES:
            yield from ((name, str(each.value)) for each in call.args if isinstance(each, ast.Constant))
