"""What is counted, each number declared once: the figure and the list behind it are the same rows (R53, R54).

No number counts cancelled rounds (recalled, or their complaint was withdrawn or found a duplicate while they ran), what
a cooperating unit owes, history that was imported closed, or what the centre handled itself: none of these is a round
of a unit. A limit counts as it is now: a void one binds nobody, and a miss that two people excused is no miss. But what
a unit missed before its round was cancelled remains missed, and a lead: recalling a dispatch doesn't improve a figure.
Of the cycles of a limit the binding one counts (`Deadline.is_latest`), so that no round counts twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accountability.models import Deadline, Unit
from accountability.permissions import Actor
from assessment.figures.periods import Period
from assessment.models import Case, CaseState, Penalty
from complaints.declarations.limits import Kind
from complaints.models import Dissatisfaction, Round, RoundState

RANKED_KINDS = (Unit.Kind.BRANCH, Unit.Kind.DEPARTMENT, Unit.Kind.DIRECT_UNIT)
"""The kinds of unit whose numbers are counted and ranked (R53)."""

JUDGED = (Kind.HANDOFF, Kind.HANDLING)


@dataclass(frozen=True)
class Source:
    """Rows that are counted (`found`), each with `counted_at`: the instant by which it belongs to a period.

    `unit`, `complaint` and `case` are the paths from a row; either `complaint` or `case` is set. `limit` is the path to
    the limit that was kept or missed, if that is what counts.
    """

    name: str
    rows: Callable[[], QuerySet[Any]]
    unit: str
    complaint: str = ""
    case: str = ""
    seen: Callable[[Actor], Q] = lambda actor: Q()
    limit: str | None = None

    @property
    def is_limit(self) -> bool:
        """Whether a row is itself the limit that was kept or missed."""
        return self.limit == ""

    def within(self, period: Period) -> Q:
        """The rows of the period; of limits those that were kept or missed in it. The condition names each column, to
        match the indexes; from `counted_at` the database couldn't estimate the number of rows.
        """
        if self.limit is None:
            return _between("counted_at", period)
        missed, met = f"{self.limit}missed_at", f"{self.limit}met_at"
        return _between(missed, period) | Q(**{missed: None}) & _between(met, period)

    def found(self, *where: Q) -> QuerySet[Any]:
        """The rows of which all of this is true, without void limits. A joined limit is joined once: what is asked of
        it in another call, or after `counted_at`, joins it once more.
        """
        if self.limit is None:
            return self.rows().filter(*where)
        found = self.rows().filter(*where, **{f"{self.limit}voided_at": None})
        return found.alias(counted_at=Coalesce(f"{self.limit}missed_at", f"{self.limit}met_at"))

    def seen_by(self, actor: Actor) -> Q:
        """Rows that this person may see one by one: those of a case they may see, or of a round they may see."""
        if self.case:
            return Q(**{f"{self.case}__in": Case.objects.visible_to(actor).values("pk")})
        return Q() if actor.reads_every_complaint else self.seen(actor)


def _between(column: str, period: Period) -> Q:
    return Q(**{f"{column}__gte": period.begins, f"{column}__lt": period.ends})


@dataclass(frozen=True)
class Measure:
    """One number. `where` narrows the rows of its source; `among` names the measure it is a share of."""

    name: str
    label: Any
    counts: Any
    rule: str
    source: Source
    where: Q | None = None
    among: str = ""

    @property
    def is_of_cases(self) -> bool:
        return bool(self.source.case)


def _dispatched() -> QuerySet[Any]:
    return Round.objects.exclude(state=RoundState.CANCELLED).alias(counted_at=F("delivered_at"))


def _judged_limits() -> QuerySet[Any]:
    """Hand-overs and handling that were done or missed: a miss belongs to its due instant, whatever came after."""
    standing = Deadline.objects.binding().filter(kind__in=JUDGED, excused_at=None)
    of_limit = Round.objects.filter(complaint_id=OuterRef("matter_id"), number=OuterRef("part"))
    cancelled = of_limit.filter(state=RoundState.CANCELLED)
    counts = Q(missed_at__isnull=False) | ~Exists(cancelled)
    return standing.filter(counts)


def _ruled() -> QuerySet[Any]:
    """Rounds, each with the ruling on its return, by the centre or by its silence; a round asks once (R28). Without a
    period (`Source.within`) those that never were ruled on are among them.
    """
    return Round.objects.alias(ruling=limit_of_round(Kind.RULING)).exclude(state=RoundState.CANCELLED)


def _asked() -> QuerySet[Any]:
    """Closed rounds whose customer said whether they are satisfied, by the instant of the record. An end as duplicate,
    withdrawn or unreachable records no answer; an earlier answer for the round is kept, or such an end would improve a
    rate.
    """
    closed = Round.objects.filter(state=RoundState.CLOSED, satisfied__isnull=False)
    return closed.alias(handling=limit_of_round(Kind.HANDLING), counted_at=F("satisfied_at"))


LIMITS_OF_ROUND = "complaint__matter__deadlines"


def limit_of_round(kind: str) -> FilteredRelation:
    """For a query over rounds: the round's own limit of the kind, of several cycles the binding one. Numbers join a
    round to a limit only through this: it gives at most one row, so no round is counted twice.
    """
    which = {"kind": kind, "part": F("number"), "party": "", "is_latest": True}
    return FilteredRelation(
        LIMITS_OF_ROUND, condition=Q(**{f"{LIMITS_OF_ROUND}__{name}": value for name, value in which.items()})
    )


def _violations() -> QuerySet[Any]:
    found = Case.objects.filter(violated=True).exclude(state=CaseState.ANNULLED)
    return found.alias(counted_at=F("determined_at"))


def _penalties() -> QuerySet[Any]:
    """By the instant they were first recorded: changed months or a second ground don't count again."""
    first = Penalty.history.filter(id=OuterRef("pk"), history_type="+").order_by("history_id")
    return Penalty.objects.filter(annulled_at=None).alias(counted_at=Subquery(first.values("history_date")[:1]))


