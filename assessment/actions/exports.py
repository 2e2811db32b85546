"""Exports: requested with a reason, approved by another person, written by the worker, fetched by the requester,
destroyed.

An export contains nothing that its reader may not see (R40), and every export is on record.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import LAST_DAY, day_of
from accountability.gate.act import Act, Batch, Refused, lock, refuse_unless
from accountability.gate.changes import flush
from accountability.gate.fields import Choice, Code, Day, InUnit, Offered, Text, YesNo
from accountability.gate.verbs import verb
from accountability.models import Employee, Unit, privacy_in_force
from accountability.monitoring.reminders import WATCHES, over_matters
from accountability.organisation.succession import ON_LEAVER
from accountability.web.listings import NotUnderstood
from assessment import permissions
from assessment.exports import keeping
from assessment.exports.kinds import Scope
from assessment.exports.lists import LONGEST_QUERY, kind_of, kind_of_export, may_export, words_of_list
from assessment.models import Export, ExportState, ExportWork, What
from assessment.models.exports import RUNNING, TO_DECIDE
from complaints.dossier.customer import texts_of

MOST_REASON = 500

MAY_GROW = 100
"""Rows by which a list may grow between the request and the file, besides twice its size."""


def offered_states(export: Export) -> Iterator[tuple[str, Any]]:
    kind = kind_of(export.what, export.listing)
    yield from kind.states if kind else ()


def offered_columns(export: Export) -> Iterator[tuple[str, Any]]:
    kind = kind_of(export.what, export.listing)
    for column in kind.columns if kind else ():
        yield column.name, column.label


@verb(
    Export, _("申请导出"),
    Choice(name="what", label=_("导出内容"), choices=tuple(What.choices)),
    Choice(name="format", label=_("文件格式"), choices=tuple(Export.Format.choices)),
    Day(name="since", label=_("自"), required=False, latest=LAST_DAY),
    Day(name="until", label=_("至"), required=False, help=_("含当日。"), latest=LAST_DAY),
    InUnit(name="unit", label=_("单位"), required=False, help=_("不选为全部单位。")),
    Offered(name="states", label=_("状态范围"), offers=offered_states, required=False, help=_("不选为全部状态。")),
    Offered(name="columns", label=_("列"), offers=offered_columns, required=False, help=_("不选为全部列。")),
    YesNo(name="unmasked", label=_("不脱敏"), required=False,
          help=_("默认姓名、号码和正文均脱敏。选“是”须另说明理由。")),
    Text(name="unmask_reason", label=_("不脱敏的理由"), rows=2, required=False, max_length=MOST_REASON),
    Code(name="listing", label=_("列表"), required=False, pattern=r"[a-z_-]*", max_length=60),
    Text(name="asked", label=_("列表的筛选条件"), rows=1, required=False, max_length=LONGEST_QUERY),
    Text(name="reason", label=_("用途和理由"), rows=3, max_length=MOST_REASON,
         help=_("批准人据此决定；不得填写客户信息。")),
    creates=True, rule="R40",
    permission=permissions.request_export,
    icon="edit",
)  # fmt: skip
def request_export(
    act: Act, *, what: str, format: str, reason: str, since: date | None = None, until: date | None = None,
    unit: Unit | None = None, states: list[str] | None = None, columns: list[str] | None = None,
    unmasked: bool = False, unmask_reason: str = "", listing: str = "", asked: str = "",
) -> None:  # fmt: skip
    """Record what is requested, about whom and why. The rows are counted now, and more than the policy allows is
    refused, so that nobody is asked to approve an export that can't be written.
    """
    export: Export = act.subject
    assert act.actor is not None
    assert act.entry is not None
    allowed = may_export(what, listing, act.actor)
    refuse_unless(allowed, _("您的岗位不能导出“%(what)s”。") % {"what": What(what).label}, "what")
    export.listing = listing
    export.what, export.format, export.unmasked = what, format, unmasked
    export.since, export.until, export.unit = since, until, unit
    export.states = _known(states or [], dict(offered_states(export)), "states")
    export.columns = _known(columns or [], dict(offered_columns(export)), "columns")
    _refuse_period(act, since, until)
    _refuse_bare(act, unmask_reason)
    export.requested_by, export.requested_at = act.actor.employee, act.at
    refuse_unless(export.deciders(act.batch), _("现在没有其他人可以批准这项导出，请先由市场部任命。"))
    _count(act, Scope(since, until, unit, tuple(export.states), asked))
    export.reason = act.entry.texts if not listing else act.sealed("request_export", {
        "reason": reason, "unmask_reason": unmask_reason, "asked": asked,
        "words": words_of_list(listing, asked, act.actor, act.at),
    })  # fmt: skip
    export.token = secrets.token_urlsafe(32)
    export.request_export()
    export.expires_at = act.at + TO_DECIDE
    act.note(rows=export.asked_rows)
    for person_id in export.deciders(act.batch):
        act.tell(person_id, "export_asked", what=what)


def _known(names: list[str], offered: dict[str, Any], field_name: str) -> list[str]:
    strange = [name for name in names if name not in offered]
    refuse_unless(not strange, _("请从列出的选项中选择。"), field_name)
    return names


def _refuse_period(act: Act, since: date | None, until: date | None) -> None:
    """A list of events needs a period."""
    if kind_of_export(act.subject).dated:
        for name, day in (("since", since), ("until", until)):
            if day is None:
                raise Refused("facts", _("请更正标出的内容。"), {name: _("此项必填。")})
    refuse_unless(since is None or until is None or since <= until, _("止日不能早于起日。"), "until")
    refuse_unless(since is None or since <= day_of(act.at), _("起日不能晚于今天。"), "since")


def _refuse_bare(act: Act, why: str) -> None:
    export: Export = act.subject
    if not export.unmasked:
        return
    assert act.actor is not None
    may = permissions.may_export_unmasked(export.what, act.actor)
    refuse_unless(may, _("您的岗位不能申请不脱敏导出。"), "unmasked")
    refuse_unless(why, _("不脱敏须另说明理由。"), "unmask_reason")


def _count(act: Act, scope: Scope) -> None:
    export: Export = act.subject
    assert act.actor is not None
    export.most_rows = privacy_in_force(act.at).export_rows
    try:
        export.asked_rows = kind_of_export(export).found(scope, act.actor, act.at).count()
    except NotUnderstood as strange:
        raise Refused("condition", str(strange)) from None
    refuse_unless(export.asked_rows, _("没有符合条件的行。"))
    told = {"rows": export.asked_rows, "most": export.most_rows}
    fits = export.asked_rows <= export.most_rows
    refuse_unless(fits, _("符合条件的有 %(rows)s 行，超过上限 %(most)s 行，请缩小范围。") % told)


def scope_of(export: Export) -> Scope:
    """What was asked for. Raises NotUnderstood if a list's filters were erased: without them the file would have more
    than was approved.
    """
    texts = texts_of(export.reason) if export.listing else {}
    if export.listing and "reason" not in texts:
        raise NotUnderstood
    return Scope(export.since, export.until, export.unit, tuple(export.states), texts.get("asked", ""))


def most_of(export: Export) -> int:
    """How many rows the file may have: as many as the policy allowed at the request. Of a list, whose filters mean what
    they mean when it is read, not far more than were counted then: somebody approved a file of about that size.
    """
    return min(export.most_rows, 2 * export.asked_rows + MAY_GROW) if export.listing else export.most_rows


def _tell_requester(act: Act, notice: str) -> None:
    act.tell(act.subject.requested_by_id, notice, what=act.subject.what)


@verb(
    Export, _("批准导出"), Text(name="remark", label=_("批准意见"), rows=2, required=False), rule="R40",
    permission=permissions.approve_export,
    icon="check", tone="ok",
)  # fmt: skip
def approve_export(act: Act, *, remark: str = "") -> None:
    """Another person approves in their own session. The file is then written and kept for a while."""
    export: Export = act.subject
    _decide(act)
    export.approve_export()
    _set_to_work(act)
    _tell_requester(act, "export_approved")


@verb(
    Export, _("不批准"), Text(name="remark", label=_("理由"), rows=2), rule="R40",
    permission=permissions.decline_export,
    icon="cross", tone="danger", grave=True,
)  # fmt: skip
def decline_export(act: Act, *, remark: str) -> None:
    """Don't write the file. The requester reads the reason and may ask for less."""
    _decide(act)
    act.subject.decline_export()
    act.subject.expires_at = None
    _tell_requester(act, "export_declined")


