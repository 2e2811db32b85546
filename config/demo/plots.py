"""The courses of complaints: most go well, some are late, sent to the wrong unit, answered badly, or repeated."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from accountability.deadlines.limits import SHANGHAI
from complaints.models import OUTSIDE
from config.demo.organisation import Company
from config.demo.script import Script
from config.demo.texts import Story, new_story, told_again

PAST = timedelta(days=60)
BY_HOUR = (1, 1, 1, 1, 1, 1, 2, 5, 12, 16, 16, 14, 9, 8, 13, 15, 14, 13, 11, 10, 9, 7, 4, 2)
"""How busy the hotline is in each hour of the day."""


def histories(company: Company, number: int, now: datetime) -> Iterator[Script]:
    """This many complaints of the last sixty days, in the order in which they begin; more of them closer to `now`."""
    rng = company.rng
    heard: deque[Story] = deque(maxlen=60)
    for start in sorted(beginning(rng, now) for _ in range(number)):
        if heard and rng.random() < 0.05:
            story = told_again(rng, rng.choice(heard), start)
        else:
            story = new_story(rng, company.region(), start)
        heard.append(story)
        script = Script(company, story, start)
        dress(script)
        live(script)
        yield script


def beginning(rng: Random, now: datetime) -> datetime:
    """An instant of the last sixty days, by the hotline's busy hours, fewer at weekends."""
    while True:
        at = now - PAST * rng.random() ** 2 - timedelta(minutes=3)
        local = at.astimezone(SHANGHAI)
        if rng.random() * 16 < BY_HOUR[local.hour] * (0.7 if local.weekday() > 4 else 1):
            return at


def dress(script: Script) -> None:
    """Priority, tier, flags and channel; mostly ordinary ones."""
    rng = script.rng
    script.priority = rng.choices(("P1", "P2", "P3"), (4, 14, 82))[0]
    script.tier = "vip" if rng.random() < 0.14 else "none"
    script.channel = rng.choices(
        ("call", "forward", "superior", "miit", "line_12345", "line_12315", "leader", "important_customer"),
        (82, 11, 0.6, 0.9, 1, 0.5, 2, 2),
    )[0]
    odds = {"cross_province": 0.03, "other_operator": 0.03, "third_party": 0.04, "major": 0.012}
    if script.story.leaf == "携号转网":
        odds["other_operator"] = 0.5
    script.flags = [flag for flag, chance in odds.items() if rng.random() < chance]
    if script.channel == "forward":
        script.forwarder = script.company.colleague()


def live(script: Script) -> None:
    """From intake to archive, even if not all of it is over by now."""
    rng, story = script.rng, script.story
    arrive(script)
    if rng.random() < 0.4:
        settle_at_once(script)
    else:
        right = script.company.right_unit(story.head, story.leaf, story.region)
        find_the_unit(script, right)
        work(script)
        if rng.random() < 0.02:
            script.act("withdraw", after=rng.randint(10, 200))
            answer_outside(script)
            return
    finish(script)
    answer_outside(script)


def answer_outside(script: Script) -> None:
    """What a body outside handed over is answered once the customer's complaint is over (R9)."""
    if script.channel in OUTSIDE:
        script.wait(45)
        script.act("answer_outside_case")


def arrive(script: Script) -> None:
    rng = script.rng
    if script.channel == "forward" and rng.random() < 0.6:
        script.act("forward")
        script.act("register", after=rng.randint(4, 90))
    else:
        script.act("register")


def settle_at_once(script: Script) -> None:
    """The hotline handles it itself (D1), as with many; rarely this turns out not to be enough."""
    rng, story = script.rng, script.story
    script.act("handle_directly", after=rng.randint(2, 25))
    if rng.random() < 0.08:
        script.act("judge_complete", rng.randint(10, 60), complete=False, reason="direct")
        right = script.company.right_unit(story.head, story.leaf, story.region)
        script.act("dispatch", rng.randint(3, 20), unit=right)
        work(script)
    else:
        script.act("judge_complete", after=rng.randint(5, 120))


def find_the_unit(script: Script, right: str) -> None:
    """Dispatched to the right unit, sometimes only after one or two units returned it (R27, R28)."""
    rng = script.rng
    if rng.random() < 0.025:
        script.act("dispatch", unit=script.company.wrong_units(right, 1)[0], after=rng.randint(3, 25))
        script.act("recall", after=rng.randint(1, 6))
    mistakes = rng.choices((0, 1, 2), (88, 10, 2))[0]
    for mistake, unit in enumerate(script.company.wrong_units(right, mistakes)):
        script.act("dispatch", rng.randint(3, 25), unit=unit, reason="redirected" if mistake else "reason")
        give_back(script, right)
    if mistakes == 2:
        script.agent = script.supervisor
        script.act("dispatch", rng.randint(10, 50), unit=right, reason="ruling")
    else:
        script.act("dispatch", rng.randint(3, 25), unit=right, reason="redirected" if mistakes else "reason")


