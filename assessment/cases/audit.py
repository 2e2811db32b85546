"""What reading a case writes: of which matter a paper's page is, for an auditor's row (middleware.py), and a row for
each reading of a sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accountability.audit import access_log
from accountability.web.middleware import NAMED_BY
from assessment.models import Circular, Sheet


def register() -> None:
    NAMED_BY["sheet"] = lambda taken: _case_of(Sheet, number=taken["number"])
    NAMED_BY["circular"] = lambda taken: _case_of(Circular, pk=taken["pk"])


def note_sheet(request: Any, case_id: int) -> None:
    """Note that this person read the sheet of the case (R40)."""
    access_log.note(request, "sheet", matter_id=case_id)


def _case_of(model: Any, **named: Any) -> int | None:
    found: Mapping[str, Any] | None = model.objects.filter(**named).values("case_id").first()
    return found["case_id"] if found else None
