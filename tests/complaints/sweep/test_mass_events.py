"""Mass events (S32): suspected by the sweep, judged by the centre, answered with one text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability import tasks
from accountability.audit.chains import broken
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.verbs import available, verbs_of
from accountability.models import Alarm, Category, LedgerEntry, Matter, Notification, TimeLimits, actor_for
from accountability.monitoring import reminders
from complaints.models import Complaint, MassEvent, MassMember
from complaints.sweep import mass_events
from complaints.sweep.mass_events import Arrival as Come
from complaints.sweep.mass_events import came_together, level_of, look_out, reply_to_all
from tests.crowds import NETWORK, bring_to_reply, crowd, members, the_event, told
from tests.factories import MORNING, Now, Play, instant_of
from tests.failing import Failures
from tests.looking import contents, deadlines, writes
from tests.looking import verbs_of as ledger_of

# Seeing it


@pytest.mark.rule("R14")
def test_the_twentieth_within_sixty_minutes_raises_a_warning(play: Play, now: Now) -> None:
    crowd(play, 19)
    assert (look_out(now.at), MassEvent.objects.count()) == (0, 0)
    crowd(play, 1, first=19)
    assert look_out(now.at) == 1
    event = the_event()
    assert (event.state, event.region, event.head.name, event.level) == ("warned", "武汉", NETWORK, 0)
    assert (event.since, members(event)) == (now.at, set(Complaint.objects.values_list("pk", flat=True)))
    assert (event.matter.awaits, event.matter.holder, event.matter.holder_unit) == (
        "confirm_mass", None, play.cast.unit("KF"),
    )  # fmt: skip
    (alarm,) = Alarm.objects.filter(kind="mass", cleared_at=None)
    assert (alarm.matter_id, alarm.since, alarm.facts) == (
        event.pk, now.at, {"region": "武汉", "head": NETWORK, "count": 20},
    )  # fmt: skip
    assert told("mass_warned") == ["kf.supervisor", "sc.leader", "sc.officer", "sc.officer2"]
    assert [(entry.verb, entry.actor.username) for entry in LedgerEntry.objects.filter(matter=event.pk)] == [
        ("warn_mass", "system")
    ]
    assert broken(Matter.objects.get(pk=event.pk)) is None


def test_twenty_exactly_sixty_minutes_apart_are_one_event_and_a_second_more_is_none(play: Play, now: Now) -> None:
    start = instant_of(MORNING)
    within = [Come(number, start + timedelta(minutes=60 / 19 * number)) for number in range(20)]
    limits = TimeLimits.objects.earliest("version").mass
    assert came_together(within, limits) == (0, start + timedelta(minutes=60))
    beyond = [*within[:-1], Come(19, start + timedelta(minutes=60, seconds=1))]
    assert came_together(beyond, limits) is None


def test_what_came_long_before_the_burst_stays_out_of_it(play: Play, now: Now, few: None) -> None:
    (early,) = crowd(play, 1)
    now.forward(hours=3)
    crowd(play, 4, first=1)
    for _run in range(2):
        look_out(now.at)
    assert members(the_event()) == set(Complaint.objects.exclude(pk=early.pk).values_list("pk", flat=True))


def test_other_regions_and_heads_count_apart_and_leaves_count_with_their_head(play: Play, now: Now, few: None) -> None:
    leaf = Category.objects.filter(parent__name=NETWORK).first()
    assert leaf is not None
    crowd(play, 2, every=1, region="宜昌")
    crowd(play, 2, every=1, first=10, category="资费与收费争议")
    crowd(play, 2, every=1, first=20)
    assert look_out(now.at) == 0
    crowd(play, 2, every=1, first=30, category=leaf.path)
    assert look_out(now.at) == 1
    assert len(members(the_event())) == 4


def test_what_was_registered_twice_counts_once_and_history_not_at_all(play: Play, now: Now, few: None) -> None:
    same, *_rest, again = crowd(play, 4, every=1)
    play("mark_duplicate", "kf.agent", again, of=same)
    for number in range(4):
        facts = {"source_key": f"H{number}", "received": "2026-11-24 08:50", "category": NETWORK}
        play("import_complaint", "kf.agent", phone=f"1390000777{number}", **facts)
    assert look_out(now.at) == 0
    crowd(play, 1, first=9)
    assert (look_out(now.at), len(members(the_event()))) == (1, 4)


def test_a_run_hours_late_finds_what_many_runs_would_have_found(play: Play, now: Now, few: None) -> None:
    crowd(play, 4)
    became = now.at
    now.forward(hours=5)
    assert look_out(now.at) == 1
    event, alarm = the_event(), Alarm.objects.get(kind="mass")
    assert (event.since, alarm.since, alarm.raised_at) == (became, became, now.at)
    assert LedgerEntry.objects.get(matter=event.pk).at == became


def test_looking_twice_does_nothing_twice(play: Play, warned: MassEvent, now: Now) -> None:
    before = writes()
    assert look_out(now.at) == 0
    assert writes() == before


def test_the_sweeps_task_looks_out(play: Play, now: Now, few: None) -> None:
    crowd(play, 4)
    tasks.sweep()
    assert MassEvent.objects.count() == 1


def test_a_group_that_fails_holds_up_no_other(
    play: Play, now: Now, few: None, monkeypatch: pytest.MonkeyPatch, failures: Failures
) -> None:
    crowd(play, 4, every=1)
    crowd(play, 4, every=1, first=10, region="宜昌")
    works = mass_events._warn

    def fail(group: mass_events.Group, *args: Any) -> bool:
        if group[0] == "武汉":
            raise ValueError
        return works(group, *args)

    with monkeypatch.context() as broken_down:
        broken_down.setattr(mass_events, "_warn", fail)
        assert look_out(now.at) == 1
    assert [event.region for event in MassEvent.objects.all()] == ["宜昌"]
    assert [work for work, _group in failures] == ["mass"]
    assert look_out(now.forward(minutes=1)) == 1


def test_so_many_in_a_day_are_an_event_of_the_third_level_without_any_burst(play: Play, now: Now, few: None) -> None:
    now.set("2026-11-24 00:00")
    crowd(play, 8, every=180)
    assert look_out(now.at) == 1
    event = the_event()
    assert (event.level, event.peak, event.since) == (3, 8, now.at)


def test_newcomers_join_and_the_level_rises_with_them(play: Play, warned: MassEvent, now: Now) -> None:
    crowd(play, 3, every=1, first=20)
    look_out(now.at)
    assert (the_event().level, len(members(warned)), told("mass_level")) == (0, 7, [])
    crowd(play, 1, first=49)
    look_out(now.at)
    event = the_event()
    assert (event.level, event.peak, MassEvent.objects.count()) == (3, 8, 1)
    assert told("mass_level") == ["kf.supervisor", "sc.leader", "sc.officer", "sc.officer2"]
    assert ledger_of(event) == ["warn_mass", "join_mass", "join_mass"]


@pytest.mark.parametrize(("count", "level"), [(20, 0), (49, 0), (50, 3), (500, 3), (501, 1)])
def test_levels_by_number(db: None, count: int, level: int) -> None:
    assert level_of(count, TimeLimits.objects.get().mass) == level


def test_members_keep_their_own_clocks(play: Play, now: Now, few: None) -> None:
    """Nothing of a complaint changes when it becomes a member, nor when the event is confirmed."""
    crowd(play, 4)
    tables = [model._meta.db_table for model in (Complaint, Matter)]
    before = {name: rows for name, rows in contents().items() if "deadline" in name or name in tables}
    look_out(now.at)
    play("confirm_mass", "kf.agent", the_event(), level="3", reason="基站断电。")
    after = {name: rows for name, rows in contents().items() if name in before}
    own = Matter._meta.db_table
    after[own] = [row for row in after[own] if row["kind"] != "mass"]
    assert after == before


def test_looking_takes_few_queries_however_many_there_are(play: Play, now: Now) -> None:
    counted = []
    for number in range(3):
        crowd(play, 5, every=0, first=number * 5)
        with CaptureQueriesContext(connection) as queries:
            look_out(now.at)
        counted.append(len(queries))
    assert counted == [4, 4, 4]


def test_registering_costs_nothing_more(play: Play, warned: MassEvent) -> None:
    """The look-out is the sweep's: an act takes as many statements while an event is open as before."""
    with CaptureQueriesContext(connection) as queries:
        crowd(play, 1, first=20)
    assert [
        sql for query in queries if "mass" in (sql := query["sql"]) and "accountability_timelimits" not in sql
    ] == []


