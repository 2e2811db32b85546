"""Duty, absence and what passes on: nothing waits for somebody who isn't there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant, show_instant
from accountability.gate import sweeper
from accountability.gate.subjects import Organisation
from accountability.models import (
    Absence,
    DutyRoster,
    LedgerEntry,
    Notification,
    SignInState,
    Unit,
    actor_for,
    contacts_by_unit,
    contacts_of,
    units_without_contact,
)
from accountability.organisation import succession
from accountability.signin import inactivity
from complaints.models import Complaint, Round
from tests.factories import Cast, Now, Play
from tests.looking import deadline, verbs_of, why
from tests.test_translations import chinese_on

NIGHT = {"unit": "WH", "employee": "wh.li", "starts_at": "2026-11-24 17:30", "ends_at": "2026-11-25 08:30"}
LEAVE = {"employee": "wh.contact", "starts_at": "2026-11-24 09:00", "ends_at": "2026-11-27 24:00", "reason": "年假。"}


def receivers(code: str, at: Any) -> list[str]:
    instant = read_instant(at) if isinstance(at, str) else at
    return [person.username for person in contacts_of(Unit.objects.get(code=code).pk, instant)]


def told(notice: str, **facts: Any) -> list[str]:
    rows = Notification.objects.filter(kind=notice, **{f"facts__{name}": value for name, value in facts.items()})
    return sorted(rows.values_list("recipient__username", flat=True))


def again(play: Play, complaint: Complaint) -> Any:
    return play.again(complaint)


# Duty


@pytest.mark.rule("R17")
@pytest.mark.parametrize(
    ("instant", "first"),
    [
        ("2026-11-24 17:29:59.999", "wh.contact"), ("2026-11-24 17:30", "wh.li"), ("2026-11-25 08:30", "wh.li"),
        ("2026-11-25 08:30:00.001", "wh.contact"),
    ],
)  # fmt: skip
def test_who_is_on_duty_comes_first_from_the_first_to_the_last_instant(play: Play, instant: str, first: str) -> None:
    play("roster", "wh.contact", **NIGHT)
    rest = [name for name in ("wh.contact", "wh.deputy") if name != first]
    assert receivers("WH", instant) == [first, *rest]
    assert receivers("YC", instant) == ["yc.contact"]


def test_on_duty_one_has_the_contacts_part_and_sees_its_rounds(play: Play, cast: Cast, now: Now) -> None:
    play("roster", "wh.head", **NIGHT)
    complaint = play("dispatch", "kf.agent", play.upto("registered"), at=now.set("2026-11-24 20:00"))
    actor = actor_for(cast["wh.li"].pk, now.at)
    assert actor is not None
    assert (complaint.matter.holder, complaint.round.contact) == (cast["wh.li"], cast["wh.li"])
    assert Complaint.objects.visible_to(actor).count() == 1
    handed = play("hand_off", "wh.li", complaint)
    assert handed.round.handed_off_by == cast["wh.li"]
    later = actor_for(cast["wh.li"].pk, read_instant("2026-11-25 09:00"))
    assert later is not None
    assert (later.stands_in_for, Complaint.objects.visible_to(later).count()) == (frozenset(), 0)


def test_a_turn_with_the_same_beginning_is_changed_and_a_cancelled_one_counts_no_more(play: Play, now: Now) -> None:
    play("roster", "sc.officer", **NIGHT)
    play("roster", "sc.officer", **NIGHT | {"ends_at": "2026-11-25 12:00", "note": "夜班"})
    turn = DutyRoster.objects.get()
    assert (turn.ends_at, turn.shift, turn.history.count()) == (read_instant("2026-11-25 12:00"), "夜班", 2)
    play("cancel_roster", "wh.head", unit="WH", employee="wh.li", starts_at="2026-11-24 17:30")
    assert receivers("WH", "2026-11-24 20:00") == ["wh.contact", "wh.deputy"]
    play("roster", "wh.head", **NIGHT)
    assert receivers("WH", "2026-11-24 20:00") == ["wh.li", "wh.contact", "wh.deputy"]


@pytest.mark.parametrize(
    ("by", "facts", "expected"),
    [
        ("wh.zhang", {}, ("forbidden", [])),
        ("kf.supervisor", {}, ("forbidden", [])),
        ("yc.contact", {}, ("condition", ["unit"])),
        ("yc.head", {}, ("condition", ["unit"])),
        ("wh.contact", {"employee": "yc.chen"}, ("condition", ["employee"])),
        ("wh.contact", {"ends_at": "2026-11-24 17:30"}, ("condition", ["ends_at"])),
        ("wh.contact", {"starts_at": "2026-11-23 17:30", "ends_at": "2026-11-24 08:30"}, ("condition", ["ends_at"])),
        ("wh.contact", {"starts_at": "morgen"}, ("facts", ["starts_at"])),
    ],
)
def test_a_turn_that_may_not_be_is_refused_at_its_field(
    play: Play, by: str, facts: dict[str, str], expected: tuple[str, list[str]]
) -> None:
    assert why(play.refused("roster", by, **NIGHT | facts)) == expected


def test_turns_of_one_person_do_not_overlap_and_past_ones_stay(play: Play, now: Now) -> None:
    play("roster", "wh.head", **NIGHT)
    overlapping = NIGHT | {"starts_at": "2026-11-25 08:00", "ends_at": "2026-11-25 12:00"}
    assert why(play.refused("roster", "wh.head", **overlapping)) == ("condition", ["starts_at"])
    now.set("2026-11-25 09:00")
    gone = {"unit": "WH", "employee": "wh.li", "starts_at": "2026-11-24 17:30"}
    assert why(play.refused("cancel_roster", "wh.head", **gone)) == ("condition", ["starts_at"])
    longer = NIGHT | {"ends_at": "2026-11-25 12:00"}
    assert why(play.refused("roster", "wh.head", **longer)) == ("condition", ["starts_at"])
    assert why(play.refused("cancel_roster", "wh.head", **gone | {"employee": "wh.wang"})) == (
        "condition",
        ["starts_at"],
    )


# Absence


@pytest.mark.rule("R19")
def test_the_contact_away_the_deputy_receives_with_the_same_thirty_minutes(play: Play, cast: Cast, now: Now) -> None:
    """S12."""
    play("record_absence", "wh.contact", **LEAVE)
    complaint = play("dispatch", "kf.agent", play.upto("registered"))
    handoff = deadline(complaint, "handoff", 1)
    assert (complaint.matter.holder, handoff.person) == (cast["wh.deputy"], cast["wh.deputy"])
    assert handoff.due_at == read_instant("2026-11-24 09:30")


@pytest.mark.rule("R17")
def test_nobody_there_the_head_receives_and_has_the_contacts_part(play: Play, cast: Cast) -> None:
    play("record_absence", "wh.head", **LEAVE)
    play("record_absence", "sc.officer", **LEAVE | {"employee": "wh.deputy"})
    complaint = play("dispatch", "kf.agent", play.upto("registered"))
    assert complaint.matter.holder == cast["wh.head"]
    assert told("no_contact") == ["wh.head"]
    assert play("hand_off", "wh.head", complaint).round.state == "handed_off"


def test_what_waits_for_the_contact_passes_on_at_once(play: Play, cast: Cast, now: Now) -> None:
    complaint, other = play.upto("delivered"), play.upto("handed_off", phone="13900001111")
    before = verbs_of(other)
    now.forward(minutes=10)
    play("record_absence", "wh.contact", **LEAVE)
    found = again(play, complaint)
    assert (found.matter.holder, found.round.contact) == (cast["wh.deputy"], cast["wh.deputy"])
    assert (deadline(found, "handoff", 1).person, deadline(found, "handoff", 1).due_at) == (
        cast["wh.deputy"], read_instant("2026-11-24 09:30"),
    )  # fmt: skip
    entry = LedgerEntry.objects.get(verb="pass_on")
    assert (entry.matter_id, entry.actor, entry.part, entry.at) == (complaint.pk, cast["wh.contact"], 1, now.at)
    assert entry.facts == {"from": cast["wh.contact"].pk, "to": cast["wh.deputy"].pk, "why": "record_absence"}
    assert (verbs_of(other), broken(found.matter)) == (before, None)
    assert Notification.objects.filter(matter=found.matter, kind="to_do", created_at=now.at).count() == 1
    assert play("hand_off", "wh.deputy", found).round.state == "handed_off"
    kept = Round.history.filter(id=found.round.pk).order_by("history_id").values_list("contact__username", flat=True)
    assert list(kept) == ["wh.contact", "wh.deputy", "wh.deputy"]


def test_a_leave_that_begins_later_passes_on_when_it_begins(play: Play, cast: Cast, now: Now) -> None:
    play("record_absence", "wh.contact", **LEAVE | {"starts_at": "2026-11-24 09:20"})
    complaint = play.upto("delivered")
    assert complaint.matter.holder == cast["wh.contact"]
    assert succession.sweep(read_instant("2026-11-24 09:19:59.999")) == 0
    assert succession.sweep(now.set("2026-11-24 09:20")) == 1
    assert succession.sweep(now.at) == 0
    found = again(play, complaint)
    entry = LedgerEntry.objects.get(verb="pass_on")
    assert (found.matter.holder, entry.actor.username, entry.facts["why"]) == (cast["wh.deputy"], "system", "sweep")


def test_the_end_of_a_turn_and_of_an_appointment_pass_on_too(play: Play, cast: Cast, now: Now) -> None:
    play("roster", "wh.head", **NIGHT)
    play("end_appointment", "sc.officer", employee="wh.contact", role="contact", ends_on="2026-11-25")
    complaint = play("dispatch", "kf.agent", play.upto("registered"), at=now.set("2026-11-25 08:15"))
    holders = []
    for instant in ("2026-11-25 08:30", "2026-11-25 08:30:01", "2026-11-25 24:00", "2026-11-26 00:00"):
        sweeper.sweep(now.set(instant))
        succession.sweep(now.at)
        holders.append(again(play, complaint).matter.holder)
    assert holders == [cast[name] for name in ("wh.li", "wh.contact", "wh.contact", "wh.deputy")]


def test_a_missed_hand_off_stays_the_former_contacts(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("delivered")
    sweeper.sweep(now.forward(hours=1))
    play("record_absence", "wh.contact", **LEAVE)
    found = again(play, complaint)
    assert (found.matter.holder, deadline(found, "handoff", 1).person) == (cast["wh.deputy"], cast["wh.contact"])


@pytest.mark.rule("R22")
@pytest.mark.parametrize("verb", ["record_absence", "dismiss", "update_employee"])
def test_who_goes_when_the_hand_off_has_passed_takes_it_along(play: Play, cast: Cast, now: Now, verb: str) -> None:
    """Nobody else is charged with it because the sweep hasn't come round yet: the act judges it first."""
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    now.at = due + timedelta(seconds=2)
    facts = {"record_absence": LEAVE, "update_employee": {"employee": "wh.contact", "unit": "YC"}}
    play(verb, "sc.officer", **facts.get(verb, {"employee": "wh.contact"}))
    handoff = deadline(complaint, "handoff", 1)
    assert (handoff.person, handoff.missed_at, told("missed", part=1)) == (
        cast["wh.contact"], due, ["wh.contact", "wh.head"],
    )  # fmt: skip
    assert again(play, complaint).matter.holder == cast["wh.deputy"]
    assert broken(again(play, complaint).matter) is None


