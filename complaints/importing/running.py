"""An import: the whole file is read once for its dates; then its rows go through the gate in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accountability.gate.act import Batch, Refused
from accountability.gate.fields import clean_all
from accountability.gate.perform import perform_each
from accountability.models import Employee, actor_for
from complaints.actions.importing import check_instants
from complaints.importing import dates
from complaints.importing.mapping import OF_DATES, SEVERAL, Mapping, Reader, the_verb
from complaints.importing.problems import BadFile, BadRow
from complaints.importing.rejects import RejectFile
from complaints.importing.tables import Row, Table, opened
from complaints.models import Complaint, Origin

BATCH = 100
"""Rows in a transaction, few enough that other users wait only a moment."""

TRIES = 3
SHOWN = 20
KINDS_SHOWN = 1000


@dataclass
class Report:
    """What became of the rows; on a dry run, what would become of them."""

    dry_run: bool
    encoding: str = ""
    readings: dict[str, str] = field(default_factory=dict)
    read: int = 0
    imported: int = 0
    closed: int = 0
    already: int = 0
    rejected: int = 0
    unlisted: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    comparison: dates.Comparison = field(default_factory=dates.Comparison)

    def took(self, facts: dict[str, Any]) -> None:
        self.imported += 1
        self.closed += bool(facts["closed"])
        received: datetime = facts["received"]
        self.earliest = min(self.earliest or received, received)
        self.latest = max(self.latest or received, received)

    def rejects(self, line: int, sentence: str) -> None:
        self.rejected += 1
        if len(self.examples) < SHOWN:
            self.examples.append((line, sentence))
        if sentence in self.reasons or len(self.reasons) < KINDS_SHOWN:
            self.reasons[sentence] += 1


@dataclass
class Import:
    """One file and how to import it. `clock` gives the instant of each batch; `by` is the responsible employee."""

    path: Path
    mapping: Mapping
    source: str
    by: Employee
    clock: Callable[[], datetime]
    dry_run: bool = False
    sheet: str = ""
    rejects_to: Path | None = None

    def run(self) -> Report:
        """Run the import. Raises BadFile, before importing anything, for what must be corrected first."""
        if not 0 < len(self.source) <= 40:
            raise BadFile(_("来源名称（--source）应为 1 到 40 个字。"))
        actor = actor_for(self.by.pk, self.clock())
        if actor is None or not the_verb().permits(Complaint(), actor):
            raise BadFile(_("%(name)s 不是客服代表或客服中心主管，不能导入投诉。") % {"name": self.by.username})
        readings = self._look_over()
        report = Report(self.dry_run, readings={name: said for name, (said, _read) in readings.items()})
        with self._table() as table:
            self.mapping.check(table.header)
            report.encoding, report.notes = table.encoding, table.notes
            rejects = RejectFile(self.rejects_to or self.rejects_beside, table.header)
            if not self.dry_run:
                rejects.check(self.path)
            reader = Reader(self.mapping, table.header, self.source, {n: read for n, (_said, read) in readings.items()})
            try:
                _Taking(self, reader, report, rejects).take_all(table)
            finally:
                rejects.close()
        return report

    @property
    def rejects_beside(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.rejected.csv")

    def _table(self) -> Any:
        return opened(self.path, encoding=self.mapping.encoding, sheet=self.sheet)

    def _look_over(self) -> dict[str, tuple[str, dates.Reading]]:
        """How each date column is read, with its description for the report. Raises BadFile if it must be declared."""
        formats = self.mapping.date_formats
        wanted = [name for name in OF_DATES if name in self.mapping.columns or name in self.mapping.fixed]
        with self._table() as table:
            self.mapping.check(table.header)
            if formats:
                return {name: (" ".join(formats), dates.declared(formats)) for name in wanted}
            columns = {name: dates.DateColumn(self.mapping.columns.get(name, [name])[0]) for name in wanted}
            reader = Reader(self.mapping, table.header, self.source, {})
            for row in table.rows:
                for name, column in columns.items():
                    column.add("" if row.fault else reader.cell(row.cells, name))
        doubts = [column.doubt for column in columns.values() if column.order is None]
        if doubts:
            raise BadFile("\n".join(doubts))
        return {
            name: (column.order or "" if column.by_shape else "", dates.declared([column.order or ""]))
            for name, column in columns.items()
        }


class _Taking:
    """The second pass over the file: each row is checked, then imported or rejected."""

    def __init__(self, order: Import, reader: Reader, report: Report, rejects: RejectFile) -> None:
        self.order, self.reader, self.report, self.rejects = order, reader, report, rejects
        self.seen: set[int] = set()
        self.lookups = Batch(order.clock())

    def take_all(self, table: Table) -> None:
        while rows := list(islice(table.rows, BATCH)):
            self.report.read += len(rows)
            self._take(list(self._judged(rows)))

    def _judged(self, rows: list[Row]) -> Iterator[tuple[Row, dict[str, Any]]]:
        for row in rows:
            try:
                yield row, self._judge(row)
            except BadRow as bad:
                self._reject(row, str(bad))

    def _judge(self, row: Row) -> dict[str, Any]:
        """The fields for the verb, after the checks that the verb makes itself. Raises BadRow."""
        if row.fault:
            raise BadRow(row.fault)
        facts = self._set_apart(self.reader.facts(row.cells))
        values, errors = clean_all(the_verb().facts, facts, Complaint(), self.lookups)
        try:
            if not errors:
                check_instants(self.lookups.at, **values)
        except Refused as refusal:
            errors = refusal.fields
        if errors:
            raise BadRow(sentences(errors))
        # Hashes of 64 bits a key, so that even a very long file needs little memory.
        key = values["source_key"]
        if hash(key) in self.seen:
            raise BadRow(_("来源编号与本文件中前面的某一行相同。"))
        self.seen.add(hash(key))
        self._compare(row, facts)
        return facts | {"source_key": values["source_key"]}

    def _set_apart(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Keep a place that isn't on the list of regions in the sealed note: another system's entry may be anything."""
        region = facts.get("region")
        if region is None or self.lookups.region(region) is not None:
            return facts
        self.report.unlisted += 1
        told = _("%(label)s：%(value)s") % {"label": the_verb().fact("region").label, "value": region}
        note = "\n".join(filter(None, (facts.get(SEVERAL), told)))
        return {name: value for name, value in facts.items() if name != "region"} | {SEVERAL: note}

    def _compare(self, row: Row, facts: dict[str, Any]) -> None:
        if "check_date" in self.reader.places:
            day = facts["received"].astimezone(dates.SHANGHAI).date()
            self.report.comparison.add(self.reader.cell(row.cells, "check_date"), day)

    def _reject(self, row: Row, sentence: str) -> None:
        self.report.rejects(row.line, sentence)
        if not self.order.dry_run:
            self.rejects.add(row.line, row.cells, sentence)

    def _take(self, judged: list[tuple[Row, dict[str, Any]]]) -> None:
        """Import the rows that aren't here yet. If another import of the same source interferes, try again."""
        for _try in range(TRIES):
            try:
                return self._take_once(judged)
            except IntegrityError:
                continue
        raise BadFile(_("另一次导入正在写入同一来源，请等它结束后再运行一次；已导入的不会重复。"))

    def _take_once(self, judged: list[tuple[Row, dict[str, Any]]]) -> None:
        here = set(
            Origin.objects.filter(
                source=self.order.source, source_key__in=[facts["source_key"] for _row, facts in judged]
            ).values_list("source_key", flat=True)
        )
        new = [(row, facts) for row, facts in judged if facts["source_key"] not in here]
        refused = {} if self.order.dry_run else self._perform([facts for _row, facts in new])
        self.report.already += len(here)
        for place, (row, facts) in enumerate(new):
            if place in refused:
                self._reject(row, refused[place])
            else:
                self.report.took(facts)

    def _perform(self, several: list[dict[str, Any]]) -> dict[int, str]:
        """Perform the acts. Returns the messages of refused ones, by position."""
        for _try in range(TRIES):
            told = [(Complaint(), facts) for facts in several]
            outcomes = perform_each(told, "import_complaint", by=self.order.by, at=self.order.clock())
            refused = {place: outcome.refused for place, outcome in enumerate(outcomes) if outcome.refused}
            if all(refusal.code != "busy" for refusal in refused.values()):
                return {place: sentences(refusal.fields) or str(refusal) for place, refusal in refused.items()}
        raise BadFile(_("系统正忙，导入中途停止；请稍后再运行一次，已导入的不会重复。"))


def sentences(errors: dict[str, str]) -> str:
    """Join the messages, each after its field's label unless it begins with it."""
    labels = {fact.name: str(fact.label) for fact in the_verb().facts}
    return " ".join(
        text if text.startswith(labels[name]) else _("%(label)s：%(value)s") % {"label": labels[name], "value": text}
        for name, text in errors.items()
    )
