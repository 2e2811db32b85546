"""Rectification plans: attached to a unit or a case, with owner and due date, followed to closed (R16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant, show_instant
from accountability.files.attachments import may_read, take
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.gate.sweeper import sweep
from accountability.gate.verbs import available
from accountability.models import Alarm, Appointment, Deadline, LedgerEntry, Notification, Unit, actor_for
from accountability.monitoring import reminders
from accountability.organisation import succession
from accountability.organisation.succession import open_work
from accountability.permissions import MARKETING_ROLES
from assessment.models import Case, Plan
from tests.assessment.plans.made_plans import Plans
from tests.factories import Now, Play
from tests.looking import deadline, deadlines, verbs_of

pytestmark = pytest.mark.rule("R16")

EVERYBODY = (
    "kf.agent", "kf.supervisor", "kf.head", "wh.contact", "wh.deputy", "wh.head", "wh.leader", "wh.zhang", "wh.li",
    "yc.contact", "zd.head", "sc.officer", "sc.leader", "sj.auditor", "sj.plain",
)  # fmt: skip


def refusal(plans: Plans, verb: str, by: str, plan: Plan | None = None, **facts: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        plans(verb, by, plan, **facts)
    return refused.value.code, str(next(iter(refused.value.fields.values()), refused.value))


def told(kind: str) -> list[str]:
    rows = Notification.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


def holder(plan: Plan) -> tuple[str, str, str]:
    matter = Plans.again(plan).matter
    return (
        str(matter.holder and matter.holder.username),
        str(matter.holder_unit and matter.holder_unit.code),
        matter.awaits,
    )


def due(found: Deadline) -> str:
    return show_instant(found.due_at) if found.due_at else ""


# The way of a plan


def test_from_opened_to_closed(plans: Plans, now: Now) -> None:
    plan = plans.open()
    number = str(plan)
    assert (number[:7], len(number), plan.state) == ("ZG2026-", 15, "open")
    assert holder(plan) == ("wh.zhang", "WH", "report_plan_done")
    assert due(deadline(plan, "rectification")) == "2026-11-27 24:00"
    assert told("plan_opened") == ["wh.contact", "wh.deputy", "wh.head", "wh.zhang"]
    assert told("to_do") == ["wh.zhang"]
    now.forward(hours=1)
    plans("report_progress", "wh.contact", plan)
    assert told("plan_progress") == ["sc.officer"]
    plan = plans("report_plan_done", "wh.zhang", plan)
    assert (plan.state, str(plan.reported_by), deadline(plan, "rectification").met_at) == (
        "reported", "张伟民", now.at,
    )  # fmt: skip
    assert holder(plan) == ("sc.officer", "SC", "accept_plan")
    assert told("plan_reported") == ["wh.contact", "wh.deputy", "wh.head"]
    plan = plans("accept_plan", "sc.leader", plan)
    assert (plan.state, holder(plan), plan.matter.closed_at) == ("closed", ("None", "None", ""), now.at)
    assert verbs_of(plan) == ["open_plan", "report_progress", "report_plan_done", "accept_plan"]
    assert [row.state for row in Plan.history.filter(matter_id=plan.pk).order_by("history_id")] == [
        "open", "reported", "closed",
    ]  # fmt: skip


def test_the_due_day_belongs_to_the_limit_to_its_last_instant(plans: Plans, now: Now) -> None:
    plan = plans.open(due="2026-11-24")
    now.set("2026-11-24 24:00")
    plan = plans("report_plan_done", "wh.zhang", plan)
    assert deadline(plan, "rectification").status == "met"


def test_what_is_sent_back_is_open_again(plans: Plans, now: Now) -> None:
    plan = plans.reported()
    now.forward(hours=2)
    plan = plans("send_back_plan", "sc.officer", plan)
    again = deadline(plan, "rectification")
    assert (plan.state, plan.result, plan.reported_at, again.status) == ("open", None, None, "open")
    assert holder(plan) == ("wh.zhang", "WH", "report_plan_done")
    assert told("plan_sent_back") == ["wh.contact", "wh.deputy", "wh.head", "wh.zhang"]
    assert str(plans("report_plan_done", "wh.head", plan).reported_by) == "赵国栋"


def test_sent_back_after_its_instant_it_is_missed_and_chased_from_then_on(plans: Plans, now: Now) -> None:
    plan = plans.reported()
    now.set("2026-12-01 10:00")
    plan = plans("send_back_plan", "sc.officer", plan)
    missed = deadline(plan, "rectification")
    assert (missed.status, due(missed)) == ("missed", "2026-11-27 24:00")


def test_the_report_that_was_read_is_the_one_that_is_judged(plans: Plans, play: Play) -> None:
    plan = plans.reported()
    read = plan.shown_for("accept_plan")
    plans("report_plan_done", "wh.zhang", plans("send_back_plan", "sc.officer", plan), result="换了说法。")
    with pytest.raises(Refused) as refused:
        perform(plan, "accept_plan", by=play.cast["sc.officer"], at=play.now.at, seen=read)
    assert refused.value.code == "stale"


def test_cancelled_nobody_owes_it(plans: Plans, now: Now) -> None:
    plan = plans("cancel_plan", "sc.leader", plans.open())
    assert (plan.state, deadline(plan, "rectification").status, holder(plan)) == (
        "cancelled",
        "void",
        ("None", "None", ""),
    )
    assert told("plan_cancelled") == ["wh.contact", "wh.deputy", "wh.head", "wh.zhang"]
    now.set("2026-12-20 10:00")
    assert sweep(now.at) == 0


# Time


def test_a_miss_is_told_and_chased_every_week_until_it_is_done(plans: Plans, now: Now) -> None:
    plan = plans.open()
    now.set("2026-11-28 00:01")
    assert sweep(now.at) == 1
    assert told("missed") == ["sc.officer", "wh.head", "wh.zhang"]
    assert told("plan_chased") == ["sc.officer", "wh.contact", "wh.deputy", "wh.head", "wh.zhang"]
    now.set("2026-12-13 09:00")
    sweep(now.at)
    chases = LedgerEntry.objects.filter(matter=plan.matter, verb="chase_plan").order_by("seq")
    assert [(show_instant(entry.at), entry.facts) for entry in chases] == [
        ("2026-11-27 24:00", {"times": 1}), ("2026-12-04 24:00", {"times": 2}), ("2026-12-11 24:00", {"times": 3}),
    ]  # fmt: skip
    plan = plans("report_plan_done", "wh.zhang", plan)
    late = deadline(plan, "rectification")
    assert (late.status, late.met_at, late.is_chased) == ("missed", now.at, False)
    now.forward(days=30)
    sweep(now.at)
    assert chases.all().count() == 3
    plan = plans("send_back_plan", "sc.officer", plan)
    sweep(now.forward(minutes=1))
    assert (chases.all().count(), deadline(plan, "rectification").met_at) == (4, None)


def test_a_new_day_begins_a_new_cycle(plans: Plans, now: Now) -> None:
    plan = plans("change_plan", "sc.officer", plans.open(), due="2026-12-04")
    first, second = deadlines(plan, "rectification")
    assert (first.status, second.status, due(second)) == ("void", "open", "2026-12-04 24:00")
    assert told("plan_changed") == ["wh.contact", "wh.deputy", "wh.head", "wh.zhang"]


def test_what_was_missed_stays_missed_when_there_is_more_time_and_is_chased_no_more(plans: Plans, now: Now) -> None:
    plan = plans.open()
    now.set("2026-11-30 10:00")
    plan = plans("change_plan", "sc.officer", plan, due="2026-12-04")
    first, second = deadlines(plan, "rectification")
    assert (first.status, first.is_chased, second.status) == ("missed", False, "open")
    now.set("2026-12-03 10:00")
    plan = plans("report_plan_done", "wh.zhang", plan)
    assert [(d.status, d.met_at) for d in deadlines(plan, "rectification")] == [("missed", now.at), ("met", now.at)]
    plan = plans("send_back_plan", "sc.officer", plan)
    assert [(d.status, d.met_at) for d in deadlines(plan, "rectification")] == [("missed", None), ("open", None)]


def test_every_position_raises_an_alarm_in_the_end_that_the_centre_hears_nothing_of(plans: Plans, now: Now) -> None:
    plan = plans.open(due="2026-12-31")
    assert plan.matter.alarm_at == read_instant("2027-01-07 24:00")
    now.set("2027-01-08 10:00")
    reminders.raise_alarms(now.at)
    assert told("waiting") == ["sc.leader", "wh.head", "wh.zhang"]
    plan = plans("report_plan_done", "wh.zhang", plan)
    assert Alarm.objects.filter(matter=plan.matter, cleared_at=None).count() == 0
    assert plan.matter.alarm_at == now.at + timedelta(days=5)
    Notification.objects.all().delete()
    reminders.raise_alarms(now.forward(days=6))
    assert told("waiting") == ["sc.leader", "sc.officer"]


def test_at_the_warnings_the_owner_first_then_all(plans: Plans, now: Now) -> None:
    plans.open()
    now.set("2026-11-26 09:00")
    reminders.warn(now.at)
    assert told("warned") == ["wh.zhang"]
    now.set("2026-11-27 10:00")
    reminders.warn(now.at)
    assert told("warned") == ["sc.officer", "wh.head", "wh.zhang", "wh.zhang"]


# Who


def test_who_may_do_what(plans: Plans, play: Play) -> None:
    plan, now = plans.open(), play.now
    of_state = {}
    for state in ("open", "reported"):
        plan = plans("report_plan_done", "wh.zhang", plan) if state == "reported" else plan
        actors = {name: actor_for(play.cast[name].pk, now.at) for name in EVERYBODY}
        found = {
            name: sorted(entry.name for entry in available(plan, actor)) for name, actor in actors.items() if actor
        }
        of_state[state] = {name: verbs for name, verbs in found.items() if verbs}
    unit, office = ["report_plan_done", "report_progress"], ["cancel_plan", "change_plan"]
    judges = ["accept_plan", "cancel_plan", "send_back_plan"]
    assert of_state == {
        "open": dict.fromkeys(("wh.contact", "wh.deputy", "wh.head", "wh.zhang"), unit)
        | dict.fromkeys(("sc.officer", "sc.leader"), office),
        "reported": dict.fromkeys(("sc.officer", "sc.leader"), judges),
    }


def test_who_knows_of_it(plans: Plans, play: Play) -> None:
    plans.open()
    actors = {name: actor_for(play.cast[name].pk, play.now.at) for name in EVERYBODY}
    sees = [name for name, actor in actors.items() if actor and Plan.objects.visible_to(actor).exists()]
    assert sees == ["wh.contact", "wh.deputy", "wh.head", "wh.zhang", "sc.officer", "sc.leader", "sj.auditor"]


def test_only_marketing_asks_for_one(plans: Plans) -> None:
    refused = {name: refusal(plans, "open_plan", name)[0] for name in ("kf.supervisor", "wh.head", "sj.auditor")}
    assert set(refused.values()) == {"forbidden"}
    assert Plan.objects.count() == 0


def test_nobody_accepts_what_they_reported_or_own(plans: Plans, play: Play) -> None:
    plan = plans("report_plan_done", "wh.head", plans.open())
    officer = play.cast["sc.officer"]
    for field in ("owner", "reported_by"):
        setattr(plan, field, officer)
        actor = actor_for(officer.pk, play.now.at)
        assert actor is not None
        assert [entry.name for entry in available(plan, actor) if entry.name in ("accept_plan", "send_back_plan")] == []
        plan = plans.again(plan)


def test_what_is_refused_when_it_is_asked_for(plans: Plans, play: Play) -> None:
    found = [
        refusal(plans, "open_plan", "sc.officer", **dict[str, Any](facts))[1]
        for facts in (
            {"owner": "yc.chen"}, {"due": "2026-11-23"}, {"due": "2036-11-23"}, {"due": "bald"}, {"content": " "},
            {"unit": "SC", "owner": "sc.officer"}, {"case": "AJ2026-AAAAAAAA"},
        )
    ]  # fmt: skip
    assert found == [
        "整改责任人应是该单位的人员。", "整改期限不能早于今天。", "整改期限最长 1000 天。",
        "“bald”不是日期，应如 2027-01-01。",
        "此项必填。", "市场部自身的整改不能由市场部验收，请报上级处理。", "没有案件“AJ2026-AAAAAAAA”。",
    ]  # fmt: skip
    assert Plan.objects.count() == 0


def test_a_change_that_changes_nothing_is_refused(plans: Plans) -> None:
    plan = plans.open()
    said = refusal(plans, "change_plan", "sc.officer", plan, owner="wh.zhang", due="2026-11-27")
    assert said == ("condition", "没有变更。")
    assert refusal(plans, "change_plan", "sc.officer", plan, owner="yc.chen")[1] == "整改责任人应是该单位的人员。"


def test_another_owner_has_it_from_now_on(plans: Plans) -> None:
    plan = plans("change_plan", "sc.officer", plans.open(), owner="wh.li")
    assert (holder(plan)[0], str(deadline(plan, "rectification").person)) == ("wh.li", "李思琪")
    assert told("plan_changed") == ["wh.contact", "wh.deputy", "wh.head", "wh.li", "wh.zhang"]
    assert refusal(plans, "report_plan_done", "wh.zhang", plan)[0] == "forbidden"


@pytest.mark.rule("R3")
def test_an_owner_who_leaves_leaves_it_to_the_head(plans: Plans, play: Play) -> None:
    plan = plans.open()
    people = {play.cast["wh.zhang"].pk}
    assert {pk: [work.number for work in found] for pk, found in open_work(people).items()} == {
        play.cast["wh.zhang"].pk: [plan.matter.number]
    }
    perform(Organisation.standing(), "dismiss", by=play.cast["sc.officer"], at=play.now.at, employee="wh.zhang")
    assert holder(plan) == ("wh.head", "WH", "report_plan_done")
    assert told("to_do") == ["wh.head", "wh.zhang"]
    assert verbs_of(plan) == ["open_plan", "pass_on"]
    assert plans("report_plan_done", "wh.head", plan).state == "reported"


def test_an_officer_who_leaves_leaves_it_to_a_leader(plans: Plans, play: Play) -> None:
    plan = plans.reported()
    perform(Organisation.standing(), "dismiss", by=play.cast["sc.leader"], at=play.now.at, employee="sc.officer")
    assert holder(plan) == ("sc.leader", "SC", "accept_plan")
    assert plans("accept_plan", "sc.leader", plan).state == "closed"


@pytest.mark.parametrize("verb", ["end_appointment", "update_employee"])
def test_an_officer_who_serves_elsewhere_leaves_it_to_a_leader(plans: Plans, play: Play, now: Now, verb: str) -> None:
    """However it came that they can't accept it: the sweep finds who can (R15)."""
    plan = plans.reported()
    now.forward(days=1)
    facts = {"role": "marketing", "ends_on": "2026-11-24"} if verb == "end_appointment" else {"unit": "YC"}
    play(verb, "sc.leader", employee="sc.officer", **facts)
    assert succession.sweep(now.at) == (verb == "end_appointment")
    assert holder(plan) == ("sc.leader", "SC", "accept_plan")
    assert (verbs_of(plan)[-1], told("to_do")[-1]) == ("pass_on", "wh.zhang")
    assert succession.sweep(now.at) == 0
    assert plans("accept_plan", "sc.leader", plan).state == "closed"


