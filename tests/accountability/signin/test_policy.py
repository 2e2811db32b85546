"""The policy of signing in is revised by the security administrator alone, a version each time, within its bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accountability.gate.perform import Refused, perform
from accountability.gate.subjects import Organisation
from accountability.models import LedgerEntry, SignInPolicy, sign_in_policy
from accountability.models.signing_in import SETTINGS
from tests.factories import Cast, Now
from tests.looking import refusal_of, why, writes

pytestmark = [pytest.mark.compliance(7, 9), pytest.mark.asvs("6.1.1", "7.1.1")]

Order = Callable[..., Any]

BOUNDS = {
    "min_length": (12, 64), "classes": (0, 4), "max_age_days": (0, 730), "not_repeated": (0, 24), "lock_after": (3, 10),
    "lock_within": (5, 60), "lock_for": (5, 240), "address_after": (10, 1000), "idle_minutes": (5, 720),
    "absolute_hours": (1, 12), "sessions_each": (0, 1), "dormant_days": (30, 366),
}  # fmt: skip


def test_every_setting_but_the_choice_has_bounds() -> None:
    assert sorted([*BOUNDS, "second_factor"]) == sorted(SETTINGS)


def test_a_version_says_what_it_changes_and_keeps_the_rest(cast: Cast, now: Now, order: Order) -> None:
    before = sign_in_policy(now.at)
    now.forward(minutes=1)
    order("set_sign_in_policy", idle_minutes=15)
    now.forward(minutes=1)
    order("set_sign_in_policy", classes=3)
    first, second = SignInPolicy.objects.order_by("version")
    assert {name for name in SETTINGS if getattr(first, name) != getattr(before, name)} == {"idle_minutes"}
    assert {name for name in SETTINGS if getattr(second, name) != getattr(first, name)} == {"classes"}
    assert (second.version, second.idle_minutes, second.classes, second.author) == (2, 15, 3, cast["sj.security"])
    assert sign_in_policy(now.at - timedelta(seconds=30)).version == 1
    told = LedgerEntry.objects.filter(verb="set_sign_in_policy").values_list("actor__username", "facts__version")
    assert sorted(told) == [("sj.security", 1), ("sj.security", 2)]


def test_no_setting_leaves_its_bounds(cast: Cast, order: Order) -> None:
    beyond = [(name, low - 1) for name, (low, _high) in BOUNDS.items() if low]
    beyond += [(name, high + 1) for name, (_low, high) in BOUNDS.items()]
    before, said = writes(), []
    for name, value in beyond:
        with pytest.raises(Refused) as error:
            order("set_sign_in_policy", **{name: value})
        said.append((error.value.code, [*error.value.fields]))
    assert said == [("facts", [name]) for name, _value in beyond]
    assert writes() == before


def test_the_bounds_themselves_may_be_set(cast: Cast, now: Now, order: Order) -> None:
    for end in (0, 1):
        bounds = {name: ends[end] for name, ends in BOUNDS.items()}
        now.forward(minutes=1)
        order("set_sign_in_policy", **bounds)
        assert {name: getattr(sign_in_policy(now.at), name) for name in BOUNDS} == bounds


def test_nothing_changed_is_no_version(cast: Cast, now: Now, order: Order) -> None:
    present = sign_in_policy(now.at).min_length
    assert why(refusal_of(lambda: order("set_sign_in_policy", min_length=present))) == ("condition", [])
    assert why(refusal_of(lambda: order("set_sign_in_policy"))) == ("condition", [])


@pytest.mark.parametrize("username", ["sj.auditadmin", "sj.system", "sj.auditor", "sc.officer", "sc.leader", "wh.head"])
def test_nobody_else_sets_it(cast: Cast, now: Now, username: str) -> None:
    facts: dict[str, Any] = {"min_length": 16, "reason": "试一试。"}
    act = lambda: perform(Organisation.standing(), "set_sign_in_policy", by=cast[username], at=now.at, **facts)  # noqa: E731
    assert why(refusal_of(act)) == ("forbidden", [])


# The page


def test_bad_input_gets_a_sentence_at_the_field_and_keeps_what_was_typed(cast: Cast, client_for: Any) -> None:
    client, place = client_for("sj.security"), reverse("sign_in_policy")
    before = writes()
    typed = {"min_length": "8", "lock_after": "viele", "idle_minutes": "15", "reason": ""}
    answer = client.post(place, typed)
    form = answer.context["form"]
    assert (answer.status_code, sorted(form.errors)) == (422, ["lock_after", "min_length", "reason"])
    body = answer.content.decode()
    assert [f'value="{typed[name]}"' in body for name in ("min_length", "lock_after", "idle_minutes")] == [True] * 3
    assert writes() == before


def test_a_second_click_makes_no_second_version(cast: Cast, client_for: Any) -> None:
    client, place = client_for("sj.security"), reverse("sign_in_policy")
    form = client.get(place).context["form"]
    sent = {form.add_prefix(name): form[name].value() or "" for name in form.fields} | {
        "idle_minutes": "15",
        "reason": "检查",
    }
    assert [client.post(place, sent).status_code for _ in range(2)] == [302, 302]
    assert list(SignInPolicy.objects.values_list("version", "idle_minutes")) == [(1, 15)]


def test_whoever_audits_reads_the_versions_and_gets_no_form(cast: Cast, client_for: Any, order: Order) -> None:
    order("set_sign_in_policy", idle_minutes=15)
    place = reverse("sign_in_policy")
    for username in ("sj.auditadmin", "sj.auditor"):
        client = client_for(username)
        answer = client.get(place)
        shown = [[(str(label), after) for label, _before, after in row.changes] for row in answer.context["page"].rows]
        assert (answer.status_code, answer.context["form"], shown) == (200, None, [[("无操作几分钟退出", 15)]])
        assert client.post(place, {"min_length": "16", "reason": "x"}).status_code == 403
        assert "15</strong>" in answer.content.decode()
    labels = [item["url"] for item in client_for("sj.auditadmin").get(place).context["nav"]]
    assert place in labels
