"""Names the matter that a paper's page is about, for the row that an auditor's reading writes (middleware.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accountability.web.middleware import NAMED_BY
from assessment.models import Circular, Sheet


def register() -> None:
    NAMED_BY["sheet"] = lambda taken: _case_of(Sheet, number=taken["number"])
    NAMED_BY["circular"] = lambda taken: _case_of(Circular, pk=taken["pk"])


def _case_of(model: Any, **named: Any) -> int | None:
    found: Mapping[str, Any] | None = model.objects.filter(**named).values("case_id").first()
    return found["case_id"] if found else None
