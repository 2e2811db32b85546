"""Rows that open something to somebody, changed or copied in the database: they open nothing, and it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accountability.audit import watch
from accountability.audit.opening_rows import forged
from accountability.models import Alarm, ApiToken, CalendarFeed, Employee, Notification, OpenSession
from accountability.notices import sentences
from accountability.signin import calendar_feeds, sessions, tokens
from tests.accountability.signin.conftest import Door
from tests.config.api.conftest import Program
from tests.factories import Cast, Now
from tests.signing_in import signed_in

pytestmark = [pytest.mark.compliance(3), pytest.mark.asvs("7.2.1")]


def notes() -> list[str]:
    """What the nightly verification names."""
    return [str(finding.note) for finding in forged()]


def alarms() -> list[tuple[str, str]]:
    return [(alarm.key, alarm.kind) for alarm in Alarm.objects.filter(cleared_at=None)]


@pytest.fixture
def program(cast: Cast, now: Now) -> Program:
    """A program that may read as wh.zhang, from one network."""
    made = tokens.issue(
        cast["wh.zhang"], now.at, name="热线", reads=True, acts=False, days=30, networks=["10.1.0.0/16"]
    )
    return Program(made[1])


def other(column: str, token: ApiToken, cast: Cast, now: Now) -> Any:
    """Another value than the row has."""
    chosen: dict[str, Any] = {
        "employee_id": cast["sc.leader"].pk, "unit_id": cast["sc.leader"].unit_id, "networks": ["10.0.0.0/8"],
        "offices": ["marketing_leader"], "former_digest": tokens.digests("sw_known")[0], "digest": "0" * 64,
        "former_until": now.at + timedelta(days=900), "expires_at": now.at + timedelta(days=900),
        "issued_at": now.at - timedelta(days=1), "may_read": False, "may_act": True, "may_organise": True,
    }  # fmt: skip
    return chosen[column]


@pytest.mark.parametrize("column", ApiToken.BINDS)
def test_a_token_whose_row_was_changed_opens_nothing_and_is_told(
    program: Program, cast: Cast, now: Now, column: str
) -> None:
    token = ApiToken.objects.get()
    assert (program.get("complaints").status_code, notes()) == (200, [])
    ApiToken.objects.update(**{column: other(column, token, cast, now)})
    if column == "former_digest":
        program = Program("sw_known")
        ApiToken.objects.update(former_until=now.at + timedelta(days=900))
    answers = {program.get("complaints").status_code for _time in range(3)}
    assert answers == {401}
    assert notes() == [f"accountability.apitoken {token.pk}"]
    if column != "digest":  # by another digest it isn't even found
        assert alarms() == [(f"forged token {token.pk}", "forged")]


def test_the_leaders_token_can_be_made_of_no_other(program: Program, cast: Cast) -> None:
    """One UPDATE made an agent's token the marketing leader's, who could appoint by it."""
    leader = cast["sc.leader"]
    ApiToken.objects.update(employee=leader, unit=leader.unit, may_act=True, may_organise=True, networks=[], offices=[])
    assert program.get("ledger").status_code == 401
    told = Notification.objects.filter(kind="forged")
    assert {notice.recipient.username for notice in told.select_related("recipient")} >= {"sj.auditor", "sc.leader"}
    assert str(ApiToken.objects.get().pk) in sentences.notice(told[0])


def test_a_row_that_was_written_past_the_program_opens_nothing(program: Program, cast: Cast) -> None:
    copy = ApiToken.objects.get()
    copy.pk, copy.employee, copy.digest = None, cast["sc.leader"], tokens.digests("sw_of_mine")[0]
    copy.save(force_insert=True)
    assert Program("sw_of_mine").get("complaints").status_code == 401
    assert notes() == [f"accountability.apitoken {copy.pk}"]


def test_a_changed_token_isnt_made_good_by_a_new_secret(door: Door, program: Program) -> None:
    token = ApiToken.objects.get()
    ApiToken.objects.update(may_organise=True)
    door.knows("wh.zhang")
    door.bound("wh.zhang")
    inside = door.inside("wh.zhang")
    door.now.forward(seconds=60)
    address = reverse("renew_token", args=[token.pk])
    answer = inside.post(address, {"overlap": "0", "code": door.code("wh.zhang")})
    assert answer.status_code in (403, 404)
    assert not ApiToken.objects.get().is_genuine


def test_a_new_secret_leaves_it_genuine(cast: Cast, now: Now) -> None:
    token, _secret = tokens.issue(cast["wh.zhang"], now.at, name="热线", reads=True, acts=True, days=3, networks=[])
    secret = tokens.renew(token, now.at, overlap=24)
    assert (Program(secret).get("complaints").status_code, notes()) == (200, [])


@pytest.mark.parametrize("column", CalendarFeed.BINDS)
def test_a_calendar_whose_row_was_changed_opens_nothing_and_is_told(
    cast: Cast, now: Now, settings: Any, column: str
) -> None:
    settings.CALENDAR_FEEDS = True
    secret = calendar_feeds.make(cast["wh.zhang"], now.at)
    assert calendar_feeds.reader_of(secret, now.at) is not None
    other = {
        "employee_id": cast["sc.leader"].pk, "unit_id": cast["sc.leader"].unit_id, "offices": ["auditor"],
        "digest": "0" * 64, "made_at": now.at - timedelta(days=1),
    }[column]  # fmt: skip
    CalendarFeed.objects.update(**{column: other})
    assert calendar_feeds.reader_of(secret, now.at) is None
    assert notes() == [f"accountability.calendarfeed {CalendarFeed.objects.get().pk}"]
    assert column == "digest" or [kind for _key, kind in alarms()] == ["forged"]


# Sessions


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=sessions.digest(client.session.session_key))


@pytest.fixture
def mine(cast: Cast) -> Client:
    return signed_in(cast["wh.zhang"])


def is_let_in(client: Client) -> bool:
    return client.get("/inbox/").status_code == 200


def test_the_leaders_session_can_be_copied_into_no_other(mine: Client, cast: Cast) -> None:
    """One UPDATE made one's own session the leader's, second factor included."""
    leader, me = row_of(signed_in(cast["sc.leader"])), row_of(mine)
    assert (is_let_in(mine), notes(), alarms()) == (True, [], [])
    Session.objects.filter(pk=me.pk).update(session_data=leader.session_data)
    assert [is_let_in(mine) for _time in range(3)] == [False] * 3
    assert mine.get("/admin/").status_code == 302
    assert alarms() == [(f"forged session {me.pk[:12]}", "forged")]
    assert notes() == [f"sessions.session {me.pk[:12]}"]


def test_two_sessions_cant_be_swapped(mine: Client, cast: Cast) -> None:
    other = signed_in(cast["sc.leader"])
    one, two = row_of(mine), row_of(other)
    Session.objects.filter(pk=one.pk).update(session_data=two.session_data)
    Session.objects.filter(pk=two.pk).update(session_data=one.session_data)
    assert (is_let_in(mine), is_let_in(other)) == (False, False)
    assert len(notes()) == len(alarms()) == 2


def test_a_session_that_somebody_wrote_opens_nothing(mine: Client, cast: Cast) -> None:
    """A row under a key of one's own choice, with the data of somebody."""
    Session.objects.create(
        session_key=sessions.digest("a" * 32), session_data=row_of(mine).session_data,
        expire_date=row_of(mine).expire_date,
    )  # fmt: skip
    copied = Client()
    copied.cookies["sessionid"] = "a" * 32
    assert not is_let_in(copied)
    assert len(notes()) == 1


def test_every_way_of_writing_a_session_leaves_it_its_own(door: Door) -> None:
    """Signed in, with a device, under a new key, and listed among one's sessions."""
    door.knows("sc.officer")
    door.bound("sc.officer")
    inside = door.inside("sc.officer")
    assert is_let_in(inside)
    person = Employee.objects.get(username="sc.officer")
    assert len(sessions.open_of(person.pk)) == OpenSession.objects.count() == 1
    assert (notes(), alarms()) == ([], [])


def test_the_alarm_stands_until_a_verification_finds_none(mine: Client, cast: Cast, now: Now) -> None:
    leader, me = row_of(signed_in(cast["sc.leader"])), row_of(mine)
    Session.objects.filter(pk=me.pk).update(session_data=leader.session_data)
    assert not is_let_in(mine)
    watch.verify(now.at)
    assert "forged" in [kind for _key, kind in alarms()]
    Session.objects.filter(pk=me.pk).delete()
    watch.verify(now.at + timedelta(days=1))
    assert "forged" not in [kind for _key, kind in alarms()]
