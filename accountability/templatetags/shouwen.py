"""How instants, spans, states and deadlines look, in one place, so that a state looks the same on every page.

A look is a tone (colour), a shape and a word together, so that no single one carries the meaning. The words come from
the models; only those of a running clock are defined here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accountability.deadlines.limits import (
    SHANGHAI,
    show_due,
    show_instant,
    show_second,
    weekday,
)
from accountability.deadlines.words import limit_words, span_words
from accountability.declarations.limits import deadline_label
from accountability.declarations.looks import LOOKS, PLAIN
from accountability.declarations.rule_names import RULE
from accountability.gate.lookups import held_matter
from accountability.organisation.guarded_changes import BEFORE_ASKING
from accountability.rules.catalogue import RULES
from accountability.security.markup import format_html, format_html_join
from accountability.security.telephone import PATTERN, dialled

register = template.Library()
register.filter(limit_words)
register.filter(weekday)

NOTHING = "—"

DAY_WORDS = {
    "workday": gettext_lazy("工作日"),
    "weekend": gettext_lazy("周末"),
    "holiday": gettext_lazy("放假"),
    "make_up": gettext_lazy("调休上班"),
}


@register.filter
def instant(value: datetime | None) -> str:
    """The instant as on all pages, `2026-10-13 24:00`, cut off at the second; a dash where there is none."""
    return show_second(value) if value else NOTHING


@register.simple_tag
def when(value: datetime | None, exact: bool = False) -> str:
    """The instant as a `<time>` element, for readers and for machines.

    `exact` keeps the milliseconds, where a page explains what was in time and what wasn't.
    """
    if value is None:
        return NOTHING
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), show_instant(value) if exact else instant(value)
    )


@register.simple_tag
def due(value: datetime | None, exact: bool = False) -> str:
    """When a limit ends, as a `<time>` element, with the day of the week."""
    if value is None:
        return NOTHING
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), show_due(value, exact))


@register.filter
def duration(value: timedelta | None) -> str:
    """A span in its two largest units, `1天 3小时`, `12分 30秒`, without its sign; the rest is cut off."""
    return NOTHING if value is None else span_words(value)


def instant_of(context: Context) -> datetime:
    """The page's instant: `at` where its context has one, else the arrival of the request."""
    return context.get("at") or context["request"].at


@register.simple_tag(takes_context=True)
def lasting(context: Context, start: datetime | None) -> str:
    """How long something has lasted by now: `{% lasting matter.waiting_since %}`."""
    return lasting_at(instant_of(context), start)


def lasting_at(at: datetime, start: datetime | None) -> str:
    return duration(at - start) if start else NOTHING


@register.filter
def day_word(why: str) -> str:
    """Why a day was counted or skipped, as the working calendar names it."""
    return str(DAY_WORDS[why])


@register.simple_tag
def icon(name: str) -> SafeString:
    """One symbol of the sprite. It is decoration and hidden from screen readers: a word must be next to it."""
    return _drawn(name, settings.STATIC_URL)


