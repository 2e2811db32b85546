"""A token is what a person gives a program: issued with their device, shown once, and gone with their right to it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accountability import tasks
from accountability.models import (
    AccessLog,
    ApiToken,
    Appointment,
    Employee,
    LedgerEntry,
    SentRequest,
    SignInState,
    Unit,
)
from accountability.permissions import may_look_beyond
from accountability.signin import passwords, sessions, tokens
from config.api import middleware
from tests.accountability.signin.conftest import Door
from tests.config.api.conftest import Issue, Program, ProgramOf, is_problem
from tests.factories import Cast, Now, Play
from tests.looking import contents
from tests.walking import addresses

MINE = reverse("my_tokens")
TYPED: dict[str, Any] = {"name": "热线CTI", "scopes": ["read", "act"], "days": "90", "networks": "10.20.0.0/16"}
SECRET = re.compile(r"sw_[\w-]{43}")


@pytest.fixture
def inside(door: Door) -> Client:
    """wh.zhang, signed in with the password and a device."""
    door.knows("wh.zhang")
    door.bound("wh.zhang")
    client = door.inside("wh.zhang")
    door.now.forward(seconds=60)
    return client


def issued(door: Door, client: Client, **typed: Any) -> Any:
    return client.post(MINE, TYPED | {"code": door.code("wh.zhang")} | typed)


def rows(action: str) -> list[tuple[str, str, str]]:
    found = AccessLog.objects.filter(action=action).select_related("actor")
    return [(row.actor.username, row.result, row.detail) for row in found if row.actor]


def test_a_token_is_issued_with_a_fresh_code_shown_once_and_recorded(door: Door, inside: Client) -> None:
    page = issued(door, inside)
    (secret,) = SECRET.findall(page.content.decode())
    kept = ApiToken.objects.get()
    assert (kept.employee.username, kept.may_read, kept.may_act, kept.networks) == (
        "wh.zhang", True, True, ["10.20.0.0/16"],
    )  # fmt: skip
    assert kept.expires_at == door.now.at + timedelta(days=90)
    assert secret not in str(contents())
    assert secret not in inside.get(MINE).content.decode()
    assert rows("issue_token") == [("wh.zhang", "ok", f"token {kept.pk} read,act {kept.expires_at:%Y-%m-%d}")]
    assert Program(secret, "10.20.3.4").get("complaints").status_code == 200


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"code": "000000"}, "code"), ({"days": "366"}, "days"), ({"days": "0"}, "days"), ({"scopes": []}, "scopes"),
     ({"scopes": ["admin"]}, "scopes"), ({"networks": "10.20.0.0/33"}, "networks"), ({"name": ""}, "name"),
     ({"networks": " ".join(["10.0.0.1"] * 21)}, "networks"), ({"networks": "10.20.3.4/16"}, "networks"),
     ({"networks": "0.0.0.0/0"}, "networks"), ({"networks": "::ffff:0:0/96"}, "networks"),
     ({"networks": "::/0"}, "networks"), ({"name": "王伟 13912345678"}, "name")],
)  # fmt: skip
def test_what_is_not_asked_for_rightly_issues_nothing(
    door: Door, inside: Client, typed: dict[str, Any], field: str
) -> None:
    page = issued(door, inside, **typed)
    assert (page.status_code, field in page.context["form"].errors) == (422, True)
    assert not ApiToken.objects.exists()


def test_a_code_issues_one_token(door: Door, inside: Client) -> None:
    code = door.code("wh.zhang")
    assert [issued(door, inside, code=code).status_code for _n in range(2)] == [200, 422]


def test_without_a_device_nobody_issues_one(door: Door) -> None:
    door.knows("wh.zhang")
    page = door.inside("wh.zhang").post(MINE, TYPED | {"code": "123456"})
    assert (page.status_code, ApiToken.objects.count()) == (422, 0)


def test_a_session_that_has_not_shown_the_device_issues_none(door: Door, inside: Client) -> None:
    session: Any = inside.session
    session[sessions.VERIFIED] = False
    session["second_factor_asked"] = False
    session.save()
    assert (issued(door, inside).status_code, ApiToken.objects.count()) == (422, 0)


def test_nobody_has_more_than_twenty(door: Door, inside: Client, issue: Issue) -> None:
    for _n in range(tokens.MOST_EACH):
        issue("wh.zhang")
    assert (issued(door, inside).status_code, ApiToken.objects.count()) == (422, tokens.MOST_EACH)


@pytest.mark.parametrize("overlap", [0, 1])
def test_a_new_secret_ends_the_former_one_at_once_or_when_said(
    door: Door, inside: Client, issue: Issue, overlap: int
) -> None:
    token, former = issue("wh.zhang")
    page = inside.post(reverse("renew_token", args=[token.pk]), {"overlap": overlap, "code": door.code("wh.zhang")})
    (present,) = SECRET.findall(page.content.decode())
    assert [Program(each).get("complaints").status_code for each in (former, present)] == [200 if overlap else 401, 200]
    door.now.forward(minutes=61)
    assert [Program(each).get("complaints").status_code for each in (former, present)] == [401, 200]
    assert [name for name, _result, _detail in rows("renew_token")] == ["wh.zhang"]


def test_a_new_secret_needs_a_fresh_code(door: Door, inside: Client, issue: Issue) -> None:
    token, secret = issue("wh.zhang")
    place = reverse("renew_token", args=[token.pk])
    assert inside.post(place, {"overlap": 0, "code": "000000"}).status_code == 422
    assert Program(secret).get("complaints").status_code == 200


def test_a_token_is_ended_at_once_and_that_is_recorded(door: Door, inside: Client, issue: Issue) -> None:
    token, secret = issue("wh.zhang")
    inside.post(reverse("end_token", args=[token.pk]))
    is_problem(Program(secret).get("complaints"), 401)
    assert rows("end_token") == [("wh.zhang", "ok", f"token {token.pk}")]


def test_somebody_elses_token_is_not_there(inside: Client, issue: Issue) -> None:
    token, secret = issue("wh.li")
    assert inside.post(reverse("end_token", args=[token.pk])).status_code == 404
    assert inside.get(reverse("renew_token", args=[token.pk])).status_code == 404
    assert inside.get(MINE).context["tokens"] == []
    assert Program(secret).get("complaints").status_code == 200


@pytest.mark.parametrize(
    ("verb", "facts"),
    [("dismiss", {"reason": "离职。"}), ("update_employee", {"unit": "YC", "reason": "调动。"})],
)  # fmt: skip
def test_it_ends_when_its_person_leaves_or_moves(issue: Issue, play: Play, verb: str, facts: dict[str, Any]) -> None:
    _token, secret = issue("wh.zhang")
    play(verb, "sc.officer", employee="wh.zhang", **facts)
    is_problem(Program(secret).get("complaints"), 401)
    assert not ApiToken.objects.exists()


def test_it_does_not_come_back_with_its_person(issue: Issue, play: Play) -> None:
    _token, secret = issue("wh.zhang")
    for unit in ("YC", "WH"):
        play("update_employee", "sc.officer", employee="wh.zhang", unit=unit, reason="调动。")
        Program(secret).get("complaints")
    is_problem(Program(secret).get("complaints"), 401)


def test_it_ends_with_all_sessions_of_its_person(issue: Issue, cast: Cast, now: Now) -> None:
    """A new password, an end by the security administrator, a lost device, a sign-in that nobody used: all of them
    end sessions in one place.
    """
    _token, secret = issue("wh.zhang")
    passwords.put(cast["wh.zhang"], "七只水獺在河裡游 42", now.at)
    is_problem(Program(secret).get("complaints"), 401)
    assert sessions.end_all(issue("wh.zhang")[0].employee_id) == 1


def test_a_move_that_no_verb_made_ends_it_as_well(issue: Issue, cast: Cast) -> None:
    _token, secret = issue("wh.zhang")
    Employee.objects.filter(username="wh.zhang").update(unit=Unit.objects.get(code="YC"))
    is_problem(Program(secret).get("complaints"), 401)


def test_leaving_its_unit_ends_it_although_nothing_was_asked_meanwhile(issue: Issue, play: Play) -> None:
    _token, secret = issue("wh.zhang")
    for unit in ("YC", "WH"):
        play("update_employee", "sc.officer", employee="wh.zhang", unit=unit, reason="调动。")
    is_problem(Program(secret).get("complaints"), 401)


@pytest.mark.parametrize("role", ["csc_supervisor", "marketing", "marketing_leader", "auditor", "agent"])
def test_it_does_not_grow_with_its_person(issue: Issue, cast: Cast, now: Now, role: str) -> None:
    """What they gave to a program isn't what they gain: an office with a second factor, or that two people give."""
    asked_for_more = role != "agent"
    token, secret = issue("wh.zhang")
    starts = now.at.date() + timedelta(days=2)
    Appointment.objects.create(employee=cast["wh.zhang"], role=role, starts_on=starts)
    assert Program(secret).get("complaints").status_code == 200
    now.forward(days=3)
    assert Program(secret).get("complaints").status_code == (401 if asked_for_more else 200)
    assert ApiToken.objects.filter(pk=token.pk).exists() is not asked_for_more
    assert Program(issue("wh.zhang")[1]).get("complaints").status_code == 200


