"""R54: the bulletin is drafted by itself, sent by the centre by the fifth working day, and never changes after that."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant, show_instant
from accountability.gate.act import Refused
from accountability.gate.sweeper import sweep
from accountability.gate.verbs import available
from accountability.models import Alarm, Deadline, LedgerEntry, Matter, Notification, Paper, actor_for, limits_in_force
from accountability.monitoring import reminders
from assessment.actions.bulletins import draft_missing
from assessment.bulletins.comparing import changes
from assessment.bulletins.freezing import freeze
from assessment.models import Bulletin
from tests.assessment.bulletins.made_bulletins import FIRST, Bulletins
from tests.assessment.reading import numbers_of, of_bulletin
from tests.factories import Now, Play
from tests.looking import deadline, verbs_of, writes

pytestmark = pytest.mark.rule("R54")

SUPERVISOR = "kf.supervisor"
OTHERS = (
    "kf.agent", "kf.head", "wh.contact", "wh.head", "wh.leader", "wh.zhang", "sc.officer", "sc.leader", "sj.auditor",
    "sj.plain",
)  # fmt: skip


def refusal(bulletins: Bulletins, verb: str, by: str, bulletin: Bulletin, **facts: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        bulletins(verb, by, bulletin, **facts)
    return refused.value.code, str(next(iter(refused.value.fields.values()), refused.value))


def told(kind: str, /, **facts: Any) -> list[str]:
    rows = Notification.objects.filter(kind=kind, **{f"facts__{name}": value for name, value in facts.items()})
    return list(rows.order_by("recipient__username").values_list("recipient__username", flat=True))


def due(bulletin: Bulletin) -> str:
    found = deadline(bulletin, "bulletin").due_at
    return show_instant(found) if found else ""


def months() -> list[str]:
    return [f"{month:%Y-%m}" for month in Bulletin.objects.order_by("month", "edition").values_list("month", flat=True)]


# Drafted by itself


def test_the_sweep_drafts_the_month_on_the_first(bulletins: Bulletins, now: Now) -> None:
    bulletins.october()
    for at in ("2026-10-31 23:59:59", "2026-10-31 24:00", "2026-11-01 00:00", "2026-11-01 00:09:59.999"):
        reminders.remind(now.set(at))
        assert months() == []
    reminders.remind(now.set(FIRST))
    bulletin = Bulletin.objects.get()
    assert (str(bulletin), bulletin.state, f"{bulletin.month}", bulletin.edition, bulletin.cut_off_at) == (
        "TB2026-10", "drafted", "2026-10-01", 1, now.at,
    )  # fmt: skip
    matter = bulletin.matter
    assert (matter.awaits, matter.holder, matter.holder_unit and matter.holder_unit.code) == (
        "send_bulletin", None, "KF",
    )  # fmt: skip
    assert (told("bulletin_drafted"), told("bulletin_sent")) == ([SUPERVISOR], [])
    entry = LedgerEntry.objects.get(matter=matter)
    assert (entry.verb, entry.actor.username, entry.facts) == (
        "draft_bulletin", "system",
        {"month": "2026-10", "edition": 1, "cut_off": now.at.isoformat(), "figures": bulletin.digest},
    )  # fmt: skip
    before = writes()
    reminders.remind(now.forward(seconds=0))
    assert writes() == before


def test_what_fell_due_at_its_end_is_judged_before_a_month_is_counted(play: Play, now: Now) -> None:
    """The sweep waits five seconds with what fell due, and longer with a miss that moves a state."""
    now.set("2026-10-30 11:59:58")
    assert deadline(play.upto("accepted"), "handling", 1).due_at == read_instant("2026-10-31 23:59:58")
    for seconds in (0, 5, 10, 60, 100, 600, 605):
        reminders.remind(now.set(read_instant("2026-11-01 00:00") + timedelta(seconds=seconds)))
        sweep(now.at)
    bulletin = Bulletin.objects.get()
    assert (bulletin.figures["total"]["counts"]["overdue"], bulletin.figures["total"]["counts"]["judged"]) == (1, 1)
    assert changes(bulletin.figures, freeze(bulletin.month, now.at)) == []


def test_a_month_is_drafted_once_however_often_the_sweep_comes(bulletins: Bulletins, now: Now) -> None:
    bulletins.drafted()
    assert [draft_missing(now.forward(minutes=1)) for _time in range(3)] == [0, 0, 0]
    assert (months(), Matter.objects.filter(kind="bulletin").count()) == (["2026-10"], 1)


def test_whoever_comes_second_leaves_nothing(bulletins: Bulletins, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sweeps at once: the second saw no bulletin when it began, and finds one when it writes."""
    bulletins.drafted()
    before = writes()
    seen = Bulletin.objects.none()
    monkeypatch.setattr("assessment.actions.bulletins._known", lambda: list(seen))
    assert draft_missing(now.at) == 0
    assert writes() == before


