"""The judge: its work grows as the file does, and whatever it can't finish is refused while the others are served."""

from __future__ import annotations

import ast
import gc
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accountability.confined import running
from accountability.confined.running import Limits, Unfinished, answer_of
from accountability.files import inspection
from accountability.files.inspection import EXTENSIONS, BadFile, judge
from accountability.files.judging.program import CHECKS, check
from accountability.files.judging.reasons import Reason, Unfit
from accountability.models import Attachment
from tests.accountability.files.hostile import HOSTILE, REPRODUCTIONS

ROOT = Path(__file__).resolve().parents[3]
JUDGING = [*(ROOT / "accountability/files/judging").glob("*.py"), *(ROOT / "accountability/spreadsheets").glob("*.py")]

PARSER: Any = import_module("re._parser")
"""What `re` reads an expression by."""

pytestmark = [pytest.mark.asvs("5.2.1", "5.2.3", "15.2.2"), pytest.mark.compliance(24)]


# How much work it is


def work_of(extension: str, content: bytes) -> int:
    """How many instructions of Python judging the file takes. What C does in one of them is bounded by the test of the
    expressions below.
    """
    count = 0

    def step(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event in ("opcode", "call")
        return step

    before = sys.gettrace()
    gc.disable()  # what other tests left behind is cleared away at other times
    sys.settrace(step)
    try:
        with suppress(Unfit):
            check(extension, content)
    finally:
        sys.settrace(before)
        gc.enable()
    return count


@pytest.mark.parametrize("what", HOSTILE)
def test_the_work_grows_no_faster_than_the_file(what: str) -> None:
    extension, make = HOSTILE[what]
    _imports, once, twice, four_times = (work_of(extension, make(size)) for size in (10, 200, 400, 800))
    assert four_times - twice <= 2.2 * (twice - once) + 500, (once, twice, four_times)


def test_there_is_a_hostile_file_of_each_kind() -> None:
    assert {extension for extension, _make in HOSTILE.values()} >= EXTENSIONS.keys() - {"jpeg"}
    assert CHECKS.keys() == EXTENSIONS.keys()


def expressions(path: Path) -> Iterator[str | bytes]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            yield ast.literal_eval(node.args[0])


def unbounded(parsed: Any) -> Iterator[str]:
    """The repetitions without a bound, unless they never give back what they took."""
    for operator, argument in parsed:
        name = str(operator)
        if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[1] > 200:
            yield f"{name} of {argument[2]}"
        for part in argument if isinstance(argument, tuple | list) else ():
            for inner in part if isinstance(part, list) else [part]:
                if isinstance(inner, PARSER.SubPattern):
                    yield from unbounded(inner)


@pytest.mark.parametrize("path", JUDGING, ids=lambda path: path.stem)
def test_no_expression_repeats_without_bound(path: Path) -> None:
    """So each character is looked at a bounded number of times, whatever the file."""
    parsed = {one: PARSER.parse(one) for one in expressions(path)}
    assert {one: found for one, tree in parsed.items() if (found := list(unbounded(tree)))} == {}


def test_a_repetition_without_bound_is_found() -> None:
    for bad in (r"[ \t]*=", r"<f\b[^>]*>", r"(?:a|b+)", r"(?m)^(x*)"):
        assert list(unbounded(PARSER.parse(bad))), bad


@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize("what", REPRODUCTIONS)
def test_what_once_stopped_the_server_is_judged_in_a_moment(
    what: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within two seconds of processor time, or the judge would be ended and the sentence another."""
    monkeypatch.setattr(inspection, "LIMITS", Limits(cpu=2, memory=inspection.LIMITS.memory, wall=120))
    extension, make, why = REPRODUCTIONS[what]
    assert said_of(f"a.{extension}", make(times)) == (why and f"“a.{extension}”未收下：{why}。")


def said_of(name: str, content: bytes) -> str:
    try:
        judge(name, content)
    except BadFile as bad:
        return str(bad)
    return ""


# What it can't finish

UNFINISHED = "“a.txt”未收下：内容过于复杂，未能在限定的时间和内存内检查完，请简化或拆分后再传。"
BUSY = "“a.txt”未收下：文件检查暂时忙不过来，请稍后再传。"
STUCK = "tests.accountability.confined.stuck"
TIGHT = Limits(cpu=1, memory=256 * 1024 * 1024, wall=3)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "JUDGE", STUCK)
    monkeypatch.setattr(inspection, "LIMITS", TIGHT)


@pytest.mark.parametrize("way", ["hang", "ignore", "spin", "eat", "write", "die", "babble"])
@pytest.mark.usefixtures("stuck")
def test_what_the_judge_cant_finish_is_refused(way: str) -> None:
    """It hangs, computes, eats memory, writes a file, dies, or answers nonsense."""
    began = time.monotonic()
    assert said_of("a.txt", way.encode()) == UNFINISHED
    assert time.monotonic() - began < 30


def test_a_file_has_two_seconds_of_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "JUDGE", STUCK)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert said_of("a.txt", b"spin") == UNFINISHED
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 5


def test_it_knows_nothing_of_ours() -> None:
    """No environment (where the keys are) and none of the large libraries."""
    told = answer_of(STUCK, ["txt"], b"tell", TIGHT).decode().strip()
    assert set(told.split(",")) - {"LC_CTYPE"} == {"True"}


def test_a_judge_that_cant_start_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert said_of("a.txt", b"x") == BUSY


def test_so_many_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(running, "PATIENCE", 0.05)
    with running._places:
        assert said_of("a.txt", b"x") == BUSY
    assert said_of("a.txt", b"x") == ""


@pytest.mark.usefixtures("stuck")
def test_the_others_are_served_while_a_judge_hangs(client_for: Callable[[str], Client]) -> None:
    """The form comes back with the sentence at its field and what was typed; meanwhile others get their answers."""
    client = client_for("yc.chen")
    answers: list[str] = []
    typed = {"_key": "k", "content": "客户称多扣两笔", "files": SimpleUploadedFile("a.txt", b"hang")}
    hung = threading.Thread(target=lambda: _hang(answers))
    hung.start()
    served = 0
    while hung.is_alive():
        assert Client().get("/livez").status_code == 200
        served += 1
    hung.join()
    assert served > 3
    assert answers == [UNFINISHED]
    page = client.post("/complaints/forward/", typed)
    shown = page.content.decode()
    assert page.status_code == 422
    assert UNFINISHED in shown
    assert "客户称多扣两笔" in shown
    assert not Attachment.objects.exists()


def _hang(answers: list[str]) -> None:
    answers.append(said_of("a.txt", b"hang"))


def test_each_reason_has_its_sentence() -> None:
    assert inspection.SENTENCES.keys() == set(Reason)
    with pytest.raises(Unfinished):
        answer_of(STUCK, [], b"die", TIGHT)
