"""A text file of a complaint, shown masked in its page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from accountability.files.judging.texts import decoded
from accountability.security.masking import masked_beginning
from accountability.views.files import read_and_noted
from accountability.web.request import Request
from complaints.dossier.dossier import story_of
from complaints.views.complaint import known_complaint

LONGEST = 20_000
"""The most characters shown; the rest is in the file."""


@require_safe
def text(request: Request, number: str, token: str) -> HttpResponse:
    """The text with numbers and the customer's name masked. The access log records it like a read of the file."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    found = next((one for one in story.files.values() if one.file.token == token and one.opens_as == "text"), None)
    if found is None:
        raise Http404
    words = decoded(read_and_noted(request, found.file)) or ""
    template = "complaints/dossier/parts/file_text.html" if request.htmx else "complaints/dossier/file_text.html"
    context = {
        "complaint": complaint, "attached": found, "is_cut": len(words) > LONGEST,
        "text": masked_beginning(words, LONGEST, story.customer.mask),
    }  # fmt: skip
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, private=True, no_store=True)
    return response
