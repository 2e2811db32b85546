"""The system administrator's desk: what runs and what has stopped, without any content of complaints."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.monitoring.system_health import GROUPS, checks_of
from accountability.web.request import Request


@never_cache
@require_safe
def operations(request: Request) -> HttpResponse:
    """Every check of every group, at this instant."""
    if not request.actor.is_system_admin:
        raise PermissionDenied
    groups = [(label, checks_of(group, request.at)) for group, label in GROUPS.items()]
    failing = sum(one.tone == "danger" for _label, checks in groups for one in checks)
    return render(request, "accountability/monitoring/operations.html", {"groups": groups, "failing": failing})