@pytest.mark.rule("R22")
def test_a_leave_that_begins_after_the_hand_off_has_passed_takes_it_along(play: Play, cast: Cast, now: Now) -> None:
    """The sweep passes the round on when it has judged it, which it does a few seconds later."""
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    play("record_absence", "wh.head", **LEAVE | {"starts_at": show_instant(due + timedelta(milliseconds=500))})
    now.at = due + timedelta(seconds=1)
    assert (succession.sweep(now.at), again(play, complaint).matter.holder) == (0, cast["wh.contact"])
    sweeper.sweep(now.forward(minutes=1))
    assert (succession.sweep(now.at), again(play, complaint).matter.holder) == (1, cast["wh.deputy"])
    assert (deadline(complaint, "handoff", 1).person, told("missed", part=1)[0]) == (
        cast["wh.contact"], "wh.contact",
    )  # fmt: skip


def test_a_cancelled_turn_passes_on_and_an_ended_appointment_of_yesterday_at_once(
    play: Play, cast: Cast, now: Now
) -> None:
    play("roster", "wh.head", **NIGHT)
    complaint = play("dispatch", "kf.agent", play.upto("registered"), at=now.set("2026-11-24 20:00"))
    play("cancel_roster", "wh.head", unit="WH", employee="wh.li", starts_at="2026-11-24 17:30")
    assert again(play, complaint).matter.holder == cast["wh.contact"]
    play("end_appointment", "sc.officer", employee="wh.contact", role="contact", ends_on="2026-11-23")
    assert again(play, complaint).matter.holder == cast["wh.deputy"]


