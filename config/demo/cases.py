"""Cases at every stage, the complaints they come from, plans and exports (texts/cases.yaml), as steps of a scenario."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from accountability.deadlines.limits import SHANGHAI, WorkingCalendar, YearUnpublished, day_of, is_weekend
from accountability.models import calendar_around
from config.demo import papers
from config.demo.organisation import Company
from config.demo.script import Acts, Facts, Script
from config.demo.texts import new_story, read

TEXTS = read("cases")
CASES, LEADS = TEXTS["cases"], TEXTS["leads"]

COMPLAINTS = sum(case.get("complaints", 1) for case in CASES) + len(LEADS)
"""How many of the demo's complaints belong to cases."""

CENTRE = "kf.supervisor"

File = Callable[[], tuple[str, bytes]]
"""Makes a file when it is handed in: its name and content."""


class Office:
    """Instants by working days before now, so that limits in working days end where a script means them to."""

    def __init__(self, now: datetime, back: int = 60) -> None:
        self.now = now
        calendar, day = calendar_around(now), day_of(now)
        self.days: list[date] = []
        while len(self.days) < back:
            day -= timedelta(days=1)
            if is_worked(day, calendar):
                self.days.append(day)

    def at(self, when: str | int) -> datetime:
        """`3 09:30`: three working days ago at half past nine; `-50`: fifty minutes ago."""
        if isinstance(when, int):
            return self.now + timedelta(minutes=when)
        back, clock = when.split()
        return datetime.combine(self.days[int(back) - 1], time.fromisoformat(clock), SHANGHAI)


def is_worked(day: date, calendar: WorkingCalendar) -> bool:
    """Where the year's calendar isn't published, every weekday counts as worked: nothing is judged by that year."""
    try:
        return calendar.is_workday(day)
    except YearUnpublished:
        return not is_weekend(day)


class Dossier(Acts):
    """The acts of one case, plan or export, each at its own instant. `known` maps each `$name` in its facts, `told`
    fills its texts.
    """

    def __init__(self, company: Company, office: Office, kind: str, known: Facts, told: dict[str, str]) -> None:
        super().__init__(company, kind)
        self.office, self.known, self.told = office, known, told

    def play(self, acts: list[Any]) -> None:
        for when, name, *given in acts:
            self._act(self.office.at(when), name, given[0] if given else {})

    def _act(self, at: datetime, name: str, given: Facts) -> None:
        usual = TEXTS["acts"].get(name, {})
        facts = {field: self._fact(value, at, drawn=field not in given) for field, value in (usual | given).items()}
        by, verb, state = facts.pop("by"), facts.pop("do", name), facts.pop("state", "")
        self.add(at, by, verb, facts, state)

    def _fact(self, value: Any, at: datetime, *, drawn: bool) -> Any:
        if isinstance(value, str):
            return self._known(value[1:], at) if value.startswith("$") else self.say(value)
        if isinstance(value, list) and drawn:
            return self.say(self.rng.choice(value))
        if isinstance(value, dict):
            ((begins, days),) = value.items()
            return day_of(self.office.now if begins == "from_now" else at) + timedelta(days=days)
        return value

    def _known(self, name: str, at: datetime) -> Any:
        """People, numbers, texts and files of the case; a voucher of human resources of that day."""
        if name == "that_day":
            return day_of(at)
        if name == "voucher":
            return f"RL{day_of(at):%Y%m}-{self.rng.randint(100, 999)}"
        return self.known[name]

    def say(self, text: str) -> str:
        return text.format(**self.told)


def case_of(company: Company, office: Office, case: Facts, rests_on: list[Script]) -> Dossier:
    first, unit = rests_on[0], case["unit"]
    told = told_of(company, unit, first)
    known = {name: text.format(**told) for name, text in TEXTS["missteps"][case["misstep"]].items()}
    letter, announcement = (_letter(name, told) for name in ("statement", "announcement"))
    works = (_chart(unit), announcement) if case["misstep"] == "handoff" else ()
    known |= {
        "unit": unit, "contact": first.contact, "handler": first.handler, "leader": first.leader,
        "head": company.units[unit].head, "persons": [first.handler, first.leader],
        "complaints": [script.name for script in rests_on], "round": f"{first.name}#{first.rounds}",
        "letter": [letter], "proofs": [letter, _call_log(told), *works],
    }  # fmt: skip
    return Dossier(company, office, "case", known, told)


def told_of(company: Company, unit: str, complaint: Script) -> dict[str, str]:
    """The names and days that the texts of a case mention."""
    at = {step["do"]: step["at"] for step in complaint.steps}
    dispatched, handed, answered = at["dispatch"], at["hand_off"], at["answer"]
    people = {"contact": complaint.contact, "handler": complaint.handler, "leader": complaint.leader}
    return {
        **{name: company.people[username].name for name, username in people.items()},
        "unit": company.units[unit].name, "leaf": complaint.story.leaf, "dispatched": _spoken(dispatched),
        "handed": _spoken(handed), "answered": _spoken(answered),
        "minutes": str(int((handed - dispatched).total_seconds() / 60)),
        "hours": str(int((answered - dispatched).total_seconds() / 3600)),
    }  # fmt: skip


