"""Which unit a complaint probably belongs to, and why. It helps the agent, who decides (R11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accountability.models import Category, Region, Unit
from accountability.seed.categories import BRANCH


@dataclass(frozen=True)
class Suggestion:
    """A unit and the sentence that explains it; without a unit, the sentence says what is missing."""

    unit: Unit | None
    reason: str

    @property
    def code(self) -> str:
        return self.unit.code if self.unit else ""


def suggest(category: Category | None, region: str) -> Suggestion:
    """By the catalogue: the category's fixed unit, or the branch that serves the region."""
    if category is None:
        return Suggestion(None, _("选择投诉类别后给出建议。"))
    if category.answered_by == BRANCH:
        return _branch_of(category, region)
    unit = Unit.objects.filter(code=category.answered_by).first()
    if unit is None:
        return Suggestion(None, _("类别目录为“%(category)s”指定的单位不存在，请自行判断。") % {"category": category})
    return Suggestion(unit, _("类别“%(category)s”通常由%(unit)s答复。") % {"category": category, "unit": unit})


def _branch_of(category: Category, region: str) -> Suggestion:
    if not region:
        return Suggestion(None, _("该类别由客户归属地的分公司答复，请填写归属地市。"))
    served = Region.objects.filter(name__in=Region.spellings(region)).select_related("unit").first()
    if served is None:
        return Suggestion(None, _("没有登记“%(region)s”由哪个分公司负责，请自行判断。") % {"region": region})
    facts: dict[str, Any] = {"category": category.path, "region": served.name, "unit": served.unit.name}
    return Suggestion(served.unit, _("类别“%(category)s”由归属地分公司答复，%(region)s归%(unit)s。") % facts)


def category_named(path: str) -> Category | None:
    """The category in use that a form names as `head` or `head/leaf`."""
    head, _slash, leaf = path.partition("/")
    names = {"parent__name": head, "name": leaf} if leaf else {"parent": None, "name": head}
    return Category.objects.filter(is_active=True, **names).select_related("parent").first()
