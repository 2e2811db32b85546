"""What is said to the company's directory, and what of its answers is believed: over a real line with TLS, to a
directory that may mean harm (docs/adr/0040-the-companys-directory.md).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from ldap3.utils import log as library_log

from accountability.signin import ldap
from accountability.signin.provider import Unreachable, Untrue
from tests.accountability.signin.pretend_directory import (
    BASE,
    SERVICE,
    SERVICE_PASSWORD,
    Directory,
    authority,
    identity,
    octets,
    running_directory,
    tlv,
)

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
PASSWORD = "ein-wort-der-firma"


def untrue(username: str = "wh.zhang", password: str = PASSWORD) -> str:
    with pytest.raises(Untrue) as refused:
        ldap.demand(username, password, AT)
    return refused.value.why


def unreachable() -> str:
    with pytest.raises(Unreachable) as refused:
        ldap.demand("wh.zhang", PASSWORD, AT)
    return refused.value.why


def test_a_password_is_tried_as_the_one_entry_of_the_name(directory: Directory) -> None:
    dn = directory.add("wh.zhang", PASSWORD, memberOf=["cn=a,dc=x", "cn=b,dc=x"], mail="x@y.example")
    directory.add("wh.li", "another")
    entry = ldap.demand("wh.zhang", PASSWORD, AT)
    assert (entry.dn, bytes.fromhex(entry.subject)) == (dn, b"uuid-wh.zhang")
    assert entry.claims == {"memberOf": ["cn=a,dc=x", "cn=b,dc=x"], "departmentNumber": []}
    assert directory.binds == [(SERVICE, SERVICE_PASSWORD), (dn, PASSWORD)]
    assert (untrue(password="wrong"), untrue("niemand")) == ("password", "unknown_there")


def test_a_password_goes_as_it_was_typed(directory: Directory) -> None:
    """The library's own preparation of texts would make one of these of each other, and nothing of some."""
    for password in ("pässwörd", "密码密码", " a b ", "\u00adx", "a\u3000b", "ª"):
        directory.add("wh.zhang", password)
        assert ldap.demand("wh.zhang", password, AT).dn
        assert directory.binds[-1][1] == password


@pytest.mark.parametrize("password", ["", "\u00ad", "\u200b", "x" * 257, "x" * 100_000])
def test_an_empty_password_is_nobodys(directory: Directory, password: str) -> None:
    """Nor one that the library would make an empty one of: a directory answers both with success (RFC 4513, 5.1.2)."""
    dn = directory.add("wh.zhang", PASSWORD)
    assert untrue(password=password) == "password"
    assert ("", "") not in directory.binds
    assert (dn, "") not in directory.binds


def test_an_entry_without_a_name_is_nobodys(directory: Directory) -> None:
    """A bind without a name is one of nobody, which succeeds, or in the library's eyes the service account's."""
    directory.people[""] = ({"objectClass": [b"person"], "uid": [b"wh.zhang"], "entryUUID": [b"1"]}, PASSWORD)
    assert untrue() == "password"
    assert directory.binds == [(SERVICE, SERVICE_PASSWORD)]
    directory.people[""] = (directory.people[""][0], SERVICE_PASSWORD)
    assert untrue(password=SERVICE_PASSWORD) == "password"


@pytest.mark.parametrize("extra", [{}, {"objectClass": "person"}])
def test_two_entries_are_nobodys(directory: Directory, extra: dict[str, Any]) -> None:
    directory.add("wh.zhang", PASSWORD)
    directory.add("wh.zhang", PASSWORD, dn=f"uid=wh.zhang,ou=guests,{BASE}", **extra)
    assert untrue() == "several"
    directory.add("wh.zhang", PASSWORD, dn=f"uid=wh.zhang,ou=more,{BASE}")
    assert untrue() == "several"


@pytest.mark.parametrize("value", [None, [], ["a", "b"], "", b"x" * 300])
def test_an_entry_that_does_not_say_who_it_is_is_nobodys(directory: Directory, value: Any) -> None:
    directory.add("wh.zhang", PASSWORD, entryUUID=value)
    assert untrue() == "identity"
    with pytest.raises(Unreachable, match="identity"):
        list(ldap.everybody(AT))


def test_the_identity_may_be_any_bytes(directory: Directory, settings: Any) -> None:
    settings.LDAP_IDENTITY, settings.LDAP_FILTER = "objectGUID", "(&(objectClass=person)(sAMAccountName={username}))"
    directory.add("x", PASSWORD, sAMAccountName="wh.zhang", OBJECTguid=bytes(range(16)), userAccountControl="512")
    assert ldap.demand("wh.zhang", PASSWORD, AT).subject == bytes(range(16)).hex()


@pytest.mark.asvs("1.2.6")
@pytest.mark.parametrize(
    "name",
    ["*", "wh.*", "wh.zhang)(uid=*", "*)(uid=*))(|(uid=*", "wh.zhang\\", "\\2a", "wh.zhang\x00", "(", ")", "&", "张"],
)
def test_a_name_says_nothing_else_in_the_filter(directory: Directory, name: str) -> None:
    directory.add("wh.zhang", PASSWORD)
    assert untrue(name) == "unknown_there"
    wanted = tlv(0xA3, octets("uid"), octets(name))
    assert directory.filters == [tlv(0xA0, tlv(0xA3, octets("objectClass"), octets("person")), wanted)]


