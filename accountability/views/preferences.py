"""How the signed-in person wants to be notified off-screen: addresses, language, and channels for each topic."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.encoding import punycode
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accountability.declarations.notices import Topic
from accountability.models import Channel, Delivery, Preferences
from accountability.notices.channels import configured
from accountability.security import telephone
from accountability.security.encryption import normal_phone
from accountability.signin.backend import record
from accountability.web.request import Request

EXAMPLES: dict[str, str | Promise] = {
    Topic.CLOCK: gettext_lazy("派单到本单位、30分钟时限预警和超时。夜间也发送。"),
    Topic.WORK: gettext_lazy("接收、处理、判断、回复，催办，需要协调。"),
    Topic.LIMITS: gettext_lazy("处理、回复等时限用去50%、80%，或已超时。"),
    Topic.WAITING: gettext_lazy("等待过久、日历未公布、渠道发送失败。"),
    Topic.NEWS: gettext_lazy("退回裁定、连带责任、归档等，看过即可。"),
}


ON_SCREEN = ("shortcuts", "counts_in_title", "plays_sound")


class PreferencesForm(forms.Form):
    """Addresses, language, keys, and for each topic a row of boxes, one for each available channel."""

    email = forms.EmailField(label=gettext_lazy("电子邮箱"), required=False, max_length=254)
    mobile = forms.CharField(label=gettext_lazy("手机号码"), required=False, max_length=20)
    office = forms.CharField(
        label=gettext_lazy("办公电话"), required=False, max_length=30,
        help_text=gettext_lazy("与您办理同一投诉的同事可以看到，点一下即可拨打。"),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("通知语言"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    shortcuts = forms.BooleanField(label=gettext_lazy("使用单键快捷键"), required=False)
    counts_in_title = forms.BooleanField(label=gettext_lazy("在浏览器标签上显示未读数"), required=False)
    plays_sound = forms.BooleanField(
        label=gettext_lazy("新到派单时响铃"), required=False,
        help_text=gettext_lazy("浏览器要在您点过页面之后才会出声。"),
    )  # fmt: skip

    def __init__(self, preferences: Preferences, data: Any = None) -> None:
        chosen = {topic: preferences.channels_for(topic) for topic in Topic.values}
        known: dict[str, Any] = {name: getattr(preferences, name) for name in ("language", *ON_SCREEN)}
        super().__init__(data, initial=known | preferences.addresses | chosen)
        self.preferences = preferences
        ways = configured()
        self.channels = [channel for channel in Channel if channel in ways]
        for name, control in (("email", "email"), ("mobile", "tel"), ("office", "tel")):
            self.fields[name].widget.attrs |= {"autocomplete": control, "inputmode": control}
        if all(way.address != "mobile" for way in ways.values()):
            del self.fields["mobile"]
        for topic in Topic:
            self.fields[topic] = forms.MultipleChoiceField(
                label=topic.label, required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(channel.value, channel.label) for channel in self.channels],
            )  # fmt: skip

    def clean_email(self) -> str:
        """An address that can't be written in a message's header would look like a dead channel."""
        typed: str = self.cleaned_data["email"]
        try:
            punycode(typed.rpartition("@")[2])
        except UnicodeError:
            raise forms.ValidationError(validate_email.message) from None
        return typed

    def clean_mobile(self) -> str:
        """Eleven digits, however they are written."""
        typed: str = self.cleaned_data["mobile"]
        digits = normal_phone(typed)
        if typed and not re.fullmatch(r"1[3-9][0-9]{9}", digits):
            raise forms.ValidationError(_("请填写11位手机号码。"))
        return digits

    def clean_office(self) -> str:
        typed: str = self.cleaned_data["office"]
        try:
            return telephone.as_recorded(typed) if typed else ""
        except telephone.NoNumber as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def rows(self) -> list[dict[str, Any]]:
        """The table: a topic, what is in it, its boxes."""
        return [{"field": self[topic], "example": EXAMPLES[topic]} for topic in Topic]

    def save(self, at: Any) -> None:
        """Save the choices. A channel that this deployment lacks at present keeps its earlier choice and address."""
        preferences, given = self.preferences, self.cleaned_data
        for topic in Topic:
            absent = [name for name in preferences.channels_for(topic) if name not in self.channels]
            preferences.chosen[str(topic)] = [*given[topic], *absent]
        preferences.addresses |= {name: given[name] for name in ("email", "mobile", "office") if name in given}
        preferences.language, preferences.changed_at = given["language"], at
        for name in ON_SCREEN:
            setattr(preferences, name, given[name])
        preferences.save()


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Request) -> HttpResponse:
    """One's own page; nobody sees another's."""
    mine = Preferences.objects.filter(pk=request.actor.pk).first() or Preferences(employee_id=request.actor.pk)
    form = PreferencesForm(mine, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save(request.at)
        record(request, "change_preferences", request.actor.employee)
        messages.success(request, _("个人设置已保存。"))
        return redirect("preferences")
    context = {"form": form, "last": _last(request.actor.pk, form.channels), "quiet": settings.QUIET_HOURS}
    return render(request, "accountability/notices/preferences.html", context, status=422 if form.is_bound else 200)


def _last(employee_id: int, channels: list[Channel]) -> list[dict[str, Any]]:
    """The result of the latest message on each channel: one query per channel."""
    tried = Delivery.objects.filter(recipient_id=employee_id).exclude(state=Delivery.State.DROPPED)
    found = [(channel, tried.filter(channel=channel).order_by("-pk").first()) for channel in channels]
    return [{"channel": channel, "delivery": delivery} for channel, delivery in found]
