"""How many templates a page draws: the same for a long list as for a short one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from django.test.signals import template_rendered

from tests.factories import Play


@contextmanager
def drawn() -> Iterator[list[str]]:
    """The names of the templates drawn meanwhile, those of controls too."""
    names: list[str] = []

    def note(template: Any, **_more: Any) -> None:
        names.append(template.name)

    template_rendered.connect(note)
    try:
        yield names
    finally:
        template_rendered.disconnect(note)


@pytest.mark.parametrize(("address", "most"), [("/complaints/", 35), ("/search/?q=TS2026", 12)])
def test_a_list_draws_no_template_for_each_row(
    address: str, most: int, play: Play, client_for: Callable[[str], Client]
) -> None:
    """Sixteen of the queue's are the controls of its filters and of the form that saves them."""
    numbers = []
    client = client_for("kf.agent")
    for _time in range(2):
        for _more in range(3):
            play.upto("delivered")
        with drawn() as names:
            page = client.get(address)
        assert page.status_code == 200
        numbers.append(len(names))
    assert (numbers[0] == numbers[1], numbers[1] <= most) == (True, True), len(names)


@pytest.mark.parametrize(("reader", "most"), [("kf.agent", 47), ("wh.zhang", 69)])
def test_a_complaint_draws_few(reader: str, most: int, play: Play, client_for: Callable[[str], Client]) -> None:
    """The handler has its forms on the page, the agent only looks."""
    number = play.upto("accepted").matter.number
    with drawn() as names:
        client_for(reader).get(f"/complaints/{number}/")
    assert len(names) <= most, names


def test_the_desk_draws_a_form_once_however_many_lines_have_it(play: Play, client_for: Callable[[str], Client]) -> None:
    numbers = []
    client = client_for("wh.contact")
    for _time in range(2):
        play.upto("delivered")
        with drawn() as names:
            client.get("/")
        numbers.append(Counter(name for name in names if "/widgets/" not in name))
    assert numbers[1] == numbers[0], numbers
    assert numbers[0].total() <= 17
