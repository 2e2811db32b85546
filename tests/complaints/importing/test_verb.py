"""Complaints taken over from elsewhere: what becomes of them, and what doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.gate.perform import Refused, perform, perform_each
from accountability.models import Alarm, Deadline, LedgerEntry, Matter, Notification, actor_for
from accountability.monitoring import reminders
from complaints.dossier.customer import texts_of
from complaints.dossier.dossier import story_of
from complaints.dossier.progress import stations, steps
from complaints.models import Complaint, Origin
from tests.factories import INTAKE, USUAL, Now, Play
from tests.looking import Tables, contents, deadlines, normal

OLD = USUAL["import_complaint"]


def kinds(complaint: Complaint) -> list[str]:
    return sorted(Deadline.objects.filter(matter_id=complaint.pk).values_list("kind", flat=True))


@pytest.mark.rule("R10")
def test_what_was_closed_is_history(play: Play) -> None:
    """Archived, held by nobody, without a limit, without a word to anybody; both instants are kept."""
    taken = play.again(play("import_complaint", "kf.supervisor"))
    assert (taken.state, taken.ended_as, taken.resolved, taken.archived_at) == ("archived", "imported", False, None)
    assert taken.registered_at == read_instant("2026-11-20 10:00")
    assert (taken.agent, taken.matter.holder, taken.matter.awaits) == (None, None, "")
    assert (taken.matter.opened_at, taken.matter.closed_at) == (play.now.at, play.now.at)
    (entry,) = LedgerEntry.objects.filter(matter=taken.matter)
    assert (entry.verb, entry.at, entry.actor) == ("import_complaint", play.now.at, play.cast.kf_supervisor)
    assert entry.facts == {
        "source": "旧系统", "source_key": "A-1", "received": "2026-11-20T02:00:00+00:00", "region": "武汉",
        "closed": True,
    }  # fmt: skip
    assert texts_of(entry.texts) == {"content": "资费争议。"}
    assert (kinds(taken), Notification.objects.count(), Alarm.objects.count()) == ([], 0, 0)


def test_history_is_in_no_total(play: Play) -> None:
    play("import_complaint", "kf.agent")
    own = play.upto("archived")
    assert list(Complaint.objects.counted()) == [own]


@pytest.mark.rule("R6")
def test_an_open_one_has_the_limits_that_lie_ahead(play: Play) -> None:
    """Received four days ago: the 48 hours are over and never begin, the legal fifteen days count from then."""
    taken = play("import_complaint", "kf.agent", closed=False, category="网络质量")
    assert (taken.state, taken.agent.username) == ("registered", "kf.agent")
    assert kinds(taken) == ["contact_on_site", "legal", "network_solution"]
    (legal,) = deadlines(taken, "legal")
    assert (legal.started_at, legal.due_at) == (taken.registered_at, read_instant("2026-12-05 24:00"))


def test_an_old_one_has_no_limit_and_waits_for_its_dispatch(play: Play, now: Now) -> None:
    """Of 2015, a year whose calendar isn't even known: nothing is overdue, and nothing is heard of it today."""
    taken = play("import_complaint", "kf.agent", closed=False, category="网络质量", received="2015-04-22 15:53")
    now.forward(hours=1)
    assert sweeper.sweep(now.at) == 0
    reminders.warn(now.at)
    reminders.raise_alarms(now.at)
    matter = Matter.objects.get(pk=taken.pk)
    assert (kinds(taken), matter.awaits, matter.holder) == ([], "dispatch", play.cast.kf_agent)
    assert (Notification.objects.count(), Alarm.objects.count()) == (0, 0)
    dispatched = play("dispatch", "kf.agent", taken)
    assert kinds(dispatched) == ["handling", "handoff", "return"]


