"""The forms with which marketing revises limits, policies, calendar and the words of papers (R6, R15).

They show the values in force. The verbs on limits accept a missing reason, since the contract's scenarios give none;
every form here requires one.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.day_names import write_names
from accountability.deadlines.words import time_words
from accountability.gate.subjects import REVISE_LIMITS, Organisation
from accountability.gate.verbs import VERBS, Verb
from accountability.models import CalendarYear, PaperWording, TimeLimits, limits_in_force, privacy_in_force
from accountability.permissions import Actor
from accountability.web.verb_forms import LimitsWidget, VerbForm

REVISIONS = (*REVISE_LIMITS, "publish_calendar", "set_papers", "set_privacy_policy")


def revision_form(verb: Verb, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None) -> VerbForm:
    """The form of one of `REVISIONS`, beginning with the values in force."""
    if verb.name == "publish_calendar":
        initial = calendar_known(initial or {})
    elif verb.name == "set_papers":
        initial = {"phrases": phrases_known()} | (initial or {})
    form = VerbForm(verb, Organisation.standing(), actor, data=data, initial=initial)
    form.demand("reason")
    if verb.name in REVISE_LIMITS:
        _show_present(form, limits_in_force(actor.at))
    elif verb.name == "set_privacy_policy":
        current = privacy_in_force(actor.at)
        for name, field in form.fields.items():
            if hasattr(current, name) and name != "reason":
                field.widget.attrs["placeholder"] = getattr(current, name)
    return form


def limit_forms(actor: Actor) -> list[VerbForm]:
    """The forms of a new version of the limits; none for people who may not make one."""
    verbs = [VERBS["organisation", name] for name in REVISE_LIMITS]
    return [revision_form(verb, actor) for verb in verbs if verb.permits(None, actor)]


def calendar_known(given: dict[str, Any]) -> dict[str, Any]:
    """The days of the year's version in force, one a line, where the year is named and published."""
    year = str(given.get("year", ""))
    current = CalendarYear.objects.filter(year=year).order_by("-version").first() if year.isdecimal() else None
    if current is None:
        return given
    known = {"days_off": "\n".join(current.days_off), "days_worked": "\n".join(current.days_worked)}
    return known | {"names": write_names(current.day_names)} | given


def phrases_known() -> dict[str, str]:
    """The phrases that marketing has changed; the rest are defaults."""
    last = PaperWording.objects.first()
    return dict(last.phrases) if last else {}


def _show_present(form: VerbForm, current: TimeLimits) -> None:
    """The empty inputs show the values in force; an input left empty changes nothing."""
    present = {name: getattr(current, name) for name in ("returns_before_ruling", "repeat_within_hours")}
    for name, value in (present | current.ladder | current.mass).items():
        if name in form.fields:
            form.fields[name].widget.attrs["placeholder"] = value
    for name, value in current.others.items():
        if name in form.fields:
            form.fields[name].widget.attrs["placeholder"] = _("现行 %(limit)s") % {"limit": time_words(value)}
    for name, values in current.by_priority.items():
        if name in form.fields:
            widget = form.fields[name].widget
            assert isinstance(widget, LimitsWidget)
            for priority, part in zip(widget.priorities, widget.widgets, strict=True):
                part.attrs["placeholder"] = _("现行 %(limit)s") % {"limit": time_words(values[priority])}
