"""The initial values of a case's forms: whom it is about, and the report that a new one replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accountability.gate.verbs import Verb
from accountability.models import Employee
from assessment.cases.dossier import Dossier

ASKED: dict[str, tuple[str, ...]] = {
    "penalise": ("person", "ground"), "file_slip": ("person",), "file_refund": ("person",),
}  # fmt: skip
"""Fields that a link may fill in."""


def initial_of(entry: Verb, dossier: Dossier, asked: Mapping[str, Any]) -> dict[str, Any]:
    """By field; empty if nothing is known. `asked` is taken from the address."""
    if entry.name == "file_report":
        return _waiting_report(dossier)
    return {name: asked[name] for name in ASKED.get(entry.name, ()) if asked.get(name)}


def _waiting_report(dossier: Dossier) -> dict[str, Any]:
    """The report that waits for its signer, to be rewritten: its texts masked as everywhere, without its files."""
    waiting = dossier.case.waiting_report
    if waiting is None or not dossier.knows_report:
        return {}
    named = Employee.objects.filter(pk__in=waiting.named).order_by("username").values_list("username", flat=True)
    signer = Employee.objects.values_list("username", flat=True).get(pk=waiting.signer_id)
    return {
        **dossier.words(waiting.texts), "conclusion": waiting.conclusion, "persons": list(named), "signer": signer,
    }  # fmt: skip
