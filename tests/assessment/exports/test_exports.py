"""What leaves the house: by request and reason, another person's leave, bounded, marked, for a while, on record."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from accountability.actions.rules import confirm_reading
from accountability.gate.act import Refused
from accountability.gate.verbs import available
from accountability.models import AccessLog, Alarm, LedgerEntry, Notification, actor_for, rules_in_force
from accountability.monitoring import reminders
from assessment.actions import export_files
from assessment.exports.kinds import KINDS
from assessment.models import Export, ExportPiece, What
from assessment.permissions import MAY_EXPORT
from tests.assessment.docket import Docket
from tests.assessment.exports.made_exports import Exports, content, files, table
from tests.factories import Now, Play
from tests.looking import verbs_of

pytestmark = [pytest.mark.rule("R40"), pytest.mark.compliance(10, 16, 31)]

CUSTOMER, PHONE, MORE = "欧阳建国", "13871234567", "另留电话13987654321，身份证420102199001011234。"


@pytest.fixture(autouse=True)
def _files_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is never committed; what is done after the commit is done at once."""
    monkeypatch.setattr(transaction, "on_commit", lambda work: work())


@pytest.fixture
def exports(play: Play) -> Exports:
    return Exports(play)


@pytest.fixture
def complaint(play: Play) -> Any:
    return play.upto("accepted", customer=CUSTOMER, phone=PHONE, content=f"{CUSTOMER}来电。{MORE}")


