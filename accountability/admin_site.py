"""The admin: entered by the roles a person serves in."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class OfficeAdminSite(admin.AdminSite):
    """Django's admin without staff flag or superuser: marketing and auditors come in (they sign in on the page of all)."""

    site_header = site_title = _("首问责任制管理")
    index_title = _("市场部工作台")

    def has_permission(self, request: HttpRequest) -> bool:
        actor = getattr(request, "actor", None)
        return bool(actor and (actor.is_marketing or actor.is_auditor))

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("sign_in")
