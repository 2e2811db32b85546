"""What a new verb needs is there: what was forgotten is told with its file (docs/adding-a-verb.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from django.utils import translation

from accountability.gate.verbs import VERBS, Verb
from tests import factories
from tests.assessment import docket
from tests.assessment import test_matrix as of_cases
from tests.assessment.actions import test_bulletins, test_ranking
from tests.assessment.plans import test_plans
from tests.assessment.views import test_exports
from tests.complaints import allowed
from tests.complaints.data_rights import test_requests
from tests.complaints.sweep import test_mass_events

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

TABLES: dict[str, ModuleType] = {
    "complaint": allowed,
    "case": of_cases,
    "mass": test_mass_events,
    "rights": test_requests,
    "plan": test_plans,
    "bulletin": test_bulletins,
    "ranking": test_ranking,
    "export": test_exports,
}
"""By kind of matter, the table or the test of who may run which verb in which state."""

USUAL_FACTS: dict[str, ModuleType] = {"complaint": factories, "case": docket}
"""By kind of matter, where a test finds what a verb is usually told."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def named(verb: str, module: ModuleType) -> bool:
    assert module.__file__ is not None
    return f'"{verb}"' in Path(module.__file__).read_text()


def path_of(module: ModuleType) -> str:
    assert module.__file__ is not None
    return str(Path(module.__file__).relative_to(ROOT))


def forgotten(entry: Verb) -> Iterator[str]:
    """What isn't there for this verb, each with the file in which it belongs."""
    kind = entry.model.matter_kind  # type: ignore[attr-defined]
    permissions = import_module(f"{entry.model.__module__.split('.')[0]}.permissions")
    if not hasattr(permissions, entry.name):
        yield f"{path_of(permissions)}: no predicate {entry.name}"
    if kind in TABLES and not named(entry.name, TABLES[kind]):
        yield f"{path_of(TABLES[kind])}: no row for {entry.name}"
    asks = any(fact.required is True for fact in entry.facts)
    if kind in USUAL_FACTS and asks and not named(entry.name, USUAL_FACTS[kind]):
        yield f"{path_of(USUAL_FACTS[kind])}: nothing says what {entry.name} is usually told"
    if not any(f'"{entry.name}"' in text for text in RULE_TESTS):
        yield f"tests/: no test that is marked with what it proves runs {entry.name}"
    yield from _not_translated(entry)
    for page in ("vocabulary.md", *(["states.md"] if hasattr(entry.model, "state") else [])):
        if not re.search(rf"\b{entry.name}\b", (DOCS / page).read_text()):
            yield f"docs/{page}: {entry.name} is missing; run `manage.py docs`"


MARKED = re.compile(r"mark\.(rule|asvs|compliance|lesson)\(")
RULE_TESTS = [text for file in sorted(Path(__file__).parent.rglob("*.py")) if MARKED.search(text := file.read_text())]


def _not_translated(entry: Verb) -> Iterator[str]:
    """Words that an English page would show in Chinese."""
    with translation.override("en"):
        for words in (entry.label, entry.told_as, *(fact.label for fact in entry.facts)):
            if CHINESE.search(str(words)):
                yield f"locale/en/LC_MESSAGES/django.po: {words} isn't translated; run `manage.py messages --extract`"


@pytest.mark.parametrize("entry", VERBS.values(), ids=[f"{kind}-{name}" for kind, name in VERBS])
def test_nothing_was_forgotten_of_a_verb(entry: Verb) -> None:
    missing = list(forgotten(entry))
    assert not missing, "\n".join(missing)


def test_each_thing_forgotten_is_told_with_its_file() -> None:
    """Of a word that nothing in the repository knows, everything is missing."""
    name = "put" + "_off_for_ever"
    entry = replace(VERBS["complaint", "ask_material"], name=name, label="中止")
    assert list(forgotten(entry)) == [
        f"complaints/permissions.py: no predicate {name}",
        f"{path_of(allowed)}: no row for {name}",
        f"{path_of(factories)}: nothing says what {name} is usually told",
        f"tests/: no test that is marked with what it proves runs {name}",
        "locale/en/LC_MESSAGES/django.po: 中止 isn't translated; run `manage.py messages --extract`",
        f"docs/vocabulary.md: {name} is missing; run `manage.py docs`",
        f"docs/states.md: {name} is missing; run `manage.py docs`",
    ]


def test_the_guide_leads_to_files_that_are_there() -> None:
    guide = (DOCS / "adding-a-verb.md").read_text()
    paths = set(re.findall(r"`((?:[a-z_]+/)+[a-zA-Z_.-]*)`", guide))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
