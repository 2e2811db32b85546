"""The calendar month by month, the box that counts a limit, the table of limits and its versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.deadlines.limits import WorkingCalendar, show_instant
from accountability.models import CalendarYear, Deadline, TimeLimits, limits_in_force
from accountability.web.versions import changes_between, months_of
from tests.factories import Cast, Now, Play

PUBLISH = reverse("organisation_act", args=["publish_calendar"])
SET_LIMITS = reverse("organisation_act", args=["set_limits"])
SET_POLICY = reverse("organisation_act", args=["set_policy"])


@pytest.fixture
def reader(client_for: Callable[[str], Client]) -> Client:
    return client_for("sj.plain")


@pytest.fixture
def officer(client_for: Callable[[str], Client]) -> Client:
    return client_for("sc.officer")


# Calendar


def test_the_months_of_2026_count_the_working_days(cast: Cast) -> None:
    months = months_of(2026, WorkingCalendar({2026: CalendarYear.objects.get(year=2026).rules}))
    assert [month["worked"] for month in months] == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]
    october = {cell.day.day: cell.why for week in months[9]["weeks"] for cell in week if cell.day}
    assert (october[1], october[9], october[10], october[11]) == ("holiday", "workday", "make_up", "weekend")
    assert len(october) == 31


def test_holidays_are_named_with_their_weekends_and_the_days_worked_instead(reader: Client) -> None:
    response = reader.get(reverse("calendar_year", args=[2026]))
    october = response.context["months"][9]
    cells = {
        cell.day.day: (cell.why, cell.name, cell.is_free_by_name)
        for week in october["weeks"]
        for cell in week
        if cell.day
    }
    assert (cells[2], cells[3]) == (("holiday", "国庆节", False), ("weekend", "国庆节", True))
    assert (cells[10], cells[11]) == (("make_up", "国庆节", False), ("weekend", "", False))
    assert [str(span) for span in october["free"]] == ["2026-10-01–2026-10-07 国庆节"]
    assert [str(span) for span in october["made_up"]] == ["2026-10-10 国庆节"]
    page = " ".join(response.content.decode().split())
    assert '<td><span class="day day--holiday">3<small>休</small></span></td>' in page
    assert '国庆节 <span class="num nowrap">10-10 周六</span> 调休上班' in page


def test_names_are_given_line_by_line_and_kept(officer: Client) -> None:
    place = reverse("calendar_year", args=[2027])
    typed = {"year": "2027", "days_off": "2027-01-01", "names": "2027-01-01–2027-01-03 元旦", "reason": "国办通知"}
    assert officer.post(PUBLISH, typed).status_code == 302
    assert officer.get(place).context["form"]["names"].value() == "2027-01-01–2027-01-03 元旦"
    officer.post(PUBLISH, typed | {"names": "", "_key": "second"})
    current = officer.get(place).context["current"]
    assert (current.version, list(current.names)) == (2, ["2027-01-01", "2027-01-02", "2027-01-03"])
    officer.post(PUBLISH, typed | {"names": "2027-01-01 新年", "_key": "third"})
    assert "节日名称 +2027-01-01 新年 −2027-01-01–2027-01-03 元旦" in officer.get(place).context["current"].changes


@pytest.mark.parametrize(
    "names", ["元旦", "2027-01-01–2027-03-01 元旦", "2027-01-03–2027-01-01 元旦", "2026-12-31 元旦"]
)
def test_names_that_cannot_be_read_are_refused_at_their_field(officer: Client, names: str) -> None:
    response = officer.post(PUBLISH, {"year": "2027", "names": names, "reason": "国办通知"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["names"])


def test_this_year_is_shown_where_none_is_named(reader: Client, now: Now) -> None:
    assert reader.get(reverse("calendar")).context["year"] == 2026
    now.set("2027-01-01 00:00")
    assert reader.get(reverse("calendar")).context["year"] == 2027


def test_an_unpublished_year_tells_how_many_limits_wait_for_it(reader: Client, play: Play, now: Now) -> None:
    now.set("2026-12-30 09:00")
    play.upto("delivered", category="网络质量")
    shown = [reader.get(reverse("calendar_year", args=[year])).context["waiting"] for year in (2027, 2028)]
    assert shown == [Deadline.objects.waiting().count(), 0] == [3, 0]


def test_an_unpublished_year_is_told_loudly_and_shows_no_guess(reader: Client) -> None:
    response = reader.get(reverse("calendar_year", args=[2027]))
    assert (response.context["months"], response.context["form"]) == ([], None)
    assert "2027 年工作日历尚未公布" in response.content.decode()


@pytest.mark.parametrize("year", [0, 2003, 2101, 10**9])
def test_a_year_out_of_reach_is_not_found(reader: Client, year: int) -> None:
    assert reader.get(reverse("calendar_year", args=[year])).status_code == 404


@pytest.mark.parametrize(
    ("start", "count", "unit", "due"),
    [
        ("2026-09-30T10:00", "5", "wd", "2026-10-13 24:00"),
        ("2026-09-30T10:00", "5", "wd 17:30", "2026-10-13 17:30"),
        ("2026-11-24T09:00", "36", "h", "2026-11-25 21:00"),
        ("2026-11-24T11:45", "30", "m duty", "2026-11-24 14:15"),
        ("2026-11-24T09:00", "30", "m", "2026-11-24 09:30"),
        ("2026-11-24T09:00", "15", "d", "2026-12-09 24:00"),
        ("2004-01-01T04:00", "1", "h", "2004-01-01 05:00"),  # still 2003 in UTC
    ],
)
def test_the_box_counts_any_limit(reader: Client, start: str, count: str, unit: str, due: str) -> None:
    response = reader.get(reverse("calendar"), {"start": start, "count": count, "unit": unit})
    assert show_instant(response.context["why"].due_at) == due
    assert due in response.content.decode()


def test_on_new_years_morning_as_many_years_are_read_as_at_noon(reader: Client, play: Play) -> None:
    """At four o'clock it is still the year before in UTC. The limit reaches into the second year after this."""
    for year in (2027, 2028, 2029):
        play("publish_calendar", "sc.officer", year=year)
    for hour in ("04:00", "12:00"):
        asked = {"start": f"2027-01-01T{hour}", "count": "550", "unit": "wd"}
        assert reader.get(reverse("calendar"), asked).context["why"].missing_year is None


