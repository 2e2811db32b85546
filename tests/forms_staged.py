"""Forms that are only taken where something special stands: what must happen before, who fills them in, and with what.

Part of the walk of tests/test_mass_assignment.py, which fills in all others as usual.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from accountability.documents.phrases import PHRASES
from accountability.gate.sweeper import sweep
from accountability.models import GuardedChange, Hold, PeopleServed
from complaints.models import Complaint, MassEvent
from tests import casework
from tests.factories import Play
from tests.two_units import World

Filled = dict[str, tuple[str, str, dict[str, Any]]]
"""By the form's name: the place, who fills it in, the fields."""

LATE = {"deadlines": "handoff#1", "reason": "系统故障。"}
LEAD = {"leads": "handoff#1", "reason": "已核实。"}
OLD, NEW = "mo-sheng-ren-kai-men", "liu-an-hua-ming-cun"
NOTE = {"reason": "调整"}


def staged(world: World) -> Filled:
    play = world.play
    return at_the_table(play) | of_clocks(play) | of_cases(world) | of_events(play) | of_the_organisation(play)


def act(complaint: Complaint, verb: str) -> str:
    return reverse("act", args=[complaint.matter.number, verb])


def written(play: Play, **ahead: int) -> str:
    return (play.now.at + timedelta(**ahead)).astimezone().strftime("%Y-%m-%dT%H:%M")


def at_the_table(play: Play) -> Filled:
    """A coordination at each of its steps."""
    own = {state: coordinated(play, state) for state in ("convened", "recorded", "confirmed", "concluded")}
    tasks = {"tasks-YC-task": "提供合约原件", "tasks-YC-due": written(play, hours=3), "attendees_likely": ["wh.zhang"]}
    return {
        "complaint record_tasks": (act(own["convened"], "record_tasks"), "wh.zhang", tasks),
        "complaint call_off_coordination": (act(own["convened"], "call_off_coordination"), "wh.zhang", NOTE),
        "complaint confirm_task": (act(own["recorded"], "confirm_task"), "yc.contact", {"unit": "YC"}),
        "complaint conclude_coordination": (act(own["confirmed"], "conclude_coordination"), "wh.zhang", {}),
        "complaint finish_task": (
            act(own["concluded"], "finish_task"), "yc.chen", {"unit": "YC", "result": "合约已上传。"},
        ),
    }  # fmt: skip


def coordinated(play: Play, state: str) -> Complaint:
    """So far has the coordination of a new complaint come, its task due in three hours of now."""
    complaint = play("convene", "wh.zhang", play.upto("accepted"))
    if state == "convened":
        return play.again(complaint)
    due = (play.now.at + timedelta(hours=3)).astimezone().strftime("%Y-%m-%d %H:%M")
    tasks = [{"unit": "YC", "task": "提供合约原件。", "due": due}]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang"])
    if state != "recorded":
        complaint = play("confirm_task", "yc.contact", complaint)
    if state == "concluded":
        complaint = play("conclude_coordination", "wh.zhang", complaint)
    return play.again(complaint)


