"""The centre's bulletins of the months that the demo plays through: drafted by the sweep, sent by the supervisor."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from accountability.deadlines.limits import SHANGHAI, WorkingCalendar, day_of
from accountability.models import calendar_around
from assessment.models import Bulletin
from assessment.models.bulletins import STANDING
from config.demo.dossiers import CENTRE, is_worked
from config.demo.script import Acts, Step

MONTHS = 3
REMARKS = (
    "各单位请关注30分钟交办和处理时限，接口人不在岗时由副接口人接收。节假日期间的派单同样计时。",
    "重复投诉较上月集中，请各单位在答复前与客户核实处理结果。",
    "个别单位退回理由不充分，请在退回前对照职责目录。",
)
CORRECTED = "发送后有超时经核实免责，相关单位的数字须更正，现撤回重发。"


class BulletinScript(Acts):
    """What the supervisor does with the bulletin of a month, once there is one."""

    model = Bulletin

    def __init__(self, month: date) -> None:
        super().__init__()
        self.month = month

    def find(self) -> None:
        found = Bulletin.objects.filter(month=self.month, state__in=STANDING).first()
        if found is not None:
            self.matter, self.number = found.pk, str(found)


def bulletins(now: datetime) -> list[Acts]:
    """Each sent on its third working day; the last withdrawn a day ago, so that one lies on the desk to be sent."""
    calendar, scripts = calendar_around(now), list[BulletinScript]()
    for month in _months(now):
        sent = _working_day(_after(month), 3, calendar)
        if sent >= now:
            continue
        script = BulletinScript(month)
        remarks = REMARKS[month.month % len(REMARKS)]
        script.steps.append(Step(sent, CENTRE, "send_bulletin", {"remarks": remarks}, "drafted"))
        scripts.append(script)
    if scripts and (withdrawn := now - timedelta(hours=26)) > scripts[-1].steps[-1].at:
        scripts[-1].steps.append(Step(withdrawn, CENTRE, "withdraw_bulletin", {"reason": CORRECTED}, "sent"))
    return list(scripts)


def _months(now: datetime) -> Iterator[date]:
    """Those that are over, the oldest first."""
    month = day_of(now).replace(day=1)
    for back in range(MONTHS, 0, -1):
        earlier = month
        for _time in range(back):
            earlier = (earlier - timedelta(days=1)).replace(day=1)
        yield earlier


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _working_day(first: date, number: int, calendar: WorkingCalendar) -> datetime:
    """Of the month that begins then, at twenty past ten."""
    day, found = first - timedelta(days=1), 0
    while found < number:
        day += timedelta(days=1)
        found += is_worked(day, calendar)
    return datetime.combine(day, time(10, 20), SHANGHAI)
