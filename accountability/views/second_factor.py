"""Showing the second factor after the password, and binding a device; until then no other page opens (middleware)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accountability.models import Authenticator, sign_in_policy
from accountability.signin import company_accounts, lockout, second_factor, sessions
from accountability.signin.backend import FAILED_BEFORE, record
from accountability.signin.passwords import is_right
from accountability.views.account import tell_of_failures
from accountability.web.request import Request

WRONG = gettext_lazy("口令不正确，或者已经用过。请等下一个口令再试。")


class CodeForm(forms.Form):
    """Six digits from the device; where `recovery` is allowed, a recovery code as well."""

    code = forms.CharField(
        label=gettext_lazy("动态口令"), max_length=40, strip=True,
        widget=forms.TextInput({
            "autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "autofocus": True,
        }),
    )  # fmt: skip


class RecoveryForm(CodeForm):
    code = forms.CharField(
        label=gettext_lazy("恢复码"), max_length=40, strip=True,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )  # fmt: skip


class PasswordForm(forms.Form):
    """Replacing a device requires the password once more."""

    password = forms.CharField(
        label=gettext_lazy("当前密码"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request) -> HttpResponse:
    """The code of one's device, or with `?recovery=1` a recovery code; counted like passwords, each valid once."""
    found = second_factor.of(request.actor.pk)
    if found is None:
        return redirect("enrol")
    if request.session.get(sessions.VERIFIED):
        return redirect(next_page(request))
    by_recovery = "recovery" in request.GET
    form = (RecoveryForm if by_recovery else CodeForm)(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if is_right_code(request, found, form.cleaned_data["code"], by_recovery=by_recovery):
            return _let_in(request, "recovery_code" if by_recovery else "second_factor")
        record(request, "second_factor", request.actor.employee, result="refused")
        form.add_error("code", _("恢复码不正确，或者已经用过。") if by_recovery else WRONG)
    context = {
        "form": form,
        "by_recovery": by_recovery,
        "next": next_page(request),
        "demo_code": _demo_code(request, found),
        "policy": sign_in_policy(request.at),
    }
    return render(request, "accountability/signin/second_factor.html", context, status=422 if form.is_bound else 200)


def is_right_code(request: Request, found: Authenticator, code: str, *, by_recovery: bool = False) -> bool:
    person = request.actor.employee
    attempt = lockout.begin(person, request, is_code=True)
    if attempt is None:
        return False
    takes = second_factor.takes_recovery if by_recovery else second_factor.takes
    if not takes(found, code, request.at):
        return False
    lockout.succeeded(attempt)
    return True


def _let_in(request: Request, how: str) -> HttpResponse:
    sessions.verify(request)
    request.session[FAILED_BEFORE] = lockout.let_in(request.actor.employee, request)
    record(request, how, request.actor.employee)
    company_accounts.link_waiting(request)
    tell_of_failures(request)
    if how == "recovery_code":
        messages.warning(request, _("恢复码只能用一次。设备丢失时，请在“双因素认证”中更换设备。"))
    return redirect(next_page(request))


def next_page(request: Request) -> str:
    """The page that the person was going to, if it is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("home")


def _demo_code(request: Request, found: Authenticator) -> str:
    """In the demo nobody has the people's devices: the page shows the next code that would be accepted."""
    if not settings.DEMO:
        return ""
    now = second_factor.step_of(request.at)
    return second_factor.code_at(found, min(max(now, found.last_step + 1), now + second_factor.DRIFT))


# Binding a device


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: Request) -> HttpResponse:
    """The state of one's device; with a new secret its picture, and the form for a code that confirms it."""
    known = Authenticator.objects.filter(pk=request.actor.pk).first()
    if known is not None and known.confirmed_at is None:
        return _confirm(request, known)
    if known is not None and not request.session.get(sessions.VERIFIED):
        return redirect("second_factor")
    if request.method == "POST":  # a form from an earlier page: there is nothing to confirm
        return redirect("enrol")
    return _offer(request, known, PasswordForm() if known else None)


def _offer(request: Request, known: Authenticator | None, form: PasswordForm | None, status: int = 200) -> HttpResponse:
    """The page to bind a device, or to replace the bound one."""
    left = known.recovery_codes.filter(used_at=None).count() if known else 0
    context = {"known": known, "recovery_left": left, "form": form, "is_owed": second_factor.is_owed(request)}
    return render(request, "accountability/signin/enrol.html", context, status=status)


@sensitive_post_parameters()
@require_POST
def begin_enrolment(request: Request) -> HttpResponse:
    """Make a new secret. To replace a confirmed device, the person must have shown it and enters the password once
    more.
    """
    known = second_factor.of(request.actor.pk)
    if known is not None:
        if not request.session.get(sessions.VERIFIED):
            raise PermissionDenied
        form = PasswordForm(request.POST)
        if not _has_password(request, form):
            return _offer(request, known, form, status=422)
    second_factor.begin(request.actor.employee, request.at)
    record(request, "begin_second_factor", request.actor.employee)
    if known is not None:  # sessions opened with the old device are closed until the new one is shown
        sessions.end_all(request.actor.pk, but=request.session.session_key)
        request.session[sessions.VERIFIED] = False
    return redirect("enrol")


def _has_password(request: Request, form: PasswordForm) -> bool:
    if not form.is_valid():
        return False
    attempt = lockout.begin(request.actor.employee, request)
    if attempt is None or not is_right(request.user, form.cleaned_data["password"], request.at):
        form.add_error("password", _("密码不正确。"))
        return False
    lockout.succeeded(attempt)
    return True


def _confirm(request: Request, known: Authenticator) -> HttpResponse:
    person = request.actor.employee
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        attempt = lockout.begin(person, request, is_code=True)
        codes = second_factor.confirm(known, form.cleaned_data["code"], request.at) if attempt else None
        if attempt and codes:
            lockout.succeeded(attempt)
            lockout.let_in(person, request)
            sessions.verify(request)
            record(request, "bind_second_factor", person)
            company_accounts.link_waiting(request)
            return render(request, "accountability/signin/recovery_codes.html", {"codes": codes})
        form.add_error("code", WRONG)
    context: dict[str, Any] = {
        "form": form,
        "picture": second_factor.picture(second_factor.address(known, person)),
        "secret": second_factor.in_groups(second_factor.secret_text(known)).replace("-", " "),
        "demo_code": _demo_code(request, known),
        "policy": sign_in_policy(request.at),
    }
    return render(request, "accountability/signin/confirm.html", context, status=422 if form.is_bound else 200)
