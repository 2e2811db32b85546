"""An objection is judged by a panel: the record, and each member's opinion in their own session (R48, R49)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.acts import Act, refuse_unless
from accountability.documents.issuing import issue
from accountability.facts import Choice, Text
from accountability.models import Employee, actor_for
from accountability.verbs import verb
from assessment import people
from assessment.actions.determination import determine
from assessment.actions.telling import tell_marketing, tell_unit
from assessment.facts import Staff
from assessment.models import Case, Finding, Panel, Seat, people_of_the_round

FINDINGS = tuple((finding.value, finding.label) for finding in Finding)
FEWEST_MEMBERS = 2


@verb(
    Case, _("记录评判"),
    Staff(name="members", label=_("成员"), likely=people.panel_members,
          help=_("至少两人，其中一名市场部领导；被查单位的人员回避。")),
    Choice(name="conclusion", label=_("结论"), choices=FINDINGS),
    Text(name="reasons", label=_("理由"), rows=5),
    rule="R48",
)  # fmt: skip
def record_panel(act: Act, *, members: list[Employee], conclusion: str, reasons: str) -> None:
    """The record that the members speak to. The case is decided once each has given an opinion in their own session,
    the leader's confirming the conclusion; written anew before that, everybody speaks anew.
    """
    case: Case = act.subject
    _refuse_members(act, members)
    case.record_panel()
    assert act.actor is not None
    assert act.entry is not None
    if case.panel is not None:
        case.panel.replaced_at = act.at
    panel = Panel(
        case=case, conclusion=conclusion, texts=act.entry.texts, recorded_by=act.actor.employee, recorded_at=act.at
    )
    panel.seat_rows = [Seat(panel=panel, member=member) for member in members]
    case.panel_rows.append(panel)
    case.officer = act.actor.employee
    for row in (panel, *panel.seat_rows):
        act.changes.new(row)
    for member in members:
        act.tell(member.pk, "panel_called")


def _refuse_members(act: Act, members: list[Employee]) -> None:
    unit_id, stamped = act.subject.unit_id, people_of_the_round(act.subject, act.at)
    refuse_unless(len(members) >= FEWEST_MEMBERS, _("评判会至少两人。"), "members")
    sitting = [actor_for(member.pk, act.at) for member in members]
    concerned = [str(who.employee) for who in sitting if who and (unit_id in who.units or who.pk in stamped)]
    refuse_unless(not concerned, _("被查单位的人员应回避：%(names)s。") % {"names": "、".join(concerned)}, "members")
    led = any(member.pk in act.batch.marketing_leader_ids for member in members)
    refuse_unless(led, _("成员中应有市场部领导。"), "members")


@verb(
    Case, _("发表评判意见"),
    Choice(name="opinion", label=_("意见"), choices=FINDINGS),
    Text(name="grounds", label=_("说明"), required=False, rows=3),
    rule="R48",
)  # fmt: skip
def give_opinion(act: Act, *, opinion: str, grounds: str = "") -> None:
    """A member's own, to the record they read; with the last one the case is decided as the record concludes."""
    case: Case = act.subject
    panel = case.panel
    assert panel is not None
    assert act.actor is not None
    assert act.entry is not None
    case.give_opinion()
    seat = next(seat for seat in panel.seat_rows if seat.member_id == act.actor.pk)
    seat.opinion, seat.given_at, seat.texts = opinion, act.at, act.entry.texts
    if all(each.given_at for each in panel.seat_rows):
        panel.decided_at = act.at
        issue(act, "panel_record")
        decide(act, panel.conclusion)


def decide(act: Act, conclusion: str) -> None:
    """The determination, told to the unit."""
    case: Case = act.subject
    violated = conclusion == Finding.VIOLATED
    if violated:
        case.find_violated()
    else:
        case.find_not_violated()
    determine(act, violated=violated, at=act.at)
    tell_unit(act, "found_violated" if violated else "found_not_violated")
    tell_marketing(act, "found_violated" if violated else "found_not_violated")