def test_heading_the_centre_is_such_an_office(issue: Issue, cast: Cast) -> None:
    _token, secret = issue("wh.zhang")
    Unit.objects.filter(kind="service_centre").update(head=cast["wh.zhang"])
    is_problem(Program(secret).get("complaints"), 401)


def test_what_it_had_it_keeps_and_loses(issue: Issue, cast: Cast) -> None:
    _token, secret = issue("kf.supervisor")
    assert Program(secret).get("complaints").status_code == 200
    Appointment.objects.filter(employee=cast["kf.supervisor"]).delete()
    assert Program(secret).get("complaints").status_code == 200


def test_an_outgrown_one_gets_no_new_secret(door: Door, inside: Client, issue: Issue, cast: Cast) -> None:
    token, _secret = issue("wh.zhang")
    Appointment.objects.create(employee=cast["wh.zhang"], role="marketing", starts_on=door.now.at.date())
    assert inside.get(reverse("renew_token", args=[token.pk])).status_code == 403


def test_a_closed_sign_in_closes_it(issue: Issue, cast: Cast, now: Now) -> None:
    _token, secret = issue("wh.zhang")
    SignInState.objects.create(employee=cast["wh.zhang"], closed_at=now.at)
    is_problem(Program(secret).get("complaints"), 401)


