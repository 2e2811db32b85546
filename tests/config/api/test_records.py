"""Penalties and the ledger as a program reads them: the same rows for the same people as on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, Employee, LedgerEntry, PersonalData
from assessment.models import Case, Penalty
from tests.assessment.docket import Docket
from tests.config.api.conftest import Issue, Program, ProgramOf, asked, is_problem, told
from tests.factories import Cast, Play

ClientFor = Callable[[str], Client]

REASON = "夜莺情节"
KNOWING = {"sc.officer", "sc.officer2", "sc.leader", "sj.auditor", "wh.head", "wh.zhang"}


@pytest.fixture
def penalised(docket: Docket) -> Case:
    return docket("penalise", "sc.officer", docket.upto("admitted"), person="wh.zhang", ground="handler", reason=REASON)


def rows_of(program: ProgramOf, cast: Cast, where: str = "penalties") -> dict[str, Any]:
    """What everybody of the business is told, who is told something."""
    people = [each for each in cast if each.is_active and not each.username.startswith(("sj.s", "sj.auditadmin"))]
    found = {each.username: told(program(each.username), where, "Penalties")["items"] for each in people}
    return {username: rows for username, rows in found.items() if rows}


# Penalties


@pytest.mark.compliance(11, 29)
def test_who_may_know_of_a_penalty(penalised: Case, docket: Docket, program: ProgramOf, cast: Cast) -> None:
    """Contacts and deputies until it is proved, as on the page of the case."""
    assert set(rows_of(program, cast)) == KNOWING | {"wh.contact", "wh.deputy"}
    docket("file_slip", "wh.contact", penalised, voucher="RL-77")
    found = rows_of(program, cast)
    assert set(found) == KNOWING
    (of_head,), (own,) = found["wh.head"], found["wh.zhang"]
    assert (of_head["case"], of_head["voucher"], of_head["person"]["username"], of_head["reason"]) == (
        str(penalised.matter), "RL-77", "wh.zhang", "",
    )  # fmt: skip
    untold = ("case", "unit", "recorded_by", "slip_by", "slip_at")
    assert {name: own[name] for name in untold} == dict.fromkeys(untold)
    assert (own["reason"], own["voucher"], own["grounds"][0]["name"], own["months"]) == (REASON, "", "handler", 1)


def test_ones_own_alone(penalised: Case, program: ProgramOf, cast: Cast) -> None:
    assert set(rows_of(program, cast, "penalties?mine=1")) == {"wh.zhang"}


def test_what_is_told_of_ones_own_is_what_the_page_tells(
    penalised: Case, program: ProgramOf, client_for: ClientFor
) -> None:
    (own,) = told(program("wh.zhang"), "penalties?mine=1", "Penalties")["items"]
    (line,) = client_for("wh.zhang").get(reverse("own_penalties")).context["page"].rows
    assert (own["reason"], own["months"], own["recorded_at"]) == (
        line.reason, line.penalty.months, line.penalty.recorded_at.isoformat(),
    )  # fmt: skip
    assert str(penalised.matter) not in str(own)


def test_penalties_are_paged_by_key(docket: Docket, program: ProgramOf) -> None:
    docket.upto("penalised")
    asking, found, where = program("sc.officer"), [], "penalties?limit=1"
    while where:
        page = told(asking, where, "Penalties")
        found += [row["person"]["username"] for row in page["items"]]
        where = page["next"]
    assert found == ["wh.head", "wh.leader", "wh.zhang"]
    assert asking.get("penalties?fields=person,months").json()["items"][0].keys() == {"person", "months"}


@pytest.mark.parametrize("username", ["sc.officer", "wh.head"])
def test_a_hundred_penalties_ask_the_database_no_more_than_one(
    penalised: Case, program: ProgramOf, username: str
) -> None:
    reader = program(username)
    reader.get("penalties")
    of_one = asked(reader, "penalties?limit=100")
    row = Penalty.objects.get()
    people = Employee.objects.bulk_create([Employee(username=f"many.{n}", name="某") for n in range(99)])
    Penalty.objects.bulk_create([
        Penalty(case=row.case, person=person, grounds=row.grounds, months=1, recorded_by=row.recorded_by,
                recorded_at=row.recorded_at)
        for person in people
    ])  # fmt: skip
    assert len(reader.get("penalties?limit=100").json()["items"]) == 100
    assert asked(reader, "penalties?limit=100") == of_one


# The ledger


def test_the_ledger_is_that_of_the_books(docket: Docket, program: ProgramOf, client_for: ClientFor) -> None:
    case = docket.upto("admitted")
    books = reverse("admin:accountability_ledgerentry_changelist")
    for username in ("sc.officer", "sc.leader", "sj.auditor", "kf.agent", "kf.head", "wh.head", "wh.zhang", "sj.plain"):
        answer = program(username).get("ledger")
        assert answer.status_code == client_for(username).get(books).status_code, username
    rows = told(program("sc.officer"), f"ledger?number={case.matter.number}", "Ledger")["items"]
    entries = LedgerEntry.objects.filter(matter=case.pk).order_by("-pk")
    assert [(row["id"], row["verb"]["name"], row["hmac"]) for row in rows] == [
        (each.pk, each.verb, each.hmac) for each in entries
    ]  # fmt: skip
    assert {row["matter"] for row in rows} == {str(case.matter)}


def test_no_free_text_stands_in_it(docket: Docket, program: ProgramOf, play: Play) -> None:
    """It is sealed apart from the entry; here as in the administration nobody unseals it."""
    docket.upto("circular returned")
    answer, where = "", "ledger?limit=100"
    while where:
        page = program("sj.auditor").get(where)
        answer, where = answer + page.content.decode(), page.json()["next"]
    kept = [text for row in PersonalData.objects.all() for text in texts_of(row) if len(text) > 3 and text in answer]
    assert kept == []


def texts_of(row: PersonalData) -> list[str]:
    from complaints.dossier.customer import texts_of as unsealed

    return [text for text in unsealed(row).values() if isinstance(text, str)]


def test_it_is_paged_by_key_and_a_hundred_entries_ask_no_more_than_one(program: ProgramOf, play: Play) -> None:
    for _n in range(34):
        play("dispatch", "kf.agent", play("register", "kf.agent"))
    reader = program("sc.officer")
    reader.get("ledger")
    assert len(reader.get("ledger?limit=100").json()["items"]) >= 68
    assert asked(reader, "ledger?limit=1") == asked(reader, "ledger?limit=100")
    first = told(reader, "ledger?limit=20", "Ledger")
    second = told(reader, first["next"], "Ledger")
    ids = [row["id"] for page in (first, second) for row in page["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 40


# Both


@pytest.mark.parametrize(
    ("where", "field"),
    [("penalties?mine=0", "mine"), ("penalties?x=1", "x"), ("penalties?after=x", "after"), ("ledger?x=1", "x"),
     ("ledger?limit=0", "limit"), ("ledger?before=", "before")],
)  # fmt: skip
def test_a_question_that_is_not_understood_is_not_answered(program: ProgramOf, where: str, field: str) -> None:
    assert set(is_problem(program("sc.officer").get(where), 400)["errors"]) == {field}


@pytest.mark.parametrize("where", ["penalties", "ledger", "figures", "rankings"])
def test_a_token_that_may_not_read_reads_nothing(program: ProgramOf, where: str) -> None:
    is_problem(program("sc.officer", reads=False).get(where), 403)


@pytest.mark.parametrize("where", ["penalties", "ledger", "figures", "rankings", "cases"])
def test_what_an_auditor_reads_is_recorded(issue: Issue, where: str) -> None:
    token, secret = issue("sj.auditor")
    Program(secret).get(where)
    assert AccessLog.objects.get(action="read").detail == f"{token} api_{where}"
