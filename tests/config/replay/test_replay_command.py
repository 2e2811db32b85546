"""`manage.py replay` and `manage.py bench replay` as somebody types them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.replay.making import write_log

ROOT = Path(__file__).parents[3]
SCENARIOS = ROOT / "tests" / "scenarios"
GOOD = SCENARIOS / "01-satisfied-and-archived.yaml"


def manage(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the command with a temporary folder of its own, which must be empty again afterwards."""
    done = subprocess.run(
        command(*words), cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=300
    )
    assert list((folder / "temporary").iterdir()) == []
    return done


def command(*words: object) -> list[str]:
    return [sys.executable, "manage.py", *map(str, words)]


def environment(folder: Path) -> dict[str, str]:
    (folder / "temporary").mkdir(exist_ok=True)
    return {**os.environ, "DEVELOPMENT": "1", "TMPDIR": str(folder / "temporary")}


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """A folder with one story that holds, one that doesn't, one that can't be played, and something else."""
    folder = tmp_path / "stories"
    folder.mkdir()
    good = GOOD.read_text(encoding="utf-8")
    (folder / "a-good.yaml").write_text(good, encoding="utf-8")
    (folder / "b-failing.yaml").write_text(good.replace("replier: csc", "replier: forwarder"), encoding="utf-8")
    (folder / "c-broken.yaml").write_text(good.replace("do: accept", "do: shrug"), encoding="utf-8")
    (folder / "notes.txt").write_text("not a scenario", encoding="utf-8")
    return folder


FAILED = "complaint C1 at 2026-11-24 16:50: replier expected forwarder, found csc"


