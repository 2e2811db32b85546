"""The letter that publishes a year's ranking, word for word, and who may read it (R53)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from django.test import Client

from accountability.documents.content import Content
from accountability.documents.issuing import Order
from accountability.models import LedgerEntry, Paper
from assessment.models import Ranking
from assessment.rankings.letter import compose, percent
from tests.assessment.rankings.made_rankings import FOUR, Rankings
from tests.factories import Now

pytestmark = pytest.mark.rule("R53")

EXPECTED = Path(__file__).parents[1] / "letters"
TIED = FOUR | {"YC": (1, 1), "ZD": (1, 1)}


def words(paper: Paper) -> str:
    assert paper.text is not None
    return "\n".join(Content.from_text(paper.text).as_lines()) + "\n"


def expected(name: str) -> str:
    return (EXPECTED / f"{name}.txt").read_text(encoding="utf-8")


def test_the_letter_of_a_clear_ranking(rankings: Rankings) -> None:
    ranking = rankings.published(FOUR)
    paper = Paper.objects.get(matter=ranking.matter)
    assert words(paper) == expected("ranking")
    entry = LedgerEntry.objects.get(matter=ranking.matter, verb="confirm_barred")
    assert (entry.facts["papers"], paper.number, paper.part) == ([paper.digest], "鄂市通〔2027〕1号", 1)
    assert paper.text is not None
    assert Content.from_text(paper.text).is_wide is True


def test_the_letter_of_a_decision_and_of_its_withdrawal(rankings: Rankings, now: Now) -> None:
    """The reason is told with every number in it masked."""
    rankings.second_leader()
    ranking = rankings.draft(TIED)
    ranking = rankings("confirm_barred", "sc.leader", ranking, reason="并列单位一并计入，客户13871234567除外。")
    now.forward(days=2)
    rankings("withdraw_ranking", "sc.officer2", ranking, reason="漏计两轮。")
    published, withdrawn = Paper.objects.filter(matter=ranking.matter).order_by("pk")
    assert words(published) == expected("ranking-decided")
    assert words(withdrawn) == expected("ranking-withdrawn")


def test_a_draft_says_what_the_numbers_say(rankings: Rankings) -> None:
    ranking = Ranking.objects.get(pk=rankings.draft(FOUR).pk)
    (content,) = compose([Order("ranking", ranking, ranking.frozen_at)])
    assert (content.number, "网络部、宜昌分公司、终端公司" in "".join(content.as_lines())) == ("", False)
    assert "宜昌分公司、网络部、终端公司不能参加2026年度优秀单位评比。" in content.as_lines()


@pytest.mark.parametrize(
    ("rate", "shown"),
    [("0", "0.00%"), ("1", "100.00%"), ("2/3", "66.67%"), ("1/3", "33.33%"), ("1/8", "12.50%"), ("1/20000", "0.01%"),
     ("19999/20000", "100.00%"), ("9999/10000", "99.99%")],
)  # fmt: skip
def test_percent_is_rounded_from_the_exact_fraction(rate: str, shown: str) -> None:
    assert percent(Fraction(rate)) == shown


def test_everybody_reads_the_letter_and_drafts_only_those_who_read_drafts(
    rankings: Rankings, client_for: Callable[[str], Client]
) -> None:
    ranking = rankings.draft(FOUR)
    place = "/papers/draft/ranking/PM2026/1/"
    found = {name: client_for(name).post(place).status_code for name in ("sc.officer", "kf.supervisor", "wh.head")}
    assert found == {"sc.officer": 302, "kf.supervisor": 302, "wh.head": 404}
    rankings("confirm_barred", "sc.leader", ranking)
    paper = Paper.objects.get(matter=ranking.matter, issued_at__isnull=False)
    assert {client_for(name).get(f"/papers/{paper.token}/").status_code for name in ("wh.zhang", "sj.plain")} == {200}
    assert client_for("sc.officer").post(place).status_code == 404
