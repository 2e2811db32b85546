"""One's own limits for a calendar program: behind a secret that ends with its person's right to it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from accountability import tasks
from accountability.models import AccessLog, CalendarFeed, Deadline, Employee, Preferences, SignInState
from accountability.signin import calendar_feeds, sessions
from accountability.web import calendar_file
from config import limits
from config.logs import Line, harmless
from tests import casework
from tests.assessment.bulletins.made_bulletins import Bulletins
from tests.assessment.plans.made_plans import Plans
from tests.factories import INTAKE, Cast, Now, Play
from tests.looking import contents

MINE = reverse("my_calendar")
END = reverse("end_calendar")
ADDRESS = re.compile(r"http://testserver(/calendar/feed/swc_[\w-]{54}/limits\.ics)")

Feed = Callable[[str], str]


@pytest.fixture
def feed(cast: Cast, now: Now) -> Feed:
    """The path of somebody's calendar."""
    return lambda username: reverse("calendar_feed", args=[calendar_feeds.make(cast[username], now.at)])


def events(path: str) -> list[tuple[str, Any, str]]:
    """Summary, instant and address of each event, as a calendar program reads them."""
    answer = Client().get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    read = Calendar.from_ical(answer.content)
    return [(str(each["summary"]), each.decoded("dtstart"), str(each["url"])) for each in read.walk("VEVENT")]


def test_a_person_makes_an_address_which_is_shown_once_and_recorded(client_for: Any) -> None:
    client: Client = client_for("wh.zhang")
    (path,) = ADDRESS.findall(client.post(MINE).content.decode())
    assert events(path) == []
    assert path.split("/")[3] not in str(contents())
    assert ADDRESS.findall(client.get(MINE).content.decode()) == []
    assert [row.actor.username for row in AccessLog.objects.filter(action="make_calendar") if row.actor] == ["wh.zhang"]


@pytest.mark.parametrize(
    ("username", "state", "kind", "what"),
    [("wh.zhang", "accepted", "handling", "处理"), ("wh.contact", "delivered", "handoff", "交办")],
)
def test_it_has_the_limit_that_the_desk_shows_at_what_its_person_has_to_do(
    feed: Feed, play: Play, username: str, state: str, kind: str, what: str
) -> None:
    complaint = play.upto(state)
    number, limit = str(complaint.matter), Deadline.objects.get(matter=complaint.matter_id, kind=kind)
    assert events(feed(username)) == [(f"{number} {what}", limit.due_at, f"http://testserver/complaints/{number}/")]


def test_nobody_elses_limit_is_in_it(feed: Feed, play: Play) -> None:
    play.upto("accepted")
    assert [events(feed(name)) for name in ("wh.li", "yc.contact", "wh.contact", "kf.agent", "sj.auditor")] == [[]] * 5


def test_agents_get_of_the_work_that_they_share_what_concerns_them(feed: Feed, play: Play) -> None:
    play.upto("completed")
    assert [len(events(feed(name))) for name in ("kf.agent", "kf.supervisor")] == [1, 0]


def test_what_is_done_leaves_it(feed: Feed, play: Play) -> None:
    path, complaint = feed("wh.zhang"), play.upto("accepted")
    assert len(events(path)) == 1
    play("answer", "wh.zhang", complaint)
    assert events(path) == []


def test_what_is_asked_in_a_case_is_in_it(feed: Feed, play: Play) -> None:
    case = casework.notify(play, casework.issue(play, casework.missed(play)))
    number, limit = str(case.matter), Deadline.objects.get(matter=case.matter_id, kind="report")
    due = limit.due_at.replace(microsecond=0) if limit.due_at else None  # the end of a day: no calendar knows fractions
    assert [found[:2] for found in events(feed("wh.contact"))] == [(f"{number} 自查报告", due)]


def test_what_is_asked_of_a_plan_and_of_a_bulletin_is_in_it(feed: Feed, play: Play) -> None:
    bulletin, plan = Bulletins(play).drafted(), Plans(play).open()
    for thing, what, owes, nothing in (
        (plan, "待完成的整改", "wh.zhang", "wh.li"), (bulletin, "待发送的定期通报", "kf.supervisor", "kf.agent"),
    ):  # fmt: skip
        told, due = f"{thing.matter} {what}", thing.matter.work_due_at.replace(microsecond=0)
        assert (told, due) in [found[:2] for found in events(feed(owes))]
        assert told not in str(events(feed(nothing)))


