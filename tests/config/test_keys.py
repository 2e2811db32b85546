"""The keys outside the database: demanded of a deployment, made once for a checkout."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.keys import NAMES, demand_keys, development_keys, refuse_two_modes

BASE_DIR = Path(__file__).parents[2]
GIVEN = {name: f"given-{name}" for name in NAMES}


def test_a_deployment_gets_what_the_environment_gives() -> None:
    assert demand_keys({**GIVEN, "ALLOWED_HOSTS": "a.example"}, also=("ALLOWED_HOSTS",)) == GIVEN


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        demand_keys({**GIVEN, "LEDGER_KEY": ""}, also=("ALLOWED_HOSTS",))
    assert str(refusal.value).startswith("Missing in the environment: LEDGER_KEY, ALLOWED_HOSTS.")


def test_development_keys_are_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "var" / "keys.json"
    first = development_keys(path)

    assert sorted(first) == sorted(NAMES)
    assert development_keys(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["keys.json"]


@pytest.mark.asvs("13.4.2")
@pytest.mark.parametrize("mode", ["DEBUG", "DEMO", "DEVELOPMENT"])
@pytest.mark.parametrize("given", [*NAMES, "ALLOWED_HOSTS"])
def test_no_other_mode_starts_with_what_belongs_to_a_deployment(mode: str, given: str) -> None:
    """It would switch TLS, cookies' marks and the checks off, on the keys of real people's data."""
    with pytest.raises(ImproperlyConfigured, match=f"^{mode} and {given} are both in the environment"):
        refuse_two_modes([mode], {given: "x"})
    for modes, environ in (([], {given: "x"}), ([mode], {}), ([mode], {given: ""})):
        refuse_two_modes(modes, environ)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: development_keys(tmp_path / "keys.json"), range(8)))
    assert made == [made[0]] * 8


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process that has nothing but `environ`."""
    show = "from django.conf import settings as s; print(s.PRODUCTION, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS)"
    return subprocess.run(
        [sys.executable, "-c", show],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_is_the_default_and_refuses_without_keys() -> None:
    run = start()
    assert run.returncode == 1
    needed = "SECRET_KEY, PERSONAL_DATA_KEYS, BLIND_INDEX_KEY, LEDGER_KEY, ALLOWED_HOSTS"
    assert f"Missing in the environment: {needed}." in run.stderr


def test_production_with_its_keys_starts_and_is_secure() -> None:
    assert start(**GIVEN, ALLOWED_HOSTS="a.example").stdout == "True True ['a.example']\n"


def test_the_settings_refuse_two_modes(tmp_path: Path) -> None:
    run = start(**GIVEN, ALLOWED_HOSTS="a.example", DEMO="1", VAR_DIR=str(tmp_path))
    needed = "SECRET_KEY, PERSONAL_DATA_KEYS, BLIND_INDEX_KEY, LEDGER_KEY, ALLOWED_HOSTS"
    assert (run.returncode, f"DEMO and {needed} are both in the environment" in run.stderr) == (1, True)
    assert not (tmp_path / "keys.json").exists()


def test_development_needs_no_keys(tmp_path: Path) -> None:
    run = start(DEVELOPMENT="1", VAR_DIR=str(tmp_path))
    assert run.stdout == "False False ['localhost', '127.0.0.1', '[::1]']\n"
    assert (tmp_path / "keys.json").exists()


@pytest.mark.asvs("16.1.1")
@pytest.mark.compliance(1)
@pytest.mark.parametrize(
    ("given", "code"), [({"LOG_KEEP_MONTHS": months}, 1) for months in ("5", "0", "-6", "x")]
    + [({"LOG_KEEP_MONTHS": "6"}, 0), ({}, 0)],
)  # fmt: skip
def test_no_setting_keeps_logs_for_less_than_half_a_year(tmp_path: Path, given: dict[str, str], code: int) -> None:
    run = start(DEVELOPMENT="1", VAR_DIR=str(tmp_path), **given)
    said = [line for line in run.stderr.splitlines() if "logs are kept at least 6 months" in line]
    assert (run.returncode, len(said)) == (code, code)


@pytest.mark.compliance(1)
def test_logs_are_kept_for_twelve_months_unless_said_otherwise() -> None:
    assert settings.LOG_KEEP_MONTHS == 12
