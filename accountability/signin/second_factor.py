"""The second factor: time-based codes (RFC 6238) from a device, and recovery codes for when it is lost.

A code of the step before, the present one or the one after is accepted, and each only once, so that an overlooked code
opens nothing. Secrets are sealed by the keys outside the database; recovery codes are stored as digests.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from base64 import b32encode
from datetime import datetime
from typing import Any
from urllib.parse import quote

import segno
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

from accountability.models import Authenticator, Employee, RecoveryCode, SignInPolicy, sign_in_policy
from accountability.permissions import Actor, needs_second_factor
from accountability.signin import sessions
from accountability.signin.credentials import record_change

STEP = 30
DIGITS = 6
DRIFT = 1
"""Steps that a device's clock may be off."""

RECOVERY_CODES = 10
ISSUER = "首问"

ASKED = "second_factor_asked"
"""In a session: the person who signed in must show a second factor, because they have one or because everybody must."""


def policy_asks(actor: Actor, policy: SignInPolicy) -> bool:
    """Whether the policy asks this person: always the administrators, whatever the setting."""
    if policy.second_factor == SignInPolicy.SecondFactor.EVERYBODY:
        return True
    if policy.second_factor == SignInPolicy.SecondFactor.ADMINISTRATORS:
        return actor.is_administrator
    return needs_second_factor(actor)


def is_owed(request: HttpRequest) -> bool:
    """Whether the signed-in person must show a second factor before anything else."""
    if request.session.get(sessions.VERIFIED):
        return False
    if request.session.get(ASKED):
        return True
    actor: Actor | None = request.actor or None  # type: ignore[attr-defined]
    return actor is not None and needs_second_factor(actor) and policy_asks(actor, sign_in_policy(actor.at))


def will_be_owed(person: Employee, actor: Actor, policy: SignInPolicy) -> bool:
    """What `is_owed` will say once the person has signed in."""
    return asked_at_sign_in(person, policy) or (needs_second_factor(actor) and policy_asks(actor, policy))


def asked_at_sign_in(person: Employee, policy: SignInPolicy) -> bool:
    return policy.second_factor == SignInPolicy.SecondFactor.EVERYBODY or of(person.pk) is not None


def of(employee_id: int) -> Authenticator | None:
    """The person's authenticator, once a code has confirmed it."""
    return Authenticator.objects.filter(pk=employee_id).exclude(confirmed_at=None).first()


# Enrolment


def begin(person: Employee, at: datetime) -> Authenticator:
    """A new secret that replaces any earlier one; it counts once it is confirmed."""
    found = Authenticator(employee_id=person.pk, begun_at=at)
    found.secret = secrets.token_bytes(20)
    with transaction.atomic():
        if gone := remove(person.pk):
            record_change(person, "unbind_second_factor", at, gone=gone)
        found.save(force_insert=True)
    return found


def remove(employee_id: int) -> list[models.Model]:
    """Remove the authenticator with its recovery codes. Return what was removed, for the ledger; nothing if it wasn't
    confirmed.
    """
    gone: list[models.Model] = []
    for known in Authenticator.objects.filter(pk=employee_id):
        if known.confirmed_at is not None:
            codes = known.recovery_codes.all()
            gone += [Authenticator(pk=known.pk), *(RecoveryCode(pk=code.pk) for code in codes)]
        known.delete()
    return gone


def confirm(found: Authenticator, code: str, at: datetime) -> list[str] | None:
    """The recovery codes, shown only this once; None for a wrong code."""
    if not takes(found, code, at):
        return None
    # 120 bits each, so that a plain digest is enough.
    codes = [in_groups(b32encode(secrets.token_bytes(15)).decode()) for _n in range(RECOVERY_CODES)]
    with transaction.atomic():
        Authenticator.objects.filter(pk=found.pk).update(confirmed_at=at)
        found.confirmed_at = at
        kept = [RecoveryCode(authenticator=found, digest=digest(code)) for code in codes]
        RecoveryCode.objects.bulk_create(kept)
        record_change(found.employee, "bind_second_factor", at, [found, *kept])
    return codes


def secret_text(found: Authenticator) -> str:
    """The secret to be typed where the picture can't be scanned."""
    return b32encode(found.secret).decode()


def address(found: Authenticator, person: Employee) -> str:
    """The content of the picture: the standard address by which authenticators add an account."""
    label = quote(f"{ISSUER}:{person.username}")
    return f"otpauth://totp/{label}?secret={secret_text(found)}&issuer={quote(ISSUER)}&digits={DIGITS}&period={STEP}"


def picture(text: str) -> dict[str, Any]:
    """The QR code: the side of its square, and the dark runs of its rows as a path of lines. The page draws it inline,
    because the content policy allows no picture from a data address.
    """
    rows = [bytes(row) for row in segno.make(text, error="m").matrix_iter(border=2)]
    runs = ((run.start(), y, len(run[0])) for y, row in enumerate(rows) for run in re.finditer(rb"\x01+", row))
    return {"side": len(rows), "dark": "".join(f"M{x} {y}.5h{length}" for x, y, length in runs)}


# Verification


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def code_at(found: Authenticator, step: int) -> str:
    return f"{hotp(found.secret, step, DIGITS):0{DIGITS}d}"


def takes(found: Authenticator, code: str, at: datetime) -> bool:
    """Whether the code is right and unused: one statement checks and marks it, so that two requests can't share it."""
    typed, now = normal(code), step_of(at)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if constant_time_compare(code_at(found, step), typed):
            unused = Authenticator.objects.filter(pk=found.pk, last_step__lt=step)
            return unused.update(last_step=step) == 1
    return False


def takes_recovery(found: Authenticator, code: str, at: datetime) -> bool:
    """Accept a recovery code, once."""
    unused = RecoveryCode.objects.filter(authenticator=found, digest=digest(code), used_at=None)
    return unused.update(used_at=at) == 1


def normal(code: str) -> str:
    """The form for comparing: full-width digits as plain ones, spaces and dashes dropped."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", code)).upper()


def digest(code: str) -> str:
    """The digest of a code of more than 112 bits."""
    return hashlib.sha256(normal(code).encode()).hexdigest()


def in_groups(code: str, size: int = 4) -> str:
    return "-".join(code[start : start + size] for start in range(0, len(code), size))
