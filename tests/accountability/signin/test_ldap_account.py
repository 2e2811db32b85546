"""Staff sign in with their password of the company's directory: nobody is made or given anything by it, nobody learns
who is known where, and who has left there is out here at once (docs/adr/0040-the-companys-directory.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.audit.reconciliation import reconcile
from accountability.models import (
    AccessLog,
    ApiToken,
    Appointment,
    CompanyAccount,
    Employee,
    LedgerEntry,
    Notification,
    SignInAttempt,
    SignInState,
)
from accountability.signin import company_accounts, ldap, leavers, passwords, tokens
from accountability.signin.provider import Unreachable
from tests.accountability.signin.company import is_in
from tests.accountability.signin.conftest import PASSWORD, Door
from tests.accountability.signin.pretend_directory import SERVICE, SERVICE_PASSWORD, Directory
from tests.factories import Cast, Now

CODE = reverse("second_factor")
THERE = "das-wort-der-firma"
"""What people type there."""

pytestmark = pytest.mark.usefixtures("cast")


def linked() -> list[str]:
    return list(CompanyAccount.objects.order_by("pk").values_list("employee__username", flat=True))


def refusal() -> str:
    row = AccessLog.objects.filter(action="sign_in").first()
    assert row is not None
    assert (row.result, row.actor) == ("refused", None)
    return row.detail


def inside(door: Door, username: str) -> Client:
    """A browser in which somebody has shown that password, and nothing else."""
    client = Client(REMOTE_ADDR="10.1.1.1")
    assert door.sign_in(username, THERE, client=client).status_code == 302
    return client


# The door


def test_without_a_directory_nothing_of_it_is_there(door: Door, settings: Any) -> None:
    assert not settings.LDAP_URI
    assert "公司账号的密码" not in Client().get("/sign-in/").content.decode()
    assert len(settings.AUTHENTICATION_BACKENDS) == 1


def test_who_has_the_password_there_is_in_here_and_the_log_says_how(
    directory: Directory, door: Door, cast: Cast
) -> None:
    directory.add("wh.zhang", THERE)
    assert "公司账号的密码" in Client().get("/sign-in/").content.decode()
    client = Client()
    answer = client.post(reverse("sign_in"), {"username": "wh.zhang", "password": THERE, "next": "/units/"})
    assert (answer.status_code, answer.headers["location"], is_in(client)) == (302, "/units/", True)
    row = AccessLog.objects.get(action="sign_in")
    assert (row.actor, row.result, row.detail) == (cast["wh.zhang"], "ok", "company_sign_in")
    assert Employee.objects.get(username="wh.zhang").last_login is not None
    assert not Employee.objects.get(username="wh.zhang").has_usable_password()


def test_another_password_is_refused_in_the_same_words(directory: Directory, door: Door) -> None:
    """Of somebody who is known in both places, in one of them, or nowhere."""
    directory.add("wh.zhang", THERE)
    directory.add("only.there", THERE)
    door.knows("wh.li")
    pages: set[str] = set()
    for username in ("wh.zhang", "wh.li", "only.there", "niemand", "system", "sj.security"):
        directory.heard.clear()
        answer = door.sign_in(username, "falsch", address=f"10.1.1.{len(pages)}")
        assert (answer.status_code, directory.heard) == (422, ["bind", "search", "bind"])
        page = answer.content.decode()
        pages.add(page[page.index('<form class="form"') :].replace(username, "").split("csrfmiddlewaretoken")[1][80:])
    assert len(pages) == 1


def test_a_name_that_nobody_bears_here_is_not_asked_there(directory: Directory, door: Door) -> None:
    """It may be a password in the wrong field; and who has nothing to do here isn't locked out there from here."""
    directory.add("only.there", THERE)
    for username, password in (("only.there", THERE), ("hunter2-geheim", "x"), ("system", THERE)):
        assert door.sign_in(username, password).status_code == 422
    said = repr(directory.binds) + repr(directory.filters)
    assert [word for word in ("only.there", "hunter2", THERE, "system") if word in said] == []


