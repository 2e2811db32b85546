"""Units and contacts for everybody to read; supervisors, appointments and heads for marketing to change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import AccessLog, Appointment, Employee, LedgerEntry, Unit
from accountability.views.guarded_changes import VERBS_OF_CHANGES
from tests.factories import Cast, Now, Play


def rows(response: Any) -> dict[str, dict[str, Any]]:
    return {row["unit"].code: row for _label, found in response.context["groups"] for row in found}


def act(verb: str) -> str:
    return reverse("organisation_act", args=[verb])


@pytest.mark.rule("R17")
def test_every_unit_shows_its_contacts_and_the_one_without_is_marked(client_for: Callable[[str], Client]) -> None:
    response = client_for("sj.plain").get(reverse("units"))
    named = {code: [person.username for person in row["people"]] for code, row in rows(response).items()}
    assert named == {
        "KF": [], "SC": [], "SJ": [], "ZD": [],
        "WH": ["wh.contact", "wh.deputy"], "YC": ["yc.contact"], "WL": ["wl.contact"],
    }  # fmt: skip
    assert response.context["without"] == 4
    assert response.content.decode().count("无接口人") == 4


@pytest.mark.rule("R17")
def test_a_contact_whose_service_is_over_is_none(
    cast: Cast, play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    play("end_appointment", "sc.officer", employee="yc.contact", role="contact", ends_on="2026-11-24")
    client = client_for("sj.plain")
    serving = [rows(client.get(reverse("units")))["YC"]["people"] != []]
    now.set("2026-11-25 00:00")
    serving.append(rows(client.get(reverse("units")))["YC"]["people"] != [])
    assert serving == [True, False]


def test_a_unit_shows_its_people_with_leader_and_roles(client_for: Callable[[str], Client]) -> None:
    response = client_for("sj.plain").get(reverse("unit", args=["WH"]))
    people = {row["person"].username: row for row in response.context["people"]}
    assert people["wh.zhang"]["person"].supervisor.username == "wh.leader"
    assert [one["row"].role for one in people["wh.contact"]["appointments"]] == ["contact"]
    assert list(response.context["forms"]) == []


def test_a_unit_that_is_not_there_is_not_found(client_for: Callable[[str], Client]) -> None:
    assert client_for("sj.plain").get(reverse("unit", args=["XX"])).status_code == 404


def test_a_unit_without_a_contact_says_who_stands_in(client_for: Callable[[str], Client]) -> None:
    page = client_for("sj.plain").get(reverse("unit", args=["ZD"])).content.decode()
    assert "由负责人 潘宏图 接收并交办" in page


@pytest.mark.parametrize("name", ["units", "unit"])
def test_the_number_of_queries_is_constant(name: str, cast: Cast, client_for: Callable[[str], Client]) -> None:
    client, counts = client_for("sj.plain"), []
    place = reverse(name, args=["WH"] if name == "unit" else [])
    client.get(place)
    for rows_more in (0, 10, 100):
        Unit.objects.bulk_create(Unit(code=f"U{rows_more}-{n}", name="新", kind="branch") for n in range(rows_more))
        made = Employee.objects.bulk_create(
            Employee(username=f"n{rows_more}.{n}", name="新", unit=cast.unit("WH"), supervisor=cast["wh.leader"])
            for n in range(rows_more)
        )
        Appointment.objects.bulk_create(
            Appointment(employee=person, role="contact", starts_on=date(2026, 1, 1)) for person in made
        )
        with CaptureQueriesContext(connection) as found:
            client.get(place)
        counts.append(len(found))
    assert counts == [counts[0]] * 3


def test_marketing_finds_the_four_forms_on_the_units_page(client_for: Callable[[str], Client]) -> None:
    response = client_for("sc.officer").get(reverse("unit", args=["WH"]))
    assert [form.verb.name for form in response.context["forms"]] == [
        "set_supervisor", "appoint", "end_appointment", "set_head",
    ]  # fmt: skip


@pytest.mark.rule("R4")
def test_a_supervisor_is_set_and_the_ledger_knows_by_whom(
    cast: Cast, now: Now, client_for: Callable[[str], Client]
) -> None:
    response = client_for("sc.officer").post(
        act("set_supervisor"), {"employee": "wh.wang", "supervisor": "wh.leader", "_key": "k1"}
    )
    assert response.headers["location"] == reverse("unit", args=["WH"])
    wang = Employee.objects.get(username="wh.wang")
    assert wang.supervisor == cast["wh.leader"]
    entry = LedgerEntry.objects.get(matter__number="ORG")
    assert (entry.actor.username, entry.verb, entry.at) == ("sc.officer", "set_supervisor", now.at)
    row = wang.history.latest("history_id")
    assert (row.history_user, row.history_date) == (cast["sc.officer"], now.at)


def test_a_double_click_appoints_once(cast: Cast, client_for: Callable[[str], Client]) -> None:
    typed = {"employee": "zd.zhou", "role": "contact", "starts_on": "2026-11-24", "_key": "twice"}
    client = client_for("sc.officer")
    answers = [client.post(act("appoint"), typed).status_code for _n in range(3)]
    assert (answers, Appointment.objects.filter(employee=cast["zd.zhou"]).count()) == ([302] * 3, 1)


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({"starts_on": "2027-01-01"}, 422),
        ({"starts_on": "2026-12-01"}, 422),
        ({"starts_on": "2026-12-01", "ends_on": "2027-01-01"}, 422),
        ({"starts_on": "2026-12-01", "ends_on": "2026-12-31"}, 302),
    ],
)
def test_terms_in_one_role_never_overlap(
    cast: Cast, client_for: Callable[[str], Client], dates: dict[str, str], status: int
) -> None:
    client, typed = client_for("sc.officer"), {"employee": "zd.zhou", "role": "contact"}
    client.post(act("appoint"), typed | {"starts_on": "2027-01-01"})
    assert client.post(act("appoint"), typed | dates).status_code == status


def test_an_appointment_and_a_head_are_changed(cast: Cast, client_for: Callable[[str], Client]) -> None:
    client = client_for("sc.leader")
    client.post(act("end_appointment"), {"employee": "wh.deputy", "role": "deputy_contact", "ends_on": "2026-11-30"})
    assert Appointment.objects.get(employee=cast["wh.deputy"]).ends_on == date(2026, 11, 30)
    response = client.post(act("set_head"), {"unit": "WH", "head": "wh.leader"})
    assert (response.headers["location"], Unit.objects.get(code="WH").head) == ("/units/WH/", cast["wh.leader"])


@pytest.mark.parametrize(
    ("verb", "typed", "at_field"),
    [
        ("set_supervisor", {"employee": "wh.zhang", "supervisor": "nobody"}, "supervisor"),
        ("set_supervisor", {"employee": "wh.zhang", "supervisor": "wh.zhang"}, "supervisor"),
        ("set_supervisor", {"employee": "wh.zhang"}, "supervisor"),
        ("appoint", {"employee": "wh.contact", "role": "contact", "starts_on": "2026-11-24"}, "role"),
        ("appoint", {"employee": "wh.li", "role": "king", "starts_on": "2026-11-24"}, "role"),
        ("appoint", {"employee": "sc.officer", "role": "contact", "starts_on": "2026-11-24"}, "employee"),
        ("appoint", {"employee": "wh.li", "role": "auditor", "starts_on": "2026-11-24"}, "role"),
        ("appoint", {"employee": "wh.li", "role": "agent", "starts_on": "2026-11-24"}, "role"),
        ("appoint", {"employee": "kf.agent", "role": "marketing", "starts_on": "2026-11-24"}, "role"),
        ("appoint", {"employee": "wh.li", "role": "contact", "starts_on": "24.11.2026"}, "starts_on"),
        ("end_appointment", {"employee": "wh.li", "role": "contact", "ends_on": "2026-11-24"}, "role"),
        ("set_head", {"unit": "WH", "head": "yc.head"}, "head"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    verb: str, typed: dict[str, str], at_field: str, client_for: Callable[[str], Client]
) -> None:
    response = client_for("sc.officer").post(act(verb), typed)
    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (422, [at_field])
    assert {name: form[name].value() for name in typed} == typed
    assert LedgerEntry.objects.filter(matter__number="ORG").count() == 0


def test_a_broken_day_of_the_month_is_no_fault_of_the_program(client_for: Callable[[str], Client]) -> None:
    typed = {"employee": "wh.li", "role": "contact", "starts_on": "2026-02-30"}
    assert client_for("sc.officer").post(act("appoint"), typed).status_code == 422


def test_who_is_not_of_marketing_is_refused_and_it_is_on_record(
    cast: Cast, client_for: Callable[[str], Client]
) -> None:
    response = client_for("wh.head").post(act("set_head"), {"unit": "WH", "head": "wh.leader"})
    assert (response.status_code, Unit.objects.get(code="WH").head) == (403, cast["wh.head"])
    row = AccessLog.objects.get()
    assert (row.actor, row.action, row.result) == (cast["wh.head"], "set_head", "forbidden")


def test_a_link_fills_in_who_is_meant(client_for: Callable[[str], Client]) -> None:
    response = client_for("sc.officer").get(act("set_supervisor"), {"employee": "wh.wang", "evil": "x"})
    assert response.context["form"]["employee"].value() == "wh.wang"


@pytest.mark.parametrize("word", ["hand_off", "nothing", "SET_HEAD", "_verb"])
def test_a_word_that_is_no_verb_of_the_organisation_is_not_found(
    word: str, client_for: Callable[[str], Client]
) -> None:
    client = client_for("sc.officer")
    assert (client.get(act(word)).status_code, client.post(act(word)).status_code) == (404, 404)


def test_every_verb_of_the_organisation_has_its_form(client_for: Callable[[str], Client]) -> None:
    """Marketing's leader has all of its; the centre's supervisors and the security administrator have theirs. Two
    offices decide on guarded changes.
    """
    clients = [client_for(username) for username in ("sc.leader", "kf.supervisor", "sj.security")]
    verbs = [name for kind, name in VERBS if kind == Organisation.matter_kind]
    found = {name: [client.get(act(name)).status_code for client in clients] for name in verbs}
    open_to = {name: answers.count(200) for name, answers in found.items()}
    assert open_to == {name: 2 if name in VERBS_OF_CHANGES else 1 for name in verbs}
    assert {status for answers in found.values() for status in answers} == {200, 403}
