"""The form of a verb, built from its facts: the page shows it, the gate judges its values.

Nothing is validated here: the values go to the gate as they were typed, and a refusal comes back as errors at the
fields, with everything typed still there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from django import forms
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import SHANGHAI
from accountability.gate import fields as facts
from accountability.gate.act import Refused
from accountability.gate.verbs import Verb
from accountability.models import Category, Employee, Unit
from accountability.models.naming import in_readers_language
from accountability.permissions import Actor
from accountability.security.telephone import PATTERN, OnPage

BLANK_CHOICE = ("", _("请选择"))
NUMBER_INPUT = {
    "inputmode": "tel", "autocomplete": "off", "maxlength": 30, "pattern": PATTERN,
    "title": _("数字，可用空格、加号、短横和括号"),
}  # fmt: skip


class RawField(forms.Field):
    """Takes any text: the gate cleans it."""

    def __init__(self, fact: facts.Fact, subject: Any, widget: forms.Widget, **kwargs: Any) -> None:
        needed = fact.is_required(subject)
        super().__init__(label=fact.label, help_text=fact.help, required=needed, widget=widget, **kwargs)
        self.fact = fact

    def clean(self, value: Any) -> Any:
        return value


class LimitsWidget(forms.MultiWidget):
    """One input for each priority; gives `{P1: text, …}`."""

    template_name = "accountability/web/widgets/limits.html"

    def __init__(self, priorities: tuple[str, ...]) -> None:
        super().__init__({p: forms.TextInput(attrs={"size": 6, "aria-label": p}) for p in priorities})
        self.priorities = priorities

    def decompress(self, value: Any) -> list[Any]:
        known = value if isinstance(value, dict) else {}  # a link may have put anything there
        return [known.get(p, "") for p in self.priorities]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        return {p: text for p, text in zip(self.priorities, typed, strict=True) if text}


class InstantInput(forms.DateTimeInput):
    """Day and time to the minute, in Shanghai time whatever the reader's own is."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str:
        if isinstance(value, datetime):
            return value.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        return str(value or "").replace(" ", "T")


def _category_choices() -> list[Any]:
    heads = Category.objects.filter(parent=None, is_active=True).prefetch_related("leaves")
    groups: list[Any] = [BLANK_CHOICE]
    for head in heads:
        told = in_readers_language(head)
        leaves = [
            (f"{head.name}/{leaf.name}", in_readers_language(leaf)) for leaf in head.leaves.all() if leaf.is_active
        ]
        groups.append((told, [(head.name, _("%(head)s(不分小类)") % {"head": told}), *leaves]))
    return groups


def _named(person: Employee) -> tuple[str, str]:
    return person.username, f"{person.name}({person.username})"


def _widget(fact: facts.Fact, subject: Any, actor: Actor) -> forms.Widget:  # noqa: C901 - one case a kind of fact
    """The control for a kind of fact. Choices are loaded only when they are shown: a submitted form needs none. They
    are loaded once, though a select asks whether the first one is blank before it shows them.
    """
    own = fact.control(subject, actor)
    if own is not None:
        return own
    match fact:
        case facts.Choices():
            return forms.CheckboxSelectMultiple(choices=fact.choices)
        case facts.Offered():
            return forms.CheckboxSelectMultiple(choices=CallableChoiceIterator(cache(lambda: fact.offers(subject))))
        case facts.Choice():
            if len(fact.choices) <= 3:
                return forms.RadioSelect(choices=fact.choices)
            return forms.Select(choices=(BLANK_CHOICE, *fact.choices))
        case facts.YesNo():
            return forms.RadioSelect(choices=(("true", fact.yes), ("false", fact.no)))
        case facts.Person() if fact.among is not None:
            people = partial(fact.among, subject, actor)
            named = cache(lambda: (BLANK_CHOICE, *map(_named, people())))
            return forms.Select(choices=CallableChoiceIterator(named))
        case facts.InUnit():
            units = Unit.objects.order_by("kind", "code")
            named = cache(lambda: (BLANK_CHOICE, *((unit.code, str(unit)) for unit in units)))
            return forms.Select(choices=CallableChoiceIterator(named))
        case facts.InCategory():
            return forms.Select(choices=CallableChoiceIterator(cache(_category_choices)))
        case facts.Instant():
            return InstantInput()
        case facts.Day():
            return forms.DateInput(attrs={"type": "date"})
        case facts.Days() | facts.DayNames():
            return forms.Textarea(attrs={"rows": 4})
        case facts.LimitsByPriority():
            return LimitsWidget(fact.priorities)
        case facts.OneLimit():
            return forms.TextInput(attrs={"size": 8, "autocomplete": "off"})
        case facts.Whole():
            return forms.NumberInput(attrs={"min": fact.least, "max": fact.most})
        case facts.Phone():
            return forms.TextInput(attrs=NUMBER_INPUT)
        case facts.Text() if fact.rows > 1:
            return forms.Textarea(attrs={"rows": fact.rows, "maxlength": fact.max_length})
        case facts.Text():
            return forms.TextInput(attrs={"maxlength": fact.max_length, "autocomplete": "off"})
    return forms.TextInput()


