"""What can't be done now: a page that says when to try again, and sends what was typed then.

It is shown where requests are too many or this machine's clock is wrong (`config.limits`), and where the database is
away (`config.views.server_error`). It looks nobody up.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import MiddlewareNotUsed
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accountability.db.away import is_of_the_database
from config.production import demand_safe_start

NEVER_KEPT = ("password", "csrf", "token", "code")
"""Fields that the page doesn't keep."""

WAIT = 10
"""Seconds after which the database may be back."""


def database_away(request: HttpRequest) -> HttpResponse:
    return unavailable(request, _("数据库暂时没有应答，请稍候再试。"))


def unavailable(request: HttpRequest, sentence: str) -> HttpResponse:
    """503. The form's own key is kept: if the act was carried out after all, sending it again does nothing."""
    return try_again(request, 503, _("系统暂时不可用"), sentence, WAIT)


def try_again(
    request: HttpRequest, status: int, title: str, sentence: str, wait: int, *, not_kept: tuple[str, ...] = NEVER_KEPT
) -> HttpResponse:
    """The seconds to wait, and a button that sends the typed values again: none where files would be lost by that."""
    request.user, request.actor = AnonymousUser(), None  # type: ignore[attr-defined]
    vars(request).pop("_messages", None)  # they are in the session, which may not be readable
    typed: list[tuple[str, str]] = []
    lost = False
    if request.method == "POST" and not request.FILES:
        names = [name for name in request.POST if name != "csrfmiddlewaretoken"]
        kept = [name for name in names if not any(word in name.lower() for word in not_kept)]
        typed = [(name, value) for name in kept for value in request.POST.getlist(name)]
        lost = any(name not in kept and not name.startswith("_") for name in names)
    context = {
        "status": status, "title": title, "sentence": sentence, "typed": typed, "lost": lost,
        "posted": request.method == "POST",
    }  # fmt: skip
    response = render(request, "try_again.html", context, status=status)
    response.headers["Retry-After"] = str(wait)
    return response


class SafeStart:
    """Serves nothing until this deployment is known to be safe. A process that starts while the database is away can't
    ask for the accounts: it asks with each request, and answers 503 until it knows. If it ended instead, gunicorn would
    end with it, and the processes that still serve too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Where it is known at once, as nearly always, no request comes by here."""
        if self._is_known():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if self._is_known() else database_away(request)

    @staticmethod
    def _is_known() -> bool:
        try:
            return demand_safe_start()
        except Error as error:
            if not is_of_the_database(error):
                raise
            return False
