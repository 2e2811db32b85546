"""The locks pin and hash every package and name no address; the check that says so can fail."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
GOOD = "django==5.2.1 \\\n    --hash=sha256:00\n    # via -r base.in\n"


@pytest.fixture(scope="module")
def locks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_locks", REQUIREMENTS / "check_locks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["base.txt", "api.txt", "oidc.txt", "ldap.txt", "dev.txt", "mining.txt", "peer.txt"])
def test_our_locks_have_no_fault(locks: ModuleType, name: str) -> None:
    assert locks.faults((REQUIREMENTS / name).read_text()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, []),
        ("django==5.2.1\n", ["has no hash: django==5.2.1"]),
        ("django>=5.2 \\\n    --hash=sha256:00\n", ["is not pinned: django>=5.2"]),
        (
            "--index-url https://example.invalid/simple\n" + GOOD,
            [
                "names an address: --index-url https://example.invalid/simple",
                "is not pinned: --index-url https://example.invalid/simple",
            ],
        ),
    ],
)
def test_a_fault_is_found(locks: ModuleType, text: str, expected: list[str]) -> None:
    assert locks.faults(text) == expected


def test_what_is_tested_is_what_runs(locks: ModuleType) -> None:
    pinned = {name: locks.pins((REQUIREMENTS / f"{name}.txt").read_text()) for pair in locks.PAIRS for name in pair}
    for inner, outer in locks.PAIRS:
        assert {name: pinned[outer].get(name) for name in pinned[inner]} == pinned[inner]
    assert {pair for pair in locks.PAIRS if "dev" in pair} == {(name, "dev") for name in ("api", "oidc", "ldap")}
