"""The clauses of the notice that a complaint's record can tell of: what each requires, what happened, and the verdict.

A limit is judged by its stored instants and by the entry that met it, so a row that says otherwise than the record is
named. A reader is told only what the dossier lets them know. No finding names a person or repeats what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.limits import show_due, show_instant
from accountability.declarations.limits import DEADLINE_KINDS, deadline_label
from accountability.declarations.registry import listed
from accountability.models import Deadline, LedgerEntry, Unit
from complaints.conformance.flow import RULING_MISSED
from complaints.conformance.replay import Move, replay
from complaints.declarations.limits import Kind
from complaints.dossier.dossier import Story
from complaints.models import LEFT_OUT, Channel, Complaint, Ending, Replier, Round, RoundState, State
from complaints.models.states import TELL_SATISFACTION

HANDED_OVER = ("hand_off", "name_handler", "confirm_told")
"""Verbs that stamp the first-inquiry person."""
ANSWERED = ("answer", "approve_answer")
MEETS = {Kind.HANDOFF: ("hand_off", "report_to_leader", "confirm_told"), Kind.HANDLING: ANSWERED}
"""The verbs that meet a limit of the unit: the record must have one at the instant at which the limit was met."""


class Verdict(models.TextChoices):
    KEPT = "kept", gettext_lazy("符合")
    BROKEN = "broken", gettext_lazy("不符合")
    OPEN = "open", gettext_lazy("进行中")
    NOT_APPLICABLE = "not_applicable", gettext_lazy("不适用")


@dataclass(frozen=True)
class Finding:
    """What one clause says of one complaint. `rule` is empty for the flow chart as a whole, `part` the round or 0."""

    rule: str
    required: str
    happened: str
    verdict: Verdict
    part: int = 0


@dataclass(frozen=True)
class Evidence:
    """What the findings are made of. `is_whole`: nothing of the record is left out, so it tells of all clauses."""

    complaint: Complaint
    rounds: Sequence[Round]
    deadlines: Sequence[Deadline]
    entries: Sequence[LedgerEntry]
    is_whole: bool = True

    @classmethod
    def of(cls, story: Story) -> Evidence:
        """What this reader may know."""
        return cls(story.complaint, story.rounds, story.deadlines, story.entries, story.knows_all)

    def among(self, verbs: Iterable[str], part: int | None = None) -> list[LedgerEntry]:
        """The entries with one of the verbs, oldest first; of one round, or of all."""
        return [e for e in self.entries if e.verb in verbs and (part is None or e.part == part)]


def findings(known: Evidence) -> list[Finding]:
    """All findings: of the complaint as a whole, then round by round, in each by clause."""
    whole = (*_of_the_whole(known), *_limits(known, 0)) if known.is_whole else _limits(known, 0)
    found = _by_clause(whole)
    rounds = {one.number: one for one in known.rounds}
    # An invited unit sees its own limits of a round that isn't its own.
    for part in sorted({*rounds, *(limit.part for limit in known.deadlines)} - {0}):
        of_it = _of_a_round(known, rounds[part]) if part in rounds else ()
        found += _by_clause((*of_it, *_limits(known, part)))
    return found


def _by_clause(found: Iterable[Finding]) -> list[Finding]:
    """The flow chart first, then by the clause's number."""
    return sorted(found, key=lambda one: int(one.rule[1:] or 0))


def broken(found: Iterable[Finding]) -> list[Finding]:
    return [one for one in found if one.verdict == Verdict.BROKEN]


# The complaint as a whole


def _of_the_whole(known: Evidence) -> Iterator[Finding]:
    yield _flow(known)
    yield _forwarder(known.complaint)
    yield _replier(known)
    yield _asked(known)
    yield _ending(known)


def _flow(known: Evidence) -> Finding:
    """Every step is one of the notice's chart. What the program allows beside it is told and breaks nothing."""
    moves = list(replay(known.entries))
    required = _("每一步都是流程图中的一步")
    strays = [_stray(move) for move in moves if move.strays]
    if strays:
        return Finding("", required, _("不在流程中：%(steps)s") % {"steps": _("、").join(strays)}, Verdict.BROKEN)
    beside = list(dict.fromkeys(str(move.step.label) for move in moves if move.step and move.is_beside))
    told = _("%(count)s 步，都在流程中") % {"count": sum(move.step is not None and move.follows for move in moves)}
    if beside:
        told = _("%(told)s；另有系统允许的例外：%(steps)s") % {"told": told, "steps": _("、").join(beside)}
    return Finding("", required, told, Verdict.KEPT)


