"""The tokens that one gives to programs: issued with a fresh code of the second factor, shown once, renewed and ended.

Each of it leaves a row in the access log. Where the interface is off none is issued or renewed; those that there are
can still be ended, before somebody switches it on again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accountability.deadlines.limits import day_of
from accountability.models import ApiToken
from accountability.security.masking import mask_text, plain_digits
from accountability.signin import second_factor, sessions, tokens
from accountability.signin.backend import record
from accountability.views.second_factor import WRONG, CodeForm, is_right_code
from accountability.web.request import Request

SCOPES = (
    ("read", gettext_lazy("读取")), ("act", gettext_lazy("办理")), ("organise", gettext_lazy("机构与设置")),
)  # fmt: skip


class TokenForm(CodeForm):
    """What the token is for, what it may do, how long and from where; and a code of the device."""

    name = forms.CharField(
        label=gettext_lazy("用途"),
        max_length=60,
        help_text=gettext_lazy("使用它的系统，例如热线系统。不填写个人信息。"),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("权限"), choices=SCOPES, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不会超过您本人的权限。“办理”记在您本人名下。"),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("有效天数"), min_value=1, max_value=tokens.LONGEST_DAYS, initial=90,
        help_text=gettext_lazy("最长一年。"),
    )  # fmt: skip
    networks = forms.CharField(
        label=gettext_lazy("网络地址范围"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("每行一个，例如 10.20.0.0/16。不填则不限。"),
    )  # fmt: skip
    field_order = ("name", "scopes", "days", "networks", "code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.pop("autofocus")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if mask_text(name) != plain_digits(name):
            raise forms.ValidationError(_("不能填写电话、证件或银行卡号码。"))
        return name

    def clean_networks(self) -> list[str]:
        """Each range as its network is written; an address alone is a range of one."""
        typed = self.cleaned_data["networks"].split()
        if len(typed) > tokens.MOST_NETWORKS:
            raise forms.ValidationError(_("最多 %(most)s 个范围。") % {"most": tokens.MOST_NETWORKS})
        try:
            return [tokens.network(each) for each in typed]
        except ValueError:
            raise forms.ValidationError(_("应如 10.20.0.0/16 或 2001:db8::/32，每行一个。")) from None


class RenewForm(CodeForm):
    """How long the former secret stays good; and a code of the device."""

    overlap = forms.TypedChoiceField(
        label=gettext_lazy("旧密钥"), coerce=int, initial=0, choices=lambda: [(h, _overlap(h)) for h in tokens.OVERLAPS]
    )
    field_order = ("overlap", "code")


def _overlap(hours: int) -> str:
    return _("再用 %(hours)s 小时") % {"hours": hours} if hours else _("立即失效")


def where_it_is_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: Request, **place: Any) -> HttpResponse:
        if not settings.API_ENABLED:
            raise Http404
        return view(request, **place)

    return guarded


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_tokens(request: Request) -> HttpResponse:
    """One's own tokens, and the form for another one. Who has no device binds one first. Where the interface is off
    there is the list alone, as long as somebody has any.
    """
    if not settings.API_ENABLED:
        if request.method == "POST" or not tokens.are_of_use(request.actor.pk):
            raise Http404
        return _list(request, None, 200)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and _may_be_issued(request, form):
        typed = form.cleaned_data
        made, secret = tokens.issue(
            request.actor.employee, request.at, name=typed["name"], reads="read" in typed["scopes"],
            acts="act" in typed["scopes"], organises="organise" in typed["scopes"], days=typed["days"],
            networks=typed["networks"],
        )  # fmt: skip
        return _shown_once(request, made, secret, "issue_token")
    return _list(request, form, 422 if form.is_bound else 200)


def _list(request: Request, form: TokenForm | None, status: int) -> HttpResponse:
    context = {
        "tokens": [(one, one.expires_at < request.at) for one in ApiToken.objects.filter(employee=request.actor.pk)],
        "form": form, "has_device": second_factor.of(request.actor.pk) is not None,
    }  # fmt: skip
    return render(request, "accountability/signin/tokens.html", context, status=status)


def _may_be_issued(request: Request, form: TokenForm) -> bool:
    if not form.is_valid():
        return False
    if ApiToken.objects.filter(employee=request.actor.pk).count() >= tokens.MOST_EACH:
        form.add_error(None, _("令牌已有 %(most)s 个，请先作废不用的。") % {"most": tokens.MOST_EACH})
        return False
    return _shows_device(request, form)


def _shows_device(request: Request, form: CodeForm) -> bool:
    """Whether the code is a fresh one of the person's own device, in a session that has shown it already."""
    found = second_factor.of(request.actor.pk)
    if found is None or not request.session.get(sessions.VERIFIED):
        form.add_error(None, _("须先绑定动态口令，并用它登录。"))
        return False
    if not is_right_code(request, found, form.cleaned_data["code"]):
        record(request, "second_factor", request.actor.employee, result="refused")
        form.add_error("code", WRONG)
        return False
    return True


def _shown_once(request: Request, token: ApiToken, secret: str, action: str) -> HttpResponse:
    scopes = ",".join(token.scopes)
    record(request, action, request.actor.employee, detail=f"{token} {scopes} {day_of(token.expires_at)}")
    return render(request, "accountability/signin/token_secret.html", {"token": token, "secret": secret})


def _own(request: Request, pk: int) -> ApiToken:
    """One of one's own tokens; somebody else's is not found."""
    found = ApiToken.objects.filter(employee=request.actor.pk, pk=pk).first()
    if found is None:
        raise Http404
    return found


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@where_it_is_on
def renew_token(request: Request, pk: int) -> HttpResponse:
    """A new secret for the same token."""
    found = _own(request, pk)
    if found.expires_at < request.at or tokens.has_outgrown(found, request.actor) or not found.is_genuine:
        raise PermissionDenied
    form = RenewForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _shows_device(request, form):
        secret = tokens.renew(found, request.at, overlap=form.cleaned_data["overlap"])
        return _shown_once(request, found, secret, "renew_token")
    context = {"token": found, "form": form}
    return render(request, "accountability/signin/renew_token.html", context, status=422 if form.is_bound else 200)


@require_POST
def end_token(request: Request, pk: int) -> HttpResponse:
    """End one of one's own tokens at once. This needs no code: whoever fears for it must not look for a device."""
    found = _own(request, pk)
    detail = str(found)
    found.delete()
    record(request, "end_token", request.actor.employee, detail=detail)
    messages.success(request, _("令牌已作废。"))
    return redirect("my_tokens")
