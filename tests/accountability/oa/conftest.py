"""An OA that is reached over HTTP, or one that has only a folder, and letters that go there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accountability import tasks
from accountability.documents.kinds import KINDS
from accountability.models import PaperHandover
from tests.accountability.notices.pretend_gateway import Gateway
from tests.factories import Now

Issue = Callable[..., list[PaperHandover]]


@pytest.fixture
def oa(settings: Any, gateway: Gateway) -> Gateway:
    settings.OA_URL, settings.OA_TOKEN, settings.SITE_URL = gateway.url, "geheim", "https://shouwen.example"
    gateway.answers = [(200, {"number": "鄂移公文〔2026〕88号", "receipt": "已接收"})]
    return gateway


@pytest.fixture
def share(settings: Any, tmp_path: Path) -> Path:
    """The folder of an OA that has only that."""
    found = tmp_path / "oa"
    found.mkdir()
    settings.OA_FOLDER = str(found)
    return found


@pytest.fixture
def issue(give_out: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, now: Now) -> Issue:
    """Letters given out by one act, with files that are made in no time unless `made` is False."""
    monkeypatch.setitem(KINDS, "letter", replace(KINDS["letter"], goes_out=True))
    monkeypatch.setattr(
        "accountability.documents.keeping.make", lambda content, form, mark: f"{form} {content.title}{mark}".encode()
    )

    def run(count: int = 1, *, made: bool = True, **facts: Any) -> list[PaperHandover]:
        give_out(count, **facts)
        if made:
            tasks.make_papers()
        return list(PaperHandover.objects.order_by("pk"))

    return run


@pytest.fixture
def send(now: Now) -> Callable[..., int]:
    """What the worker hands over so many minutes later."""

    def later(minutes: int = 0) -> int:
        now.forward(minutes=minutes)
        return tasks.hand_over_papers()

    return later
