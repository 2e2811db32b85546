"""Who may change the rules of the house, who serves when, and for whom a complaint exists at all."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accountability.gate.act import Refused
from accountability.models import (
    Appointment,
    Employee,
    Unit,
    actor_for,
    contacts_of,
    units_without_contact,
)
from accountability.permissions import ADMINISTRATOR_ROLES, MARKETING_ROLES, Role, needs_second_factor
from complaints.models import Complaint, Round
from tests.factories import Cast, Now, Play
from tests.looking import writes

OF_THE_HOUSE: dict[str, dict[str, Any]] = {
    "set_limits": {"handling": {"P1": "6h"}},
    "set_policy": {"returns_before_ruling": 3},
    "set_duty_hours": {"unit": "WH", "clock": "duty"},
    "set_supervisor": {"employee": "wh.wang", "supervisor": "wh.leader"},
    "publish_calendar": {"year": 2027},
    "appoint": {"employee": "wh.li", "role": "contact", "starts_on": "2026-12-01"},
    "end_appointment": {"employee": "wh.deputy", "role": "deputy_contact", "ends_on": "2026-12-01"},
    "set_head": {"unit": "WH", "head": "wh.leader"},
    "set_unit": {"code": "WH", "name": "武汉", "kind": "branch"},
    "admit": {"username": "wh.new", "name": "新来", "unit": "WH"},
    "update_employee": {"employee": "wh.li", "name": "李四"},
    "dismiss": {"employee": "wh.li"},
}
MARKETING = {"sc.officer", "sc.officer2", "sc.leader"}


@pytest.mark.rule("R15")
@pytest.mark.parametrize("verb", OF_THE_HOUSE)
def test_only_the_marketing_department_changes_the_rules(play: Play, cast: Cast, verb: str) -> None:
    before = writes()
    others = {person.username for person in cast if person.username not in MARKETING | {"system"}}
    refused = set()
    for username in sorted(others):
        with pytest.raises(Refused) as caught:
            play(verb, username, **OF_THE_HOUSE[verb])
        refused.add((username, caught.value.code))

    assert refused == {(username, "forbidden") for username in others}
    assert writes() == before
    play(verb, "sc.officer2", **OF_THE_HOUSE[verb])
    assert writes() != before


def test_nobody_acts_as_the_system(play: Play, cast: Cast) -> None:
    with pytest.raises(Refused) as caught:
        play("forward", "system")
    assert caught.value.code == "forbidden"


# Dates of service


@pytest.mark.parametrize(
    ("day", "served"), [("2026-11-30", []), ("2026-12-01", ["wh.li"]), ("2026-12-24", ["wh.li"]), ("2026-12-25", [])]
)
def test_an_appointment_counts_from_its_first_to_its_last_day(
    play: Play, cast: Cast, now: Now, day: str, served: list[str]
) -> None:
    play("appoint", "sc.officer", employee="wh.li", role="contact", starts_on="2026-12-01", ends_on="2026-12-24")
    Appointment.objects.exclude(employee__username="wh.li").delete()
    for instant in (f"{day} 00:00", f"{day} 24:00"):
        at = now.set(instant)
        assert [person.username for person in contacts_of(cast.unit("WH").pk, at)] == served
        person = actor_for(cast["wh.li"].pk, at)
        assert person is not None
        assert sorted(person.roles) == (["contact"] if served else [])


def test_the_contact_comes_before_the_deputy(cast: Cast, now: Now) -> None:
    assert [p.username for p in contacts_of(cast.unit("WH").pk, now.at)] == ["wh.contact", "wh.deputy"]


@pytest.mark.rule("R17")
def test_units_without_a_contact_are_known(cast: Cast, now: Now) -> None:
    assert sorted(units_without_contact(now.at).values_list("code", flat=True)) == ["KF", "SC", "SJ", "ZD"]


@pytest.mark.rule("R17")
def test_the_head_stands_in_only_where_there_is_no_contact(cast: Cast, now: Now) -> None:
    def stands_in(username: str, code: str) -> bool:
        actor = actor_for(cast[username].pk, now.at)
        return actor is not None and actor.is_contact_of(cast.unit(code).pk)

    assert [stands_in(*who) for who in (("zd.head", "ZD"), ("wh.head", "WH"), ("wh.contact", "WH"))] == [
        True, False, True,
    ]  # fmt: skip
    assert [stands_in(*who) for who in (("zd.head", "WH"), ("wh.contact", "YC"), ("wh.deputy", "WH"))] == [
        False, False, True,
    ]  # fmt: skip


def test_a_person_no_longer_active_is_nobody(cast: Cast, now: Now) -> None:
    Employee.objects.filter(username="wh.contact").update(is_active=False)
    assert actor_for(cast["wh.contact"].pk, now.at) is None
    assert [p.username for p in contacts_of(cast.unit("WH").pk, now.at)] == ["wh.deputy"]


@pytest.mark.parametrize(
    ("verb", "facts", "field"),
    [
        ("set_supervisor", {"employee": "wh.leader", "supervisor": "wh.leader"}, "supervisor"),
        ("set_head", {"unit": "WH", "head": "yc.head"}, "head"),
        ("appoint", {"employee": "wh.contact", "role": "contact", "starts_on": "2026-12-01"}, "role"),
        (
            "appoint",
            {"employee": "wh.li", "role": "contact", "starts_on": "2026-12-02", "ends_on": "2026-12-01"},
            "ends_on",
        ),
        ("end_appointment", {"employee": "wh.li", "role": "contact", "ends_on": "2026-12-01"}, "role"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(play: Play, verb: str, facts: dict[str, str], field: str) -> None:
    before = writes()
    with pytest.raises(Refused) as caught:
        play(verb, "sc.officer", **facts)
    assert (caught.value.code, list(caught.value.fields)) == ("condition", [field])
    assert writes() == before


def leads_until(day: str) -> None:
    """As if the only leader of marketing had been appointed until this day: nobody ends the last one's service."""
    Appointment.objects.filter(role="marketing_leader").update(ends_on=day)


