"""A deployment doesn't start with an account or a key that somebody else knows."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from accountability.models import Authenticator, Employee
from config import production
from config.demo.accounts import DEMO_PASSWORD
from tests.config.test_keys import BASE_DIR
from tests.factories import Cast, Now

KEY = secrets.token_urlsafe(48)


def far(host: str, **options: str) -> dict[str, Any]:
    """A database on another machine."""
    return {"ENGINE": "django.db.backends.postgresql", "HOST": host, "OPTIONS": options}


pytestmark = [pytest.mark.compliance(26), pytest.mark.asvs("6.3.2", "13.3.1", "13.4.2")]


@pytest.fixture(autouse=True)
def _as_deployed(settings: Any, tmp_path: Path) -> None:
    settings.PRODUCTION, settings.ALLOWED_HOSTS, settings.VAR_DIR = True, ["shouwen.example"], tmp_path
    settings.SECURE_HSTS_SECONDS, settings.PERSONAL_DATA_KEYS = production.LEAST_HSTS, [secrets.token_urlsafe(48)]
    for name in ("SECRET_KEY", "BLIND_INDEX_KEY", "LEDGER_KEY"):
        setattr(settings, name, secrets.token_urlsafe(48))


@pytest.fixture
def put(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets a setting; of the databases, what is said of the default one."""

    def to(setting: str, value: Any) -> None:
        if setting == "DATABASES":
            monkeypatch.setitem(settings.DATABASES, "default", value)
        else:
            setattr(settings, setting, value)

    return to


def test_a_pool_is_for_postgresql(settings: Any, db: None) -> None:
    assert list(production.unlike_pool()) == []
    settings.DATABASE_POOLED = True
    if connection.vendor == "sqlite":
        assert [each.id for each in production.unlike_pool()] == ["shouwen.E012"]


def found() -> list[str]:
    return sorted(str(each.id) for each in (*production.unsafe_settings(), *production.unsafe_accounts()))


def refused() -> bool:
    try:
        production.refuse_unsafe_start()
    except ImproperlyConfigured:
        return True
    return False


def test_a_sound_deployment_starts_and_is_warned_until_somebody_guards_it(cast: Cast, now: Now) -> None:
    assert (found(), refused()) == (["shouwen.W001"], False)
    device = Authenticator(employee=cast["sj.security"], begun_at=now.at, confirmed_at=now.at)
    device.secret = secrets.token_bytes(20)
    device.save()
    assert found() == []


@pytest.mark.parametrize("names", [["kf.agent"], ["sj.security", "sc.officer"]])
def test_an_account_of_the_demo_stops_it(cast: Cast, settings: Any, names: list[str]) -> None:
    for name in names:
        Employee.objects.filter(username=name).update(password=make_password(DEMO_PASSWORD))
    assert refused()
    assert "shouwen.E006" in found()
    with pytest.raises(ImproperlyConfigured, match=", ".join(sorted(names))):
        production.refuse_unsafe_start()
    settings.PRODUCTION = False
    assert (refused(), production.check_settings(), production.check_accounts(databases=["default"])) == (False, [], [])


