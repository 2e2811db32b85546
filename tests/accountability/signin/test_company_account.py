"""Staff sign in with the company's account (docs/adr/0036-company-account.md): nobody is made, found by e-mail or given
anything by it, and whoever may not come in by a password doesn't come in this way either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accountability.audit.reconciliation import reconcile
from accountability.models import (
    AccessLog,
    ApiToken,
    Appointment,
    Authenticator,
    CompanyAccount,
    Employee,
    LedgerEntry,
    Notification,
    SignInState,
)
from accountability.signin import company_accounts, passwords, sessions, tokens
from tests.accountability.signin.company import Company, is_in
from tests.accountability.signin.conftest import Door
from tests.factories import Cast, Now, Play

CODE = reverse("second_factor")
START, RETURN, OUT = (reverse(name) for name in ("company_sign_in", "company_return", "company_sign_out"))

pytestmark = pytest.mark.usefixtures("cast")


# The door


def test_where_nothing_is_configured_nothing_of_it_is_there(settings: Any) -> None:
    assert not settings.OIDC_ISSUER
    client = Client()
    answers = [client.get(START), client.get(RETURN, {"code": "x", "state": "y"}), client.post(OUT)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert START not in client.get("/sign-in/").content.decode()


def test_the_page_offers_it_before_the_password(company: Company) -> None:
    page = Client().get("/sign-in/", {"next": "/units/?a=1&b=2"}).content.decode()
    assert page.index(f'href="{START}?next=/units/%3Fa%3D1%26b%3D2"'.replace("/units/", "%2Funits%2F")) < page.index(
        'name="password"'
    )


@pytest.mark.asvs("10.2.1", "10.1.2")
def test_the_browser_is_sent_with_a_challenge_and_values_of_this_sign_in_alone(company: Company) -> None:
    asked = [dict(parse_qsl(urlsplit(company.begins(Client()).headers["location"]).query)) for _n in range(2)]
    assert {name: asked[0][name] for name in ("response_type", "scope", "code_challenge_method", "prompt")} == {
        "response_type": "code", "scope": "openid profile", "code_challenge_method": "S256", "prompt": "login",
    }  # fmt: skip
    assert asked[0]["redirect_uri"] == f"http://testserver{RETURN}"
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name]) == 43
        assert asked[0][name] != asked[1][name]


def test_who_signs_in_there_is_in_here_and_the_log_says_how(company: Company, cast: Cast) -> None:
    client = Client()
    answer = company.comes("wh.zhang", client, place="/units/")
    assert (answer.status_code, answer.headers["location"], is_in(client)) == (302, "/units/", True)
    row = AccessLog.objects.get(action="sign_in")
    assert (row.actor, row.result, row.detail) == (cast["wh.zhang"], "ok", "company_sign_in")
    assert Employee.objects.get(username="wh.zhang").last_login is not None
    assert client.get(START).headers["location"] == "/"


@pytest.mark.parametrize(
    "foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_leads_nowhere_else(company: Company, foreign: str) -> None:
    assert company.comes("wh.zhang", place=foreign).headers["location"] == "/"


@pytest.mark.asvs("7.6.2")
def test_another_sites_page_signs_nobody_in(company: Company) -> None:
    """It leads to the sign-in page, where the person presses the button themself."""
    client = Client()
    answer = client.get(START, {"next": "/units/"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["location"] == "/sign-in/?next=%2Funits%2F"
    assert company.provider.asked == []
    for near in ("none", "same-origin", "same-site"):
        answer = client.get(START, headers={"Sec-Fetch-Site": near})
        assert answer.headers["location"].startswith(company.provider.issuer)


@pytest.mark.lesson(12)
@pytest.mark.asvs("7.2.4")
def test_the_session_gets_a_new_key(company: Company) -> None:
    client = Client()
    place = company.begins(client).headers["location"]
    before = client.session.session_key
    client.get(company.provider.back(place, sub="s", preferred_username="wh.zhang"))
    assert before not in (None, client.session.session_key)
    planted = Client()
    planted.cookies["sessionid"] = str(before)
    assert not is_in(planted)


# Whose it is


@pytest.mark.asvs("10.5.2", "6.8.1")
def test_the_first_sign_in_links_and_from_then_on_the_subject_alone_counts(company: Company, cast: Cast) -> None:
    company.inside("wh.zhang")
    assert company.linked() == ["wh.zhang"]
    entry = LedgerEntry.objects.get(verb="link_company_account")
    assert (entry.actor, list(entry.marks)) == (cast["wh.zhang"], ["accountability.companyaccount"])
    assert Notification.objects.get(kind="company_account_linked").recipient == cast["wh.zhang"]
    client = company.inside("wh.li", sub="s-wh.zhang")
    assert client.session["_auth_user_id"] == str(cast["wh.zhang"].pk)
    assert company.linked() == ["wh.zhang"]
    assert LedgerEntry.objects.filter(verb="link_company_account").count() == 1


@pytest.mark.asvs("10.5.2")
def test_a_name_given_to_somebody_else_there_opens_nothing(company: Company) -> None:
    company.inside("wh.zhang")
    assert company.comes("wh.zhang", sub="another").status_code == 403
    assert company.refusal == "company_sign_in another_account wh.zhang"


@pytest.mark.asvs("6.8.1")
def test_the_same_subject_of_another_issuer_is_somebody_else(company: Company) -> None:
    company.inside("wh.zhang")
    here = CompanyAccount.objects.get().identity
    assert company_accounts.identity_of("s-wh.zhang") == here
    company.settings.OIDC_ISSUER = "https://another.example"
    assert company_accounts.identity_of("s-wh.zhang") != here
    CompanyAccount.objects.update(identity="0" * 64)
    company.settings.OIDC_ISSUER = company.provider.issuer
    assert company.comes("wh.zhang").status_code == 403


NOBODY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("a stranger", {"preferred_username": "niemand"}),
    ("an e-mail address", {"preferred_username": None, "email": "wh.zhang", "email_verified": True}),
    ("another claim", {"preferred_username": None, "name": "wh.zhang", "upn": "wh.zhang", "username": "wh.zhang"}),
    ("another case", {"preferred_username": "WH.ZHANG"}),
    ("the system", {"preferred_username": "system"}),
    ("nothing", {"preferred_username": ""}),
    ("a list", {"preferred_username": ["wh.zhang"]}),
    ("an object", {"preferred_username": {"wh.zhang": 1}}),
    ("a number", {"preferred_username": 7}),
    ("NUL", {"preferred_username": "wh.zhang\x00"}),
    ("half a sign", {"preferred_username": "\ud800"}),
    ("HTML", {"preferred_username": "<script>alert(1)</script>"}),
    ("a long one", {"preferred_username": "x" * 5000}),
    ("a blank behind", {"preferred_username": "wh.zhang "}),
)


@pytest.mark.parametrize("claims", [claims for _name, claims in NOBODY], ids=[name for name, _claims in NOBODY])
def test_nobody_is_made_and_nobody_found_by_anything_else(company: Company, claims: dict[str, Any]) -> None:
    people = Employee.objects.count()
    answer = company.comes(None, **({"sub": "s", "groups": ["agents"], "department": "1001"} | claims))
    page = answer.content.decode()
    assert (answer.status_code, company.refusal) == (403, "company_sign_in unknown")
    assert ("不能用它登录本系统" in page, "<script>alert" in page, "xxxxx" in page) == (True, False, False)
    assert (Employee.objects.count(), company.linked()) == (people, [])


def closed(person: Employee, now: Now) -> None:
    SignInState.objects.create(employee=person, closed_at=now.at)


def left(person: Employee, now: Now) -> None:
    Employee.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("linked", [False, True], ids=["first", "linked"])
@pytest.mark.parametrize(("how", "why"), [(closed, "closed"), (left, "not_active")], ids=["closed", "left"])
@pytest.mark.compliance(25)
@pytest.mark.asvs("7.4.2")
def test_who_may_not_come_in_by_a_password_does_not_come_in_this_way(
    company: Company, cast: Cast, now: Now, linked: bool, how: Callable[[Employee, Now], None], why: str
) -> None:
    """One page says the same to all of them; the log knows why."""
    if linked:
        company.inside("wh.zhang")
    how(cast["wh.zhang"], now)
    client = Client()
    answer = company.comes("wh.zhang", client)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert company.refusal == f"company_sign_in {why} wh.zhang"


@pytest.mark.compliance(9)
@pytest.mark.parametrize("username", ["sj.security", "sj.auditadmin"])
def test_an_administrator_comes_this_way_only_where_the_settings_say_so(
    company: Company, door: Door, username: str
) -> None:
    """And shows a device of their own even then: who keeps the directory would be administrator here otherwise."""
    assert company.comes(username).status_code == 403
    assert (company.refusal, company.linked()) == (f"company_sign_in administrator {username}", [])
    company.settings.OIDC_ADMINISTRATORS = True
    door.bound(username)
    client = company.inside(username, amr=["mfa"])
    door.now.forward(seconds=30)
    assert client.post(CODE, {"code": door.code(username)}).status_code == 302
    assert (company.linked(), client.get("/inbox/").status_code) == ([username], 200)
    assert company.inside(username, amr=["mfa"]).get("/inbox/").headers["location"].startswith(CODE)


def test_who_has_become_administrator_comes_no_more(company: Company, cast: Cast, now: Now) -> None:
    company.inside("wh.zhang")
    Appointment.objects.create(employee=cast["wh.zhang"], role="security_admin", starts_on=now.at.date())
    assert company.comes("wh.zhang").status_code == 403


@pytest.mark.lesson(12)
@pytest.mark.compliance(25)
@pytest.mark.asvs("7.4.2")
@pytest.mark.parametrize(
    ("verb", "facts"),
    [("dismiss", {"reason": "离职。"}), ("update_employee", {"unit": "YC", "reason": "调动。"})],
)  # fmt: skip
def test_who_leaves_or_moves_is_signed_out_at_the_next_request(
    company: Company, play: Play, verb: str, facts: dict[str, Any]
) -> None:
    client = company.inside("wh.zhang")
    assert is_in(client)
    play(verb, "sc.officer", employee="wh.zhang", **facts)
    assert client.get("/inbox/").headers["location"].startswith("/sign-in/")


# The second factor


@pytest.mark.compliance(8)
@pytest.mark.asvs("6.3.3", "6.8.4")
def test_whoever_needs_a_second_factor_shows_their_own_where_the_provider_says_nothing(
    company: Company, door: Door
) -> None:
    door.bound("sc.officer")
    for claims in ({}, {"amr": ["pwd"]}, {"amr": "pwd"}, {"amr": [["mfa"]]}, {"acr": "mfa"}, {"amr": {"mfa": 1}}):
        client = company.inside("sc.officer", **claims)
        assert client.get("/alarms/").headers["location"].startswith(CODE)
    door.now.forward(seconds=30)
    assert client.post(CODE, {"code": door.code("sc.officer")}).status_code == 302
    assert client.get("/alarms/").status_code == 200


@pytest.mark.compliance(8)
def test_an_account_is_linked_only_by_who_has_shown_their_own(company: Company, door: Door) -> None:
    """Whoever keeps the directory could name an account as they like, and say that a second factor was shown."""
    door.bound("sc.officer")
    for _again in range(2):
        thief = company.inside("sc.officer", sub="thief", amr=["mfa"])
        assert thief.get("/alarms/").headers["location"].startswith(CODE)
        assert thief.post(CODE, {"code": "000000"}).status_code == 422
    assert company.linked() == []
    client = company.inside("sc.officer", amr=["mfa"])
    door.now.forward(seconds=30)
    assert client.post(CODE, {"code": door.code("sc.officer")}).status_code == 302
    assert company.linked() == ["sc.officer"]
    assert company.comes("sc.officer", sub="thief", amr=["mfa"]).status_code == 403


def test_a_second_factor_shown_there_counts_for_an_account_that_is_known(company: Company, door: Door) -> None:
    door.bound("sc.officer")
    client = company.inside("sc.officer")
    door.now.forward(seconds=30)
    client.post(CODE, {"code": door.code("sc.officer")})
    again = company.inside("sc.officer", amr=["pwd", "mfa"])
    assert (again.get("/alarms/").status_code, again.session[sessions.VERIFIED]) == (200, True)
    row = AccessLog.objects.filter(action="sign_in").first()
    assert row is not None
    assert row.detail == "company_sign_in second_factor"
    assert "browser" in again.cookies
    company.settings.OIDC_SECOND_FACTOR = ["acr:urn:gold"]
    assert company.inside("sc.officer", amr=["mfa"]).get("/alarms/").status_code == 302
    assert company.inside("sc.officer", acr="urn:gold").get("/alarms/").status_code == 200


def test_who_needs_one_and_has_none_binds_one_and_is_linked_then(company: Company, door: Door) -> None:
    client = company.inside("sc.officer", amr=["mfa"])
    assert company.linked() == []
    client.post(reverse("begin_enrolment"))
    assert client.post(reverse("enrol"), {"code": door.code("sc.officer")}).status_code == 200
    assert (company.linked(), Authenticator.objects.exclude(confirmed_at=None).count()) == (["sc.officer"], 1)
    assert client.get("/alarms/").status_code == 200


def test_an_old_password_is_not_asked_of_who_did_not_use_it(
    company: Company, door: Door, order: Callable[..., Any], now: Now
) -> None:
    order("set_sign_in_policy", max_age_days=30)
    person = door.knows("wh.zhang")
    SignInState.objects.create(employee=person, password_set_at=now.at - timedelta(days=60))
    client = Client()
    door.sign_in("wh.zhang", client=client)
    assert client.get("/inbox/").headers["location"].startswith("/password/")
    assert is_in(company.inside("wh.zhang"))


def test_passwords_may_be_for_administrators_alone(company: Company, door: Door) -> None:
    for username in ("wh.zhang", "sj.security"):
        door.knows(username)
    company.settings.OIDC_ONLY = True
    page = Client().get("/sign-in/").content.decode()
    found = [door.sign_in(username).status_code for username in ("wh.zhang", "sj.security")]
    assert (found, "仅供系统、安全和审计管理员使用" in page) == ([422, 302], True)


# What the directory says


def offices() -> list[tuple[Any, ...]]:
    return [*Appointment.objects.order_by("pk").values_list(), *Employee.objects.order_by("pk").values_list("unit")]


def test_a_sign_in_changes_no_role_and_no_unit(company: Company) -> None:
    """Whatever groups it names, and whatever the mapping table says of them."""
    before, entries = offices(), LedgerEntry.objects.count()
    company.inside("wh.zhang", groups=["agents", "marketing_leader", "role"], department="2001", roles=["auditor"])
    assert (offices(), LedgerEntry.objects.count()) == (before, entries + 1)
    assert CompanyAccount.objects.get().said == {"units": ["YC"], "roles": ["agent"]}


@pytest.mark.parametrize(
    "groups", ["agents", ["agents"], ["x" * 300, "agents", "\x00", None, 7, {"agents": 1}], [["agents"], "agents"]]
)
def test_groups_are_read_however_they_are_told(company: Company, groups: Any) -> None:
    company.inside("wh.zhang", groups=groups)
    assert CompanyAccount.objects.get().said["roles"] == ["agent"]


@pytest.mark.compliance(25)
def test_a_leaver_of_the_directory_is_out_at_once_and_everywhere(company: Company, door: Door, cast: Cast) -> None:
    """Their sessions end, the password opens no more, and those who must know are told."""
    door.knows("wh.zhang")
    inside = [door.inside("wh.zhang"), company.inside("wh.zhang")]
    assert company.comes("wh.zhang", groups=["left"]).status_code == 403
    assert company.refusal == "company_sign_in leaver wh.zhang"
    assert [is_in(client) for client in inside] == [False, False]
    assert (door.sign_in("wh.zhang").status_code, company.comes("wh.zhang").status_code) == (422, 403)
    entry = LedgerEntry.objects.get(verb="close_left_sign_in")
    assert (entry.actor.username, entry.facts) == ("system", {"employees": [cast["wh.zhang"].pk]})
    told = set(Notification.objects.filter(kind="sign_in_left").values_list("recipient__username", flat=True))
    assert told == {"wh.leader", "sj.security"}


def test_whom_no_account_is_linked_to_nobody_else_shuts_out(company: Company, door: Door) -> None:
    """A leaver who took another's name there is refused, and the other stays."""
    door.knows("wh.zhang")
    assert company.comes("wh.zhang", groups=["left"]).status_code == 403
    assert (company.refusal, door.sign_in("wh.zhang").status_code) == ("company_sign_in leaver wh.zhang", 302)


