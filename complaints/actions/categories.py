"""What follows from a corrected category: repeats and network limits, as if it had been right at registration."""

from __future__ import annotations

from datetime import datetime

from accountability.db.row_keys import Key
from accountability.deadlines.limits import Limit, day_of, end_of_day
from accountability.gate.act import Act
from accountability.models import LedgerEntry, TimeLimits
from complaints.actions.intake import lies_ahead, repeat_of
from complaints.customer_word import outbox
from complaints.declarations.limits import Kind
from complaints.models import Complaint, Round, RoundState

OF_THE_NETWORK = (Kind.CONTACT_ON_SITE, Kind.NETWORK_SOLUTION)


def follow_category(act: Act, *, was_network: bool) -> None:
    """Determine again whether the complaint repeats another, and start or void a network complaint's own limits. The
    round's handling limit keeps its instant.
    """
    complaint: Complaint = act.subject
    assert complaint.category is not None
    limits = _follow_repeat(act)
    if was_network and not complaint.category.is_network:
        for kind in OF_THE_NETWORK:
            act.void(kind)
    elif complaint.category.is_network and not was_network and not _ever_handled_directly(act):
        for kind in OF_THE_NETWORK:
            _begin(act, kind, limits)


def follow_number(act: Act) -> None:
    """Determine again, by the corrected number, whether the complaint repeats another, and who gets its messages."""
    _follow_repeat(act)
    outbox.follow_number(act)


def _follow_repeat(act: Act) -> TimeLimits:
    """The limits in force when it was registered. One that was imported without a category repeats none."""
    complaint: Complaint = act.subject
    registered_at, category = _registered(complaint), complaint.category
    limits = act.batch.limits_at(registered_at)
    assert complaint.intake is not None
    before, numbers = Key(complaint.pk), complaint.intake.phone_digests
    complaint.repeat_of_id = category and repeat_of(numbers, category, limits, registered_at, before)
    act.note(repeat_of=complaint.repeat_of_id)
    return limits


def _registered(complaint: Complaint) -> datetime:
    assert complaint.registered_at is not None
    return complaint.registered_at


def _ever_handled_directly(act: Act) -> bool:
    """If the centre ever handled it directly, the network limits never apply again."""
    return LedgerEntry.objects.filter(matter=act.matter, verb="handle_directly").exists()


def _begin(act: Act, kind: str, limits: TimeLimits) -> None:
    """Start the limit from registration unless one exists already. What was done in the meantime meets it."""
    standing = act.latest(kind)
    if standing is not None and not standing.voided_at:
        return
    limit, since = limits.limit(kind), _registered(act.subject)
    if not lies_ahead(act, limit):
        return
    deadline = act.start(kind, limit, start=since, unit_id=None, floor=_not_before(act, limit, since))
    done = _contacted(act) if kind == Kind.CONTACT_ON_SITE else _answered(act)
    if done is not None:
        deadline.met_at, deadline.warn_at = done, None


def _not_before(act: Act, limit: Limit, since: datetime) -> datetime | None:
    """The end of today if the due instant has already passed: nobody could have known of the limit."""
    due = limit.after(since, act.batch.calendar_for(limit))
    return end_of_day(day_of(act.at)) if due is not None and due < act.at else None


def _contacted(act: Act) -> datetime | None:
    talks = LedgerEntry.objects.filter(matter=act.matter, verb="contact_customer").order_by("seq")
    return talks.values_list("at", flat=True).first()


def _answered(act: Act) -> datetime | None:
    """The first answer that wasn't judged incomplete."""
    good = Round.objects.filter(complaint=act.subject, state__in=(RoundState.ANSWERED, RoundState.CLOSED))
    return good.order_by("answered_at").values_list("answered_at", flat=True).first()
