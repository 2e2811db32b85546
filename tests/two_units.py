"""A world in which two units have one of everything: WH and YC, each with words of its own planted in all it wrote.

Tests of who may see what begin here: whatever a kind of object there is, WH has one and YC has one, brought there by
the real verbs; nobody of the one unit has a part in what is the other's. WL sits at both their tables, a forwarder of
ZD handed both complaints in, and the head of ZD sits on both panels.

A new kind of object joins by a line in `Side.things` (how it is named in an address) and a line in `two_units`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.files.attachments import take
from accountability.gate.sweeper import sweep
from accountability.models import Attachment, Deadline, Paper, actor_for
from assessment.actions.bulletins import draft_missing
from assessment.models import Bulletin, Case, Circular, Plan, Ranking, Sheet
from complaints.models import Complaint, MassEvent, SavedView
from complaints.sweep.mass_events import look_out
from tests.assessment.exports.made_exports import Exports
from tests.crowds import FEW, crowd
from tests.factories import Play
from tests.looking import logged


@dataclass
class Side:
    """One unit's own things. `word` stands in every text of its complaint and case, `sheet_word` in its sheets."""

    code: str
    contact: str
    handler: str
    leader: str
    head: str
    region: str
    word: str
    sheet_word: str
    customer: str
    phone: str
    complaint: Complaint = field(init=False)
    open: Complaint = field(init=False)
    case: Case = field(init=False)
    hidden: Case = field(init=False)
    plan: Plan = field(init=False)
    things: dict[str, Any] = field(default_factory=dict)
    """What stands for the thing in an address: a number, a key, a token; by the kind of thing."""

    def says(self, what: str) -> str:
        return f"{self.word}{what}，客户电话{self.phone}。"

    def notes(self, what: str) -> str:
        """For the papers of a case, which refuse whoever names the customer."""
        return f"{self.word}{what}。"

    @property
    def secrets(self) -> set[str]:
        """What none but those concerned may come across: words, customer, telephone, the numbers of its matters."""
        numbers = {str(each.matter) for each in (self.complaint, self.open, self.case, self.hidden, self.plan)}
        sheets = set(Sheet.objects.filter(unit__code=self.code).values_list("number", flat=True))
        return {self.word, self.sheet_word, self.customer, self.phone} | numbers | sheets


WH = ("WH", "wh.contact", "wh.zhang", "wh.leader", "wh.head", "武汉", "苍鹭", "夜鹭", "欧阳楚衡", "13987654321")
YC = ("YC", "yc.contact", "yc.chen", "yc.leader", "yc.head", "宜昌", "朱鹮", "夜鸮", "司马越宁", "13712345678")

FORWARDER, INVITED, PANELLIST = "zd.zhou", "WL", "zd.head"

CAST = {
    "agent": "kf.agent",
    "supervisor": "kf.supervisor",
    "centre_head": "kf.head",
    "officer": "sc.officer",
    "marketing_leader": "sc.leader",
    "auditor": "sj.auditor",
    "plain": "sj.plain",
    "forwarder": FORWARDER,
    "panellist": PANELLIST,
    "invited_contact": "wl.contact",
    "invited_handler": "wl.zhao",
    "invited_leader": "wl.leader",
}
"""Who stands to both units alike."""

OF_A_UNIT = {
    "WH": {
        "contact": "wh.contact",
        "deputy": "wh.deputy",
        "handler": "wh.zhang",
        "colleague": "wh.li",
        "leader": "wh.leader",
        "head": "wh.head",
    },
    "YC": {"contact": "yc.contact", "handler": "yc.chen", "leader": "yc.leader", "head": "yc.head"},
}
"""Who is what in each unit; for the other unit's things they are `other contact` and so on."""


def relations(code: str) -> dict[str, str]:
    """Everybody, by what they are to the things of this unit."""
    other = "YC" if code == "WH" else "WH"
    return CAST | OF_A_UNIT[code] | {f"other {name}": who for name, who in OF_A_UNIT[other].items()}


@dataclass
class World:
    play: Play
    sides: dict[str, Side]
    common: dict[str, Any] = field(default_factory=dict)
    """What belongs to no unit, by kind."""
    logged: list[str] = field(default_factory=list)
    """What was logged while it was made."""

    def __iter__(self) -> Any:
        return iter(self.sides.values())


