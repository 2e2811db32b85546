"""The access log for the audit administrator and the auditors: who did what when, without content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.administration.record_words import detail_words, matter_words
from accountability.audit.access_labels import RESULTS, action_label, known_actions, result_label
from accountability.deadlines.limits import FIRST_DAY, LAST_DAY, SHANGHAI
from accountability.models import AccessLog, Employee
from accountability.monitoring.system_health import checks_of
from accountability.permissions import Actor
from accountability.web.listings import LISTINGS, Found, Listing, is_clean, page_of, words_of
from accountability.web.request import Request

PAGE_SIZE = 50


class Asked(forms.Form):
    """The filters of the log."""

    person = forms.CharField(label=_("工号"), required=False, max_length=64)
    action = forms.ChoiceField(label=_("动作"), required=False)
    result = forms.ChoiceField(label=_("结果"), required=False)
    day = forms.DateField(
        label=_("日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        validators=[
            MinValueValidator(FIRST_DAY, _("日期不能早于%(limit_value)s。")),
            MaxValueValidator(LAST_DAY, _("日期不能晚于%(limit_value)s。")),
        ],
    )  # fmt: skip

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="asked_%s")
        every = [("", _("全部"))]
        self.fields["action"].choices = [*every, *known_actions()]  # type: ignore[attr-defined]
        self.fields["result"].choices = [*every, *RESULTS.items()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "control"

    def clean_person(self) -> Employee | None:
        """By username only: names are not unique, and the typed text is logged nowhere."""
        typed = self.cleaned_data["person"].strip()
        found = Employee.objects.filter(username=typed).first()
        if typed and found is None:
            raise forms.ValidationError(_("没有这一工号。"))
        return found

    def narrow(self, rows: QuerySet[AccessLog]) -> QuerySet[AccessLog]:
        given = self.cleaned_data
        wanted = {name: given[name] for name in ("action", "result") if given[name]}
        if given["person"]:
            # A failed sign-in has no actor; the account that was tried is shown next to it.
            tried = Q(actor=None, action="sign_in", detail=given["person"].username)
            rows = rows.filter(Q(actor=given["person"]) | tried)
        if given["day"]:
            begins = datetime.combine(given["day"], time(), SHANGHAI)
            wanted |= {"at__gte": begins, "at__lt": begins + timedelta(days=1)}
        return rows.filter(**wanted)


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    filters, rows = Asked(asked), AccessLog.objects.select_related("actor", "matter")
    return Found(filters.narrow(rows) if filters.is_valid() else rows.none(), ["-pk"])


def _words(asked: QueryDict, actor: Actor, at: datetime) -> Iterable[str]:
    filters = Asked(asked)
    return words_of(filters) if filters.is_valid() else ()


LOG = Listing(
    "access_log", _("访问日志"), _found, lambda actor: actor.reads_access_log, words=_words,
    understands=lambda asked, actor, at: is_clean(Asked(asked), asked),
)  # fmt: skip
LISTINGS.add(LOG)


@never_cache
@require_safe
def access_log(request: Request) -> HttpResponse:
    """Every row, the newest first; of a matter only its number is shown, without a link."""
    if not LOG.may_read(request.actor):
        raise PermissionDenied
    asked = Asked(request.GET)
    page = page_of(LOG, request, size=PAGE_SIZE)
    lines = [
        {
            "row": row, "action": action_label(row.action), "result": result_label(row.result),
            "matter": row.matter and matter_words(row.matter), "detail": detail_words(row),
        }
        for row in page.rows
    ]  # fmt: skip
    context = {"asked": asked, "page": page, "lines": lines, "checks": checks_of("record", request.at)}
    return render(request, "accountability/audit/access_log.html", context, status=200 if asked.is_valid() else 422)
