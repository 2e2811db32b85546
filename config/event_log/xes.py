"""The log as XES (IEEE 1849-2016): one trace a complaint, one event an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr  # nosec B406

from config.event_log.reading import Happened, Log, written

EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Organizational", "org"), ("Lifecycle", "lifecycle"))

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">',
    *(
        f'  <extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>'
        for name, prefix in EXTENSIONS
    ),
    '  <global scope="trace">',
    '    <string key="concept:name" value=""/>',
    "  </global>",
    '  <global scope="event">',
    '    <string key="concept:name" value=""/>',
    '    <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>',
    '    <string key="lifecycle:transition" value="complete"/>',
    '    <string key="org:resource" value=""/>',
    '    <string key="org:role" value=""/>',
    '    <string key="org:group" value=""/>',
    '    <boolean key="flow" value="false"/>',
    "  </global>",
    '  <classifier name="activity" keys="concept:name"/>',
    '  <classifier name="activity and role" keys="concept:name org:role"/>',
    '  <string key="concept:name" value="shouwen"/>',
    '  <string key="lifecycle:model" value="standard"/>',
)


def lines(log: Log) -> Iterator[str]:
    """The file, line by line."""
    yield from HEAD
    for events in log.traces():
        yield "  <trace>"
        for place, event in enumerate(events):
            if place == 0:
                yield from _attributes({"concept:name": event.entry.name}, "    ")
            yield "    <event>"
            yield from _attributes(_of_event(log, event), "      ")
            yield "    </event>"
        yield "  </trace>"
    yield "</log>"


def _of_event(log: Log, event: Happened) -> dict[str, Any]:
    entry, move, people = event.entry, event.move, log.people
    return {
        "concept:name": move.activity, "time:timestamp": entry.at, "lifecycle:transition": "complete",
        "org:resource": people.pseudonym(entry.actor_id), "org:role": people.role(entry.actor_id, entry.at),
        "org:group": people.unit(entry.actor_id), "verb": entry.verb, "recorded_at": entry.recorded_at,
        "round": entry.part, "state_before": move.before.name, "state_after": move.after.name,
        "flow": event.is_flow, "follows": move.follows, **entry.outcomes,
    }  # fmt: skip


def _attributes(values: dict[str, Any], indent: str) -> Iterable[str]:
    for key, value in values.items():
        kind, text = _typed(value)
        yield f"{indent}<{kind} key={quoteattr(key)} value={quoteattr(text)}/>"


def _typed(value: Any) -> tuple[str, str]:
    """The attribute's type and its text. `bool` comes first, since it is an `int` too."""
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    if isinstance(value, int):
        return "int", str(value)
    return ("date", written(value)) if isinstance(value, datetime) else ("string", str(value))