def test_the_box_says_which_year_is_missing(reader: Client) -> None:
    response = reader.get(reverse("calendar"), {"start": "2026-12-30T10:00", "count": "5", "unit": "wd"})
    why = response.context["why"]
    assert (why.due_at, why.missing_year) == (None, 2027)


@pytest.mark.parametrize(
    ("asked", "at_field"),
    [
        ({"start": "tomorrow", "count": "5", "unit": "wd"}, "start"),
        ({"start": "2026-11-24T09:00", "count": "0", "unit": "wd"}, "count"),
        ({"start": "2026-11-24T09:00", "count": "1e9", "unit": "wd"}, "count"),
        ({"start": "2026-11-24T09:00", "count": "5", "unit": "fortnights"}, "unit"),
        ({"count": "5", "unit": "wd"}, "start"),
        ({"start": "2101-01-01T04:00", "count": "1", "unit": "d"}, "start"),  # still 2100 in UTC
        ({"start": "9999-12-31T09:00", "count": "1000", "unit": "d"}, "start"),
        ({"start": "1000-01-01T00:00", "count": "1000", "unit": "wd"}, "start"),
    ],
)
def test_the_box_says_what_it_can_not_count(reader: Client, asked: dict[str, str], at_field: str) -> None:
    response = reader.get(reverse("calendar"), asked)
    assert (response.status_code, list(response.context["test"].errors), response.context["why"]) == (
        200,
        [at_field],
        None,
    )


@pytest.mark.rule("R15")
def test_marketing_begins_from_the_version_in_force(officer: Client) -> None:
    form = officer.get(reverse("calendar_year", args=[2026])).context["form"]
    assert form["days_worked"].value().split() == CalendarYear.objects.get(year=2026).days_worked


