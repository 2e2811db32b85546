"""A machine's clock is wrong: an hour or a day ahead or behind, from the start or suddenly."""

from __future__ import annotations

import time
from pathlib import Path

from tests.faults import invariants
from tests.faults.client import Sent
from tests.faults.servers import wait_until
from tests.faults.stage import number, rows
from tests.faults.world import Outcome, World, unless

HOUR, DAY = 3600, 86400
SHIFTS = (HOUR, -HOUR, DAY, -DAY)


def clocks(world: World) -> Outcome:
    """Worker, web and beat by a wrong clock: nobody is found missed early, no act is dated by it."""
    world.system.stop()
    file = world.folder / "shift"
    file.write_text("0")
    rows("DELETE FROM accountability_heartbeat")
    soon = world.stage.delivered(200, due_in=120, every=HOUR / 200)
    shifts = (HOUR, -DAY) if world.short else SHIFTS
    numbers = world.stage.delivered(len(shifts), due_in=1500)
    own = [world.system.with_clock(f"{name}-off", name, file) for name in ("web", "worker", "notices", "beat")]
    for process in own:
        process.start()
    wait_until(world.system.answers, 60)
    sweeping = world.sweeps_again(60)
    sent = [wrong_for(world, file, shift, number) for shift, number in zip(shifts, numbers, strict=True)]
    judged = early(soon)
    file.write_text("0")
    ticking = world.sweeps_again(60)
    right = world.browser("wh.contact").send(numbers[0], "hand_off", to="wh.zhang", method="system")
    late = invariants.settled(60)
    for process in own:
        process.stop()
    alarms = number("SELECT count(*) FROM accountability_alarm WHERE kind = 'clock'")
    recorded = unless(late is not None, "what fell due meanwhile was not recorded")
    return told(world, [*sent, right], judged, alarms, sweeping, ticking, recorded)


def wrong_for(world: World, file: Path, shift: int, number: str) -> Sent:
    """Set the clock wrong for some ticks, and send a form meanwhile."""
    file.write_text(str(shift))
    time.sleep(world.size(6, 40))
    return world.browser("wh.contact").send(number, "hand_off", to="wh.zhang", method="system")


def early(numbers: list[str]) -> int:
    """How many limits that aren't due were judged, by the database's clock."""
    first, last = (int(one.removeprefix("F")) for one in (numbers[0], numbers[-1]))
    found: int = number(
        "SELECT count(*) FROM accountability_deadline WHERE matter_id BETWEEN %s AND %s"
        " AND missed_at > clock_timestamp()", first, last,
    )  # fmt: skip
    return found


def told(
    world: World,
    sent: list[Sent],
    judged: int,
    alarms: int,
    sweeping: float | None,
    ticking: float | None,
    recorded: str,
) -> Outcome:
    *off, right = sent
    taken = sum(form.done for form in off)
    wrong = [
        recorded,
        unless(sweeping is not None, "never swept by the right clock"),
        unless(not judged, f"{judged} false misses"),
        unless(not taken, f"{taken} acts were taken by a wrong clock"),
        unless(alarms, "no alarm names the machine"),
        unless(ticking is not None, "the sweep never came back"),
        unless(right.done, f"an act by the right clock was answered {right.answers[0]}"),
    ]
    figure = f"{judged} false misses, {taken} of {len(off)} acts taken, sweeping again after {ticking or 60:.1f} s"
    said = "+1 h and −1 day" if world.short else "±1 h and ±1 day"
    return world.outcome(
        f"clocks set wrong while they run, by {said}", figure, "0 false misses, beat goes on", *wrong, sent=sent
    )
