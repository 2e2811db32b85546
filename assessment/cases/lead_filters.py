"""The filters of the list of leads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.declarations.limits import limit_kinds
from accountability.models import Unit
from assessment.cases.leads import is_first
from assessment.models import LEAD_KINDS

KINDS = [("", _("不限")), *[(name, label) for name, label in limit_kinds() if name in LEAD_KINDS]]


class LeadFilters(forms.Form):
    """Filters from the address; an unreadable value shows an error at its field and is ignored."""

    unit = forms.ModelChoiceField(
        label=_("责任单位"), queryset=Unit.objects.order_by("kind", "code"), to_field_name="code",
        empty_label=_("不限"), required=False,
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("未履行的时限"), choices=KINDS, required=False)
    focus = forms.BooleanField(label=_("只看重点（服务态度、业务办理、升级）"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data=data, auto_id="filter_%s")
        self.is_valid()

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def where(self, deadline: str = "") -> Q:
        """For a query over deadlines, or over what leads to them by this path (ending in `__`)."""
        given, where = self.cleaned_data, Q()
        if given.get("unit"):
            where &= Q(**{f"{deadline}unit": given["unit"]})
        if given.get("kind"):
            where &= Q(**{f"{deadline}kind": given["kind"]})
        if given.get("focus"):
            where &= is_first(f"{deadline}matter__complaint")
        return where
