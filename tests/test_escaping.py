"""What is written into pages is escaped by the templates; where that is left off, it is declared here and why."""

from __future__ import annotations

import re

import pytest

from tests.test_consistency import ROOT, calls, code, tracked

pytestmark = [pytest.mark.asvs("1.2.1", "1.2.2", "1.2.3", "1.1.2"), pytest.mark.lesson(13)]

UNESCAPED = re.compile(
    r"\|\s*(?:safe|safeseq|escapejs|json_script|unescape)\b|\{%-?\s*autoescape\s+off|\{%\s*filter\s+safe"
)

IN_CODE = {
    "accountability/views/second_factor.py": {"mark_safe": 1},  # a picture that segno draws of our own address
    "accountability/documents/html.py": {"mark_safe": 2},  # a chart rebuilt from known shapes
    "accountability/templatetags/office.py": {"SafeString": 1},  # a cell that the admin has escaped, with a label more
    "accountability/templatetags/shouwen.py": {"SafeString": 1},  # joined from escaped pieces
    "assessment/charts/drawing.py": {"SafeString": 1},  # written by the XML library
}
"""How often each says that something need not be escaped."""


def test_templates_escape_everything() -> None:
    found = [
        str(file.relative_to(ROOT))
        for file in tracked(".html", ".css", ".txt")
        if file.relative_to(ROOT).parts[0] == "templates" and UNESCAPED.search(file.read_text())
    ]
    assert found == []


def test_code_marks_nothing_as_safe_but_what_is_declared() -> None:
    found: dict[str, dict[str, int]] = {}
    for file in code():
        for _line, name in calls(file):
            word = name.rpartition(".")[2]
            if word in ("mark_safe", "SafeString", "SafeText", "html_safe"):
                of = found.setdefault(str(file.relative_to(ROOT)), {})
                of[word] = of.get(word, 0) + 1
    assert found == IN_CODE


def test_format_html_is_never_given_what_was_put_together_before() -> None:
    """`format_html(f"...")` would write what somebody typed as it is."""
    wrong = [
        str(file.relative_to(ROOT))
        for file in code()
        if re.search(r"format_html(?:_join)?\(\s*(?:f[\"']|[^\"'()]+%|[^,()\"']+\+)", file.read_text())
    ]
    assert wrong == []


def test_scripts_write_no_markup_of_what_they_read() -> None:
    """No code from words, and no page from words: `innerHTML` of ours takes what our server has escaped."""
    banned = re.compile(
        r"\beval\(|new Function\(|document\.write|insertAdjacentHTML|outerHTML\s*=|setTimeout\(\s*[\"']"
    )
    scripts = [file for file in tracked(".js") if file.relative_to(ROOT).parts[0] != "tests"]
    assert [str(file.relative_to(ROOT)) for file in scripts if banned.search(file.read_text())] == []
    assert len(scripts) >= 10


SQL = {
    "accountability/models/search.py",
    "accountability/db/insert_only.py", "accountability/management/commands/verify_ledger.py",
    "accountability/models/serving.py", "accountability/audit/log_retention.py", "accountability/db/sql.py",
    "config/bench/by_hand.py", "config/bench/made_up.py", "assessment/rankings/frozen_inputs.py",
    "config/management/commands/bench.py", "config/replay/database.py", "config/bench/growing.py",
    "complaints/lists/combined_queries.py", "config/counting.py", "config/management/commands/database_roles.py",
    "config/views.py",
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
