from accountability.models.catalogue import Category
from accountability.models.matters import NO_DUE, LedgerEntry, Matter, PersonalData
from accountability.models.organisation import (
    SYSTEM_USERNAME,
    Appointment,
    Employee,
    Region,
    Unit,
    actor_for,
    contacts_of,
    in_service,
    units_without_contact,
)
from accountability.models.records import AccessLog, Alarm, Notification
from accountability.models.timekeeping import (
    RUNNING,
    CalendarYear,
    Deadline,
    TimeLimits,
    calendar_around,
    calendar_as_of,
    limits_in_force,
)

__all__ = [
    "NO_DUE",
    "RUNNING",
    "SYSTEM_USERNAME",
    "AccessLog",
    "Alarm",
    "Appointment",
    "CalendarYear",
    "Category",
    "Deadline",
    "Employee",
    "LedgerEntry",
    "Matter",
    "Notification",
    "PersonalData",
    "Region",
    "TimeLimits",
    "Unit",
    "actor_for",
    "calendar_around",
    "calendar_as_of",
    "contacts_of",
    "in_service",
    "limits_in_force",
    "units_without_contact",
]
