"""Finds the network address of a request; sign-in locks and rate limits count by it."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The peer's address or, behind our own proxies, the address that the outermost proxy noted.

    Entries before that one are sent by the client and can be forged. Text that is not an address is ignored. None for
    a peer without an address (a local socket).
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return peer or None
    noted = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return _address(noted[-min(settings.PROXY_HOPS, len(noted))]) or peer or None


def _address(noted: str) -> str:
    try:
        return str(ip_address(noted))
    except ValueError:
        return ""


def neighbourhood(address: str) -> str:
    """The range that one client can choose its address from: a /64 network for IPv6, the address itself for IPv4."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped) if found.ipv4_mapped else f"{found.exploded[:19]}::/64"
