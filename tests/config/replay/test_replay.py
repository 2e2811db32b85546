"""What a file may say wrongly is told; a refused step leaves nothing behind; a long log takes steady work."""

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
from config.replay.reader import read
from config.replay.stage import set_stage

FOLDER = Path(__file__).parents[2] / "scenarios"


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
def test_each_place_that_a_file_names_is_a_region_but_a_number_is_none(tmp_path: Path) -> None:
    places = [REGISTER | {"complaint": f"C{n}", "with": INTAKE | {"region": f"某地{n}"}} for n in range(2)]
    number = REGISTER | {"complaint": "C3", "with": INTAKE | {"region": "谢佳琪13912345678"}, "refused": True}
    assert played(tmp_path, *places, number, expect=[{"complaint": "C1", "state": "registered"}]).failures == []


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


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_long_replay_has_its_rows_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its one transaction PostgreSQL would take every table for empty, and read the notices one by one."""
    monkeypatch.setattr(player, "STEPS_BETWEEN_COUNTS", 20)
    write_log(tmp_path / "log.jsonl.gz", 5)
    with CaptureQueriesContext(connection) as asked:
        play(read(tmp_path / "log.jsonl.gz"))
    assert [each["sql"] for each in asked.captured_queries].count("ANALYZE") == 43 // 20


@pytest.mark.django_db
def test_a_step_takes_as_many_statements_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many complaints there are; savepoints and the transaction's own statements are left out."""
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
    assert {verb: len(counts) for verb, counts in taken.items()} == dict.fromkeys(taken, 1)
    assert len(taken) == 9


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
