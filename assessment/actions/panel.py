"""A panel judges an objection: appointed, each member gives an opinion in their own session, then recorded
(R48, R49).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import Fixed, day_of, end_of_day
from accountability.documents.issuing import issue
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Day, Person, Text
from accountability.gate.sweeper import ON_CHASE, ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Appointment, Deadline, Employee
from accountability.permissions import Role
from assessment import permissions
from assessment.actions.chasing import chase
from assessment.actions.determination import ask_to_determine, determine
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.cases import candidates
from assessment.cases.fields import Staff
from assessment.declarations.limits import Kind
from assessment.documents.numbering import number_by
from assessment.models import Case, Finding, Panel, Recorded, Seat
from assessment.models.states import CaseState

FINDINGS = tuple((finding.value, finding.label) for finding in Finding)
FEWEST_MEMBERS = 2
LONGEST_DAYS = 30
"""The longest time, in days, that a panel may be given for its opinions."""

CHASED_EVERY = timedelta(days=1)
KIND = Kind.PANEL


@verb(
    Case, _("组织评判"),
    Staff(name="members", label=_("成员"), likely=candidates.panel_members,
          help=_("至少两人，其中一名市场部领导；被查单位的人员、报告指明的人员、应受处理的人员和立案人回避。")),
    Day(name="due", label=_("意见截止日"), help=_("至当日24:00。")),
    rule="R48",
    permission=permissions.appoint_panel, states=[CaseState.DISPUTED], when=[permissions.panel_is_missing],
    icon="person", tone="info",
)  # fmt: skip
def appoint_panel(act: Act, *, members: list[Employee], due: date) -> None:
    """Appoint the members and set the day. From now on each has the material and gives an opinion in their own
    session.
    """
    case: Case = act.subject
    refuse_unless(len(members) >= FEWEST_MEMBERS, _("评判会至少两人。"), "members")
    _refuse_partial(act, members, "members")
    refuse_unless(any(_leads(act, member) for member in members), _("成员中应有市场部领导。"), "members")
    _refuse_day(act, due)
    assert act.actor is not None
    panel = Panel(case=case, appointed_by=act.actor.employee, appointed_at=act.at, due_at=end_of_day(due))
    panel.seat_rows = [_seat(act, panel, member, place) for place, member in enumerate(members, start=1)]
    case.panel_rows.append(panel)
    case.officer = act.actor.employee
    for row in (panel, *panel.seat_rows):
        act.changes.new(row)
    _start(act, panel)
    for member in members:
        act.tell(member.pk, "panel_called", due=due.isoformat())


def _seat(act: Act, panel: Panel, member: Employee, place: int) -> Seat:
    return Seat(panel=panel, member=member, place=place, leads=_leads(act, member))


def _leads(act: Act, member: Employee) -> bool:
    return member.pk in act.batch.marketing_leader_ids


def _start(act: Act, panel: Panel) -> None:
    act.start(KIND, Fixed(panel.due_at), unit_id=panel.appointed_by.unit_id)


def _refuse_partial(act: Act, members: list[Employee], field_name: str) -> None:
    """Refuse members who would judge their own unit, a case that names them or in which they may owe, or one they
    began. Auditors only read.
    """
    case: Case = act.subject
    together, today = act.batch.together, day_of(act.at)
    auditing = together.rows(Appointment, role={Role.AUDITOR})
    away = candidates.kept_off_the_panel(case, act.at, Recorded([case], together))
    auditors = {one.employee_id for one in auditing() if one.serves_on(today)}
    reading = [str(member) for member in members if member.pk in auditors]
    refuse_unless(not reading, _("审计人员只查阅，不参加评判：%(names)s。") % {"names": "、".join(reading)}, field_name)
    own = {case.unit.head_id, *away}
    concerned = [str(member) for member in members if member.unit_id == case.unit_id or member.pk in own]
    refuse_unless(
        not concerned, _("被查单位、报告指明和应受处理的人员应回避：%(names)s。") % {"names": "、".join(concerned)},
        field_name,
    )  # fmt: skip
    began = any(member.pk == case.opened_by_id for member in members)
    refuse_unless(
        not began or candidates.opener_may_sit(case, act.at, away),
        _("发出互动单或立案的人应回避；只有其为市场部领导且没有其他领导可以参加时除外。"), field_name,
    )  # fmt: skip


def _refuse_day(act: Act, due: date) -> None:
    today = day_of(act.at)
    refuse_unless(due >= today, _("意见截止日不能早于今天。"), "due")
    latest = today + timedelta(days=LONGEST_DAYS)
    refuse_unless(due <= latest, _("意见截止日最迟为%(day)s。") % {"day": latest.isoformat()}, "due")


@verb(
    Case, _("更换评判成员"),
    Person(name="member", label=_("被更换的成员"), among=candidates.silent_members, even_gone=True,
           help=_("已发表的意见有效，其成员不再更换。")),
    Person(name="successor", label=_("接替的成员"), among=candidates.successors),
    Day(name="due", label=_("新的意见截止日"), required=False, help=_("至当日24:00；原截止日已过的，须另定。")),
    Text(name="reason", label=_("理由"), rows=3),
    rule="R48",
    permission=permissions.replace_member, states=[CaseState.DISPUTED], when=[permissions.panel_sits],
    icon="person", tone="warn",
)  # fmt: skip
def replace_member(act: Act, *, member: Employee, successor: Employee, reason: str, due: date | None = None) -> None:
    """Another person replaces a member who hasn't given an opinion; opinions already given are kept."""
    case: Case = act.subject
    panel = case.panel
    silent = panel.silent if panel else []
    seat = next((seat for seat in silent if seat.member_id == member.pk), None)
    refuse_unless(seat is not None, _("此人不是尚未发表意见的成员。"), "member")
    assert panel is not None
    assert seat is not None
    stays = [other for other in panel.sitting if other is not seat]
    taken = any(other.member_id == successor.pk for other in panel.sitting)
    refuse_unless(not taken, _("此人已是评判成员。"), "successor")
    _refuse_partial(act, [successor], "successor")
    led = any(other.leads for other in stays) or _leads(act, successor)
    refuse_unless(led, _("成员中应有市场部领导。"), "successor")
    _set_day(act, panel, due)
    assert act.entry is not None
    seat.replaced_at, seat.reason = act.at, act.entry.texts
    taking = _seat(act, panel, successor, seat.place)
    panel.seat_rows = sorted([*panel.seat_rows, taking], key=lambda row: row.place)
    act.changes.new(taking)
    act.tell(successor.pk, "panel_called", due=day_of(panel.due_at).isoformat())
    act.announce(member.pk, "panel_left")


