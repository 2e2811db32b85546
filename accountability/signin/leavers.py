"""Closes the sign-ins of those who are gone from the company's directory, or disabled there: at once, not at their next
sign-in.
"""

from __future__ import annotations

from datetime import datetime

from accountability.deadlines.limits import day_of
from accountability.models import CompanyAccount, Employee
from accountability.organisation.administrators import administrators_from
from accountability.signin import inactivity, ldap, mapping
from accountability.signin.company_accounts import DIRECTORY, identity_of

MOST_AT_ONCE = 10
"""So many, or a tenth of those who are linked where that is more, are believed to have left at once."""


class TooMany(Exception):
    """So many are gone from the directory that it is rather asked for the wrong thing."""


def gone(at: datetime) -> list[Employee]:
    """The linked people with an open sign-in whose entry isn't there any more, is disabled, or by the mapping table
    says that they have left. Not administrators, the last of whom opens the others. Raises Unreachable where the
    directory doesn't tell all of it.
    """
    linked = CompanyAccount.objects.filter(employee__is_active=True, employee__sign_in_state__closed_at=None)
    linked = linked.exclude(employee__in=administrators_from(day_of(at)).values("employee"))
    left = {account.identity: account.employee for account in linked.select_related("employee").order_by("pk")}
    if left:
        for entry in ldap.everybody(at):
            if not (entry.is_disabled or mapping.means(entry.claims).has_left):
                left.pop(identity_of(entry.subject, DIRECTORY), None)
    return list(left.values())


def close(at: datetime) -> int:
    """Close their sign-ins, with all sessions and tokens. Return how many. Raises TooMany instead, and Unreachable:
    then the task's silence becomes an alarm.
    """
    people = gone(at)
    if len(people) > max(MOST_AT_ONCE, CompanyAccount.objects.count() // 10):
        raise TooMany(f"{len(people)} are gone from the directory at once: `manage.py company_accounts --close-gone`")
    return close_all(people, at)


def close_all(people: list[Employee], at: datetime) -> int:
    return inactivity.close_all(people, at, has_left=True) if people else 0
