"""What is too long for its column is refused by PostgreSQL, however many rows are written at once."""

from __future__ import annotations

import pytest
from django.db import DataError, transaction

from accountability.db.writing import update_each
from accountability.models import Matter
from tests.factories import Play

pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_cut_off(play: Play, place: int) -> None:
    matters = [play.upto("registered", phone=f"1390000000{n}").matter for n in range(2)]
    matters[place].awaits = "x" * 25
    with pytest.raises(DataError), transaction.atomic():
        update_each(matters, [Matter._meta.get_field("awaits")])
    assert set(Matter.objects.filter(kind="complaint").values_list("awaits", flat=True)) == {"dispatch"}
