"""A directory of the tests' own on this machine, written from RFC 4511 (LDAP), 2696 (pages) and 4513 (what an empty
password means): it answers as they say, or as somebody would who means harm.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BASE = "dc=firma,dc=example"
SERVICE, SERVICE_PASSWORD = f"cn=shouwen,{BASE}", "dienst-geheimnis"
START_TLS, PAGED = b"1.3.6.1.4.1.1466.20037", b"1.2.840.113556.1.4.319"

# What goes over the line: tag, length, value (X.690)


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes(4, "big").lstrip(b"\x00")
    return bytes([tag, 0x80 | len(size)]) + size + body


def number(value: int, tag: int = 0x02) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes | str) -> bytes:
    return tlv(0x04, value.encode() if isinstance(value, str) else value)


def parts(body: bytes) -> list[tuple[int, bytes]]:
    """The tags and values that follow each other in these bytes."""
    found, at = [], 0
    while at < len(body):
        tag, size, at = body[at], body[at + 1], at + 2
        if size & 0x80:
            size, at = int.from_bytes(body[at : at + (size & 0x7F)], "big"), at + (size & 0x7F)
        found.append((tag, body[at : at + size]))
        at += size
    return found


# Certificates


@cache
def _key(name: str) -> ec.EllipticCurvePrivateKey:
    del name
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: str, issuer: str, days: int, *more: tuple[x509.ExtensionType, bool]) -> x509.Certificate:
    begin = datetime.now(UTC) - timedelta(days=400)
    made = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    made = made.public_key(_key(subject).public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(begin).not_valid_after(datetime.now(UTC) + timedelta(days=days))
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(_key(issuer).public_key())
    for extension, is_critical in ((authority, False), *more):
        made = made.add_extension(extension, is_critical)
    return made.sign(_key(issuer), hashes.SHA256())


def authority(name: str, folder: Path) -> str:
    """The file of an authority that may vouch for servers."""
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    own = x509.SubjectKeyIdentifier.from_public_key(_key(name).public_key())
    only = x509.BasicConstraints(ca=True, path_length=0)
    made = _certificate(name, name, 400, (only, True), (usage, True), (own, False))
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return str(file)


def identity(folder: Path, *, host: str = "127.0.0.1", by: str = "authority", days: int = 100) -> ssl.SSLContext:
    """What a server shows that is `host`."""
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)])
    made = _certificate("server", by, days, (x509.BasicConstraints(ca=False, path_length=None), True), (names, False))
    key = _key("server").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(key + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


# The directory


@dataclass
class Directory:
    """`people` are entries by DN: attributes with their values, and the password. `bends` makes another answer of one
    that is about to be sent; `heard` is all that was asked, `binds` with which names and passwords.
    """

    context: ssl.SSLContext
    is_ldaps: bool = True
    port: int = 0
    people: dict[str, tuple[dict[str, list[bytes]], str]] = field(default_factory=dict)
    binds: list[tuple[str, str]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    filters: list[bytes] = field(default_factory=list)
    most: int = 10_000
    has_pages: bool = True
    has_tls: bool = True
    refers: bool = False
    bends: Callable[[str, bytes], bytes] = field(default=lambda _what, answer: answer)
    silent: Event | None = None
    is_slow: bool = False

    def add(self, username: str, password: str, *, dn: str = "", **attributes: Any) -> str:
        """Somebody who is there; their identity is made of their name unless it is given."""
        told = {"objectClass": "person", "uid": username, "entryUUID": f"uuid-{username}"} | attributes
        lists = {
            name: value if isinstance(value, list) else [value] for name, value in told.items() if value is not None
        }
        values = {
            name: [each if isinstance(each, bytes) else each.encode() for each in several]
            for name, several in lists.items()
        }
        dn = dn or f"uid={username},ou=people,{BASE}"
        self.people[dn] = values, password
        return dn

    def bind(self, dn: str, password: str) -> int:
        self.binds.append((dn, password))
        if not dn or not password:
            return 0  # as an unauthenticated bind succeeds: nobody's
        known = {SERVICE: SERVICE_PASSWORD} | {name: own for name, (_values, own) in self.people.items()}
        return 0 if known.get(dn) == password else 49

    def matches(self, asked: tuple[int, bytes], values: dict[str, list[bytes]]) -> bool:
        tag, body = asked
        lower = {name.lower(): found for name, found in values.items()}
        if tag in (0xA0, 0xA1):
            return (all if tag == 0xA0 else any)(self.matches(each, values) for each in parts(body))
        if tag == 0x87:
            return body.decode().lower() in lower
        assert tag == 0xA3, hex(tag)
        (_tag, name), (_tag, wanted) = parts(body)
        return wanted.lower() in [value.lower() for value in lower.get(name.decode().lower(), [])]

    def answers(self, message: int, tag: int, body: bytes, controls: bytes) -> Iterator[tuple[str, bytes]]:
        """What is sent for a request, with its kind."""
        if tag == 0x60:
            (_tag, _version), (_tag, dn), (_tag, password) = parts(body)
            self.heard.append("bind")
            yield "bind", self.reply(message, 0x61, self.bind(dn.decode(), password.decode()))
        elif tag == 0x63:
            self.heard.append("search")
            yield from self.search(message, body, controls)
        elif tag == 0x77:
            self.heard.append("tls")
            assert parts(body)[0][1] == START_TLS
            yield "tls", self.reply(message, 0x78, 0 if self.has_tls else 2)

    def search(self, message: int, body: bytes, controls: bytes) -> Iterator[tuple[str, bytes]]:
        base, _scope, _alias, limit, _time, _types, wanted, asked = parts(body)
        assert base[1].decode() == BASE
        self.filters.append(tlv(*wanted))
        found = [(dn, values) for dn, (values, _own) in self.people.items() if self.matches(wanted, values)]
        shown, code, done = (
            self.page(found, controls) if controls else self.whole(found, int.from_bytes(limit[1], "big"))
        )
        names = {name.decode().lower(): name.decode() for _tag, name in parts(asked[1])}
        for dn, values in shown:
            lower = {name.lower(): each for name, each in values.items()}
            told = [
                tlv(0x30, octets(name), tlv(0x31, *(octets(each) for each in lower[low])))
                for low, name in names.items() if low in lower
            ]  # fmt: skip
            yield "entry", tlv(0x30, number(message), tlv(0x64, octets(dn), tlv(0x30, *told)))
        if self.refers:
            yield "entry", tlv(0x30, number(message), tlv(0x73, octets("ldap://evil.example/dc=x")))
        yield "done", self.reply(message, 0x65, code, done)

    def whole(self, found: list[Any], limit: int) -> tuple[list[Any], int, bytes]:
        size = min(limit or self.most, self.most)
        return found[:size], 4 if len(found) > size else 0, b""

    def page(self, found: list[Any], controls: bytes) -> tuple[list[Any], int, bytes]:
        """What the page shows, the code (4: more than it may), and the control that names the next page."""
        oid, *_critical, (_tag, value) = parts(parts(controls)[0][1])
        assert oid[1] == PAGED
        (_tag, size), (_tag, cookie) = parts(parts(value)[0][1])
        start = int(cookie or b"0")
        end = start + int.from_bytes(size, "big")
        told = tlv(0x30, number(0), octets(str(end).encode() if end < len(found) else b""))
        control = tlv(0xA0, tlv(0x30, octets(PAGED), octets(told))) if self.has_pages else b""
        return found[start : min(end, self.most)], 4 if min(end, len(found)) > self.most else 0, control

    @staticmethod
    def reply(message: int, tag: int, code: int, controls: bytes = b"") -> bytes:
        return tlv(0x30, number(message), tlv(tag, number(code, 0x0A), octets(""), octets("")), controls)


def _exactly(line: Any, size: int) -> bytes:
    """So many bytes; EOFError where they don't come."""
    found = b""
    while len(found) < size:
        piece = line.recv(size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found


def _read(line: Any) -> bytes:
    """What the next message holds."""
    _tag, size = _exactly(line, 2)
    if size & 0x80:
        size = int.from_bytes(_exactly(line, size & 0x7F), "big")
    return _exactly(line, size)


class _Server(ThreadingTCPServer):
    daemon_threads = True
    directory: Directory


class _Handler(BaseRequestHandler):
    """One that has connected: each of its messages is answered until it goes."""

    server: _Server
    secured: ssl.SSLSocket | None = None

    def setup(self) -> None:
        self.directory = self.server.directory

    def handle(self) -> None:
        if self.directory.silent is not None:
            self.directory.silent.wait(10)
            return
        with suppress(OSError, EOFError):
            line = self.secure() if self.directory.is_ldaps else self.request
            while True:
                line = self.serve(line, _read(line))

    def secure(self) -> ssl.SSLSocket:
        self.secured = self.directory.context.wrap_socket(self.request, server_side=True)
        return self.secured

    def serve(self, line: Any, message: bytes) -> Any:
        """Answer a message. Return the line that the next one comes by."""
        (_tag, mark), (tag, body), *controls = parts(message)
        told = controls[0][1] if controls else b""
        for kind, answer in self.directory.answers(int.from_bytes(mark, "big"), tag, body, told):
            self.send(line, self.directory.bends(kind, answer))
        return self.secure() if tag == 0x77 and self.directory.has_tls else line

    def send(self, line: Any, answer: bytes) -> None:
        if not self.directory.is_slow:
            line.sendall(answer)
            return
        for at in range(len(answer)):
            line.sendall(answer[at : at + 1])
            time.sleep(0.2)

    def finish(self) -> None:
        if self.secured is not None:
            self.secured.close()


@contextmanager
def running_directory(directory: Directory) -> Iterator[Directory]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.directory, directory.port = directory, server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield directory
    finally:
        if directory.silent is not None:
            directory.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()
