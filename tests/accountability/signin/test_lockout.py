"""Guessing: slowed by account and by address, told to nobody, and nobody can keep others out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory
from django.urls import reverse

from accountability.deadlines.limits import read_instant
from accountability.gate.perform import Refused
from accountability.models import AccessLog, Employee, LedgerEntry, SignInAttempt, SignInPolicy
from accountability.signin import lockout
from tests.accountability.signin.conftest import PASSWORD, Door
from tests.factories import Cast, Now

pytestmark = [pytest.mark.compliance(5), pytest.mark.asvs("6.3.1")]


def fail(door: Door, username: str, times: int, *, address: str = "10.1.1.1") -> list[int]:
    return [door.sign_in(username, "falsch", address=address).status_code for _n in range(times)]


def begin(door: Door, username: str, now: Now, *, address: str = "10.1.1.1", cookie: str = "") -> bool:
    """Whether a try is judged."""
    request = RequestFactory(REMOTE_ADDR=address).post("/sign-in/")
    request.at = now.at  # type: ignore[attr-defined]
    request.COOKIES["browser"] = cookie
    return lockout.begin(door.cast[username], request) is not None


def results() -> list[str]:
    return list(AccessLog.objects.filter(action="sign_in").order_by("pk").values_list("result", flat=True))


def test_after_five_failures_a_try_must_wait_longer_and_longer(door: Door, now: Now) -> None:
    """Wrong ones are judged after 5, 10, 20, 40 seconds and then once a minute, not earlier."""
    fail(door, "kf.agent", 5)
    for pause in (5, 10, 20, 40, 60, 60):
        now.forward(seconds=pause - 1)
        fail(door, "kf.agent", 1)
        now.forward(seconds=1)
        fail(door, "kf.agent", 1)
    assert results() == ["refused"] * 5 + ["locked", "refused"] * 6


def test_a_guesser_has_sixty_tries_an_hour(door: Door, now: Now) -> None:
    """Trying each five seconds: the first hour has the five and the short pauses besides."""
    for _n in range(2 * 60 * 12):
        begin(door, "kf.agent", now)
        now.forward(seconds=5)
    tries = SignInAttempt.objects.values_list("at", flat=True)
    hour = min(tries) + timedelta(hours=1)
    assert (sum(at < hour for at in tries), sum(at >= hour for at in tries)) == (5 + 62, 60)


def test_who_knows_the_password_gets_in_within_a_minute(door: Door, now: Now) -> None:
    door.knows("kf.agent")
    fail(door, "kf.agent", 5)
    for _n in range(8):
        now.forward(minutes=1)
        fail(door, "kf.agent", 1)
    early = door.sign_in("kf.agent").status_code
    now.forward(minutes=1)
    assert (early, door.sign_in("kf.agent").status_code) == (422, 302)
    fail(door, "kf.agent", 4)
    assert door.sign_in("kf.agent").status_code == 302


def test_it_is_over_twenty_minutes_after_the_last_failure(door: Door, now: Now) -> None:
    for _n in range(6):
        fail(door, "kf.agent", 1)
        now.forward(seconds=10)
    now.forward(minutes=20)
    fail(door, "kf.agent", 5)
    assert results() == ["refused"] * 11


def test_failures_far_apart_slow_nothing(door: Door, now: Now) -> None:
    door.knows("kf.agent")
    for _n in range(8):
        fail(door, "kf.agent", 1)
        now.forward(minutes=3)
    assert door.sign_in("kf.agent").status_code == 302


def test_a_stranger_slows_nobody_elsewhere(door: Door) -> None:
    """Five tries from one address say nothing of another."""
    door.knows("kf.agent")
    fail(door, "kf.agent", 30, address="10.6.6.6")
    assert door.sign_in("kf.agent", address="10.9.9.9").status_code == 302


def test_many_addresses_together_try_fifty_times_and_then_wait(door: Door, now: Now) -> None:
    begun = [begin(door, "kf.agent", now, address=f"10.2.{n}.2") for n in range(60)]
    now.forward(seconds=5)
    begun += [begin(door, "kf.agent", now, address=f"10.3.{n}.2") for n in range(9)]
    assert begun == [True] * 50 + [False] * 10 + [True] + [False] * 8


def test_after_a_hundred_failures_in_a_day_an_account_is_tried_once_a_minute(door: Door, now: Now) -> None:
    """However slowly, and from however many addresses."""
    begun = []
    for n in range(104):
        begun.append(begin(door, "kf.agent", now, address=f"10.{n}.2.2"))
        now.forward(seconds=70 if n < 99 else 20)
    assert begun == [True] * 100 + [False, False, True, False]


def test_a_network_of_ipv6_is_one_address(door: Door, now: Now) -> None:
    begun = [begin(door, "kf.agent", now, address=f"2001:db8:1:2::{n}") for n in range(1, 9)]
    begun += [begin(door, "kf.agent", now, address="2001:db8:1:3::1")]
    assert begun == [True] * 5 + [False] * 3 + [True]


def test_a_colleague_in_the_office_is_not_slowed(door: Door) -> None:
    door.knows("kf.supervisor")
    fail(door, "kf.agent", 12)
    assert door.sign_in("kf.supervisor").status_code == 302


def test_fifty_failures_slow_an_address_and_lock_nobody_behind_it_out(door: Door, now: Now) -> None:
    """Unknown names among them. Behind it the right password is taken after the pause; from elsewhere at once."""
    door.knows("kf.agent")
    for place in range(50):
        fail(door, f"guess.{place}", 1)
    for _n in range(6):
        now.forward(minutes=1)
        fail(door, "guess.x", 1)
    found = [door.sign_in("kf.agent").status_code]
    found.append(door.sign_in("kf.agent", address="10.9.9.9").status_code)
    now.forward(minutes=1)
    found.append(door.sign_in("kf.agent").status_code)
    assert found == [422, 302, 302]


def test_in_their_own_browser_nobody_waits_for_others(door: Door, now: Now) -> None:
    """Somebody in the same office guesses at everybody, this account too, without a pause."""
    door.knows("kf.agent")
    own = door.inside("kf.agent")
    own.post(reverse("sign_out"))
    for number in range(60):
        fail(door, "kf.agent" if number % 2 else f"guess.{number}", 1)
    assert door.sign_in("kf.agent").status_code == 422
    assert door.sign_in("kf.agent", client=own).status_code == 302


def test_a_known_browser_is_one_persons_and_has_its_own_pauses(door: Door, now: Now) -> None:
    """It can't guess at others more often, nor at its person; a cookie that was changed is no known one."""
    door.knows("kf.agent")
    own = door.inside("kf.agent")
    cookie = own.cookies["browser"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 180 * 24 * 60 * 60)
    changed = f"{cookie.value[:-1]}{'a' if cookie.value[-1] != 'a' else 'b'}"
    tried = [("kf.agent", cookie.value), ("kf.supervisor", cookie.value), ("kf.agent", changed)]
    for username, value in tried:
        begun = [begin(door, username, now, cookie=value) for _n in range(7)]
        assert begun == [True] * 5 + [False] * 2
    known = SignInAttempt.objects.filter(counts=True).exclude(browser="")
    assert set(known.values_list("employee__username", "network")) == {("kf.agent", "")}
    assert cookie.value not in str(list(SignInAttempt.objects.values()))


