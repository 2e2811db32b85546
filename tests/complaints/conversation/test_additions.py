"""Notes and what the customer adds: who reads them, on the page, by the search and in their files; who is told."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accountability.files import attachments
from accountability.gate.perform import perform
from accountability.models import Attachment, LedgerEntry, actor_for
from complaints.dossier.dossier import story_of
from complaints.lists.search import texts_for
from complaints.models import Complaint
from tests.complaints.actions.test_phone_handover import told
from tests.complaints.actions.test_review import page_of
from tests.factories import Play

ClientFor = Callable[[str], Client]
pytestmark = pytest.mark.rule("R1")

OF_WH = {"wh.zhang", "wh.contact", "wh.leader", "wh.head"}
OFFICES = {"kf.agent2", "kf.head", "sc.officer", "sj.auditor"}
PEOPLE = OF_WH | OFFICES | {"wh.li", "yc.contact", "yc.chen", "sj.plain"}
WORDS = "王建国说先别打13871234567。"
MASKED = "王**说先别打138****4567。"


def a_file(play: Play, by: str, kind: str) -> Attachment:
    return attachments.take("通话.txt", "通话记录".encode(), by=play.cast[by], at=play.now.at, kind=kind)


def noted(play: Play, by: str, complaint: Complaint, **facts: Any) -> Complaint:
    return play("add_note", by, complaint, note=WORDS, files=[a_file(play, by, "note")], **facts)


def added(play: Play, by: str, complaint: Complaint) -> Complaint:
    return play("supplement", by, complaint, content=WORDS, files=[a_file(play, by, "supplement")])


def last(complaint: Complaint) -> LedgerEntry:
    said = LedgerEntry.objects.filter(matter=complaint.matter, verb__in=("add_note", "supplement"))
    return said.select_related("texts").latest("seq")


def readers(play: Play, complaint: Complaint) -> set[str]:
    """Who reads the last of them. Page, search and file agree."""
    entry = last(complaint)
    file = Attachment.objects.get(pk=entry.facts["files"][0])
    on_page: set[str] = set()
    found: set[str] = set()
    opened: set[str] = set()
    for name in PEOPLE:
        actor = actor_for(play.cast[name].pk, play.now.at)
        known = Complaint.objects.visible_to(actor).filter(pk=complaint.pk).exists()
        if known and entry.pk in {each.pk for each in story_of(play.again(complaint), actor).entries}:
            on_page.add(name)
        if texts_for(actor).filter(entry=entry).exists():
            found.add(name)
        if attachments.may_read(file, actor):
            opened.add(name)
    assert on_page == found == opened
    return on_page


@pytest.mark.parametrize(
    ("by", "shared", "expected"),
    [
        ("wh.zhang", False, OF_WH | {"sj.auditor"}),
        ("wh.contact", False, OF_WH | {"sj.auditor"}),
        ("wh.zhang", True, OF_WH | OFFICES),
        ("kf.agent", False, {"kf.agent2", "kf.head", "sj.auditor"}),
        ("kf.agent", True, OF_WH | OFFICES),
    ],
)
def test_a_note_is_the_units_own_or_shared_with_the_other_side(
    play: Play, by: str, shared: bool, expected: set[str]
) -> None:
    assert readers(play, noted(play, by, play.upto("accepted"), shared=shared)) == expected


@pytest.mark.parametrize(
    ("shared", "expected"),
    [(False, {"yc.contact", "yc.chen", "sj.auditor"}), (True, {"yc.contact", "yc.chen"} | OFFICES)],
)
def test_the_people_of_the_round_do_not_read_what_an_invited_unit_notes(
    play: Play, shared: bool, expected: set[str]
) -> None:
    assert readers(play, noted(play, "yc.chen", play.upto("convened"), shared=shared)) == expected


def test_a_unit_reads_no_other_units_notes(play: Play) -> None:
    """The round went back and another unit has it: it reads the customer's words, not what the first one noted."""
    complaint = noted(play, "wh.zhang", play.upto("accepted"), shared=True)
    returned = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", complaint))
    second = play("dispatch", "kf.agent", returned, unit="YC")
    assert readers(play, second) == OF_WH | OFFICES
    assert readers(play, added(play, "kf.agent", second)) == OF_WH | OFFICES | {"yc.contact"}


def test_a_unit_is_not_told_which_other_unit_took_the_customers_words_down(play: Play, client_for: ClientFor) -> None:
    """The round went back and another unit has it. The words go with the intake; the other unit's name doesn't."""
    complaint = play.upto("accepted")
    complaint = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", complaint))
    complaint = play("hand_off", "yc.contact", play("dispatch", "kf.agent", complaint, unit="YC"), to="yc.chen")
    complaint = added(play, "yc.chen", complaint)
    author, unit = play.cast["yc.chen"].name, play.cast.unit("YC").name
    told_of = page_of(client_for("wh.contact"), complaint)
    assert (MASKED in told_of, author in told_of, unit in told_of) == (True, False, False)
    for reader in ("yc.contact", "yc.chen", "kf.agent", "sj.auditor"):
        assert author in page_of(client_for(reader), complaint).partition('id="course"')[2], reader


