"""If it can't be recorded, it doesn't happen: nothing changes, nothing is shown, nobody is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client

from accountability.audit import access_log
from accountability.files.attachments import take
from accountability.models import AccessLog, Employee
from tests.factories import INTAKE, Cast, Now, Play
from tests.looking import contents

pytestmark = [pytest.mark.compliance(4), pytest.mark.asvs("16.5.3")]


@contextmanager
def full(table: str) -> Iterator[None]:
    """Whatever is to be inserted into this table can't be."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(f'INSERT INTO "{table}"'):
            raise DatabaseError(f"{table}: no space left on device")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def unwritable_log() -> Iterator[None]:
    """The same of the access log, so that the test's own transaction doesn't break."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(access_log, "writing", SimpleNamespace(insert=_refuse))
        yield


def _refuse(*_given: Any, **_named: Any) -> None:
    raise DatabaseError("no space left on device")


def quiet(client: Client) -> Client:
    """Answers as a served system would."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("table", ["accountability_ledgerentry", "complaints_historicalcomplaint"])
@pytest.mark.parametrize(("verb", "by"), [("dispatch", "kf.agent"), ("escalate", "kf.supervisor")])
def test_an_act_that_cannot_be_recorded_is_not_done(play: Play, table: str, verb: str, by: str) -> None:
    complaint = play.upto("registered")
    before = contents(without=())
    with full(table), pytest.raises(DatabaseError, match="no space left"):
        play(verb, by, complaint, reason="归属该市。")
    assert contents(without=()) == before


def test_a_new_complaint_that_cannot_be_recorded_is_not_registered(play: Play) -> None:
    before = contents(without=())
    with full("accountability_ledgerentry"), pytest.raises(DatabaseError, match="no space left"):
        play.upto("registered")
    assert contents(without=()) == before


def test_a_number_whose_reading_cannot_be_recorded_is_not_shown(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    complaint = play.upto("registered")
    client = quiet(client_for("kf.agent"))
    with unwritable_log():
        answer = client.post(f"/complaints/{complaint.matter}/reveal/")
    assert (answer.status_code, INTAKE["phone"] in answer.content.decode()) == (500, False)
    assert INTAKE["phone"] in client.post(f"/complaints/{complaint.matter}/reveal/").content.decode()


def test_a_file_whose_reading_cannot_be_recorded_is_not_handed_out(
    play: Play, client_for: Callable[[str], Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ATTACHMENTS_DIR", tmp_path)
    agent = play.cast["kf.agent"]
    file = take("依据.txt", "退费依据".encode(), by=agent, at=play.now.at, kind="evidence")
    client = quiet(client_for("kf.agent"))
    with unwritable_log():
        answer = client.get(f"/files/{file.token}/")
    assert (answer.status_code, "退费依据".encode() in answer.content) == (500, False)
    assert client.get(f"/files/{file.token}/").content == "退费依据".encode()


def test_who_cannot_be_recorded_is_not_let_in(cast: Cast, now: Now) -> None:
    person = cast["kf.agent"]
    person.set_password("correct horse battery")
    person.save()
    client, typed = quiet(Client()), {"username": "kf.agent", "password": "correct horse battery"}
    with unwritable_log():
        assert client.post("/sign-in/", typed).status_code == 500
    assert client.get("/").headers["location"] == "/sign-in/?next=/"
    assert (Employee.objects.get(pk=person.pk).last_login, AccessLog.objects.count()) == (None, 0)
    assert client.post("/sign-in/", typed).status_code == 302
    assert AccessLog.objects.filter(action="sign_in", result="ok", actor=person).count() == 1


def test_a_wrong_password_that_cannot_be_recorded_is_no_way_in(cast: Cast, now: Now) -> None:
    client = quiet(Client())
    with unwritable_log():
        answer = client.post("/sign-in/", {"username": "kf.agent", "password": "wrong"})
    assert (answer.status_code, client.get("/").headers["location"]) == (500, "/sign-in/?next=/")
