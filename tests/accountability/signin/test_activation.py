"""Activation: a code that is shown once, good once and for a day, and a password that nobody else ever knew."""

from __future__ import annotations

import csv
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accountability.gate.perform import Refused
from accountability.models import AccessLog, ActivationCode, Employee, LedgerEntry
from accountability.signin import activation
from tests.accountability.signin.conftest import NEW, Door
from tests.factories import Cast, Now
from tests.signing_in import signed_in

pytestmark = pytest.mark.compliance(7)

ACTIVATE = reverse("activate")


def redeem(username: str, code: str, password: str = NEW, client: Client | None = None) -> Any:
    typed = {"username": username, "code": code, "new_password1": password, "new_password2": password}
    return (client or Client()).post(ACTIVATE, typed)


@pytest.mark.asvs("6.4.1", "6.3.2")
def test_whoever_was_admitted_sets_their_own_password_with_a_code(
    door: Door, cast: Cast, order: Callable[..., Any], guard: Employee
) -> None:
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    assert door.sign_in("wh.zhang", NEW).status_code == 422
    assert redeem("wh.zhang", code).headers["location"] == reverse("sign_in")
    assert door.sign_in("wh.zhang", NEW).status_code == 302
    entry = LedgerEntry.objects.get(verb="issue_activation_code")
    assert (entry.actor_id, entry.facts) == (guard.pk, {"employee": cast["wh.zhang"].pk})
    assert AccessLog.objects.filter(action="activate", result="ok", actor=cast["wh.zhang"]).count() == 1


def test_what_is_wrong_with_a_password_is_said_once_and_where_it_was_chosen(order: Callable[..., Any]) -> None:
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    errors = redeem("wh.zhang", code, "elf-zeichen").context["form"].errors
    assert dict(errors) == {"new_password1": ["密码至少 12 个字符。"]}


def test_the_pages_of_a_code_name_whose_it_is(guard: Employee) -> None:
    place = reverse("sign_in_act", args=["wh.zhang", "issue_activation_code"])
    asked = signed_in(guard).get(place).content.decode()
    shown = signed_in(guard).post(place, {"reason": "新人"}).content.decode()
    assert ("签发激活码：张" in asked, "激活码：张" in shown) == (True, True)


@pytest.mark.lesson(15)
@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize(("hours", "status"), [(0, 302), (23.9, 302), (24, 422), (25, 422), (24 * 365, 422)])
def test_a_code_ends_after_a_day(order: Callable[..., Any], now: Now, hours: float, status: int) -> None:
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    now.forward(hours=hours)
    assert redeem("wh.zhang", code).status_code == status


@pytest.mark.lesson(15)
def test_a_code_is_good_once_for_its_person_and_only_the_newest(order: Callable[..., Any], cast: Cast) -> None:
    first = order("issue_activation_code", employee="wh.zhang").shown_once
    second = order("issue_activation_code", employee="wh.zhang").shown_once
    answers = [
        redeem("wh.zhang", first).status_code, redeem("wh.li", second).status_code,
        redeem("wh.zhang", second).status_code, redeem("wh.zhang", second, "noch-ein-anderes").status_code,
    ]  # fmt: skip
    assert answers == [422, 422, 302, 422]
    assert Employee.objects.get(username="wh.zhang").check_password(NEW)
    assert Employee.objects.get(username="wh.li").has_usable_password() is False


@pytest.mark.lesson(12, 15)
def test_a_leaver_activates_nothing(order: Callable[..., Any], cast: Cast) -> None:
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    Employee.objects.filter(username="wh.zhang").update(is_active=False)
    assert redeem("wh.zhang", code).status_code == 422


@pytest.mark.asvs("6.3.8")
def test_unknown_name_wrong_code_and_used_code_are_answered_the_same(order: Callable[..., Any], cast: Cast) -> None:
    used = order("issue_activation_code", employee="wh.zhang").shown_once
    redeem("wh.zhang", used)
    answers = [redeem("nobody", used), redeem("wh.li", "AAAA-BBBB"), redeem("wh.zhang", used)]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert len({str(answer.context["form"].errors) for answer in answers}) == 1


@pytest.mark.asvs("6.3.1")
def test_codes_are_not_tried_out(order: Callable[..., Any], cast: Cast) -> None:
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    for _n in range(5):
        redeem("wh.zhang", "AAAA-BBBB")
    assert redeem("wh.zhang", code).status_code == 422


def test_a_poor_password_spends_no_code(order: Callable[..., Any]) -> None:
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    poor = redeem("wh.zhang", code, "kurz")
    assert (poor.status_code, list(poor.context["form"].errors)) == (422, ["new_password1"])
    assert redeem("wh.zhang", code.lower().replace("-", " ")).status_code == 302


