"""Refuses to start a deployment with accounts or keys that somebody else knows.

Checked by `manage.py check --deploy --database default`, and again by `serve` and by the pages themselves as they
start; outside production nothing is checked.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseFailure
from django.db import connection, connections
from django.db.models import Count

from accountability.db import replica
from accountability.documents.kinds import KINDS
from accountability.models import Authenticator, Employee
from accountability.notices.channels import http, messages, robots
from accountability.permissions import Role
from accountability.signin import mapping
from complaints.models import CustomerMessage
from config.demo.accounts import DEMO_PASSWORD, ROLES
from config.keys import NAMES

SHORTEST_KEY = 32
FEWEST_SIGNS = 10

MOST_LINK_DAYS = 30
LEAST_HSTS = 365 * 24 * 60 * 60
"""Browsers refuse plain HTTP for at least a year after the last visit."""

WITH_TLS = ("https", "rediss", "smtps", "smtp+ssl", "smtp+tls", "unix", "redis+socket", "memory", "sqlite", "")
OF_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")


def refuse_unsafe_start() -> None:
    """Raises ImproperlyConfigured with every reason why this deployment must not start."""
    if not settings.PRODUCTION:
        return
    told = (*unsafe_settings(), *unsafe_accounts(), *unlike_pool(), *unlike_replica())
    found = [message for message in told if isinstance(message, Error)]
    if found:
        reasons = "\n".join(f"{message.id}: {message.msg} {message.hint or ''}".rstrip() for message in found)
        raise ImproperlyConfigured(f"This deployment must not start:\n{reasons}")


_is_known_safe = False
_asking = threading.Lock()


def demand_safe_start() -> bool:
    """Refuse an unsafe start, once for this process: a deployment that was found safe isn't asked again. False while
    another thread asks; nobody waits for it.
    """
    global _is_known_safe
    if not _is_known_safe and _asking.acquire(blocking=False):
        try:
            refuse_unsafe_start()
            _is_known_safe = True
        finally:
            _asking.release()
    return _is_known_safe


@register(Tags.security, deploy=True)
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(unsafe_settings()) if settings.PRODUCTION else []


@register(Tags.database, deploy=True)
def check_accounts(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return [*unsafe_accounts(), *unlike_pool(), *unlike_replica()] if settings.PRODUCTION and databases else []


def unsafe_settings() -> Iterator[CheckMessage]:
    """Debugging, hosts that nobody named, keys that are short, shared or made for a checkout, and plain connections."""
    if settings.DEBUG or settings.DEMO:
        yield Error("DEBUG and DEMO are for no deployment.", id="shouwen.E001")
    if any("*" in host or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        yield Error("ALLOWED_HOSTS must name each host in full, without * and no dot first.", id="shouwen.E002")
    if any("*" in origin or not origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS):
        yield Error("CSRF_TRUSTED_ORIGINS must name each origin in full: https://HOST.", id="shouwen.E008")
    if settings.SECURE_HSTS_SECONDS < LEAST_HSTS:
        yield Error(f"HSTS_SECONDS must be {LEAST_HSTS} (a year) at least.", id="shouwen.E009")
    if not re.fullmatch(r"(tel|sips?|callto):[^\"'<>\s]*\{number\}[^\"'<>\s]*", settings.DIAL_ADDRESS):
        yield Error("DIAL_ADDRESS must be tel:{number}, sip:{number}@HOST or the like.", id="shouwen.E013")
    if settings.CUSTOMER_LINKS and not (settings.SITE_URL and "sms" in settings.CHANNELS):
        yield Error("CUSTOMER_LINKS needs SITE_URL and SMS_GATEWAY_URL.", id="shouwen.E014")
    if not 1 <= settings.CUSTOMER_LINK_DAYS <= MOST_LINK_DAYS:
        yield Error(f"CUSTOMER_LINK_DAYS must be from 1 to {MOST_LINK_DAYS}.", id="shouwen.E015")
    if any(not _is_network(each) for each in settings.EVENTS_NETWORKS):
        yield Error("EVENTS_NETWORKS must name networks such as 10.20.0.0/16, not all addresses.", id="shouwen.E016")
    if settings.EVENTS_OUT and not settings.SITE_URL:
        yield Error("EVENTS_OUT needs SITE_URL.", id="shouwen.E017")
    yield from _unsafe_channels()
    yield from _unsafe_oa()
    yield from _unsafe_company_account()
    yield from _unsafe_directory()
    yield from _unsafe_keys()
    yield from _plain_connections()


def _is_network(written: str) -> bool:
    """Whether it is a range, and not all addresses."""
    try:
        return bool(ip_network(written).prefixlen)
    except ValueError:
        return False


def _unsafe_channels() -> Iterator[CheckMessage]:
    """Robots that can't be spoken to, and templates for messages that there aren't."""
    robot, sms = settings.CHANNELS.get("robot", {}), settings.CHANNELS.get("sms", {})
    try:
        robots.robots_of(robot.get("table", ""))
    except robots.BadTable as bad:
        yield Error(f"GROUP_ROBOTS can't be used: {bad}.", id="shouwen.E022")
    everybodys = robots.Robot(robot.get("kind", "wecom"), robot.get("url", ""), robot.get("secret", ""))
    if (everybodys.url or everybodys.secret) and (why := robots.fault_of(everybodys)):
        yield Error(f"The robot of GROUP_ROBOT_URL, GROUP_ROBOT_KIND and GROUP_ROBOT_SECRET {why}.", id="shouwen.E023")
    kinds = {messages.KIND, *CustomerMessage.Kind.values}
    if any(kind not in kinds or not template for kind, template in http.templates_of(sms.get("templates", ""))):
        yield Error(f"SMS_TEMPLATES must name KIND=TEMPLATE, of {', '.join(sorted(kinds))}.", id="shouwen.E024")


def _unsafe_oa() -> Iterator[CheckMessage]:
    """Two ways at once, a folder that can't be written, and kinds of paper that never go there."""
    if settings.OA_URL and settings.OA_FOLDER:
        yield Error("OA_URL and OA_FOLDER are two ways to one OA: give one of them.", id="shouwen.E025")
    if settings.OA_URL and urlsplit(settings.OA_URL).scheme not in ("https", "http"):
        yield Error("OA_URL must be https://HOST….", id="shouwen.E025")
    if settings.OA_FOLDER and not os.access(settings.OA_FOLDER, os.W_OK | os.X_OK):
        yield Error("OA_FOLDER must be a folder that this process may write.", id="shouwen.E026")
    known = {name for name, kind in KINDS.items() if kind.goes_out}
    if not known.issuperset(settings.OA_KINDS):
        yield Error(f"OA_KINDS must name kinds of paper, of {', '.join(sorted(known))}.", id="shouwen.E027")