def test_it_tells_nothing_of_the_customer_and_nothing_of_people(feed: Feed, play: Play) -> None:
    complaint = play.upto("accepted")
    content = Client().get(feed("wh.zhang")).content.decode().replace("\r\n ", "")
    told = [text for text in (*map(str, INTAKE.values()), "wh.zhang", "武汉") if text != "none" and text in content]
    assert (told, str(complaint.matter) in content) == ([], True)


def test_it_is_in_the_language_of_its_person(feed: Feed, play: Play, cast: Cast) -> None:
    complaint = play.upto("accepted")
    Preferences.objects.create(employee=cast["wh.zhang"], language="en")
    ((summary, _at, _url),) = events(feed("wh.zhang"))
    assert re.fullmatch(rf"{complaint.matter} [ -~]+", summary)


def test_its_statements_do_not_grow_and_its_events_are_bounded(
    feed: Feed, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = feed("wh.zhang")

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            Client().get(path)
        return len(found)

    play.upto("accepted")
    few = statements()
    for _n in range(4):
        play.upto("accepted")
    assert (statements(), len(events(path))) == (few, 5)
    monkeypatch.setattr("complaints.lists.own_limits.MOST_LIMITS", 3)
    assert len(events(path)) == 3
    monkeypatch.setattr("accountability.web.calendar_file.MOST", 2)
    assert len(events(path)) == 2


# Its secret


@pytest.mark.parametrize("typed", ["x", "swc_", "swc_" + "A" * 54, "sw_" + "A" * 43, "swc_" + "A" * 5000, "swc_%00"])
def test_what_is_no_secret_opens_nothing(feed: Feed, typed: str) -> None:
    feed("wh.zhang")
    assert Client().get(f"/calendar/feed/{typed}/limits.ics").status_code in (404, 400)


def test_a_new_address_ends_the_former_one_at_once(feed: Feed) -> None:
    former, present = feed("wh.zhang"), feed("wh.zhang")
    assert [Client().get(path).status_code for path in (former, present)] == [404, 200]


def test_its_person_ends_it_and_nobody_else_does(feed: Feed, client_for: Any) -> None:
    path = feed("wh.zhang")
    assert client_for("wh.li").post(END).status_code == 404
    assert Client().get(path).status_code == 200
    assert client_for("wh.zhang").post(END).status_code == 302
    assert Client().get(path).status_code == 404
    assert [row.actor.username for row in AccessLog.objects.filter(action="end_calendar") if row.actor] == ["wh.zhang"]


@pytest.mark.parametrize(
    ("verb", "facts"),
    [("dismiss", {"reason": "离职。"}), ("update_employee", {"unit": "YC", "reason": "调动。"})],
)  # fmt: skip
def test_it_ends_with_its_person_leaving_or_moving(feed: Feed, play: Play, verb: str, facts: dict[str, Any]) -> None:
    path = feed("wh.zhang")
    play(verb, "sc.officer", employee="wh.zhang", **facts)
    assert (Client().get(path).status_code, CalendarFeed.objects.count()) == (404, 0)


def _is_inactive(person: Employee, now: Now) -> None:
    Employee.objects.filter(pk=person.pk).update(is_active=False)


def _has_moved(person: Employee, now: Now) -> None:
    Employee.objects.filter(pk=person.pk).update(unit=Employee.objects.get(username="yc.contact").unit)


def _is_closed(person: Employee, now: Now) -> None:
    SignInState.objects.update_or_create(employee=person, defaults={"closed_at": now.at})


def _has_an_office(person: Employee, now: Now) -> None:
    found = CalendarFeed.objects.get(pk=person.pk)
    found.offices = []
    found.bind()
    found.save()


@pytest.mark.parametrize(
    ("username", "becomes"),
    [("wh.zhang", _is_inactive), ("wh.zhang", _has_moved), ("wh.zhang", _is_closed), ("sc.officer", _has_an_office)],
)  # fmt: skip
def test_it_is_refused_and_deleted_where_its_person_is_not_who_made_it(
    feed: Feed, cast: Cast, now: Now, username: str, becomes: Callable[[Employee, Now], None]
) -> None:
    """Whatever way that came about, though nobody ended it."""
    path = feed(username)
    becomes(cast[username], now)
    assert (Client().get(path).status_code, CalendarFeed.objects.count()) == (404, 0)


def test_it_ends_with_all_sessions(feed: Feed, cast: Cast) -> None:
    """A new password, a new device, a closed sign-in."""
    path = feed("wh.zhang")
    sessions.end_all(cast["wh.zhang"].pk)
    assert Client().get(path).status_code == 404


def test_what_no_program_reads_is_forgotten(feed: Feed, now: Now) -> None:
    read, unread = feed("wh.zhang"), feed("wh.li")
    now.forward(seconds=int(timedelta(days=60).total_seconds()))
    assert Client().get(read).status_code == 200
    now.forward(seconds=int(timedelta(days=31).total_seconds()))
    tasks.close_sign_ins()
    assert [Client().get(path).status_code for path in (read, unread)] == [200, 404]
    assert CalendarFeed.objects.count() == 1


def test_of_who_has_left_nothing_is_kept(feed: Feed, cast: Cast) -> None:
    feed("wh.zhang")
    _is_inactive(cast["wh.zhang"], Now)  # type: ignore[arg-type]
    tasks.close_sign_ins()
    assert CalendarFeed.objects.count() == 0


def test_a_former_key_still_reads(feed: Feed, settings: Any) -> None:
    path, former = feed("wh.zhang"), settings.SECRET_KEY
    settings.SECRET_KEY = "n" * 50
    assert Client().get(path).status_code == 404
    settings.SECRET_KEY_FALLBACKS = [former]
    assert Client().get(path).status_code == 200


def test_switched_off_it_opens_nothing_and_can_still_be_ended(feed: Feed, client_for: Any, settings: Any) -> None:
    path, client = feed("wh.zhang"), client_for("wh.zhang")
    settings.CALENDAR_FEEDS = False
    assert (Client().get(path).status_code, client.post(MINE).status_code, client.get(MINE).status_code) == (
        404, 404, 200,
    )  # fmt: skip
    assert client.post(END).status_code == 302
    assert client.get(MINE).status_code == 404


def test_it_only_reads_is_in_no_cache_and_in_no_index(feed: Feed) -> None:
    path = feed("wh.zhang")
    answer = Client().get(path)
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == (
        "private, no-store", "noindex, nofollow", "no-referrer",
    )  # fmt: skip
    assert "Set-Cookie" not in answer.headers
    methods = ("post", "put", "patch", "delete")
    assert [getattr(Client(), method)(path).status_code for method in methods] == [405] * 4


def test_it_is_counted_for_one_address(
    feed: Feed, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIMITS_COUNT, settings.LIMITS_FILE = True, tmp_path / "limits" / "limits.sqlite3"
    few = limits.Limit("calendars", 60, 2)
    monkeypatch.setitem(limits.BY_NAME, "calendar_feed", (few, limits.BY_NAME["calendar_feed"][1]))
    path = feed("wh.zhang")
    assert [Client(REMOTE_ADDR="10.9.8.7").get(path).status_code for _n in range(3)] == [200, 200, 429]


def test_no_log_names_it(feed: Feed, client_for: Any, cast: Cast, settings: Any) -> None:
    path = feed("wh.zhang")
    secret = path.split("/")[3]
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
    short = f'"GET /calendar/feed/{secret[:12]}/limits.ics HTTP/1.1" 404'
    assert secret not in Line().format(record)
    assert secret[:12] not in harmless(short)
    settings.CALENDAR_FEEDS = False
    assert client_for("wh.li").get(path).status_code == 404
    assert secret[:12] not in str(list(AccessLog.objects.values_list("detail", flat=True)))


# The file


HOSTILE = "a;b,c\\d\r\nATTENDEE:x\u202e\x00 " + "投诉" * 60


def test_a_hostile_text_stays_one_property_and_no_line_is_too_long(now: Now) -> None:
    content = calendar_file.written("名", [calendar_file.Event("k\nX", now.at, HOSTILE, "http://h/\r\nX:1")], now.at)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert r"SUMMARY:a\;b\,c\\d  ATTENDEE:x" in content.decode().replace("\r\n ", "")
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert sorted(event) == ["DTSTAMP", "DTSTART", "SUMMARY", "TRANSP", "UID", "URL"]
    assert str(event["summary"]) == "a;b,c\\d  ATTENDEE:x   " + "投诉" * 60
    assert event.decoded("dtstart") == now.at


def test_a_line_is_folded_between_characters(now: Now) -> None:
    for length in range(60, 80):
        content = calendar_file.written("n" * length + "名" * 30, [], now.at)
        assert all(line.decode() is not None for line in content.split(b"\r\n"))
        assert str(Calendar.from_ical(content)["x-wr-calname"]) == "n" * length + "名" * 30
