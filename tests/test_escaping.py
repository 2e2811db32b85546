"""What is written into pages is escaped by the templates; where that is left off, the place itself tells why."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

import pytest

from tests.test_consistency import ROOT, calls, code, tracked

pytestmark = [pytest.mark.asvs("1.2.1", "1.2.2", "1.2.3", "1.1.2"), pytest.mark.lesson(13)]

UNESCAPED = re.compile(
    r"\|\s*(?:safe|safeseq|escapejs|json_script|unescape)\b|\{%-?\s*autoescape\s+off|\{%\s*filter\s+safe"
)

MARKS = {"mark_safe", "SafeString", "SafeText", "SafeData", "html_safe", "__html__"}
"""Names by which code says that a text is markup already."""

SWITCHES = {"is_safe": True, "autoescape": False}
"""Arguments that say so."""

REASON = re.compile(r"# Unescaped: [A-Za-z][^#]{8,}\.")
"""What such a place must tell, on its line or on the line above."""

MOST = 4
"""Such places in the whole product: none of them is given anything that a person typed as it is."""

RISKY = re.compile(r"=\{|\s(?:on\w+|hx-[\w-]+|data-hx-[\w-]+|style|srcdoc)=|<script\b")
"""Where escaping doesn't help: an attribute without quotes, and what a browser or htmx runs."""


def test_templates_escape_everything() -> None:
    found = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if file.relative_to(ROOT).parts[0] == "templates" and UNESCAPED.search(file.read_text())
    ]
    assert found == []


def test_code_marks_as_safe_only_with_a_reason_at_the_place() -> None:
    """Annotations may name the type; whatever else names a mark, even under another name, is such a place."""
    without_reason, places = [], 0
    for file in code():
        lines = file.read_text().splitlines()
        for line in marks(ast.parse("\n".join(lines))):
            places += 1
            if not REASON.search(f"{lines[line - 2]}\n{lines[line - 1]}"):
                without_reason.append(f"{file.relative_to(ROOT)}:{line}")
    assert (without_reason, places <= MOST) == ([], True)


def marks(tree: ast.AST) -> Iterator[int]:
    """The lines on which code says that a text is markup already."""
    annotations = {
        id(inner)
        for node in ast.walk(tree)
        for part in ("annotation", "returns")
        if (annotation := getattr(node, part, None)) is not None
        for inner in ast.walk(annotation)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in annotations:
            if (node.id if isinstance(node, ast.Name) else node.attr) in MARKS:
                yield node.lineno
        elif isinstance(node, ast.alias | ast.FunctionDef) and node.name in MARKS:
            if isinstance(node, ast.FunctionDef) or node.asname:
                yield node.lineno
        elif isinstance(node, ast.keyword) and getattr(node.value, "value", None) is SWITCHES.get(str(node.arg), ...):
            yield node.lineno


@pytest.mark.parametrize("written", [
    "from django.utils.safestring import mark_safe as bold", "safestring.mark_safe(text)", "shown = SafeString",
    "def __html__(self): pass", "register.filter(is_safe=True)", "Context(autoescape=False)",
])  # fmt: skip
def test_a_mark_is_found_however_it_is_written(written: str) -> None:
    assert list(marks(ast.parse(written))) == [1]


def test_format_html_fills_in_a_text_that_stands_in_the_code() -> None:
    """Its arguments are escaped, the text itself is not: it is one literal, and escaping suffices at each gap."""
    wrong, found = [], 0
    for file in code():
        for node in ast.walk(ast.parse(file.read_text())):
            name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or name not in ("format_html", "format_html_join"):
                continue
            found += 1
            texts = node.args[: 2 if name.endswith("join") else 1]
            literals = [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
            if len(literals) < len(texts) or not texts or RISKY.search("".join(literals)):
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert (wrong, found >= 10) == ([], True)


HTMX = re.compile(
    r"hx-on|hx-vars|hx-vals=[\"']\s*(?:js|javascript):|hx-headers=[\"']\s*(?:js|javascript):|hx-trigger=\"[^\"]*\[(?!name=)"
    r"|hx-ext|hx-boost|hx-swap-oob|X-CSRFToken",
)
"""What htmx would run as code, what reaches beyond the part that asked, and the token outside of a form."""


def test_templates_ask_nothing_of_htmx_that_markup_in_a_page_could_use() -> None:
    templates = [file for file in tracked(".html") if file.relative_to(ROOT).parts[0] == "templates"]
    assert [str(file.relative_to(ROOT)) for file in templates if HTMX.search(file.read_text())] == []
    config = re.search(r"name=\"htmx-config\"\s+content='([^']+)'", (ROOT / "templates/base.html").read_text())
    assert config is not None
    given = {name: json.loads(config[1])[name] for name in HTMX_CONFIG}
    assert given == HTMX_CONFIG


HTMX_CONFIG = {
    "allowEval": False, "allowScriptTags": False, "allowNestedOobSwaps": False, "selfRequestsOnly": True,
    "historyCacheSize": 0,
}  # fmt: skip


def test_scripts_write_no_markup_of_what_they_read() -> None:
    """No code from words, and no page from words: `innerHTML` of ours takes what our server has escaped."""
    banned = re.compile(
        r"\beval\(|new Function\(|document\.write|insertAdjacentHTML|outerHTML\s*=|setTimeout\(\s*[\"']"
    )
    scripts = [file for file in tracked(".js") if file.relative_to(ROOT).parts[0] != "tests"]
    assert [str(file.relative_to(ROOT)) for file in scripts if banned.search(file.read_text())] == []
    assert len(scripts) >= 10


SQL = {
    "accountability/search/term_indexes.py",
    "accountability/db/insert_only.py", "accountability/management/commands/verify_ledger.py",
    "accountability/models/serving.py", "accountability/audit/log_retention.py", "accountability/db/sql.py",
    "accountability/db/series.py", "accountability/db/vacuum.py", "accountability/db/writing.py",
    "config/bench/by_hand.py", "config/bench/made_up.py", "assessment/rankings/frozen_inputs.py",
    "config/management/commands/bench.py", "config/replay/database.py", "config/bench/growing.py",
    "config/counting.py", "config/management/commands/database_roles.py",
    "config/views.py", "accountability/deadlines/clock.py", "config/bench/scale/loading.py",
    "config/backup/databases.py", "config/backup/manifest.py", "config/management/commands/migrate.py",
    "config/bench/scale/floor.py", "config/bench/scale/databases.py", "config/bench/scale/measuring.py",
    "config/bench/scale/sweeping.py", "config/bench/scale/exporting.py", "config/bench/scale/disk.py",
    "config/bench/scale/peer.py", "config/bench/scale/plans.py", "accountability/db/replica.py",
    "config/production.py", "config/reporting/schema.py",
}  # fmt: skip
"""Where SQL is written by hand: fixed words, values as parameters. No page does, but the one that asks SELECT 1."""


@pytest.mark.lesson(10)
@pytest.mark.asvs("1.2.4")
def test_sql_is_written_by_hand_only_where_it_is_declared() -> None:
    found = {
        str(file.relative_to(ROOT))
        for file in code()
        for _line, name in calls(file)
        if re.search(r"(?:cursor|file|connection)\.(?:execute|executemany)$|objects\.raw$|\.extra$|\bRawSQL$", name)
    }
    assert found - SQL == set()
    assert [name for name in SQL if "/views/" in name] == []
