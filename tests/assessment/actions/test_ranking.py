"""R53: the yearly ranking, drafted with its inputs, confirmed by a person, explained where the record was mended."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.verbs import available
from accountability.models import Alarm, LedgerEntry, Matter, Notification, Paper, actor_for
from accountability.monitoring import reminders
from accountability.organisation import succession
from accountability.organisation.succession import open_work
from assessment.actions.rankings import draft_yearly
from assessment.models import Ranking, RankingLine, RankingRound
from assessment.models.standings import Group, standings_of
from assessment.rankings.counting import ranking_of
from assessment.rankings.frozen_inputs import preview_of, recompute
from tests.assessment.rankings.made_rankings import FOUR, FOUR_BARRED, NEW_YEAR, Rankings, table
from tests.factories import Now, Play
from tests.looking import verbs_of

pytestmark = pytest.mark.rule("R53")

THREE_OF_FOUR = ["WL", "YC", "ZD"]


def barred(ranking: Ranking) -> list[str]:
    return sorted(line.unit.code for line in Ranking.objects.get(pk=ranking.pk).lines if line.is_barred)


def refusal(rankings: Rankings, verb: str, by: str, ranking: Ranking | None = None, **facts: Any) -> tuple[str, str]:
    """The code, and the sentence at the field or on top."""
    with pytest.raises(Refused) as refused:
        rankings(verb, by, ranking, **facts)
    return refused.value.code, str(next(iter(refused.value.fields.values()), refused.value))


def told(kind: str) -> list[str]:
    rows = Notification.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


# The rule by itself


def of_rates(**rates: str) -> Any:
    tallies = {code: (Fraction(rate).numerator, Fraction(rate).denominator) for code, rate in rates.items()}
    return standings_of(tallies, [(code, "branch") for code in (*rates, "Z")], is_split=False)[Group.ALL]


def test_a_tie_at_the_third_lowest_bars_all_of_it() -> None:
    """S55: 0.50, 0.60, 0.70, 0.70, 0.90."""
    found = of_rates(A="1/2", B="3/5", C="7/10", D="7/10", E="9/10")
    assert (found.order, found.barred, found.tied, found.needs_decision, found.unranked) == (
        [["E"], ["C", "D"], ["B"], ["A"]], ["C", "D", "B", "A"], ["C", "D"], True, ["Z"],
    )  # fmt: skip
    assert found.places == {"E": 1, "C": 2, "D": 2, "B": 4, "A": 5}


def test_a_tie_below_the_third_lowest_needs_nobody() -> None:
    found = of_rates(A="1/2", B="1/2", C="3/5", D="7/10")
    assert (found.barred, found.tied, found.needs_decision) == (["C", "A", "B"], [], False)


def test_all_equal_bars_all_until_a_person_decides() -> None:
    found = of_rates(A="2/3", B="4/6", C="6/9", D="2/3")
    assert (found.order, found.barred, found.tied, found.needs_decision) == (
        [["A", "B", "C", "D"]], ["A", "B", "C", "D"], ["A", "B", "C", "D"], True,
    )  # fmt: skip


def test_fewer_than_four_bar_nobody() -> None:
    """S57."""
    found = of_rates(A="1/2", B="3/5", C="7/10")
    assert (found.barred, found.has_too_few, found.needs_decision) == ([], True, True)


def test_exact_fractions_tell_near_rates_apart() -> None:
    """Floats would call them equal: 1/3 and one in 10**17 more."""
    found = of_rates(A="1/3", B=f"{10**17 + 1}/{3 * 10**17}", C="1/2", D="1")
    assert (found.order, found.needs_decision) == ([["D"], ["C"], ["B"], ["A"]], False)


def test_cities_and_departments_may_be_ranked_separately() -> None:
    units = [("A", "branch"), ("B", "branch"), ("C", "department"), ("D", "direct_unit")]
    found = standings_of({code: (1, 1) for code, _kind in units}, units, is_split=True)
    assert {group.value: one.order for group, one in found.items()} == {"cities": [["A", "B"]], "offices": [["C", "D"]]}


# Drafting


def test_a_draft_freezes_its_inputs(rankings: Rankings) -> None:
    ranking = rankings.draft(FOUR)
    assert (str(ranking.matter), ranking.state, ranking.rounds, ranking.needs_decision) == (
        "PM2026",
        "drafted",
        7,
        False,
    )
    assert table(ranking) == [
        ("WH", 1, "1/1", False), ("YC", 2, "1/2", True), ("WL", 3, "1/3", True), ("ZD", 4, "0/1", True),
        ("SJ", None, "0/0", False),
    ]  # fmt: skip
    assert RankingRound.objects.filter(ranking=ranking, edition=1, resolved=True).count() == 3
    entry = LedgerEntry.objects.get(matter=ranking.matter, verb="draft_ranking")
    assert entry.facts == {"year": 2026, "edition": 1, "rounds": 7, "inputs": ranking.inputs_digest}
    matter = ranking.matter
    assert matter.holder is not None
    assert (matter.holder.username, matter.awaits, broken(matter)) == ("sc.leader", "confirm_barred", None)
    assert told("ranking_drafted") == ["sc.leader", "sc.officer2"]


def test_only_a_year_that_is_over_is_drafted(rankings: Rankings, now: Now) -> None:
    rankings.round("WH")
    sentence = ("condition", "2026 年尚未结束，可先预览。")
    for instant in ("2026-12-31 24:00", "2027-01-01 00:00", "2027-01-01 00:09:59.999"):
        now.set(instant)
        assert refusal(rankings, "draft_ranking", "sc.officer") == sentence
    now.set("2027-01-01 00:10")
    assert rankings("draft_ranking", "sc.officer").year == 2026


def test_a_year_has_one_ranking(rankings: Rankings) -> None:
    rankings.draft(FOUR)
    assert refusal(rankings, "draft_ranking", "sc.officer2") == ("condition", "2026 年已有排名。")
    assert (Ranking.objects.count(), Matter.objects.filter(kind="ranking").count()) == (1, 1)


def test_who_may_do_what(rankings: Rankings, play: Play) -> None:
    """Marketing drafts, a leader of theirs who didn't draft it confirms; nobody else does anything."""
    ranking = rankings.draft(FOUR)
    found = {
        person.username: sorted(verb.name for verb in available(ranking, actor))
        for person in play.cast
        if (actor := actor_for(person.pk, play.now.at)) is not None
    }
    assert {name: verbs for name, verbs in found.items() if verbs} == {
        "sc.officer": ["redraft_ranking"], "sc.officer2": ["redraft_ranking"],
        "sc.leader": ["confirm_barred", "redraft_ranking"],
    }  # fmt: skip
    for name in ("kf.supervisor", "wh.head", "sj.auditor", "sj.plain"):
        for verb in ("redraft_ranking", "confirm_barred", "withdraw_ranking"):
            assert refusal(rankings, verb, name, ranking)[0] == "forbidden"
        assert refusal(rankings, "draft_ranking", name)[0] == "forbidden"
    assert refusal(rankings, "confirm_barred", "sc.officer", ranking)[0] == "forbidden"


