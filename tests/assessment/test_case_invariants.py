"""Whatever people do to cases, and whenever: after each step the same things hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from accountability.audit.chains import broken
from accountability.gate.verbs import verbs_of
from accountability.models import NO_DUE, Alarm, Deadline, Matter, Notification, Series
from assessment.models import DETERMINED, HIDDEN_FROM_UNIT, Case, Circular
from tests.assessment.case_office import Office
from tests.assessment.docket import Docket

UNIT = ("wh.contact", "wh.deputy", "wh.head", "wh.leader", "wh.zhang")


def wrong_with(docket: Docket, case: Case) -> Iterator[str]:
    matter = Matter.objects.get(pk=case.pk)
    found = list(Deadline.objects.filter(matter=matter).order_by("pk"))
    yield from _watched(case, matter)
    yield from _urgency(case, matter, found)
    yield from _duties(case, found)
    yield from _penalties(case, found)
    yield from _secret(docket, case)
    wrong = broken(matter)
    if wrong:
        yield wrong


def _watched(case: Case, matter: Matter) -> Iterator[str]:
    if len({matter.awaits == "", case.awaits == "", matter.holder_id is None, matter.closed_at is not None}) != 1:
        yield f"{case.state} awaits {case.awaits!r}, held by {matter.holder}, closed at {matter.closed_at}"
    raised = Alarm.objects.filter(matter=matter, kind="waiting", cleared_at=None).count()
    if raised + (matter.alarm_at is not None) != (matter.awaits != ""):
        yield f"{case.state}: {raised} alarms, the next at {matter.alarm_at}"
    if matter.awaits and not any(verb.name == matter.awaits and verb.fits_state(case) for verb in verbs_of(Case)):
        yield f"{case.state} awaits {matter.awaits}, which can't be run"


OF_ENDED = {"closed": "slip", "annulled": "refund"}


def _urgency(case: Case, matter: Matter, found: list[Deadline]) -> Iterator[str]:
    """Desks are sorted by what the gate keeps with the matter. Of an ended case only a slip still presses."""
    pressing = {d.due_at: d.kind for d in found if d.is_outstanding and d.due_at and case.presses(d)}
    if matter.work_due_at != min(pressing, default=NO_DUE):
        yield f"{case.state}: the nearest instant is {matter.work_due_at}, the limits say {pressing}"
    if (matter.work_rank == 0) != (matter.closed_at is None):
        yield f"{case.state}: of rank {matter.work_rank}, closed at {matter.closed_at}"
    if matter.work_rank and pressing and set(pressing.values()) != {OF_ENDED.get(case.state)}:
        yield f"{case.state}: {pressing} press"


def _duties(case: Case, found: list[Deadline]) -> Iterator[str]:
    running = Counter(d.kind for d in found if d.is_running)
    if any(times > 1 for times in running.values()):
        yield f"two limits of one duty run: {running}"
    expected = {"sheet_issued": "notice", "opened": "notice", "notified": "report", "fault_opened": "opinion"}
    for kind in ("notice", "report", "opinion"):
        if running[kind] and kind != expected.get(case.state):
            yield f"{case.state}: {kind} runs"
    for d in found:
        if d.missed_at and (d.missed_at != d.due_at or (d.met_at and d.met_at <= d.missed_at)):
            yield f"{d}: missed {d.missed_at}, due {d.due_at}, met {d.met_at}"
        if d.is_chased and case.state == "annulled" and d.kind != OF_ENDED["annulled"]:
            yield f"{d} is chased although annulled"


def _penalties(case: Case, found: list[Deadline]) -> Iterator[str]:
    standing = [penalty for penalty in case.penalty_rows if not penalty.annulled_at]
    discipline = any(d.kind == "discipline" and d.is_outstanding for d in found)
    slip = any(d.kind == "slip" and d.is_outstanding for d in found)
    if case.state == "annulled" and (standing or discipline or slip):
        yield f"annulled: {len(standing)} penalties stand, discipline {discipline}, slip {slip}"
    if case.state in DETERMINED and discipline != bool(case.unpaid):
        yield f"{case.unpaid} unpaid, discipline outstanding: {discipline}"
    if case.state == "closed" and (discipline or case.unpaid):
        yield f"closed with {case.unpaid} unpaid"
    unproved = any(penalty.slip_at is None for penalty in standing)
    if case.state in (*DETERMINED, "closed") and not case.unpaid and slip != unproved:
        yield f"unproved: {unproved}, slip outstanding: {slip}"
    if any(not 1 <= penalty.months <= 3 for penalty in standing):
        yield "months out of bounds"


def _secret(docket: Docket, case: Case) -> Iterator[str]:
    if case.state not in HIDDEN_FROM_UNIT or case.is_fault:
        return
    seen = [who for who in UNIT if docket.sees(who, case)]
    told = Notification.objects.filter(matter_id=case.pk, recipient__unit=case.unit).count()
    if seen or told:
        yield f"{case.state}: seen by {seen}, {told} notices"


def gaps() -> list[str]:
    """Numbers of circulars that aren't one after the other."""
    wrong = []
    for series in Series.objects.filter(name__startswith="鄂移通报〔"):
        head = series.name
        numbers = Circular.objects.filter(number__startswith=head).order_by("signed_at", "pk")
        found = [str(number) for number in numbers.values_list("number", flat=True)]
        if sorted(found) != sorted(f"{head}{place}号" for place in range(1, series.last + 1)):
            wrong.append(f"{series}: {found}")
    return wrong


def play(docket: Docket, seed: int, steps: int) -> Office:
    office, hand = Office(docket), Random(seed)
    for _ in range(steps):
        office.step(hand)
        found = [wrong for pk in office.cases[-4:] for wrong in wrong_with(docket, Case.of_matter(pk))]
        assert found + gaps() == [], office.done
    return office


def test_some_steps(docket: Docket) -> None:
    play(docket, 1, 60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(11, 13))
def test_many_steps(docket: Docket, seed: int) -> None:
    play(docket, seed, 150)


@pytest.mark.slow
def test_the_hand_gets_to_every_verb(docket: Docket) -> None:
    """The runs would prove little if the hand did nothing."""
    assert {entry.name for entry in verbs_of(Case)} - play(docket, 3, 900).known == set()