def two_units(play: Play) -> World:
    world = World(play, {given[0]: Side(*given) for given in (WH, YC)})
    with logged() as world.logged:
        _make(play, world)
    return world


def _make(play: Play, world: World) -> None:
    play("set_mass_limits", "sc.officer", **FEW)
    for side in world:
        side.complaint = _handed_over_late(play, side)
        _at_the_table(play, side)
        _answered(play, side)
        side.open = _open(play, side)
    for side in world:
        side.case = _case(play, side)
        side.hidden = _sheet(play, side, side.open)
        side.plan = _plan(play, side)
        _beside(play, side)
    _common(world)
    for side in world:
        side.things |= _named(side)


def _handed_over_late(play: Play, side: Side) -> Complaint:
    file = _file(play, FORWARDER, "forwarded", side)
    intake = {"customer": side.customer, "phone": side.phone, "region": side.region, "content": side.says("来话")}
    found = play("forward", FORWARDER, tier="vip", files=[file], **intake)
    files = [_file(play, "kf.agent", "intake", side)]
    found = play("register", "kf.agent", found, content=side.says("登记"), priority="P1", files=files)
    found = play("dispatch", "kf.agent", found, unit=side.code, reason=side.says("派单"))
    play.now.forward(minutes=31)
    sweep(play.now.at)
    found = play("hand_off", side.contact, found, to=side.handler)
    play("chase", "kf.agent", found, message=side.says("催办"))
    return play.again(found)


def _at_the_table(play: Play, side: Side) -> None:
    found = play("convene", side.handler, side.complaint, units=[INVITED], problem=side.says("协调"))
    tasks = [{"unit": INVITED, "task": side.says("任务"), "due": "2026-11-25 15:00"}]
    play("record_tasks", side.handler, found, tasks=tasks, attendees=[side.handler], third_parties=side.says("第三方"))
    play("confirm_task", "wl.zhao", found, unit=INVITED, objection=side.says("异议"))
    play("conclude_coordination", side.handler, found)
    play("finish_task", "wl.zhao", found, unit=INVITED, result=side.says("结果"))


def _answered(play: Play, side: Side) -> None:
    found = play("propose_solution", side.handler, play.again(side.complaint), solution=side.says("方案"))
    files = [_file(play, side.handler, "answer", side)]
    found = play("answer", side.handler, found, result=side.says("处理"), cause=side.says("原因"), files=files)
    found = play("judge_complete", "kf.agent", found, complete=False, reason=side.says("退改"))
    side.complaint = play.again(found)


def _open(play: Play, side: Side) -> Complaint:
    """Another one, of the unit alone: returned once, handed over late, being handled."""
    found = play("register", "kf.agent", customer=side.customer, phone=side.phone, content=side.says("再来话"))
    found = play("dispatch", "kf.agent", found, unit=side.code)
    found = play("hand_off", side.contact, found, to=side.handler)
    found = play("request_return", side.handler, found, reason=side.says("退回"), guidance=side.says("建议"))
    return play("rule_on_return", "kf.agent", found, accepted=False, reason=side.says("裁定"))


def _sheet(play: Play, side: Side, complaint: Complaint) -> Case:
    told: dict[str, Any] = {
        "description": f"{side.sheet_word}描述：交办超时。",
        "evidence": f"{side.sheet_word}依据：通知单。",
    }
    about: dict[str, Any] = {"unit": side.code, "complaints": [str(complaint.matter)], "person": side.handler}
    return play("issue_sheet", "kf.agent2", Case(), **about, **told)


def _case(play: Play, side: Side) -> Case:
    """Notified, disputed, judged, paid for, circulated."""
    case = _sheet(play, side, side.complaint)
    number = f"市通〔2026〕{1 + Case.objects.exclude(document_number='').count()}号"
    case = play("notify_unit", "sc.officer", case, check=side.notes("核查"), document_number=number)
    evidence = [_file(play, side.head, "evidence", side)]
    told: dict[str, Any] = {
        "facts": side.notes("事实"),
        "statement": side.notes("申辩"),
        "persons": [],
        "signer": side.head,
    }
    case = play("file_report", side.head, case, conclusion="disputed", evidence=evidence, **told)
    members = ["sc.leader", PANELLIST]
    due = day_of(play.now.at) + timedelta(days=7)
    case = play("appoint_panel", "sc.officer", case, members=members, due=due)
    for member in members:
        case = play("give_opinion", member, case, opinion="violated", grounds=side.notes("意见"))
    case = play("record_panel", "sc.officer", case, conclusion="violated", reasons=side.notes("评判"))
    parts = ((side.handler, "handler"), (side.leader, "leader"), (side.head, "unit_head"), (side.contact, "contact"))
    for person, ground in parts:
        case = play("penalise", "sc.officer", case, person=person, ground=ground, months=1, reason=side.notes("情节"))
    case = play("issue_circular", "sc.officer", case, body=f"{side.code}通报批评。", signed_by="sc.leader")
    return play("sign_circular", "sc.leader", case)


