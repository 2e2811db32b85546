"""The choices of the filters: one statement reads what four tables offer, as their rows say it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape

from accountability.models import Category, Region, Unit
from complaints.lists.choices import Offered, offered, people_around
from complaints.lists.filters import Filters
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
    WUHAN,
)


@pytest.mark.parametrize("username", PEOPLE)
def test_what_is_kept_is_written_as_a_select_writes_it(cast, now, username):
    """Each twice, so that the second time it is what was kept; in two languages, with what nobody offers."""
    actor = actor_of(cast[username], now)
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            for given in FILTERS:
                filters = Filters(given, actor, now.at)
                for name in offered(actor, now.at):
                    if name not in filters.fields:
                        continue
                    kept, widget = str(filters[name]), filters.fields[name].widget
                    widget.offers = None
                    assert str(filters[name]) == kept
                    assert kept.count("selected") == int(f'value="{given.get(name, "")}"' in kept)


def test_choices_are_written_once_for_many_people(cast, now, monkeypatch):
    first, second = (actor_of(cast[name], now) for name in ("kf.agent", "kf.agent2"))
    once = str(Filters({}, first, now.at)["unit"])
    monkeypatch.setattr("django.forms.Select.render", None)
    assert str(Filters({}, second, now.at)["unit"]) == once
