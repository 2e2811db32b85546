"""What one person may know of one complaint, collected once for its pages.

The centre, marketing and auditors know all of it. A unit knows the intake and its own rounds, never another unit's; an
invited unit the intake and its own task; a forwarder what they forwarded, its state and their own reply, and while they
must reply also the result judged complete and the unit's material (R34, R36). Every text is unsealed and masked here,
so that no raw value reaches a template.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accountability.db.following import Known, follow
from accountability.db.row_keys import Key, Keys, OneOf, keys_in, may_be_key
from accountability.db.sql import Later, Together, by_key, rows
from accountability.declarations.registry import listed
from accountability.models import Deadline, Employee, LedgerEntry, Notification, Preferences, Unit
from accountability.permissions import Actor
from accountability.web.combined_queries import in_order, keys_in_order
from accountability.web.standing_statements import standing_rows, standing_statements
from complaints.declarations.limits import Kind
from complaints.dossier.customer import Customer, customer_of, texts_of
from complaints.dossier.files import (
    ANSWER,
    ANSWERS,
    FORWARDED,
    INTAKE,
    MATERIAL,
    NOTE,
    SUPPLEMENT,
    Attached,
    attached,
)
from complaints.dossier.notes import NOTED, reads
from complaints.fields.kinds import tasks_in
from complaints.models import (
    FLAGS,
    OF_THE_INVITED,
    Channel,
    Complaint,
    Cooperation,
    MassEvent,
    Presence,
    Replier,
    Round,
    State,
    Tier,
)

OF_THE_INTAKE = ("forward", "register", "import_complaint")
OF_THE_CALL = ("call", "recording")
"""Texts of the intake that only who reads every complaint may see, on the complaint's page."""
OF_A_REPLY = ("reply", "record_attempt")
FOR_A_REPLY = ("ask_material", "give_material")
"""What the replier asks of the unit and receives (R36)."""
OF_THE_CONVERSATION = (NOTED, "supplement")
"""What is said beside the rounds. `notes` tells who reads a note; what the customer adds goes with the intake."""
BY_WHO_TALKS = ("supplement", "plan_call_back", "finish_call_back", "move_call_back", "cancel_call_back")
"""Acts of those who talk with the customer: they see their own."""
NAMES_A_PERSON = ("to", "from", "joint", "leader", "forwarded_by", "handler")
NAMES_A_UNIT = ("unit", "suggested_unit")
NAMES_PEOPLE = ("attendees", "mention")
NAMES_UNITS = ("units",)
OF_THE_TABLE = (
    "convene", "record_tasks", "confirm_task", "conclude_coordination", "call_off_coordination", "finish_task",
)  # fmt: skip
OF_THE_ROUND = (
    "contact", "handler", "leader", "head", "reported_to", "handed_off_by", "acting_handler", "acting_leader",
    "told_to", "told_by",
)  # fmt: skip
"""The people of a round, by the fields that name them. Its pages show them."""
OF_THE_COMPLAINT = (
    "agent__unit", "forwarded_by__unit", "reply_by", "call_back_by", "coordinator", "matter__holder",
    "matter__holder_unit", "latest_round__unit", "latest_round__suggested_unit",
)  # fmt: skip
"""The people and units of the complaint itself that its pages show."""
OF_ONE_UNIT = {"confirm_task": "unit", "finish_task": "unit", "miss": "party"}
"""Entries of a coordination that concern one invited unit alone, with the fact that names the unit."""

RESULTS = (*ANSWERS, "handle_directly")
"""Verbs that report a result for the centre to judge."""

REPEATS_SHOWN = 20
"""Complaints that this one repeats or that repeat it. Of all else in `Rare` it matters only whether there is any."""


