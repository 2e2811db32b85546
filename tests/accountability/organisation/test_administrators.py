"""System, security and audit administrators: three accounts, nothing beside, and no word of a complaint for any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accountability.gate.act import Refused
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import Appointment, Employee, LedgerEntry, Notification, Unit, actor_for
from accountability.organisation.importing.making import make_plan
from accountability.organisation.importing.tables import read
from accountability.permissions import ADMINISTRATOR_ROLES, OVERSIGHT_ROLES, Role
from assessment.models import Circular, Plan
from complaints.fields.candidates import colleagues, handlers_to_name
from complaints.models import Complaint, Round
from tests.factories import Cast, Now, Play
from tests.looking import writes
from tests.test_access_matrix import plain

pytestmark = [pytest.mark.compliance(9), pytest.mark.asvs("8.2.1")]

THREE = {"sj.system": Role.SYSTEM_ADMIN, "sj.security": Role.SECURITY_ADMIN, "sj.auditadmin": Role.AUDIT_ADMIN}
TODAY, LATER = "2026-11-24", "2026-12-01"


def appointing(employee: str, role: str, **facts: str) -> dict[str, str]:
    return {"employee": employee, "role": role, "starts_on": TODAY, "reason": "任命"} | facts


def refusal(play: Play, verb: str, by: str, **facts: Any) -> tuple[str, list[str]]:
    before = writes()
    with pytest.raises(Refused) as caught:
        play(verb, by, **facts)
    assert writes() == before
    return caught.value.code, list(caught.value.fields)


# Who appoints


def test_the_security_administrator_appoints_and_ends_each_as_an_entry_of_the_ledger(play: Play, cast: Cast) -> None:
    ending = {"employee": "sj.auditadmin", "role": "audit_admin", "ends_on": TODAY, "reason": "轮换"}
    play.by_two("appoint_administrator", "sj.security", "sj.auditadmin", **appointing("sj.plain", "audit_admin"))
    play.by_two("end_administrator", "sj.security", "sj.plain", **ending)
    entries = LedgerEntry.objects.filter(actor=cast["sj.security"]).order_by("seq")
    assert [(entry.verb, entry.facts["employee"], entry.facts["role"]) for entry in entries] == [
        ("appoint_administrator", cast["sj.plain"].pk, "audit_admin"),
        ("end_administrator", cast["sj.auditadmin"].pk, "audit_admin"),
    ]
    assert Appointment.objects.get(employee=cast["sj.auditadmin"]).ends_on == date(2026, 11, 24)


def test_nobody_else_appoints_administrators_or_auditors(play: Play, cast: Cast) -> None:
    others = {person.username for person in cast if person.username not in ("sj.security", "system")}
    facts = appointing("sj.plain", "auditor")
    assert {refusal(play, "appoint_administrator", one, **facts)[0] for one in others} == {"forbidden"}


@pytest.mark.parametrize("role", sorted(OVERSIGHT_ROLES))
def test_marketing_appoints_to_none_of_these_roles(play: Play, role: str) -> None:
    facts = {"employee": "sj.plain", "role": role, "starts_on": TODAY}
    assert refusal(play, "appoint", "sc.officer", **facts) == ("facts", ["role"])


@pytest.mark.parametrize("role", sorted(set(Role.values) - OVERSIGHT_ROLES))
def test_the_security_administrator_gives_no_role_of_the_business(play: Play, role: str) -> None:
    assert refusal(play, "appoint_administrator", "sj.security", **appointing("sj.plain", role)) == ("facts", ["role"])
    facts = {"employee": "sj.plain", "role": role, "starts_on": TODAY}
    assert refusal(play, "appoint", "sj.security", **facts)[0] == "forbidden"


def test_never_oneself(play: Play) -> None:
    facts = appointing("sj.security", "system_admin")
    assert refusal(play, "appoint_administrator", "sj.security", **facts) == ("condition", ["employee"])


def test_the_last_security_administrator_cant_go(play: Play, cast: Cast) -> None:
    ending = {"employee": "sj.security", "role": "security_admin", "ends_on": TODAY, "reason": "轮换"}
    assert refusal(play, "end_administrator", "sj.security", **ending) == ("condition", ["employee"])
    assert refusal(play, "dismiss", "sc.officer", employee="sj.security") == ("condition", ["employee"])
    play.by_two("appoint_administrator", "sj.security", "sj.auditadmin", **appointing("sj.plain", "security_admin"))
    play.by_two("end_administrator", "sj.plain", "sj.auditadmin", **ending)
    assert refusal(play, "dismiss", "sc.officer", employee="sj.plain") == ("condition", ["employee"])


def test_a_move_to_another_unit_ends_no_office_that_is_for_no_unit(play: Play, cast: Cast) -> None:
    for username in (*THREE, "sj.auditor"):
        play("update_employee", "sc.officer", employee=username, unit="WH")
    running = Appointment.objects.filter(role__in=OVERSIGHT_ROLES, ends_on=None).values_list("role", flat=True)
    assert sorted(running) == sorted(OVERSIGHT_ROLES)


# Nothing beside


@pytest.mark.parametrize("role", sorted(ADMINISTRATOR_ROLES))
@pytest.mark.parametrize("held", ["wh.contact", "kf.agent", "sc.officer", "sj.auditor", *THREE])
def test_who_holds_any_role_becomes_no_administrator(play: Play, held: str, role: str) -> None:
    if held == "sj.security" or THREE.get(held) == role:
        return
    facts = appointing(held, role)
    assert refusal(play, "appoint_administrator", "sj.security", **facts) == ("condition", ["role"])


def test_roles_that_dont_overlap_may_follow_each_other(play: Play) -> None:
    play("appoint", "sc.officer", employee="wh.wang", role="contact", starts_on=TODAY, ends_on="2026-11-30")
    early = appointing("wh.wang", "system_admin", starts_on="2026-11-30")
    assert refusal(play, "appoint_administrator", "sj.security", **early) == ("condition", ["role"])
    later = appointing("wh.wang", "system_admin", starts_on=LATER)
    play.by_two("appoint_administrator", "sj.security", "sj.auditadmin", **later)
    again = {"employee": "wh.wang", "role": "contact", "starts_on": "2027-01-01"}
    assert refusal(play, "appoint", "sc.officer", **again) == ("facts", ["employee"])


@pytest.mark.parametrize("role", ["system_admin", "auditor"])
def test_who_heads_leads_is_on_duty_or_has_open_work_becomes_none(play: Play, role: str) -> None:
    play("roster", "sc.officer", unit="WH", employee="wh.wang", starts_at=f"{LATER} 08:00", ends_at=f"{LATER} 18:00")
    play.upto("accepted")
    found = {
        username: refusal(play, "appoint_administrator", "sj.security", **appointing(username, role))
        for username in ("yc.head", "yc.leader", "wh.wang", "wh.zhang")
    }
    assert found == dict.fromkeys(found, ("condition", ["employee"]))


@pytest.mark.parametrize(
    ("verb", "facts", "field"),
    [
        ("appoint", {"employee": "sj.system", "role": "contact", "starts_on": TODAY}, "employee"),
        ("set_head", {"unit": "SJ", "head": "sj.system"}, "head"),
        ("set_supervisor", {"employee": "sj.plain", "supervisor": "sj.system"}, "supervisor"),
        (
            "roster",
            {"unit": "SJ", "employee": "sj.system", "starts_at": f"{LATER} 08:00", "ends_at": f"{LATER} 18:00"},
            "employee",
        ),
    ],
)
def test_an_administrator_is_put_to_nothing_else(play: Play, verb: str, facts: dict[str, str], field: str) -> None:
    assert refusal(play, verb, "sc.officer", **facts) == ("facts", [field])


def test_nor_is_work_put_into_their_hands(play: Play, cast: Cast, now: Now) -> None:
    later = appointing("wh.li", "system_admin", starts_on=LATER)
    play.by_two("appoint_administrator", "sj.security", "sj.auditadmin", **later)
    delivered = play.upto("delivered")
    facts = {"to": "wh.li", "method": "system"}
    with pytest.raises(Refused) as caught:
        play("hand_off", "wh.contact", delivered, **facts)
    assert list(caught.value.fields) == ["to"]
    contact = actor_for(cast["wh.contact"].pk, now.at)
    assert contact is not None
    offered = [
        {person.username for person in among(play.again(delivered), contact)}
        for among in (handlers_to_name, colleagues)
    ]
    assert [("wh.li" in one, "wh.zhang" in one) for one in offered] == [(False, True)] * 2


def test_nor_by_a_file_of_the_organisation(cast: Cast, now: Now) -> None:
    tables = {
        "units.csv": "单位代码,单位名称,单位类别,负责人\nSJ,内审部,省公司机关部门,sj.system\n",
        "people.csv": "工号,姓名,单位代码,分管领导,在职状态\nsj.plain,平,SJ,sj.security,\n",
        "contacts.csv": "单位代码,工号,角色,开始日期,结束日期\nSJ,sj.auditadmin,接口人,2026-12-01,\n",
    }
    read_in = [table for name, text in tables.items() for table in read(name, text.encode())]
    plan = make_plan(read_in, by=cast["sc.officer"], at=now.at, complete=False)
    assert [line.error for line in plan.lines] == ["系统、安全和审计管理员不办理业务。"] * 3


# Whatever stands in the database


@pytest.mark.parametrize(
    "beside",
    [
        lambda cast: Appointment.objects.create(
            employee=cast["sj.system"], role="marketing", starts_on=date(2020, 1, 1)
        ),
        lambda cast: Appointment.objects.create(
            employee=cast["sj.system"], role="audit_admin", starts_on=date(2020, 1, 1)
        ),
        lambda cast: Unit.objects.filter(code="WH").update(head=cast["sj.system"]),
    ],
    ids=["marketing", "another of the three", "head of a unit"],
)
def test_a_role_beside_it_that_came_by_another_way_takes_both_away(
    cast: Cast, now: Now, client_for: Callable[[str], Client], beside: Callable[[Cast], Any]
) -> None:
    beside(cast)
    actor = actor_for(cast["sj.system"].pk, now.at)
    assert actor is not None
    assert (actor.at_odds, actor.is_administrator, actor.is_system_admin, actor.is_marketing, actor.units) == (
        True, True, False, False, frozenset({cast.unit("SJ").pk}),
    )  # fmt: skip
    client = client_for("sj.system")
    answers = [client.get(place).status_code for place in ("/operations/", "/access-log/", "/complaints/", "/inbox/")]
    assert answers == [403, 403, 403, 200]


# No word of a complaint


@pytest.fixture
def was_theirs(play: Play, cast: Cast, now: Now) -> Complaint:
    """A complaint that wh.zhang answered and sj.plain forwarded, both administrators since."""
    forwarded = play("forward", "sj.plain")
    registered = play("register", "kf.agent", forwarded)
    made = play("dispatch", "kf.agent", registered)
    for verb, by in (("hand_off", "wh.contact"), ("accept", "wh.zhang"), ("answer", "wh.zhang")):
        made = play(verb, by, made)
    for username, role in (("wh.zhang", "system_admin"), ("sj.plain", "security_admin")):
        Appointment.objects.create(employee=cast[username], role=role, starts_on=date(2020, 1, 1))
    return made


def test_what_was_theirs_before_is_no_longer_shown(
    was_theirs: Complaint, cast: Cast, now: Now, client_for: Callable[[str], Client]
) -> None:
    for username in ("wh.zhang", "sj.plain"):
        actor = actor_for(cast[username].pk, now.at)
        assert actor is not None
        seen = [model.objects.visible_to(actor).count() for model in (Complaint, Round, Circular, Plan)]
        assert seen == [0, 0, 0, 0]
        client, number = client_for(username), str(was_theirs.matter.number)
        pages = ["/inbox/", "/preferences/", "/units/", "/rules/", "/tour/", "/pulse/", "/operations/", "/accounts/"]
        told = [page for page in pages if number in client.get(page, follow=True).content.decode()]
        assert told == []
        assert client.get("/pulse/").json()["unread"] == 0
    assert Notification.objects.filter(recipient=cast["wh.zhang"], matter=was_theirs.matter).exists()


def test_no_verb_of_the_business_is_theirs(was_theirs: Complaint, play: Play, cast: Cast, now: Now) -> None:
    """Not even forwarding, which is everybody's."""
    actors = [actor_for(cast[username].pk, now.at) for username in THREE]
    matters = {entry.model for entry in VERBS.values()} - {Organisation}
    possible = [
        (entry.name, actor.employee.username)
        for entry in VERBS.values()
        for actor in actors
        if entry.model in matters and actor is not None and entry.permits(entry.model(), actor)
    ]
    assert (possible, len(matters) > 3) == ([], True)
    for username in THREE:
        with pytest.raises(Refused) as caught:
            play("forward", username)
        assert caught.value.code == "forbidden"


def test_an_administrator_is_answered_alike_whether_a_thing_is_there_or_not(
    was_theirs: Complaint, client_for: Callable[[str], Client]
) -> None:
    number = str(was_theirs.matter.number)
    for username in THREE:
        client = client_for(username)
        there: Any = client.get(f"/complaints/{number}/")
        not_there: Any = client.get("/complaints/TS20200101000001/")
        assert (there.status_code, not_there.status_code) == (403, 403)
        assert plain(there, number) == plain(not_there, "TS20200101000001")


def test_the_front_page_leads_each_to_their_desk(client_for: Callable[[str], Client]) -> None:
    led = {username: client_for(username).get("/").headers["location"] for username in THREE}
    assert led == {"sj.system": "/operations/", "sj.security": "/accounts/", "sj.auditadmin": "/access-log/"}


def test_there_is_no_superuser_to_be() -> None:
    fields = {field.name for field in Employee._meta.get_fields()}
    assert fields & {"is_superuser", "is_staff", "groups", "user_permissions"} == set()
