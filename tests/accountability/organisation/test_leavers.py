"""Leavers and movers: they take nothing along, and nothing waits for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accountability.audit.chains import broken
from accountability.deadlines.limits import day_of, end_of_day
from accountability.gate import sweeper
from accountability.gate.act import Batch
from accountability.models import (
    Appointment,
    Employee,
    LedgerEntry,
    Notification,
    Unit,
    actor_for,
)
from accountability.monitoring import reminders
from accountability.organisation import succession
from complaints.dossier.reveal import reveals_at_once
from tests.accountability.organisation.test_roster import LEAVE, NIGHT, again, receivers, told
from tests.factories import Cast, Now, Play
from tests.looking import deadline, verbs_of, why


def test_a_leaver_loses_access_at_once_and_their_work_is_told(
    play: Play, cast: Cast, now: Now, client_for: Callable[[str], Client]
) -> None:
    handled = play.upto("accepted")
    reported = play.upto("reported", phone="13900001111")
    browser = client_for("wh.zhang")
    assert browser.get(reverse("home")).status_code == 200
    play("dismiss", "sc.officer", employee="wh.zhang", reason="离职。")
    play("dismiss", "sc.officer", employee="wh.leader")
    assert (browser.get(reverse("home")).status_code, actor_for(cast["wh.zhang"].pk, now.at)) == (302, None)
    assert told("to_do", verb="reassign") == ["wh.contact", "wh.deputy", "wh.head"]
    assert told("to_do", verb="reassign_report") == ["wh.head"]
    assert (again(play, handled).round.handler, again(play, reported).round.reported_to) == (
        cast["wh.zhang"], cast["wh.leader"],
    )  # fmt: skip
    passed = play("reassign", "wh.contact", handled, to="wh.li", reason="离职。")
    assert (passed.matter.holder, passed.round.handler) == (cast["wh.li"], cast["wh.zhang"])


def test_what_somebody_away_holds_stands_on_the_desk_of_those_who_can_reassign_it(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    handled = str(play.upto("accepted").matter.number)
    forwarded = play("forward", "yc.chen", tier="vip")
    direct = play("handle_directly", "kf.agent", play("register", "kf.agent", forwarded))
    owed = str(play("judge_complete", "kf.agent", direct).matter.number)
    lists = {"reassign": ("wh.contact", "wh.head", "yc.head"), "reassign_reply": ("kf.supervisor",)}

    def listed() -> dict[str, list[str]]:
        return {
            f"{name} {reader}": [n for n in (handled, owed) if n in client_for(reader).get(place).content.decode()]
            for name, readers in lists.items() for reader in readers
            for place in [f"{reverse('complaints')}?list={name}"]
        }  # fmt: skip

    assert set(map(tuple, listed().values())) == {()}
    play("record_absence", "wh.head", **LEAVE | {"employee": "wh.zhang"})
    play("dismiss", "sc.officer", employee="yc.chen")
    assert listed() == {
        "reassign wh.contact": [handled], "reassign wh.head": [handled], "reassign yc.head": [],
        "reassign_reply kf.supervisor": [owed],
    }  # fmt: skip


def test_with_the_leader_gone_those_led_need_another_and_the_unit_another_head(play: Play, cast: Cast) -> None:
    play("dismiss", "sc.officer", employee="wh.leader")
    assert list(Employee.objects.filter(unit__code="WH", supervisor__isnull=False)) == []
    assert why(play.refused("hand_off", "wh.contact", play.upto("delivered"))) == ("condition", ["to"])
    play("dismiss", "sc.officer", employee="zd.head")
    assert Unit.objects.get(code="ZD").head is None
    assert why(play.refused("dispatch", "kf.agent", play.upto("registered", phone="13900001111"), unit="ZD")) == (
        "condition", ["unit"],
    )  # fmt: skip
    entry = LedgerEntry.objects.filter(verb="dismiss").latest("seq")
    assert entry.facts == {
        "employee": cast["zd.head"].pk, "without_head": ["ZD"], "without_leader": [cast["zd.zhou"].pk],
    }  # fmt: skip


def test_a_contact_who_leaves_or_moves_passes_on_and_serves_no_more(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("delivered")
    play("roster", "wh.head", **NIGHT | {"employee": "wh.contact"})
    play("update_employee", "sc.officer", employee="wh.contact", unit="YC")
    assert again(play, complaint).matter.holder == cast["wh.deputy"]
    assert (receivers("WH", now.at), receivers("YC", now.at)) == (["wh.deputy"], ["yc.contact"])
    assert receivers("WH", "2026-11-24 20:00") == ["wh.deputy"]
    play("dismiss", "sc.officer", employee="wh.deputy")
    assert again(play, complaint).matter.holder == cast["wh.head"]
    assert broken(again(play, complaint).matter) is None


def test_one_who_owes_a_reply_and_a_hand_over_is_one_act_on_the_complaint(play: Play, cast: Cast) -> None:
    """The forwarder of WH's own round: passed on and told to the centre's supervisor, the chain intact."""
    forwarded = play("forward", "wh.contact", tier="vip")
    found = play("dispatch", "kf.agent", play("register", "kf.agent", forwarded))
    play("dismiss", "sc.officer", employee="wh.contact")
    assert told("to_do", verb="reassign_reply") == ["kf.supervisor"]
    assert (again(play, found).matter.holder, broken(again(play, found).matter)) == (cast["wh.deputy"], None)
    assert verbs_of(found)[-1] == "pass_on"


def test_admitted_and_back_again(play: Play, cast: Cast, now: Now) -> None:
    play("admit", "sc.officer", username="wh.new", name="新来", unit="WH")
    person = Employee.objects.get(username="wh.new")
    assert (person.name, person.unit, person.is_active, person.has_usable_password()) == (
        "新来", cast.unit("WH"), True, False,
    )  # fmt: skip
    assert why(play.refused("admit", "sc.officer", username="wh.new", name="又", unit="WH")) == (
        "condition",
        ["username"],
    )
    assert why(play.refused("admit", "sc.officer", username="wh new", name="又", unit="WH")) == ("facts", ["username"])
    assert why(play.refused("admit", "sc.officer", username="system", name="又", unit="WH")) == (
        "condition",
        ["username"],
    )
    play("dismiss", "sc.officer", employee="wh.new")
    play("admit", "sc.officer", username="wh.new", name="新来", unit="YC")
    person.refresh_from_db()
    assert (person.unit, person.is_active, person.history.count()) == (cast.unit("YC"), True, 3)
    entry = LedgerEntry.objects.filter(verb="admit").earliest("seq")
    assert entry.facts == {"unit": "WH", "username": "wh.new"}


def test_who_returns_to_another_unit_brings_no_role_of_the_old_one(play: Play, cast: Cast, now: Now) -> None:
    """The last day of a leaver's roles lasts until midnight: elsewhere they are admitted the day after (R17, R40)."""
    away = {"username": "wh.contact", "name": "何接口"}
    play("dismiss", "sc.officer", employee="wh.contact")
    assert why(play.refused("admit", "sc.officer", **away, unit="YC")) == ("condition", ["unit"])
    play("admit", "sc.officer", **away, unit="WH")
    assert receivers("WH", now.at) == ["wh.contact", "wh.deputy"]
    play("dismiss", "sc.officer", employee="wh.contact")
    now.set("2026-11-25 09:00")
    play("admit", "sc.officer", **away, unit="YC")
    assert receivers("YC", now.at) == ["yc.contact"]