@dataclass
class Present:
    """A complaint as `actor` may know it, without what was done and said."""

    complaint: Complaint
    actor: Actor
    customer: Customer
    rounds: list[Round]
    parts: list[Cooperation] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)

    @property
    def knows_all(self) -> bool:
        return self.actor.reads_every_complaint

    @property
    def knows_intake(self) -> bool:
        """Category, urgency and flags are known to the centre and the unit. A forwarder knows what they forwarded."""
        return self.knows_all or bool(self.rounds or self.parts)

    @property
    def knows_present(self) -> bool:
        """Whether the present holder may be shown: not to a unit whose round is over while another one has it."""
        latest = self.complaint.latest_round_id
        return (
            self.knows_all
            or (latest is not None and latest in {found.pk for found in self.rounds})
            or self.complaint.matter.holder_id == self.actor.pk
        )

    @property
    def flags(self) -> list[tuple[str, Any]]:
        """The flags that are set, with their labels."""
        return [(name, label) for name, label in FLAGS if getattr(self.complaint, name)]

    @property
    def round(self) -> Round | None:
        """The newest round, if this person may see it."""
        latest = self.complaint.latest_round_id
        return next((found for found in self.rounds if found.pk == latest), None)

    @property
    def own_numbers(self) -> Keys:
        """The numbers of the rounds that this person may see."""
        return Keys.of(found.number for found in self.rounds)

    @property
    def own_codes(self) -> set[str]:
        """The units of this person that were invited to a coordination."""
        return {part.unit.code for part in self.parts if part.unit_id in self.actor.units}

    @property
    def must_reply(self) -> bool:
        """Whether this employee, not the centre, owes the customer the reply (R34)."""
        return self.complaint.is_replied_by(self.actor)

    def knows_round(self, number: int) -> bool:
        return self.knows_all or any(found.number == number for found in self.rounds)


@dataclass(frozen=True)
class Rare:
    """Keys of what most complaints have nothing of, looked for with one statement: the complaints this one repeats (or
    duplicates) and those that repeat it, its mass events, the others who are at its page, the reader's unread notices.
    """

    repeats: list[int]
    duplicates: list[int]
    events: list[int]
    onlookers: list[int]
    notices: list[int]


@dataclass
class Story(Present):
    """The same with its record: the entries that `actor` may read, with files, and the names of who is in them."""

    entries: list[LedgerEntry] = field(default_factory=list)
    files: dict[int, Attached] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    judged: LedgerEntry | None = None
    offices: Later[Preferences] | None = None
    """Where the people are reached who work on the complaint, if this person works on it too."""
    _texts: dict[int, dict[str, str]] = field(default_factory=dict)
    """By entry. A page shows what was said in the round's card, in its course and in what is filled in beforehand."""

    @property
    def repeats(self) -> list[Complaint]:
        return self._linked[0]

    @property
    def duplicates(self) -> list[Complaint]:
        return self._linked[1]

    @cached_property
    def _linked(self) -> list[list[Complaint]]:
        """Most have none: everything is read only of those that are there."""
        several = [self.rare.repeats, self.rare.duplicates]
        keys = [sorted(each, reverse=True) for each in several]
        wanted = {pk for each in keys for pk in each}
        kin = standing_rows(_kin, self.actor, self.actor.at, Keys.of(wanted)) if wanted else []
        found = {complaint.pk: complaint for complaint in kin}
        return [[found[pk] for pk in each if pk in found] for each in keys]

    @cached_property
    def rare(self) -> Rare:
        """Shown by the page of the complaint itself alone."""
        complaint, actor = self.complaint, self.actor
        kin = (complaint.pk, complaint.repeat_of_id or 0, complaint.duplicate_of_id or 0)
        return Rare(*keys_in_order(standing_statements(_rare, actor, actor.at, *map(Key, kin))))

    @property
    def result(self) -> str:
        """The result judged complete, masked: a unit's answer, or what the centre did itself. Empty before that."""
        return self.texts(self.judged).get("result", "") if self.judged else ""

    @property
    def materials(self) -> list[LedgerEntry]:
        """What was asked of the unit for the reply to the present result, and what it gave, oldest first."""
        latest = self.complaint.latest_round
        part = latest.number if latest is not None and latest.pk == self.complaint.result_round_id else None
        return [entry for entry in self.entries if entry.verb in FOR_A_REPLY and entry.part == part]

    @property
    def intake_files(self) -> list[Attached]:
        """The files that came with the complaint itself."""
        return [one for one in self.files.values() if one.file.kind in (FORWARDED, INTAKE)]

    def files_of(self, entry: LedgerEntry) -> list[Attached]:
        return [self.files[pk] for pk in keys_in(entry.facts, "files") if pk in self.files]

    def named(self, entry: LedgerEntry, fact: str) -> str:
        """Whom the fact names; empty for nobody, or nobody this reader may know."""
        return next((self.people[pk] for pk in keys_in(entry.facts, fact) if self.people.get(pk)), "")

    def names_author(self, entry: LedgerEntry) -> bool:
        """Whether the reader may know who wrote the entry. What the customer adds goes with the intake, but a unit
        isn't told the people and the unit of a round that it doesn't see.
        """
        if self.knows_all or entry.verb != "supplement" or entry.actor_id in self._known_people:
            return True
        unit = entry.actor.unit
        return unit is not None and (unit.pk in self._known_units or unit.kind == Unit.Kind.SERVICE_CENTRE)

    @cached_property
    def _known_people(self) -> set[int | None]:
        """The reader, the forwarder, and the people of the rounds that are shown."""
        of_rounds = {getattr(found, f"{name}_id") for found in self.rounds for name in OF_THE_ROUND}
        return {self.actor.pk, self.complaint.forwarded_by_id} | of_rounds

    @cached_property
    def _known_units(self) -> set[int]:
        """The units of the rounds that are shown; of a coordination the invited one and the one that convened it."""
        of_parts = {unit for part in self.parts for unit in (part.unit_id, part.coordination.round.unit_id)}
        return {found.unit_id for found in self.rounds} | of_parts

    def _as_invited(self, entry: LedgerEntry) -> bool:
        """Whether this person knows the entry only as a member of an invited unit."""
        return entry.verb in OF_THE_TABLE and not self.knows_round(entry.part)

    def facts(self, entry: LedgerEntry) -> dict[str, Any]:
        """The entry's facts. An invited unit isn't told who else was invited."""
        hidden = (*NAMES_PEOPLE, *NAMES_UNITS) if self._as_invited(entry) else ()
        return {name: value for name, value in entry.facts.items() if name not in hidden}

    def texts(self, entry: LedgerEntry) -> dict[str, str]:
        """The entry's free texts, masked, without the customer's own name and number."""
        if entry.pk not in self._texts:
            self._texts[entry.pk] = self._opened(entry)
        return self._texts[entry.pk]

    def _opened(self, entry: LedgerEntry) -> dict[str, str]:
        raw = texts_of(entry.texts)
        if entry.verb == "record_tasks" and self._as_invited(entry):
            raw = {"tasks": "\n".join(tasks_in(raw.get("tasks", ""), self.own_codes).values())}
        hidden = ("customer", "phone", *OF_THE_CALL)
        return {name: self.customer.mask(text) for name, text in raw.items() if name not in hidden}

    def entries_of(self, part: int) -> dict[str, list[LedgerEntry]]:
        """The entries of a round, by verb, oldest first."""
        found: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in self.entries:
            if entry.part == part:
                found[entry.verb].append(entry)
        return found


