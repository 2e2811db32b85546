"""What the assessment adds to the pages of complaints: a complaint's leads, and how many leads wait.

Only readers of leads see it; a unit's pages look as if there were none (R40).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accountability.db.row_keys import Keys, OneOf
from accountability.models import Deadline
from accountability.permissions import Actor
from accountability.web.desk import Card, Clock, Waiting
from accountability.web.standing_statements import standing_rows
from assessment import permissions
from assessment.cases.leads import Lead, count_open, leads_of, propose_faults
from assessment.models import LEAD_KINDS, Case, LeadMark
from complaints.dossier.deadlines import label_of_name
from complaints.dossier.dossier import Story


@dataclass
class Standing:
    """A lead of the complaint and what became of it, as far as this reader may know of it."""

    lead: Lead
    mark: LeadMark | None

    @property
    def case(self) -> Case | None:
        return self.mark.case if self.mark else None

    @property
    def deadline(self) -> Deadline:
        return self.lead.deadline

    @property
    def label(self) -> str:
        return label_of_name(self.deadline.name)

    @property
    def state(self) -> str:
        if self.mark is None:
            return "open"
        return "taken" if self.mark.case_id else "aside"


@dataclass
class Leads:
    """The card: the complaint's leads, and what may be begun from here."""

    leads: list[Standing]
    issue_url: str
    fault_url: str | None = None
    """Set for an unjudged late hand-over: the contact's fault is proposed before the sheet (R22)."""


def leads_card(story: Story, at: datetime) -> Card | None:
    """A constant number of queries. None if there is nothing to see and this reader may do nothing here."""
    complaint, actor = story.complaint, story.actor
    if not permissions.reads_leads(actor) or complaint.registered_at is None or complaint.is_history:
        return None
    issue = f"{reverse('issue_sheet')}?{urlencode({'complaint': str(complaint.matter)})}" if actor.is_agent else ""
    about = Leads(_leads(story, at), issue)
    about.fault_url = next((each.lead.fault_url for each in about.leads if each.lead.fault_url), None)
    return Card("assessment/cases/parts/leads_of.html", about) if about.leads or issue else None


def _leads(story: Story, at: datetime) -> list[Standing]:
    missed = [d for d in story.deadlines if d.kind in LEAD_KINDS and d.missed_at]
    if not missed:
        return []
    told: list[Any] = standing_rows(_marks, story.actor, at, Keys.of(deadline.pk for deadline in missed))
    marks = {mark.deadline_id: mark for mark in told}
    standing = [d for d in missed if d.pk in marks or not (d.voided_at or d.excused_at)]
    rounds, tasks = (story.rounds, story.parts) if story.knows_all else (None, None)
    leads = leads_of(standing, at, rounds, tasks)
    for lead in leads:
        lead.complaint = story.complaint
    propose_faults([lead for lead in leads if lead.deadline.pk not in marks], story.actor)
    return [Standing(lead, marks.get(lead.deadline.pk)) for lead in leads]


def _marks(actor: Actor, _at: datetime, deadlines: Keys) -> list[QuerySet[LeadMark]]:
    """Those that this person may know of: without a case, or with one that they may read."""
    may_read = Exists(Case.objects.visible_to(actor).filter(pk=OuterRef("case_id")))
    marks = LeadMark.objects.filter(OneOf("deadline", deadlines), restored_at=None)
    return [marks.filter(Q(case=None) | may_read).select_related("case__matter")]


def tally(actor: Actor, at: datetime) -> Waiting | None:
    """For supervisors: how many leads wait for a judgement."""
    if not actor.is_csc_supervisor:
        return None
    return Waiting("leads", _("待处置线索"), reverse("leads"), {Clock.OK: count_open()}, is_timed=False)
