"""What the customer said: why not satisfied (R37), a slip put right, a withdrawal after 不满意 (R7)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from accountability.gate import sweeper
from accountability.models import LedgerEntry, Notification
from assessment.actions.bulletins import draft_missing
from assessment.figures import periods
from assessment.figures.counting import figures
from assessment.models import Bulletin
from assessment.rankings.counting import ranking_of
from complaints.dossier.customer import texts_of
from complaints.models import Complaint, Dissatisfaction, Ending, Round
from tests.assessment.rankings.made_rankings import FOUR, Rankings
from tests.factories import Now, Play
from tests.looking import writes

ClientFor = Callable[[str], Client]

NOVEMBER = periods.month(2026, 11)


@pytest.fixture
def rankings(play: Play, now: Now) -> Rankings:
    return Rankings(play, now)


def unsatisfied(play: Play, **facts: Any) -> Complaint:
    return play("record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False, **facts)


def counts_of(unit: str) -> dict[str, int]:
    line = next(line for line in figures(NOVEMBER) if line.key == unit)
    return {
        name: number for name, number in line.counts.items() if name.startswith(("unsat", "sat", "asked")) and number
    }


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


# Why not


@pytest.mark.rule("R37")
@pytest.mark.parametrize("kind", Dissatisfaction.values)
def test_why_a_customer_is_not_satisfied_is_counted(play: Play, kind: str) -> None:
    complaint = unsatisfied(play, kind=kind, reason="王建国说等了两周")
    assert Round.objects.get().dissatisfied_by == kind
    assert counts_of("WH") == {"asked": 1, "unsatisfied": 1, f"unsatisfied_{kind}": 1}
    entry = LedgerEntry.objects.get(verb="record_satisfaction")
    assert entry.facts == {"satisfied": False, "kind": kind}
    assert texts_of(entry.texts) == {"reason": "王建国说等了两周"}
    assert complaint.matter.awaits == "decide"
    assert told("unsatisfied") == {"wh.contact", "wh.zhang", "wh.leader"}


@pytest.mark.rule("R37")
def test_without_a_reason_it_counts_as_unsaid_and_a_satisfied_one_has_none(play: Play) -> None:
    """The contract's `reason?`: what comes without is taken; only the page asks."""
    unsatisfied(play)
    assert counts_of("WH") == {"asked": 1, "unsatisfied": 1, "unsatisfied_unsaid": 1}
    replied = play.upto("replied", phone="13900000001")
    assert list(play.refused("record_satisfaction", "kf.agent", replied, kind="slow").fields) == ["kind"]
    assert list(play.refused("record_satisfaction", "kf.agent", replied, satisfied=False, kind="no").fields) == ["kind"]


@pytest.mark.rule("R37")
def test_the_page_asks_why_where_the_customer_is_not_satisfied(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("replied")
    client, address = client_for("kf.agent"), f"/complaints/{complaint.matter.number}/record_satisfaction/"
    before = writes()
    answer = client.post(address, {"satisfied": "false"})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"kind", "reason"})
    answer = client.post(address, {"satisfied": "false", "kind": "slow", "reason": " "})
    assert set(answer.context["form"].errors) == {"reason"}
    assert writes() == before
    assert client.post(address, {"satisfied": "false", "kind": "slow", "reason": "太慢"}).status_code == 302
    for reader in ("kf.supervisor", "wh.zhang"):
        page = client_for(reader).get(f"/complaints/{complaint.matter.number}/").content.decode()
        assert "不满意原因：处理太慢" in page
    other = play.upto("replied", phone="13900000001")
    address = f"/complaints/{other.matter.number}/record_satisfaction/"
    assert client.post(address, {"satisfied": "true"}).status_code == 302


@pytest.mark.rule("R37")
def test_the_dashboard_and_the_export_tell_why(play: Play, client_for: ClientFor) -> None:
    unsatisfied(play, kind="slow", reason="太慢")
    client = client_for("sc.officer")
    asked = "?from=2026-11-01&to=2026-11-30"
    page = client.get(f"/dashboard/{asked}")
    sections = {section.table.name: section for section in page.context["sections"]}
    for name, key in (("reasons", "武汉分公司"), ("reasons_by_category", "资费与收费争议")):
        table = sections[name].table
        row = next(row for row in table.rows if str(row.line.label) == key)
        assert (row.line.counts["unsatisfied_slow"], row.line.counts["unsatisfied"]) == (1, 1)
        assert "处理太慢" in str(sections[name].charts[0])
        sheet = client.get(f"/dashboard/{name}.csv{asked}").content.decode()
        assert "处理太慢" in sheet
    behind = client.get(f"/figures/unsatisfied_slow/{asked}")
    assert str(Complaint.objects.get().matter) in behind.content.decode()


