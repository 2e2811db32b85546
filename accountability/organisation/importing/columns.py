"""The kinds of table and their columns, by Chinese or English names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.models import Unit
from accountability.organisation.importing.tables import BadFile, Table
from accountability.permissions import Role


@dataclass(frozen=True)
class Column:
    """`names` are accepted besides the English one, whatever the reader's language."""

    name: str
    label: Any
    names: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of table: what its rows are about, and its columns."""

    name: str
    label: Any
    columns: tuple[Column, ...]

    def column(self, title: str) -> Column | None:
        plain = re.sub(r"[\s*_]+", "", title).lower()
        for column in self.columns:
            if plain in (column.name.replace("_", ""), *column.names):
                return column
        return None


UNIT = Column("unit", gettext_lazy("单位代码"), ("单位", "单位代码", "所属单位"))
PERSON = Column("username", gettext_lazy("工号"), ("工号", "员工", "员工工号"))

KINDS = (
    Kind("units", gettext_lazy("单位"), (
        Column("code", gettext_lazy("单位代码"), ("代码", "单位代码")),
        Column("name", gettext_lazy("单位名称"), ("名称", "单位名称")),
        Column("kind", gettext_lazy("单位类别"), ("类别", "单位类别")),
        Column("head", gettext_lazy("负责人"), ("负责人", "负责人工号"), required=False),
        Column("name_en", gettext_lazy("英文名称"), ("英文名称", "英文名", "englishname"), required=False),
    )),
    Kind("employees", gettext_lazy("员工"), (
        PERSON,
        Column("name", gettext_lazy("姓名"), ("姓名",)),
        UNIT,
        Column("supervisor", gettext_lazy("分管领导"), ("分管领导", "分管领导工号"), required=False),
        Column("office", gettext_lazy("办公电话"), ("电话", "办公电话", "联系电话", "座机"), required=False),
        Column("status", gettext_lazy("在职状态"), ("状态", "在职状态"), required=False),
    )),
    Kind("contacts", gettext_lazy("接口人"), (
        UNIT,
        PERSON,
        Column("role", gettext_lazy("角色"), ("角色",)),
        Column("starts_on", gettext_lazy("开始日期"), ("开始日期", "任职开始"), required=False),
        Column("ends_on", gettext_lazy("结束日期"), ("结束日期", "任职结束"), required=False),
    )),
    Kind("roster", gettext_lazy("值班"), (
        UNIT,
        PERSON,
        Column("starts_at", gettext_lazy("值班开始"), ("值班开始", "开始时间", "开始")),
        Column("ends_at", gettext_lazy("值班结束"), ("值班结束", "结束时间", "结束")),
        Column("note", gettext_lazy("班次"), ("班次", "备注"), required=False),
    )),
)  # fmt: skip
"""In the order in which they are done: people need their units, contacts and turns of duty need the people."""

UNIT_KINDS = {
    **{value: value for value in Unit.Kind.values},
    "客户服务中心": "service_centre", "省客户服务中心": "service_centre", "市场部": "marketing",
    "省公司机关部门": "department", "机关部门": "department", "部门": "department",
    "市州分公司": "branch", "分公司": "branch", "直属单位": "direct_unit",
}  # fmt: skip
ROLES = {
    "contact": Role.CONTACT, "接口人": Role.CONTACT, "投诉处理接口人": Role.CONTACT,
    "deputy_contact": Role.DEPUTY_CONTACT, "deputy": Role.DEPUTY_CONTACT, "副接口人": Role.DEPUTY_CONTACT,
}  # fmt: skip
STATUSES = {"": True, "在职": True, "active": True, "离职": False, "left": False}


@dataclass(frozen=True)
class Row:
    """One row by the names of its columns; empty cells are left out."""

    number: int
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def kind_of(table: Table) -> Kind:
    """The kind of the table, by its header. Raises BadFile."""
    fitting = [kind for kind in KINDS if all(c in _columns(kind, table) for c in kind.columns if c.required)]
    if not fitting:
        raise BadFile(_("“%(table)s”的表头不是可识别的表（单位、员工、接口人、值班）。") % {"table": table.name})
    return max(fitting, key=lambda kind: sum(c is not None for c in _columns(kind, table)))


def _columns(kind: Kind, table: Table) -> list[Column | None]:
    return [kind.column(title) for title in table.header]


def rows_of(kind: Kind, table: Table) -> list[Row]:
    """The rows by column. Raises BadFile for an unknown or repeated column."""
    columns = _columns(kind, table)
    strange = [title for title, column in zip(table.header, columns, strict=True) if column is None]
    if strange:
        raise BadFile(
            _("“%(table)s”有不认识的列：%(columns)s。") % {"table": table.name, "columns": _("、").join(strange)}
        )
    names = [column.name for column in columns if column is not None]
    if len(set(names)) < len(names):
        raise BadFile(_("“%(table)s”有重复的列。") % {"table": table.name})
    return [
        Row(number, {name: cell for name, cell in zip(names, cells, strict=False) if cell})
        for number, cells in table.rows
    ]