def _decide(act: Act) -> None:
    export: Export = act.subject
    assert act.actor is not None
    assert act.entry is not None
    export.decided_by, export.decided_at, export.remark = act.actor.employee, act.at, act.entry.texts


def _set_to_work(act: Act) -> None:
    """Queue the export for the worker; a retry starts with no earlier attempts counted."""
    export: Export = act.subject
    export.expires_at = act.at + timedelta(hours=privacy_in_force(act.at).export_hours)
    known = ExportWork.objects.filter(pk=export.pk).first()
    if known is None:
        act.changes.new(ExportWork(export=export, asked_at=act.at))
        return
    act.changes.watch(known)
    known.asked_at, known.claimed_at, known.failures = act.at, None, 0


@verb(
    Export, _("重新生成"), rule="R40",
    permission=permissions.retry_export,
    tone="neutral",
)  # fmt: skip
def retry_export(act: Act) -> None:
    """Try again to write a file that failed; the approval is still valid."""
    act.subject.retry_export()
    _set_to_work(act)


@verb(
    Export, _("撤回导出"), Text(name="reason", label=_("理由"), rows=2, required=False), rule="R40",
    permission=permissions.withdraw_export,
    tone="neutral", grave=True,
)  # fmt: skip
def withdraw_export(act: Act, *, reason: str = "") -> None:
    """The requester doesn't need it any more; its file is destroyed at once."""
    act.subject.withdraw_export()
    _destroy(act)


