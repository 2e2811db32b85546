"""The monthly bulletin to all units: drafted automatically, read and sent by the centre, withdrawn if wrong (R54)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import SHANGHAI, day_of, end_of_day
from accountability.documents.issuing import issue
from accountability.gate.act import Act, Batch, refuse_unless
from accountability.gate.changes import flush
from accountability.gate.fields import Text
from accountability.gate.sweeper import ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Deadline
from accountability.monitoring.reminders import WATCHES
from assessment import permissions
from assessment.actions.notify import people_of_all_units
from assessment.bulletins.freezing import figures_before, freeze
from assessment.declarations.limits import Kind
from assessment.documents.numbering import number_by
from assessment.figures.periods import SETTLED_AFTER
from assessment.models import Bulletin
from assessment.models.bulletins import STANDING, BulletinState
from complaints.models import Complaint

KIND = Kind.BULLETIN

# Drafted automatically


def draft_missing(at: datetime) -> int:
    """Draft the bulletin of every past month that has none, and return how many. One query if none is missing.

    A run after an outage drafts the same bulletins that runs on the first of each month would have drafted.
    """
    known = _known()
    standing = {month for month, state, _edition in known if state in STANDING}
    editions = {month: edition for month, _state, edition in known}
    wanted = sorted({*editions, *_months_over(max(editions, default=None), at)} - standing)
    return sum(_draft(month, editions.get(month, 0) + 1, at) for month in wanted)


def _known() -> list[tuple[date, str, int]]:
    """Month, state and edition of each existing bulletin, in order."""
    return list(Bulletin.objects.order_by("month", "edition").values_list("month", "state", "edition"))


def _months_over(last: date | None, at: datetime) -> list[date]:
    """The settled months since the last drafted one. If there is no bulletin yet, only the last, and only if a
    complaint was registered before its end.
    """
    ended = _month_before(day_of(at - SETTLED_AFTER).replace(day=1))
    if last is None:
        begun = Complaint.objects.filter(registered_at__lt=_begins(_month_after(ended))).exists()
        return [ended] if begun else []
    months = []
    while last < ended:
        last = _month_after(last)
        months.append(last)
    return months


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _begins(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=SHANGHAI)


def _draft(month: date, edition: int, at: datetime) -> bool:
    """Draft it. False if another run was first."""
    bulletin = Bulletin(month=month, edition=edition)
    try:
        with transaction.atomic():
            batch = Batch(at)
            (act,) = batch.acts_for([bulletin])
            _begin(act)
            flush(batch)
    except IntegrityError:
        if not Bulletin.objects.filter(month=month, state__in=STANDING).exists():
            raise
        return False
    return True


def _begin(act: Act) -> None:
    """Start its clock at the month's end, so that it falls due on the fifth working day of the next month. A
    replacement gets the same time from now on.
    """
    bulletin: Bulletin = act.subject
    bulletin.draft()
    _freeze(act)
    act.record("draft_bulletin", act.batch.system, facts=_facts(bulletin))
    _pk, centre = bulletin.who_holds(act.batch)
    start = end_of_day(bulletin.month_ends) if bulletin.edition == 1 else act.at
    act.start(KIND, act.batch.limits.limit(KIND), start=start, unit_id=centre)
    for person_id in act.batch.csc_supervisor_ids:
        act.tell(person_id, "bulletin_drafted", month=f"{bulletin.month:%Y-%m}")


def _freeze(act: Act) -> None:
    bulletin: Bulletin = act.subject
    bulletin.figures, bulletin.cut_off_at = freeze(bulletin.month, act.at), act.at


def _facts(bulletin: Bulletin) -> dict[str, Any]:
    """The ledger's facts: the month, the cut-off time and the digest of the figures, but no figure."""
    month, cut_off = f"{bulletin.month:%Y-%m}", bulletin.cut_off_at.isoformat()
    return {"month": month, "edition": bulletin.edition, "cut_off": cut_off, "figures": bulletin.digest}


# The verbs


@verb(
    Bulletin, _("更新数据重新拟稿"), rule="R54",
    permission=permissions.draft_bulletin, states=[BulletinState.DRAFTED],
    icon="edit", told_as=_("拟稿"),
)  # fmt: skip
def draft_bulletin(act: Act) -> None:
    """Count the figures again with a new cut-off time, because something was corrected since the draft."""
    _freeze(act)
    act.note(**_facts(act.subject))


@verb(
    Bulletin, _("发送通报"),
    Text(name="remarks", label=_("情况说明"), required=False, rows=4,
         help=_("印在通报末尾，发至各单位；不得写入客户信息和未公布的案件。")),
    rule="R54",
    permission=permissions.send_bulletin,
    icon="paper", tone="ok",
    seen=lambda bulletin: [bulletin.digest],
)  # fmt: skip
def send_bulletin(act: Act, *, remarks: str = "") -> None:
    """Send the figures that the supervisor has read to all units. The bulletin is numbered and kept as a paper."""
    bulletin: Bulletin = act.subject
    assert act.actor is not None
    assert act.entry is not None
    told, before = bulletin.figures["before"], figures_before(bulletin.month)
    same = (told and told["number"]) == (before and before["number"])
    refuse_unless(same, _("上期通报在拟稿之后已发送或撤回，请先重新拟稿，使本期与其比较。"))
    bulletin.send_bulletin()
    bulletin.sent_by, bulletin.sent_at = act.actor.employee, act.at
    bulletin.remarks = act.entry.texts
    bulletin.number = number_by(act, "bulletin_prefix")
    act.note(**_facts(bulletin), number=bulletin.number)
    act.meet(KIND)
    issue(act, "bulletin", number=bulletin.number, remarks=remarks)
    _tell_everybody(act, "bulletin_sent")


@verb(
    Bulletin, _("撤回通报"), Text(name="reason", label=_("撤回理由"), rows=3,
      help=_("各单位都能看到。撤回后系统重新拟稿。")), rule="R54",
    permission=permissions.withdraw_bulletin,
    icon="cross", tone="neutral", grave=True,
)  # fmt: skip
def withdraw_bulletin(act: Act, *, reason: str) -> None:
    """Withdraw a bulletin that was wrong. It stays readable, marked and with the reason, and the month is drafted
    again.
    """
    bulletin: Bulletin = act.subject
    assert act.actor is not None
    assert act.entry is not None
    bulletin.withdraw_bulletin()
    bulletin.withdrawn_by, bulletin.withdrawn_at, bulletin.reason = act.actor.employee, act.at, act.entry.texts
    _tell_everybody(act, "bulletin_withdrawn")


def _tell_everybody(act: Act, notice: str) -> None:
    """Notify contacts, deputies and heads of all units, and marketing."""
    month = f"{act.subject.month:%Y-%m}"
    for person_id in dict.fromkeys([*people_of_all_units(act), *act.batch.marketing_ids]):
        act.tell(person_id, notice, month=month, number=act.subject.number)


def miss_bulletin(act: Act, deadline: Deadline) -> None:
    """Notify marketing as well as the centre's supervisors; the draft can still be sent."""
    for person_id in act.batch.marketing_ids:
        act.tell(person_id, "missed", kind=deadline.kind, part=deadline.part)


ON_MISS[KIND] = miss_bulletin
WATCHES.append(draft_missing)
