"""Coordination by marketing is doing, R14 of the notice: when it coordinates, what it does, from which lists."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accountability.documents.content import Content
from accountability.models import LedgerEntry, Notification, Paper, actor_for
from accountability.notices.sentences import notice
from complaints.lists import desk as desk
from complaints.lists.bulk import offered
from complaints.lists.worklists import complaints_of, lists_of
from complaints.models import Complaint, Coordination
from tests.factories import Cast, Now, Play
from tests.looking import deadline

ClientFor = Callable[[str], Client]


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def lists(cast: Cast, now: Now, username: str) -> dict[str, list[int]]:
    """The work lists of this person that aren't empty."""
    actor = actor_for(cast[username].pk, now.at)
    assert actor is not None
    found = {work.name: [*complaints_of(work, actor).values_list("pk", flat=True)] for work in lists_of(actor, now.at)}
    return {name: ids for name, ids in found.items() if ids}


# When it coordinates


@pytest.mark.rule("R14")
def test_p1_alone_is_major_whenever_it_comes(play: Play) -> None:
    assert play.upto("registered", priority="P1").coordinator.code == "SC"
    later = play.upto("delivered", phone="13900000001")
    assert later.coordinator is None
    assert play("correct", "kf.agent", later, priority="P1").coordinator.code == "SC"
    assert told("coordinate") == {"sc.officer", "sc.officer2", "sc.leader"}


@pytest.mark.rule("R14")
def test_marketing_hears_when_it_coordinates_no_more(play: Play) -> None:
    complaint = play.upto("registered", priority="P1")
    complaint = play("correct", "kf.agent", complaint, priority="P3")
    assert complaint.coordinator is None
    assert told("coordinate_no_more") == {"sc.officer", "sc.officer2", "sc.leader"}
    assert play.refused("set_flags", "sc.officer", complaint).code == "forbidden"


# Flags


@pytest.mark.rule("R12")
@pytest.mark.rule("R14")
def test_flags_are_set_after_intake_and_move_no_running_limit(play: Play) -> None:
    complaint = play.upto("accepted", flags=["cross_province"])
    before = {kind: deadline(complaint, kind, 1).due_at for kind in ("handling", "handoff", "return")}
    complaint = play("set_flags", "kf.agent", complaint, flags=["cross_province", "escalated"])
    assert (complaint.priority, complaint.flags) == ("P2", ["cross_province", "escalated"])
    assert complaint.coordinator.code == "SC"
    assert {kind: deadline(complaint, kind, 1).due_at for kind in before} == before
    assert told("corrected") == {"wh.contact", "wh.zhang", "wh.leader"}
    complaint = play("set_flags", "sc.officer", complaint, flags=["major"])
    assert (complaint.priority, complaint.flags, complaint.coordinator.code) == ("P2", ["major"], "SC")
    entry = LedgerEntry.objects.filter(verb="set_flags").latest("pk")
    assert entry.facts == {"flags": ["major"], "before": {"flags": ["cross_province", "escalated"]}}


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("facts", "field"),
    [({"reason": ""}, "reason"), ({"flags": ["urgent"]}, "flags"), ({"flags": []}, "flags")],
)
def test_flags_need_a_reason_and_a_change(play: Play, facts: dict[str, Any], field: str) -> None:
    assert list(play.refused("set_flags", "kf.agent", play.upto("registered"), **facts).fields) == [field]


@pytest.mark.rule("R12")
def test_what_came_from_above_stays_escalated(play: Play) -> None:
    complaint = play.upto("registered", channel="superior")
    assert list(play.refused("set_flags", "kf.agent", complaint, flags=["major"]).fields) == ["flags"]
    mistaken = play("escalate", "kf.agent", play.upto("registered", phone="13900000001"))
    mistaken = play("set_flags", "kf.agent", mistaken, flags=[])
    assert (mistaken.escalated, mistaken.priority) == (False, "P2")  # urgency is corrected for itself


# Chasing and the table


@pytest.mark.rule("R13")
@pytest.mark.rule("R14")
def test_it_chases_what_it_coordinates_and_the_unit_hears_who_did(play: Play) -> None:
    play("chase", "sc.officer", play.upto("accepted", priority="P1"))
    assert told("chased") == {"wh.contact", "wh.zhang", "wh.leader"}
    assert notice(Notification.objects.filter(kind="chased")[0]) == "市场部催办（R14）。"
    other = play.upto("accepted", phone="13900000001")
    assert play.refused("chase", "sc.officer", other).code == "forbidden"


@pytest.mark.rule("R14")
@pytest.mark.rule("R30")
def test_it_convenes_before_anybody_handles_it_and_the_clock_runs_on(play: Play, now: Now) -> None:
    complaint = play("convene", "sc.officer", play.upto("delivered", priority="P1"))
    assert told("coordinator_convened") == {"wh.contact"}
    assert (complaint.state, complaint.round.state, complaint.matter.holder.username) == (
        "dispatched", "delivered", "wh.contact",
    )  # fmt: skip
    complaint = play("record_tasks", "sc.officer2", complaint, attendees=["sc.officer", "yc.chen"])
    complaint = play("confirm_task", "yc.chen", complaint)
    assert told("task_confirmed") == {"sc.officer"}
    assert deadline(complaint, "handoff", 1).is_running
    complaint = play("conclude_coordination", "sc.leader", complaint)
    assert told("coordinator_concluded") == {"wh.contact"}
    complaint = play("finish_task", "yc.chen", complaint)
    assert told("task_finished") == {"sc.officer"}
    now.forward(minutes=31)
    play("hand_off", "wh.contact", complaint)
    assert deadline(complaint, "handoff", 1).missed_at