def give_back(script: Script, right: str) -> None:
    """An accepted return, requested at once or rather late."""
    rng = script.rng
    by_handler = rng.random() < 0.6
    if by_handler:
        script.act("hand_off", after=rng.randint(4, 25))
    late = rng.random() < 0.15
    after = rng.randint(250, 380) if late else rng.randint(10, 28)
    script.act("request_return", after, right=right, by_handler=by_handler)
    script.act("rule_on_return", rng.randint(10, 100), accepted=True)


def work(script: Script) -> None:
    """The unit's round up to the centre's judgement."""
    rng = script.rng
    hand_over(script)
    talk(script)
    if script.rounds == 1 and rng.random() < 0.06:
        be_denied(script)
    if rng.random() < 0.45:
        script.act("accept", after=rng.randint(5, 150))
    if script.story.head == "网络质量" or rng.random() < 0.12:
        script.act("contact_customer", after=rng.randint(30, 900))
    if rng.random() < 0.08:
        script.act("chase", after=rng.randint(60, 300), round=script.rounds)
    if rng.random() < 0.02:
        script.act("escalate", after=rng.randint(20, 200))
    if rng.random() < 0.03:
        script.act("reassign", after=rng.randint(30, 300))
    if rng.random() < 0.07:
        coordinate(script, script.company.wrong_units(script.unit, rng.choice((1, 1, 2))))
    if rng.random() < 0.45:
        script.act("propose_solution", after=rng.randint(60, 700))
    script.act("answer", after=rng.randint(1500, 3600) if rng.random() < 0.1 else rng.randint(40, 600))
    if rng.random() < 0.07:
        script.act("judge_complete", rng.randint(15, 150), complete=False)
        script.act("answer", after=rng.randint(60, 400))
    script.act("judge_complete", after=rng.randint(10, 180))


def talk(script: Script) -> None:
    """What some handlers note, some customers add, and some are promised. By the customer's number, not by chance, so
    that the later draws stay what they are.
    """
    sort = int(script.story.phone) % 9
    if sort == 1:
        script.act("add_note", shared=True)
    if sort == 2:
        script.act("supplement")
    if sort == 3 and all(step["do"] != "plan_call_back" for step in script.steps):
        script.act("plan_call_back")


def coordinate(script: Script, others: list[str]) -> None:
    """From the convening to the last task; an unlucky handler finishes late."""
    rng, script.others = script.rng, others
    script.act("convene", rng.randint(20, 90))
    script.act("record_tasks", rng.randint(20, 90), within=2880)
    for unit in others:
        script.act("confirm_task", rng.randint(5, 100), unit=unit)
    script.act("conclude_coordination", rng.randint(5, 40))
    for unit in others:
        script.act("finish_task", rng.randint(2900, 3300) if rng.random() < 0.12 else rng.randint(60, 500), unit=unit)


def hand_over(script: Script) -> None:
    """Mostly well within the thirty minutes (R19); sometimes to the leader (R20), sometimes too late."""
    rng = script.rng
    if script.company.has_contact(script.unit) and rng.random() < 0.1:
        script.act("report_to_leader", after=rng.randint(8, 28))
        script.act("name_handler", after=rng.randint(5, 120))
    else:
        script.act("hand_off", after=rng.randint(32, 240) if rng.random() < 0.09 else rng.randint(1, 27))


def be_denied(script: Script) -> None:
    """A return that the centre doesn't accept, explicitly or by two hours of silence."""
    rng = script.rng
    other = script.company.wrong_units(script.unit, 1)[0]
    script.act("request_return", rng.randint(8, 25), right=other)
    if rng.random() < 0.7:
        script.act("rule_on_return", rng.randint(15, 110), accepted=False)
    else:
        script.wait(125)


def finish(script: Script) -> None:
    """The reply and the customer's verdict; if not satisfied, there is another round or it ends so (R37, A5)."""
    rng = script.rng
    if rng.random() < 0.015:
        give_up(script)
        return
    script.act("reply", after=rng.randint(5, 120))
    if rng.random() < 0.9:
        script.act("record_satisfaction", after=rng.randint(5, 1200))
        return
    script.act("record_satisfaction", rng.randint(5, 900), satisfied=False)
    if rng.random() < 0.65:
        right = script.company.right_unit(script.story.head, script.story.leaf, script.story.region)
        script.act("dispatch", rng.randint(10, 120), unit=script.unit or right, reason="again")
        work(script)
        script.act("reply", after=rng.randint(5, 120))
        script.act("record_satisfaction", rng.randint(5, 900), satisfied=rng.random() < 0.8)
    else:
        script.act("archive_unsatisfied", after=rng.randint(30, 900))


def give_up(script: Script) -> None:
    """Three attempts on two days, then archived as unreachable."""
    for after in (20, 240, 1500):
        script.act("record_attempt", after)
    script.act("archive_unreachable", 15)
