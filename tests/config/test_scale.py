"""The bench of a large database: its tables, its operations, the copies that it makes, and its floors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from django.test import Client

from accountability.models import Matter, PersonalData
from accountability.security.encryption import digest, unseal
from complaints.lists.search import INTAKES
from complaints.models import Complaint, Round, State
from config.bench.scale import corpus
from config.bench.scale.acts import acts, lengthened
from config.bench.scale.command import _operations, _options
from config.bench.scale.loading import Grown, _another
from config.bench.scale.measuring import Measured
from config.bench.scale.operations import MANY_ENTRIES, operations
from config.bench.scale.table import BEGIN, END, REPORT, table
from tests.factories import Now, Play

SCALE = Path(corpus.__file__).parent


def test_growth_is_a_ratio_of_ratios_and_what_failed_is_told():
    small = [Measured("queue", 16, 6.0, 5.0, 100, 0), Measured("desk", 0, 0, 0, 0, 0)]
    large = [Measured("queue", 16, 7.5, 5.0, 120, 2), Measured("desk", 0, 0, 0, 0, 0)]
    head, _line, queue, desk = table([10_000, 100_000], [small, large])
    assert "growth 10,000 → 100,000" in head
    assert queue == "| queue (2 failed) | 16 | 7.5 | 5.0 | 1.2 | 120 MB |"
    assert desk == "| desk | – | – | – | – | – |"


def test_growth_is_told_whatever_number_stands_in_the_name():
    small = [Measured("sweep, limits due (8,105)", 9, 12.0, 9.0, 0, 0)]
    large = [Measured("sweep, limits due (8,113)", 9, 24.0, 9.0, 0, 0)]
    *_head, row = table([10_000, 100_000], [small, large])
    assert row == "| sweep, limits due (8,113) | 9 | 24.0 | 9.0 | 2.0 | – |"


def test_the_document_has_a_place_for_the_table():
    text = REPORT.read_text()
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
    asked = {one.name: one for one in _operations(_options([]), play.now)}
    assert asked["queue, agent"].ask() == ("GET", "/complaints/?list=", None)
    assert (asked["register"].ends, asked["register"].floor) == (302, "create")
    method, address, form = asked["register"].ask()
    assert (method, address) == ("POST", "/complaints/new/")
    assert form is not None
    assert form["_seen"] == Complaint().shown_for("register")


def test_every_operation_has_a_name_of_its_own(play: Play) -> None:
    play.upto("archived")
    names = [one.name for one in _operations(_options([]), play.now)]
    assert len(names) == len(set(names)) > 50
    assert {one.name for one in _operations(_options(["--only", "dispatch", "answer"]), play.now)} == {
        "dispatch", "answer", "send_back_answer", "approve_answer",
    }  # fmt: skip


def test_every_step_of_every_way_is_taken_by_its_page(play: Play, client_for: Callable[[str], Client]) -> None:
    """Twice each, as turns do: what the first step leaves, the next one takes."""
    play.upto("archived")
    taken = set()
    for one in acts(Random(1), play.now):
        for _turn in range(2):
            _method, address, form = one.ask()
            answer = client_for(one.who).post(address, form)
            assert answer.status_code == one.ends, (one.name, answer.content.decode())
        taken.add(one.name)
    assert {"report_to_leader", "add_note", "rule_on_return", "recall", "finish_call_back", "judge_complete"} <= taken
    ended = Complaint.objects.filter(state=State.ARCHIVED, intake__isnull=False)
    assert ended.filter(archived_unsatisfied=True).count() == 2


def test_what_is_left_out_is_done_through_the_gate(play: Play, client_for: Callable[[str], Client]) -> None:
    play.upto("archived")
    (reply,) = [one for one in acts(Random(1), play.now) if one.name == "reply"]
    _method, address, form = reply.ask()
    assert client_for(reply.who).post(address, form).status_code == 302


def test_a_complaint_becomes_long_once(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    lengthened(now.at)
    lengthened(now.at)
    assert play.again(complaint).matter.ledger_length == MANY_ENTRIES
    play.upto("archived", phone="13900000002")
    assert f"complaint, {MANY_ENTRIES} entries" in {one.name for one in operations(Random(1))}
