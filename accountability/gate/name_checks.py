"""Checks at start that every URL name, verb, place and kind that a declaration refers to exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, get_resolver

from accountability.declarations.limits import DEADLINE_KINDS
from accountability.declarations.notices import ALARMS
from accountability.declarations.places import PLACES
from accountability.declarations.subjects import SUBJECTS
from accountability.declarations.tours import STEPS
from accountability.gate.verbs import VERBS


@register()
def names_are_known(**options: Any) -> list[CheckMessage]:
    return [Error(f"{who} names the unknown {what} {name!r}") for who, what, name in _unknown()]


def _unknown() -> Iterator[tuple[str, str, str]]:
    addresses = set(_addresses(get_resolver(), ""))
    verbs = {name for _kind, name in VERBS}
    for place in PLACES.values():
        yield from _missing(f"the place {place.name}", "address", (place.name, *place.parts), addresses)
        yield from _missing(f"the place {place.name}", "place", [place.within], PLACES)
    for step in STEPS.values():
        yield from _missing(f"the step {step.name}", "address", [step.place], addresses)
    for alarm in ALARMS.values():
        yield from _missing(f"the alarm {alarm.name}", "address", [alarm.count.page] if alarm.count else (), addresses)
    for limit in DEADLINE_KINDS.values():
        yield from _missing(f"the limit {limit.name}", "verb", limit.binds, verbs)
        yield from _missing(f"the limit {limit.name}", "limit", [limit.not_before], DEADLINE_KINDS)
    for kind, model in SUBJECTS.items():
        yield from _missing(f"the matter {kind}", "address", [model.page], addresses)
        yield from _missing(f"the matter {kind}", "verb", model.patience, verbs | set(model.other_labels))


def _missing(who: str, what: str, names: Any, known: Any) -> Iterator[tuple[str, str, str]]:
    return ((who, what, name) for name in names if name and name not in known)


def _addresses(resolver: Any, prefix: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield f"{prefix}{one.name}"
        else:
            yield from _addresses(one, f"{prefix}{one.namespace}:" if one.namespace else prefix)
