"""The first security administrator and the first marketing officer come from outside; nobody else does."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import Client
from django.urls import reverse

from accountability.gate.perform import Refused, perform
from accountability.gate.subjects import Organisation
from accountability.models import Appointment, Employee, GuardedChange, LedgerEntry, Unit
from tests.factories import Cast, Now
from tests.looking import writes

pytestmark = [pytest.mark.compliance(9, 26), pytest.mark.asvs("8.2.1")]

GOOD = "a-long-unheard-of-phrase"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def type_in(text: str) -> None:
        monkeypatch.setattr("sys.stdin", StringIO(text))

    type_in(f"{GOOD}\n")
    return type_in


def create(username: str, **options: Any) -> str:
    out = StringIO()
    call_command("create_administrator", username, stdout=out, **options)
    return out.getvalue()


def test_both_are_made_once_and_appoint_whoever_comes_next(db: None, now: Now, typed: Any) -> None:
    create("xt.security", name="安立群")
    typed(f"{GOOD}\n")
    create("sc.first", role="marketing")
    made = {one.employee.username: one for one in Appointment.objects.select_related("employee__unit")}
    assert {name: one.role for name, one in made.items()} == {"xt.security": "security_admin", "sc.first": "marketing"}
    assert made["sc.first"].employee.unit == Unit.objects.get(kind="marketing")
    entries = LedgerEntry.objects.order_by("pk").values_list("verb", "actor__username")
    assert list(entries) == [("appoint_administrator", "system"), ("appoint", "system")]
    typed(f"{GOOD}\n")
    for role in ("security_admin", "marketing"):
        with pytest.raises(CommandError, match="serves as"):
            create("xt.second", role=role)
    officer, security = made["sc.first"].employee, made["xt.security"].employee
    standing = Organisation.standing()
    perform(standing, "admit", by=officer, at=now.at, username="xt.ops", name="石维安", unit="SC")
    facts: dict[str, Any] = {"employee": "xt.ops", "role": "system_admin", "starts_on": now.at.date(), "reason": "任命"}
    with pytest.raises(Refused, match="请先任命审计管理员"):
        perform(standing, "appoint_administrator", by=security, at=now.at, **facts)
    typed(f"{GOOD}\n")
    create("xt.audit", role="audit_admin")
    perform(standing, "appoint_administrator", by=security, at=now.at, **facts)
    audit, asked = Employee.objects.get(username="xt.audit"), GuardedChange.objects.get()
    perform(standing, "approve_change", by=audit, at=now.at, change=asked.pk)
    assert Appointment.objects.get(employee__username="xt.ops").role == "system_admin"


def test_they_sign_in_with_what_was_typed(db: None, now: Now, typed: Any) -> None:
    create("xt.security")
    person = Employee.objects.get(username="xt.security")
    assert (person.check_password(GOOD), person.is_active) == (True, True)
    client = Client()
    answers = [
        client.post(reverse("sign_in"), {"username": "xt.security", "password": password}).status_code
        for password in (f"{GOOD}.", GOOD)
    ]
    assert (answers, client.get("/").headers["location"]) == ([422, 302], f"{reverse('second_factor')}?next=%2F")


@pytest.mark.parametrize("poor", ["", "short", "password1234", "xt.security"])
def test_a_poor_password_makes_nobody(db: None, now: Now, typed: Any, poor: str) -> None:
    typed(f"{poor}\n")
    before = writes()
    with pytest.raises(CommandError):
        create("xt.security")
    assert writes() == before


def test_somebody_of_the_business_becomes_none(cast: Cast, now: Now, typed: Any) -> None:
    Appointment.objects.filter(role="security_admin").delete()
    for username in ("wh.contact", "wh.head", "yc.leader", "sj.system"):
        with pytest.raises(CommandError):
            create(username)
    create("sj.plain")
    assert Appointment.objects.get(role="security_admin").employee == cast["sj.plain"]


def test_no_password_stands_in_the_ledger_or_is_said(db: None, now: Now, typed: Any) -> None:
    said = create("xt.security")
    entry = LedgerEntry.objects.get()
    assert [GOOD in text for text in (said, str(entry.facts), str(entry.texts))] == [False, False, False]


def test_there_is_no_way_to_a_superuser(db: None) -> None:
    """Django's own command finds nothing to make: it is replaced by a refusal."""
    with pytest.raises(CommandError, match="create_administrator"):
        load_command_class(get_commands()["createsuperuser"], "createsuperuser").run_from_argv(
            ["manage.py", "createsuperuser", "--traceback"]
        )