@pytest.mark.rule("R15")
def test_a_published_year_is_a_new_version_with_its_author(cast: Cast, now: Now, officer: Client) -> None:
    typed = {"year": "2027", "days_off": "2027-01-01\n2027-02-05", "days_worked": "2027-02-14", "reason": "国办通知"}
    assert officer.post(PUBLISH, typed).headers["location"] == reverse("calendar_year", args=[2027])
    officer.post(PUBLISH, typed | {"days_off": "2027-01-01", "_key": "second"})
    page = officer.get(reverse("calendar_year", args=[2027]))
    assert [(row.version, row.author, row.days_off) for row in page.context["versions"]] == [
        (2, cast["sc.officer"], ["2027-01-01"]),
        (1, cast["sc.officer"], ["2027-01-01", "2027-02-05"]),
    ]
    assert page.context["current"].in_force_from == now.at


def test_a_day_of_another_year_is_refused_at_its_field_with_everything_kept(officer: Client) -> None:
    typed = {"year": "2027", "days_off": "2027-01-01\n2026-12-31", "days_worked": "", "reason": "国办通知"}
    response = officer.post(PUBLISH, typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["days_off"])
    assert "2027-01-01\n2026-12-31" in response.content.decode()


def test_an_unpublished_year_says_how_many_limits_wait(play: Play, now: Now, reader: Client) -> None:
    now.set("2026-12-30 10:00")
    play("register", "kf.agent", category="网络质量")
    waiting = Deadline.objects.filter(due_at=None).count()
    assert (waiting, reader.get(reverse("calendar_year", args=[2027])).context["waiting"]) == (2, 2)


# Limits


@pytest.mark.rule("R6")
def test_the_table_in_force_is_there_for_everybody(reader: Client) -> None:
    response = reader.get(reverse("limits"))
    assert [(key, str(handling), str(returning)) for key, (handling, returning) in response.context["by_priority"]] == [
        ("P1", "8h", "1h"),
        ("P2", "24h", "4h"),
        ("P3", "36h", "1wd"),
    ]
    assert list(response.context["forms"]) == []


@pytest.mark.rule("R15")
def test_a_new_version_says_what_changed_by_whom_and_why(cast: Cast, now: Now, officer: Client) -> None:
    before = limits_in_force(now.at).version
    now.forward(minutes=1)
    typed = {"handling_P1": "6h", "return_P3": "2wd", "reason": "年度调整", "_key": "k"}
    assert officer.post(SET_LIMITS, typed).headers["location"] == reverse("limits")
    response = officer.get(reverse("limits"))
    version = response.context["page"].rows[0]
    assert (version.version, version.author, version.reason) == (before + 1, cast["sc.officer"], "年度调整")
    assert [tuple(map(str, change)) for change in version.changes] == [
        ("处理 P1", "8小时", "6小时"),
        ("退回 P3", "1个工作日（截至24:00，首日不计）", "2个工作日（截至24:00，首日不计）"),
    ]
    assert (response.context["current"].handling["P1"], response.context["current"].handling["P2"]) == ("6h", "24h")


@pytest.mark.rule("R15")
def test_policies_are_versions_too(now: Now, officer: Client) -> None:
    now.forward(minutes=1)
    typed = {"handoff_clock": "duty", "returns_before_ruling": "0", "allow_unsatisfied_archive": "false"}
    officer.post(SET_POLICY, typed | {"reason": "试行"})
    changes = officer.get(reverse("limits")).context["page"].rows[0].changes
    assert [tuple(map(str, change)) for change in changes] == [
        ("交办计时", "自然时间", "值守时间"),
        ("裁定前的退回次数", "2", "0"),
        ("允许未满意归档", "是", "否"),
    ]


