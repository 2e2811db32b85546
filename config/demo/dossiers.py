"""One case's script: the complaints it rests on, and who does what with it on which working day."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from accountability.deadlines.limits import SHANGHAI, WorkingCalendar, YearUnpublished, day_of, is_weekend
from accountability.files.attachments import take
from accountability.models import Employee, calendar_around
from assessment.models import Case
from config.demo import papers
from config.demo.cast import Cast
from config.demo.script import Acts, Script, Step
from config.demo.texts import new_story, violations
from config.demo.texts.violations import Misstep

MARKETING, LEADER, CENTRE = "sc.officer", "sc.leader", "kf.supervisor"


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

    def at(self, when: str) -> datetime:
        """`3 09:30`: three working days ago at half past nine; `-50`: fifty minutes ago."""
        if when.startswith("-"):
            return self.now + timedelta(minutes=int(when))
        back, clock = when.split()
        return datetime.combine(self.days[int(back) - 1], time.fromisoformat(clock), SHANGHAI)


def is_worked(day: date, calendar: WorkingCalendar) -> bool:
    """Where the year's calendar isn't published, as if there were no holidays: nothing is judged by it."""
    try:
        return calendar.is_workday(day)
    except YearUnpublished:
        return not is_weekend(day)


class CaseScript(Acts):
    """The acts of one case in their order, each at its own instant; the methods are the verbs.

    Texts tell what its first complaint went through.
    """

    model = Case

    def __init__(self, cast: Cast, office: Office, unit: str, misstep: Misstep, rests_on: Sequence[Script]) -> None:
        super().__init__()
        self.cast, self.office, self.unit, self.misstep, self.rests_on = cast, office, unit, misstep, rests_on
        self.rng: Random = cast.rng
        self.first = rests_on[0]
        self.contact, self.head = self.first.contact, cast.units[unit].head
        self.handler, self.leader = self.first.handler, cast.leader_of(self.first.handler)
        self.told = told_of(cast, unit, self.first)

    def do(self, when: str, by: str, verb: str, *, state: str = "", **facts: Any) -> None:
        self.steps.append(Step(self.office.at(when), by, verb, facts, state))

    def say(self, text: str) -> str:
        return text.format(**self.told)

    def draw(self, texts: tuple[str, ...]) -> str:
        return self.say(self.rng.choice(texts))

    def _numbers(self, by: Employee, at: datetime) -> list[str]:
        return [script.number for script in self.rests_on]

    def _round(self, by: Employee, at: datetime) -> str:
        return f"{self.first.number}#{self.first.rounds}"

    # How it begins

    def issue_sheet(self, when: str, by: str = CENTRE) -> None:
        evidence = "\n".join(map(self.say, self.misstep.evidence))
        self.do(
            when, by, "issue_sheet", unit=self.unit, complaints=self._numbers, person=self.handler,
            description=self.say(self.misstep.description), evidence=evidence,
        )  # fmt: skip

    def open_case(self, when: str, source: str, *, by: str = MARKETING, linked: bool = True) -> None:
        facts: dict[str, Any] = {"complaints": self._numbers} if linked else {}
        said = self.draw(violations.FROM_ABOVE)
        self.do(when, by, "open_case", unit=self.unit, source=source, description=said, **facts)

    def open_fault(self, when: str, by: str = CENTRE) -> None:
        self.do(when, by, "open_fault", round=self._round, description=self.draw(violations.FAULTS))

    def notify(self, when: str, by: str = MARKETING) -> None:
        self.do(when, by, "notify_unit", check=self.say(self.misstep.check))

    def decline(self, when: str) -> None:
        said = self.draw(violations.DECLINES)
        self.do(when, MARKETING, "decline_case", reason=said, approved_by=LEADER)

    def approve(self, when: str) -> None:
        self.do(when, LEADER, "approve")

    # The unit

    def admit(self, when: str, *, signer: str = "", state: str = "") -> None:
        self.do(
            when, self.contact, "file_report", conclusion="admitted", facts=self.say(self.misstep.admits),
            persons=[self.handler, self.leader], signer=signer or self.head, state=state,
            evidence=self._papers(self._statement),
        )  # fmt: skip

    def dispute(self, when: str, *, signer: str = "") -> None:
        self.do(
            when, self.contact, "file_report", conclusion="disputed", facts=self.say(self.misstep.explains),
            statement=self.say(self.misstep.statement), signer=signer or self.head,
            evidence=self._papers(self._statement, self._call_log, *self._of_the_works()),
        )  # fmt: skip

    def sign_report(self, when: str, *, state: str = "") -> None:
        self.do(when, self.head, "sign_report", state=state)

    def file_opinion(self, when: str) -> None:
        self.do(when, self.head, "file_opinion", opinion=self.draw(violations.OPINIONS))

    # Its evidence

    def _papers(self, *kinds: Callable[[], tuple[str, bytes]]) -> Callable[[Employee, datetime], list[str]]:
        """Handed in by whoever files the report, just then."""
        return lambda by, at: [take(*kind(), by=by, at=at, kind="evidence").token for kind in kinds]

    def _statement(self) -> tuple[str, bytes]:
        title, *lines = map(self.say, violations.STATEMENT_PAPER)
        form, content = papers.letter(title, lines)
        return f"情况说明.{form}", content

    def _of_the_works(self) -> tuple[Callable[[], tuple[str, bytes]], ...]:
        """What is claimed to have kept the contact from handing over in the system."""
        return (self._chart, self._announcement) if self.misstep is violations.HANDOFF else ()

    def _announcement(self) -> tuple[str, bytes]:
        title, *lines = violations.NOTICE_OF_WORKS
        form, content = papers.letter(title, lines)
        return f"单点登录平台升级公告.{form}", content

    def _call_log(self) -> tuple[str, bytes]:
        return "通话详单.txt", papers.text_file([self.say(line) for line in violations.CALL_LOG])

    def _chart(self) -> tuple[str, bytes]:
        rng = Random(self.unit)  # nosec B311
        by_hour = [rng.randint(8, 30) if 8 < hour < 12 else rng.randint(88, 100) for hour in range(24)]
        return "系统登录成功率.png", papers.chart(by_hour)

    # Those who judge

    def panel(self, when: str, members: list[str], *, days: int = 3, by: str = MARKETING) -> None:
        day = day_of(self.office.at(when)) + timedelta(days=days)
        self.do(when, by, "appoint_panel", members=members, due=day)

    def replace(self, when: str, member: str, successor: str, *, by: str = MARKETING) -> None:
        self.do(when, by, "replace_member", member=member, successor=successor, reason=violations.AWAY)

    def speak(self, when: str, member: str, *, violated: bool) -> None:
        self.do(when, member, "give_opinion", opinion=_found(violated), grounds=self.draw(violations.GROUNDS))

    def record(self, when: str, *, violated: bool, by: str = MARKETING) -> None:
        said = self.say(self.misstep.condemned if violated else self.misstep.cleared)
        self.do(when, by, "record_panel", conclusion=_found(violated), reasons=said)

    def decide_fault(self, when: str, *, violated: bool) -> None:
        said = violations.DECISION
        self.do(when, MARKETING, "decide_fault", conclusion=_found(violated), reasons=said)

    def penalise(self, when: str, ground: str, months: int = 1, *, by: str = "") -> None:
        """By the unit's head; of the head by the marketing department."""
        person = {"handler": self.handler, "leader": self.leader, "unit_head": self.head, "contact": self.contact}
        self.do(
            when, by or (MARKETING if person[ground] == self.head else self.head), "penalise", person=person[ground],
            ground=ground, months=months, reason=violations.REASONS[ground],
        )  # fmt: skip

    def slip(self, when: str, person: str, *, by: str = "") -> None:
        """The voucher of human resources, a day later."""
        day = day_of(self.office.at(when))
        self.do(
            when, by or self.contact, "file_slip", person=person, executed_on=day,
            voucher=f"RL{day:%Y%m}-{self.rng.randint(100, 999)}",
        )  # fmt: skip

    def circular(self, when: str) -> None:
        self.do(when, MARKETING, "issue_circular", signed_by=LEADER)

    def return_circular(self, when: str) -> None:
        self.do(when, LEADER, "return_circular", remarks=violations.CIRCULAR_REMARKS)

    def sign_circular(self, when: str) -> None:
        self.do(when, LEADER, "sign_circular")

    def close(self, when: str) -> None:
        self.do(when, MARKETING, "close_case")

    def annul(self, when: str) -> None:
        self.do(when, MARKETING, "annul_case", reason=violations.ANNULMENT, approved_by=LEADER)

    def withdraw(self, when: str) -> None:
        self.do(when, MARKETING, "withdraw_circular", reason=violations.WITHDRAWAL, signed_by=LEADER)