def _typed(fact: facts.Fact, value: Any) -> Any:
    """The value for the gate. Of a telephone number a page demands more than the verb."""
    return OnPage(value) if isinstance(fact, facts.Phone) and isinstance(value, str) else value


@dataclass(frozen=True)
class Preset:
    """A text that a form offers as a start, by its name."""

    name: str
    text: str


class VerbForm(forms.Form):
    """The form of one verb on one subject for one person.

    Two hidden fields are sent with it: `_key`, which makes a double click harmless, and `_seen`, the state that the
    page showed, so that an outdated tab is refused.
    """

    _key = forms.CharField(widget=forms.HiddenInput, required=False)
    _seen = forms.CharField(widget=forms.HiddenInput, required=False)

    is_awaited = False
    """Whether the page expects this verb next and shows its form open."""
    is_grave = False
    """Whether the page sets it apart because it ends something."""
    demanded: tuple[str, ...] = ()
    """Facts that this page requires although the verb doesn't."""
    preface: str = ""
    """What the person must know before they answer; shown above the fields."""
    cites: str = ""
    """The rule that binds this person here, where it differs from the verb's own."""
    shows: tuple[tuple[Any, str], ...] = ()
    """What the person signs with it, label and words; shown above the fields."""
    presets: tuple[Preset, ...] = ()
    """Texts that may be inserted into the field `preset_field`."""
    preset_field: str = ""

    def __init__(
        self, verb: Verb, subject: Any, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None
    ) -> None:
        fresh = {"_key": secrets.token_urlsafe(16), "_seen": subject.shown_for(verb.name)} if data is None else {}
        super().__init__(data=data, initial=fresh | (initial or {}), auto_id=f"id_{verb.name}_%s")
        self.verb, self.subject = verb, subject
        self.refusal: Refused | None = None
        for fact in verb.facts:
            self.fields[fact.name] = RawField(fact, subject, _widget(fact, subject, actor))
        if data is not None:
            self.demand(*verb.demands(data))
            self.begin_in(self.of_list)

    @property
    def is_one_tap(self) -> bool:
        """Whether nothing is asked, and nothing has to be read before: a button is enough."""
        return not (self.visible_fields() or self.shows or self.preface or self.is_grave)

    @property
    def takes_files(self) -> bool:
        return any(fact.is_file for fact in self.verb.facts)

    def choices_of(self, name: str) -> list[str]:
        """The values that may be chosen in this field, without the blank one."""
        return [value for value, _label in self.fields[name].widget.choices if value]

    def demand(self, *names: str) -> None:
        """Require these facts: the gate refuses the form without them."""
        self.demanded += names
        for name in names:
            self.fields[name].required = True

    def begin_in(self, asked: str) -> None:
        """Send along from which list the form was opened, so that the message after the act can offer its next one."""
        if asked:
            self.fields["_list"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=asked)

    @property
    def of_list(self) -> str:
        return self._typed("_list")

    @property
    def key(self) -> str | None:
        return self._typed("_key")[:64] or None

    @property
    def seen(self) -> str | None:
        return self._typed("_seen") or None

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, "") or "")

    def raw(self) -> dict[str, Any]:
        """The typed values by fact, for the gate, without blank fields."""
        values = {fact.name: _typed(fact, self[fact.name].data) for fact in self.verb.facts}
        return {name: value for name, value in values.items() if value not in facts.BLANK}

    def insert(self, name: str) -> None:
        """Append the preset of this name to the text in its field; an unknown name changes nothing."""
        text = next((preset.text for preset in self.presets if preset.name == name), "")
        if not text:
            return
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed[self.preset_field] = "\n".join(part for part in (self._typed(self.preset_field).rstrip(), text) if part)
        self.data = typed

    @property
    def preset_target(self) -> Any:
        return self[self.preset_field]

    def renew(self, shown: str, *, fresh_key: bool) -> None:
        """Keep the typed values; the next try starts from the state shown now, after a stale one with a fresh key."""
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed["_seen"] = shown
        if fresh_key:
            typed["_key"] = secrets.token_urlsafe(16)
        self.data = typed
        # A page sets errors at a field after the form was sent.
        self._bound_fields_cache: dict[str, forms.BoundField] = {}

    def refuse(self, refusal: Refused) -> None:
        """Show the refusal: sentences at their fields, the rest at the top."""
        self.refusal = refusal
        self.is_valid()
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, sentence)
        at_fields_only = refusal.code == "facts" and refusal.fields
        if not at_fields_only and str(refusal) not in refusal.fields.values():
            self.add_error(None, str(refusal))
