"""The forms with which people sign in and set their own password; the lockout counts every try."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accountability.models import ActivationCode, Employee
from accountability.signin import activation, lockout, passwords

NEW = {"autocomplete": "new-password"}
CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"}


class SignInForm(AuthenticationForm):
    """Username and password, which may be the one of the company's directory."""

    def get_invalid_login_error(self) -> ValidationError:
        if not getattr(self.request, "is_directory_away", False):
            return super().get_invalid_login_error()
        if settings.LDAP_ONLY:
            return ValidationError(_("公司账号服务暂时无法使用，请稍后再试。"), code="away")
        return ValidationError(_("公司账号服务暂时无法使用，请稍后再试；有本系统密码的，可以用它登录。"), code="away")


class ChangeForm(PasswordChangeForm):
    """The present password, then the new one twice."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.at: datetime = request.at  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = passwords.advice(self.at)

    def clean_old_password(self) -> str:
        """Count the try: somebody who finds an open session must not be able to guess the password there."""
        attempt = lockout.begin(self.user, self.request)
        if attempt is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        typed: str = super().clean_old_password()
        lockout.succeeded(attempt)
        return typed

    def validate_password_for_user(self, user: Any, password_field_name: str = "new_password2") -> None:  # noqa: S107 # nosec B107
        _check(self, user, self.at)

    def save(self, commit: bool = True) -> Employee:
        passwords.put(self.user, self.cleaned_data["new_password1"], self.at, session=self.request.session.session_key)
        return self.user


class ActivationForm(forms.Form):
    """The account, the code, and the password twice."""

    error = _("工号或激活码不正确，或者激活码已失效。")

    username = forms.CharField(label=_("工号"), max_length=64, widget=forms.TextInput({"autocomplete": "username"}))
    code = forms.CharField(label=_("激活码"), max_length=80, widget=forms.TextInput(CODE))
    new_password1 = forms.CharField(label=_("新密码"), strip=False, widget=forms.PasswordInput(NEW))
    new_password2 = forms.CharField(label=_("再输一次新密码"), strip=False, widget=forms.PasswordInput(NEW))

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request
        self.at: datetime = request.at  # type: ignore[attr-defined]
        self.found: ActivationCode | None = None
        self.fields["new_password1"].help_text = passwords.advice(self.at)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "username" in given and "code" in given:
            self.found = self._code(given["username"], given["code"])
            if self.found is None:
                raise ValidationError(self.error)
        if self.found and "new_password1" in given and "new_password2" in given:
            if given["new_password1"] != given["new_password2"]:
                self.add_error("new_password2", _("两次输入的密码不一致。"))
            else:
                _check(self, self.found.employee, self.at)
        return given

    def _code(self, username: str, typed: str) -> ActivationCode | None:
        """The valid code, if it is one; tries are counted like those of a password."""
        person = Employee.objects.filter(username=username).first()
        attempt = lockout.begin(person, self.request)
        found = activation.good_code(username, typed, self.at) if attempt else None
        if found and attempt:
            lockout.succeeded(attempt)
        return found


def _check(form: forms.Form | Any, person: Employee, at: datetime) -> None:
    """Errors in the password are shown at the first field, not at the repetition."""
    typed = form.cleaned_data.get("new_password2")
    if typed:
        try:
            passwords.check(typed, person, at)
        except ValidationError as error:
            form.add_error("new_password1", error)
