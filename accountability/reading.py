"""What a person still has to read, as their desk tells it (R55)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.desks import Block, Clock, Waiting
from accountability.models import RuleReading, rules_in_force
from accountability.permissions import Actor


def desk_block(actor: Actor, at: datetime) -> Block | None:
    """The reminder that stands until the person has confirmed the version in force."""
    version = rules_in_force(at)
    if RuleReading.objects.filter(employee_id=actor.pk, version=version).exists():
        return None
    url = reverse("rules")
    label = _("首问责任制规则 %(version)s，请阅读并确认") % {"version": version}
    return Block(_("规则学习"), url, [Waiting("rules", label, url, {Clock.OK: 1}, is_timed=False)])
