"""Every story in tests/scenarios holds; what a file may say wrongly is told; a refused step leaves nothing behind."""

import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.deadlines.limits import SHANGHAI
from accountability.gate import perform as gate
from accountability.models import AccessLog, CalendarYear, Deadline, TimeLimits
from config.replay import player
from config.replay.making import write_log
from config.replay.player import Result, play
from config.replay.problems import BadScenario
from config.replay.reader import files_in, name_of, read
from config.replay.stage import set_stage

FOLDER = Path(__file__).parents[2] / "scenarios"
mark = pytest.mark

STORIES = [
    pytest.param("01-satisfied-and-archived", marks=[mark.rule("R18"), mark.rule("R19"), mark.rule("R24"),
                                                     mark.rule("R33"), mark.rule("R35"), mark.rule("R37")]),
    pytest.param("02-thirty-minutes", marks=[mark.rule("R19"), mark.rule("R20"), mark.rule("R21")]),
    pytest.param("03-duty-clock"),
    pytest.param("04-not-ours", marks=[mark.rule("R27"), mark.rule("R28")]),
    pytest.param("05-who-replies", marks=[mark.rule("R34"), mark.rule("R35")]),
    pytest.param("06-not-satisfied", marks=[mark.rule("R7")]),
    pytest.param("07-coordination", marks=[mark.rule("R29"), mark.rule("R30"), mark.rule("R31"), mark.rule("R32")]),
    pytest.param("08-self-inspection-limits", marks=[mark.rule("R40"), mark.rule("R42"), mark.rule("R43"),
                                                     mark.rule("R45")]),
    pytest.param("09-admitted-penalties", marks=[mark.rule("R44"), mark.rule("R47"), mark.rule("R50"), mark.rule("R51"),
                                                 mark.rule("R52")]),
    pytest.param("10-disputed-panel", marks=[mark.rule("R46"), mark.rule("R48")]),
    pytest.param("11-limits-keep-their-version", marks=[mark.rule("R6"), mark.rule("R15")]),
    pytest.param("12-calendar-missing"),
    pytest.param("15-panel-binds", marks=[mark.rule("R48")]),
    pytest.param("20-silent-ruling", marks=[mark.rule("R19"), mark.rule("R27"), mark.rule("R28")]),
    pytest.param("21-return-after-the-thirty-minutes", marks=[mark.rule("R19"), mark.rule("R27")]),
    pytest.param("22-lead-goes-with-the-return", marks=[mark.rule("R27"), mark.rule("R28")]),
    pytest.param("23-third-dispatch-is-a-ruling", marks=[mark.rule("R28")]),
    pytest.param("24-judged-incomplete", marks=[mark.rule("R24"), mark.rule("R25"), mark.rule("R33")]),
    pytest.param("25-network-limits", marks=[mark.rule("R6"), mark.rule("R24")]),
    pytest.param("26-handled-directly", marks=[mark.rule("R10"), mark.rule("R33")]),
    pytest.param("27-the-head-stands-in", marks=[mark.rule("R4"), mark.rule("R17"), mark.rule("R20")]),
    pytest.param("28-repeats", marks=[mark.rule("R12")]),
    pytest.param("29-no-repeats", marks=[mark.rule("R12"), mark.rule("R28")]),
    pytest.param("30-urgent-and-coordinated", marks=[mark.rule("R12"), mark.rule("R14")]),
    pytest.param("31-who-sees-what"),
    pytest.param("32-forwarded-and-corrected", marks=[mark.rule("R1"), mark.rule("R9"), mark.rule("R34")]),
    pytest.param("33-year-not-yet-published", marks=[mark.rule("R6"), mark.rule("R15")]),
    pytest.param("34-years-of-the-file", marks=[mark.rule("R6"), mark.rule("R7"), mark.rule("R15")]),
    pytest.param("35-a-quiet-week", marks=[mark.rule("R19"), mark.rule("R24")]),
    pytest.param("36-the-leader-takes-over", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R20"),
                                                     mark.rule("R21")]),
    pytest.param("37-ranking", marks=[mark.rule("R53")]),
    pytest.param("38-chased", marks=[mark.rule("R7"), mark.rule("R13")]),
    pytest.param("39-the-end-of-the-day", marks=[mark.rule("R19"), mark.rule("R27")]),
    pytest.param("41-objected-and-written-anew", marks=[mark.rule("R30"), mark.rule("R31")]),
    pytest.param("42-concluded-in-time-or-not", marks=[mark.rule("R30")]),
    pytest.param("43-cooperation-missed", marks=[mark.rule("R32")]),
    pytest.param("44-closed-with-tasks-open", marks=[mark.rule("R30"), mark.rule("R32")]),
    pytest.param("45-returned-with-a-coordination", marks=[mark.rule("R29"), mark.rule("R30")]),
    pytest.param("46-one-table-at-a-time", marks=[mark.rule("R29")]),
    pytest.param("47-the-invited-see-their-own", marks=[mark.rule("R29"), mark.rule("R31")]),
    pytest.param("48-more-time", marks=[mark.rule("R24")]),
    pytest.param("49-called-off-and-carried-on", marks=[mark.rule("R3"), mark.rule("R29"), mark.rule("R32")]),
    pytest.param("50-recalled", marks=[mark.rule("R11"), mark.rule("R28")]),
    pytest.param("51-recalled-too-late-for-the-lead", marks=[mark.rule("R19")]),
    pytest.param("52-corrected", marks=[mark.rule("R6"), mark.rule("R8"), mark.rule("R12")]),
    pytest.param("53-network-after-all", marks=[mark.rule("R6")]),
    pytest.param("54-tier-moves-the-reply", marks=[mark.rule("R34"), mark.rule("R35")]),
    pytest.param("55-registered-twice", marks=[mark.rule("R7")]),
    pytest.param("56-withdrawn", marks=[mark.rule("R7"), mark.rule("R53")]),
    pytest.param("57-unreachable", marks=[mark.rule("R7"), mark.rule("R34"), mark.rule("R37")]),
    pytest.param("58-the-handler-is-away", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R24")]),
    pytest.param("59-the-leader-is-away", marks=[mark.rule("R20"), mark.rule("R21")]),
    pytest.param("60-the-forwarder-is-gone", marks=[mark.rule("R34")]),
    pytest.param("61-told-by-telephone", marks=[mark.rule("R19")]),
    pytest.param("62-excused", marks=[mark.rule("R38"), mark.rule("R53")]),
    pytest.param("70-leads-taken-up", marks=[mark.rule("R38"), mark.rule("R39")]),
    pytest.param("71-lead-of-the-invited", marks=[mark.rule("R32"), mark.rule("R38")]),
    pytest.param("72-case-stands-lead-goes", marks=[mark.rule("R27"), mark.rule("R38")]),
    pytest.param("73-declined", marks=[mark.rule("R42")]),
    pytest.param("74-the-sheet", marks=[mark.rule("R38"), mark.rule("R39"), mark.rule("R40")]),
    pytest.param("75-route-two", marks=[mark.rule("R41"), mark.rule("R42")]),
    pytest.param("76-notice-in-two-working-days", marks=[mark.rule("R42")]),
    pytest.param("77-the-day-ends-at-half-past-five", marks=[mark.rule("R42"), mark.rule("R43"), mark.rule("R45")]),
    pytest.param("78-report-in-five-working-days", marks=[mark.rule("R43"), mark.rule("R45"), mark.rule("R46")]),
    pytest.param("79-deemed-to-the-end", marks=[mark.rule("R45"), mark.rule("R50"), mark.rule("R51"),
                                                mark.rule("R52")]),
    pytest.param("80-who-may-report", marks=[mark.rule("R43"), mark.rule("R44"), mark.rule("R46")]),
    pytest.param("81-panel-finds-a-violation", marks=[mark.rule("R48"), mark.rule("R49"), mark.rule("R50"),
                                                      mark.rule("R51"), mark.rule("R52")]),
    pytest.param("82-cleared", marks=[mark.rule("R46"), mark.rule("R48")]),
    pytest.param("83-only-the-stamped-pay", marks=[mark.rule("R32"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("84-last-handed-over", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R47"), mark.rule("R50")]),
    pytest.param("85-returned-between", marks=[mark.rule("R3"), mark.rule("R28"), mark.rule("R50")]),
    pytest.param("86-stamped-then-changed", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R50"),
                                                   mark.rule("R51")]),
    pytest.param("87-persons-named", marks=[mark.rule("R44"), mark.rule("R47"), mark.rule("R50")]),
    pytest.param("88-one-person-two-grounds", marks=[mark.rule("R4"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("89-any-person-of-the-unit", marks=[mark.rule("R41"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("90-contact-at-fault", marks=[mark.rule("R19"), mark.rule("R22")]),
    pytest.param("91-contact-not-at-fault", marks=[mark.rule("R17"), mark.rule("R22")]),
    pytest.param("92-nobody-judged-without-a-calendar", marks=[mark.rule("R42"), mark.rule("R43"), mark.rule("R45")]),
    pytest.param("93-who-sees-a-case", marks=[mark.rule("R22"), mark.rule("R40"), mark.rule("R41")]),
    pytest.param("94-penalties-in-ten-working-days", marks=[mark.rule("R47"), mark.rule("R49"), mark.rule("R50")]),
    pytest.param("95-ranking-confirmed", marks=[mark.rule("R53")]),
    pytest.param("125-late-member-replaced", marks=[mark.rule("R48"), mark.rule("R49")]),
    pytest.param("126-who-sits-on-no-panel", marks=[mark.rule("R48")]),
    pytest.param("127-the-opener-leads-alone", marks=[mark.rule("R48")]),
    pytest.param("140-more-time-counts-once", marks=[mark.rule("R24"), mark.rule("R53")]),
    pytest.param("141-granted-time-missed", marks=[mark.rule("R24"), mark.rule("R38"), mark.rule("R53")]),
    pytest.param("150-silence-confirms", marks=[mark.rule("R30"), mark.rule("R31")]),
    pytest.param("151-confirmations-void", marks=[mark.rule("R30")]),
    pytest.param("152-ends-with-its-round", marks=[mark.rule("R30"), mark.rule("R32")]),
    pytest.param("153-every-limit-revised", marks=[mark.rule("R6"), mark.rule("R15")]),
    pytest.param("154-opinion-lapses", marks=[mark.rule("R22")]),
    pytest.param("155-hand-off-taken-up-once", marks=[mark.rule("R22"), mark.rule("R38")]),
    pytest.param("156-duty-hours-of-a-unit", marks=[mark.rule("R6"), mark.rule("R19"), mark.rule("R20")]),
    pytest.param("160-leaders-review", marks=[mark.rule("R18"), mark.rule("R24")]),
    pytest.param("161-review-ends-otherwise", marks=[mark.rule("R3"), mark.rule("R18"), mark.rule("R27")]),
    pytest.param("162-material-for-the-reply", marks=[mark.rule("R34"), mark.rule("R35"), mark.rule("R36")]),
    pytest.param("110-both-handlers-pay", marks=[mark.rule("R50"), mark.rule("R51")]),
    pytest.param("111-nobody-names-the-accuser", marks=[mark.rule("R32"), mark.rule("R44"), mark.rule("R47")]),
    pytest.param("112-in-one-form", marks=[mark.rule("R22"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("120-withdrawn-and-named-anew", marks=[mark.rule("R45"), mark.rule("R50"), mark.rule("R52")]),
    pytest.param("130-told-within-its-limits", marks=[mark.rule("R19"), mark.rule("R20")]),
    pytest.param("131-a-case-took-the-miss-up", marks=[mark.rule("R19"), mark.rule("R22")]),
    pytest.param("132-a-hand-over-is-taken-up-once", marks=[mark.rule("R22"), mark.rule("R38")]),
    pytest.param("133-held-by-the-leader", marks=[mark.rule("R20"), mark.rule("R21"), mark.rule("R38")]),
    pytest.param("170-marketing-coordinates",
                 marks=[mark.rule("R13"), mark.rule("R14"), mark.rule("R29"), mark.rule("R30")]),
    pytest.param("171-flags-set-later", marks=[mark.rule("R6"), mark.rule("R12"), mark.rule("R14")]),
    pytest.param("172-withdrawn-after-unsatisfied", marks=[mark.rule("R7"), mark.rule("R53")]),
    pytest.param("173-no-way-round", marks=[mark.rule("R7")]),
    pytest.param("174-a-slip-put-right", marks=[mark.rule("R7"), mark.rule("R37"), mark.rule("R53")]),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES)
def test_the_story_holds(story: str) -> None:
    scenario = read(FOLDER / f"{story}.yaml")
    result = play(scenario)
    assert (result.failures, result.steps) == ([], scenario.length)


def test_every_story_is_played_under_the_rules_its_title_names() -> None:
    marked = {param.values[0]: {each.args[0] for each in param.marks} for param in STORIES}
    titles = {name_of(path): read(path).title for path in files_in(FOLDER)}
    assert marked == {name: set(re.findall(r"\bR\d+\b", title)) for name, title in titles.items()}


# Refusals


def everything() -> dict[str, list[Any]]:
    """Every row of the three apps but the access log, where a refusal may leave its line."""
    models = [
        m for name in ("accountability", "complaints", "assessment") for m in apps.get_app_config(name).get_models()
    ]
    return {m._meta.label: list(m._base_manager.order_by("pk").values()) for m in models if m is not AccessLog}


@pytest.mark.django_db
@pytest.mark.parametrize("story", ["02-thirty-minutes", "23-third-dispatch-is-a-ruling", "32-forwarded-and-corrected"])
def test_a_refused_step_changes_nothing_and_is_logged(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Any] = []

    def perform(*args: Any, **kwargs: Any) -> Any:
        before, logged = everything(), AccessLog.objects.count()
        try:
            return done(*args, **kwargs)
        except gate.Refused:
            compared.append((everything() == before, AccessLog.objects.count() - logged))
            raise

    done = gate.perform
    monkeypatch.setattr(gate, "perform", perform)
    result = play(read(FOLDER / f"{story}.yaml"))
    assert compared == [(True, 1)] * result.refused
    assert result.refused > 2


# What doesn't hold

INTAKE = {
    "customer": "甲", "phone": "13900000001", "tier": "none", "channel": "call", "category": "企业形象",
    "priority": "P3", "region": "武汉", "content": "门店形象",
}  # fmt: skip
REGISTER = {"at": "2026-11-24 09:00", "by": "kf.agent", "do": "register", "complaint": "C1", "with": INTAKE}
DISPATCH = {"at": "2026-11-24 09:00", "by": "kf.agent", "do": "dispatch", "complaint": "C1", "with": {"unit": "WH"}}


def write(folder: Path, story: dict[str, Any], name: str = "story.yaml") -> Path:
    """JSON is YAML, so one writer serves."""
    path = folder / name
    path.write_text(json.dumps({"title": "a story"} | story, ensure_ascii=False), encoding="utf-8")
    return path


def played(folder: Path, *steps: dict[str, Any], expect: list[Any] | None = None, **more: Any) -> Result:
    return play(read(write(folder, {"steps": list(steps), "expect": expect or [], **more})))


@pytest.mark.django_db
def test_what_does_not_hold_says_what_was_expected_and_what_was_found(tmp_path: Path) -> None:
    expect = [
        {"complaint": "C1", "state": "dispatched", "unit": "YC", "holder": None, "flags": ["major"], "rounds": 1},
        {"deadline": "handoff", "of": "C1#1", "due": "2026-11-24 09:29", "status": "met", "met_at": "2026-11-24 09:10"},
        {"complaint": "C2", "state": "registered"},
        {"complaint": "C1", "at": "2026-11-24 09:31", "visible_to": {"wh.contact": False, "yc.chen": False}},
        {"leads": "WH", "at": "2026-11-24 10:00", "count": 0},
        {"ranking": 2026, "at": "2026-11-24 10:00", "needs_decision": False, "rates": {"WH": "1/2"}},
    ]
    assert played(tmp_path, REGISTER, DISPATCH, expect=expect).failures == [
        "complaint C1 at 2026-11-24 09:00: unit expected YC, found WH",
        "complaint C1 at 2026-11-24 09:00: holder expected null, found wh.contact",
        "complaint C1 at 2026-11-24 09:00: flags expected [major], found []",
        "deadline handoff C1#1 at 2026-11-24 09:00: due expected 2026-11-24 09:29, found 2026-11-24 09:30",
        "deadline handoff C1#1 at 2026-11-24 09:00: status expected met, found open",
        "deadline handoff C1#1 at 2026-11-24 09:00: met_at expected 2026-11-24 09:10, found null",
        "complaint C2 at 2026-11-24 09:00: expected to be there, found none",
        "complaint C1 at 2026-11-24 09:31: visible_to expected {wh.contact: false, yc.chen: false}, "
        "found {wh.contact: true, yc.chen: false}",
        "leads WH at 2026-11-24 10:00: count expected 0, found 1",
        "ranking 2026 at 2026-11-24 10:00: rates expected {WH: 1/2}, found {WH: null}",
        "ranking 2026 at 2026-11-24 10:00: needs_decision expected false, found true",
    ]


@pytest.mark.django_db
def test_a_refusal_that_was_not_announced_and_one_that_did_not_come_both_fail(tmp_path: Path) -> None:
    result = played(
        tmp_path, REGISTER | {"refused": True}, REGISTER, DISPATCH | {"complaint": "C1", "by": "wh.contact"},
        REGISTER | {"complaint": "C2", "by": "yc.chen", "refused": True}, DISPATCH | {"complaint": "C2"},
    )  # fmt: skip
    assert result.failures == [
        "step 1 (2026-11-24 09:00, kf.agent, register, C1): expected to be refused, but it was done",
        "step 2 (2026-11-24 09:00, kf.agent, register, C1): refused: 当前状态“已登记，待派单”不能“登记受理”。",
        "step 3 (2026-11-24 09:00, wh.contact, dispatch, C1): refused: 您没有“派单”的权限。",
        "step 5 (2026-11-24 09:00, kf.agent, dispatch, C2): refused: there is no C2: its beginning was refused",
    ]
    assert (result.steps, result.refused) == (5, 4)


@pytest.mark.django_db
def test_questions_are_asked_after_the_acts_of_their_instant_and_before_the_sweep(tmp_path: Path) -> None:
    late = DISPATCH | {
        "at": "2026-11-24 10:00",
        "do": "hand_off",
        "by": "wh.contact",
        "with": {"to": "wh.li", "method": "sms"},
    }
    expect = [
        {
            "deadline": "handoff",
            "of": "C1#1",
            "at": "2026-11-24 10:00",
            "status": "missed",
            "met_at": "2026-11-24 10:00",
        },
        {"deadline": "handoff", "of": "C1#1", "at": "2026-11-24 09:30", "status": "open", "missed_since": None},
        {"deadline": "handoff", "of": "C1#1", "at": "2026-11-24 09:30:00.001", "status": "missed", "met_at": None},
        {"complaint": "C1", "at": "2026-11-24 09:00", "state": "dispatched"},
    ]
    assert played(tmp_path, REGISTER, DISPATCH, late, expect=expect).failures == []
    missed = Deadline.objects.get(kind="handoff")
    assert missed.noticed_at == datetime(2026, 11, 24, 9, 30, 0, 1, tzinfo=SHANGHAI)


# What is wrong with a file

BROKEN: list[tuple[dict[str, Any], str]] = [
    (
        {"steps": [REGISTER | {"when": "now"}]},
        "step 1 (2026-11-24 09:00, kf.agent, register, C1): step: unknown key when",
    ),
    ({"steps": [{"plan": "P1"} | REGISTER | {"do": "begin_plan"}]}, "step: unknown key plan"),
    (
        {"steps": [REGISTER | {"do": "refuse"}]},
        "step 1 (2026-11-24 09:00, kf.agent, refuse, C1): unknown verb 'refuse'",
    ),
    ({"steps": [REGISTER | {"by": "kf.nobody"}]}, "unknown person 'kf.nobody'"),
    ({"steps": [REGISTER | {"with": INTAKE | {"mood": "bad"}}]}, "with: unknown key mood"),
    ({"steps": [REGISTER | {"with": INTAKE | {"forwarded_by": "x"}}]}, "unknown person 'x'"),
    ({"steps": [REGISTER | {"at": "24.11.2026 09:00"}]}, "not an instant"),
    ({"steps": [REGISTER, REGISTER | {"at": "2026-11-24 08:59", "complaint": "C2"}]}, "step 2 (2026-11-24 08:59"),
    ({"steps": [DISPATCH]}, "unknown complaint 'C1'"),
    ({"steps": [DISPATCH | {"case": "V1"}]}, "to both"),
    ({"steps": [{"at": "2026-11-24 09:00", "by": "kf.agent", "do": "dispatch"}]}, "dispatch is done to a complaint"),
    ({"steps": [REGISTER | {"refused": "yes"}]}, "refused must be true or false"),
    ({"steps": ["register"]}, "step 1: step must be a mapping"),
    ({"steps": {}, "expected": []}, "the file: unknown key expected"),
    ({"steps": "none"}, "steps must be a list"),
    ({"steps": [], "expect": [{"complaint": "C1", "mood": "bad"}]}, "expect 1: complaint: unknown key mood"),
    ({"steps": [], "expect": [{"customer": "C1"}]}, "expect 1: unknown entry customer"),
    ({"steps": [], "expect": [{"leads": "XX", "count": 0}]}, "unknown unit 'XX'"),
    ({"steps": [], "expect": [{"complaint": "C1", "holder": "nobody"}]}, "unknown person 'nobody'"),
    ({"steps": [], "expect": [{"deadline": "handoff", "of": "C1"}]}, "a round is written C1#1"),
    ({"steps": [], "expect": [{"deadline": "lunch", "of": "C1"}]}, "unknown deadline 'lunch'"),
    ({"steps": [], "expect": [{"deadline": "legal", "of": "C1", "due": "soon"}]}, "expect 1: not an instant"),
    ({"steps": [], "settings": {"hand_off_clock": "duty"}}, "settings: unknown key hand_off_clock"),
    ({"steps": [], "settings": {"handoff_clock": "fast"}}, "settings: handoff_clock"),
    ({"steps": [], "settings": {"handling": {"P1": "1wd"}}}, "settings: handling"),
    ({"steps": [], "settings": {"repeat_within": "a month"}}, "repeat_within is written 30d"),
    (
        {"steps": [], "settings": {"calendar": {"2027": {"days_off": ["2026-01-01"]}}}},
        "isn't a day of 2027|not a day of 2027",
    ),
    ({"steps": [], "settings": {"calendar_until": "soon"}}, "not a year"),
    ({"steps": [], "organisation": {"units": []}}, "organisation: employees is missing"),
    (
        {"steps": [], "organisation": {"units": [{"code": "A", "kind": "branch", "head": "x"}], "employees": []}},
        "person 'x'",
    ),
    ({"steps": [], "organisation": {"units": [], "employees": [{"username": "x", "unit": "A"}]}}, "unknown unit 'A'"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("story", "said"), BROKEN, ids=[said for _story, said in BROKEN])
def test_a_fault_of_the_file_is_told_with_its_place(story: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadScenario) as told:
        play(read(write(tmp_path, story)))
    assert any(each in str(told.value) for each in said.split("|"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "title: [", "not YAML"),
        ("a.yaml", "title: a\ntitle: b\nsteps: []", "the key 'title' stands twice"),
        ("a.yaml", "just words", "the file must be a mapping"),
        ("a.txt", "", "a scenario's name ends in"),
        ("a.jsonl", "", "the file is empty"),
        ("a.jsonl", '{"title": "a"}\n{"at": ', "line 2: not JSON"),
        ("a.jsonl", '{"title": "a", "title": "b"}', "line 1: not JSON: a key stands twice"),
        ("a.jsonl", '{"title": "a"}\n{"expect": {"totals": true}}\n{"do": "register"}', "line 3: a step after"),
        ("a.jsonl.gz", "not zipped", "can't be read"),
        ("missing.yaml", None, "can't be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(name: str, text: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadScenario, match=re.escape(said)):
        list(read(path).steps())


def test_dates_clock_times_and_long_numbers_stay_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "title: a\nsettings: {day_ends_at: 17:30, calendar_until: 2026}\nsteps:\n"
        "  - {at: 2026-11-24 09:00:00, phone: 013900000001, months: 1.5, satisfied: true, days_off: [2027-01-01]}\n"
    )
    scenario = read(path)
    assert scenario.settings == {"day_ends_at": "17:30", "calendar_until": 2026}
    assert list(scenario.steps()) == [
        {
            "at": "2026-11-24 09:00:00",
            "phone": "013900000001",
            "months": 1.5,
            "satisfied": True,
            "days_off": ["2027-01-01"],
        }
    ]


# The stage


@pytest.mark.django_db
def test_settings_are_the_version_in_force_from_the_beginning(tmp_path: Path) -> None:
    settings = {
        "handling": {"P1": "1h"}, "return": {"P3": "2wd"}, "repeat_within": "12h", "returns_before_ruling": 0,
        "calendar_until": 2025,
    }  # fmt: skip
    set_stage(read(write(tmp_path, {"steps": [], "settings": settings})))
    limits = TimeLimits.objects.latest("version")
    assert limits.handling == {"P1": "1h", "P2": "24h", "P3": "36h"}
    assert limits.returning == {"P1": "1h", "P2": "4h", "P3": "2wd"}
    assert (limits.repeat_within_hours, limits.returns_before_ruling) == (12, 0)
    assert CalendarYear.objects.latest("year").year == 2025


# Logs


@pytest.mark.django_db
def test_a_log_is_read_line_by_line_and_holds(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    write_log(path, 5)
    scenario = read(path)
    assert (scenario.name, scenario.is_log, scenario.length, len(scenario.expect)) == ("log", True, 43, 1)
    beaten: list[int] = []
    result = play(scenario, on_step=lambda: beaten.append(1))
    assert (result.failures, result.steps, result.refused, len(beaten)) == ([], 43, 0, 43)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        steps = [json.loads(line) for line in file][1:-1]
    assert steps == sorted(steps, key=lambda step: step["at"])


@pytest.mark.django_db
def test_how_many_statements_a_step_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written down so that a growth is seen; savepoints and the transaction's own statements are left out."""
    taken: dict[str, Counter[int]] = defaultdict(Counter)

    def perform(subject: Any, verb: str, **kwargs: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            outcome = done(subject, verb, **kwargs)
        taken[verb][sum("SAVEPOINT" not in query["sql"] for query in queries)] += 1
        return outcome

    done = gate.perform
    monkeypatch.setattr(player.gate, "perform", perform)
    path = tmp_path / "log.jsonl.gz"
    write_log(path, 4)
    play(read(path))
    assert {verb: sorted(counts) for verb, counts in taken.items()} == {
        "register": [13],
        "dispatch": [24, 25],
        "hand_off": [14],
        "request_return": [18],
        "rule_on_return": [29],
        "answer": [16],
        "judge_complete": [24],
        "reply": [15],
        "record_satisfaction": [11],
    }


# Rankings

UNITS = [("U1", 1, 0), ("U2", 1, 1), ("U3", 1, 1), ("U4", 0, 1), ("U5", 0, 1), ("U6", 0, 0)]
"""Code, rounds with a satisfied customer, rounds with another."""


def ranked_log(path: Path, units: list[tuple[str, int, int]], expected: dict[str, Any]) -> Path:
    organisation = {
        "units": [
            {"code": "KF", "kind": "service_centre", "head": "kf.head"},
            *({"code": code, "kind": "branch", "head": f"{code}.head"} for code, *_ in units),
        ],
        "employees": [
            {"username": "kf.head", "unit": "KF"},
            {"username": "kf.agent", "unit": "KF", "roles": ["agent"]},
            *({"username": f"{code}.head", "unit": code} for code, *_ in units),
            *({"username": f"{code}.one", "unit": code, "supervisor": f"{code}.head"} for code, *_ in units),
        ],
    }
    asked = [(code, n < good) for code, good, bad in units for n in range(good + bad)]
    steps = [step for number, (code, good) in enumerate(asked) for step in one_round(f"C{number}", code, good)]
    header = {"title": "a ranking", "organisation": organisation, "settings": {"repeat_within": "0d"}}
    lines = [header, *steps, {"expect": {"ranking": 2026} | expected}]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def one_round(name: str, code: str, satisfied: bool) -> list[dict[str, Any]]:
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("kf.agent", "register", INTAKE),
        ("kf.agent", "dispatch", {"unit": code}),
        (f"{code}.head", "hand_off", {"to": f"{code}.one", "method": "system"}),
        (f"{code}.one", "answer", {"result": "已处理", "cause": "疏忽"}),
        ("kf.agent", "judge_complete", {"complete": True}),
        ("kf.agent", "reply", {"content": "已处理"}),
        ("kf.agent", "record_satisfaction", {"satisfied": satisfied}),
    ]
    return [{"at": "2026-11-24 09:00", "by": by, "do": do, "complaint": name, "with": facts} for by, do, facts in acts]


@pytest.mark.rule("R53")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (UNITS, {"rates": {"U1": "1", "U2": "1/2", "U5": "0"}, "order": [["U1"], ["U3", "U2"], ["U4", "U5"]],
                 "unranked": ["U6"], "barred": ["U2", "U3", "U4", "U5"], "needs_decision": True}),
        ([("U1", 3, 0), ("U2", 2, 1), ("U3", 1, 1), ("U4", 0, 1)],
         {"order": ["U1", "U2", "U3", "U4"], "barred": ["U2", "U3", "U4"], "needs_decision": False, "unranked": []}),
        ([("U1", 1, 0), ("U2", 1, 0), ("U3", 1, 0), ("U4", 1, 0)],
         {"order": [["U1", "U2", "U3", "U4"]], "barred": ["U1", "U2", "U3", "U4"], "needs_decision": True}),
        ([("U1", 1, 0), ("U2", 1, 1), ("U3", 0, 1)], {"barred": [], "needs_decision": True, "rates": {"U2": "1/2"}}),
    ],
)  # fmt: skip
def test_the_three_lowest_are_barred_and_ties_across_the_third_are_for_people(
    units: list[tuple[str, int, int]], expected: dict[str, Any], tmp_path: Path
) -> None:
    assert play(read(ranked_log(tmp_path / "ranking.jsonl", units, expected))).failures == []
