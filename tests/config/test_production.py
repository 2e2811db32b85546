"""A deployment doesn't start with an account or a key that somebody else knows."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from accountability.models import Authenticator, Employee
from config import production
from config.demo.accounts import DEMO_PASSWORD
from tests.factories import Cast, Now

pytestmark = [pytest.mark.compliance(26), pytest.mark.asvs("6.3.2", "13.3.1", "13.4.2")]


@pytest.fixture(autouse=True)
def _as_deployed(settings: Any, tmp_path: Path) -> None:
    settings.PRODUCTION, settings.ALLOWED_HOSTS, settings.VAR_DIR = True, ["shouwen.example"], tmp_path
    for name in ("SECRET_KEY", "BLIND_INDEX_KEY", "LEDGER_KEY"):
        setattr(settings, name, secrets.token_urlsafe(48))


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
     ("LEDGER_KEY", "a" * 64, "E003"), ("PERSONAL_DATA_KEYS", ["k" * 10], "E003")],
)  # fmt: skip
def test_settings_that_stop_it(cast: Cast, settings: Any, setting: str, value: Any, why: str) -> None:
    setattr(settings, setting, value)
    assert (refused(), f"shouwen.{why}" in found()) == (True, True)


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
