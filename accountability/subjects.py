"""What a matter is about: the model registered for its kind, and what the gate asks of it.

A subject is found by its matter, names its position (what a page saw), says who holds it, which verb it awaits and
how urgent it is. The apps register theirs; the organisation's is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models import (
    AnswerTemplate,
    CalendarYear,
    Deadline,
    Matter,
    PaperWording,
    PrivacyPolicy,
    RulesVersion,
    SignInPolicy,
    TimeLimits,
)

if TYPE_CHECKING:
    from accountability.acts import Batch

SUBJECTS: dict[str, type] = {}

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
    SUBJECTS[model.matter_kind] = model  # type: ignore[attr-defined]
    return model


class Subject:
    """The questions the gate asks; the answers of a matter that needs nobody."""

    matter_kind: ClassVar[str]
    series: ClassVar[str] = ""
    matter: Matter
    matter_id: int | None
    awaits: str = ""
    work_rank: int = 9
    position: str = ""
    current_part: int = 0

    @property
    def ended_at(self) -> datetime | None:
        """When it came to its end, where that is another instant than the one it was written at."""
        return None

    def shown_for(self, verb: str) -> str:
        """What a page saw that offers this verb: the position, and what the person would put their name to by it."""
        return self.position

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
    def standing(cls) -> Organisation:
        return cls(Matter.objects.get(number=cls.NUMBER))

    @classmethod
    def locked(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return {pk: cls(matter) for pk, matter in matters.items()}

    def shown_for(self, verb: str) -> str:
        """The version that a revision is made from: who revises from an older one overlooks what was decided since."""
        if verb == "publish_calendar":
            last = CalendarYear.objects.order_by("-pk").values_list("pk", flat=True).first()
            return f"calendar {last or 0}"
        if verb == "set_papers":
            return f"papers {PaperWording.objects.values_list('version', flat=True).first() or 0}"
        if verb in REVISE_LIMITS:
            return f"limits {TimeLimits.objects.order_by('-version').values_list('version', flat=True)[0]}"
        if verb == "publish_rules":
            return f"rules {RulesVersion.objects.order_by('-version').values_list('version', flat=True)[0]}"
        if verb == "set_sign_in_policy":
            return f"sign-in {SignInPolicy.objects.values_list('version', flat=True).first() or 0}"
        if verb == "set_privacy_policy":
            return f"privacy {PrivacyPolicy.objects.order_by('-version').values_list('version', flat=True)[0]}"
        if verb in KEEP_TEMPLATES:
            return f"templates {AnswerTemplate.objects.order_by('-pk').values_list('pk', flat=True).first() or 0}"
        return super().shown_for(verb)

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
