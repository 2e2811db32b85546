"""What people are judged by is what the ledger says: whatever is changed, deleted or put in past the gate is named."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.audit.reconciliation import Left, later, reconcile, whole
from accountability.deadlines.limits import day_of
from accountability.declarations.proofs import PROVED
from accountability.models import Appointment, Authenticator, Deadline, Employee, LedgerEntry, PersonalData
from accountability.monitoring.reminders import remind
from accountability.seed.founding import record_founding, whole_organisation
from accountability.signin import passwords, second_factor
from complaints.actions import coordination
from complaints.models import Complaint, Cooperation
from tests.accountability.audit import bending, tampering
from tests.assessment.docket import Docket
from tests.factories import Play
from tests.shared_world import shared

pytestmark = [pytest.mark.compliance(3), pytest.mark.asvs("11.3.3")]

PLAYED = (
    "accountability.matter", "accountability.deadline", "accountability.paper", "accountability.attachment",
    "accountability.appointment", "accountability.employee", "accountability.unit", "accountability.authenticator",
    "accountability.recoverycode", "accountability.activationcode", "complaints.complaint", "complaints.round",
    "complaints.outsidecase",
    "assessment.case", "assessment.casecomplaint", "assessment.sheet", "assessment.leadmark", "assessment.circular",
    "assessment.panel", "assessment.seat", "assessment.penalty", "assessment.report", "assessment.evidence",
    "assessment.namedperson",
)  # fmt: skip
"""What the world below has rows of."""

EACH = 6
"""Columns of each model that the fast tier changes; the slow one changes all."""


def played(play: Play) -> Play:
    """Two complaints, two cases with all that follows, a limit that was missed, an appointment; and somebody who was
    given a code, set a password and bound a device. The ledger says that the cast was there, and the guards are off.
    """
    record_founding(play.now.at, whole_organisation())
    play.upto("archived")
    play.upto("registered", phone="13911112222")
    play.upto("registered", phone="13911113333", channel="miit", outside_number="118")
    docket = Docket(play)
    docket.upto("withdrawn")
    docket.upto("violation")
    facts = {"employee": "sj.plain", "role": "auditor", "starts_on": day_of(play.now.at), "reason": "任命"}
    play.by_two("appoint_administrator", "sj.security", "sj.auditadmin", **facts)
    play("issue_activation_code", "sj.security", employee="wh.zhang", reason="忘记密码")
    bound(play.cast["wh.zhang"], play.now.at)
    remind(play.now.at)
    tampering.loosen()
    return play


stage, own_copy, now, cast, play, client_for, world = shared(played, signs_in=False)


def bound(person: Employee, at: datetime) -> Authenticator:
    """The person sets a password and binds a device."""
    passwords.put(person, "four plain words here", at)
    found = second_factor.begin(person, at)
    assert second_factor.confirm(found, second_factor.code_at(found, second_factor.step_of(at)), at)
    return found


def named(label: str, pk: Any) -> list[tuple[str, str]]:
    """Kind and columns of what is found about this row."""
    found = [(finding.kind, finding.note) for finding in reconcile()]
    about = f"{label} {pk}"
    return [(kind, note[len(about) + 2 :]) for kind, note in found if note == about or note.startswith(f"{about}:")]


def test_what_the_gate_wrote_holds(world: Play) -> None:
    assert [str(finding) for finding in reconcile()] == []
    assert [label for label in PLAYED if not bending.rows(label).exists()] == []
    assert LedgerEntry.objects.filter(verb="settle").count() == 0


def unnamed(label: str, chosen: list[str]) -> list[str]:
    """The changes of these columns, the deletion and the forgery that weren't named, each in the world as it was."""
    lost: list[str] = []
    marks = LedgerEntry.objects.values_list("marks", flat=True)
    marked = {pk for each in marks for pk in each.get(label, {})}
    row = [row for row in bending.rows(label) if str(row.pk) in marked][-1]
    for way in (*chosen, "deleted", "forged"):
        with transaction.atomic():
            if way == "deleted":
                bending.delete(row)
                wanted, pk = ("left_missing", ""), row.pk
            elif way == "forged":
                copy = bending.forge(row, bending.columns(label))
                wanted, pk = ("left_nowhere", ""), copy.pk
            else:
                wanted, pk = ("left_changed", way), row.pk
                if not bending.change(row, way):
                    continue
                if not bending.rows(label).filter(pk=pk).exists():
                    wanted = ("left_missing", "")  # a draft again
            found = named(label, pk)
            if found and way in leads_to_matter(label):
                pass  # it is missing in one matter, and another has a row that no act left
            elif not any(kind == wanted[0] and wanted[1] in names for kind, names in found):
                lost.append(f"{way}: {found}")
            transaction.set_rollback(True)
    return lost


def leads_to_matter(label: str) -> set[str]:
    first, _deeper, _rest = str(PROVED[label].path).partition("__")
    return {first, f"{first}_id"}


@pytest.mark.parametrize("label", PLAYED)
def test_each_change_deletion_and_forgery_is_named(world: Play, label: str) -> None:
    known = bending.columns(label)
    chosen = Random(label).sample(known, min(EACH, len(known)))
    lost = unnamed(label, chosen)
    assert lost == []