def test_warnings_of_the_past_are_passed_over(play: Play, now: Now) -> None:
    """Received 47 of 48 hours ago: both warnings would have come; the miss will."""
    taken = play("import_complaint", "kf.agent", closed=False, received="2026-11-22 10:00")
    (reply,) = deadlines(taken, "first_reply")
    assert (reply.warned, reply.warn_at, reply.due_at) == (80, None, read_instant("2026-11-24 10:00"))
    assert reminders.warn(now.at) == 0
    now.forward(hours=2)
    assert sweeper.sweep(now.at) == 1


def test_becoming_a_network_complaint_later_starts_nothing_in_the_past(play: Play) -> None:
    taken = play("import_complaint", "kf.agent", closed=False, received="2026-09-01 10:00")
    corrected = play("correct", "kf.agent", taken, category="网络质量", reason="核实。")
    assert kinds(corrected) == []


def test_becoming_a_network_complaint_later_starts_what_would_have_begun(play: Play, now: Now) -> None:
    """Taken over within both limits, corrected after the first: as for any other, nobody could know of it before."""
    taken = play("import_complaint", "kf.agent", closed=False, received="2026-11-20 10:00")
    now.set("2026-11-26 10:00")
    corrected = play("correct", "kf.agent", taken, category="网络质量", reason="核实。")
    instants = [one.due_at for kind in ("contact_on_site", "network_solution") for one in deadlines(corrected, kind)]
    assert instants == [read_instant("2026-11-26 24:00"), read_instant("2026-12-01 24:00")]


def test_it_goes_the_whole_way(play: Play) -> None:
    taken = play("import_complaint", "kf.agent", closed=False, received="2026-09-01 10:00")
    for verb, by in (
        ("dispatch", "kf.agent"), ("hand_off", "wh.contact"), ("answer", "wh.zhang"), ("judge_complete", "kf.agent"),
        ("reply", "kf.agent"), ("record_satisfaction", "kf.agent"),
    ):  # fmt: skip
        taken = play(verb, by, taken)
    assert (taken.state, taken.ended_as, taken.resolved) == ("archived", "satisfied", True)
    assert list(Complaint.objects.counted()) == [taken]
    assert broken(Matter.objects.get(pk=taken.pk)) is None


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("given", "priority", "escalated"),
    [
        ({}, "P3", False),
        ({"tier": "vip"}, "P2", False),
        ({"channel": "superior"}, "P2", True),
        ({"priority": "P1"}, "P1", False),
    ],
)
def test_urgency_is_what_it_always_is(play: Play, given: dict[str, Any], priority: str, escalated: bool) -> None:
    taken = play("import_complaint", "kf.agent", closed=False, **given)
    assert (taken.priority, taken.escalated) == (priority, escalated)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"received": "2026-11-24 09:01"}, "received"),
        ({"received": "1989-12-31 09:00"}, "received"),
        ({"closed": False, "closed_at": "2026-11-21 10:00"}, "closed_at"),
        ({"closed_at": "2026-11-20 09:59"}, "closed_at"),
        ({"closed_at": "2026-11-24 09:01"}, "closed_at"),
        ({"channel": "forward"}, "channel"),
        ({"source_key": "9" * 65}, "source_key"),
        ({"content": "  "}, "content"),
    ],
)
def test_what_cant_be_true_is_refused(play: Play, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as caught:
        play("import_complaint", "kf.agent", **given)
    assert list(caught.value.fields) == [field]
    assert Matter.objects.filter(kind="complaint").count() == 0


@pytest.mark.rule("R10")
def test_only_the_centre_imports(play: Play) -> None:
    with pytest.raises(Refused) as caught:
        play("import_complaint", "wh.contact")
    assert caught.value.code == "forbidden"


def test_a_ticket_comes_in_once(play: Play) -> None:
    play("import_complaint", "kf.agent")
    with pytest.raises(IntegrityError), transaction.atomic():
        play("import_complaint", "kf.supervisor")
    play("import_complaint", "kf.agent", source="另一系统")
    assert Origin.objects.count() == 2


OLDER = {"received": "2026-09-01 10:00", "closed_at": "2026-09-02 10:00"}


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("given", "repeats"),
    [({}, False), (OLDER, False), ({"closed_at": "2026-11-23 20:00"}, True), ({"closed": False}, True)],
)
def test_what_a_new_one_repeats(play: Play, given: dict[str, Any], repeats: bool) -> None:
    """Open, or closed at a known instant not long ago; history closed nobody knows when isn't open."""
    old = play("import_complaint", "kf.agent", phone=INTAKE["phone"], category="资费与收费争议", **given)
    assert play("register", "kf.agent").repeat_of_id == (old.pk if repeats else None)