def bring(*words: str) -> list[str]:
    out = StringIO()
    call_command("company_accounts", *words, stdout=out, stderr=out)
    return out.getvalue().splitlines()


def test_units_and_roles_come_as_acts_of_a_marketing_officer(company: Company, cast: Cast, now: Now) -> None:
    company.inside("kf.agent", groups=["agents"], department="1001")
    company.inside("kf.agent2", groups=[], department="1001")
    company.inside("wh.li", groups=["contacts"], department=["1001", "2001"])
    company.inside("wh.zhang", groups=["contacts"], department="2001")
    day, before = now.at.date().isoformat(), offices()
    wanted = [
        f"end_appointment kf.agent2 agent {day}", f"appoint wh.li contact {day}",
        "update_employee wh.zhang YC", f"appoint wh.zhang contact {day}",
    ]  # fmt: skip
    assert bring("--by", "sc.officer", "--dry-run") == [*wanted, "4 would be done, 0 refused"]
    assert offices() == before
    assert bring("--by", "sc.officer") == [*wanted, "4 done, 0 refused"]
    assert Employee.objects.select_related("unit").get(username="wh.zhang").unit.code == "YC"  # type: ignore[union-attr]
    entry = LedgerEntry.objects.get(verb="update_employee")
    assert (entry.actor, bool(entry.texts)) == (cast["sc.officer"], True)
    assert bring("--by", "sc.officer") == ["0 done, 0 refused"]