def test_nobody_confirms_their_own_draft(rankings: Rankings) -> None:
    ranking = rankings("redraft_ranking", "sc.leader", rankings.draft(FOUR))
    assert refusal(rankings, "confirm_barred", "sc.leader", ranking)[0] == "forbidden"
    ranking = rankings("redraft_ranking", "sc.officer", ranking)
    assert rankings("confirm_barred", "sc.leader", ranking).state == "confirmed"


def test_a_draft_that_waits_raises_an_alarm(rankings: Rankings, now: Now) -> None:
    ranking = rankings.draft(FOUR)
    now.forward(hours=5 * 24 - 1)
    reminders.raise_alarms(now.at)
    assert Alarm.objects.filter(matter=ranking.matter).count() == 0
    now.forward(hours=1)
    reminders.raise_alarms(now.at)
    assert Alarm.objects.get(matter=ranking.matter).facts == {"awaits": "confirm_barred"}
    rankings("confirm_barred", "sc.leader", ranking)
    assert Alarm.objects.get(matter=ranking.matter).cleared_at == now.at


def test_a_draft_passes_to_a_leader_who_is_there(rankings: Rankings, play: Play, now: Now) -> None:
    second = rankings.second_leader()
    ranking = rankings("redraft_ranking", "sc.officer", rankings.draft(FOUR))
    leader = play.cast["sc.leader"]
    holder = Matter.objects.get(pk=ranking.pk).holder_id
    assert holder in (leader.pk, second.pk)
    away = leader if holder == leader.pk else second
    assert [work.number for work in open_work({away.pk})[away.pk]] == ["PM2026"]
    now.forward(days=1)
    play.ended_by_two(away.username, "sc.officer")
    play("dismiss", "sc.officer", employee=away.username)
    succession.sweep(now.at)
    assert Matter.objects.get(pk=ranking.pk).holder_id == (second.pk if away == leader else leader.pk)


