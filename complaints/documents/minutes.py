"""协调纪要 (R30): what the units agreed on, as of the conclusion of the coordination.

The coordination's page shows the same paper as things are now; an invited unit's has its own line only (`as_it_is`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import override

from accountability.db.row_keys import keys_in
from accountability.db.sql import Through, Together
from accountability.deadlines.limits import day_of
from accountability.documents.content import Block, Content, Heading, Para, Table
from accountability.documents.phrases import Wording, wording_with
from accountability.gate.act import Order
from accountability.models import LedgerEntry
from complaints.documents.forms import across, head, line, pair, when
from complaints.documents.known import Entries, Names, Texts, entries_of, matter_of, text_id, text_ids, together_of
from complaints.documents.words import NOTHING
from complaints.fields.kinds import tasks_in
from complaints.models import Complaint, Cooperation, Coordination, Round

TITLE = "跨部门协调纪要"
OF_THE_TABLE = ("record_tasks", "confirm_task", "finish_task")
OWN_ONLY = "本件只列本单位的任务。"


@dataclass(frozen=True)
class Known:
    """What was looked up for all papers. `places` counts each complaint's coordinations from 1."""

    texts: Texts
    entries: Entries
    names: Names
    places: dict[int, int]
    wording: Wording


def compose(orders: Sequence[Order]) -> list[Content]:
    """Compose all minutes with two statements at most."""
    with override(settings.LANGUAGE_CODE):
        known = _look_up(orders)
        return [_Minutes(order, known).content() for order in orders]


def as_it_is(
    complaint: Complaint, parts: list[Cooperation], at: datetime, *, own: frozenset[int] | None = None
) -> Content:
    """The minutes of these parts' coordination as they read now. `own`: the units of a reader who may not know the
    round; of the people who were present they read their own, and neither the notice nor the third parties.
    """
    table = parts[0].coordination
    facts = {"table": table, "round": table.round, "parts": parts, "own": own}
    (content,) = compose([Order("minutes", complaint, at, part=table.pk, facts=facts)])
    return content


def _look_up(orders: Sequence[Order]) -> Known:
    tables: list[Coordination] = [order.facts["table"] for order in orders]
    entries = entries_of(orders, {order.facts["round"].number for order in orders}, OF_THE_TABLE)
    written = {pk for table in tables for pk in (table.problem_id, table.record_id)} | text_ids(entries)
    parts: list[Cooperation] = [part for order in orders for part in order.facts["parts"]]
    people = {
        pk for part in parts for pk in (part.handler_id, part.leader_id, part.confirmed_by_id, part.finished_by_id)
    }  # fmt: skip
    people |= {table.convened_by_id for table in tables} | set(_present(entries))
    together = together_of(orders)
    names = Names(people, {order.facts["round"].unit_id for order in orders}, together, with_units=True)
    texts, places = Texts([order.subject for order in orders], written, together), _places(orders, together)
    wording = wording_with(together, orders[0].at)
    return Known(texts, entries, names, places(), wording())


def _present(entries: Entries) -> Iterable[int]:
    for each in entries.values():
        for entry in each:
            yield from keys_in(entry.facts, "attendees")


def _places(orders: Sequence[Order], together: Together) -> Callable[[], dict[int, int]]:
    ids = {order.subject.pk for order in orders}
    rounds = together.rows(Round, complaint_id=ids)
    tables = together.rows(Coordination, round_id=Through(Round, "id", "complaint_id", ids))

    def found() -> dict[int, int]:
        of_round, counted = {row.pk: row.complaint_id for row in rounds()}, Counter[int]()
        places = {}
        for table in tables():
            counted[of_round[table.round_id]] += 1
            places[table.pk] = counted[of_round[table.round_id]]
        return places

    return found