def _spoken(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


# Evidence: made only when it is handed in


def _letter(name: str, told: dict[str, str]) -> File:
    def make() -> tuple[str, bytes]:
        title, *lines = (line.format(**told) for line in TEXTS["papers"][name]["lines"])
        form, content = papers.letter(title, lines)
        return f"{TEXTS['papers'][name]['file']}.{form}", content

    return make


def _call_log(told: dict[str, str]) -> File:
    lines = [line.format(**told) for line in TEXTS["papers"]["call_log"]["lines"]]
    return lambda: (TEXTS["papers"]["call_log"]["file"], papers.text_file(lines))


def _chart(unit: str) -> File:
    """A chart of the failure that is claimed to have kept the contact from handing over in the system."""
    rng = Random(unit)  # nosec B311
    by_hour = [rng.randint(8, 30) if 8 < hour < 12 else rng.randint(88, 100) for hour in range(24)]
    return lambda: ("系统登录成功率.png", papers.chart(by_hour))


# All cases


def cases(company: Company, now: datetime) -> list[Acts]:
    """The complaints and the cases that come from them, in the order in which they begin."""
    office = Office(now)
    scripts: list[Acts] = [_lead(company, office, lead) for lead in LEADS]
    for told in CASES:
        rests_on = _complaints(company, office, told)
        case = case_of(company, office, told, rests_on)
        case.play(told["acts"])
        scripts += [*rests_on, case]
        if "plan" in told:
            plan = Dossier(company, office, "plan", case.known | {"case": case.name}, case.told)
            plan.play(told["plan"])
            scripts.append(plan)
    return sorted(scripts, key=lambda script: script.steps[0]["at"])


def exports(company: Company, now: datetime) -> list[Acts]:
    """In the order in which they begin. The worker makes the approved files as soon as the demo runs."""
    made = list[Acts]()
    for acts in TEXTS["exports"]:
        export = Dossier(company, Office(now, back=0), "export", {}, {})
        export.play(acts)
        made.append(export)
    return made


def _complaints(company: Company, office: Office, told: Facts) -> list[Script]:
    """The complaints of one case, all with the same handler."""
    unit, handler = told["unit"], told.get("handler") or company.handler(told["unit"])
    starts = [office.at(f"{told['back']} {9 + 2 * place:02d}:12") for place in range(told.get("complaints", 1))]
    by_contact = told["misstep"] == "handoff"
    return [
        late_complaint(company, unit, start, tuple(told["category"]), by_contact=by_contact, handler=handler)
        for start in starts
    ]


def _lead(company: Company, office: Office, lead: Facts) -> Script:
    """A lead on the centre's list; or set aside by the supervisor, and restored."""
    start = office.at(f"{lead['back']} 10:25")
    script = late_complaint(company, lead["unit"], start, tuple(lead["category"]), by_contact=True)
    facts, script.at_any_hour = {"leads": ["handoff#1"]}, False
    if lead.get("set_aside"):
        reason = script.rng.choice(TEXTS["leads_set_aside"])
        script.do(CENTRE, "set_aside_lead", 200, by_day=True, **facts, reason=reason)
    if lead.get("restored"):
        script.do(CENTRE, "restore_lead", 1300, by_day=True, **facts, reason=TEXTS["lead_restored"])
    return script


def late_complaint(
    company: Company, unit: str, start: datetime, category: tuple[str, str], *, by_contact: bool, handler: str = ""
) -> Script:  # fmt: skip
    """The complaint behind a case: handed over too late, or answered too late; then it is processed up to the
    archive.
    """
    rng = company.rng
    script = Script(company, new_story(rng, company.region_of(unit), start, category), start, at_any_hour=True)
    script.agent = "kf.agent"
    script.act("register")
    script.act("dispatch", rng.randint(4, 12), unit=unit, handler=handler)
    script.contact = f"{unit.lower()}.contact"
    script.act("hand_off", rng.randint(64, 190) if by_contact else rng.randint(8, 25))
    script.act("accept", rng.randint(20, 60))
    if not by_contact:
        script.act("chase", rng.randint(1100, 1300), round=script.rounds)
    script.act("propose_solution", rng.randint(300, 500) if by_contact else rng.randint(1400, 1700))
    script.act("answer", rng.randint(20, 80))
    script.act("judge_complete", rng.randint(20, 60))
    script.act("reply", rng.randint(15, 50))
    script.act("record_satisfaction", rng.randint(30, 400))
    return script
