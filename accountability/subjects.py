"""What a matter is about: the model registered for its kind, and what the gate asks of it.

A subject is found by its matter, names its position (what a page saw), says who holds it, which verb it awaits and
how urgent it is. The apps register theirs; the organisation's is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models import Deadline, Matter

if TYPE_CHECKING:
    from accountability.acts import Batch

SUBJECTS: dict[str, type] = {}


def subject(model: type) -> type:
    """Class decorator: this model is what matters of its `matter_kind` are about."""
    SUBJECTS[model.matter_kind] = model  # type: ignore[attr-defined]
    return model


class Subject:
    """The questions the gate asks; the answers of a matter that needs nobody."""

    matter_kind: ClassVar[str]
    matter: Matter
    matter_id: int | None
    awaits: str = ""
    work_rank: int = 9
    position: str = ""
    current_part: int = 0

    @classmethod
    def locked(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        """Re-read the subjects of locked matters, each bound to its locked matter, with what acts need joined."""
        raise TypeError(f"{cls.__name__} can't be re-read")

    @classmethod
    def of_matter(cls, matter_id: int) -> Self:
        return cls.locked({matter_id: Matter.objects.get(pk=matter_id)})[matter_id]

    def watched(self) -> Iterable[models.Model]:
        """The rows that an act may change besides the matter's own."""
        return ()

    def who_holds(self, batch: Batch) -> tuple[int | None, int | None]:
        """Who must act now, and their unit (primary keys)."""
        return None, None

    def told_of_miss(self, deadline: Deadline) -> Iterable[int | None]:
        """Who hears of a missed deadline (primary keys)."""
        return ()

    def describe_state(self) -> Any:
        return ""

    def make_number(self, at: datetime) -> str:
        raise TypeError(f"{type(self).__name__} has no numbers")


@subject
class Organisation(Subject):
    """The standing matter of the organisation itself: limits, supervisors and the calendar are changed on it."""

    matter_kind = Matter.Kind.ORGANISATION
    NUMBER = "ORG"

    def __init__(self, matter: Matter) -> None:
        self.matter = matter
        self.matter_id = matter.pk

    class DoesNotExist(Exception):
        pass

    @classmethod
    def standing(cls) -> Organisation:
        return cls(Matter.objects.get(number=cls.NUMBER))

    @classmethod
    def locked(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return {pk: cls(matter) for pk, matter in matters.items()}

    def describe_state(self) -> Any:
        return _("现行")
