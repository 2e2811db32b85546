"""The lists of the administration as files: their columns are those of the page, their filters those of the address.

`model_admin` is a `GuardedAdmin` everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from html import unescape
from typing import Any

from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.html import strip_tags

from accountability.deadlines.limits import show_second
from accountability.models import Employee
from accountability.permissions import Actor
from accountability.security.masking import mask_name, mask_text
from accountability.spreadsheets.cells import is_number
from accountability.templatetags.office import yes_or_no
from accountability.web.listings import Column, Found, Listing, NotUnderstood, as_written, masked_person

EMPTY = ""

OF_DJANGO = (PAGE_VAR, ALL_VAR, ERROR_FLAG, IS_POPUP_VAR, TO_FIELD_VAR, IS_FACETS_VAR)
"""What Django's list takes from an address for one page of it."""


def listing_of(model_admin: Any) -> Listing:
    """The list of one model, under the model's name."""
    return Listing(
        f"{model_admin.opts.model_name}-records",
        model_admin.opts.verbose_name_plural,
        lambda asked, actor, at: _found(model_admin, asked, actor, at),
        lambda actor: model_admin.has_view_permission(_request(QueryDict(), actor)),
        tuple(_column(model_admin, name) for name in model_admin.list_display),
        lambda asked, actor, at: _words(model_admin, asked, actor, at),
        lambda rows, actor, at: model_admin.prepared(rows),
        model_admin.names_nobody,
        understands=lambda asked, actor, at: _can_search(model_admin, asked, actor, at),
        of_one_page=OF_DJANGO,
    )


def _request(asked: QueryDict, actor: Actor, at: datetime | None = None) -> HttpRequest:
    """What the page's own queryset asks of a request: who, when, and which filters; of all pages."""
    request: Any = HttpRequest()
    request.method, request.GET, request.actor, request.at = "GET", _of_all_pages(asked), actor, at
    return request


def _of_all_pages(asked: QueryDict) -> QueryDict:
    left = asked.copy()
    for name in OF_DJANGO:
        left.pop(name, None)
    return left


def _found(model_admin: Any, asked: QueryDict, actor: Actor, at: datetime) -> Found:
    """What the page would list. Raises NotUnderstood for filters that the page refuses."""
    try:
        shown = model_admin.get_changelist_instance(_request(asked, actor, at))
    except (IncorrectLookupParameters, SuspiciousOperation):
        raise NotUnderstood from None
    return Found(shown.queryset, shown.queryset.query.order_by or ["pk"])


def _can_search(model_admin: Any, asked: QueryDict, actor: Actor, at: datetime) -> bool:
    """Whether what was searched for narrows the rows. Any other filter is refused when they are asked for."""
    if not asked.get(SEARCH_VAR):
        return True
    request = _request(asked, actor, at)
    form = model_admin.get_changelist(request).search_form_class(asked)
    return bool(model_admin.get_search_fields(request)) and form.is_valid()


def _words(model_admin: Any, asked: QueryDict, actor: Actor, at: datetime) -> Iterable[str]:
    """What was searched for, the choices made in the page's filters, and whatever else narrows it as it is written."""
    left = _of_all_pages(asked)
    left.pop(ORDER_VAR, None)
    yield from left.pop(SEARCH_VAR, [])[-1:]
    shown = model_admin.get_changelist_instance(_request(asked, actor, at))
    for spec in shown.filter_specs:
        chosen = [str(choice["display"]) for choice in spec.choices(shown) if choice["selected"]]
        if spec.used_parameters and chosen:
            yield f"{spec.title}：{'、'.join(chosen)}"
            for name in spec.used_parameters:
                left.pop(name, None)
    yield from as_written(left)


def _column(model_admin: Any, name: Any) -> Column:
    label = label_for_field(name, model_admin.model, model_admin)
    if name in model_admin.names_of_people:
        return Column(str(name), label, lambda row: mask_name(str(_value(model_admin, name, row))))
    return Column(str(name), label, lambda row: _said(model_admin, name, row))


def _value(model_admin: Any, name: Any, row: Any) -> Any:
    return lookup_field(name, row, model_admin)[2]


def _said(model_admin: Any, name: Any, row: Any) -> Any:
    """The value as the page shows it, but without its markup, people's names masked, and numbers in texts as well."""
    try:
        field, _attribute, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return EMPTY
    if field is not None and field.is_relation:
        value = getattr(row, field.name)
    if value is None:
        return EMPTY
    if isinstance(value, Employee):
        return masked_person(value)
    if isinstance(value, datetime):
        return show_second(value)
    if is_number(value) and not getattr(field, "choices", None):
        return value
    if isinstance(value, bool):
        return yes_or_no(value)
    if field is not None and getattr(field, "choices", None):
        value = display_for_field(value, field, EMPTY)
    return mask_text(_plain(value))


def _plain(value: Any) -> str:
    text = str(value) if isinstance(value, Promise) else f"{value}"
    return unescape(strip_tags(re.sub(r"</div>\s*<div>", "；", text))).strip()
