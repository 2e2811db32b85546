"""Where nobody wants the interface nothing of it is there: no address, no import, no package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.api import settings as of_api

ROOT = Path(__file__).parents[3]
ASKS = """
import os, sys
from importlib.machinery import PathFinder
found, hidden = PathFinder.find_spec, ("rest_framework", "drf_spectacular")
PathFinder.find_spec = classmethod(
    lambda _cls, name, *more: None if name.partition(".")[0] in hidden else found(name, *more)
)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.urls import Resolver404, resolve
call_command("check")
import config.wsgi
for place in ("/api/v1/complaints", "/api/docs/"):
    try:
        print("opens", resolve(place))
    except Resolver404:
        pass
print(settings.API_ENABLED, [name for name in settings.MIDDLEWARE if ".Api" in name])
print(sorted(name for name in sys.modules if name.startswith("config.api") or "rest_framework" in name))
"""


def answer(**environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name != "API_ENABLED"}
    words = [sys.executable, "-c", ASKS]
    given = known | {"DEVELOPMENT": "1"} | environment
    return subprocess.run(words, cwd=ROOT, env=given, capture_output=True, text=True, check=False)


def test_the_default_starts_without_it(tmp_path: Path) -> None:
    done = answer(VAR_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()[-2:]
    assert lines == ["False []", "['config.api', 'config.api.problems', 'config.api.settings']"]


def test_where_it_is_wanted_and_its_packages_are_missing_nothing_starts(tmp_path: Path) -> None:
    done = answer(VAR_DIR=str(tmp_path), API_ENABLED="1")
    assert done.returncode != 0
    assert "API_ENABLED needs what requirements/api.txt names" in done.stderr


def test_the_sentence_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_api, "find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements/api\.txt"):
        of_api.with_api([])


def test_its_middlewares_stand_where_they_must() -> None:
    """Problems sees what every other one answered, but for the headers; a token is known before anybody asks who it
    is, and after the instant is.
    """
    names = of_api.with_api([name for name in settings.MIDDLEWARE if name not in of_api.AFTER.values()])
    assert names == settings.MIDDLEWARE
    place = {name.rpartition(".")[2]: at for at, name in enumerate(names)}
    assert place["ApiProblems"] == place["CompressedPages"] + 1
    assert place["ArrivalMiddleware"] < place["ApiTokens"] < place["Limits"]
