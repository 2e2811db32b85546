"""What an app says is of its own: the apps below know none of its names, not even as a string.

The forbidden names are read off the apps themselves: their labels, models, addresses and verbs, and everything that
they declare (kinds of matter, limit, notice and alarm, places, steps, badges, actions of the access log). A name that
an app declares itself is its own, whatever an app above calls the same: two apps can't declare the same name.

A name of several words (`hand_off`, `mass_events`) stands in no string at all. A single word (`reply`, `case`) is also
a word of HTML and English, so it is looked for where a string names something: as an address, a verb, a kind.

The table of limits is one model of the bottom app (R6, R15): its columns and their forms are that app's own words, of
which a kind of limit names its `column`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.urls import URLPattern

from accountability.declarations.access import ACTIONS
from accountability.declarations.limits import DEADLINE_KINDS, DeadlineKind
from accountability.declarations.looks import LOOKS
from accountability.declarations.notices import ALARMS, NOTICES
from accountability.declarations.places import PLACES, Place
from accountability.declarations.registry import Registry
from accountability.declarations.subjects import SUBJECTS
from accountability.declarations.tours import STEPS, Step
from accountability.gate.name_checks import names_are_known
from accountability.gate.verbs import VERBS

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accountability", "complaints", "assessment")
"""From the bottom up."""

REGISTRIES: tuple[Registry[Any], ...] = (
    ACTIONS, ALARMS, DEADLINE_KINDS, LOOKS, NOTICES, PLACES, STEPS, SUBJECTS,
)  # fmt: skip

NAMING_CALLS = {
    "reverse", "redirect", "resolve_url", "verb_label", "deadline_label", "icon_of", "Notice", "AlarmKind",
    "DeadlineKind", "Place", "Step", "Notification", "Alarm", "tell", "announce", "raise_once", "start", "latest",
    "find",
}  # fmt: skip
"""Calls whose strings name an address, a verb or a kind."""

NAMING_WORDS = re.compile(r"(?:.*__)?(?:kind|verb|awaits|notice|page|place)(?:__in)?")
"""Keywords and attributes that hold such a name."""

NAMING_TAG = re.compile(r"{%-?\s*(?:url|badge|include|extends)\s+[\"']([^\"'/]+)")
"""A tag that names an address, a kind of badge, or the folder of a template."""


DECLARING = {"Notice", "AlarmKind", "DeadlineKind", "Place", "Step", "put"}


def declared_in(app: str) -> set[str]:
    """The names that an app's room `declarations` and the places of its pages declare: the first argument of each, or a
    member of its `Kind`.
    """
    names = set()
    for path in [*(ROOT / app / "declarations").rglob("*.py"), ROOT / app / "views" / "places.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in DECLARING and node.args:
                names |= {value for _line, value in strings(node.args[0])}
            elif isinstance(node, ast.ClassDef) and node.name == "Kind":
                names |= {value for _line, value in strings(node)}
    return names


def names_of(app: str) -> set[str]:
    """Every name that an app gives."""
    patterns = import_module(f"{app}.urls").urlpatterns
    addresses = {str(one.name) for one in patterns if isinstance(one, URLPattern) and one.name}
    verbs = {entry.name for entry in VERBS.values() if entry.run.__module__.startswith(f"{app}.")}
    models = [model for model in apps.get_models() if model.__module__.startswith(f"{app}.")]
    named = {name for model in models for name in (model.__name__, model._meta.label_lower)}
    fields = {field.name for model in models for field in model._meta.concrete_fields}
    subjects = {kind for kind, model in SUBJECTS.items() if model.__module__.startswith(f"{app}.")}
    own = fields if app == APPS[0] else set()
    return addresses | verbs | named | subjects | declared_in(app) | own | {app}


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string of the code with its line, docstrings left out."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def naming(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings that name something by where they are."""
    for node in ast.walk(tree):
        where: list[ast.AST] = []
        if isinstance(node, ast.Call):
            if ast.unparse(node.func).rpartition(".")[2] in NAMING_CALLS:
                where += node.args
            where += [one.value for one in node.keywords if one.arg and NAMING_WORDS.fullmatch(one.arg)]
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Attribute) and NAMING_WORDS.fullmatch(side.attr) for side in sides):
                where += sides
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).isupper():
            where.append(node.slice)
        for one in where:
            yield from strings(one)