@pytest.mark.rule("R14")
def test_handler_and_marketing_share_one_table(play: Play) -> None:
    complaint = play("convene", "wh.zhang", play.upto("accepted", priority="P1"))
    assert "已有进行中的协调" in str(play.refused("convene", "sc.officer", complaint, units=["WL"]))
    play("record_tasks", "sc.officer", complaint)
    assert Coordination.objects.get().by_coordinator is False
    own = play.upto("accepted", phone="13900000001", priority="P1")
    own = play("convene", "sc.officer", own)
    own = play("record_tasks", "wh.leader", own)
    own = play("confirm_task", "yc.chen", own)
    assert play("conclude_coordination", "wh.zhang", own).parts[0].coordination.by_coordinator is True


@pytest.mark.rule("R14")
@pytest.mark.parametrize("state", ["registered", "return_requested", "answered", "completed"])
def test_it_convenes_in_no_round_that_waits_for_the_centre(play: Play, state: str) -> None:
    complaint = play.upto(state, priority="P1")
    assert play.refused("convene", "sc.officer", complaint).code in ("state", "forbidden")


@pytest.mark.rule("R30")
def test_a_recalled_round_takes_the_coordinators_table_along(play: Play) -> None:
    complaint = play("convene", "sc.officer", play.upto("delivered", priority="P1"))
    complaint = play("recall", "kf.agent", complaint)
    assert told("coordination_lapsed") == {"yc.contact"}
    assert [str(part.coordination.stage(all_confirmed=False)) for part in complaint.parts] == ["lapsed"]


@pytest.mark.rule("R30")
def test_the_minutes_name_the_coordinating_department(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("delivered", priority="P1")
    for verb, by in (
        ("convene", "sc.officer"), ("record_tasks", "sc.officer"), ("confirm_task", "yc.chen"),
        ("conclude_coordination", "sc.officer"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    paper = Paper.objects.get(matter=complaint.matter, kind="minutes")
    assert paper.text is not None
    content = Content.from_text(paper.text)
    assert (content.issuer, content.signed, content.to) == (
        "省公司市场部",
        "省公司市场部",
        ("武汉分公司", "宜昌分公司"),
    )
    assert any("省公司市场部（协调部门）" in line for line in content.as_lines())
    client = client_for("sc.officer")
    page = client.get(f"/complaints/{complaint.matter.number}/coordinations/1/minutes/").content.decode()
    assert "（协调部门）" in page
    assert "（首问责任部门）" not in page


# Its lists


@pytest.mark.rule("R14")
def test_it_works_from_a_list_of_its_own(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("delivered", priority="P1")
    play.upto("delivered", phone="13900000001")
    assert lists(cast, now, "sc.officer") == {"coordinated": [complaint.pk]}
    actor = actor_for(cast.sc_officer.pk, now.at)
    assert actor is not None
    section = next(one for one in desk.sections(actor, now.at) if one.work.name == "coordinated")
    assert (section.total, section.work.is_duty, str(section.work.title)) == (1, True, "市场部协调")
    complaint = play("convene", "sc.officer", complaint)
    assert lists(cast, now, "sc.officer2")["record_tasks"] == [complaint.pk]
    complaint = play("confirm_task", "yc.chen", play("record_tasks", "sc.officer", complaint))
    assert lists(cast, now, "sc.officer")["conclude_coordination"] == [complaint.pk]
    assert "conclude_coordination" not in lists(cast, now, "wh.contact")


@pytest.mark.rule("R14")
def test_a_table_that_the_unit_convened_is_in_the_units_list_alone(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("convene", "wh.zhang", play.upto("accepted", priority="P1"))
    assert lists(cast, now, "wh.zhang")["record_tasks"] == [complaint.pk]
    assert set(lists(cast, now, "sc.officer")) == {"coordinated"}


@pytest.mark.rule("R14")
def test_the_queue_is_narrowed_to_it_and_chases_at_once(
    play: Play, cast: Cast, now: Now, client_for: ClientFor
) -> None:
    complaint, other = play.upto("delivered", priority="P1"), play.upto("delivered", phone="13900000001")
    client = client_for("sc.officer")
    page = client.get("/complaints/?list=&coordinated=on").content.decode()
    assert str(complaint.matter) in page
    assert str(other.matter) not in page
    actor = actor_for(cast.sc_officer.pk, now.at)
    assert actor is not None
    assert [entry.name for entry in offered(actor)] == ["chase"]
    form = client.get("/complaints/bulk/chase/", {"pick": [str(complaint.matter), str(other.matter)]})
    assert form.status_code == 200
    unit = client_for("wh.contact").get("/complaints/?list=&coordinated=on")
    assert "filter_coordinated" not in unit.content.decode()
    assert str(other.matter) in unit.content.decode()


@pytest.mark.rule("R14")
def test_the_page_offers_it_what_it_may_do(play: Play, client_for: ClientFor) -> None:
    client = client_for("sc.officer")

    def verbs_on(complaint: Complaint) -> set[str]:
        context = client.get(f"/complaints/{complaint.matter.number}/").context
        beside = {entry.name for aside in context["asides"] for entry in aside.verbs}
        return {form.verb.name for form in context["forms"]} | beside

    assert verbs_on(play.upto("delivered", priority="P1")) == {"chase", "convene", "set_flags"}
    assert verbs_on(play.upto("delivered", phone="13900000001")) == set()


@pytest.mark.rule("R14")
def test_the_timeline_tells_which_flags_stood_before(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("accepted", flags=["cross_province", "major"])
    number = play("set_flags", "sc.officer", complaint, flags=["major"], reason="并非跨省。").matter.number
    for reader in ("kf.agent", "wh.zhang"):
        page = client_for(reader).get(f"/complaints/{number}/").content.decode()
        assert "原登记：标志：跨省、重大" in page
        assert "并非跨省。" in page