def _stray(move: Move) -> str:
    """The step that can't be taken there, and where the complaint stood."""
    words = {"step": move.step.label if move.step else move.activity, "place": move.before.label}
    return _("%(step)s（当时：%(place)s）") % words


def _forwarder(complaint: Complaint) -> Finding:
    """R9: a forwarded complaint has its forwarder."""
    required = _("员工转交的投诉记录转交员工")
    if complaint.channel != Channel.FORWARD:
        return Finding("R9", required, _("不是员工转交"), Verdict.NOT_APPLICABLE)
    named = complaint.forwarded_by_id is not None
    told = _("已记录转交员工") if named else _("没有记录转交员工")
    return Finding("R9", required, told, Verdict.KEPT if named else Verdict.BROKEN)


def _replier(known: Evidence) -> Finding:
    """R34: to a forwarded VIP the forwarder replies, or whom a supervisor named instead. R35: else the centre."""
    complaint, replies = known.complaint, known.among(["reply"])
    by_forwarder = complaint.replier == Replier.FORWARDER
    rule = "R34" if by_forwarder else "R35"
    required = _("由转交员工回复客户") if by_forwarder else _("由省客户服务中心回复客户")
    if not replies:
        over = complaint.state == State.ARCHIVED
        return Finding(rule, required, _("没有回复"), Verdict.NOT_APPLICABLE if over else Verdict.OPEN)
    others = [entry for entry in replies if not _may_have_replied(known, entry)]
    told = _("%(count)s 次由他人回复") % {"count": len(others)} if others else _("共回复 %(count)s 次") % {
        "count": len(replies)
    }  # fmt: skip
    return Finding(rule, required, told, Verdict.BROKEN if others else Verdict.KEPT)


def _may_have_replied(known: Evidence, entry: LedgerEntry) -> bool:
    """People change their unit, so the centre's reply is only doubted where the forwarder of another unit gave it."""
    complaint = known.complaint
    if complaint.replier == Replier.FORWARDER:
        named = [e.facts.get("to") for e in known.among(["reassign_reply"]) if e.seq < entry.seq]
        return entry.actor_id in {complaint.forwarded_by_id, complaint.reply_by_id, *named}
    unit = entry.actor.unit
    is_centre = unit is not None and unit.kind == Unit.Kind.SERVICE_CENTRE
    return is_centre or entry.actor_id != complaint.forwarded_by_id


def _asked(known: Evidence) -> Finding:
    """R37: what the customer says is recorded for each reply."""
    required = _("每次回复后记录客户是否满意")
    replies, said = len(known.among(["reply"])), len(known.among(TELL_SATISFACTION))
    told = _("回复 %(replies)s 次，记录 %(said)s 次") % {"replies": replies, "said": said}
    complaint = known.complaint
    if replies == said:
        none = Verdict.NOT_APPLICABLE if complaint.state == State.ARCHIVED else Verdict.OPEN
        return Finding("R37", required, told, Verdict.KEPT if replies else none)
    if replies - said == 1 and complaint.state == State.REPLIED:
        return Finding("R37", required, told, Verdict.OPEN)
    left_out = replies - said == 1 and complaint.ended_as in LEFT_OUT
    return Finding("R37", required, told, Verdict.NOT_APPLICABLE if left_out else Verdict.BROKEN)


def _ending(known: Evidence) -> Finding:
    """R7: archived only when the customer is satisfied, or by a supervisor with a reason (A5)."""
    complaint = known.complaint
    required = _("客户满意，或由主管写明理由，才能归档")
    if complaint.state != State.ARCHIVED:
        return Finding("R7", required, _("尚未归档"), Verdict.OPEN)
    told = str(complaint.get_ended_as_display())
    if complaint.ended_as in {*LEFT_OUT, Ending.IMPORTED}:
        return Finding("R7", required, told, Verdict.NOT_APPLICABLE)
    proofs = known.among([*TELL_SATISFACTION, "correct_satisfaction", "archive_unsatisfied"])
    last = proofs[-1] if proofs else None
    satisfied = last is not None and last.facts.get("satisfied") is True
    with_reason = last is not None and last.verb == "archive_unsatisfied" and last.texts_id is not None
    fits = {Ending.SATISFIED: satisfied, Ending.UNSATISFIED: with_reason}.get(Ending(complaint.ended_as), False)
    return Finding("R7", required, told, Verdict.KEPT if fits else Verdict.BROKEN)


