"""An English reader has the English names of units and categories, where the organisation gave them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accountability.models import Unit
from tests.factories import Cast, Play

ClientFor = Callable[[str], Client]

pytestmark = pytest.mark.rule("R54")

NOVEMBER = "?from=2026-11-01&to=2026-11-30"


def reads(client: Client, language: str) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.fixture(autouse=True)
def _named(cast: Cast) -> None:
    Unit.objects.filter(code="WH").update(name_en="Wuhan branch")


def labels(page: Any, table: str) -> set[str]:
    found = next(section.table for section in page.context["sections"] if section.table.name == table)
    return {row.line.label for row in found.rows}


def test_a_dashboard_names_units_and_categories_in_english(play: Play, client_for: ClientFor) -> None:
    """In the filters, the tables and the words that tell what was asked; the address names them as for everybody."""
    play.upto("delivered", category="资费与收费争议/套餐资费")
    client = reads(client_for("sc.officer"), "en")
    page = client.get(f"/dashboard/{NOVEMBER}")
    asked = page.context["asked"]
    offered = {f"{label}" for name in ("unit", "head", "category") for _value, label in asked.fields[name].choices}
    assert {"Wuhan branch", "Tariffs and charges"} <= offered
    assert [name for name in offered if "武汉分公司" in name or "资费" in name] == []
    assert "Wuhan branch" in labels(page, "units")
    assert labels(page, "categories") == {"Tariffs and charges"}
    query = f"{NOVEMBER}&unit=WH&head=资费与收费争议"
    narrowed = client.get(f"/dashboard/{query}")
    assert narrowed.context["asked"].named == ["Wuhan branch", "Tariffs and charges"]
    (leaf,) = labels(narrowed, "categories")
    assert (leaf.startswith("Tariffs and charges/"), "资费" in leaf) == (True, False)
    behind = client.get(f"/figures/received/{query}").content.decode()
    assert ("· Wuhan branch" in behind, "· Tariffs and charges" in behind) == (True, True)


@pytest.mark.parametrize("place", ["/dashboard/", "/complaints/", "/leads/", "/admin/assessment/case/"])
def test_lists_offer_units_in_the_readers_language(place: str, client_for: ClientFor) -> None:
    client = client_for("sc.officer")
    told = {}
    for language in ("zh-hans", "en"):
        page = reads(client, language).get(place).content.decode()
        told[language] = set(re.findall(r'<option value="WH"[^>]*>\s*([^<]*?)\s*</option>', page))
    assert told == {"zh-hans": {"武汉分公司"}, "en": {"Wuhan branch"}}
