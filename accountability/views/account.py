"""Signing in and out, one's own password and sessions; each leaves a row in the access log (`signin/backend.py`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accountability.models import sign_in_policy
from accountability.signin import activation, calendar_feeds, company_accounts, sessions, tokens
from accountability.signin.backend import FAILED_BEFORE, PASSWORD_OLD, record
from accountability.signin.forms import ActivationForm, ChangeForm, SignInForm
from accountability.web.request import Request, page_in_sight


class SignIn(views.LoginView):
    """By username and password. Wrong, unknown, too early or closed: the answer is the same (`signin/lockout.py`), and
    where the company's directory can't be asked it says so to everybody.
    """

    template_name = "accountability/signin/login.html"
    authentication_form = SignInForm
    http_method_names = ["get", "head", "post"]
    redirect_authenticated_user = True

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """When the session of an open page has ended and it requests a part of itself, the whole page goes to sign in.

        It returns to itself afterwards; what was typed on it is in its draft.
        """
        if request.htmx:
            back = urlencode({"next": page_in_sight(request) or "/"})
            return HttpResponseClientRedirect(f"{reverse('sign_in')}?{back}")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "policy": sign_in_policy(self.request.at),  # type: ignore[attr-defined]
            "company_account": bool(settings.OIDC_ISSUER),
            "directory": bool(settings.LDAP_URI),
            "for_administrators": settings.OIDC_ONLY or settings.LDAP_ONLY,
        }

    def form_valid(self, form: Any) -> HttpResponse:
        comer = getattr(self.request, "comer", None)
        if comer is None:
            # The instant of the last sign-in is no change to the person: it makes no history row.
            form.get_user().skip_history_when_saving = True
            response = super().form_valid(form)
        else:
            try:
                company_accounts.let_in(self.request, comer)
            except company_accounts.Refused as fault:
                why = f"company_sign_in {fault.why} {comer.person.username}"
                record(self.request, "sign_in", None, result="refused", detail=why)
                form.add_error(None, form.get_invalid_login_error())
                return self.form_invalid(form)
            response = redirect(self.get_success_url())
        tell_of_failures(self.request)  # type: ignore[arg-type]
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """A refused form is never answered with 200, so that programs can tell."""
        response = super().form_invalid(form)
        response.status_code = 503 if getattr(self.request, "is_directory_away", False) else 422
        return response


def tell_of_failures(request: Request) -> None:
    """Tell the person who signs in how often it failed before them: somebody may have been guessing."""
    count = request.session.pop(FAILED_BEFORE, 0)
    if count:
        sentence = ngettext(
            "此前有 %(count)s 次登录失败。若不是您本人所为，请告知安全管理员。",
            "此前有 %(count)s 次登录失败。若不是您本人所为，请告知安全管理员。",
            count,
        )
        messages.warning(request, sentence % {"count": count})


class SignOut(views.LogoutView):
    """By POST only: a link on another page must not sign anybody out."""


class ChangePassword(views.PasswordChangeView):
    """Change one's own password; every other session of the person ends with it."""

    template_name = "accountability/signin/password.html"
    http_method_names = ["get", "head", "post"]
    success_url = reverse_lazy("home")
    form_class = ChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_old": self.request.session.get(PASSWORD_OLD)}

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        before = self.request.session.session_key
        update_session_auth_hash(self.request, form.user)
        sessions.renamed(self.request, before)
        self.request.session.pop(PASSWORD_OLD, None)
        record(self.request, "change_password", form.user)
        messages.success(self.request, _("密码已更换，其他设备上的登录已全部退出。"))
        return redirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: Request) -> HttpResponse:
    """With a code from the security administrator a person sets a password that nobody else knows."""
    form = ActivationForm(request, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.found:
        if activation.redeem(form.found, form.cleaned_data["new_password1"], request.at):
            record(request, "activate", form.found.employee)
            messages.success(request, _("密码已设定，请登录。"))
            return redirect("sign_in")
        form.add_error(None, form.error)
    if form.is_bound:
        record(request, "sign_in", None, result="refused", detail="activation code")
    return render(request, "accountability/signin/activate.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_safe
def my_sessions(request: Request) -> HttpResponse:
    """Where one is signed in, and since when; each session can be ended."""
    found, works = sessions.open_of(request.actor.pk), not request.actor.is_administrator
    context = {
        "sessions": [(one, sessions.is_this(request, one)) for one in found],
        "has_tokens": works and tokens.are_of_use(request.actor.pk),
        "has_calendar": works and calendar_feeds.are_of_use(request.actor.pk),
    }
    return render(request, "accountability/signin/my_sessions.html", context)


@require_POST
def end_session(request: Request, pk: int) -> HttpResponse:
    """End one of one's own sessions; somebody else's is not found."""
    if not sessions.end_one(request.actor.pk, pk):
        raise Http404
    record(request, "end_session", request.actor.employee)
    messages.success(request, _("该登录已退出。"))
    return redirect("my_sessions")