@pytest.mark.rule("R15")
def test_the_thresholds_are_marketings_and_versioned(play: Play, now: Now) -> None:
    with pytest.raises(Refused, match="没有"):
        play("set_mass_limits", "kf.supervisor", warn_count=5)
    with pytest.raises(Refused, match="逐级增加"):
        play("set_mass_limits", "sc.officer", warn_count=60)
    play("set_mass_limits", "sc.officer", warn_count=5, warn_minutes=10, reason="汛期")
    assert list(TimeLimits.objects.order_by("version").values_list("mass__warn_count", flat=True))[1:] == [20, 5]
    crowd(play, 5, every=2.5)
    assert look_out(now.at) == 1


# Judging it


@pytest.mark.rule("R14")
def test_the_centre_confirms_and_one_of_its_people_answers_for_it(play: Play, warned: MassEvent) -> None:
    play("confirm_mass", "kf.agent", warned, level="2", reason="全市断网，每小时通报。")
    event = the_event()
    assert (event.state, event.level, event.matter.holder, event.matter.awaits) == (
        "confirmed", 2, play.cast["kf.agent"], "reply_all",
    )  # fmt: skip
    assert Alarm.objects.filter(kind="mass", cleared_at=None).count() == 0
    assert told("mass_confirmed") == ["sc.leader", "sc.officer", "sc.officer2"]


