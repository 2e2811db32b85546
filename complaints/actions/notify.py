"""Which people a notice to a unit reaches, and the round's 投诉处理通知单."""

from __future__ import annotations

from typing import Any

from accountability.documents.issuing import issue
from accountability.gate.act import Act
from accountability.models import Unit
from complaints.models import Cooperation, Round


def issue_notice(act: Act, current: Round) -> None:
    """Issue the round's 通知单 as it is now: slip blank while the round runs, filled in when it is over (R18)."""
    issue(act, "dispatch_notice", part=current.number, number=current.notice_number, round=current)


def tell_unit(act: Act, unit: Unit, notice: str, **facts: Any) -> None:
    """Tell its contacts and deputies; if it has neither, its head (R17)."""
    contacts: list[int | None] = [person.pk for person in act.batch.contacts_of(unit)]
    for person_id in contacts or [unit.head_id]:
        act.tell(person_id, notice, **facts)


def tell_invited(act: Act, part: Cooperation, notice: str, **facts: Any) -> None:
    """Tell an invited unit and those of its people who were stamped with its part (R32)."""
    tell_unit(act, part.unit, notice, **facts)
    for person_id in (part.handler_id, part.leader_id):
        act.tell(person_id, notice, **facts)
