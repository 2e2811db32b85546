"""Who may do what to a case. Each predicate has the verb's name and takes `(case, actor)`.

The centre judges first and doesn't determine; those who determine are never of the unit concerned. Nobody acts for
another person: an approver, a signer and a panel member must act in their own session.
"""

from __future__ import annotations

from collections.abc import Callable

from accountability.permissions import Actor, leads_or_audits, may_look_beyond
from accountability.web.listings import LISTINGS
from assessment.models import Bulletin, Case, Export, Plan, Ranking
from assessment.models.exports import DECIDED_BY_THE_CENTRE


def reads_leads(actor: Actor) -> bool:
    """Leads and sheets are for the centre's agents and supervisors, marketing and the auditors (R38, R40)."""
    return actor.is_agent or actor.reads_every_case


def sees_cases(actor: Actor) -> bool:
    """Who may have cases to read: the centre's agents, marketing, auditors, and contacts and heads of units."""
    return reads_leads(actor) or bool(actor.answers_for)


def issue_sheet(case: Case, actor: Actor) -> bool:
    """Route 1: the centre's own preliminary judgement (R38, R39)."""
    return actor.is_agent


def open_case(case: Case, actor: Actor) -> bool:
    """Route 2: the marketing department judges on its own (R41)."""
    return actor.is_marketing


def open_fault(case: Case, actor: Actor) -> bool:
    """R22: an agent or marketing."""
    return actor.is_agent or actor.is_marketing


def is_not_of_the_unit_concerned(case: Case | Plan, actor: Actor) -> bool:
    """Nobody judges their own unit, or what they were stamped for in a unit that they have left."""
    return case.unit_id not in actor.units and actor.pk not in case.stamped_people


def _marketing(case: Case, actor: Actor) -> bool:
    return actor.is_marketing and is_not_of_the_unit_concerned(case, actor)


decline_case = notify_unit = decide_fault = issue_circular = withdraw_circular = close_case = _marketing
appoint_panel = replace_member = remind_panel = record_panel = annul_case = assign_case = _marketing


def is_contact_or_head(case: Case | Plan, actor: Actor) -> bool:
    return case.unit_id in actor.answers_for


file_report = file_slip = file_refund = is_contact_or_head


def sign_report(case: Case, actor: Actor) -> bool:
    """The signer the report names, while they are the unit's head, contact or deputy (R43)."""
    waiting = case.waiting_report
    return waiting is not None and waiting.signer_id == actor.pk and is_contact_or_head(case, actor)


def give_opinion(case: Case, actor: Actor) -> bool:
    """A member of the panel who hasn't given an opinion yet (R48)."""
    speaks = case.panel is not None and any(seat.member_id == actor.pk for seat in case.panel.silent)
    return speaks and is_not_of_the_unit_concerned(case, actor)


def file_opinion(case: Case, actor: Actor) -> bool:
    """The unit's head, or a leader of somebody in the unit; not on their own fault (R22)."""
    return case.at_fault != actor.pk and (case.unit_id in actor.heads or actor.pk in case.leaders)


def penalise(case: Case, actor: Actor) -> bool:
    """Marketing, or the unit's head (R47); the action checks that it isn't their own penalty."""
    return _marketing(case, actor) or case.unit_id in actor.heads


penalise_all = penalise


def sign_circular(case: Case, actor: Actor) -> bool:
    """The marketing leader to whom the draft was submitted."""
    waiting = case.circular_to_sign
    asked = waiting is not None and waiting.signer_id == actor.pk and waiting.drafted_by_id != actor.pk
    return asked and actor.leads_marketing and is_not_of_the_unit_concerned(case, actor)


return_circular = sign_circular


def approve(case: Case, actor: Actor) -> bool:
    """The marketing leader who was asked, never the person who asked."""
    asked = case.approver_id == actor.pk and case.approval_by_id != actor.pk
    return asked and actor.leads_marketing and is_not_of_the_unit_concerned(case, actor)


disapprove = approve


# Rectification plans (R16)


def open_plan(plan: Plan, actor: Actor) -> bool:
    """Marketing follows up and helps; the action checks which unit it may be."""
    return actor.is_marketing


def report_progress(plan: Plan, actor: Actor) -> bool:
    """Its owner, while they belong to the unit; its contacts, deputies and head."""
    owns = plan.owner_id == actor.pk and plan.unit_id in actor.units
    return owns or is_contact_or_head(plan, actor)


report_plan_done = report_progress


def change_plan(plan: Plan, actor: Actor) -> bool:
    """Marketing, but not for their own unit and not as the plan's owner."""
    return actor.is_marketing and is_not_of_the_unit_concerned(plan, actor) and plan.owner_id != actor.pk


cancel_plan = change_plan


