"""Where nobody wants the company's account its package is neither needed nor imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.config.test_keys import BASE_DIR

ASKS = """
import os, sys
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = classmethod(
    lambda _cls, name, *more: None if name.partition(".")[0] == "jwt" else found(name, *more)
)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.core.management import call_command
call_command("check")
import config.wsgi
from django.urls import resolve
resolve("/sign-in/company/")
print([name for name in sys.modules if name.partition(".")[0] == "jwt"])
"""


def answer(**environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("OIDC_")}
    given = known | {"DEVELOPMENT": "1"} | environment
    words = [sys.executable, "-c", ASKS]
    return subprocess.run(words, cwd=BASE_DIR, env=given, capture_output=True, text=True, check=False)


def test_the_default_starts_without_it(tmp_path: Path) -> None:
    done = answer(VAR_DIR=str(tmp_path))
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["[]"]), done.stderr


def test_where_it_is_wanted_and_its_package_is_missing_nothing_starts(tmp_path: Path) -> None:
    done = answer(VAR_DIR=str(tmp_path), OIDC_ISSUER="https://sso.example")
    assert done.returncode != 0
    assert "OIDC_ISSUER needs what requirements/oidc.txt names" in done.stderr
