"""Grows a played database to any number of complaints: a long archive, and as much open work as an office has.

The first copies are of the closed complaints and cases alone, moved back over years; the last ones are of everything,
with the instants as they were played. Run as a superuser of a server of our own: neither keys nor triggers are asked
while rows are copied. Not as the verbs would have written it: the chains of copies don't verify, texts repeat, and the
telephone number of each copy is another, its sealed texts open only where the copy has open work.
"""

# ruff: noqa: S608  the names in the statements are our own

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, F, Model
from psycopg2.extras import execute_values

from accountability.models import Matter, PersonalData, Series
from accountability.security.encryption import digest, seal
from assessment.models import Case, CaseComplaint
from complaints.lists.search import INTAKES
from complaints.models import Complaint, Cooperation, Coordination, Round
from config.bench.growing import COPIED, DIFFERENT, Block

CLOSED = "bench_closed"
DAYS = 1000
"""How far back the archive goes."""

OF_MATTER: dict[type[Model], str] = {
    Matter: "id", Complaint: "matter_id", Round: "complaint_id", Case: "matter_id", CaseComplaint: "case_id",
    Coordination: "(SELECT complaint_id FROM complaints_round r WHERE r.id = round_id)",
    Cooperation: "complaint_id",
}  # fmt: skip
"""How a row names its matter, where it isn't `matter_id`."""

CLOSED_MATTERS = f"""
CREATE TEMPORARY TABLE {CLOSED} ON COMMIT DROP AS SELECT m.id FROM accountability_matter m WHERE m.closed_at IS NOT NULL
AND (m.kind = 'complaint' OR m.kind = 'case' AND NOT EXISTS (SELECT 1 FROM assessment_casecomplaint l
JOIN accountability_matter c ON c.id = l.complaint_id WHERE l.case_id = m.id AND c.closed_at IS NULL))
"""
"""Complaints that are closed, and closed cases all of whose complaints are."""

AT_A_TIME = 50
"""Copies in one statement."""

LINKS = ("repeat_of_id", "duplicate_of_id")


class Grown(Block):
    """Copies the archive `archived` times, `moved` days between two copies, then everything."""

    archived, moved = 0, 0.0

    def __init__(self) -> None:
        super().__init__()
        self.texts = list(PersonalData.objects.filter(sealed__isnull=False, matter__kind__in=("complaint", "case")))
        self.plain = {row.pk: row.opened for row in self.texts}

    def grow(self, number: int, still_open: int) -> int:
        """Copy until there are about so many complaints, and so many of them open; return how many copies."""
        played = Complaint.objects.count()
        running = Complaint.objects.filter(matter__closed_at=None).count()
        whole = max(0, round(still_open / running) - 1)
        self.archived = max(0, round((number - played * (1 + whole)) / (played - running)))
        self.moved = DAYS / max(1, self.archived)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute(CLOSED_MATTERS)
            indexes = _without_indexes(cursor)
            for start in range(1, self.archived + 1, AT_A_TIME):
                self._several(cursor, start, min(start + AT_A_TIME - 1, self.archived))
            archived, self.moved = self.archived, 0.0
            self._several(cursor, archived + 1, archived + whole)
            for statement in indexes:
                cursor.execute(statement)
            self._onward(cursor, archived + whole + 2)
        return archived + whole

    def _several(self, cursor: Any, first: int, last: int) -> None:
        if first > last:
            return
        for model in COPIED:
            self._copy(model, first, last)
        execute_values(
            cursor.cursor,
            f"UPDATE {PersonalData._meta.db_table} t SET sealed = v.s, phone_digest = v.p, last4_digest = v.l"
            " FROM (VALUES %s) v(k, s, p, l) WHERE t.id = v.k",
            self._sealed(first, last), page_size=1000,
        )  # fmt: skip

    def _onward(self, cursor: Any, copies: int) -> None:
        """What is made from now on has keys and numbers of its own."""
        for model in COPIED:
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute(f"SELECT setval(%s, (SELECT max({key}) FROM {table}))", [sequence])
        Series.objects.update(last=F("last") + copies * 1000)

    def _besides(self, model: type[Model]) -> str:
        matter = OF_MATTER.get(model, "matter_id")
        closed = f" AND {matter} IN (SELECT id FROM {CLOSED})" if self.moved else ""
        return super()._besides(model) + closed

    def _value(self, model: type[Model], field: Any) -> str:
        named = connection.ops.quote_name(str(field.column))
        back = f"({self.archived} + 1 - n) * interval '{self.moved:.4f} days'"
        if (model, field.column) == (Matter, "number"):
            return (
                f"CASE WHEN number IS NULL THEN NULL WHEN kind = 'complaint' THEN left(number, 2)"
                f" || to_char(opened_at - {back}, 'YYYYMMDD')"
                " || to_char(right(number, 6)::bigint + n * 1000, 'FM0000000') ELSE number || '-' || n END"
            )
        if isinstance(field, DateTimeField) and self.moved:
            return f"CASE WHEN {named} > '2100-01-01' THEN {named} ELSE {named} - {back} END"
        value = DIFFERENT.get((model, field.column)) or super()._value(model, field)
        if field.column in LINKS and self.moved:
            return f"CASE WHEN {named} IN (SELECT id FROM {CLOSED}) THEN {value} END"
        return value

    def _sealed(self, first: int, last: int) -> Iterator[tuple[Any, ...]]:
        """Every text of a copy with open work; of the archive, what the lists and searches open."""
        rows = [row for row in self.texts if not self.moved or row.kind in INTAKES]
        for n in range(first, last + 1):
            for row in rows:
                matter, key = row.matter_id + n * self.apart[Matter], row.pk + n * self.apart[PersonalData]
                texts = dict(self.plain[row.pk])
                if texts.get("phone"):
                    texts["phone"] = _another(texts["phone"], n)
                phone = texts.get("phone", "") if row.phone_digest else ""
                sealed = seal(texts, matter_id=matter, kind=row.kind, row=key)
                yield key, sealed, digest("phone", phone), digest("last4", phone[-4:])


def _another(phone: str, n: int) -> str:
    """A number for each copy of a customer."""
    digits = phone if phone.isdigit() and len(phone) == 11 else "13800000000"
    return f"1{'3587'[n % 4]}{(int(digits[2:]) * 7919 + n * 104729) % 10**9:09}"


def _without_indexes(cursor: Any) -> list[str]:
    """Drop the indexes of the copied tables that no constraint needs; the statements make them again."""
    names = [model._meta.db_table for model in COPIED]
    cursor.execute(
        "SELECT format('%%I', indexname), indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [names],
    )
    found = cursor.fetchall()
    for name, _statement in found:
        cursor.execute(f"DROP INDEX {name}")
    return [statement for _name, statement in found]
