"""Lists paged by key: a token is good for the list it was given in, and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db.models import QuerySet
from django.test import RequestFactory

from accountability.models import Employee, Unit
from accountability.web.request import Page, page_by_key
from tests.factories import Cast

HERE = "/here/"


def page(found: QuerySet[Employee] | QuerySet[Unit], keys: Sequence[str], place: str = HERE, **asked: str) -> Page:
    return page_by_key(found, keys, RequestFactory().get(place, asked), size=3)


def shown(page: Page) -> list[int]:
    return [row.pk for row in page.rows]


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(
    ("model", "keys", "place"),
    [
        (Employee, ["username"], "/elsewhere/"),
        (Employee, ["-username"], HERE),
        (Employee, ["-pk"], HERE),
        (Employee, ["unit__name"], HERE),
        (Employee, ["name", "pk"], HERE),
        (Unit, ["code"], HERE),
        (Unit, ["pk"], HERE),
    ],
)
def test_another_lists_token_gives_the_first_page(
    cast: Cast, side: str, model: type[Employee] | type[Unit], keys: list[str], place: str
) -> None:
    """A name would even be compared with a number."""
    token = page(Employee.objects.all(), ["username"]).after
    assert token is not None
    found = model._default_manager.all()
    assert shown(page(found, keys, place, **{side: token})) == shown(page(found, keys, place))


def test_a_changed_token_gives_the_first_page(cast: Cast) -> None:
    everybody = Employee.objects.all()
    first = page(everybody, ["username"])
    assert first.after is not None
    changed = f"{'B' if first.after[0] == 'A' else 'A'}{first.after[1:]}"
    for token in (changed, first.after[1:], first.after * 2, f"{first.after}=", "A", "===", "员工", "\x00", "A" * 5000):
        assert shown(page(everybody, ["username"], after=token)) == shown(first)
    assert shown(page(everybody, ["username"], after=first.after)) != shown(first)