def of_clocks(play: Play) -> Filled:
    """More time, an excuse proposed, a lead, a lead set aside, a twin."""
    running, twin = play.upto("accepted"), play.upto("registered")
    reviewed, taken_back, sent_back = (play.upto("under_review") for _ in range(3))
    judged, asked = play.upto("completed"), play("ask_material", "kf.agent", play.upto("completed"))
    answered = {"result": "已退费。", "cause": "未告知。", "responsibility": "本单位责任。", "measures": "加强培训。"}
    until = {"until": written(play, hours=30), "reason": "客户外出。"}
    day, later = (written(play, days=days).partition("T")[0] for days in (2, 3))
    calls = [play("plan_call_back", "wh.zhang", play.upto("accepted"), day=day) for _ in range(3)]
    late, proposed, aside = (late_by_the_contact(play) for _ in range(3))
    play("propose_excuse", "kf.supervisor", proposed)
    play("set_aside_lead", "kf.supervisor", aside)
    return {
        "complaint request_extension": (act(running, "request_extension"), "wh.zhang", until),
        "complaint submit_for_review": (act(play.upto("accepted"), "submit_for_review"), "wh.zhang", answered),
        "complaint withdraw_review": (act(taken_back, "withdraw_review"), "wh.zhang", {}),
        "complaint approve_answer": (act(reviewed, "approve_answer"), "wh.leader", {}),
        "complaint send_back_answer": (act(sent_back, "send_back_answer"), "wh.leader", {"remarks": "请补充。"}),
        "complaint ask_material": (act(judged, "ask_material"), "kf.agent", {"request": "退费凭证。"}),
        "complaint give_material": (act(asked, "give_material"), "wh.zhang", {"material": "凭证编号 88。"}),
        "complaint finish_call_back": (act(calls[0], "finish_call_back"), "wh.zhang", {"result": "已回电。"}),
        "complaint move_call_back": (act(calls[1], "move_call_back"), "wh.zhang", {"day": later, **NOTE}),
        "complaint cancel_call_back": (act(calls[2], "cancel_call_back"), "wh.zhang", NOTE),
        "complaint extend": (act(running, "extend"), "kf.agent", until | {"round": "1"}),
        "complaint correct_satisfaction": (
            act(play.upto("archived", phone="13871250009"), "correct_satisfaction"),
            "kf.supervisor",
            {"satisfied": "false", "kind": "result", "reason": "点错了，客户说没退够。"},
        ),
        "complaint mark_duplicate": (act(twin, "mark_duplicate"), "kf.agent", {"of": str(running.matter), **NOTE}),
        "complaint confirm_excuse": (act(proposed, "confirm_excuse"), "sc.leader", {"deadlines": "handoff#1"}),
        "complaint reject_excuse": (act(proposed, "reject_excuse"), "sc.leader", LATE),
        "complaint set_aside_lead": (act(late, "set_aside_lead"), "kf.supervisor", LEAD),
        "complaint restore_lead": (act(aside, "restore_lead"), "kf.supervisor", LEAD),
    }


def late_by_the_contact(play: Play) -> Complaint:
    complaint = play.upto("delivered")
    play.now.forward(minutes=31)
    sweep(play.now.at)
    return play("hand_off", "wh.contact", complaint)


def of_cases(world: World) -> Filled:
    play, side = world.play, world.sides["WH"]
    number = str(late_by_the_contact(play).matter)
    words = {"description": "交办超时。", "evidence": "派单与交办的记录。"}
    sheet = {"unit": "WH", "person": "wh.zhang", "complaints": number, **words}
    fault = {"round": f"{number}#1", "description": "接口人超时交办。"}
    slip = {"person": "wh.zhang", "voucher": "人〔2026〕88", "executed_on": written(play).partition("T")[0]}
    plan = {
        "unit": "WH", "owner": "wh.zhang", "content": "清理超时工单，完善值守。",
        "due": written(play, days=30).partition("T")[0],
    }  # fmt: skip
    return {
        "case issue_sheet": (reverse("issue_sheet"), "kf.agent", sheet),
        "case open_fault": (reverse("open_fault"), "kf.agent", fault),
        "case file_slip": (reverse("case_act", args=[side.case.matter.number, "file_slip"]), "wh.contact", slip),
        **to_penalise(play),
        "plan open_plan": (reverse("begin_plan"), "sc.officer", plan),
        "ranking draft_ranking": (reverse("begin_ranking"), "sc.officer", {"year": "2024"}),
        "ranking confirm_barred": (
            reverse("ranking_act", args=[world.common["ranking"], "confirm_barred"]),
            "sc.leader",
            NOTE,
        ),
    }


def to_penalise(play: Play) -> Filled:
    """Before its circular: one by one, or everybody who owes at once."""
    complaint = casework.missed(play, phone="13900008181")
    case = casework.admit(play, casework.notify(play, casework.issue(play, complaint)))
    one = {"person": "wh.zhang", "ground": "handler", "months": "1", "reason": "情节较轻。"}
    people = ("wh.zhang", "wh.leader", "wh.head")
    everybody = {f"penalties-{person}-months": "1" for person in people}
    everybody |= {f"penalties-{person}-reason": "情节较轻。" for person in people}
    return {
        f"case {verb}": (reverse("admin:assessment_case_do", args=[case.pk, verb]), "sc.officer", data)
        for verb, data in (("penalise", one), ("penalise_all", everybody))
    }