def test_a_level_that_was_reached_by_number_is_not_talked_down(play: Play, warned: MassEvent, now: Now) -> None:
    crowd(play, 4, every=1, first=20)
    look_out(now.at)
    with pytest.raises(Refused) as caught:
        play("confirm_mass", "kf.agent", the_event(), level="0", reason="小范围。")
    assert caught.value.fields == {"level": "不能低于按件数达到的级别（三级）。"}
    play("confirm_mass", "kf.agent", the_event(), level="1", reason="影响重大。")
    assert the_event().level == 1


def test_dismissed_is_over_and_the_same_complaints_raise_no_other(play: Play, warned: MassEvent, now: Now) -> None:
    with pytest.raises(Refused, match="权限"):
        play("dismiss_mass", "kf.agent", warned, reason="巧合。")
    play("dismiss_mass", "kf.supervisor", warned, reason="巧合。")
    event = the_event()
    assert (event.state, event.matter.closed_at, event.matter.awaits) == ("dismissed", now.at, "")
    assert Alarm.objects.filter(kind="mass", cleared_at=None).count() == 0
    now.forward(minutes=1)
    crowd(play, 3, every=1, first=20)
    assert look_out(now.at) == 0
    crowd(play, 1, first=39)
    assert (look_out(now.at), MassEvent.objects.count()) == (1, 2)


def test_what_nobody_judges_in_time_is_an_alarm_sooner_the_graver_it_is(
    play: Play, warned: MassEvent, now: Now
) -> None:
    waiting = Alarm.objects.filter(kind="waiting", matter=warned.matter)
    reminders.raise_alarms(now.forward(minutes=119))
    assert waiting.count() == 0
    reminders.raise_alarms(now.forward(minutes=1))
    assert waiting.count() == 1
    play("confirm_mass", "kf.agent", the_event(), level="0", reason="断电。")
    assert waiting.filter(cleared_at=None).count() == 0


