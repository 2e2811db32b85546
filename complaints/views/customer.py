"""The customer's pages, the only ones of a complaint without sign-in: their word on a reply (R37), and how far it is.

Neither shows a name, a number of theirs, a unit or a text. Without `CUSTOMER_LINKS` neither exists.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accountability.audit import access_log
from accountability.gate.perform import Refused, perform
from accountability.gate.verbs import find
from accountability.models import Employee, acting
from accountability.security.client_ip import client_ip
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import READS_AND_WRITES, status_of
from complaints.customer_word import asking
from complaints.models import CustomerMessage

AS_TYPED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": 40}


class ProgressForm(forms.Form):
    """Number and code as they stand in the message."""

    number = forms.CharField(label=gettext_lazy("投诉编号"), widget=forms.TextInput(attrs=AS_TYPED))
    code = forms.CharField(label=gettext_lazy("查询码"), widget=forms.TextInput(attrs=AS_TYPED))


View = Callable[..., HttpResponse]


def for_customers(view: View) -> View:
    """Open without sign-in where the operator has switched these pages on; no search engine keeps them."""

    @login_not_required
    @require_http_methods(READS_AND_WRITES)
    @wraps(view)
    def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.CUSTOMER_LINKS:
            raise Http404
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return open_to_all


@for_customers
def customer_word(request: Request, link: str) -> HttpResponse:
    """Whether the customer is satisfied with the reply, and why not. Only a POST says so: links are opened by programs
    too.
    """
    message = asking.message_for(link)
    if message is None:
        raise Http404
    if not asking.awaits_word(message, request.at):
        return _closed(request, message)
    by = Employee.objects.system()
    by.came_from = client_ip(request)
    form = _form(request, message, by)
    if request.method == "POST":
        try:
            perform(
                form.subject, form.verb.name, by=by, at=request.at, key=asking.key_of(message),
                seen=form.subject.shown_for(form.verb.name), demanded=form.demanded, **form.raw(),
            )  # fmt: skip
        except Refused as refusal:
            if refusal.code == "held":
                refusal = Refused("held", _("系统维护中，暂时不能提交，您填写的内容没有丢失，请稍后再试。"))
            elif not refusal.fields:
                return _closed(request, asking.message_for(link) or message)
            form.refuse(refusal)
        else:
            return redirect("customer_word", link)
    return _page(request, message, status_of(form), form=form)


def _form(request: Request, message: CustomerMessage, by: Employee) -> VerbForm:
    """The fields of the verb. It shows no position, and its key is that of the link."""
    actor = acting(by, request.at)
    assert actor is not None
    data = request.POST if request.method == "POST" else None
    form = VerbForm(find(message.complaint, "rate_reply"), message.complaint, actor, data=data)
    del form.fields["_key"], form.fields["_seen"]
    return form


def _closed(request: Request, message: CustomerMessage) -> HttpResponse:
    """A second click, a link that has expired, or what the centre recorded meanwhile: nothing is taken. What the
    customer wanted to say then is on record, so that a centre that is always quicker than its customers is found.
    """
    answered = asking.has_answered(message)
    if request.method == "POST" and not answered:
        said = {"true": "satisfied", "false": "unsatisfied"}.get(request.POST.get("satisfied", ""), "?")
        access_log.write(
            Employee.objects.system(), "customer_word", at=request.at, address=client_ip(request), result="state",
            matter_id=message.complaint_id, detail=said,
        )  # fmt: skip
    return _page(request, message, 409 if request.method == "POST" and not answered else 200, answered=answered)


def _page(request: Request, message: CustomerMessage, status: int, **context: Any) -> HttpResponse:
    context |= {"number": message.complaint.matter.number, "hotline": settings.CUSTOMER_HOTLINE}
    return render(request, "complaints/customer_word/word.html", context, status=status)


@for_customers
def customer_progress(request: Request) -> HttpResponse:
    """How far a complaint is, by its number and the code in the customer's message. Both are sent in the body, so that
    neither stands in an address or a log.
    """
    form, progress = ProgressForm(request.POST if request.method == "POST" else None), None
    if form.is_bound and form.is_valid():
        progress = asking.progress_of(form.cleaned_data["number"], form.cleaned_data["code"], request.at)
        if progress is None:
            form.add_error(None, _("编号与查询码不符，请按短信中的内容核对。"))
    context = {"form": form, "progress": progress, "hotline": settings.CUSTOMER_HOTLINE}
    status = 422 if form.is_bound and progress is None else 200
    return render(request, "complaints/customer_word/progress.html", context, status=status)
