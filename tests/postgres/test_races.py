"""Two at once, on real row locks: one outcome, the rule's, and a clean refusal for whoever comes second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from accountability.audit import access_log
from accountability.audit.chains import broken
from accountability.db import sql
from accountability.gate import act, sweeper
from accountability.gate.perform import perform
from accountability.models import AccessLog, Deadline, LedgerEntry, Matter
from complaints.models import Complaint, Round
from tests.factories import USUAL, Cast, Now, Play
from tests.looking import deadline

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

RACES = 200
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    """The cast and the clock, committed, so that other threads see them."""
    return Play(Cast(), now)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run them in threads of their own, started by one barrier; what each returned, or the exception it raised."""
    results: list[Any] = [None] * len(works)
    barrier = Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def dispatch(play: Play, complaint: Complaint, by: str, unit: str) -> Callable[[], Any]:
    return lambda: perform(Complaint(matter_id=complaint.pk), "dispatch", by=play.cast[by], at=play.now.at, unit=unit)


def describe(result: Any) -> str:
    """An outcome or a refusal in a word; any other exception stands for itself."""
    if isinstance(result, act.Refused):
        return f"{result.code}: {result}"
    return "done" if not isinstance(result, Exception) else repr(result)


def double_dispatch(play: Play, number: int) -> list[str]:
    """What is wrong after two agents dispatched one complaint at the same instant; nothing, if all is right."""
    complaint = play.upto("registered", phone=f"139{number:08d}")
    results = at_once(dispatch(play, complaint, "kf.agent", "WH"), dispatch(play, complaint, "kf.agent2", "YC"))
    said = sorted(describe(result) for result in results)
    expected = ["done", "state: 当前状态“待交办”不能“派单”。"]
    found = [f"{number}: {said}"] if said != expected else []
    rounds = list(Round.objects.filter(complaint_id=complaint.pk).values_list("number", "unit__code"))
    winner = "WH" if describe(results[0]) == "done" else "YC"
    if rounds != [(1, winner)]:
        found.append(f"{number}: rounds {rounds}")
    return found + _inconsistent(complaint)


def _inconsistent(complaint: Complaint) -> list[str]:
    wrong = broken(Matter.objects.get(pk=complaint.pk))
    return [wrong] if wrong else []


@pytest.mark.slow
@pytest.mark.rule("R11")
def test_forced_double_dispatches_give_one_round_each(play: Play) -> None:
    assert [wrong for number in range(RACES) for wrong in double_dispatch(play, number)] == []
    assert Round.objects.count() == RACES
    assert Deadline.objects.filter(kind="handoff").count() == RACES
    assert AccessLog.objects.filter(action="dispatch", result="state").count() == RACES


