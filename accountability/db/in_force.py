"""Reads which version of a table was in force at an instant: of those with columns `version` and `in_force_from`."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import models

from accountability.db.sql import Together

M = TypeVar("M", bound=models.Model)


def in_force(model: type[M], at: datetime) -> M:
    """The newest version that was in force at `at`."""
    newest = in_force_if_any(model, at)
    assert newest is not None, f"No version of {model.__name__} was in force at {at}."
    return newest


def in_force_if_any(model: type[M], at: datetime) -> M | None:
    """Like `in_force`, for a table that stays empty until somebody changes the defaults; None while it is empty."""
    return next(iter(Together().in_force(model, at)()), None)