@pytest.mark.compliance(9)
@pytest.mark.parametrize("username", ["sj.security", "sj.system", "sj.auditadmin"])
def test_administrators_have_a_password_of_this_system(directory: Directory, door: Door, username: str) -> None:
    """Who keeps the directory would be administrator here otherwise; nor does it hear what they mistype."""
    directory.add(username, THERE)
    door.knows(username)
    assert door.sign_in(username, THERE).status_code == 422
    assert [dn for dn, _password in directory.binds if username in dn] == []
    assert THERE not in repr(directory.binds)
    assert door.sign_in(username).status_code == 302
    assert linked() == []


def test_a_password_of_this_system_still_opens_and_the_directory_does_not_hear_it(
    directory: Directory, door: Door
) -> None:
    directory.add("wh.zhang", THERE)
    door.knows("wh.zhang")
    assert [door.sign_in("wh.zhang").status_code, directory.heard] == [302, []]
    assert door.sign_in("wh.zhang", THERE).status_code == 302


def test_passwords_of_this_system_may_be_for_administrators_alone(
    directory: Directory, door: Door, settings: Any
) -> None:
    directory.add("wh.zhang", THERE)
    for username in ("wh.zhang", "sj.security"):
        door.knows(username)
    settings.LDAP_ONLY = True
    assert "管理员用本系统的密码" in Client().get("/sign-in/").content.decode()
    found = [door.sign_in("wh.zhang"), door.sign_in("sj.security"), door.sign_in("wh.zhang", THERE)]
    assert [answer.status_code for answer in found] == [422, 302, 302]


@pytest.mark.asvs("6.3.1")
def test_tries_there_are_counted_here(directory: Directory, door: Door, now: Now) -> None:
    """By account and address as ever: after five the sixth isn't judged, however right, and isn't shown there."""
    dn = directory.add("wh.zhang", THERE)
    for _n in range(5):
        assert door.sign_in("wh.zhang", "falsch").status_code == 422
        now.forward(seconds=1)
    assert SignInAttempt.objects.filter(counts=True).count() == 5
    directory.binds.clear()
    directory.heard.clear()
    assert door.sign_in("wh.zhang", THERE).status_code == 422
    assert (dn in dict(directory.binds), directory.heard) == (False, ["bind", "search", "bind"])
    row = AccessLog.objects.filter(action="sign_in").first()
    assert row is not None
    assert (row.result, row.detail) == ("locked", "wh.zhang")
    now.forward(seconds=61)
    assert door.sign_in("wh.zhang", THERE).status_code == 302
    assert SignInAttempt.objects.filter(counts=True).count() == 0


