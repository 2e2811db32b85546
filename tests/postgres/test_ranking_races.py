"""Two at once over one year's ranking, on real row locks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accountability.audit.chains import broken
from accountability.gate.perform import perform
from accountability.models import LedgerEntry, Matter, Paper
from assessment.actions.rankings import draft_yearly
from assessment.models import Ranking, RankingRound
from assessment.rankings.frozen_inputs import recompute
from tests.assessment.rankings.made_rankings import FOUR, NEW_YEAR, Rankings
from tests.factories import Cast, Now, Play
from tests.postgres.test_races import at_once, describe

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True), pytest.mark.rule("R53")]


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    """The cast and the clock, committed, so that other threads see them."""
    return Play(Cast(), now)


@pytest.fixture
def rankings(play: Play, now: Now) -> Rankings:
    found = Rankings(play, now)
    found.year(FOUR)
    now.set(NEW_YEAR)
    return found


def work(rankings: Rankings, verb: str, by: str, ranking: Ranking | None = None, **facts: Any) -> Callable[[], Any]:
    person, at = rankings.play.cast[by], rankings.now.at

    def run() -> Any:
        subject = Ranking(matter_id=ranking.pk) if ranking is not None else Ranking()
        return perform(subject, verb, by=person, at=at, **facts)

    return run


def said(*works: Callable[[], Any]) -> list[str]:
    return sorted(describe(result) for result in at_once(*works))


def test_two_officers_drafting_one_year_draft_it_once(rankings: Rankings) -> None:
    works = [work(rankings, "draft_ranking", by, year=2026) for by in ("sc.officer", "sc.officer2")]
    assert said(*works) == ["condition: 2026 年已有排名。", "done"]
    ranking = Ranking.objects.get()
    assert (str(ranking.matter), RankingRound.objects.count(), recompute(ranking).holds) == ("PM2026", 7, True)
    assert (Matter.objects.filter(kind="ranking").count(), broken(ranking.matter)) == (1, None)


def test_two_sweeps_and_an_officer_draft_it_once(rankings: Rankings) -> None:
    at = rankings.now.at
    officer = work(rankings, "draft_ranking", "sc.officer", year=2026)
    results = at_once(lambda: draft_yearly(at), lambda: draft_yearly(at), officer)
    done = sum(result == 1 for result in results[:2]) + (describe(results[2]) == "done")
    assert (done, Ranking.objects.count(), RankingRound.objects.count()) == (1, 1, 7)
    assert LedgerEntry.objects.filter(verb="draft_ranking").count() == 1


def test_two_leaders_confirming_publish_it_once(rankings: Rankings) -> None:
    rankings.second_leader()
    ranking = rankings("draft_ranking", "sc.officer")
    works = [work(rankings, "confirm_barred", by, ranking) for by in ("sc.leader", "sc.officer2")]
    assert said(*works) == ["done", "state: 当前状态“已公布”不能“确认并公布排名”。"]
    papers = Paper.objects.filter(matter=ranking.matter)
    assert list(papers.values_list("number", "version")) == [("鄂市通〔2027〕1号", 1)]


def test_redrafted_or_confirmed_but_never_an_edition_that_nobody_read(rankings: Rankings) -> None:
    """Whoever comes second is told."""
    ranking = rankings("draft_ranking", "sc.officer")
    leader, at, shown = rankings.play.cast["sc.leader"], rankings.now.at, ranking.shown_for("confirm_barred")
    redraft = work(rankings, "redraft_ranking", "sc.officer2", ranking, reason="复核。")
    results = at_once(
        lambda: perform(Ranking(matter_id=ranking.pk), "confirm_barred", by=leader, at=at, seen=shown), redraft
    )
    found = Ranking.objects.get()
    assert (found.state, found.edition) in (("confirmed", 1), ("drafted", 2))
    assert sorted(describe(result) == "done" for result in results) == [False, True]