@pytest.mark.rule("R17")
def test_whose_sign_in_is_closed_receives_nothing_until_it_is_opened(play: Play, cast: Cast, now: Now) -> None:
    """Nobody has used it for long, or they have left by the company's directory: the post stays, the work goes."""
    complaint = play.upto("delivered")
    inactivity.close_all([cast["wh.contact"]], now.at, has_left=True)
    assert (receivers("WH", now.at), succession.sweep(now.at)) == (["wh.deputy"], 1)
    assert again(play, complaint).matter.holder == cast["wh.deputy"]
    inactivity.close_all([cast["wh.deputy"]], now.at)
    assert "WH" in units_without_contact(now.at).values_list("code", flat=True)
    assert play.upto("delivered", phone="13900002222").matter.holder == cast["wh.head"]
    SignInState.objects.update(closed_at=None)
    assert receivers("WH", now.at) == ["wh.contact", "wh.deputy"]


def test_where_nobody_else_is_there_it_stays_where_it_is(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"), unit="ZD")
    play("record_absence", "sc.officer", **LEAVE | {"employee": "zd.head"})
    assert (again(play, complaint).matter.holder, succession.sweep(now.at)) == (cast["zd.head"], 0)


def test_back_earlier_one_receives_again(play: Play, now: Now) -> None:
    play("record_absence", "wh.contact", **LEAVE | {"ends_at": ""})
    assert receivers("WH", "2027-01-05 09:00") == ["wh.deputy"]
    now.forward(hours=2)
    play("end_absence", "wh.head", employee="wh.contact")
    assert (receivers("WH", "2026-11-24 10:59"), receivers("WH", now.at)) == (
        ["wh.deputy"], ["wh.contact", "wh.deputy"],
    )  # fmt: skip
    assert why(play.refused("end_absence", "wh.head", employee="wh.contact")) == ("condition", ["employee"])
    play("record_absence", "wh.contact", **LEAVE)
    assert Absence.objects.count() == 2


@pytest.mark.parametrize(
    ("by", "facts", "expected"),
    [
        ("wh.zhang", {"employee": "wh.zhang"}, ("forbidden", [])),
        ("wh.deputy", {}, ("condition", ["employee"])),
        ("yc.head", {}, ("condition", ["employee"])),
        ("wh.contact", {"ends_at": "2026-11-24 08:00"}, ("condition", ["ends_at"])),
        ("wh.contact", {"starts_at": "2026-11-01 08:00", "ends_at": "2026-11-02 08:00"}, ("condition", ["ends_at"])),
        ("wh.contact", {"reason": ""}, ("facts", ["reason"])),
    ],
)
def test_an_absence_that_may_not_be_is_refused(
    play: Play, by: str, facts: dict[str, str], expected: tuple[str, list[str]]
) -> None:
    assert why(play.refused("record_absence", by, **LEAVE | facts)) == expected


def test_why_somebody_is_away_is_sealed(play: Play, client_for: Callable[[str], Client]) -> None:
    play("record_absence", "wh.contact", **LEAVE | {"reason": "胃部手术"})
    assert why(play.refused("record_absence", "wh.contact", **LEAVE)) == ("condition", ["starts_at"])
    entry = LedgerEntry.objects.get(verb="record_absence")
    absence = Absence.objects.get()
    assert (sorted(entry.facts), absence.reason_id) == (["employee", "ends_at", "starts_at"], entry.texts_id)
    place, readers = reverse("unit_roster", args=["WH"]), ("sc.officer", "wh.head", "kf.agent")
    pages = [client_for(name).get(place) for name in readers]
    assert ["wh.contact" in page.content.decode() for page in pages] == [True] * 3
    assert ["胃部手术" in page.content.decode() for page in pages] == [False] * 3


# Cost


def test_the_receivers_of_many_units_take_one_query(play: Play, cast: Cast, now: Now) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = contacts_by_unit([unit.pk for unit in cast.units.values()], now.at)
    assert (len(queries), sum(map(bool, found.values()))) == (1, 3)
    assert found.keys() == {unit.pk for unit in cast.units.values()}
    assert sorted(units_without_contact(now.at).values_list("code", flat=True)) == ["KF", "SC", "SJ", "ZD"]


def test_the_sweep_asks_as_often_however_much_waits(play: Play, now: Now) -> None:
    """Twice for rounds, once for calls whose person is gone, once for what former agents hold, four times for cases
    (open ones, and who serves where), once for rankings, once for plans.
    """

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert succession.sweep(now.at) == 0
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    play.upto("delivered")
    few = asked()
    for number in range(5):
        play.upto("delivered", phone=f"139{number:08d}")
    assert (few, asked()) == (10, 10)


# The page


def test_the_page_of_a_units_duty_costs_the_same_whatever_it_holds(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    client, place = client_for("wh.head"), reverse("unit_roster", args=["WH"])
    play("roster", "wh.head", **NIGHT)  # with a turn there is a form to call it off, too
    client.get(place)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place).status_code == 200
        return len(queries)

    few = asked()
    for day in range(1, 29):
        span = {"starts_at": f"2026-12-{day:02d} 18:00", "ends_at": f"2026-12-{day:02d} 24:00"}
        play("roster", "wh.head", **NIGHT | span)
    assert asked() == few
    page = client.get(place).content.decode()
    assert ("2026-12-24" in page, "2026-12-25" in page) == (True, False)


def test_forms_are_for_contacts_head_and_marketing(play: Play, client_for: Callable[[str], Client]) -> None:
    place, button = reverse("unit_roster", args=["WH"]), 'action="/organisation/roster/"'
    readers = ("wh.contact", "wh.deputy", "wh.head", "sc.officer", "wh.zhang", "yc.contact", "kf.agent", "sj.auditor")
    offered = {name for name in readers if button in client_for(name).get(place).content.decode()}
    assert offered == {"wh.contact", "wh.deputy", "wh.head", "sc.officer"}
    assert client_for("wh.head").get(reverse("unit_roster", args=["NIX"])).status_code == 404


def test_a_turn_is_entered_on_the_page(play: Play, client_for: Callable[[str], Client]) -> None:
    client = client_for("wh.contact")
    answer = client.post(reverse("organisation_act", args=["roster"]), NIGHT)
    assert (answer.status_code, answer.headers["location"]) == (302, reverse("unit_roster", args=["WH"]))
    absent = client.post(reverse("organisation_act", args=["record_absence"]), LEAVE)
    assert (absent.status_code, absent.headers["location"]) == (302, reverse("unit_roster", args=["WH"]))
    assert (DutyRoster.objects.count(), Absence.objects.count()) == (1, 1)
    assert Organisation.standing().matter.ledger_length == 2


def test_the_passing_on_is_told_on_the_complaints_page(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    play("record_absence", "wh.contact", **LEAVE)
    page = client_for("kf.agent").get(reverse("complaint", args=[complaint.matter.number])).content.decode()
    assert ("接口人变更" in page, "不在岗，由" in page, "pass_on" in page) == (True, True, False)


def test_the_page_is_english_for_whoever_reads_english(play: Play, client_for: Callable[[str], Client]) -> None:
    play("roster", "wh.contact", **NIGHT)
    play("record_absence", "wh.contact", **LEAVE)
    client = client_for("wh.head")
    client.cookies["django_language"] = "en"
    assert chinese_on(client.get(reverse("unit_roster", args=["WH"]))) == []