@pytest.mark.parametrize(
    "attributes",
    [{"userAccountControl": "514"}, {"accountExpires": "134000000000000000"}, {"pwdAccountLockedTime": "000001010000Z"},
     {"nsAccountLock": "TRUE"}, {"loginDisabled": "true"}],
)  # fmt: skip
def test_who_is_disabled_there_does_not_come_in(directory: Directory, attributes: dict[str, str]) -> None:
    """Whatever the directory says of the password; it isn't even shown there."""
    dn = directory.add("wh.zhang", PASSWORD, **attributes)
    assert untrue() == "disabled"
    assert dn not in dict(directory.binds)
    assert [entry.is_disabled for entry in ldap.everybody(AT)] == [True]


@pytest.mark.parametrize(
    "attributes",
    [{"userAccountControl": "66048"}, {"accountExpires": "0"}, {"accountExpires": "9223372036854775807"},
     {"accountExpires": "134400000000000000"}, {"accountExpires": "nie"}, {"nsAccountLock": "FALSE"},
     {"userAccountControl": b"\xff"}],
)  # fmt: skip
def test_who_is_not_disabled_does(directory: Directory, attributes: dict[str, Any]) -> None:
    directory.add("wh.zhang", PASSWORD, **attributes)
    assert ldap.demand("wh.zhang", PASSWORD, AT).is_disabled is False


def test_whatever_the_reason_the_same_is_asked(directory: Directory) -> None:
    """So the time tells no more than the answer: three questions, the last of them a password that is tried."""
    directory.add("wh.zhang", PASSWORD)
    directory.add("wh.li", PASSWORD, userAccountControl="514")
    for asked in (
        lambda: ldap.demand("wh.zhang", PASSWORD, AT), lambda: untrue(password="x"), lambda: untrue("niemand"),
        lambda: untrue("wh.li"), lambda: untrue(password=""), lambda: ldap.pretend(AT),
    ):  # fmt: skip
        directory.heard.clear()
        asked()
        assert directory.heard == ["bind", "search", "bind"]


def test_a_question_for_nobody_shows_nobodys_name_and_password(directory: Directory) -> None:
    directory.add("wh.zhang", PASSWORD)
    ldap.pretend(AT)
    (_service, (dn, password)) = directory.binds
    assert dn.endswith(BASE)
    assert (dn in directory.people, password in (PASSWORD, SERVICE_PASSWORD, ""), b"zhang" in directory.filters[0]) == (
        False, False, False,
    )  # fmt: skip


def test_references_to_other_directories_are_not_followed(directory: Directory) -> None:
    directory.add("wh.zhang", PASSWORD)
    directory.refers = True
    assert ldap.demand("wh.zhang", PASSWORD, AT).dn
    assert len(list(ldap.everybody(AT))) == 1


# The line


