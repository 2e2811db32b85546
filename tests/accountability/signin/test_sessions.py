"""A session ends with its person's right to it: at the next request, wherever it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accountability.models import (
    AccessLog,
    Employee,
    LedgerEntry,
    Notification,
    OpenSession,
    SignInState,
)
from accountability.signin import inactivity, sessions
from accountability.signin.sessions import digest
from tests.accountability.signin.conftest import NEW, PASSWORD, Door
from tests.factories import Cast, Now, Play
from tests.looking import contents
from tests.signing_in import signed_in

pytestmark = pytest.mark.asvs("7.4.1", "7.4.2")

EVERYWHERE: tuple[tuple[str, dict[str, str]], ...] = (
    ("/", {}), ("/inbox/", {"HX-Request": "true"}), ("/pulse/", {"X-Poll": "1"}), ("/files/abc/", {}), ("/admin/", {}),
    ("/papers/abc/pdf/", {}), ("/search/?q=x", {}),
)  # fmt: skip


def answers(client: Client) -> set[str]:
    """Where every kind of request is sent."""
    return {sent_to(client, place, headers) for place, headers in EVERYWHERE}


def sent_to(client: Client, place: str, headers: dict[str, str]) -> str:
    """The administration has an entrance of its own, which leads to the same."""
    return client.get(place, headers=headers).headers.get("location", "-").replace("/admin/login/", "/sign-in/")[:9]


def test_a_session_ends_at_the_instant_that_is_stored(door: Door, sessions_stand: datetime) -> None:
    """However long the browser keeps its cookie."""
    door.knows("wh.zhang")
    inside = door.inside("wh.zhang")
    for seconds, sent in ((1, "-"), (-1, "/sign-in/")):
        Session.objects.update(expire_date=sessions_stand + timedelta(seconds=seconds))
        assert sent_to(inside, "/inbox/", {}) == sent


@pytest.mark.lesson(12)
@pytest.mark.compliance(25)
@pytest.mark.parametrize(
    ("verb", "facts"),
    [("dismiss", {"reason": "离职。"}), ("update_employee", {"unit": "YC", "reason": "调动。"})],
)  # fmt: skip
def test_who_leaves_or_moves_is_signed_out_everywhere_at_the_next_request(
    door: Door, play: Play, verb: str, facts: dict[str, Any]
) -> None:
    door.knows("wh.zhang")
    clients = [door.inside("wh.zhang") for _n in range(len(EVERYWHERE))]
    play(verb, "sc.officer", employee="wh.zhang", **facts)
    sent = [sent_to(client, *asked) for client, asked in zip(clients, EVERYWHERE, strict=True)]
    assert sent == ["/sign-in/"] * len(EVERYWHERE)
    assert Session.objects.count() == 0


@pytest.mark.lesson(12)
def test_a_session_does_not_come_back_with_its_person(door: Door, cast: Cast) -> None:
    """Disabled and admitted again: what was open before stays shut."""
    door.knows("wh.zhang")
    client = door.inside("wh.zhang")
    for active in (False, True):
        Employee.objects.filter(username="wh.zhang").update(is_active=active)
        assert answers(client) == {"/sign-in/"}


@pytest.mark.lesson(12)
@pytest.mark.asvs("7.2.4")
def test_a_key_from_before_the_sign_in_opens_nothing(door: Door) -> None:
    door.knows("wh.zhang")
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    door.sign_in("wh.zhang", client=client)
    assert client.session.session_key != session.session_key
    planted = Client()
    planted.cookies["sessionid"] = str(session.session_key)
    assert answers(planted) == {"/sign-in/"}


@pytest.mark.lesson(2)
@pytest.mark.asvs("7.2.3", "14.2.6")
def test_no_table_holds_what_a_cookie_holds(door: Door) -> None:
    """No key is in the database, whether just signed in, with the second factor shown or with a changed password; and
    what is there opens nothing when it is put into a cookie.
    """
    for username in ("wh.zhang", "sc.officer"):
        door.knows(username)
    door.bound("sc.officer")
    half, whole, changed = Client(), door.inside("sc.officer"), door.inside("wh.zhang")
    door.sign_in("sc.officer", client=half)
    new = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert changed.post(reverse("password"), new).status_code == 302
    keys = [client.cookies["sessionid"].value for client in (half, whole, changed)]
    tables = str(contents(without=()))
    assert (len(set(keys)), {len(key) for key in keys}) == (3, {32})
    assert [key for key in keys if key in tables] == []
    stored = {*Session.objects.values_list("pk", flat=True), *OpenSession.objects.values_list("digest", flat=True)}
    assert len(stored) == 3
    for found in stored:
        client = Client()
        client.cookies["sessionid"] = found
        assert answers(client) == {"/sign-in/"}
    assert [client.get("/inbox/").status_code for client in (whole, changed)] == [200, 200]


# One's own


@pytest.mark.asvs("7.5.2")
def test_ones_sessions_are_listed_and_ended_and_nobody_elses(door: Door) -> None:
    door.knows("wh.zhang")
    door.knows("wh.li")
    here, there, foreign = (
        door.inside("wh.zhang", address="10.1.1.1"), door.inside("wh.zhang", address="10.2.2.2"), door.inside("wh.li"),
    )  # fmt: skip
    answer = here.get(reverse("my_sessions"))
    page, marked = answer.content.decode(), [is_this for _one, is_this in answer.context["sessions"]]
    assert ("10.1.1.1" in page, "10.2.2.2" in page, sorted(marked)) == (True, True, [False, True])
    of = {one.digest: one.pk for one in OpenSession.objects.all()}
    assert here.post(reverse("end_session", args=[of[digest(foreign.session.session_key)]])).status_code == 404
    assert here.post(reverse("end_session", args=[of[digest(there.session.session_key)]])).status_code == 302
    assert (answers(there), foreign.get("/inbox/").status_code) == ({"/sign-in/"}, 200)
    assert AccessLog.objects.filter(action="end_session", actor__username="wh.zhang").count() == 1


def test_what_has_ended_is_listed_no_more(door: Door) -> None:
    door.knows("wh.zhang")
    gone, here = door.inside("wh.zhang"), door.inside("wh.zhang")
    session: Any = gone.session
    session.set_expiry(-1)
    session.save()
    assert len(here.get(reverse("my_sessions")).context["sessions"]) == 1
    here.post(reverse("sign_out"))
    assert OpenSession.objects.count() == 0


@pytest.mark.asvs("7.4.5")
def test_the_security_administrator_ends_a_persons_sessions(door: Door, order: Callable[..., Any]) -> None:
    door.knows("wh.zhang")
    clients = [door.inside("wh.zhang") for _n in range(3)]
    order("end_sessions", employee="wh.zhang")
    assert [answers(client) for client in clients] == [{"/sign-in/"}] * 3
    assert LedgerEntry.objects.get(verb="end_sessions").facts["sessions"] == 3


# The policy's times


@pytest.mark.compliance(6)
@pytest.mark.asvs("7.3.1", "7.3.2", "7.1.1", "7.1.2")
@pytest.mark.usefixtures("sessions_stand")
def test_idle_and_absolute_time_out_are_the_policys(door: Door, order: Callable[..., Any]) -> None:
    order("set_sign_in_policy", idle_minutes=15, absolute_hours=1)
    door.knows("wh.zhang")
    client = door.inside("wh.zhang")
    assert sessions.left(client.session) == 15 * 60
    session: Any = client.session
    session[sessions.UNTIL] = (session.get_expiry_date() - timedelta(minutes=10)).isoformat()
    session.save()
    client.post(reverse("stay"))
    assert sessions.left(client.session) == 5 * 60


@pytest.mark.compliance(6)
@pytest.mark.asvs("7.1.2")
def test_one_place_at_a_time_where_the_policy_says_so(door: Door, order: Callable[..., Any]) -> None:
    order("set_sign_in_policy", sessions_each=1)
    door.knows("wh.zhang")
    first, second = door.inside("wh.zhang"), door.inside("wh.zhang")
    assert (answers(first), second.get("/inbox/").status_code) == ({"/sign-in/"}, 200)


# Sign-ins that nobody uses


@pytest.mark.compliance(25)
def test_a_sign_in_that_nobody_uses_is_closed_and_opened_by_a_code(
    door: Door, cast: Cast, now: Now, order: Callable[..., Any]
) -> None:
    door.knows("wh.zhang")
    door.knows("wh.li")
    door.inside("wh.zhang")
    Employee.objects.filter(username="wh.zhang").update(last_login=now.at)
    now.forward(days=90)
    assert inactivity.close(now.at) == 0
    now.forward(minutes=1)
    assert (inactivity.close(now.at), inactivity.close(now.at)) == (1, 0)
    entry = LedgerEntry.objects.get(verb="close_sign_in")
    assert (entry.actor.username, entry.facts) == ("system", {"employees": [cast["wh.zhang"].pk]})
    told = set(Notification.objects.filter(kind="sign_in_closed").values_list("recipient__username", flat=True))
    assert told == {"wh.leader", "sj.security"}
    assert door.sign_in("wh.zhang").status_code == 422
    assert Employee.objects.get(username="wh.zhang").is_active
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    typed = {"username": "wh.zhang", "code": code, "new_password1": NEW, "new_password2": NEW}
    assert Client().post(reverse("activate"), typed).status_code == 302
    assert door.sign_in("wh.zhang", NEW).status_code == 302


def test_one_that_was_never_used_is_closed_too(door: Door, now: Now) -> None:
    SignInState.objects.create(employee=door.knows("wh.zhang"), password_set_at=now.at)
    now.forward(days=91)
    assert inactivity.close(now.at) == 1


def test_of_the_security_administrators_the_one_seen_last_is_left(door: Door, cast: Cast, now: Now) -> None:
    for username in ("sj.security", "wh.zhang"):
        SignInState.objects.create(employee=door.knows(username), password_set_at=now.at)
    now.forward(days=400)
    assert inactivity.close(now.at) == 1
    closed = SignInState.objects.exclude(closed_at=None).values_list("employee__username", flat=True)
    assert list(closed) == ["wh.zhang"]


def test_the_list_of_accounts_says_who_is_slowed_closed_and_bound(door: Door, cast: Cast, now: Now) -> None:
    door.bound("sj.auditor")
    for _n in range(5):
        door.sign_in("sj.plain", "falsch")
    SignInState.objects.create(employee=cast["sj.head"], closed_at=now.at)
    page = signed_in(cast["sj.security"]).get(reverse("accounts") + "?q=sj.").content.decode()
    assert [page.count(word) for word in ("登录受限", "登录已停用", "已绑定动态口令")] == [1, 1, 1]
    account = signed_in(cast["sj.security"]).get(reverse("account", args=["sj.plain"])).content.decode()
    assert reverse("sign_in_act", args=["sj.plain", "unlock_sign_in"]) in account