class _Minutes:
    """Composes one coordination's minutes."""

    def __init__(self, order: Order, known: Known) -> None:
        self.order, self.known = order, known
        self.table: Coordination = order.facts["table"]
        self.round: Round = order.facts["round"]
        self.parts: list[Cooperation] = order.facts["parts"]
        self.own: frozenset[int] | None = order.facts.get("own")
        self.entries = [e for e in known.entries[order.subject.pk] if e.part == self.round.number]
        self.record = next((e for e in reversed(self.entries) if text_id(e) == self.table.record_id), None)

    def content(self) -> Content:
        unit = own = self.known.names.unit(self.round.unit_id) or ""
        invited = tuple(part.unit.name for part in self.parts)
        if self.table.by_coordinator:
            unit, invited = self.known.wording["marketing"], (own, *invited)
        agreed = self.order.at if self.order.act else self.table.concluded_at
        return Content(
            "minutes", TITLE, issuer=unit, number=f"{matter_of(self.order).number}-{self.known.places[self.table.pk]}",
            to=invited, body=tuple(self._body(unit)), signed=unit if agreed else "",
            dated=day_of(agreed) if agreed else None, copies=(self.known.wording["centre"],),
            notes=() if self.own is None else (OWN_ONLY,),
        )  # fmt: skip

    def _body(self, unit: str) -> Iterable[Block]:
        yield Heading("一、协调情况")
        yield self._circumstances(unit)
        yield Heading("二、需要协调的问题")
        yield Para(self._masked(self.table.problem_id, "problem"))
        yield Heading("三、责任与任务")
        yield self._tasks()
        yield Heading("四、确认与异议")
        yield self._confirmations()
        if any(part.finished_at for part in self.parts):
            yield Heading("五、完成情况")
            yield self._results()
        yield Para(self.known.wording["minutes_duty"])

    def _circumstances(self, unit: str) -> Table:
        part = "协调部门" if self.table.by_coordinator else "首问责任部门"
        is_whole = self.own is None
        third = self._masked(self.table.record_id, "third_parties") if is_whole else NOTHING
        return Table(
            (
                pair(
                    "投诉编号", matter_of(self.order).number, "通知单号", self.round.notice_number if is_whole else None
                ),
                pair("召集单位", f"{unit}（{part}）", "召集人", self.known.names.person(self.table.convened_by_id)),
                pair("召集时间", when(self.table.convened_at), "记录时间", when(self.table.recorded_at)),
                across("议定时间", when(self.table.concluded_at)),
                across("参加人", "、".join(self._attendees()) or NOTHING),
                *([across("第三方单位", third if third != NOTHING else "无")] if is_whole else ()),
            )
        )

    def _attendees(self) -> list[str]:
        present = keys_in(self.record.facts, "attendees") if self.record else ()
        names, own = self.known.names, self.own
        return [names.with_unit(pk) for pk in present if names.person(pk) and (own is None or names.unit_of(pk) in own)]

    def _tasks(self) -> Table:
        tasks, person = tasks_in(self._masked(self.table.record_id, "tasks")), self.known.names.person
        rows = [
            line(
                part.unit.name, tasks.get(part.unit.code), person(part.handler_id), person(part.leader_id),
                when(part.due_at),
            )
            for part in self.parts
        ]  # fmt: skip
        return Table((head("配合单位", "责任与任务", "配合处理人", "分管领导", "完成期限"), *rows), heads=1)

    def _confirmations(self) -> Table:
        person = self.known.names.person
        rows = [
            line(part.unit.name, person(part.confirmed_by_id), _confirmed(part), self._objection(part))
            for part in self.parts
        ]
        return Table((head("配合单位", "确认人", "确认时间", "异议"), *rows), heads=1)

    def _results(self) -> Table:
        person = self.known.names.person
        rows = [
            line(part.unit.name, person(part.finished_by_id), when(part.finished_at), self._result(part))
            for part in self.parts
        ]
        return Table((head("配合单位", "完成人", "完成时间", "完成情况"), *rows), heads=1)

    def _result(self, part: Cooperation) -> str:
        said = self._said("finish_task", part.finished_at, part)
        return self._masked(text_id(said), "result") if said else NOTHING

    def _objection(self, part: Cooperation) -> str:
        said = self._said("confirm_task", part.confirmed_at, part) if part.objected else None
        return self._masked(text_id(said), "objection") if said else "无"

    def _said(self, verb: str, at: datetime | None, part: Cooperation) -> LedgerEntry | None:
        own = (verb, at, part.unit.code)
        return next((e for e in reversed(self.entries) if (e.verb, e.at, e.facts.get("unit")) == own), None)

    def _masked(self, key: int | None, name: str) -> str:
        return self.known.texts.masked(self.order.subject, key, name) or NOTHING


def _confirmed(part: Cooperation) -> str:
    """When it was confirmed; for a silent unit, since when its silence counts as a confirmation."""
    deemed = f"视为确认（{when(part.deemed_at)}）" if part.deemed_at else ""
    return deemed + (when(part.confirmed_at) if part.confirmed_at or not deemed else "")
