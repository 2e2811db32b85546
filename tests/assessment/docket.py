"""Cases for tests: everything is done by the real verbs, each act in the session of whoever does it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.gate.perform import Outcome, perform
from accountability.models import Attachment, Employee, Notification, actor_for
from accountability.monitoring import reminders
from accountability.permissions import Actor
from assessment.models import Case, Circular, Penalty
from complaints.models import Complaint
from config.replay.files import stand_in
from tests.factories import Play, instant_of
from tests.looking import refusal_of

SHEET_LINE = "接单后超过三十分钟仍未向首问责任人交办。"
"""A line of the sheet that nobody of the unit may ever read."""

USUAL: dict[str, dict[str, Any]] = {
    "issue_sheet": {"unit": "WH", "person": "wh.zhang", "description": SHEET_LINE, "evidence": ["派单与交办的记录。"]},
    "open_case": {"unit": "WH", "source": "leader", "description": "领导批示：答复客户前后不一。"},
    "open_fault": {"description": "接口人未说明原因，超时交办。"},
    "decline_case": {"reason": "查无此事。", "approved_by": "sc.leader"},
    "assign_case": {"to": "sc.officer2"},
    "file_opinion": {"opinion": "接口人当日值守，系统告警未响。"},
    "decide_fault": {"conclusion": "violated", "reasons": "告警记录完整。"},
    "appoint_panel": {"members": ["sc.leader", "kf.head"]},
    "replace_member": {"member": "kf.head", "successor": "yc.head", "reason": "外出学习。"},
    "remind_panel": {"member": "kf.head"},
    "record_panel": {"conclusion": "violated", "reasons": "录音与答复不符。"},
    "give_opinion": {"opinion": "violated"},
    "penalise": {"person": "wh.zhang", "ground": "handler", "months": 1, "reason": "首次，情节较轻。"},
    "penalise_all": {"penalties": [{"person": "wh.zhang", "months": 1, "reason": "首次，情节较轻。"}]},
    "file_slip": {"person": "wh.zhang", "voucher": "人〔2026〕88"},
    "file_refund": {"person": "wh.zhang", "voucher": "人〔2026〕91"},
    "issue_circular": {"signed_by": "sc.leader"},
    "return_circular": {"remarks": "请写明交办的时刻。"},
    "withdraw_circular": {"reason": "事实有误。", "signed_by": "sc.leader"},
    "annul_case": {"reason": "认定有误。", "approved_by": "sc.leader"},
    "disapprove": {"reason": "理由不足。"},
}
ADMITS: dict[str, Any] = {"conclusion": "admitted", "facts": "情况属实。", "persons": ["wh.zhang"], "signer": "wh.head"}
OBJECTS: dict[str, Any] = {
    "conclusion": "disputed", "facts": "已按时答复。", "statement": "录音为证。", "signer": "wh.head",
    "evidence": ["通话录音.txt"],
}  # fmt: skip
OWED = (("wh.zhang", "handler"), ("wh.leader", "leader"), ("wh.head", "unit_head"))

OWED_AS_FOUND = (("wh.contact", "contact"), ("wh.head", "unit_head"))
"""Where the unit admits nothing: by the late hand-over that the sheet took up (R22)."""
PANEL_DAYS = timedelta(days=7)
"""Until when a panel speaks, unless a test says otherwise."""

Step = tuple[str, str, dict[str, Any]]

PAID: tuple[Step, ...] = tuple(
    ("penalise", "sc.officer", {"person": person, "ground": ground}) for person, ground in OWED
)
PAID_AS_FOUND: tuple[Step, ...] = tuple(
    ("penalise", "sc.officer", {"person": person, "ground": ground}) for person, ground in OWED_AS_FOUND
)
SIGNED: tuple[Step, ...] = (("issue_circular", "sc.officer", {}), ("sign_circular", "sc.leader", {}))
SPOKEN: tuple[Step, ...] = (("give_opinion", "sc.leader", {}), ("give_opinion", "kf.head", {}))
CLEARS: dict[str, Any] = {"opinion": "not_violated"}

WAY: dict[str, tuple[Step, ...]] = {
    "sheet_issued": (("issue_sheet", "kf.agent", {}),),
    "opened": (("open_case", "sc.officer", {}),),
    "fault_opened": (("open_fault", "kf.agent", {}),),
}
WAY["opinion_filed"] = (*WAY["fault_opened"], ("file_opinion", "wh.head", {}))
WAY["contact at fault"] = (*WAY["opinion_filed"], ("decide_fault", "sc.officer", {}))
WAY["declining asked"] = (*WAY["sheet_issued"], ("decline_case", "sc.officer", {}))
WAY["declined"] = (*WAY["declining asked"], ("approve", "sc.leader", {}))
WAY["notified"] = (*WAY["sheet_issued"], ("notify_unit", "sc.officer", {}))
WAY["report waits"] = (*WAY["notified"], ("file_report", "wh.contact", ADMITS))
WAY["admitted"] = (*WAY["report waits"], ("sign_report", "wh.head", {}))
WAY["disputed"] = (*WAY["notified"], ("file_report", "wh.head", OBJECTS))
WAY["panel sits"] = (*WAY["disputed"], ("appoint_panel", "sc.officer", {}))
WAY["panel has spoken"] = (*WAY["panel sits"], *SPOKEN)
WAY["violation"] = (*WAY["panel has spoken"], ("record_panel", "sc.officer", {}))
WAY["no_violation"] = (
    *WAY["panel sits"],
    *(("give_opinion", member, CLEARS) for member in ("sc.leader", "kf.head")),
    ("record_panel", "sc.officer", {"conclusion": "not_violated"}),
)
WAY["cleared and closed"] = (*WAY["no_violation"], ("close_case", "sc.officer", {}))
WAY["penalised"] = (*WAY["admitted"], *PAID)
WAY["circular laid before"] = (*WAY["penalised"], SIGNED[0])
WAY["circular returned"] = (*WAY["circular laid before"], ("return_circular", "sc.leader", {}))
WAY["circular issued"] = (*WAY["penalised"], *SIGNED)
WAY["closed"] = (*WAY["circular issued"], ("close_case", "sc.officer", {}))
WAY["annulling asked"] = (*WAY["closed"], ("annul_case", "sc.officer", {}))
WAY["annulled"] = (*WAY["annulling asked"], ("approve", "sc.leader", {}))
WAY["refund owed"] = (*WAY["closed"], ("file_slip", "wh.contact", {}), *WAY["annulled"][len(WAY["closed"]) :])
WAY["withdrawal laid before"] = (*WAY["annulled"], ("withdraw_circular", "sc.officer", {}))
WAY["withdrawn"] = (*WAY["withdrawal laid before"], ("sign_circular", "sc.leader", {}))
WAY["withdrawal of a closed case"] = (*WAY["closed"], ("withdraw_circular", "sc.officer", {}))
"""How a case comes to a position: of WH, on a complaint handed to wh.zhang (leader wh.leader) a minute late."""

OPEN_WAYS = (
    *(position for position in WAY if position not in ("declined", "closed", "cleared and closed", "withdrawn")),
    "deemed_violation",
    "late report waits",
    "opinion overdue",
)
"""Every position in which somebody still has to do something."""


class Docket:
    """`docket("notify_unit", "sc.officer", case)` runs a verb through the gate and gives the case anew."""

    def __init__(self, play: Play) -> None:
        self.play, self.cast, self.now = play, play.cast, play.now

    def __call__(self, verb: str, by: str, case: Any = None, at: str | datetime | None = None, **facts: Any) -> Case:
        return self.outcome(verb, by, case, at=at, **facts).subject

    def outcome(
        self, verb: str, by: str, case: Any = None, *, at: Any = None, key: str | None = None,
        seen: str | None = None, **facts: Any,
    ) -> Outcome:  # fmt: skip
        told = self.facts(verb, by, **facts)
        instant = instant_of(at) if at is not None else self.now.at
        return perform(
            case if case is not None else Case(), verb, by=self.cast[by], at=instant, key=key, seen=seen, **told
        )

    def facts(self, verb: str, by: str, **facts: Any) -> dict[str, Any]:
        told = USUAL.get(verb, {}) | facts
        if verb == "issue_sheet" and "complaints" not in told:
            told = told | {"complaints": [self.number(self.complaint())]}
        if verb == "open_fault" and "round" not in told:
            told = told | {"round": f"{self.number(self.complaint())}#1"}
        if verb == "appoint_panel" and "due" not in told:
            told = told | {"due": day_of(self.now.at) + PANEL_DAYS}
        day = {"file_slip": "executed_on", "file_refund": "refunded_on"}.get(verb, "")
        if day and day not in told:
            told = told | {day: self.now.at.date()}
        if isinstance(told.get("evidence"), list) and verb == "file_report":
            told = told | {"evidence": self.files(by, *told["evidence"])}
        return told

    def files(self, by: str, *names: Any) -> list[Attachment]:
        """Drafts that this person handed in; what is a draft already stays one."""
        fresh = [name for name in names if isinstance(name, str)]
        return [name for name in names if not isinstance(name, str)] + stand_in(fresh, self.cast[by], self.now.at)

    def complaint(
        self, unit: str = "WH", contact: str = "wh.contact", to: str = "wh.zhang", **intake: Any
    ) -> Complaint:
        """Handed over a minute too late: a lead."""
        complaint = self.play("register", "kf.agent", **intake)
        self.play("dispatch", "kf.agent", complaint, unit=unit)
        self.now.forward(minutes=31)
        return self.play("hand_off", contact, complaint, to=to)

    @staticmethod
    def number(complaint: Complaint) -> str:
        return str(complaint.matter.number)

    def go(self, case: Case | None, *steps: Step) -> Case:
        for verb, by, facts in steps:
            case = self(verb, by, case, **facts)
        assert case is not None
        return case

    def upto(self, position: str, **of_the_beginning: Any) -> Case:
        named = getattr(self, "_" + position.replace(" ", "_"), None)
        if named is not None:
            return named()
        first, *rest = WAY[position]
        return self.go(self(first[0], first[1], **first[2] | of_the_beginning), *rest)

    def _deemed_violation(self) -> Case:
        case = self.upto("notified")
        self.now.set("2026-12-02 09:00")
        return self.swept(case)

    def _opinion_overdue(self) -> Case:
        case = self.upto("fault_opened")
        self.now.set("2026-12-02 09:00")
        return self.swept(case)

    def _late_report_waits(self) -> Case:
        return self("file_report", "wh.contact", self._deemed_violation(), **ADMITS)

    def swept(self, case: Case) -> Case:
        sweeper.sweep(self.now.at)
        reminders.remind(self.now.at)
        return self.again(case)

    @staticmethod
    def again(case: Case) -> Case:
        return Case.of_matter(case.matter_id)

    def refused(self, verb: str, by: str, case: Any = None, *, seen: str | None = None, **facts: Any) -> Refused:
        """The refusal of the verb. Checks that it changed nothing."""
        told, subject = self.facts(verb, by, **facts), case if case is not None else Case()
        return refusal_of(lambda: perform(subject, verb, by=self.cast[by], at=self.now.at, seen=seen, **told))

    def actor(self, username: str) -> Actor:
        actor = actor_for(self.cast[username].pk, self.now.at)
        assert actor is not None
        return actor

    def sees(self, username: str, case: Case) -> bool:
        return Case.objects.visible_to(self.actor(username)).filter(pk=case.pk).exists()

    def gone(self, username: str) -> None:
        """Dismissed by the real verb; a leader once two people have ended their office."""
        by = "sc.officer2" if username != "sc.officer2" else "sc.leader"
        self.play.ended_by_two(username, by)
        self.play("dismiss", by, employee=username)


def all_owed(case: Case, username: str) -> dict[str, Any]:
    """A row for everybody who owes but this person."""
    people = Employee.objects.filter(pk__in=case.owing_people).exclude(username=username).order_by("pk")
    rows = [{"person": person.username, "months": 1, "reason": "情节较轻。"} for person in people]
    return {"penalties": rows} if rows else {}


def holder(case: Case) -> str | None:
    found = case.matter.holder
    return found.username if found else None


def told(case: Case, kind: str, **facts: Any) -> set[str]:
    found = Notification.objects.filter(matter_id=case.pk, kind=kind)
    return {row.recipient.username for row in found.select_related("recipient") if facts.items() <= row.facts.items()}


def penalties(case: Case) -> list[tuple[str, list[str], int]]:
    rows = Penalty.objects.filter(case=case, annulled_at=None).select_related("person")
    return [(row.person.username, row.grounds, row.months) for row in rows]


def circulars(case: Case) -> list[tuple[str | None, bool]]:
    """Number, and whether it withdraws another; oldest first."""
    return [(row.number, row.withdraws_id is not None) for row in Circular.objects.filter(case=case).order_by("pk")]
