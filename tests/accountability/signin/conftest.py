"""People who sign in by the form, as on a real day, and a security administrator to help them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.deadlines.limits import day_of
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import Appointment, Authenticator, Employee, GuardedChange
from accountability.permissions import Role
from accountability.signin import second_factor
from tests.accountability.signin.company import Company, running_company
from tests.accountability.signin.pretend_directory import (
    BASE,
    SERVICE,
    SERVICE_PASSWORD,
    Directory,
    authority,
    identity,
    running_directory,
)
from tests.factories import Cast, Now

collect_ignore = [] if sys.version_info >= (3, 12) else ["test_real_provider.py"]
"""What that sign-on service runs on."""

PASSWORD = "mo-sheng-ren-kai-men"
NEW = "liu-an-hua-ming-cun"


class Door:
    """`door.sign_in("kf.agent")`, `door.code("sc.officer")`: the forms, and what they are answered."""

    def __init__(self, cast: Cast, now: Now) -> None:
        self.cast, self.now = cast, now

    def knows(self, username: str, password: str = PASSWORD) -> Employee:
        """The person has this password."""
        person = Employee.objects.get(username=username)
        person.set_password(password)
        person.save()
        return person

    def bound(self, username: str) -> Authenticator:
        """The person has a device."""
        person = Employee.objects.get(username=username)
        found = second_factor.begin(person, self.now.at)
        Authenticator.objects.filter(pk=found.pk).update(confirmed_at=self.now.at)
        found.refresh_from_db()
        return found

    def code(self, username: str, steps: int = 0) -> str:
        """What the device shows now, or so many steps later."""
        found = Authenticator.objects.get(employee__username=username)
        return second_factor.code_at(found, second_factor.step_of(self.now.at) + steps)

    def sign_in(
        self,
        username: str,
        password: str = PASSWORD,
        *,
        client: Client | None = None,
        address: str = "10.1.1.1",
        **more: Any,
    ) -> Any:
        typed = {"username": username, "password": password}
        return (client or Client()).post(reverse("sign_in"), typed, REMOTE_ADDR=address, **more)

    def inside(self, username: str, password: str = PASSWORD, *, address: str = "10.1.1.1") -> Client:
        """A browser in which somebody has signed in, with their device where they have one."""
        client = Client(REMOTE_ADDR=address)
        assert self.sign_in(username, password, client=client, address=address).status_code == 302
        if Authenticator.objects.filter(employee__username=username).exists():
            self.now.forward(seconds=30)  # a code is good once
            assert client.post(reverse("second_factor"), {"code": self.code(username)}).status_code == 302
        return client


@pytest.fixture
def door(cast: Cast, now: Now) -> Door:
    return Door(cast, now)


@pytest.fixture
def company(settings: Any, now: Now, tmp_path: Path) -> Iterator[Company]:
    with running_company(settings, now, tmp_path) as found:
        yield found


MEANS = """claim,value,means,what
memberOf,"cn=agents,ou=groups,dc=firma,dc=example",role,agent
memberOf,"cn=contacts,ou=groups,dc=firma,dc=example",role,contact
memberOf,"cn=left,ou=groups,dc=firma,dc=example",leaver,
departmentNumber,1001,unit,KF
departmentNumber,2001,unit,YC
"""


def asks_the_directory(settings: Any, uri: str, ca: str, folder: Path) -> None:
    """The settings name the directory."""
    table = folder / "directory.csv"
    table.write_text(MEANS)
    settings.LDAP_URI, settings.LDAP_CA, settings.LDAP_BASE = uri, ca, BASE
    settings.LDAP_BIND_DN, settings.LDAP_BIND_PASSWORD, settings.LDAP_MAPPING = SERVICE, SERVICE_PASSWORD, str(table)
    ours = "accountability.signin.backend.Backend"
    settings.AUTHENTICATION_BACKENDS = [ours, "accountability.signin.ldap_backend.LdapBackend"]


@pytest.fixture
def directory(settings: Any, tmp_path: Path) -> Iterator[Directory]:
    """A company with a directory, which nobody stands in yet."""
    ca = authority("authority", tmp_path)
    with running_directory(Directory(identity(tmp_path))) as found:
        asks_the_directory(settings, f"ldaps://127.0.0.1:{found.port}", ca, tmp_path)
        yield found


@pytest.fixture
def guard(cast: Cast, now: Now) -> Employee:
    """The security administrator, the only one."""
    return cast["sj.security"]


def appointed(username: str, now: Now) -> Employee:
    person = Employee.objects.create_user(username, name="安全员")
    Appointment.objects.create(employee=person, role=Role.SECURITY_ADMIN, starts_on=day_of(now.at))
    return person


@pytest.fixture
def order(guard: Employee, now: Now) -> Callable[..., Any]:
    """What the security administrator does: `order("unlock_sign_in", employee="kf.agent")`; the audit administrator
    approves what takes two.
    """

    def run(verb: str, by: Employee | None = None, **facts: Any) -> Any:
        place = Organisation.standing()
        done = perform(place, verb, by=by or guard, at=now.at, reason="核实过身份。", **facts).subject
        asked = GuardedChange.objects.waiting().filter(verb=verb).first()
        if asked is None:
            return done
        second = Employee.objects.get(username="sj.auditadmin")
        return perform(place, "approve_change", by=second, at=now.at, change=asked.pk).subject

    return run
