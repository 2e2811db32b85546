"""What lies on the desks when the demo opens: for each person of the standing cast something to do, at every stage.

A stage ends so many minutes before `now`; what leads up to it is moved accordingly, so it looks the same at any hour.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from config.demo import asides
from config.demo.cast import Cast
from config.demo.script import Script
from config.demo.texts import new_story, office


class Stage(NamedTuple):
    """How far a complaint has come, how many minutes ago, in which unit; by whom, where it matters."""

    reach: Callable[[Script, "Stage"], None]
    ago: float
    unit: str
    handler: str = ""
    forwarder: str = ""
    priority: str = "P3"
    tier: str = "none"
    others: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def stages(cast: Cast, now: datetime) -> list[Script]:
    """All of them, in the order in which they begin."""
    return sorted((_script(cast, stage, now) for stage in STAGES), key=lambda script: script.steps[0].at)


BURST, AT_LEAST = 24, 300
"""So many complaints of one place within the hour, in a demo of at least so many: a mass event to be confirmed."""


def burst(cast: Cast, now: datetime) -> list[Script]:
    """The network is down somewhere, and the hotline hears of it again and again."""
    return [_called(cast, now - timedelta(minutes=56 - 2 * place)) for place in range(BURST)]


def _called(cast: Cast, at: datetime) -> Script:
    script = Script(cast, new_story(cast.rng, "荆州", at, ("网络质量", "大面积中断")), at, at_any_hour=True)
    script.agent, script.priority = cast.agent(), "P2"
    script.register()
    return script


def _script(cast: Cast, stage: Stage, now: datetime) -> Script:
    places = cast.units[stage.unit].regions
    story = new_story(cast.rng, places[0] if places else cast.region(), now, cast.category_of(stage.unit))
    script = Script(cast, story, now, at_any_hour=True)
    script.agent, script.priority, script.tier = "kf.agent", stage.priority, stage.tier
    script.forwarder, script.channel = stage.forwarder, "forward" if stage.forwarder else "call"
    script.flags = list(stage.flags)
    stage.reach(script, stage)
    return script.ending(now - timedelta(minutes=stage.ago))


def forwarded(script: Script, stage: Stage) -> None:
    script.forward()


def registered(script: Script, stage: Stage) -> None:
    if stage.forwarder:
        script.forward()
    script.register(after=6)


def direct(script: Script, stage: Stage) -> None:
    registered(script, stage)
    script.handle_directly(after=8)


def delivered(script: Script, stage: Stage) -> None:
    registered(script, stage)
    script.dispatch(stage.unit, after=5, handler=stage.handler)


def handed_off(script: Script, stage: Stage) -> None:
    delivered(script, stage)
    script.hand_off(after=12)


def reported(script: Script, stage: Stage) -> None:
    delivered(script, stage)
    script.report_to_leader(after=17)


def accepted(script: Script, stage: Stage) -> None:
    handed_off(script, stage)
    script.accept(after=20)


def solved(script: Script, stage: Stage) -> None:
    accepted(script, stage)
    script.contact_customer(after=45)
    script.propose_solution(after=90)


def return_requested(script: Script, stage: Stage) -> None:
    handed_off(script, stage)
    script.request_return(15, script.cast.wrong_units(stage.unit, 1)[0], by_handler=True)


def returned(script: Script, stage: Stage) -> None:
    return_requested(script, stage)
    script.rule_on_return(after=25, accepted=True)


def answered(script: Script, stage: Stage) -> None:
    solved(script, stage)
    script.answer(after=60)


def reopened(script: Script, stage: Stage) -> None:
    answered(script, stage)
    script.judge_complete(30, complete=False)


def completed(script: Script, stage: Stage) -> None:
    answered(script, stage)
    script.judge_complete(after=35)


def replied(script: Script, stage: Stage) -> None:
    completed(script, stage)
    script.reply(after=25)


def unsatisfied(script: Script, stage: Stage) -> None:
    replied(script, stage)
    script.record_satisfaction(40, satisfied=False)


def sent_again(script: Script, stage: Stage) -> None:
    unsatisfied(script, stage)
    script.dispatch(stage.unit, 30, office.SECOND_DISPATCH, handler=stage.handler)


def archived_unsatisfied(script: Script, stage: Stage) -> None:
    unsatisfied(script, stage)
    script.archive_unsatisfied(after=50)


# Beside the straight way


def under_review(script: Script, stage: Stage) -> None:
    solved(script, stage)
    script.submit_for_review(after=45)


def review_sent_back(script: Script, stage: Stage) -> None:
    under_review(script, stage)
    script.send_back_answer(after=25)


def material_asked(script: Script, stage: Stage) -> None:
    completed(script, stage)
    script.ask_material(after=15)


def convened_by_marketing(script: Script, stage: Stage) -> None:
    accepted(script, stage)
    asides.convene(script, list(stage.others), after=40, by=MARKETING)


def recorded_by_marketing(script: Script, stage: Stage) -> None:
    convened_by_marketing(script, stage)
    asides.record_tasks(script, list(stage.others), after=35, by=MARKETING)


def convened(script: Script, stage: Stage) -> None:
    accepted(script, stage)
    asides.convene(script, list(stage.others), after=40)


def recorded(script: Script, stage: Stage) -> None:
    convened(script, stage)
    asides.record_tasks(script, list(stage.others), after=35)


def confirmed(script: Script, stage: Stage) -> None:
    recorded(script, stage)
    for unit in stage.others:
        asides.confirm_task(script, unit, after=20)


def concluded(script: Script, stage: Stage) -> None:
    confirmed(script, stage)
    asides.conclude(script, after=15)


def extension_asked(script: Script, stage: Stage) -> None:
    accepted(script, stage)
    asides.ask_for_more_time(script, 600, asides.a_day_more(script))


def told_by_phone(script: Script, stage: Stage) -> None:
    delivered(script, stage)
    asides.tell_by_phone(script, after=9)


def recalled(script: Script, stage: Stage) -> None:
    delivered(script, stage)
    asides.recall(script, after=6)


def taken_over(script: Script, stage: Stage) -> None:
    accepted(script, stage)
    asides.take_over(script, after=200)


def hard_to_reach(script: Script, stage: Stage) -> None:
    completed(script, stage)
    for after in (20, 300):
        asides.try_to_reach(script, after)


HOUR, MARKETING = 60, "sc.officer"
STAGES = (
    Stage(forwarded, 6, "YC", forwarder="yc.chen"),
    Stage(forwarded, 38, "WH", forwarder="wh.li", tier="vip"),
    Stage(forwarded, 4 * HOUR, "YC", forwarder="wl.zhao"),
    Stage(registered, 3, "WH"),
    Stage(registered, 21, "YC", priority="P2"),
    Stage(registered, 75, "WL", forwarder="yc.chen"),
    Stage(direct, 12, "WH"),
    Stage(direct, 95, "DQ"),
    Stage(delivered, 2, "WH"),
    Stage(delivered, 11, "WH", priority="P1"),
    Stage(delivered, 23, "WH"),
    Stage(delivered, 48, "WH"),
    Stage(delivered, 7, "YC"),
    Stage(delivered, 19, "YC", tier="vip"),
    Stage(delivered, 64, "YC"),
    Stage(delivered, 5, "WL"),
    Stage(delivered, 27, "WL"),
    Stage(delivered, 14, "ZD"),
    Stage(delivered, 40, "ZD"),
    Stage(delivered, 9, "XY"),
    Stage(handed_off, 9, "WH", "wh.zhang"),
    Stage(handed_off, 130, "WH", "wh.zhang"),
    Stage(handed_off, 33, "WH", "wh.li"),
    Stage(handed_off, 25, "YC", "yc.chen"),
    Stage(handed_off, 50, "WL", "wl.zhao"),
    Stage(handed_off, 70, "ZD", "zd.zhou"),
    Stage(reported, 12, "WH", "wh.zhang"),
    Stage(reported, 80, "WH", "wh.li"),
    Stage(reported, 22, "YC", "yc.chen"),
    Stage(reported, 35, "WL", "wl.zhao"),
    Stage(accepted, 3 * HOUR, "WH", "wh.zhang"),
    Stage(accepted, 20 * HOUR, "WH", "wh.zhang", priority="P2"),
    Stage(accepted, 35 * HOUR, "WH", "wh.zhang"),
    Stage(accepted, 44 * HOUR, "WH", "wh.zhang"),
    Stage(accepted, 26 * HOUR, "WH", "wh.li"),
    Stage(accepted, 5 * HOUR, "YC", "yc.chen"),
    Stage(accepted, 30 * HOUR, "YC", "yc.chen"),
    Stage(accepted, 41 * HOUR, "YC", "yc.chen"),
    Stage(accepted, 4 * HOUR, "WL", "wl.zhao"),
    Stage(accepted, 50 * HOUR, "WL", "wl.zhao"),
    Stage(accepted, 33 * HOUR, "ZD", "zd.zhou"),
    Stage(solved, 2 * HOUR, "WH", "wh.zhang"),
    Stage(solved, 5 * HOUR, "YC", "yc.chen"),
    Stage(return_requested, 15, "YC", "yc.chen"),
    Stage(return_requested, 35, "WH", "wh.zhang"),
    Stage(return_requested, 100, "WL", "wl.zhao"),
    Stage(returned, 18, "WH", "wh.li"),
    Stage(answered, 10, "WH", "wh.zhang"),
    Stage(answered, 55, "YC", "yc.chen"),
    Stage(answered, 5 * HOUR, "WL", "wl.zhao"),
    Stage(reopened, 40, "WH", "wh.zhang"),
    Stage(completed, 15, "WH", "wh.zhang"),
    Stage(completed, 70, "YC", "yc.chen"),
    Stage(completed, 30, "WH", "wh.li", forwarder="yc.chen", tier="vip"),
    Stage(completed, 3 * HOUR, "YC", forwarder="wh.zhang", tier="vip"),
    Stage(replied, 20, "WH", "wh.zhang"),
    Stage(replied, 3 * HOUR, "YC"),
    Stage(replied, 26 * HOUR, "ZD", "zd.zhou"),
    Stage(unsatisfied, 25, "WH", "wh.zhang"),
    Stage(unsatisfied, 6 * HOUR, "YC"),
    Stage(sent_again, 13, "WH", "wh.zhang"),
    Stage(archived_unsatisfied, 9 * HOUR, "WH", "wh.li"),
    Stage(convened, 25, "WH", "wh.zhang", others=("WL", "YC")),
    Stage(recorded, 35, "WH", "wh.zhang", others=("WL",)),
    Stage(recorded, 3 * HOUR, "YC", "yc.chen", others=("WH", "WL")),
    Stage(confirmed, 50, "WL", "wl.zhao", others=("WH",)),
    Stage(concluded, 90, "WH", "wh.zhang", others=("WL", "YC")),
    Stage(concluded, 20 * HOUR, "YC", "yc.chen", others=("WH",)),
    Stage(extension_asked, 30, "WH", "wh.zhang"),
    Stage(extension_asked, 90, "YC", "yc.chen"),
    Stage(told_by_phone, 6, "WH", "wh.zhang"),
    Stage(told_by_phone, 40, "YC", "yc.chen"),
    Stage(recalled, 8, "WH", "wh.li"),
    Stage(taken_over, 2 * HOUR, "WH", "wh.li"),
    Stage(hard_to_reach, 45, "WH", "wh.zhang"),
    Stage(under_review, 25, "WH", "wh.zhang"),
    Stage(under_review, 3 * HOUR, "YC", "yc.chen", priority="P2"),
    Stage(review_sent_back, 20, "WH", "wh.li"),
    Stage(material_asked, 50, "WH", "wh.zhang", forwarder="yc.chen", tier="vip"),
    Stage(material_asked, 5 * HOUR, "YC", "yc.chen"),
    Stage(accepted, 2 * HOUR, "WH", "wh.zhang", priority="P2", flags=("cross_province", "third_party")),
    Stage(convened_by_marketing, 30, "YC", "yc.chen", flags=("major",), others=("WL", "WH")),
    Stage(recorded_by_marketing, HOUR, "WH", "wh.zhang", priority="P1", others=("WL",)),
)
"""Handling is due 36 hours after delivery (P3): what was accepted 35 hours ago runs out within the hour."""
