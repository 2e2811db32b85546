"""Where nobody wants the company's account the packages for it are neither needed nor imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.config.test_keys import BASE_DIR

ASKS = """
import os, sys
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = classmethod(
    lambda _cls, name, *more: None if name.partition(".")[0] in ("jwt", "ldap3") else found(name, *more)
)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.core.management import call_command
call_command("check")
import config.wsgi
from django.urls import resolve
resolve("/sign-in/company/")
print([name for name in sys.modules if name.partition(".")[0] in ("jwt", "ldap3")])
"""


def answer(**environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("OIDC_", "LDAP_"))}
    given = known | {"DEVELOPMENT": "1"} | environment
    words = [sys.executable, "-c", ASKS]
    return subprocess.run(words, cwd=BASE_DIR, env=given, capture_output=True, text=True, check=False)


def test_the_default_starts_without_it(tmp_path: Path) -> None:
    done = answer(VAR_DIR=str(tmp_path))
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["[]"]), done.stderr


@pytest.mark.parametrize(
    ("name", "value", "lock"),
    [("OIDC_ISSUER", "https://sso.example", "oidc"), ("LDAP_URI", "ldaps://dc.example", "ldap")],
)
def test_where_it_is_wanted_and_its_package_is_missing_nothing_starts(
    tmp_path: Path, name: str, value: str, lock: str
) -> None:
    done = answer(VAR_DIR=str(tmp_path), **{name: value})
    assert done.returncode != 0
    assert f"{name} needs what requirements/{lock}.txt names" in done.stderr


ADDS = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
print(settings.AUTHENTICATION_BACKENDS[1:], [name for name in settings.CELERY_BEAT_SCHEDULE if "left" in name])
"""
BACKEND = "accountability.signin.ldap_backend.LdapBackend"


@pytest.mark.parametrize(
    ("address", "added"), [("", ([], [])), ("ldaps://dc.example", ([BACKEND], ["close_left_sign_ins"]))]
)
def test_a_directory_that_is_named_is_asked_and_compared(tmp_path: Path, address: str, added: Any) -> None:
    given = os.environ | {"DEVELOPMENT": "1", "VAR_DIR": str(tmp_path), "LDAP_URI": address}
    done = subprocess.run(
        [sys.executable, "-c", ADDS], cwd=BASE_DIR, env=given, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == [" ".join(str(each) for each in added)], done.stderr
