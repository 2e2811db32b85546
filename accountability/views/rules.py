"""The rules on hand (R55): the notice, its flow chart, its rules, what it leaves open; and who has read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accountability.actions.rules import confirm_reading
from accountability.models import (
    RuleReading,
    RulesVersion,
    people_with_readings,
    rules_in_force,
    supplements,
    tally_of_readings,
    units_whose_readings,
)
from accountability.permissions import Actor
from accountability.rules import flow
from accountability.rules.catalogue import RULES, SECTIONS, Rule
from accountability.rules.left_open import left_open
from accountability.rules.notice import clauses
from accountability.security.client_ip import client_ip
from accountability.web.desk import READINGS, contributed
from accountability.web.listings import LISTINGS, Found, Listing, knows, page_of
from accountability.web.request import Request, page_by_key

READ = ("yes", "no")


def sees_readings(actor: Actor) -> bool:
    """Heads watch their own unit's receipts, marketing and auditors everybody's."""
    return actor.is_marketing or actor.is_auditor or bool(actor.heads)


@require_safe
def page(request: Request) -> HttpResponse:
    """Everything on one page, each clause and each rule with an anchor; `?q=` narrows the table of rules."""
    return _show(request, rules_in_force(request.at), 200)


def _show(request: Request, version: RulesVersion, status: int) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:50]
    versions = RulesVersion.objects.filter(in_force_from__lte=request.at).select_related("author")
    context = {
        "version": version,
        "reading": RuleReading.objects.filter(employee_id=request.actor.pk, version=version).first(),
        "stale": status == 409,
        "clauses": [(clause, [rule for rule in RULES.values() if rule.clause == clause.name]) for clause in clauses()],
        "steps": flow.STEPS,
        "step_numbers": flow.PLACES,
        "sections": _sections(wanted, supplements(request.at)),
        "wanted": wanted,
        "left_open": [(line, RULES[line.rule]) for line in left_open(request.at)],
        "page": page_by_key(versions, ["-version"], request),
        "may_publish": request.actor.is_marketing,
        "sees_readings": sees_readings(request.actor),
    }
    return render(request, "accountability/rules/page.html", context, status=status)


def _sections(wanted: str, added: dict[str, RulesVersion]) -> list[tuple[Any, list[tuple[Rule, RulesVersion | None]]]]:
    """The rules by section, each with its supplement in force; only those that match the search."""
    found = [(title, [(rule, added.get(rule.name)) for rule in rules]) for title, rules in SECTIONS]
    kept = [(title, [row for row in rows if _holds(*row, wanted)]) for title, rows in found]
    return [(title, rows) for title, rows in kept if rows]


def _holds(rule: Rule, added: RulesVersion | None, wanted: str) -> bool:
    """Match any words of the rule, or its whole name, so that a name isn't found inside a longer one."""
    if wanted.upper() in RULES:
        return rule.name == wanted.upper()
    words = (rule.title, rule.statement, rule.source, rule.actor, rule.clause_label, added.supplement if added else "")
    return wanted.casefold() in " ".join(str(word) for word in words).casefold()


@require_POST
def confirm(request: Request) -> HttpResponse:
    """One's own receipt for the version shown; the person is always the signed-in one. 409 for another version."""
    version = rules_in_force(request.at)
    if request.POST.get("version") != str(version.version):
        return _show(request, version, 409)
    new = confirm_reading(request.user, version, at=request.at, address=client_ip(request))
    messages.success(request, _("已记录您的确认。") if new else _("您已经确认过这一版本。"))
    return redirect("rules")


@require_safe
def readings(request: Request) -> HttpResponse:
    """Who has read the version in force and who hasn't, by unit and by person; `?unit=WH`, `?read=no`."""
    units, version = _units(request), rules_in_force(request.at)
    tallies = tally_of_readings(units, version)
    context = {
        "version": version,
        "tallies": tallies,
        "people": sum(unit.people for unit in tallies),  # type: ignore[attr-defined]
        "read": sum(unit.read for unit in tallies),  # type: ignore[attr-defined]
        "page": page_of(PEOPLE, request),
        "unit": request.GET.get("unit", ""),
        "chips": list(_chips(request)),
        "links": contributed(READINGS, request.actor),
    }
    return render(request, "accountability/rules/readings.html", context)


def _units(request: Request) -> QuerySet[Any]:
    if not PEOPLE.may_read(request.actor):
        raise PermissionDenied
    return units_whose_readings(request.actor)


def _people(given: QueryDict, actor: Actor, at: datetime) -> Found:
    """The people asked for, among those the reader may ask about: another unit gives an empty list."""
    asked, units = _asked(given), units_whose_readings(actor)
    if "unit" in asked:
        units = units.filter(code=asked["unit"])
    people = people_with_readings(units, rules_in_force(at))
    return Found(people.filter(read_at__isnull=asked["read"] == "no") if "read" in asked else people, ["username"])


PEOPLE = Listing(
    "rule_readings", gettext_lazy("规则阅读情况"), _people, sees_readings,
    understands=lambda asked, actor, at: knows(asked, ["unit"], read=READ),
)  # fmt: skip
LISTINGS.add(PEOPLE)


def _asked(given: QueryDict) -> dict[str, str]:
    asked = {"unit": given.get("unit", ""), "read": given.get("read", "")}
    return {name: value for name, value in asked.items() if value and (name == "unit" or value in READ)}


def _chips(request: HttpRequest) -> Iterator[dict[str, Any]]:
    asked = _asked(request.GET)
    for value, label in (("", _("全部")), ("no", _("未阅读")), ("yes", _("已阅读"))):
        narrowed = {name: given for name, given in (asked | {"read": value}).items() if given}
        url = f"{reverse('rule_readings')}?{urlencode(narrowed)}"
        yield {"label": label, "url": url, "current": asked.get("read", "") == value}
