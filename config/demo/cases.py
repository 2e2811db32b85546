"""Cases at every stage, so that every state, list and desk of the second half has something.

How each stands when the demo opens; working days are counted back from then.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from config.demo import plans
from config.demo.cast import Cast
from config.demo.dossiers import CENTRE, LEADER, CaseScript, Office, late_complaint
from config.demo.script import Acts, Script
from config.demo.texts import violations
from config.demo.texts.violations import CONDUCT, HANDLING, HANDOFF, Misstep

HALL = ("服务态度与服务规范", "营业厅服务")
DELAY = ("服务态度与服务规范", "推诿拖延")
PROMISE = ("服务态度与服务规范", "承诺未履行")
BUSINESS = ("业务办理", "套餐变更")
MOVE = ("业务办理", "宽带装移拆")


def sheet_just_issued(case: CaseScript) -> None:
    case.issue_sheet("-50", by="kf.agent")


def opened(case: CaseScript) -> None:
    case.open_case("1 10:20", "superior")


def notified(case: CaseScript) -> None:
    """Its report clock is running: three working days are left."""
    case.issue_sheet("3 15:40")
    case.notify("2 10:15")


def report_waits_for_its_signer(case: CaseScript) -> None:
    case.issue_sheet("5 09:50")
    case.notify("4 14:30")
    case.dispute("1 16:20")


def panel_to_be_called(case: CaseScript) -> None:
    case.open_case("11 09:40", "important_customer", by="sc.officer2", linked=False)
    case.notify("10 11:05", by="sc.officer2")
    case.dispute("6 15:30")
    case.sign_report("5 17:20")


def one_member_silent(case: CaseScript) -> None:
    """Two of three have spoken; the third, of another department, is late and has been chased."""
    case.issue_sheet("14 10:30")
    case.notify("13 09:20")
    case.dispute("9 16:45")
    case.sign_report("8 17:30")
    case.panel("5 15:00", [LEADER, "fl.head", "wl.leader"], days=2)
    case.speak("5 16:10", LEADER, violated=True)
    case.speak("4 09:30", "fl.head", violated=True)


def to_be_declined(case: CaseScript) -> None:
    case.issue_sheet("1 17:10")
    case.decline("-170")


def admitted(case: CaseScript) -> None:
    """The handler's penalty is recorded; leader and head are still owed."""
    case.issue_sheet("11 09:10")
    case.notify("10 10:40")
    case.admit("6 15:00")
    case.sign_report("5 16:30")
    case.penalise("2 11:20", "handler", 1)


def deemed(case: CaseScript) -> None:
    """No report in five working days: a circular is drafted by itself; the late report is kept and changes nothing."""
    case.issue_sheet("11 14:10")
    case.notify("9 10:00")
    case.admit("2 11:10", state="deemed_violation")
    case.sign_report("1 15:25", state="deemed_violation")


def circular_waits(case: CaseScript) -> None:
    case.issue_sheet("22 09:30")
    case.notify("21 10:10")
    case.dispute("18 14:20")
    case.sign_report("17 17:00")
    case.panel("13 14:30", [LEADER, "zh.head", "rl.head"])
    case.speak("13 16:00", "zh.head", violated=True)
    case.speak("12 09:15", "rl.head", violated=False)
    case.speak("12 10:30", LEADER, violated=True)
    case.record("12 14:10", violated=True)
    case.penalise("8 09:40", "contact", 2)
    case.penalise("7 15:10", "unit_head", 1)
    case.circular("1 16:30")


def circular_sent_back(case: CaseScript) -> None:
    """The leader wants the facts told more exactly before signing."""
    case.issue_sheet("19 10:10")
    case.notify("18 09:30")
    case.admit("15 14:40")
    case.sign_report("14 16:20")
    case.penalise("10 10:10", "handler", 1)
    case.penalise("10 10:25", "leader", 1)
    case.penalise("9 15:00", "unit_head", 1)
    case.circular("3 10:40")
    case.return_circular("2 15:30")