def story_of(complaint: Complaint, actor: Actor) -> Story:
    """The complaint as the actor may know it, in a constant number of queries."""
    story = Story(**vars(_present_of(complaint, actor)))
    entries = _entries(story)
    together = Together()
    story.offices = together.rows(Preferences, employee_id=_who_work_with(story))
    known = follow(
        ([complaint], OF_THE_COMPLAINT),
        (story.rounds, ("unit", "suggested_unit", "dispatched_by__unit", *OF_THE_ROUND)),
        (story.deadlines, ("unit", "person", "excuse_proposed_by", "excused_by")), (entries, ("actor__unit",)),
        together=together,
    )  # fmt: skip
    story.entries = [entry for entry in entries if reads(entry, actor)]
    kinds = (FORWARDED, MATERIAL, SUPPLEMENT, *((INTAKE, ANSWER, NOTE) if story.knows_intake else ()))
    story.judged = _judged(story)
    story.files = attached(story.entries, story.customer, kinds)
    story.people, story.units = _names(story.entries, known)
    return story


def _who_work_with(story: Story) -> set[int]:
    """The people who work on the complaint with this person. None for who only reads, and once it is archived."""
    complaint = story.complaint
    takes_part = complaint.side_of(story.actor) is not None or story.must_reply
    if complaint.state == State.ARCHIVED or not takes_part:
        return set()
    people = {complaint.agent_id, complaint.forwarded_by_id, complaint.matter.holder_id}
    for found in story.rounds:
        people |= found.people | {found.contact_id, found.head_id}
    return {pk for pk in people if pk is not None and pk != story.actor.pk}


def present_of(complaint: Complaint, actor: Actor) -> Present:
    """The same for a page that shows the present state alone."""
    present = _present_of(complaint, actor)
    follow(([complaint], OF_THE_COMPLAINT), (present.rounds, ("unit",)))
    return present


