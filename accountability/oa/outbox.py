"""Orders papers for the OA in the transaction of the acts that issue them."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from accountability.db import writing
from accountability.documents.kinds import KINDS
from accountability.gate.act import Act
from accountability.models import PaperHandover


def is_on() -> bool:
    return bool(settings.OA_URL or settings.OA_FOLDER)


def goes_out(kind: str) -> bool:
    """Whether papers of this kind are handed over here."""
    return kind in KINDS and KINDS[kind].goes_out and (not settings.OA_KINDS or kind in settings.OA_KINDS)


def order(acts: Iterable[Act]) -> None:
    """Runs after the papers of these acts are written. One statement."""
    if not is_on():
        return
    papers = [order.paper for act in acts for order in act.papers if order.paper and goes_out(order.kind)]
    writing.insert([PaperHandover(paper=one, planned_at=one.issued_at, next_try_at=one.issued_at) for one in papers])
