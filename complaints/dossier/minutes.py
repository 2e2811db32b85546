"""What a coordination agreed on, for the complaint's page and the 协调纪要: what the reader may know, masked.

Those who may see the round see all of it. An invited unit sees its own task and its own people, never another unit's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accountability.db.following import follow
from accountability.db.row_keys import keys_in
from accountability.db.sql import by_key
from accountability.models import Deadline, Employee, LedgerEntry
from complaints.declarations.limits import Kind
from complaints.dossier.customer import texts_of
from complaints.dossier.dossier import Story
from complaints.fields.kinds import tasks_in
from complaints.models import OF_THE_INVITED, Cooperation, Coordination, Stage


@dataclass
class Share:
    """One unit's line: its task, its objection, its result, and its limit."""

    part: Cooperation
    task: str = ""
    objection: str = ""
    result: str = ""
    deadline: Deadline | None = None


@dataclass
class Minutes:
    """One coordination. `place` counts the complaint's coordinations from 1; `is_whole`: no unit's line is left out."""

    table: Coordination
    place: int
    is_whole: bool
    problem: str = ""
    third_parties: str = ""
    attendees: list[Employee] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)

    @property
    def seated(self) -> list[str]:
        """The attendees, each with their unit."""
        return [
            _("%(person)s（%(unit)s）") % {"person": p, "unit": p.unit} if p.unit else str(p) for p in self.attendees
        ]

    @property
    def stage(self) -> Stage:
        return self.table.stage(all(share.part.is_confirmed for share in self.shares))

    @property
    def is_over(self) -> bool:
        return self.stage in (Stage.FINISHED, Stage.ENDED, Stage.CALLED_OFF, Stage.LAPSED)

    @property
    def tone(self) -> str:
        return {
            Stage.CONCLUDED: "brand", Stage.FINISHED: "ok", Stage.CALLED_OFF: "neutral", Stage.LAPSED: "neutral",
            Stage.ENDED: "neutral",
        }.get(self.stage, "warn")  # fmt: skip


def minutes_of(story: Story) -> list[Minutes]:
    """The coordinations this person may know of, in their order. No query where there never was one."""
    if not story.parts:
        return []
    places = {pk: place for place, pk in enumerate(sorted(_tables(story)), 1)}
    found: dict[int, Minutes] = {}
    for part in story.parts:
        table = part.coordination
        if table.pk not in found:
            found[table.pk] = _begun(story, table, places[table.pk])
        found[table.pk].shares.append(_share(story, part))
    _seat(story, found.values())
    return list(found.values())


def _tables(story: Story) -> set[int]:
    """All coordinations of the complaint; each invites somebody."""
    if story.knows_all:
        return {part.coordination_id for part in story.parts}
    return set(Coordination.objects.filter(round__complaint=story.complaint).values_list("pk", flat=True))


def _begun(story: Story, table: Coordination, place: int) -> Minutes:
    is_whole = story.knows_round(table.round.number)
    written = texts_of(table.record) if is_whole else {}
    return Minutes(
        table, place, is_whole, problem=story.customer.mask(texts_of(table.problem).get("problem", "")),
        third_parties=story.customer.mask(written.get("third_parties", "")),
    )  # fmt: skip


def _share(story: Story, part: Cooperation) -> Share:
    task = tasks_in(texts_of(part.coordination.record).get("tasks", "")).get(part.unit.code, "")
    clocks = [d for d in story.deadlines if d.kind in OF_THE_INVITED and d.party == part.unit.code]
    table = part.coordination
    of_task = (Kind.COOPERATION, table.round.number, table.concluded_at)
    running = of_task if table.concluded_at else (Kind.CONFIRMATION, table.round.number, table.recorded_at)
    return Share(
        part, story.customer.mask(task),
        objection=_text(story, part, "confirm_task", "objection") if part.objected else "",
        result=_text(story, part, "finish_task", "result") if part.finished_at else "",
        deadline=next((d for d in clocks if (d.kind, d.part, d.started_at) == running), None),
    )  # fmt: skip


def _text(story: Story, part: Cooperation, verb: str, name: str) -> str:
    """What the unit wrote in its last such act for this coordination."""
    at = part.confirmed_at if verb == "confirm_task" else part.finished_at
    said = [e for e in story.entries if (e.verb, e.at, e.facts.get("unit")) == (verb, at, part.unit.code)]
    return story.texts(said[-1]).get(name, "") if said else ""


def _seat(story: Story, several: object) -> None:
    """Fill in the attendees with two queries; for an invited unit only its own people."""
    records: dict[int, LedgerEntry] = {e.texts_id: e for e in story.entries if e.verb == "record_tasks" and e.texts_id}
    tables: list[Minutes] = list(several)  # type: ignore[call-overload]
    present = {
        minutes.place: [*keys_in(records[minutes.table.record_id].facts, "attendees")]
        for minutes in tables if minutes.table.record_id in records
    }  # fmt: skip
    people = by_key(Employee, (pk for pks in present.values() for pk in pks))
    follow((people.values(), ("unit",)))
    for minutes in tables:
        seated = [people[pk] for pk in present.get(minutes.place, ()) if pk in people]
        minutes.attendees = [p for p in seated if minutes.is_whole or p.unit_id in story.actor.units]