def test_one_password_for_several_stops_it(cast: Cast) -> None:
    Employee.objects.filter(username__in=["wh.zhang", "wh.li"]).update(password=make_password("ein-gemeinsames-wort"))
    assert (refused(), "shouwen.E007" in found()) == (True, True)
    Employee.objects.filter(username="wh.li").update(is_active=False)
    assert refused() is False


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [("DEBUG", True, "E001"), ("DEMO", True, "E001"), ("ALLOWED_HOSTS", ["*"], "E002"), ("SECRET_KEY", "short", "E003"),
     ("LEDGER_KEY", "a" * 64, "E003"), ("PERSONAL_DATA_KEYS", ["k" * 10], "E003"), ("PERSONAL_DATA_KEYS", [], "E003"),
     ("METRICS_TOKEN", "short", "E003"), ("METRICS_TOKEN", "a" * 64, "E003"),
     ("SECRET_KEY_FALLBACKS", ["short"], "E003"), ("BLIND_INDEX_KEY_OLD", "short", "E003"),
     ("PERSONAL_DATA_KEYS", [KEY, KEY], "E004"), ("SECRET_KEY_FALLBACKS", [KEY, KEY], "E004"),
     ("ALLOWED_HOSTS", [".cn"], "E002"), ("ALLOWED_HOSTS", ["a.example", ".a.example"], "E002"),
     ("CSRF_TRUSTED_ORIGINS", ["https://*.example"], "E008"), ("CSRF_TRUSTED_ORIGINS", ["http://a.example"], "E008"),
     ("SECURE_HSTS_SECONDS", 60, "E009"), ("SECURE_HSTS_SECONDS", 0, "E009"),
     ("CELERY_BROKER_URL", "redis://:x@broker.example:6379/0", "E010"),
     ("MAIL_SERVER", "smtp://u:x@mail.example", "E010"),
     ("DIAL_ADDRESS", "sip:pbx.example", "E013"), ("DIAL_ADDRESS", "javascript:call({number})", "E013"),
     ("EVENTS_OUT", True, "E017"), ("EVENTS_NETWORKS", ["0.0.0.0/0"], "E016"), ("EVENTS_NETWORKS", ["inside"], "E016"),
     ("CUSTOMER_LINKS", True, "E014"), ("CUSTOMER_LINK_DAYS", 0, "E015"), ("CUSTOMER_LINK_DAYS", 31, "E015"),
     ("OIDC_ISSUER", "http://sso.example", "E018"), ("OIDC_ISSUER", "https://sso.example/?a=1", "E018"),
     ("OIDC_ISSUER", "https://", "E018"), ("OIDC_ISSUER", "sso.example", "E018"), ("OIDC_ONLY", True, "E019"),
     ("OIDC_MAPPING", "/nowhere/mapping.csv", "E020"), ("OIDC_SECOND_FACTOR", ["mfa"], "E021"),
     ("OIDC_SECOND_FACTOR", ["amr:"], "E021"), ("OIDC_SECOND_FACTOR", [""], "E021"),
     ("LDAP_URI", "ldaps://dc.example", "E030"), ("LDAP_ONLY", True, "E033"), ("LDAP_CA", "/nowhere/ca.pem", "E035"),
     ("LDAP_MAPPING", "/nowhere/mapping.csv", "E034"), ("LDAP_FILTER", "uid={username}", "E031"),
     ("LDAP_FILTER", "(uid=*)", "E031"), ("LDAP_FILTER", "(uid={username}", "E031"),
     ("LDAP_FILTER", "(uid=x{username})", "E031"), ("LDAP_FILTER", "(uid={username})(a=b)", "E031"),
     ("LDAP_FILTER", "(&(uid={username})(cn={name}))", "E031"), ("LDAP_FILTER", "(uid>={username})", "E031"),
     ("SITE_URL", "http://a.example", "E010"), ("CHANNELS", {"sms": {"url": "http://sms.example/send"}}, "E010"),
     ("CHANNELS", {"robot": {"url": "http://robot.example/?key=x"}}, "E010"),
     ("CHANNELS", {"robot": {"table": "/nowhere/robots.csv"}}, "E022"),
     ("CHANNELS", {"robot": {"url": "https://robot.example/?key=x", "kind": "qq"}}, "E023"),
     ("CHANNELS", {"robot": {"url": "https://robot.example/?key=x", "kind": "wecom", "secret": "s"}}, "E023"),
     ("CHANNELS", {"robot": {"secret": "SEC"}}, "E023"), ("CHANNELS", {"robot": {"url": "robot.example"}}, "E023"),
     ("CHANNELS", {"sms": {"templates": "notice"}}, "E024"),
     ("CHANNELS", {"sms": {"templates": "other=SMS_1"}}, "E024"),
     ("OA_URL", "http://oa.example/papers", "E010"), ("OA_URL", "oa.example", "E025"),
     ("OA_FOLDER", "/nowhere/oa", "E026"), ("OA_KINDS", ["circular", "sheet"], "E027"),
     ("DATABASES", far("db.example"), "E011"),
     ("DATABASES", far("db", sslmode="require"), "E011")],
)  # fmt: skip
def test_settings_that_stop_it(put: Callable[..., None], setting: str, value: Any, why: str) -> None:
    """Each alone, with a sentence of its own that names the variable and not its value."""
    put(setting, value)
    faults = list(production.unsafe_settings())
    assert [(str(each.id), isinstance(each, Error), each.msg.endswith(".")) for each in faults] == [
        (f"shouwen.{why}", True, True)
    ]
    assert "x@" not in str(faults)


