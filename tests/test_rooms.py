"""The house: each room has a name, a purpose and a bounded size, and the import contract knows every one."""

from __future__ import annotations

import ast
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accountability", "complaints", "assessment")
BESIDE_ROOMS = {"static", "__pycache__"}
AT_THE_TOP = {"__init__.py", "admin.py", "apps.py", "permissions.py", "tasks.py", "urls.py"}
"""What Django expects there, and who may do what."""
MOST_LINES_OF_A_ROOM = 3000


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


@pytest.mark.parametrize("room", EVERY_ROOM, ids=IDS)
def test_a_room_is_not_too_large(room: Path) -> None:
    assert sum(len(file.read_text().splitlines()) for file in room.rglob("*.py")) <= MOST_LINES_OF_A_ROOM


@pytest.mark.parametrize("app", APPS)
def test_modules_are_in_rooms(app: str) -> None:
    assert {file.name for file in (ROOT / app).glob("*.py")} <= AT_THE_TOP


@pytest.mark.parametrize("app", APPS)
def test_the_import_contract_names_every_room(app: str) -> None:
    """A room on no level could import anything. The contract itself is checked by `make check`."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert not linter.get("exclude_type_checking_imports"), "the levels hold for the imports of types too"
    contract = next(one for one in linter["contracts"] if one.get("containers") == [app])
    named = {name.strip() for level in contract["layers"] for name in level.split("|")}
    modules = {file.stem for file in (ROOT / app).glob("*.py")} - {"__init__"}
    assert named == {room.name for room in rooms(app)} | modules
    assert contract["exhaustive"]


def test_no_module_imports_itself_through_others() -> None:
    """Not even for the types: modules that need each other's types are one module, or one type is in the wrong room.
    The error names the modules of the cycle.
    """
    graph = grimp.build_graph(*APPS, "config", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 500
    TopologicalSorter(imports).prepare()
