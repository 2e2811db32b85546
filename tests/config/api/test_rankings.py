"""The yearly ranking as a program reads it, and what a program decides of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import Matter
from assessment.models import Ranking
from tests.assessment.rankings.made_rankings import FOUR, NEW_YEAR, Rankings
from tests.config.api.conftest import ProgramOf, asked, is_problem, told
from tests.factories import Now

ClientFor = Callable[[str], Client]

DRAFTS = ("sc.officer", "sc.leader", "sj.auditor", "kf.supervisor")
OTHERS = ("kf.agent", "wh.head", "wh.zhang", "sj.plain")
OF_2026 = "rankings/PM2026"


def test_a_draft_is_for_those_who_read_drafts(rankings: Rankings, program: ProgramOf) -> None:
    rankings.draft(FOUR)
    for username in DRAFTS:
        body = told(program(username), OF_2026, "Ranking")
        assert (body["state"]["name"], body["present"]["unit"]["code"]) == ("drafted", "SC")
        assert [row["number"] for row in told(program(username), "rankings", "Rankings")["items"]] == ["PM2026"]
    for username in OTHERS:
        theirs, nobodys = (program(username).get(where) for where in (OF_2026, "rankings/PM2020"))
        assert is_problem(theirs, 404) == is_problem(nobodys, 404)
        assert told(program(username), "rankings", "Rankings")["items"] == []


def test_what_is_published_is_everybodys_with_the_numbers_of_its_page(
    rankings: Rankings, program: ProgramOf, client_for: ClientFor
) -> None:
    rankings.published(FOUR)
    page = client_for("sj.plain").get(reverse("ranking_numbered", args=["PM2026"])).context
    for username in (*DRAFTS, *OTHERS):
        body = told(program(username), OF_2026, "Ranking")
        assert body["present"] is None
        (found,) = body["lists"]
        (shown,) = page["lists"]
        names = ("place", "resolved", "asked")
        told_here = [(row["unit"]["name"], *(row[name] for name in names), row["is_barred"]) for row in found["rows"]]
        on_page = [
            (row["line"].name, *(getattr(row["line"], name) for name in names), row["is_barred"])
            for row in shown["rows"]
        ]
        assert told_here == on_page
        assert (found["unranked"], body["decided_by"]["username"]) == (shown["unranked"], "sc.leader")
        assert [each["number"] for each in body["papers"]] == [paper.number for paper in page["papers"]]
    assert told(program("sj.plain"), OF_2026, "Ranking")["verbs"] == []


def test_who_decides_on_it_must_have_read_it(rankings: Rankings, program: ProgramOf) -> None:
    ranking, asking = rankings.draft(FOUR), program("sc.leader")
    where = f"{OF_2026}/confirm_barred"
    offered = {each["name"]: each["needs_version"] for each in told(asking, OF_2026, "Ranking")["verbs"]}
    assert offered["confirm_barred"]
    is_problem(asking.post(where), 428)
    tag = asking.get(OF_2026).headers["ETag"]
    rankings("redraft_ranking", "sc.officer2", ranking)
    is_problem(asking.post(where, If_Match=tag), 412)
    is_problem(program("sc.officer").post(where, If_Match=tag), 403)
    assert asking.post_read(where).status_code == 200
    assert Ranking.objects.get().state == "confirmed"


def test_what_has_not_changed_is_not_sent_again(rankings: Rankings, program: ProgramOf) -> None:
    rankings.published(FOUR)
    asking = program("wh.head")
    tag = asking.get(OF_2026).headers["ETag"]
    assert asking.get(OF_2026, If_None_Match=tag).status_code == 304
    assert set(asking.get(f"{OF_2026}?fields=number,lists").json()) == {"number", "lists"}
    is_problem(asking.get(f"{OF_2026}?colour=red"), 400)


def test_the_list_is_paged_by_key_and_a_hundred_ask_no_more_than_one(
    rankings: Rankings, program: ProgramOf, now: Now
) -> None:
    ranking = rankings.published(FOUR)
    reader = program("wh.head")
    reader.get("rankings")
    of_one = asked(reader, "rankings?limit=100")
    now.set(NEW_YEAR)
    for year in range(1900, 1999):
        matter = Matter.objects.create(kind="ranking", number=f"PM{year}", opened_at=now.at - timedelta(days=1))
        Ranking.objects.bulk_create([
            Ranking(matter=matter, state="confirmed", year=year, drafted_by=ranking.drafted_by, frozen_at=now.at,
                    inputs_digest="0" * 64, decided_by=ranking.decided_by, decided_at=now.at)
        ])  # fmt: skip
    assert len(reader.get("rankings?limit=100").json()["items"]) == 100
    assert asked(reader, "rankings?limit=100") == of_one
    first = told(reader, "rankings?limit=60", "Rankings")
    second = told(reader, first["next"], "Rankings")
    years = [row["year"] for page in (first, second) for row in page["items"]]
    assert (len(years), years) == (100, sorted(years, reverse=True))


@pytest.mark.parametrize("query", ["x=1", "after=x", "limit=0"])
def test_a_question_that_is_not_understood_is_not_answered(program: ProgramOf, query: str) -> None:
    is_problem(program("sc.officer").get(f"rankings?{query}"), 400)
