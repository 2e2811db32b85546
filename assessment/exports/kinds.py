"""What can be exported: which rows, which filters, which columns; masked unless the export was approved unmasked.

Every kind asks `visible_to` again when the file is written: what its requester may no longer see isn't in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.db.row_keys import above
from accountability.deadlines.limits import SHANGHAI, show_instant
from accountability.declarations.subjects import SUBJECTS
from accountability.models import (
    AccessLog,
    Deadline,
    LedgerEntry,
    Unit,
    people_with_readings,
    rules_in_force,
    units_whose_readings,
)
from accountability.notices.sentences import verb_label
from accountability.permissions import Actor
from accountability.security.masking import mask_name, mask_text
from accountability.web.listings import Column, masked_person, second
from assessment.figures import counting
from assessment.figures.measures import MEASURES, limit_of_round
from assessment.models import Case, CaseState
from assessment.models.exports import What
from complaints.declarations import limits
from complaints.dossier.customer import Customer, customer_of
from complaints.models import FLAGS, Complaint, Round, RoundState, State

AT_ONCE = 500
"""Rows in memory."""

HASH = 64
"""The length of a digest in the ledger's facts: not a person's text."""


@dataclass(frozen=True)
class Scope:
    """What narrows the rows; the same at the count, at the request and when the file is written."""

    since: date | None = None
    until: date | None = None
    unit: Unit | None = None
    states: Sequence[str] = ()
    asked: str = ""
    """Of an export of a list: its filters, as an address writes them."""

    @property
    def begins(self) -> datetime | None:
        return None if self.since is None else _midnight(self.since)

    @property
    def ends(self) -> datetime | None:
        return None if self.until is None else _midnight(self.until + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Kind:
    """`rows(actor, at)` are those the actor may see; `joined` joins them with what the columns need."""

    rows: Callable[[Actor, datetime], QuerySet[Any]]
    columns: tuple[Column, ...]
    joined: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows
    dated: str = ""
    of_unit: str = ""
    states: Sequence[tuple[str, Any]] = field(default=())
    in_states: Callable[[QuerySet[Any], Sequence[str]], QuerySet[Any]] = lambda rows, names: rows.filter(
        state__in=names
    )

    def found(self, scope: Scope, actor: Actor, at: datetime) -> QuerySet[Any]:
        rows = self.joined(self.rows(actor, at))
        if self.dated and scope.begins is not None:
            rows = rows.filter(**{f"{self.dated}__gte": scope.begins})
        if self.dated and scope.ends is not None:
            rows = rows.filter(**{f"{self.dated}__lt": scope.ends})
        if self.of_unit and scope.unit is not None:
            rows = rows.filter(**{self.of_unit: scope.unit})
        return self.in_states(rows, scope.states) if scope.states else rows

    def read(self, scope: Scope, actor: Actor, at: datetime, most: int) -> Iterator[Any]:
        """The rows, a piece at a time. Of more than `most`, at least one more is given."""
        return by_key(self.found(scope, actor, at))

    def chosen(self, names: Sequence[str]) -> list[Column]:
        """The named columns, in the kind's own order; all of them if none is named."""
        return [column for column in self.columns if not names or column.name in names]


def by_key(found: QuerySet[Any]) -> Iterator[Any]:
    """Read by key in batches: no cursor stays open, and no row of an earlier batch stays in memory.

    A complaint and its matter name each other, and so do a case and what was fetched for it. They are parted here, or
    they would stay until the process looks for such circles, which it does rarely.
    """
    last = 0
    while batch := list(above(found, last).order_by("pk")[:AT_ONCE]):
        for row in batch:
            yield row
            row._state.fields_cache.clear()
            vars(row).pop("_prefetched_objects_cache", None)
        last = batch[-1].pk


def cells(columns: Iterable[Column], rows: Iterable[Any], *, bare: bool) -> Iterator[list[Any]]:
    """What the columns say of each row."""
    says = [column.bare if bare and column.bare else column.say for column in columns]
    for row in rows:
        yield [say(row) for say in says]


def _instant(value: datetime | None) -> str:
    return show_instant(value) if value else ""


# Complaints


def _customer(row: Complaint) -> Customer:
    """Unsealed once per row."""
    known = row.__dict__.get("_customer")
    if known is None:
        known = row.__dict__["_customer"] = customer_of(row)
    return known


