"""Who may see a complaint's customer unmasked: only as much as the work requires (PIPL 6).

One click for the holder of the open complaint, and for agents what their centre holds, since agents stand in for one
another. Supervisors and the head of the centre, and marketing, which coordinates (R14), may see any other, one at a
time, for a reason and with the second factor. Never: invited units, units whose round is over, auditors,
administrators.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accountability.gate.fields import seen_of
from accountability.permissions import Actor
from accountability.privacy.revealing import LEAST, MOST, Purpose
from complaints.models import Complaint, State


def reveals_at_once(complaint: Complaint, actor: Actor) -> bool:
    matter = complaint.matter
    if complaint.state == State.ARCHIVED or not has_customer(complaint):
        return False
    return matter.holder_id == actor.pk or (
        actor.is_agent and matter.holder_unit_id is not None and matter.holder_unit_id == actor.unit_id
    )


def reveals_by_reason(complaint: Complaint, actor: Actor) -> bool:
    """Decided by office. The second factor is checked separately (`looks_beyond_own_work`)."""
    by_office = actor.is_csc_supervisor or actor.heads_centre or actor.is_marketing
    return by_office and has_customer(complaint) and not actor.is_auditor


def has_customer(complaint: Complaint) -> bool:
    """False if no customer was taken in yet, or if the data were erased."""
    return complaint.intake is not None and complaint.intake.sealed is not None


class ReasonForm(forms.Form):
    """The reason in two parts: the purpose, for counting, and the words, for judging."""

    purpose = forms.ChoiceField(
        label=_("用途"), choices=[("", "---------"), *Purpose.choices],
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