def test_the_first_level_must_be_taken_up_in_fifteen_minutes(play: Play, now: Now) -> None:
    play("set_mass_limits", "sc.officer", warn_count=2, level3_count=3, level1_count=4)
    crowd(play, 4, every=1)
    look_out(now.at)
    event = the_event()
    assert (event.level, event.matter.alarm_at) == (1, now.at + timedelta(minutes=15))


def test_members_are_added_and_taken_out_by_hand(play: Play, confirmed: MassEvent, now: Now) -> None:
    (other,) = crowd(play, 1, first=90, region="宜昌", category="电子渠道")
    one = Complaint.objects.earliest("pk")
    play("add_member", "kf.agent", confirmed, complaints=str(other))
    play("remove_member", "kf.agent", confirmed, complaints=[str(one)], reason="与断网无关。")
    assert (other.pk in members(confirmed), one.pk in members(confirmed), len(members(confirmed))) == (True, False, 4)
    look_out(now.forward(minutes=1))
    assert one.pk not in members(confirmed)
    play("add_member", "kf.agent2", confirmed, complaints=str(one))
    assert one.pk in members(confirmed)


@pytest.mark.parametrize("username", ["sc.officer", "wh.contact", "kf.head", "sj.auditor"])
def test_only_the_centres_agents_act_on_an_event(play: Play, warned: MassEvent, username: str) -> None:
    before = writes()
    for entry in verbs_of(MassEvent):
        with pytest.raises(Refused) as caught:
            play(entry.name, username, warned)
        assert caught.value.code == "forbidden"
    assert writes() == before


def test_who_may_do_what_in_which_state(play: Play, warned: MassEvent) -> None:
    def offered() -> dict[str, list[str]]:
        actors = [actor_for(play.cast[name].pk, play.now.at) for name in ("kf.agent", "kf.supervisor")]
        return {a.employee.username: [v.name for v in available(the_event(), a)] for a in actors if a}

    agent = ["confirm_mass", "add_member", "remove_member"]
    assert offered() == {
        "kf.agent": agent, "kf.supervisor": ["confirm_mass", "dismiss_mass", "add_member", "remove_member"],
    }  # fmt: skip
    play("confirm_mass", "kf.agent", warned, level="3", reason="断电。")
    agent = ["add_member", "remove_member", "reply_all"]
    assert offered() == {"kf.agent": agent, "kf.supervisor": [*agent, "close_mass"]}
    play("close_mass", "kf.supervisor", the_event(), reason="已恢复。")
    assert offered() == {"kf.agent": [], "kf.supervisor": []}


def test_strangers_are_refused_at_the_field(play: Play, confirmed: MassEvent, now: Now) -> None:
    waiting = play("forward", "yc.chen")
    outside = play("register", "kf.agent", phone="13700000000")
    refused: dict[str, tuple[str, dict[str, Any]]] = {
        "没有这些投诉：TS20200101000001。": ("add_member", {"complaints": "TS20200101000001"}),
        f"尚未登记受理：{waiting}。": ("add_member", {"complaints": str(waiting)}),
        f"已列入大面积投诉：{Complaint.objects.earliest('pk')}。": (
            "add_member", {"complaints": str(Complaint.objects.earliest("pk"))},
        ),
        f"不在其中：{outside}。": ("remove_member", {"complaints": str(outside), "reason": "无关。"}),
        "一次最多 200 件，现有 201 件。": ("add_member", {"complaints": [f"TS{n}" for n in range(201)]}),
    }  # fmt: skip
    for sentence, (verb, facts) in refused.items():
        with pytest.raises(Refused) as caught:
            play(verb, "kf.agent", confirmed, **facts)
        assert caught.value.fields == {"complaints": sentence}


# One reply for all


