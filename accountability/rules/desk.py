"""Blocks of the desk: the rules that a person still has to read, and what marketing still has to publish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.db.row_keys import Key
from accountability.db.sql import fetched_again
from accountability.models import RuleReading, RulesVersion, rules_in_force
from accountability.permissions import Actor
from accountability.web.desk import Block, Clock, Waiting
from accountability.web.standing_statements import standing_statements


def desk_block(actor: Actor, at: datetime) -> Block | None:
    """A reminder until the person has confirmed the version in force."""
    version = rules_in_force(at)
    (read,) = standing_statements(_readings, actor, at, Key(version.pk))
    if fetched_again(read):
        return None
    url = reverse("rules")
    label = _("首问责任制规则 %(version)s，请阅读并确认") % {"version": version}
    return Block(_("规则学习"), url, [Waiting("rules", label, url, {Clock.OK: 1}, is_timed=False)])


def _readings(actor: Actor, _at: datetime, version: Key) -> list[QuerySet[Any]]:
    return [RuleReading.objects.filter(employee_id=actor.pk, version_id=version).values_list("pk")]


def principles_block(actor: Actor, at: datetime) -> Block | None:
    """The notice refers to three principles without giving them (R5). Marketing is asked for them from the first start
    until they are on the page of the rules.
    """
    if not actor.is_marketing:
        return None
    (given,) = standing_statements(_principles, actor, at)
    if fetched_again(given):
        return None
    url = f"{reverse('organisation_act', args=['publish_rules'])}?rule=R5"
    label = _("通知要求本着“营销服务三项基本原则”处理问题，但未附原文：请补入规则页")
    return Block(_("规则补充"), url, [Waiting("principles", label, url, {Clock.OK: 1}, is_timed=False)])


def _principles(_actor: Actor, at: datetime) -> list[QuerySet[Any]]:
    return [RulesVersion.objects.filter(rule="R5", in_force_from__lte=at).order_by().values_list("pk")[:1]]
