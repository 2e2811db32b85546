"""The message of an event: an envelope of CloudEvents 1.0 in its structured mode, signed by the Standard Webhooks
convention. Both are the same on every try, but for the instant and with it the signature.
"""

from __future__ import annotations

import binascii
import hmac
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from accountability.deadlines.limits import SHANGHAI
from accountability.declarations.events import PREFIX
from accountability.models import WebhookEvent

SECRET_PREFIX = "whsec_"  # noqa: S105 what each secret begins with # nosec B105
SECRET_BYTES = 32


def new_secret() -> str:
    return SECRET_PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def envelope(event: WebhookEvent) -> bytes:
    unit = event.unit.code if event.unit else None
    said: dict[str, Any] = {
        "specversion": "1.0", "id": event.key, "source": settings.SITE_URL or "urn:shouwen",
        "type": PREFIX + event.kind, "subject": event.subject, "time": event.at.astimezone(SHANGHAI).isoformat(),
        "datacontenttype": "application/json", "data": event.data | {"unit": unit},
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def headers(event: WebhookEvent, body: bytes, known: Iterable[str], at: datetime) -> dict[str, str]:
    """The three headers of the convention, with a signature under each secret."""
    moment = str(int(at.timestamp()))
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": "shouwen",
        "webhook-id": event.key, "webhook-timestamp": moment,
        "webhook-signature": " ".join(signature(secret, event.key, moment, body) for secret in known),
    }  # fmt: skip


def signature(secret: str, key: str, moment: str, body: bytes) -> str:
    """Raises binascii.Error for what is no secret of this kind."""
    if not secret.startswith(SECRET_PREFIX):
        raise binascii.Error("no such secret")
    said = b".".join([key.encode(), moment.encode(), body])
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix(SECRET_PREFIX)), said, "sha256")).decode()
