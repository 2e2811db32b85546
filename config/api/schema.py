"""The description of the interface (OpenAPI 3.1): its addresses as drf-spectacular reads them off the views, and one
operation for each declared verb with its fields.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path
from django.utils.translation import get_language
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accountability.files.fields import Files
from accountability.gate import fields as facts
from accountability.gate.verbs import Verb
from complaints.fields.kinds import Complaints as ComplaintsFact
from complaints.fields.kinds import People, Tasks, Units
from config.api import members
from config.api.framework import View
from config.api.kinds import KINDS, Kind
from config.api.problems import MEDIA_TYPE, PREFIX

Json = dict[str, Any]

REFUSALS = (400, 401, 403, 404, 405, 409, 411, 412, 413, 415, 422, 428, 429, 500, 503)
KEY = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}  # fmt: skip
VERSION = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}


def _headers(kind: Kind, entry: Verb) -> list[Json]:
    """What a program puts its person's name to it must name as read; what can't be read here has no version."""
    return [KEY, VERSION | {"required": entry.seen is not None}] if kind.is_read else [KEY]


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "config.api.framework.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Json:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "config.api.framework.OwnSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> Json:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


# The fields of a verb


def schema_of(fact: facts.Fact) -> Json:  # noqa: C901 - one case a kind of fact
    """What a program sends for this fact. The gate may refuse more than can be said here."""
    names: Json = {"type": "array", "items": {"type": "string"}}
    match fact:
        case facts.Choices():
            said: Json = {"type": "array", "items": {"type": "string", "enum": [name for name, _label in fact.choices]}}
        case facts.Choice():
            said = {"type": "string", "enum": [name for name, _label in fact.choices]}
        case facts.YesNo():
            said = {"type": "boolean"}
        case facts.Whole():
            said = {"type": "integer", "minimum": fact.least, "maximum": fact.most}
        case facts.Offered() | Units() | People() | ComplaintsFact() | Files() | facts.Days():
            said = names
        case facts.Day():
            said = {"type": "string", "format": "date"}
        case facts.Instant():
            said = {"type": "string", "examples": ["2026-11-24 15:00"]}
        case facts.LimitsByPriority() | facts.DayNames():
            said = {"type": "object", "additionalProperties": {"type": "string"}}
        case Tasks():
            parts = {name: {"type": "string"} for name in ("unit", "task", "due")}
            said = {"type": "array", "items": {"type": "object", "properties": parts, "required": list(parts)}}
        case facts.Lines():
            said = {"type": ["string", "array"], "items": {"type": "string"}}
        case facts.Text():
            said = {"type": "string", "maxLength": fact.max_length}
        case facts.Person() | facts.InUnit() | facts.InCategory() | facts.InRegion() | facts.OneLimit():
            said = {"type": "string"}
        case _:
            said = {}
    told = {"title": str(fact.label)} | ({"description": str(fact.help)} if fact.help else {})
    return said | told


def body_of(entry: Verb, **more: Json) -> Json:
    """The object that a program sends. A field that only some states demand isn't required here."""
    return {
        "type": "object",
        "properties": more | {fact.name: schema_of(fact) for fact in entry.facts},
        "required": [*more, *(fact.name for fact in entry.facts if fact.required is True)],
        "additionalProperties": False,
    }


# The whole


def with_verbs(result: Json, **_given: Any) -> Json:
    """For the address of any verb one address a verb; what begins a matter, told by its `do`; every refusal."""
    for kind in KINDS:
        _spread(result["paths"], kind)
        _begin(result["paths"], kind)
    result["components"]["schemas"] = members.SCHEMAS | result["components"].get("schemas", {})
    refused = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for operation in (each for methods in result["paths"].values() for each in methods.values()):
        operation["responses"] |= {str(code): refused | {"description": members.title(code)} for code in REFUSALS}
    return result


def _spread(paths: Json, kind: Kind) -> None:
    place = f"{PREFIX}{kind.place}/{'{number}/' if kind.page else ''}{{verb}}"
    found = paths.pop(place)["post"]
    kept = [each for each in found.get("parameters", []) if each["name"] != "verb"]
    for entry in kind.verbs:
        operation = deepcopy(found)
        operation |= {
            "operationId": f"{kind.name}_{entry.name}", "summary": str(entry.label), "tags": [kind.place],
            "parameters": [*kept, *_headers(kind, entry)], "requestBody": _content(body_of(entry), needed=_asks(entry)),
        }  # fmt: skip
        if entry.rule:
            operation["description"] = entry.rule
        paths[place.replace("{verb}", entry.name)] = {"post": operation}


def _asks(entry: Verb) -> bool:
    return any(fact.required is True for fact in entry.facts)


def _begin(paths: Json, kind: Kind) -> None:
    if not kind.beginnings:
        return
    operation = paths[f"{PREFIX}{kind.place}"]["post"]
    several = [body_of(entry, do={"const": entry.name, "title": str(entry.label)}) for entry in kind.beginnings]
    for entry, body in zip(kind.beginnings, several, strict=True):
        if entry.name == kind.begun_by:
            body["required"].remove("do")
    operation |= {
        "operationId": f"{kind.name}_begin", "tags": [kind.place], "parameters": [KEY],
        "requestBody": _content({"oneOf": several}, needed=True),
    }  # fmt: skip


def _content(schema: Json, *, needed: bool) -> Json:
    return {"content": {"application/json": {"schema": schema}}, "required": needed}


@lru_cache(maxsize=4)
def description(language: str | None) -> Json:
    """The whole description, in the language that is active: it is the same until the program is replaced."""
    del language
    generator = SchemaGenerator(patterns=[path(PREFIX.lstrip("/"), include("config.api.urls"))])
    found: Json = generator.get_schema(request=None, public=True)
    return found


class Schema(View):
    """GET gives this description."""

    @extend_schema(exclude=True)
    def get(self, request: Any) -> HttpResponse:
        return Response(description(get_language()))
