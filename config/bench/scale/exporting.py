"""An export of a hundred thousand complaints against a COPY of the same columns: time, processor and peak of memory.

It runs in a process that has done nothing else, which prints what it took (`read_export`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import translation

from accountability.models import Employee, actor_for
from accountability.spreadsheets.cells import csv_lines
from assessment.exports.kinds import COMPLAINTS, Scope, cells
from config.bench.scale.measuring import Measured, processor_of
from config.bench.scale.operations import OFFICER
from config.cycles import look_rarely

ROWS = 100_000
FLAGS = "cross_province, other_operator, third_party, escalated, major"

COLUMNS = f"""
SELECT m.number, m.opened_at, c.channel, c.tier, h.name AS head, k.name AS category, c.region, c.priority, {FLAGS},
  c.state, c.round_count, u.name AS unit, c.satisfied, r.dissatisfied_by, c.archived_at, c.ended_as, p.sealed
FROM complaints_complaint c JOIN accountability_matter m ON m.id = c.matter_id
LEFT JOIN accountability_category k ON k.id = c.category_id LEFT JOIN accountability_category h ON h.id = k.parent_id
LEFT JOIN complaints_round r ON r.id = c.latest_round_id LEFT JOIN accountability_unit u ON u.id = r.unit_id
LEFT JOIN accountability_personaldata p ON p.id = c.intake_id WHERE c.state <> 'new' ORDER BY c.matter_id LIMIT """  # noqa: S608
"""The export's columns as they lie in the database; customer, number and content are sealed in the last."""


def export(address: str, at: datetime) -> Measured:
    alone = f"import django; django.setup(); from {__name__} import read_export; read_export({at.isoformat()!r})"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", alone],
        env=os.environ | {"DATABASE_URL": address},
        check=True,
        capture_output=True,
        text=True,
    )
    mine, theirs, rows, peak = json.loads(done.stdout)
    name = f"export ({rows:,} rows)"
    return Measured(name, 0, mine["processor"] / theirs["processor"], mine["wall"] / theirs["wall"], round(peak), 0)


def read_export(at: str) -> None:
    """Runs in its own process: prints what the export took, what COPY took, the rows and the peak in megabytes."""
    rows = 0

    def read() -> None:
        nonlocal rows
        for line in csv_lines(lines(ROWS, datetime.fromisoformat(at))):
            rows += line.count("\r\n")
            line.encode()

    look_rarely()  # as in a worker
    Path("/proc/self/clear_refs").write_text("5")  # the peak of the start, which tries passwords, isn't the export's
    mine = _taken(read)
    peak = _peak()
    print(json.dumps([mine, _taken(copy), rows, peak]))


def lines(most: int, at: datetime) -> Iterator[list[Any]]:
    """The export's lines as marketing gets them."""
    actor = actor_for(Employee.objects.get(username=OFFICER).pk, at)
    if actor is None:
        raise PermissionError
    with translation.override("zh-hans"):
        yield from cells(COMPLAINTS.columns, islice(COMPLAINTS.read(Scope(), actor, at, most), most), bare=False)


class Nowhere(RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)


def copy() -> None:
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({COLUMNS}{ROWS}) TO STDOUT WITH (FORMAT csv)", Nowhere())


def _taken(work: Any) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path("/proc", str(cursor.fetchone()[0]))
    before, begun = time.process_time() * 1000 + processor_of(backend), time.perf_counter()
    work()
    spent = time.process_time() * 1000 + processor_of(backend) - before
    return {"processor": spent, "wall": time.perf_counter() - begun}


def _peak() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
