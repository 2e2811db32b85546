"""Controls for fields that only complaints have: units to invite, attendees, a task and an instant for each unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from django import forms
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accountability.db.pinyin import joined, keys
from accountability.gate.fields import BadFact, as_list
from accountability.models import Category, Employee, Region, Unit
from accountability.security.markup import format_html, format_html_join
from accountability.web.verb_forms import BLANK_CHOICE, InstantInput


class UnitsInput(forms.CheckboxSelectMultiple):
    """A checkbox for each unit, grouped by kind."""

    def __init__(self, units: Callable[[], Iterable[Unit]]) -> None:
        super().__init__(choices=CallableChoiceIterator(lambda: self._by_kind(units())))

    @staticmethod
    def _by_kind(units: Iterable[Unit]) -> list[tuple[str, list[tuple[str, str]]]]:
        kinds = groupby(units, key=lambda unit: unit.get_kind_display())
        return [(kind, [(unit.code, str(unit)) for unit in some]) for kind, some in kinds]


class PeopleButtons(forms.RadioSelect):
    """A few people as buttons, each with what is told of them (complaints.lists.hands)."""

    def __init__(self, people: Sequence[Any], *, required: bool) -> None:
        super().__init__(choices=[(person.username, person.name) for person in people])
        self.people, self.is_required = people, required

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return people_buttons(
            name, self.people, value or "", key=(attrs or {}).get("id", ""), required=self.is_required
        )


def people_buttons(
    name: str, people: Iterable[Any], typed: str, *, key: str = "", owner: str = "", required: bool = False
) -> SafeString:
    """`owner`: the key of the form, for buttons outside of it. Without a template: a unit's desk has a hundred."""
    form, demanded = format_html(' form="{}"', owner) if owner else "", " required" if required else ""
    buttons = [
        (
            format_html(' id="{}_{}"', key, place) if key else "", name, person.username, form, demanded,
            " checked" if person.username == typed else "", person.name, _notes(person.notes),
        )
        for place, person in enumerate(people)
    ]  # fmt: skip
    written = format_html_join(
        "\n", '<label class="chip"><input type="radio"{} name="{}" value="{}"{}{}{}> <span>{}</span>{}</label>', buttons
    )
    return format_html('<div class="people"{}>{}</div>', format_html(' id="{}"', key) if key else "", written)


def _notes(notes: Iterable[tuple[str, str]]) -> SafeString:
    return format_html_join("", ' <span class="badge tone-{}">{}</span>', ((tone, words) for words, tone in notes))


class ComboSelect(forms.Select):
    """A list of names. With a script, a box finds them by characters, initials or syllables (combo.js)."""

    none = _("没有符合的项，请从列表中选择。")

    def __init__(self, choices: Any, hint: Any) -> None:
        found = _("{count} 项，用上下键选择")
        told = {
            "data-combo": "",
            "data-hint": hint,
            "data-list": _("选项"),
            "data-found": found,
            "data-none": self.none,
        }
        super().__init__(told, choices)

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if value:
            option["attrs"] |= self.found_by(str(value), str(label))
        return option

    def found_by(self, value: str, label: str) -> dict[str, str]:
        """The attributes by which a script finds the option: initials and syllables, which of other scripts are one."""
        return {"data-find": f"{joined(label)} {joined(label)}"}


class CategorySelect(ComboSelect):
    """The list of categories, which are found by what customers call them too."""

    none = _("没有符合的类别，请从列表中选择。")

    def __init__(self, choices: Any) -> None:
        super().__init__(choices, _("汉字、拼音首字母或客户的说法，如 tf、乱扣费"))

    @cached_property
    def rows(self) -> dict[str, Category]:
        """All categories by path."""
        rows = Category.objects.select_related("parent").only(
            "name", "pinyin", "words", "parent__name", "parent__pinyin"
        )
        return {row.path: row for row in rows}

    def found_by(self, value: str, label: str) -> dict[str, str]:
        if (row := self.rows.get(value)) is None:  # added since
            return {}
        found = " ".join(keys(part.pinyin) for part in (row.parent, row) if part)
        return {"data-find": found} | ({"data-words": row.words} if row.words else {})


