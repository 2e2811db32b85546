"""The way of one POST from the browser to the ledger, as `docs/way-of-a-post.md` tells it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from accountability.gate import holding
from accountability.models import LedgerEntry
from tests.factories import Play
from tests.shared_world import shared
from tests.signing_in import signed_in

PAGE = Path(settings.BASE_DIR, "docs", "way-of-a-post.md")
OURS = ("accountability", "assessment", "complaints", "config")


@contextmanager
def files_entered() -> Iterator[list[str]]:
    """The project's own files of which a function is entered meanwhile, in the order in which they are."""
    entered: dict[str, None] = {}

    def enter(frame: FrameType, event: str, _arg: Any) -> None:
        name = Path(frame.f_code.co_filename)
        if event == "call" and name.is_relative_to(settings.BASE_DIR):
            own = name.relative_to(settings.BASE_DIR)
            if own.parts[0] in OURS:
                entered[str(own)] = None

    found: list[str] = []
    sys.setprofile(enter)
    try:
        yield found
    finally:
        sys.setprofile(None)
        found += entered


def hand_off(client: Client, number: str) -> list[str]:
    """As the browser sends it from the page: with its key, and what it showed. Yields the files that were entered."""
    address = f"/complaints/{number}/hand_off/"
    form = client.get(address).context["form"]
    told = {"to": "wh.zhang", "method": "system", "_key": form["_key"].value(), "_seen": form["_seen"].value()}
    with files_entered() as files:
        response = client.post(address, urlencode(told), content_type="application/x-www-form-urlencoded")
    assert response.status_code == 302
    assert LedgerEntry.objects.filter(matter__number=number, verb="hand_off").count() == 1
    return files


def second_way(play: Play) -> list[str]:
    """The first fills what is kept between requests, for as long as a busy machine may take."""
    client = signed_in(play.cast["wh.contact"])
    with patch.object(holding, "ASKED_EVERY", math.inf):
        return [hand_off(client, str(play.upto("delivered").matter.number)) for _time in range(2)][1]


stage, own_copy, _now, _cast, _play, _client_for, files = shared(second_way)


def test_the_page_names_each_file_it_enters_and_no_other(files: list[str]) -> None:
    told = PAGE.read_text(encoding="utf-8").partition("\n## ")[0]
    named = {name for name in re.findall(r"`([\w/]+\.py)`", told) if name.partition("/")[0] in OURS}
    assert sorted(named) == sorted(files)