def _plan(play: Play, side: Side) -> Plan:
    about = {"unit": side.code, "owner": side.handler, "due": "2026-11-27"}
    plan = play("open_plan", "sc.officer", Plan(), content=side.says("整改"), **about)
    plan = play("report_progress", side.handler, plan, note=side.says("进展"))
    evidence = [_file(play, side.handler, "evidence", side)]
    return play("report_plan_done", side.handler, plan, result=side.says("完成"), evidence=evidence)


def _beside(play: Play, side: Side) -> None:
    person = play.cast[side.contact]
    SavedView.objects.create(employee=person, name=f"{side.word}视图", asked={"list": "hand_off"})
    begins, ends = "2026-12-02 08:00", "2026-12-02 20:00"
    turn = {"unit": side.code, "employee": side.handler, "starts_at": begins, "ends_at": ends}
    play("roster", side.contact, **turn, note="值班")
    play("record_absence", side.head, employee=side.handler, starts_at=begins, ends_at=ends, reason=side.says("缺勤"))
    side.things["draft file"] = _file(play, side.contact, "evidence", side).token


def _file(play: Play, by: str, kind: str, side: Side) -> Attachment:
    return take(
        f"{side.word}{kind}.txt", side.says(f"文件{kind}").encode(), by=play.cast[by], at=play.now.at, kind=kind
    )


def _common(world: World) -> None:
    """A mass event, a bulletin not yet sent, a ranking not yet decided, an export that the centre asked for."""
    play = world.play
    crowd(play, 4, every=1)
    look_out(play.now.at)
    event = MassEvent.objects.get()
    play.now.set("2026-12-01 00:10:30")
    sweep(play.now.at)
    draft_missing(play.now.at)
    bulletin = Bulletin.objects.get()
    ranking = play("draft_ranking", "sc.officer", Ranking(), year=2025)
    export = Exports(play).requested("kf.supervisor")
    found = {"mass": event, "bulletin": bulletin, "ranking": ranking, "export": export}
    world.common = {name: str(one.matter) for name, one in found.items()}


def _named(side: Side) -> dict[str, Any]:
    matter, papers = side.complaint.matter, Paper.objects.filter(matter=side.complaint.matter)
    files = {file.kind: file.token for file in Attachment.objects.filter(matter=matter)}
    limits = {one.kind: one.pk for one in Deadline.objects.filter(matter=matter)}
    of_case = Paper.objects.filter(matter=side.case.matter)
    return {
        "complaint": str(matter),
        "open complaint": str(side.open.matter),
        "case": str(side.case.matter),
        "hidden case": str(side.hidden.matter),
        "sheet": Sheet.objects.get(case=side.case).number,
        "plan": str(side.plan.matter),
        "circular": Circular.objects.get(case=side.case).pk,
        "view": SavedView.objects.get(employee__username=side.contact).pk,
        "code": side.code,
        "limit": limits["handoff"],
        **{f"{one.kind} limit of case": one.pk for one in Deadline.objects.filter(matter=side.case.matter)},
        "missed limit": papers.filter(kind="urging").earliest("pk").part,
        **{f"{kind} file": token for kind, token in files.items()},
        "evidence": Attachment.objects.get(matter=side.case.matter).token,
        "plan file": Attachment.objects.get(matter=side.plan.matter).token,
        **{paper.kind: paper.token for paper in papers},
        **{f"{paper.kind} paper": paper.token for paper in of_case},
    }


def actor(world: World, username: str) -> Any:
    found = actor_for(world.play.cast[username].pk, world.play.now.at)
    assert found is not None
    return found