def test_a_reported_plan_that_waited_for_nobody_is_taken_by_its_officer_again(plans: Plans, play: Play) -> None:
    plan = plans.reported()
    of_marketing = Appointment.objects.filter(role__in=MARKETING_ROLES)
    served = list(of_marketing.values_list("pk", "ends_on"))
    of_marketing.update(ends_on="2026-11-23")
    Unit.objects.filter(code="SC").update(head=None)
    assert (succession.sweep(play.now.at), holder(plan)) == (1, ("None", "SC", "accept_plan"))
    assert succession.sweep(play.now.at) == 0
    officer = of_marketing.get(employee=play.cast["sc.officer"])
    officer.ends_on = dict(served)[officer.pk]
    officer.save()
    assert (succession.sweep(play.now.at), holder(plan)[0]) == (1, "sc.officer")


def test_with_another_head_it_is_the_new_heads(plans: Plans, play: Play, now: Now) -> None:
    plan = plans.open()
    play("dismiss", "sc.officer", employee="wh.zhang")
    play("set_head", "sc.officer", unit="WH", head="wh.leader")
    assert (succession.sweep(now.at), holder(plan)) == (1, ("wh.leader", "WH", "report_plan_done"))


def test_a_plan_that_nobody_can_take_is_taken_as_soon_as_somebody_can(plans: Plans, play: Play, now: Now) -> None:
    plan = plans.open(unit="ZD", owner="zd.zhou")
    play("dismiss", "sc.officer", employee="zd.head")
    play("dismiss", "sc.officer", employee="zd.zhou")
    assert (succession.sweep(now.at), holder(plan)) == (0, ("None", "ZD", "report_plan_done"))
    play("admit", "sc.officer", username="zd.new", name="新来", unit="ZD")
    play("set_head", "sc.officer", unit="ZD", head="zd.new")
    assert (succession.sweep(now.at), holder(plan)[0]) == (1, "zd.new")


