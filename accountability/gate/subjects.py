"""What a matter is about: the model registered for its kind, and what the gate asks of it.

A subject is found by its matter, names its position (what a page saw), says who holds it, which verb it awaits and
how urgent it is. The apps register theirs; the organisation's is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.declarations.subjects import SUBJECTS
from accountability.gate.verbs import shown_for
from accountability.models import (
    CalendarYear,
    Deadline,
    Matter,
    TimeLimits,
)

if TYPE_CHECKING:
    from accountability.gate.act import Batch
    from accountability.permissions import Actor

REVISE_LIMITS = ("set_limits", "set_policy", "set_duty_hours", "set_mass_limits")
"""The verbs that make a new version of the table of limits."""


KEEP_TEMPLATES = ("set_template", "withdraw_template")


def bound(rows: models.QuerySet[Any], matters: dict[int, Matter]) -> dict[int, Any]:
    """Those of the rows that are about these matters, each with its own: `locked`, where one query does."""
    found = {row.pk: row for row in rows.filter(pk__in=matters).order_by("pk")}
    for pk, row in found.items():
        row.matter = matters[pk]
    return found


def subject(model: type) -> type:
    """Class decorator: this model is what matters of its `matter_kind` are about."""
    SUBJECTS.put(model.matter_kind, model)  # type: ignore[attr-defined]
    return model


class Subject:
    """The questions the gate asks; the answers of a matter that needs nobody."""

    matter_kind: ClassVar[str]
    series: ClassVar[str] = ""
    page: ClassVar[str] = ""
    """The name of the address of its page, which takes its number; none, for what has no page of its own."""
    other_labels: ClassVar[Mapping[str, Any]] = {}
    """What is awaited of it, or done to it by the program, and is no verb: in words, by name."""
    patience: ClassVar[Mapping[str, float]] = {}
    """For how many hours it may await a verb, by the first version of the table of limits; a day for any other verb."""
    matter: Matter
    matter_id: int | None
    awaits: str = ""
    work_rank: int = 9
    position: str = ""
    current_part: int = 0

    tells_heads: ClassVar[bool] = False
    """Whether heads look after what waits too long in their unit, as far as they may see it."""

    @classmethod
    def matter_label(cls) -> Any:
        """What the kind of matter is called."""
        return cls._meta.verbose_name  # type: ignore[attr-defined]

    @classmethod
    def shows_alarms(cls, actor: Actor) -> bool:
        """Whether this person may be told that one waits too long, as far as they may see alarms at all."""
        return True

    @property
    def ended_at(self) -> datetime | None:
        """When it came to its end, where that is another instant than the one it was written at."""
        return None

    shown_for = shown_for

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

    def names_people(self) -> Iterable[int]:
        """Whom `who_holds` may ask the batch for (primary keys)."""
        return ()

    def owed_by(self, deadline: Deadline) -> int | None:
        """Who has to keep a limit, and is warned of it first: whoever holds the matter, unless it says otherwise."""
        return self.matter.holder_id

    def told_of_miss(self, deadline: Deadline) -> Iterable[int | None]:
        """Who hears of a missed deadline (primary keys)."""
        return ()

    def told_of_waiting(self, batch: Batch) -> Iterable[int]:
        """Who hears, besides holder and unit head, that it waits too long: the centre's supervisors."""
        return batch.csc_supervisor_ids

    def may_wait(self, limits: TimeLimits) -> timedelta:
        """How long it may await what it awaits before an alarm is raised."""
        raise TypeError(f"{type(self).__name__} awaits nothing")

    def presses(self, deadline: Deadline) -> bool:
        """Whether an outstanding deadline is still worked towards, so that lists are ordered by it."""
        return True

    def is_pursued(self, deadline: Deadline) -> bool:
        """Whether somebody can still do what the missed deadline asked for, so that they are chased for it."""
        return False

    def describe_state(self) -> Any:
        return ""

    def describe_for(self, verb: str) -> Any:
        """What whoever saw an older state for this verb (`shown_for`) is told of the present one."""
        return self.describe_state()

    def make_number(self, at: datetime) -> str:
        """Of a kind without a series of its own."""
        raise TypeError(f"{type(self).__name__} has no numbers")


def version_of(what: str, model: Any, column: str = "version") -> Callable[[Organisation], list[str]]:
    """For `Verb.seen`: the newest version. A revision made from an older one overlooks what was decided since."""

    def newest(_organisation: Organisation) -> list[str]:
        return [f"{what} {model.objects.order_by(f'-{column}').values_list(column, flat=True).first() or 0}"]

    return newest


@subject
class Organisation(Subject):
    """The standing matter of the organisation itself: limits, supervisors and the calendar are changed on it."""

    matter_kind = Matter.Kind.ORGANISATION
    NUMBER = "ORG"

    shown_once: str = ""
    """What an act made and whoever did it is shown this once: an activation code."""

    def __init__(self, matter: Matter) -> None:
        self.matter = matter
        self.matter_id = matter.pk

    class DoesNotExist(Exception):
        pass

    @classmethod
    def matter_label(cls) -> Any:
        return Matter.Kind.ORGANISATION.label

    @classmethod
    def standing(cls) -> Organisation:
        return cls(Matter.objects.get(number=cls.NUMBER))

    @classmethod
    def locked(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return {pk: cls(matter) for pk, matter in matters.items()}

    def describe_state(self) -> Any:
        version = TimeLimits.objects.order_by("-version").values_list("version", flat=True)[0]
        published = CalendarYear.objects.order_by("-pk").first()
        return _("时限 v%(version)s，最近公布的工作日历 %(calendar)s") % {
            "version": version, "calendar": published or "—",
        }  # fmt: skip

    def describe_for(self, verb: str) -> Any:
        version = self.shown_for(verb).rpartition(" ")[2]
        if verb == "set_sign_in_policy":
            return _("登录策略 v%(version)s") % {"version": version}
        if verb == "set_privacy_policy":
            return _("个人信息规则 v%(version)s") % {"version": version}
        return super().describe_for(verb)
