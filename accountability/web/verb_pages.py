"""The page of a matter and of the verbs on it, with their forms: common to every kind of matter."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accountability.deadlines.limits import show_due
from accountability.deadlines.words import span_words
from accountability.declarations.limits import DEADLINE_KINDS
from accountability.gate.act import Refused
from accountability.gate.lookups import held_matter
from accountability.gate.perform import Outcome, perform
from accountability.gate.verbs import VERBS, Verb, available, look_of
from accountability.models import LedgerEntry
from accountability.notices import sentences
from accountability.permissions import Actor
from accountability.web.navigation import read_about
from accountability.web.request import Request
from accountability.web.standing_statements import GIVEN, standing_rows
from accountability.web.uploads import take_files
from accountability.web.verb_forms import VerbForm

READS_AND_WRITES = ["GET", "HEAD", "POST"]

STATUS_OF = {"forbidden": 403, "state": 409, "stale": 409, "busy": 409, "held": 409}
"""The HTTP status of a refusal by its code; 422 for wrong input."""


Teller = Callable[[LedgerEntry], str]
"""Describes an entry of the timeline, masked."""


def barred(entry: Verb, subject: Any, actor: Actor) -> tuple[int, str] | None:
    """The status and the sentence shown instead of a form, where the person may not run the verb, or not in
    this state, or nobody may because the matter is held.
    """
    match entry.barred(subject, actor):
        case "forbidden":
            return 403, _("您没有“%(verb)s”的权限。") % {"verb": entry.label}
        case "state":
            return 409, _("当前状态不能“%(verb)s”。") % {"verb": entry.label}
    window = held_matter(subject.matter_id, actor.at)
    return (409, window.refusal) if window else None


def can_run(entry: Verb, subject: Any, actor: Actor) -> bool:
    """Whether the form may be sent. A refused form that may not keeps the typed values and has no button."""
    return not entry.barred(subject, actor) and not held_matter(subject.matter_id, actor.at)


def run(request: Request, form: VerbForm) -> Outcome | None:
    """Put the form through the gate as the signed-in person, with the request's arrival as its instant.

    None where it was refused: the form then has the errors and still the typed values. Its files are stored first;
    where one of them is rejected, the act is not tried.
    """
    if not _has_files(form, request):
        return None
    try:
        return perform(
            form.subject, form.verb.name, by=request.user, at=request.at, key=form.key, seen=form.seen,
            demanded=form.demanded, **form.raw(),
        )  # fmt: skip
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _has_files(form: VerbForm, request: Request) -> bool:
    """Store the files that came with the form; False where one of them was rejected, with the error in the form."""
    problems = take_files(form, request) if form.takes_files else {}
    if problems:
        form.refuse(Refused("facts", _("请更正标出的内容。"), problems))
    return not problems


def carry_out(request: Request, form: VerbForm) -> Outcome | None:
    """Put the form through the gate; success is shown as a message, a refusal (None) in the form."""
    outcome = run(request, form)
    if outcome:
        tell_done(request, form.verb, outcome)
    return outcome


@dataclass(frozen=True)
class Told:
    """What the message after an act says: what was done, who has the matter now and until when, how late the act was,
    and the links it offers.
    """

    done: str
    now: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    """Label and address of what undoes it."""
    following: Sequence[tuple[str, str]] = ()
    """Label and address of the next matter of the list, which the key `n` opens."""

    def __str__(self) -> str:
        now = _("；").join(self.now)
        links = format_html_join("", ' <a href="{}">{}</a>', [(url, label) for label, url in self.links])
        ahead = format_html_join(
            "", ' <a href="{}" data-key="n">{}</a>', [(url, label) for label, url in self.following]
        )
        return format_html("{}{}{}{}", self.done, now, links, ahead)


def tell_done(request: Request, entry: Verb, outcome: Outcome, told: Told | None = None) -> None:
    messages.success(request, str(told or Told(done_words(entry, outcome))))


def done_words(entry: Verb, outcome: Outcome) -> str:
    waits = any(done.facts.get("needs_approval") for done in outcome.entries)
    told = _("已申请“%(verb)s”，待第二人审批后生效。") if waits else _("“%(verb)s”已完成。")
    return told % {"verb": entry.label}


def lateness(outcome: Outcome) -> list[str]:
    """By how much the act missed the limits that it met."""
    done = [d for d in outcome.act.deadlines if d.met_at == outcome.act.at] if outcome.act else []
    return [
        _("本次%(limit)s超时 %(span)s")
        % {"limit": DEADLINE_KINDS[d.kind].label, "span": span_words(d.met_at - d.due_at)}
        for d in done
        if d.due_at and d.met_at and d.met_at > d.due_at
    ]


def held_now(outcome: Outcome) -> list[str]:
    """Who must act now, and until when; nothing where nobody must. The unit of who acts themself isn't named."""
    act = outcome.act
    if act is None or not act.matter.awaits:
        return []
    matter = act.matter
    person = act.batch.person(matter.holder_id)
    name: Any = person.name if person else act.batch.unit_by_id(matter.holder_unit_id)
    if person and act.actor and person.unit_id != act.actor.unit_id:
        name = _("%(person)s（%(unit)s）") % {"person": person.name, "unit": person.unit}
    told = [_("现由 %(name)s 负责") % {"name": name}] if name else []
    limits = [
        d for d in act.deadlines if d.is_outstanding and d.due_at and matter.awaits in DEADLINE_KINDS[d.kind].binds
    ]
    for limit in limits[-1:]:
        assert limit.due_at is not None
        told.append(
            _("%(limit)s时限 %(due)s") % {"limit": DEADLINE_KINDS[limit.kind].label, "due": show_due(limit.due_at)}
        )
    return told


