"""What `make faults` needs that no server shows: its page, its wrong clock. The faults themselves run in .ci/run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.disk import fill, small_disk
from tests.faults.running import FAULTS
from tests.faults.servers import wait_until
from tests.faults.system import SHIFTED, Process
from tests.faults.world import Outcome
from tests.mutants import MUTANTS, ROOT


def test_the_page_names_for_each_control_a_mutant_with_its_test() -> None:
    tests = {mutant.what: mutant.tests for mutant in MUTANTS}
    rows = re.findall(r"^\| ([a-z ]+) \| ([a-z' ]+) \| (.*) \|$", table.PAGE.read_text(), re.MULTILINE)
    told = {control: (mutant, re.findall(r"`(tests/[a-z_/]+\.py)`", where)) for control, mutant, where in rows}
    named = {control: (mutant, files) for control, (mutant, files) in told.items() if files}
    assert {"lock", "transaction", "unique key", "grace", "clock check", "isolation"} <= set(named)
    for mutant, files in named.values():
        assert tests[mutant] == (files[0],)
        assert all((ROOT / file).exists() for file in files)


def test_the_page_has_the_figures_of_every_fault() -> None:
    assert {row[1] for row in table.ROW.finditer(table.PAGE.read_text())} == set(FAULTS)


def test_figures_are_written_in_the_place_of_earlier_ones(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(f"Machine: .\n\n{table.HEAD}| `outage` | kept |\n| `kills` | old |\n")
    table.write({"kills": Outcome("20 kills", "0 lost", "0 lost", ["one thing"])}, short=True, page=page)
    *_head, outage, kills = page.read_text().splitlines()
    assert outage == "| `outage` | kept |"
    assert kills.startswith("| `kills` | 20 kills | 0 lost | 0 lost | fell: one thing | short, 20")
    assert f"{os.cpu_count()} cores" in page.read_text()


def test_a_short_form_that_holds_leaves_the_figures_of_a_long_one(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(f"Machine: .\n\n{table.HEAD}| `kills` | 600 kills | 0 | 0 | held | long, 2026-11-28 |\n")
    table.write({"kills": Outcome("20 kills", "0", "0")}, short=True, page=page)
    assert "| 600 kills |" in page.read_text()
    table.write({"kills": Outcome("20 kills", "1", "0", ["one lost"])}, short=True, page=page)
    assert "| 20 kills |" in page.read_text()


@pytest.mark.parametrize("shift", [3600, -86400])
def test_a_wrong_clock_is_wrong_for_the_whole_process(tmp_path: Path, shift: int) -> None:
    """Whichever way it is read; and what was pickled opens again."""
    (tmp_path / "shift").write_text(str(shift))
    asked = (
        "import datetime, pickle, time; at = datetime.datetime.now(datetime.UTC);"
        "assert abs(time.time() - at.timestamp()) < 5 and pickle.loads(pickle.dumps(at)) == at;"
        "assert isinstance(at, datetime.datetime) and datetime.datetime(2026, 1, 1) < datetime.datetime(2026, 1, 2);"
        "print(at.isoformat())"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], env={"PYTHONPATH": str(SHIFTED), "CLOCK_SHIFT": str(tmp_path / "shift")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    off = datetime.fromisoformat(told.stdout.strip()) - datetime.now(UTC)
    assert abs(off - timedelta(seconds=shift)) < timedelta(seconds=30)


def test_a_small_disk_gets_full_where_it_may_be_mounted(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 1 << 20) as is_mounted:
        if is_mounted:
            fill(tmp_path / "small" / "ballast")
            assert os.statvfs(tmp_path / "small").f_bavail == 0
    assert not (tmp_path / "small").exists()


def test_what_is_stopped_while_it_is_started_again_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard sees that a program is gone, and before it starts another one the fault is over."""
    program = Process("sleeper", ["sleep", "60"], dict(os.environ), tmp_path / "log")
    program.start()
    program.kill()
    assert wait_until(lambda: not program.runs, 10) is not None
    killed, stopping = program.kill, threading.Thread(target=program.stop)

    def stopped_meanwhile() -> None:
        monkeypatch.setattr(program, "kill", killed)
        stopping.start()
        time.sleep(0.3)
        killed()

    monkeypatch.setattr(program, "kill", stopped_meanwhile)
    program.keep()
    stopping.join()
    try:
        assert (program.wanted, program.runs) == (False, False)
    finally:
        killed()