def _unsafe_company_account() -> Iterator[CheckMessage]:
    """A provider that isn't asked over TLS, nobody who could sign in, and a mapping table that can't be used."""
    issuer = urlsplit(settings.OIDC_ISSUER)
    if settings.OIDC_ISSUER and not (
        settings.OIDC_CLIENT_ID and issuer.scheme == "https" and issuer.netloc and not (issuer.query or issuer.fragment)
    ):
        yield Error("OIDC_ISSUER must be https://HOST… without ? and #, and needs OIDC_CLIENT_ID.", id="shouwen.E018")
    if settings.OIDC_ONLY and not settings.OIDC_ISSUER:
        yield Error("OIDC_ONLY needs OIDC_ISSUER.", id="shouwen.E019")
    try:
        mapping.rows_of(settings.OIDC_MAPPING)
    except mapping.BadMapping as bad:
        yield Error(f"OIDC_MAPPING can't be used: {bad}.", id="shouwen.E020")
    if any(not all(entry.partition(":")) for entry in settings.OIDC_SECOND_FACTOR):
        yield Error("OIDC_SECOND_FACTOR must name CLAIM:VALUE, separated by commas.", id="shouwen.E021")


def _unsafe_directory() -> Iterator[CheckMessage]:
    """A directory that isn't asked over TLS, or that nobody can be found in, and a mapping table that can't be used."""
    is_address = re.fullmatch(r"ldaps?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?", settings.LDAP_URI)
    needed = (settings.LDAP_BIND_DN, settings.LDAP_BIND_PASSWORD, settings.LDAP_BASE, settings.LDAP_IDENTITY)
    if settings.LDAP_URI and not (is_address and all(needed)):
        yield Error(
            "LDAP_URI must be ldaps://HOST or ldap://HOST (with StartTLS), and needs LDAP_BIND_DN, LDAP_BIND_PASSWORD,"
            " LDAP_BASE and LDAP_IDENTITY.",
            id="shouwen.E030",
        )  # fmt: skip
    if not _is_filter(settings.LDAP_FILTER):
        yield Error("LDAP_FILTER must be a filter in brackets with (ATTRIBUTE={username}).", id="shouwen.E031")
    if settings.LDAP_URI and settings.OIDC_ISSUER:
        yield Error("LDAP_URI and OIDC_ISSUER are two ways of one account: set one of them.", id="shouwen.E032")
    if settings.LDAP_ONLY and not settings.LDAP_URI:
        yield Error("LDAP_ONLY needs LDAP_URI.", id="shouwen.E033")
    try:
        mapping.rows_of(settings.LDAP_MAPPING)
    except mapping.BadMapping as bad:
        yield Error(f"LDAP_MAPPING can't be used: {bad}.", id="shouwen.E034")
    if settings.LDAP_CA and not Path(settings.LDAP_CA).is_file():
        yield Error("LDAP_CA names no file.", id="shouwen.E035")


