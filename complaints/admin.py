"""Complaints, rounds and mass events in the admin site, for looking up, without the customer's data."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accountability.administration.site import GuardedAdmin
from complaints.models import Complaint, MassEvent, Round


@admin.register(Complaint)
class ComplaintAdmin(GuardedAdmin):
    place, about = 1, _("每件投诉的状态与责任人，不含客户资料")
    exclude = ["intake", "returns_before_ruling", "latest_round", "result_round"]
    list_display = ["matter", "state", "category", "priority", "region", "agent", "registered_at", "archived_at"]
    list_filter = ["state", "priority"]
    list_select_related = ["matter", "category__parent", "agent"]
    search_fields = ["=matter__number"]


@admin.register(Round)
class RoundAdmin(GuardedAdmin):
    exclude = ["complaint", "state_before_return", "draft", "material_alarmed_at"]
    readonly_fields = ["about_complaint"]
    place, about = 2, _("每次派单由谁承办、何时结束")
    list_display = ["notice_number", "unit", "state", "handler", "leader", "head", "delivered_at", "ended_at"]
    list_filter = ["state"]
    list_select_related = ["unit", "handler", "leader", "head"]
    search_fields = ["=notice_number", "=complaint__matter__number"]

    @admin.display(description=_("投诉"))
    def about_complaint(self, row: Round) -> Any:
        return row.complaint.matter.number


@admin.register(MassEvent)
class MassEventAdmin(GuardedAdmin):
    place, about = 3, _("同一地区、同一类别的集中投诉")
    exclude = ["reply_text"]
    list_display = ["matter", "region", "head", "state", "level", "peak", "since", "confirmed_by"]
    list_filter = ["state", "level"]
    list_select_related = ["matter", "head", "confirmed_by"]
    search_fields = ["=matter__number"]