def test_another_sign_in_of_its_person_does_not_end_it(door: Door, issue: Issue) -> None:
    door.knows("wh.zhang")
    _token, secret = issue("wh.zhang")
    door.inside("wh.zhang")
    assert Program(secret).get("complaints").status_code == 200


def test_it_expires(issue: Issue, now: Now) -> None:
    token, secret = issue("wh.zhang", days=1)
    now.forward(hours=24)
    assert Program(secret).get("complaints").status_code == 200
    now.forward(seconds=1)
    is_problem(Program(secret).get("complaints"), 401)
    assert rows("use_token") == [("wh.zhang", "refused", f"token {token.pk} expired")]
    tasks.close_sign_ins()
    assert not ApiToken.objects.exists()


def test_no_token_lasts_longer_than_a_year(issue: Issue, now: Now) -> None:
    assert issue("wh.zhang", days=9999)[0].expires_at == now.at + timedelta(days=365)


@pytest.mark.parametrize(
    ("address", "status"),
    [("10.20.3.4", 200), ("::ffff:10.20.3.4", 200), ("2001:db8::7", 200), ("10.21.0.1", 401), ("2001:db9::7", 401),
     ("", 401)],
)  # fmt: skip
def test_it_is_good_from_its_addresses_only(issue: Issue, address: str, status: int) -> None:
    _token, secret = issue("wh.zhang", networks=["10.20.0.0/16", "2001:db8::/32"])
    assert Program(secret, address).get("complaints").status_code == status


def test_a_range_that_is_mapped_into_ipv6_is_one_of_ipv4(door: Door, inside: Client) -> None:
    (secret,) = SECRET.findall(issued(door, inside, networks="::ffff:10.20.0.0/112 10.9.9.9").content.decode())
    assert ApiToken.objects.get().networks == ["10.20.0.0/16", "10.9.9.9/32"]
    places = ("10.20.3.4", "::ffff:10.20.3.4", "10.9.9.9", "10.21.0.1")
    assert [Program(secret, each).get("complaints").status_code for each in places] == [200, 200, 200, 401]


def test_an_address_that_a_client_claims_is_not_believed(issue: Issue) -> None:
    _token, secret = issue("wh.zhang", networks=["10.20.0.0/16"])
    is_problem(Program(secret, "10.9.9.9").get("complaints", X_Forwarded_For="10.20.3.4"), 401)


def test_its_last_use_is_kept_and_written_once_a_minute(issue: Issue, now: Now) -> None:
    token, secret = issue("wh.zhang")
    first = now.at
    for _n in range(3):
        Program(secret).get("complaints")
        now.forward(seconds=20)
    token.refresh_from_db()
    assert (token.used_at, token.used_from) == (first, "10.1.1.1")
    Program(secret, "10.1.1.2").get("complaints")
    token.refresh_from_db()
    assert (token.used_at, token.used_from) == (now.at, "10.1.1.2")


@pytest.mark.parametrize(
    ("scopes", "reads", "acts"), [({"acts": False}, 200, 403), ({"reads": False}, 403, 404), ({}, 200, 404)]
)
def test_it_does_no_more_than_was_said(program: ProgramOf, scopes: dict[str, bool], reads: int, acts: int) -> None:
    asking = program("wh.zhang", **scopes)
    assert asking.get("complaints").status_code == reads
    assert asking.post("complaints/TS20261124000009/accept").status_code == acts