def test_the_centre_and_the_people_of_ones_own_round_are_named(play: Play, client_for: ClientFor) -> None:
    for by in ("kf.agent", "wh.zhang"):
        complaint = added(play, by, play.upto("accepted"))
        story = story_of(play.again(complaint), actor_for(play.cast["wh.contact"].pk, play.now.at))
        assert story.names_author(last(complaint)), by
    forwarded = play("dispatch", "kf.agent", play("register", "kf.agent", play("forward", "yc.chen")))
    forwarded = added(play, "yc.chen", forwarded)
    story = story_of(play.again(forwarded), actor_for(play.cast["wh.contact"].pk, play.now.at))
    assert story.names_author(last(forwarded))


def test_marketing_notes_where_it_coordinates_and_else_only_reads(play: Play) -> None:
    assert play.refused("add_note", "sc.officer", play.upto("accepted")).code == "forbidden"
    complaint = noted(play, "sc.officer", play.upto("accepted", flags=["major"], phone="13900002222"))
    assert readers(play, complaint) == {"sc.officer", "sj.auditor"}


def test_what_the_customer_adds_goes_with_the_intake_and_a_forwarder_sees_their_own(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen"))
    complaint = play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint))
    assert readers(play, added(play, "yc.chen", complaint)) == OF_WH | OFFICES | {"yc.chen"}
    assert readers(play, added(play, "kf.agent", complaint)) == OF_WH | OFFICES
    assert readers(play, added(play, "wh.zhang", complaint)) == OF_WH | OFFICES
    assert told(complaint, "supplemented") == {"wh.zhang"}
    assert play.refused("supplement", "sj.plain", complaint).code == "forbidden"


def test_it_can_be_added_before_the_registration(play: Play) -> None:
    complaint = play("supplement", "yc.chen", play.upto("forwarded"))
    assert (complaint.state, last(complaint).part) == ("forwarded", 0)


def test_who_is_mentioned_is_told_and_must_be_able_to_read_it(play: Play) -> None:
    complaint = play.upto("accepted")
    refusal = play.refused("add_note", "wh.zhang", complaint, mention=["kf.agent"])
    assert (refusal.code, set(refusal.fields)) == ("condition", {"mention"})
    assert set(play.refused("add_note", "kf.agent", complaint, shared=True, mention=["yc.chen"]).fields) == {"mention"}
    play("add_note", "wh.zhang", complaint, shared=True, mention=["kf.agent", "wh.leader"])
    play("add_note", "kf.agent", complaint, mention=["kf.supervisor"])
    play("add_note", "kf.agent", complaint, shared=True, mention=["wh.contact"])
    assert told(complaint, "mentioned") == {"kf.agent", "wh.leader", "kf.supervisor", "wh.contact"}


def test_the_ledger_holds_references_only(play: Play) -> None:
    complaint = noted(play, "wh.zhang", play.upto("accepted"), mention=["wh.leader"])
    entry = last(complaint)
    assert entry.facts == {
        "mention": [play.cast["wh.leader"].pk], "files": entry.facts["files"],
        "of_unit": play.cast.unit("WH").pk, "shared": False,
    }  # fmt: skip
    assert entry.texts.opened == {"note": WORDS}


@pytest.mark.parametrize("verb", ["add_note", "supplement"])
def test_a_double_click_writes_once_and_the_state_stays(play: Play, verb: str) -> None:
    complaint = play.upto("accepted")
    facts = {"note": WORDS} if verb == "add_note" else {"content": WORDS}
    outcomes = [
        perform(complaint, verb, by=play.cast["wh.zhang"], at=play.now.at, key="once", **facts) for _ in range(2)
    ]
    assert [outcome.repeated for outcome in outcomes] == [False, True]
    assert LedgerEntry.objects.filter(matter=complaint.matter, verb=verb).count() == 1
    assert play.again(complaint).position == complaint.position


@pytest.mark.parametrize("verb", ["add_note", "supplement", "plan_call_back"])
def test_the_archive_ends_it(play: Play, verb: str) -> None:
    assert play.refused(verb, "kf.agent", play.upto("archived")).code == "state"


def test_the_page_offers_it_at_the_record_and_shows_it_masked(play: Play, client_for: ClientFor) -> None:
    complaint = noted(play, "wh.zhang", play.upto("accepted"))
    page: Any = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/")
    assert [talk["url"].split("/")[-2] for talk in page.context["talks"]] == [
        "add_note",
        "supplement",
        "plan_call_back",
    ]
    course = page.content.decode().partition('id="course"')[2]
    assert (MASKED in course, "通话.txt" in course, "13871234567" in course) == (True, True, False)
    assert MASKED not in page_of(client_for("kf.agent"), complaint)


def test_the_form_writes_it_down(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("accepted")
    form = page_of(client_for("wh.zhang"), complaint, "add_note/")
    assert ("wh.leader" in form, "wh.li" in form) == (True, False)
    posted = {"note": "已核实。", "shared": "true", "mention_likely": ["wh.leader"]}
    response = client_for("wh.zhang").post(f"/complaints/{complaint.matter.number}/add_note/", posted)
    assert (response.status_code, last(complaint).facts["shared"]) == (302, True)
    assert told(complaint, "mentioned") == {"wh.leader"}


def test_the_warning_of_a_repeat_leads_to_the_one_under_way(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("accepted")
    told_of = client_for("kf.agent").post("/complaints/lookup/", {"phone": "13871234567"}, HTTP_HX_REQUEST="true")
    assert f"/complaints/{complaint.matter.number}/supplement/" in told_of.content.decode()
