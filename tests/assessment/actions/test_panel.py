"""The panel that judges an objection: who sits, each member's own opinion, and what is decided (R48, R49)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import day_of
from accountability.declarations.notices import NOTICES
from accountability.gate.act import Refused
from accountability.models import Alarm, LedgerEntry, Notification, Paper
from accountability.monitoring.reminders import raise_alarms
from accountability.notices.sentences import sentence_of
from assessment.cases.candidates import members_to_remind, panel_members
from assessment.cases.dossier import report_for
from assessment.cases.papers import seat_of
from assessment.lists.case_list import awaits_me
from assessment.models import Case, Seat
from tests.assessment.actions.test_opening import second_leader
from tests.assessment.docket import OBJECTS, SPOKEN, Docket, holder, told
from tests.looking import deadline, writes

VIOLATED, CLEARED = {"opinion": "violated"}, {"opinion": "not_violated"}


def seats(case: Case) -> list[tuple[str, str, bool]]:
    """Member, opinion, and whether another came for them; in order."""
    rows = Seat.objects.filter(panel__case=case).select_related("member")
    return [(row.member.username, row.opinion, row.replaced_at is not None) for row in rows]


def sits(docket: Docket, *members: str) -> Case:
    return docket("appoint_panel", "sc.officer", docket.upto("disputed"), members=list(members))


def due_of(case: Case) -> datetime:
    """Until when the members may speak, as it now is."""
    due = deadline(case, "panel").due_at
    assert due is not None
    return due


def heard(docket: Docket, opinions: dict[str, str]) -> Case:
    """A panel of these, each of whom has said so."""
    case = sits(docket, *opinions)
    return docket.go(case, *(("give_opinion", member, {"opinion": said}) for member, said in opinions.items()))


# Who sits, and by when


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    "members",
    [
        [], ["sc.leader"], ["sc.leader", "sc.leader"], ["sc.officer", "kf.head"], ["sc.leader", "wh.head"],
        ["sc.leader", "wh.wang"], ["sc.leader", "kf.agent"], ["sc.leader", "sj.auditor"],
    ],
)  # fmt: skip
def test_two_at_least_a_marketing_leader_and_nobody_who_is_concerned(docket: Docket, members: list[str]) -> None:
    """kf.agent issued the sheet; an auditor reads and does nothing else."""
    refusal = docket.refused("appoint_panel", "sc.officer", docket.upto("disputed"), members=members)
    assert list(refusal.fields) == ["members"]


@pytest.mark.rule("R48")
@pytest.mark.parametrize(("days", "is_done"), [(-1, False), (0, True), (30, True), (31, False)])
def test_the_day_is_neither_past_nor_far(docket: Docket, days: int, is_done: bool) -> None:
    case = docket.upto("disputed")
    due = day_of(docket.now.at) + timedelta(days=days)
    if is_done:
        case = docket("appoint_panel", "sc.officer", case, due=due)
        assert (day_of(due_of(case)), deadline(case, "panel").status) == (due, "open")
    else:
        assert list(docket.refused("appoint_panel", "sc.officer", case, due=due).fields) == ["due"]


@pytest.mark.rule("R48")
def test_who_opened_it_sits_only_as_the_one_leader_there_is(docket: Docket) -> None:
    case = docket.go(
        docket("open_case", "sc.leader"), ("notify_unit", "sc.officer", {}), ("file_report", "wh.head", OBJECTS)
    )
    refused = docket.refused("appoint_panel", "sc.leader", case, members=["sc.officer", "kf.head"])
    assert list(refused.fields) == ["members"]
    assert docket("appoint_panel", "sc.officer", case).panel.sitting[0].leads


@pytest.mark.rule("R48")
def test_a_leader_who_opened_it_stays_out_where_another_leads(docket: Docket) -> None:
    second_leader(docket)
    case = docket.go(
        docket("open_case", "sc.leader"), ("notify_unit", "sc.officer", {}), ("file_report", "wh.head", OBJECTS)
    )
    assert list(docket.refused("appoint_panel", "sc.officer", case).fields) == ["members"]
    assert "sc.leader" not in {person.username for person in panel_members(case, docket.actor("sc.officer"))}
    assert docket("appoint_panel", "sc.officer", case, members=["sc.officer2", "kf.head"]).panel is not None


@pytest.mark.rule("R48")
def test_whom_the_report_names_judges_nothing(docket: Docket) -> None:
    """An objection may name somebody too: here who has moved to the marketing department since."""
    docket.upto("notified")
    case = Case.objects.latest("pk")
    case = docket("file_report", "wh.head", case, **OBJECTS, persons=["wh.wang"])
    docket.play("update_employee", "sc.officer", employee="wh.wang", unit="SC", reason="调动。")
    docket.play("appoint", "sc.officer", employee="wh.wang", role="marketing", starts_on=docket.now.at.date())
    refusal = docket.refused("appoint_panel", "sc.officer", case, members=["sc.leader", "wh.wang"])
    assert list(refusal.fields) == ["members"]


@pytest.mark.rule("R48")
def test_who_was_stamped_judges_nothing_wherever_they_are_now(docket: Docket) -> None:
    """wh.zhang handled it, moved to the marketing department and is neither a member nor decides."""
    case = docket.upto("disputed")
    docket.play("update_employee", "sc.officer", employee="wh.zhang", unit="SC", reason="调动。")
    docket.play("appoint", "sc.officer", employee="wh.zhang", role="marketing", starts_on=docket.now.at.date())
    refusal = docket.refused("appoint_panel", "sc.officer", case, members=["sc.leader", "wh.zhang"])
    assert list(refusal.fields) == ["members"]
    case = docket.go(docket("appoint_panel", "sc.officer", case), *SPOKEN, ("record_panel", "sc.officer", {}))
    for verb in ("penalise", "issue_circular", "annul_case", "close_case", "assign_case"):
        assert docket.refused(verb, "wh.zhang", case).code == "forbidden"


@pytest.mark.rule("R48")
def test_the_centre_and_the_unit_appoint_replace_and_record_nothing(docket: Docket) -> None:
    case = docket.upto("disputed")
    strangers = ("kf.agent", "kf.supervisor", "wh.head", "wh.contact", "yc.head", "sj.auditor")
    for verb in ("appoint_panel", "replace_member", "record_panel"):
        assert {docket.refused(verb, by, case).code for by in strangers} == {"forbidden"}


@pytest.mark.rule("R48")
def test_a_page_offers_marketing_and_heads_of_other_units(docket: Docket) -> None:
    offered = panel_members(docket.upto("disputed"), docket.actor("sc.officer"))
    assert {person.username for person in offered} == {
        "sc.officer", "sc.officer2", "sc.leader", "kf.head", "yc.head", "wl.leader", "zd.head", "sj.head",
    }  # fmt: skip


@pytest.mark.rule("R48")
def test_before_an_objection_there_is_no_panel(docket: Docket) -> None:
    case = docket.upto("notified")
    assert docket.refused("appoint_panel", "sc.officer", case).code == "state"
    case = docket("file_report", "wh.contact", case, **OBJECTS)
    assert docket.refused("appoint_panel", "sc.officer", case).code == "state"
    assert docket.refused("give_opinion", "sc.leader", docket("sign_report", "wh.head", case)).code == "forbidden"


@pytest.mark.rule("R48")
def test_it_is_appointed_once(docket: Docket) -> None:
    assert docket.refused("appoint_panel", "sc.officer", docket.upto("panel sits")).code == "state"


# What a member does


@pytest.mark.rule("R48")
def test_the_appointment_calls_the_members_and_decides_nothing(docket: Docket) -> None:
    case = docket.upto("panel sits")
    assert (case.state, case.violated, case.matter.awaits, holder(case)) == (
        "disputed", None, "give_opinion", "sc.leader",
    )  # fmt: skip
    assert (case.panel.conclusion, told(case, "panel_called")) == ("", {"sc.leader", "kf.head"})
    assert case.matter.holder_unit_id == docket.cast.unit("SC").pk
    case = docket("give_opinion", "sc.leader", case)
    assert (holder(case), case.matter.holder_unit_id) == ("kf.head", docket.cast.unit("SC").pk)


@pytest.mark.rule("R48")
def test_each_member_speaks_once_and_for_themselves(docket: Docket) -> None:
    case = docket.upto("panel sits")
    for by in ("sc.officer", "sc.officer2", "kf.supervisor", "wh.head", "yc.head"):
        assert docket.refused("give_opinion", by, case).code == "forbidden"
    case = docket("give_opinion", "kf.head", case)
    assert (case.state, docket.refused("give_opinion", "kf.head", case).code) == ("disputed", "forbidden")
    case = docket("give_opinion", "sc.leader", case)
    assert (case.state, case.matter.awaits, holder(case)) == ("disputed", "record_panel", "sc.officer")
    assert (told(case, "opinions_in"), deadline(case, "panel").status) == ({"sc.officer"}, "met")


@pytest.mark.rule("R48")
def test_the_ledger_holds_an_opinion_sealed(docket: Docket) -> None:
    docket("give_opinion", "kf.head", docket.upto("panel sits"), opinion="not_violated", grounds="夜莺说明")
    entry = LedgerEntry.objects.get(verb="give_opinion")
    assert (entry.facts, "violated" in str(entry.facts), entry.texts is not None) == ({}, False, True)


@pytest.mark.rule("R48")
def test_a_member_who_speaks_meanwhile_holds_up_nobody(docket: Docket) -> None:
    """An opinion is bound to the material, not to how many have spoken."""
    case = docket.upto("panel sits")
    seen = case.shown_for("give_opinion")
    case = docket("give_opinion", "kf.head", case)
    assert docket.outcome("give_opinion", "sc.leader", case, seen=seen).subject.panel.all_spoken


@pytest.mark.rule("R48")
def test_who_joins_the_unit_after_being_called_is_excluded(docket: Docket) -> None:
    case = sits(docket, "sc.leader", "yc.leader")
    docket.play("update_employee", "sc.officer", employee="yc.leader", unit="WH", reason="调动。")
    assert docket.refused("give_opinion", "yc.leader", case).code == "forbidden"
    reader = docket.actor("yc.leader")
    assert (report_for(case, reader), seat_of(case, reader)) == (None, None)
    assert not Case.objects.known_to(reader).filter(pk=case.pk).exists()
    assert not Case.objects.filter(awaits_me(reader)).exists()
    docket.now.forward(days=30)
    case = docket.swept(case)
    docket.now.forward(days=2)
    case = docket.swept(case)
    assert (told(case, "missed"), told(case, "panel_chased")) == ({"sc.leader", "sc.officer"}, {"sc.leader"})
    assert members_to_remind(case, docket.actor("sc.officer")) == []
    assert list(docket.refused("remind_panel", "sc.officer", case, member="yc.leader").fields) == ["member"]
    due = day_of(docket.now.at)
    case = docket("replace_member", "sc.officer", case, member="yc.leader", successor="kf.head", due=due)
    assert docket.go(case, *SPOKEN, ("record_panel", "sc.officer", {})).state == "violation"


@pytest.mark.rule("R48")
def test_a_member_from_elsewhere_reads_the_report_and_not_the_case(docket: Docket) -> None:
    case = docket.upto("panel sits")
    member, stranger = docket.actor("kf.head"), docket.actor("yc.head")
    assert (docket.sees("kf.head", case), report_for(case, member), report_for(case, stranger)) == (
        False, case.report, None,
    )  # fmt: skip
    asked = [Case.objects.asked_of(who).filter(pk=case.pk).exists() for who in (member, stranger)]
    assert asked == [True, False]


# Late members


@pytest.mark.rule("R48")
def test_who_is_late_is_told_and_asked_every_day(docket: Docket) -> None:
    case = docket("give_opinion", "sc.leader", docket.upto("panel sits"))
    due = due_of(case)
    docket.now.at = due + timedelta(hours=1)
    case = docket.swept(case)
    assert (deadline(case, "panel").status, told(case, "missed")) == ("missed", {"kf.head", "sc.officer"})
    assert told(case, "panel_chased") == set()
    docket.now.at = due + timedelta(days=2, hours=1)
    case = docket.swept(case)
    assert (deadline(case, "panel").chased, told(case, "panel_chased")) == (2, {"kf.head"})
    case = docket("give_opinion", "kf.head", case)
    docket.now.at = due + timedelta(days=9)
    assert deadline(docket.swept(case), "panel").chased == 2


@pytest.mark.rule("R48")
def test_a_silent_member_is_reminded_by_hand_once_a_day(docket: Docket) -> None:
    case = docket("remind_panel", "sc.officer", docket.upto("panel sits"))
    notice = Notification.objects.get(matter=case.pk, kind="panel_reminded")
    assert (notice.recipient.username, notice.facts) == ("kf.head", {"due": day_of(due_of(case)).isoformat()})
    said = f"市场部提醒您发表评判意见，截止 {day_of(due_of(case))} 24:00（R48）。"
    assert sentence_of(NOTICES["panel_reminded"], notice.facts) == said
    assert list(docket.refused("remind_panel", "sc.officer2", case).fields) == ["member"]
    assert [one.username for one in members_to_remind(case, docket.actor("sc.officer"))] == ["sc.leader"]
    case = docket("remind_panel", "sc.officer", case, member="sc.leader")
    docket.now.at += timedelta(days=1)
    case = docket("remind_panel", "sc.officer", case)
    assert Notification.objects.filter(matter=case.pk, kind="panel_reminded", recipient=notice.recipient).count() == 2


@pytest.mark.rule("R48")
def test_who_has_spoken_or_was_chased_today_is_not_reminded(docket: Docket) -> None:
    case = docket("give_opinion", "sc.leader", docket.upto("panel sits"))
    assert list(docket.refused("remind_panel", "sc.officer", case, member="sc.leader").fields) == ["member"]
    assert docket.refused("remind_panel", "kf.head", case).code == "forbidden"
    docket.now.at = due_of(case) + timedelta(days=1, hours=1)
    case = docket.swept(case)
    assert told(case, "panel_chased") == {"kf.head"}
    assert list(docket.refused("remind_panel", "sc.officer", case).fields) == ["member"]
    case = docket("give_opinion", "kf.head", case)
    assert docket.refused("remind_panel", "sc.officer", case).code == "state"


@pytest.mark.rule("R48")
def test_a_day_after_the_day_the_leaders_are_alarmed(docket: Docket) -> None:
    case = docket.upto("panel sits")
    due = due_of(case)
    assert case.matter.alarm_at == due + timedelta(days=1)
    raise_alarms(due + timedelta(days=1, seconds=1))
    assert Alarm.objects.get(matter=case.matter).facts == {"awaits": "give_opinion"}
    assert "sc.leader" in told(case, "waiting")


@pytest.mark.rule("R48")
def test_the_unit_hears_nothing_of_a_late_panel(docket: Docket) -> None:
    case = docket.upto("panel sits")
    docket.now.at = due_of(case) + timedelta(days=3)
    case = docket.swept(case)
    heard_by = [told(case, kind) for kind in ("missed", "panel_chased", "waiting")]
    assert (bool(heard_by[0]), set().union(*heard_by) & {"wh.head", "wh.contact", "wh.deputy"}) == (True, set())


@pytest.mark.rule("R48")
def test_another_takes_the_place_and_opinions_given_stand(docket: Docket) -> None:
    case = docket("give_opinion", "sc.leader", docket.upto("panel sits"))
    case = docket("replace_member", "sc.officer", case)
    assert seats(case) == [("sc.leader", "violated", False), ("kf.head", "", True), ("yc.head", "", False)]
    assert (holder(case), docket.refused("give_opinion", "kf.head", case).code) == ("yc.head", "forbidden")
    assert "yc.head" in told(case, "panel_called")
    assert not Case.objects.asked_of(docket.actor("kf.head")).filter(pk=case.pk).exists()
    case = docket("give_opinion", "yc.head", case)
    assert docket("record_panel", "sc.officer", case).state == "violation"


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    ("told_otherwise", "field"),
    [
        ({"reason": " "}, "reason"), ({"member": "sc.leader"}, "member"), ({"member": "wl.leader"}, "member"),
        ({"successor": "wh.head"}, "successor"), ({"successor": "sc.leader"}, "successor"),
        ({"successor": "kf.agent"}, "successor"), ({"successor": "sj.auditor"}, "successor"),
    ],
)  # fmt: skip
def test_no_member_is_replaced_so(docket: Docket, told_otherwise: dict[str, Any], field: str) -> None:
    """Without a reason, who has spoken, who sits on no panel; by who couldn't have been appointed."""
    case = docket("give_opinion", "sc.leader", docket.upto("panel sits"))
    before = writes()
    refusal = docket.refused("replace_member", "sc.officer", case, **told_otherwise)
    assert list(refusal.fields) == [field]
    assert writes() == before


