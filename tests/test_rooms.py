"""The house: each room has a name and a purpose, and the import contract knows every one."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import django
import grimp
import pytest
from django.views import csrf, defaults

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
APPS = ("accountability", "complaints", "assessment")
BESIDE_ROOMS = {"static", "__pycache__"}
AT_THE_TOP = {"__init__.py", "admin.py", "apps.py", "permissions.py", "tasks.py", "urls.py"}
"""What Django expects there, and who may do what."""


def rooms(app: str) -> list[Path]:
    folders = sorted(path for path in (ROOT / app).iterdir() if path.is_dir() and path.name not in BESIDE_ROOMS)
    return [folder for folder in folders if list(folder.rglob("*.py"))]


EVERY_ROOM = [room for app in (*APPS, "config") for room in rooms(app) if room.name != "migrations"]
IDS = [f"{room.parent.name}-{room.name}" for room in EVERY_ROOM]


@pytest.mark.parametrize("room", EVERY_ROOM, ids=IDS)
def test_a_room_says_what_it_is_for(room: Path) -> None:
    """In one short paragraph, or the room is a heap."""
    purpose = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert 30 < len(purpose) < 700, room


@pytest.mark.parametrize("app", APPS)
def test_modules_are_in_rooms(app: str) -> None:
    assert {file.name for file in (ROOT / app).glob("*.py")} <= AT_THE_TOP


def linter() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return found


def contract_of(app: str) -> dict[str, Any]:
    """The contract of the app's rooms. That of `config` names each of them in full."""
    named = [one for one in linter()["contracts"] if one.get("containers") == [app]]
    in_full = [one for one in linter()["contracts"] if all(level.startswith(f"{app}.") for level in one["layers"])]
    found: dict[str, Any] = (named + in_full)[0]
    return found


def levels_of(app: str) -> list[set[str]]:
    """What the contract names, level by level, the lowest first."""
    levels = [{name.strip() for name in level.split("|")} for level in contract_of(app)["layers"]]
    return [{name.removeprefix(f"{app}.") for name in level} for level in reversed(levels)]


@pytest.mark.parametrize("app", APPS)
def test_the_import_contract_names_every_room(app: str) -> None:
    """A room on no level could import anything. The contract itself is checked by `make check`."""
    assert not linter().get("exclude_type_checking_imports"), "the levels hold for the imports of types too"
    modules = {file.stem for file in (ROOT / app).glob("*.py")} - {"__init__"}
    assert set().union(*levels_of(app)) == {room.name for room in rooms(app)} | modules
    assert contract_of(app)["exhaustive"]


@pytest.mark.parametrize("app", [*APPS, "config"])
def test_the_readmes_map_has_every_room_on_its_level(app: str) -> None:
    """The map is the import contract without modules and migrations, and names what is on the disk and nothing else."""
    (row,) = re.findall(rf"^\| `{app}/` \|.*\|(.*)\|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    shown = [set(re.findall(r"`(\w+)`", level)) for level in row.split("·")]
    on_disk = {room.name for room in EVERY_ROOM if room.parent.name == app}
    assert set().union(*shown) == on_disk
    assert sum(map(len, shown)) == len(on_disk), "no room is on two levels"
    assert shown == [level & on_disk for level in levels_of(app) if level & on_disk]


def test_no_module_imports_itself_through_others() -> None:
    """Not even for the types: modules that need each other's types are one module, or one type is in the wrong room.
    The error names the modules of the cycle.
    """
    graph = grimp.build_graph(*APPS, "config", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 500
    TopologicalSorter(imports).prepare()


@pytest.mark.parametrize("app", APPS)
def test_a_template_lies_in_the_room_of_its_page(app: str) -> None:
    assert {path.name for path in (TEMPLATES / app).iterdir()} <= {room.name for room in rooms(app)}


def test_templates_are_in_the_apps_or_shared() -> None:
    """Besides them there is only what Django itself looks for."""
    of_django = {name.split("/")[0] for name in taken_by_django()}
    assert {path.name for path in TEMPLATES.iterdir() if path.is_dir()} - of_django == {*APPS, "includes"}


def test_a_template_is_used() -> None:
    known = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file()}
    left = known - {*named_in_templates(), *taken_by_django()}
    for pattern in named_in_code():
        left -= {name for name in left if pattern.fullmatch(name)}
    assert left == set()


def named_in_code() -> Iterator[re.Pattern[str]]:
    """What is written like the name of a template, with its folder; what an f-string puts in is any word."""
    for file in (file for app in (*APPS, "config") for file in (ROOT / app).rglob("*.py")):
        text = file.read_text()
        for node in ast.walk(ast.parse(text)) if re.search(r"\.(html|css)\"", text) else ():
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            words = [str(part.value) if isinstance(part, ast.Constant) else "" for part in parts]
            if words[0] and words[-1].endswith((".html", ".css")):
                yield re.compile("".join(re.escape(word) or r"\w+" for word in words))


def named_in_templates() -> Iterator[str]:
    for file in filter(Path.is_file, TEMPLATES.rglob("*")):
        yield from re.findall(r'{% (?:include|extends) "([^"]+)"', file.read_text())


def taken_by_django() -> Iterator[str]:
    """The templates of Django that ours replace, and its error pages."""
    for folder in Path(django.__file__).parent.rglob("templates"):
        yield from (path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    yield csrf.CSRF_FAILURE_TEMPLATE_NAME
    yield from (getattr(defaults, name) for name in dir(defaults) if name.endswith("_TEMPLATE_NAME"))
