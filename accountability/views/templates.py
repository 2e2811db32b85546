"""Templates of answers: read by the centre and those who look after complaints, maintained by the centre's
supervisors.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accountability.documents.template_fields import PLACEHOLDERS, in_words
from accountability.gate.subjects import KEEP_TEMPLATES, Organisation
from accountability.gate.verbs import VERBS, Verb
from accountability.models import AnswerTemplate
from accountability.web.request import Request, page_by_key
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import carry_out, ready_again


@require_safe
def answer_templates(request: Request) -> HttpResponse:
    """Templates in use, by name; `?name=` every version of one."""
    if not request.actor.reads_every_complaint:
        raise PermissionDenied
    name = request.GET.get("name", "")
    found = AnswerTemplate.objects.select_related("category__parent", "author")
    if name:
        page = page_by_key(found.filter(name=name), ["-version"], request)
    else:
        page = page_by_key(found.current(), ["name", "pk"], request)
    for template in page.rows:
        template.text = in_words(template.text)
    context = {"page": page, "name": name, "may_edit": _entry("set_template").permits(None, request.actor)}
    return render(request, "accountability/views/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, verb: str) -> HttpResponse:
    """The next version of a template (`?name=` which), or its withdrawal. Any other word is not found."""
    if verb not in KEEP_TEMPLATES:
        raise Http404
    entry, organisation = _entry(verb), Organisation.standing()
    if not entry.permits(organisation, request.actor):
        raise PermissionDenied
    if request.method != "POST":
        form = VerbForm(entry, organisation, request.actor, initial=_known(entry, request.GET.get("name", "")))
        return _show(request, form, 200)
    form = VerbForm(entry, organisation, request.actor, data=request.POST)
    if carry_out(request, form):
        return redirect("answer_templates")
    return _show(request, form, ready_again(form, organisation))


def _entry(verb: str) -> Verb:
    return VERBS[Organisation.matter_kind, verb]


def _known(entry: Verb, name: str) -> dict[str, Any]:
    last = AnswerTemplate.objects.filter(name=name).select_related("category__parent").order_by("-version").first()
    if last is None:
        return {}
    known = {
        "name": last.name,
        "use": last.use,
        "category": last.category and last.category.path,
        "text": in_words(last.text),
    }
    return {fact.name: known[fact.name] for fact in entry.facts if fact.name in known}


def _show(request: Request, form: VerbForm, status: int) -> HttpResponse:
    context = {"form": form, "placeholders": [(in_words(f"{{{name}}}"), label) for name, label in PLACEHOLDERS.items()]}
    return render(request, "accountability/views/template_edit.html", context, status=status)
