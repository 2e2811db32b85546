"""The form for a reason, which whoever looks at a customer's number beyond their own work fills in each time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accountability.gate.fields import seen_of
from accountability.privacy.revealing import LEAST, MOST, Purpose


class ReasonForm(forms.Form):
    """The reason in two parts: the purpose, for counting, and the words, for judging."""

    purpose = forms.ChoiceField(
        label=_("用途"), choices=[("", _("请选择")), *Purpose.choices],
        error_messages={"required": _("请选择用途。"), "invalid_choice": _("请选择用途。")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("理由"), min_length=LEAST, max_length=MOST,
        help_text=_("至少 5 个字；记入访问日志，请勿写客户的姓名和号码。"),
        error_messages={
            "required": _("请写明理由。"),
            "min_length": _("理由至少 %(limit_value)d 个字，现有 %(show_value)d 个。"),
            "max_length": _("理由最多 %(limit_value)d 个字，现有 %(show_value)d 个。"),
        },
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data=data, auto_id="id_reveal_%s")

    def clean_reason(self) -> str:
        """Count visible characters only: spaces and invisible ones don't count."""
        reason: str = self.cleaned_data["reason"]
        if (seen := len(seen_of(reason))) < LEAST:
            raise forms.ValidationError(
                self.fields["reason"].error_messages["min_length"] % {"limit_value": LEAST, "show_value": seen}
            )
        return reason

    def noted(self, mask: Any) -> str:
        """The text for the access log."""
        return f"{self.cleaned_data['purpose']} {mask(self.cleaned_data['reason'])}"
