"""Orders the customer's text messages, in the act that they tell of. They are sent by a task (`sending`)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from accountability.gate.act import Act
from complaints.models import CustomerMessage

Kind = CustomerMessage.Kind

ASKED_AFTER = timedelta(minutes=10)
"""After a reply. An agent who gives it on the telephone mostly asks at once, and nobody is asked twice."""


def tell_registered(act: Act) -> None:
    """The customer is told the number and the code of the status page."""
    _order(act, Kind.REGISTERED)


def ask_satisfied(act: Act) -> None:
    """The customer is asked for their own word on this reply (R37)."""
    _order(act, Kind.REPLIED, reply=act.subject.replies, wait=ASKED_AFTER)


def _order(act: Act, kind: Kind, *, reply: int = 0, wait: timedelta = timedelta()) -> None:
    if settings.CUSTOMER_LINKS:
        message = CustomerMessage(
            complaint=act.subject, kind=kind, reply=reply, made_at=act.at, next_try_at=act.at + wait
        )
        act.changes.new(message)