def test_after_an_outage_what_is_missing_is_drafted(bulletins: Bulletins, now: Now) -> None:
    bulletins.drafted()
    reminders.remind(now.set("2027-02-03 08:00"))
    assert months() == ["2026-10", "2026-11", "2026-12", "2027-01"]
    assert {
        str(row): row.cut_off_at for row in Bulletin.objects.exclude(edition=1, month="2026-10-01")
    } == dict.fromkeys(("TB2026-11", "TB2026-12", "TB2027-01"), now.at)
    assert [due(row) for row in Bulletin.objects.order_by("month")] == ["2026-11-06 24:00", "2026-12-07 24:00", "", ""]


def test_where_nothing_was_registered_yet_there_is_nothing_to_tell(play: Play, now: Now) -> None:
    play.upto("registered")
    assert (draft_missing(now.at), months()) == (0, [])
    assert (draft_missing(now.set("2026-12-01 00:10")), months()) == (1, ["2026-11"])


# By the fifth working day


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-10-01 00:00", "2026-10-13 24:00"),  # 8, 9, Saturday 10 worked, 12, 13: the holiday before them
        ("2026-11-01 00:00", "2026-11-06 24:00"),  # the first is a Sunday
        ("2026-05-01 00:00", "2026-05-11 24:00"),  # 6, 7, 8, Saturday 9 worked, 11
        ("2026-02-01 00:00", "2026-02-06 24:00"),
        ("2026-06-01 00:00", "2026-06-05 24:00"),  # the first itself counts
    ],
)
def test_the_clock_ends_with_the_fifth_working_day(play: Play, now: Now, first: str, expected: str) -> None:
    now.set(read_instant(first) - timedelta(days=3))
    play.upto("registered")
    for later in (timedelta(minutes=10), timedelta(days=2, hours=5)):
        reminders.remind(now.set(read_instant(first) + later))
    clock = deadline(Bulletin.objects.get(), "bulletin")
    assert (due(Bulletin.objects.get()), clock.limit_text, show_instant(clock.started_at)) == (
        expected, "5wd", show_instant(read_instant(first) - timedelta(microseconds=1)),
    )  # fmt: skip


def test_the_limit_is_in_the_table_and_can_be_changed(bulletins: Bulletins, now: Now) -> None:
    now.set("2026-10-05 09:00")
    assert str(limits_in_force(now.at).limit("bulletin")) == "5wd"
    bulletins.play("set_policy", "sc.officer", day_ends_at="17:30")
    assert due(bulletins.drafted()) == "2026-11-06 17:30"


@pytest.mark.parametrize(("at", "status"), [("2026-11-06 24:00", "met"), ("2026-11-07 00:00", "missed")])
def test_sent_at_the_last_instant_or_after_it(bulletins: Bulletins, now: Now, at: str, status: str) -> None:
    bulletin = bulletins.drafted()
    now.set(at)
    bulletin = bulletins("send_bulletin", SUPERVISOR, bulletin)
    clock = deadline(bulletin, "bulletin")
    assert (bulletin.state, clock.status, clock.met_at) == ("sent", status, now.at)