def refusal(exports: Exports, verb: str, by: str, export: Export | None = None, **facts: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        exports(verb, by, export, **facts)
    return refused.value.code, str(next(iter(refused.value.fields.values()), refused.value))


def told(kind: str) -> list[str]:
    rows = Notification.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


# The way of an export


@pytest.mark.asvs("14.2.4")
def test_from_asked_for_to_destroyed(exports: Exports, complaint: Any, now: Now) -> None:
    before = files()
    export = exports.requested()
    assert (export.state, export.asked_rows, export.matter.awaits, str(export.matter.holder_unit.code)) == (
        "requested", 1, "approve_export", "KF",
    )  # fmt: skip
    assert str(export.matter.number).startswith("DC2026-")
    assert told("export_asked") == ["kf.head", "sc.leader"]
    export = exports("approve_export", "sc.leader", export)
    assert (export.state, export.decided_by.username, export.matter.awaits) == (
        "approved", "sc.leader", "make_export",
    )  # fmt: skip
    assert export_files.make_pending(now.at) == 1
    export = exports.again(export)
    assert (export.state, export.made_rows, export.matter.holder.username) == ("made", 1, "kf.supervisor")
    assert told("export_made") == ["kf.supervisor"]
    assert len(files() - before) == ExportPiece.objects.filter(export=export).count() == 1
    for time in (1, 2, 3):
        export = exports("fetch_export", "kf.supervisor", export)
        assert export.fetched == time
    assert refusal(exports, "fetch_export", "kf.supervisor", export) == (
        "condition", "最多下载 3 次；如仍需要，请重新申请。",
    )  # fmt: skip
    now.forward(hours=71, minutes=59)
    reminders.remind(now.at)
    assert exports.again(export).state == "made"
    now.forward(minutes=2)
    reminders.remind(now.at)
    export = exports.again(export)
    assert (export.state, export.destroyed_at, export.matter.awaits) == ("expired", now.at, "")
    assert (files() - before, ExportPiece.objects.count(), told("export_expired")) == (set(), 0, ["kf.supervisor"])
    assert verbs_of(export) == [
        "request_export", "approve_export", "make_export", *["fetch_export"] * 3, "expire_export",
    ]  # fmt: skip
    last = LedgerEntry.objects.filter(matter_id=export.pk).order_by("-seq")[0]
    assert last.actor.username == "system"
    assert last.facts == {"from": "made", "fetched": 3, "destroyed": 1, "rows": 1, "sha256": export.sha256}


@pytest.mark.compliance(15)
@pytest.mark.lesson(14)
@pytest.mark.asvs("14.2.4", "14.2.6")
def test_it_is_masked_unless_somebody_was_let_see_more(exports: Exports, complaint: Any) -> None:
    export = exports.made()
    mark, heads, row = table(export)
    assert mark[0].startswith(f"{export.matter} ")
    line = dict(zip(heads, row, strict=True))
    assert (line["投诉编号"], line["客户姓名"], line["客户号码"]) == (str(complaint.matter), "欧***", "138****4567")
    whole = content(export).decode()
    assert [word for word in (CUSTOMER, PHONE, "13987654321", "420102199001011234") if word in whole] == []
    assert "139****4321" in line["投诉内容"]


def test_bare_only_for_whose_office_it_is_and_for_a_reason_of_its_own(exports: Exports, complaint: Any) -> None:
    assert refusal(exports, "request_export", "kf.supervisor", unmasked=True) == ("condition", "不脱敏须另说明理由。")
    for name in ("sc.officer", "sc.leader", "sj.auditor"):
        assert refusal(exports, "request_export", name, unmasked=True, unmask_reason="回访。") == (
            "condition", "您的岗位不能申请不脱敏导出。",
        )  # fmt: skip
    export = exports.made(unmasked=True, unmask_reason="逐一回访。")
    _mark, heads, row = table(export)
    line = dict(zip(heads, row, strict=True))
    assert (line["客户姓名"], line["客户号码"], MORE in line["投诉内容"]) == (CUSTOMER, PHONE, True)
    entry = LedgerEntry.objects.get(matter_id=export.pk, verb="request_export")
    assert (entry.facts["unmasked"], [word for word in (CUSTOMER, "回访", "分析") if word in str(entry.facts)]) == (
        True, [],
    )  # fmt: skip


# Who may what


def test_who_may_ask_for_what(exports: Exports, complaint: Any, play: Play, docket: Docket) -> None:
    docket.upto("notified")
    people = [person.username for person in play.cast if person.username != "system"]
    allowed = {what: {name for name in people if asks(exports, name, what)} for what in What.values}
    marketing = {"sc.officer", "sc.officer2", "sc.leader"} & {person.username for person in play.cast}
    assert allowed == {
        "complaints": marketing | {"kf.supervisor", "kf.head", "sj.auditor"},
        "rounds": {"kf.supervisor", "sc.leader", "sj.auditor"},
        "cases": marketing - {"sc.leader"} | {"sj.auditor"},
        "readings": marketing - {"sc.leader"} | {"sj.auditor"},
        "access_log": {"sj.auditor"},
        "ledger": {"sj.auditor"},
        "list": set(),
    }
    assert refusal(exports, "request_export", "sc.leader", what="cases") == (
        "condition", "现在没有其他人可以批准这项导出，请先由市场部任命。",
    )  # fmt: skip


def asks(exports: Exports, by: str, what: str) -> bool:
    """Whether they may ask for it."""
    with suppress(Refused):
        return exports.requested(by, what=what).state == "requested"
    return False


def test_nobody_decides_on_their_own(exports: Exports, complaint: Any, play: Play) -> None:
    for by in ("kf.supervisor", "kf.head", "sc.leader"):
        export = exports.requested(by)
        decides = {
            person.username
            for person in play.cast
            if person.username != "system"
            and "approve_export" in [entry.name for entry in available(export, actor_for(person.pk, play.now.at))]  # type: ignore[arg-type]
        }
        assert decides == {"kf.supervisor", "kf.head", "sc.leader"} - {by}
        for verb in ("approve_export", "decline_export"):
            assert refusal(exports, verb, by, export)[0] == "forbidden"
    assert told("export_asked").count("kf.supervisor") == 2


def test_the_database_refuses_it_too(exports: Exports, complaint: Any) -> None:
    export = exports.requested()
    for changed in ({"decided_by": export.requested_by}, {"state": "made"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(pk=export.pk).update(**changed)


def test_what_isnt_the_centres_marketing_decides_on(exports: Exports, complaint: Any) -> None:
    export = exports.requested("sj.auditor", what="ledger")
    assert (told("export_asked"), export.matter.holder_unit.code) == (["sc.leader"], "SC")
    assert refusal(exports, "approve_export", "kf.supervisor", export)[0] == "forbidden"


def test_nobody_fetches_for_another(exports: Exports, complaint: Any, play: Play) -> None:
    export = exports.made()
    for person in play.cast:
        if person.username not in ("kf.supervisor", "system"):
            assert refusal(exports, "fetch_export", person.username, export)[0] == "forbidden"


def test_whoever_lost_their_office_fetches_nothing(exports: Exports, complaint: Any, play: Play, now: Now) -> None:
    export, waiting = exports.made(), exports.approved()
    play("end_appointment", "sc.leader", employee="kf.supervisor", role="csc_supervisor", ends_on="2026-11-24")
    now.forward(days=1)
    assert refusal(exports, "fetch_export", "kf.supervisor", export)[0] == "forbidden"
    export_files.make_pending(now.at)
    assert exports.again(waiting).state == "failed"
    assert LedgerEntry.objects.get(matter_id=waiting.pk, verb="fail_export").facts == {"why": "right"}


def test_what_a_leaver_asked_for_ends_with_them(exports: Exports, complaint: Any, play: Play) -> None:
    before = files()
    made, asked = exports.made(), exports.requested()
    play("dismiss", "sc.leader", employee="kf.supervisor")
    assert [exports.again(export).state for export in (made, asked)] == ["expired", "expired"]
    assert files() == before


# Bounds


def test_more_rows_than_the_policy_allows_are_refused_with_their_number(exports: Exports, play: Play) -> None:
    for number in range(3):
        play("register", "kf.agent", phone=f"1387123000{number}")
    play("set_privacy_policy", "sc.leader", export_rows=2, reason="收紧")
    assert refusal(exports, "request_export", "kf.supervisor") == (
        "condition", "符合条件的有 3 行，超过上限 2 行，请缩小范围。",
    )  # fmt: skip
    assert refusal(exports, "request_export", "kf.supervisor", until="2026-11-02") == (
        "condition",
        "没有符合条件的行。",
    )
    assert Export.objects.count() == 0


def test_what_outgrew_its_bound_meanwhile_is_not_made(exports: Exports, complaint: Any, play: Play, now: Now) -> None:
    play("set_privacy_policy", "sc.leader", export_rows=1, reason="收紧")
    export = exports.approved()
    play("register", "kf.agent")
    assert export_files.make_pending(now.at) == 0
    export = exports.again(export)
    assert (export.state, ExportPiece.objects.count(), told("export_failed")) == ("failed", 0, ["kf.supervisor"])
    assert (told("exports_failed"), Alarm.objects.filter(kind="exports", cleared_at=None).count()) == (
        ["sc.leader", "sc.officer", "sc.officer2"], 1,
    )  # fmt: skip
    exports("withdraw_export", "kf.supervisor", export)
    export_files.make_pending(now.at)
    assert Alarm.objects.filter(kind="exports", cleared_at=None).count() == 0


def test_what_makes_no_sense_is_refused_at_its_field(exports: Exports, complaint: Any) -> None:
    wrong = {
        "since": ("2026-12-01", "起日不能晚于今天。"), "until": ("2026-10-01", "止日不能早于起日。"),
        "states": (["nonsense"], "请从列出的选项中选择。"), "columns": (["password"], "请从列出的选项中选择。"),
        "what": ("everything", "请从列出的选项中选择。"), "format": ("pdf", "请从列出的选项中选择。"),
        "reason": (" ", "此项必填。"),
    }  # fmt: skip
    for name, (value, sentence) in wrong.items():
        typed: dict[str, Any] = {"until": "2026-12-30", name: value}
        with pytest.raises(Refused) as refused:
            exports.requested(**typed)
        assert refused.value.fields == {name: sentence}
    assert Export.objects.count() == 0


def test_it_is_narrowed_by_period_unit_and_state(exports: Exports, play: Play, now: Now) -> None:
    handed = play.upto("accepted")
    other = play("register", "kf.agent", phone="13871230001")
    now.forward(days=2)
    late = play("register", "kf.agent", phone="13871230002")
    found = {
        "all": exports.made(), "day": exports.made(until="2026-11-24"), "unit": exports.made(unit="WH"),
        "state": exports.made(states=["registered"]), "columns": exports.made(columns=["number", "state"]),
    }  # fmt: skip
    numbers = {name: [row[0] for row in table(export)[2:]] for name, export in found.items()}
    every = [str(each.matter) for each in (handed, other, late)]
    assert numbers == {"all": every, "day": every[:2], "unit": every[:1], "state": every[1:], "columns": every}
    assert table(found["columns"])[1] == ["投诉编号", "状态"]


# Every kind


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_kind_is_made_whole(exports: Exports, docket: Docket, file_format: str) -> None:
    """Each row of what its requester may see, once; every column filled by what it says it is."""
    docket.upto("penalised")
    refusal(exports, "request_export", "wh.zhang")
    for what in KINDS:
        export = exports.made("sj.auditor", what=what, format=file_format)
        mark, heads, *rows = table(export)
        kind, auditor = KINDS[what], actor_for(exports.play.cast["sj.auditor"].pk, docket.now.at)
        assert mark[0].startswith(f"{export.matter} ")
        assert heads == [str(column.label) for column in kind.columns]
        assert (len(rows), {len(row) for row in rows}) == (export.made_rows, {len(heads)})
        every = kind.rows(auditor, docket.now.at).count()  # type: ignore[arg-type]
        assert len(rows) == every or what in ("access_log", "ledger")
    assert {*KINDS, What.LIST} == set(What.values) == set(MAY_EXPORT)


def test_a_case_that_isnt_ones_to_see_is_in_no_file(exports: Exports, docket: Docket, complaint: Any) -> None:
    """Whoever may ask for cases at all sees all of them; the row's own `visible_to` is asked all the same."""
    docket.upto("opened")
    supervisor = actor_for(exports.play.cast["wh.head"].pk, docket.now.at)
    assert supervisor is not None
    assert KINDS["cases"].rows(supervisor, docket.now.at).count() == 0
    assert KINDS["complaints"].rows(supervisor, docket.now.at).count() == 1


def test_nobodys_name_is_in_a_file_of_colleagues(exports: Exports, play: Play) -> None:
    whole = content(exports.made("sc.officer", what="readings")).decode()
    names = {person.name for person in play.cast if person.name not in ("方睿", person.username)}
    assert ([name for name in names if name in whole], "wh.zhang" in whole) == ([], True)


def test_who_has_not_read_the_rules(exports: Exports, play: Play, now: Now) -> None:
    confirm_reading(play.cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    found = {
        name: [row[1] for row in table(exports.made("sc.officer", what="readings", unit="WH", states=states))[2:]]
        for name, states in {"read": ["read"], "unread": ["unread"], "both": ["read", "unread"]}.items()
    }
    assert (found["read"], "wh.zhang" in found["unread"]) == (["wh.zhang"], False)
    assert sorted(found["read"] + found["unread"]) == sorted(found["both"])


def test_the_watermark_is_everywhere_in_a_workbook(exports: Exports, complaint: Any) -> None:
    export = exports.made(format="xlsx")
    book = load_workbook(io.BytesIO(content(export)))
    sheet = book.active
    assert sheet is not None
    who = f"{export.requested_by.name}（kf.supervisor）"
    mark = f"{export.matter} {who}于 2026-11-24 09:00 导出，仅限本人因公使用，不得外传。"
    assert [sheet["A1"].value, sheet.oddHeader.center.text, sheet.oddFooter.center.text] == [mark] * 3
    assert [book.properties.keywords, book.properties.description, book.properties.creator] == [
        mark, mark, "kf.supervisor",
    ]  # fmt: skip


# Every state has a way out


def test_what_waits_is_heard_of_and_ends_by_itself(exports: Exports, complaint: Any, now: Now) -> None:
    export = exports.requested()
    now.forward(hours=24, minutes=1)
    reminders.remind(now.at)
    assert (Alarm.objects.get(kind="waiting").matter_id, told("waiting")) == (
        export.pk, ["kf.head", "sc.leader"],
    )  # fmt: skip
    now.forward(days=6)
    reminders.remind(now.at)
    assert (exports.again(export).state, export.matter.alarms.filter(cleared_at=None).count()) == (
        "expired",
        0,
    )


@pytest.mark.parametrize("position", ["requested", "approved", "made"])
def test_who_asked_may_always_take_it_back(exports: Exports, complaint: Any, position: str) -> None:
    before = files()
    export = getattr(exports, position)()
    export = exports("withdraw_export", "kf.supervisor", export)
    assert (export.state, export.matter.awaits, files()) == ("withdrawn", "", before)


def test_a_declined_one_tells_why(exports: Exports, complaint: Any) -> None:
    export = exports("decline_export", "kf.head", exports.requested())
    assert (export.state, told("export_declined"), export.matter.closed_at is None) == (
        "declined", ["kf.supervisor"], False,
    )  # fmt: skip
    for verb in ("approve_export", "withdraw_export"):
        assert refusal(exports, verb, "kf.head" if verb == "approve_export" else "kf.supervisor", export)[0] == "state"


def test_after_its_instant_it_is_not_fetched_although_no_sweep_came(exports: Exports, complaint: Any, now: Now) -> None:
    export = exports.made()
    now.forward(hours=72)
    assert (
        refusal(exports, "fetch_export", "kf.supervisor", export)[1] == "文件已到期，将被销毁；如仍需要，请重新申请。"
    )


def test_attempts_are_on_record(exports: Exports, complaint: Any) -> None:
    export = exports.requested()
    refusal(exports, "approve_export", "kf.supervisor", export)
    log = AccessLog.objects.get(action="approve_export")
    assert (log.actor.username, log.result, log.matter_id) == ("kf.supervisor", "forbidden", export.pk)
