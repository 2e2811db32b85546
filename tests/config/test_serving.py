"""What gunicorn's processes do before their first request, besides counting together (test_metrics)."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from config import serving


@pytest.fixture
def as_python_starts() -> Iterator[None]:
    before = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(2000, 10, 10)
    yield
    gc.freeze()
    gc.set_threshold(*before)


def looks(client: Client) -> int:
    """How often objects were looked through for cycles during ten desks, old ones included."""
    client.get("/")
    before = sum(each["collections"] for each in gc.get_stats())
    for _time in range(10):
        assert client.get("/").status_code == 200
    return int(sum(each["collections"] for each in gc.get_stats()) - before)


def test_a_process_looks_for_cycles_rarely(
    as_python_starts: None, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _thread: None)
    client = client_for("wh.contact")
    often = looks(client)

    serving.post_worker_init(None)

    assert gc.get_freeze_count() > 100_000
    assert looks(client) < often / 5
