"""The history of rows: a row of its own for each change, found by the row that it is of and by nothing else."""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class History(HistoricalRecords):
    """With keys that don't end at two thousand million rows, and an index of the row's key alone. The library would
    index each foreign key and the instant besides, and no statement asks for history by these: a round's history had
    21 more indexes, which each act filled.
    """

    def _get_history_id_field(self) -> models.BigAutoField[Any, Any]:
        return models.BigAutoField(primary_key=True)

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        found: dict[str, Any] = super().copy_fields(model)
        for name, field in found.items():
            field.db_index = name == model._meta.pk.name
        return found

    def get_extra_fields(self, model: type[models.Model], fields: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = super().get_extra_fields(model, fields)
        for name in ("history_user", "history_date"):
            found[name].db_index = False
        return found

    def post_save(self, instance: Any, created: Any, using: Any = None, **told: Any) -> None:
        """Keeps nothing of a sign-in, which changes `last_login` alone: the row would be equal to the last."""
        if told.get("update_fields") != {"last_login"}:
            super().post_save(instance, created, using=using, **told)
