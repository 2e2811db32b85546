"""Several units at one table, R26 and R29 to R32 of the notice: who is bound, told, warned and alarmed, and when."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.gate.act import Batch
from accountability.gate.fields import BadFact
from accountability.gate.perform import perform_many
from accountability.models import Deadline, LedgerEntry, Notification, Paper
from accountability.monitoring import reminders
from assessment.cases.leads import leads_against
from complaints.dossier.customer import texts_of
from complaints.fields.kinds import Tasks, tasks_in
from complaints.models import Complaint, Cooperation, Coordination, Stage
from tests.factories import Cast, Now, Play

TWO = ["YC", "WL"]
TASKS = [
    {"unit": "YC", "task": "提供合约原件", "due": "2026-11-24 15:00"},
    {"unit": "WL", "task": "核对计费配置", "due": "2026-11-24 18:00"},
]


def part_of(unit: str) -> Cooperation:
    return Cooperation.objects.select_related("coordination").filter(unit__code=unit).latest("pk")


def cooperation(unit: str) -> Deadline:
    return Deadline.objects.filter(kind="cooperation", party=unit).latest("pk")


def told(kind: str) -> list[str]:
    people = Notification.objects.filter(kind=kind).order_by("pk")
    return list(people.values_list("recipient__username", flat=True))


@pytest.fixture
def recorded(play: Play) -> Complaint:
    """YC and WL invited, their tasks in writing."""
    complaint = play("convene", "wh.zhang", play.upto("accepted"), units=TWO)
    return play("record_tasks", "wh.zhang", complaint, tasks=TASKS, attendees=["wh.zhang", "yc.chen"])


@pytest.fixture
def concluded(play: Play, recorded: Complaint) -> Complaint:
    for unit, by in (("YC", "yc.contact"), ("WL", "wl.zhao")):
        recorded = play("confirm_task", by, recorded, unit=unit)
    return play("conclude_coordination", "wh.zhang", recorded)


# The record


@pytest.mark.rule("R30")
def test_texts_are_sealed_and_the_ledger_holds_references(recorded: Complaint, cast: Cast) -> None:
    table = part_of("YC").coordination
    assert texts_of(table.record) == {
        "tasks": "YC | 提供合约原件 | 2026-11-24 15:00\nWL | 核对计费配置 | 2026-11-24 18:00"
    }
    facts = LedgerEntry.objects.filter(verb__in=("convene", "record_tasks")).order_by("seq").values_list("facts")
    assert [fact for (fact,) in facts] == [
        {"units": TWO},
        {"attendees": [cast.wh_zhang.pk, cast.yc_chen.pk]},
    ]


@pytest.mark.rule("R30")
@pytest.mark.parametrize(
    ("tasks", "sentence"),
    [
        (TASKS[:1], "应为每个受邀单位各明确一项任务。"),
        ([*TASKS, TASKS[0]], "应为每个受邀单位各明确一项任务。"),
        ([TASKS[0], {**TASKS[1], "due": "2026-11-24 09:00"}], "完成期限应晚于现在。"),
    ],
)
def test_a_record_has_one_task_for_each_invited_unit_due_after_now(
    play: Play, recorded: Complaint, tasks: list[dict[str, str]], sentence: str
) -> None:
    assert str(play.refused("record_tasks", "wh.zhang", recorded, tasks=tasks)) == sentence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("YC | 一", "“YC | 一”应写成：单位代码 | 任务 | 完成期限。"),
        ([{"unit": "YC"}], "每项任务应有单位、任务和期限。"),
        ([{"unit": "XX", "task": "一", "due": ""}], "没有单位“XX”。"),
        ([{"unit": "YC", "task": " ", "due": ""}], "请填写宜昌分公司的任务。"),
        ([{"unit": "YC", "task": "一", "due": ""}], "请填写宜昌分公司的完成期限。"),
        ([{"unit": "YC", "task": "一", "due": "明天"}], "“明天”不是时间，应如 2026-11-24 15:00。"),
        ([{"unit": "YC", "task": "字" * 1001, "due": ""}], "宜昌分公司的任务最多 1000 个字，现有 1001 个。"),
        (7, "请按每行一项填写任务。"),
    ],
)
def test_what_is_no_task_is_said_at_the_field(cast: Cast, now: Now, raw: Any, sentence: str) -> None:
    with pytest.raises(BadFact) as caught:
        Tasks(name="tasks").clean(raw, Batch(now.at))
    assert str(caught.value) == sentence


@pytest.mark.rule("R31")
def test_no_task_can_be_written_so_that_it_shows_in_another_units_line(cast: Cast, now: Now) -> None:
    fact = Tasks(name="tasks")
    tricky = {"unit": "WL", "task": "一\nYC | 假 | 2026-11-24 15:00", "due": "2026-11-24 18:00"}
    text = fact.text(fact.clean([TASKS[0], tricky], Batch(now.at)))
    assert tasks_in(text, ["YC"]) == {"YC": "提供合约原件"}
    assert tasks_in(text) == {"YC": "提供合约原件", "WL": "一 YC ｜ 假 ｜ 2026-11-24 15:00"}


@pytest.mark.rule("R26")
def test_an_outside_party_is_recorded_and_owes_nothing(play: Play, recorded: Complaint) -> None:
    complaint = play("record_tasks", "wh.zhang", recorded, tasks=TASKS, third_parties="某银行 13871234567")
    for unit, by in (("YC", "yc.contact"), ("WL", "wl.zhao")):
        complaint = play("confirm_task", by, complaint, unit=unit)
    play("conclude_coordination", "wh.zhang", complaint)
    assert texts_of(part_of("YC").coordination.record)["third_parties"] == "某银行 13871234567"
    parties = Deadline.objects.filter(kind="cooperation").order_by("party")
    assert list(parties.values_list("party", flat=True)) == ["WL", "YC"]
    assert "某银行" not in str(list(LedgerEntry.objects.values_list("facts")))


# Confirming


@pytest.mark.rule("R32")
@pytest.mark.parametrize(
    ("facts", "handler", "leader"),
    [({}, "yc.contact", "yc.head"), ({"handler": "yc.chen"}, "yc.chen", "yc.leader")],
)
def test_handler_and_leader_of_the_cooperating_unit_are_stamped(
    play: Play, recorded: Complaint, facts: dict[str, str], handler: str, leader: str
) -> None:
    play("confirm_task", "yc.contact", recorded, unit="YC", **facts)
    part = part_of("YC")
    assert (part.handler.username, part.leader.username, part.confirmed_by.username) == (handler, leader, "yc.contact")


@pytest.mark.rule("R31")
def test_an_objection_is_noted_and_declines_nothing(play: Play, recorded: Complaint) -> None:
    complaint = play("confirm_task", "yc.contact", recorded, unit="YC", objection="不属我单位职责。")
    complaint = play("confirm_task", "wl.zhao", complaint, unit="WL")
    play("conclude_coordination", "wh.zhang", complaint)
    assert (part_of("YC").objected, part_of("WL").objected) == (True, False)
    assert cooperation("YC").status == "open"
    assert told("objected") == ["wh.zhang"]


@pytest.mark.parametrize(
    ("verb", "by", "facts", "sentence"),
    [
        ("confirm_task", "yc.chen", {"unit": "WL"}, "只能办理本单位的任务。"),
        ("confirm_task", "yc.chen", {"unit": "YC", "handler": "wl.zhao"}, "配合处理人应是本单位员工。"),
        ("confirm_task", "zd.head", {"unit": "ZD"}, "您没有“确认任务”的权限。"),
        ("conclude_coordination", "wh.zhang", {}, "尚未确认的单位：宜昌分公司、网络部。"),
        ("finish_task", "yc.chen", {"unit": "YC"}, "协调尚未议定。"),
        ("convene", "wh.zhang", {"units": ["ZD"]}, "已有进行中的协调，各项任务完成后方可再次召集。"),
    ],
)
def test_what_may_not_be_is_told_in_one_sentence(
    play: Play, recorded: Complaint, verb: str, by: str, facts: dict[str, Any], sentence: str
) -> None:
    assert str(play.refused(verb, by, recorded, **facts)) == sentence


def test_the_second_of_two_colleagues_is_told_that_it_is_done(play: Play, concluded: Complaint) -> None:
    complaint = play("finish_task", "yc.contact", concluded)
    assert str(play.refused("finish_task", "yc.chen", complaint)) == "本单位没有待完成的任务。"
    assert str(play.refused("confirm_task", "yc.chen", complaint)) == "本单位已确认。"


def test_by_many_each_is_judged_by_itself(play: Play, cast: Cast, now: Now, recorded: Complaint) -> None:
    other = play.upto("accepted", phone="13900001111")
    done = perform_many([recorded, other], "confirm_task", by=cast.yc_chen, at=now.at, unit="YC")
    assert [outcome.refused and outcome.refused.code for outcome in done] == [None, "forbidden"]
    assert part_of("YC").confirmed_by == cast.yc_chen


# The task's own clock


@pytest.mark.rule("R32")
def test_a_cooperation_missed_is_a_lead_against_the_invited_unit_and_its_people_hear(
    play: Play, cast: Cast, now: Now, concluded: Complaint
) -> None:
    sweeper.sweep(now.set("2026-11-24 15:00:06"))
    due = read_instant("2026-11-24 15:00")
    assert (cooperation("YC").missed_at, cooperation("WL").missed_at) == (due, None)
    assert [leads_against(cast.unit(code)).count() for code in ("YC", "WL", "WH")] == [1, 0, 0]
    heard = Notification.objects.filter(kind="missed").values_list("recipient__username", flat=True)
    assert set(heard) == {"yc.contact", "yc.head", "wh.zhang"}


def test_whoever_owes_the_task_is_warned_not_the_handler_of_the_round(
    play: Play, now: Now, concluded: Complaint
) -> None:
    Deadline.objects.exclude(kind="cooperation").update(warn_at=None)
    reminders.warn(now.set("2026-11-24 12:00"))
    assert told("warned") == ["yc.contact"]


def test_a_task_finished_when_its_round_is_over_and_another_runs(play: Play, now: Now, concluded: Complaint) -> None:
    now.set("2026-11-24 16:00")
    complaint = play("request_return", "wh.zhang", concluded)
    complaint = play("rule_on_return", "kf.agent", complaint)
    play("dispatch", "kf.agent", complaint, unit="ZD")
    play("finish_task", "yc.chen", complaint)
    play("finish_task", "wl.zhao", complaint, unit="WL")
    assert (cooperation("YC").status, cooperation("YC").met_at) == ("missed", now.at)
    assert (cooperation("WL").status, cooperation("WL").met_at) == ("void", None)
    entries = LedgerEntry.objects.filter(verb="finish_task")
    assert set(entries.values_list("part", flat=True)) == {1}
    assert Coordination.objects.get().finished_at == now.at


# Stages and ways out


def test_how_far_it_has_come(play: Play) -> None:
    def stage() -> Stage:
        table = Coordination.objects.latest("pk")
        return table.stage(not table.parts.filter(confirmed_at=None).exists())

    complaint, reached = play.upto("accepted"), []
    for verb, by in (
        ("convene", "wh.zhang"), ("record_tasks", "wh.zhang"), ("confirm_task", "yc.chen"),
        ("conclude_coordination", "wh.leader"), ("finish_task", "yc.chen"), ("convene", "wh.zhang"),
        ("call_off_coordination", "wh.zhang"), ("convene", "wh.zhang"), ("answer", "wh.zhang"),
        ("judge_complete", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
        reached.append(stage().value)
    assert reached == [
        "convened", "recorded", "confirmed", "concluded", "finished", "convened", "called_off", "convened", "convened",
        "lapsed",
    ]  # fmt: skip


def test_who_only_stood_in_hears_nothing_of_it_afterwards(play: Play, now: Now) -> None:
    """wh.li may not see the complaint any more, so no notice speaks of it."""
    complaint = play("reassign", "wh.contact", play.upto("accepted"), to="wh.li")
    complaint = play("record_tasks", "wh.li", play("convene", "wh.li", complaint))
    complaint = play("reassign", "wh.contact", complaint, to="wh.zhang")
    sweeper.sweep(now.forward(hours=3))
    complaint = play("confirm_task", "yc.chen", complaint)
    assert (told("deemed_confirmed"), told("task_confirmed")) == (["yc.contact", "wh.zhang"], ["wh.zhang"])


@pytest.mark.rule("R29")
def test_a_coordination_called_off_tells_the_invited_and_makes_room(play: Play, recorded: Complaint) -> None:
    complaint = play("call_off_coordination", "wh.leader", recorded)
    assert told("coordination_called_off") == ["yc.contact", "wl.contact"]
    assert str(play.refused("record_tasks", "wh.zhang", complaint, tasks=TASKS)) == "本轮没有进行中的协调。"
    play("convene", "wh.zhang", complaint, units=["ZD"])
    assert told("convened") == ["yc.contact", "wl.contact", "zd.head"]


@pytest.mark.rule("R29")
def test_whoever_stands_in_for_the_handler_goes_on(play: Play, recorded: Complaint) -> None:
    complaint = play("reassign", "wh.head", recorded, to="wh.li", reason="张休假。")
    assert str(play.refused("call_off_coordination", "wh.zhang", complaint)) == "您没有“取消协调”的权限。"
    complaint = play("record_tasks", "wh.li", complaint, tasks=TASKS)
    play("confirm_task", "yc.chen", complaint)
    assert sorted(told("task_confirmed")) == ["wh.li", "wh.zhang"]


# Left unconfirmed


def confirmation(unit: str) -> Deadline:
    return Deadline.objects.filter(kind="confirmation", party=unit).latest("pk")


@pytest.mark.rule("R30")
def test_a_unit_silent_for_two_hours_counts_as_having_confirmed_and_its_people_hear(
    play: Play, now: Now, recorded: Complaint
) -> None:
    play("confirm_task", "wl.zhao", recorded, unit="WL")
    due = now.at + timedelta(hours=2)
    assert (confirmation("YC").due_at, confirmation("YC").person.username) == (due, "yc.contact")
    sweeper.sweep(due, grace=timedelta())
    assert (part_of("YC").deemed_at, told("deemed_confirmed")) == (None, [])
    sweeper.sweep(now.set("2026-11-24 15:30"))
    part = part_of("YC")
    assert (part.deemed_at, part.confirmed_at, part.handler, part_of("WL").deemed_at) == (due, None, None, None)
    assert (told("deemed_confirmed"), set(told("missed"))) == (["yc.contact", "wh.zhang"], {"yc.contact", "yc.head"})
    assert leads_against(part.unit).count() == 0


@pytest.mark.rule("R30")
def test_before_it_is_due_who_must_confirm_is_warned(play: Play, now: Now, recorded: Complaint) -> None:
    Deadline.objects.exclude(kind="confirmation").update(warn_at=None)
    reminders.warn(now.forward(hours=1))
    assert told("warned") == ["yc.contact", "wl.contact"]


@pytest.mark.rule("R30", "R32")
def test_silence_lets_the_table_conclude_and_the_unit_confirms_once_late(
    play: Play, now: Now, recorded: Complaint
) -> None:
    complaint = play("confirm_task", "wl.zhao", recorded, unit="WL")
    assert str(play.refused("conclude_coordination", "wh.zhang", complaint)) == "尚未确认的单位：宜昌分公司。"
    now.forward(hours=3)
    complaint = play("conclude_coordination", "wh.zhang", complaint)
    assert cooperation("YC").person is None
    complaint = play("confirm_task", "yc.contact", complaint, unit="YC", handler="yc.chen", objection="系统未提示。")
    part = part_of("YC")
    assert (part.handler.username, part.leader.username, part.objected) == ("yc.chen", "yc.leader", True)
    assert (confirmation("YC").status, confirmation("YC").met_at) == ("missed", now.at)
    assert cooperation("YC").person.username == "yc.chen"
    assert str(play.refused("confirm_task", "yc.chen", complaint, unit="YC")) == "本单位已确认。"
    assert "视为确认（2026-11-24 11:00）" in str(Paper.objects.get(kind="minutes").text)


@pytest.mark.rule("R32")
def test_the_task_of_a_unit_that_never_confirmed_is_its_heads_to_be_warned_of(
    play: Play, now: Now, recorded: Complaint
) -> None:
    complaint = play("confirm_task", "wl.zhao", recorded, unit="WL")
    now.forward(hours=3)
    play("conclude_coordination", "wh.zhang", complaint)
    Deadline.objects.exclude(kind="cooperation", party="YC").update(warn_at=None)
    reminders.warn(now.set("2026-11-24 14:00"))
    assert told("warned")[0] == "yc.head"


@pytest.mark.rule("R30")
@pytest.mark.parametrize(
    ("verb", "by", "facts", "status"),
    [
        ("record_tasks", "wh.zhang", {"tasks": TASKS}, "open"),
        ("call_off_coordination", "wh.zhang", {}, "void"),
        ("withdraw", "kf.agent", {}, "void"),
    ],
)
def test_a_confirmation_is_owed_as_long_as_the_record_stands(
    play: Play, now: Now, recorded: Complaint, verb: str, by: str, facts: dict[str, Any], status: str
) -> None:
    now.forward(minutes=30)
    play(verb, by, recorded, **facts)
    assert Deadline.objects.get(kind="confirmation", party="YC", cycle=1).status == "void"
    assert confirmation("YC").status == status
    if status == "open":
        assert confirmation("YC").due_at == now.at + timedelta(hours=2)


@pytest.mark.rule("R30")
def test_a_record_written_anew_is_to_be_confirmed_anew_and_what_had_passed_stays_missed(
    play: Play, now: Now, recorded: Complaint
) -> None:
    now.forward(hours=2, minutes=1)
    play("record_tasks", "wh.zhang", recorded, tasks=TASKS)
    assert Deadline.objects.get(kind="confirmation", party="YC", cycle=1).status == "missed"
    assert (part_of("YC").deemed_at, confirmation("YC").status) == (None, "open")


@pytest.mark.rule("R30")
def test_the_clock_runs_while_the_round_awaits_a_ruling(play: Play, now: Now, recorded: Complaint) -> None:
    away = play("request_return", "wh.zhang", recorded)
    assert str(play.refused("confirm_task", "yc.chen", away, unit="YC")) == "当前状态不能“确认任务”。"
    now.forward(hours=1)
    back = play("rule_on_return", "kf.agent", away, accepted=False)
    now.forward(hours=1, minutes=1)
    play("confirm_task", "yc.chen", back, unit="YC")
    assert (confirmation("YC").status, part_of("YC").confirmed_by.username) == ("missed", "yc.chen")


@pytest.mark.rule("R6")
def test_the_confirmations_limit_is_the_version_in_force_at_the_record(
    play: Play, now: Now, recorded: Complaint
) -> None:
    due = confirmation("YC").due_at
    play("set_limits", "sc.officer", confirmation="5h")
    assert confirmation("YC").due_at == due
    play("record_tasks", "wh.zhang", recorded, tasks=TASKS)
    assert confirmation("YC").due_at == now.at + timedelta(hours=5)


@pytest.mark.rule("R30")
def test_what_a_round_left_open_keeps_nobody_of_the_next_from_the_table(play: Play, concluded: Complaint) -> None:
    complaint = end(play, concluded, "rule_on_return")
    assert part_of("YC").coordination.stage(all_confirmed=True) == Stage.ENDED
    complaint = play("dispatch", "kf.agent", complaint, unit="ZD")
    complaint = play("hand_off", "zd.head", complaint, to="zd.zhou")
    complaint = play("convene", "zd.zhou", complaint, units=TWO)
    complaint = play("record_tasks", "zd.zhou", complaint, tasks=TASKS)
    assert (confirmation("YC").part, confirmation("YC").status) == (2, "open")
    play("finish_task", "yc.chen", complaint)
    assert Cooperation.objects.get(unit__code="YC", coordination__round__number=1).finished_at is not None


# Over without their doing


def end(play: Play, complaint: Complaint, way: str) -> Complaint:
    """The round ends: in the way named, with what must come before it."""
    if way == "judge_complete":
        complaint = play("answer", "wh.zhang", complaint)
    if way == "rule_on_return":
        complaint = play("request_return", "wh.zhang", complaint)
    if way == "mark_duplicate":
        return play(way, "kf.agent", complaint, of=play.upto("registered"))
    return play(way, "kf.agent", complaint)


WAYS = ["judge_complete", "rule_on_return", "withdraw", "mark_duplicate"]


def lapses() -> list[tuple[str, bool]]:
    rows = Notification.objects.filter(kind="coordination_lapsed").order_by("pk")
    return [(row.recipient.username, row.facts == {"concluded": True}) for row in rows]


@pytest.mark.rule("R30")
@pytest.mark.parametrize("way", WAYS)
def test_who_was_called_to_the_table_hears_when_it_lapses(play: Play, recorded: Complaint, way: str) -> None:
    end(play, play("confirm_task", "yc.contact", recorded, unit="YC", handler="yc.chen"), way)
    assert lapses() == [(name, False) for name in ("yc.contact", "yc.chen", "yc.leader", "wl.contact")]


@pytest.mark.rule("R32")
@pytest.mark.parametrize("way", WAYS)
def test_who_still_had_a_task_hears_that_its_round_ended(play: Play, concluded: Complaint, way: str) -> None:
    end(play, play("finish_task", "yc.contact", concluded), way)
    assert lapses() == [(name, True) for name in ("wl.contact", "wl.zhao", "wl.leader")]


def test_nobody_hears_of_it_twice(play: Play, now: Now, recorded: Complaint) -> None:
    """Called off, then the round judged complete in the same instant, then the customer withdraws."""
    complaint = play("call_off_coordination", "wh.zhang", recorded)
    complaint = play(
        "confirm_task", "yc.chen", play("record_tasks", "wh.zhang", play("convene", "wh.zhang", complaint))
    )
    complaint = end(play, play("conclude_coordination", "wh.zhang", complaint), "judge_complete")
    assert (told("coordination_called_off"), lapses()) == (
        ["yc.contact", "wl.contact"],
        [("yc.contact", True), ("yc.chen", True), ("yc.leader", True)],
    )
    play("withdraw", "kf.agent", complaint)
    assert len(lapses()) == 3


def test_a_coordination_called_off_tells_who_was_to_carry_it_out(play: Play, recorded: Complaint) -> None:
    complaint = play("confirm_task", "yc.contact", recorded, unit="YC", handler="yc.chen")
    play("call_off_coordination", "wh.zhang", complaint)
    assert told("coordination_called_off") == ["yc.contact", "yc.chen", "yc.leader", "wl.contact"]
