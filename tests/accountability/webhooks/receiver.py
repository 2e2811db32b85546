"""A receiver of events on this machine, over TLS with a certificate of its own, as another company would run one."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "hooks.example"


@dataclass
class Receiver:
    """`answers` are given one after the other, the last one for good; each is a status, or one with headers."""

    port: int = 0
    trusted: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    moved_to: str = ""
    silent: Event | None = None
    drips: bool = False
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/events?key=geheim"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def running_receiver(folder: Path) -> Iterator[Receiver]:
    receiver = Receiver()
    trusted, own = made_certificates(folder)
    receiver.trusted = str(trusted)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.headers.append(dict(self.headers.items()))
            if receiver.silent is not None:
                receiver.silent.wait(10)
                return
            if receiver.drips:
                self.drip()
                return
            self.send_response(receiver.answer())
            if receiver.moved_to:
                self.send_header("Location", receiver.moved_to)
            self.end_headers()
            self.wfile.write(b"x" * 100)

        def drip(self) -> None:
            """A header of which a byte comes now and then, for five seconds or until the caller hangs up."""
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            with suppress(OSError):
                for _byte in range(100):
                    sleep(0.05)
                    self.wfile.write(b"x")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller who doesn't trust the certificate hangs up."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.silent is not None:
            receiver.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()


def made_certificates(folder: Path) -> tuple[Path, Path]:
    """The certificate of an authority, and the receiver's own with its key."""
    authority_key, own_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
    of_authority = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    usage = {
        name: name in ("key_cert_sign", "crl_sign")
        for name in (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        )
    }  # fmt: skip
    root = _begun(authority, authority, authority_key)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    root = root.add_extension(x509.KeyUsage(**usage), critical=True).add_extension(of_authority, critical=False)
    leaf = _begun(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)]), authority, own_key)
    leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_authority), critical=False
    )
    pem = serialization.Encoding.PEM
    trusted, own = folder / "authority.pem", folder / "own.pem"
    trusted.write_bytes(root.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    key = own_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    own.write_bytes(leaf.sign(authority_key, hashes.SHA256()).public_bytes(pem) + key)
    return trusted, own


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    begun = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    begun = begun.serial_number(x509.random_serial_number())
    return begun.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
