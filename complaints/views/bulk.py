"""Several complaints at once: first the form over the selection, then a report of what was done and what was not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accountability.gate.act import Batch, Refused
from accountability.gate.fields import clean_all
from accountability.gate.perform import Outcome, perform_many
from accountability.gate.verbs import Verb
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm
from complaints.fields.unit_suggestion import suggest
from complaints.lists.bulk import (
    MOST,
    ONE_BY_ONE,
    Selection,
    choices_of,
    named_in,
    offered,
    own_facts,
    results_of,
    selection_of,
    verb_over,
    verbs_in_bulk,
)
from complaints.lists.hands import FEW
from complaints.lists.worklists import lines
from complaints.models import Complaint, HandoffMethod

KINDS_ASKED = 3
"""With more kinds than this no unit is suggested: they hardly belong to one unit, and each costs a query."""


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: Request, verb: str) -> HttpResponse:
    """One verb over the selection. A complaint the actor may not see is treated as one that doesn't exist."""
    if verb not in [entry.name for entry in verbs_in_bulk()]:
        raise Http404
    if verb not in [entry.name for entry in offered(request.actor)]:
        raise PermissionDenied
    chosen = selection_of(request.POST if request.method == "POST" else request.GET, request.actor, request.at)
    entry = verb_over(verb, chosen.complaints)
    if chosen.total == 0:
        messages.warning(request, _("请先在清单中选择投诉。"))
        return redirect("complaints")
    if chosen.is_too_large:
        return _show(request, chosen, entry, None, 422)
    form = _form(request, entry, chosen)
    if request.method != "POST":
        return _show(request, chosen, entry, form, 200)
    return _run(request, chosen, entry, form)


def _form(request: Request, entry: Verb, chosen: Selection) -> VerbForm:
    data = request.POST if request.method == "POST" else None
    form = VerbForm(entry, Complaint(), request.actor, data=data, initial=_initial(entry, chosen))
    del form.fields["_seen"]  # each is judged in its present state; the report tells what was refused
    if entry.name in ONE_BY_ONE:
        form.fields["to"].required = False
        form.fields["to"].label = _("其余都交给")
        form.fields["to"].help_text = _("逐件选了人的，以逐件所选为准。")
    return form


def _initial(entry: Verb, chosen: Selection) -> dict[str, Any]:
    """The unit, if the catalogue suggests the same one for all."""
    if entry.name == "hand_off":
        return {"method": HandoffMethod.SYSTEM}
    if entry.name != "dispatch":
        return {}
    kinds = {(complaint.category, complaint.region) for complaint in chosen.complaints}
    codes = {suggest(category, region).code for category, region in kinds} if len(kinds) <= KINDS_ASKED else set()
    return {"unit": codes.pop()} if len(codes) == 1 else {}


def _run(request: Request, chosen: Selection, entry: Verb, form: VerbForm) -> HttpResponse:
    """Wrong input is shown once, at its field. Everything else is judged complaint by complaint."""
    facts, own = form.raw(), own_facts(entry.name, chosen.complaints)
    _values, errors = clean_all(entry.facts, facts, form.subject, Batch(request.at))
    if entry.name in ONE_BY_ONE and (own := named_in(request.POST, chosen.complaints)) and "to" not in facts:
        errors.pop("to", None)
    if errors:
        form.is_valid()
        for name, sentence in errors.items():
            form.add_error(name, sentence)
        return _show(request, chosen, entry, form, 422)
    acted = [one for one in chosen.complaints if entry.name not in ONE_BY_ONE or "to" in facts or one.pk in own]
    done = perform_many(acted, entry.name, by=request.user, at=request.at, key=form.key, own=own, **facts)
    by_matter = {one.pk: outcome for one, outcome in zip(acted, done, strict=True)}
    nobody = Refused("facts", _("没有选首问责任人，未交办。"))
    outcomes = [by_matter.get(one.pk) or Outcome(one, nobody) for one in chosen.complaints]
    results = results_of(chosen, outcomes, request.actor, request.at, _("没有这件投诉。"))
    refused = sum(bool(result.refusal) for result in results)
    context = {"verb": entry, "results": results, "refused": refused, "done": len(results) - refused}
    return render(request, "complaints/lists/bulk_report.html", context)


def _show(request: Request, chosen: Selection, entry: Verb, form: VerbForm | None, status: int) -> HttpResponse:
    shown = lines(chosen.complaints, request.actor, request.at)
    one_by_one = form is not None and entry.name in ONE_BY_ONE
    choices = choices_of(chosen, shown, request.actor, request.POST) if one_by_one else []
    context = {
        "verb": entry,
        "groups": [(late, [one for one in choices if one.is_late is late]) for late in (False, True)]
        if choices
        else [],
        "few": FEW,
        "chosen": chosen,
        "missing": _("、").join(chosen.missing),
        "form": form,
        "lines": shown,
        "most": MOST,
    }
    return render(request, "complaints/lists/bulk.html", context, status=status)
