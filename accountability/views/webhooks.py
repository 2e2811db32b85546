"""The addresses that events are sent to, and the way of each event there; resending one. Verbs change the addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accountability.actions.webhooks import label_of
from accountability.audit import access_log
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import Delivery, WebhookDelivery, WebhookEndpoint
from accountability.permissions import Actor, sees_webhooks
from accountability.web.request import Request, page_by_key

VERBS_OF_WEBHOOKS = ("add_webhook", "enable_webhook", "disable_webhook", "rotate_webhook")


def _demand_reader(request: Request) -> None:
    """Who may not see them is refused; where events aren't sent there is nothing."""
    if not sees_webhooks(request.actor):
        raise PermissionDenied
    if not settings.EVENTS_OUT:
        raise Http404


@never_cache
@require_safe
def webhooks(request: Request) -> HttpResponse:
    """The addresses, the newest first, each with what this person may do with it."""
    _demand_reader(request)
    page = page_by_key(WebhookEndpoint.objects.select_related("unit", "added_by"), ["-pk"], request)
    rows = [described(one) | {"verbs": list(_offered(one, request.actor))} for one in page.rows]
    may_add = VERBS[Organisation.matter_kind, "add_webhook"].permits(None, request.actor)
    context = {"page": page, "rows": rows, "may_add": may_add}
    return render(request, "accountability/webhooks/webhooks.html", context)


def described(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """What people read of an address: never its secret, nor the query, which may be one too."""
    address, mark, _query = endpoint.opened["url"].partition("?")
    types = [label_of(name) for name in endpoint.types]
    return {"webhook": endpoint, "address": address + (f"{mark}…" if mark else ""), "types": types}


def _offered(endpoint: WebhookEndpoint, actor: Actor) -> Iterator[dict[str, Any]]:
    """The verbs that this person may run on it now, each with the page that asks."""
    is_new = endpoint.enabled_at is None
    possible = {
        "enable_webhook": bool(endpoint.disabled) and not (is_new and endpoint.added_by_id == actor.pk),
        "disable_webhook": endpoint.disabled != WebhookEndpoint.Why.HAND,
        "rotate_webhook": True,
    }
    for name, is_possible in possible.items():
        verb = VERBS[Organisation.matter_kind, name]
        if is_possible and verb.permits(None, actor):
            url = f"{reverse('organisation_act', args=[name])}?{urlencode({'webhook': endpoint.token})}"
            yield {"label": verb.label, "url": url, "is_first": name == "enable_webhook"}


def what_is_asked(form: Any) -> dict[str, Any]:
    """For the page of a verb on an address: which one, if it is there; its number isn't asked for."""
    asked: dict[str, Any] = {"asks_of_webhooks": True}
    token = str(form["webhook"].value() or "") if "webhook" in form.fields else ""
    endpoint = WebhookEndpoint.objects.select_related("unit", "added_by").filter(token=token[:16]).first()
    if endpoint is None:
        return asked
    form.fields["webhook"].widget = form.fields["webhook"].hidden_widget()
    return asked | described(endpoint)


def show_secret(request: Request, secret: str) -> HttpResponse:
    """The secret, in the answer to its making alone."""
    return render(request, "accountability/webhooks/secret.html", {"secret": secret})


@never_cache
@require_safe
def webhook(request: Request, token: str) -> HttpResponse:
    """The way of each event to one address, the newest first."""
    _demand_reader(request)
    endpoint = get_object_or_404(WebhookEndpoint.objects.select_related("unit", "added_by"), token=token)
    page = page_by_key(endpoint.deliveries.select_related("event"), ["-pk"], request)
    rows = [{"delivery": one, "label": label_of(one.event.kind)} for one in page.rows]
    context = described(endpoint) | {"page": page, "rows": rows, "may_resend": _may_resend(request.actor)}
    return render(request, "accountability/webhooks/webhook.html", context)


def _may_resend(actor: Actor) -> bool:
    return actor.is_system_admin or actor.is_security_admin


@require_POST
def resend(request: Request, token: str, pk: int) -> HttpResponse:
    """Plan an event anew, with the same id, so that its receiver can tell that it is the same. One that waits is tried
    at once.
    """
    if not _may_resend(request.actor):
        raise PermissionDenied
    _demand_reader(request)
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("event"), pk=pk, endpoint__token=token)
    again = {"state": Delivery.State.WAITING, "attempts": 0, "planned_at": request.at, "next_try_at": request.at}
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**again)
    access_log.note(request, "resend_event", detail=f"{token} {delivery.event.key}")
    messages.success(request, _("已安排重发。"))
    return redirect("webhook", token)
