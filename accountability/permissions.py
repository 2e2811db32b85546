"""Who may do what.

A predicate bears the name of the verb it guards and reads `verb(subject, actor) -> bool`, the order in which django-fsm
asks. Predicates look at what is in memory; what must be fetched is fetched by the gate beforehand. Whether a thing may
be *seen* is said by the querysets' `visible_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accountability.models import Employee


class Role(models.TextChoices):
    """The roles of the contract; a person holds one by an appointment with dates of service."""

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
"""Three accounts, three people: none holds two of them, and none of them sees what a complaint says."""
OVERSIGHT_ROLES = ADMINISTRATOR_ROLES | {Role.AUDITOR}
"""Who watches the business takes no part in it: no other role beside it, and never by marketing's appointment."""
BUSINESS_ROLES = frozenset(Role) - OVERSIGHT_ROLES

READS_EVERYTHING = CENTRE_ROLES | MARKETING_ROLES | {Role.AUDITOR}

BEYOND_OWN_WORK = MARKETING_ROLES | {Role.CSC_SUPERVISOR, Role.AUDITOR}
"""Who may ask for exports, or for the numbers of customers whose matter they don't hold."""


@dataclass(frozen=True)
class Actor:
    """A person at an instant: with the roles they serve in and the units they head just then.

    `verified` says that this session has shown its second factor; an act that comes from no session has none.
    `stands_in_for` are the units where this person has the contact's duties without being one: as the head of a unit
    whose contacts and deputies aren't there (R17), or on duty by its roster. `at_odds`: an administrator's role was
    found together with anything else; then none of it counts until that is mended.
    """

    employee: Employee
    at: datetime
    roles: frozenset[str] = field(default_factory=frozenset)
    heads: frozenset[int] = field(default_factory=frozenset)
    heads_centre: bool = False
    stands_in_for: frozenset[int] = field(default_factory=frozenset)
    verified: bool = False
    at_odds: bool = False

    @property
    def pk(self) -> int:
        return self.employee.pk

    @property
    def unit_id(self) -> int | None:
        return self.employee.unit_id

    @property
    def units(self) -> frozenset[int]:
        """The unit one belongs to and the units one heads."""
        return self.heads | {self.unit_id} if self.unit_id is not None else self.heads

    @property
    def contact_by_office(self) -> frozenset[int]:
        """The unit whose contact or deputy one is by appointment."""
        is_contact = self.unit_id is not None and self.roles & CONTACT_ROLES
        return frozenset({self.unit_id}) if is_contact else frozenset()  # type: ignore[arg-type]

    @property
    def contact_duties(self) -> frozenset[int]:
        """The units where one has the contact's duties: by appointment, by the roster, or as a head alone (R17)."""
        return self.contact_by_office | self.stands_in_for

    def is_contact_of(self, unit_id: int | None) -> bool:
        """Contact or deputy of the unit, on duty for it, or its head where nobody else is there (R17)."""
        return unit_id in self.contact_duties

    @property
    def answers_for(self) -> frozenset[int]:
        """The units of which one is contact, deputy or head, or has the contact's duties."""
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
        """One of the three; what each of them does, they do without seeing what a complaint says."""
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
        """Whether seals come and the record still holds: the audit administrator, auditors, marketing's leaders."""
        return self.is_audit_admin or self.is_auditor or self.leads_marketing

    @property
    def reads_access_log(self) -> bool:
        """Who looked at what: kept for the audit administrator and the auditors."""
        return self.is_audit_admin or self.is_auditor

    @property
    def reads_every_complaint(self) -> bool:
        """The centre's agents, supervisors and head, marketing and auditors."""
        return self.heads_centre or bool(self.roles & READS_EVERYTHING)

    @property
    def looks_beyond_own_work(self) -> bool:
        """May export, or unmask what they don't hold themselves: by their role, and with the second factor shown."""
        return self.verified and may_look_beyond(self)


def actor_of(request: Any) -> Actor | None:
    """The signed-in person; None for a stranger and where a request failed before the middleware."""
    actor: Actor | None = getattr(request, "actor", None)
    return actor if actor else None


def may_look_beyond(actor: Actor) -> bool:
    """By role, whether or not the second factor is shown: the centre's supervisors and head, marketing, auditors."""
    return actor.heads_centre or bool(actor.roles & BEYOND_OWN_WORK)


def leads_or_audits(actor: Actor) -> bool:
    """The centre's supervisors, marketing's leaders and the auditors: nobody who only works on complaints."""
    return actor.is_csc_supervisor or actor.leads_marketing or actor.is_auditor


def needs_second_factor(actor: Actor) -> bool:
    """Administrators, marketing, and whoever may export or unmask beyond their own work: they get no further than the
    second factor until they have shown it.
    """
    return actor.is_administrator or may_look_beyond(actor)


def apart(actor: Actor) -> Actor:
    """An administrator's account is nothing else: one that holds more, by whatever way, has no office, no content."""
    holds = len(actor.roles) + len(actor.heads | actor.stands_in_for)
    if not actor.is_administrator or holds == 1:
        return actor
    nothing: frozenset[Any] = frozenset()
    return replace(actor, roles=nothing, heads=nothing, heads_centre=False, stands_in_for=nothing, at_odds=True)


def sees_alarms(actor: Actor) -> bool:
    """Marketing, the centre's supervisors and the auditors look after what waits too long."""
    return actor.is_marketing or actor.is_csc_supervisor or actor.is_auditor


def opens_alarms(actor: Actor) -> bool:
    """They, and the heads of units: those of their own."""
    return sees_alarms(actor) or bool(actor.heads)


def keeps_the_books(actor: Actor) -> bool:
    """Marketing and the auditors may enter the administration; there is no superuser."""
    return actor.is_marketing or actor.is_auditor


Predicate = Callable[[Any, Actor], bool]


def set_limits(organisation: Any, actor: Actor) -> bool:
    """Only the marketing department changes time limits (R15)."""
    return actor.is_marketing


set_policy = set_duty_hours = set_mass_limits = set_limits
set_supervisor = publish_calendar = appoint = end_appointment = set_head = set_limits
set_papers = set_unit = admit = update_employee = dismiss = publish_rules = set_limits


def set_privacy_policy(organisation: Any, actor: Actor) -> bool:
    """How personal data are dealt with is decided by the marketing department's leader."""
    return actor.leads_marketing


def set_template(organisation: Any, actor: Actor) -> bool:
    """What is said to customers is the centre's to word: its supervisors keep the templates (R35)."""
    return actor.is_csc_supervisor


withdraw_template = set_template


def roster(organisation: Any, actor: Actor) -> bool:
    """A unit's contact or head, or marketing; the action checks that it is their own unit."""
    return actor.is_marketing or bool(actor.heads | actor.contact_by_office)


cancel_roster = record_absence = end_absence = roster


def set_sign_in_policy(organisation: Any, actor: Actor) -> bool:
    """Who gets in, and how, is the security administrator's alone."""
    return actor.is_security_admin


issue_activation_code = unlock_sign_in = reset_second_factor = end_sessions = set_sign_in_policy


def appoint_administrator(organisation: Any, actor: Actor) -> bool:
    """Who administers, and who audits, is the security administrator's to appoint, not marketing's, whom they watch."""
    return actor.is_security_admin


end_administrator = appoint_administrator
