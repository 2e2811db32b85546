"""Which address a request came from: locks and limits count by it."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The peer's address; behind our own proxies the one that the outermost of them noted. What stands before it is
    the client's claim. What is no address counts for nothing; None for a peer without one (a socket of this machine).
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
    """What one client may choose its address from: of IPv6 it is given a whole network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped) if found.ipv4_mapped else f"{found.exploded[:19]}::/64"
