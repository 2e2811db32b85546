"""The checks at start: a declaration of a verb that names what isn't there is told by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accountability.gate import verb_checks
from accountability.gate.fields import Line
from accountability.gate.verbs import VERBS

HAND_OFF = ("complaint", "hand_off")


def told() -> list[str]:
    return [str(message.msg) for message in verb_checks.verbs_name_what_is_there()]


def test_what_is_declared_is_there() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("icon", "hat"),
        ("tone", "pink"),
        ("group", "others"),
        ("timeline", "gossip"),
        ("in_bulk", ("agent", "cook")),
        ("read_by", ("unit", "cook")),
    ],
)
def test_a_word_that_is_unknown_is_told(monkeypatch: pytest.MonkeyPatch, field: str, value: Any) -> None:
    monkeypatch.setitem(VERBS, HAND_OFF, replace(VERBS[HAND_OFF], **{field: value}))
    wrong = value if isinstance(value, str) else value[-1]
    assert told() == [f"The verb hand_off of complaint has an unknown {field}: {wrong}"]


def test_a_table_by_verb_names_verbs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(verb_checks.BY_VERB, "complaint.table", lambda: ["hand_off", "hand_over"])
    assert told() == ["The table complaint.table names no verb: hand_over"]


def test_a_typed_text_that_isnt_sealed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger can't forget, so a verb may not take what anybody types into it."""
    typed = Line(name="source", is_text=False)
    monkeypatch.setitem(VERBS, HAND_OFF, replace(VERBS[HAND_OFF], facts=(*VERBS[HAND_OFF].facts, typed)))
    assert told() == ["The verb hand_off of complaint puts what is typed as source into the ledger"]
