"""How often a program may ask: by account, and by address only where it says nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config import counting, limits
from config.limits import BY_NAME, Limit
from tests.assessment.docket import Docket
from tests.config.api.conftest import Issue, Program, ProgramOf
from tests.factories import Now, Play


@pytest.fixture(autouse=True)
def counted(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: Now) -> None:
    """By a standing clock: else a test that runs over the end of a minute counts in two windows."""
    monkeypatch.setattr(counting, "_again_at", 0.0)
    settings.LIMITS_COUNT, settings.LIMITS_FILE = True, tmp_path / "limits" / "limits.sqlite3"
    settings.CELERY_BROKER_URL = "memory://"


def answers(program: Program, where: str, times: int) -> list[int]:
    return [program.get(where).status_code for _time in range(times)]


def test_reads_are_counted_by_account(
    issue: Issue, play: Play, docket: Docket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With whichever of one's tokens, from wherever."""
    number, case = play("register", "kf.agent").matter.number, docket.upto("sheet_issued").matter.number
    places = {
        "api_complaints": "complaints", "api_units": "units", "api_people": "people",
        "api_complaint": f"complaints/{number}", "api_cases": "cases", "api_case": f"cases/{case}",
        "api_penalties": "penalties", "api_figures": "figures", "api_rankings": "rankings",
    }  # fmt: skip
    for name, where in places.items():
        limit, _methods = BY_NAME[name]
        monkeypatch.setitem(BY_NAME, name, (Limit(f"few {name}", 2, 100), ("GET",)))
        asking = [Program(issue("kf.agent")[1], f"10.1.1.{last}") for last in range(1, 4)]
        assert [each.get(where).status_code for each in asking] == [200, 200, 429], name
        assert Program(issue("kf.agent2")[1]).get(where).status_code == 200
        assert limit.account == (240 if name in ("api_complaint", "api_case") else 60)
    assert [BY_NAME[name][0].account for name in ("api_ranking", "api_ledger")] == [240, 60]


@pytest.fixture
def two_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STRANGERS", Limit("strangers", 0, 2))


@pytest.mark.usefixtures("two_strangers")
def test_who_has_a_good_token_is_no_stranger(program: ProgramOf) -> None:
    assert answers(program("wh.zhang"), "limits", 4) == [200] * 4
    assert [Client(REMOTE_ADDR="10.1.1.1").get("/api/v1/limits").status_code for _time in range(3)] == [401, 401, 429]
    assert answers(program("wh.zhang"), "limits", 2) == [200] * 2


@pytest.mark.usefixtures("two_strangers", "db")
@pytest.mark.parametrize("cookie", [False, True])
@pytest.mark.parametrize("said", ["", "Bearer sw_" + "x" * 43, "Basic eDp5", "Bearer x"])
def test_neither_a_bad_token_nor_a_bad_cookie_makes_one_known(said: str, cookie: bool, settings: Any) -> None:
    found = []
    for _time in range(4):
        client = Client(REMOTE_ADDR="10.1.1.1")
        if cookie:
            client.cookies[settings.SESSION_COOKIE_NAME] = "junk"
        headers = {"Authorization": said} if said else {}
        found.append(client.get("/api/v1/limits", headers=headers).status_code)
    assert found == [401, 401, 429, 429]


@pytest.mark.usefixtures("two_strangers")
def test_an_authorization_elsewhere_makes_nobody_known(program: ProgramOf) -> None:
    said = {"Authorization": f"Bearer {program('wh.zhang').secret}"}
    found = [Client(REMOTE_ADDR="10.1.1.1").get("/sign-in/", headers=said).status_code for _time in range(3)]
    assert found == [200, 200, 429]
