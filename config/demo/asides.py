"""What happens beside the straight way: coordination, more time, a wrong dispatch, somebody away, an early end."""

from datetime import datetime, timedelta
from typing import Any

from config.demo.script import Script
from config.demo.texts import asides as texts


def convene(script: Script, others: list[str], after: float, *, by: str = "") -> None:
    """The handler calls other units to the table (R29); or who coordinates it (R14)."""
    script.do(by or script.handler, "convene", after, by_day=True, units=others, problem=script.say(texts.PROBLEMS))


def record_tasks(script: Script, others: list[str], after: float, within: float = 1440, *, by: str = "") -> None:
    """Who does what by when, in writing (R30); `within` is minutes from now to the tasks' instant."""
    contacts = [script.cast.contact(unit) for unit in others]
    due = to_the_minute(script.clock + timedelta(minutes=after + within))
    tasks = [{"unit": unit, "task": script.say(texts.TASKS), "due": due} for unit in others]
    script.do(by or script.handler, "record_tasks", after, tasks=tasks, attendees=[script.handler, *contacts])


def to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def confirm_task(script: Script, unit: str, after: float) -> None:
    """Each invited unit in its own session, now and then under an objection, which changes nothing (R31)."""
    facts: dict[str, Any] = {"objection": script.say(texts.OBJECTIONS)} if script.rng.random() < 0.2 else {}
    script.do(script.cast.contact(unit), "confirm_task", after, unit=unit, **facts)


def conclude(script: Script, after: float) -> None:
    script.do(script.handler, "conclude_coordination", after, by_day=True)


def finish_task(script: Script, unit: str, after: float) -> None:
    script.do(script.cast.contact(unit), "finish_task", after, by_day=True, unit=unit, result=script.say(texts.RESULTS))


def coordinate(script: Script, others: list[str]) -> None:
    """From the call to the last task; an unlucky hand finishes late."""
    rng = script.rng
    convene(script, others, rng.randint(20, 90))
    record_tasks(script, others, rng.randint(20, 90), within=2880)
    for unit in others:
        confirm_task(script, unit, rng.randint(5, 100))
    conclude(script, rng.randint(5, 40))
    for unit in others:
        finish_task(script, unit, rng.randint(2900, 3300) if rng.random() < 0.12 else rng.randint(60, 500))


def recall(script: Script, after: float) -> None:
    """Sent to the wrong unit and noticed at once (R11)."""
    script.do(script.agent, "recall", after, reason=script.say(texts.RECALLS))


def ask_for_more_time(script: Script, after: float, until: datetime) -> None:
    """Before the limit, to an instant after it."""
    facts: dict[str, Any] = {"until": until, "reason": script.say(texts.EXTENSIONS)}
    script.do(script.handler, "request_extension", after, **facts)


def grant_more_time(script: Script, after: float, until: datetime) -> None:
    facts: dict[str, Any] = {"until": until, "reason": script.say(texts.GRANTED)}
    script.do(script.agent, "extend", after, round=script.rounds, **facts)


def a_day_more(script: Script) -> datetime:
    """A day after the present limit of an ordinary complaint (P3: 36 hours)."""
    return to_the_minute(script.delivered_at + timedelta(hours=60))


def tell_by_phone(script: Script, after: float) -> None:
    """The contact rang the handler a while ago and writes it down now (R19); it counts once the handler confirms."""
    happened = script.clock + timedelta(minutes=after / 2)
    script.do(script.contact, "record_told", after, to=script.handler, happened=happened)


def confirm_told(script: Script, after: float) -> None:
    script.do(script.handler, "confirm_told", after)


def take_over(script: Script, after: float) -> None:
    """The handler is away; a colleague goes on, whoever was stamped stays stamped."""
    away = script.handler
    while script.handler == away:
        script.handler = script.cast.handler(script.unit)
    script.do(script.contact, "reassign", after, to=script.handler, reason=script.say(texts.AWAY))


def withdraw(script: Script, after: float) -> None:
    script.do(script.agent, "withdraw", after, reason=script.say(texts.WITHDRAWALS))


def try_to_reach(script: Script, after: float) -> None:
    who = script.forwarder if script.forwarder_replies else script.agent
    script.do(who, "record_attempt", after, by_day=True, note=script.say(texts.ATTEMPTS))


def give_up(script: Script) -> None:
    """Three attempts on two days, then archived as unreachable."""
    for after in (20, 240, 1500):
        try_to_reach(script, after)
    script.do(script.agent, "archive_unreachable", 15, by_day=True, reason=script.say(texts.UNREACHABLE))