@pytest.mark.rule("R48")
def test_the_last_leader_is_replaced_by_a_leader_alone(docket: Docket) -> None:
    second_leader(docket)
    case = docket.upto("panel sits")
    refusal = docket.refused("replace_member", "sc.officer", case, member="sc.leader", successor="yc.head")
    assert list(refusal.fields) == ["successor"]
    case = docket("replace_member", "sc.officer", case, member="sc.leader", successor="sc.officer2")
    assert [(seat.member.username, seat.place, seat.leads) for seat in case.panel.sitting] == [
        ("sc.officer2", 1, True), ("kf.head", 2, False),
    ]  # fmt: skip


@pytest.mark.rule("R48")
def test_once_the_day_has_passed_another_day_is_named(docket: Docket) -> None:
    case = docket.upto("panel sits")
    docket.now.at = due_of(case) + timedelta(days=1)
    case = docket.swept(case)
    assert list(docket.refused("replace_member", "sc.officer", case).fields) == ["due"]
    due = day_of(docket.now.at) + timedelta(days=3)
    case = docket("replace_member", "sc.officer", case, due=due)
    found = due_of(case)
    assert (day_of(found), deadline(case, "panel").status) == (due, "open")
    assert case.matter.alarm_at == found + timedelta(days=1)


# What is decided