@lru_cache(maxsize=400)
def _drawn(name: str, place: str) -> SafeString:
    """A page has a hundred symbols of a few kinds. `place`: the address of the files that they were drawn for."""
    sprite = static("shouwen/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.simple_tag
def badge(kind: str, value: str, label: str) -> SafeString:
    """A state, priority or flag: `{% badge "complaint" complaint.state complaint.get_state_display %}`."""
    return _badge(kind, value, str(label), settings.STATIC_URL)


@lru_cache(maxsize=1000)
def _badge(kind: str, value: str, label: str, _place: str) -> SafeString:
    """As `_drawn`."""
    tone, shape = LOOKS[kind].get(value, PLAIN)
    look = "badge--solid" if tone == "solid" else f"tone-{tone}"
    return format_html('<span class="badge {}">{}{}</span>\n', look, icon(shape), label)


@dataclass(frozen=True)
class ClockFace:
    """What a clock shows at one instant. `word` isn't translated yet. `ticking`: the page keeps counting."""

    state: str
    tone: str
    icon: str
    word: str
    span: timedelta | None = None
    part_run: float | None = None
    ticking: bool = False


def clock_face(deadline: Any, at: datetime) -> ClockFace:
    """The deadline's look at `at`; one due before `at` is shown late even where no sweep has noticed it yet."""
    if deadline.voided_at:
        return ClockFace("void", "neutral", "cross", N_("已取消"))
    if deadline.excused_at:
        return ClockFace("excused", "neutral", "flag", N_("超时，已免责"))
    if deadline.met_at:
        return _settled_face(deadline)
    if deadline.due_at is None:
        return ClockFace("no_calendar", "danger", "calendar", N_("工作日历未发布，暂无到期时刻"))
    if deadline.is_window:
        return _window_face(deadline.due_at - at)
    if deadline.suspended_at:
        return ClockFace("suspended", "back", "back", N_("中止，待裁定"))
    if deadline.due_at < at:
        return ClockFace("missed", "danger", "clock-late", N_("已超"), at - deadline.due_at, 1, ticking=True)
    return _running_face(deadline, at)


def _settled_face(deadline: Any) -> ClockFace:
    """Late only if it was missed. What was done while it waited for its calendar had no time to be within, and may lie
    after the due instant that was filled in later.
    """
    ahead = deadline.due_at - deadline.met_at if deadline.due_at else None
    if deadline.missed_at:
        return ClockFace("late", "danger", "clock-late", N_("超时履行，超"), ahead)
    if ahead is None or ahead < timedelta():
        return ClockFace("met", "ok", "check", N_("已履行"))
    return ClockFace("met", "ok", "check", N_("按时履行，余"), ahead)


def _window_face(left: timedelta) -> ClockFace:
    if left < timedelta():
        return ClockFace("past", "neutral", "ring", N_("期限已过，退回须主管裁定"))
    return ClockFace("window", "neutral", "ring", N_("尚余"), left)


def _running_face(deadline: Any, at: datetime) -> ClockFace:
    """Shape and colour change at 50 %, and to a triangle at 80 %, or when a warning of as much was sent before."""
    whole = (deadline.due_at - deadline.started_at) or timedelta(microseconds=1)
    run = max(0.0, min(1.0, (at - deadline.started_at) / whole))
    left = deadline.due_at - at
    if run >= 0.8 or deadline.warned >= 80:
        return ClockFace("urgent", "warn", "alert", N_("仅剩"), left, run, ticking=True)
    if run >= 0.5 or deadline.warned >= 50:
        return ClockFace("warned", "warn", "half", N_("尚余"), left, run, ticking=True)
    return ClockFace("open", "info", "clock", N_("尚余"), left, run, ticking=True)


@register.simple_tag(takes_context=True)
def clock(context: Context, deadline: Any, compact: bool = False) -> SafeString:
    """A deadline as a chip, at the page's instant. It is readable without a script."""
    return clock_at(instant_of(context), deadline, compact)


def clock_at(at: datetime, deadline: Any, compact: bool = False) -> SafeString:
    face, language = clock_face(deadline, at), get_language()
    look = face.state, face.tone, face.icon, face.word, deadline.kind
    begin, words = _clock(*look, compact, language, settings.STATIC_URL)
    whole = "" if compact else _whole_clock(deadline, face)
    if face.span is None:
        return format_html("{}{}</span>{}</div>\n", begin, words, whole)
    goes_on = span_words(face.span, language)
    if not face.ticking:
        return format_html("{}{} <span data-countdown>{}</span></span>{}</div>\n", begin, words, goes_on, whole)
    ends = (deadline.due_at.astimezone(SHANGHAI).isoformat(), deadline.started_at.astimezone(SHANGHAI).isoformat())
    return format_html(
        '{} data-due="{}" data-start="{}"{} <span data-countdown>{}</span></span>{}</div>\n',
        begin, *ends, words, goes_on, whole,
    )  # fmt: skip


@lru_cache(maxsize=1000)
def _clock(
    state: str, tone: str, shape: str, word: str, kind: str, compact: bool, _language: str | None, _place: str
) -> tuple[SafeString, SafeString]:
    """What clocks of one kind in one state have in common: before their instants, and between those and the span. A
    list has a hundred clocks, so the words are translated here, once for each language.
    """
    begin = format_html('<div class="clock clock--{} tone-{}{}"', state, tone, " clock--line" if compact else "")
    label = str(deadline_label(kind))
    words = format_html(
        '>{} <span class="clock__kind">{}</span> <span class="clock__left">'
        '<span data-word data-left="{word}" data-over="{over}">{word}</span>',
        icon(shape), label, word=_(word), over=_("已超"),
    )  # fmt: skip
    return begin, words


def _whole_clock(deadline: Any, face: ClockFace) -> SafeString:
    """When it is due and was met, and how much of it has run."""
    until = met = meter = ""
    if deadline.met_at:
        met = format_html(" <span>{} {}</span>", _("履行"), when(deadline.met_at))
    if deadline.due_at:
        until = format_html(
            ' <span class="clock__due"> <span>{} {}</span>{} </span>', _("到期"), due(deadline.due_at), met
        )
    if face.ticking:
        run = f"{face.part_run:.3f}"
        meter = format_html(' <progress class="meter" max="1" value="{}" aria-hidden="true"></progress>', run)
    return format_html("{}{}", until, meter)


@register.simple_tag
def rule(name: str) -> SafeString | str:
    """The name of a rule as a link to its words: `{% rule deadline_rule %}`. Empty for an unknown name (R55)."""
    found = RULES.get(name)
    if found is None:
        return ""
    title = _("规则 %(name)s：%(title)s") % {"name": name, "title": found.title}
    return format_html('<a class="nowrap" href="{}#{}" title="{}">{}</a>', reverse("rules"), name, title, name)


@register.simple_tag
def rule_of(verb: Any, cites: str = "") -> SafeString | str:
    """The rule that a verb comes from, or the one that the form `cites` instead, in small print next to its button;
    empty for a verb without a rule.
    """
    named = cites or (next(iter(verb.rules), "") if verb else "")
    return format_html('<span class="muted small">{} {}</span>', _("依据"), rule(named)) if named else ""


@register.filter
def second_person(verb: Any) -> str:
    """That a second person must approve what the form asks for; empty where one is enough."""
    return str(BEFORE_ASKING.get(verb.name, ""))


@register.simple_tag(takes_context=True)
def held_by(context: Context, matter_id: int) -> str:
    """Why nothing can be done to the matter at present; nothing if it isn't held."""
    window = held_matter(matter_id, instant_of(context))
    if window is None:
        return ""
    return format_html(
        '<p class="message tone-warn" hx-disable>{}<span class="message__text">{}</span></p>',
        icon("alert"), window.refusal,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def page_title(context: Context) -> SafeString:
    """What the block `title` of the page says, again: the heading of most pages."""
    return BlockNode("title", template.NodeList()).render(context)


@register.inclusion_tag("includes/fields.html")
def fields(form: BaseForm, *names: str) -> dict[str, Any]:
    """Some of a form's fields, each with label, help and error: `{% fields form "phone" "region" %}`."""
    return {"fields": [form[name] for name in names]}


@register.simple_tag(takes_context=True)
def office_number(context: Context, person: Any) -> str:
    """The office telephone of a person as a link to dial, where the page's `numbers` has it; empty otherwise."""
    number = (context.get("numbers") or {}).get(getattr(person, "pk", None), "")
    return dial(number) if number else ""


@register.simple_tag
def dial(number: str) -> str:
    """A telephone number as a link that dials it; empty for none."""
    if not number:
        return ""
    words = _("拨打 %(number)s") % {"number": number}
    address = settings.DIAL_ADDRESS.replace("{number}", dialled(number))
    return format_html('<a class="num" href="{}" title="{}">{}</a>', address, words, number)


@register.simple_tag
def number_pattern() -> str:
    """What a box for a telephone number lets a browser send."""
    return PATTERN


@register.filter
def with_rules(text: Any) -> SafeString:
    """A sentence with each rule that it names as a link; the rest is escaped as usual."""
    # Odd places are what the pattern captured: a rule's number.
    pieces = RULE.split(str(text))
    linked = (rule(f"R{piece}") or f"R{piece}" if place % 2 else piece for place, piece in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in linked))
