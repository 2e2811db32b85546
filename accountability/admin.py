"""The foundation's records in the administration. Personal data are never registered here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accountability.admin_site import GuardedAdmin
from accountability.context import actor_of
from accountability.models import (
    AccessLog,
    Alarm,
    Appointment,
    CalendarYear,
    Category,
    Deadline,
    Employee,
    LedgerEntry,
    Region,
    TimeLimits,
    Unit,
)


@admin.register(Unit)
class UnitAdmin(GuardedAdmin):
    list_display = ["code", "name", "kind", "head"]
    list_filter = ["kind"]
    list_select_related = ["head"]
    search_fields = ["code", "name"]


@admin.register(Region)
class RegionAdmin(GuardedAdmin):
    list_display = ["name", "unit"]
    list_select_related = ["unit"]
    search_fields = ["name"]


@admin.register(Employee)
class EmployeeAdmin(GuardedAdmin):
    fields = ["username", "name", "unit", "supervisor", "is_active"]
    list_display = ["username", "name", "unit", "supervisor", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["unit", "supervisor"]
    search_fields = ["username", "name"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Not by password: a list narrowed by it would tell the hash letter by letter."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)


@admin.register(Appointment)
class AppointmentAdmin(GuardedAdmin):
    list_display = ["employee", "role", "starts_on", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["employee"]
    search_fields = ["employee__username", "employee__name"]


class CategoryForm(forms.ModelForm):
    """A leaf of the catalogue, and why it is changed: the reason goes to its history."""

    reason = forms.CharField(label=_("修订理由"), max_length=100)

    class Meta:
        model = Category
        fields = ["parent", "name", "answered_by", "is_active"]

    def clean_answered_by(self) -> str:
        """A unit's code, or "branch" for the branch of the customer's region."""
        code: str = self.cleaned_data["answered_by"]
        if code != "branch" and not Unit.objects.filter(code=code).exists():
            raise forms.ValidationError(_("请填写单位代码，或 branch（客户归属地分公司）。"))
        return code


@admin.register(Category)
class CategoryAdmin(GuardedAdmin):
    """The one catalogue edited here: marketing adds and renames leaves (R8, R15). Heads are the notice's own."""

    is_edited = True
    form = CategoryForm
    list_display = ["path", "answered_by", "network_limits", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "parent__name"]
    history_list_display = ["history_change_reason"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and actor.is_marketing

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request) and (obj is None or obj.parent_id is not None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        named = ["parent", "name", "answered_by", "is_active"]
        return [*named, "reason"] if self.has_change_permission(request, obj) else [*named, "network_limits"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A leaf stays below its head: moved, it would change what earlier complaints were about."""
        return ["parent", "network_limits"] if obj else ["network_limits"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            kwargs |= {"queryset": Category.objects.filter(parent=None), "required": True}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data["reason"]
        obj._history_date = request.at  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


@admin.register(CalendarYear)
class CalendarYearAdmin(GuardedAdmin):
    list_display = ["year", "version", "published_by", "published_at", "reason"]
    list_select_related = ["published_by"]


@admin.register(TimeLimits)
class TimeLimitsAdmin(GuardedAdmin):
    list_display = ["version", "in_force_from", "author", "reason"]
    list_select_related = ["author"]


@admin.register(Deadline)
class DeadlineAdmin(GuardedAdmin):
    list_display = ["matter", "kind", "part", "unit", "due_at", "met_at", "missed_at", "voided_at"]
    list_filter = ["kind"]
    list_select_related = ["matter", "unit"]
    search_fields = ["matter__number"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(GuardedAdmin):
    fields = ["matter", "seq", "verb", "actor", "at", "recorded_at", "part", "facts", "hmac"]
    list_display = ["matter", "seq", "verb", "actor", "at", "part"]
    list_select_related = ["matter", "actor"]
    search_fields = ["matter__number"]


@admin.register(AccessLog)
class AccessLogAdmin(GuardedAdmin):
    """Who looked at what: for the auditors alone."""

    auditors_only = True
    list_display = ["at", "actor", "action", "result", "matter", "detail", "address"]
    list_filter = ["result"]
    list_select_related = ["actor", "matter"]
    search_fields = ["actor__username", "matter__number"]


@admin.register(Alarm)
class AlarmAdmin(GuardedAdmin):
    list_display = ["key", "kind", "matter", "unit", "since", "raised_at", "cleared_at"]
    list_filter = ["kind"]
    list_select_related = ["matter", "unit"]
