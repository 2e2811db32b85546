"""Guessing: locked by account and by address, told to nobody, and never the last who could open it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from accountability.deadlines.limits import read_instant
from accountability.gate.perform import Refused
from accountability.models import AccessLog, Employee, LedgerEntry, SignInAttempt, SignInPolicy
from accountability.signin import lockout
from tests.accountability.signin.conftest import PASSWORD, Door, appointed
from tests.factories import Cast, Now

pytestmark = [pytest.mark.compliance(5), pytest.mark.asvs("6.3.1")]


def fail(door: Door, username: str, times: int, *, address: str = "10.1.1.1") -> list[int]:
    return [door.sign_in(username, "falsch", address=address).status_code for _n in range(times)]


def results() -> list[str]:
    return list(AccessLog.objects.filter(action="sign_in").order_by("pk").values_list("result", flat=True))


def test_five_failures_within_ten_minutes_lock_for_twenty(door: Door, now: Now) -> None:
    door.knows("kf.agent")
    fail(door, "kf.agent", 5)
    found = []
    for minutes in (1, 18, 1.1):
        now.forward(minutes=minutes)
        found.append(door.sign_in("kf.agent").status_code)
    assert found == [422, 422, 302]
    assert results() == ["refused"] * 5 + ["locked", "locked", "ok"]


def test_failures_far_apart_lock_nothing(door: Door, now: Now) -> None:
    door.knows("kf.agent")
    for _n in range(8):
        fail(door, "kf.agent", 1)
        now.forward(minutes=3)
    assert door.sign_in("kf.agent").status_code == 302


def test_what_comes_while_locked_does_not_prolong_it(door: Door, now: Now) -> None:
    door.knows("kf.agent")
    fail(door, "kf.agent", 5)
    for _n in range(19):
        now.forward(minutes=1)
        fail(door, "kf.agent", 1)
    now.forward(minutes=1, seconds=1)
    assert door.sign_in("kf.agent").status_code == 302


def test_an_account_is_locked_wherever_it_is_tried_from(door: Door) -> None:
    door.knows("kf.agent")
    for place in range(5):
        fail(door, "kf.agent", 1, address=f"10.2.2.{place}")
    assert door.sign_in("kf.agent", address="10.9.9.9").status_code == 422


def test_one_person_does_not_lock_the_office_they_sit_in(door: Door) -> None:
    """An office behind one address: the account is locked, the colleague isn't."""
    door.knows("kf.supervisor")
    fail(door, "kf.agent", 12)
    assert door.sign_in("kf.supervisor").status_code == 302


def test_an_address_that_tries_many_names_is_locked_for_all_of_them(door: Door) -> None:
    """Fifty failures, unknown names among them; from elsewhere the same account opens."""
    door.knows("kf.agent")
    for place in range(50):
        fail(door, f"guess.{place}", 1)
    assert door.sign_in("kf.agent").status_code == 422
    assert door.sign_in("kf.agent", address="10.9.9.9").status_code == 302


@pytest.mark.asvs("6.3.1", "15.3.4")
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
        assert set(SignInAttempt.objects.values_list("address", flat=True)) == {"10.1.1.1"}


def test_many_tries_at_once_are_not_more_than_one_after_another(door: Door, cast: Cast, now: Now) -> None:
    """Each is counted before it is judged: of twenty that have begun and none has ended, five are judged."""
    begun = [lockout.begin(cast["kf.agent"], "10.1.1.1", now.at) for _n in range(20)]
    assert [attempt is not None for attempt in begun] == [True] * 5 + [False] * 15


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
    """Nobody else could unlock them. From where the guessing comes one try in ten seconds is judged; from elsewhere
    they come in at once.
    """
    door.knows("sj.security")
    for _n in range(60):
        fail(door, "sj.security", 1, address="10.6.6.6")
        now.forward(seconds=1)
    judged = SignInAttempt.objects.filter(employee=guard, counts=True).count()
    assert judged == 5 + 5
    assert door.sign_in("sj.security", address="10.6.6.6").status_code == 422
    assert door.sign_in("sj.security", address="10.1.1.1").status_code == 302
    fail(door, "sj.security", 5, address="10.6.6.6")
    now.forward(seconds=11)
    assert door.sign_in("sj.security", address="10.6.6.6").status_code == 302


def test_one_of_two_security_administrators_is_locked_like_everybody(door: Door, guard: Employee, now: Now) -> None:
    appointed("aq.second", now)
    door.knows("sj.security")
    fail(door, "sj.security", 5)
    assert door.sign_in("sj.security", address="10.9.9.9").status_code == 422
    Employee.objects.filter(username="aq.second").update(is_active=False)
    assert door.sign_in("sj.security", address="10.9.9.9").status_code == 302


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