def _set_day(act: Act, panel: Panel, due: date | None) -> None:
    """Refuse a day in the past; a different day restarts the limit for everyone who hasn't given an opinion."""
    if due is None:
        refuse_unless(panel.due_at >= act.at, _("原截止日已过，请另定意见截止日。"), "due")
        return
    _refuse_day(act, due)
    if end_of_day(due) != panel.due_at:
        panel.due_at = end_of_day(due)
        act.void(KIND, even_missed=True)
        _start(act, panel)


@verb(
    Case, _("提醒评判成员"),
    Person(name="member", label=_("被提醒的成员"), among=candidates.members_to_remind,
           help=_("尚未发表意见的成员，每人每天至多提醒一次。")),
    rule="R48",
    permission=permissions.remind_panel, states=[CaseState.DISPUTED], when=[permissions.panel_sits],
    icon="bell", tone="warn",
)  # fmt: skip
def remind_panel(act: Act, *, member: Employee) -> None:
    """Ask a member who hasn't given an opinion for it, also before the day is over: once a day, and not on a day on
    which the program has.
    """
    panel = act.subject.panel
    seat = next((seat for seat in panel.to_be_asked if seat.member_id == member.pk), None)
    refuse_unless(seat is not None, _("此人不是尚未发表意见的成员。"), "member")
    assert seat is not None
    refuse_unless(not seat.was_reminded_on(day_of(act.at)), _("今天已提醒过此人，请明天再提醒。"), "member")
    seat.reminded_at = act.at
    act.tell(member.pk, "panel_reminded", due=day_of(panel.due_at).isoformat())


