"""One's own limits for a calendar program: the page where its address is made and ended, and what it reads there."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.models import ActingEmployee, Preferences
from accountability.signin import calendar_feeds
from accountability.signin.backend import record
from accountability.web import calendar_file
from accountability.web.request import Request


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_calendar(request: Request) -> HttpResponse:
    """Whether one has an address, and a new one, shown once. Where calendars are off none is made."""
    if request.method == "POST":
        if not settings.CALENDAR_FEEDS:
            raise Http404
        secret = calendar_feeds.make(request.actor.employee, request.at)
        record(request, "make_calendar", request.actor.employee)
        address = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
        return render(request, "accountability/signin/calendar_address.html", {"address": address})
    if not calendar_feeds.are_of_use(request.actor.pk):
        raise Http404
    context = {"feed": calendar_feeds.of(request.actor.pk), "is_on": settings.CALENDAR_FEEDS}
    return render(request, "accountability/signin/calendar.html", context)


@require_POST
def end_calendar(request: Request) -> HttpResponse:
    """End one's own address at once."""
    if not calendar_feeds.end(request.actor.pk):
        raise Http404
    record(request, "end_calendar", request.actor.employee)
    messages.success(request, _("日历订阅地址已作废。"))
    return redirect("my_sessions")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, link: str) -> HttpResponse:
    """The limits of the person whose secret it is. A session counts for nothing; what opens nothing is not found."""
    at = request.at  # type: ignore[attr-defined]
    reader = calendar_feeds.reader_of(link, at)
    if reader is None:
        raise Http404
    with override(_language_of(reader)):
        content = calendar_file.of_own_limits(reader, request, at)
    return HttpResponse(
        content, content_type=calendar_file.CONTENT_TYPE,
        headers={"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"},
    )  # fmt: skip


def _language_of(reader: ActingEmployee) -> str:
    known = Preferences.objects.filter(employee=reader.pk).values_list("language", flat=True).first()
    return known or settings.LANGUAGE_CODE
