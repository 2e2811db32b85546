"""How values look in the administration: as on every other page, with instants at the end of a day shown as its
24:00.
"""

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
    """The columns of a list; those of instants and of yes and no use our own words."""
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
    """Fields that are not shown, because their values mean nothing to a reader."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        """Leave out the content of sealed rows: the verb says that a text came, and the text's own page shows it."""
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