@pytest.mark.rule("R35")
def test_one_text_is_given_to_each_member_that_may_be_replied_to_now(play: Play, answerable: Any, now: Now) -> None:
    event, (forwarded, *some) = answerable
    now.forward(minutes=5)
    asked, outcomes = reply_to_all(
        event, by=play.cast["kf.agent"], at=now.at, key="once", seen=None, content="网络已恢复。"
    )
    assert [complaint.pk for complaint in asked] == [forwarded.pk, *(one.pk for one in some)]
    assert [outcome.refused.code if outcome.refused else None for outcome in outcomes] == ["forbidden", None, None]
    for one in some:
        again = play.again(one)
        assert (again.state, again.replies, again.replied_at) == ("replied", 1, now.at)
        assert [d.met_at for d in deadlines(one, "first_reply")] == [now.at]
        assert ledger_of(one)[-1] == "reply"
    assert play.again(forwarded).state == "completed"
    untouched = Complaint.objects.exclude(pk__in=[one.pk for one in asked])
    assert (untouched.count(), set(untouched.values_list("state", "replies"))) == (2, {("registered", 0)})
    assert (the_event().replies, the_event().matter.awaits) == (1, "close_mass")


def test_sent_twice_it_reaches_each_once(play: Play, answerable: Any, now: Now) -> None:
    event, _some = answerable
    told_all = [
        reply_to_all(event, by=play.cast["kf.agent"], at=now.at, key="once", seen=None, content="网络已恢复。")
        for _time in range(2)
    ]
    said = [[outcome.refused is None for outcome in outcomes] for _members, outcomes in told_all]
    assert said == [[False, True, True]] * 2
    assert [outcome.repeated for outcome in told_all[1][1]] == [False, True, True]
    assert LedgerEntry.objects.filter(verb="reply").count() == 2
    assert LedgerEntry.objects.filter(verb="reply_all").count() == 1


def test_what_forwarders_reply_to_keeps_no_other_from_its_turn(
    play: Play, answerable: Any, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    _event, (forwarded, *some) = answerable
    monkeypatch.setattr("complaints.actions.mass.AT_ONCE", 1)
    asked = [
        reply_to_all(the_event(), by=play.cast["kf.agent"], at=now.at, key=key, seen=None, content="网络已恢复。")[0]
        for key in ("a", "b", "c")
    ]
    assert [[one.pk for one in members] for members in asked] == [[one.pk] for one in (*some, forwarded)]


def test_later_ones_get_theirs_later(play: Play, answerable: Any, now: Now) -> None:
    event, (forwarded, *_some) = answerable
    play("remove_member", "kf.agent", event, complaints=str(forwarded), reason="由转交员工回复。")
    reply_to_all(event, by=play.cast["kf.agent"], at=now.at, key="a", seen=None, content="网络已恢复。")
    with pytest.raises(Refused, match="没有等待回复的投诉"):
        reply_to_all(the_event(), by=play.cast["kf.agent"], at=now.at, key="b", seen=None, content="网络已恢复。")
    last = Complaint.objects.filter(state="registered").first()
    assert last is not None
    bring_to_reply(play, [last])
    asked, outcomes = reply_to_all(
        the_event(), by=play.cast["kf.agent"], at=now.at, key="c", seen=None, content="网络已恢复。"
    )
    assert ([one.pk for one in asked], [outcome.refused for outcome in outcomes]) == ([last.pk], [None])


def test_a_ledger_and_a_notice_hold_no_text(play: Play, answerable: Any, now: Now) -> None:
    event, _some = answerable
    reply_to_all(event, by=play.cast["kf.agent"], at=now.at, key="k", seen=None, content="金丝雀网络已恢复。")
    perform(the_event(), "close_mass", by=play.cast["kf.supervisor"], at=now.at, reason="金丝雀已恢复。")
    kept = [*LedgerEntry.objects.values_list("facts", flat=True), *Notification.objects.values_list("facts", flat=True)]
    assert [facts for facts in kept if "金丝雀" in str(facts)] == []
    assert [broken(matter) for matter in Matter.objects.all()] == [None] * Matter.objects.count()
    assert MassMember.objects.filter(event=event).count() == 5
