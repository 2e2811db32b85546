"""The second factor: who must show it, that nothing opens before it, and that no code is good twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import segno
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test import Client
from django.urls import reverse

from accountability.gate.perform import Refused
from accountability.models import (
    AccessLog,
    Appointment,
    Authenticator,
    Employee,
    LedgerEntry,
    OpenSession,
    RecoveryCode,
    SignInAttempt,
    actor_for,
)
from accountability.signin import second_factor, sessions
from accountability.signin.sessions import digest
from tests.accountability.signin.conftest import PASSWORD, Door, appointed
from tests.factories import Cast, Now
from tests.signing_in import signed_in
from tests.walking import addresses, filled

pytestmark = pytest.mark.compliance(8)

CODE, DEVICE, BEGIN = reverse("second_factor"), reverse("enrol"), reverse("begin_enrolment")


def enrolled(door: Door, client: Client, username: str) -> list[str]:
    """Binds a device by the pages; gives the recovery codes that were shown."""
    assert client.post(BEGIN).headers["location"] == DEVICE
    door.now.forward(seconds=30)
    page = client.post(DEVICE, {"code": door.code(username)})
    assert page.status_code == 200
    return re.findall(r"<code>([A-Z2-7-]{29})</code>", page.content.decode())


def drawn(page: str) -> list[list[bool]]:
    """The QR code as the page's picture draws it: which of its squares are dark."""
    (side,) = {int(one) for one in re.findall(r'viewBox="0 0 (\d+) \1"', page.partition('class="qr"')[2])}
    dark = {
        (int(y), x)
        for start, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", page)
        for x in range(int(start), int(start) + int(length))
    }
    return [[(y, x) in dark for x in range(side)] for y in range(side)]


# Who, and what is closed


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize(
    ("username", "needs"),
    [("sc.officer", True), ("sc.leader", True), ("kf.supervisor", True), ("kf.head", True), ("sj.auditor", True),
     ("sj.security", True), ("kf.agent", False), ("wh.contact", False), ("wh.zhang", False), ("wh.head", False)],
)  # fmt: skip
def test_who_is_sent_to_bind_a_device_before_anything_opens(
    door: Door, guard: Employee, username: str, needs: bool
) -> None:
    door.knows(username)
    client = Client()
    door.sign_in(username, client=client)
    answer = client.get("/inbox/")
    assert (answer.status_code, answer.headers.get("location")) == (
        (302, f"{CODE}?next=%2Finbox%2F") if needs else (200, None)
    )
    if needs:
        assert client.get(CODE).headers["location"] == DEVICE


OPEN_BEFORE = {
    "livez", "readyz", "metrics", "set_language", "sign_in", "sign_out", "activate", "second_factor", "enrol",
    "begin_enrolment", "customer_word", "customer_progress", "company_sign_in", "company_return", "company_sign_out",
    "calendar_feed",
}  # fmt: skip
OF_THE_FACTOR = {"second_factor", "enrol", "begin_enrolment"}
PLACES = [
    (address.name, place)
    for address in addresses()
    if address.name not in ("admin:None", "sign_out")  # the one has no name, the other ends the walk
    for place in filled(address, {"object_id": [1], "any": [1, "x"]})
]


@pytest.mark.asvs("6.3.3", "6.3.4", "8.2.1")
@pytest.mark.lesson(9)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"X-Poll": "1"}], ids=["page", "htmx", "poll"])
def test_no_address_opens_before_the_second_factor(door: Door, cast: Cast, headers: dict[str, str]) -> None:
    """Every address of the resolver, read and written; what is open to who has signed in halfway is written down."""
    door.bound("sc.officer")
    client = signed_in(cast["sc.officer"], verified=False)
    opened: set[Any] = set()
    closed: set[Any] = set()
    for (name, place), method in product(PLACES, ("GET", "POST", "DELETE")):
        answer = client.generic(method, place, headers=headers)
        sent = answer.headers.get("location", "") or answer.headers.get("HX-Redirect", "")
        is_closed = sent.startswith(CODE) or (bool(headers) and answer.status_code == 403)
        is_closed |= name.startswith("api_") and answer.status_code == 401  # a program is sent nowhere
        (closed if is_closed and name not in OF_THE_FACTOR else opened).add(name)
    assert (opened | {"sign_out"}, opened & closed) == (OPEN_BEFORE, set())
    assert len(closed) > 100