def accept_plan(plan: Plan, actor: Actor) -> bool:
    """The same, and never the person who reported it done."""
    return change_plan(plan, actor) and plan.reported_by_id != actor.pk


send_back_plan = accept_plan


# The monthly bulletin (R54)


def draft_bulletin(bulletin: Bulletin, actor: Actor) -> bool:
    """The centre assesses and reports (R54): its supervisors. The sweep makes the first draft."""
    return actor.is_csc_supervisor


send_bulletin = withdraw_bulletin = draft_bulletin


# The yearly ranking (R53)


def draft_ranking(ranking: Ranking, actor: Actor) -> bool:
    return actor.is_marketing


redraft_ranking = draft_ranking


def confirm_barred(ranking: Ranking, actor: Actor) -> bool:
    """A leader of marketing, never the one who drafted it: one person may not both choose the instant of the inputs and
    decide on them.
    """
    return actor.leads_marketing and ranking.drafted_by_id != actor.pk


def withdraw_ranking(ranking: Ranking, actor: Actor) -> bool:
    """Another leader than the one who confirmed it."""
    return actor.leads_marketing and ranking.decided_by_id != actor.pk


# Exports


MAY_EXPORT: dict[str, Callable[[Actor], bool]] = {
    "complaints": may_look_beyond,
    "rounds": leads_or_audits,
    "cases": lambda actor: actor.reads_every_case,
    "readings": lambda actor: actor.reads_every_case,
    "access_log": lambda actor: actor.is_auditor,
    "ledger": lambda actor: actor.is_auditor,
    "list": may_look_beyond,
}
"""What may be requested, by office. Of a list, who may open its page."""


def may_have(export: Export, actor: Actor) -> bool:
    """Whether the person's office allows an export of this kind, and the page of the list that it is of."""
    if not MAY_EXPORT[export.what](actor):
        return False
    return not export.listing or (export.listing in LISTINGS and LISTINGS[export.listing].may_read(actor))


def may_export_unmasked(what: str, actor: Actor) -> bool:
    """Unmasked names and numbers: of complaints, for the centre's supervisors and head, who call customers."""
    return what == "complaints" and (actor.is_csc_supervisor or actor.heads_centre)


def request_export(export: Export, actor: Actor) -> bool:
    """The action checks what of it, and whether unmasked."""
    return may_look_beyond(actor)


def approve_export(export: Export, actor: Actor) -> bool:
    """Never the requester: a leader of marketing, and for the centre's lists its head or another supervisor."""
    centre = export.what in DECIDED_BY_THE_CENTRE and (actor.is_csc_supervisor or actor.heads_centre)
    return (actor.leads_marketing or centre) and export.requested_by_id != actor.pk


decline_export = approve_export


def withdraw_export(export: Export, actor: Actor) -> bool:
    return export.requested_by_id == actor.pk


def fetch_export(export: Export, actor: Actor) -> bool:
    """The requester, while their office still allows it; nobody fetches for another person."""
    return export.requested_by_id == actor.pk and may_have(export, actor)


retry_export = fetch_export


# Conditions of transitions that depend on more than the state


def report_is_missing(case: Case) -> bool:
    """Only once: a signed report isn't replaced. A closed case takes a late file only if it had no report."""
    return case.report is None and case.notified_at is not None


def report_waits(case: Case) -> bool:
    return case.waiting_report is not None


def panel_is_missing(case: Case) -> bool:
    return case.panel is None


def panel_sits(case: Case) -> bool:
    """An opinion is still missing."""
    return case.panel is not None and not case.panel.all_spoken


def panel_has_spoken(case: Case) -> bool:
    return case.panel is not None and case.panel.all_spoken


def opinion_is_heard(case: Case) -> bool:
    """The unit's opinion is there, or its limit has passed, or nobody could give it."""
    return not case.lacks_opinion


def was_violated(case: Case) -> bool:
    return bool(case.violated)


def lacks_circular(case: Case) -> bool:
    """A violation without a circular in force; after a withdrawal another may be issued. In a deemed violation the
    first names the unit at once, and a second names the people not yet named (R45, R50).
    """
    if not case.violated:
        return False
    return case.circular_in_force is None or (case.was_deemed and bool(set(case.penalised_people) - case.named_people))


def has_circular(case: Case) -> bool:
    return case.circular_in_force is not None


def circular_waits(case: Case) -> bool:
    return case.circular_to_sign is not None


def slip_is_missing(case: Case) -> bool:
    return any(penalty.slip_at is None and penalty.annulled_at is None for penalty in case.penalty_rows)


def refund_is_missing(case: Case) -> bool:
    return any(penalty.is_to_refund for penalty in case.penalty_rows)


def approval_waits(case: Case) -> bool:
    return bool(case.approval)
