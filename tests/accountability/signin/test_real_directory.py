"""A real directory, OpenLDAP's slapd with its overlays for groups and password policy, is understood by LDAPS and by
StartTLS. `.ci/run` installs it where PostgreSQL is asked too; SLAPD names another one than the system's.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3
import pytest

from accountability import tasks
from accountability.models import CompanyAccount
from accountability.signin import ldap
from accountability.signin.provider import Unreachable, Untrue
from tests.accountability.signin.company import is_in
from tests.accountability.signin.conftest import Door, asks_the_directory
from tests.accountability.signin.pretend_directory import BASE, SERVICE, SERVICE_PASSWORD, authority, identity
from tests.factories import Cast, Now

pytestmark = pytest.mark.postgresql

SLAPD = Path(os.environ.get("SLAPD", "/usr/sbin/slapd"))
ROOT, ROOT_PASSWORD = f"cn=root,{BASE}", "wurzel"
PEOPLE, GROUPS = f"ou=people,{BASE}", f"ou=groups,{BASE}"
THERE = "密码-der-firma"

CONF = """
include {root}/etc/ldap/schema/core.schema
include {root}/etc/ldap/schema/cosine.schema
include {root}/etc/ldap/schema/inetorgperson.schema
modulepath {root}/usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.pem
pidfile {folder}/pid
sizelimit 5
access to attrs=userPassword by anonymous auth by * none
access to * by users read
database mdb
suffix "{base}"
rootdn "{rootdn}"
rootpw {rootpw}
directory {folder}/data
limits dn.exact="{service}" {limits}
overlay memberof
overlay ppolicy
ppolicy_default "cn=policy,{base}"
"""


@dataclass
class Slapd:
    """A directory of OpenLDAP's that runs, and an account that may do everything there."""

    ldaps: int
    plain: int
    ca: str

    @contextmanager
    def root(self) -> Iterator[ldap3.Connection]:
        server = ldap3.Server("127.0.0.1", self.plain, get_info=ldap3.NONE)
        line = ldap3.Connection(server, ROOT, ROOT_PASSWORD, raise_exceptions=True)
        line.bind()
        try:
            yield line
        finally:
            line.unbind()

    def add(self, username: str, password: str = THERE, **more: Any) -> None:
        told = {"cn": username, "sn": username, "userPassword": password} | more
        with self.root() as line:
            line.add(f"uid={username},{PEOPLE}", ["inetOrgPerson"], told)

    def change(self, dn: str, **to: Any) -> None:
        with self.root() as line:
            line.modify(dn, {name: [(ldap3.MODIFY_REPLACE, value)] for name, value in to.items()})

    def unlock(self, username: str) -> None:
        """As somebody who keeps the directory does: by setting the password again."""
        self.change(f"uid={username},{PEOPLE}", userPassword=[THERE])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(folder: Path, limits: str) -> Iterator[Slapd]:
    assert SLAPD.exists(), "install the Debian package slapd, or name another one by SLAPD"
    folder.mkdir()
    identity(folder)
    (folder / "data").mkdir()
    found = Slapd(free_port(), free_port(), authority("authority", folder))
    conf = folder / "slapd.conf"
    conf.write_text(CONF.format(
        root=str(SLAPD.parents[2]).rstrip("/"), folder=folder, base=BASE, rootdn=ROOT, rootpw=ROOT_PASSWORD,
        service=SERVICE, limits=limits,
    ))  # fmt: skip
    places = f"ldaps://127.0.0.1:{found.ldaps} ldap://127.0.0.1:{found.plain}"
    program = subprocess.Popen([SLAPD, "-f", conf, "-h", places, "-d", "0"])
    try:
        wait_for(found.plain, program)
        with found.root() as line:
            line.add(BASE, ["dcObject", "organization"], {"dc": "firma", "o": "firma"})
            for unit in (PEOPLE, GROUPS):
                line.add(unit, ["organizationalUnit"])
            line.add(SERVICE, ["organizationalRole", "simpleSecurityObject"], {"userPassword": SERVICE_PASSWORD})
            policy = {"pwdAttribute": "userPassword", "pwdLockout": "TRUE", "pwdMaxFailure": "2"}
            line.add(f"cn=policy,{BASE}", ["organizationalRole", "pwdPolicy"], policy)
        yield found
    finally:
        program.terminate()
        program.wait(10)