def test_a_double_dispatch_gives_one_round(play: Play) -> None:
    assert [wrong for number in range(10) for wrong in double_dispatch(play, number)] == []


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate and the sweep without the row lock."""

    def take_none(ids: Any, *, skip_locked: bool = False) -> dict[int, Matter]:
        return {matter.pk: matter for matter in Matter.objects.filter(pk__in=list(ids)).order_by("pk")}

    for module in (act, sweeper):
        monkeypatch.setattr(module, "lock", take_none)


def wrong_within(race: Callable[[int], list[str]], tries: int = 60) -> bool:
    return any(race(number) for number in range(tries))


@pytest.mark.usefixtures("unlocked")
def test_without_the_lock_the_double_dispatch_goes_wrong(play: Play) -> None:
    """The race above is a real one: it needs the lock to come out right."""
    assert wrong_within(lambda number: double_dispatch(play, number)) is True


# Hand-over and sweep about the due instant


def hand_off_and_sweep(play: Play, number: int, act_after: timedelta, sweep_after: timedelta) -> list[str]:
    """One hand-over and one sweep at once, so long after the due instant each; what is wrong afterwards.

    The rule: at the due instant or before it is in time, whatever the sweep does; later it is missed from the due
    instant, handed over all the same, and the miss stands in the ledger once, before the hand-over or after it.
    """
    complaint = play.upto("delivered", phone=f"139{number:08d}")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    act_at, in_time = due + act_after, act_after <= timedelta()
    facts = USUAL["hand_off"]
    results = at_once(
        lambda: perform(Complaint(matter_id=complaint.pk), "hand_off", by=play.cast["wh.contact"], at=act_at, **facts),
        lambda: sweeper.sweep(due + sweep_after),
    )
    said = [describe(result) for result in results]
    found = deadline(complaint, "handoff", 1)
    outcome = (said, found.status, found.met_at, found.missed_at, _misses(complaint), _handed(complaint))
    expected = (
        ["done", "done"], "met" if in_time else "missed", act_at, None if in_time else due, int(not in_time), [1],
    )  # fmt: skip
    wrong = [f"{number} ({act_after}, {sweep_after}): {outcome}"] if outcome != expected else []
    return wrong + _inconsistent(complaint)


def _misses(complaint: Complaint) -> int:
    return LedgerEntry.objects.filter(matter_id=complaint.pk, verb="miss").count()


def _handed(complaint: Complaint) -> list[int]:
    return list(Round.objects.filter(complaint_id=complaint.pk, state="handed_off").values_list("number", flat=True))


def instants(number: int) -> tuple[timedelta, timedelta]:
    """When the act arrives and when the sweep runs, about the due instant, by turns in time and late.

    Usually what arrived in time has its lock within four seconds, and meets no sweep later than the grace.
    """
    early = (timedelta(seconds=-2), -MICROSECOND, timedelta(), timedelta())[number % 4]
    late = (MICROSECOND, timedelta(milliseconds=1), timedelta(seconds=3), timedelta(minutes=5))[number % 4]
    if number % 8 < 4:
        return early, (MICROSECOND, timedelta(seconds=1), sweeper.GRACE, timedelta(seconds=4))[number % 4]
    return late, sweeper.GRACE + (MICROSECOND, timedelta(seconds=1), timedelta(minutes=1), MICROSECOND)[number % 4]


@pytest.mark.slow
@pytest.mark.rule("R19")
def test_hand_over_against_sweep_has_the_rules_outcome(play: Play) -> None:
    races = (hand_off_and_sweep(play, number, *instants(number)) for number in range(RACES))
    assert [wrong for race in races for wrong in race] == []


def test_hand_over_against_sweep(play: Play) -> None:
    races = (hand_off_and_sweep(play, number, *instants(number)) for number in range(16))
    assert [wrong for race in races for wrong in race] == []


def late_sweep(play: Play, number: int) -> list[str]:
    """A hand-over in time that was held up for up to a minute, and the sweep at once; what is wrong afterwards."""
    complaint = play.upto("delivered", phone=f"139{number:08d}")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    act_at = due - (timedelta(), MICROSECOND, timedelta(seconds=2))[number % 3]
    sweep_at = due + sweeper.GRACE + (MICROSECOND, timedelta(seconds=10), timedelta(seconds=60))[number // 3 % 3]
    facts = USUAL["hand_off"]
    results = at_once(
        lambda: perform(Complaint(matter_id=complaint.pk), "hand_off", by=play.cast["wh.contact"], at=act_at, **facts),
        lambda: sweeper.sweep(sweep_at),
    )
    found = deadline(complaint, "handoff", 1)
    taken_back = LedgerEntry.objects.filter(matter_id=complaint.pk, facts__has_key="taken_back").count()
    outcome = (
        [describe(result) for result in results], found.status, found.met_at, found.missed_at,
        _misses(complaint) - taken_back,
    )  # fmt: skip
    wrong = [f"{number}: {outcome}"] if outcome != (["done", "done"], "met", act_at, None, 0) else []
    return wrong + _inconsistent(complaint)


@pytest.mark.rule("R19")
def test_an_act_in_time_never_loses_to_the_sweep_however_late_it_is(play: Play) -> None:
    assert [wrong for number in range(18) for wrong in late_sweep(play, number)] == []


@pytest.mark.slow
@pytest.mark.rule("R19")
def test_forced_late_acts_in_time_never_lose_to_the_sweep(play: Play) -> None:
    assert [wrong for number in range(5 * RACES) for wrong in late_sweep(play, number)] == []


@pytest.mark.usefixtures("unlocked", "failures")
def test_without_the_lock_hand_over_against_sweep_goes_wrong(play: Play) -> None:
    late = timedelta(seconds=6)
    assert wrong_within(lambda number: hand_off_and_sweep(play, number, late, late)) is True


def test_without_the_grace_an_act_in_time_can_lose(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the sweep waits five seconds: the act arrived at the due instant, the sweep came while it still waited."""
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    assert (sweeper.sweep(due + MICROSECOND), sweeper.sweep(due + MICROSECOND, grace=timedelta())) == (0, 1)


