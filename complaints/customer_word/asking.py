"""What the customer's pages may ask and tell: whether a link still asks, and how far a complaint is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from accountability.models import Deadline, LedgerEntry
from complaints.customer_word.links import is_code_of, is_link_of, named_in, plain
from complaints.declarations.limits import Kind
from complaints.models import Complaint, CustomerMessage
from complaints.models.states import State


def message_for(link: str) -> CustomerMessage | None:
    """The message that the link was sent in; None if it was invented or asks nothing."""
    pk = named_in(link)
    asking = CustomerMessage.objects.filter(pk=pk or 0, kind=CustomerMessage.Kind.REPLIED)
    message = asking.select_related("complaint__matter", "complaint__latest_round", "complaint__intake").first()
    return message if message is not None and is_link_of(message, link) else None


def ends(message: CustomerMessage) -> datetime:
    """The instant until which its link asks, itself included."""
    return message.made_at + timedelta(days=settings.CUSTOMER_LINK_DAYS)


def awaits_word(message: CustomerMessage, at: datetime) -> bool:
    """Whether this reply is the present one, nobody has recorded what the customer said, and the link is valid."""
    complaint = message.complaint
    of_present = complaint.state == State.REPLIED and complaint.replies == message.reply
    return of_present and complaint.satisfied is None and at <= ends(message)


def key_of(message: CustomerMessage) -> str:
    """Of the entry in the ledger: a second click is the same act."""
    return f"customer-word-{message.pk}"


def has_answered(message: CustomerMessage) -> bool:
    """Whether the customer has said it through this link."""
    said = LedgerEntry.objects.filter(matter=message.complaint_id, verb="rate_reply", key=key_of(message))
    return said.exists()


# The status page


@dataclass(frozen=True)
class Stage:
    """A step of the way as the customer is told it: no unit and no person."""

    label: str
    at: datetime | None
    is_now: bool


@dataclass(frozen=True)
class Progress:
    number: str
    stages: list[Stage]
    reply_until: datetime | None


def progress_of(number: str, code: str, at: datetime) -> Progress | None:
    """How far the complaint is; None alike where the number is unknown and where the code isn't its own."""
    registered = Complaint.objects.filter(matter__number=plain(number), registered_at__isnull=False)
    complaint = registered.select_related("matter", "intake").first()
    # Asked in any case, so that the time tells no number.
    if not is_code_of(complaint or Complaint(), code) or complaint is None:
        return None
    replied, archived = complaint.replied_at, complaint.archived_at
    told = [
        (_("已受理"), complaint.registered_at, True),
        (_("处理中"), None, True),
        (_("已答复"), replied, replied is not None and complaint.state in (State.REPLIED, State.ARCHIVED)),
        (_("已办结"), archived, archived is not None),
    ]
    reached = [(label, when) for label, when, is_reached in told if is_reached]
    stages = [Stage(label, when, place == len(reached)) for place, (label, when) in enumerate(reached, start=1)]
    return Progress(str(complaint.matter), stages, _reply_until(complaint, at))


def _reply_until(complaint: Complaint, at: datetime) -> datetime | None:
    """Until when the first reply is promised (R6), while it is ahead."""
    if complaint.replied_at is not None:
        return None
    limits = Deadline.objects.filter(matter=complaint.pk, kind=Kind.FIRST_REPLY, voided_at=None, due_at__gte=at)
    return limits.values_list("due_at", flat=True).first()