def test_whoever_becomes_marketing_is_asked_at_the_next_request(door: Door, cast: Cast, now: Now) -> None:
    client = signed_in(cast["wh.zhang"], verified=False)
    assert client.get("/inbox/").status_code == 200
    appointed("aq.second", now)
    Appointment.objects.filter(employee__username="aq.second").update(employee=cast["wh.zhang"])
    assert client.get("/inbox/").headers["location"].startswith(CODE)


def test_a_code_opens_what_a_password_alone_does_not(door: Door, now: Now) -> None:
    door.knows("sc.officer")
    door.bound("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    before = client.session.session_key
    answer = client.post(f"{CODE}?next=/alarms/", {"code": door.code("sc.officer"), "next": "/alarms/"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/alarms/")
    assert client.get("/alarms/").status_code == 200
    # a new key, and the old one is dead
    assert client.session.session_key != before
    assert [one.digest for one in OpenSession.objects.all()] == [digest(client.session.session_key)]
    old = Client()
    old.cookies["sessionid"] = str(before)
    assert old.get("/alarms/").headers["location"].startswith("/sign-in/?next=")


def test_the_actor_is_verified_only_then(door: Door, cast: Cast, now: Now) -> None:
    """What an act asks by itself has shown nothing."""
    actor = actor_for(cast["sc.officer"].pk, now.at)
    assert actor is not None
    assert (actor.verified, actor.looks_beyond_own_work) == (False, False)


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_nowhere_else(door: Door, foreign: str) -> None:
    door.knows("sc.officer")
    door.bound("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    assert client.post(CODE, {"code": door.code("sc.officer"), "next": foreign}).headers["location"] == "/"


# Codes


@pytest.mark.asvs("6.5.1", "6.5.5")
def test_a_code_is_good_once_and_for_its_time(door: Door, cast: Cast, now: Now) -> None:
    found = door.bound("sc.officer")
    now.forward(minutes=10)
    steps = {step: door.code("sc.officer", step) for step in (-2, -1, 0, 1, 2)}
    taken: dict[int, Any] = {}
    for step in (2, -2, -1, 0, 1, 0, 1, -1):
        found.refresh_from_db()
        taken.setdefault(step, []).append(second_factor.takes(found, steps[step], now.at))
    assert taken == {2: [False], -2: [False], -1: [True, False], 0: [True, False], 1: [True, False]}


@pytest.mark.asvs("6.5.1")
def test_a_code_that_was_used_opens_no_second_session(door: Door) -> None:
    door.knows("sc.officer")
    door.bound("sc.officer")
    code, answers = door.code("sc.officer"), []
    for _n in range(2):
        client = Client()
        door.sign_in("sc.officer", client=client)
        answers.append(client.post(CODE, {"code": code}).status_code)
    assert answers == [302, 422]


def test_a_code_is_read_however_it_is_typed(door: Door, now: Now) -> None:
    found = door.bound("sc.officer")
    code = door.code("sc.officer")
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (f" {code[:3]} {code[3:]} ", wide):
        Authenticator.objects.update(last_step=0)
        assert second_factor.takes(found, typed, now.at)


def test_codes_are_those_of_rfc_6238(cast: Cast) -> None:
    """Its appendix B, the last six digits."""
    found = Authenticator(employee=cast["sc.officer"])
    found.secret = b"12345678901234567890"
    shown = [second_factor.code_at(found, second) for second in (59 // 30, 1111111109 // 30, 20000000000 // 30)]
    assert shown == ["287082", "081804", "353130"]


@pytest.mark.asvs("6.3.1", "6.5.6")
def test_guessed_codes_lock_for_twenty_minutes(door: Door, now: Now) -> None:
    """A right password in between doesn't begin the count anew."""
    door.knows("sc.officer")
    door.bound("sc.officer")
    for _n in range(5):
        client = Client()
        door.sign_in("sc.officer", client=client)
        assert client.post(CODE, {"code": "000000"}).status_code == 422
    right = client.post(CODE, {"code": door.code("sc.officer")})
    said = "连续输错 5 次将锁定 20 分钟，期间正确的口令也不能通过。" in right.content.decode()
    assert (right.status_code, said) == (422, True)
    statuses = []
    for minutes in (1, 18.5, 1):
        now.forward(minutes=minutes)
        statuses += [door.sign_in("sc.officer", client=(client := Client())).status_code]
        statuses += [client.post(CODE, {"code": door.code("sc.officer")}).status_code]
    assert statuses == [302, 422, 302, 422, 302, 302]


def test_who_guesses_passwords_keeps_nobody_from_showing_the_code(door: Door, now: Now) -> None:
    door.knows("sc.officer")
    door.bound("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    for _n in range(9):
        door.sign_in("sc.officer", "falsch")
    assert client.post(CODE, {"code": door.code("sc.officer")}).status_code == 302
    now.forward(minutes=21)
    assert door.inside("sc.officer").get("/alarms/").status_code == 200
    assert SignInAttempt.objects.filter(counts=True).count() == 0


# Binding


@pytest.mark.asvs("6.4.1")
def test_binding_shows_picture_and_secret_then_recovery_codes_once(door: Door, now: Now) -> None:
    door.knows("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    assert 'class="qr"' not in client.get(DEVICE).content.decode()
    client.post(BEGIN)
    page = client.get(DEVICE).content.decode()
    found = Authenticator.objects.get()
    picture = page[page.index('class="qr"') :].partition("</div>")[0]
    assert ("<svg" in picture, "data:" in picture, "style=" in picture) == (True, False, False)
    assert second_factor.secret_text(found) in page.replace(" ", "")
    expected = segno.make(second_factor.address(found, found.employee), error="m").matrix_iter(border=2)
    assert drawn(page) == [list(map(bool, row)) for row in expected]
    assert client.get("/alarms/").headers["location"].startswith(CODE)
    codes = enrolled(door, client, "sc.officer")
    assert (len(set(codes)), client.get("/alarms/").status_code) == (10, 200)
    again = client.get(DEVICE).content.decode()
    assert [code for code in (*codes, second_factor.secret_text(found)) if code in again] == []
    assert AccessLog.objects.filter(action="bind_second_factor", result="ok").count() == 1


@pytest.mark.asvs("6.5.2", "11.4.1", "13.3.1")
def test_neither_secret_nor_recovery_code_stands_in_the_database(door: Door) -> None:
    door.knows("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    codes = enrolled(door, client, "sc.officer")
    found = Authenticator.objects.get()
    stored = "".join(_dump())
    told = [second_factor.secret_text(found), found.secret.hex(), *codes, *(code.replace("-", "") for code in codes)]
    assert [secret for secret in told if secret in stored] == []
    assert min(len(code.replace("-", "")) * 5 for code in codes) == 120


def _dump() -> list[str]:
    """Every value of every table as text, bytes as hex."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - the database's own names
            for row in cursor.fetchall():
                found += [bytes(v).hex() if isinstance(v, (bytes, memoryview)) else str(v) for v in row]
        return found


def test_a_secret_is_bound_to_its_person(door: Door, cast: Cast) -> None:
    found = door.bound("sc.officer")
    moved = Authenticator(employee=cast["sc.leader"], sealed=found.sealed)
    with pytest.raises(InvalidTag):
        _ = moved.secret


@pytest.mark.asvs("6.3.4", "7.5.1")
def test_only_who_has_shown_the_old_device_and_the_password_binds_a_new_one(door: Door, now: Now) -> None:
    door.knows("sc.officer")
    old = door.bound("sc.officer")
    halfway = Client()
    door.sign_in("sc.officer", client=halfway)
    assert halfway.get(DEVICE).headers["location"] == CODE
    assert halfway.post(BEGIN, {"password": PASSWORD}).status_code == 403
    client = door.inside("sc.officer")
    assert client.post(BEGIN, {"password": "falsch"}).status_code == 422
    assert Authenticator.objects.get().secret == old.secret
    assert client.post(BEGIN, {"password": PASSWORD}).status_code == 302
    # until the new one is shown, nothing is open
    assert client.get("/alarms/").headers["location"].startswith(CODE)
    assert len(enrolled(door, client, "sc.officer")) == 10
    assert client.get("/alarms/").status_code == 200


def test_a_wrong_code_binds_nothing(door: Door) -> None:
    door.knows("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    client.post(BEGIN)
    assert client.post(DEVICE, {"code": "000000"}).status_code == 422
    assert second_factor.of(Employee.objects.get(username="sc.officer").pk) is None


def test_whoever_binds_one_by_choice_is_asked_from_then_on(door: Door) -> None:
    door.knows("wh.zhang")
    client = door.inside("wh.zhang")
    assert len(enrolled(door, client, "wh.zhang")) == 10
    assert client.get("/inbox/").status_code == 200
    other = Client()
    door.sign_in("wh.zhang", client=other)
    assert other.get("/inbox/").headers["location"].startswith(CODE)


# Recovery, reset


@pytest.mark.asvs("6.5.1", "6.4.4")
def test_a_recovery_code_opens_once(door: Door) -> None:
    door.knows("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    code = enrolled(door, client, "sc.officer")[3]
    answers = []
    for typed in (code.lower(), code, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"):
        other = Client()
        door.sign_in("sc.officer", client=other)
        answers.append(other.post(f"{CODE}?recovery=1", {"code": typed}).status_code)
    assert answers == [302, 422, 422]
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


@pytest.mark.asvs("6.4.4", "6.4.6")
def test_the_security_administrator_resets_a_lost_device_and_that_is_recorded(
    door: Door, cast: Cast, order: Callable[..., Any], guard: Employee
) -> None:
    """Every session of the person ends; the next sign-in binds anew."""
    door.knows("sc.officer")
    door.bound("sc.officer")
    client = door.inside("sc.officer")
    order("reset_second_factor", employee="sc.officer")
    entry = LedgerEntry.objects.get(verb="reset_second_factor")
    assert (entry.actor_id, entry.facts) == (guard.pk, {"employee": cast["sc.officer"].pk, "needs_approval": True})
    assert LedgerEntry.objects.get(verb="approve_change").actor == cast["sj.auditadmin"]
    assert client.get("/alarms/").headers["location"].startswith("/sign-in/?next=")
    assert (Authenticator.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    door.sign_in("sc.officer", client=client)
    assert client.get(CODE).headers["location"] == DEVICE


def test_nobody_resets_their_own_or_one_that_is_not_there(
    order: Callable[..., Any], door: Door, guard: Employee
) -> None:
    door.bound("sj.security")
    for username in ("sj.security", "sc.officer"):
        with pytest.raises(Refused) as refusal:
            order("reset_second_factor", employee=username)
        assert refusal.value.code == "condition"
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize("who", ["sc.leader", "kf.supervisor", "sj.auditor"])
def test_nobody_else_resets(order: Callable[..., Any], door: Door, cast: Cast, who: str) -> None:
    door.bound("sc.officer")
    with pytest.raises(Refused) as refusal:
        order("reset_second_factor", by=cast[who], employee="sc.officer")
    assert (refusal.value.code, Authenticator.objects.count()) == ("forbidden", 1)


# The demo


def test_only_the_demo_shows_the_code(door: Door, settings: Any) -> None:
    """And the one that it shows is taken, twice within a step too."""
    door.knows("sc.officer")
    door.bound("sc.officer")
    client = Client()
    door.sign_in("sc.officer", client=client)
    code = door.code("sc.officer")
    assert code not in client.get(CODE).content.decode()
    settings.DEMO = True
    for _n in range(2):
        other = Client()
        door.sign_in("sc.officer", client=other)
        shown = re.search(r"<code>([0-9]{6})</code>", other.get(CODE).content.decode())
        assert shown is not None
        assert other.post(CODE, {"code": shown[1]}).status_code == 302


@pytest.mark.lesson(2)
@pytest.mark.asvs("14.2.1", "7.2.1")
def test_no_answer_holds_the_session_or_a_secret(door: Door, now: Now) -> None:
    """Of the whole way in: no body names the session's key, the password, or the secret once it is bound."""
    door.knows("sc.officer")
    found = door.bound("sc.officer")
    client, keys, bodies = Client(), set(), []
    for step in (
        lambda: client.get("/sign-in/"),
        lambda: door.sign_in("sc.officer", client=client),
        lambda: client.get(CODE),
        lambda: client.post(CODE, {"code": "000000"}),
        lambda: client.post(CODE, {"code": door.code("sc.officer")}),
        lambda: client.get("/"),
        lambda: client.get(DEVICE),
        lambda: client.get(reverse("my_sessions")),
    ):
        answer = step()
        bodies.append(answer.content.decode() + answer.headers.get("location", ""))
        keys.add(str(client.session.session_key))
    told = keys - {"None"} | {PASSWORD, second_factor.secret_text(found), found.secret.hex()}
    assert [secret for secret in told for body in bodies if secret in body] == []
    assert sessions.VERIFIED in client.session