def test_a_role_that_the_table_does_not_name_is_neither_given_nor_ended(company: Company, tmp_path: Path) -> None:
    company.inside("wh.li", groups=["contacts"])
    company.inside("kf.agent2", groups=[])
    table = tmp_path / "later.csv"
    table.write_text("claim,value,means,what\ngroups,deputies,role,deputy_contact\n")
    company.settings.OIDC_MAPPING = str(table)
    assert bring("--by", "sc.officer") == ["0 done, 0 refused"]


def test_whom_the_table_may_not_decide_on_is_refused_by_the_gate(company: Company) -> None:
    """Neither may just anybody answer for it, nor does anybody get a role of another department."""
    company.inside("wh.zhang", groups=["agents"])
    found = bring("--by", "wh.head")
    assert found[-1] == "0 done, 1 refused"
    assert bring("--by", "sc.officer")[-1] == "0 done, 1 refused"
    with pytest.raises(CommandError, match="niemand"):
        bring("--by", "niemand")


def test_a_link_is_undone_by_who_has_the_machine_and_the_ledger_says_so(company: Company, cast: Cast) -> None:
    client = company.inside("wh.zhang")
    with pytest.raises(CommandError, match=r"wh\.li"):
        bring("--unlink", "wh.li")
    assert bring("--unlink", "wh.zhang", "--dry-run") == ["1 would be unlinked"]
    assert (bring("--unlink", "wh.zhang"), company.linked(), is_in(client)) == (["1 unlinked"], [], False)
    entry = LedgerEntry.objects.get(verb="unlink_company_accounts")
    assert (entry.actor.username, entry.facts) == ("system", {"employees": [cast["wh.zhang"].pk]})
    company.inside("wh.zhang", sub="another")
    assert bring("--unlink-all") == ["1 unlinked"]


