"""投诉处理通知单 (R18): issued at the dispatch with its 回执 blank, and again with it filled in when the round ends.

The page of a round shows the same paper as things are now, with what is known of the slip (`as_it_is`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import override

from accountability.db.row_keys import keys_in
from accountability.db.sql import Through, Together
from accountability.deadlines.limits import day_of
from accountability.documents.content import Content, Heading, Table
from accountability.documents.phrases import Wording, wording_with
from accountability.gate.act import Order
from accountability.gate.verbs import VERBS
from accountability.models import Attachment, LedgerEntry
from complaints.declarations.limits import Kind
from complaints.documents.forms import Row, across, pair, when
from complaints.documents.known import (
    Entries,
    Names,
    Paths,
    Texts,
    at_hand,
    deadlines_of,
    entries_of,
    matter_of,
    text_id,
    text_ids,
    together_of,
)
from complaints.dossier.files import ANSWERS, named_in, names_among, names_of_intake
from complaints.models import Complaint, MassEvent, MassMember, MassState, Priority, Round, RoundState, Tier

TITLE, SLIP = "投诉处理通知单", "回执"

OF_THE_ROUND = ("dispatch", "request_return", "rule_on_return", "propose_solution", *ANSWERS, "judge_complete")
ENDINGS = ("recall", "withdraw", "mark_duplicate")
"""Verbs that end a round without a result."""

FLAGS = (("escalated", "升级"), ("repeated", "重复"), ("mass", "大面积"), ("cross_province", "跨省"),
         ("other_operator", "他网"), ("third_party", "第三方"), ("major", "重大"))  # fmt: skip

BLANK = tuple(
    pair(first, "", second, "") for first, second in (
        ("接收时间", "交办时间与方式"), ("首问责任人", "分管领导"), ("是否归属本部门", "单位负责人"),
    )
) + tuple(
    across(label, "") for label in ("退回理由", "指导意见", "原因核查", "解决方案", "处理结果", "责任判断", "整改措施")
) + (
    pair("处理人", "", "审核人（分管领导）", ""), pair("回复时间", "", "本轮结束", ""), across("客服中心审核意见", ""),
)  # fmt: skip
"""The slip at the dispatch, to be filled in by the unit and the centre."""


@dataclass(frozen=True)
class Known:
    """What was looked up for all papers."""

    texts: Texts
    entries: Entries
    names: Names
    categories: Paths
    in_mass_events: set[int]
    wording: Wording
    files: dict[int, list[Attachment]]


def compose(orders: Sequence[Order]) -> list[Content]:
    """Compose all notices with two statements at most; one for a dispatch, whose entries are all at hand."""
    with override(settings.LANGUAGE_CODE):
        known = _look_up(orders)
        return [_Notice(order, known).content() for order in orders]


def as_it_is(current: Round, at: datetime) -> Content:
    """The notice of this round as it reads now. `current.complaint` must be loaded with its matter."""
    order = Order(
        "dispatch_notice", current.complaint, at, part=current.number, number=current.notice_number,
        facts={"round": current},
    )  # fmt: skip
    (content,) = compose([order])
    return content


def _is_filled(order: Order) -> bool:
    """Whether the slip is filled in: at the end of the round, and on its page at any time."""
    return order.act is None or bool(order.facts["round"].is_over)


def _look_up(orders: Sequence[Order]) -> Known:
    complaints = [order.subject for order in orders]
    over = {order.part for order in orders if _is_filled(order)}
    entries = entries_of(orders, over, (*OF_THE_ROUND, *ENDINGS))
    people = {pk for order in orders for pk in _people(order)}
    said = [entry for each in entries.values() for entry in each]
    people |= {pk for entry in said for pk in (entry.actor_id, *keys_in(entry.facts, "handler"))}
    units = {pk for order in orders for pk in (order.facts["round"].unit_id, order.facts["round"].suggested_unit_id)}
    things = [thing for order in orders for of in (order.subject, order.facts["round"]) for thing in at_hand(of)]
    together = together_of(orders)
    texts, names = Texts(complaints, text_ids(entries), together), Names(people, units, together, at_hand=things)
    paths, mass = Paths(complaints, together), _in_mass_events(complaints, together)
    files, wording = _files(complaints, together), wording_with(together, orders[0].at)
    return Known(texts, entries, names, paths, mass(), wording(), files())


def _people(order: Order) -> tuple[int | None, ...]:
    """The people named in the notice; those of the slip only where it is filled in."""
    current = order.facts["round"]
    sent = (current.contact_id, current.dispatched_by_id, order.subject.forwarded_by_id)
    return (*sent, current.handler_id, current.leader_id, current.head_id) if _is_filled(order) else sent


def _files(complaints: Sequence[Complaint], together: Together) -> Callable[[], dict[int, list[Attachment]]]:
    """The files handed in with each complaint and its answers, by complaint."""
    asked = together.rows(Attachment, matter_id={c.pk for c in complaints})

    def found() -> dict[int, list[Attachment]]:
        files: dict[int, list[Attachment]] = {}
        for file in asked():
            files.setdefault(file.matter_id or 0, []).append(file)
        return files

    return found


def _in_mass_events(complaints: Sequence[Complaint], together: Together) -> Callable[[], set[int]]:
    """Those that belong to a confirmed event."""
    ids = {c.pk for c in complaints}
    members = together.rows(MassMember, complaint_id=ids)
    events = together.rows(MassEvent, matter_id=Through(MassMember, "event", "complaint_id", ids))

    def found() -> set[int]:
        states, real = {event.pk: event.state for event in events()}, (MassState.CONFIRMED, MassState.CLOSED)
        return {row.complaint_id for row in members() if row.removed_at is None and states[row.event_id] in real}

    return found


class _Notice:
    """Composes one notice."""

    def __init__(self, order: Order, known: Known) -> None:
        self.order, self.known = order, known
        self.complaint: Complaint = order.subject
        self.round: Round = order.facts["round"]
        self.customer = known.texts.customer(self.complaint)
        self.clocks = {deadline.kind: deadline for deadline in deadlines_of(order) if deadline.part == order.part}
        self.files = known.files.get(self.complaint.pk, [])
        self.entries = [e for e in known.entries[self.complaint.pk] if e.part == order.part]

    def content(self) -> Content:
        slip = self._slip() if _is_filled(self.order) else BLANK
        note = self.known.wording.text("notice_note", centre=self.known.wording["centre"])
        return Content(
            "dispatch_notice", TITLE, number=self.order.number, is_form=True, dated=self._dated(),
            body=(Table(tuple(self._matter() + self._limits())), Heading(SLIP, 2), Table(tuple(slip))), notes=(note,),
        )  # fmt: skip

    def _dated(self) -> date | None:
        """The day of issue: of the dispatch, and of the round's end once it is over."""
        issued = self.order.at if self.order.act else self.round.ended_at or self.round.delivered_at
        return day_of(issued) if issued else None

    def _matter(self) -> list[Row]:
        complaint, current, names = self.complaint, self.round, self.known.names
        ruling = "（裁定派发，不得再退回）" if current.is_ruling else ""
        forwarder = names.person(complaint.forwarded_by_id)
        return [
            pair("首问责任部门", names.unit(current.unit_id), "接口人", names.person(current.contact_id)),
            pair("投诉编号", matter_of(self.order).number, "派单轮次", f"{current.number}{ruling}"),
            pair("受理时间", when(complaint.registered_at), "派发时间", when(current.delivered_at)),
            pair(
                "受理渠道", complaint.get_channel_display() or None,
                "员工转交", f"是（{forwarder}）" if forwarder else "否",
            ),
            pair("客户姓名", self.customer.masked_name, "客户号码", self.customer.masked_phone),
            pair("归属地市", complaint.region or None, "客户级别", Tier(complaint.tier).label),
            pair(
                "投诉类别", self.known.categories.get(complaint.category_id),
                "紧急程度", f"{current.priority} {Priority(current.priority).label}",
            ),
            across("标志", "、".join(self._flags()) or "无"),
            across("投诉内容", self.customer.masked_content),
            across("客户诉求", self.customer.masked_wanted or None),
            across("已做预处理", self.customer.masked_pre_handling or None),
            across("附件", "、".join(names_of_intake(self.files, self.customer)) or "无"),
        ]  # fmt: skip

    def _flags(self) -> list[str]:
        derived = {
            "repeated": self.complaint.repeat_of_id is not None,
            "mass": self.complaint.pk in self.known.in_mass_events,
        }
        return [label for name, label in FLAGS if derived.get(name) or getattr(self.complaint, name, False)]

    def _limits(self) -> list[Row]:
        handling = self.clocks.get(Kind.HANDLING)
        uncounted = handling is not None and handling.due_at is None
        return [
            across("派单理由", self._text("dispatch", "reason")),
            pair("交办时限", self._due(Kind.HANDOFF), "不属本部门反馈时限", self._due(Kind.RETURN)),
            pair(
                "处理时限", "待工作日历公布后算出" if uncounted else self._due(Kind.HANDLING),
                "派单员", self.known.names.person(self.round.dispatched_by_id),
            ),
        ]  # fmt: skip

    def _due(self, kind: str) -> str:
        found = self.clocks.get(kind)
        return when(found.due_at if found else None)

    # The slip

    def _slip(self) -> list[Row]:
        current, names = self.round, self.known.names
        handed_off = f"{when(current.handed_off_at)} {current.get_method_display()}".strip()
        return [
            pair("接收时间", when(current.delivered_at), "交办时间与方式", handed_off),
            pair("首问责任人", names.person(current.handler_id), "分管领导", names.person(current.leader_id)),
            pair("是否归属本部门", self._in_scope(), "单位负责人", names.person(current.head_id)),
            across("退回理由", self._text("request_return", "reason")),
            across("指导意见", self._guidance()),
            across("原因核查", self._answered("cause")),
            across("解决方案", self._text("propose_solution", "solution") or self._answered("result")),
            across("处理结果", self._result()),
            across("责任判断", self._answered("responsibility")),
            across("整改措施", self._answered("measures")),
            pair("处理人", self._handler(), "审核人（分管领导）", self._reviewer()),
            pair("回复时间", when(current.answered_at), "本轮结束", when(current.ended_at)),
            across("客服中心审核意见", self._opinion()),
        ]

    def _in_scope(self) -> str | None:
        if self.round.state == RoundState.RETURNED:
            return "否"
        return "是" if self.round.accepted_at else None

    def _guidance(self) -> str | None:
        guidance, unit = self._text("request_return", "guidance"), self.known.names.unit(self.round.suggested_unit_id)
        return f"{guidance}（建议单位：{unit}）" if guidance and unit else guidance

    def _result(self) -> str | None:
        """The answer and the names of its files."""
        result, said = self._answered("result"), self._last(*ANSWERS)
        names = names_among(self.files, set(named_in([said] if said else [])), self.customer)
        return f"{result}（附件：{'、'.join(names)}）" if result and names else result

    def _opinion(self) -> str | None:
        """The centre's last decision on the round: its judgement, its ruling, or what ended the round otherwise."""
        for verbs in (ENDINGS, ("judge_complete",), ("rule_on_return",)):
            said = self._last(*verbs)
            if said is not None:
                reason = self._text(said.verb, "reason")
                by = f"（{self.known.names.person(said.actor_id)} {when(said.at)}）"
                return f"{_judged(said)}{'：' if reason else ''}{reason or ''}{by}"
        return None

    def _last(self, *verbs: str) -> LedgerEntry | None:
        return next((entry for entry in reversed(self.entries) if entry.verb in verbs), None)

    def _handler(self) -> str | None:
        """The person whose answer it is, even if their leader approved it."""
        said = self._last(*ANSWERS)
        handlers = keys_in(said.facts, "handler") if said else ()
        return self.known.names.person(next(iter(handlers), said.actor_id)) if said else None

    def _reviewer(self) -> str | None:
        """The reviewer, only if there was a review (R18)."""
        said = self._last(*ANSWERS)
        return self.known.names.person(said.actor_id) if said and said.verb == "approve_answer" else None

    def _answered(self, name: str) -> str | None:
        return self._text_of(self._last(*ANSWERS), name)

    def _text(self, verb: str, name: str) -> str | None:
        """The last text written with this verb in the round."""
        return self._text_of(self._last(verb), name)

    def _text_of(self, said: LedgerEntry | None, name: str) -> str | None:
        return (said and self.known.texts.masked(self.complaint, text_id(said), name)) or None


def _judged(said: LedgerEntry) -> str:
    if said.verb == "judge_complete":
        return "处理完毕" if said.facts.get("complete") else "未处理完毕，退回继续处理"
    if said.verb == "rule_on_return":
        return "同意退回" if said.facts.get("accepted") else "不同意退回"
    return str(VERBS[Complaint.matter_kind, said.verb].label)