@pytest.mark.slow
@pytest.mark.parametrize("label", PLAYED)
def test_each_column_of_each_row_is_proved(world: Play, label: str) -> None:
    assert unnamed(label, bending.columns(label)) == []


def test_it_is_counted_how_many_ways_are_tried() -> None:
    tried = sum(min(EACH, len(bending.columns(label))) + 2 for label in PLAYED)
    assert tried >= 115
    assert sum(len(bending.columns(label)) + 2 for label in PLAYED) >= 250


def test_of_acts_of_several_matters_the_later_one_counts() -> None:
    early, late = Left("a", 7, 1, "take", "2026-11-24T01"), Left("b", 5, 9, "restore", "2026-11-24T02")
    same, next_one = Left("c", 8, 2, "take", "2026-11-24T02"), Left("d", 8, 3, "restore", "2026-11-24T02")
    assert [later(None, early), later(late, early), later(early, late)] == [early, late, late]
    assert (later(late, same).mark, later(late, same).also) == ("c", ("b",))
    assert (later(same, next_one).mark, later(same, next_one).also) == ("d", ())


def test_a_finding_names_the_act_the_row_and_the_columns(world: Play) -> None:
    """A miss taken back, by one statement: what 115 leads went away by."""
    missed = Deadline.objects.filter(missed_at__isnull=False).latest("pk")
    Deadline.objects.filter(pk=missed.pk).update(missed_at=None, noticed_at=None)
    (found,) = reconcile()
    entries = LedgerEntry.objects.filter(matter_id=missed.matter_id)
    place = max(each.seq for each in entries if str(missed.pk) in each.marks.get("accountability.deadline", {}))
    assert str(found) == (
        f"matter {missed.matter.number}, entry {place} ({found.verb}): a row isn't what this act left"
        f" (accountability.deadline {missed.pk}: missed_at, noticed_at)"
    )


def test_a_forged_office_is_named_whatever_was_there_before(play: Play) -> None:
    """Of the founding too: who was there is in the ledger, and nobody else."""
    assert reconcile() == []
    forged = Appointment.objects.create(employee=play.cast["wh.zhang"], role="marketing_leader", starts_on="2026-01-01")
    assert named("accountability.appointment", forged.pk) == [("left_nowhere", "")]
    person = Employee.objects.create(username="nobody.new", name="新人", password="!")
    assert named("accountability.employee", person.pk) == [("left_nowhere", "")]


def test_passwords_and_second_factors_are_changed_by_their_acts_alone(play: Play) -> None:
    person = play.cast["wh.li"]
    found = bound(person, play.now.at)
    assert reconcile() == []
    verbs = LedgerEntry.objects.filter(actor=person).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["set_password", "bind_second_factor"]
    before = found.sealed
    bound(person, play.now.forward(minutes=2))
    assert reconcile() == []
    label, ways = "accountability.authenticator", {}
    with transaction.atomic():
        person.set_password("another plain word")
        person.save()
        ways["password"] = named("accountability.employee", person.pk)
        transaction.set_rollback(True)
    with transaction.atomic():
        Authenticator.objects.filter(pk=person.pk).update(sealed=before)
        ways["an earlier secret"] = named(label, person.pk)
        transaction.set_rollback(True)
    with transaction.atomic():
        second_factor.remove(person.pk)
        ways["removed"] = named(label, person.pk)
        transaction.set_rollback(True)
    other = second_factor.begin(play.cast["wh.head"], play.now.at)
    Authenticator.objects.filter(pk=other.pk).update(confirmed_at=play.now.at)
    ways["bound"] = named(label, other.pk)
    assert ways == {
        "password": [("left_changed", "password")], "an earlier secret": [("text_changed", "")],
        "removed": [("left_missing", "")], "bound": [("left_nowhere", "")],
    }  # fmt: skip


def test_a_second_factor_that_was_reset_is_gone_by_an_act(play: Play) -> None:
    bound(play.cast["wh.li"], play.now.at)
    kept = Authenticator.objects.get(employee__username="wh.li")
    play.by_two("reset_second_factor", "sj.security", "sj.auditadmin", employee="wh.li", reason="手机丢失")
    assert (reconcile(), Authenticator.objects.filter(pk=kept.pk).exists()) == ([], False)
    kept.save(force_insert=True)
    assert named("accountability.authenticator", kept.pk) == [("left_nowhere", "")]


def test_a_transition_from_a_shell_is_named(play: Play) -> None:
    complaint = Complaint.objects.get(pk=play.upto("registered").pk)
    complaint.withdraw()
    complaint.save()
    assert [finding.kind for finding in reconcile()] == ["left_changed"]
    assert named("complaints.complaint", complaint.pk) == [("left_changed", "state")]