def _complaints(actor: Actor, at: datetime) -> QuerySet[Complaint]:
    return Complaint.objects.visible_to(actor).exclude(state=State.NEW)


OF_A_COMPLAINT = (
    "channel", "tier", "region", "priority", *(name for name, _label in FLAGS), "state", "round_count",
    "satisfied", "archived_at", "ended_as", "matter__number", "matter__opened_at", "category__name",
    "category__parent__name", "latest_round__unit__name", "latest_round__satisfied", "latest_round__dissatisfied_by",
    "intake__sealed", "intake__kind", "intake__matter_id",
)  # fmt: skip
"""What the columns tell of a complaint, out of 160 columns of seven tables."""


def _with_columns(rows: Any) -> QuerySet[Complaint]:
    """Also of a list's rows, which come with the people that its page names."""
    joined: QuerySet[Complaint] = rows.alone().select_related(
        "matter", "category__parent", "latest_round__unit", "intake"
    )
    return joined.only(*OF_A_COMPLAINT)


def _head(row: Complaint) -> str:
    if row.category is None:
        return ""
    return str((row.category.parent or row.category).name)


def _category(row: Complaint) -> str:
    return row.category.name if row.category else ""


def _yes(value: bool | None) -> str:
    return "" if value is None else _("是") if value else _("否")


def _why_not(row: Round | None) -> str:
    """Why the customer wasn't satisfied with the round; empty unless they said no."""
    if row is None or row.satisfied is not False:
        return ""
    return str(row.get_dissatisfied_by_display())


COMPLAINTS = Kind(
    _complaints,
    (
        Column("number", gettext_lazy("投诉编号"), lambda row: row.matter.number),
        Column("opened_at", gettext_lazy("收到时间"), lambda row: second(row.matter.opened_at)),
        Column("channel", gettext_lazy("渠道"), lambda row: row.get_channel_display()),
        Column("tier", gettext_lazy("客户级别"), lambda row: row.get_tier_display()),
        Column("head", gettext_lazy("大类"), _head),
        Column("category", gettext_lazy("投诉类别"), _category),
        Column("region", gettext_lazy("归属地市"), lambda row: row.region),
        Column("priority", gettext_lazy("紧急程度"), lambda row: row.priority),
        Column(
            "flags", gettext_lazy("标志"),
            lambda row: "、".join(str(label) for name, label in FLAGS if getattr(row, name)),
        ),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("rounds", gettext_lazy("派单轮次"), lambda row: row.round_count),
        Column("unit", gettext_lazy("现责任单位"), lambda row: row.latest_round.unit.name if row.latest_round else ""),
        Column("satisfied", gettext_lazy("客户满意"), lambda row: _yes(row.satisfied)),
        Column("dissatisfied_by", gettext_lazy("不满意原因"), lambda row: _why_not(row.latest_round)),
        Column("archived_at", gettext_lazy("归档时间"), lambda row: second(row.archived_at)),
        Column("ended_as", gettext_lazy("归档方式"), lambda row: row.get_ended_as_display()),
        Column(
            "customer", gettext_lazy("客户姓名"), lambda row: _customer(row).masked_name,
            lambda row: _customer(row).name,
        ),
        Column(
            "phone", gettext_lazy("客户号码"), lambda row: _customer(row).masked_phone,
            lambda row: _customer(row).phone,
        ),
        Column(
            "content", gettext_lazy("投诉内容"), lambda row: _customer(row).masked_content,
            lambda row: _customer(row).content,
        ),
    ),
    _with_columns, dated="matter__opened_at", of_unit="latest_round__unit",
    states=[choice for choice in State.choices if choice[0] != State.NEW],
)  # fmt: skip


# Rounds


STAMPS = ("due_at", "met_at", "missed_at", "voided_at", "excused_at")


def rounds_of(whose: counting.Scope) -> QuerySet[Round]:
    """What `received` counts, a row each, with the binding limits (R54)."""
    received = MEASURES["received"]
    own = {kind.value: limit_of_round(kind) for kind in (limits.Kind.HANDOFF, limits.Kind.HANDLING)}
    stamps = {f"{kind}_{stamp}": F(f"{kind}__{stamp}") for kind in own for stamp in STAMPS}
    found = received.source.found(whose.of(received.source))
    joined = ("unit", "complaint__matter", "complaint__category__parent")
    return found.alias(**own).annotate(**stamps).select_related(*joined)


