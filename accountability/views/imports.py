"""Importing the organisation: a file is read and compared, the difference shown, and applied once it is confirmed.

Nothing is stored on the server meanwhile: the form carries what was read, signed, with the digest of what was shown.
Where the organisation has changed in between, the new difference is shown instead.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accountability.files import inspection, scanner
from accountability.files.inspection import safe_name
from accountability.models import LedgerEntry
from accountability.organisation.importing.apply import apply
from accountability.organisation.importing.columns import KINDS
from accountability.organisation.importing.making import make_plan
from accountability.organisation.importing.plan import Plan, Status
from accountability.organisation.importing.tables import MOST_BYTES, BadFile, Table, read
from accountability.web.request import Request

SALT = "import-organisation"
VALID_FOR = timedelta(hours=1)
"""The time allowed between the comparison and its confirmation."""

MOST_SHOWN = 500

LONGEST_TOKEN = 2_500_000
"""Django's limit for a form, less the rest of it: a longer one could be shown and never confirmed."""


class UploadForm(forms.Form):
    """The file, and whether it lists everybody."""

    file = forms.FileField(
        label=gettext_lazy("文件"), allow_empty_file=True,
        help_text=gettext_lazy("CSV（UTF-8 或 GB18030）或 XLSX，不超过 5 MB。工作表按表头识别。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )  # fmt: skip
    complete = forms.BooleanField(
        label=gettext_lazy("这是完整名单"), required=False,
        help_text=gettext_lazy("文件中出现的单位里，未列出的员工按离职处理，未列出的接口人和值班随之结束。"),
    )  # fmt: skip

    def tables(self) -> list[Table]:
        """The file's tables; empty where it can't be read (the error is then at the field)."""
        if not self.is_valid():
            return []
        upload = self.cleaned_data["file"]
        try:
            if upload.size > MOST_BYTES:
                raise BadFile(_("文件超过 %(most)s MB。") % {"most": MOST_BYTES // 1024 // 1024})
            content = upload.read()
            scanner.demand_clean(safe_name(upload.name), content)
            return read(upload.name, content)
        except (BadFile, inspection.BadFile) as bad:
            self.add_error("file", str(bad))
            return []


def _demand(request: Request) -> None:
    if not request.actor.is_marketing:
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request) -> HttpResponse:
    """Choose a file; a POST compares it and shows the difference. For the marketing department."""
    _demand(request)
    if request.method != "POST":
        return _show_form(request, UploadForm(), 200)
    form = UploadForm(request.POST, request.FILES)
    tables = form.tables()
    try:
        if tables:
            return _show_plan(request, tables, complete=form.cleaned_data["complete"])
    except BadFile as bad:
        form.add_error("file", str(bad))
    return _show_form(request, form, 422)


def _show_form(request: Request, form: UploadForm, status: int) -> HttpResponse:
    return render(request, "accountability/organisation/import.html", {"form": form, "kinds": KINDS}, status=status)


def _show_plan(request: Request, tables: list[Table], *, complete: bool, changed: bool = False) -> HttpResponse:
    plan = make_plan(tables, by=request.user, at=request.at, complete=complete)
    context = _described(plan) | {
        "token": _token(request, tables, plan, complete), "complete": complete, "changed": changed,
    }  # fmt: skip
    return render(request, "accountability/organisation/import_plan.html", context, status=409 if changed else 200)


def _described(plan: Plan) -> dict[str, Any]:
    shown = plan.shown
    tones = {Status.ERROR: "danger", Status.ADDED: "ok", Status.CHANGED: "info", Status.LEAVER: "warn",
             Status.ENDED: "warn", Status.UNCHANGED: "neutral"}  # fmt: skip
    return {
        "tallies": [
            {"label": status.label, "count": count, "tone": tones[status] if count else "neutral"}
            for status, count in plan.counts
        ],
        "lines": [(line, tones[line.status]) for line in shown[:MOST_SHOWN]],
        "more": max(len(shown) - MOST_SHOWN, 0),
        "has_steps": bool(plan.steps),
        "errors": len(plan.of(Status.ERROR)),
        "leavers": len(plan.of(Status.LEAVER)),
    }


def _token(request: Request, tables: list[Table], plan: Plan, complete: bool) -> str:
    said = {
        "tables": [[table.name, table.header, table.rows] for table in tables], "complete": complete,
        "digest": plan.digest, "by": request.user.pk, "at": request.at.isoformat(), "key": secrets.token_urlsafe(16),
    }  # fmt: skip
    token = signing.dumps(said, salt=SALT, compress=True)
    if len(token) > LONGEST_TOKEN:
        raise BadFile(_("文件过大，请分成几个文件。"))
    return token


def _said(request: Request) -> dict[str, Any] | None:
    """What was shown to this person on the confirmed page; None where it is forged, another's or too old."""
    try:
        said: dict[str, Any] = signing.loads(request.POST.get("token", ""), salt=SALT)
    except signing.BadSignature:
        return None
    fresh = request.at - datetime.fromisoformat(said["at"]) <= VALID_FOR
    return said if fresh and said["by"] == request.user.pk else None


@require_POST
def confirm(request: Request) -> HttpResponse:
    """Do what was shown if it is still the plan; else show the new plan (409), which also covers the rest of an
    interrupted import.
    """
    _demand(request)
    said = _said(request)
    if said is None:
        messages.error(request, _("核对已过期，请重新选择文件。"))
        return _show_form(request, UploadForm(), 422)
    key = f"import:{said['key']}"
    tables = [Table(name, header, [(number, cells) for number, cells in rows]) for name, header, rows in said["tables"]]
    plan = make_plan(tables, by=request.user, at=request.at, complete=said["complete"])
    if not plan.steps and LedgerEntry.objects.filter(actor=request.user, key=f"{key}:0").exists():
        messages.info(request, _("这次导入已经完成。"))
        return redirect("units")
    if plan.digest != said["digest"]:
        return _show_plan(request, tables, complete=said["complete"], changed=True)
    return _do(request, plan, key)


def _do(request: Request, plan: Plan, key: str) -> HttpResponse:
    failed = apply(plan, by=request.user, at=request.at, key=key)
    refused = {id(line) for line in failed}
    done = [line for line in plan.shown if line.steps and id(line) not in refused]
    context = {
        "done": len(done),
        "failed": failed,
        "left_out": len(plan.of(Status.ERROR)),
        "going": [line for line in done if line.work or line.notes],
    }
    return render(request, "accountability/organisation/import_done.html", context)