# One round


def _of_a_round(known: Evidence, one: Round) -> Iterator[Finding]:
    yield _one_unit(known, one)
    yield _numbered(one)
    yield _joint_person(known, one)
    yield from _reported(known, one)
    yield from _returned(known, one)
    yield _judged(known, one)


def _one_unit(known: Evidence, one: Round) -> Finding:
    """R11: one dispatch, to one unit, and the round is at that unit."""
    units = [entry.facts.get("unit") for entry in known.among(["dispatch"], one.number)]
    told = _("派给 %(unit)s") % {"unit": one.unit} if units else _("台账中没有派单")
    verdict = Verdict.KEPT if units == [one.unit.code] else Verdict.BROKEN
    return Finding("R11", _("每轮只派一个首问责任部门"), told, verdict, one.number)


def _numbered(one: Round) -> Finding:
    """R18: the round has its numbered 投诉处理通知单."""
    verdict = Verdict.KEPT if one.notice_number else Verdict.BROKEN
    return Finding("R18", _("有编号的投诉处理通知单"), one.notice_number or _("没有编号"), verdict, one.number)


def _joint_person(known: Evidence, one: Round) -> Finding:
    """R4: the handler's leader is recorded in the same act as the handler."""
    required = _("交办时同时记录首问责任人和分管领导")
    stamped = known.among(HANDED_OVER, one.number)
    if not stamped and one.handler_id is None:
        if one.is_over:
            return Finding("R4", required, _("本轮没有交办"), Verdict.NOT_APPLICABLE, one.number)
        return Finding("R4", required, _("尚未交办"), Verdict.OPEN, one.number)
    together = len(stamped) == 1 and one.leader_id is not None and stamped[0].facts.get("joint") == one.leader_id
    told = _("同时记录") if together else _("没有同时记录，或与台账不符")
    return Finding("R4", required, told, Verdict.KEPT if together else Verdict.BROKEN, one.number)


def _reported(known: Evidence, one: Round) -> Iterator[Finding]:
    """R20, R21: a report to the leader has a reason, and the leader names the handler."""
    reports = known.among(["report_to_leader"], one.number)
    if not reports:
        return
    reasoned = all(entry.texts_id is not None for entry in reports)
    told = _("已写明原因") if reasoned else _("没有写明原因")
    yield Finding("R20", _("向分管领导报告，写明原因"), told, Verdict.KEPT if reasoned else Verdict.BROKEN, one.number)
    named = known.among(["name_handler"], one.number)
    waits = one.state in (RoundState.REPORTED, RoundState.RETURN_REQUESTED)
    verdict = Verdict.KEPT if named else Verdict.OPEN if waits else Verdict.NOT_APPLICABLE
    told = _("%(at)s 指定") % {"at": show_instant(named[0].at)} if named else _("没有指定")
    yield Finding("R21", _("由分管领导指定首问责任人"), told, verdict, one.number)


def _returned(known: Evidence, one: Round) -> Iterator[Finding]:
    """R27, R28: a return has reason and guidance, comes once and before the first answer; what is late is so told."""
    asked = known.among(["request_return"], one.number)
    if not asked:
        return
    answers = [entry.seq for entry in known.among(ANSWERED, one.number)]
    proper = len(asked) == 1 and asked[0].texts_id is not None and not any(seq < asked[0].seq for seq in answers)
    told = _("%(at)s 申请退回") % {"at": show_instant(asked[0].at)}
    if one.late_return:
        told = _("%(told)s，已超过退回时限，由主管裁定") % {"told": told}
    required = _("退回写明理由和指导意见，每轮一次，在答复之前")
    yield Finding("R27", required, told, Verdict.KEPT if proper else Verdict.BROKEN, one.number)


