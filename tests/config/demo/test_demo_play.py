"""The demo, played: every state, every desk, late and in time, through the gate alone, and never half."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from gzip import compress, decompress
from pathlib import Path
from random import Random

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accountability.audit.chains import broken
from accountability.deadlines.limits import SHANGHAI
from accountability.models import Deadline, Employee, LedgerEntry, Matter, Paper, Unit
from assessment.bulletins.freezing import freeze
from assessment.models import Bulletin
from complaints.models import Complaint, Round, RoundState, State
from config.demo.accounts import demo_accounts
from config.demo.organisation import Company, demo_employees, demo_units
from config.demo.player import in_order
from config.demo.plots import PAST, histories
from tests.assessment.reading import numbers_of, of_bulletin
from tests.demo import NOW, NUMBER, Demo
from tests.signing_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def acts(django_db_setup: None, django_db_blocker, demo: Demo) -> Iterator[int]:
    """Laid out once for all tests that only look at it; gone after the last of them."""
    with django_db_blocker.unblock(), demo.for_a_module() as acts:
        yield acts


def test_every_complaint_and_round_state_is_there(acts):
    assert set(Complaint.objects.values_list("state", flat=True)) == set(State.values) - {State.NEW}
    assert set(Round.objects.values_list("state", flat=True)) == set(RoundState.values)
    assert Complaint.objects.count() == NUMBER


def test_every_desk_of_the_standing_cast_has_work(acts):
    waiting = Counter(Matter.objects.values_list("holder__username", "awaits"))
    expected = {
        ("wh.contact", "hand_off"): 5, ("yc.contact", "hand_off"): 3, ("wl.contact", "hand_off"): 2,
        ("zd.head", "hand_off"): 2, ("wh.leader", "name_handler"): 2, ("yc.leader", "name_handler"): 1,
        ("wl.leader", "name_handler"): 1, ("wh.zhang", "accept"): 2, ("wh.zhang", "answer"): 6, ("wh.li", "accept"): 1,
        ("yc.chen", "answer"): 4, ("yc.chen", "reply"): 1, ("wl.zhao", "answer"): 2, ("zd.zhou", "answer"): 1,
        ("kf.agent", "dispatch"): 4, ("kf.agent", "judge_complete"): 5, ("kf.agent", "rule_on_return"): 3,
        ("kf.agent", "reply"): 2, ("kf.agent", "record_satisfaction"): 3, ("kf.agent", "decide"): 2,
    }  # fmt: skip
    assert {desk: number for desk, number in expected.items() if waiting[desk] < number} == {}


@pytest.mark.rule("R19")
def test_thirty_minutes_are_running_and_have_run_out(acts):
    open_now = Deadline.objects.filter(kind="handoff", met_at=None, voided_at=None)
    running = open_now.filter(missed_at=None, unit__code="WH")
    assert running.count() >= 4
    assert running.exclude(due_at__gt=NOW, due_at__lte=NOW + timedelta(minutes=30)).count() == 0
    assert set(open_now.exclude(missed_at=None).values_list("unit__code", flat=True)) >= {"WH", "YC", "ZD"}


def test_limits_were_met_and_missed(acts):
    for kind in ("handoff", "handling"):
        assert {d.status for d in Deadline.objects.filter(kind=kind)} == {"open", "met", "missed", "void"}
    overdue = Deadline.objects.filter(kind="handling", met_at=None, voided_at=None).exclude(missed_at=None)
    assert set(overdue.values_list("unit__code", flat=True)) >= {"WH", "YC"}


def test_returns_were_accepted_and_others_came_to_nothing(acts):
    assert Round.objects.filter(state="returned").exclude(return_requested_at=None).exists()
    assert Complaint.objects.filter(out_of_scope_returns__gt=0).exists()
    assert Complaint.objects.filter(second_dispatches__gt=0).exists()
    assert Complaint.objects.filter(archived_unsatisfied=True).exists()


@pytest.mark.rule("R54")
def test_bulletins_were_sent_and_one_waits(acts):
    """Of September, and of October: withdrawn after an excuse, drafted anew, and on the supervisor's desk."""
    rows = Bulletin.objects.order_by("month", "edition")
    clocks = {row.matter_id: row for row in Deadline.objects.filter(kind="bulletin")}
    assert [(str(row), row.state, row.number, clocks[row.pk].status) for row in rows] == [
        ("TB2026-09", "sent", "鄂移客通〔2026〕1号", "met"), ("TB2026-10", "withdrawn", "鄂移客通〔2026〕2号", "met"),
        ("TB2026-10-2", "drafted", "", "open"),
    ]  # fmt: skip
    assert [row.figures["total"]["counts"]["received"] > 0 for row in rows] == [True] * 3
    assert Paper.objects.filter(kind="bulletin").count() == 2
    for month in (9, 10):
        told = numbers_of(*(datetime(2026, number, 1, tzinfo=SHANGHAI) for number in (month, month + 1)))
        assert {line["unit"]: line["counts"] for line in freeze(date(2026, month, 1), NOW)["lines"]} == of_bulletin(
            told
        )