def _present_of(complaint: Complaint, actor: Actor) -> Present:
    """Its rounds, invitations and clocks, without the people and units that these name."""
    at, key = actor.at, Key(complaint.pk)
    present = Present(complaint, actor, customer_of(complaint), standing_rows(_rounds, actor, at, key))
    if complaint.coordinated:
        present.parts = standing_rows(_parts, actor, at, key)
    if present.knows_all:
        complaint.know_parts(present.parts)
        present.deadlines = standing_rows(_all_deadlines, actor, at, key)
    else:
        invited = Keys.of(part.unit_id for part in present.parts if part.unit_id in actor.units)
        of = present.own_numbers, present.round is not None, invited
        present.deadlines = standing_rows(_own_deadlines, actor, at, key, *of)
    return present


def _kin(actor: Actor, _at: datetime, ids: Keys) -> Sequence[QuerySet[Complaint]]:
    return [Complaint.objects.visible_one_by_one(actor).with_everything().filter(OneOf("pk", ids))]


def _rounds(actor: Actor, _at: datetime, complaint: Key) -> Sequence[QuerySet[Round]]:
    found = Round.objects.visible_to(actor).filter(complaint=complaint).order_by("number")
    return [found.select_related("limits")]


def _parts(actor: Actor, _at: datetime, complaint: Key) -> Sequence[QuerySet[Cooperation]]:
    found = Cooperation.objects.visible_to(actor).filter(coordination__round__complaint=complaint).order_by("pk")
    tables = ("round__unit", "convened_by__unit", "problem", "record")
    people = ("unit", "handler", "leader", "confirmed_by", "finished_by")
    return [found.select_related(*people, *(f"coordination__{name}" for name in tables))]


def _all_deadlines(_actor: Actor, _at: datetime, matter: Key) -> Sequence[QuerySet[Deadline]]:
    return [_in_order_of_parts(Deadline.objects.filter(matter=matter))]


def _own_deadlines(
    actor: Actor, _at: datetime, matter: Key, numbers: Keys, knows_newest: bool, invited: Keys
) -> Sequence[QuerySet[Deadline]]:
    """Those of the rounds with these numbers, of these invited units, and of one's own reply. Who knows the newest
    round knows the complaint's own.
    """
    mine = Q(kind=Kind.FIRST_REPLY, person=actor.pk) | Q(OneOf("part", numbers))
    if knows_newest:
        mine |= Q(part=0)
    mine |= Q(OneOf("unit", invited), kind__in=OF_THE_INVITED)
    return [_in_order_of_parts(Deadline.objects.filter(mine, matter=matter))]


def _in_order_of_parts(found: QuerySet[Deadline]) -> QuerySet[Deadline]:
    return found.select_related("limits", "excuse_reason").order_by("part", "pk")


def _entries(story: Story) -> list[LedgerEntry]:
    actor, key = story.actor, Key(story.complaint.pk)
    if story.knows_all:
        return standing_rows(_all_entries, actor, actor.at, key)
    numbers = story.own_numbers
    tables = Keys.of({part.coordination.round.number for part in story.parts} - set(numbers))
    of = numbers, tables, story.knows_intake, story.must_reply
    return list(_own_share(story, standing_rows(_own_entries, actor, actor.at, key, *of), set(tables)))


def _all_entries(_actor: Actor, _at: datetime, matter: Key) -> Sequence[QuerySet[LedgerEntry]]:
    return [LedgerEntry.objects.filter(matter=matter).select_related("texts").order_by("seq")]


def _own_entries(
    actor: Actor, _at: datetime, matter: Key, numbers: Keys, tables: Keys, knows_intake: bool, must_reply: bool
) -> Sequence[QuerySet[LedgerEntry]]:
    """Those of the intake, of the rounds with these numbers, of one's own conversations with the customer, and of the
    coordinations in the rounds `tables`.
    """
    mine = Q(part=0, verb__in=OF_THE_INTAKE) | Q(OneOf("part", numbers))
    mine |= Q(verb__in=(*OF_A_REPLY, *BY_WHO_TALKS, "ask_material"), actor=actor.pk)
    if knows_intake:
        mine |= Q(part=0, verb__in=OF_THE_CONVERSATION)
    if must_reply:
        mine |= Q(verb__in=FOR_A_REPLY)
    mine |= Q(OneOf("part", tables), verb__in=(*OF_THE_TABLE, "miss"))
    return [LedgerEntry.objects.filter(mine, matter=matter).select_related("texts").order_by("seq")]