def test_a_provider_needs_to_know_us(settings: Any) -> None:
    settings.OIDC_ISSUER, settings.OIDC_ONLY = "https://sso.example/realms/a", True
    assert [each.id for each in production.unsafe_settings()] == ["shouwen.E018"]
    settings.OIDC_CLIENT_ID = "shouwen"
    assert list(production.unsafe_settings()) == []


DIRECTORY = {
    "LDAP_URI": "ldaps://dc.example", "LDAP_BIND_DN": "cn=a,dc=b", "LDAP_BIND_PASSWORD": "x", "LDAP_BASE": "dc=b",
    "LDAP_ONLY": True,
}  # fmt: skip


@pytest.mark.asvs("12.3.1")
@pytest.mark.parametrize(
    ("told", "why"),
    [({}, []), ({"LDAP_URI": "ldap://dc.example:389/"}, []), ({"LDAP_URI": "ldaps://[fe80::1]:636"}, []),
     ({"LDAP_FILTER": "(&(objectClass=user)(|(sAMAccountName={username})(employeeID={username})))"}, []),
     ({"LDAP_URI": "http://dc.example"}, ["E030"]), ({"LDAP_URI": "dc.example"}, ["E030"]),
     ({"LDAP_URI": "ldaps://"}, ["E030"]), ({"LDAP_URI": "ldaps://dc.example/dc=b?uid"}, ["E030"]),
     ({"LDAP_URI": "ldaps://u:p@dc.example"}, ["E030"]), ({"LDAP_URI": "ldapi:///run/ldapi"}, ["E030"]),
     ({"LDAP_URI": "ldaps://a.example ldaps://b.example"}, ["E030"]),
     ({"LDAP_BIND_DN": ""}, ["E030"]), ({"LDAP_BIND_PASSWORD": ""}, ["E030"]), ({"LDAP_BASE": ""}, ["E030"]),
     ({"LDAP_IDENTITY": ""}, ["E030"]),
     ({"OIDC_ISSUER": "https://sso.example", "OIDC_CLIENT_ID": "a"}, ["E032"])],
)  # fmt: skip
def test_a_directory_is_asked_by_somebody_over_tls(settings: Any, told: dict[str, Any], why: list[str]) -> None:
    for name, value in (DIRECTORY | told).items():
        setattr(settings, name, value)
    assert [each.id for each in production.unsafe_settings()] == [f"shouwen.{each}" for each in why]


@pytest.mark.parametrize(
    ("rows", "fits"),
    [(["groups,a,role,agent", "department,1,unit,KF", "groups,left,leaver,", ""], True),
     (["groups,a,role,nothing"], False), (["groups,a,role,marketing_leader"], False),
     (["groups,a,role,security_admin"], False),
     (["groups,a,role,auditor"], False), (["groups,a,leaver,agent"], False), (["groups,a,unit,"], False),
     (["groups,a,admin,x"], False), ([",a,role,agent"], False), (["groups,,role,agent"], False),
     (["groups,a,role"], False), (['groups,"a,role,agent'], False)],
)  # fmt: skip
def test_a_mapping_table_that_says_what_nobody_may_stops_it(
    settings: Any, tmp_path: Path, rows: list[str], fits: bool
) -> None:
    """No office that takes two people, no role that isn't there, and nothing that could be read in two ways."""
    table = tmp_path / "mapping.csv"
    table.write_text("\n".join(["claim,value,means,what", *rows]), encoding="utf-8-sig")
    settings.OIDC_MAPPING = str(table)
    assert [each.id for each in production.unsafe_settings()] == ([] if fits else ["shouwen.E020"])
    table = tmp_path / "other.csv"
    table.write_text("\n".join(rows))
    settings.OIDC_MAPPING = str(table)
    assert [each.id for each in production.unsafe_settings()] == ["shouwen.E020"]