def test_every_act_stands_in_an_unbroken_ledger(acts):
    assert LedgerEntry.objects.exclude(actor__username="system").count() == acts
    assert [broken(matter) for matter in Matter.objects.all() if broken(matter)] == []


def test_the_organisation_is_complete(acts):
    assert Unit.objects.count() == len(demo_units())
    assert Employee.objects.exclude(username="system").count() == len(demo_employees())
    assert Employee.objects.get(username="wh.zhang").check_password("shouwen-demo-2026")
    assert Employee.objects.values("password").exclude(username="system").distinct().count() == 1
    assert Unit.objects.get(code="WL").regions.count() == 0
    assert Unit.objects.get(code="JH").regions.count() == 4


def test_steps_come_in_order_of_time_and_end_now():
    times = [step["at"] for step in in_order(histories(Company(Random(3)), 80, NOW), NOW)]
    assert times == sorted(times)
    assert (times[0] >= NOW - PAST - timedelta(minutes=5), times[-1] <= NOW) == (True, True)


def test_the_same_seed_plays_the_same():
    first, second = (list(in_order(histories(Company(Random(5)), 20, NOW), NOW)) for _ in "ab")
    assert first == second


DESKS = {"sj.system": "/operations/", "sj.security": "/accounts/", "sj.auditadmin": "/access-log/"}
MAIN_PAGES = [
    *[(account.username, DESKS.get(account.username, "/")) for account in demo_accounts()],
    ("", "/sign-in/"), ("kf.agent", "/complaints/"), ("kf.agent", "/complaints/?state=all"),
    ("kf.agent", "/complaints/new/"), ("kf.agent", "/inbox/"), ("kf.agent", "/leads/"), ("kf.agent", "/search/?q=扣费"),
    ("wh.contact", "/complaints/"), ("wh.contact", "/cases/"), ("wh.zhang", "/complaints/"),
    ("wh.head", "/complaints/"),
    ("wh.head", "/units/"), ("wh.head", "/dashboard/"), ("kf.head", "/dashboard/"), ("kf.agent", "/rules/"),
    ("sc.officer", "/dashboard/"), ("sc.officer", "/alarms/"), ("sc.officer", "/calendar/2026/"),
    ("sc.officer", "/admin/"), ("sc.officer", "/admin/assessment/case/"), ("sc.officer", "/plans/"),
    ("sc.officer", "/admin/accountability/employee/"), ("sj.auditor", "/admin/accountability/ledgerentry/"),
    ("sj.auditor", "/ranking/2026/"), ("sc.leader", "/sheets/"), ("kf.supervisor", "/bulletins/"),
]  # fmt: skip


@pytest.mark.parametrize(("person", "address"), MAIN_PAGES)
def test_the_first_load_of_a_page_stays_under_100_kb(acts, now, person, address):
    """Page, styles, scripts and icons as they come over the line to somebody who was never here before."""
    now.set(NOW)
    client = Client(headers={"Accept-Encoding": "gzip"})
    if person:
        signed_in(Employee.objects.get(username=person), client)
    answer = client.get(address)
    html = decompress(answer.content).decode()
    parts = set(re.findall(r'(?:href|src)="/static/([^"#?]+)', html))
    weights = {name: len(compress(Path(str(finders.find(name))).read_bytes(), 6)) for name in parts}
    assert answer.status_code == 200
    assert {"shouwen/shell.css", "shouwen/icons.svg", "shouwen/app.js", "django_htmx/htmx-2.min.js"} <= set(weights)
    assert len(answer.content) + sum(weights.values()) < 100_000
