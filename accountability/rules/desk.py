"""Blocks of the desk: the rules that a person still has to read, and what marketing still has to publish."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.models import RuleReading, RulesVersion, rules_in_force
from accountability.permissions import Actor
from accountability.web.desk import Block, Clock, Waiting


def desk_block(actor: Actor, at: datetime) -> Block | None:
    """A reminder until the person has confirmed the version in force."""
    version = rules_in_force(at)
    if RuleReading.objects.filter(employee_id=actor.pk, version=version).exists():
        return None
    url = reverse("rules")
    label = _("首问责任制规则 %(version)s，请阅读并确认") % {"version": version}
    return Block(_("规则学习"), url, [Waiting("rules", label, url, {Clock.OK: 1}, is_timed=False)])


def principles_block(actor: Actor, at: datetime) -> Block | None:
    """The notice refers to three principles without giving them (R5). Marketing is asked for them from the first start
    until they are on the page of the rules.
    """
    if not actor.is_marketing or RulesVersion.objects.filter(rule="R5", in_force_from__lte=at).exists():
        return None
    url = f"{reverse('organisation_act', args=['publish_rules'])}?rule=R5"
    label = _("通知要求本着“营销服务三项基本原则”处理问题，但未附原文：请补入规则页")
    return Block(_("规则补充"), url, [Waiting("principles", label, url, {Clock.OK: 1}, is_timed=False)])
