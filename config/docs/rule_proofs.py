"""docs/rules.md: for each rule its clause, the code that implements it, the tests that prove it.

Read from the register of verbs, the docstrings that cite a rule, the clauses of deadlines, and the tests' marks,
without running anything; the same sources give the same page.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from accountability.declarations.limits import DEADLINE_KINDS
from accountability.declarations.rule_names import named_in
from accountability.gate.verbs import VERBS
from accountability.rules.catalogue import RULES, SECTIONS, Rule
from config.docs.marks import marks

APPS = ("accountability", "complaints", "assessment", "config")

Cited = defaultdict[str, dict[str, list[str]]]
"""Rule → file → names in it, in the order of the file."""


def rules() -> str:
    """The text of the page."""
    code, tests = cited_in_code(), marked_in_tests()
    parts = [
        "# Rules\n\nThe notice (鄂市通〔2011〕331号) read into 55 rules: for each the words it rests on, the verbs,"
        "\nlimits and code that carry it (by what their docstrings say), and the tests that bear its mark. The words"
        "\nare read in the program at `/rules/`; what the notice leaves to others stands there with its values."
    ]
    for title, section in SECTIONS:
        parts.append(f"## {title}")
        parts += [_rule(rule, code[rule.name], tests[rule.name]) for rule in section]
    return "\n\n".join(parts) + "\n"


def _rule(rule: Rule, code: dict[str, list[str]], tests: dict[str, list[str]]) -> str:
    lines = [
        f"### {rule.name} {rule.title}",
        "",
        f"> {rule.clause_label}：“{rule.source}”",
        "",
        f"{rule.statement}",
        "",
    ]
    lines += [f"- {name}: {told}" for name, told in (("verbs", _verbs(rule)), ("limits", _limits(rule))) if told]
    lines += _listed("code", code, "text only: nothing in the code judges by it")
    lines += _listed("tests", tests, "**none**")
    return "\n".join(lines)


def _listed(title: str, found: dict[str, list[str]], nothing: str) -> Iterator[str]:
    yield f"- {title}:" if found else f"- {title}: {nothing}"
    for file, names in sorted(found.items()):
        told = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
        yield f"  - `{file}`" + (f": {told}" if told else "")


def _verbs(rule: Rule) -> str:
    names = (name for (_kind, name), entry in VERBS.items() if rule.name in entry.rules)
    return ", ".join(f"`{name}`" for name in sorted(set(names)))


def _limits(rule: Rule) -> str:
    kinds = (kind.name for kind in DEADLINE_KINDS.values() if kind.rule == rule.name)
    return ", ".join(f"`{name}`" for name in sorted(kinds))


def cited_in_code() -> Cited:
    """Where a docstring names the rule: a module's own gives only the file, a function's or class's gives its name."""
    found = _nothing()
    for path in _files():
        if "/migrations/" in _name(path) or _name(path).startswith("accountability/rules/"):
            continue
        for name, doc in _docstrings(ast.parse(path.read_text(encoding="utf-8"))):
            for rule in named_in(doc):
                found[rule].setdefault(_name(path), []).extend([name] if name else [])
    return found


def marked_in_tests() -> Cited:
    """The tests with the rule's mark; a mark on a whole file gives only the file."""
    found = _nothing()
    for mark in marks():
        if mark.name == "rule" and mark.value in RULES:
            found[mark.value].setdefault(mark.file, []).extend([mark.test] if mark.test else [])
    return found


def _nothing() -> Cited:
    return defaultdict(dict)


def _files() -> Iterator[Path]:
    for folder in APPS:
        yield from sorted((Path(settings.BASE_DIR) / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(settings.BASE_DIR).as_posix()


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(name, text) of each docstring: the module's has no name; then everything defined in it, and its constants."""
    yield "", ast.get_docstring(tree) or ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name.lstrip("_"), ast.get_docstring(node) or ""
    for before, node in zip(tree.body, tree.body[1:], strict=False):
        told = node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else None
        target: Any = before.targets[0] if isinstance(before, ast.Assign) else getattr(before, "target", None)
        if isinstance(told, str) and isinstance(target, ast.Name):
            yield target.id, told
