"""A row of every model in the administration, made where the story of a complaint leaves none."""

from __future__ import annotations

from typing import Any

from accountability.models import Category, Employee, Matter, Notification, Unit
from assessment.models import Case, Circular, Panel, Penalty, Report, Sheet
from complaints.models import Complaint


def a_row_of(model: Any, complaint: Complaint) -> Any:
    """A row to look at; of the catalogue a leaf, since heads are nobody's to change."""
    if model is Category:
        return Category.objects.exclude(parent=None).earliest("pk").pk
    row = model._base_manager.order_by("pk").first()
    if row is None:
        row = make_row(model, complaint)
    return row.pk


def make_row(model: Any, complaint: Complaint) -> Any:
    """Of what the story of the complaint leaves none."""
    if model in PAPERS:
        return make_paper(model, complaint)
    at, matter = complaint.registered_at, complaint.matter
    told = Notification.objects.earliest("pk")
    given: dict[str, dict[str, Any]] = {
        "MassEvent": {"matter": matter, "region": "武汉", "head": Category.objects.earliest("pk"), "since": at},
        "Region": {"name": "襄阳", "unit": Unit.objects.get(code="WH")},
        "Plan": {
            "matter": matter,
            "unit": Unit.objects.get(code="WH"),
            "owner": Employee.objects.get(username="wh.zhang"),
            "due": at,
            "opened_by": Employee.objects.get(username="sc.officer"),
            "opened_at": at,
        },
        "AccessLog": {"at": at, "actor": Employee.objects.get(username="kf.agent"), "action": "reveal", "result": "ok"},
        "Delivery": {
            "notification": told,
            "recipient": told.recipient,
            "channel": "sms",
            "planned_at": at,
            "next_try_at": at,
        },
        "Alarm": {"key": "waiting:1", "kind": "waiting", "matter": matter, "since": at, "raised_at": at},
        "PaperWording": {
            "version": 1,
            "in_force_from": at,
            "author": Employee.objects.get(username="sc.officer"),
            "reason": "更名",
        },
    }
    return model.objects.create(**given[model.__name__])


PAPERS = (Case, Sheet, Report, Panel, Penalty, Circular)


def make_paper(model: Any, complaint: Complaint) -> Any:
    """A case against the complaint's unit, or a paper of it."""
    at, officer = complaint.matter.opened_at, Employee.objects.get(username="sc.officer")
    unit = Unit.objects.get(code="WH")
    matter = Matter.objects.create(kind=Case.matter_kind, number="AJ2026-AAAAAAAA", opened_at=at, awaits="notify_unit")
    case = Case.objects.create(
        matter=matter, state="sheet_issued", unit=unit, source="sheet", by_centre=True, opened_by=officer, opened_at=at
    )
    given: dict[str, dict[str, Any]] = {
        "Sheet": {"number": "HD2026-AAAAAAAA", "unit": unit, "person": officer, "issued_by": officer, "issued_at": at},
        "Report": {"conclusion": "admitted", "filed_by": officer, "filed_at": at, "signer": officer},
        "Panel": {"appointed_by": officer, "appointed_at": at, "due_at": at},
        "Penalty": {"person": officer, "grounds": [], "months": 1, "recorded_by": officer, "recorded_at": at},
        "Circular": {"unit": unit, "drafted_by": officer, "drafted_at": at},
    }
    return case if model is Case else model.objects.create(case=case, **given[model.__name__])