@pytest.mark.asvs("6.5.2", "11.5.1")
@pytest.mark.lesson(6)
def test_a_code_has_160_bits_and_is_kept_as_a_digest(order: Callable[..., Any]) -> None:
    codes = {order("issue_activation_code", employee="wh.zhang").shown_once for _n in range(20)}
    assert {len(code.replace("-", "")) * 5 for code in codes} == {160}
    kept = "".join(str(row) for row in ActivationCode.objects.values_list())
    assert [code for code in codes if code in kept or code.replace("-", "") in kept] == []


@pytest.mark.asvs("7.4.3")
def test_a_new_password_ends_what_was_open(door: Door, order: Callable[..., Any]) -> None:
    door.knows("wh.zhang")
    client = door.inside("wh.zhang")
    redeem("wh.zhang", order("issue_activation_code", employee="wh.zhang").shown_once)
    assert client.get("/inbox/").headers["location"].startswith("/sign-in/")


# Issuing


@pytest.mark.lesson(2)
@pytest.mark.asvs("14.2.1")
def test_the_page_shows_the_code_once_and_no_other_page_does(guard: Employee, cast: Cast, now: Now) -> None:
    client = signed_in(guard)
    place = reverse("sign_in_act", args=["wh.zhang", "issue_activation_code"])
    form = client.get(place).context["form"]
    typed = {"reason": "新入职。", "_key": form["_key"].value(), "_seen": form["_seen"].value()}
    first, again = client.post(place, typed), client.post(place, typed)
    (code,) = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){7}", first.content.decode())
    assert (first.status_code, code in again.content.decode()) == (200, False)
    assert first.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    asked = [place, "/", "/inbox/", reverse("sign_in_policy"), ACTIVATE]
    assert [where for where in asked if code in client.get(where).content.decode()] == []
    assert ActivationCode.objects.count() == 1


def test_nobody_issues_one_for_themselves(order: Callable[..., Any], guard: Employee) -> None:
    with pytest.raises(Refused) as refusal:
        order("issue_activation_code", employee="sj.security")
    assert (refusal.value.code, ActivationCode.objects.count()) == ("condition", 0)


@pytest.mark.parametrize("who", ["sc.leader", "kf.supervisor", "sj.auditor", "wh.head"])
def test_nobody_else_issues_one(order: Callable[..., Any], cast: Cast, who: str) -> None:
    with pytest.raises(Refused) as refusal:
        order("issue_activation_code", by=cast[who], employee="wh.zhang")
    assert (refusal.value.code, ActivationCode.objects.count()) == ("forbidden", 0)


def test_the_command_writes_many_into_a_file_that_only_its_owner_reads(
    door: Door, cast: Cast, now: Now, tmp_path: Path
) -> None:
    """Whoever has no password yet, of one unit; recorded as the system's act, without any code."""
    door.knows("wh.li")
    file = tmp_path / "codes.csv"
    call_command("activation_codes", unit="WH", output=file, verbosity=0)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    without = sorted(p.username for p in cast if p.unit and p.unit.code == "WH" and p.username != "wh.li")
    assert [row["工号"] for row in rows] == without
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    chosen = {row["工号"]: row["激活码"] for row in rows}
    assert redeem("wh.zhang", chosen["wh.zhang"]).status_code == 302
    entry = LedgerEntry.objects.get(verb="issue_activation_codes")
    assert (entry.actor.username, entry.facts) == ("system", {"employees": [cast[name].pk for name in without]})


def test_the_command_overwrites_no_file_and_knows_whom_it_is_for(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("x")
    new = {"output": tmp_path / "new.csv"}
    wrong: list[tuple[list[str], dict[str, Any]]] = [([], {"output": file, "unit": "WH"}), (["nobody"], new), ([], new)]
    for named, asked in wrong:
        with pytest.raises(CommandError):
            call_command("activation_codes", *named, **asked)
    assert (file.read_text(), ActivationCode.objects.count()) == ("x", 0)


def test_whoever_has_the_machine_helps_the_last_security_administrator(
    door: Door, guard: Employee, tmp_path: Path
) -> None:
    """Their device is lost: there is nobody else to reset it."""
    door.knows("sj.security")
    door.bound("sj.security")
    call_command("activation_codes", "sj.security", output=tmp_path / "a.csv", also_second_factor=True, verbosity=0)
    (row,) = csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines())
    assert redeem("sj.security", row["激活码"]).status_code == 302
    client = Client()
    door.sign_in("sj.security", NEW, client=client)
    assert client.get("/", follow=True).redirect_chain[-1][0] == reverse("enrol")
    assert LedgerEntry.objects.get(verb="issue_activation_codes").facts["second_factor"] is True


def test_two_at_once_set_one_password(order: Callable[..., Any], cast: Cast, now: Now) -> None:
    """Both were found good before either was used."""
    code = order("issue_activation_code", employee="wh.zhang").shown_once
    both = [activation.good_code("wh.zhang", code, now.at) for _n in range(2)]
    done = [found is not None and activation.redeem(found, f"{NEW}-{n}", now.at) for n, found in enumerate(both)]
    assert done == [True, False]
    assert Employee.objects.get(username="wh.zhang").check_password(f"{NEW}-0")