def test_the_organisation_is_a_scope_of_its_own(program: ProgramOf) -> None:
    told = {"employee": "wh.li", "reason": "离职。"}
    for scopes, status in (({"organises": False}, 403), ({"acts": False}, 200)):
        answer = program("sc.officer", **scopes).post("organisation/dismiss", told)
        assert (answer.status_code, "scope" in answer.content.decode()) == (status, status == 403)


def test_it_opens_no_page(program: ProgramOf) -> None:
    """Wherever it is presented but under /api/v1/, nobody is signed in."""
    asking = program("sc.officer")
    places = [
        reverse(each.name) for each in addresses()
        if not each.takes and not each.positional and not each.name.startswith("api_")
    ]  # fmt: skip
    opened = {"/livez", "/readyz", "/metrics", "/language/", "/sign-in/", "/activate/", "/admin/login/", "/c/"}
    opened |= {"/sign-in/company/", "/sign-in/company/return/", "/sign-in/company/out/"}
    answers = {place: asking.get(place) for place in places if place not in opened}
    assert len(answers) > 50
    assert {place for place, answer in answers.items() if answer.status_code != 302} == set()


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", "Bearer sw_", "Bearer x", "Basic c3c6eA==", "sw_x", "Bearer " + "9" * 500]
)
def test_what_is_no_token_is_nobody(program: ProgramOf, said: str) -> None:
    del program
    answer = Client().get("/api/v1/complaints", headers={"Authorization": said})
    is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_beside_a_token_counts_for_nothing(program: ProgramOf, client_for: Any) -> None:
    """A bad token isn't helped by a session, and a good one neither ends nor prolongs it."""
    client: Client = client_for("kf.agent")
    is_problem(client.get("/api/v1/complaints", headers={"Authorization": "Bearer sw_no"}), 401)
    answer = client.get("/api/v1/complaints", headers={"Authorization": f"Bearer {program('wh.zhang').secret}"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert client.get("/api/v1/complaints").status_code == 200


def test_what_a_token_did_is_known_as_its_work(program: ProgramOf, issue: Issue, play: Play) -> None:
    """In the record it is the person's act; the access log says by which token, for refusals too."""
    handed = play("hand_off", "wh.contact", play("dispatch", "kf.agent", play("register", "kf.agent")))
    token, secret = issue("wh.zhang")
    place = f"complaints/{handed.matter.number}"
    assert Program(secret).post(f"{place}/accept").status_code == 200
    assert Program(secret).post(f"{place}/accept").status_code == 409
    assert LedgerEntry.objects.get(verb="accept").actor.username == "wh.zhang"
    by = f"token {token.pk}"
    assert sorted(rows("accept")) == [("wh.zhang", "ok", by), ("wh.zhang", "state", by)]


def test_administrators_have_none(door: Door, program: ProgramOf) -> None:
    is_problem(program("sj.security").get("complaints"), 403)


@override_settings(API_ENABLED=False)
def test_where_the_interface_is_off_tokens_are_seen_and_ended_and_none_is_made(
    door: Door, inside: Client, issue: Issue
) -> None:
    token, secret = issue("wh.zhang")
    page = inside.get(MINE).content.decode()
    end, renew = (reverse(name, args=[token.pk]) for name in ("end_token", "renew_token"))
    assert (end in page, renew in page, "id_code" in page, reverse("api_docs") in page) == (True, False, False, False)
    assert MINE in inside.get(reverse("my_sessions")).content.decode()
    assert issued(door, inside).status_code == 404
    assert inside.get(renew).status_code == 404
    assert inside.post(renew, {"overlap": 0, "code": door.code("wh.zhang")}).status_code == 404
    assert inside.post(end).status_code == 302
    assert not ApiToken.objects.exists()
    is_problem(Program(secret).get("complaints"), 401)


@override_settings(API_ENABLED=False)
def test_where_the_interface_is_off_there_is_no_page_for_it(inside: Client) -> None:
    assert inside.get(MINE).status_code == 404
    assert MINE not in inside.get(reverse("my_sessions")).content.decode()


def test_a_program_with_a_token_neither_exports_nor_unmasks(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both need `verified`, which a token hasn't, although its person had to show a device to issue it."""
    seen, kept = [], middleware._actor

    def looked_at(request: Any) -> Any:
        actor: Any = kept(request)
        seen.append((actor.looks_beyond_own_work, may_look_beyond(actor)))
        return actor

    monkeypatch.setattr(middleware, "_actor", looked_at)
    assert Program(issue("sc.officer")[1]).get("complaints").status_code == 200
    assert seen == [(False, True)]


def test_keys_that_nobody_sends_again_are_forgotten(cast: Cast, now: Now) -> None:
    person = Employee.objects.get(username="wh.zhang")
    assert tokens.remembered(person, "k", "content", now.at)
    now.forward(days=31)
    tasks.close_sign_ins()
    assert not SentRequest.objects.exists()