def test_a_role_that_had_not_begun_begins_in_no_other_unit(play: Play, cast: Cast, now: Now) -> None:
    play("appoint", "sc.officer", employee="wh.li", role="contact", starts_on="2026-12-01")
    play("dismiss", "sc.officer", employee="wh.li")
    now.set("2026-12-01 09:00")
    elsewhere = {"username": "wh.li", "name": "李思琪", "unit": "YC"}
    assert "2026-12-01" in str(play.refused("admit", "sc.officer", **elsewhere).fields["unit"])
    now.set("2026-12-02 09:00")
    play("admit", "sc.officer", **elsewhere)
    assert receivers("YC", now.at) == ["yc.contact"]


def test_a_move_leaves_the_leader_and_those_led_behind(play: Play, cast: Cast) -> None:
    """R4: a person's leader is not somebody whom the other unit has lost; a leader from elsewhere stays."""
    play("set_supervisor", "sc.officer", employee="wh.li", supervisor="zd.head")
    play("set_supervisor", "sc.officer", employee="wh.wang", supervisor="wh.leader")
    play("update_employee", "sc.officer", employee="wh.zhang", unit="YC")
    assert LedgerEntry.objects.latest("seq").facts.get("without_leader") == [cast["wh.zhang"].pk]
    play("update_employee", "sc.officer", employee="wh.li", unit="YC")
    led = Employee.objects.filter(supervisor=cast["wh.leader"], is_active=True).order_by("pk")
    left = [person.pk for person in led]
    assert left == [cast["wh.wang"].pk]
    play("update_employee", "sc.officer", employee="wh.leader", unit="YC")
    facts = LedgerEntry.objects.latest("seq").facts
    assert [pk for pk in facts["without_leader"] if pk != cast["wh.leader"].pk] == left
    now_led = dict(Employee.objects.filter(username__startswith="wh.").values_list("username", "supervisor__username"))
    assert {username for username, leader in now_led.items() if leader} == {"wh.li"}