@pytest.mark.rule("R15")
@pytest.mark.parametrize(
    ("others_until", "ends_on", "done"),
    [
        ({"sc.officer2": "2026-12-31", "sc.leader": "2026-11-30"}, "2026-12-31", False),
        ({"sc.officer2": "2026-12-31", "sc.leader": "2027-01-01"}, "2026-12-31", True),
        ({"sc.officer2": "2026-11-23", "sc.leader": "2026-11-24"}, "2026-11-20", True),
        ({"sc.officer2": "2026-11-23", "sc.leader": "2026-11-24"}, "2026-11-24", False),
    ],
)
def test_the_last_of_marketing_cannot_end_their_own_service(
    play: Play, others_until: dict[str, str], ends_on: str, done: bool
) -> None:
    for username, day in sorted(others_until.items()):
        if username == "sc.leader":
            leads_until(day)
        else:
            play("end_appointment", "sc.officer", employee=username, role="marketing", ends_on=day)
    own = {"employee": "sc.officer", "role": "marketing", "ends_on": ends_on}
    if done:
        play("end_appointment", "sc.officer", **own)
        return
    before = writes()
    with pytest.raises(Refused) as caught:
        play("end_appointment", "sc.officer", **own)
    assert caught.value.fields == {"employee": "此后市场部再无他人任职，请先任命他人。"}
    assert writes() == before


@pytest.mark.rule("R15")
def test_nor_move_away_nor_count_on_who_has_left(play: Play) -> None:
    leads_until("2026-11-24")
    for username in ("sc.officer2", "sc.leader"):
        play("dismiss", "sc.officer", employee=username)
    for verb, facts, field in (
        ("end_appointment", {"employee": "sc.officer", "role": "marketing", "ends_on": "2026-12-31"}, "employee"),
        ("update_employee", {"employee": "sc.officer", "unit": "WH"}, "unit"),
    ):
        with pytest.raises(Refused) as caught:
            play(verb, "sc.officer", **facts)
        assert caught.value.fields == {field: "此后市场部再无他人任职，请先任命他人。"}


@pytest.mark.rule("R15")
def test_nor_send_the_others_away_by_the_day_they_go_themselves(play: Play) -> None:
    leads_until("2026-11-30")
    play("end_appointment", "sc.officer", employee="sc.officer", role="marketing", ends_on="2026-12-31")
    with pytest.raises(Refused, match="此后市场部再无他人任职"):
        play("end_appointment", "sc.officer", employee="sc.officer2", role="marketing", ends_on="2026-12-31")


def test_other_roles_and_other_people_end_as_ever(play: Play, cast: Cast) -> None:
    leads_until("2026-11-30")
    play("dismiss", "sc.officer", employee="sc.officer2")
    play("update_employee", "sc.officer", employee="sc.officer", name="新名字")
    left = Appointment.objects.filter(employee__in=[cast["sc.leader"], cast["sc.officer2"]])
    assert [str(day) for day in left.order_by("employee_id").values_list("ends_on", flat=True)] == [
        "2026-11-24", "2026-11-30",
    ]  # fmt: skip


