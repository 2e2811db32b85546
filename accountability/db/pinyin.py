"""The pinyin of names, in a column beside the name, so that people are found without a Chinese input method.

The dictionary takes 52 MB of a process and is loaded where a name is written; pages read the column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Read

M = TypeVar("M", bound=models.Model)


def pinyin_of(name: str) -> str:
    """The initials, joined, and then the syllables, all in lower case: 退费 gives `tf tui fei`."""
    from pypinyin import Style, lazy_pinyin

    initials, syllables = (lazy_pinyin(name, style=style) for style in (Style.FIRST_LETTER, Style.NORMAL))
    return " ".join([joined("".join(initials)), *" ".join(syllables).lower().split()])


def joined(text: str) -> str:
    return "".join(text.lower().split())


def keys(pinyin: str) -> str:
    """What a box finds the name by: its initials and its syllables, both joined."""
    initials, _blank, syllables = pinyin.partition(" ")
    return f"{initials} {joined(syllables)}"


class PinyinField(models.TextField):
    """The pinyin of what the row has in the column `of`, computed whenever the row is written with it."""

    def __init__(self, *args: Any, of: str = "name", **options: Any) -> None:
        super().__init__(*args, **options)
        self.of = of

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        return name, path, args, options if self.of == "name" else options | {"of": self.of}

    def pre_save(self, model_instance: Any, add: bool) -> str:
        found = pinyin_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, found)
        return found


def of_model(model: type[models.Model]) -> list[PinyinField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, PinyinField)]


class RowsWithPinyin(models.QuerySet[M]):
    """Writes the pinyin where Django's queryset would write the name alone."""

    def update(self, **values: Any) -> int:
        for field in of_model(self.model):
            if field.of in values and field.attname not in values:
                values[field.attname] = pinyin_of(values[field.of])
        return super().update(**values)

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        rows, names = list(objs), with_pinyin(self.model, fields)
        for field in of_model(self.model):
            for row in rows if field.attname in names else ():
                field.pre_save(row, False)
        return super().bulk_update(rows, names, batch_size)


def with_pinyin(model: type[models.Model], names: Iterable[str]) -> set[str]:
    found = set(names)
    return found.union(field.attname for field in of_model(model) if field.of in found)


class WithPinyin(Read):
    """A model with a name, and the pinyin of it. `sql.Changes` writes both too."""

    pinyin = PinyinField(_("拼音"), of="name", default="", editable=False)
    objects = RowsWithPinyin.as_manager()

    class Meta:
        abstract = True

    def compute(self, changed: set[str]) -> set[str]:
        """Compute the pinyin if the name changed; the names of what was computed."""
        spoken = [field for field in of_model(type(self)) if field.of in changed]
        for field in spoken:
            field.pre_save(self, False)
        return {field.attname for field in spoken}

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        names = None if update_fields is None else with_pinyin(type(self), update_fields)
        super().save(update_fields=names, **options)
