"""A miss is found soon: what the sweep waits for adds up to less than the quarter of a minute that is promised."""

from __future__ import annotations

from django.conf import settings

from accountability.gate.sweeper import GRACE
from config.watching import SERVED_EVERY

FOR_THE_WORK = 2.0
"""Seconds of a sweep's own work, of which a usual one takes a tenth."""


def test_grace_mark_of_life_and_tick_are_within_fifteen_seconds() -> None:
    assert GRACE.total_seconds() + SERVED_EVERY + settings.TICKS["sweep"] + FOR_THE_WORK <= 15