# Sweeps, keys and locks


def test_two_sweeps_at_once_miss_everything_once(play: Play) -> None:
    for number in range(20):
        play.upto("delivered", phone=f"139{number:08d}")
    at = play.now.forward(minutes=40)
    results = at_once(*[lambda: sweeper.sweep(at)] * 4)
    # Each skips what another one holds, and nothing is left for the next run.
    assert (sum(results), sweeper.sweep(at)) == (20, 0)
    assert LedgerEntry.objects.filter(verb="miss").count() == 20


@pytest.mark.parametrize("times", [2, 8])
def test_one_form_sent_several_times_at_once_registers_one_complaint(play: Play, times: int) -> None:
    def send() -> Any:
        return perform(
            Complaint(), "register", by=play.cast["kf.agent"], at=play.now.at, key="k1", **USUAL["register"]
        ).subject.pk

    assert len(set(at_once(*[send] * times))) == 1
    assert Complaint.objects.count() == 1
    assert Matter.objects.filter(kind="complaint").count() == 1


def test_one_form_sent_several_times_at_once_dispatches_once(play: Play) -> None:
    complaint = play.upto("registered")

    def send() -> bool:
        subject = Complaint(matter_id=complaint.pk)
        return perform(subject, "dispatch", by=play.cast["kf.agent"], at=play.now.at, key="k1", unit="WH").repeated

    assert sorted(at_once(*[send] * 6)) == [False] + [True] * 5
    assert (Round.objects.count(), AccessLog.objects.count()) == (1, 0)


@pytest.fixture
def held(play: Play) -> Iterator[Complaint]:
    """A complaint whose matter somebody else's transaction holds."""
    complaint = play.upto("registered")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM accountability_matter WHERE id = %s FOR UPDATE", [complaint.pk])
        yield complaint
        cursor.execute("ROLLBACK")
    other.close()


def test_who_waits_too_long_for_the_lock_is_told_that_it_is_busy(play: Play, held: Complaint) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
        result = _caught(dispatch(play, held, "kf.agent", "WH"))
        cursor.execute("RESET lock_timeout")
    assert describe(result) == "busy: 系统正忙，请稍后重试，您填写的内容没有丢失。"
    assert list(AccessLog.objects.values_list("action", "result")) == [("dispatch", "busy")]


def _caught(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except act.Refused as refusal:
        return refusal


def test_the_sweep_skips_what_is_held_and_finds_it_the_next_time(play: Play) -> None:
    held = play.upto("delivered")
    play.upto("delivered", phone="13900001111")
    at: datetime = play.now.forward(minutes=40)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM accountability_matter WHERE id = %s FOR UPDATE", [held.pk])
        assert sweeper.sweep(at) == 1
        cursor.execute("ROLLBACK")
    other.close()
    assert sweeper.sweep(at) == 1


@pytest.fixture
def locked_by_an_act(play: Play) -> Iterator[Complaint]:
    """A complaint whose matter an act of another process holds, with the lock that acts take."""
    complaint, is_held, is_over = play.upto("registered"), Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            sql.locked(Matter, [complaint.pk])
            is_held.set()
            is_over.wait(30)
        connection.close()

    other = Thread(target=hold)
    other.start()
    is_held.wait(30)
    yield complaint
    is_over.set()
    other.join()


def test_who_reads_never_waits_for_who_acts(play: Play, locked_by_an_act: Complaint) -> None:
    """That an auditor read it, and that somebody was refused, are rows that refer to the locked one."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
        access_log.write(play.cast["sj.auditor"], "read", at=play.now.at, address=None, matter_id=locked_by_an_act.pk)
        cursor.execute("RESET lock_timeout")
    assert AccessLog.objects.get(action="read").matter_id == locked_by_an_act.pk
