"""Whether the record is sealed and valid: for those who watch over it, without its content."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accountability.audit.findings import sentence
from accountability.audit.watch import is_late, is_unreadable, is_verification_late, latest, verified
from accountability.models import Seal
from accountability.web.request import Request, page_by_key


@require_safe
def record(request: Request) -> HttpResponse:
    """The newest seals, whether one is late, and what the last verification found."""
    if not request.actor.oversees_record:
        raise PermissionDenied
    last = latest()
    checked = verified()
    context = {
        "last": last,
        "is_late": is_late(last, request.at),
        "checked": checked,
        "is_unreadable": is_unreadable(),
        "is_verification_late": is_verification_late(request.at),
        "found": [sentence(finding) for finding in checked.findings] if checked else [],
        "page": page_by_key(Seal.objects.all(), ["-number"], request),
    }
    return render(request, "accountability/audit/record.html", context)
