"""Sends the customer's text messages after the notices, so that they never delay the thirty minutes."""

from __future__ import annotations

import secrets
from datetime import datetime
from time import monotonic

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accountability.gate import holding
from accountability.gate.lookups import windows_at
from accountability.models import Delivery
from accountability.notices.channels import Message, configured, health
from accountability.notices.channels.delivery import TOO_OLD, send_claimed
from accountability.notices.channels.queue import LEASE
from accountability.notices.channels.topics import is_quiet
from accountability.security.telephone import is_mobile
from complaints.customer_word.asking import awaits_word
from complaints.customer_word.links import code_of, link_of
from complaints.models import CustomerMessage
from complaints.models.states import State

CHANNEL = "sms"
BUDGET = 2.0
"""Seconds after which a run starts no further message."""

Waiting = Delivery.State


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
        if not health.usable([name for name in ways if name == CHANNEL], at):
            break
        message = due.order_by("next_try_at", "pk").select_related("complaint__intake", "complaint__matter").first()
        if message is None:
            break
        if _claim(message, at) and (written := _written(message, at)):
            sent += send_claimed(message, CHANNEL, ways[CHANNEL], written, at)
    return sent


def _claim(message: CustomerMessage, at: datetime) -> bool:
    """Whether this worker sends it now: the first one that moves its next try."""
    claim = message.claim or secrets.token_hex(16)
    mine = CustomerMessage.objects.filter(pk=message.pk, state=Waiting.WAITING, attempts=message.attempts)
    message.claim, message.attempts = claim, message.attempts + 1
    return bool(mine.update(claim=claim, attempts=message.attempts, next_try_at=at + LEASE))


def _written(message: CustomerMessage, at: datetime) -> Message | None:
    """The message; None if it is needless now: answered already, withdrawn, erased, or no mobile number."""
    complaint = message.complaint
    is_reply = message.kind == CustomerMessage.Kind.REPLIED
    phone = complaint.intake.opened.get("phone", "") if complaint.intake else ""
    if not is_mobile(phone):
        message.settle(Waiting.DROPPED, problem="no mobile number")
        return None
    if complaint.state == State.ARCHIVED or (is_reply and not awaits_word(message, at)):
        message.settle(Waiting.DROPPED, problem="needless")
        return None
    with override(settings.LANGUAGE_CODE):
        text = _asking(message) if is_reply else _telling(message)
    return Message(key=message.claim, address=phone, subject=text, text=text)


def _telling(message: CustomerMessage) -> str:
    return _("您的投诉（编号 %(number)s）已受理。查询进度：%(url)s 查询码：%(code)s") % {
        "number": message.complaint.matter, "url": _address("customer_progress"),
        "code": code_of(message.complaint),
    }  # fmt: skip


def _asking(message: CustomerMessage) -> str:
    return _("您的投诉（编号 %(number)s）已答复。请您评价是否满意：%(url)s（%(days)s天内有效，请勿转发）") % {
        "number": message.complaint.matter, "url": _address("customer_word", link_of(message)),
        "days": settings.CUSTOMER_LINK_DAYS,
    }  # fmt: skip


def _address(name: str, *args: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=args)}"