# A slip put right


@pytest.mark.rule("R37")
@pytest.mark.rule("R53")
def test_satisfied_by_mistake_comes_back_to_be_decided(play: Play, now: Now) -> None:
    complaint = play.upto("archived")
    said_at = Round.objects.get().satisfied_at
    complaint = play("correct_satisfaction", "kf.supervisor", complaint, at=now.forward(hours=24))
    assert (complaint.state, complaint.matter.awaits, complaint.matter.holder.username) == (
        "replied", "decide", "kf.agent",
    )  # fmt: skip
    assert (complaint.ended_as, complaint.archived_at, complaint.resolved) == ("", None, False)
    assert complaint.matter.closed_at is None
    assert complaint.matter.alarm_at > now.at
    found = Round.objects.get()
    assert (found.satisfied, found.satisfied_at, found.dissatisfied_by) == (False, said_at, "result")
    assert ranking_of(2026).rates == {"WH": 0}
    assert counts_of("WH") == {"asked": 1, "unsatisfied": 1, "unsatisfied_result": 1}
    assert told("satisfaction_corrected") == {"wh.contact", "wh.zhang", "wh.leader"}
    verbs = list(LedgerEntry.objects.filter(matter=complaint.matter).order_by("seq").values_list("verb", flat=True))
    assert verbs[-2:] == ["record_satisfaction", "correct_satisfaction"]
    assert play("dispatch", "kf.agent", complaint, unit="YC").second_dispatches == 1


@pytest.mark.rule("R37")
def test_not_satisfied_by_mistake_is_archived_as_satisfied(play: Play, now: Now) -> None:
    complaint = unsatisfied(play, kind="slow", reason="太慢")
    complaint = play(
        "correct_satisfaction", "kf.supervisor", complaint, satisfied=True, kind="", at=now.forward(hours=1)
    )
    assert (complaint.state, complaint.ended_as, complaint.resolved) == ("archived", Ending.SATISFIED, True)
    assert (complaint.archived_at, complaint.matter.awaits, complaint.matter.holder) == (now.at, "", None)
    assert ranking_of(2026).rates == {"WH": 1}
    assert counts_of("WH") == {"asked": 1, "satisfied": 1}
    assert Round.objects.get().dissatisfied_by == ""


@pytest.mark.rule("R37")
def test_what_the_centre_handled_itself_is_put_right_too(play: Play) -> None:
    complaint = play.upto("handling")
    for verb in ("judge_complete", "reply", "record_satisfaction"):
        complaint = play(verb, "kf.agent", complaint)
    complaint = play("correct_satisfaction", "kf.supervisor", complaint)
    assert (complaint.state, complaint.resolved, complaint.satisfied) == ("replied", False, False)
    assert ranking_of(2026).rates == {}


@pytest.mark.rule("R37")
def test_only_within_24_hours_the_last_instant_included(play: Play, now: Now) -> None:
    complaint = play.upto("archived")
    now.set(now.at + timedelta(hours=24, microseconds=1))
    assert "24 小时" in str(play.refused("correct_satisfaction", "kf.supervisor", complaint))


@pytest.mark.rule("R37")
@pytest.mark.parametrize(
    ("facts", "field"),
    [({"reason": " "}, "reason"), ({"kind": ""}, "kind"), ({"kind": "no"}, "kind"), ({"satisfied": True}, "satisfied")],
)
def test_it_says_what_and_why(play: Play, facts: dict[str, Any], field: str) -> None:
    complaint = play.upto("archived")
    assert field in play.refused("correct_satisfaction", "kf.supervisor", complaint, **facts).fields
    assert play.refused("correct_satisfaction", "kf.agent", complaint).code == "forbidden"


@pytest.mark.rule("R37")
def test_nothing_may_have_followed_from_it(play: Play) -> None:
    archived = play.upto("archived")
    play.upto("registered")
    assert "重复投诉" in str(play.refused("correct_satisfaction", "kf.supervisor", archived))
    again = play("dispatch", "kf.agent", play("record_satisfaction", "kf.agent", _replied(play), satisfied=False))
    assert play.refused("correct_satisfaction", "kf.supervisor", again, satisfied=True).code == "state"
    gone = play("record_satisfaction", "kf.agent", _replied(play, "13900000002"), satisfied=False)
    gone = play("archive_unsatisfied", "kf.supervisor", gone)
    assert play.refused("correct_satisfaction", "kf.supervisor", gone, satisfied=True).code == "state"