@pytest.mark.rule("R48")
@pytest.mark.rule("R49")
@pytest.mark.parametrize(
    ("opinions", "finding"),
    [
        ({"sc.leader": "violated", "kf.head": "not_violated", "yc.head": "not_violated"}, "not_violated"),
        ({"kf.head": "violated", "yc.head": "violated", "sc.leader": "not_violated"}, "violated"),
        ({"kf.head": "not_violated", "sc.leader": "violated"}, "violated"),
        ({"kf.head": "violated", "sc.leader": "not_violated"}, "not_violated"),
        ({"kf.head": "violated", "sc.officer2": "violated", "sc.leader": "not_violated", "yc.head": "not_violated"},
         "violated"),
    ],
)  # fmt: skip
def test_the_conclusion_follows_from_the_opinions(docket: Docket, opinions: dict[str, str], finding: str) -> None:
    """The majority; of equally many the leader, here the first of two in the members' order (sc.officer2)."""
    second_leader(docket)
    case = heard(docket, opinions)
    other = {"violated": "not_violated", "not_violated": "violated"}[finding]
    refusal = docket.refused("record_panel", "sc.officer", case, conclusion=other)
    assert (list(refusal.fields), Case.objects.get(pk=case.pk).state) == (["conclusion"], "disputed")
    case = docket("record_panel", "sc.officer", case, conclusion=finding)
    states = {"violated": "violation", "not_violated": "no_violation"}
    assert (case.state, case.violated, case.panel.conclusion) == (states[finding], finding == "violated", finding)
    heard_of = {"violated": "found_violated", "not_violated": "found_not_violated"}[finding]
    assert {"wh.contact", "wh.deputy", "wh.head"} <= told(case, heard_of)