@pytest.mark.parametrize(
    ("rows", "why"),
    [(["WH,dingtalk,https://oapi.dingtalk.example/robot/send?access_token=x,SEC1", "YC,feishu,https://f.example/h/1,",
       "KF,wecom,https://w.example/send?key=x,", ""], []),
     (["WH,qq,https://a.example,"], ["E022"]), (["WH,wecom,https://a.example,SEC1"], ["E022"]),
     (["WH,wecom,a.example,"], ["E022"]), ([",wecom,https://a.example,"], ["E022"]), (["WH,wecom"], ["E022"]),
     (["WH,wecom,https://a.example,", "WH,feishu,https://b.example,"], ["E022"]),
     ([f"{'W' * 17},wecom,https://a.example,"], ["E022"]), (['WH,"wecom'], ["E022"]),
     (["WH,wecom,http://a.example,"], ["E010"]), (["WH,wecom,http://127.0.0.1:9,"], [])],
)  # fmt: skip
def test_a_table_of_robots_that_cant_be_used_stops_it(
    settings: Any, tmp_path: Path, rows: list[str], why: list[str]
) -> None:
    table = tmp_path / "robots.csv"
    table.write_text("\n".join(["unit,kind,url,secret", *rows]), encoding="utf-8-sig")
    settings.CHANNELS = {"robot": {"table": str(table)}}
    faults = list(production.unsafe_settings())
    assert [each.id for each in faults] == [f"shouwen.{one}" for one in why]
    assert [word for word in ("a.example", "SEC1", "x") if f"{word}," in str(faults)] == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [("CELERY_BROKER_URL", "rediss://:x@broker.example:6379/0"), ("CELERY_BROKER_URL", "redis://:x@redis:6379/0"),
     ("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0"), ("MAIL_SERVER", "smtp+tls://u:x@mail.example:587"),
     ("CHANNELS", {"robot": {"url": "https://robot.example/?key=x"}}), ("SITE_URL", "https://a.example"),
     ("CSRF_TRUSTED_ORIGINS", ["https://a.example"]), ("SECRET_KEY_FALLBACKS", [KEY]),
     ("DATABASES", far("redis")),
     ("DATABASES", far("/run/postgresql")),
     ("DATABASES", far("db", sslmode="verify-full"))],
)  # fmt: skip
def test_settings_that_do_not(put: Callable[..., None], settings: Any, setting: str, value: Any) -> None:
    """TLS, this machine, and what PLAIN_HOSTS names."""
    settings.PLAIN_HOSTS = ["redis"]
    put(setting, value)
    assert list(production.unsafe_settings()) == []


def test_two_ways_to_one_oa_stop_it(settings: Any, tmp_path: Path) -> None:
    settings.OA_FOLDER, settings.OA_KINDS = str(tmp_path), ["circular"]
    assert list(production.unsafe_settings()) == []
    settings.OA_URL = "https://oa.example/papers"
    assert [each.id for each in production.unsafe_settings()] == ["shouwen.E025"]


@pytest.mark.asvs("12.3.1")
def test_what_the_address_of_the_database_says_of_tls_reaches_the_driver(tmp_path: Path) -> None:
    address = "postgres://u:x@db.example/d?sslmode=verify-full&sslrootcert=/ca.pem"
    asked = (
        "from django.conf import settings as s; o = s.DATABASES['default']['OPTIONS'];"
        " print(o['sslmode'], o['sslrootcert'])"
    )
    environ = {"DJANGO_SETTINGS_MODULE": "config.settings", "DEVELOPMENT": "1", "VAR_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", asked], cwd=BASE_DIR, env=environ | {"DATABASE_URL": address}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert run.stdout == "verify-full /ca.pem\n"


def test_the_file_of_the_database_is_its_owners_alone(tmp_path: Path, db: None) -> None:
    file = tmp_path / "db.sqlite3"
    file.touch(mode=0o644)
    made = DatabaseWrapper({**connections["default"].settings_dict, "NAME": str(file), "OPTIONS": {}})
    made.ensure_connection()
    made.close()
    assert file.stat().st_mode & 0o777 == 0o600


def test_keys_of_a_checkout_and_keys_used_twice_stop_it(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.LEDGER_KEY = settings.BLIND_INDEX_KEY
    assert (refused(), "shouwen.E004" in found()) == (True, True)
    settings.LEDGER_KEY = secrets.token_urlsafe(48)
    (tmp_path / "keys.json").write_text(json.dumps({"LEDGER_KEY": settings.LEDGER_KEY}))
    assert (refused(), "shouwen.E005" in found()) == (True, True)


def test_the_deployments_check_asks_the_same(cast: Cast, settings: Any) -> None:
    settings.DEBUG = True
    asked = [*production.check_settings(), *production.check_accounts(databases=["default"])]
    assert sorted(str(each.id) for each in asked) == found()
    assert [each.id for each in production.check_accounts()] == []
    assert any(isinstance(each, Error) for each in asked)
