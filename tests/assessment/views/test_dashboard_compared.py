"""The dashboard: where it burns against the period before, and what the page costs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.gate.sweeper import sweep
from assessment.figures import periods
from assessment.figures.changes import Change
from assessment.figures.periods import Period
from config.bench import made_up
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]

pytestmark = pytest.mark.rule("R54")


def panes(response: Any, table: str = "units") -> dict[str, dict[str, tuple[str, str]]]:
    """By name, each share and its change; in the order of the page."""
    found = next(section.panes for section in response.context["sections"] if section.table.name == table)
    return {
        pane.label: {
            str(share.cell.label): (share.cell.words, share.cell.change.words)
            for share in pane.shares
            if share.cell.change
        }
        for pane in found
    }


def test_the_worst_unit_is_first_and_is_compared_with_the_period_before(play: Play, now: Now, client_for: ClientFor):
    """WH: all well in November, all wrong in December. YC: nothing in November, one of two well in December."""

    def done(unit: str, phone: int, *, satisfied: bool) -> None:
        short = unit.lower()
        handler = {"WH": "wh.zhang", "YC": "yc.chen"}[unit]
        complaint = play("register", "kf.agent", phone=f"138{phone:08d}")
        complaint = play("dispatch", "kf.agent", complaint, unit=unit)
        complaint = play("hand_off", f"{short}.contact", complaint, to=handler)
        for verb, by in (("answer", handler), ("judge_complete", "kf.agent"), ("reply", "kf.agent")):
            complaint = play(verb, by, complaint)
        play("record_satisfaction", "kf.agent", complaint, satisfied=satisfied)

    done("WH", 1, satisfied=True)
    done("WH", 2, satisfied=True)
    now.set("2026-12-08 09:00")
    done("YC", 3, satisfied=True)
    done("YC", 4, satisfied=False)
    done("WH", 5, satisfied=False)
    page = client_for("sc.officer").get("/dashboard/")
    assert f"{page.context['asked'].before}" == "2026-11-01 – 2026-11-30"
    found = panes(page)
    assert list(found) == ["武汉分公司", "宜昌分公司"]
    assert found["武汉分公司"] == {
        "解决率": ("0.0%", "−100.0 个百分点，差于上期"), "按时处理率": ("100.0%", "与上期持平"),
    }  # fmt: skip
    assert found["宜昌分公司"]["解决率"] == ("50.0%", "上期没有可比数据")
    told = {str(one["label"]): one.get("note", "") for one in page.context["tallies"]}
    assert told["解决率"] == "1 / 3 · −66.7 个百分点，差于上期"
    assert "−100.0 个百分点，差于上期" in client_for("wh.head").get("/dashboard/?table=units").content.decode()


@pytest.mark.parametrize(
    ("query", "before"),
    [
        ("", "2026-10-01 – 2026-10-31"),
        ("?preset=last_month", "2026-09-01 – 2026-09-30"),
        ("?preset=this_year", "2025-01-01 – 2025-12-31"),
        ("?from=2026-07-01&to=2026-09-30", "2026-04-01 – 2026-06-30"),
        ("?from=2026-01-01&to=2026-02-28", "2025-11-01 – 2025-12-31"),
        ("?from=2026-11-03&to=2026-11-09", "2026-10-27 – 2026-11-02"),
        ("?from=2026-11-01&to=2026-11-07", "2026-10-25 – 2026-10-31"),
    ],
)
def test_the_period_before_is_as_long(client_for: ClientFor, query: str, before: str):
    asked = client_for("sc.officer").get(f"/dashboard/{query}").context["asked"]
    assert (f"{asked.before}", asked.before.ends) == (before, asked.period.begins)


@pytest.mark.parametrize(
    ("now", "before", "words", "tone"),
    [
        (Fraction(3, 4), Fraction(1, 2), "+25.0 个百分点，好于上期", "ok"),
        (Fraction(1, 2), Fraction(3, 4), "−25.0 个百分点，差于上期", "danger"),
        (Fraction(1, 2), Fraction(2, 4), "与上期持平", "neutral"),
        (Fraction(1, 2), None, "上期没有可比数据", "neutral"),
        (None, Fraction(2, 3), "上期 66.7%", "neutral"),
    ],
)
def test_a_change_is_told_by_sign_and_words(now: Fraction | None, before: Fraction | None, words: str, tone: str):
    assert (Change(now, before).words, Change(now, before).tone) == (words, tone)


# Cost


def test_the_page_of_a_whole_province_is_light(play: Play, now: Now, client_for: ClientFor):
    """With 33 busy units, sixty categories, fourteen regions and a full list of what is at risk: below 150 KB."""
    made_up.fill(Period(periods.month(2026, 10).begins, periods.month(2026, 11).ends), 2000)
    now.set("2026-11-30 09:00")
    for place in range(12):
        play.upto("delivered", phone=f"139000000{place:02d}")
    now.forward(hours=1)
    sweep(now.at)
    client = client_for("sc.officer")
    page = client.get("/dashboard/?preset=this_month&risk=all")
    assert (len(panes(page)), len(page.context["risk"])) == (34, 10)
    assert len(page.content) < 150_000
    assert len(client.get("/dashboard/?table=units").content) < 250_000


@pytest.mark.parametrize("username", ["sc.officer", "wh.head"])
def test_the_number_of_statements_is_constant(play: Play, now: Now, client_for: ClientFor, username: str):
    client = client_for(username)
    places = ["", *(f"{name}.csv" for name in ("units", "categories", "regions", "trend", "hours"))]

    def statements() -> list[int]:
        found = []
        for place in places:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert client.get(f"/dashboard/{place}").status_code == 200
            found.append(len(captured))
        return found

    play.upto("archived", phone="13800000001")
    play.upto("delivered", phone="13800000002")
    now.forward(hours=1)
    sweep(now.at)
    client.get("/dashboard/")
    few = statements()
    for place in range(6):
        play.upto("archived", phone=f"1380000010{place}", category=["网络质量", "营销宣传"][place % 2])
        play.upto("delivered", phone=f"1380000020{place}", region=["宜昌", "武汉", "荆州"][place % 3])
        play.upto("returned", phone=f"1380000030{place}")
        play("dispatch", "kf.agent", play.upto("registered", phone=f"1380000040{place}"), unit="YC")
        now.forward(hours=1)
    sweep(now.at)
    assert statements() == few
