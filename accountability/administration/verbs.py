"""Verbs in the administration: one form for each verb that this person may run now, through the gate like everywhere
else.

Nothing here writes directly: the form's values go to the gate, as from every page, and the gate judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accountability.administration.site import GuardedAdmin
from accountability.gate.perform import Outcome
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, Verb, available
from accountability.web.revision_forms import revision_form
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import VerbPage, can_run, tell_done


def runs_verbs(view: Any) -> Any:
    """Mark a view of a ModelAdmin that runs verbs: the site lets it take a POST."""
    view.runs_verbs = True
    return view


class VerbAdmin(VerbPage, GuardedAdmin):
    """A model whose verbs are run here. `begins` names those that begin a matter, `acts` those on an existing one.

    A subclass shapes the form (`get_verb_form`) and says what is shown next to it (`beside_template`, `get_beside`). A
    verb that isn't named is not found; the verb itself says who may run it and when.
    """

    begins: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    verb_template = "admin/verb.html"
    beside_template = ""

    @property
    def subject_model(self) -> Any:
        """The model that the verbs are run on, by its kind of matter."""
        return self.model

    # Addresses

    def get_urls(self) -> list[Any]:
        """`begin/<verb>/` and `<pk>/do/<verb>/`, where there are such verbs; before the model's own, which match any
        path.
        """
        guarded, own = self.admin_site.admin_view, []
        if self.begins:
            own.append(path("begin/<str:verb>/", guarded(self.begin_view), name=self.name_of("begin")))
        if self.acts:
            own.append(path("<path:object_id>/do/<str:verb>/", guarded(self.do_view), name=self.name_of("do")))
        return [*own, *super().get_urls()]

    def name_of(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"

    def url_of(self, view: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self.name_of(view)}", args=[*args])

    # What is on offer

    def begin_offers(self, request: Any) -> list[dict[str, Any]]:
        """The verbs by which this person may begin a matter, with their addresses."""
        if not self.begins:
            return []
        subject = self.new_subject(request)
        return [
            {"label": entry.label, "url": self.url_of("begin", entry.name)}
            for entry in available(subject, request.actor)
            if entry.name in self.begins
        ]

    def do_offers(self, request: Any, obj: Any) -> list[dict[str, Any]]:
        """The verbs that this person may run on it now: the awaited one first, those that end something last."""
        found = [entry for entry in available(obj, request.actor) if entry.name in self.acts]
        found.sort(key=lambda entry: (entry.name != obj.awaits, entry.grave))
        return [
            {
                "label": entry.label,
                "url": self.url_of("do", quote(obj.pk), entry.name),
                "is_awaited": entry.name == obj.awaits,
                "is_grave": entry.grave,
            }
            for entry in found
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> Any:  # fmt: skip
        if obj is not None and self.acts:
            context["offers"] = self.do_offers(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # One verb

    @runs_verbs
    def begin_view(self, request: HttpRequest, verb: str) -> HttpResponse:
        """The form of a verb that begins a matter, or its result."""
        return self.serve(request, self._entry(verb, self.begins), lambda: self.new_subject(request))

    @runs_verbs
    def do_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """The form of a verb on what this person may see, or its result; 404 for anything else."""
        return self.serve(
            request, self._entry(verb, self.acts), lambda: self.known_subject(request, object_id),
            lambda: self.subject_to_act(request, object_id),
        )  # fmt: skip

    def _entry(self, verb: str, offered: Iterable[str]) -> Verb:
        if verb not in offered:
            raise Http404
        return VERBS[self.subject_model.matter_kind, verb]

    def serve(
        self, request: Any, entry: Verb, find: Callable[[], Any], find_to_act: Callable[[], Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().serve(request, entry, find, find_to_act)

    def bound(self, request: Any, subject: Any, entry: Verb) -> VerbForm:
        return self.get_verb_form(request, entry, subject, request.POST)

    def verb_form(self, request: Any, known: Any, entry: Verb, data: Any = None) -> VerbForm:
        form = self.get_verb_form(request, entry, known, data)
        self.dress(request, known, form)
        return form

    def done(self, request: Any, form: VerbForm, outcome: Outcome) -> HttpResponse:
        tell_done(request, form.verb, outcome)
        return redirect(self.place_after(request, outcome))

    def answer(
        self, request: Any, subject: Any, entry: Verb, form: VerbForm | None, status: int, sentence: str = "",
        *, known: Any = None,
    ) -> HttpResponse:  # fmt: skip
        kept = None if subject.matter_id is None or not isinstance(subject, self.model) else subject
        context = {
            **self.admin_site.each_context(request),
            "title": entry.label,
            "opts": self.opts,
            "original": kept,
            "original_url": self.url_of("change", quote(kept.pk)) if kept else "",
            "verb": entry,
            "form": form,
            "draft": f"{entry.name}:{kept.matter_id if kept else 'new'}",
            "sentence": sentence,
            "refused": status in (403, 409),
            "state": subject.describe_state() if subject.matter_id is not None else "",
            "can_run": can_run(entry, subject, request.actor),
            "beside_template": self.beside_template,
            **self.get_beside(request, entry, subject),
        }
        return TemplateResponse(request, self.verb_template, context, status=status)

    # What a model says for itself

    def known_subject(self, request: HttpRequest, object_id: str) -> Any:
        """The object with that key if this person may see it; else 404, whether or not it exists."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        return found

    def subject_to_act(self, request: HttpRequest, object_id: str) -> Any:
        """The same for an act, which reads everything anew under its lock."""
        return self.known_subject(request, object_id)

    def new_subject(self, request: HttpRequest) -> Any:
        """The unsaved object that a verb of `begins` is run on."""
        return self.model()

    def get_verb_form(self, request: Any, entry: Verb, subject: Any, data: Any) -> VerbForm:
        return VerbForm(entry, subject, request.actor, data=data)

    def get_beside(self, request: Any, entry: Verb, subject: Any) -> dict[str, Any]:
        """The context of `beside_template`: the present state."""
        return {}

    def place_after(self, request: HttpRequest, outcome: Outcome) -> str:
        """Where to go after the act, to see what was done."""
        return self.url_of("change", quote(outcome.subject.pk))


class RevisedAdmin(VerbAdmin):
    """Versions that marketing makes by verbs on the standing organisation (R6, R15), each with a reason.

    Rows are never changed: a revision adds a new one.
    """

    @property
    def subject_model(self) -> Any:
        return Organisation

    def new_subject(self, request: HttpRequest) -> Any:
        return Organisation.standing()

    def get_verb_form(self, request: Any, entry: Verb, subject: Any, data: Any) -> VerbForm:
        asked = {fact.name: request.GET[fact.name] for fact in entry.facts if fact.name in request.GET}
        return revision_form(entry, request.actor, data=data, initial=asked)

    def place_after(self, request: HttpRequest, outcome: Outcome) -> str:
        return self.url_of("changelist")
