"""The choices of the filters: one statement reads what four tables offer, as their rows say it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape

from accountability.models import Category, Region, Unit
from complaints.lists.choices import Offered, offered, people_around
from complaints.lists.filters import Filters, OneOf, _kept_control
from tests.complaints.views.test_desk_numbers import actor_of

PEOPLE = ("kf.agent", "sc.officer", "wh.contact", "wh.leader", "wh.head", "yc.chen")


def as_rows_say(actor) -> dict[str, list[tuple[str, str]]]:
    everything = actor.reads_every_complaint
    categories = Category.objects.select_related("parent")
    heads_first = sorted(categories, key=lambda each: (each.parent_id or 0, each.pk))
    people = people_around(actor).order_by("unit", "username")
    return {
        "unit": [(each.code, str(each)) for each in Unit.objects.order_by("kind", "code")] if everything else [],
        "holder": [] if everything else [(each.username, str(each)) for each in people],
        "category": [(str(each.pk), str(each)) for each in heads_first],
        "region": [(each.name, str(each)) for each in Region.objects.all()],
    }


def without_any(found: Offered) -> dict[str, list[tuple[str, str]]]:
    """Without the first one, which takes nothing out of the list."""
    assert {str(each[0]) for each in found.values()} in ({"('', '不限')"}, {"('', 'Any')"})
    return {name: list(each[1:]) for name, each in found.items()}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("username", PEOPLE)
def test_they_are_those_of_the_tables(cast, now, username, language):
    Unit.objects.filter(code="WH").update(name_en="Wuhan branch")
    Category.objects.filter(parent=None).update(name_en="Head")
    actor = actor_of(cast[username], now)
    with translation.override(language):
        assert without_any(offered(actor, now.at)) == as_rows_say(actor)
        with CaptureQueriesContext(connection) as queries:
            html = str(Filters({}, actor, now.at).as_p())
        assert len(queries) == 1
        for choices in as_rows_say(actor).values():
            for value, label in choices:
                assert f'<option value="{value}">{escape(label)}</option>' in html


def test_one_without_a_name_is_called_by_the_username(cast, now):
    cast["wh.zhang"].name = ""
    cast["wh.zhang"].save()
    assert ("wh.zhang", "wh.zhang") in offered(actor_of(cast["wh.head"], now), now.at)["holder"]


def test_what_is_added_is_offered_at_once(cast, now):
    actor = actor_of(cast["kf.agent"], now)
    offered(actor, now.at)
    Region.objects.create(name="神农架", unit=Unit.objects.get(code="YC"))
    Category.objects.create(name="新类", parent=Category.objects.filter(parent=None).first())
    assert without_any(offered(actor, now.at)) == as_rows_say(actor)


WUHAN = {"region": "武汉"}
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"category": "x<script>"},
    WUHAN,
    {"unit": "WH", "holder": "wh.zhang"},
    {"person": "wh.zhang", "mine": "on", "received_from": "2026-11-02", "state": "all", "clock": "late"},
    {"person": "nobody", "received_to": "no day", "priority": "P1"},
    WUHAN,
)


def drawn_anew(filters: Filters) -> list[str]:
    shown = [field for field in filters if field.name not in ("order", "number")]
    return [render_to_string("includes/filters.html", {"fields": [field]}) for field in shown]


@pytest.mark.parametrize("username", PEOPLE)
def test_what_is_kept_is_written_as_the_form_writes_it(cast, now, username):
    """Each twice, so that the second time it is what was kept; in two languages, with what nobody offers."""
    actor = actor_of(cast[username], now)
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            for given in FILTERS:
                filters = Filters(given, actor, now.at)
                kept = "".join(filters.controls)
                assert kept == "".join(drawn_anew(filters))
                for name in filters.fields.keys() & {"unit", "holder", "region", "state", "clock"}:
                    chosen = f'<option value="{given.get(name, "")}" selected>'
                    assert kept.count(chosen) >= int(f'value="{given.get(name, "")}"' in kept), name


def test_controls_are_written_once_for_many_people(cast, now, monkeypatch):
    first, second = (actor_of(cast[name], now) for name in ("kf.agent", "kf.agent2"))
    once = list(Filters({}, first, now.at).controls)
    monkeypatch.setattr("complaints.lists.filters.render_to_string", None)
    assert list(Filters({}, second, now.at).controls) == once


def test_what_somebody_typed_is_kept_nowhere(cast, now):
    actor, typed = actor_of(cast["kf.agent"], now), cast["wh.zhang"].name
    _kept_control.cache_clear()
    list(Filters({}, actor, now.at).controls)
    kept = _kept_control.cache_info().currsize
    for name in ("person", "region", "received_from"):  # a name, and what no filter can be
        list(Filters({name: typed}, actor, now.at).controls)
    category = Category.objects.all()[0]
    for name, text in {"received_from": "2026-11-02", "category": str(category.pk), "region": "武汉"}.items():
        list(Filters({name: f"{' ' * 2000}{text}"}, actor, now.at).controls)
        list(Filters({name: text.rjust(2000, "0")}, actor, now.at).controls)
    assert _kept_control.cache_info().currsize == kept


def test_a_request_changes_nothing_of_another(cast, now):
    """Fields are shared, but for those that offer rows."""
    for username in ("kf.agent", "wh.contact"):
        actor = actor_of(cast[username], now)
        known: dict[str, Any] = {"people": {}}
        here, there = Filters({"region": "武汉"}, actor, now.at, known), Filters({"state": "no"}, actor, now.at)
        assert there.errors
        assert not here.errors
        for name, field in here.fields.items():
            assert (field is there.fields[name]) == (not isinstance(field, OneOf)), name
            assert (field is Filters.base_fields[name]) == (not isinstance(field, OneOf)), name
    assert all(field.rows is None for field in Filters.base_fields.values() if isinstance(field, OneOf))