def test_a_directory_that_is_away_says_so_to_everybody_alike(
    directory: Directory, door: Door, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And tries count all the same: whoever guesses a password of this system gains nothing by it."""
    settings.LDAP_URI = "ldaps://127.0.0.1:1"
    door.knows("wh.zhang")
    answers = [door.sign_in(username, "falsch") for username in ("wh.zhang", "niemand", "sj.security")]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert ["可以用它登录" in answer.content.decode() for answer in answers] == [True] * 3
    assert SignInAttempt.objects.filter(counts=True).count() == 3
    assert refusal() == "company_sign_in LDAPSocketOpenError sj.security"
    assert door.sign_in("wh.zhang").status_code == 302
    settings.LDAP_ONLY = True
    answer = door.sign_in("wh.zhang")
    assert (answer.status_code, "公司账号服务暂时无法使用，请稍后再试。" in answer.content.decode()) == (503, True)


@pytest.mark.compliance(13)
@pytest.mark.asvs("16.2.5")
def test_no_password_is_written_down(
    directory: Directory, door: Door, settings: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Not in a log, a row, or what an error says: of who comes in, is refused, and finds the directory away."""
    directory.add("wh.zhang", THERE)
    with caplog.at_level(logging.DEBUG):
        client = inside(door, "wh.zhang")
        door.sign_in("wh.zhang", "knapp-daneben-wort")
        settings.LDAP_URI = "ldaps://127.0.0.1:1"
        pages = [door.sign_in("wh.zhang", THERE).content.decode(), client.get("/sessions/").content.decode()]
    rows = [repr(list(model.objects.values_list())) for model in (
        AccessLog, LedgerEntry, CompanyAccount, Employee, Employee.history.model, SignInAttempt, Notification,
    )]  # fmt: skip
    written = [record.getMessage() + (record.exc_text or "") for record in caplog.records]
    said = " ".join([*written, *rows, *pages])
    assert [word for word in (THERE, "knapp-daneben", SERVICE_PASSWORD, SERVICE) if word in said] == []


# Whose it is


@pytest.mark.asvs("6.8.1")
def test_the_first_sign_in_links_and_from_then_on_the_identity_alone_counts(
    directory: Directory, door: Door, cast: Cast
) -> None:
    directory.add("wh.zhang", THERE)
    for _twice in range(2):
        inside(door, "wh.zhang")
    assert linked() == ["wh.zhang"]
    entry = LedgerEntry.objects.get(verb="link_company_account")
    assert (entry.actor, list(entry.marks)) == (cast["wh.zhang"], ["accountability.companyaccount"])
    assert Notification.objects.get(kind="company_account_linked").recipient == cast["wh.zhang"]
    directory.add("wh.zhang", THERE, entryUUID="another")
    assert door.sign_in("wh.zhang", THERE).status_code == 422
    assert refusal() == "company_sign_in another_account wh.zhang"


def test_an_entry_that_is_somebody_elses_opens_nothing_by_another_name(directory: Directory, door: Door) -> None:
    """Whoever may name entries there would come in as one person by the tries of another."""
    directory.add("wh.zhang", THERE)
    inside(door, "wh.zhang")
    directory.people.clear()
    directory.add("wh.li", THERE, entryUUID="uuid-wh.zhang")
    client = Client()
    assert door.sign_in("wh.li", THERE, client=client).status_code == 422
    assert (is_in(client), refusal(), linked()) == (False, "company_sign_in another_account wh.li", ["wh.zhang"])


def test_where_another_was_linked_meanwhile_nobody_is_let_in(
    directory: Directory, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(person: Employee, *told: Any) -> None:
        raise company_accounts.Refused("another_account", person)

    monkeypatch.setattr(company_accounts, "_link", too_late)
    directory.add("wh.zhang", THERE)
    client = Client()
    assert door.sign_in("wh.zhang", THERE, client=client).status_code == 422
    assert (is_in(client), refusal()) == (False, "company_sign_in another_account wh.zhang")


def test_an_account_of_a_sign_on_service_is_another(directory: Directory, door: Door, cast: Cast, now: Now) -> None:
    CompanyAccount.objects.create(employee=cast["wh.zhang"], identity="0" * 64, linked_at=now.at, seen_at=now.at)
    directory.add("wh.zhang", THERE)
    assert door.sign_in("wh.zhang", THERE).status_code == 422


def closed(person: Employee, now: Now) -> None:
    SignInState.objects.create(employee=person, closed_at=now.at)


def left(person: Employee, now: Now) -> None:
    Employee.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.compliance(25)
@pytest.mark.asvs("7.4.2")
@pytest.mark.parametrize("how", [closed, left], ids=["closed", "left"])
def test_who_is_closed_or_gone_here_is_not_asked_there(
    directory: Directory, door: Door, cast: Cast, now: Now, how: Callable[[Employee, Now], None]
) -> None:
    directory.add("wh.zhang", THERE)
    client = inside(door, "wh.zhang")
    how(cast["wh.zhang"], now)
    directory.binds.clear()
    assert door.sign_in("wh.zhang", THERE).status_code == 422
    assert THERE not in dict(directory.binds).values()
    assert is_in(client) is (how is closed)


@pytest.mark.compliance(3)
def test_a_link_made_past_the_product_is_found(
    directory: Directory, door: Door, cast: Cast, now: Now, founded: None
) -> None:
    directory.add("wh.zhang", THERE)
    inside(door, "wh.zhang")
    assert reconcile() == []
    CompanyAccount.objects.filter(employee=cast["wh.zhang"]).update(identity="2" * 64)
    assert [finding.kind for finding in reconcile()] == ["left_changed"]


# The second factor


@pytest.mark.compliance(8)
@pytest.mark.asvs("6.3.3", "6.8.4")
@pytest.mark.parametrize("words", [["amr:mfa"], ["memberOf:cn=agents,ou=groups,dc=firma,dc=example"]])
def test_a_directory_shows_no_second_factor(directory: Directory, door: Door, settings: Any, words: list[str]) -> None:
    """Whatever an attribute says: the person shows their own, at the first time and at every other."""
    settings.OIDC_SECOND_FACTOR = words
    directory.add("sc.officer", THERE, amr="mfa", memberOf="cn=agents,ou=groups,dc=firma,dc=example")
    door.bound("sc.officer")
    thief = inside(door, "sc.officer")
    assert thief.get("/alarms/").headers["location"].startswith(CODE)
    assert linked() == []
    for _twice in range(2):
        client = inside(door, "sc.officer")
        assert client.get("/alarms/").headers["location"].startswith(CODE)
        door.now.forward(seconds=30)
        assert client.post(CODE, {"code": door.code("sc.officer")}).status_code == 302
        assert (client.get("/alarms/").status_code, linked()) == (200, ["sc.officer"])


def test_who_needs_one_and_has_none_binds_one_and_is_linked_then(directory: Directory, door: Door) -> None:
    directory.add("sc.officer", THERE)
    client = inside(door, "sc.officer")
    assert linked() == []
    client.post(reverse("begin_enrolment"))
    assert client.post(reverse("enrol"), {"code": door.code("sc.officer")}).status_code == 200
    assert (linked(), client.get("/alarms/").status_code) == (["sc.officer"], 200)


# What the directory says


GROUP = "cn={},ou=groups,dc=firma,dc=example"


def run(*words: str) -> list[str]:
    out = StringIO()
    call_command("company_accounts", *words, stdout=out, stderr=out)
    return out.getvalue().splitlines()


def test_groups_and_units_are_kept_and_change_nothing_by_themselves(directory: Directory, door: Door, now: Now) -> None:
    directory.add("wh.li", THERE, memberOf=[GROUP.format("contacts"), GROUP.format("other")], departmentNumber="2001")
    before = list(Appointment.objects.order_by("pk").values_list())
    inside(door, "wh.li")
    assert CompanyAccount.objects.get().said == {"units": ["YC"], "roles": ["contact"]}
    assert list(Appointment.objects.order_by("pk").values_list()) == before
    day = now.at.date().isoformat()
    wanted = ["update_employee wh.li YC", f"appoint wh.li contact {day}"]
    assert run("--by", "sc.officer") == [*wanted, "2 done, 0 refused"]
    assert Employee.objects.select_related("unit").get(username="wh.li").unit.code == "YC"  # type: ignore[union-attr]


@pytest.mark.compliance(25)
def test_a_leaver_by_the_mapping_table_is_out_at_the_sign_in(directory: Directory, door: Door) -> None:
    directory.add("wh.zhang", THERE)
    client = inside(door, "wh.zhang")
    directory.add("wh.zhang", THERE, memberOf=GROUP.format("left"))
    assert door.sign_in("wh.zhang", THERE).status_code == 422
    assert (refusal(), is_in(client)) == ("company_sign_in leaver wh.zhang", False)


GONE: dict[str, Callable[[Directory, str], Any]] = {
    "gone": lambda directory, name: directory.people.pop(directory.add(name, THERE)),
    "disabled": lambda directory, name: directory.add(name, THERE, userAccountControl="514"),
    "a leaver": lambda directory, name: directory.add(name, THERE, memberOf=GROUP.format("left")),
    "somebody else": lambda directory, name: directory.add(name, THERE, entryUUID="another"),
}


@pytest.mark.compliance(25)
@pytest.mark.asvs("7.4.2")
@pytest.mark.parametrize("how", GONE)
def test_who_has_left_there_is_out_here_within_minutes(
    directory: Directory, door: Door, cast: Cast, now: Now, how: str
) -> None:
    """Without a sign-in: sessions and tokens end, the password of this system too, and those who must know are told."""
    for username in ("wh.zhang", "kf.agent"):
        directory.add(username, THERE)
    door.knows("wh.zhang")
    clients = [inside(door, "wh.zhang"), door.inside("wh.zhang"), inside(door, "kf.agent")]
    tokens.issue(cast["wh.zhang"], now.at, name="x", reads=True, acts=False, days=9, networks=[])
    assert tasks.close_left_sign_ins() == 0
    GONE[how](directory, "wh.zhang")
    assert (tasks.close_left_sign_ins(), tasks.close_left_sign_ins()) == (1, 0)
    assert [is_in(client) for client in clients] == [False, False, True]
    assert (ApiToken.objects.count(), door.sign_in("wh.zhang").status_code) == (0, 422)
    entry = LedgerEntry.objects.get(verb="close_left_sign_in")
    assert (entry.actor.username, entry.facts) == ("system", {"employees": [cast["wh.zhang"].pk]})
    told = set(Notification.objects.filter(kind="sign_in_left").values_list("recipient__username", flat=True))
    assert told == {"wh.leader", "sj.security"}


def test_a_new_name_there_is_no_leaving(directory: Directory, door: Door) -> None:
    directory.add("wh.zhang", THERE)
    inside(door, "wh.zhang")
    directory.people.clear()
    directory.add("wang", THERE, entryUUID="uuid-wh.zhang")
    assert tasks.close_left_sign_ins() == 0


def test_who_is_linked_to_nothing_and_who_administers_is_left_alone(
    directory: Directory, door: Door, cast: Cast, now: Now
) -> None:
    door.knows("wh.zhang")
    assert (tasks.close_left_sign_ins(), directory.heard) == (0, [])
    directory.add("kf.agent", THERE)
    inside(door, "kf.agent")
    Appointment.objects.create(employee=cast["kf.agent"], role="security_admin", starts_on=now.at.date())
    directory.people.clear()
    assert tasks.close_left_sign_ins() == 0
    assert door.sign_in("wh.zhang").status_code == 302


def test_a_directory_that_does_not_answer_or_lacks_very_many_closes_nobody(
    directory: Directory, door: Door, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that fails falls silent, which is an alarm; an operator may say that they have all left."""
    names = ["wh.zhang", "wh.li", "kf.agent"]
    for username in names:
        directory.add(username, THERE)
        inside(door, username)
    place = settings.LDAP_URI
    settings.LDAP_URI = "ldaps://127.0.0.1:1"
    with pytest.raises(Unreachable):
        tasks.close_left_sign_ins()
    with pytest.raises(CommandError, match="LDAPSocketOpenError"):
        run("--close-gone")
    settings.LDAP_URI = place
    monkeypatch.setattr(leavers, "MOST_AT_ONCE", 2)
    directory.people.clear()
    with pytest.raises(leavers.TooMany):
        tasks.close_left_sign_ins()
    assert not SignInState.objects.exclude(closed_at=None).exists()
    assert run("--close-gone", "--dry-run") == [
        *sorted(names, key=lambda n: Employee.objects.get(username=n).pk),
        "3 would be closed",
    ]
    assert run("--close-gone")[-1] == "3 closed"
    assert SignInState.objects.exclude(closed_at=None).count() == 3
    settings.LDAP_URI = ""
    with pytest.raises(CommandError, match="LDAP_URI"):
        run("--close-gone")


def test_the_list_costs_as_many_statements_for_many_as_for_few(
    directory: Directory, door: Door, cast: Cast, now: Now, django_assert_num_queries: Any
) -> None:
    directory.add("wh.zhang", THERE)
    inside(door, "wh.zhang")
    for number in range(40):
        directory.add(f"p{number}", THERE)
    with django_assert_num_queries(1):
        assert leavers.gone(now.at) == []


def test_a_password_set_here_is_none_there(directory: Directory, door: Door, now: Now) -> None:
    """Who activates an account has a password of this system besides."""
    directory.add("wh.zhang", THERE)
    passwords.put(Employee.objects.get(username="wh.zhang"), PASSWORD, now.at)
    assert [door.sign_in("wh.zhang", each).status_code for each in (PASSWORD, THERE)] == [302, 302]
    assert ldap.demand("wh.zhang", THERE, now.at).subject