def test_all_that_holds_ends_with_zero(tmp_path: Path) -> None:
    done = manage(tmp_path, "replay", GOOD, SCENARIOS / "03-duty-clock.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["ok 01-satisfied-and-archived", "ok 03-duty-clock", "2 passed, 0 failed"]


@pytest.mark.slow
def test_an_expectation_that_does_not_hold_ends_with_one(tmp_path: Path, stories: Path) -> None:
    done = manage(tmp_path, "replay", stories / "b-failing.yaml", stories / "a-good.yaml")
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["FAIL b-failing", f"  {FAILED}", "ok a-good", "1 passed, 1 failed"]


def test_a_file_that_cannot_be_played_ends_with_two_and_stops_nothing(tmp_path: Path, stories: Path) -> None:
    done = manage(tmp_path, "replay", tmp_path / "nothing.yaml", stories)
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert lines[0] == "FAIL nothing"
    assert lines[1].startswith(f"  error: {tmp_path / 'nothing.yaml'}: can't be read: ")
    assert lines[2:] == [
        "ok a-good",
        "FAIL b-failing",
        f"  {FAILED}",
        "FAIL c-broken",
        f"  error: {stories / 'c-broken.yaml'}: step 4 (2026-11-24 09:40, wh.zhang, shrug, C1): unknown verb 'shrug'",
        "1 passed, 3 failed",
    ]


@pytest.mark.slow
def test_json_says_the_same_to_programs(tmp_path: Path, stories: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = manage(tmp_path, "replay", "--json", stories, empty)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [list(each) for each in told] == [["name", "steps", "refused", "failures", "seconds"]] * 4
    assert [(each["name"], each["steps"], each["refused"], each["failures"]) for each in told] == [
        ("a-good", 10, 1, []),
        ("b-failing", 10, 1, [FAILED]),
        ("c-broken", 0, 0, [told[2]["failures"][0]]),
        ("empty", 0, 0, [f"error: {empty}: no scenario (.yaml, .jsonl, .jsonl.gz) in this folder"]),
    ]
    assert all(each["seconds"] >= 0 for each in told)


@pytest.mark.slow
def test_a_report_sums_up_and_two_runs_have_one_digest(tmp_path: Path) -> None:
    """Another process hashes strings otherwise: no order of a set may show."""
    log = tmp_path / "log.jsonl.gz"
    write_log(log, 12)
    done = manage(tmp_path, "replay", "--report", log)
    again = manage(tmp_path, "replay", "--report", "--json", log)
    report = json.loads(again.stdout)["report"]
    assert done.stdout.splitlines() == [
        "ok log",
        "  12 complaints, 18 rounds, 108 steps, 0 refused",
        "  missed: handoff 12",
        "  missed by YC: 12 (handoff 12)",
        *(f"  ping-pong M{number:06d}: 1 returns, 2 rounds" for number in range(1, 12, 2)),
        f"  ledger digest: {report['ledger']}",
        "1 passed, 0 failed",
    ]
    assert report["counts"] == {"complaints": 12, "rounds": 18, "steps": 108, "refused": 0}
    assert (report["missed"], report["missed_by_unit"]) == ({"handoff": 12}, {"YC": {"handoff": 12}})
    assert report["ping_pong"][0] == {"complaint": "M000001", "returns": 1, "rounds": 2}


@pytest.mark.slow
def test_the_live_database_is_never_touched(tmp_path: Path) -> None:
    live = tmp_path / "live.sqlite3"
    live.write_bytes(b"not even a database")
    env = environment(tmp_path) | {"DATABASE_URL": f"sqlite:///{live}"}
    done = subprocess.run(command("replay", GOOD), cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert (done.returncode, live.read_bytes()) == (0, b"not even a database")


@pytest.mark.slow
def test_a_long_log_has_a_progress_bar_and_leaves_nothing_when_stopped(tmp_path: Path) -> None:
    log = tmp_path / "long.jsonl.gz"
    write_log(log, 1000)
    env = environment(tmp_path)
    playing = subprocess.Popen(
        command("replay", log), cwd=ROOT, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert playing.stderr is not None
    bar = b""
    begun = time.monotonic()
    while b"/9000 [" not in bar and time.monotonic() < begun + 60:
        bar += os.read(playing.stderr.fileno(), 1000)
    playing.send_signal(signal.SIGTERM)
    playing.communicate(timeout=60)
    assert playing.returncode == 128 + signal.SIGTERM
    assert re.search(rb"long: +\d+%\|.*/9000 \[", bar)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.slow
def test_bench_prints_both_speeds_and_their_ratio(tmp_path: Path) -> None:
    done = manage(tmp_path, "bench", "replay", "--complaints", 4)
    assert done.returncode == 0
    assert re.fullmatch(
        r"replay made-up on (sqlite|postgresql): 36 steps in [\d.]+ s, \d+ a second\n"
        r"bare loop \(a transaction with one insert and one update\): \d+ a second\n"
        r"one step costs [\d.]+ turns of the bare loop \(promised: at most 20\)\n",
        done.stdout,
    )
    assert manage(tmp_path, "bench", "lunch").returncode == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "figures",
            r"figures of 200 rounds in one month on (postgresql, made up in \d+ s|"
            r"sqlite, made up in \d+ s \(not the database that is promised for\))\n"
            r"by the program: \d+ ms in 8 statements; by one statement written by hand: \d+ ms; both found the same\n"
            r"ratio [\d.]+ \(promised: at most 2\)\n",
        ),
        (
            "export",
            r"export of 195 rounds on (sqlite|postgresql): \d+ MB in \d+ s\n"
            r"peak memory of the process: \d+ MB \(promised: under 150\)\n",
        ),
    ],
)
def test_bench_of_the_numbers_and_the_export(tmp_path: Path, name: str, said: str) -> None:
    done = manage(tmp_path, "bench", name, "--rounds", 200)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(said, done.stdout)


@pytest.mark.slow
@pytest.mark.compliance(3)
def test_bench_of_the_record(tmp_path: Path) -> None:
    done = manage(tmp_path, "bench", "record", "--entries", 2000)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"record on (sqlite|postgresql): 2000 entries of 201 matters, 1 seals: 0 findings, made up in \d+ s\n"
        r"verified in \d+ s, \d+ entries a second \(promised: minutes a million\)\n"
        r"ratio [\d.]+ to a bare read of the same rows\n",
        done.stdout,
    )