@pytest.mark.compliance(3)
def test_a_link_made_past_the_product_is_found(company: Company, cast: Cast, now: Now, founded: None) -> None:
    company.inside("wh.zhang")
    company.inside("wh.zhang")
    assert reconcile() == []
    CompanyAccount.objects.create(employee=cast["wh.li"], identity="1" * 64, linked_at=now.at, seen_at=now.at)
    CompanyAccount.objects.filter(employee=cast["wh.zhang"]).update(identity="2" * 64)
    assert sorted(finding.kind for finding in reconcile()) == ["left_changed", "left_nowhere"]


# Signing out there


@pytest.mark.asvs("10.5.5", "7.6.1")
def test_who_signs_out_there_is_out_here_and_their_programs_are_not(
    company: Company, door: Door, now: Now, cast: Cast
) -> None:
    door.knows("wh.zhang")
    inside = [company.inside("wh.zhang"), door.inside("wh.zhang"), company.inside("wh.li")]
    tokens.issue(cast["wh.zhang"], now.at, name="x", reads=True, acts=False, days=9, networks=[])
    told = {"logout_token": company.provider.sign_out(sub="s-wh.zhang")}
    answers = [Client(enforce_csrf_checks=True).post(OUT, told).status_code for _again in range(2)]
    assert answers == [200, 200]
    assert [is_in(client) for client in inside] == [False, False, True]
    assert ApiToken.objects.count() == 1
    row = AccessLog.objects.filter(action="sign_out").first()
    assert row is not None
    assert (row.actor, row.detail) == (cast["wh.zhang"], "company_sign_out")
    stranger = {"logout_token": company.provider.sign_out(sub="niemand")}
    assert Client().post(OUT, stranger).status_code == 200


