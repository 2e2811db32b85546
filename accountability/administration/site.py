"""The administration site: marketing's desk and a place to look records up. What a verb changes is changed only by the
verb's form (`administration/verbs.py`); the rest is read-only.

There is no superuser. Marketing and auditors may enter, by the roles they serve in when the request arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from accountability.administration.lists import listing_of
from accountability.administration.value_labels import HistoryWords, columns
from accountability.permissions import actor_of, keeps_the_books
from accountability.web.listings import LISTINGS, Listing, files_of

READS = ["GET", "HEAD"]
READS_AND_WRITES = [*READS, "POST"]


DESKS: tuple[tuple[str, Any], ...] = (
    ("cases", _("考核")),
    ("rules", _("规则")),
    ("organisation", _("组织")),
    ("books", _("台账")),
    ("running", _("运行")),
)
"""The groups of the index, in the order of the work."""


LISTED: dict[str, type[models.Model]] = {}
"""By the name of a list, the model whose records it has."""


class OfficeAdminSite(admin.AdminSite):
    """Django's admin, entered through our own sign-in page."""

    site_header = site_title = _("首问 · 台账")
    index_title = _("规则与台账")
    enable_nav_sidebar = False
    empty_value_display = "—"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register only guarded models: those of other apps (sign-in devices, groups) need permissions that
        nobody has.
        """
        if admin_class is not None and issubclass(admin_class, GuardedAdmin):
            super().register(model_or_iterable, admin_class, **options)
            for model in model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]:
                guarded: Any = self._registry[model]
                guarded.listing = guarded.make_listing()
                if LISTED.setdefault(guarded.listing.name, model) is not model:
                    raise ValueError(f"two models have a list {guarded.listing.name!r}")
                LISTINGS.setdefault(guarded.listing.name, guarded.listing)  # another site lists the same

    def has_permission(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and keeps_the_books(actor)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Signed-in people who may not enter get 403; only an edited model and the forms of verbs take POST."""
        entered = super().admin_view(view, cacheable)
        is_edited = getattr(getattr(view, "__self__", None), "is_edited", False)
        allowed = READS_AND_WRITES if is_edited or getattr(view, "runs_verbs", False) else READS

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            response: HttpResponse = entered(request, *args, **kwargs)
            return response

        return guarded

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The desk: first what marketing decides, then what is only looked up."""
        return super().index(request, {"desks": self.desks(request)} | (extra_context or {}))

    def desks(self, request: HttpRequest) -> list[dict[str, Any]]:
        """By group, the models this person may see, each with what they may begin there."""
        shown: dict[str, list[GuardedAdmin]] = {key: [] for key, _label in DESKS}
        for model_admin in self._registry.values():
            assert isinstance(model_admin, GuardedAdmin)
            if model_admin.has_module_permission(request):
                shown[model_admin.desk].append(model_admin)
        return [
            {"key": key, "label": label, "entries": [_on_desk(one, request) for one in sorted(shown[key], key=_place)]}
            for key, label in DESKS
            if shown[key]
        ]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page: a stranger is sent to it and returns to where they were going."""
        wanted = request.GET.get("next", reverse("admin:index"))
        return redirect("admin:index") if request.user.is_authenticated else redirect_to_login(wanted)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """No form here uses autocompletion."""
        raise Http404

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Signing out has one address, and is a POST there."""
        return redirect("home")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("home")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password")


class GuardedAdmin(SimpleHistoryAdmin):
    """A read-only model. Lists, choices, search and history show only what its queryset's `visible_to` shows.

    On the index it appears on the `desk` of that name, at its `place`; `about` says what it is for. `names_nobody`: no
    line of its list leads to a person or to one complaint, so that its file needs nobody's approval. A file masks the
    columns `names_of_people`.
    """

    listing: Listing
    desk = "books"
    place = 50
    about: Any = ""

    show_full_result_count = False
    list_per_page = 50
    actions = None
    auditors_only = False
    is_edited = False
    names_nobody = False
    names_of_people: ClassVar[tuple[str, ...]] = ()
    object_history_template = "admin/object_history.html"
    object_history_list_template = "admin/object_history_list.html"
    object_history_form_template = "admin/history_version.html"

    # Permissions

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        actor = actor_of(request)
        if actor is None:
            return False
        return actor.is_auditor if self.auditors_only else keeps_the_books(actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Content

    def begin_offers(self, request: HttpRequest) -> list[dict[str, Any]]:
        """What this person may begin here, by label and address."""
        if not self.has_add_permission(request):
            return []
        place = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_add")
        return [{"label": _("新增"), "url": place}]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        about = {"offers": self.begin_offers(request), "files": files_of(self.listing, request)}
        return super().changelist_view(request, about | (extra_context or {}))

    def make_listing(self) -> Listing:
        """The list as a file."""
        return listing_of(self)

    def prepared(self, rows: list[Any]) -> list[Any]:
        """The rows of a page or of a piece of a file, with what their columns need."""
        return rows

    def get_list_display(self, request: HttpRequest) -> Any:
        return columns(self.model, super().get_list_display(request))

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> HistoryWords:
        words = HistoryWords(self.model, historical_record)
        words.untold = frozenset(self.exclude or ())
        return words

    def on_the_desk(self, request: HttpRequest) -> list[Any]:
        """The present state in a line or two, for the index."""
        return []

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return visible(super().get_queryset(request), request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The choices of a reference are those the reader may see."""
        if kwargs.get("queryset") is None:
            kwargs["queryset"] = visible(db_field.remote_field.model._default_manager.all(), request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Drop the buttons that open another form in a window: each thing is made in its own place."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow lookups only by shown columns: a list narrowed by a hidden column would reveal it bit by bit."""
        asked = lookup.split("__")[0]
        filtered = {name if isinstance(name, str) else str(name[0]) for name in self.list_filter}
        told = {"id", "pk", *map(str, self.list_display), *filtered, *map(str, self.fields or ())}
        is_told = asked in told if self.fields else asked not in (self.exclude or ())
        return is_told and super().lookup_allowed(lookup, value, request)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The history of what the reader may see; 404 otherwise, whatever became of the row itself."""
        self._demand(request, object_id)
        if hasattr(self.model, "history"):
            return super().history_view(request, object_id, extra_context)
        return admin.ModelAdmin.history_view(self, request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """An earlier version, read-only. Restoring it would bypass the verbs, so only GET is answered."""
        self._demand(request, object_id)
        if not hasattr(self.model, "history"):
            raise Http404
        if request.method not in READS:
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def _demand(self, request: HttpRequest, object_id: str) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if self.get_object(request, object_id) is None:
            raise Http404


def by_label(label: Callable[[str], Any]) -> type[admin.AllValuesFieldListFilter]:
    """A filter of a column of codes that shows each by its label."""

    class ByLabel(admin.AllValuesFieldListFilter):
        def choices(self, changelist: Any) -> Iterator[Any]:
            for choice in super().choices(changelist):
                yield choice | {"display": label(str(choice["display"]))}

    return ByLabel


def _place(model_admin: GuardedAdmin) -> tuple[int, str]:
    return model_admin.place, model_admin.opts.model_name or ""


def _on_desk(model_admin: GuardedAdmin, request: HttpRequest) -> dict[str, Any]:
    opts = model_admin.opts
    return {
        "label": opts.verbose_name_plural,
        "url": reverse(f"{model_admin.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist"),
        "about": model_admin.about,
        "lines": model_admin.on_the_desk(request),
        "offers": model_admin.begin_offers(request),
    }


def visible(query: models.QuerySet[Any], request: HttpRequest) -> models.QuerySet[Any]:
    """The query, limited by the model's own rule of who sees what, where it has one."""
    if not hasattr(query, "visible_to"):
        return query
    actor = actor_of(request)
    return query.visible_to(actor) if actor is not None else query.none()