def closed_with_a_slip_missing(case: CaseScript) -> None:
    """Two of three penalties are proved; the third slip is overdue and has been chased."""
    case.issue_sheet("33 10:05")
    case.notify("32 09:40")
    case.admit("30 15:50")
    case.sign_report("29 16:40")
    case.penalise("27 10:00", "handler", 2)
    case.penalise("27 10:20", "leader", 1)
    case.penalise("26 11:30", "unit_head", 1)
    case.circular("25 09:00")
    case.sign_circular("24 10:45")
    case.slip("21 14:00", case.handler)
    case.slip("20 15:15", case.head)
    case.close("19 16:20")


def cleared(case: CaseScript) -> None:
    case.issue_sheet("28 11:00")
    case.notify("27 14:20")
    case.dispute("24 10:30")
    case.sign_report("23 11:40")
    case.panel("18 15:00", [LEADER, "zh.head", "cw.head"])
    case.speak("18 16:30", "cw.head", violated=False)
    case.replace("18 17:10", "zh.head", "fl.head")
    case.speak("17 09:10", "fl.head", violated=False)
    case.speak("17 09:50", LEADER, violated=False)
    case.record("17 11:20", violated=False)
    case.close("16 14:00")


def cleared_today(case: CaseScript) -> None:
    """The panel has just been recorded; it waits to be closed."""
    case.open_case("17 09:30", "leader", by="sc.officer2")
    case.notify("16 10:20", by="sc.officer2")
    case.dispute("12 16:00")
    case.sign_report("11 16:50")
    case.panel("4 14:30", [LEADER, "zh.head"], days=20, by="sc.officer2")
    case.speak("3 10:00", "zh.head", violated=False)
    case.speak("-130", LEADER, violated=False)
    case.record("-110", violated=False, by="sc.officer2")


def declined(case: CaseScript) -> None:
    case.issue_sheet("20 15:20")
    case.decline("19 10:30")
    case.approve("19 16:00")


def fault_opened(case: CaseScript) -> None:
    case.open_fault("1 11:20")


def opinion_filed(case: CaseScript) -> None:
    case.open_fault("8 09:45")
    case.file_opinion("3 15:35")


def fault_decided(case: CaseScript) -> None:
    case.open_fault("26 10:10")
    case.file_opinion("22 11:00")
    case.decide_fault("18 15:20", violated=True)
    case.penalise("15 09:30", "contact", 1)
    case.circular("14 10:00")
    case.sign_circular("13 09:20")
    case.slip("9 16:10", case.contact, by=case.head)
    case.close("8 14:45")


def annulled(case: CaseScript) -> None:
    """Found wrong when it was all over; another circular withdrew the first."""
    case.issue_sheet("34 09:20")
    case.notify("33 10:30")
    case.admit("31 14:10")
    case.sign_report("30 15:00")
    case.penalise("28 09:50", "handler", 1)
    case.penalise("28 10:05", "leader", 1)
    case.penalise("27 16:15", "unit_head", 1)
    case.circular("26 14:40")
    case.sign_circular("25 10:00")
    case.close("24 11:15")
    case.annul("9 10:40")
    case.approve("8 09:30")
    case.withdraw("7 15:00")
    case.sign_circular("6 10:20")


class Told(NamedTuple):
    """How far a case of the unit has come, and what it rests on: complaints that came in so many working days ago."""

    reach: Callable[[CaseScript], None]
    unit: str
    misstep: Misstep
    category: tuple[str, str]
    back: int
    handler: str = ""
    complaints: int = 1


