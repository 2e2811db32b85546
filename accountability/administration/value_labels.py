"""How values look in the administration: as on every other page, with instants that end a day at 24:00 of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from simple_history.models import DeletedObject
from simple_history.template_utils import HistoricalRecordContextHelper

from accountability.models import PersonalData
from accountability.templatetags.office import yes_or_no
from accountability.templatetags.shouwen import NOTHING, instant, when


def columns(model: type[models.Model], names: Sequence[Any]) -> list[Any]:
    """The columns of a list, those of instants and of yes and no in our own words."""
    return [_column(model, name) for name in names]


@cache
def _column(model: type[models.Model], name: Any) -> Any:
    try:
        field = model._meta.get_field(name)
    except (FieldDoesNotExist, TypeError):
        return name
    if isinstance(field, models.DateTimeField):
        return _shown_by(field, when)
    return _shown_by(field, yes_or_no) if isinstance(field, models.BooleanField) else name


def _shown_by(field: Any, show: Callable[[Any], Any]) -> Any:
    def column(row: Any) -> Any:
        return show(getattr(row, field.name))

    column.__name__ = field.name
    column.short_description = field.verbose_name  # type: ignore[attr-defined]
    column.admin_order_field = field.name  # type: ignore[attr-defined]
    return column


class HistoryWords(HistoricalRecordContextHelper):
    """What an earlier version said, in the words of its choices."""

    untold: frozenset[str] = frozenset()
    """Fields of which nothing is said: what they hold is no word for a reader."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        """Without what stands in sealed rows: that a text came is told by the verb, what it says by its own page."""
        told = [change for change in delta.changes if not self._is_sealed(change.field)]
        return super().context_for_delta_changes(replace(delta, changes=told))

    def _is_sealed(self, name: str) -> bool:
        return name in self.untold or self.model._meta.get_field(name).related_model is PersonalData

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        field: Any = self.model._meta.get_field(change.field)
        if value in (None, "") or (isinstance(value, DeletedObject) and value.pk is None):
            return NOTHING
        if isinstance(value, datetime):
            return instant(value)
        if isinstance(value, bool):
            return yes_or_no(value)
        named = dict(field.flatchoices) if getattr(field, "choices", None) else {}
        return named.get(value, value) if isinstance(value, (str, int)) else value