def test_a_missed_one_is_told_to_supervisors_and_marketing(bulletins: Bulletins, now: Now) -> None:
    bulletin = bulletins.drafted()
    sweep(now.set("2026-11-07 00:00:06"))
    assert told("missed", kind="bulletin") == [SUPERVISOR, "sc.leader", "sc.officer", "sc.officer2"]
    assert (deadline(bulletin, "bulletin").status, Bulletins.again(bulletin).state) == ("missed", "drafted")
    assert verbs_of(bulletin) == ["draft_bulletin", "miss"]


def test_supervisors_are_warned_before_it_is_due(bulletins: Bulletins, now: Now) -> None:
    bulletins.drafted()
    reminders.remind(now.set("2026-11-05 23:00"))
    assert told("warned", kind="bulletin", percent=80) == [SUPERVISOR]


def test_no_working_day_is_guessed_where_the_calendar_is_not_published(bulletins: Bulletins, now: Now) -> None:
    """S44: the bulletin of December is due in 2027, whose calendar nobody knows."""
    now.set("2026-12-30 10:00")
    bulletins.play.upto("registered")
    reminders.remind(now.set("2027-01-01 00:10:30"))
    bulletin = Bulletin.objects.get(month="2026-12-01")
    clock = deadline(bulletin, "bulletin")
    sweep(now.set("2027-03-01 09:00"))
    assert (clock.due_at, clock.waits_for_calendar, deadline(bulletin, "bulletin").status) == (None, True, "open")
    reminders.remind(now.at)
    raised = Alarm.objects.filter(kind="calendar", cleared_at=None)
    assert set(raised.values_list("key", flat=True)) == {"calendar:2027"}
    assert Alarm.objects.filter(kind="waiting", matter=bulletin.matter, cleared_at=None).count() == 1
    now.set("2027-03-01 10:00")
    bulletins.play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-01"])
    assert due(bulletin) == "2027-03-01 24:00"
    assert deadline(bulletins("send_bulletin", SUPERVISOR, bulletin), "bulletin").status == "met"


def test_a_draft_that_waits_too_long_raises_an_alarm(bulletins: Bulletins, now: Now) -> None:
    bulletin = bulletins.drafted()
    reminders.remind(now.set("2026-11-10 23:00"))
    assert Alarm.objects.filter(kind="waiting", matter=bulletin.matter).count() == 0
    reminders.remind(now.set("2026-11-11 00:11"))
    alarm = Alarm.objects.get(kind="waiting", matter=bulletin.matter)
    assert (alarm.unit and alarm.unit.code, alarm.facts) == ("KF", {"awaits": "send_bulletin"})
    bulletins("send_bulletin", SUPERVISOR, bulletin)
    assert Alarm.objects.get(kind="waiting", matter=bulletin.matter).cleared_at == now.at


# Sent by a supervisor of the centre, with the figures they read


def test_sending_numbers_it_and_tells_all_units(bulletins: Bulletins, now: Now) -> None:
    bulletin = bulletins.sent()
    assert (bulletin.state, bulletin.number, str(bulletin.sent_by), bulletin.sent_at, bulletin.matter.awaits) == (
        "sent", "鄂移客通〔2026〕1号", str(bulletins.play.cast[SUPERVISOR]), now.at, "",
    )  # fmt: skip
    assert told("bulletin_sent", month="2026-10", number="鄂移客通〔2026〕1号") == [
        "kf.head", "sc.leader", "sc.officer", "sc.officer2", "sj.head", "wh.contact", "wh.deputy", "wh.head",
        "wl.contact", "wl.leader", "yc.contact", "yc.head", "zd.head",
    ]  # fmt: skip
    paper = Paper.objects.get(kind="bulletin")
    entry = LedgerEntry.objects.get(matter=bulletin.matter, verb="send_bulletin")
    assert (paper.number, paper.version, entry.facts["papers"]) == (bulletin.number, 1, [paper.digest])
    assert (entry.facts["figures"], entry.facts["number"]) == (bulletin.digest, bulletin.number)
    assert broken(Matter.objects.get(pk=bulletin.pk)) is None


