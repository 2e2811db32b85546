"""The form that an address fills in for numbers: a period, a unit, a category or region; and the links to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import FIRST_DAY, LAST_DAY, day_of
from accountability.models import Category, Unit
from accountability.permissions import Actor
from assessment.figures.counting import NOTHING, Scope, scope
from assessment.figures.measures import Measure
from assessment.figures.periods import Period, between, month


def address(measure: str, period: Period, by: str = "", key: str = "") -> str:
    """The page of the complaints behind a number; `by` and `key` as in the line."""
    asked = {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()} | ({by: key} if by else {})
    return f"{reverse('figures_behind', args=[measure])}?{urlencode(asked)}"


def _day_field(label: Any) -> forms.DateField:
    early, late = _("日期不能早于%(limit_value)s。"), _("日期不能晚于%(limit_value)s。")
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"], error_messages={"invalid": _("请按“2026-10-01”的样子填写日期。")},
        validators=[MinValueValidator(FIRST_DAY, early), MaxValueValidator(LAST_DAY, late)],
    )  # fmt: skip


class Asked(forms.Form):
    """Read from the address. An unreadable value shows an error at its field, and nothing is counted.

    Without days the period is the present month. Only units whose numbers the reader may know can be named.
    """

    unit = forms.ModelChoiceField(
        label=_("单位"), queryset=Unit.objects.none(), to_field_name="code", empty_label=_("全部"), required=False,
        error_messages={"invalid_choice": _("没有这个单位，或者您不能查看它的数字。")},
    )  # fmt: skip
    head = forms.ChoiceField(
        label=_("大类"), required=False, error_messages={"invalid_choice": _("类别目录中没有这一项。")}
    )
    category = forms.ChoiceField(
        label=_("投诉类别"), required=False, error_messages={"invalid_choice": _("类别目录中没有这一项。")}
    )
    region = forms.CharField(label=_("归属地市"), required=False, max_length=30)

    def __init__(self, data: Mapping[str, Any], actor: Actor, at: datetime, measure: Measure | None = None) -> None:
        super().__init__(data=data, auto_id="asked_%s")
        self.actor, self.present = actor, month(day_of(at).year, day_of(at).month)
        self.told = scope(actor)
        self.fields = {"from": _day_field(_("自")), "to": _day_field(_("至"))} | self.fields
        units: Any = self.fields["unit"]
        units.queryset = Unit.objects.filter(pk__in=self.told.units).order_by("code")
        if measure is None or measure.is_of_cases:
            for name in ("head", "category", "region"):
                del self.fields[name]
        else:
            self._offer_categories()

    def _offer_categories(self) -> None:
        self.catalogue = list(Category.objects.select_related("parent"))
        none = [(NOTHING, _("未分类"))]
        ordered = sorted(self.catalogue, key=lambda c: (c.head.pk, c.pk))
        choices = {"head": [c for c in self.catalogue if c.parent_id is None], "category": ordered}
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = [("", _("不限")), *((c.path, str(c)) for c in offered), *none]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("from"), given.get("to")
        if first and last and last < first:
            self.add_error("to", _("结束日期不能早于开始日期。"))
        return given

    @property
    def period(self) -> Period:
        """If only one day is given it is both first and last."""
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        if first is None and last is None:
            return self.present
        return between(first or last, last or first)

    @property
    def scope(self) -> Scope:
        unit = self.cleaned_data["unit"]
        units = {unit.pk: unit} if unit else self.told.units
        return Scope(units, self.actor, self._narrow())

    @property
    def named(self) -> list[str]:
        """The filters, in words."""
        given = self.cleaned_data
        words = [str(given["unit"])] if given["unit"] else []
        for name in ("head", "category"):
            if given.get(name):
                field: Any = self.fields[name]
                words.append(str(dict(field.choices)[given[name]]))
        if given.get("region"):
            words.append(str(_("未登记地区")) if given["region"] == NOTHING else given["region"])
        return words

    def _narrow(self) -> dict[str, Any]:
        given = self.cleaned_data
        narrow: dict[str, Any] = {}
        if given.get("category"):
            narrow["category_id__in"] = [c.pk for c in self.catalogue if c.path == given["category"]]
        if given.get("head"):
            narrow["category__in"] = [c.pk for c in self.catalogue if c.head.name == given["head"]]
        for name in ("category", "head"):
            if given.get(name) == NOTHING:
                narrow = {"category": None}
        if given.get("region"):
            narrow["region"] = "" if given["region"] == NOTHING else given["region"]
        return narrow