def _slips() -> QuerySet[Any]:
    return Penalty.objects.filter(annulled_at=None).alias(counted_at=F("slip_at"))


def _own_rounds(actor: Actor) -> Q:
    return Q(pk__in=Round.objects.visible_to(actor).values("pk"))


def _limits_of_own_rounds(actor: Actor) -> Q:
    own = Round.objects.visible_to(actor)
    return Q(Exists(own.filter(complaint_id=OuterRef("matter_id"), number=OuterRef("part"))))


DISPATCHED = Source("dispatched", _dispatched, "unit_id", complaint="complaint", seen=_own_rounds)
LIMITS = Source(
    "limits", _judged_limits, "unit_id", complaint="matter__complaint", seen=_limits_of_own_rounds, limit=""
)
RULED = Source("ruled", _ruled, "unit_id", complaint="complaint", seen=_own_rounds, limit="ruling__")
ASKED = Source("asked", _asked, "unit_id", complaint="complaint", seen=_own_rounds)
VIOLATIONS = Source("violations", _violations, "unit_id", case="pk")
PENALTIES = Source("penalties", _penalties, "case__unit_id", case="case")
SLIPS = Source("slips", _slips, "case__unit_id", case="case")

HANDED = Q(kind=Kind.HANDOFF)
HANDLED = Q(kind=Kind.HANDLING)
IN_TIME = Q(missed_at=None)
SATISFIED = Q(satisfied=True)
IN_SCOPE = Q(handling__excused_at=None) | Q(handling__voided_at__isnull=False)
KEPT = Q(handling__met_at__isnull=False, handling__missed_at=None, handling__voided_at=None)