def _laid_before_the_panel(case: Case) -> list[Any]:
    """The papers that a member judges by; others' opinions don't change them."""
    return [case.panel and case.panel.pk, case.notice_id, case.report and case.report.texts_id]


@verb(
    Case, _("发表评判意见"),
    Choice(name="opinion", label=_("意见"), choices=FINDINGS, is_text=True),
    Text(name="grounds", label=_("说明"), required=False, rows=3),
    rule="R48",
    permission=permissions.give_opinion, states=[CaseState.DISPUTED], when=[permissions.panel_sits],
    icon="chat", tone="info",
    seen=_laid_before_the_panel,
)  # fmt: skip
def give_opinion(act: Act, *, opinion: str, grounds: str = "") -> None:
    """The member's own opinion on the material they were given. It is sealed, and nobody else reads it before all are
    in. After the last one marketing is asked to record the result.
    """
    case: Case = act.subject
    panel = case.panel
    assert panel is not None
    assert act.actor is not None
    assert act.entry is not None
    seat = next(seat for seat in panel.silent if seat.member_id == act.actor.pk)
    seat.opinion, seat.given_at, seat.texts = opinion, act.at, act.entry.texts
    if panel.all_spoken:
        act.meet(KIND)
        tell_marketing(act, "opinions_in")


@verb(
    Case, _("记录评判"),
    Choice(name="conclusion", label=_("结论"), choices=FINDINGS,
           help=_("依各成员意见：从多数；相等时从市场部领导。")),
    Text(name="reasons", label=_("理由"), rows=5),
    rule="R48",
    permission=permissions.record_panel, states=[CaseState.DISPUTED], when=[permissions.panel_has_spoken],
    icon="edit", tone="info",
)  # fmt: skip
def record_panel(act: Act, *, conclusion: str, reasons: str) -> None:
    """Record what the opinions come to, and why: the minutes are numbered and the case is decided."""
    case: Case = act.subject
    panel = case.panel
    assert panel is not None
    found = Finding(panel.finding)
    refuse_unless(
        conclusion == found, _("依成员意见，结论应为“%(finding)s”。") % {"finding": found.label}, "conclusion"
    )
    assert act.actor is not None
    assert act.entry is not None
    panel.conclusion, panel.texts = conclusion, act.entry.texts
    panel.recorded_by, panel.recorded_at = act.actor.employee, act.at
    case.officer = act.actor.employee
    if conclusion == Finding.VIOLATED:
        ask_to_determine(act)
    issue(act, "panel_record", number=number_by(act, "minutes_prefix"))
    decide(act, conclusion)


def decide(act: Act, conclusion: str) -> None:
    """Make the determination and notify the unit."""
    case: Case = act.subject
    violated = conclusion == Finding.VIOLATED
    if violated:
        case.find_violated()
    else:
        case.find_not_violated()
    determine(act, violated=violated, at=act.at)
    tell_unit(act, "found_violated" if violated else "found_not_violated")
    tell_marketing(act, "found_violated" if violated else "found_not_violated")


def begin_to_chase(act: Act, deadline: Deadline) -> None:
    """The miss has already notified those who are late; from the next day on they are reminded every day."""
    assert deadline.due_at is not None
    deadline.chase_at = deadline.due_at + CHASED_EVERY


def chase_opinions(act: Act, deadline: Deadline) -> None:
    """Remind each member who hasn't given an opinion."""
    chase(act, deadline, "chase_opinions", every=CHASED_EVERY)
    panel = act.subject.panel
    for seat in panel.to_be_asked if panel else ():
        seat.reminded_at = act.at
        act.tell(seat.member_id, "panel_chased")


ON_MISS[KIND] = begin_to_chase
ON_CHASE[KIND] = chase_opinions
