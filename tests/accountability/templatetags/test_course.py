"""An entry of a course says what was done, by whom and when, and escapes whatever anybody typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;"
ENTRY: dict[str, Any] = {"at": datetime(2026, 10, 13, 1, 2, 3, tzinfo=UTC), "title": "交办", "actor": "李接口"}


def shown(**more: Any) -> str:
    return render_to_string("includes/timeline.html", {"entries": [ENTRY | more]})


@pytest.mark.parametrize("name", ["title", "actor", "unit", "text"])
def test_what_anybody_typed_is_escaped(name: str) -> None:
    page = shown(**{name: HOSTILE})
    assert (ESCAPED in page, HOSTILE in page) == (True, False)


def test_the_unit_the_words_and_the_late_badge_are_shown_where_there_are_any() -> None:
    plain = shown(unit=None, text="", late=False)
    assert [said for said in ("·", "timeline__body", "超时") if said in plain] == []
    assert '<span class="muted">李接口</span>' in plain
    whole = shown(unit="武汉分公司", text="已电话告知", late=True, icon="phone", tone="danger")
    assert '<span class="muted">李接口 · 武汉分公司</span>' in whole
    assert '<div class="timeline__body">已电话告知</div>' in whole
    assert '<span class="badge tone-danger">' in whole
    assert ("clock-late" in whole, "clock-late" in plain, "#phone" in whole, "#dot" in plain) == (
        True, False, True, True,
    )  # fmt: skip
    assert '<li class="tone-danger">' in whole
    assert '<li class="tone-brand">' in plain
    assert '<time datetime="2026-10-13T01:02:03+00:00">2026-10-13 09:02:03</time>' in whole