DECLARED = (
    Measure("received", _("收到派单"), _("期内派发到单位的轮次，撤销的不计"), "R11", DISPATCHED),
    Measure(
        "in_time", _("按时处理"), _("期内按时完成方案和答复的轮次"), "R24", LIMITS,
        HANDLED & IN_TIME, among="judged",
    ),
    Measure(
        "judged", _("处理时限已有结果"),
        _("期内按时完成或超时的处理时限；已免责、已取消的不计，轮次撤销前已超时的照计"), "R24", LIMITS, HANDLED,
    ),
    Measure(
        "within_30", _("30分钟内交办"), _("期内在30分钟内交办或报告分管领导的轮次"), "R19", LIMITS,
        HANDED & IN_TIME, among="handoffs",
    ),
    Measure(
        "handoffs", _("交办时限已有结果"),
        _("期内按时履行或超时的交办时限；已免责、已取消的不计，轮次撤销前已超时的照计"), "R20", LIMITS, HANDED,
    ),
    Measure(
        "returns_accepted", _("退回获准"), _("期内裁定为非职责退回的轮次"), "R28", RULED,
        Q(state=RoundState.RETURNED),
    ),
    Measure(
        "returns_rejected", _("退回未获准"), _("期内裁定不同意退回的轮次，含逾期未裁定视为不同意的"), "R28", RULED,
        ~Q(state=RoundState.RETURNED),
    ),
    Measure(
        "overdue", _("处理超时"),
        _("期内到期而未完成的处理时限；已免责、已取消的不计，轮次撤销前已超时的照计"), "R24", LIMITS,
        HANDLED & ~IN_TIME,
    ),
    Measure(
        "repeat", _("重复投诉"), _("期内派发的轮次中属重复投诉的"), "R12", DISPATCHED,
        Q(complaint__repeat_of__isnull=False), among="received",
    ),
    Measure(
        "escalated", _("升级投诉"), _("期内派发的轮次中已升级的"), "R12", DISPATCHED,
        Q(complaint__escalated=True), among="received",
    ),
    Measure("satisfied", _("客户满意"), _("期内记录为客户满意的轮次"), "R37", ASKED, SATISFIED, among="asked"),
    Measure("asked", _("已记录满意度"), _("期内记录了客户是否满意的轮次"), "R37", ASKED),
    Measure(
        "resolved", _("已解决"), _("期内记录为客户满意、且按时处理的轮次"), "R53", ASKED,
        IN_SCOPE & SATISFIED & KEPT, among="closed_in_scope",
    ),
    Measure(
        "closed_in_scope", _("计入解决率的轮次"), _("期内记录了客户是否满意的轮次；处理超时已免责的、获准退回的不计"),
        "R53", ASKED, IN_SCOPE,
    ),
    Measure("violations", _("认定违反"), _("期内认定违反“首问责任制”的案件；已撤销认定的不计"), "R49", VIOLATIONS),
    Measure("penalties", _("处理人次"), _("期内记录处理的人次；已撤销的不计"), "R50", PENALTIES),
    Measure("penalties_done", _("已执行人次"), _("期内提交执行回执的人次；已撤销的不计"), "R54", SLIPS),
)  # fmt: skip

UNSATISFIED = Q(satisfied=False)
WHY_NOT = (
    Measure("unsatisfied", _("客户不满意"), _("期内记录为客户不满意的轮次"), "R37", ASKED, UNSATISFIED, among="asked"),
    *(
        Measure(
            f"unsatisfied_{kind}", kind.label, _("期内记录为客户不满意、原因为此项的轮次"), "R37", ASKED,
            UNSATISFIED & Q(dissatisfied_by=kind), among="unsatisfied",
        )
        for kind in Dissatisfaction
    ),
    Measure(
        "unsatisfied_unsaid", _("未填原因"), _("期内记录为客户不满意而没有原因的轮次"), "R37", ASKED,
        UNSATISFIED & Q(dissatisfied_by=""), among="unsatisfied",
    ),
)  # fmt: skip
"""Why customers weren't satisfied: each reason a part of all who weren't."""

MEASURES: dict[str, Measure] = {measure.name: measure for measure in (*DECLARED, *WHY_NOT)}


def shares() -> dict[str, Measure]:
    """Measures that are a share of another: `in_time` of `judged`, `resolved` of `closed_in_scope`."""
    return {name: measure for name, measure in MEASURES.items() if measure.among}
