"""Taking a complaint in: forwarded by an employee, registered by the centre, handled there or dispatched to a unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accountability.db.row_keys import Key
from accountability.db.sql import fetched_again
from accountability.deadlines.limits import Limit
from accountability.files.attachments import claim
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Choices, InCategory, InUnit, Line, Person, Phone, Text
from accountability.gate.verbs import verb
from accountability.models import Attachment, Category, Employee, LedgerEntry, TimeLimits, Unit
from accountability.permissions import Actor
from accountability.security.encryption import digests
from accountability.web.standing_statements import GIVEN, standing_statements, with_given
from complaints import permissions
from complaints.actions.notify import issue_notice
from complaints.customer_word import outbox
from complaints.declarations.limits import Kind
from complaints.dossier.customer import with_former
from complaints.dossier.files import FORWARDED, INTAKE, files_for
from complaints.fields.kinds import Place, Recording
from complaints.models import ESCALATED_CHANNELS, FLAGS, Channel, Complaint, Ending, Priority, Round, State, Tier
from complaints.outside.taking_up import DUE, NUMBER, take_up_at_intake

TEXTS_OF_INTAKE = ("customer", "phone", "content", "wanted", "pre_handling", "call", "recording")
WEEKS_OF_A_LIMIT = timedelta(weeks=4)
"""No customer's limit is longer than this, weekends and holidays included."""


def is_new(complaint: Complaint) -> bool:
    """A forwarded complaint already has its customer and content, so these fields are optional corrections there."""
    return complaint.state != State.FORWARDED


CUSTOMER = Line(name="customer", label=_("客户姓名"), required=is_new)
PHONE = Phone(name="phone", label=_("联系电话"), required=is_new)
TIER = Choice(name="tier", label=_("客户级别"), choices=tuple(Tier.choices), required=is_new)
REGION = Place(name="region", label=_("归属地市"), required=is_new)
CONTENT = Text(name="content", label=_("投诉内容"), rows=6, required=is_new)
WANTED = Text(name="wanted", label=_("客户诉求"), required=False, rows=2, help=_("客户要求怎样解决；印入通知单。"))
PRE_HANDLING = Text(
    name="pre_handling", label=_("已做预处理"), required=False, rows=2, help=_("派单前已做的核查和处理；印入通知单。")
)

CALL = Line(name="call", label=_("来电编号"), required=False, help=_("呼叫系统给这次来电的编号。"))
RECORDING = Recording(name="recording", label=_("录音地址"), required=False, help=_("录音系统中这次来电的地址。"))


@verb(
    Complaint, _("转交投诉"), CUSTOMER, PHONE, TIER, REGION, CONTENT, WANTED, PRE_HANDLING, files_for(FORWARDED),
    creates=True, rule="R1",
    permission=permissions.forward,
    icon="right", tone="info",
)  # fmt: skip
def forward(
    act: Act, *, tier: str, region: str, files: list[Attachment] | None = None, **texts: str
) -> None:  # fmt: skip
    """The employee who is first given a complaint passes it to the centre and stays its forwarder (R1)."""
    complaint: Complaint = act.subject
    assert act.actor is not None
    complaint.forward()
    complaint.channel = Channel.FORWARD
    complaint.tier, complaint.region = tier, region
    complaint.forwarded_by, complaint.forwarded_at = act.actor.employee, act.at
    complaint.intake = act.entry.texts if act.entry else None
    claim(act, files or [], field_name="files")


def supplements_before(complaint: Complaint) -> tuple[int, ...]:
    """How much the customer added to a forwarded complaint: an agent doesn't register what they haven't read."""
    if complaint.state != State.FORWARDED:
        return ()
    return (LedgerEntry.objects.filter(matter=complaint.matter_id, verb="supplement").count(),)


