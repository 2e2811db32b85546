"""Sends the customer's text messages after the notices, so that they never delay the thirty minutes."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from time import monotonic

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accountability.db.away import is_of_the_database
from accountability.deadlines.limits import show_instant
from accountability.gate import holding
from accountability.gate.lookups import windows_at
from accountability.models import OF_CUSTOMERS, Delivery
from accountability.notices.channels import Message, configured, health
from accountability.notices.channels.delivery import TOO_OLD, send_claimed
from accountability.notices.channels.queue import LEASE
from accountability.notices.channels.topics import is_quiet
from accountability.security.telephone import is_mobile
from complaints.customer_word.asking import awaits_word, ends
from complaints.customer_word.links import code_of, link_of
from complaints.models import Complaint, CustomerMessage, RightsFind
from complaints.models.rights import RightsState, Wish
from complaints.models.states import State

CHANNEL = "sms"
BUDGET = 2.0
"""Seconds after which a run starts no further message."""

TELLING = _("您的投诉（编号 %(number)s）已受理。查询进度：%(url)s 查询码：%(code)s")
ASKING = _("您的投诉（编号 %(number)s）已答复。请您评价是否满意：%(url)s（%(until)s 前有效，请勿转发）")

Waiting = Delivery.State
log = logging.getLogger(__name__)


def send(at: datetime, *, budget: float = BUDGET) -> int:
    """Send the messages that are due, not at night. Returns how many were sent. In the held state those wait that were
    ordered before it, as notices do.
    """
    ways, withheld, sent, started = configured(), holding.withheld_before(windows_at(at)), 0, monotonic()
    due = CustomerMessage.due(at)
    if withheld:
        due = due.filter(made_at__gte=withheld)
    due.filter(made_at__lt=at - TOO_OLD).update(state=Waiting.FAILED, problem="too old")
    while settings.CUSTOMER_LINKS and not is_quiet(at) and monotonic() - started < budget:
        if CHANNEL not in ways or len(health.usable([CHANNEL, OF_CUSTOMERS], at)) < 2:
            break
        message = due.order_by("next_try_at", "pk").select_related("complaint__intake", "complaint__matter").first()
        if message is None:
            break
        if _claim(message, at) and (written := _composed(message, at)):
            sent += send_claimed(message, OF_CUSTOMERS, ways[CHANNEL], written, at)
    return sent


def _claim(message: CustomerMessage, at: datetime) -> bool:
    """Whether this worker sends it now: the first one that moves its next try."""
    claim = message.claim or secrets.token_hex(16)
    mine = CustomerMessage.objects.filter(pk=message.pk, state=Waiting.WAITING, attempts=message.attempts)
    message.claim, message.attempts = claim, message.attempts + 1
    return bool(mine.update(claim=claim, attempts=message.attempts, next_try_at=at + LEASE))


def _composed(message: CustomerMessage, at: datetime) -> Message | None:
    """The message; None if it is needless, or its complaint can't be opened: that must not stop the others."""
    try:
        return _written(message, at)
    except Exception as error:
        if is_of_the_database(error):
            raise
        log.exception("no words for the customer's message %s", message.pk)
        message.settle(Waiting.FAILED, problem="no words")
        return None


def _written(message: CustomerMessage, at: datetime) -> Message | None:
    """The message; None if it is needless now: answered already, withdrawn, erased, or no mobile number."""
    complaint = message.complaint
    is_reply = message.kind == CustomerMessage.Kind.REPLIED
    phone = complaint.intake.opened.get("phone", "") if complaint.intake else ""
    if not is_mobile(phone):
        message.settle(Waiting.DROPPED, problem="no mobile number")
        return None
    if complaint.state == State.ARCHIVED or (is_reply and (not awaits_word(message, at) or _is_restricted(complaint))):
        message.settle(Waiting.DROPPED, problem="needless")
        return None
    with override(settings.LANGUAGE_CODE):
        values = _asking(message) if is_reply else _telling(message)
        text = (ASKING if is_reply else TELLING) % values
    return Message(
        key=message.claim, address=phone, subject=text, text=text, at=at, kind=message.kind, values=values
    )  # fmt: skip


def _is_restricted(complaint: Complaint) -> bool:
    """Whether the customer asked that their data be used no further: they aren't invited to rate (PIPL 44)."""
    asked = RightsFind.objects.filter(complaint=complaint, request__wish=Wish.RESTRICT)
    return asked.exclude(request__state=RightsState.REFUSED).exists()


def _telling(message: CustomerMessage) -> dict[str, str]:
    number, code = str(message.complaint.matter), code_of(message.complaint)
    return {"number": number, "url": _address("customer_progress"), "code": code}


def _asking(message: CustomerMessage) -> dict[str, str]:
    number, until = str(message.complaint.matter), show_instant(ends(message))
    return {"number": number, "url": _address("customer_word", link_of(message)), "until": until}


def _address(name: str, *args: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=args)}"