# By itself


def test_the_year_is_drafted_by_itself_once(rankings: Rankings, now: Now) -> None:
    rankings.year(FOUR)
    drafted = [
        draft_yearly(now.set(instant)) for instant in ("2026-12-31 23:59", "2027-01-01 00:09", "2027-01-01 00:10")
    ]
    assert (drafted, draft_yearly(now.set("2027-01-01 00:11"))) == ([0, 0, 1], 0)
    ranking = Ranking.objects.get()
    assert (ranking.drafted_by.username, ranking.year, ranking.rounds) == ("system", 2026, 7)
    assert verbs_of(ranking) == ["draft_ranking"]
    assert (rankings("confirm_barred", "sc.leader", ranking).state, recompute(ranking).holds) == ("confirmed", True)


def test_after_an_outage_each_year_that_passed_is_drafted(rankings: Rankings, now: Now) -> None:
    rankings.draft(FOUR)
    assert draft_yearly(read_instant("2029-03-01 09:00")) == 2
    assert list(Ranking.objects.order_by("year").values_list("year", flat=True)) == [2026, 2027, 2028]


def test_a_year_before_the_first_round_is_not_drafted(rankings: Rankings, now: Now) -> None:
    assert draft_yearly(read_instant("2027-03-01 09:00")) == 0
    rankings.round("WH", at="2027-02-01 09:00")
    assert draft_yearly(read_instant("2027-03-01 09:00")) == 0


def test_what_was_withdrawn_waits_for_a_person(rankings: Rankings, now: Now) -> None:
    rankings.second_leader()
    rankings("withdraw_ranking", "sc.officer2", rankings.published(FOUR))
    assert (draft_yearly(now.at), Ranking.objects.count()) == (0, 1)


# Deciding


def test_the_three_lowest_are_confirmed_and_published(rankings: Rankings, now: Now) -> None:
    ranking = rankings.draft(FOUR)
    now.forward(hours=1)
    ranking = rankings("confirm_barred", "sc.leader", ranking)
    assert (barred(ranking), ranking.decided_by == rankings.play.cast["sc.leader"], ranking.decided_at) == (
        THREE_OF_FOUR,
        True,
        now.at,
    )
    assert (ranking.document_number, ranking.matter.awaits, ranking.matter.closed_at) == (
        "鄂市通〔2027〕1号",
        "",
        now.at,
    )
    entry = LedgerEntry.objects.get(matter=ranking.matter, verb="confirm_barred")
    assert (entry.facts["barred"], entry.facts["proposed"]) == (THREE_OF_FOUR, THREE_OF_FOUR)
    assert Paper.objects.get(matter=ranking.matter).number == "鄂市通〔2027〕1号"
    assert told("ranking_published") == [
        "kf.head", "sj.head", "wh.contact", "wh.deputy", "wh.head", "wl.contact", "wl.leader", "yc.contact", "yc.head",
        "zd.head",
    ]  # fmt: skip


def test_without_a_need_nobody_chooses(rankings: Rankings) -> None:
    ranking = rankings.draft(FOUR)
    refused = refusal(rankings, "confirm_barred", "sc.leader", ranking, barred=["WH"], reason="照顾。")
    assert refused == ("condition", "不能选择：WH。")
    ranking = rankings("confirm_barred", "sc.leader", ranking, barred=["ZD"])
    assert barred(ranking) == THREE_OF_FOUR