@verb(
    Complaint, _("登记受理"), CUSTOMER, PHONE, TIER,
    Choice(name="channel", label=_("受理渠道"), choices=tuple(Channel.choices), required=is_new),
    Person(name="forwarded_by", label=_("转交员工"), required=False, help=_("渠道为员工转交时必填。")),
    replace(NUMBER, required=False, help=_("渠道为外部转办时填写转办件上的编号。")), DUE,
    InCategory(name="category", label=_("投诉类别")),
    Choice(name="priority", label=_("紧急程度"), choices=tuple(Priority.choices)),
    Choices(name="flags", label=_("标志"), choices=FLAGS),
    REGION, CONTENT, WANTED, PRE_HANDLING, files_for(INTAKE), CALL, RECORDING,
    creates=True, rule="R9",
    permission=permissions.register, seen=supplements_before,
    icon="phone", tone="info",
)  # fmt: skip
def register(act: Act, *, category: Category, priority: str, flags: list[str] | None = None, **given: Any) -> None:
    """The centre takes the complaint in; the customer's clocks start now (R6, R9, R10)."""
    complaint: Complaint = act.subject
    _take_channel(complaint, given)
    _take_intake(act, given)
    assert act.actor is not None
    complaint.register()
    complaint.agent, complaint.registered_at = act.actor.employee, act.at
    complaint.category, complaint.priority = category, priority
    take_up_at_intake(act, given.get("outside_number", ""), given.get("answer_due"))
    complaint.tier = given.get("tier", complaint.tier)
    complaint.region = given.get("region", complaint.region)
    for name in flags or []:
        setattr(complaint, name, True)
    complaint.escalated = complaint.escalated or complaint.channel in ESCALATED_CHANNELS
    complaint.returns_before_ruling = act.batch.limits.returns_before_ruling
    assert complaint.intake is not None
    complaint.repeat_of_id = repeat_of(complaint.intake.phone_digests, category, act.batch.limits, act.at)
    complaint.raise_priority()
    coordinate(act)
    act.note(priority=complaint.priority, repeat_of=complaint.repeat_of_id, flags=complaint.flags)
    claim(act, given.get("files", []), field_name="files")
    _start_customer_clocks(act)
    outbox.tell_registered(act)


def _take_channel(complaint: Complaint, given: dict[str, Any]) -> None:
    """A forwarded complaint must have a forwarder, and no other complaint may have one (R9)."""
    channel, forwarder = given.get("channel"), given.get("forwarded_by")
    if complaint.state == State.FORWARDED:
        refuse_unless(channel in (None, Channel.FORWARD), _("该投诉由员工转交，渠道不能更改。"), "channel")
        refuse_unless(forwarder in (None, complaint.forwarded_by), _("转交员工不能更改。"), "forwarded_by")
        return
    refuse_unless(channel != Channel.FORWARD or forwarder, _("请填写转交员工。"), "forwarded_by")
    refuse_unless(channel == Channel.FORWARD or not forwarder, _("只有员工转交的投诉才有转交员工。"), "forwarded_by")
    complaint.channel = channel or ""
    complaint.forwarded_by = forwarder


def _take_intake(act: Act, given: dict[str, Any]) -> None:
    """The customer's data as registered. For a forwarded complaint: the forwarder's text with the corrections."""
    complaint: Complaint = act.subject
    corrected = {name: given[name] for name in TEXTS_OF_INTAKE if name in given}
    if complaint.state != State.FORWARDED:
        complaint.intake = act.entry.texts if act.entry else None
    elif corrected:
        rewrite_intake(act, known_of_intake(complaint) | corrected)


def known_of_intake(complaint: Complaint) -> dict[str, str]:
    """The customer's words and data on record."""
    found = complaint.intake
    known = found.opened if found is not None else {}
    return {name: text for name, text in known.items() if name in TEXTS_OF_INTAKE}


def rewrite_intake(act: Act, texts: dict[str, str]) -> None:
    """Show, find and mask these texts from now on. What was written before stays sealed in its own row."""
    act.subject.intake = act.sealed("intake", with_former(act.subject.intake, texts))


def coordinate(act: Act) -> None:
    """Make marketing the coordinator of a major complaint, and of an urgent one across provinces or operators (R14)."""
    complaint: Complaint = act.subject
    if complaint.coordinator_id or not needs_coordination(complaint):
        return
    complaint.coordinator = next(iter(act.batch.units_of_kind(Unit.Kind.MARKETING)), None)
    for employee_id in act.batch.marketing_ids:
        act.tell(employee_id, "coordinate")


def needs_coordination(complaint: Complaint) -> bool:
    """Major by its flag or as P1, 特急; or urgent and across provinces or operators (R14)."""
    if complaint.major or complaint.priority == Priority.P1:
        return True
    return complaint.priority == Priority.P2 and (complaint.cross_province or complaint.other_operator)


