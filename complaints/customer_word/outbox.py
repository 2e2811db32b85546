"""Orders the customer's text messages, in the act that they tell of. They are sent by a task (`sending`)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from accountability.gate.act import Act
from accountability.models import Delivery
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


def follow_number(act: Act) -> None:
    """The number was corrected: what was sent to the former one opens nothing any more, so it is sent again, as a new
    message. Of the replies only the present one is asked about.
    """
    for message in CustomerMessage.objects.filter(complaint=act.subject.pk):
        act.changes.watch(message)
        message.state, message.claim, message.problem = Delivery.State.WAITING, "", ""
        message.attempts, message.next_try_at, message.made_at = 0, act.at, act.at
