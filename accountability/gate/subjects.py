"""Defines the subject of a matter: the model registered for its kind, and what the gate asks it.

A subject is found by its matter. It gives its position (what a page saw), its holder, the verb that it awaits and its
urgency. The apps register their subjects; the organisation's is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Together
from accountability.declarations.subjects import SUBJECTS
from accountability.gate.lookups import Lookups
from accountability.gate.verbs import shown_for
from accountability.models import CalendarYear, Deadline, Matter, TimeLimits
from accountability.permissions import Actor

REVISE_LIMITS = ("set_limits", "set_policy", "set_duty_hours", "set_mass_limits")
"""The verbs that make a new version of the table of limits."""


KEEP_TEMPLATES = ("set_template", "withdraw_template")


def bound(rows: models.QuerySet[Any], matters: dict[int, Matter]) -> dict[int, Any]:
    """The rows about these matters, each with its matter: `Subject.of_matters` for models that need one query."""
    found = {row.pk: row for row in rows.filter(pk__in=matters).order_by("pk")}
    for pk, row in found.items():
        row.matter = matters[pk]
    return found


def subject(model: type) -> type:
    """Class decorator: register this model as the subject of matters of its `matter_kind`."""
    SUBJECTS.put(model.matter_kind, model)  # type: ignore[attr-defined]
    return model


class Subject:
    """What the gate asks a subject. The default answers suit a matter that nobody has to work on."""

    matter_kind: ClassVar[str]
    series: ClassVar[str] = ""
    page: ClassVar[str] = ""
    """The URL name of its page, whose argument is its number; empty if it has no page."""
    other_labels: ClassVar[Mapping[str, Any]] = {}
    """Labels, by name, of what it awaits or the program does to it without a verb."""
    patience: ClassVar[Mapping[str, float]] = {}
    """How many hours it may await a verb, in the first version of the table of limits; a day for other verbs."""
    matter: Matter
    matter_id: int | None
    awaits: str = ""
    work_rank: int = 9
    position: str = ""
    current_part: int = 0

    named_with: ClassVar[tuple[str, ...]] = ()
    """What a query joins for `named_for`."""

    tells_heads: ClassVar[bool] = False
    """Whether heads see what waits too long in their unit, if they may read it."""

    @classmethod
    def matter_label(cls) -> Any:
        """The label of the kind of matter."""
        return cls._meta.verbose_name  # type: ignore[attr-defined]

    @classmethod
    def shows_alarms(cls, actor: Actor) -> bool:
        """Whether this person, if they may see alarms at all, sees that a matter of this kind waits too long."""
        return True

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, if that differs from the instant when the end was recorded."""
        return None

    shown_for = shown_for

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        """Read the subjects of these matters, each linked to its matter, with the rows that acts need; lock nothing."""
        raise TypeError(f"{cls.__name__} can't be re-read")

    @classmethod
    def of_matters_with(cls, matters: dict[int, Matter], together: Together) -> dict[int, Self]:
        """`of_matters`, by the statement that reads what is asked for together, where the kind can."""
        return cls.of_matters(matters)

    @classmethod
    def of_matter(cls, matter_id: int) -> Self:
        return cls.of_matters({matter_id: Matter.objects.get(pk=matter_id)})[matter_id]

    def watched(self) -> Iterable[models.Model]:
        """The rows, other than the matter, that an act may change: by default the subject's own."""
        yield self  # type: ignore[misc]

    def named_for(self, actor: Actor) -> list[str]:
        """What a notice says of it to somebody who may see it, besides its number: what it is about, and whose."""
        return []

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """Who must act now, and their unit (primary keys)."""
        return None, None

    def asked(self, _lookups: Lookups) -> Iterable[int | None]:
        """Who is notified of what is awaited now: the holder."""
        return (self.matter.holder_id,)

    def names_people(self) -> Iterable[int]:
        """The people whom `who_holds` may look up in the lookups (primary keys)."""
        return ()

    def owed_by(self, deadline: Deadline, lookups: Lookups) -> int | None:
        """Who has to keep a limit and is warned first; by default the holder of the matter."""
        return self.matter.holder_id

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """Who is notified of a missed deadline (primary keys)."""
        return ()

    def told_of_waiting(self, lookups: Lookups) -> Iterable[int]:
        """Who is notified, in addition to holder and unit head, that it waits too long: the centre's supervisors."""
        return lookups.csc_supervisor_ids

    def may_wait(self, limits: TimeLimits) -> timedelta:
        """How long it may wait for the awaited verb before an alarm is raised."""
        raise TypeError(f"{type(self).__name__} awaits nothing")

    def presses(self, deadline: Deadline) -> bool:
        """Whether an outstanding deadline is still being worked on, so that lists are sorted by it."""
        return True

    def is_pursued(self, deadline: Deadline) -> bool:
        """Whether the duty of a missed deadline can still be done, so that it is chased."""
        return False

    def tells_present(self, actor: Actor) -> bool:
        """Whether this person, who may run a verb on it, may also know its present state and holder. A refusal names
        the state to nobody else.
        """
        return True

    def describe_state(self) -> Any:
        return ""

    def describe_for(self, verb: str) -> Any:
        """The current state, told to a person whose page for this verb was outdated (`shown_for`)."""
        return self.describe_state()

    def make_number(self, at: datetime) -> str:
        """The number of a new matter, for a kind without a series."""
        raise TypeError(f"{type(self).__name__} has no numbers")


def version_of(what: str, model: Any, column: str = "version") -> Callable[[Organisation], list[str]]:
    """For `Verb.seen`: the newest version, so that a revision based on an older version is refused."""

    def newest(_organisation: Organisation) -> list[str]:
        return [f"{what} {model.objects.order_by(f'-{column}').values_list(column, flat=True).first() or 0}"]

    return newest


@subject
class Organisation(Subject):
    """The permanent matter of the organisation itself, on which limits, supervisors and the calendar are changed."""

    matter_kind = Matter.Kind.ORGANISATION
    NUMBER = "ORG"
    other_labels: ClassVar[Mapping[str, Any]] = {
        "settle": _("系统核定"), "found": _("建立组织"), "set_password": _("设置密码"),
        "bind_second_factor": _("绑定动态口令"), "unbind_second_factor": _("解除动态口令"),
        "link_company_account": _("绑定公司账号"), "unlink_company_accounts": _("解除公司账号绑定"),
    }  # fmt: skip

    shown_once: str = ""
    """A result that is shown to the actor only once: an activation code."""

    def __init__(self, matter: Matter) -> None:
        self.matter = matter
        self.matter_id = matter.pk

    class DoesNotExist(Exception):
        pass

    def watched(self) -> Iterable[models.Model]:
        return ()

    @classmethod
    def matter_label(cls) -> Any:
        return Matter.Kind.ORGANISATION.label

    @classmethod
    def standing(cls) -> Organisation:
        return cls(Matter.objects.get(number=cls.NUMBER))

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
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
