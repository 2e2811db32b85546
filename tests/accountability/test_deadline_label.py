"""The label of a limit: the declared one, in the reader's language, and no other is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from accountability.declarations.limits import DEADLINE_KINDS
from accountability.models import Deadline


class Untold:
    """A label that must not be told."""

    def __str__(self) -> str:
        raise AssertionError("another limit's label was translated")

    def __hash__(self) -> int:
        raise AssertionError("another limit's label was translated")


def test_only_its_own_label_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    untold: Any = Untold()
    for name, kind in list(DEADLINE_KINDS.items()):
        if name != "handoff":
            monkeypatch.setitem(DEADLINE_KINDS, name, replace(kind, label=untold))
    assert Deadline(kind="handoff").get_kind_display() == str(DEADLINE_KINDS["handoff"].label)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_is_the_label_of_the_choice(language: str) -> None:
    with translation.override(language):
        for name, kind in DEADLINE_KINDS.items():
            assert Deadline(kind=name).get_kind_display() == str(kind.label)
        assert Deadline(kind="gone").get_kind_display() == "gone"