def test_what_makes_no_sense_of_people_is_refused(play: Play) -> None:
    assert why(play.refused("dismiss", "sc.officer", employee="sc.officer")) == ("condition", ["employee"])
    assert why(play.refused("update_employee", "sc.officer", employee="wh.li")) == ("condition", [])
    assert why(play.refused("set_unit", "sc.officer", code="W H", name="x", kind="branch")) == ("facts", ["code"])
    play("set_unit", "sc.officer", code="XX", name="新单位", kind="branch")
    same = {"code": "XX", "name": "新单位", "kind": "branch"}
    assert why(play.refused("set_unit", "sc.officer", **same)) == ("condition", [])
    play("set_unit", "sc.officer", **same | {"name": "改名"})
    assert Unit.objects.get(code="XX").name == "改名"
    play("appoint", "sc.officer", employee="wh.li", role="contact", starts_on="2026-11-24")
    moved = {"employee": "wh.li", "unit": "YC"}
    assert why(play.refused("update_employee", "sc.officer", **moved)) == ("condition", ["employee"])


# An agent


@pytest.mark.rule("R26")
@pytest.mark.parametrize("verb", ["dismiss", "update_employee"])
def test_what_an_agent_took_stays_with_the_centre(
    play: Play, cast: Cast, now: Now, client_for: Callable[[str], Client], verb: str
) -> None:
    """Not with the unit that they go to: its head hears of no alarm, and they unmask no customer there."""
    complaint = play.upto("registered")
    play(verb, "sc.officer", employee="kf.agent", **({"unit": "YC"} if verb == "update_employee" else {}))
    found = again(play, complaint)
    assert (found.matter.holder, found.matter.holder_unit, found.agent) == (None, cast.unit("KF"), cast["kf.agent"])
    assert told("to_do", verb="dispatch") == ["kf.supervisor"]
    assert verbs_of(complaint)[-1] == "pass_on"
    assert broken(found.matter) is None
    page = client_for("kf.agent2").get(reverse("complaint", args=[found.matter.number])).content.decode()
    assert f"原受理人 {cast['kf.agent'].name} 已不在客服中心" in page
    moved = actor_for(cast["kf.agent"].pk, now.at)
    assert moved is None or not reveals_at_once(found, moved)
    Notification.objects.all().delete()
    reminders.raise_alarms(now.forward(days=1))
    assert told("waiting") == ["kf.head", "kf.supervisor"]
    dispatched = play("dispatch", "kf.agent2", found)
    assert dispatched.matter.holder == cast["wh.contact"]


@pytest.mark.rule("R26")
def test_what_an_agent_took_is_the_centres_once_their_service_there_ends(play: Play, cast: Cast, now: Now) -> None:
    """They stay in the centre but are no agent any more: they can do nothing with it, and hear of it no more."""
    complaint, handled = play.upto("registered"), play.upto("accepted", phone="13900002222")
    last = day_of(now.at)
    Appointment.objects.filter(employee=cast["kf.agent"]).update(ends_on=last)
    assert succession.sweep(now.forward(minutes=1)) == 0
    assert again(play, complaint).matter.holder == cast["kf.agent"]
    Notification.objects.all().delete()
    assert succession.sweep(now.set(end_of_day(last) + timedelta(seconds=1))) == 1
    found = again(play, complaint)
    assert (found.matter.holder, found.matter.holder_unit, verbs_of(complaint)[-1]) == (
        None,
        cast.unit("KF"),
        "pass_on",
    )
    assert (told("to_do", verb="dispatch"), broken(found.matter)) == (["kf.supervisor"], None)
    assert again(play, handled).matter.holder == cast["wh.zhang"]
    assert succession.sweep(now.forward(minutes=1)) == 0
    play("request_return", "wh.zhang", handled)
    assert "kf.agent" not in set(Notification.objects.values_list("recipient__username", flat=True))
    assert play("dispatch", "kf.agent2", found).matter.holder == cast["wh.contact"]


