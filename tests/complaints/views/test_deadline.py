"""Why a deadline is due just then: every kind explains itself, and the stored instant is the truth."""

import pytest

from accountability.deadlines.limits import show_instant
from accountability.models import CalendarYear, Deadline
from accountability.templatetags.shouwen import with_rules
from tests.looking import deadline as latest


def explain(client, complaint, found):
    return client.get(f"/complaints/{complaint.matter.number}/deadlines/{found.pk}/")


NETWORK = {"category": "网络质量", "at": "2026-09-30 16:00"}


def without_calendar(year):
    """As if the year had never been published; the table is insert-only for everybody but a test."""
    from django.db import connection

    from accountability.db import insert_only

    insert_only.remove(connection)
    CalendarYear.objects.filter(year=year).delete()
    insert_only.install(connection)


@pytest.mark.parametrize(
    ("kind", "part", "rule"),
    [
        ("handoff", 1, "R19"), ("return", 1, "R27"), ("handling", 1, "R24"), ("ruling", 1, "R28"),
        ("first_reply", 0, "R6"), ("legal", 0, "R6"), ("contact_on_site", 0, "R6"), ("network_solution", 0, "R6"),
    ],
)  # fmt: skip
def test_every_kind_names_its_clause(play, client_for, kind, part, rule):
    complaint = play.upto("return_requested", category="网络质量")
    response = explain(client_for("kf.agent"), complaint, latest(complaint, kind, part))
    assert response.context["why"].clause.rule == rule
    assert with_rules(response.context["why"].clause.words) in response.content.decode()


@pytest.mark.rule("R6")
def test_working_days_are_listed_counted_and_skipped_with_the_versions(play, client_for):
    complaint = play("register", "kf.agent", **NETWORK)
    found = latest(complaint, "contact_on_site")
    response = explain(client_for("kf.agent"), complaint, found)
    why, text = response.context["why"], response.content.decode()
    assert show_instant(why.deadline.due_at) == "2026-10-10 24:00"
    assert [(line.day.isoformat(), line.counted, line.why) for line in why.count.days][-4:] == [
        ("2026-10-07", None, "holiday"), ("2026-10-08", 1, "workday"), ("2026-10-09", 2, "workday"),
        ("2026-10-10", 3, "make_up"),
    ]  # fmt: skip
    assert [said for said in ("2026 v1", "2026-10-10 24:00", "调休上班", "第3日") if said not in text] == []
    assert not why.differs


def test_handling_of_a_network_complaint_waits_for_the_network_solution(play, client_for):
    complaint = play("dispatch", "kf.agent", play("register", "kf.agent", **NETWORK), at="2026-09-30 16:10")
    response = explain(client_for("wh.contact"), complaint, latest(complaint, "handling", 1))
    why, text = response.context["why"], response.content.decode()
    assert (show_instant(why.deadline.due_at), show_instant(why.count.due_at)) == (
        "2026-10-15 24:00",
        "2026-10-02 04:10",
    )
    assert "因此以网络技术方案的到期时刻为准" in text


@pytest.fixture
def unpublished(cast):
    without_calendar(2027)
    yield
    without_calendar(2027)


def test_a_year_without_a_calendar_is_not_guessed(unpublished, play, client_for):
    complaint = play("register", "kf.agent", category="网络质量", at="2026-12-30 10:00")
    response = explain(client_for("kf.agent"), complaint, latest(complaint, "contact_on_site"))
    assert response.context["why"].count.missing_year == 2027
    assert "2027 年工作日历尚未公布" in response.content.decode()


def test_a_limit_released_too_late_runs_to_the_end_of_the_day_of_publishing(unpublished, play, client_for):
    complaint = play("register", "kf.agent", category="网络质量", at="2026-12-30 10:00")
    play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-01"], at="2027-01-20 10:00")
    response = explain(client_for("kf.agent"), complaint, latest(complaint, "contact_on_site"))
    why = response.context["why"]
    assert (show_instant(why.deadline.due_at), show_instant(why.count.due_at)) == (
        "2027-01-20 24:00",
        "2027-01-05 24:00",
    )
    assert "顺延到该日24:00为止" in response.content.decode()


def test_missed_suspended_and_void_are_told_with_their_instants(play, now, client_for):
    complaint = play.upto("delivered")
    now.set("2026-11-24 09:40")
    complaint = play("hand_off", "wh.contact", complaint)
    agent = client_for("kf.agent")
    text = explain(agent, complaint, latest(complaint, "handoff", 1)).content.decode()
    assert [said for said in ("R19", "2026-11-24 09:30", "2026-11-24 09:40", "已超时") if said not in text] == []

    other = play.upto("delivered")
    other = play("request_return", "wh.contact", other)
    assert "中止" in explain(agent, other, latest(other, "handoff", 1)).content.decode()
    play("rule_on_return", "kf.agent", other, accepted=True)
    assert "已取消" in explain(agent, other, latest(other, "handoff", 1)).content.decode()


def test_another_rounds_deadline_is_not_found(play, client_for):
    complaint = play("rule_on_return", "kf.agent", play.upto("return_requested"), accepted=True)
    complaint = play("dispatch", "kf.agent", complaint, unit="YC")
    assert explain(client_for("wh.contact"), complaint, latest(complaint, "handoff", 2)).status_code == 404
    assert explain(client_for("yc.contact"), complaint, latest(complaint, "handoff", 1)).status_code == 404
    assert explain(client_for("yc.contact"), complaint, latest(complaint, "handoff", 2)).status_code == 200


def test_a_deadline_of_another_complaint_is_not_found(play, client_for):
    one, other = play.upto("delivered"), play.upto("delivered", phone="13900001111")
    found = Deadline.objects.filter(matter=other.matter).first()
    assert explain(client_for("kf.agent"), one, found).status_code == 404
