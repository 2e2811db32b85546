"""The repository tests itself: one vocabulary, one clock, one gate, and nothing in it that only this machine knows."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accountability.deadlines.limits import Limit
from accountability.gate.subjects import SUBJECTS
from accountability.gate.verbs import VERBS, Verb
from accountability.permissions import Role
from accountability.rules.catalogue import RULES
from accountability.web.verb_forms import VerbForm
from tests.mutants import MUTANTS, Mutant, fits, of_its_own, sample, tried

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accountability", "complaints", "assessment", "config")
RULE = re.compile(r"R[1-9][0-9]?")

EVERY_VERB = sorted(VERBS.values(), key=lambda entry: (entry.model.__name__, entry.name))
VERB_IDS = [entry.name for entry in EVERY_VERB]


def tracked(*endings: str) -> list[Path]:
    """The files of the repository, those not yet committed included, those ignored left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.splitlines()]
    return [file for file in files if file.is_file() and (not endings or file.suffix in endings)]


def code(*folders: str) -> list[Path]:
    """Python files of the apps, migrations left out."""
    return [
        file
        for file in tracked(".py")
        if file.relative_to(ROOT).parts[0] in (folders or APPS) and "migrations" not in file.parts
    ]


def calls(file: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every call in the file."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


# One vocabulary


@pytest.mark.parametrize("entry", EVERY_VERB, ids=VERB_IDS)
def test_a_verb_names_its_predicate(entry: Verb) -> None:
    """The predicate of a verb is found under the verb's name, in the permissions of the app that owns it."""
    app = entry.model.__module__.split(".")[0]
    permissions = __import__(f"{app}.permissions", fromlist=["permissions"])
    assert entry.permission is getattr(permissions, entry.name)


@pytest.mark.parametrize("entry", EVERY_VERB, ids=VERB_IDS)
def test_a_verb_is_a_documented_function_of_its_name(entry: Verb) -> None:
    assert entry.run.__name__ == entry.name
    assert inspect.getdoc(entry.run) is not None


@pytest.mark.parametrize("entry", EVERY_VERB, ids=VERB_IDS)
def test_a_verb_names_its_rule(entry: Verb) -> None:
    """The clause stands at the verb; where the notice has none, the docstring names one that the verb serves."""
    assert RULE.fullmatch(entry.rule) or RULE.search(inspect.getdoc(entry.run) or "")


@pytest.mark.parametrize("entry", EVERY_VERB, ids=VERB_IDS)
def test_no_fact_hides_what_its_form_says(entry: Verb) -> None:
    """A template reads `form.preface` as a field first, where a fact has that name: it would be shown twice."""
    assert {fact.name for fact in entry.facts} & set(vars(VerbForm)) == set()


def transitions_of(model: type) -> dict[str, list[Any]]:
    """The django-fsm transitions of a model, by the name of their method."""
    methods = [m for _name, m in inspect.getmembers(model, inspect.isfunction) if hasattr(m, "_django_fsm")]
    return {m.__name__: list(m._django_fsm.transitions.values()) for m in methods}


def test_a_transition_moves_the_state_and_asks_nobody() -> None:
    """Who may is said at the verb. A transition that is no verb's is private: an action, or the sweep, leads to it."""
    done = {name.rpartition(".")[2] for file in code() for _line, name in calls(file)}
    for kind, model in SUBJECTS.items():
        moves = transitions_of(model)
        assert [t for several in moves.values() for t in several if t.permission or t.target is None] == []
        assert set(moves) - {name for of_kind, name in VERBS if of_kind == kind} - done == set()


@pytest.mark.parametrize("entry", EVERY_VERB, ids=VERB_IDS)
def test_a_verb_says_when_it_may_run_in_one_place(entry: Verb) -> None:
    """By its transition, if it moves the state; else in its declaration, of states that the model has."""
    stated = hasattr(entry.model, "state")
    moves = entry.name in transitions_of(entry.model)
    assert (moves, bool(entry.states)) in ([(True, False), (False, True)] if stated else [(False, False)])
    assert set(entry.states) <= ({value for value, _label in entry.model.state.field.choices} if stated else set())  # type: ignore[attr-defined]
    assert not (moves and entry.when)


def test_there_is_no_refusing() -> None:
    """R2: nobody may turn a complaint away, so the word isn't in the vocabulary."""
    assert [name for _kind, name in VERBS if name in ("refuse", "reject", "decline")] == []


# One clock, one gate


def test_the_clock_is_read_in_one_place() -> None:
    readers = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "datetime.today", "timezone.localdate"}
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in code()
        if file != ROOT / "accountability" / "deadlines" / "clock.py"
        for line, name in calls(file)
        if name in readers or name.endswith((".timezone.now", ".datetime.now"))
    ]
    assert found == []


def test_only_the_edge_asks_for_the_present() -> None:
    """`clock.read()` in middleware, tasks, commands and where the schedule begins; everything below is told `at`."""
    found = {
        str(file.relative_to(ROOT))
        for file in code()
        for _line, name in calls(file)
        if name in ("clock.read", "accountability.deadlines.clock.read")
    }
    edge = {"accountability/web/middleware.py", "accountability/tasks.py", "config/steady.py"}
    assert {name for name in found if name not in edge and "/management/commands/" not in name} == set()


def test_states_are_protected() -> None:
    """A state can't be assigned: only a transition moves it."""
    fields = [model._meta.get_field("state") for model in SUBJECTS.values() if hasattr(model, "_meta")]
    assert [field.protected for field in fields] == [True] * len(fields)
    assert len(fields) >= 1