@pytest.mark.rule("R26")
def test_who_comes_back_to_the_centre_without_a_role_holds_nothing(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("answered")
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    now.forward(days=2)
    play("update_employee", "sc.officer", employee="kf.agent", unit="KF")
    complaint = play("judge_complete", "kf.agent2", again(play, complaint))
    assert (complaint.agent, complaint.matter.holder) == (cast["kf.agent"], None)


@pytest.mark.rule("R28")
def test_a_return_is_ruled_on_by_the_centre_though_its_agent_moved(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("accepted")
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    Notification.objects.all().delete()
    complaint = play("request_return", "wh.zhang", complaint)
    ruling = deadline(complaint, "ruling", 1)
    assert (ruling.unit, ruling.person, complaint.matter.holder_unit) == (cast.unit("KF"), None, cast.unit("KF"))
    play("rule_on_return", "kf.agent2", complaint, accepted=True)
    assert "kf.agent" not in set(Notification.objects.values_list("recipient__username", flat=True))


@pytest.mark.rule("R20")
def test_the_supervisors_hear_what_an_agent_who_left_would_have(play: Play, cast: Cast, now: Now) -> None:
    handled = play.upto("accepted")
    answered = play.upto("answered", phone="13900002222")
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    Notification.objects.all().delete()
    play("request_extension", "wh.zhang", handled)
    assert told("extension_asked", part=1) == ["kf.supervisor"]
    sweeper.sweep(now.forward(days=60))
    heard = Notification.objects.filter(matter=answered.matter, kind="missed")
    assert set(heard.values_list("recipient__username", flat=True)) >= {"kf.supervisor"}
    assert not Notification.objects.filter(recipient=cast["kf.agent"]).exists()


def test_who_works_on_it_elsewhere_leaves_it_as_any_handler_does(play: Play, cast: Cast) -> None:
    """They took it once, but hold it for the unit now: nothing goes to the centre."""
    complaint = play.upto("delivered")
    play("update_employee", "sc.officer", employee="kf.agent", unit="WH")
    play("set_supervisor", "sc.officer", employee="kf.agent", supervisor="wh.leader")
    play("accept", "kf.agent", play("hand_off", "wh.contact", complaint, to="kf.agent"))
    Notification.objects.all().delete()
    play("dismiss", "sc.officer", employee="kf.agent")
    assert "pass_on" not in verbs_of(complaint)
    assert (told("to_do", verb="reassign"), told("to_do", verb="answer")) == (
        ["wh.contact", "wh.deputy", "wh.head"],
        [],
    )


def test_an_agent_who_forwarded_it_too_leaves_both(play: Play, cast: Cast) -> None:
    complaint = play("register", "kf.agent", play("forward", "kf.agent", tier="vip"))
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    found = again(play, complaint)
    assert (found.matter.holder, found.matter.holder_unit, verbs_of(complaint)[-1]) == (
        None, cast.unit("KF"), "pass_on",
    )  # fmt: skip
    assert (told("to_do", verb="dispatch"), told("to_do", verb="reassign_reply")) == (["kf.supervisor"],) * 2


def test_no_limit_of_the_centre_follows_its_agent(play: Play, cast: Cast, now: Now) -> None:
    """Neither the first reply, if the centre owes it again, nor the answer to a body outside."""
    forwarded = play("forward", "wh.zhang", tier="vip")
    complaint = play("dispatch", "kf.agent", play("register", "kf.agent", forwarded))
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    complaint = play("correct", "kf.agent2", complaint, tier="none", reason="更正。")
    duty = deadline(complaint, "first_reply")
    assert (duty.unit, duty.person) == (cast.unit("KF"), None)
    given = {"body": "miit", "outside_number": "GX1", "received": "2026-11-24 08:00"}
    complaint = play("record_outside_case", "kf.agent2", complaint, **given)
    assert deadline(complaint, "answer_miit").unit == cast.unit("KF")


@pytest.mark.parametrize("by", ["kf.agent", "kf.agent2"])
def test_the_centre_is_warned_where_nobody_in_person_holds_it(play: Play, cast: Cast, now: Now, by: str) -> None:
    """The first warning too, which the holder gets alone where there is one. Who has gone hears of none."""
    complaint = play.upto("registered")
    if by == "kf.agent2":
        play("dispatch", by, complaint)
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    Notification.objects.all().delete()
    reminders.warn(now.forward(hours=25))
    assert told("warned", kind="first_reply") == (["wh.contact"] if by == "kf.agent2" else ["kf.supervisor"])
    sweeper.sweep(now.forward(days=60))
    assert "kf.agent" not in set(Notification.objects.values_list("recipient__username", flat=True))


def test_a_centre_without_supervisors_hears_by_its_head(play: Play, cast: Cast) -> None:
    complaint = play.upto("registered")
    play("dismiss", "sc.officer", employee="kf.supervisor")
    play("dismiss", "sc.officer", employee="kf.agent")
    assert told("to_do", verb="dispatch") == ["kf.head"]
    assert again(play, complaint).matter.holder is None


@pytest.mark.rule("R28")
def test_what_comes_back_to_the_centre_later_is_told_to_who_hears_for_it(play: Play, cast: Cast) -> None:
    answered, returned = play.upto("accepted"), play.upto("accepted", phone="13900002222")
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    answered = play("answer", "wh.zhang", answered)
    play("request_return", "wh.zhang", returned)
    assert (told("to_do", verb="judge_complete"), told("to_do", verb="rule_on_return")) == (["kf.supervisor"],) * 2
    Notification.objects.all().delete()
    play("reply", "kf.agent2", play("judge_complete", "kf.agent2", answered))
    assert told("to_do") == ["kf.supervisor"] * 2  # the reply, and the customer's word


def test_who_owes_a_missed_reply_hears_of_it_beside_the_agent(play: Play, cast: Cast, now: Now) -> None:
    """Who took it in owes it, another has dispatched it; a former replier stays the one who missed it."""
    play("dispatch", "kf.agent2", play.upto("registered"))
    forwarded = play("forward", "yc.chen", tier="vip", phone="13900002222")
    forwarded = play("register", "kf.agent", forwarded)
    sweeper.sweep(now.forward(days=60))
    heard = told("missed", kind="first_reply")
    assert heard == ["kf.agent", "kf.agent", "kf.agent2", "yc.chen"]
    forwarded = play("reassign_reply", "kf.supervisor", forwarded, to="yc.leader")
    duty = deadline(forwarded, "first_reply")
    assert set(forwarded.told_of_miss(duty, Batch(now.at))) >= {cast["yc.chen"].pk, cast["kf.agent"].pk}


@pytest.mark.rule("R36")
def test_material_goes_to_who_replies_and_not_to_an_agent_who_has_gone(play: Play, cast: Cast) -> None:
    asked = play("ask_material", "kf.agent", play.upto("completed"))
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    play("give_material", "wh.zhang", asked)
    assert told("material_given") == ["kf.supervisor"]


@pytest.mark.rule("R23")
def test_a_promised_call_is_not_given_to_an_agent_who_has_gone(play: Play, cast: Cast) -> None:
    complaint = play("register", "kf.agent", play("forward", "wh.zhang", tier="vip"))
    complaint = play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))
    complaint = play("plan_call_back", "wh.zhang", complaint, day="2026-11-26")
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    complaint = play("correct", "kf.agent2", complaint, tier="none", reason="更正。")
    assert complaint.call_back_by == cast["kf.supervisor"]