@pytest.mark.asvs("6.3.1", "15.3.4")
def test_a_browser_that_the_shifts_of_a_desk_share_knows_each_of_them(door: Door, now: Now) -> None:
    desk, shift = Client(), ("kf.agent", "kf.agent2", "kf.agent")
    for username in shift:
        door.knows(username)
        assert door.sign_in(username, client=desk).status_code == 302
        desk.post(reverse("sign_out"))
    cookie = desk.cookies["browser"].value
    for username in shift[:2]:
        fail(door, username, 5)
        assert (begin(door, username, now), begin(door, username, now, cookie=cookie)) == (False, True)
    forged = ".".join(["x" * 90] * 30 + [cookie])
    assert not begin(door, "kf.agent", now, cookie=forged), "no more names are tried than are ever kept"


def test_x_forwarded_for_does_not_make_another_address(door: Door, settings: Any) -> None:
    """Not without a proxy of our own; and behind it only what it noted itself counts."""
    door.knows("kf.agent")
    for behind, told in ((False, "{n}"), (True, "172.16.0.{n}, 10.1.1.1")):
        settings.BEHIND_PROXY = behind
        SignInAttempt.objects.all().delete()
        for n in range(50):
            door.sign_in(f"guess.{n}", "x", headers={"X-Forwarded-For": told.format(n=n)})
        last = {"X-Forwarded-For": "8.8.8.8, 10.1.1.1" if behind else "8.8.8.8"}
        assert door.sign_in("kf.agent", headers=last).status_code == 422
        assert set(SignInAttempt.objects.values_list("network", flat=True)) == {"10.1.1.1"}


def test_many_tries_at_once_are_not_more_than_one_after_another(door: Door, now: Now) -> None:
    """Each is counted before it is judged: of twenty that have begun and none has ended, five are judged."""
    assert [begin(door, "kf.agent", now) for _n in range(20)] == [True] * 5 + [False] * 15


# Nobody is told