@pytest.mark.rule("R48")
def test_nothing_is_recorded_before_all_are_in(docket: Docket) -> None:
    case = docket("give_opinion", "kf.head", docket.upto("panel sits"))
    assert docket.refused("record_panel", "sc.officer", case).code == "state"


@pytest.mark.rule("R48")
@pytest.mark.parametrize("field", ["conclusion", "reasons"])
def test_conclusion_and_reasons_are_wanted(docket: Docket, field: str) -> None:
    refusal = docket.refused("record_panel", "sc.officer", docket.upto("panel has spoken"), **{field: ""})
    assert list(refusal.fields) == [field]


@pytest.mark.rule("R49")
def test_a_violation_orders_the_unit_to_act_in_ten_working_days(docket: Docket) -> None:
    case = docket.upto("violation")
    discipline = deadline(case, "discipline")
    assert (discipline.limit_text, discipline.unit_id, discipline.started_at, holder(case)) == (
        "10wd", docket.cast.unit("WH").pk, docket.now.at, "wh.head",
    )  # fmt: skip


@pytest.mark.rule("R48")
def test_minutes_are_numbered_without_gaps(docket: Docket) -> None:
    """A record that is refused takes no number."""
    for _case in range(2):
        case = docket.upto("panel has spoken")
        with pytest.raises(Refused):
            docket("record_panel", "sc.officer", case, conclusion="not_violated")
        docket("record_panel", "sc.officer", case)
    numbers = Paper.objects.filter(kind="panel_record").order_by("pk").values_list("number", flat=True)
    assert list(numbers) == ["鄂市评纪〔2026〕1号", "鄂市评纪〔2026〕2号"]
