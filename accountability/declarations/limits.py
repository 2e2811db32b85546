"""A kind of limit: everything that is said about it, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from accountability.declarations.registry import Facts, Registry, Words


@dataclass(frozen=True)
class DeadlineKind:
    """A kind of limit. `rule` is the clause that it rests on and `words` what that says; where the notice leaves the
    number open, whose number it is.

    `binds`: the verbs that it presses; who is to run one of them next is shown this limit first.
    `default`: the limit that the table begins with, empty where it is agreed upon in writing. `by_priority`: the same
    for each priority, kept in the table's `column`. `is_open`: the notice leaves it to the table, so that marketing may
    revise it. `on_unit_clock`: it runs on the clock of the unit. `not_before`: it is never due before this other kind.
    `is_window`: it is the time in which something is possible, and nobody can miss it.
    `ends_by_miss`: its miss says by itself how it goes on, so that nobody works towards it any more.
    `left_open`: what the rule leaves open by it, as the page of the rules says.
    `rings`: what the pages of the person who has to keep it call out when it begins; what belongs to such a limit can't
    wait for the morning.
    """

    name: str
    label: Words
    rule: str = ""
    words: Words = ""
    binds: tuple[str, ...] = ()
    default: str = ""
    by_priority: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    column: str = ""
    is_open: bool = False
    on_unit_clock: bool = False
    not_before: str = ""
    is_window: bool = False
    ends_by_miss: bool = False
    rings: Words = ""
    left_open: Words = ""

    @property
    def unit(self) -> str:
        """The unit of its default: `h`, `wd` or `d`."""
        return self.default.lstrip("0123456789")


UNITS = ("h", "wd", "d")

DEADLINE_KINDS: Registry[DeadlineKind] = Registry("kind of limit")


def limit_kinds() -> list[tuple[str, Words]]:
    """The choices of a limit's kind."""
    return [(kind.name, kind.label) for kind in DEADLINE_KINDS.values()]


def kinds_by_priority() -> list[DeadlineKind]:
    """The kinds with a limit for each priority, in the order of the table's columns."""
    return sorted((kind for kind in DEADLINE_KINDS.values() if kind.column), key=lambda kind: kind.column)


def open_kinds() -> list[DeadlineKind]:
    """Those that marketing may revise, by their unit: hours, working days, days."""
    found = [kind for kind in DEADLINE_KINDS.values() if kind.is_open]
    return sorted(found, key=lambda kind: (UNITS.index(kind.unit), int(kind.rule[1:])))


def deadline_label(name: str) -> Words:
    """In words; the name itself of a kind that no app declares any more."""
    return DEADLINE_KINDS[name].label if name in DEADLINE_KINDS else name


def ending_by_miss() -> list[str]:
    return [kind.name for kind in DEADLINE_KINDS.values() if kind.ends_by_miss]


def ringing_verbs() -> list[str]:
    """The verbs that a limit presses which can't wait for the morning."""
    return [verb for kind in DEADLINE_KINDS.values() if kind.rings for verb in kind.binds]


def rings(facts: Facts) -> bool:
    """Whether a notice of a limit is about one that can't wait for the morning."""
    kind = DEADLINE_KINDS.get(facts.get("kind", ""))
    return kind is not None and bool(kind.rings)


def kind_that_binds(verb: str) -> str:
    """The kind of limit that presses who is to run this verb next; empty where only the waiting alarm watches."""
    return next((kind.name for kind in DEADLINE_KINDS.values() if verb in kind.binds), "")