CASES = (
    Told(sheet_just_issued, "HG", HANDLING, DELAY, 5, complaints=2),
    Told(opened, "WL", HANDLING, ("网络质量", "掉话"), 7, "wl.zhao"),
    Told(notified, "WH", HANDOFF, BUSINESS, 7, "wh.zhang"),
    Told(report_waits_for_its_signer, "YC", HANDOFF, MOVE, 9, "yc.chen"),
    Told(panel_to_be_called, "JM", HANDLING, PROMISE, 15),
    Told(one_member_silent, "XY", CONDUCT, HALL, 18),
    Told(to_be_declined, "SY", HANDOFF, BUSINESS, 5),
    Told(admitted, "JZ", CONDUCT, HALL, 15, complaints=2),
    Told(deemed, "XN", HANDLING, DELAY, 15),
    Told(circular_waits, "ES", HANDOFF, MOVE, 26),
    Told(circular_sent_back, "XG", HANDLING, PROMISE, 23),
    Told(closed_with_a_slip_missing, "HS", CONDUCT, DELAY, 37),
    Told(cleared, "SZ", HANDOFF, BUSINESS, 32),
    Told(cleared_today, "JH", HANDLING, PROMISE, 21),
    Told(declined, "DQ", HANDOFF, ("电子渠道", "APP"), 24),
    Told(fault_opened, "WH", HANDOFF, HALL, 5, "wh.li"),
    Told(opinion_filed, "ZQ", HANDOFF, ("政企与集团", "专线"), 12),
    Told(fault_decided, "WG", HANDOFF, ("网络质量", "大面积中断"), 30),
    Told(annulled, "EZ", HANDOFF, MOVE, 38),
)


PLANS = {closed_with_a_slip_missing: plans.running, fault_decided: plans.accepted}
"""What a unit had to mend, by the case that it came of."""


class Lead(NamedTuple):
    """A missed hand-over that no case took up, on the centre's list; or set aside by the supervisor, and restored."""

    unit: str
    category: tuple[str, str]
    back: int
    set_aside: bool = False
    restored: bool = False


LEADS = (
    Lead("WH", HALL, 3),
    Lead("YC", BUSINESS, 2),
    Lead("XG", DELAY, 4),
    Lead("XG", ("资费与收费争议", "退费"), 6),
    Lead("HS", MOVE, 6, set_aside=True),
    Lead("JZ", ("资费与收费争议", "账单不符"), 9, set_aside=True),
    Lead("SY", BUSINESS, 8, set_aside=True, restored=True),
)

COMPLAINTS = sum(told.complaints for told in CASES) + len(LEADS)
"""How many complaints the second half of the demo takes out of its number."""


def cases(cast: Cast, now: datetime) -> list[Acts]:
    """The complaints and the cases that rest on them, in the order in which they begin."""
    office = Office(now)
    scripts: list[Acts] = [_lead(cast, office, lead) for lead in LEADS]
    for told in CASES:
        rests_on = _complaints(cast, office, told)
        case = CaseScript(cast, office, told.unit, told.misstep, rests_on)
        told.reach(case)
        scripts += [*rests_on, case]
        if told.reach in PLANS:
            scripts.append(PLANS[told.reach](case, office))
    return sorted(scripts, key=lambda script: script.steps[0].at)


def _complaints(cast: Cast, office: Office, told: Told) -> list[Script]:
    """All of them in one handler's hands."""
    handler = told.handler or cast.handler(told.unit)
    starts = [office.at(f"{told.back} {9 + 2 * place:02d}:12") for place in range(told.complaints)]
    by_contact = told.misstep is HANDOFF
    return [
        late_complaint(cast, told.unit, start, told.category, by_contact=by_contact, handler=handler)
        for start in starts
    ]


def _lead(cast: Cast, office: Office, lead: Lead) -> Script:
    script = late_complaint(cast, lead.unit, office.at(f"{lead.back} 10:25"), lead.category, by_contact=True)
    facts, script.at_any_hour = {"leads": ["handoff#1"]}, False
    if lead.set_aside:
        reason = script.rng.choice(violations.SET_ASIDE)
        script.do(CENTRE, "set_aside_lead", 200, by_day=True, **facts, reason=reason)
    if lead.restored:
        script.do(CENTRE, "restore_lead", 1300, by_day=True, **facts, reason=violations.RESTORED)
    return script