@pytest.mark.rule("R15")
def test_duty_hours_of_a_unit_are_versions_too_and_stand_on_the_page(now: Now, officer: Client) -> None:
    assert officer.get(reverse("limits")).context["clocks"] == []
    now.forward(minutes=1)
    place = reverse("organisation_act", args=["set_duty_hours"])
    typed = {"unit": "WH", "clock": "duty", "hours": "09:00-18:00", "reason": "延时值守"}
    assert officer.post(place, typed).headers["location"] == reverse("limits")
    response = officer.get(reverse("limits"))
    assert response.context["clocks"] == [("武汉分公司", "值守时间 09:00-18:00")]
    assert "武汉分公司" in response.content.decode()
    (change,) = response.context["page"].rows[0].changes
    assert tuple(map(str, change)) == ("交办计时 WH", "None", "值守时间 09:00-18:00")


@pytest.mark.parametrize(
    ("typed", "at_field"),
    [
        ({"handling_P1": "soon"}, "handling"),
        ({"handling_P1": "1wd"}, "handling"),
        ({"return_P1": "-1h"}, "return"),
        ({"legal": "15wd"}, "legal"),
        ({"confirmation": "两小时"}, "confirmation"),
        ({}, "__all__"),
    ],
)
def test_a_limit_that_is_none_is_refused_and_what_was_typed_stays(
    officer: Client, typed: dict[str, str], at_field: str
) -> None:
    versions = TimeLimits.objects.count()
    response = officer.post(SET_LIMITS, typed | {"reason": "试行"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [at_field])
    assert [value for value in typed.values() if f'value="{value}"' not in response.content.decode()] == []
    assert TimeLimits.objects.count() == versions


@pytest.mark.rule("R15")
@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("set_limits", {"handling_P1": "6h"}),
        ("set_policy", {"returns_before_ruling": "1"}),
        ("set_duty_hours", {"unit": "WH", "clock": "duty"}),
        ("set_mass_limits", {"warn_count": "25"}),
        ("publish_calendar", {"year": "2027", "days_off": "2027-01-01"}),
    ],
)
def test_nothing_is_revised_on_a_page_without_a_reason(officer: Client, verb: str, typed: dict[str, str]) -> None:
    versions = (TimeLimits.objects.count(), CalendarYear.objects.count())
    response = officer.post(reverse("organisation_act", args=[verb]), typed)
    assert (response.status_code, dict(response.context["form"].errors)) == (422, {"reason": ["此项必填。"]})
    assert (TimeLimits.objects.count(), CalendarYear.objects.count()) == versions


def test_a_revision_from_an_older_version_is_told_the_present_one(now: Now, officer: Client) -> None:
    seen = officer.get(SET_LIMITS).context["form"]["_seen"].value()
    typed = {"handling_P1": "6h", "reason": "试行", "_seen": seen}
    assert officer.post(SET_LIMITS, typed | {"_key": "first"}).status_code == 302
    response = officer.post(SET_LIMITS, typed | {"_key": "second", "handling_P1": "7h"})
    version = limits_in_force(now.at).version
    assert (response.status_code, response.context["form"].errors["__all__"]) == (
        409, [f"页面已过时，当前状态：时限 v{version}，最近公布的工作日历 2026 v1。"],
    )  # fmt: skip


def test_what_is_in_force_stands_in_the_empty_inputs(officer: Client) -> None:
    page = officer.get(reverse("limits")).content.decode()
    workdays, days = "个工作日（截至24:00，首日不计）", "个自然日（截至24:00，首日不计）"
    present = ("8小时", "36小时", f"1{workdays}", "48小时", f"10{workdays}", f"15{days}")
    assert [text for text in present if f'placeholder="现行 {text}"' not in page] == []


def test_the_first_version_changed_nothing(cast: Cast) -> None:
    assert changes_between(None, TimeLimits.objects.earliest("version")) == []


def test_earlier_versions_stay_to_be_read_page_by_page(now: Now, officer: Client) -> None:
    for hours in range(1, 26):
        now.forward(minutes=1)
        officer.post(SET_LIMITS, {"handling_P1": f"{hours}h", "reason": "试行", "_key": f"k{hours}"})
    first = officer.get(reverse("limits"))
    second: Any = officer.get(reverse("limits"), {"after": first.context["page"].after})
    shown = [row.version for answer in (first, second) for row in answer.context["page"].rows]
    assert shown == list(range(27, 0, -1))
