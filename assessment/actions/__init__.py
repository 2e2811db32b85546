"""The verbs of cases, leads, plans, bulletins and rankings; importing this registers them all."""

from assessment.actions import (
    annulment,
    bulletins,
    circulars,
    closing,
    exports,
    faults,
    inspection,
    leads,
    opening,
    panel,
    passing,
    penalties,
    plan_leavers,
    plans,
    rankings,
)

__all__ = [
    "annulment",
    "bulletins",
    "circulars",
    "closing",
    "exports",
    "faults",
    "inspection",
    "leads",
    "opening",
    "panel",
    "passing",
    "penalties",
    "plan_leavers",
    "plans",
    "rankings",
]
