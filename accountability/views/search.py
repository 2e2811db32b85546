"""One search box for everything: numbers, telephone numbers, names, units, and words in texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accountability.audit import access_log
from accountability.models import LEAST
from accountability.privacy.reasons import ReasonForm
from accountability.privacy.revealing import BY_REASON, TooMany, look
from accountability.search.finders import FINDERS, FOR_CALLERS, LONGEST, MOST_LOOKED_AT, Finder, Query, in_order
from accountability.security.client_ip import client_ip
from accountability.security.encryption import unveil, veil
from accountability.security.masking import mask_text
from accountability.web.request import PAGE_SIZE, Page, Request

SHOWN = 5
"""Hits of each kind where all kinds are shown; the rest is one click away."""

BY_NUMBER = "number"
"""How a look by a whole number begins in the access log."""

SENTENCES = {
    "required": _("请输入要搜索的内容。"),
    "min_length": _("请至少输入两个字。"),
    "max_length": _("最多 60 个字。"),
}


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("搜索"), min_length=LEAST, max_length=LONGEST, error_messages=SENTENCES,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True, "id": "search-q"}),
    )  # fmt: skip


@dataclass(frozen=True)
class Group:
    finder: Finder
    page: Page


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: Request) -> HttpResponse:
    """The hits by kind, or one kind page by page. The access log records that somebody looked a telephone number up, or
    found a customer by name. Number and name are recorded nowhere: the typed text is posted, and the address that
    follows has it veiled, for this person alone.
    """
    if request.method == "POST" and "s" not in request.POST:
        return _posted(request)
    typed = unveil((request.POST or request.GET).get("s", ""), purpose=_purpose(request))
    asked = {"q": typed} if typed else request.GET
    form = SearchForm(asked if "q" in asked else None)
    kind = FINDERS.get(request.GET.get("kind", ""))
    context: dict[str, Any] = {"form": form, "kind": kind, "groups": [], "found_for": ""}
    if form.is_valid():
        query = Query.of(form.cleaned_data["q"])
        if query.is_whole_number:
            return _by_whole_number(request, query, context)
        groups = _groups(query, request, kind)
        context |= {"groups": groups, "found_for": query.text, "most": MOST_LOOKED_AT}
        if _asks_for_a_customer(query, groups):
            access_log.note(request, "look_up")
    return _shown(request, context, 200)


def _by_whole_number(request: Request, query: Query, context: dict[str, Any]) -> HttpResponse:
    """Whether a number is found tells the digits that the mask hides, so the search is an unmasking: for those who may
    unmask beyond their own work, for a reason, noted and counted before anything is looked for. Everybody else gets the
    same answer whatever there is.
    """
    offers = [template for may, template in FOR_CALLERS if may(request.actor)]
    context |= {"number": query.phone, "offers": offers, "veiled": veil(query.text, purpose=_purpose(request))}
    if not (request.actor.unmasks_by_reason and request.actor.looks_beyond_own_work):
        if not offers:
            access_log.note(request, BY_REASON, result="refused", detail=BY_NUMBER)
        return _shown(request, context, 403 if request.method == "POST" else 200)
    reason = ReasonForm(request.POST if request.method == "POST" else None)
    if not reason.is_valid():
        return _shown(request, context | {"reason_form": reason}, 422 if reason.is_bound else 200)
    detail = f"{BY_NUMBER} {reason.noted(mask_text)}"
    try:
        look(request.user, BY_REASON, at=request.at, address=client_ip(request), detail=detail)
    except TooMany as stopped:
        return _shown(request, context | {"stopped": str(stopped)}, 429)
    found = {"groups": _groups(query, request, None), "found_for": query.text, "number": ""}
    return _shown(request, context | found, 200)


def _shown(request: Request, context: dict[str, Any], status: int) -> HttpResponse:
    return render(request, "accountability/search/search.html", context, status=status)


def _posted(request: Request) -> HttpResponse:
    form = SearchForm(request.POST)
    if not form.is_valid():
        return render(request, "accountability/search/search.html", {"form": form}, status=422)
    veiled = veil(form.cleaned_data["q"], purpose=_purpose(request))
    return redirect(f"{reverse('search')}?{urlencode({'s': veiled})}")


def _asks_for_a_customer(query: Query, groups: list[Group]) -> bool:
    """The last four digits of a telephone number ask for a customer; a word does if it is the name of a customer whose
    complaint was found by it.
    """
    asks_by_word = not query.number and not query.digits
    return bool(query.phone) or (asks_by_word and any(group.finder.names_customers for group in groups))


def _purpose(request: Request) -> str:
    return f"search {request.actor.pk}"


def _groups(query: Query, request: Request, kind: Finder | None) -> list[Group]:
    finders, size = ([kind], PAGE_SIZE) if kind else (in_order(), SHOWN)
    found = ((finder, finder.find(query, request, size)) for finder in finders)
    return [Group(finder, page) for finder, page in found if page is not None and page.rows]
