"""The administration's addresses of a case, and its forms as somebody at the desk sends them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assessment.models import Case

LIST = reverse("admin:assessment_case_changelist")


def page(case: Case) -> str:
    return reverse("admin:assessment_case_change", args=[case.pk])


def do(case: Case, verb: str) -> str:
    return reverse("admin:assessment_case_do", args=[case.pk, verb])


def begin(verb: str) -> str:
    return reverse("admin:assessment_case_begin", args=[verb])


def shown(client: Client, place: str) -> dict[str, str]:
    """The hidden fields as the page gave them."""
    form = client.get(place).context["form"]
    return {"_key": form["_key"].value(), "_seen": form["_seen"].value()}


def post(client: Client, place: str, **typed: Any) -> HttpResponse:
    """Read the form and send it back with this in it."""
    return client.post(place, shown(client, place) | typed)  # type: ignore[return-value]


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)