def test_a_tie_that_crosses_the_third_place_is_decided_by_a_person_with_a_reason(rankings: Rankings) -> None:
    """S55, from the rounds themselves."""
    ranking = rankings.draft(FOUR_BARRED)
    assert (ranking.needs_decision, ranking_of(2026).barred) == (True, ["WL", "ZD", "YC", "WH"])
    assert refusal(rankings, "confirm_barred", "sc.leader", ranking) == ("facts", "此项必填。")
    chosen = [line.unit.code for line in ranking.choices]
    assert chosen == ["WL", "ZD"]
    ranking = rankings("confirm_barred", "sc.leader", ranking, reason="并列单位一并计入。")
    assert barred(ranking) == ["WH", "WL", "YC", "ZD"]


TIED = {"WH": (0, 1), "YC": (1, 2), "WL": (2, 3), "ZD": (2, 3), "SJ": (1, 1)}
"""As in S55, with fewer rounds."""


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["WL"], ["WH", "WL", "YC"]),
        (["ZD", "WL"], ["WH", "WL", "YC", "ZD"]),
        (["WH"], ["WH", "WL", "YC", "ZD"]),
        ([], ["WH", "WL", "YC", "ZD"]),
    ],
)
def test_of_the_tied_a_person_may_choose(rankings: Rankings, chosen: list[str], expected: list[str]) -> None:
    ranking = rankings("confirm_barred", "sc.leader", rankings.draft(TIED), barred=chosen, reason="见会议纪要。")
    assert barred(ranking) == expected


def test_of_many_tied_no_fewer_than_three_are_barred(rankings: Rankings) -> None:
    ranking = rankings.draft(dict.fromkeys(("WH", "YC", "WL", "ZD", "SJ"), (1, 1)))
    refused = refusal(rankings, "confirm_barred", "sc.leader", ranking, barred=["WH", "YC"], reason="见纪要。")
    assert refused == ("condition", "不能参评的单位不少于三个（后三名）。")
    ranking = rankings("confirm_barred", "sc.leader", ranking, barred=["WH", "YC", "SJ"], reason="见纪要。")
    assert barred(ranking) == ["SJ", "WH", "YC"]


def test_with_fewer_than_four_a_person_decides_whether_any_is_barred(rankings: Rankings) -> None:
    """S57."""
    ranking = rankings.draft({"WH": (1, 1), "YC": (0, 1)})
    assert (ranking.needs_decision, [line.unit.code for line in ranking.choices]) == (True, ["WH", "YC"])
    assert refusal(rankings, "confirm_barred", "sc.leader", ranking, barred=["YC"]) == ("facts", "此项必填。")
    refused = refusal(rankings, "confirm_barred", "sc.leader", ranking, barred=["ZD"], reason="没有轮次。")
    assert refused == ("condition", "不能选择：ZD。")
    ranking = rankings("confirm_barred", "sc.leader", ranking, barred=["YC"], reason="唯一未解决的单位。")
    assert barred(ranking) == ["YC"]


def test_a_year_without_any_volume(rankings: Rankings, now: Now) -> None:
    now.set(NEW_YEAR)
    ranking = rankings("draft_ranking", "sc.officer")
    assert table(ranking) == [(code, None, "0/0", False) for code in ("SJ", "WH", "WL", "YC", "ZD")]
    ranking = rankings("confirm_barred", "sc.leader", ranking, reason="本年度没有轮次。")
    assert (ranking.state, barred(ranking), recompute(ranking).holds) == ("confirmed", [], True)


def test_confirming_is_bound_to_what_was_read(rankings: Rankings, play: Play, now: Now) -> None:
    """Redrafted between reading and confirming: the tab is stale, even where every number is the same."""
    ranking = rankings.draft(FOUR)
    shown = ranking.shown_for("confirm_barred")
    rankings("redraft_ranking", "sc.officer2", ranking)
    with pytest.raises(Refused) as refused:
        perform(ranking, "confirm_barred", by=play.cast["sc.leader"], at=now.at, seen=shown)
    assert (refused.value.code, Ranking.objects.get().state) == ("stale", "drafted")
    shown = Ranking.of_matter(ranking.pk).shown_for("confirm_barred")
    done = perform(ranking, "confirm_barred", by=play.cast["sc.leader"], at=now.at, seen=shown).subject
    assert done.state == "confirmed"


