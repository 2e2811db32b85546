"""What a reader's story has is what the rule says of each row, row by row: told here once more, without a statement."""

from __future__ import annotations

from collections import Counter
from typing import Any

from accountability.gate.sweeper import sweep
from accountability.models import Deadline, LedgerEntry, actor_for
from complaints.declarations.limits import Kind
from complaints.dossier import dossier
from complaints.dossier.notes import reads
from complaints.models import OF_THE_INVITED, Complaint, Cooperation, Round
from tests.factories import Cast, Now, Play
from tests.shared_world import shared


def many(play: Play) -> dict[str, int]:
    """Two units after each other, the first invited by the second; a forwarder who replies; a conversation."""
    due = "2026-11-26 15:00"
    made = {
        state: play.upto(state, phone=f"1391{place:07d}")
        for place, state in enumerate(("delivered", "reported", "answered", "archived", "finished", "convened"))
    }
    forwarded = play.upto("forwarded and completed", phone="13700001234", tier="vip")
    for verb, by in (
        ("ask_material", "yc.chen"),
        ("give_material", "wh.zhang"),
        ("record_attempt", "yc.chen"),
    ):
        forwarded = play(verb, by, forwarded)
    moved = play("dispatch", "kf.agent", play.upto("returned", phone="13700005678"), unit="YC")
    moved = play("accept", "yc.chen", play("hand_off", "yc.contact", moved, to="yc.chen"))
    moved = play("convene", "yc.chen", moved, units=["WH", "WL"], problem="两地核查。")
    tasks = [{"unit": unit, "task": f"{unit}核查。", "due": due} for unit in ("WH", "WL")]
    moved = play("record_tasks", "yc.chen", moved, tasks=tasks, attendees=["yc.chen"])
    for verb, by in (
        ("supplement", "kf.agent"),
        ("add_note", "yc.chen"),
        ("add_note", "kf.agent"),
        ("plan_call_back", "kf.agent"),
    ):
        moved = play(verb, by, moved)
    play.now.forward(days=9)
    sweep(play.now.at)
    return {name: each.pk for name, each in (made | {"forwarded": forwarded, "moved": moved}).items()}


stage, own_copy, now, cast, _play, client_for, world = shared(many)


def limits_of(story: Any) -> list[int]:
    actor, numbers = story.actor, {found.number for found in story.rounds}
    codes = {part.unit.code for part in story.parts if part.unit_id in actor.units}
    latest = story.complaint.latest_round_id
    newest = latest is not None and latest in {found.pk for found in story.rounds}

    def knows(limit: Deadline) -> bool:
        return (
            actor.reads_every_complaint
            or limit.part in numbers
            or (limit.part == 0 and newest)
            or (limit.kind in OF_THE_INVITED and limit.party in codes)
            or (limit.kind == Kind.FIRST_REPLY and limit.person_id == actor.pk)
        )

    found = [limit for limit in Deadline.objects.filter(matter=story.complaint.pk) if knows(limit)]
    return [limit.pk for limit in sorted(found, key=lambda limit: (limit.part, limit.pk))]


def entries_of(story: Any) -> list[int]:
    actor, numbers = story.actor, {found.number for found in story.rounds}
    codes = {part.unit.code for part in story.parts if part.unit_id in actor.units}
    invited = {part.coordination.problem_id: part.coordination.round.number for part in story.parts}
    sits: dict[int, bool] = {}
    found = []
    for entry in LedgerEntry.objects.filter(matter=story.complaint.pk).order_by("seq"):
        if entry.verb == "convene":
            sits[entry.part] = entry.texts_id in invited
        named = dossier.OF_ONE_UNIT.get(entry.verb)
        at_the_table = (
            entry.part in invited.values()
            and entry.part not in numbers
            and sits.get(entry.part, False)
            and entry.verb in (*dossier.OF_THE_TABLE, "miss")
            and (named is None or entry.facts.get(named) in codes)
        )
        own = (
            actor.reads_every_complaint
            or entry.part in numbers
            or (entry.part == 0 and entry.verb in dossier.OF_THE_INTAKE)
            or (entry.part == 0 and entry.verb in dossier.OF_THE_CONVERSATION and bool(story.rounds or story.parts))
            or (
                entry.actor_id == actor.pk
                and entry.verb in (*dossier.OF_A_REPLY, *dossier.BY_WHO_TALKS, "ask_material")
            )
            or (story.complaint.is_replied_by(actor) and entry.verb in dossier.FOR_A_REPLY)
        )
        # a table's round hides even what is one's own by another way, unless one sat there
        if own and entry.part in (set(invited.values()) - numbers) and not actor.reads_every_complaint:
            own = sits.get(entry.part, False) and (named is None or entry.facts.get(named) in codes)
        if (own or at_the_table) and reads(entry, actor):
            found.append(entry.pk)
    return found


def test_each_reader_has_the_limits_and_entries_of_the_rule(cast: Cast, now: Now, world: dict[str, int]) -> None:
    met: Counter[str] = Counter()
    for person in cast:
        actor = actor_for(person.pk, now.at)
        if actor is None:
            continue
        for name, pk in world.items():
            complaint = Complaint.objects.visible_to(actor).for_page().filter(pk=pk).first()
            if complaint is None:
                continue
            story = dossier.story_of(complaint, actor)
            about = (person.username, name)
            assert [limit.pk for limit in story.deadlines] == limits_of(story), about
            assert [entry.pk for entry in story.entries] == entries_of(story), about
            assert [found.pk for found in story.rounds] == list(
                Round.objects.visible_to(actor).filter(complaint=pk).order_by("number").values_list("pk", flat=True)
            ), about
            assert [part.pk for part in story.parts] == list(
                Cooperation.objects.visible_to(actor).filter(complaint=pk).order_by("pk").values_list("pk", flat=True)
            ), about
            met[name] += 1
    assert (min(met.values()) > 5, len(met)) == (True, len(world))