@pytest.mark.asvs("12.3.2", "12.3.4")
@pytest.mark.parametrize("is_ldaps", [True, False], ids=["ldaps", "StartTLS"])
@pytest.mark.parametrize(
    ("told", "is_trusted"),
    [({}, True), ({"host": "another.example"}, False), ({"host": "127.0.0.2"}, False), ({"by": "stranger"}, False),
     ({"days": -1}, False)],
    ids=["its own", "another name", "another address", "another authority", "over"],
)  # fmt: skip
def test_nothing_is_said_to_who_does_not_prove_who_they_are(
    directory: Directory, settings: Any, tmp_path: Path, is_ldaps: bool, told: dict[str, Any], is_trusted: bool
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    authority("stranger", folder)
    with running_directory(Directory(identity(folder, **told), is_ldaps=is_ldaps)) as other:
        other.add("wh.zhang", PASSWORD)
        settings.LDAP_URI = f"ldap{'s' if is_ldaps else ''}://127.0.0.1:{other.port}"
        if is_trusted:
            assert ldap.demand("wh.zhang", PASSWORD, AT).dn
        else:
            assert unreachable()
            assert other.binds == []


@pytest.mark.asvs("12.3.1")
def test_a_directory_that_can_do_no_tls_hears_nothing(directory: Directory, settings: Any, tmp_path: Path) -> None:
    with running_directory(Directory(identity(tmp_path), is_ldaps=False, has_tls=False)) as plain:
        plain.add("wh.zhang", PASSWORD)
        settings.LDAP_URI = f"ldap://127.0.0.1:{plain.port}"
        assert unreachable() == "LDAPStartTLSError"
        assert (plain.heard, plain.binds) == (["tls"], [])


def test_without_a_file_the_systems_authorities_are_asked(directory: Directory, settings: Any) -> None:
    directory.add("wh.zhang", PASSWORD)
    settings.LDAP_CA = ""
    assert unreachable()
    assert directory.binds == []


def test_a_service_account_that_is_not_let_in_finds_nobody(directory: Directory, settings: Any) -> None:
    directory.add("wh.zhang", PASSWORD)
    settings.LDAP_BIND_PASSWORD = "falsch"
    assert unreachable() == "LDAP_BIND_DN"
    assert directory.heard == ["bind"]


def test_a_directory_that_is_not_there_or_silent_is_told_soon(
    directory: Directory, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap, "LONGEST", 0.5)
    directory.silent = Event()
    began = time.monotonic()
    assert unreachable()
    settings.LDAP_URI = "ldaps://127.0.0.1:1"
    assert unreachable() == "LDAPSocketOpenError"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("is_ldaps", [True, False], ids=["ldaps", "StartTLS"])
def test_one_that_talks_slowly_is_not_waited_for(
    directory: Directory, settings: Any, monkeypatch: pytest.MonkeyPatch, is_ldaps: bool
) -> None:
    """Byte by byte, each in time, an answer would take for ever: before TLS too."""
    monkeypatch.setattr(ldap, "LONGEST", 0.5)
    directory.add("wh.zhang", PASSWORD)
    directory.is_slow, directory.is_ldaps = True, is_ldaps
    settings.LDAP_URI = settings.LDAP_URI if is_ldaps else f"ldap://127.0.0.1:{directory.port}"
    began = time.monotonic()
    assert unreachable()
    assert time.monotonic() - began < 2
    assert directory.heard == ["bind" if is_ldaps else "tls"]


def test_one_that_talks_without_end_is_cut_off(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldap, "MOST_BYTES", 20_000)
    directory.add("wh.zhang", PASSWORD, memberOf=["x" * 1000] * 50)
    assert unreachable()


NONSENSE: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda answer: b"", "another protocol": lambda answer: b"HTTP/1.1 200 OK\r\n\r\n",
    "noughts": lambda answer: bytes(len(answer)), "half": lambda answer: answer[: len(answer) // 2],
    "another message": lambda answer: answer.replace(b"\x02\x01", b"\x02\x7f", 1),
    "a length that lies": lambda answer: b"\x30\x84\x00\x00\x00\x05" + answer[2:],
    "another kind": lambda answer: answer.replace(b"\x64", b"\x61").replace(b"\x65", b"\x66"),
    "deep": lambda answer: b"\x30\x80" * 3000,
}  # fmt: skip


@pytest.mark.parametrize("what", ["bind", "entry", "done"])
@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_opens_nothing(directory: Directory, monkeypatch: pytest.MonkeyPatch, what: str, name: str) -> None:
    """And is no error of the page either."""
    monkeypatch.setattr(ldap, "LONGEST", 0.2)
    directory.add("wh.zhang", "another")
    directory.bends = lambda kind, answer: NONSENSE[name](answer) if kind == what else answer
    with pytest.raises((Unreachable, Untrue)):
        ldap.demand("wh.zhang", PASSWORD, AT)


@pytest.mark.parametrize("code", [1, 10, 14, 32, 34, 48, 50, 53, 51, 52, 80, 99])
def test_nothing_but_success_is_success(directory: Directory, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """A reference, a question back, a warning: none of them says that the password is right."""
    dn = directory.add("wh.zhang", PASSWORD)
    told = directory.bind
    monkeypatch.setattr(directory, "bind", lambda name, password: code if name == dn else told(name, password))
    with pytest.raises((Unreachable, Untrue)):
        ldap.demand("wh.zhang", PASSWORD, AT)


def test_the_library_writes_nothing_down(directory: Directory, caplog: pytest.LogCaptureFixture) -> None:
    directory.add("wh.zhang", PASSWORD)
    with caplog.at_level(logging.DEBUG):
        ldap.demand("wh.zhang", PASSWORD, AT)
        untrue(password="knapp-daneben")
    written = " ".join(record.getMessage() for record in caplog.records)
    assert [word for word in (PASSWORD, "knapp-daneben", SERVICE_PASSWORD) if word in written] == []
    assert library_log.get_library_log_detail_level() == library_log.OFF


# The list of everybody


def test_everybody_is_listed_page_by_page(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldap, "PAGE", 3)
    for number in range(10):
        directory.add(f"p{number}", PASSWORD)
    directory.add("gone", PASSWORD, objectClass="computer")
    assert sorted(bytes.fromhex(entry.subject).decode() for entry in ldap.everybody(AT)) == [
        f"uuid-p{number}" for number in range(10)
    ]
    assert directory.heard == ["bind", "search", "search", "search", "search"]


def test_a_list_that_is_cut_off_is_no_list(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is missing from it would count as gone."""
    monkeypatch.setattr(ldap, "PAGE", 3)
    for number in range(10):
        directory.add(f"p{number}", PASSWORD)
    directory.most = 5
    with pytest.raises(Unreachable, match="sizeLimitExceeded"):
        list(ldap.everybody(AT))
    directory.most, directory.has_pages = 100, False
    with pytest.raises(Unreachable):
        list(ldap.everybody(AT))
