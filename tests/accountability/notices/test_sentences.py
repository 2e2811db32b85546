"""Every kind of notice that the code writes has its sentence."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from django.utils import translation

from accountability.declarations.notices import ALARMS, NOTICES
from accountability.gate.verbs import VERBS
from accountability.models import Alarm, Matter, Notification
from accountability.notices import sentences
from complaints.models import Complaint

ROOT = Path(__file__).resolve().parents[3]


def _constant(file: Path, name: str) -> str:
    """What the module's own constant of that name holds; nothing for any other name."""
    value = vars(import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))).get(name)
    return value if isinstance(value, str) else ""


def written(call: str, place: int, keyword: str) -> set[str]:
    """The literal kinds handed to a call, read off the code of all apps."""
    kinds: set[str] = set()
    for app in ("accountability", "complaints", "assessment"):
        for file in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == call:
                    given = [k.value for k in node.keywords if k.arg == keyword] + node.args[place : place + 1]
                    kinds |= {v.value for v in given if isinstance(v, ast.Constant) and isinstance(v.value, str)}
                    kinds |= {_constant(file, v.id) for v in given if isinstance(v, ast.Name)} - {""}
    return kinds


def test_every_notice_that_is_written_has_a_sentence() -> None:
    kinds = (
        written("tell", 1, "notice")
        | written("tell_unit", 2, "notice")
        | written("tell_invited", 2, "notice")
        | written("Notification", 9, "kind")
        | written("raise_once", 9, "notice")
    )
    assert {"to_do", "missed", "warned", "waiting", "calendar_missing"} <= kinds
    assert kinds - set(NOTICES) == set()


def test_every_alarm_that_is_raised_has_a_sentence() -> None:
    kinds = written("Alarm", 9, "kind") | written("raise_once", 1, "kind")
    assert kinds == set(ALARMS)


@pytest.mark.parametrize(
    ("kind", "facts", "sentence"),
    [
        ("to_do", {"verb": "hand_off"}, "轮到您办理：交办。"),
        ("to_do", {"verb": "decide"}, "轮到您办理：决定再次派单或归档。"),
        ("to_do", {"verb": "gone"}, "轮到您办理：gone。"),
        ("missed", {"kind": "handoff", "part": 2}, "“交办”时限已超（第 2 轮）。"),
        ("missed", {"kind": "legal", "part": 0}, "“法定答复”时限已超。"),
        ("warned", {"kind": "handling", "percent": 80, "part": 1}, "“处理”时限已用去 80%（第 1 轮）。"),
        ("return_ruled", {"accepted": True}, "退回申请已获同意。"),
        ("return_ruled", {"accepted": False}, "退回申请未获同意，由本单位继续处理。"),
        ("calendar_missing", {"year": 2027}, "2027 年工作日历尚未公布，请市场部公布。"),
        ("coordination_lapsed", {}, "本轮已结束，未议定的协调随之结束，本单位无需办理。"),
        (
            "coordination_lapsed", {"concluded": True},
            "本轮已结束，未到期的协调任务不再计时，已超时的记录保留。",
        ),
        ("unheard_of", {}, "unheard_of"),
    ],
)  # fmt: skip
def test_what_a_notice_says(kind: str, facts: dict, sentence: str) -> None:
    assert sentences.notice(Notification(kind=kind, facts=facts)) == sentence


def test_what_an_alarm_says() -> None:
    assert sentences.alarm(Alarm(kind="waiting", facts={"awaits": "dispatch"})) == "等待过久，仍待办理：派单。"
    assert sentences.alarm(Alarm(kind="unheard_of")) == "unheard_of"


def test_every_verb_that_may_be_awaited_has_a_name() -> None:
    with translation.override("zh-hans"):
        assert [name for kind, name in VERBS if sentences.verb_label(name, kind) == name] == []


def test_where_a_notice_leads() -> None:
    matter = Matter(number="TS20261124000001", kind=Complaint.matter_kind)
    assert sentences.link(Notification(matter=matter, kind="joint")) == "/complaints/TS20261124000001/"
    assert sentences.link(Notification(kind="calendar_missing", facts={"year": 2027})) == "/calendar/2027/"
    assert sentences.link(Notification(kind="joint")) == ""


def test_how_grave_a_notice_is() -> None:
    assert [sentences.tone(kind) for kind in ("missed", "warned", "joint")] == ["danger", "warn", "info"]
