"""A record of some matters, sealed, in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accountability.audit import seals
from accountability.gate.perform import Refused
from accountability.models import Matter
from tests.accountability.audit import tampering
from tests.factories import Play


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's seals stand."""
    monkeypatch.setattr(settings, "SEALS_DIR", tmp_path / "seals")
    return tmp_path / "seals"


@pytest.fixture
def record(play: Play, folder: Path) -> list[int]:
    return recorded(play)


def recorded(play: Play) -> list[int]:
    """Matters of different lengths, and a refusal in the access log; three seals on the way."""
    for place, upto in enumerate(["archived", "registered", "answered", "archived", "accepted", "archived"]):
        complaint: Any = play.upto(upto, phone=f"1390000{place:04d}")
        with pytest.raises(Refused):
            play("dispatch", "wh.contact", complaint)
        if place % 2:
            play.now.forward(hours=1)
            assert seals.seal(play.now.at) is not None
    return list(Matter.objects.exclude(ledger_length=0).order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def loose(record: list[int]) -> None:
    """The guards are off, once there is a record; the test's own transaction ends and they are on again."""
    tampering.loosen()
