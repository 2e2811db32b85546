"""The pinyin of names, in a column beside the name, so that people are found without a Chinese input method.

The dictionary takes 52 MB of a process and is loaded where a name is written; pages read the column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

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
    """The pinyin of the row's `name`, computed whenever the row is written with it."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        found = pinyin_of(model_instance.name)
        setattr(model_instance, self.attname, found)
        return found


class RowsWithPinyin(models.QuerySet[M]):
    """Writes the pinyin where Django's queryset would write the name alone."""

    def update(self, **values: Any) -> int:
        if "name" in values and "pinyin" not in values:
            values["pinyin"] = pinyin_of(values["name"])
        return super().update(**values)

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        rows, names = list(objs), with_pinyin(fields)
        for row in rows if "pinyin" in names else ():
            cast("WithPinyin", row).compute({"name"})
        return super().bulk_update(rows, names, batch_size)


def with_pinyin(names: Iterable[str]) -> set[str]:
    """The columns that are written with these."""
    found = set(names)
    return found | {"pinyin"} if "name" in found else found


class WithPinyin(Read):
    """A model with a name, and the pinyin of it. `writing.Changes` writes both too."""

    name: Any
    pinyin = PinyinField(_("拼音"), default="", editable=False)
    objects = RowsWithPinyin.as_manager()

    class Meta:
        abstract = True

    def compute(self, changed: set[str]) -> set[str]:
        """Compute the pinyin if the name changed; the names of what was computed."""
        if "name" not in changed:
            return set()
        self.pinyin = pinyin_of(self.name)
        return {"pinyin"}

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        super().save(update_fields=None if update_fields is None else with_pinyin(update_fields), **options)