# Who sees what

EVERYTHING = {
    "kf.agent", "kf.agent2", "kf.supervisor", "kf.head", "sc.officer", "sc.officer2", "sc.leader", "sj.auditor",
}  # fmt: skip
OF_WH = {"wh.contact", "wh.deputy", "wh.head"}
OF_YC = {"yc.contact", "yc.head"}


def complaint_exists_for(cast: Cast, at: Any) -> set[str]:
    return {person.username for person in cast if _sees(person, at, Complaint)}


def rounds_seen(cast: Cast, at: Any) -> dict[str, list[int]]:
    seen = {}
    for person in cast:
        actor = actor_for(person.pk, at)
        numbers = list(Round.objects.visible_to(actor).values_list("number", flat=True)) if actor else []
        if numbers:
            seen[person.username] = numbers
    return seen


def _sees(person: Employee, at: Any, model: Any) -> bool:
    actor = actor_for(person.pk, at)
    return actor is not None and model.objects.visible_to(actor).exists()


def test_before_a_dispatch_the_centre_marketing_and_auditors_see_it(play: Play, cast: Cast, now: Now) -> None:
    play.upto("registered")
    assert complaint_exists_for(cast, now.at) == EVERYTHING


def test_the_forwarder_sees_what_they_forwarded_and_no_round(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("forwarded")
    assert complaint_exists_for(cast, now.at) == EVERYTHING | {"yc.chen"}
    play("dispatch", "kf.agent", play("register", "kf.agent", complaint))
    assert complaint_exists_for(cast, now.at) == EVERYTHING | OF_WH | {"yc.chen"}
    assert set(rounds_seen(cast, now.at)) == EVERYTHING | OF_WH


def test_of_a_unit_its_contacts_and_head_see_it_and_who_handles_and_leads(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("delivered")
    assert complaint_exists_for(cast, now.at) == EVERYTHING | OF_WH
    complaint = play("report_to_leader", "wh.contact", complaint)
    assert complaint_exists_for(cast, now.at) == EVERYTHING | OF_WH | {"wh.leader"}
    play("name_handler", "wh.leader", complaint)
    assert complaint_exists_for(cast, now.at) == EVERYTHING | OF_WH | {"wh.leader", "wh.zhang"}


def test_each_unit_sees_its_own_rounds_afterwards_too_and_never_anothers(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    assert complaint_exists_for(cast, now.at) == EVERYTHING | OF_WH | OF_YC | {"wh.zhang", "wh.leader"}
    assert rounds_seen(cast, now.at) == (
        {username: [1, 2] for username in EVERYTHING}
        | {username: [1] for username in OF_WH | {"wh.zhang", "wh.leader"}}
        | {username: [2] for username in OF_YC}
    )
    assert complaint.round_count == 2


def test_who_no_longer_serves_as_contact_sees_nothing_any_more(play: Play, cast: Cast, now: Now) -> None:
    play.upto("delivered")
    Appointment.objects.filter(employee__username="wh.contact").update(ends_on=date(2026, 11, 24))
    assert complaint_exists_for(cast, now.at + timedelta(days=1)) == EVERYTHING | OF_WH - {"wh.contact"}


def test_the_head_of_the_centre_is_its_head_by_the_units_row(cast: Cast, now: Now, play: Play) -> None:
    play.upto("registered")
    Unit.objects.filter(code="KF").update(head=cast["kf.agent"])
    assert complaint_exists_for(cast, now.at) == EVERYTHING - {"kf.head"}


@pytest.mark.compliance(8)
@pytest.mark.asvs("6.3.3", "8.2.1")
def test_who_needs_a_second_factor_and_what_it_opens(cast: Cast, now: Now) -> None:
    """Administrators, marketing, supervisors and the head of the centre, auditors; administrators look at nothing."""
    actors = {person.username: actor for person in cast if (actor := actor_for(person.pk, now.at))}
    needing = {name for name, actor in actors.items() if needs_second_factor(actor)}
    looking = {name for name, actor in actors.items() if replace(actor, verified=True).looks_beyond_own_work}

    wanted = MARKETING_ROLES | ADMINISTRATOR_ROLES | {Role.CSC_SUPERVISOR, Role.AUDITOR}
    assert needing == {name for name, actor in actors.items() if actor.roles & wanted or actor.heads_centre}
    assert looking == {name for name in needing if not actors[name].is_administrator}
    assert [name for name, actor in actors.items() if actor.looks_beyond_own_work] == []
    assert {"sc.officer", "kf.supervisor"} <= looking
