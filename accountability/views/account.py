"""Signing in and out, and one's own password; each leaves a row in the access log (accountability/signins.py)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import views
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accountability.signins import record


class SignIn(views.LoginView):
    """By username and password; five failures from one address lock the account there for twenty minutes (axes)."""

    template_name = "registration/login.html"
    http_method_names = ["get", "head", "post"]
    redirect_authenticated_user = True

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """A page whose session has ended while it stood open asks for a part of itself: all of it goes to sign in.

        It comes back to itself afterwards; what was typed on it is in its draft.
        """
        if request.htmx:
            back = urlencode({"next": request.htmx.current_url_abs_path or "/"})
            return HttpResponseClientRedirect(f"{reverse('sign_in')}?{back}")
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        # The instant of the last sign-in is no change of the person: it makes no history row.
        form.get_user().skip_history_when_saving = True
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """A refused form is never answered with 200, so that programs can tell."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class SignOut(views.LogoutView):
    """By POST only: a link on another page must not sign anybody out."""


class ChangePassword(views.PasswordChangeView):
    """One's own password; every other session of the person ends with it."""

    template_name = "registration/password.html"
    http_method_names = ["get", "head", "post"]
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        form.user._history_date = self.request.at  # type: ignore[attr-defined]
        response = super().form_valid(form)
        record(self.request, "change_password", form.user)
        messages.success(self.request, _("密码已更换，其他设备上的登录已全部退出。"))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response
