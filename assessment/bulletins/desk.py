"""The desk of a supervisor of the centre: bulletins that wait to be sent (R54)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.desks import Block
from accountability.permissions import Actor
from assessment.models import Bulletin, BulletinState


def bulletin_block(actor: Actor, at: datetime) -> Block | None:
    """Nothing where none waits; a single one is a click away."""
    if not actor.is_csc_supervisor:
        return None
    numbers = list(Bulletin.objects.filter(state=BulletinState.DRAFTED).values_list("matter__number", flat=True))
    if not numbers:
        return None
    where = reverse("bulletin", args=numbers) if len(numbers) == 1 else reverse("bulletins")
    count = {"label": _("待发送"), "count": len(numbers), "tone": "brand", "icon": "paper", "url": where}
    return Block(_("定期通报"), reverse("bulletins"), [count])