def test_what_is_still_asked_of_the_supervisors_stays_asked(play: Play, cast: Cast) -> None:
    """One of two bodies outside has its answer: the other one waits as before, held by nobody in person."""
    complaint = play.upto("replied")
    for number, body in enumerate(("miit", "line_12345")):
        given = {"body": body, "outside_number": f"GX{number}", "received": "2026-11-24 08:00"}
        complaint = play("record_outside_case", "kf.agent", complaint, **given)
    complaint = play("record_satisfaction", "kf.agent", complaint)
    play("update_employee", "sc.officer", employee="kf.agent", unit="YC")
    play("answer_outside_case", "kf.agent2", complaint, body="miit")
    asked = Notification.objects.filter(kind="to_do", facts__verb="answer_outside_case", over_at=None)
    assert list(asked.values_list("recipient__username", flat=True)) == ["kf.supervisor"]


@pytest.mark.rule("R23")
def test_a_promised_call_stays_somebodys_though_nobody_hears_for_the_centre(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("register", "kf.agent", play("forward", "wh.zhang", tier="vip"))
    complaint = play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))
    complaint = play("plan_call_back", "wh.zhang", complaint, day="2026-11-26")
    for username in ("kf.supervisor", "kf.head", "kf.agent"):
        play("dismiss", "sc.officer", employee=username)
    complaint = play("correct", "kf.agent2", complaint, tier="none", reason="更正。")
    assert succession.sweep(now.at) == 1
    assert (again(play, complaint).call_back_by, succession.sweep(now.at)) == (cast["kf.agent2"], 0)
