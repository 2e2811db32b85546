"""The forms by which a case is judged, with known values filled in."""

from __future__ import annotations

from typing import Any

from accountability.documents.phrases import wording_at
from accountability.gate.verbs import Verb
from accountability.permissions import Actor
from accountability.web.verb_forms import VerbForm
from assessment.cases.dossier import Dossier
from assessment.documents import circular_text
from assessment.models import Case

ALONE = ("approved_by", "signed_by")
"""If there is only one candidate, they are chosen beforehand."""


def case_form(entry: Verb, case: Case, actor: Actor, data: Any = None, asked: dict[str, Any] | None = None) -> VerbForm:
    """`asked` is taken from the address, by fact: whom a page's link proposes to penalise, and on which ground. A form
    with data shows these, and nothing is looked up for it.
    """
    if data is not None:
        return VerbForm(entry, case, actor, data=data)
    known = {fact.name for fact in entry.facts}
    initial = {name: value for name, value in (asked or {}).items() if name in known}
    if entry.name == "issue_circular":
        initial = {"body": text_to_lay_before(case, actor)} | initial
    if entry.name == "record_panel" and case.panel is not None:
        initial = {"conclusion": case.panel.finding} | initial
    form = VerbForm(entry, case, actor, initial=initial)
    for name in known & set(ALONE) - initial.keys():
        if len(offered := form.choices_of(name)) == 1:
            form.initial[name] = offered[0]
    return form


def text_to_lay_before(case: Case, actor: Actor) -> str:
    """The draft as a person wrote it, sent back or not. The system's own draft is composed again, since much has
    happened since.
    """
    draft = case.draft
    if draft is not None and (draft.waits_for_signer or draft.is_returned):
        return Dossier(case, actor).words(draft.texts).get("body", "")
    return circular_text(case, wording_at(actor.at))
