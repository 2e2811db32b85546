"""Signing in with the company's account (OpenID Connect). Without `OIDC_ISSUER` none of these addresses is there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accountability.signin import company_accounts, provider
from accountability.signin.backend import record
from accountability.views.account import tell_of_failures
from accountability.views.second_factor import next_page
from accountability.web.request import Request

log = logging.getLogger(__name__)

PENDING = "company_sign_in"
"""In a session: the sign-in that was begun, good for one return."""

TIME_TO_SIGN_IN = 600
"""Seconds."""

LONGEST = 2048
"""Characters of what the browser brings back."""

View = Callable[..., HttpResponse]


def where_configured(view: View) -> View:
    """Open to anybody where the settings name a provider."""

    @login_not_required
    @never_cache
    @wraps(view)
    def opened(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            raise Http404
        return view(request, *args, **kwargs)

    return opened


@where_configured
@require_http_methods(["GET"])
def company_sign_in(request: Request) -> HttpResponse:
    """Send the browser to the provider. What it must bring back is remembered in its session."""
    wanted = next_page(request)
    if request.user.is_authenticated:
        return redirect(wanted)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":  # somebody else's page may not sign anybody in
        return redirect(f"{reverse('sign_in')}?{urlencode({'next': wanted})}")
    try:
        place, pending = provider.begin(request.build_absolute_uri(reverse("company_return")))
    except provider.NotTaken as fault:
        return _refused(request, fault)
    request.session[PENDING] = pending | {"next": wanted, "at": request.at.timestamp()}
    request.session.set_expiry(TIME_TO_SIGN_IN)
    return redirect(place)


@where_configured
@require_http_methods(["GET"])
def company_return(request: Request) -> HttpResponse:
    """The browser is back: who is it? A sign-in is judged once, whatever comes of it."""
    pending = request.session.pop(PENDING, None)
    said = {name: str(value)[:LONGEST] for name, value in request.GET.items() if name in ("state", "code", "iss")}
    try:
        if pending is None or request.at.timestamp() - pending["at"] > TIME_TO_SIGN_IN:
            raise provider.Untrue("state")
        account = company_accounts.by_token(provider.finish(pending, said, request.at))
        comer = company_accounts.judge(account, request.at)
        company_accounts.let_in(request, comer)
    except provider.NotTaken as fault:
        return _refused(request, fault)
    tell_of_failures(request)
    return redirect(pending["next"])


def _refused(request: Request, fault: provider.NotTaken) -> HttpResponse:
    """One sentence for everything that the account may lack. The access log has the word, and the person where they are
    somebody here: a name that nobody bears stays out of it.
    """
    person = getattr(fault, "person", None)
    record(
        request, "sign_in", None, result="refused",
        detail=f"company_sign_in {fault.why} {person.username if person else ''}".rstrip(),
    )  # fmt: skip
    if isinstance(fault, company_accounts.Refused):
        status, sentence = 403, _("公司账号已核对，但不能用它登录本系统。请联系安全管理员。")
    elif isinstance(fault, provider.Unreachable):
        log.warning("The company's sign-on service can't be used: %s", fault.why)
        status, sentence = 503, _("公司账号服务暂时无法使用，请稍后再试。")
    else:
        status, sentence = 400, _("这次登录没有完成，或者已经失效，请重新登录。")
    return render(request, "accountability/signin/company_refused.html", {"sentence": sentence}, status=status)


@csrf_exempt
@where_configured
@require_POST
def company_sign_out(request: Request) -> HttpResponse:
    """The provider says that somebody signed out there: their sessions here end. It has no session and no form's token;
    its signature stands instead.
    """
    try:
        person = company_accounts.end_sessions_of(provider.signed_out(request.POST.get("logout_token"), request.at))
    except provider.NotTaken:
        return HttpResponse(status=400)
    if person is not None:
        record(request, "sign_out", person, detail="company_sign_out")
    return HttpResponse()
