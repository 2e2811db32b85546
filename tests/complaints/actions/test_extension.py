"""More time: asked for by the handler, granted or declined by the centre, once a round and within bounds (R24)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate.act import Refused
from accountability.models import Notification, actor_for
from complaints.lists.worklists import lists_of
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.looking import deadlines

DUE, LATER, LEGAL = "2026-11-25 21:00", "2026-11-27 12:00", "2026-12-09 24:00"


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


@pytest.mark.rule("R24")
def test_granting_begins_a_new_cycle_and_keeps_the_old_one(play: Play) -> None:
    complaint = play("request_extension", "wh.zhang", play.upto("accepted"))
    assert complaint.round.extension_until == read_instant(LATER)
    play("extend", "kf.agent2", complaint)
    old, new = deadlines(complaint, "handling", 1)
    assert (old.status, old.due_at, new.status, new.due_at) == ("void", read_instant(DUE), "open", read_instant(LATER))
    assert (new.cycle, new.started_at, new.person.username) == (2, old.started_at, "wh.zhang")
    assert (told("extension_asked"), told("extended")) == ({"kf.agent"}, {"wh.zhang", "wh.leader", "wh.contact"})


@pytest.mark.rule("R24")
@pytest.mark.parametrize("by_verb", [("wh.zhang", "request_extension"), ("kf.agent", "extend")])
@pytest.mark.parametrize(
    ("at", "until", "sentence"),
    [
        ("2026-11-24 10:00", DUE, "应晚于现在的时限。"),
        ("2026-11-24 10:00", "2026-12-10 00:00", "不能晚于法定答复时限。"),
        ("2026-11-25 21:00:01", LATER, "处理时限已过或不在进行中，不能延期。"),
    ],
)
def test_until_when_and_how_long(
    play: Play, now: Now, by_verb: tuple[str, str], at: str, until: str, sentence: str
) -> None:
    complaint = play.upto("accepted")
    now.set(at)
    assert str(play.refused(by_verb[1], by_verb[0], complaint, until=until)) == sentence


@pytest.mark.rule("R24")
@pytest.mark.parametrize("by_verb", [("wh.zhang", "request_extension"), ("kf.agent", "extend")])
def test_a_limit_that_waits_for_its_calendar_is_not_over_but_cannot_be_extended_yet(
    play: Play, now: Now, by_verb: tuple[str, str]
) -> None:
    """Nobody knows yet what "later" is; once the year is published the same request is taken."""
    now.set("2026-12-30 09:00")
    complaint = play.upto("accepted", category="网络质量")
    assert deadlines(complaint, "handling", 1)[-1].waits_for_calendar
    until = {"until": "2027-01-12 12:00"}
    sentence = "处理时限待工作日历公布后算出，在此之前不能延期。"
    assert str(play.refused(by_verb[1], by_verb[0], complaint, **until)) == sentence
    play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-01"], at=now.set("2026-12-31 10:00"))
    play(by_verb[1], by_verb[0], complaint, **until)


@pytest.mark.rule("R24")
@pytest.mark.parametrize("until", [LATER, LEGAL])
def test_at_the_due_instant_it_is_not_too_late(play: Play, now: Now, until: str) -> None:
    complaint = play.upto("accepted")
    now.set(DUE)
    play("extend", "kf.agent", complaint, until=until)
    assert deadlines(complaint, "handling", 1)[-1].due_at == read_instant(until)


@pytest.mark.rule("R24")
def test_once_a_round(play: Play) -> None:
    complaint = play("extend", "kf.agent", play.upto("accepted"))
    assert str(play.refused("extend", "kf.agent", complaint, until=LEGAL)) == "本轮已延期一次，不能再延。"
    assert str(play.refused("request_extension", "wh.zhang", complaint, until=LEGAL)) == "本轮已延期一次，不能再延。"
    assert str(play.refused("extend", "kf.agent", complaint, round=2)) == "只能延长进行中的轮次。"


@pytest.mark.rule("R24")
def test_a_request_declined_is_gone_and_may_be_made_again(play: Play) -> None:
    complaint = play("request_extension", "wh.zhang", play.upto("accepted"))
    complaint = play("decline_extension", "kf.agent", complaint)
    assert complaint.round.extension_until is None
    assert told("extension_declined") == {"wh.zhang"}
    assert [d.due_at for d in deadlines(complaint, "handling", 1)] == [read_instant(DUE)]
    with pytest.raises(Refused) as caught:
        play("decline_extension", "kf.agent", complaint)
    assert caught.value.code == "state"
    play("request_extension", "wh.zhang", complaint)


@pytest.mark.parametrize(("verb", "back"), [("request_return", "rule_on_return"), ("answer", "judge_complete")])
def test_while_something_else_is_asked_nothing_is_declined(play: Play, verb: str, back: str) -> None:
    """Only the ruling runs then, or the judgement; the request still stands afterwards."""
    complaint = play(verb, "wh.zhang", play("request_extension", "wh.zhang", play.upto("accepted")))
    with pytest.raises(Refused) as caught:
        play("decline_extension", "kf.agent", complaint)
    assert caught.value.code == "state"
    no = {"accepted": False} if back == "rule_on_return" else {"complete": False, "reason": "仍未退费。"}
    complaint = play("decline_extension", "kf.agent", play(back, "kf.agent", complaint, **no))
    assert complaint.round.extension_until is None


@pytest.mark.rule("R24")
def test_an_answer_in_the_extended_time_is_in_time_and_one_after_it_is_late(play: Play, now: Now) -> None:
    first, second = play.upto("accepted"), play.upto("accepted", phone="13900001111")
    for complaint in (first, second):
        play("extend", "kf.agent", complaint)
    play("answer", "wh.zhang", first, at=now.set(LATER))
    play("answer", "wh.zhang", second, at=now.forward(seconds=1))
    found = [deadlines(complaint, "handling", 1)[-1] for complaint in (first, second)]
    assert [d.status for d in found] == ["met", "missed"]
    assert found[1].missed_at == read_instant(LATER)


def test_the_desk_lists_what_is_asked_for_and_can_still_be_granted(play: Play, cast: Cast, now: Now) -> None:
    def waiting() -> int:
        actor = actor_for(cast.kf_agent.pk, now.at)
        assert actor is not None
        work = next(each for each in lists_of(actor, now.at) if each.name == "extend")
        return Complaint.objects.filter(work.where).count()

    complaint = play("request_extension", "wh.zhang", play.upto("accepted"))
    counts = [waiting()]
    play("decline_extension", "kf.agent", complaint)
    counts.append(waiting())
    play("request_extension", "wh.zhang", complaint)
    counts.append(waiting())
    play("answer", "wh.zhang", complaint)
    counts.append(waiting())
    play("judge_complete", "kf.agent", complaint, complete=False, reason="仍未退费。")
    counts.append(waiting())
    play("extend", "kf.agent", complaint)
    counts.append(waiting())
    assert counts == [1, 0, 1, 0, 1, 0]
