"""The tables of the organisation, of matters and their ledger, of limits, papers, notices and sign-ins. Imports the
rooms below it: declarations, permissions, deadlines, security, db.
"""

from accountability.models.api_tokens import LEFT_OR_MOVED, ApiToken, CalendarFeed, SentRequest
from accountability.models.attachments import Attachment
from accountability.models.bound import Bound, session_salt
from accountability.models.catalogue import Category
from accountability.models.guarded_changes import GuardedChange
from accountability.models.heartbeats import Heartbeat
from accountability.models.holds import Hold, PeopleServed
from accountability.models.matters import END_DIGITS, NO_DUE, LedgerEntry, Matter, PersonalData, Series, number_ends
from accountability.models.organisation import (
    SYSTEM_USERNAME,
    Appointment,
    Employee,
    Region,
    Unit,
    in_service,
)
from accountability.models.papers import Paper, PaperFile, PaperHandover, PaperWording
from accountability.models.preferences import (
    OF_CUSTOMERS,
    Channel,
    ChannelHealth,
    Delivery,
    Preferences,
    channel_label,
)
from accountability.models.privacy import PrivacyPolicy, privacy_in_force
from accountability.models.records import AccessLog, Alarm, Notification, NotificationQuerySet, Sight
from accountability.models.roster import Absence, DutyRoster
from accountability.models.rules import (
    RuleReading,
    RulesVersion,
    people_with_readings,
    rules_in_force,
    supplements,
    tally_of_readings,
    units_whose_readings,
)
from accountability.models.seals import Seal, Verification
from accountability.models.search import LEAST, SearchText, bigrams, fold
from accountability.models.serving import (
    ActingEmployee,
    acting,
    actor_for,
    contacts_by_unit,
    contacts_of,
    units_without_contact,
)
from accountability.models.signing_in import (
    ActivationCode,
    Authenticator,
    CompanyAccount,
    FormerPassword,
    OpenSession,
    RecoveryCode,
    SignInAttempt,
    SignInPolicy,
    SignInState,
    sign_in_policy,
)
from accountability.models.templates import AnswerTemplate
from accountability.models.timekeeping import (
    CHASING,
    RUNNING,
    CalendarYear,
    Deadline,
    TimeLimits,
    calendar_around,
    calendar_as_of,
    limits_in_force,
)
from accountability.models.versions import Version
from accountability.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "CHASING",
    "END_DIGITS",
    "LEAST",
    "LEFT_OR_MOVED",
    "NO_DUE",
    "OF_CUSTOMERS",
    "RUNNING",
    "SYSTEM_USERNAME",
    "Absence",
    "AccessLog",
    "ActingEmployee",
    "ActivationCode",
    "Alarm",
    "AnswerTemplate",
    "ApiToken",
    "Appointment",
    "Attachment",
    "Authenticator",
    "Bound",
    "CalendarFeed",
    "CalendarYear",
    "Category",
    "Channel",
    "ChannelHealth",
    "CompanyAccount",
    "Deadline",
    "Delivery",
    "DutyRoster",
    "Employee",
    "FormerPassword",
    "GuardedChange",
    "Heartbeat",
    "Hold",
    "LedgerEntry",
    "Matter",
    "Notification",
    "NotificationQuerySet",
    "OpenSession",
    "Paper",
    "PaperFile",
    "PaperHandover",
    "PaperWording",
    "PeopleServed",
    "PersonalData",
    "Preferences",
    "PrivacyPolicy",
    "RecoveryCode",
    "Region",
    "RuleReading",
    "RulesVersion",
    "Seal",
    "SearchText",
    "SentRequest",
    "Series",
    "Sight",
    "SignInAttempt",
    "SignInPolicy",
    "SignInState",
    "TimeLimits",
    "Unit",
    "Verification",
    "Version",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "acting",
    "actor_for",
    "bigrams",
    "calendar_around",
    "calendar_as_of",
    "channel_label",
    "contacts_by_unit",
    "contacts_of",
    "fold",
    "in_service",
    "limits_in_force",
    "number_ends",
    "people_with_readings",
    "privacy_in_force",
    "rules_in_force",
    "session_salt",
    "sign_in_policy",
    "supplements",
    "tally_of_readings",
    "units_whose_readings",
    "units_without_contact",
]
