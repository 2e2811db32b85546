"""The bench of a large database: its table, its operations, and the copies that it makes."""

from __future__ import annotations

from pathlib import Path
from random import Random

from accountability.models import Matter, PersonalData
from accountability.security.encryption import digest, unseal
from complaints.lists.search import INTAKES
from complaints.models import Complaint, Round
from config.bench.scale.command import BEGIN, END, _table
from config.bench.scale.loading import Grown, _another
from config.bench.scale.measuring import Measured
from config.bench.scale.operations import operations

DOC = Path(__file__).parents[2] / "docs" / "scale.md"


def test_growth_is_a_ratio_of_ratios_and_what_failed_is_told():
    small = [Measured("queue", 16, 6.0, 5.0, 100, 0), Measured("desk", 0, 0, 0, 0, 0)]
    large = [Measured("queue", 16, 7.5, 5.0, 120, 2), Measured("desk", 0, 0, 0, 0, 0)]
    head, _line, queue, desk = _table([10_000, 100_000], [small, large])
    assert "growth 10,000 → 100,000" in head
    assert queue == "| queue (2 failed) | 16 | 7.5 | 5.0 | 1.2 | 120 MB |"
    assert desk == "| desk | – | – | – | – | 0 MB |"


def test_the_document_has_a_place_for_the_table():
    text = DOC.read_text()
    assert text.index(BEGIN) < text.index(END)


def test_every_copy_has_a_telephone_number_of_its_own():
    numbers = {_another("13871234567", n) for n in range(2000)}
    assert len(numbers) == 2000
    assert all(len(number) == 11 and number.isdigit() for number in numbers)


def test_a_copy_is_sealed_for_itself_and_the_archive_only_where_it_is_shown(play):
    complaint = play.upto("accepted")
    grown = Grown()
    whole = {row[0] - grown.apart[PersonalData]: row for row in grown._sealed(1, 1)}
    assert complaint.intake_id in whole
    key, sealed, phone, last_four = whole[complaint.intake_id]
    texts = unseal(sealed, matter_id=complaint.pk + grown.apart[Matter], kind=complaint.intake.kind, row=key)
    assert texts["phone"] != complaint.intake.opened["phone"]
    assert (phone, last_four) == (digest("phone", texts["phone"]), digest("last4", texts["phone"][-4:]))
    grown.moved = 1.0
    assert {row.kind for row in grown.texts} > set(INTAKES) & {row.kind for row in grown.texts}
    assert len(list(grown._sealed(1, 1))) < len(whole)


def test_of_the_archive_only_what_is_closed_is_copied_and_moved_back(play):
    play.upto("archived")
    grown = Grown()
    opened, link = (Matter._meta.get_field("opened_at"), Complaint._meta.get_field("repeat_of"))
    assert "bench_closed" not in grown._besides(Round)
    assert grown._value(Matter, opened) == '"opened_at"'
    grown.archived, grown.moved = 4, 2.5
    assert grown._besides(Round).endswith("AND complaint_id IN (SELECT id FROM bench_closed)")
    assert "- (4 + 1 - n) * interval '2.5000 days'" in grown._value(Matter, opened)
    assert grown._value(Complaint, link).startswith('CASE WHEN "repeat_of_id" IN (SELECT id FROM bench_closed)')


def test_each_operation_says_who_asks_for_which_page(play):
    play.upto("archived")
    play.upto("accepted", phone="13900000001")
    asked = {one.name: one for one in operations(Random(1))}
    assert asked["queue, agent"].ask() == ("GET", "/complaints/?list=", None)
    assert (asked["register"].ends, asked["register"].floor) == (302, "create")
    method, address, form = asked["register"].ask()
    assert (method, address) == ("POST", "/complaints/new/")
    assert form is not None
    assert form["_seen"] == Complaint().shown_for("register")