def status_of(form: VerbForm) -> int:
    """The status of the answer that shows the form: 200, or that of its refusal."""
    return STATUS_OF.get(form.refusal.code, 422) if form.refusal else 200


def ready_again(form: VerbForm, present: Any) -> int:
    """Prepare a refused form for another try from the state shown now; return the status of the answer."""
    assert form.refusal is not None
    form.renew(present.shown_for(form.verb.name), fresh_key=form.refusal.code == "stale")
    return status_of(form)


class VerbPage:
    """The page of a verb: the form, or its result. A matter's page and the administration share it.

    `read` loads what this person may know of the subject for the page; a successful POST that redirects never calls it.
    """

    def serve(
        self, request: Request, entry: Verb, find: Callable[[], Any], find_to_act: Callable[[], Any] | None = None
    ) -> HttpResponse:
        """`find` gives the present subject; `find_to_act`, if it is another, with no more than a form for the gate
        needs. `_insert` puts a template into the form without running the verb.
        """
        inserts = "_insert" in request.POST
        if request.method == "POST" and not inserts:
            form = self.bound(request, (find_to_act or find)(), entry)
            outcome = run(request, form)
            return self.done(request, form, outcome) if outcome else self.refused(request, form, find)
        subject = find()
        if bar := barred(entry, subject, request.actor):
            return self.answer(request, subject, entry, None, *bar)
        known = self.read(request, subject)
        form = self.verb_form(request, known, entry, request.POST if inserts else None)
        if inserts:
            form.insert(request.POST.get("_preset", ""))
            _has_files(form, request)
        return self.answer(request, subject, entry, form, status_of(form), known=known)

    def bound(self, request: Request, subject: Any, entry: Verb) -> VerbForm:
        """The form with the typed values, for the gate."""
        return VerbForm(entry, subject, request.actor, data=request.POST)

    def verb_form(self, request: Request, known: Any, entry: Verb, data: Any = None) -> VerbForm:
        """The form to be shown."""
        form = VerbForm(entry, self.subject_of(known), request.actor, data=data)
        self.dress(request, known, form)
        return form

    def refused(self, request: Request, form: VerbForm, find: Callable[[], Any]) -> HttpResponse:
        """The form again with everything typed, next to the present state; the next try starts from that state."""
        assert form.refusal is not None
        if form.refusal.code == "forbidden" and request.htmx:
            messages.error(request, str(form.refusal))
            response: HttpResponse = HttpResponseClientRefresh()
            response.status_code = 403
            return response
        present = find()
        known, status = self.read(request, present), ready_again(form, present)
        self.dress(request, known, form)
        return self.answer(request, present, form.verb, form, status, known=known)

    def read(self, request: Request, subject: Any) -> Any:
        """What this person may know of the subject; by default the subject itself."""
        return subject

    def read_present(self, request: Request, subject: Any) -> Any:
        """The same for a page that says why the verb can't be run, and in which state the subject is now."""
        return self.read(request, subject)

    def subject_of(self, known: Any) -> Any:
        return known

    def dress(self, request: Request, known: Any, form: VerbForm) -> None:
        """Complete the form with known values and its appearance."""
        form.is_awaited, form.is_grave = form.verb.name == form.subject.awaits, form.verb.grave

    @abstractmethod
    def done(self, request: Request, form: VerbForm, outcome: Outcome) -> HttpResponse:
        """The page that shows what was done."""

    @abstractmethod
    def answer(
        self, request: Request, subject: Any, entry: Verb, form: VerbForm | None, status: int, sentence: str = "",
        *, known: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """The form, or the sentence shown instead of it."""


Seen = Callable[[Actor], QuerySet[Any]]


def _numbered(number: str, seen: Seen, actor: Actor) -> Any:
    for subject in standing_rows(_of_a_number, actor, actor.at, seen, text=number):
        return subject
    raise Http404


def _of_a_number(actor: Actor, _at: datetime, seen: Seen) -> list[QuerySet[Any]]:
    return [seen(actor).filter(matter__number=GIVEN)]


class MatterPage(VerbPage):
    """The page of one kind of matter, and the pages of the verbs on it.

    A subclass says which model it shows and at which addresses (`place`, and `place_of_verbs`), and what is on them:
    `frame` on each of its pages, `body` on the matter's own.
    """

    model: ClassVar[Any]
    place: ClassVar[str]
    place_of_verbs: ClassVar[str]
    template: ClassVar[str]
    verb_template: ClassVar[str]
    verb_part: ClassVar[str] = ""
    """What a script requests instead of the whole page of a verb."""
    looks: ClassVar[dict[str, tuple[Any, str, str]]] = {}
    """How timeline entries without a verb look, by their name in the ledger: title, icon, tone."""
    plain: ClassVar[tuple[Any, str, str]] = sentences.PLAIN
    by_itself: ClassVar[frozenset[str]] = frozenset()
    """Entries made by the system."""
    entries_shown: ClassVar[int] = 100

    # The matter

    def seen(self, actor: Actor) -> QuerySet[Any]:
        """The matters that this person may see, joined with what the pages show. It reads nothing but the person."""
        return self.model.objects.visible_to(actor).with_everything()

    def seen_to_act(self, actor: Actor) -> QuerySet[Any]:
        """The same, joined with what an act needs, which reads everything anew under its lock."""
        return self.seen(actor)

    def find(self, request: Request, number: str) -> Any:
        """The matter of this number, if the reader may see it; else 404, as for one that doesn't exist."""
        return _numbered(number, self.seen, request.actor)

    def find_to_act(self, request: Request, number: str) -> Any:
        return _numbered(number, self.seen_to_act, request.actor)

    # Its page

    def page(self, request: Request, number: str) -> HttpResponse:
        """What this person may know of the matter, and what they may do to it now."""
        return self.show(request, self.find(request, number))

    def show(self, request: Request, subject: Any, status: int = 200, *, sentence: str = "") -> HttpResponse:
        known = self.read(request, subject)
        context = self.frame(request, known) | self.body(request, known) | {"sentence": sentence}
        return self.opened(request, subject, self.template, context, status)

    def opened(
        self,
        request: Request,
        subject: Any,
        template: str,
        context: dict[str, Any],
        status: int,
        *,
        unread: bool = True,
    ) -> HttpResponse:
        """A page of the matter. Who opens it has read the notices that they got about it; who is refused has not.
        `unread` is false where it is known that there are none, so that nothing need be written.
        """
        if unread and request.method == "GET" and status == HTTPStatus.OK and subject.matter_id:
            read_about(request, subject.matter.number)
        return render(request, template, context, status=status)

    def frame(self, request: Request, known: Any) -> dict[str, Any]:
        """What every page of the matter shows."""
        return {}

    def body(self, request: Request, known: Any) -> dict[str, Any]:
        """What the matter's own page shows besides."""
        return {}

    def holder(self, subject: Any) -> dict[str, Any]:
        """Who must act now and what, or how it ended."""
        awaited = VERBS.get((self.model.matter_kind, subject.awaits))
        matter = subject.matter if subject.matter_id else None
        return {
            "holder": matter and matter.holder,
            "unit": matter and matter.holder_unit,
            "duty": awaited.label if awaited else "",
            "closed": "" if awaited else subject.describe_state(),
        }

    def offered(self, request: Request, subject: Any) -> list[Verb]:
        """The verbs this person may run now: the awaited one first, those that end something last."""
        found = available(subject, request.actor)
        return sorted(found, key=lambda entry: (entry.name != subject.awaits, entry.grave))

    def forms(self, request: Request, known: Any, verbs: Iterable[Verb]) -> list[VerbForm]:
        return [self.verb_form(request, known, entry) for entry in verbs]

    def timeline(self, request: Request, known: Any) -> list[dict[str, Any]]:
        """What was done to it, the newest first."""
        found = LedgerEntry.objects.filter(matter_id=self.subject_of(known).pk).select_related("actor__unit", "texts")
        entries = list(found.order_by("-seq")[: self.entries_shown])
        said = self.teller(request, known, entries)
        return [
            sentences.timeline_entry(
                entry, self.model.matter_kind, self._look(entry), said(entry),
                by_itself=self.is_by_itself(entry),
            )
            for entry in entries
        ]  # fmt: skip

    def _look(self, entry: LedgerEntry) -> tuple[Any, str, str]:
        verb = VERBS.get((self.model.matter_kind, entry.verb))
        return self.looks.get(entry.verb) or (look_of(verb) if verb else self.plain)

    def teller(self, request: Request, known: Any, entries: list[LedgerEntry]) -> Teller:
        """A function that describes these entries, masked."""
        return lambda entry: ""

    def is_by_itself(self, entry: LedgerEntry) -> bool:
        """Whether the system made the entry."""
        return entry.verb in self.by_itself

    # A verb on it

    def verb(self, name: str) -> Verb:
        """The verb that has a page here; an unknown one, or one that begins a matter, is not found."""
        entry = VERBS.get((self.model.matter_kind, name))
        if entry is None or entry.creates:
            raise Http404
        return entry

    def act(self, request: Request, number: str, verb: str) -> HttpResponse:
        """One verb: its form, or its result."""
        return self.serve(
            request, self.verb(verb), partial(self.find, request, number), partial(self.find_to_act, request, number)
        )

    def done(self, request: Request, form: VerbForm, outcome: Outcome) -> HttpResponse:
        """The page to which the act leads, with a message."""
        tell_done(request, form.verb, outcome, self.told(request, form, outcome))
        address = self.goes_on_at(request, outcome.subject)
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)

    def goes_on_at(self, request: Request, subject: Any) -> str:
        """The page after an act: the matter's own."""
        return self.address(subject)

    def told(self, request: Request, form: VerbForm, outcome: Outcome) -> Told:
        """What the message after an act says. Who has the matter now is told to those alone who may know it."""
        now = held_now(outcome) if self.knows_holder(request, outcome.subject) else []
        return Told(
            done_words(form.verb, outcome), now=[*now, *lateness(outcome)], links=self.undoes(request, form, outcome)
        )

    def knows_holder(self, request: Request, subject: Any) -> bool:
        return False

    def undoes(self, request: Request, form: VerbForm, outcome: Outcome) -> list[tuple[str, str]]:
        """The verb that puts a slip right, if this person may run it now."""
        undo = VERBS.get((self.model.matter_kind, form.verb.undone_by))
        if undo is None or outcome.repeated or not can_run(undo, outcome.subject, request.actor):
            return []
        return [(str(undo.label), reverse(self.place_of_verbs, args=[outcome.subject.matter.number, undo.name]))]

    def answer(
        self, request: Request, subject: Any, entry: Verb, form: VerbForm | None, status: int, sentence: str = "",
        *, known: Any = None,
    ) -> HttpResponse:  # fmt: skip
        known = self.read_present(request, subject) if known is None else known
        context = self.frame(request, known) | self.beside(request, known, entry, form) | {
            "verb": entry, "form": form, "sentence": sentence, "can_run": can_run(entry, subject, request.actor),
            "refused": status in (403, 409), "matter": subject.matter, "back": self.address(subject),
            "action": reverse(self.place_of_verbs, args=[subject.matter.number, entry.name]),
            "draft": f"{entry.name}:{subject.matter.number}",
        }  # fmt: skip
        is_part = self.verb_part and request.htmx and (request.method == "POST" or form is not None)
        return self.opened(request, subject, self.verb_part if is_part else self.verb_template, context, status)

    def beside(self, request: Request, known: Any, entry: Verb, form: VerbForm | None) -> dict[str, Any]:
        """What the page of a verb shows besides the frame: what must be read before the form is sent."""
        return {}

    def dress(self, request: Request, known: Any, form: VerbForm) -> None:
        form.initial.update(self.initial(request, known, form.verb))
        super().dress(request, known, form)

    def initial(self, request: Request, known: Any, entry: Verb) -> dict[str, Any]:
        """The form's initial values."""
        return {}

    def begun(self, request: Request, form: VerbForm, told: str) -> HttpResponse | None:
        """Begin a matter and go to its page with a message. None where the form wasn't sent, or was refused."""
        outcome = run(request, form) if form.is_bound else None
        if outcome is None:
            return None
        messages.success(request, told)
        return redirect(self.address(outcome.subject))

    def address(self, subject: Any) -> str:
        return reverse(self.place, args=[subject.matter.number])

    @property
    def views(self) -> tuple[Callable[..., HttpResponse], Callable[..., HttpResponse]]:
        """The two views, for the addresses: the matter's page, and that of a verb on it."""
        return require_safe(self.page), require_http_methods(READS_AND_WRITES)(self.act)
