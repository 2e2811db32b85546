"""What bodies outside hand over: their number, their day, and the letter that goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate.sweeper import sweep
from accountability.models import Deadline, LedgerEntry, Notification, Paper
from complaints.models import Complaint, OutsideCase
from tests.factories import Now, Play, instant_of
from tests.looking import deadline

pytestmark = pytest.mark.rule("R9")

MIIT = {"channel": "miit", "outside_number": "鄂通申〔2026〕118号"}


def registered(play: Play, **facts: Any) -> Complaint:
    return play("register", "kf.agent", None, **MIIT | facts)


def told(complaint: Complaint, kind: str) -> set[str]:
    found = Notification.objects.filter(matter=complaint.matter, kind=kind, over_at=None)
    return set(found.values_list("recipient__username", flat=True))


def page_of(client: Client, complaint: Complaint) -> str:
    return client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()


@pytest.mark.parametrize(
    ("channel", "due"),
    [("miit", "2026-12-04 24:00"), ("line_12345", "2026-12-01 24:00"), ("line_12315", "2026-12-08 24:00"),
     ("superior", "2026-12-01 24:00")],
)  # fmt: skip
def test_each_body_has_a_limit_of_its_own(play: Play, channel: str, due: str) -> None:
    complaint = registered(play, channel=channel)
    found = deadline(complaint, f"answer_{channel}")
    assert (found.due_at, found.unit.code if found.unit else "") == (instant_of(due), "KF")
    assert (complaint.escalated, complaint.priority, complaint.outside_open) == (True, "P2", 1)
    assert {d.kind for d in Deadline.objects.filter(matter=complaint.matter)} >= {"first_reply", "legal"}


def test_the_day_that_the_letter_names_comes_first(play: Play) -> None:
    due = instant_of("2026-11-26 12:00")
    assert deadline(registered(play, answer_due=due), "answer_miit").due_at == due


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"outside_number": ""}, "outside_number"),
        ({"channel": "call"}, "outside_number"),
        ({"channel": "superior", "outside_number": "", "answer_due": instant_of("2026-11-26 12:00")}, "outside_number"),
        ({"answer_due": instant_of("2026-11-24 09:00")}, "answer_due"),
        ({"outside_number": "13871234567"}, "outside_number"),
        ({"outside_number": "无编号"}, "outside_number"),
        ({"outside_number": "<b>118</b>"}, "outside_number"),
        ({"outside_number": "1" * 41}, "outside_number"),
    ],
)
def test_bad_input_is_told_at_its_field(play: Play, facts: dict[str, Any], field: str) -> None:
    refused = play.refused("register", "kf.agent", None, **MIIT | facts)
    assert list(refused.fields) == [field]
    assert not Complaint.objects.exists()


def test_headquarters_may_hand_over_by_telephone(play: Play) -> None:
    complaint = registered(play, channel="superior", outside_number="")
    assert (complaint.outside_open, OutsideCase.objects.count(), complaint.escalated) == (0, 0, True)


def test_a_number_is_taken_up_once(play: Play) -> None:
    first = registered(play)
    refused = play.refused("register", "kf.agent", None, **MIIT)
    assert str(first.matter.number) in str(refused.fields["outside_number"])
    registered(play, channel="line_12345")  # another body may have the same number
    case, other = OutsideCase.objects.order_by("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutsideCase.objects.create(
            complaint_id=other.complaint_id, body="miit", number=case.number,
            deadline=deadline(first, "legal"), received_at=case.received_at, recorded_by=case.recorded_by,
        )  # fmt: skip


def test_a_complaint_under_way_is_asked_about(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    assert complaint.priority == "P3"
    now.set("2026-11-25 10:00")
    complaint = play("record_outside_case", "kf.agent2", complaint, received="2026-11-25 08:30")
    assert (complaint.priority, complaint.escalated, complaint.outside_open) == ("P2", True, 1)
    assert (complaint.matter.awaits, complaint.matter.holder) == ("answer", play.cast["wh.zhang"])
    assert deadline(complaint, "answer_miit").started_at == instant_of("2026-11-25 08:30")
    assert told(complaint, "outside_case") == {"kf.agent"}
    again = play.refused(
        "record_outside_case", "kf.agent", complaint, outside_number="119", received="2026-11-25 09:00"
    )
    assert list(again.fields) == ["body"]
    late = {"body": "line_12345", "received": "2026-11-25 10:01"}
    assert list(play.refused("record_outside_case", "kf.agent", complaint, **late).fields) == ["received"]


def test_the_answer_is_a_letter_that_is_kept(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play("record_outside_case", "kf.agent", play.upto("registered"))
    now.set("2026-11-25 10:00")
    content = "已向张晓明（13871234567）退还多扣费用。"
    complaint = play("answer_outside_case", "kf.agent2", complaint, content=content)
    assert (deadline(complaint, "answer_miit").status, complaint.outside_open) == ("met", 0)
    assert told(complaint, "outside_case") == set()
    paper = Paper.objects.get(matter=complaint.matter, kind="outside_answer")
    text = paper.text or ""
    assert ("鄂通申〔2026〕118号" in text, "通信管理局" in text, complaint.matter.number in text) == (True,) * 3
    assert ("13871234567" in text, "退还多扣费用" in text) == (False, True)
    entry = LedgerEntry.objects.get(matter=complaint.matter, verb="answer_outside_case")
    assert (entry.facts["papers"], entry.part, "退还" in str(entry.facts)) == ([paper.digest], 0, False)
    for username in ("kf.agent", "sc.officer"):
        assert reverse("paper", args=[paper.token]) in page_of(client_for(username), complaint)
        assert client_for(username).get(reverse("paper", args=[paper.token])).status_code == 200


def test_a_unit_reads_the_limit_and_neither_number_nor_letter(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play("record_outside_case", "kf.agent", play.upto("accepted"), outside_number="鄂申8118")
    body = page_of(client_for("wh.zhang"), complaint)
    assert ("答复通信管理部门" in body, "鄂申8118" in body) == (True, False)
    complaint = play("answer_outside_case", "kf.agent", complaint, content="只给转办单位看的说明。")
    paper = Paper.objects.get(matter=complaint.matter, kind="outside_answer")
    for username in ("wh.zhang", "wh.contact", "wh.head", "yc.contact"):
        client = client_for(username)
        assert client.get(reverse("paper", args=[paper.token])).status_code == 404
        assert "只给转办单位看" not in client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()
        assert "只给转办单位看" not in client.get(f"{reverse('search')}?q=转办单位看").content.decode()


def test_an_archived_complaint_is_still_answered(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play("record_outside_case", "kf.agent", play.upto("replied"))
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=True)
    assert (complaint.state, complaint.outside_open) == ("archived", 1)
    assert (complaint.matter.awaits, complaint.matter.holder) == ("answer_outside_case", play.cast["kf.agent"])
    assert complaint.matter.closed_at is None
    assert play.refused("record_outside_case", "kf.agent", complaint, body="line_12345").code == "state"
    listed = client_for("kf.agent2").get(f"{reverse('complaints')}?list=answer_outside_case").content.decode()
    assert complaint.matter.number in listed
    now.set("2026-12-05 00:01")
    sweep(now.at)
    found = deadline(complaint, "answer_miit")
    assert (found.status, told(complaint, "missed")) == ("missed", {"kf.agent"})
    complaint = Complaint.objects.get(pk=complaint.pk)
    assert complaint.matter.work_due_at == found.due_at
    late = client_for("kf.agent").get(f"{reverse('complaints')}?list=answer_outside_case&clock=late").content.decode()
    assert str(complaint.matter) in late
    page = client_for("kf.agent").get(reverse("complaint", args=[complaint.matter.number]))
    assert [form.verb.name for form in page.context["forms"]] == ["answer_outside_case"]
    complaint = play("answer_outside_case", "kf.agent", complaint)
    found = deadline(complaint, "answer_miit")
    assert (found.status, bool(found.met_at), complaint.state) == ("missed", True, "archived")
    assert (complaint.matter.holder, complaint.matter.closed_at) == (None, complaint.archived_at)


def test_what_was_recorded_by_mistake_is_dropped(play: Play) -> None:
    complaint = play("record_outside_case", "kf.agent", play.upto("delivered"))
    assert play.refused("drop_outside_case", "kf.agent", complaint).code == "forbidden"
    assert list(play.refused("drop_outside_case", "kf.supervisor", complaint, body="superior").fields) == ["body"]
    complaint = play("drop_outside_case", "kf.supervisor", complaint)
    assert (deadline(complaint, "answer_miit").status, complaint.outside_open) == ("void", 0)
    assert play.refused("answer_outside_case", "kf.agent", complaint).code == "state"
    registered(play)  # the number is free again


@pytest.mark.parametrize("typed", ["鄂通申〔2026〕118号", "鄂通申[2026] １１８号", " 鄂通申（2026）118号"])
def test_the_offices_find_it_by_its_number(play: Play, client_for: Callable[[str], Client], typed: str) -> None:
    complaint = play("dispatch", "kf.agent", registered(play, outside_number="鄂通申（2026）118号"))
    for username, finds in (("kf.agent2", True), ("sc.officer", True), ("wh.contact", False)):
        body = client_for(username).get(reverse("search"), {"q": typed}).content.decode()
        assert (complaint.matter.number[-6:] in body) == finds
    assert list(play.refused("register", "kf.agent", None, **MIIT | {"outside_number": typed.strip()}).fields) == [
        "outside_number"
    ]


def test_a_body_may_ask_again_once_it_was_answered(play: Play, now: Now) -> None:
    complaint = play("record_outside_case", "kf.agent", play.upto("delivered"))
    complaint = play("answer_outside_case", "kf.agent", complaint)
    now.set("2026-11-25 10:00")
    again = {"outside_number": "鄂通申〔2026〕200号", "received": "2026-11-25 09:00"}
    complaint = play("record_outside_case", "kf.agent", complaint, **again)
    found = deadline(complaint, "answer_miit")
    assert (found.cycle, found.status, complaint.outside_open) == (2, "open", 1)


@pytest.mark.usefixtures("sent_as_written")
def test_a_page_without_such_a_case_asks_for_none(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint, client = play.upto("accepted"), client_for("kf.agent")
    with CaptureQueriesContext(connection) as asked:
        page_of(client, complaint)
    assert not [one for one in asked.captured_queries if "outsidecase" in one["sql"]]


def test_what_somebody_forwarded_stays_in_their_list_while_a_body_outside_waits(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    """Archived, and not over."""
    complaint = play("register", "kf.agent", play.upto("forwarded"))
    complaint = play("withdraw", "kf.agent", play("record_outside_case", "kf.agent", complaint))
    assert (complaint.state, complaint.outside_open, complaint.matter.closed_at) == ("archived", 1, None)
    listed, number = reverse("complaints") + "?list=forwarded", complaint.matter.number
    forwarder = client_for("yc.chen")
    assert number in forwarder.get(listed).content.decode()
    play("answer_outside_case", "kf.agent", complaint)
    assert number not in forwarder.get(listed).content.decode()