def wait_for(port: int, program: subprocess.Popen[bytes]) -> None:
    for _try in range(200):
        assert program.poll() is None, "slapd has ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("slapd doesn't listen")


@pytest.fixture
def slapd(settings: Any, tmp_path: Path) -> Iterator[Slapd]:
    with running(tmp_path / "slapd", "size.prtotal=unlimited size.soft=unlimited") as found:
        asks_the_directory(settings, f"ldaps://127.0.0.1:{found.ldaps}", found.ca, tmp_path)
        yield found


@pytest.mark.parametrize("is_ldaps", [True, False], ids=["ldaps", "StartTLS"])
def test_people_sign_in_by_their_password_there(
    slapd: Slapd, settings: Any, door: Door, cast: Cast, is_ldaps: bool
) -> None:
    if not is_ldaps:
        settings.LDAP_URI = f"ldap://127.0.0.1:{slapd.plain}"
    slapd.add("wh.zhang", departmentNumber="2001")
    with slapd.root() as line:
        line.add(f"cn=contacts,{GROUPS}", ["groupOfNames"], {"member": f"uid=wh.zhang,{PEOPLE}"})
    for _twice in range(2):
        assert door.sign_in("wh.zhang", THERE).status_code == 302
    account = CompanyAccount.objects.get()
    assert (account.employee, account.said) == (cast["wh.zhang"], {"units": ["YC"], "roles": ["contact"]})
    assert [door.sign_in(*typed).status_code for typed in (("wh.zhang", "falsch"), ("wh.li", THERE))] == [422, 422]


def test_names_and_passwords_mean_nothing_else_there(slapd: Slapd, now: Now) -> None:
    slapd.add("wh.zhang")
    for name in ("*", "wh.*", "wh.zhang)(uid=*", "wh.zhang\\", "\x00", "(", "张"):
        with pytest.raises(Untrue, match="unknown_there"):
            ldap.demand(name, THERE, now.at)
    for password in ("", "\u00ad", "\x00", "x" * 256):
        with pytest.raises(Untrue, match="password"):
            ldap.demand("wh.zhang", password, now.at)
    slapd.unlock("wh.zhang")
    assert ldap.demand("wh.zhang", THERE, now.at).dn == f"uid=wh.zhang,{PEOPLE}"


def test_who_is_locked_there_waits_and_who_is_closed_there_is_out(slapd: Slapd, door: Door, now: Now) -> None:
    for username in ("wh.zhang", "kf.agent"):
        slapd.add(username)
    clients = [door.inside(username, THERE) for username in ("wh.zhang", "kf.agent")]
    for _n in range(2):
        door.sign_in("wh.zhang", "falsch")
    with pytest.raises(Untrue, match="password"):
        ldap.demand("wh.zhang", THERE, now.at)
    assert tasks.close_left_sign_ins() == 0
    slapd.unlock("wh.zhang")
    assert ldap.demand("wh.zhang", THERE, now.at).dn
    slapd.change(f"uid=wh.zhang,{PEOPLE}", pwdAccountLockedTime=["000001010000Z"])
    with pytest.raises(Untrue, match="disabled"):
        ldap.demand("wh.zhang", THERE, now.at)
    assert tasks.close_left_sign_ins() == 1
    with slapd.root() as line:
        line.delete(f"uid=kf.agent,{PEOPLE}")
    assert tasks.close_left_sign_ins() == 1
    assert [is_in(client) for client in clients] == [False, False]


def test_a_list_that_the_directory_cuts_off_closes_nobody(
    slapd: Slapd, settings: Any, tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account to which OpenLDAP shows five at most, by its usual rule for pages too."""
    monkeypatch.setattr(ldap, "PAGE", 4)
    for number in range(9):
        slapd.add(f"p{number}")
    assert len(list(ldap.everybody(now.at))) == 9
    with running(tmp_path / "strict", "size.soft=5") as strict:
        settings.LDAP_URI, settings.LDAP_CA = f"ldaps://127.0.0.1:{strict.ldaps}", strict.ca
        for number in range(9):
            strict.add(f"p{number}")
        with pytest.raises(Unreachable, match="sizeLimitExceeded"):
            list(ldap.everybody(now.at))