def _replied(play: Play, phone: str = "13900000001") -> Complaint:
    return play.upto("replied", phone=phone)


@pytest.mark.rule("R37")
@pytest.mark.rule("R54")
def test_a_bulletin_that_tells_of_it_keeps_it_as_it_is(play: Play, now: Now) -> None:
    now.set("2026-11-30 20:00")
    complaint = play.upto("archived")
    now.set("2026-12-01 08:00")
    draft_missing(now.at)
    assert Bulletin.objects.count() == 1
    assert "2026-11 定期通报" in str(play.refused("correct_satisfaction", "kf.supervisor", complaint))


@pytest.mark.rule("R37")
@pytest.mark.rule("R53")
def test_a_ranking_that_counts_it_keeps_it_as_it_is(rankings: Rankings, play: Play, now: Now) -> None:
    complaint = rankings.year(FOUR, judged="2026-12-31 20:00")[0]
    now.set("2027-01-01 09:00")
    ranking = rankings("draft_ranking", "sc.officer")
    assert "2026 年排名" in str(play.refused("correct_satisfaction", "kf.supervisor", complaint))
    ranking = rankings("confirm_barred", "sc.leader", ranking)
    rankings.second_leader()
    rankings("withdraw_ranking", "sc.officer2", ranking)
    assert play("correct_satisfaction", "kf.supervisor", complaint).state == "replied"


@pytest.mark.rule("R37")
def test_the_form_knows_the_other_answer_and_the_sweep_goes_on(play: Play, now: Now, client_for: ClientFor) -> None:
    complaint = play.upto("archived")
    client, address = client_for("kf.supervisor"), f"/complaints/{complaint.matter.number}/correct_satisfaction/"
    form = client.get(address).context["form"]
    assert (form["satisfied"].value(), form.fields["kind"].required) == ("false", True)
    typed = {"satisfied": "false", "kind": "result", "reason": "点错了"}
    assert client.post(address, typed | {n: form[n].value() for n in ("_key", "_seen")}).status_code == 302
    page = client.get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert "原登记：客户实际：满意" in page
    now.forward(days=3)
    sweeper.sweep(now.at)
    assert play.again(complaint).state == "replied"


@pytest.mark.rule("R34")
def test_the_forwarder_hears_that_it_is_open_again(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen"))
    for verb, by in (
        ("handle_directly", "kf.agent"), ("judge_complete", "kf.agent"), ("reply", "kf.agent"),
        ("record_satisfaction", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    play("correct_satisfaction", "kf.supervisor", complaint)
    assert told("opened_again") == {"yc.chen"}


# A withdrawal after 不满意


@pytest.mark.rule("R7")
def test_after_unsatisfied_a_withdrawal_is_the_supervisors_with_what_the_customer_said(play: Play) -> None:
    complaint = unsatisfied(play, kind="slow")
    assert play.refused("withdraw", "kf.agent", complaint).code == "forbidden"
    assert list(play.refused("withdraw", "kf.supervisor", complaint, said=" ").fields) == ["said"]
    complaint = play("withdraw", "kf.supervisor", complaint, said="算了，王建国不追究了")
    assert (complaint.state, complaint.ended_as, complaint.resolved) == ("archived", Ending.WITHDRAWN, False)
    assert ranking_of(2026).rates == {"WH": Fraction(0)}
    assert texts_of(LedgerEntry.objects.latest("pk").texts)["said"] == "算了，王建国不追究了"


@pytest.mark.rule("R7")
def test_dispatched_again_is_no_way_to_withdraw_without_the_supervisor(play: Play) -> None:
    complaint = play("dispatch", "kf.agent", unsatisfied(play))
    assert play.refused("withdraw", "kf.agent", complaint).code == "forbidden"
    assert play("withdraw", "kf.supervisor", complaint).ended_as == Ending.WITHDRAWN


@pytest.mark.rule("R7")
@pytest.mark.rule("R15")
def test_where_unsatisfied_may_not_be_archived_a_withdrawal_is_no_way_round(play: Play) -> None:
    play("set_policy", "sc.officer", allow_unsatisfied_archive=False)
    complaint = unsatisfied(play)
    assert play.refused("withdraw", "kf.supervisor", complaint).code == "condition"
    again = play("dispatch", "kf.agent", complaint)
    assert play.refused("withdraw", "kf.supervisor", again).code == "condition"
    other = play.upto("accepted", phone="13900000001")
    assert play("withdraw", "kf.agent", other, said="").ended_as == Ending.WITHDRAWN
