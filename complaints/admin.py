"""Complaints and rounds in the administration: to look up, without the customer's data."""

from django.contrib import admin

from accountability.admin_site import GuardedAdmin
from complaints.models import Complaint, Round


@admin.register(Complaint)
class ComplaintAdmin(GuardedAdmin):
    exclude = ["intake"]
    list_display = ["matter", "state", "category", "priority", "region", "agent", "registered_at", "archived_at"]
    list_filter = ["state", "priority"]
    list_select_related = ["matter", "category__parent", "agent"]
    search_fields = ["=matter__number"]


@admin.register(Round)
class RoundAdmin(GuardedAdmin):
    list_display = ["notice_number", "unit", "state", "handler", "leader", "head", "delivered_at", "ended_at"]
    list_filter = ["state"]
    list_select_related = ["unit", "handler", "leader", "head"]
    search_fields = ["=notice_number", "=complaint__matter__number"]
