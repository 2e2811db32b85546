"""compose.yaml is the deployment of docs/deploy.md: each variable is passed on, and nobody gets more than they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from accountability.gate import changes
from accountability.models import Category, Employee
from accountability.security import encryption
from accountability.seed.foundation import seed_foundation
from config.keys import NAMES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "notices", "papers", "events", "beat")

pytestmark = [pytest.mark.compliance(26), pytest.mark.asvs("13.3.1")]

NOT_IN_COMPOSE = {"DATABASE_OWNER_URL", "VAR_DIR", "STATIC_ROOT"}
"""For `replay` and `bench`, which no deployment runs; and two that the image itself says."""

OF_NO_DEPLOYMENT = {"DEBUG", "DEMO", "DEVELOPMENT"}


def documented() -> set[str]:
    """The variables of the table in docs/deploy.md."""
    rows = re.findall(r"^\| (`[A-Z][^|]*) \|", (ROOT / "docs/deploy.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def read_by_the_program() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "config").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", text))
        found |= set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", text))
    return found


@pytest.mark.parametrize("service", OURS)
def test_each_documented_variable_is_passed_on(service: str) -> None:
    given = set(SERVICES[service]["environment"])
    assert (documented() - given, given - documented()) == (NOT_IN_COMPOSE, set())


def test_each_variable_that_the_program_reads_is_documented() -> None:
    assert read_by_the_program() - documented() <= OF_NO_DEPLOYMENT
    assert len(documented()) > 30


def test_the_image_says_where_files_are() -> None:
    assert all(f"{name}=/" in COMPOSE["x-image"]["build"]["dockerfile_inline"] for name in ("VAR_DIR", "STATIC_ROOT"))


def test_the_broker_asks_for_a_password() -> None:
    assert SERVICES["redis"]["command"][1:3] == ["--requirepass", "${REDIS_PASSWORD:?}"]
    assert {SERVICES[name]["environment"]["CELERY_BROKER_URL"] for name in OURS} == {
        "redis://:${REDIS_PASSWORD:?}@redis:6379/0"
    }
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["web"]


@pytest.mark.compliance(1)
def test_only_the_worker_writes_seals_which_have_a_volume_of_their_own() -> None:
    folder = SERVICES["web"]["environment"]["SEALS_DIR"]
    mounts = {name: [one for one in SERVICES[name]["volumes"] if one.startswith("seals:")] for name in OURS}
    assert mounts.pop("worker") == [f"seals:{folder}"]
    assert [one for several in mounts.values() for one in several] == [f"seals:{folder}:ro"] * (len(OURS) - 1)
    assert not folder.startswith("/var/lib/shouwen")
    assert "seals" in COMPOSE["volumes"]


def test_the_migration_has_the_owners_password_and_no_key() -> None:
    given = SERVICES["migrate"]["environment"]
    assert {name for name, value in given.items() if "${" in value} == {"DATABASE_URL"}
    assert {name for name in NAMES if given[name].startswith("of no use")} == set(NAMES)


def test_the_backup_has_the_applications_password_a_public_key_and_no_other() -> None:
    given = SERVICES["backup"]["environment"]
    told = {name for name, value in given.items() if "${" in value}
    assert told == {"DATABASE_URL", "BACKUP_RECIPIENTS", "BACKUP_MARK"}
    assert "OWNER_PASSWORD" not in given["DATABASE_URL"]
    assert {name for name in NAMES if given[name].startswith("of no use")} == set(NAMES)
    assert "backups:/var/lib/backups" in SERVICES["backup"]["volumes"]


def test_what_a_migration_fills_in_needs_no_key(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else rows would be sealed or chained under a key that nobody keeps."""

    def asked(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("a key is asked for")

    for module, name in ((changes.hmac, "new"), (encryption, "_keys"), (encryption, "_digest")):
        monkeypatch.setattr(module, name, asked)
    Category.objects.filter(parent__isnull=False).delete()
    Category.objects.all().delete()
    seed_foundation()
    assert (Category.objects.count() > 10, Employee.objects.filter(username="system").count()) == (True, 1)


def test_images_are_pinned_to_a_version() -> None:
    named = [service["image"] for service in SERVICES.values() if "build" not in service]
    named += re.findall(r"^FROM (\S+)", COMPOSE["x-image"]["build"]["dockerfile_inline"], re.MULTILINE)
    whole = r"(postgres:\d+\.\d+|redis:\d+\.\d+\.\d+|python:\d+\.\d+\.\d+-slim-\w+)(@sha256:[0-9a-f]{64})?"
    assert [name for name in named if not re.fullmatch(whole, name)] == []
    assert len(named) == 3