def repeat_of(
    numbers: Iterable[str], category: Category, limits: TimeLimits, at: datetime, before: Key | None = None
) -> int | None:
    """The key of the latest registered complaint that one of these numbers and this category repeats at this instant;
    of two of one instant, that of the later one. `before`: only of those registered until then, and of those of this
    very instant only with lower keys.

    They have the same leaf, or the same head where one of the two names no leaf; and they are open, or were archived at
    most so many hours ago as the limits say. With 0 hours nothing repeats. Whoever asks, the statement is the same: it
    is asked as by nobody.
    """
    if not limits.repeat_within_hours:
        return None
    leaf = Key(category.pk) if category.parent_id else None
    nobody = Actor(pk=0, username="", unit_id=None, supervisor_id=None, at=at)
    given = limits.repeat_within_hours, Key(category.head.pk), leaf, before
    (asked,) = standing_statements(_earlier, nobody, at, *given)
    found = [row for number in numbers for row in fetched_again(with_given(asked, number))]
    return max(found)[1] if found else None


def _earlier(
    _nobody: Actor, at: datetime, hours: int, head: Key, leaf: Key | None, before: Key | None
) -> list[QuerySet[Any]]:
    """The index `personal_by_phone` has no empty digest: PostgreSQL uses it only where the statement wants none."""
    recent = Q(archived_at=None) | Q(archived_at__gte=at - timedelta(hours=hours))
    same = Q(category=head) | (Q(category__parent=head) if leaf is None else Q(category=leaf))
    found = Complaint.objects.filter(recent, same, intake__phone_digest__in=(GIVEN,), registered_at__isnull=False)
    found = found.exclude(ended_as=Ending.IMPORTED, archived_at=None)  # closed at an unknown instant, but not open
    if before is not None:
        found = found.filter(Q(registered_at__lt=at) | Q(registered_at=at, pk__lt=before))
    return [found.order_by().exclude(intake__phone_digest="").values_list("registered_at", "pk")]


def number_digests(phone: str) -> tuple[str, ...]:
    """The digests by which earlier complaints of the number are found; none without a number."""
    return tuple(filter(None, digests("phone", phone)))


def _start_customer_clocks(act: Act) -> None:
    complaint: Complaint = act.subject
    limits, agent, replier = act.batch.limits, complaint.agent, _replier(complaint)
    assert agent is not None
    act.start(Kind.FIRST_REPLY, limits.limit("first_reply"), unit_id=replier.unit_id, person_id=replier.pk)
    act.start(Kind.LEGAL, limits.limit("legal"), unit_id=agent.unit_id)
    if complaint.category and complaint.category.is_network:
        start_network_clocks(act)


def _replier(complaint: Complaint) -> Employee:
    """The employee who owes the reply; where the centre owes it, the agent who took the complaint in."""
    instead = complaint.reply_by or complaint.forwarded_by
    owes = instead if complaint.replies_instead_id else complaint.agent
    assert owes is not None
    return owes


def pass_reply_on(act: Act) -> None:
    """Give the first reply to the new replier. If its limit was missed, the miss stays with the former one. Material
    requested for the reply goes to the new replier too (R36).
    """
    complaint: Complaint = act.subject
    duty, answered = act.latest(Kind.FIRST_REPLY), complaint.latest_round
    replier = _replier(complaint) if complaint.replies_instead_id else complaint.agent_there(act.batch)
    if duty is not None and duty.is_outstanding and not duty.missed_at:
        duty.unit_id = replier.unit_id if replier else complaint.centre_of(act.batch)
        duty.person_id = replier.pk if replier else None
    if answered is not None and answered.material_asked_at is not None:
        answered.material_asked_by = replier


def start_network_clocks(act: Act) -> None:
    """Start a network complaint's own limits from its registration: an on-site test and a technical solution."""
    received = act.subject.registered_at
    for kind in (Kind.CONTACT_ON_SITE, Kind.NETWORK_SOLUTION):
        limit = act.batch.limits_at(received).limit(kind)
        if lies_ahead(act, limit):
            act.start(kind, limit, start=received, unit_id=None)


