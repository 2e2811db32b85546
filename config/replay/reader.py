"""Reads scenario files: YAML for stories, JSON Lines (gzipped or not) for logs of any length, in constant memory."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.replay.problems import BadScenario, demand, demand_keys

ENDINGS = (".yaml", ".jsonl", ".jsonl.gz")
HEADER_KEYS = ("organisation", "settings")


@dataclass
class Scenario:
    """A parsed file: its world, its expectations, and its steps, which may be read repeatedly.

    `length` is the number of steps, for the progress bar; a log's steps are read from the file as they are played.
    """

    path: Path
    title: str
    organisation: dict[str, Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    expect: list[dict[str, Any]] = field(default_factory=list)
    length: int = 0
    steps: Callable[[], Iterator[dict[str, Any]]] = lambda: iter(())
    is_log: bool = False

    @property
    def name(self) -> str:
        return name_of(self.path)


def name_of(path: Path) -> str:
    """The file's name without its extensions."""
    ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), "")
    return path.name.removesuffix(ending)


def files_in(path: Path) -> list[Path]:
    """The file itself, or every scenario in the folder by name. BadScenario where there is nothing to play."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.is_file() and file.name.endswith(ENDINGS))
    demand(found, f"no scenario ({', '.join(ENDINGS)}) in this folder")
    return found


def read(path: Path) -> Scenario:
    """The scenario of a file. Raises BadScenario for a file that can't be read as one."""
    demand(path.name.endswith(ENDINGS), f"a scenario's name ends in {', '.join(ENDINGS)}")
    try:
        return _read_story(path) if path.suffix == ".yaml" else _read_log(path)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadScenario(f"can't be read: {error}") from error


# Stories


class _Loader(yaml.SafeLoader):
    """YAML as people mean it: dates and clock times stay text, numbers are decimal, and no key occurs twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _value in node.value]
        double = next((key for place, key in enumerate(keys) if key in keys[:place]), None)
        if double is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {double!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


# YAML 1.1 reads 24:00 as a base-sixty number, 2027-01-01 as a date, 013900000001 as octal: none of them is meant.
_KEPT = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9][0-9]*)\Z"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"-?[0-9]+\.[0-9]+\Z"), list("-0123456789"))


def read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  a SafeLoader # nosec B506
    except (yaml.YAMLError, ValueError) as error:
        raise BadScenario(f"not YAML: {' '.join(str(error).split())}") from error


def _read_story(path: Path) -> Scenario:
    story = read_yaml(path)
    demand_keys(story, "the file", ("title", "steps"), (*HEADER_KEYS, "expect"))
    steps, expect = (_a_list(story, key) for key in ("steps", "expect"))
    return _with_header(path, story, expect=expect, length=len(steps), steps=lambda: iter(steps))


def _a_list(story: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = story.get(key) or []
    demand(isinstance(found, list), f"{key} must be a list")
    return found


def _with_header(path: Path, header: dict[str, Any], **more: Any) -> Scenario:
    demand(isinstance(header["title"], str) and header["title"], "title must be a line of text")
    settings = header.get("settings") or {}
    return Scenario(path, header["title"], header.get("organisation"), settings, **more)


# Logs


def _read_log(path: Path) -> Scenario:
    """Header and expectations at once; the steps line by line when they are played."""
    header: dict[str, Any] | None = None
    length, expect = 0, []
    for number, line in _lines(path):
        if header is None:
            header = demand_keys(_parsed(number, line), "the first line", ("title",), HEADER_KEYS)
        elif _may_be_expectation(line) and "expect" in (entry := _parsed(number, line)):
            expect.append(demand_keys(entry, f"line {number}", ("expect",))["expect"])
        else:
            demand(not expect, f"line {number}: a step after the expectations")
            length += 1
    demand(header is not None, "the file is empty")
    assert header is not None
    return _with_header(path, header, expect=expect, length=length, steps=lambda: _steps(path), is_log=True)


def _steps(path: Path) -> Iterator[dict[str, Any]]:
    lines = _lines(path)
    next(lines)
    for number, line in lines:
        entry = _parsed(number, line)
        if "expect" in entry:
            return
        yield entry


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that aren't blank, numbered from 1."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line


def _may_be_expectation(line: str) -> bool:
    """Whether the line may be an expectation. Cheap enough for every line of a long log: only lines with the word are
    parsed twice.
    """
    return '"expect"' in line


def _parsed(number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line, object_pairs_hook=_without_doubles)
    except ValueError as error:
        raise BadScenario(f"line {number}: not JSON: {error}") from error
    demand(isinstance(entry, dict), f"line {number}: not an object")
    return entry


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) != len(pairs):
        raise ValueError("a key stands twice")
    return entry
