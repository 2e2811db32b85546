"""The draft of a sheet, composed from the leads picked; all of it can be edited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from accountability.deadlines.limits import show_second
from accountability.models import Employee, Unit
from accountability.permissions import Actor
from accountability.templatetags.shouwen import duration
from assessment.cases.leads import Lead, in_order, leads_for, leads_of
from complaints.declarations.limits import Kind
from complaints.models import Complaint, Cooperation, Round

MOST = 100
"""Leads on one sheet; more is a mistake."""

DONE: dict[str, str] = {Kind.HANDOFF: "交办", Kind.HANDLING: "答复", Kind.COOPERATION: "完成配合任务"}
"""What met the duty, in the paper's language, whatever the author's language."""


@dataclass
class Picked:
    """What a sheet is to be made from. `gone`: picked leads that aren't leads any more."""

    leads: list[Lead] = field(default_factory=list)
    complaint: Complaint | None = None
    gone: int = 0

    @property
    def units(self) -> list[Unit]:
        units = {lead.deadline.unit_id: lead.deadline.unit for lead in self.leads if lead.deadline.unit}
        return list(units.values())

    @property
    def unit(self) -> Unit | None:
        """The unit the sheet is about; for a complaint without leads the unit of its newest round."""
        newest = self.newest
        return next(iter(self.units), newest.unit if newest else None)

    @property
    def newest(self) -> Round | None:
        return self.complaint.latest_round if self.complaint else None

    @property
    def numbers(self) -> list[str]:
        named = [str(lead.complaint.matter) for lead in self.leads]
        return list(dict.fromkeys([str(self.complaint.matter)] if self.complaint else named))

    @property
    def person(self) -> Employee | None:
        """The person who owed what the first lead missed; for a complaint without leads its handler, else the
        contact.
        """
        newest = self.newest
        named = [*(lead.answers for lead in self.leads), (newest.handler or newest.contact) if newest else None]
        return next((person for person in named if person), None)

    @property
    def people(self) -> list[Employee]:
        """Everybody who owed it, the likeliest first: what the form offers."""
        named = [self.person, *(owing.person for lead in self.leads for owing in lead.owing)]
        return list({person.pk: person for person in named if person}.values())

    def by_unit(self) -> list[tuple[Unit, list[Lead]]]:
        return [(unit, [lead for lead in self.leads if lead.deadline.unit_id == unit.pk]) for unit in self.units]


def picked(asked: MultiValueDict[str, str], actor: Actor, at: datetime) -> Picked:
    """The leads that the address names (`lead`), or those of one complaint (`complaint`)."""
    ids = list(dict.fromkeys(int(pk) for pk in asked.getlist("lead")[:MOST] if pk.isdecimal() and len(pk) < 19))
    if ids:
        found = leads_of(list(in_order(leads_for(actor, pk__in=ids)).order_by("pk")), at)
        return Picked(found, gone=len(ids) - len(found))
    number = asked.get("complaint", "").strip().upper()
    seen = Complaint.objects.visible_to(actor).with_everything().filter(matter__number=number)
    complaint = seen.select_related("latest_round__handler", "latest_round__contact").first() if number else None
    if complaint is None or complaint.registered_at is None:
        return Picked()
    leads = leads_of(list(in_order(leads_for(actor, matter_id=complaint.pk)).order_by("pk")), at)
    return Picked(_of_one_unit(leads, complaint), complaint)


def _of_one_unit(leads: list[Lead], complaint: Complaint) -> list[Lead]:
    """If several units missed theirs: the unit of the newest round, else the unit of the first lead."""
    units = [lead.deadline.unit_id for lead in leads]
    newest = complaint.latest_round.unit_id if complaint.latest_round else None
    about = newest if newest in units else next(iter(units), None)
    return [lead for lead in leads if lead.deadline.unit_id == about]


def initial_of(made_of: Picked, at: datetime) -> dict[str, Any]:
    """By field of `issue_sheet`; empty if nothing was picked."""
    unit, person = made_of.unit, made_of.person
    known: dict[str, Any] = {
        "unit": unit.code if unit else "",
        "complaints": "\n".join(made_of.numbers),
        "person": person.username if person else "",
    }
    if made_of.leads and unit:
        with translation.override(settings.LANGUAGE_CODE):
            known["description"] = description_of(unit, made_of.leads)
            known["evidence"] = "\n".join(evidence_of(lead) for lead in made_of.leads)
    return known


def description_of(unit: Unit, leads: Sequence[Lead]) -> str:
    lines = [f"{lead.round_name}（{lead.category}）：{_what(lead)}{_who(lead)}。" for lead in leads]
    return "\n".join([f"{unit.name}办理下列投诉时未在规定时限内履行首问责任：", *lines])


def initial_of_fault(name: str, actor: Actor, at: datetime) -> dict[str, Any]:
    """Initial values of the form for a contact's fault in a missed hand-over; all of it can be edited (R22)."""
    number, _hash, part = name.strip().upper().rpartition("#")
    known: dict[str, Any] = {"round": name}
    if not (part.isdecimal() and len(part) < 5):
        return known
    of_round = {"matter__number": number, "part": int(part), "kind": Kind.HANDOFF}
    leads = leads_of(list(in_order(leads_for(actor, **of_round)).order_by("pk")), at)
    if leads:
        with translation.override(settings.LANGUAGE_CODE):
            lines = [f"{lead.deadline.unit}{_what(lead)}{_who(lead)}。{evidence_of(lead)}。" for lead in leads]
            known["description"] = "\n".join(lines)
    return known


def _what(lead: Lead) -> str:
    late = "超时" if lead.deadline.met_at else "至今未办，已超时"
    return f"{lead.deadline.get_kind_display()}{late} {duration(lead.late_by)}"


def _who(lead: Lead) -> str:
    told = "，".join(f"{owing.label}{owing.person}" for owing in lead.owing)
    return f"（{told}）" if told else ""


def evidence_of(lead: Lead) -> str:
    """The miss in one line, as the system recorded it: due when, done when, how late."""
    deadline = lead.deadline
    assert deadline.due_at is not None
    whose = f"（{deadline.unit}配合）" if deadline.kind == Kind.COOPERATION else ""
    due = f"{lead.round_name} {deadline.get_kind_display()}时限{whose} {show_second(deadline.due_at)} 到期"
    done = _met_by(lead)
    if deadline.met_at:
        return f"{due}，{show_second(deadline.met_at)} {done}，超时 {duration(lead.late_by)}"
    return f"{due}，至 {show_second(lead.at)} 未{done}，已超时 {duration(lead.late_by)}"


def _met_by(lead: Lead) -> str:
    deadline = lead.deadline
    if deadline.kind == Kind.HANDOFF and deadline.met_at and not isinstance(lead.duty, Cooperation | None):
        return "报告分管领导" if lead.duty.reported_at == deadline.met_at else "交办"
    return DONE[deadline.kind]


def likely_people(unit: Unit | None, stamped: Iterable[Employee]) -> list[Employee]:
    """The people the form offers: those who owed it, then everyone of the unit."""
    of_unit = Employee.objects.filter(unit=unit).order_by("-is_active", "name", "username") if unit else ()
    return list({person.pk: person for person in [*stamped, *of_unit]}.values())