@verb(
    Export, _("下载"), rule="R40",
    permission=permissions.fetch_export, states=[ExportState.MADE],
    icon="inbox", tone="warn",
)  # fmt: skip
def fetch_export(act: Act) -> None:
    """Count and record each fetch. Refused after expiry, or more often than the policy allows."""
    export: Export = act.subject
    refuse_unless(export.expires_at and act.at < export.expires_at, _("文件已到期，将被销毁；如仍需要，请重新申请。"))
    most = privacy_in_force(act.at).export_fetches
    refuse_unless(export.fetched < most, _("最多下载 %(most)s 次；如仍需要，请重新申请。") % {"most": most})
    export.fetched += 1
    export.fetched_at = act.at
    act.note(time=export.fetched, rows=export.made_rows, sha256=export.sha256)


def _destroy(act: Act) -> None:
    """Destroy the file when the act commits. What it was, and that it was destroyed, stays on record."""
    export: Export = act.subject
    export.expires_at = None
    if keeping.destroy(export):
        export.destroyed_at = act.at
        assert act.entries
        act.entries[-1].facts |= {"destroyed": export.pieces, "rows": export.made_rows, "sha256": export.sha256}


# What happens automatically


def expire_due(at: datetime) -> int:
    """A watch of the sweep: end exports that nobody approved, wrote or fetched in time, and destroy their files."""
    due = Export.objects.filter(expires_at__lte=at).order_by("expires_at").values_list("pk", flat=True)
    return over_matters("expiry", due, at, lambda act: _expire(act, act.batch.system))


def _expire(act: Act, by: Employee) -> int:
    export: Export = act.subject
    if export.state not in RUNNING:
        return 0
    before = export.state
    export.expire()
    act.record("expire_export", by, facts={"from": before, "fetched": export.fetched})
    _destroy(act)
    _tell_requester(act, "export_expired")
    return 1


def pass_on(cause: Act, person: Employee) -> None:
    """End the requests of a person who leaves, in the act that takes them away."""
    ids = list(Export.objects.running().filter(requested_by=person).order_by("pk").values_list("pk", flat=True))
    for act in cause.batch.acts_of(Export, lock(ids)) if ids else ():
        act.actor = cause.actor
        _expire(act, cause.actor.employee if cause.actor else act.batch.system)


def finish(export: Export, at: datetime, made: keeping.Made) -> bool:
    """Record that the worker's file is complete. False if the export is no longer wanted."""
    batch = Batch(at)
    for act in batch.acts_of(Export, lock([export.pk])):
        found: Export = act.subject
        if found.state != ExportState.APPROVED:
            return False
        found.make()
        found.made_at, found.made_rows, found.pieces = at, made.rows, made.pieces
        found.size, found.sha256 = made.size, made.sha256
        found.expires_at = at + timedelta(hours=privacy_in_force(at).export_hours)
        facts = {"rows": made.rows, "size": made.size, "sha256": made.sha256, "unmasked": found.unmasked}
        act.record("make_export", batch.system, facts=facts)
        _tell_requester(act, "export_made")
        flush(batch)
        return True
    return False


def give_up(export: Export, at: datetime, why: str) -> bool:
    """Record that the file can't be written. The requester is notified and may retry, ask for less, or leave it."""
    batch = Batch(at)
    for act in batch.acts_of(Export, lock([export.pk])):
        if act.subject.state != ExportState.APPROVED:
            return False
        act.subject.fail()
        act.record("fail_export", batch.system, facts={"why": why})
        _tell_requester(act, "export_failed")
        flush(batch)
        return True
    return False


ON_LEAVER.append(pass_on)
WATCHES.append(expire_due)