def test_who_has_gone_elsewhere_hears_no_more_of_it(plans: Plans, play: Play, now: Now) -> None:
    """Neither an owner of another unit now, nor the officer who asked for it."""
    plan = plans.open()
    now.forward(days=1)
    for username in ("wh.zhang", "sc.officer"):
        play("update_employee", "sc.leader", employee=username, unit="YC")
    Notification.objects.all().delete()
    sweep(now.forward(days=30))
    assert deadline(plan, "rectification").missed_at
    assert told("missed") == ["wh.head"]


# A case's plan


def test_a_plan_on_a_case_tells_nothing_of_it(plans: Plans, play: Play) -> None:
    case = plans.case()
    plan = plans.open(case=case.matter.number)
    assert plan.case_id == case.pk
    entries = LedgerEntry.objects.filter(matter=plan.matter)
    assert [entry.facts.get("case") for entry in entries] == [case.pk]
    notices = list(Notification.objects.filter(matter=plan.matter).values_list("facts", flat=True))
    assert notices == [{"verb": "report_plan_done"}, *[{}] * 4]
    assert [
        Case.objects.visible_to(actor).exists()
        for name in ("wh.head", "wh.zhang")
        if (actor := actor_for(play.cast[name].pk, play.now.at))
    ] == [False, False]


