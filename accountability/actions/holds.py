"""Releasing what fell due while nobody was served: one person of marketing proposes, a leader of marketing approves."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.gate.act import Act, Refused, refuse_unless
from accountability.gate.fields import Choice, Line
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import verb
from accountability.models import Hold

State = Hold.State


def _shown(organisation: Any) -> list[Any]:
    """What a page of a decision showed: the window and the proposal."""
    hold = Hold.objects.undecided().first()
    return [hold.pk, hold.state, hold.noticed_at.isoformat(), hold.ruling, hold.reason_id] if hold else []


@verb(
    Organisation, _("提请处理停摆时段"),
    Choice(name="ruling", label=_("其间的超时"), choices=tuple((one.value, one.label) for one in Hold.Ruling)),
    Choice(
        name="messages", label=_("此前未发的短信邮件"), choices=tuple((one.value, one.label) for one in Hold.Messages),
    ),
    Line(name="reason", label=_("理由"), required=False, max_length=200, help=_("全部免责的，须写明理由。")),
    permission=permissions.propose_release, rule="R38", seen=_shown,
)  # fmt: skip
def propose_release(act: Act, *, ruling: str, messages: str, reason: str = "") -> None:
    """Propose that what fell due while nobody was served counts as it is, or is excused for all; another person
    approves it.
    """
    refuse_unless(reason or ruling != Hold.Ruling.EXCUSE, _("全部免责的，须写明理由。"), "reason")
    hold = _undecided(act)
    refuse_unless(hold.state == State.HELD, _("已有人提请，待第二人批准。"))
    assert act.actor is not None
    assert act.entry is not None
    hold.state, hold.ruling, hold.messages = State.PROPOSED, ruling, messages
    hold.reason, hold.proposed_by, hold.proposed_at = act.entry.texts, act.actor.employee, act.at
    act.note(**hold.facts, needs_approval=True)
    for person_id in act.batch.marketing_leader_ids:
        act.announce(person_id, "held_proposed", since=hold.since.isoformat())


@verb(
    Organisation, _("批准处理停摆时段"), permission=permissions.approve_release, rule="R38", seen=_shown,
    in_session=True,
)  # fmt: skip
def approve_release(act: Act) -> None:
    """The second person approves in their own session. The sweep then judges everything held up to this instant."""
    hold = _proposed_by_another(act)
    refuse_unless(hold.until is not None, _("系统尚未恢复服务，停摆时段还没有结束。"))
    assert act.actor is not None
    hold.state, hold.approved_by, hold.approved_at = State.RELEASING, act.actor.employee, act.at
    act.note(**hold.facts, ruling=hold.ruling, messages=hold.messages)
    _answer(act, hold, hold.proposed_by_id)


@verb(
    Organisation, _("不批准处理停摆时段"), Line(name="reason", label=_("理由"), max_length=200),
    permission=permissions.refuse_release, rule="R38", seen=_shown,
)  # fmt: skip
def refuse_release(act: Act, *, reason: str) -> None:
    """A second person refuses the proposal; everything stays held."""
    hold = _proposed_by_another(act)
    proposed_by = hold.proposed_by_id
    hold.drop_proposal()
    act.note(**hold.facts)
    _answer(act, hold, proposed_by)


@verb(Organisation, _("撤回停摆时段的提请"), permission=permissions.withdraw_release, rule="R38", seen=_shown)
def withdraw_release(act: Act) -> None:
    """Who proposed takes it back; everything stays held."""
    hold = _proposed(act)
    assert act.actor is not None
    if hold.proposed_by_id != act.actor.pk:
        raise Refused("forbidden", _("只有提请人可以撤回。"))
    hold.drop_proposal()
    act.note(**hold.facts)


def _undecided(act: Act) -> Hold:
    """The hold that waits for people, locked: a watch that finds another outage makes its window longer."""
    hold = Hold.objects.undecided().select_for_update().first()
    refuse_unless(hold is not None, _("现在没有待处理的停摆时段。"))
    assert hold is not None
    act.changes.watch(hold)
    return hold


def _proposed(act: Act) -> Hold:
    hold = _undecided(act)
    refuse_unless(hold.state == State.PROPOSED, _("现在没有待批准的提请。"))
    return hold


def _proposed_by_another(act: Act) -> Hold:
    hold = _proposed(act)
    assert act.actor is not None
    if hold.proposed_by_id == act.actor.pk:
        raise Refused("forbidden", _("不能批准本人的提请，须由另一人批准。"))
    return hold


def _answer(act: Act, hold: Hold, person_id: int | None) -> None:
    act.announce(person_id, "held_decided", since=hold.since.isoformat())
