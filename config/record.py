"""How long logs are kept, with a minimum that no setting can lower."""

from django.core.exceptions import ImproperlyConfigured

LEAST_MONTHS = 6
"""网络安全法: network logs are kept for at least six months."""


def months_of_logs(given: str) -> int:
    """The months; raises ImproperlyConfigured for fewer than the law requires, and for anything but a number."""
    if not given.isdecimal() or int(given) < LEAST_MONTHS:
        raise ImproperlyConfigured(f"LOG_KEEP_MONTHS={given}: logs are kept at least {LEAST_MONTHS} months.")
    return int(given)