@pytest.mark.rule("R40")
def test_nothing_that_the_unit_reads_quotes_the_sheet(plans: Plans) -> None:
    case = plans.case()
    quoted = "接到工单后推诿，拒绝受理客户诉求。"
    said = refusal(plans, "open_plan", "sc.officer", case=case.matter.number, content=f"整改：{quoted}")
    assert said == ("condition", "不得引用互动单的内容，请只写需要核查的事项。")
    plan = plans.open(case=case.matter.number)
    for verb in ("change_plan", "cancel_plan"):
        facts = {"due": "2026-12-04"} if verb == "change_plan" else {}
        assert refusal(plans, verb, "sc.officer", plan, reason=quoted, **facts)[0] == "condition"
    plan = plans("report_plan_done", "wh.zhang", plan)
    assert refusal(plans, "send_back_plan", "sc.officer", plan, reason=quoted)[0] == "condition"
    assert refusal(plans, "accept_plan", "sc.officer", plan, remark=quoted)[0] == "condition"


def test_a_case_of_another_unit_is_refused(plans: Plans) -> None:
    case = plans.case()
    said = refusal(plans, "open_plan", "sc.officer", case=case.matter.number, unit="YC", owner="yc.chen")
    assert said == ("condition", "该案件的被查单位不是这个单位。")


# Evidence


def test_evidence_is_read_by_those_who_know_the_plan(plans: Plans, play: Play) -> None:
    file = take("值守表.txt", "值守表".encode(), by=play.cast["wh.zhang"], at=play.now.at, kind="evidence")
    plan = plans("report_plan_done", "wh.zhang", plans.open(), evidence=[file.token])
    file.refresh_from_db()
    assert file.matter_id == plan.pk
    actors = {name: actor_for(play.cast[name].pk, play.now.at) for name in EVERYBODY}
    reads = [name for name, actor in actors.items() if actor and may_read(file, actor)]
    assert reads == ["wh.contact", "wh.deputy", "wh.head", "wh.zhang", "sc.officer", "sc.leader", "sj.auditor"]


def test_anothers_file_is_refused(plans: Plans, play: Play) -> None:
    file = take("值守表.txt", "值守表".encode(), by=play.cast["wh.li"], at=play.now.at, kind="evidence")
    assert refusal(plans, "report_plan_done", "wh.zhang", plans.open(), evidence=[file.token])[0] == "condition"
    assert Deadline.objects.filter(kind="rectification", met_at__isnull=False).count() == 0