@pytest.mark.asvs("6.3.8")
def test_unknown_wrong_locked_left_and_without_password_are_answered_the_same(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same page, the same status, and one computing of a hash for each: its time tells nothing either."""
    door.knows("kf.agent")
    door.knows("wh.zhang")
    door.knows("wh.li")
    Employee.objects.filter(username="wh.li").update(is_active=False)
    fail(door, "wh.zhang", 5)
    computed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(hasher: Any, *args: Any) -> str:
        computed.append("hash")
        return encode(hasher, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    tried = {
        "wrong": ("kf.agent", "falsch"), "unknown": ("nobody.here", PASSWORD), "locked": ("wh.zhang", PASSWORD),
        "left": ("wh.li", PASSWORD), "no password": ("wh.wang", PASSWORD), "the system": ("system", PASSWORD),
    }  # fmt: skip
    answers = {}
    for name, (username, password) in tried.items():
        computed.clear()
        answer = door.sign_in(username, password)
        page = answer.content.decode().replace(f'value="{username}"', "WHO")
        answers[name] = (answer.status_code, len(computed), page.replace(str(answer.context["csrf_token"]), ""))
    assert {name: answer == answers["wrong"] for name, answer in answers.items()} == dict.fromkeys(tried, True)
    assert answers["wrong"][:2] == (422, 1)


@pytest.mark.asvs("6.3.5")
def test_whoever_is_let_in_hears_how_often_it_went_wrong_before(door: Door) -> None:
    door.knows("kf.agent")
    fail(door, "kf.agent", 3)
    client = Client()
    door.sign_in("kf.agent", client=client)
    assert "此前有 3 次登录失败" in client.get("/").content.decode()
    assert "次登录失败" not in door.inside("kf.agent").get("/").content.decode()


# The last security administrator


def test_the_last_security_administrator_is_slowed_and_never_locked_out(door: Door, guard: Employee, now: Now) -> None:
    """Nobody else could unlock them: from where the guessing comes they wait like everybody, from elsewhere not."""
    door.knows("sj.security")
    for _n in range(60):
        fail(door, "sj.security", 1, address="10.6.6.6")
        now.forward(seconds=1)
    assert SignInAttempt.objects.filter(employee=guard, counts=True).count() == 5 + 3
    assert door.sign_in("sj.security", address="10.6.6.6").status_code == 422
    now.forward(minutes=1)
    assert door.sign_in("sj.security", address="10.6.6.6").status_code == 302


# Unlocking


def test_the_security_administrator_unlocks_and_that_is_recorded(
    door: Door, cast: Cast, order: Callable[..., Any], guard: Employee
) -> None:
    door.knows("kf.agent")
    fail(door, "kf.agent", 5)
    order("unlock_sign_in", employee="kf.agent")
    entry = LedgerEntry.objects.get(verb="unlock_sign_in")
    assert (entry.actor_id, entry.facts) == (guard.pk, {"employee": cast["kf.agent"].pk, "failures": 5})
    assert door.sign_in("kf.agent").status_code == 302


def test_there_is_nothing_to_unlock(order: Callable[..., Any], guard: Employee) -> None:
    for username in ("kf.agent", "sj.security"):
        with pytest.raises(Refused) as refusal:
            order("unlock_sign_in", employee=username)
        assert refusal.value.code == "condition"


@pytest.mark.parametrize("who", ["sc.leader", "kf.supervisor", "sj.auditor", "wh.head"])
def test_nobody_else_unlocks(order: Callable[..., Any], cast: Cast, door: Door, who: str) -> None:
    fail(door, "kf.agent", 5)
    with pytest.raises(Refused) as refusal:
        order("unlock_sign_in", by=cast[who], employee="kf.agent")
    assert refusal.value.code == "forbidden"
    assert door.sign_in("kf.agent").status_code == 422


# The sums


@pytest.mark.parametrize(
    ("minutes", "ends"),
    [([], None), ([0, 1, 2, 3], None), ([0, 1, 2, 3, 4], 24), ([0, 3, 6, 8, 10], 30), ([0, 3, 6, 8, 11], None),
     ([4, 3, 2, 1, 0], 24), ([0, 9, 9, 9, 9, 12], 32)],
)  # fmt: skip
def test_until_when_failures_lock(minutes: list[int], ends: int | None) -> None:
    begun = read_instant("2026-11-24 09:00")
    failures: list[datetime] = [begun + timedelta(minutes=each) for each in minutes]
    expected = None if ends is None else begun + timedelta(minutes=ends)
    assert lockout.until(failures, 5, SignInPolicy()) == expected


def test_what_no_lock_rests_on_is_forgotten(door: Door, now: Now) -> None:
    fail(door, "kf.agent", 2)
    now.forward(hours=25)
    fail(door, "kf.agent", 1)
    assert (lockout.forget(now.at), SignInAttempt.objects.count()) == (2, 1)


def test_other_ways_to_try_a_password_count_as_well(door: Door) -> None:
    """Whoever finds an open session can't try out its person's password on the page that changes it."""
    door.knows("kf.agent")
    client = door.inside("kf.agent")
    typed = {"old_password": "falsch", "new_password1": "x" * 5, "new_password2": "x" * 5}
    answers = [client.post(reverse("password"), typed).status_code for _n in range(5)]
    right = client.post(reverse("password"), typed | {"old_password": PASSWORD})
    assert answers == [422] * 5
    assert "old_password" in right.context["form"].errors