def test_redrafting_freezes_anew_and_keeps_the_earlier_edition(rankings: Rankings, now: Now) -> None:
    late = rankings.late("WH")
    ranking = rankings.draft(FOUR)
    before = RankingRound.objects.filter(ranking=ranking, edition=1).count()
    rankings.excuse(late)
    now.forward(hours=1)
    ranking = rankings("redraft_ranking", "sc.officer2", ranking)
    assert (before, ranking.edition, ranking.rounds, ranking.frozen_at) == (8, 2, 7, now.at)
    assert RankingRound.objects.filter(ranking=ranking, edition=1).count() == 8
    assert RankingLine.objects.filter(ranking=ranking).count() == 10
    assert (table(ranking)[0], recompute(ranking).holds) == (("WH", 1, "1/1", False), True)


# Withdrawn


def test_another_leader_withdraws_it_and_the_year_is_drafted_anew(rankings: Rankings, now: Now) -> None:
    ranking = rankings.published(FOUR)
    rankings.second_leader()
    assert refusal(rankings, "withdraw_ranking", "sc.leader", ranking)[0] == "forbidden"
    assert refusal(rankings, "withdraw_ranking", "sc.officer2", ranking, reason="") == ("facts", "此项必填。")
    now.forward(days=1)
    ranking = rankings("withdraw_ranking", "sc.officer2", ranking)
    assert (ranking.state, ranking.withdrawn_by == rankings.play.cast["sc.officer2"], barred(ranking)) == (
        "withdrawn",
        True,
        THREE_OF_FOUR,
    )
    assert told("ranking_withdrawn") == sorted([*told("ranking_published"), "sc.leader"])
    numbers = Paper.objects.filter(matter=ranking.matter).order_by("pk").values_list("number", "title")
    assert list(numbers) == [
        ("鄂市通〔2027〕1号", "关于2026年度首问责任制问题解决率排名的通报"),
        ("鄂市通〔2027〕2号", "关于撤回2026年度首问责任制问题解决率排名的通报"),
    ]
    anew = rankings("draft_ranking", "sc.officer")
    assert (str(anew.matter), Ranking.objects.standing().get()) == ("PM2026-2", anew)


def test_a_draft_is_not_withdrawn_and_what_is_published_not_redrafted(rankings: Rankings) -> None:
    rankings.second_leader()
    ranking = rankings.draft(FOUR)
    assert refusal(rankings, "withdraw_ranking", "sc.officer2", ranking)[0] == "state"
    ranking = rankings("confirm_barred", "sc.leader", ranking)
    for verb, by in (("redraft_ranking", "sc.officer"), ("confirm_barred", "sc.officer2")):
        assert refusal(rankings, verb, by, ranking)[0] == "state"


# The switch of marketing


def test_ranked_separately_where_marketing_says_so(rankings: Rankings, play: Play) -> None:
    rankings.year(FOUR)
    play("set_policy", "sc.officer", rank_separately=True)
    ranking = rankings.draft()
    assert [(line.group, line.unit.code, line.place) for line in ranking.lines] == [
        ("cities", "WH", 1), ("cities", "YC", 2), ("offices", "WL", 1), ("offices", "ZD", 2), ("offices", "SJ", None),
    ]  # fmt: skip
    assert (ranking.is_split, ranking.needs_decision, recompute(ranking).holds) == (True, True, True)
    ranking = rankings("confirm_barred", "sc.leader", ranking, barred=["ZD"], reason="各组不足四个。")
    assert barred(ranking) == ["ZD"]
    assert ranking_of(2026).order == [["WH"], ["YC"], ["WL"], ["ZD"]]


def test_a_preview_keeps_nothing(rankings: Rankings) -> None:
    rankings.year(FOUR)
    found = preview_of(2026, is_split=False)
    assert [(line.unit.code, line.place) for line in found.lines][:4] == [("WH", 1), ("YC", 2), ("WL", 3), ("ZD", 4)]
    assert (found.rounds, Ranking.objects.count(), RankingRound.objects.count()) == (7, 0, 0)
