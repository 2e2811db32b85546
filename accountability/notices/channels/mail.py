"""E-mail, over whatever backend Django is given."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from typing import ClassVar

from django.core.mail import EmailMessage

from accountability.notices.channels import Message, Postponed, Rejected


class Email:
    """Marked as automatic, so that absence notes don't answer. One person's address is no fault of the channel."""

    address: ClassVar[str] = "email"

    def send(self, message: Message) -> None:
        headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{message.key}@shouwen.invalid>"}
        mail = EmailMessage(message.subject, message.text, to=[message.address], headers=headers)
        try:
            mail.send()
        except SMTPRecipientsRefused as refusal:
            if any(code < 500 for code, _why in refusal.recipients.values()):
                raise Postponed("recipient later") from refusal  # greylisting, a full box, a domain not found
            raise Rejected("recipient refused") from refusal