def _judged(story: Story) -> LedgerEntry | None:
    """The last result judged complete, for the person who replies with it. One query, and only for the forwarder."""
    if story.knows_all:
        entries = story.entries
    elif story.must_reply and story.complaint.state == State.COMPLETED:
        found = LedgerEntry.objects.filter(matter_id=story.complaint.pk, verb__in=(*RESULTS, "judge_complete"))
        entries = list(found.select_related("actor__unit", "texts").order_by("seq"))
    else:
        return None
    result = judged = None
    for entry in entries:
        if entry.verb in RESULTS:
            result = entry
        elif entry.verb == "judge_complete" and entry.facts.get("complete"):
            judged = result
    return judged


def _own_share(story: Story, entries: Iterable[LedgerEntry], tables: set[int]) -> Iterable[LedgerEntry]:
    """Of rounds known only by an invitation: the entries of the own unit's coordinations, without other units' shares.

    Only one coordination is open at a time, so the entries after a `convene` belong to it until the next.
    """
    invited_to = {part.coordination.problem_id for part in story.parts}
    sits: dict[int, bool] = {}
    for entry in entries:
        if entry.verb == "convene":
            sits[entry.part] = entry.texts_id in invited_to
        names_it = OF_ONE_UNIT.get(entry.verb)
        own = names_it is None or str(entry.facts.get(names_it)) in story.own_codes
        if entry.part not in tables or (sits.get(entry.part) and own):
            yield entry


def _rare(actor: Actor, at: datetime, own: Key, repeated: Key, duplicated: Key) -> list[QuerySet[Any]]:
    """What `Rare` tells, in its order, as far as this person may see it."""
    seen = Complaint.objects.visible_to(actor)
    found: list[QuerySet[Any]] = [
        seen.filter(Q(pk=repeated) | Q(repeat_of=own)),
        seen.filter(Q(pk=duplicated) | Q(duplicate_of=own)),
        MassEvent.objects.of(own).visible_to(actor),
        Presence.objects.fresh(at).filter(complaint=own).exclude(employee=actor.pk),
        Notification.objects.unread().filter(recipient_id=actor.pk, matter=own),
    ]
    return [in_order(each, ("-pk",), REPEATS_SHOWN) for each in found]


def _names(entries: list[LedgerEntry], known: Known) -> tuple[dict[int, str], dict[str, str]]:
    """The names of the people and units that the facts refer to. Most were read already, for they took part. A key that
    no act writes, as a forged entry may, is looked up nowhere: PostgreSQL would refuse the statement.
    """
    of_people, of_units = known.get(Employee, {}), known.get(Unit, {})
    of_facts = (pk for pk in _references(entries, NAMES_A_PERSON, NAMES_PEOPLE) if may_be_key(pk))
    people: dict[int, Any] = {pk: of_people.get(pk) for pk in of_facts}
    by_code = {unit.code: unit for unit in cast("Iterable[Unit]", of_units.values())}
    of_codes = (code for code in _references(entries, NAMES_A_UNIT, NAMES_UNITS) if isinstance(code, str))
    units: dict[str, Any] = {code: by_code.get(code) for code in of_codes}
    strangers = [pk for pk, person in people.items() if person is None]
    elsewhere = [code for code, unit in units.items() if unit is None]
    people |= by_key(Employee, strangers)
    units |= {unit.code: unit for unit in rows(Unit, code=elsewhere)}
    return (
        {pk: person.name or person.username for pk, person in people.items() if person is not None},
        {code: str(unit) for code, unit in units.items() if unit is not None},
    )


def _references(entries: list[LedgerEntry], single: tuple[str, ...], several: tuple[str, ...]) -> Iterable[Any]:
    for entry in entries:
        yield from (entry.facts[name] for name in single if entry.facts.get(name))
        for name in several:
            yield from listed(entry.facts, name)


def reply_duty(complaint: Complaint) -> tuple[Any, Any]:
    """Who replies to the customer and why: forwarded and VIP, the forwarder (R34); otherwise the centre (R35)."""
    forwarded, vip = complaint.channel == Channel.FORWARD, complaint.tier == Tier.VIP
    if complaint.replier == Replier.FORWARDER and complaint.reply_by_id:
        return _("由%(name)s代为回复") % {"name": complaint.reply_by}, _("转交员工不在，由客服中心主管指定（R34）")
    if complaint.replier == Replier.FORWARDER:
        return _("由转交员工回复"), _("客户为 VIP 且由员工转交（R34）")
    why = {
        (True, False): _("由员工转交，但客户不是 VIP（R35）"),
        (False, True): _("客户为 VIP，但不是由员工转交（R35）"),
    }.get((forwarded, vip), _("不是由员工转交，客户也不是 VIP（R35）"))
    return _("由省客户服务中心回复"), why