def lies_ahead(act: Act, limit: Limit) -> bool:
    """Whether a limit counted from the registration may begin. For an imported complaint: only if it was due after the
    import; if the calendar of that year is missing, only if it was received less than four weeks before the import.
    """
    complaint: Complaint = act.subject
    received = complaint.registered_at
    if received is None or not complaint.was_entered_late:
        return True
    due = limit.after(received, act.batch.calendar_for(limit))
    return complaint.matter.opened_at < (due or received + WEEKS_OF_A_LIMIT)


@verb(
    Complaint, _("直接处理"), Text(name="result", label=_("处理结果")), rule="R10",
    permission=permissions.handle_directly,
)  # fmt: skip
def handle_directly(act: Act, *, result: str) -> None:
    """The centre settles it itself and later judges its own work (D1, A1). The network limits no longer apply."""
    complaint: Complaint = act.subject
    complaint.handle_directly()
    complaint.result_round = None
    act.void(Kind.CONTACT_ON_SITE)
    act.void(Kind.NETWORK_SOLUTION)


@verb(
    Complaint, _("派单"),
    InUnit(name="unit", label=_("首问责任部门")),
    Text(name="reason", label=_("派单理由"), required=False, rows=2),
    rule="R11",
    permission=permissions.dispatch,
    icon="unit",
    in_bulk=("agent",), undone_by="recall",
)  # fmt: skip
def dispatch(act: Act, *, unit: Unit, reason: str = "") -> None:
    """Start a new round at exactly one unit. It is delivered now, and its clocks start whether or not anybody signs for
    it (R11, R19).
    """
    complaint: Complaint = act.subject
    contacts = act.batch.contacts_of(unit)
    receiver = contacts[0] if contacts else unit.head
    refuse_unless(receiver, _("该单位没有接口人，也没有负责人，无法派单。"), "unit")
    second = complaint.state == State.REPLIED
    ruling = complaint.next_dispatch_is_ruling
    complaint.dispatch()
    complaint.second_dispatches += second
    complaint.round_count += 1
    complaint.satisfied = None
    act.matter.part = complaint.round_count
    _deliver(act, unit, receiver, ruling)
    act.note(round=complaint.round_count, second=second, ruling=ruling)
    for contact in contacts[1:]:
        act.tell(contact.pk, "to_do", verb="hand_off")
    if not contacts:
        act.tell(unit.head_id, "no_contact")


def _deliver(act: Act, unit: Unit, receiver: Employee | None, ruling: bool) -> None:
    complaint: Complaint = act.subject
    assert act.actor is not None
    complaint.agent = act.actor.employee
    complaint.latest_round = Round(
        complaint=complaint, number=complaint.round_count, unit=unit, limits=act.batch.limits,
        priority=complaint.priority,
        is_ruling=ruling, dispatched_by=act.actor.employee, delivered_at=act.at, contact=receiver, head_id=unit.head_id,
        notice_number=f"{act.matter.number}-{complaint.round_count}".replace("TS", "TZ"),
    )  # fmt: skip
    act.changes.new(complaint.latest_round)
    if act.entry:
        act.entry.part = complaint.round_count
    issue_notice(act, complaint.latest_round)
    _start_unit_clocks(act, unit, receiver)


def _start_unit_clocks(act: Act, unit: Unit, receiver: Employee | None) -> None:
    """Start hand-off, return window and handling. For a network complaint, handling is never due before the network
    solution.
    """
    complaint: Complaint = act.subject
    limits, part = act.batch.limits, complaint.round_count
    act.start(
        Kind.HANDOFF, limits.limit("handoff", unit=unit.code), part=part, unit_id=unit.pk,
        person_id=receiver.pk if receiver else None,
    )  # fmt: skip
    act.start(Kind.RETURN, limits.limit("return", complaint.priority), part=part, unit_id=unit.pk)
    network = act.latest(Kind.NETWORK_SOLUTION)
    if network is not None and not (complaint.category and complaint.category.is_network):
        network = None  # the category has been corrected since
    act.start(
        Kind.HANDLING, limits.limit("handling", complaint.priority), part=part, unit_id=unit.pk,
        floor=network.due_at if network else None, awaits=network.awaits_year if network else None,
    )  # fmt: skip
