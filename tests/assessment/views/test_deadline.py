"""Why a case's deadline is due just then."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accountability.deadlines.limits import show_instant
from assessment.models import Case
from tests.assessment.office import Stage, page_of
from tests.factories import Now
from tests.looking import deadline as latest

ClientFor = Callable[[str], Client]


def place(case: Case, kind: str) -> str:
    return f"{page_of(case)}deadlines/{latest(case, kind).pk}/"


@pytest.mark.parametrize(
    ("kind", "rule", "username"),
    [
        ("notice", "R42", "kf.agent"),
        ("report", "R43", "wh.contact"),
        ("discipline", "R49", "wh.head"),
        ("slip", "R54", "wh.deputy"),
    ],
)
def test_every_kind_names_its_clause(stage: Stage, client_for: ClientFor, kind: str, rule: str, username: str) -> None:
    response = client_for(username).get(place(stage.penalised(), kind))
    assert response.context["why"].clause.rule == rule
    words = re.sub("<[^>]+>", "", response.content.decode())  # a rule named within them is a link
    assert str(response.context["why"].clause.words) in words


@pytest.mark.rule("R43")
def test_the_five_working_days_are_counted_one_by_one(stage: Stage, client_for: ClientFor, now: Now) -> None:
    now.set("2026-09-30 09:00")
    response = client_for("wh.head").get(place(stage.notified(), "report"))
    why = response.context["why"]
    assert show_instant(why.deadline.due_at) == "2026-10-13 24:00"
    counted = [line.day.isoformat() for line in why.count.days if line.counted]
    assert counted == ["2026-10-08", "2026-10-09", "2026-10-10", "2026-10-12", "2026-10-13"]
    assert "调休上班" in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "username"),
    [("notice", "wh.head"), ("report", "kf.agent"), ("discipline", "kf.agent"), ("report", "yc.head")],
)
def test_what_is_not_ones_to_know_is_not_found(stage: Stage, client_for: ClientFor, kind: str, username: str) -> None:
    assert client_for(username).get(place(stage.admitted(), kind)).status_code == 404


def test_a_deadline_of_another_case_is_not_found(stage: Stage, client_for: ClientFor) -> None:
    one, other = stage.notified(phone="13800000001"), stage.notified(phone="13800000002")
    wrong = f"{page_of(one)}deadlines/{latest(other, 'report').pk}/"
    assert client_for("wh.head").get(wrong).status_code == 404
