"""The filters of a list of complaints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cached_property, lru_cache, partial
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import OuterRef, Q
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accountability.db.probes import Probe
from accountability.deadlines.limits import end_of_day
from accountability.gate.fields import FIRST_DAY
from accountability.models import END_DIGITS, Category, Employee, Region, Unit, fold, number_ends
from accountability.permissions import Actor
from accountability.web.desk import Clock
from complaints.lists.choices import Choices, Offered, offered, people_around
from complaints.lists.clocks import in_clock
from complaints.lists.worklists import DUE, NEWEST, OLDEST, ORDER, concerns
from complaints.models import FLAGS, Channel, Priority, Round, State, rounds_of
from complaints.models.visibility import ComplaintQuerySet, invited

OPEN, EVERYTHING = "", "all"
STATES = [(OPEN, _("未归档")), *[choice for choice in State.choices if choice[0] != State.NEW], (EVERYTHING, _("全部"))]
ORDERS = [("", _("紧急程度和时限")), ("due", _("到期先后")), ("newest", _("新受理在前")), ("oldest", _("旧受理在前"))]
OLD_CLOCK = "overdue"
"""How addresses named the only filter by clock that there once was."""

DAY = {"type": "date"}
SENSIBLE = MinValueValidator(FIRST_DAY)
WORDS = {
    "channel": dict(Channel.choices), "state": dict(STATES), "priority": dict(Priority.choices), "flag": dict(FLAGS),
    "clock": dict(Clock.choices),
}  # fmt: skip
IDS, CONTROLS = "filter_%s", "includes/filters.html"
MOST_KEPT = 400
"""Controls that are kept, a kilobyte each, or ten of one that offers a hundred units."""

KEYS = {"due": DUE, "newest": NEWEST, "oldest": OLDEST}


class OneOf(forms.ModelChoiceField):
    """A row of a table, by the value of its key. `rows`: the rows by key, where they were read beforehand."""

    rows: Mapping[str, Any] | None = None

    def to_python(self, value: Any) -> Any:
        if self.rows is None or value in self.empty_values:
            return super().to_python(value)
        if str(value) not in self.rows:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return self.rows[str(value)]

    def by_key(self) -> dict[str, Any]:
        return {str(getattr(row, self.to_field_name or "pk")): row for row in self.queryset or ()}


class Shared(dict[str, forms.Field]):
    """The fields of a form that is made for each request. A request changes only those that offer rows: to copy the
    others took longer than to read the address.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return {name: deepcopy(field, memo) if isinstance(field, OneOf) else field for name, field in self.items()}


