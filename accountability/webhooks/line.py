"""Posts to an address that somebody typed, without becoming a way into our own network.

The name is resolved once, all that it resolves to is judged, and the connection goes to what was judged: a name that
resolves otherwise a moment later (DNS rebinding) changes nothing. The certificate must be that of the name. Redirects
aren't followed, proxies of the environment aren't asked, and of the answer only the status is read.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from accountability.notices.channels.http import at_most

TIMEOUT = 3.0
"""Seconds for each step."""

LONGEST = 6.0
"""Seconds for the handshake and the request together, so that a receiver that answers byte by byte delays nobody."""

LONGEST_ADDRESS = 500

Address = IPv4Address | IPv6Address


class NotAllowed(OSError):
    """The address is none that we send to. The text is a short code without the address."""


def host_of(url: str) -> str:
    """The host of an address that may be typed in: https, with a host, without credentials or a fragment. Raises
    NotAllowed for any other, and for a bare number that is closed.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed("address") from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_ADDRESS
    if parts.scheme != "https" or not host or "@" in parts.netloc or "#" in url or not plain:
        raise NotAllowed("address")
    try:
        number = ip_address(host)
    except ValueError:
        return host
    if not is_open(number):
        raise NotAllowed("network")
    return host


def is_open(address: Address) -> bool:
    """Whether we may connect there: the public internet, and the networks that the operator named."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if any(plain in ip_network(each) for each in settings.EVENTS_NETWORKS):
        return True
    if isinstance(plain, IPv6Address) and (plain.is_site_local or plain.sixtofour or plain.teredo):
        return False  # of the house, or another address in disguise
    return plain.is_global and not (plain.is_multicast or plain.is_reserved)


def resolved(host: str, port: int) -> Address:
    """The first address of the host. Raises NotAllowed if any of them is closed, OSError if there is none."""
    found = [
        ip_address(str(place[0]).partition("%")[0])
        for _family, _type, _protocol, _name, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ]
    if not found or not all(map(is_open, found)):
        raise NotAllowed("network")
    return found[0]


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post the body; return the status. Raises OSError, HTTPException or UnicodeError if there is no answer."""
    parts = urlsplit(url)
    host, port = host_of(url), parts.port or 443
    address = resolved(host, port)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    context = ssl.create_default_context()
    connection = HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6) as line:
        line.settimeout(TIMEOUT)
        line.connect((str(address), port))
        with (
            context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False) as sealed,
            at_most(LONGEST, sealed),
        ):
            sealed.do_handshake()
            connection.sock = sealed
            connection.request("POST", target, body, headers)
            with connection.getresponse() as answer:
                return answer.status
