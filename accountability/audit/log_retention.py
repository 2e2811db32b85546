"""How long the access log is kept: rows are deleted a set number of months after they were sealed, never sooner.

The ledger and the histories are never purged. On PostgreSQL only the owner's role may delete, and the trigger lets no
row go that is younger than the instant named by the purge. SQLite has no roles, so the trigger is dropped inside the
transaction, during which nothing else can write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection, transaction

from accountability.audit import access_log
from accountability.audit.sealed_tables import UNREADABLE, readable
from accountability.audit.seals import path_of, read
from accountability.db import insert_only
from accountability.deadlines.limits import months_before
from accountability.models import AccessLog, Employee, Seal

ACTION = "purge_logs"
AT_A_TIME = 5000
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class CannotPurge(Exception):
    """Says why a purge is refused."""


def cutoff(at: datetime) -> datetime:
    """Rows older than this may be deleted."""
    return months_before(at, settings.LOG_KEEP_MONTHS)


def purges(at: datetime) -> tuple[datetime, list[int]]:
    """The instant up to which rows have been purged, as the purges recorded; never within the months that the law asks
    for, whatever was recorded. And the keys of the purges' rows that don't say an instant: they excuse nothing.
    """
    purged, unreadable = BEGINNING, []
    noted = AccessLog.objects.filter(action=ACTION, result="ok")
    for pk, said in readable(noted, ["detail"]):
        try:
            purged = max(purged, datetime.fromisoformat(str(said and said[0]).split(" ")[0]))
        except UNREADABLE:
            unreadable.append(pk)
    return min(purged, months_before(at, settings.LOG_KEEP_LEAST)), unreadable


def purge(at: datetime) -> int:
    """Delete rows of the access log that are old enough and were sealed long enough ago; the purge itself is recorded
    as a row.

    Raises CannotPurge, also where this role may not delete.
    """
    before = cutoff(at)
    through = _sealed_through(before)
    count = 0
    while gone := _purge_some(before, through, at):
        count += gone
    return count


def _sealed_through(before: datetime) -> int:
    seal = Seal.objects.filter(at__lt=before).first()
    if seal is None:
        return 0
    content = read(path_of(seal.number))
    if content is None:
        raise CannotPurge(f"seal {seal.number} can't be read: without it nobody could tell a purge from a theft")
    # What that seal saw as new may have been overtaken by a row that only the next one has; before that, nothing was.
    return int(content["before"].get(AccessLog._meta.db_table, 0))


@transaction.atomic
def _purge_some(before: datetime, through: int, at: datetime) -> int:
    old = AccessLog.objects.filter(pk__lte=through, at__lt=before).order_by("pk").values_list("pk", flat=True)
    ids = list(old[:AT_A_TIME])
    if ids:
        detail = f"{before.isoformat()} {ids[0]}-{ids[-1]}: {len(ids)}"
        access_log.write(Employee.objects.system(), ACTION, at=at, address=None, detail=detail)
        with _guard_off(before):
            AccessLog.objects.filter(pk__in=ids)._raw_delete("default")
    return len(ids)


@contextmanager
def _guard_off(before: datetime) -> Iterator[None]:
    """Let the trigger pass what the purge deletes; only inside the transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT has_table_privilege(%s, 'DELETE')", [insert_only.ACCESS_LOG])
            if not cursor.fetchone()[0]:
                raise CannotPurge("this database role may not delete from the access log: run it as the owner")
            cursor.execute("SELECT set_config(%s, %s, true)", [insert_only.PURGING, before.isoformat()])
            yield
            cursor.execute("SELECT set_config(%s, '', true)", [insert_only.PURGING])
        else:
            cursor.execute(insert_only.drop(connection.vendor, insert_only.ACCESS_LOG, "delete"))
            yield
            cursor.execute(insert_only.create(connection.vendor, insert_only.ACCESS_LOG, "delete"))