class Filters(forms.Form):
    """The filters of a list, from its address. An invalid value shows an error at its field and filters nothing."""

    number = forms.CharField(
        label=_("投诉编号"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": _("编号或末四位")}),
    )  # fmt: skip
    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)
    priority = forms.ChoiceField(label=_("紧急程度"), choices=[("", _("不限")), *Priority.choices], required=False)
    flag = forms.ChoiceField(label=_("标志"), choices=[("", _("不限")), *FLAGS], required=False)
    unit = OneOf(label=_("现责任单位"), queryset=Unit.objects.none(), to_field_name="code", required=False)
    holder = OneOf(
        label=_("现由谁办理"), queryset=Employee.objects.none(), to_field_name="username", required=False,
    )  # fmt: skip
    person = forms.CharField(
        label=_("经办人"), required=False, max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("姓名或工号")}),
    )  # fmt: skip
    category = OneOf(
        label=_("投诉类别"), queryset=Category.objects.select_related("parent"), required=False,
    )  # fmt: skip
    region = OneOf(label=_("归属地市"), queryset=Region.objects.all(), to_field_name="name", required=False)
    channel = forms.ChoiceField(label=_("受理渠道"), choices=[("", _("不限")), *Channel.choices], required=False)
    received_from = forms.DateField(
        label=_("受理日期自"), required=False, widget=forms.DateInput(attrs=DAY), validators=[SENSIBLE]
    )
    received_to = forms.DateField(
        label=_("受理日期至"), required=False, widget=forms.DateInput(attrs=DAY), validators=[SENSIBLE]
    )
    clock = forms.ChoiceField(label=_("时限状况"), choices=[("", _("不限")), *Clock.choices], required=False)
    coordinated = forms.BooleanField(label=_("市场部协调"), required=False)
    mine = forms.BooleanField(label=_("只看与我有关"), required=False)
    order = forms.ChoiceField(label=_("次序"), choices=ORDERS, required=False)

    def __init__(self, data: object, actor: Actor, at: datetime, known: dict[str, Any] | None = None) -> None:
        """`known`: what the filters of one request share, so that each table is read once for all of them."""
        super().__init__(data=_as_now_written(data), auto_id=IDS)
        self.actor, self.at, self.known = actor, at, known
        if actor.reads_every_complaint:
            self.fields["unit"].queryset = Unit.objects.all()  # type: ignore[attr-defined]
            del self.fields["holder"]
        else:
            self.fields["holder"].queryset = people_around(actor)  # type: ignore[attr-defined]
            del self.fields["unit"], self.fields["coordinated"], self.fields["person"]
        for name, field in self.fields.items():
            if isinstance(field, OneOf):
                field.choices = partial(self._choices, name)
        if known is not None:
            self._share(known)
        self.is_valid()

    def _choices(self, name: str) -> Choices:
        return self._offered[name]

    @cached_property
    def _offered(self) -> Offered:
        """Read only where the filters are shown."""
        return offered(self.actor, self.at)

    def _share(self, known: dict[str, Any]) -> None:
        for name, field in self.fields.items():
            if isinstance(field, OneOf) and self.data.get(name):
                if name not in known:
                    known[name] = field.by_key()
                field.rows = known[name]

    def clean_number(self) -> str:
        return fold(self.cleaned_data["number"]).strip().upper()

    def clean_person(self) -> Employee | None:
        typed = self.cleaned_data["person"].strip()
        if not typed:
            return None
        found = named([typed])[typed] if self.known is None else self.known["people"][typed]
        if len(found) != 1:
            raise forms.ValidationError(_("有多位同名，请填工号。") if found else _("没有这个人，请填全名或工号。"))
        return found[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """The chosen order; by default R12's."""
        return KEYS.get(self.cleaned_data.get("order", ""), ORDER)

    @property
    def finds_few(self) -> bool:
        """Whether only open complaints are looked through, or those of one number, not the whole archive."""
        given = self.cleaned_data
        return bool(given.get("number")) or given.get("state", OPEN) == OPEN

    @property
    def narrows(self) -> bool:
        """Whether anything that may be seen is left out."""
        return {name: value for name, value in self.given.items() if name != "order"} != {"state": EVERYTHING}

    @property
    def controls(self) -> Iterator[SafeString]:
        """What the list can be narrowed by; its order has links of its own, a number a box of its own."""
        given = self.given
        return (self._control(field, given) for field in self if field.name not in ("order", "number"))

    def _control(self, bound: forms.BoundField, given: Mapping[str, str]) -> SafeString:
        """Most people are shown the same. Kept is what can be chosen, and a day, as an address of ours writes it; what
        is typed otherwise isn't: it may be somebody's name, or as long as an address.
        """
        value = bound.value()
        is_usual = value in ("", None, False, True) or (value == given.get(bound.name) and bound.name != "person")
        if bound.errors or not is_usual:
            return render_to_string(CONTROLS, {"fields": [bound]})
        return _kept_control(bound.name, value, self._offered.get(bound.name, ()), get_language())

    @property
    def given(self) -> dict[str, str]:
        """The filters that were given and understood, as an address writes them."""
        return {name: self._written(value) for name, value in self.cleaned_data.items() if value}

    @staticmethod
    def _written(value: Any) -> str:
        if isinstance(value, Unit):
            return value.code
        if isinstance(value, Employee):
            return str(value.username)
        if isinstance(value, Category):
            return str(value.pk)
        return "on" if value is True else str(value)

    @property
    def active(self) -> list[tuple[str, str]]:
        """The active filters: field and text. A search by number ignores the others."""
        names = ["number"] if self.cleaned_data.get("number") else [name for name in self.given if name != "order"]
        return [(name, self._said(name)) for name in names]

    @property
    def told(self) -> list[str]:
        """What narrows the list, for who decides on its file: also the state that is meant where none is given."""
        said = [text for _name, text in self.active]
        given = self.cleaned_data
        return said if given.get("number") or given.get("state") else [self._said("state"), *said]

    def _said(self, name: str) -> str:
        field, value = self.fields[name], self.cleaned_data[name]
        if value is True:
            return str(field.label)
        value = WORDS.get(name, {}).get(value, value)
        return _("%(field)s：%(value)s") % {"field": field.label, "value": value}

    def narrow(self, complaints: ComplaintQuerySet) -> ComplaintQuerySet:
        given = self.cleaned_data
        if number := given.get("number"):
            is_end = number.isdecimal() and len(number) >= END_DIGITS
            return complaints.filter(number_ends(number, "matter__") if is_end else Q(matter__number=number))
        state = self._state(given.get("state", OPEN))
        return complaints.filter(state, self._intake(), self._received(), self._present())

    @staticmethod
    def _state(state: str) -> Q:
        if state == OPEN:
            return Q(matter__closed_at=None)
        return Q() if state == EVERYTHING else Q(state=state)

    def _intake(self) -> Q:
        """A forwarder may not know category, urgency and flags, so a filter must not reveal them either."""
        where = Q()
        if category := self.cleaned_data.get("category"):
            where &= Q(category=category) | Q(category__parent=category)
        if self.cleaned_data.get("channel"):
            where &= Q(channel=self.cleaned_data["channel"])
        if self.cleaned_data.get("priority"):
            where &= Q(priority=self.cleaned_data["priority"])
        if self.cleaned_data.get("flag"):
            where &= Q(**{self.cleaned_data["flag"]: True})
        if where and not self.actor.reads_every_complaint:
            where &= rounds_of(self.actor, Probe) | invited(self.actor, Probe)
        return where

    def _received(self) -> Q:
        """By the day of registration, both days included."""
        where = Q()
        if self.cleaned_data.get("region"):
            where &= Q(region=self.cleaned_data["region"].name)
        if first := self.cleaned_data.get("received_from"):
            where &= Q(registered_at__gt=end_of_day(first - timedelta(days=1)))
        if last := self.cleaned_data.get("received_to"):
            where &= Q(registered_at__lte=end_of_day(last))
        return where

    def _present(self) -> Q:
        where = Q()
        if self.cleaned_data.get("unit"):
            where &= Q(matter__holder_unit=self.cleaned_data["unit"])
        if self.cleaned_data.get("holder"):
            newest = Round.objects.visible_to(self.actor).filter(pk=OuterRef("latest_round"))
            where &= Q(Probe(newest), matter__holder=self.cleaned_data["holder"])
        if person := self.cleaned_data.get("person"):
            where &= Q(matter__holder=person) | Q(agent=person)
        if self.cleaned_data.get("clock"):
            where &= in_clock(self.cleaned_data["clock"], self.actor, self.at)
        if self.cleaned_data.get("coordinated"):
            where &= Q(coordinator__isnull=False)
        if self.cleaned_data.get("mine"):
            where &= concerns(self.actor)
        return where


Filters.base_fields = Shared(Filters.base_fields)


@lru_cache(maxsize=MOST_KEPT)
def _kept_control(name: str, value: Any, offers: Choices, _language: str | None) -> SafeString:
    """A filter's control, written once for each value, for what it offers and the language."""
    form, field = forms.Form(initial={name: value}, auto_id=IDS), deepcopy(Filters.base_fields[name])
    if offers:
        field.choices = offers  # type: ignore[attr-defined]
    form.fields[name] = field
    return render_to_string(CONTROLS, {"fields": [form[name]]})


def filters_of(asked: Sequence[Mapping[str, str]], actor: Actor, at: datetime) -> list[Filters]:
    """The filters of many addresses, in a constant number of statements."""
    people = named([each["person"].strip() for each in asked if each.get("person")])
    known: dict[str, Any] = {"people": people}
    return [Filters(each, actor, at, known) for each in asked]


def named(typed: Sequence[str]) -> dict[str, list[Employee]]:
    """The people with each of these usernames or names. No statement for none."""
    found: dict[str, list[Employee]] = defaultdict(list)
    for person in Employee.objects.filter(Q(username__in=typed) | Q(name__in=typed)) if typed else ():
        for said in {person.username, person.name}:
            found[said].append(person)
    return found


def _as_now_written(data: Any) -> Any:
    """Translate an old address or saved view."""
    if data.get(OLD_CLOCK) and not data.get("clock"):
        data = data.copy()
        data["clock"] = Clock.LATE.value
    return data