def _outcome(row: Any, kind: str) -> str:
    """What became of a limit of the round."""
    due_at, met_at, missed_at, voided_at, excused_at = (getattr(row, f"{kind}_{stamp}") for stamp in STAMPS)
    if voided_at:
        return str(Deadline.Status.VOID.label)
    if missed_at:
        return _("超时，已免责") if excused_at else str(Deadline.Status.MISSED.label)
    if met_at:
        return str(Deadline.Status.MET.label)
    return str(Deadline.Status.OPEN.label) if due_at else ""


ROUNDS = Kind(
    lambda actor, at: rounds_of(counting.scope(actor)),
    (
        Column("complaint", gettext_lazy("投诉编号"), lambda row: row.complaint.matter.number),
        Column("notice", gettext_lazy("通知单号"), lambda row: row.notice_number),
        Column("number", gettext_lazy("派单轮次"), lambda row: row.number),
        Column("code", gettext_lazy("单位代码"), lambda row: row.unit.code),
        Column("unit", gettext_lazy("单位"), lambda row: row.unit.name),
        Column("head", gettext_lazy("大类"), lambda row: _head(row.complaint)),
        Column("category", gettext_lazy("投诉类别"), lambda row: _category(row.complaint)),
        Column("region", gettext_lazy("归属地市"), lambda row: row.complaint.region),
        Column("priority", gettext_lazy("紧急程度"), lambda row: row.priority),
        Column("escalated", gettext_lazy("升级"), lambda row: _yes(row.complaint.escalated)),
        Column("repeat", gettext_lazy("重复"), lambda row: _yes(row.complaint.repeat_of_id is not None)),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("delivered_at", gettext_lazy("派发时间"), lambda row: _instant(row.delivered_at)),
        Column("handed_off_at", gettext_lazy("交办时间"), lambda row: _instant(row.handed_off_at)),
        Column("accepted_at", gettext_lazy("受理时间"), lambda row: _instant(row.accepted_at)),
        Column("answered_at", gettext_lazy("答复时间"), lambda row: _instant(row.answered_at)),
        Column("return_requested_at", gettext_lazy("申请退回时间"), lambda row: _instant(row.return_requested_at)),
        Column("ended_at", gettext_lazy("本轮结束"), lambda row: _instant(row.ended_at)),
        Column("handoff_due_at", gettext_lazy("交办到期"), lambda row: _instant(row.handoff_due_at)),
        Column("handoff", gettext_lazy("交办结果"), lambda row: _outcome(row, limits.Kind.HANDOFF)),
        Column("handling_due_at", gettext_lazy("处理到期"), lambda row: _instant(row.handling_due_at)),
        Column("handling", gettext_lazy("处理结果"), lambda row: _outcome(row, limits.Kind.HANDLING)),
        Column("satisfied", gettext_lazy("客户满意"), lambda row: _yes(row.satisfied)),
        Column("dissatisfied_by", gettext_lazy("不满意原因"), _why_not),
        Column("satisfied_at", gettext_lazy("满意度记录时间"), lambda row: _instant(row.satisfied_at)),
        Column("ended_as", gettext_lazy("归档方式"), lambda row: row.complaint.get_ended_as_display()),
    ),
    dated="delivered_at", of_unit="unit",
    states=[choice for choice in RoundState.choices if choice[0] != RoundState.CANCELLED],
)  # fmt: skip


# Cases


def _cases(actor: Actor, at: datetime) -> QuerySet[Case]:
    return Case.objects.visible_to(actor).exclude(state=CaseState.NEW)


def _with_complaints(rows: QuerySet[Case]) -> QuerySet[Case]:
    return rows.select_related("matter", "unit", "officer").prefetch_related("complaint_links__complaint__matter")


def _complaints_of(row: Case) -> str:
    return " ".join(str(link.complaint) for link in row.complaint_links.all())


