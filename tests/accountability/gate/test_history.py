"""What each record looked like: a row for every change, with the person and the instant of the act."""

from datetime import timedelta

from accountability.gate import sweeper
from accountability.models import Appointment, Deadline, Employee, LedgerEntry, PersonalData, Unit
from complaints.models import Complaint, Round
from tests.factories import Play
from tests.looking import deadline


def test_every_act_leaves_a_row_with_its_person_and_instant(play: Play) -> None:
    start = play.now.at
    complaint = play.upto("registered")
    play("dispatch", "kf.agent2", complaint, at=play.now.forward(minutes=5))
    play("escalate", "kf.supervisor", complaint, at=play.now.forward(minutes=5))

    rows = Complaint.history.filter(matter_id=complaint.matter_id).order_by("history_date")
    assert list(
        rows.values_list("history_type", "history_user__username", "history_date", "history_change_reason", "state")
    ) == [
        ("+", "kf.agent", start, "register", "registered"),
        ("~", "kf.agent2", start + timedelta(minutes=5), "dispatch", "dispatched"),
        ("~", "kf.supervisor", start + timedelta(minutes=10), "escalate", "dispatched"),
    ]
    assert list(rows.values_list("escalated", flat=True)) == [False, False, True]


def test_a_rounds_changes_are_kept_one_by_one(play: Play) -> None:
    complaint = play.upto("answered")
    rows = Round.history.filter(complaint_id=complaint.pk).order_by("history_id")
    assert list(rows.values_list("history_type", "history_user__username", "state", "handler__username")) == [
        ("+", "kf.agent", "delivered", None),
        ("~", "wh.contact", "handed_off", "wh.zhang"),
        ("~", "wh.zhang", "accepted", "wh.zhang"),
        ("~", "wh.zhang", "answered", "wh.zhang"),
    ]


def test_what_an_act_does_not_change_gets_no_row(play: Play) -> None:
    complaint = play.upto("delivered")
    before = Complaint.history.count()
    play("chase", "kf.agent", complaint)
    assert Complaint.history.count() == before


def test_what_the_sweep_changes_is_the_systems(play: Play) -> None:
    complaint = play.upto("return_requested")
    due = deadline(complaint, "ruling", 1).due_at
    assert due is not None
    sweeper.sweep(due + timedelta(minutes=2))

    row = Round.history.filter(complaint_id=complaint.pk).latest("history_id")
    assert (row.state, row.history_user.username, row.history_change_reason, row.history_date) == (
        "handed_off", "system", "miss", due + timedelta(minutes=2),
    )  # fmt: skip


def test_the_organisations_changes_are_kept(play: Play) -> None:
    play("set_supervisor", "sc.officer", employee="wh.wang", supervisor="wh.leader")
    play("set_head", "sc.leader", unit="WH", head="wh.leader")
    play("appoint", "sc.officer", employee="wh.li", role="deputy_contact", starts_on="2026-12-01")
    play("end_appointment", "sc.officer", employee="wh.li", role="deputy_contact", ends_on="2026-12-31")

    person = Employee.history.filter(username="wh.wang").latest("history_id")
    assert (person.supervisor.username, person.history_user.username) == ("wh.leader", "sc.officer")
    unit = Unit.history.filter(code="WH").latest("history_id")
    assert (unit.head.username, unit.history_user.username) == ("wh.leader", "sc.leader")
    appointments = Appointment.history.filter(employee__username="wh.li").order_by("history_id")
    assert list(appointments.values_list("history_type", "ends_on")) == [
        ("+", None),
        ("~", appointments.last().ends_on),
    ]


def test_secrets_and_personal_data_have_no_history() -> None:
    kept = {field.attname for field in Employee.history.model._meta.concrete_fields}
    assert kept & {"password", "last_login"} == set()
    assert not any(hasattr(model, "history") for model in (PersonalData, LedgerEntry, Deadline))
