"""The findings of a verification, in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.notices.sentences import verb_label

WHAT = {
    "changed": gettext_lazy("内容被改动"),
    "missing": gettext_lazy("被删除"),
    "inserted": gettext_lazy("是插入的，不在链上"),
    "moved": gettext_lazy("不在写入时的位置"),
    "foreign": gettext_lazy("原是另一事项的记录"),
    "cut": gettext_lazy("及其后的记录被截去"),
    "head": gettext_lazy("事项自身所记的长度或末尾被改动"),
    "gone": gettext_lazy("整个事项的记录被删除"),
    "orphan": gettext_lazy("记录仍在，事项被删除"),
    "unsealed": gettext_lazy("与封存的不是同一条"),
    "seal_changed": gettext_lazy("封存文件被改动"),
    "seal_missing": gettext_lazy("封存文件缺失"),
    "seal_other": gettext_lazy("封存文件与台账所记的不是同一份"),
    "unproved": gettext_lazy("没有任何封存，无法证明有无事项或其末尾被删"),
    "seal_twice": gettext_lazy("封存文件重复"),
    "seal_unreadable": gettext_lazy("封存文件无法读取"),
    "row_changed": gettext_lazy("该行被改动"),
    "row_missing": gettext_lazy("该行被删除"),
    "row_inserted": gettext_lazy("该行是后来插入的"),
    "row_unreadable": gettext_lazy("该行无法读取"),
    "unreadable": gettext_lazy("记录无法读取"),
    "left_changed": gettext_lazy("所留的数据被改动"),
    "left_missing": gettext_lazy("所留的数据被删除"),
    "left_nowhere": gettext_lazy("有台账上没有来历的数据"),
    "left_astray": gettext_lazy("所留的数据记着另一事项"),
    "text_changed": gettext_lazy("密封的文字无法打开，或检索码不符"),
    "text_missing": gettext_lazy("密封的文字被删除"),
    "file_changed": gettext_lazy("公文或附件的文件被改动"),
    "file_missing": gettext_lazy("公文或附件的文件缺失"),
    "kept_changed": gettext_lazy("与其历史记录不符"),
    "kept_missing": gettext_lazy("被删除，而历史中没有删除的记录"),
    "kept_nowhere": gettext_lazy("在历史中没有来历"),
    "forged": gettext_lazy("令牌、日历地址或会话不是系统所写，已拒绝使用"),
    "more": gettext_lazy("另有事项不符"),
    "short": gettext_lazy("文件不完整"),
}


def named(note: str) -> str:
    """The note with the name that people know instead of the model's or table's, which it begins with."""
    first, space, rest = note.partition(" ")
    return f"{_names()[first]}{space}{rest}" if first in _names() else note


@cache
def _names() -> dict[str, Any]:
    """What people call the rows of each model, by its label and by its table."""
    models = apps.get_models(include_auto_created=True)
    return {said: m._meta.verbose_name for m in models for said in (m._meta.label_lower, m._meta.db_table)}


def sentence(found: Sequence[Any]) -> str:
    """One finding in the form a verification stores."""
    kind, matter, number, place, verb, note = found
    note = named(note)
    what = str(WHAT.get(kind, kind))
    if matter and kind.startswith(("left_", "text_", "file_")):
        what = f"{what} ({note})"
    facts = {"what": what, "number": number or matter, "place": place, "note": note}
    if kind.startswith("seal_"):
        return _("第 %(place)s 次封存：%(what)s") % facts
    if kind.startswith("row_"):
        return _("%(note)s 第 %(place)s 行：%(what)s") % facts
    if not matter:
        return f"{facts['what']} {note}".strip()
    if not place:
        return _("事项 %(number)s：%(what)s") % facts
    facts["verb"] = verb_label(verb) if verb else ""
    return _("事项 %(number)s 第 %(place)s 条 %(verb)s：%(what)s") % facts