@pytest.mark.asvs("10.5.5", "9.2.2")
def test_no_other_token_signs_anybody_out(company: Company, now: Now) -> None:
    client = company.inside("wh.zhang")
    provider, sub = company.provider, "s-wh.zhang"
    forged = {
        "none": "", "an ID token": provider.sign(provider.claims(sub=sub)),
        "of another type": provider.sign_out(typ="JWT", sub=sub),
        "with a nonce": provider.sign_out(sub=sub, nonce="n"),
        "without the event": provider.sign_out(sub=sub, events=None),
        "of another event": provider.sign_out(sub=sub, events={"x": {}}),
        "an event in words": provider.sign_out(sub=sub, events="http://schemas.openid.net/event/backchannel-logout"),
        "for another": provider.sign_out(sub=sub, aud="another"),
        "of another": provider.sign_out(sub=sub, iss="https://evil.example"),
        "over": provider.sign_out(sub=sub, exp=int(now.at.timestamp()) - 61),
        "old": provider.sign_out(sub=sub, iat=int(now.at.timestamp()) - 700),
        "of nobody": provider.sign_out(sub=None, sid="x"),
        "without end": provider.sign_out(sub=sub, exp=None),
    }  # fmt: skip
    answers = {name: Client().post(OUT, {"logout_token": token}).status_code for name, token in forged.items()}
    assert answers == dict.fromkeys(forged, 400)
    assert is_in(client)


def test_signing_out_here_ends_the_session(company: Company) -> None:
    client = company.inside("wh.zhang")
    client.post(reverse("sign_out"))
    assert not is_in(client)
    assert re.search(r"[?&]prompt=login(&|$)", company.begins(client).headers["location"])
    company.settings.OIDC_PROMPT = ""
    assert "prompt" not in company.begins(client).headers["location"]


def test_a_closed_sign_in_is_opened_by_a_code_for_this_way_too(company: Company, cast: Cast, now: Now) -> None:
    closed(cast["wh.zhang"], now)
    assert company.comes("wh.zhang").status_code == 403
    passwords.put(cast["wh.zhang"], "liu-an-hua-ming-cun", now.at)
    assert is_in(company.inside("wh.zhang"))
