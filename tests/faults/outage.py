"""Worker and beat were away: what fell due waits for them. And many notices wait before one of the thirty minutes."""

from __future__ import annotations

from accountability.deadlines import clock
from accountability.models import Employee, Matter, Notification
from tests.faults.servers import wait_until
from tests.faults.stage import number, rows
from tests.faults.world import Outcome, World, in_time, unless

RECORDED_WITHIN = 120.0
CLOCK_WITHIN = 10.0
DAYS = 3 * 24 * 3600

LIMITS_EACH = 1.8
"""Of a complaint that nobody touched for three days: the hand-over, later the handling, at last the first reply."""

PASSED = """SELECT count(*) FROM accountability_deadline WHERE due_at < now() - interval '2 minutes' AND met_at IS NULL
    AND missed_at IS NULL AND voided_at IS NULL AND suspended_at IS NULL AND NOT is_window"""


def outage(world: World) -> Outcome:
    """Three days without worker and beat, while limits fell due evenly."""
    world.system.stop()
    complaints = int(world.size(1000, 50_000) / LIMITS_EACH)
    rows("UPDATE accountability_notification SET sent_at = now() WHERE sent_at IS NULL")
    first = world.stage.delivered(complaints, due_in=-DAYS, every=DAYS / (complaints + 10))[0]
    overdue = number(PASSED)
    world.system.start("worker", "notices", "papers", "beat")
    late = wait_until(lambda: number(PASSED) == 0, RECORDED_WITHIN * 10, every=0.5)
    worked = world.system.processes["worker"].worked
    unsent = "SELECT count(*) FROM accountability_notification WHERE sent_at IS NULL"
    waiting = number(unsent)
    tell_one(world, first)
    soon = first_sent()
    figure = (
        f"{overdue} recorded in {late or 0:.0f} s ({worked:.0f} s of processor time); then {waiting} notices waited,"
        f" and a new one of the clock was sent after {soon:.1f} s"
    )
    allowed = RECORDED_WITHIN
    wrong = [
        unless(late is not None, "not recorded"),
        in_time((late or 0) <= allowed, "not recorded in time"),
        in_time(soon <= CLOCK_WITHIN * (3 if world.short else 1), "the notice of the thirty minutes waited"),
    ]
    asked = f"3 days of outage with {overdue} limits overdue"
    return world.outcome(asked, figure, "50,000 in 120 s, notices in lanes", *wrong)


def lanes(world: World) -> Outcome:
    """Other notices wait by the thousand; one of the thirty minutes goes first."""
    world.system.start("worker", "notices", "beat")
    waiting = world.size(10_000, 50_000)
    (about,) = world.stage.delivered(1, due_in=1500)
    matter, reader = Matter.objects.get(number=about), world.stage.telephones[0]
    at = clock.read()
    Notification.objects.bulk_create(
        (
            Notification(matter=matter, recipient=reader, kind="replied", facts={}, created_at=at)
            for _n in range(waiting)
        ),
        batch_size=5000,
    )
    tell_one(world, about)
    soon = first_sent()
    rows("UPDATE accountability_notification SET sent_at = now() WHERE sent_at IS NULL AND kind = 'replied'")
    allowed = CLOCK_WITHIN * (3 if world.short else 1)
    figure = f"sent after {soon:.1f} s"
    wrong = [in_time(soon <= allowed, "it waited")]
    return world.outcome(f"a notice of the clock behind {waiting} others", figure, "under 10 s", *wrong)


def tell_one(world: World, about: str) -> None:
    """A hand-over to be done within thirty minutes, the last notice of all."""
    Notification.objects.create(
        matter=Matter.objects.get(number=about), recipient=Employee.objects.get(username="t.001"), kind="to_do",
        facts={"verb": "hand_off", "told": "last"}, created_at=clock.read(),
    )  # fmt: skip


def first_sent() -> float:
    """Seconds until the newest notice is sent."""
    newest = number("SELECT max(id) FROM accountability_notification WHERE kind = 'to_do' AND facts->>'told' = 'last'")
    sent = "SELECT sent_at IS NOT NULL FROM accountability_notification WHERE id = %s"
    return wait_until(lambda: number(sent, newest), 60, every=0.1) or 60.0