def test_its_page(play: Play, client_for: Any) -> None:
    """What the source said besides stands in the record; nobody's hand is shown where nobody's was here."""
    taken = play("import_complaint", "kf.agent", note="渠道：Internet", customer="王建国", phone="13871234567")
    page = client_for("kf.agent").get(f"/complaints/{taken.matter.number}/").content.decode()
    for words in ("历史导入", "2026-11-20 10:00", "渠道：Internet", "旧系统"):
        assert words in page
    assert "13871234567" not in page
    actor = actor_for(play.cast.kf_agent.pk, play.now.at)
    assert actor is not None
    story = story_of(Complaint.objects.visible_to(actor).for_page().get(pk=taken.pk), actor)
    assert stations(story, play.now.at) == []
    assert [step["state"] for step in steps(story, play.now.at)] == ["done", *["skipped"] * 6, "done"]


def test_an_open_ones_page(play: Play, client_for: Any) -> None:
    """The centre's hand is on it since it came in, not since 2015."""
    taken = play("import_complaint", "kf.agent", closed=False, received="2015-04-22 15:53")
    page = client_for("kf.agent").get(f"/complaints/{taken.matter.number}/").content.decode()
    assert "未分类的投诉" in page
    assert "转交的投诉" not in page
    actor = actor_for(play.cast.kf_agent.pk, play.now.at)
    assert actor is not None
    (centre,) = stations(story_of(Complaint.objects.visible_to(actor).for_page().get(pk=taken.pk), actor), play.now.at)
    assert (centre.since, centre.until) == (play.now.at, None)


# Many at once


def several(count: int) -> list[dict[str, Any]]:
    return [OLD | {"source_key": f"B-{number}", "closed": number % 2 == 0} for number in range(count)]


def run(play: Play, told: list[dict[str, Any]]) -> list[Any]:
    by = play.cast.kf_agent
    return perform_each([(Complaint(), facts) for facts in told], "import_complaint", by=by, at=play.now.at)


def test_together_the_same_rows_as_one_by_one(play: Play) -> None:
    worlds: list[Tables] = []
    for together in (False, True):
        with transaction.atomic():
            if together:
                run(play, several(5))
            else:
                for facts in several(5):
                    perform(Complaint(), "import_complaint", by=play.cast.kf_agent, at=play.now.at, **facts)
            worlds.append(normal(contents(without=())))
            for matter in worlds[-1]["accountability_matter"]:
                del matter["number"]  # of its primary key, which a database doesn't give twice
            transaction.set_rollback(True)
    assert worlds[0] == worlds[1]


def test_one_refused_among_new_ones_leaves_nothing(play: Play) -> None:
    told = several(4)
    told[1]["content"] = ""
    outcomes = run(play, told)
    assert [bool(outcome.refused) for outcome in outcomes] == [False, True, False, False]
    assert list(Origin.objects.order_by("pk").values_list("source_key", flat=True)) == ["B-0", "B-2", "B-3"]
    assert Matter.objects.filter(kind="complaint", number=None).count() == 0
    assert Matter.objects.filter(kind="complaint").count() == 3


def test_each_more_costs_one_statement_more(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its matter's; all else is written at once."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)
    counts, told = [], several(62)
    for some in (told[:2], told[2:12], told[12:62]):
        with CaptureQueriesContext(connection) as captured:
            run(play, some)
        counts.append(len(captured) - len(some))
    assert counts == [counts[0]] * 3