def _is_filter(written: str) -> bool:
    """Whether the brackets match, and the username stands where a whole value does."""
    depth, lowest = 0, 0
    for sign in written[1:-1]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        lowest = min(lowest, depth)
    rest = re.sub(r"\([A-Za-z][A-Za-z0-9.-]*=\{username\}\)", "", written)
    return written[:1] + written[-1:] == "()" and not (depth or lowest) and rest != written and "{" not in rest


def _unsafe_keys() -> Iterator[CheckMessage]:
    given = list(_given_keys())
    for name, key in given:
        if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_SIGNS:
            yield Error(f"{name} holds a key that is too short or too simple.", id="shouwen.E003")
    keys = [key for _name, key in given]
    if len(set(keys)) < len(keys):
        yield Error("Two of the keys are the same.", id="shouwen.E004")
    if _made_for_a_checkout() & set(keys):
        yield Error("A key comes from a developer's checkout (keys.json).", id="shouwen.E005")


def _given_keys() -> Iterator[tuple[str, str]]:
    """Every key with its variable, those too that are kept while one is changed."""
    for name in (*NAMES, "SECRET_KEY_FALLBACKS", "BLIND_INDEX_KEY_OLD", "METRICS_TOKEN"):
        value = getattr(settings, name)
        for key in [value] if isinstance(value, str) else value or [""]:
            if key or name in NAMES:
                yield name, key.strip()


def _plain_connections() -> Iterator[CheckMessage]:
    """Addresses without TLS, except those of this machine and of the hosts that PLAIN_HOSTS names."""
    for name, address in _addresses():
        if urlsplit(address).scheme not in WITH_TLS and not _is_near(urlsplit(address).hostname):
            hint = "Use TLS, or name the host in PLAIN_HOSTS where nobody else is on the way to it."
            yield Error(f"{name} is an address without TLS.", hint=hint, id="shouwen.E010")
    for name, variable in (("default", "DATABASE_URL"), (replica.ALIAS, "REPLICA_URL")):
        database = settings.DATABASES.get(name, {"ENGINE": ""})
        is_far = database["ENGINE"].endswith("postgresql") and not _is_near(database["HOST"])
        if is_far and database["OPTIONS"].get("sslmode") != "verify-full":
            hint = "Add ?sslmode=verify-full&sslrootcert=…, or name the host in PLAIN_HOSTS."
            yield Error(f"{variable} doesn't check whose database it is.", hint=hint, id="shouwen.E011")


def _addresses() -> Iterator[tuple[str, str]]:
    yield "CELERY_BROKER_URL", settings.CELERY_BROKER_URL
    yield "EMAIL_URL", settings.MAIL_SERVER
    yield "SITE_URL", settings.SITE_URL
    yield "OA_URL", settings.OA_URL
    yield "SMS_GATEWAY_URL", settings.CHANNELS.get("sms", {}).get("url", "")
    robot = settings.CHANNELS.get("robot", {})
    yield "GROUP_ROBOT_URL", robot.get("url", "")
    with suppress(robots.BadTable):  # told already
        yield from (("GROUP_ROBOTS", each.url) for each in robots.robots_of(robot.get("table", "")).values())