def _found(violated: bool) -> str:
    return "violated" if violated else "not_violated"


def told_of(cast: Cast, unit: str, complaint: Script) -> dict[str, str]:
    """What the texts of a case tell: of whom and of when."""
    at = {step.verb: step.at for step in complaint.steps}
    dispatched, handed, answered = at["dispatch"], at["hand_off"], at["answer"]
    people = {"contact": complaint.contact, "handler": complaint.handler}
    people["leader"] = cast.leader_of(complaint.handler)
    return {
        **{name: cast.people[username].name for name, username in people.items()},
        "unit": cast.units[unit].name, "leaf": complaint.story.leaf, "dispatched": _spoken(dispatched),
        "handed": _spoken(handed), "answered": _spoken(answered),
        "minutes": str(int((handed - dispatched).total_seconds() / 60)),
        "hours": str(int((answered - dispatched).total_seconds() / 3600)),
    }  # fmt: skip


def _spoken(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


def late_complaint(
    cast: Cast, unit: str, start: datetime, category: tuple[str, str], *, by_contact: bool, handler: str = ""
) -> Script:  # fmt: skip
    """What a case rests on: handed over too late, or answered too late; then it goes its way to the archive."""
    rng, places = cast.rng, cast.units[unit].regions
    story = new_story(rng, places[0] if places else cast.region(), start, category)
    script = Script(cast, story, start, at_any_hour=True)
    script.agent = "kf.agent"
    script.register()
    script.dispatch(unit, rng.randint(4, 12), handler=handler)
    script.contact = f"{unit.lower()}.contact"
    script.hand_off(after=rng.randint(64, 190) if by_contact else rng.randint(8, 25))
    script.accept(after=rng.randint(20, 60))
    if not by_contact:
        script.chase(after=rng.randint(1100, 1300))
    script.propose_solution(after=rng.randint(300, 500) if by_contact else rng.randint(1400, 1700))
    script.answer(after=rng.randint(20, 80))
    script.judge_complete(after=rng.randint(20, 60))
    script.reply(after=rng.randint(15, 50))
    script.record_satisfaction(after=rng.randint(30, 400))
    return script