def test_only_a_supervisor_of_the_centre_sends_and_drafts(bulletins: Bulletins) -> None:
    bulletin = bulletins.drafted()
    for verb, label in (("send_bulletin", "发送通报"), ("draft_bulletin", "更新数据重新拟稿")):
        assert [refusal(bulletins, verb, by, bulletin) for by in OTHERS] == [
            ("forbidden", f"您没有“{label}”的权限。")
        ] * len(OTHERS)
    actor = actor_for(bulletins.play.cast[SUPERVISOR].pk, bulletins.now.at)
    assert actor is not None
    assert [entry.name for entry in available(bulletin, actor)] == ["draft_bulletin", "send_bulletin"]
    bulletin = bulletins("send_bulletin", SUPERVISOR, bulletin)
    assert [entry.name for entry in available(bulletin, actor)] == ["withdraw_bulletin"]
    assert [refusal(bulletins, "withdraw_bulletin", by, bulletin)[0] for by in OTHERS] == ["forbidden"] * len(OTHERS)
    assert refusal(bulletins, "send_bulletin", SUPERVISOR, bulletin) == ("state", "当前状态“已发送”不能“发送通报”。")


def test_who_read_older_figures_does_not_send_them(bulletins: Bulletins, now: Now) -> None:
    bulletin = bulletins.drafted()
    read = bulletin.shown_for("send_bulletin")
    now.set("2026-11-02 09:00")
    bulletin = bulletins("draft_bulletin", SUPERVISOR, bulletin)
    assert (bulletin.cut_off_at, bulletin.state, Bulletin.objects.count()) == (now.at, "drafted", 1)
    assert refusal(bulletins, "send_bulletin", SUPERVISOR, bulletin, seen=read)[0] == "stale"
    sent = bulletins("send_bulletin", SUPERVISOR, bulletin, seen=bulletin.shown_for("send_bulletin"))
    assert (sent.state, sent.remarks) == ("sent", LedgerEntry.objects.get(verb="send_bulletin").texts)


def test_a_bulletin_is_begun_by_the_sweep_alone(bulletins: Bulletins) -> None:
    bulletins.drafted()
    before = writes()
    with pytest.raises(Refused) as refused:
        bulletins("draft_bulletin", SUPERVISOR, Bulletin())
    assert (refused.value.code, writes()) == ("state", before)


# What was sent never changes


def excuse(bulletins: Bulletins, made: dict[str, Any]) -> None:
    """The late answer of October was a fault of the system: two people of marketing say so in November."""
    complaint = bulletins.play.again(made["late"])
    name = deadline(complaint, "handling", 1).name
    bulletins.play("propose_excuse", "sc.officer", complaint, deadlines=[name], reason="系统故障。")
    bulletins.play("confirm_excuse", "sc.leader", complaint, deadlines=[name])


def test_frozen_figures_stay_when_an_excuse_comes_later(bulletins: Bulletins, now: Now) -> None:
    made = bulletins.october()
    draft_missing(now.set(FIRST))
    bulletin = bulletins("send_bulletin", SUPERVISOR, Bulletin.objects.get())
    frozen, text = bulletin.figures, Paper.objects.get(kind="bulletin").text
    assert changes(frozen, freeze(bulletin.month, now.at)) == []
    now.set("2026-11-04 10:00")
    excuse(bulletins, made)
    bulletin = Bulletins.again(bulletin)
    assert (bulletin.figures, Paper.objects.get(kind="bulletin").text) == (frozen, text)
    assert [
        (change.unit, str(change.label), change.frozen, change.present)
        for change in changes(frozen, freeze(bulletin.month, now.at))
    ] == [
        ("WH", "按时处理率", "33.3%（1/3）", "50.0%（1/2）"),
        ("WH", "处理超时", "2", "1"),
        ("WH", "解决率", "50.0%（1/2）", "100.0%（1/1）"),
        ("", "按时处理率", "50.0%（2/4）", "66.7%（2/3）"),
        ("", "处理超时", "2", "1"),
        ("", "解决率", "33.3%（1/3）", "50.0%（1/2）"),
    ]


