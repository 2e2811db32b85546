"""The rules of intake and dispatch, R1, R2 and R8 to R14 of the notice, in the words of the rule table."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate.verbs import available, find, verbs_of
from accountability.models import Category, LedgerEntry, Matter, Notification, actor_for
from accountability.seed.categories import CATEGORIES
from complaints.models import OUTSIDE, Channel, Complaint, Round
from tests.factories import Cast, Now, Play, of_the_business
from tests.looking import deadline

NUMBERS = [f"139{number:08d}" for number in range(20)]


@pytest.mark.rule("R1")
def test_whoever_first_takes_a_complaint_passes_it_on_and_is_kept(play: Play, cast: Cast) -> None:
    """No role of the business lacks the right, whatever the subject of the complaint."""
    forwarders = sorted(person.username for person in of_the_business(cast))
    for username, phone in zip(forwarders, [f"138{n:08d}" for n in range(99)], strict=False):
        complaint = play("forward", username, phone=phone)
        registered = play("register", "kf.agent", complaint)
        assert (registered.forwarded_by.username, registered.channel) == (username, "forward")
    assert Complaint.objects.count() == len(forwarders)
    everyone = [actor_for(cast[username].pk, play.now.at) for username in forwarders]
    assert {find(Complaint, "forward").permits(Complaint(), actor) for actor in everyone if actor} == {True}


@pytest.mark.rule("R1")
def test_it_waits_as_forwarded_until_an_agent_registers_it(play: Play) -> None:
    complaint = play.upto("forwarded")
    assert (complaint.state, complaint.matter.holder, complaint.matter.awaits) == ("forwarded", None, "register")
    assert complaint.matter.holder_unit.code == "KF"


@pytest.mark.rule("R2")
@pytest.mark.rule("R23")
def test_there_is_no_verb_that_refuses_a_complaint(play: Play, cast: Cast) -> None:
    words = {entry.name for entry in verbs_of(Complaint)}
    assert words == {
        "forward", "register", "handle_directly", "dispatch", "hand_off", "report_to_leader", "name_handler", "accept",
        "request_return", "rule_on_return", "contact_customer", "propose_solution", "answer", "judge_complete", "reply",
        "record_outside_case", "answer_outside_case", "drop_outside_case",
        "record_satisfaction", "rate_reply", "archive_unsatisfied", "escalate", "chase", "decide_criticism",
        "import_complaint", "set_aside_lead", "restore_lead",
        "convene", "record_tasks", "confirm_task", "conclude_coordination", "call_off_coordination", "finish_task",
        "request_extension", "extend", "decline_extension", "recall", "correct", "mark_duplicate", "withdraw",
        "record_attempt", "archive_unreachable", "reassign", "reassign_report", "reassign_reply", "record_told",
        "confirm_told", "deny_told", "propose_excuse", "confirm_excuse", "reject_excuse", "set_flags",
        "correct_satisfaction",
        "submit_for_review", "withdraw_review", "approve_answer", "send_back_answer", "ask_material", "give_material",
        "add_note", "supplement", "plan_call_back", "finish_call_back", "move_call_back", "cancel_call_back",
    }  # fmt: skip
    handler = actor_for(cast["wh.zhang"].pk, play.now.at)
    assert handler is not None
    offered = {entry.name for entry in available(play.upto("handed_off"), handler)}
    # What a handler may do: take it, work on it, call others to the table, ask for time, answer at once or by their
    # leader's leave, or say with reasons that it isn't theirs; note what is said, and promise the customer a call.
    assert offered == {
        "accept", "request_return", "contact_customer", "propose_solution", "answer", "convene", "request_extension",
        "submit_for_review", "add_note", "supplement", "plan_call_back",
    }  # fmt: skip


@pytest.mark.rule("R8")
def test_the_catalogue_covers_the_ten_heads(cast: Cast) -> None:
    heads = [
        "资费与收费争议", "营销宣传", "业务办理", "网络质量", "服务态度与服务规范",
        "信息安全", "政企与集团", "电子渠道", "终端与合约", "企业形象",
    ]  # fmt: skip
    assert list(Category.objects.filter(parent=None).values_list("name", flat=True)) == heads
    assert list(CATEGORIES) == heads


@pytest.mark.rule("R8")
@pytest.mark.parametrize("category", ["", "没有这一类", "网络质量/没有这一项"])
def test_every_complaint_carries_a_category_of_the_catalogue(play: Play, category: str) -> None:
    assert list(play.refused("register", "kf.agent", category=category).fields) == ["category"]


@pytest.mark.rule("R9")
def test_the_channel_is_one_of_the_contracts(play: Play) -> None:
    taken = []
    for channel, phone in zip([c for c in Channel.values if c != "forward"], NUMBERS, strict=False):
        number = {"outside_number": f"申{phone[-3:]}"} if channel in OUTSIDE else {}
        taken.append(play("register", "kf.agent", channel=channel, phone=phone, **number))
    assert [(c.channel, c.escalated, c.priority) for c in taken] == [
        ("call", False, "P3"), ("superior", True, "P2"), ("miit", True, "P2"), ("line_12345", True, "P2"),
        ("line_12315", True, "P2"), ("leader", True, "P2"), ("important_customer", True, "P2"),
    ]  # fmt: skip
    assert list(play.refused("register", "kf.agent", channel="web").fields) == ["channel"]


@pytest.mark.rule("R9")
def test_a_forward_names_the_employee_and_only_a_forward_does(play: Play) -> None:
    assert list(play.refused("register", "kf.agent", channel="forward").fields) == ["forwarded_by"]
    assert list(play.refused("register", "kf.agent", forwarded_by="yc.chen").fields) == ["forwarded_by"]
    complaint = play("register", "kf.agent", channel="forward", forwarded_by="yc.chen")
    assert complaint.forwarded_by.username == "yc.chen"


@pytest.mark.rule("R9")
def test_a_forwarded_complaint_keeps_its_forwarder_and_takes_corrections(play: Play) -> None:
    complaint = play.upto("forwarded")
    assert list(play.refused("register", "kf.agent", complaint, forwarded_by="wh.li").fields) == ["forwarded_by"]
    assert list(play.refused("register", "kf.agent", complaint, channel="call").fields) == ["channel"]
    registered = play("register", "kf.agent", complaint, phone="13900001111", tier="vip", region="宜昌")
    texts = registered.intake.opened
    assert (texts["phone"], texts["customer"], texts["content"]) == (
        "13900001111", "王建国", "五月账单多出两笔扣费，要求退费。",
    )  # fmt: skip
    assert (registered.tier, registered.region, registered.priority) == ("vip", "宜昌", "P2")


@pytest.mark.rule("R10")
@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("forwarded", "register"), ("registered", "handle_directly"), ("registered", "dispatch"),
        ("delivered", "chase"), ("answered", "judge_complete"), ("completed", "reply"),
        ("replied", "record_satisfaction"),
    ],
)  # fmt: skip
def test_only_the_centre_takes_in_dispatches_chases_judges_and_archives(play: Play, state: str, verb: str) -> None:
    complaint = play.upto(state)
    outsiders = ("kf.head", "sc.officer", "sc.leader", "wh.contact", "wh.zhang", "wh.head", "sj.auditor", "sj.plain")
    assert {play.refused(verb, username, complaint).code for username in outsiders} == {"forbidden"}
    play(verb, "kf.agent2", complaint)


@pytest.mark.rule("R11")
def test_a_round_goes_to_exactly_one_unit_and_only_one_runs(play: Play) -> None:
    complaint = play.upto("delivered")
    assert play.refused("dispatch", "kf.agent2", complaint, unit="YC").code == "state"
    assert play.refused("dispatch", "kf.agent", play.upto("registered", phone=NUMBERS[0]), unit="").code == "facts"
    assert list(Round.objects.values_list("number", "unit__code", "is_ruling")) == [(1, "WH", False)]


@pytest.mark.rule("R12")
def test_lists_are_ordered_by_urgency_then_escalated_and_repeated_then_by_the_nearest_instant(
    play: Play, now: Now
) -> None:
    made = {}
    cases: dict[str, dict[str, Any]] = {
        "plain": {}, "later": {}, "vip": {"tier": "vip"}, "escalated": {"channel": "superior"},
        "urgent": {"priority": "P1"}, "urgent escalated": {"priority": "P1", "flags": ["escalated"]},
    }  # fmt: skip
    for (name, facts), phone in zip(cases.items(), NUMBERS, strict=False):
        made[play("register", "kf.agent", phone=phone, at=now.forward(minutes=1), **facts).pk] = name
    made[play("register", "kf.agent", phone=NUMBERS[0], at=now.forward(minutes=1)).pk] = "repeated"

    order = Matter.objects.filter(kind="complaint").order_by("work_rank", "work_due_at", "pk")
    assert [made[pk] for pk in order.values_list("pk", flat=True)] == [
        "urgent escalated", "urgent", "escalated", "repeated", "vip", "plain", "later",
    ]  # fmt: skip


@pytest.mark.rule("R12")
def test_an_escalation_lifts_a_complaint_and_moves_no_running_limit(play: Play) -> None:
    complaint = play.upto("delivered")
    due = deadline(complaint, "handling", 1).due_at
    complaint = play("escalate", "kf.agent", complaint)
    assert (complaint.priority, complaint.escalated, complaint.matter.work_rank) == ("P2", True, 2)
    assert deadline(complaint, "handling", 1).due_at == due
    assert play("escalate", "kf.agent", play.upto("registered", phone=NUMBERS[0], priority="P1")).priority == "P1"


@pytest.mark.rule("R13")
def test_a_chase_is_stamped_and_seen_by_contact_handler_and_leader(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    play("chase", "kf.agent", complaint, at=now.forward(minutes=1))
    entry = LedgerEntry.objects.get(verb="chase")
    assert (entry.at, entry.part, entry.actor.username) == (now.at, 1, "kf.agent")
    told = Notification.objects.filter(kind="chased").values_list("recipient__username", flat=True)
    assert sorted(told) == ["wh.contact", "wh.leader", "wh.zhang"]


@pytest.mark.rule("R13")
def test_chases_are_ten_minutes_apart_and_of_a_running_round(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    play("chase", "kf.agent", complaint)
    assert (
        play.refused("chase", "kf.agent2", complaint, at=now.at + timedelta(minutes=9, seconds=59)).code == "condition"
    )
    play("chase", "kf.agent2", complaint, at=now.forward(minutes=10))
    assert list(play.refused("chase", "kf.agent", complaint, at=now.forward(hours=1), round=2).fields) == ["round"]
    for state, number in (("return_requested", 1), ("answered", 2)):
        play("chase", "kf.agent", play.upto(state, phone=NUMBERS[number]))
    for state, number in (("returned", 3), ("completed", 4)):
        assert play.refused("chase", "kf.agent", play.upto(state, phone=NUMBERS[number])).code == "state"


COORDINATED: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"flags": ["major"]}, True),
    ({"priority": "P1"}, True),
    ({"priority": "P1", "flags": ["cross_province"]}, True),
    ({"priority": "P2", "flags": ["other_operator"]}, True),
    ({"flags": ["cross_province"]}, False),
    ({"flags": ["cross_province"], "tier": "vip"}, True),
    ({"priority": "P1", "flags": ["third_party"]}, True),
    ({"priority": "P2"}, False),
    ({"priority": "P2", "flags": ["third_party"]}, False),
]


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("facts", "coordinated"), COORDINATED)
def test_major_and_urgent_ones_across_provinces_or_operators_get_marketing(
    play: Play, facts: dict[str, Any], coordinated: bool
) -> None:
    """S31."""
    complaint = play("register", "kf.agent", **facts)
    assert (complaint.coordinator.code if complaint.coordinator else None) == ("SC" if coordinated else None)
    told = Notification.objects.filter(kind="coordinate").values_list("recipient__username", flat=True)
    assert sorted(told) == (["sc.leader", "sc.officer", "sc.officer2"] if coordinated else [])


@pytest.mark.rule("R14")
def test_one_that_becomes_urgent_gets_marketing_then(play: Play) -> None:
    complaint = play.upto("registered", flags=["other_operator"])
    assert complaint.coordinator is None
    assert play("escalate", "kf.agent", complaint).coordinator.code == "SC"


# Repeats: the contract's paragraph


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("first", "second", "repeats"),
    [
        ("网络质量", "网络质量", True),
        ("网络质量/室内弱覆盖", "网络质量/室内弱覆盖", True),
        ("网络质量/室内弱覆盖", "网络质量", True),
        ("网络质量", "网络质量/室内弱覆盖", True),
        ("网络质量/室内弱覆盖", "网络质量/室外弱覆盖", False),
        ("网络质量", "资费与收费争议", False),
    ],
)
def test_a_repeat_is_the_same_number_and_leaf_or_head(play: Play, first: str, second: str, repeats: bool) -> None:
    head = Category.objects.get(name="网络质量", parent=None)
    for leaf in ("室内弱覆盖", "室外弱覆盖"):
        Category.objects.get_or_create(parent=head, name=leaf)
    earlier = play("register", "kf.agent", category=first)
    later = play("register", "kf.agent", category=second)
    assert later.repeat_of_id == (earlier.pk if repeats else None)
    assert later.priority == ("P2" if repeats else "P3")
    assert play("register", "kf.agent", category=second, phone="13900001111").repeat_of is None


@pytest.mark.rule("R12")
def test_it_repeats_within_thirty_days_of_the_archive_the_edge_included(play: Play, now: Now) -> None:
    archived = play.upto("archived")
    edge = now.at + timedelta(days=30)
    assert play("register", "kf.agent", at=edge + timedelta(microseconds=1)).repeat_of is None
    latest = Complaint.objects.latest("registered_at")
    assert latest.pk != archived.pk
    assert play("register", "kf.agent", category="业务办理", at=edge).repeat_of is None


@pytest.mark.rule("R12")
def test_at_the_edge_it_still_repeats(play: Play, now: Now) -> None:
    archived = play.upto("archived")
    assert play("register", "kf.agent", at=now.at + timedelta(days=30)).repeat_of_id == archived.pk


@pytest.mark.rule("R12")
def test_the_repeated_one_is_the_latest_registered(play: Play, now: Now) -> None:
    play.upto("archived")
    second = play("register", "kf.agent", at=now.forward(days=1))
    assert play("register", "kf.agent", at=now.forward(days=1)).repeat_of_id == second.pk


@pytest.mark.rule("R12")
def test_of_two_of_one_instant_the_later_one_is_repeated(play: Play, now: Now) -> None:
    first, second = (play("register", "kf.agent") for _twice in range(2))
    assert first.registered_at == second.registered_at
    assert play("register", "kf.agent", at=now.forward(days=1)).repeat_of_id == second.pk


@pytest.mark.rule("R12")
def test_a_forwarded_one_repeats_neither_itself_nor_one_that_is_not_registered(play: Play, now: Now) -> None:
    play("forward", "yc.chen")
    assert play("register", "kf.agent", play("forward", "yc.chen"), at=now.forward(days=1)).repeat_of_id is None


@pytest.mark.rule("R15")
def test_marketing_may_say_that_nothing_repeats(play: Play) -> None:
    play("set_policy", "sc.officer", repeat_within_hours=0)
    play.upto("registered")
    assert play.upto("registered").repeat_of is None


@pytest.mark.rule("R10")
def test_what_the_centre_handles_itself_it_judges_itself(play: Play) -> None:
    """A1: direct handling is judged complete, then replied, like any other."""
    complaint = play.upto("handling", category="网络质量")
    assert [deadline(complaint, kind).status for kind in ("contact_on_site", "network_solution")] == ["void", "void"]
    back = play("judge_complete", "kf.agent2", complaint, complete=False, reason="尚未核实。")
    assert (back.state, back.matter.awaits) == ("registered", "dispatch")
    play("dispatch", "kf.agent", back)
    # Voided by the direct handling they stay void; their instant is still the floor of the unit's limit.
    assert deadline(back, "network_solution").status == "void"
    assert deadline(back, "handling", 1).due_at == read_instant("2026-12-03 24:00")


@pytest.mark.rule("R10")
def test_a_limit_missed_before_the_direct_handling_stays_missed(play: Play) -> None:
    complaint = play.upto("registered", category="网络质量")
    play("handle_directly", "kf.agent", complaint, at="2026-11-28 00:00")
    assert deadline(complaint, "contact_on_site").missed_at == read_instant("2026-11-27 24:00")
    assert [deadline(complaint, kind).status for kind in ("contact_on_site", "network_solution")] == ["missed", "void"]


@pytest.mark.parametrize("verb", ["forward", "register", "correct", "import_complaint"])
def test_a_region_comes_from_the_list(play: Play, verb: str) -> None:
    """Otherwise anybody's name and number would pass as one: unmasked on the page, and in the ledger for good."""
    complaint = play.upto("registered") if verb == "correct" else Complaint()
    before = LedgerEntry.objects.count()
    refusal = play.refused(verb, "kf.agent", complaint, region="谢佳琪13912345678")
    assert refusal.fields == {"region": "地区列表中没有这个地市，请从列表中选择；确需增加的，由市场部登记。"}
    assert LedgerEntry.objects.count() == before


def test_a_region_is_kept_as_the_list_spells_it(play: Play) -> None:
    complaint = play.upto("registered", region="宜昌市")
    entry = LedgerEntry.objects.get(matter=complaint.matter, verb="register")
    assert (complaint.region, entry.facts["region"]) == ("宜昌", "宜昌")
