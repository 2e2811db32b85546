"""The numbers: recomputed from the ledger by another hand, the list behind each, and what nobody may read off them."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate.sweeper import sweep
from accountability.models import Unit, actor_for
from accountability.permissions import Actor
from assessment.exports.kinds import KINDS, cells
from assessment.figures import periods
from assessment.figures.asking import address
from assessment.figures.counting import BY, figures, heat, measures_for, total, trend
from assessment.figures.measures import MEASURES, shares
from assessment.figures.periods import Period
from assessment.rankings.counting import ranking_of
from complaints.models import Complaint, Round
from config.bench.by_hand import figures_by_hand
from tests import casework
from tests.assessment.case_office import Office as CaseOffice
from tests.assessment.docket import Docket
from tests.assessment.exports.made_exports import Exports, table
from tests.assessment.reading import NUMBERS, OF_CASES, numbers_of
from tests.complaints.office import PAUSES
from tests.complaints.office import Office as ComplaintOffice
from tests.factories import Play, listed

pytestmark = [pytest.mark.rule("R53"), pytest.mark.rule("R54")]

NOVEMBER = periods.month(2026, 11)
AUTUMN = Period(periods.month(2026, 11).begins, periods.month(2026, 12).ends)
ANSWERED = (("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent"))
ClientFor = Callable[[str], Client]


def actor(play: Play, username: str) -> Actor:
    found = actor_for(play.cast[username].pk, play.now.at)
    assert found is not None
    return found


def counted(period: Period, **asked: Any) -> dict[str, dict[str, int]]:
    return {line.key: dict(line.counts) for line in figures(period, **asked)}


def by_hand(period: Period) -> dict[str, dict[str, int]]:
    none = dict.fromkeys(MEASURES, 0)
    units = Unit.objects.filter(kind__in=("branch", "department", "direct_unit")).values_list("code", flat=True)
    return dict.fromkeys(units, none) | figures_by_hand(period)


def read(period: Period) -> dict[str, dict[str, int]]:
    return numbers_of(period.begins, period.ends)


def archived(play: Play, complaint: Complaint, satisfied: bool = True) -> Complaint:
    for verb, by in ANSWERED:
        complaint = play(verb, by, complaint)
    return play("record_satisfaction", "kf.agent", complaint, satisfied=satisfied)


def phone(number: int) -> str:
    return f"139{number:08d}"


def a_month(play: Play) -> None:
    """Every kind of round: kept, late, excused, returned, refused, silent, recalled, withdrawn, repeated, escalated."""
    now = play.now
    play.upto("archived", phone=phone(1), category="资费与收费争议/套餐资费", region="武汉")
    play.upto("archived", phone=phone(1), category="资费与收费争议/套餐资费", region="武汉")
    play.upto("handling", phone=phone(2))
    play("escalate", "kf.agent", play.upto("accepted", phone=phone(3), region="宜昌"))
    play.upto("returned", phone=phone(4))
    refused = play("rule_on_return", "kf.agent", play.upto("return_requested", phone=phone(5)), accepted=False)
    play("request_return", "wh.contact", play.upto("delivered", phone=phone(6)))  # nobody rules
    play("recall", "kf.agent", play.upto("delivered", phone=phone(7)))
    play("withdraw", "kf.agent", play.upto("answered", phone=phone(8)))
    late = [play.upto("accepted", phone=phone(number)) for number in (9, 10, 11)]
    unhanded = play.upto("delivered", phone=phone(12), category="网络质量")
    back = play("judge_complete", "kf.agent", play.upto("answered", phone=phone(13)), complete=False, reason="未退费")
    told = play("record_told", "wh.contact", play.upto("delivered", phone=phone(14)), happened=now.at)
    once = play.upto("replied", phone=phone(15))
    play("import_complaint", "kf.agent", closed_at="2026-11-21 10:00")
    now.forward(minutes=31)
    sweep(now.at)
    play("hand_off", "wh.contact", unhanded)
    another = play("dispatch", "kf.agent", play("register", "kf.agent", phone=phone(16)), unit="YC")
    play("report_to_leader", "yc.contact", another, leader="yc.leader")
    again = play("dispatch", "kf.agent", play("record_satisfaction", "kf.agent", once, satisfied=False), unit="ZD")
    play("hand_off", "zd.head", again, to="zd.zhou")
    play("confirm_told", "wh.zhang", play.again(told))
    now.forward(hours=38)
    sweep(now.at)
    archived(play, play.again(refused))
    first, *_others = [archived(play, play.again(one)) for one in late]
    play("propose_excuse", "kf.supervisor", first, deadlines=["handling#1"])
    play("confirm_excuse", "sc.leader", play.again(first), deadlines=["handling#1"])
    archived(play, play.again(back), satisfied=False)
    now.set("2026-12-01 00:00")
    play.upto("archived", phone=phone(20))


def a_case(docket: Docket) -> None:
    """One admitted with its penalties and a slip, one annulled, one declined, one that nobody has judged."""
    case = docket.upto("penalised", complaints=[docket.number(docket.complaint(phone=phone(30)))])
    docket("penalise", "sc.officer", case, months=2, at=docket.now.at + timedelta(days=7))
    docket.now.forward(days=7)
    docket("file_slip", "wh.contact", docket.again(case))
    docket.upto("annulled", complaints=[docket.number(docket.complaint(phone=phone(31)))])
    docket.upto("declined", complaints=[docket.number(docket.complaint(phone=phone(32)))])
    docket.upto("sheet_issued", complaints=[docket.number(docket.complaint(phone=phone(33)))])
    docket.upto("contact at fault", round=f"{docket.number(docket.complaint(phone=phone(34)))}#1")


@pytest.mark.slow
def test_a_month_is_what_the_ledger_tells(play: Play) -> None:
    a_month(play)
    december = periods.month(2026, 12)
    assert counted(NOVEMBER) == read(NOVEMBER) == by_hand(NOVEMBER)
    assert counted(december) == read(december) == by_hand(december)
    assert counted(AUTUMN) == read(AUTUMN)
    assert counted(NOVEMBER)["WH"] == {
        "received": 13, "in_time": 3, "judged": 10, "within_30": 11, "handoffs": 13, "returns_accepted": 1,
        "returns_rejected": 2, "overdue": 7, "repeat": 1, "escalated": 1, "satisfied": 6, "asked": 8, "resolved": 2,
        "closed_in_scope": 7, "violations": 0, "penalties": 0, "penalties_done": 0, "unsatisfied": 2,
        "unsatisfied_result": 0, "unsatisfied_slow": 0, "unsatisfied_attitude": 0, "unsatisfied_recurred": 0,
        "unsatisfied_compensation": 0, "unsatisfied_other": 0, "unsatisfied_unsaid": 2,
    }  # fmt: skip
    assert {code: line["received"] for code, line in counted(NOVEMBER).items()} == {
        "SJ": 0, "WH": 13, "WL": 0, "YC": 1, "ZD": 1,
    }  # fmt: skip


def test_the_rate_of_the_year_is_the_numbers_of_the_year(play: Play) -> None:
    a_month(play)
    lines = {line.key: line for line in figures(periods.year(2026))}
    assert ranking_of(2026).rates == {"WH": Fraction(3, 8)}
    assert {code: line.share("resolved") for code, line in lines.items()} == {
        "SJ": None, "WH": Fraction(3, 8), "WL": None, "YC": None, "ZD": None,
    }  # fmt: skip
    assert total(NOVEMBER).share("in_time") == Fraction(3, 12)


def test_every_grouping_counts_the_same(play: Play) -> None:
    a_month(play)
    rounds = [measure.name for measure in MEASURES.values() if not measure.is_of_cases]
    sums = {by: [sum(line.counts[name] for line in figures(NOVEMBER, by)) for name in rounds] for by in BY}
    assert [sums[by] for by in BY] == [sums["unit"]] * len(BY)
    heads = {line.key: line.counts["received"] for line in figures(NOVEMBER, "head")}
    paths = {line.key: line.counts["received"] for line in figures(NOVEMBER, "category")}
    regions = {line.key: line.counts["received"] for line in figures(NOVEMBER, "region")}
    assert heads == {"资费与收费争议": 14, "网络质量": 1}
    assert paths == {"资费与收费争议": 12, "资费与收费争议/套餐资费": 2, "网络质量": 1}
    assert regions == {"武汉": 14, "宜昌": 1}


def test_trend_and_heat_count_in_shanghai(play: Play) -> None:
    a_month(play)
    play.now.set("2026-12-02 00:30")
    play.upto("delivered", phone=phone(40))
    days = {part.first_day: number for part, number in trend(AUTUMN, "received") if number}
    assert days == {date(2026, 11, 24): 15, date(2026, 12, 1): 1, date(2026, 12, 2): 1}
    assert len(trend(NOVEMBER, "received")) == 30
    assert [number for _part, number in trend(AUTUMN, "received", "month")] == [15, 2]
    weeks = [part.first_day for part, number in trend(AUTUMN, "received", "week") if number]
    assert weeks == [date(2026, 11, 23), date(2026, 11, 30)]
    assert heat(AUTUMN, "received") == {(2, 9): 15, (2, 0): 1, (3, 0): 1}
    assert sum(heat(NOVEMBER, "overdue").values()) == sum(number for _part, number in trend(NOVEMBER, "overdue")) == 9


def test_as_many_statements_at_one_round_as_at_thirty(play: Play) -> None:
    play.upto("archived", phone=phone(1))
    few = [statements(partial(figures, AUTUMN, by)) for by in BY]
    listed({f"地区{number}": "WH" for number in range(2, 30)})
    for number in range(2, 30):
        play.upto("archived", phone=phone(number), region=f"地区{number}")
    assert [statements(partial(figures, AUTUMN, by)) for by in BY] == few
    assert few == [8, 6, 6, 5]
    assert statements(lambda: trend(AUTUMN, "received")) == 2


def statements(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


# The list behind a number


def numbers_on(response: Any) -> list[str]:
    return [row.number for row in response.context["rows"]]


def test_behind_each_number_stand_as_many_rows(play: Play, client_for: ClientFor) -> None:
    a_month(play)
    client = client_for("sc.officer")
    for line in figures(NOVEMBER):
        for name, number in line.counts.items():
            page = client.get(address(name, NOVEMBER, "unit", line.key))
            assert (page.status_code, page.context["found"].number) == (200, number)
            assert len(numbers_on(page)) == number
    for by in ("category", "head", "region"):
        for line in figures(NOVEMBER, by):
            page = client.get(address("received", NOVEMBER, by, line.key))
            assert len(numbers_on(page)) == line.counts["received"] == page.context["found"].number


def test_the_page_says_the_number_the_period_and_the_complaints(play: Play, client_for: ClientFor) -> None:
    complaint = play("escalate", "kf.agent", play.upto("accepted"))
    page = client_for("kf.agent").get(address("escalated", NOVEMBER, "unit", "WH")).content.decode()
    for text in ("升级投诉", "2026-11-01 – 2026-11-30", "武汉分公司", str(complaint.matter.number), "第1轮"):
        assert text in page


def test_without_days_it_is_the_present_month(play: Play, client_for: ClientFor) -> None:
    play.upto("delivered")
    client = client_for("kf.agent")
    assert client.get("/figures/received/").context["found"].number == 1
    play.now.set("2026-12-01 00:00")
    assert client.get("/figures/received/").context["found"].number == 0


def test_a_long_list_is_paged(play: Play, client_for: ClientFor) -> None:
    made = [str(play.upto("delivered", phone=phone(number)).matter.number) for number in range(30)]
    client, found = client_for("sj.auditor"), []
    page = client.get(address("received", NOVEMBER))
    while True:
        found += numbers_on(page)
        if page.context["page"].after is None:
            break
        page = client.get(f"{address('received', NOVEMBER)}&after={page.context['page'].after}")
    assert sorted(found) == sorted(made)


@pytest.mark.parametrize("username", ["kf.agent", "wh.head", "wh.leader"])
def test_a_list_of_many_takes_as_many_statements_as_one_of_one(
    play: Play, client_for: ClientFor, username: str
) -> None:
    play.upto("accepted", phone=phone(1))
    client, place = client_for(username), address("handoffs", NOVEMBER)
    client.get(place)
    few = statements(lambda: client.get(place))
    for number in range(2, 8):
        play.upto("accepted", phone=phone(number))
    assert statements(lambda: client.get(place)) == few
    assert len(numbers_on(client.get(place))) == 7


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("from=2026-13-01", "from"), ("from=x", "from"), ("to=0001-01-01", "to"), ("to=9999-12-31", "to"),
        ("from=2026-11-02&to=2026-11-01", "to"), ("unit=XX", "unit"), ("unit=KF", "unit"), ("category=x/y", "category"),
        ("head=x", "head"), ("region=" + "长" * 31, "region"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_at_its_field(play: Play, client_for: ClientFor, asked: str, field: str) -> None:
    page = client_for("kf.agent").get(f"/figures/received/?{asked}")
    assert page.status_code == 200
    assert list(page.context["asked"].errors) == [field]
    assert "found" not in page.context


def test_a_number_that_is_not_there(play: Play, client_for: ClientFor) -> None:
    client = client_for("kf.agent")
    assert [client.get(f"/figures/{name}/").status_code for name in ("lunch", "RECEIVED", "received'")] == [404] * 3


# Who may read what


def test_a_head_reads_the_own_unit_alone(play: Play, client_for: ClientFor) -> None:
    a_month(play)
    assert {name: sorted(counted(NOVEMBER, actor=actor(play, name))) for name in READERS} == READERS
    everything = counted(NOVEMBER)
    assert counted(NOVEMBER, actor=actor(play, "yc.head")) == {"YC": everything["YC"]}
    client = client_for("yc.head")
    assert list(client.get("/figures/received/?unit=WH").context["asked"].errors) == ["unit"]
    page = client.get(address("received", NOVEMBER))
    assert (page.context["found"].number, len(numbers_on(page))) == (1, 1)
    assert client_for("sj.plain").get("/figures/received/").status_code == 403


ALL = ["SJ", "WH", "WL", "YC", "ZD"]
READERS = {
    "wh.head": ["WH"], "wh.leader": ["WH"], "wh.contact": ["WH"], "wh.zhang": [], "yc.head": ["YC"], "kf.agent": ALL,
    "kf.head": ALL, "sc.officer": ALL, "sj.auditor": ALL, "sj.plain": [], "sj.head": ["SJ"],
}  # fmt: skip


def test_a_leader_sees_the_whole_number_and_the_own_rounds_of_it(play: Play, client_for: ClientFor) -> None:
    play.upto("handed_off", phone=phone(1))
    play.upto("delivered", phone=phone(2))
    page = client_for("wh.leader").get(address("received", NOVEMBER))
    assert (page.context["found"].number, page.context["found"].shown, len(numbers_on(page))) == (2, 1, 1)
    assert "共 2 轮，按您的权限可以查看其中 1 轮" in page.content.decode()


def test_nobody_reads_anothers_round_of_a_complaint_of_two_units(play: Play, client_for: ClientFor) -> None:
    play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    rows = {
        name: client_for(name).get(address("received", NOVEMBER)).context["rows"] for name in ("wh.head", "yc.head")
    }
    assert {name: [row.meta[0] for row in found] for name, found in rows.items()} == {
        "wh.head": ["第1轮 武汉分公司"], "yc.head": ["第2轮 宜昌分公司"],
    }  # fmt: skip


CASES = ("violations", "penalties", "penalties_done")


def told_of_cases(play: Play, username: str) -> dict[str, int]:
    lines = figures(AUTUMN, actor=actor(play, username))
    return {name: sum(line.counts.get(name, 0) for line in lines) for name in CASES}


@pytest.mark.rule("R40")
def test_a_case_changes_no_number_before_it_is_determined(play: Play) -> None:
    complaint = casework.missed(play)
    everybody = [person.username for person in play.cast if person.username != "system"]
    before = {name: counted(AUTUMN, actor=actor(play, name)) for name in everybody}
    case = casework.issue(play, complaint)
    for step in (casework.notify, casework.dispute, casework.convene):
        assert {name: counted(AUTUMN, actor=actor(play, name)) for name in everybody} == before
        case = step(play, case)
    casework.speak(play, case)
    after = {name: told_of_cases(play, name)["violations"] for name in everybody}
    knows = ("kf.agent", "kf.agent2", "kf.supervisor", "sc.officer", "sc.officer2", "sc.leader", "sj.auditor")
    assert {name for name, number in after.items() if number} == {*knows, "wh.contact", "wh.deputy", "wh.head"}


@pytest.mark.rule("R40")
def test_the_centre_counts_what_the_centre_opened(play: Play, client_for: ClientFor) -> None:
    case = casework.admit(play, casework.notify(play, casework.opened(play, casework.missed(play))))
    case = casework.penalise(play, case)
    assert told_of_cases(play, "kf.supervisor") == dict.fromkeys(CASES, 0)
    assert told_of_cases(play, "sc.officer") == {"violations": 1, "penalties": 3, "penalties_done": 0}
    assert told_of_cases(play, "wh.head") == {"violations": 1, "penalties": 3, "penalties_done": 0}
    assert told_of_cases(play, "yc.head") == dict.fromkeys(CASES, 0)
    page = client_for("wh.head").get(address("penalties", AUTUMN))
    assert (page.context["found"].number, numbers_on(page)) == (3, [str(case.matter)] * 3)
    assert client_for("wh.leader").get(address("violations", AUTUMN)).status_code == 404
    assert client_for("yc.head").get(address("violations", AUTUMN)).context["found"].number == 0


# What is taken along


def test_the_export_is_the_rounds_without_anybodys_data(play: Play) -> None:
    a_month(play)
    mark, heads, *lines = table(Exports(play).made(what="rounds"))
    assert (len(lines), heads[:4]) == (15, ["投诉编号", "通知单号", "派单轮次", "单位代码"])
    assert "（kf.supervisor）于 2026-" in mark[0]
    text = "\n".join(",".join(map(str, line)) for line in lines)
    assert [word for word in ("王建国", "1387", "139000", "wh.zhang", "退费") if word in text] == []


@pytest.mark.compliance(16, 31)
def test_rounds_leave_by_request_alone(play: Play, client_for: ClientFor) -> None:
    """The page of figures leads to the request, with its period and unit; no address hands the list out at once."""
    a_month(play)
    for name in ("kf.supervisor", "sc.leader", "sj.auditor"):
        client = client_for(name)
        page = client.get(f"{address('received', NOVEMBER, 'unit', 'WH')}")
        link = re.search(rf'href="({reverse("begin_export")}[^"]*)"', page.content.decode())
        assert link is not None
        form = client.get(html.unescape(link[1])).context["form"]
        filled = {fact: form[fact].value() for fact in ("what", "since", "until", "unit")}
        assert filled == {"what": "rounds", "since": "2026-11-01", "until": "2026-11-30", "unit": "WH"}
        assert client.get("/figures/export.csv", follow=True).status_code == 404
    assert reverse("begin_export") not in client_for("sc.officer").get(address("received", NOVEMBER)).content.decode()


def test_the_export_reads_in_one_statement(play: Play) -> None:
    play.upto("archived", phone=phone(1))

    def read() -> None:
        found = KINDS["rounds"].rows(actor(play, "sj.auditor"), play.now.at)
        assert all(len(told) == 26 for told in cells(KINDS["rounds"].columns, found, bare=False))

    few = statements(read)
    for number in range(2, 12):
        play.upto("return_requested", phone=phone(number))
    assert statements(read) == few
    assert KINDS["rounds"].rows(actor(play, "sj.auditor"), play.now.at).count() == Round.objects.count()


# Declarations


def test_each_measure_is_declared_once_and_whole() -> None:
    assert tuple(MEASURES) == NUMBERS
    assert {name: measure.among for name, measure in shares().items()} == {
        "in_time": "judged", "within_30": "handoffs", "repeat": "received", "escalated": "received",
        "satisfied": "asked", "resolved": "closed_in_scope", "unsatisfied": "asked",
        **{name: "unsatisfied" for name in NUMBERS if name.startswith("unsatisfied_")},
    }  # fmt: skip
    assert [m.name for m in measures_for(None, "region")] == [name for name in NUMBERS if name not in OF_CASES]


# Cases, and whatever people do


def test_cases_are_what_the_ledger_tells(docket: Docket) -> None:
    a_case(docket)
    months = list(AUTUMN.parts("month"))
    assert [counted(month) for month in months] == [read(month) for month in months]
    found = counted(AUTUMN)
    assert found == read(AUTUMN) == by_hand(AUTUMN)
    assert [found["WH"][name] for name in CASES] == [2, 3, 1]


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_whatever_people_do_to_cases_the_ledger_tells_the_same(docket: Docket, number: int) -> None:
    office, hand, begun = CaseOffice(docket), random.Random(number), docket.now.at
    for _step in range(250):
        office.step(hand)
    whole = periods.between(begun.date(), docket.now.at.date() + timedelta(days=2))
    months = list(whole.parts("month"))
    assert [counted(month) for month in months] == [read(month) for month in months], office.done
    assert counted(whole) == by_hand(whole)
    assert counted(whole)["WH"]["violations"] > 0


@pytest.mark.parametrize("number", [1, 2])
def test_whatever_people_do_the_ledger_tells_the_same(play: Play, number: int) -> None:
    random_months(play, number, 160)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10, 18))
def test_whatever_people_do_for_long_the_ledger_tells_the_same(play: Play, number: int) -> None:
    random_months(play, number, 600)


def random_months(play: Play, number: int, steps: int) -> None:
    """Each month apart, and all of them together."""
    for year in range(2027, 2031):
        play("publish_calendar", "sc.officer", year=year)
    office, hand, begun = ComplaintOffice(play), random.Random(number), play.now.at
    for _step in range(steps):
        office.wait(hand.choice(PAUSES))
        chance = hand.random()
        if chance < 0.2:
            office.sweep()
        elif not office.complaints or chance < 0.4:
            office.begin(hand)
        else:
            office.go_on(hand)
    whole = periods.between(begun.date(), play.now.at.date() + timedelta(days=2))
    months = list(whole.parts("month"))
    assert [counted(month) for month in months] == [read(month) for month in months], office.done
    assert counted(whole) == read(whole) == by_hand(whole)
    assert sum(line["received"] for line in counted(whole).values()) > steps / 40