def of_events(play: Play) -> Filled:
    event, other = MassEvent.objects.earliest("pk"), play.upto("registered")
    member = Complaint.objects.filter(memberships__event=event).earliest("pk")
    number = str(event.matter)
    return {
        "mass add_member": (reverse("mass_act", args=[number, "add_member"]), "kf.agent", {"complaints": str(other)}),
        "mass remove_member": (
            reverse("mass_act", args=[number, "remove_member"]), "kf.agent", {"complaints": str(member), **NOTE},
        ),
    }  # fmt: skip


def of_the_organisation(play: Play) -> Filled:
    begins, ends = written(play, days=3), written(play, days=3, hours=9)
    duty = {"unit": "WH", "employee": "wh.li", "starts_at": begins, "ends_at": ends}
    at, shift = play.now.at, (play.now.at + timedelta(days=5)).replace(second=0, microsecond=0)
    play("record_absence", "wh.head", employee="wh.head", starts_at=at, ends_at=at + timedelta(days=9), reason="出差")
    play("roster", "wh.head", unit="WH", employee="wh.wang", starts_at=shift, ends_at=shift + timedelta(hours=9))
    play("set_template", "kf.supervisor", name="旧模板", use="reply", text="您好。", reason="新增")
    today = written(play, days=0).partition("T")[0]
    play("appoint", "sc.leader", employee="sc.officer2", role="marketing_leader", starts_on=today, reason="新任")
    mark = PeopleServed.objects.create(pk=PeopleServed.ONE, at=at)
    Hold.objects.create(mark=mark, since=at - timedelta(days=9), until=at - timedelta(days=8), noticed_at=at)
    ruling = {"ruling": "excuse", "messages": "drop", **NOTE}
    change = {"change": str(GuardedChange.objects.waiting().latest("pk").pk)}
    person = play.cast["wh.li"]
    person.set_password(OLD)
    person.save()
    duties = {"unit": "WH", "employee": "wh.wang", "starts_at": written(play, days=5)}
    papers = {f"phrases_{name}": "" for name in PHRASES} | {"phrases_marketing": "省公司市场经营部"} | NOTE
    told: dict[str, tuple[str, dict[str, Any]]] = {
        "roster": ("wh.head", duty),
        "cancel_roster": ("wh.head", duties),
        "record_absence": ("wh.contact", {"employee": "wh.contact", "starts_at": written(play, days=4), **NOTE}),
        "end_absence": ("wh.head", {"employee": "wh.head"}),
        "publish_calendar": ("sc.officer", {"year": "2027", "days_off": "2027-01-01", **NOTE}),
        "set_limits": ("sc.officer", {"handling_P3": "48h", **NOTE}),
        "set_duty_hours": ("sc.officer", {"unit": "WH", "clock": "duty", "hours": "09:00-18:00", **NOTE}),
        "set_papers": ("sc.officer", papers),
        "set_privacy_policy": ("sc.leader", {"unmask_per_hour": "29", **NOTE}),
        "approve_change": ("sc.officer", change),
        "refuse_change": ("sc.officer", {**change, "remark": "未经核实。"}),
        "withdraw_change": ("sc.leader", change),
        "propose_release": ("sc.officer", ruling),
        "withdraw_template": ("kf.supervisor", {"name": "旧模板", **NOTE}),
    }
    found: Filled = {
        f"organisation {verb}": (reverse("organisation_act", args=[verb]), by, data)
        for verb, (by, data) in told.items()
    }
    return found | {
        "password": (reverse("password"), "wh.li", {"old_password": OLD, "new_password1": NEW, "new_password2": NEW})
    }


def for_a_second_person(play: Play) -> Filled:
    """What is decided on the proposal that `propose_release` makes, where it could be made before."""
    play("propose_release", "sc.officer", ruling="excuse", messages="drop", reason="机房断电。")
    people = {"approve_release": "sc.leader", "refuse_release": "sc.leader", "withdraw_release": "sc.officer"}
    told = {"refuse_release": NOTE}
    return {
        f"organisation {verb}": (reverse("organisation_act", args=[verb]), by, told.get(verb, {}))
        for verb, by in people.items()
    }
