"""The centre's bulletins of the demo's months: drafted by the sweep, sent by the supervisor."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from accountability.deadlines.limits import SHANGHAI, WorkingCalendar, day_of
from accountability.models import calendar_around
from config.demo.cases import CENTRE, TEXTS, is_worked
from config.demo.organisation import Company
from config.demo.script import Acts

MONTHS = 3


def bulletins(company: Company, now: datetime) -> list[Acts]:
    """Each is sent on the third working day of the next month; the last was withdrawn a day ago, so that one is on the
    desk to be sent.
    """
    calendar, texts, scripts = calendar_around(now), TEXTS["bulletins"], list[Acts]()
    begins = day_of(now).replace(day=1)
    months = [begins]
    for _earlier in range(MONTHS):
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    for month, following in pairwise(months):
        sent = _working_day(following, 3, calendar)
        if sent < now:
            script = Acts(company, "bulletin", f"{month:%Y-%m}")
            remarks = texts["remarks"][month.month % len(texts["remarks"])]
            script.add(sent, CENTRE, "send_bulletin", {"remarks": remarks}, "drafted")
            scripts.append(script)
    if scripts and (withdrawn := now - timedelta(hours=26)) > scripts[-1].steps[-1]["at"]:
        scripts[-1].add(withdrawn, CENTRE, "withdraw_bulletin", {"reason": texts["corrected"]}, "sent")
    return scripts


def _working_day(first: date, number: int, calendar: WorkingCalendar) -> datetime:
    """The working day of that number in the month that begins on `first`, at 10:20."""
    day, found = first - timedelta(days=1), 0
    while found < number:
        day += timedelta(days=1)
        found += is_worked(day, calendar)
    return datetime.combine(day, time(10, 20), SHANGHAI)
