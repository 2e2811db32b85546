"""Sends e-mail with the configured Django backend."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from typing import ClassVar

from django.core.mail import EmailMessage

from accountability.notices.channels import Message, OneLine, Postponed, Rejected


class Email(OneLine):
    """Mails are marked as automatic, so that out-of-office replies don't answer. A refused recipient isn't counted as a
    failure of the channel.
    """

    address: ClassVar[str] = "email"

    def send(self, message: Message) -> None:
        headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{message.key}@shouwen.invalid>"}
        mail = EmailMessage(message.subject, message.text, to=[message.address], headers=headers)
        try:
            mail.send()
        except SMTPRecipientsRefused as refusal:
            if any(code < 500 for code, _why in refusal.recipients.values()):
                raise Postponed("recipient later") from refusal  # greylisting, a full mailbox, an unknown domain
            raise Rejected("recipient refused") from refusal