def test_an_invitation_to_another_complaint_is_named(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a unit was invited to is read from the column. Where an act wrote it wrongly, only the comparison tells."""
    other = Complaint.objects.get(pk=play.upto("registered", phone="13911112222").pk)
    complaint = play("convene", "wh.zhang", play.upto("accepted"))
    right = Cooperation.objects.get(coordination__round__complaint=complaint.pk)
    assert (right.complaint_id, reconcile()) == (complaint.pk, [])
    with transaction.atomic():
        Cooperation.objects.filter(pk=right.pk).update(complaint=other)
        told = named("complaints.cooperation", right.pk)
        assert told == [("left_changed", "complaint_id"), ("left_astray", "complaint_id")]
        transaction.set_rollback(True)
    monkeypatch.setattr(coordination, "Cooperation", lambda **said: Cooperation(**said | {"complaint": other}))
    play("convene", "wh.zhang", second := play.upto("accepted", phone="13911113333"))
    wrong = Cooperation.objects.get(coordination__round__complaint=second.pk)
    (found,) = reconcile()
    assert (found.kind, found.matter, found.verb) == ("left_astray", second.pk, "convene")
    assert found.note == f"complaints.cooperation {wrong.pk}: complaint_id"


def test_swapped_numbers_and_customers_are_named(world: Play) -> None:
    one, other = Complaint.objects.order_by("pk")[:2]
    numbers = (one.matter.number, other.matter.number)
    for matter, number in ((one.matter, None), (other.matter, numbers[0]), (one.matter, numbers[1])):
        type(matter).objects.filter(pk=matter.pk).update(number=number)
    for complaint, intake in ((one, other.intake_id), (other, one.intake_id)):
        Complaint.objects.filter(pk=complaint.pk).update(intake_id=intake)
    for complaint in (one, other):
        assert named("accountability.matter", complaint.pk) == [("left_changed", "number")]
        assert named("complaints.complaint", complaint.pk) == [("left_changed", "intake_id")]


def test_texts_swapped_within_a_matter_moved_emptied_or_deleted_are_named(world: Play) -> None:
    one, other = PersonalData.objects.filter(kind="penalise").order_by("pk")[:2]
    assert (one.matter_id, one.kind) == (other.matter_id, other.kind)
    intake = PersonalData.objects.exclude(phone_digest="").order_by("pk")[0]
    ways: dict[str, tuple[list[int], dict[str, Any]]] = {
        "swapped": ([one.pk, other.pk], {}),
        "emptied": ([one.pk], {"sealed": None}),
        "unfound": ([intake.pk], {"phone_digest": ""}),
        "found by another name": ([intake.pk], {"name_digest": "0" * 32}),
    }
    for way, (keys, said) in ways.items():
        with transaction.atomic():
            PersonalData.objects.filter(pk=keys[0]).update(**said or {"sealed": other.sealed})
            if way == "swapped":
                PersonalData.objects.filter(pk=other.pk).update(sealed=one.sealed)
            told = {(finding.kind, finding.note.split()[1]) for finding in reconcile()}
            assert told == {("text_changed", str(pk)) for pk in keys}, way
            transaction.set_rollback(True)
    with transaction.atomic():
        bending.delete(one)
        assert ("text_missing", f"accountability.personaldata {one.pk}") in [(f.kind, f.note) for f in reconcile()]
        transaction.set_rollback(True)


def test_a_row_that_cant_be_read_is_named_and_the_others_are_compared(world: Play) -> None:
    one, other = Deadline.objects.order_by("pk")[:2]
    value = {"sqlite": "'2026-13-45 99:00:00'", "postgresql": "'20000-01-01'"}[connection.vendor]
    tampering.run(f"UPDATE accountability_deadline SET started_at = {value} WHERE id = %s", one.pk)
    Deadline.objects.filter(pk=other.pk).update(started_at=other.started_at - timedelta(hours=1))
    assert named("accountability.deadline", one.pk) == [("left_changed", "")]
    assert named("accountability.deadline", other.pk) == [("left_changed", "started_at")]


def test_a_second_factor_that_cant_be_read_keeps_nothing_from_being_compared(world: Play) -> None:
    one = Authenticator.objects.order_by("pk")[0]
    value = {"sqlite": "'2026-13-45 99:00:00'", "postgresql": "'20000-01-01'"}[connection.vendor]
    tampering.run(f"UPDATE accountability_authenticator SET begun_at = {value} WHERE employee_id = %s", one.pk)
    assert {kind for kind, _names in named("accountability.authenticator", one.pk)} == {"left_changed", "text_changed"}


def test_the_number_of_statements_doesnt_grow(play: Play) -> None:
    counts = []
    for more in (1, 4):
        for number in range(more):
            play.upto("accepted", phone=f"1390000{more}{number:03d}")
        with CaptureQueriesContext(connection) as captured:
            assert reconcile() == []
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_mark_cant_be_taken_from_the_entry(world: Play, folder: Path) -> None:
    """Marks are part of the chain: to take one back breaks it."""
    entry = LedgerEntry.objects.exclude(marks={}).latest("pk")
    LedgerEntry.objects.filter(pk=entry.pk).update(marks={})
    assert ("changed", entry.matter_id, entry.seq) in [
        (f.kind, f.matter, f.place) for f in whole(world.now.at).findings
    ]