def _is_near(host: str | None) -> bool:
    return (host or "") in OF_THIS_MACHINE or (host or "").startswith("/") or host in settings.PLAIN_HOSTS


def _made_for_a_checkout() -> set[str]:
    file = Path(settings.VAR_DIR) / "keys.json"
    return set(json.loads(file.read_text()).values()) if file.exists() else set()


def unsafe_accounts() -> Iterator[CheckMessage]:
    """Accounts whose password others know: the demo's, and any that several share. Stored hashes are compared, since
    trying a password on thousands of accounts would take minutes; only the demo's own accounts are tried.
    """
    people = Employee.objects.filter(is_active=True)
    # Trying a password costs as much where there is none.
    able = people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    named = able.filter(username__in=[name for name, *_rest in ROLES])
    demo = sorted(person.username for person in named if check_password(DEMO_PASSWORD, person.password))
    if demo:
        hint = "Close them, or begin with an empty database."
        yield Error(f"Accounts with the demo's password: {', '.join(demo)}.", hint=hint, id="shouwen.E006")
    shared = able.values("password").order_by().annotate(count=Count("pk")).filter(count__gt=1)
    if shared.exists():
        yield Error("Several accounts share one password.", id="shouwen.E007")
    guards = people.filter(appointments__role=Role.SECURITY_ADMIN, appointments__ends_on=None)
    if not Authenticator.objects.filter(employee__in=guards).exclude(confirmed_at=None).exists():
        yield Warning("No security administrator has bound a second factor yet.", id="shouwen.W001")


COSTS = "random_page_cost"
"""A pool that doesn't know it yet answers more slowly, and nothing else."""


def unlike_pool() -> Iterator[CheckMessage]:
    """A pool whose connections have other settings than this process is told: how long they wait, how they plan."""
    if not settings.DATABASE_POOLED:
        return
    if connection.vendor != "postgresql":
        yield Error("DATABASE_POOLED is set, and DATABASE_URL names no PostgreSQL.", id="shouwen.E012")
        return
    # A command has no limit for a statement (config/wsgi.py gives it to web processes).
    wanted = {name: value for name, value in settings.OF_A_CONNECTION.items() if value != "0"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(wanted)])
        found = dict(cursor.fetchall())
    other = {name: f"{name} is {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value}
    hint = "Set it in `connect_query` of the pool's database (docs/several-hosts.md)."
    if cost := other.pop(COSTS, ""):
        yield Warning(f"The pool's connections plan otherwise: {cost}.", hint=hint, id="shouwen.W003")
    if other:
        told = ", ".join(other.values())
        yield Error(f"The pool's connections have other settings: {told}.", hint=hint, id="shouwen.E012")


NOT_COUNTED_THERE = {
    replica.State.AWAY: "REPLICA_URL doesn't answer",
    replica.State.NO_STANDBY: "REPLICA_URL is no standby: it takes writes",
    replica.State.BEHIND: "The database of REPLICA_URL is further behind than REPLICA_LAG",
}


def unlike_replica() -> Iterator[CheckMessage]:
    """A standby that can't be one of this database. One that is away or was promoted only warns: the system works
    without it, and an alarm tells.
    """
    if not replica.is_there():
        return
    engines = {settings.DATABASES[name]["ENGINE"] for name in ("default", replica.ALIAS)}
    if not all(engine.endswith("postgresql") for engine in engines):
        yield Error("REPLICA_URL is for a standby of PostgreSQL, as is DATABASE_URL.", id="shouwen.E036")
        return
    standing = replica.ask()
    if standing.state in NOT_COUNTED_THERE:
        hint = "Figures are counted by DATABASE_URL (docs/operations.md)."
        yield Warning(f"{NOT_COUNTED_THERE[standing.state]}.", hint=hint, id="shouwen.W002")
    if standing.state != replica.State.AWAY and _cluster("default") != _cluster(replica.ALIAS):
        hint = "Figures would be another system's: name a standby of the server of DATABASE_URL."
        yield Error("REPLICA_URL is no copy of the database of DATABASE_URL.", hint=hint, id="shouwen.E037")


def _cluster(alias: str) -> tuple[Any, ...] | None:
    """What a server has in common with its standbys, and the database's own number among its databases. None where the
    server may not be asked, or went away meanwhile.
    """
    asked = "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(asked)
            return tuple(cursor.fetchone())
    except DatabaseFailure:
        return None