def test_nothing_is_left_for_later() -> None:
    """No stub and no excuse, in code or tests."""
    excuses = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error|pragma: no " + "cover")
    found = [
        f"{file.relative_to(ROOT)}"
        for file in tracked(".py", ".html", ".js", ".css")
        if excuses.search(file.read_text())
    ]
    assert found == []


def test_no_test_is_left_out() -> None:
    excuses = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b")
    assert [str(file.relative_to(ROOT)) for file in code("tests") if excuses.search(file.read_text())] == []


# Nothing of this machine, nothing from elsewhere


def test_no_registry_and_no_path_of_a_machine() -> None:
    """Where packages come from, and where somebody's clone lies, is not the repository's business."""
    hosts = "|".join(
        ["pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\.", "registry" + r"\.", "aliyun" + r"\."]
    )
    machine = re.compile(rf"https?://[\w.-]*(?:{hosts})|(?<![\w.])/(?:work|home|root|Users)/")
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        if file.suffix not in (".png", ".svg", ".mo", ".gz", ".pdf")
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1)
        if machine.search(line)
    ]
    assert found == []


def test_templates_hold_no_script_and_no_style() -> None:
    """The content security policy forbids both; a template with one would look right in no browser."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=[\"']|\son[a-z]+=[\"']|javascript:", re.IGNORECASE
    )
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked(".html")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if inline.search(line)
    ]
    assert found == []


def test_templates_load_nothing_from_elsewhere() -> None:
    foreign = re.compile(r"(?:src|href)=[\"']\s*(?:https?:)?//", re.IGNORECASE)
    found = [str(file.relative_to(ROOT)) for file in tracked(".html", ".css") if foreign.search(file.read_text())]
    assert found == []


# The rules of the notice


def marked_rules() -> dict[str, list[str]]:
    """Which tests carry the mark of which rule."""
    marks: dict[str, list[str]] = {}
    for file in tracked(".py"):
        if file.relative_to(ROOT).parts[0] == "tests":
            for rule in re.findall(r"mark\.rule\(\"(R[0-9]+)\"\)", file.read_text()):
                marks.setdefault(rule, []).append(str(file.relative_to(ROOT)))
    return marks


def test_every_rule_is_proved() -> None:
    """Each rule of the notice has a test that carries its mark."""
    assert [name for name in RULES if name not in marked_rules()] == []


def test_marks_name_rules_that_exist() -> None:
    assert [rule for rule in marked_rules() if rule not in RULES] == []


# Small promises


def test_every_limit_explains_itself() -> None:
    """A page says what a limit means: no kind of limit may lack its words."""
    words = (ROOT / "accountability" / "deadlines" / "words.py").read_text()
    kinds = [kind.__name__ for kind in Limit.__subclasses__() if not kind.__name__.startswith("_")]
    counted = [kind.__name__ for parent in Limit.__subclasses__() for kind in parent.__subclasses__()]
    assert [name for name in (*kinds, *counted) if f"case {name}(" not in words] == []


def test_roles_are_the_contracts() -> None:
    assert set(Role.values) == {
        "agent", "csc_supervisor", "contact", "deputy_contact", "marketing", "marketing_leader", "auditor",
        "system_admin", "security_admin", "audit_admin",
    }  # fmt: skip
    """The contract's, and the three administrators after them."""


def test_the_readme_names_only_commands_that_are_there() -> None:
    """What the README tells a newcomer to type exists in the Makefile."""
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    readme = ROOT / "README.md"
    asked = set(re.findall(r"`make ([a-z-]+)", readme.read_text())) if readme.exists() else set()
    assert asked - targets == set()


def test_every_decision_is_listed() -> None:
    """In the order of their numbers, without a gap. What the code calls a decision is one."""
    decisions = [file.name for file in sorted((ROOT / "docs" / "adr").glob("0*.md"))]
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))
    listed = (ROOT / "docs" / "adr" / "README.md").read_text()
    assert re.findall(r"^\| \[\d{4}\]\((.*?)\) \| \S", listed, re.MULTILINE) == decisions
    named = {name for file in code(*APPS, "tests") for name in re.findall(r"docs/adr/(\d{4}[\w-]*)", file.read_text())}
    assert [name for name in named if not any(each.startswith(name) for each in decisions)] == []


def test_what_is_built_unusually_has_a_decision() -> None:
    """Who meets it asks why: a page of docs/adr names it."""
    told = "".join(file.read_text() for file in (ROOT / "docs" / "adr").glob("0*.md"))
    unusual = ("accountability/confined", "complaints/templatetags/complaint_rows.py")
    assert [path for path in unusual if path not in told or not (ROOT / path).exists()] == []


# Mutants


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_a_mutant_can_still_be_made(mutant: Mutant) -> None:
    """Its text is in the code: `make mutants` would else report as killed what was never tried."""
    assert fits(mutant)
    assert all((ROOT / name.partition("::")[0]).exists() for name in mutant.tests)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", sample(3), ids=lambda mutant: mutant.what)
def test_a_sample_of_the_mutants_is_killed(mutant: Mutant) -> None:
    """All of them take `make mutants` an hour."""
    assert [lives for _mutant, lives in tried([mutant])] == [False]


def test_a_mutants_tests_take_nothing_that_was_made_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the demo of this run's tiers nor that of its workers."""
    given = {"MADE": "/made", "PYTEST_XDIST_WORKER": "gw0", "DEVELOPMENT": "1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert given.keys() & of_its_own().keys() == {"DEVELOPMENT"}


def test_at_least_sixty_controls_are_taken_out() -> None:
    """Each by one line of its own."""
    assert (len({(one.file, one.old, one.new) for one in MUTANTS}) >= 60, len(MUTANTS)) == (True, len(set(MUTANTS)))
