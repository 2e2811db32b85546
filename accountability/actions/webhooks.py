"""The addresses that events are sent to: added by a security administrator, enabled by another person, and disabled, or
given a new secret, by either. On the organisation's standing matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.declarations.events import EVENTS
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Code, InUnit, Line, Offered
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import Appointment, Unit, WebhookEndpoint
from accountability.notices import alarms
from accountability.notices.sentences import verb_label
from accountability.permissions import Role
from accountability.webhooks import line, messages
from accountability.webhooks.sending import alarm_of

MOST = 20
"""Addresses that are enabled or wait for it: each costs a message an event."""

OVERLAP = timedelta(hours=24)
"""After a change messages are signed with the former secret as well for so long."""

Why = WebhookEndpoint.Why
WEBHOOK = Code(name="webhook", label=_("推送地址编号"), pattern="[a-z]{16}", max_length=16)
SEEN: dict[str, Any] = {"seen": version_of("webhooks", WebhookEndpoint, "pk"), "rule": "R15"}
"""Who enables an address puts their name to it. So no program does."""


def _offers(_organisation: Any) -> Iterable[tuple[str, Any]]:
    return ((name, label_of(name)) for name in EVENTS)


def label_of(name: str) -> str:
    """An event in the reader's language, with its type: that is what a receiver sees."""
    kind, _dot, verb_name = name.partition(".")
    return f"{verb_label(verb_name, kind)} {name}"


@verb(
    Organisation, _("添加推送地址"),
    Line(name="url", label=_("推送地址"), max_length=line.LONGEST_ADDRESS, help=_("以 https:// 开头，不含账号密码。")),
    Offered(name="types", label=_("事件"), offers=_offers, label_of=label_of, required=False, help=_("不选则为全部。")),
    InUnit(name="unit", label=_("只限单位"), required=False, help=_("不选则为全部投诉；选定则只含派给该单位的轮次。")),
    permission=permissions.add_webhook, **SEEN,
)  # fmt: skip
def add_webhook(act: Act, *, url: str, types: list[str] | None = None, unit: Unit | None = None) -> None:
    """Add an address, which another person enables. Its secret is shown once. The audit administrator hears of it."""
    assert act.actor is not None
    refuse_unless(settings.EVENTS_OUT, _("事件推送未启用（EVENTS_OUT）。"))
    refuse_unless(set(types or ()) <= set(EVENTS), _("没有这种事件。"), "types")
    in_use = WebhookEndpoint.objects.filter(disabled__in=("", Why.NEW)).count()
    refuse_unless(in_use < MOST, _("推送地址最多 %(most)s 个，请先停用不用的。") % {"most": MOST})
    try:
        line.host_of(url)
    except line.NotAllowed:
        refuse_unless(False, _("地址须以 https:// 开头，不含账号密码，且不在内部网络。"), "url")
    secret = messages.new_secret()
    endpoint = WebhookEndpoint(types=types or [], unit=unit, added_by=act.actor.employee, added_at=act.at)
    endpoint.seal(url=url, secret=secret)
    act.changes.new(endpoint)
    act.note(webhook=endpoint.token)
    act.subject.shown_once = secret
    serving = Appointment.objects.serving(act.at).filter(role=Role.AUDIT_ADMIN, employee__is_active=True)
    for person_id in serving.order_by("employee_id").values_list("employee_id", flat=True).distinct():
        act.announce(person_id, "webhook_added")


@verb(
    Organisation, _("启用推送地址"), WEBHOOK, permission=permissions.enable_webhook, **SEEN,
)  # fmt: skip
def enable_webhook(act: Act, *, webhook: str) -> None:
    """Send to it from now on. The first time by another person than who added it."""
    assert act.actor is not None
    refuse_unless(settings.EVENTS_OUT, _("事件推送未启用（EVENTS_OUT）。"))
    endpoint = _watched(act, webhook)
    refuse_unless(endpoint.disabled, _("该地址已启用。"), "webhook")
    is_second = endpoint.enabled_at is not None or endpoint.added_by_id != act.actor.pk
    refuse_unless(is_second, _("须由添加人以外的另一人启用。"), "webhook")
    endpoint.disabled, endpoint.enabled_at = "", act.at
    endpoint.failing_since = endpoint.resume_at = None
    endpoint.failures = 0
    alarms.clear(alarm_of(endpoint), act.at)


@verb(
    Organisation, _("停用推送地址"), WEBHOOK, permission=permissions.disable_webhook, **SEEN,
)  # fmt: skip
def disable_webhook(act: Act, *, webhook: str) -> None:
    """Send nothing to it any more; of what happens from now on it is told nothing."""
    endpoint = _watched(act, webhook)
    refuse_unless(endpoint.disabled != Why.HAND, _("该地址已停用。"), "webhook")
    endpoint.disabled = Why.HAND
    alarms.clear(alarm_of(endpoint), act.at)


@verb(
    Organisation, _("更换推送密钥"), WEBHOOK, permission=permissions.rotate_webhook, **SEEN,
)  # fmt: skip
def rotate_webhook(act: Act, *, webhook: str) -> None:
    """A new secret, shown once. Messages are signed with both for a day."""
    endpoint, secret = _watched(act, webhook), messages.new_secret()
    opened = endpoint.opened
    endpoint.seal(url=opened["url"], secret=secret, former=opened["secret"])
    endpoint.former_until = act.at + OVERLAP
    act.subject.shown_once = secret


def _watched(act: Act, token: str) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(token=token).first()
    refuse_unless(endpoint, _("没有这个推送地址。"), "webhook")
    assert endpoint is not None
    act.changes.watch(endpoint)
    return endpoint
