"""The worker writes the files of approved exports row by row, in bounded memory, one export at a time.

As with papers, a guarded update claims a row, and an unfinished claim is released after a while. The file is written
outside any transaction and counts only if its export is still wanted at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation

from accountability.gate.isolation import isolated, name_of_matter
from accountability.models import Appointment, actor_for
from accountability.notices import alarms
from accountability.permissions import MARKETING_ROLES
from accountability.spreadsheets.cells import csv_lines
from accountability.web.listings import NotUnderstood
from assessment.actions.exports import finish, give_up, most_of, scope_of
from assessment.exports import keeping
from assessment.exports.kinds import cells
from assessment.exports.lists import Gone, kind_of_export
from assessment.exports.watermark import watermark
from assessment.exports.xlsx_stream import Streamed
from assessment.models import Export, ExportState, ExportWork
from assessment.permissions import may_have

log = logging.getLogger(__name__)

MOST_A_RUN = 4
MOST_FAILURES = 5
CLAIMED_FOR = timedelta(minutes=30)
"""Writing the largest allowed file takes much less than this, so a claim this old has crashed or failed."""

ALARM = "exports"


class TooMany(Exception):
    """There are more rows now than the file may have; `str()` says why it may not."""


def make_pending(at: datetime) -> int:
    """Write the approved exports, oldest first, up to a number per run, and return how many were written. One that
    fails holds up no other.
    """
    waiting, write_one = _pending(at).values_list("pk", flat=True), partial(_claim_and_make, at=at)
    made = isolated("export", waiting, write_one, at=at, size=None, most=MOST_A_RUN, name_of=name_of_matter)
    _watch_failures(at)
    return made


def _pending(at: datetime) -> QuerySet[ExportWork]:
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIMED_FOR)
    pending = ExportWork.objects.filter(free, export__state=ExportState.APPROVED, failures__lt=MOST_FAILURES)
    return pending.order_by("asked_at", "pk")


def _claim_and_make(keys: list[int], *, at: datetime) -> int:
    work = _claim(keys[0], at)
    return int(work is not None and _make(work, at))


def _claim(pk: int, at: datetime) -> ExportWork | None:
    """Claim the export, unless another worker has. The claim counts as a failure until the file is written."""
    work = _pending(at).select_related("export__matter", "export__unit", "export__requested_by").filter(pk=pk).first()
    if work is None:
        return None
    claimed = ExportWork.objects.filter(pk=pk, claimed_at=work.claimed_at)
    if not claimed.update(claimed_at=at, failures=F("failures") + 1):
        return None
    work.failures += 1
    return work


def _make(work: ExportWork, at: datetime) -> bool:
    export = work.export
    with transaction.atomic():
        keeping.destroy(export)  # what an earlier attempt left behind
    try:
        made = write(export, at)
    except TooMany as why:
        return _given_up(export, at, str(why))
    except NotUnderstood:
        return _given_up(export, at, "filters")
    except Gone:
        return _given_up(export, at, "gone")
    except PermissionError:
        return _given_up(export, at, "right")
    except Exception:
        ExportWork.objects.filter(pk=work.pk).update(claimed_at=None)
        if work.failures >= MOST_FAILURES:
            _given_up(export, at, "fault")
        raise
    with transaction.atomic():
        wanted = finish(export, at, made)
        if not wanted:
            keeping.destroy(export)
    return wanted


def _given_up(export: Export, at: datetime, why: str) -> bool:
    with transaction.atomic():
        keeping.destroy(export)
        give_up(export, at, why)
    return False


def write(export: Export, at: datetime) -> keeping.Made:
    """Write the file in the pieces of its sink. Raises PermissionError if its requester may no longer have it,
    NotUnderstood if a filter of its list means nothing any more, Gone if there is no such list.
    """
    who, kind = export.requested_by, kind_of_export(export)
    actor = actor_for(who.pk, at)
    if actor is None or not may_have(export, actor):
        raise PermissionError
    sink = keeping.Sink(export, at)
    columns, count, most = kind.chosen(export.columns), 0, most_of(export)
    with translation.override("zh-hans"):
        mark = watermark(who, at, str(export.matter))
        heads = [str(column.label) for column in columns]

        def rows() -> Iterator[Any]:
            nonlocal count
            for row in kind.read(scope_of(export), actor, at, most):
                count += 1
                if count > most:
                    raise TooMany("rows" if most == export.most_rows else "grown")
                yield row

        lines = cells(columns, rows(), bare=export.unmasked)
        if export.format == Export.Format.CSV:
            for line in csv_lines(_with_head(mark, heads, lines)):
                sink.write(line.encode())
        else:
            with Streamed(sink, title=export.title, mark=mark, author=who.username) as sheet:  # type: ignore[arg-type]
                sheet.row(heads, is_head=True)
                for line_of_sheet in lines:
                    sheet.row(line_of_sheet)
    return sink.finish(count)


def _with_head(mark: str, heads: list[str], lines: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield [mark]
    yield heads
    yield from lines


def _watch_failures(at: datetime) -> None:
    """Notify marketing once that exports fail, and not again while any export is failed."""
    stuck = Export.objects.filter(state=ExportState.FAILED).count()
    if not stuck:
        if alarms.standing(ALARM):
            alarms.clear(ALARM, at)
        return
    serving = Appointment.objects.serving(at).filter(role__in=MARKETING_ROLES, employee__is_active=True)
    people = serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()
    if not alarms.standing(ALARM):
        alarms.raise_once(ALARM, ALARM, {"exports": stuck}, at=at, notice="exports_failed", people=people)
        log.error("exports: %s could not be made", stuck)
