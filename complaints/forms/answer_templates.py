"""The templates that a form offers for an answer or reply, filled in for its complaint or its mass event."""

from __future__ import annotations

from accountability.deadlines.limits import day_of, show_instant
from accountability.documents.template_fields import PLACEHOLDERS, fill_in
from accountability.models import AnswerTemplate, Category, Unit
from accountability.permissions import Actor
from accountability.web.verb_forms import Preset, VerbForm
from complaints.dossier.deadlines import binding
from complaints.dossier.dossier import Story
from complaints.models import Complaint, MassEvent
from complaints.models.centre import is_of_centre

INTO = {AnswerTemplate.Use.ANSWER: "result", AnswerTemplate.Use.REPLY: "content"}
"""The field of the verb that a template is inserted into."""

UNKNOWN = "——"
"""The text for an unknown value, to be filled in by the writer."""


def offer_presets(form: VerbForm, story: Story) -> None:
    """Offer the verb's templates, if it has any, those nearest to the complaint's category first. One query."""
    use = form.verb.templates
    if use:
        category = story.complaint.category if story.knows_intake else None
        _offer(form, use, category, _values(use, story))


def offer_presets_for_all(form: VerbForm, event: MassEvent, actor: Actor) -> None:
    """The same for one reply to all customers of a mass event. Values that differ between complaints stay blank."""
    use = form.verb.templates
    if not use:
        return
    unit = Unit.objects.get(pk=actor.unit_id) if actor.unit_id else None
    values = dict.fromkeys(PLACEHOLDERS, UNKNOWN) | {
        "category": event.head.path,
        "unit": unit.name if unit else UNKNOWN,
        "today": day_of(actor.at).isoformat(),
    }
    _offer(form, use, event.head, values)


def _offer(form: VerbForm, use: str, category: Category | None, values: dict[str, str]) -> None:
    found = AnswerTemplate.objects.for_use(use, category).select_related("category")
    nearest_first = sorted(found, key=lambda template: (_distance(template), template.name))
    form.presets = tuple(Preset(template.name, fill_in(template.text, values)) for template in nearest_first)
    form.preset_field = INTO[AnswerTemplate.Use(use)]


def _distance(template: AnswerTemplate) -> int:
    category = template.category
    return 2 if category is None else 1 if category.parent_id is None else 0


def _values(verb: str, story: Story) -> dict[str, str]:
    """By placeholder: what this writer knows of the complaint, and nothing of the customer."""
    complaint: Complaint = story.complaint
    limit = binding(story.deadlines, verb)
    return {
        "number": str(complaint.matter),
        "category": complaint.category.path if complaint.category and story.knows_intake else UNKNOWN,
        "unit": _unit(story),
        "received": day_of(complaint.registered_at).isoformat() if complaint.registered_at else UNKNOWN,
        "due": show_instant(limit.due_at)[: len("2026-11-24 09:30")] if limit and limit.due_at else UNKNOWN,
        "today": day_of(story.actor.at).isoformat(),
    }


def _unit(story: Story) -> str:
    """The answering unit: the round's, as far as the writer knows it; the centre's after direct handling."""
    complaint = story.complaint
    answering = complaint.result_round_id or (complaint.round.pk if complaint.round else None)
    if answering is not None:
        return next((found.unit.name for found in story.rounds if found.pk == answering), UNKNOWN)
    if not story.knows_all:
        return UNKNOWN
    here = complaint.agent.unit if is_of_centre(complaint.agent) and complaint.agent else None
    centre = here or Unit.objects.filter(kind=Unit.Kind.SERVICE_CENTRE).order_by("code").first()
    return centre.name if centre else UNKNOWN
