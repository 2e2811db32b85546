"""Decides who may do what.

A predicate has the name of the verb that it guards, and the signature `verb(subject, actor) -> bool` that django-fsm
needs. Predicates only use what is in memory; the gate fetches everything else beforehand. Who may *see* something is
decided by the querysets' `visible_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles. A person has a role through an appointment with dates of service."""

    AGENT = "agent", _("客服代表")
    CSC_SUPERVISOR = "csc_supervisor", _("客服中心主管")
    CONTACT = "contact", _("投诉处理接口人")
    DEPUTY_CONTACT = "deputy_contact", _("副接口人")
    MARKETING = "marketing", _("市场部专员")
    MARKETING_LEADER = "marketing_leader", _("市场部领导")
    AUDITOR = "auditor", _("审计员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


CENTRE_ROLES = frozenset({Role.AGENT, Role.CSC_SUPERVISOR})
CONTACT_ROLES = frozenset({Role.CONTACT, Role.DEPUTY_CONTACT})
MARKETING_ROLES = frozenset({Role.MARKETING, Role.MARKETING_LEADER})
ADMINISTRATOR_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Three separate people: nobody has two of these roles, and none of them sees the content of complaints."""
OVERSIGHT_ROLES = ADMINISTRATOR_ROLES | {Role.AUDITOR}
"""People who oversee the work take no part in it: they have no other role, and marketing doesn't appoint them."""
BUSINESS_ROLES = frozenset(Role) - OVERSIGHT_ROLES
GUARDED_ROLES = OVERSIGHT_ROLES | {Role.MARKETING_LEADER}
"""The offices that nobody gives or ends alone."""

READS_EVERYTHING = CENTRE_ROLES | MARKETING_ROLES | {Role.AUDITOR}

BEYOND_OWN_WORK = MARKETING_ROLES | {Role.CSC_SUPERVISOR, Role.AUDITOR}
"""Who may export, or unmask the numbers of customers whose matter they don't hold."""


@dataclass(frozen=True)
class Actor:
    """A person at an instant, with the roles that they have and the units that they head at that instant. It has only
    values, so that a predicate reads nothing.

    `verified`: the session has passed the second factor; always False for an act outside a session. `stands_in_for`:
    the units where this person has the contact's duties without being one, as the head of a unit whose contacts and
    deputies are all absent (R17), or on duty by its roster. `at_odds`: the person has an administrator's role together
    with another role or office; then none of them counts until that is corrected.
    """

    pk: int
    username: str
    unit_id: int | None
    supervisor_id: int | None
    at: datetime
    roles: frozenset[str] = field(default_factory=frozenset)
    heads: frozenset[int] = field(default_factory=frozenset)
    heads_centre: bool = False
    stands_in_for: frozenset[int] = field(default_factory=frozenset)
    verified: bool = False
    at_odds: bool = False

    @property
    def units(self) -> frozenset[int]:
        """The person's own unit and the units that they head."""
        return self.heads | {self.unit_id} if self.unit_id is not None else self.heads

    @property
    def contact_by_office(self) -> frozenset[int]:
        """The unit whose contact or deputy contact the person is, by appointment."""
        is_contact = self.unit_id is not None and self.roles & CONTACT_ROLES
        return frozenset({self.unit_id}) if is_contact else frozenset()  # type: ignore[arg-type]

    @property
    def contact_duties(self) -> frozenset[int]:
        """The units where the person has the contact's duties: by appointment, by the roster, or as the head while no
        contact is present (R17).
        """
        return self.contact_by_office | self.stands_in_for

    def is_contact_of(self, unit_id: int | None) -> bool:
        """Whether the person has the contact's duties for the unit (R17)."""
        return unit_id in self.contact_duties

    @property
    def answers_for(self) -> frozenset[int]:
        """The units that the person heads, or for which they have the contact's duties."""
        return self.heads | self.contact_duties

    @property
    def is_agent(self) -> bool:
        return bool(self.roles & CENTRE_ROLES)

    @property
    def is_csc_supervisor(self) -> bool:
        return Role.CSC_SUPERVISOR in self.roles

    @property
    def is_marketing(self) -> bool:
        return bool(self.roles & MARKETING_ROLES)

    @property
    def leads_marketing(self) -> bool:
        return Role.MARKETING_LEADER in self.roles

    @property
    def is_auditor(self) -> bool:
        return Role.AUDITOR in self.roles

    @property
    def is_administrator(self) -> bool:
        """Whether the person has one of the three administrator roles, none of which can see complaints' content."""
        return self.at_odds or bool(self.roles & ADMINISTRATOR_ROLES)

    @property
    def is_system_admin(self) -> bool:
        return Role.SYSTEM_ADMIN in self.roles

    @property
    def is_security_admin(self) -> bool:
        return Role.SECURITY_ADMIN in self.roles

    @property
    def is_audit_admin(self) -> bool:
        return Role.AUDIT_ADMIN in self.roles

    @property
    def oversees_record(self) -> bool:
        """Whether the person oversees seals and the record: the audit administrator, auditors, marketing's leaders."""
        return self.is_audit_admin or self.is_auditor or self.leads_marketing

    @property
    def reads_access_log(self) -> bool:
        """Whether the person may read the access log: the audit administrator and auditors."""
        return self.is_audit_admin or self.is_auditor

    @property
    def reads_every_complaint(self) -> bool:
        """Whether the person may read all complaints: the centre's staff and head, marketing and auditors."""
        return self.heads_centre or bool(self.roles & READS_EVERYTHING)

    @property
    def reads_every_case(self) -> bool:
        """Whether the person may read all cases and what belongs to them: marketing and the auditors (R40)."""
        return self.is_marketing or self.is_auditor

    @property
    def unmasks_by_reason(self) -> bool:
        """Whether the office allows to see customers' numbers beyond one's own work, each time for a reason: the
        centre's supervisors and head, and marketing. Whoever audits as well may not.
        """
        return (self.is_csc_supervisor or self.heads_centre or self.is_marketing) and not self.is_auditor

    @property
    def looks_beyond_own_work(self) -> bool:
        """Whether the person may export, or unmask numbers in matters that they don't hold. This needs the role and the
        second factor.
        """
        return self.verified and may_look_beyond(self)


def actor_of(request: Any) -> Actor | None:
    """The signed-in person; None if nobody is signed in or the request failed before the middleware ran."""
    actor: Actor | None = getattr(request, "actor", None)
    return actor if actor else None


def may_look_beyond(actor: Actor) -> bool:
    """Whether the role allows exports and unmasking, regardless of the second factor: the centre's supervisors and
    head, marketing, auditors.
    """
    return actor.heads_centre or bool(actor.roles & BEYOND_OWN_WORK)


def offices_asking_more(actor: Actor) -> frozenset[str]:
    """The person's offices that nobody gives alone, or that ask for a second factor (`needs_second_factor`)."""
    offices = {"heads_centre": actor.heads_centre, "at_odds": actor.at_odds}
    return (actor.roles & (GUARDED_ROLES | BEYOND_OWN_WORK)) | {name for name, has in offices.items() if has}


def leads_or_audits(actor: Actor) -> bool:
    """The centre's supervisors, marketing's leaders and the auditors, but not people who only handle complaints."""
    return actor.is_csc_supervisor or actor.leads_marketing or actor.is_auditor


def needs_second_factor(actor: Actor) -> bool:
    """Whether the person can do nothing before passing the second factor: administrators, and those who may export or
    unmask beyond their own work.
    """
    return actor.is_administrator or may_look_beyond(actor)


A = TypeVar("A", bound=Actor)


def apart(actor: A) -> A:
    """Remove all roles and offices from an administrator who has any other role or office, and set `at_odds`."""
    holds = len(actor.roles) + len(actor.heads | actor.stands_in_for)
    if not actor.is_administrator or holds == 1:
        return actor
    nothing: frozenset[Any] = frozenset()
    return replace(actor, roles=nothing, heads=nothing, heads_centre=False, stands_in_for=nothing, at_odds=True)


def sees_alarms(actor: Actor) -> bool:
    """Who sees what waits too long: marketing, the centre's supervisors and the auditors."""
    return actor.is_marketing or actor.is_csc_supervisor or actor.is_auditor


def acts_on_alarms(actor: Actor) -> bool:
    """Who can do something about what waits too long, and is therefore reminded of it on every page."""
    return actor.is_marketing or actor.is_csc_supervisor


def opens_alarms(actor: Actor) -> bool:
    """Who may open the list of alarms: those who see all alarms, and heads for their own units."""
    return sees_alarms(actor) or bool(actor.heads)


def keeps_the_books(actor: Actor) -> bool:
    """Who may open the Django admin: marketing and the auditors. There is no superuser."""
    return actor.is_marketing or actor.is_auditor


Predicate = Callable[[Any, Actor], bool]


def set_limits(organisation: Any, actor: Actor) -> bool:
    """Only the marketing department changes time limits (R15)."""
    return actor.is_marketing


set_policy = set_duty_hours = set_mass_limits = set_limits
set_supervisor = publish_calendar = appoint = end_appointment = set_head = set_limits
set_papers = set_unit = admit = update_employee = dismiss = publish_rules = set_limits


def set_privacy_policy(organisation: Any, actor: Actor) -> bool:
    """Only the marketing department's leader decides the policy on personal data."""
    return actor.leads_marketing


def set_template(organisation: Any, actor: Actor) -> bool:
    """Only the centre's supervisors maintain the answer templates, because the centre answers customers (R35)."""
    return actor.is_csc_supervisor


withdraw_template = set_template


def roster(organisation: Any, actor: Actor) -> bool:
    """Marketing, and a unit's contact or head; the action checks that it is their own unit."""
    return actor.is_marketing or bool(actor.heads | actor.contact_by_office)


cancel_roster = record_absence = end_absence = roster


def set_sign_in_policy(organisation: Any, actor: Actor) -> bool:
    """Only the security administrator decides about sign-in."""
    return actor.is_security_admin


issue_activation_code = unlock_sign_in = reset_second_factor = end_sessions = set_sign_in_policy


def appoint_administrator(organisation: Any, actor: Actor) -> bool:
    """Only the security administrator appoints administrators and auditors, not marketing, which they oversee."""
    return actor.is_security_admin


end_administrator = appoint_administrator


def add_webhook(organisation: Any, actor: Actor) -> bool:
    """Only the security administrator decides which other systems are told of events."""
    return actor.is_security_admin


rotate_webhook = add_webhook


def enable_webhook(organisation: Any, actor: Actor) -> bool:
    """The offices of a second person; the action checks that it is another one than who added the address."""
    return actor.is_security_admin or actor.is_audit_admin


disable_webhook = enable_webhook


def sees_webhooks(actor: Actor) -> bool:
    """Who may open the list of addresses: the administrators, each for their part, and the auditors."""
    return actor.is_system_admin or actor.is_security_admin or actor.is_audit_admin or actor.is_auditor


def approve_change(organisation: Any, actor: Actor) -> bool:
    """The offices that decide on guarded changes; the action checks that this person is a second one."""
    return actor.is_security_admin or actor.is_audit_admin or actor.is_marketing


refuse_change = approve_change


def withdraw_change(organisation: Any, actor: Actor) -> bool:
    """The offices that request guarded changes; the action checks that it is their own request."""
    return actor.is_security_admin or actor.is_marketing


def sees_changes(actor: Actor) -> bool:
    """Who may open the list of guarded changes: who decides on some, and the auditors."""
    return approve_change(None, actor) or actor.is_auditor


def propose_release(organisation: Any, actor: Actor) -> bool:
    """Marketing proposes how the misses of an outage count."""
    return actor.is_marketing


withdraw_release = propose_release


def approve_release(organisation: Any, actor: Actor) -> bool:
    """Marketing's leaders, who excuse misses; the action checks that it is another person."""
    return actor.leads_marketing


refuse_release = approve_release


def sees_holds(actor: Actor) -> bool:
    """Who may open the page of the windows in which nobody was served: marketing and the auditors."""
    return actor.is_marketing or actor.is_auditor
