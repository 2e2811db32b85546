"""One's own saved views of the list: save, rename, delete, and choose the one the list opens with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accountability.models import Employee
from accountability.web.request import Request
from complaints.lists.queue import counts, found_of, queue_of
from complaints.models import SavedView

MOST = 30
"""The most views of one person; more would be unusable."""


class NameForm(forms.Form):
    """The name, which must differ from one's other views."""

    name = forms.CharField(
        label=gettext_lazy("视图名称"), max_length=SavedView._meta.get_field("name").max_length,
        error_messages={
            "required": gettext_lazy("此项必填。"),
            "max_length": gettext_lazy("最多 %(limit_value)d 个字，现有 %(show_value)d 个。"),
        },
    )  # fmt: skip

    def __init__(self, data: Any = None, *, view: SavedView, own: list[SavedView]) -> None:
        super().__init__(data, auto_id=f"view_{view.pk or 'new'}_%s", initial={"name": view.name})
        self.view, self.own = view, own
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if any(other.name == name for other in self.own if other.pk != self.view.pk):
            raise forms.ValidationError(_("您已有名为“%(name)s”的视图，请换一个名称。") % {"name": name})
        if self.view.pk is None and len(self.own) >= MOST:
            raise forms.ValidationError(_("最多保存 %(most)s 个视图，请先删除不用的。") % {"most": MOST})
        return name


class SaveForm(NameForm):
    """A new view of what the list shows now."""

    is_default = forms.BooleanField(label=gettext_lazy("打开投诉清单时使用"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def saved_views(request: Request) -> HttpResponse:
    """All of one's own; POST saves list, filters and order of the page it came from."""
    if request.method != "POST":
        return _show(request)
    asked = queue_of(request.POST, request.actor, request.at).asked
    view = SavedView(employee_id=request.actor.pk, asked=asked)
    form = SaveForm(request.POST, view=view, own=_own(request))
    if not form.is_valid():
        return _show(request, form)
    view.name = form.cleaned_data["name"]
    _keep(view, is_default=form.cleaned_data["is_default"])
    messages.success(request, _("视图“%(name)s”已保存。") % {"name": view.name})
    return redirect(view.url)


@require_POST
@transaction.atomic
def rename_view(request: Request, pk: int) -> HttpResponse:
    """Rename one of one's own views."""
    own = _own(request)
    form = NameForm(request.POST, view=_one_of(own, pk), own=own)
    if not form.is_valid():
        return _show(request, form)
    form.view.name = form.cleaned_data["name"]
    form.view.save(update_fields=["name"])
    messages.success(request, _("视图已改名为“%(name)s”。") % {"name": form.view.name})
    return redirect("saved_views")


@require_POST
@transaction.atomic
def delete_view(request: Request, pk: int) -> HttpResponse:
    """Delete the view; its complaints are unaffected."""
    view = _one_of(_own(request), pk)
    view.delete()
    messages.success(request, _("视图“%(name)s”已删除。") % {"name": view.name})
    return redirect("saved_views")


@require_POST
@transaction.atomic
def choose_view(request: Request, pk: int) -> HttpResponse:
    """Let the list open with this view; with `no`, with everything again."""
    view = _one_of(_own(request), pk)
    chosen = "no" not in request.POST
    _keep(view, is_default=chosen)
    said = _("投诉清单今后以“%(name)s”打开。") if chosen else _("投诉清单今后不再以“%(name)s”打开。")
    messages.success(request, said % {"name": view.name})
    return redirect("saved_views")


def _own(request: Request) -> list[SavedView]:
    """One's own views. Before a change, wait for a concurrent change by the same person (another tab)."""
    if request.method == "POST":
        Employee.objects.select_for_update(no_key=True).only("pk").get(pk=request.actor.pk)
    return list(SavedView.objects.visible_to(request.actor))


def _one_of(own: list[SavedView], pk: int) -> SavedView:
    view = next((view for view in own if view.pk == pk), None)
    if view is None:
        raise Http404
    return view


def _keep(view: SavedView, *, is_default: bool) -> None:
    """Save the view. There is at most one default; the former one is unset in the same transaction."""
    with transaction.atomic():
        if is_default:
            SavedView.objects.filter(~Q(pk=view.pk), employee=view.employee_id).update(is_default=False)
        view.is_default = is_default
        view.save()


def _show(request: Request, refused: NameForm | None = None) -> HttpResponse:
    """The page; a refused form is shown in its place, as it was typed."""
    own = _own(request)
    new = refused if isinstance(refused, SaveForm) else None
    forms_of = [refused if refused and refused.view.pk == view.pk else NameForm(view=view, own=own) for view in own]
    in_each = counts(found_of([view.asked for view in own], request.actor, request.at))
    context = {"rows": list(zip(own, forms_of, in_each, strict=True)), "new": new, "most": MOST}
    return render(request, "complaints/lists/saved_views.html", context, status=422 if refused else 200)