CASES = Kind(
    _cases,
    (
        Column("number", gettext_lazy("案件编号"), lambda row: row.matter.number),
        Column("source", gettext_lazy("来源"), lambda row: row.get_source_display()),
        Column("unit", gettext_lazy("被查单位"), lambda row: row.unit.name),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("complaints", gettext_lazy("关联投诉"), _complaints_of),
        Column("officer", gettext_lazy("经办人"), lambda row: masked_person(row.officer)),
        Column("opened_at", gettext_lazy("提出时间"), lambda row: second(row.opened_at)),
        Column("notified_at", gettext_lazy("通知自查时间"), lambda row: second(row.notified_at)),
        Column("violated", gettext_lazy("违反"), lambda row: _yes(row.violated)),
        Column("determined_at", gettext_lazy("认定时间"), lambda row: second(row.determined_at)),
        Column("closed_at", gettext_lazy("结案时间"), lambda row: second(row.closed_at)),
    ),
    _with_complaints, dated="opened_at", of_unit="unit",
    states=[choice for choice in CaseState.choices if choice[0] != CaseState.NEW],
)  # fmt: skip


# What was done and looked at


ACCESS_LOG = Kind(
    lambda actor, at: AccessLog.objects.select_related("actor", "matter"),
    (
        Column("at", gettext_lazy("时间"), lambda row: _instant(row.at)),
        Column("actor", gettext_lazy("访问人"), lambda row: masked_person(row.actor)),
        Column("action", gettext_lazy("动作"), lambda row: row.action),
        Column("matter", gettext_lazy("事项"), lambda row: str(row.matter or "")),
        Column("result", gettext_lazy("结果"), lambda row: row.result),
        Column("detail", gettext_lazy("说明"), lambda row: mask_text(row.detail)),
        Column("address", gettext_lazy("网络地址"), lambda row: row.address),
    ),
    dated="at", of_unit="actor__unit",
)  # fmt: skip


def _facts(row: LedgerEntry) -> str:
    """References only; any text among them is masked all the same."""
    masked = {name: mask_text(v) if isinstance(v, str) and len(v) < HASH else v for name, v in row.facts.items()}
    return json.dumps(masked, ensure_ascii=False, sort_keys=True)


LEDGER = Kind(
    lambda actor, at: LedgerEntry.objects.select_related("matter", "actor"),
    (
        Column("matter", gettext_lazy("事项"), lambda row: str(row.matter)),
        Column("kind", gettext_lazy("类别"), lambda row: str(SUBJECTS[row.matter.kind].matter_label())),
        Column("seq", gettext_lazy("序号"), lambda row: row.seq),
        Column("verb", gettext_lazy("操作"), lambda row: str(verb_label(row.verb, row.matter.kind))),
        Column("actor", gettext_lazy("操作人"), lambda row: masked_person(row.actor)),
        Column("at", gettext_lazy("计入时刻"), lambda row: _instant(row.at)),
        Column("recorded_at", gettext_lazy("记录时刻"), lambda row: _instant(row.recorded_at)),
        Column("part", gettext_lazy("轮次"), lambda row: row.part),
        Column("facts", gettext_lazy("内容"), _facts),
        Column("hmac", gettext_lazy("校验码"), lambda row: row.hmac),
    ),
    dated="recorded_at", of_unit="actor__unit",
)  # fmt: skip


# Who has read the rules


def _readings(actor: Actor, at: datetime) -> QuerySet[Any]:
    return people_with_readings(units_whose_readings(actor), rules_in_force(at)).select_related("unit")


def _read_or_not(rows: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any]:
    return rows if len(set(names)) > 1 else rows.filter(read_at__isnull="unread" in names)


READINGS = Kind(
    _readings,
    (
        Column("unit", gettext_lazy("单位"), lambda row: row.unit.name),
        Column("username", gettext_lazy("工号"), lambda row: row.username),
        Column("name", gettext_lazy("姓名"), lambda row: mask_name(row.name)),
        Column("read_at", gettext_lazy("阅读时间"), lambda row: second(row.read_at)),
    ),
    of_unit="unit", states=[("read", gettext_lazy("已阅读")), ("unread", gettext_lazy("未阅读"))],
    in_states=_read_or_not,
)  # fmt: skip

KINDS: dict[str, Kind] = {
    What.COMPLAINTS: COMPLAINTS,
    What.ROUNDS: ROUNDS,
    What.CASES: CASES,
    What.READINGS: READINGS,
    What.ACCESS_LOG: ACCESS_LOG,
    What.LEDGER: LEDGER,
}
