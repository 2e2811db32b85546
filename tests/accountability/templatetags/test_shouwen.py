"""How instants, spans and deadlines are told on a page."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext

from accountability.deadlines.limits import Days, Hours, Minutes, Workdays, parse_limit, read_instant
from accountability.templatetags import shouwen
from tests.design.context import AT, deadline

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _chinese():
    with translation.override("zh-hans"):
        yield


def render(text: str, **context: object) -> str:
    return Template("{% load shouwen %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(0), "0秒"),
        (timedelta(milliseconds=900), "0秒"),
        (timedelta(seconds=59), "59秒"),
        (timedelta(minutes=12, seconds=30), "12分 30秒"),
        (timedelta(minutes=30), "30分"),
        (timedelta(hours=1, seconds=5), "1小时"),
        (timedelta(days=1, hours=3, minutes=59), "1天 3小时"),
        (timedelta(days=15), "15天"),
        (-timedelta(minutes=90), "1小时 30分"),
        (None, "—"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span, told):
    assert shouwen.duration(span) == told


def test_a_days_end_is_told_as_24_00():
    assert shouwen.instant(read_instant("2026-10-13 24:00")) == "2026-10-13 24:00"
    assert shouwen.instant(None) == "—"


def test_an_instant_is_told_to_machines_as_well():
    assert render("{% when at %}", at=AT) == '<time datetime="2026-11-24T02:00:00+00:00">2026-11-24 10:00</time>'


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-10-13 24:00", "2026-10-13 24:00 周二"),
        ("2026-10-14 00:00", "2026-10-14 00:00 周三"),
        ("2026-11-29 09:30:01.500", "2026-11-29 09:30:01 周日"),
    ],
)
def test_a_limit_is_told_with_the_weekday_of_the_day_that_it_ends(at, told):
    assert render("{% due at %}", at=read_instant(at)).partition(">")[2] == f"{told}</time>"


def test_a_limit_keeps_its_milliseconds_where_a_page_asks_for_them():
    assert "09:30:01.500 周日" in render("{% due at exact=True %}", at=read_instant("2026-11-29 09:30:01.500"))
    assert render("{% due at %}", at=None) == "—"


def test_milliseconds_are_told_only_where_a_page_asks_for_them():
    late = read_instant("2026-11-24 10:00:05.352")
    assert shouwen.instant(late) == "2026-11-24 10:00:05"
    assert render("{% when at %}", at=late).partition(">")[2] == "2026-11-24 10:00:05</time>"
    assert render("{% when at exact=True %}", at=late).partition(">")[2] == "2026-11-24 10:00:05.352</time>"


def test_how_long_it_lasts_counts_to_the_instant_the_page_speaks_of():
    assert render("{% lasting start %}", start=AT - 2 * HOUR, at=AT) == "2小时"


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Minutes(30), "30分钟"),
        (Minutes(30, "duty"), "30分钟（只计值守时间）"),
        (Hours(36), "36小时"),
        (Workdays(5), "5个工作日（截至24:00，首日不计）"),
        (Days(15), "15个自然日（截至24:00，首日不计）"),
        (parse_limit("until 2026-11-24T15:00:00+08:00"), "书面约定至2026-11-24 15:00"),
    ],
)
def test_a_limit_is_told_in_words(limit, told):
    assert shouwen.limit_words(limit) == told


@pytest.mark.parametrize(
    ("run", "warned", "state"),
    [
        (0.0, 0, "open"),
        (0.499, 0, "open"),
        (0.5, 0, "warned"),
        (0.3, 50, "warned"),
        (0.8, 0, "urgent"),
        (1.0, 0, "urgent"),
    ],
)
def test_a_running_clock_shows_the_two_warnings(run, warned, state):
    face = shouwen.clock_face(deadline("交办", -run * HOUR, (1 - run) * HOUR, warned=warned), AT)
    assert (face.state, face.ticking) == (state, True)


def test_at_the_due_instant_nothing_is_late_and_a_microsecond_after_it_is():
    due = deadline("交办", -HOUR, timedelta(0))
    assert shouwen.clock_face(due, AT).state == "urgent"
    assert shouwen.clock_face(due, AT + timedelta(microseconds=1)).state == "missed"


@pytest.mark.parametrize(
    ("due", "others", "state", "span"),
    [
        (HOUR, {"met_at": -HOUR}, "met", 2 * HOUR),
        (-HOUR, {"met_at": -HOUR}, "met", timedelta(0)),
        (-2 * HOUR, {"met_at": -HOUR, "missed_at": -2 * HOUR}, "late", -HOUR),
        (-2 * HOUR, {"met_at": -HOUR}, "met", None),  # done while it waited for a calendar, which came later
        (HOUR, {"suspended_at": -HOUR}, "suspended", None),
        (HOUR, {"voided_at": -HOUR}, "void", None),
        (HOUR, {"is_window": True}, "window", HOUR),
        (-HOUR, {"is_window": True}, "past", None),
        (None, {}, "no_calendar", None),
    ],
)
def test_a_clock_that_does_not_run(due, others, state, span):
    face = shouwen.clock_face(deadline("处理", -3 * HOUR, due, **others), AT)
    assert (face.state, face.span, face.ticking) == (state, span, False)


def test_what_was_done_while_it_waited_for_a_calendar_is_told_as_before_without_a_span():
    """Its instant was filled in afterwards: nothing was left of it, and nothing late."""
    waited = shouwen.clock_face(deadline("处理", -3 * HOUR, None, met_at=-HOUR), AT)
    assert shouwen.clock_face(deadline("处理", -3 * HOUR, -2 * HOUR, met_at=-HOUR), AT) == waited
    assert (waited.tone, waited.word) == ("ok", "已履行")


def test_a_badge_carries_tone_shape_and_word():
    html = render('{% badge "priority" "P2" "紧急" %}')
    assert html.strip() == (
        '<span class="badge tone-warn"><svg class="icon" aria-hidden="true" focusable="false">'
        '<use href="/static/shouwen/icons.svg#diamond"></use></svg>紧急</span>'
    )


def test_a_label_cannot_carry_markup():
    assert "<b>" not in render('{% badge "flag" "vip" label %}', label="<b>")


def test_what_clocks_have_in_common_is_kept_for_each_language():
    """The kind reads the same in both here, so that nothing but the language tells them apart."""
    running = deadline("R", -1 * HOUR, 3 * HOUR)
    told = {}
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            told[language] = shouwen.clock_at(AT, running, compact=True)
            assert gettext("尚余") in told[language]
            assert f'data-over="{gettext("已超")}"' in told[language]
    assert told["zh-hans"] != told["en"]