def test_a_draft_is_made_anew_with_what_was_corrected(bulletins: Bulletins, now: Now) -> None:
    made = bulletins.october()
    draft_missing(now.set(FIRST))
    now.set("2026-11-02 10:00")
    excuse(bulletins, made)
    bulletin = bulletins("draft_bulletin", SUPERVISOR, Bulletin.objects.get())
    assert changes(bulletin.figures, freeze(bulletin.month, now.at)) == []
    assert due(bulletin) == "2026-11-06 24:00"


def test_one_that_was_withdrawn_is_drafted_anew_by_the_sweep(bulletins: Bulletins, now: Now) -> None:
    sent = bulletins.sent()
    now.set("2026-11-10 09:00")
    withdrawn = bulletins("withdraw_bulletin", SUPERVISOR, sent)
    assert (withdrawn.state, withdrawn.figures, withdrawn.number, withdrawn.matter.awaits) == (
        "withdrawn", sent.figures, sent.number, "",
    )  # fmt: skip
    assert told("bulletin_withdrawn") == told("bulletin_sent")
    assert [draft_missing(now.forward(seconds=30)), draft_missing(now.forward(seconds=30))] == [1, 0]
    second = Bulletin.objects.get(state="drafted")
    assert (str(second), second.edition, due(second)) == ("TB2026-10-2", 2, "2026-11-17 24:00")
    assert bulletins("send_bulletin", SUPERVISOR, second).number == "鄂移客通〔2026〕2号"
    assert deadline(sent, "bulletin").status == "met"


# The numbers


def test_the_numbers_are_what_the_ledger_tells(bulletins: Bulletins) -> None:
    """Recounted in plain Python by another hand, entry by entry; shares and ranks worked out anew."""
    figures = bulletins.drafted().figures
    told = numbers_of(read_instant("2026-10-01 00:00"), read_instant("2026-11-01 00:00"))
    assert {line["unit"]: line["counts"] for line in figures["lines"]} == of_bulletin(told)
    rates = {code: Fraction(n["resolved"], n["closed_in_scope"]) for code, n in told.items() if n["closed_in_scope"]}
    assert {line["unit"]: line["shares"]["resolved"] for line in figures["lines"]} == {
        code: str(rates[code]) if code in rates else None for code in told
    }
    places = {code: 1 + len([other for other in rates.values() if other > rate]) for code, rate in rates.items()}
    assert {line["unit"]: line["rank"] for line in figures["lines"]} == {code: places.get(code) for code in told}
    assert figures["total"]["counts"] == {
        name: sum(n[name] for n in told.values()) for name in figures["total"]["counts"]
    }


def test_ties_share_a_rank_and_units_without_volume_have_none(bulletins: Bulletins) -> None:
    bulletin = bulletins.drafted()
    ranks = {line["unit"]: (line["shares"]["resolved"], line["rank"]) for line in bulletin.figures["lines"]}
    assert ranks == {"SJ": (None, None), "WH": ("1/2", 1), "WL": (None, None), "YC": ("0", 2), "ZD": (None, None)}


def test_nothing_of_bulletins_waits_for_a_calendar_once_they_are_sent(bulletins: Bulletins) -> None:
    bulletins.sent()
    assert Deadline.objects.filter(kind="bulletin").exclude(met_at=None).count() == 1
