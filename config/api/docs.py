"""The description as a page of ours, for people: nothing of it comes from elsewhere, and no script is needed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accountability.web.request import Request
from config.api.kinds import KINDS, Kind
from config.api.problems import PREFIX, TITLES
from config.api.schema import Json, description


@require_safe
def page(request: Request) -> HttpResponse:
    paths = description(get_language())["paths"]
    context = {
        "prefix": PREFIX,
        "reads": [
            {"place": place, "parameters": [each["name"] for each in methods["get"].get("parameters", [])]}
            for place, methods in paths.items() if "get" in methods
        ],
        "kinds": [_kind(kind, paths) for kind in KINDS],
        "refusals": [(status, title) for status, title in TITLES.items()],
    }  # fmt: skip
    return render(request, "api_docs.html", context)


def _kind(kind: Kind, paths: Json) -> dict[str, Any]:
    place = f"{PREFIX}{kind.place}/{'{number}/' if kind.page else ''}"
    begins = {entry.name for entry in kind.beginnings}
    verbs = [
        {"name": entry.name, "label": entry.label, "rule": entry.rule, "begins": entry.name in begins,
         "fields": _fields(paths[f"{place}{entry.name}"]["post"])}
        for entry in kind.verbs
    ]  # fmt: skip
    return {"label": kind.model.matter_label(), "place": place, "begin": f"{PREFIX}{kind.place}", "verbs": verbs}


def _fields(operation: Json) -> list[dict[str, Any]]:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return [
        {"name": name, "label": said["title"], "type": _type(said), "required": name in schema["required"],
         "choices": said.get("enum") or said.get("items", {}).get("enum", [])}
        for name, said in schema["properties"].items()
    ]  # fmt: skip


def _type(said: Json) -> str:
    kinds = said.get("type", "")
    return " | ".join(kinds) if isinstance(kinds, list) else str(said.get("format", kinds))
