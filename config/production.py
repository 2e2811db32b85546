"""Refuses to start a deployment with accounts or keys that somebody else knows.

Checked by `manage.py check --deploy --database default`, and again by `serve` and by the pages themselves as they
start; outside production nothing is checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count

from accountability.models import Authenticator, Employee
from accountability.permissions import Role
from config.demo.accounts import DEMO_PASSWORD, ROLES
from config.keys import NAMES

SHORTEST_KEY = 32
FEWEST_SIGNS = 10


def refuse_unsafe_start() -> None:
    """Raises ImproperlyConfigured with every reason why this deployment must not start."""
    if not settings.PRODUCTION:
        return
    found = [message for message in (*unsafe_settings(), *unsafe_accounts()) if isinstance(message, Error)]
    if found:
        reasons = "\n".join(f"{message.id}: {message.msg} {message.hint or ''}".rstrip() for message in found)
        raise ImproperlyConfigured(f"This deployment must not start:\n{reasons}")


@register(Tags.security, deploy=True)
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(unsafe_settings()) if settings.PRODUCTION else []


@register(Tags.database, deploy=True)
def check_accounts(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(unsafe_accounts()) if settings.PRODUCTION and databases else []


def unsafe_settings() -> Iterator[CheckMessage]:
    """Debugging, any host, and keys that are short, shared or made for a checkout."""
    if settings.DEBUG or settings.DEMO:
        yield Error("DEBUG and DEMO are for no deployment.", id="shouwen.E001")
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS must name the hosts.", id="shouwen.E002")
    keys = _keys()
    for name, value in keys.items():
        for each in value.split(","):
            if len(each.strip()) < SHORTEST_KEY or len(set(each)) < FEWEST_SIGNS:
                yield Error(f"{name} holds a key that is too short or too simple.", id="shouwen.E003")
    if len(set(keys.values())) < len(keys):
        yield Error("Two of the keys are the same.", id="shouwen.E004")
    known = _made_for_a_checkout()
    if known & {each.strip() for value in keys.values() for each in value.split(",")}:
        yield Error("A key comes from a developer's checkout (keys.json).", id="shouwen.E005")


def _keys() -> dict[str, str]:
    listed = ",".join(settings.PERSONAL_DATA_KEYS)
    return {name: listed if name == "PERSONAL_DATA_KEYS" else getattr(settings, name) for name in NAMES}


def _made_for_a_checkout() -> set[str]:
    file = Path(settings.VAR_DIR) / "keys.json"
    return set(json.loads(file.read_text()).values()) if file.exists() else set()


def unsafe_accounts() -> Iterator[CheckMessage]:
    """Accounts whose password others know: the demo's, and any that several share. Stored hashes are compared, since
    trying a password on thousands of accounts would take minutes; only the demo's own accounts are tried.
    """
    people = Employee.objects.filter(is_active=True)
    named = people.filter(username__in=[name for name, *_rest in ROLES])
    demo = sorted(person.username for person in named if check_password(DEMO_PASSWORD, person.password))
    if demo:
        hint = "Close them, or begin with an empty database."
        yield Error(f"Accounts with the demo's password: {', '.join(demo)}.", hint=hint, id="shouwen.E006")
    usable = people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    shared = usable.values("password").order_by().annotate(count=Count("pk")).filter(count__gt=1)
    if shared.exists():
        yield Error("Several accounts share one password.", id="shouwen.E007")
    guards = people.filter(appointments__role=Role.SECURITY_ADMIN, appointments__ends_on=None)
    if not Authenticator.objects.filter(employee__in=guards).exclude(confirmed_at=None).exists():
        yield Warning("No security administrator has bound a second factor yet.", id="shouwen.W001")