class RegionSelect(ComboSelect):
    """The list of regions, one per place."""

    def __init__(self) -> None:
        # The copy that a field makes of its widget asks no second time.
        self.regions = cache(lambda: dict(Region.objects.order_by("name").values_list("name", "pinyin")))
        named = CallableChoiceIterator(lambda: [BLANK_CHOICE, *((name, name) for name in self.regions())])
        super().__init__(named, _("汉字或拼音首字母，如 wh"))

    def found_by(self, value: str, label: str) -> dict[str, str]:
        return {"data-find": keys(self.regions()[value])}


class UnitSelect(ComboSelect):
    """The list of units. For an English reader they are found by the English name, where there is one."""

    def __init__(self) -> None:
        self.units = cache(lambda: {unit.code: unit for unit in Unit.objects.order_by("kind", "code")})
        named = CallableChoiceIterator(
            lambda: [BLANK_CHOICE, *((code, str(unit)) for code, unit in self.units().items())]
        )
        super().__init__(named, _("汉字或拼音首字母，如 whfgs"))

    def found_by(self, value: str, label: str) -> dict[str, str]:
        unit = self.units()[value]
        return {"data-find": keys(unit.pinyin)} if label == unit.name else super().found_by(value, label)


def with_unit(person: Employee) -> str:
    return gettext("%(person)s（%(unit)s）") % {"person": person, "unit": person.unit}


class PeopleInput(forms.MultiWidget):
    """A checkbox for each likely person, and a line for other usernames. Returns one list."""

    template_name = "complaints/fields/widgets/people.html"
    use_fieldset = True

    def __init__(self, likely: Callable[[], Iterable[Employee]], told: Callable[[Employee], str] = with_unit) -> None:
        """`likely` is asked where the boxes are shown; `told` is what a box says of its person."""
        self._likely, self._told = likely, told
        others = {"placeholder": _("其他人员的工号，以空格分隔"), "aria-label": _("其他人员的工号")}
        super().__init__(
            {
                "likely": forms.CheckboxSelectMultiple(choices=CallableChoiceIterator(lambda: self.known)),
                "others": forms.TextInput(attrs=others | {"autocomplete": "off"}),
            }
        )

    @cached_property
    def known(self) -> list[tuple[str, str]]:
        return [(person.username, self._told(person)) for person in self._likely()]

    def decompress(self, value: Any) -> list[Any]:
        names = [str(name) for name in value or ()]
        offered = {username for username, _label in self.known}
        return [[name for name in names if name in offered], " ".join(name for name in names if name not in offered)]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        likely, others = super().value_from_datadict(data, files, name)
        try:
            return [*likely, *as_list(others)]
        except BadFact:
            return list(likely)

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class RowsInput(forms.Widget):
    """A row of controls for each unit or person: none has the field's own name, and none of them alone is required."""

    use_fieldset = True

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def id_for_label(self, id_: str | None) -> str:
        return ""


class TasksInput(RowsInput):
    """A task and its instant for each invited unit. Returns `[{unit, task, due}]` without empty rows."""

    template_name = "complaints/fields/widgets/tasks.html"

    def __init__(self, units: Iterable[Unit]) -> None:
        super().__init__()
        self.units = list(units)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = {row["unit"]: row for row in value or () if isinstance(row, dict)}
        context["widget"]["rows"] = [
            self._row(name, unit, given.get(unit.code, {}), attrs or {}) for unit in self.units
        ]
        return context

    @staticmethod
    def _row(name: str, unit: Unit, given: dict[str, Any], attrs: dict[str, Any]) -> dict[str, Any]:
        base = f"{attrs.get('id', name)}_{unit.code}"
        return {
            "unit": unit,
            "task_name": f"{name}-{unit.code}-task", "task_id": f"{base}_task", "task": given.get("task", ""),
            "due_name": f"{name}-{unit.code}-due", "due_id": f"{base}_due",
            "due": InstantInput().format_value(given.get("due")),
        }  # fmt: skip

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        rows = [
            {"unit": unit.code, "task": data.get(f"{name}-{unit.code}-task"),
             "due": data.get(f"{name}-{unit.code}-due")}
            for unit in self.units
        ]  # fmt: skip
        return [row for row in rows if row["task"] or row["due"]]