def foreign(source: str, forbidden: set[str]) -> list[str]:
    """What of these names a module says."""
    tree = ast.parse(source)
    anywhere = {name for name in forbidden if "_" in name.strip("_") or name in APPS}
    said = [(line, value) for line, value in strings(tree) if words_of(value) & anywhere]
    said += [(line, value) for line, value in naming(tree) if words_of(value) & forbidden]
    return [f"{line}: {value}" for line, value in sorted(set(said))]


def words_of(text: str) -> set[str]:
    """The string itself, and the parts of a dotted path, an address or a file's name."""
    return {text, *re.split(r"[.:/]", text)}


PAIRS = [(below, above) for place, below in enumerate(APPS) for above in APPS[place + 1 :]]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('verb in ("hand_off", "set_limits")', True),
        ('here = {"mass_events": 1}', True),
        ('model = "complaints.Round"', True),
        ('redirect("case")', True),
        ('act.tell(person, "deemed")', True),
        ('rows.filter(matter__kind="complaint")', True),
        ('matter.kind == "complaint"', True),
        ('matter.awaits in ("reply",)', True),
        ('VERBS["case", "approve"]', True),
        ('DEADLINE_KINDS["handling"]', False),
        ('attrs = {"accept": "image/png"}', False),
        ('"""What hand_off does with mass_events."""', False),
        ('redirect("inbox")', False),
    ],
)  # fmt: skip
def test_a_name_is_found_wherever_it_is_said(line: str, found: bool) -> None:
    """`handling` is a column of the table of limits, so it is this app's own too."""
    forbidden = names_of("complaints") | names_of("assessment")
    assert bool(foreign(line, forbidden - names_of("accountability"))) is found


def test_every_declaration_is_some_apps_own() -> None:
    declared = [name for app in APPS for name in declared_in(app)]
    assert {name for registry in REGISTRIES if registry is not SUBJECTS for name in registry} == set(declared)


def test_a_name_is_declared_once() -> None:
    place = next(iter(PLACES.values()))
    with pytest.raises(ValueError, match=f"'{place.name}' is declared twice"):
        PLACES.add(place)


def test_a_declaration_that_names_what_is_not_there_is_an_error_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names_are_known() == []
    lost: list[tuple[Registry[Any], Any]] = [
        (PLACES, Place("nowhere", "", parts=("no_part",), within="no_place")),
        (STEPS, Step("lost", "no_page", "", "", "", {})),
        (DEADLINE_KINDS, DeadlineKind("lost", "", binds=("no_verb",), not_before="no_limit")),
    ]
    for registry, declaration in lost:
        monkeypatch.setitem(registry, "lost", declaration)
    assert [error.msg.rpartition(" ")[2] for error in names_are_known()] == [
        "'nowhere'", "'no_part'", "'no_place'", "'no_page'", "'no_verb'", "'no_limit'",
    ]  # fmt: skip


@pytest.mark.parametrize(("below", "above"), PAIRS)
def test_an_app_says_no_name_of_an_app_above_it(below: str, above: str) -> None:
    forbidden = names_of(above) - names_of(below) - names_of(APPS[0])
    found = {}
    for path in sorted((ROOT / below).rglob("*.py")):
        if "migrations" not in path.parts and (said := foreign(path.read_text(), forbidden)):
            found[str(path.relative_to(ROOT))] = said
    assert found == {}


@pytest.mark.parametrize(("below", "above"), PAIRS)
def test_a_template_names_nothing_of_an_app_above_it(below: str, above: str) -> None:
    """Neither an address, a badge nor a template. What lies in no app's folder is the bottom app's."""
    forbidden = names_of(above) - names_of(below) - names_of(APPS[0])
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if next((app for app in APPS if app in path.parts), APPS[0]) != below:
            continue
        named = set(NAMING_TAG.findall(path.read_text())) & forbidden
        if named:
            found[str(path.relative_to(ROOT))] = sorted(named)
    assert found == {}
