"""The work on the desks when the demo opens (texts/desks.yaml), and a burst of calls from one place.

A stage ends so many minutes before `now`; its earlier acts are moved accordingly, so it looks the same at any hour.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from config.demo.organisation import Company
from config.demo.script import Script
from config.demo.texts import new_story, read

WAYS, STAGES = read("desks")["ways"], read("desks")["stages"]

BURST, AT_LEAST = 24, 300
"""This many complaints of one place within the hour, in a demo of at least this many: a mass event to be confirmed."""


def stages(company: Company, now: datetime) -> list[Script]:
    """All stages, in the order in which they begin."""
    return sorted((_script(company, stage, now) for stage in STAGES), key=lambda script: script.steps[0]["at"])


def _script(company: Company, stage: dict[str, Any], now: datetime) -> Script:
    unit, others = stage["unit"], stage.get("others", [])
    story = new_story(company.rng, company.region_of(unit), now, company.category_of(unit))
    script = Script(company, story, now, at_any_hour=True)
    script.agent, script.others = "kf.agent", others
    script.priority, script.tier = stage.get("priority", "P3"), stage.get("tier", "none")
    script.forwarder, script.flags = stage.get("forwarder", ""), stage.get("flags", [])
    if script.forwarder:
        script.act("forward")
    for verb, after, *given in _acts(stage["way"]):
        facts: dict[str, Any] = given[0] if given else {}
        if verb == "dispatch":
            facts = {"unit": unit, "handler": stage.get("handler", ""), **facts}
        for each in [{"unit": other} for other in others] if verb == "confirm_task" else [facts]:
            script.act(verb, after, **each)
    return script.ending(now - timedelta(minutes=stage["ago"]))


def _acts(way: str) -> Iterator[list[Any]]:
    for act in WAYS[way]:
        if isinstance(act, str):
            yield from _acts(act)
        else:
            yield act


def burst(company: Company, now: datetime) -> list[Script]:
    """The network is down somewhere, and the hotline gets call after call about it."""
    return [_called(company, now - timedelta(minutes=56 - 2 * place)) for place in range(BURST)]


def _called(company: Company, at: datetime) -> Script:
    script = Script(company, new_story(company.rng, "荆州", at, ("网络质量", "大面积中断")), at, at_any_hour=True)
    script.agent, script.priority = company.agent(), "P2"
    script.act("register")
    return script