def _judged(known: Evidence, one: Round) -> Finding:
    """R33: the centre judges it complete, after the unit's answer."""
    required = _("单位答复之后，由客服中心判断处理完毕")
    judged = [e.seq for e in known.among(["judge_complete"], one.number) if e.facts.get("complete")]
    answers = [entry.seq for entry in known.among(ANSWERED, one.number)]
    if one.state == RoundState.CLOSED or judged:
        proper = len(judged) == 1 and any(seq < judged[0] for seq in answers)
        told = _("答复后判断") if proper else _("没有答复，或没有判断")
        return Finding("R33", required, told, Verdict.KEPT if proper else Verdict.BROKEN, one.number)
    verdict = Verdict.NOT_APPLICABLE if one.is_over else Verdict.OPEN
    return Finding("R33", required, str(one.get_state_display()), verdict, one.number)


# Limits


def _limits(known: Evidence, part: int) -> Iterator[Finding]:
    """The limits that bind, each under its clause. A window is no duty."""
    for limit in known.deadlines:
        declared = DEADLINE_KINDS.get(limit.kind)
        rule = declared.rule if declared else ""
        if limit.part == part and limit.is_latest and not limit.is_window and rule:
            verdict, told = _of_a_limit(known, limit)
            yield Finding(rule, _required(limit), told, verdict, part)


def _required(limit: Deadline) -> str:
    words = {"limit": deadline_label(limit.kind), "unit": limit.unit if limit.party else ""}
    if limit.due_at is None:
        return _("%(limit)s：待工作日历公布后算出") % words
    words |= {"due": show_due(limit.due_at)}
    return (_("%(limit)s（%(unit)s）：不晚于 %(due)s") if limit.party else _("%(limit)s：不晚于 %(due)s")) % words


def _of_a_limit(known: Evidence, limit: Deadline) -> tuple[Verdict, str]:
    if limit.voided_at:
        return Verdict.NOT_APPLICABLE, _("已取消")
    if limit.met_at is None:
        return _unmet(limit)
    done = _("%(at)s 完成") % {"at": show_instant(limit.met_at)}
    if not _is_on_record(known, limit, limit.met_at):
        return Verdict.BROKEN, _("%(done)s，台账中没有相应的操作") % {"done": done}
    return _late(limit, _("%(done)s，已超时") % {"done": done}) if _was_missed(known, limit) else (Verdict.KEPT, done)


def _was_missed(known: Evidence, limit: Deadline) -> bool:
    """By its row, or by the record: a miss that no act in time took back. The due instant alone doesn't tell. What was
    done while the limit waited for its calendar may lie after the instant that was filled in later.
    """
    if limit.missed_at is not None or not known.is_whole:
        return limit.missed_at is not None
    misses = [entry for entry in known.among(["miss"], limit.part) if limit.facts.items() <= entry.facts.items()]
    taken_back = [facts for entry in known.entries for facts in listed(entry.facts, "taken_back")]
    return len(misses) > taken_back.count(limit.facts)


def _unmet(limit: Deadline) -> tuple[Verdict, str]:
    if limit.missed_at is None:
        return Verdict.OPEN, _("尚未完成")
    if limit.kind == Kind.CONFIRMATION:
        return _late(limit, _("逾期未确认，视为确认"))
    return _late(limit, str(RULING_MISSED) if limit.kind == Kind.RULING else _("到期未完成"))


def _late(limit: Deadline, told: str) -> tuple[Verdict, str]:
    """A miss that two people excused counts against nobody."""
    if limit.excused_at:
        return Verdict.NOT_APPLICABLE, _("%(told)s；经两人批准免责") % {"told": told}
    return Verdict.BROKEN, told


def _is_on_record(known: Evidence, limit: Deadline, met: datetime) -> bool:
    """Whether the record has the act that met the limit, at that instant; a call counts from when it happened (R20)."""
    verbs = MEETS.get(Kind(limit.kind)) if limit.kind in list(Kind) else None
    if verbs is None:
        return True
    return any(_counts_from(entry) == met for entry in known.among(verbs, limit.part))


def _counts_from(entry: LedgerEntry) -> Any:
    happened = entry.facts.get("happened") if entry.verb == "confirm_told" else None
    return datetime.fromisoformat(happened) if happened else entry.at
