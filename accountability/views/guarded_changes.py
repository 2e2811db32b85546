"""Guarded changes: those that wait for a second person and how the others ended, for who decides on some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import GuardedChange
from accountability.notices.sentences import FILLINGS
from accountability.organisation.guarded_changes import Deciders
from accountability.permissions import Actor, sees_changes
from accountability.web.request import Request, page_by_key

VERBS_OF_CHANGES = ("approve_change", "refuse_change", "withdraw_change")
WAITING = "waiting"


@never_cache
@require_safe
def changes(request: Request) -> HttpResponse:
    """All that one may see, the newest first; `?asked=waiting` those without a decision."""
    if not sees_changes(request.actor):
        raise PermissionDenied
    asked = WAITING if request.GET.get("asked") == WAITING else ""
    found = GuardedChange.objects.visible_to(request.actor).with_everything()
    page = page_by_key(found.waiting() if asked else found, ["-pk"], request)
    deciders = Deciders(request.at)
    rows = [described(one) | {"verbs": list(_offered(one, request.actor, deciders))} for one in page.rows]
    chips = [
        {"label": label, "url": reverse("changes") + query, "current": asked == name}
        for name, label, query in (("", _("全部"), ""), (WAITING, _("待审批"), f"?asked={WAITING}"))
    ]
    return render(request, "accountability/organisation/changes.html", {"page": page, "rows": rows, "chips": chips})


def described(change: GuardedChange) -> dict[str, Any]:
    """What a second person reads before deciding."""
    return {"change": change, "what": FILLINGS["change"](change.facts)}


def _offered(change: GuardedChange, actor: Actor, deciders: Deciders) -> Iterator[dict[str, Any]]:
    """The verbs that this person may run on the request now, each with the page that asks for the rest."""
    if change.state != GuardedChange.State.WAITING or actor.at >= change.expires_at:
        return
    decides, mine = actor.pk in deciders.of(change), change.requested_by_id == actor.pk
    for name, is_possible in zip(VERBS_OF_CHANGES, (decides, decides, mine), strict=True):
        if is_possible:
            url = f"{reverse('organisation_act', args=[name])}?{urlencode({'change': change.pk})}"
            yield {
                "label": VERBS[Organisation.matter_kind, name].label,
                "url": url,
                "is_first": name == "approve_change",
            }


def shown_with(form: Any, actor: Actor) -> dict[str, Any]:
    """For the page of a verb on a request: what is requested, if this person may know; its number isn't asked for."""
    number = str(form["change"].value() or "")
    known = GuardedChange.objects.visible_to(actor).with_everything()
    found = known.filter(pk=number).first() if number.isdecimal() and len(number) < 10 else None
    if found is None:
        return {}
    form.fields["change"].widget = form.fields["change"].hidden_widget()
    return described(found)
