"""Who takes which steps of the tours, which step a page shows, and each person's answer to the offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.declarations.places import nobody
from accountability.declarations.registry import Registry, Words
from accountability.declarations.tours import STEPS, Step
from accountability.models import ActingEmployee, Employee, Preferences
from accountability.permissions import CONTACT_ROLES, Actor, Role

VERSION = 1
"""Increase it when a tour is rewritten so much that everybody should be offered it again."""

ASKED = "tour"
"""Names the step in the address of a page that the tour leads to; without it no page shows the tour."""


def _of_a_unit(actor: Actor) -> bool:
    """Whether this person works where complaints may be dispatched to, rather than judged."""
    return not (actor.reads_every_complaint or actor.unit_id is None)


def _may_be_handed_work(actor: Actor) -> bool:
    """Work is handed only to people with a supervising leader on file (R4)."""
    return _of_a_unit(actor) and actor.supervisor_id is not None


def _leads(actor: Actor) -> bool:
    return _of_a_unit(actor) and Employee.objects.filter(supervisor=actor.pk, is_active=True).exists()


@dataclass(frozen=True)
class Tour:
    """The tour of one role: the role's name on the page of the tour, and who has it."""

    name: str
    label: Words
    takes: Callable[[Actor], bool]


TOURS: Registry[Tour] = Registry("tour")
TOURS.add(
    Tour("agent", _("客服代表"), lambda actor: Role.AGENT in actor.roles),
    Tour("csc_supervisor", _("客服中心主管"), lambda actor: actor.is_csc_supervisor),
    Tour(
        "contact", _("接口人和副接口人"),
        lambda actor: bool(actor.roles & CONTACT_ROLES) or (_of_a_unit(actor) and bool(actor.stands_in_for)),
    ),
    Tour("handler", _("处理人"), _may_be_handed_work),
    Tour("leader", _("分管领导"), _leads),
    Tour("head", _("单位负责人"), lambda actor: bool(actor.heads)),
    Tour("marketing", _("市场部"), lambda actor: actor.is_marketing),
    Tour("auditor", _("审计员"), lambda actor: actor.is_auditor),
    Tour("system_admin", _("系统管理员"), lambda actor: actor.is_system_admin),
    Tour("security_admin", _("安全管理员"), lambda actor: actor.is_security_admin),
    Tour("audit_admin", _("审计管理员"), lambda actor: actor.is_audit_admin),
    Tour("plain", _("全体员工"), nobody),
)  # fmt: skip
"""In the order in which somebody with several roles takes them; people with none of these take the last."""


def roles_of(actor: Actor) -> list[str]:
    return [tour.name for tour in TOURS.values() if tour.takes(actor)] or ([] if actor.at_odds else ["plain"])


def steps_of(role: str) -> list[Step]:
    """The steps of one tour, in the order in which they are taken."""
    return sorted((step for step in STEPS.values() if role in step.tours), key=lambda step: step.tours[role])


@dataclass(frozen=True)
class Stop:
    """A step of one person's tour, with its number and the address of its page."""

    step: Step
    number: int

    @property
    def url(self) -> str:
        """The page itself, at the element: for browsers without a script."""
        return f"{reverse(self.step.place)}#{self.step.target}"

    @property
    def guided_url(self) -> str:
        """The page with the step shown on it."""
        return f"{reverse(self.step.place)}?{urlencode({ASKED: self.step.name})}"


def stops_of(actor: Actor) -> list[Stop]:
    """The steps of all the person's roles, each once, in the order of the roles."""
    names = dict.fromkeys(step.name for role in roles_of(actor) for step in steps_of(role))
    return [Stop(STEPS[name], number) for number, name in enumerate(names, start=1)]


def under_way(request: HttpRequest, actor: Actor | None) -> dict[str, Any] | None:
    """The tour on this page: the step named in the address, if it is one of this person's and of this page."""
    step, match = STEPS.get(request.GET.get(ASKED, "")), request.resolver_match
    if actor is None or step is None or match is None or match.view_name != step.place:
        return None
    stops = stops_of(actor)
    place = next((place for place, stop in enumerate(stops) if stop.step is step), None)
    if place is None:
        return None
    return {
        "stop": stops[place],
        "of": len(stops),
        "before": stops[place - 1] if place else None,
        "after": stops[place + 1] if place + 1 < len(stops) else None,
        "leave": request.path,
    }


def is_offered(actor: ActingEmployee | None) -> bool:
    """Offer the tour until the person takes or skips it, and again only when the tours were rewritten."""
    return actor is not None and actor.toured < VERSION


def answer(actor: Actor, *, skipped: bool) -> None:
    """Store that this person was offered the present version of the tours."""
    Preferences.objects.update_or_create(pk=actor.pk, defaults={"toured": VERSION, "tour_skipped": skipped})
