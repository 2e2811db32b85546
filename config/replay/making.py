"""Makes a log for measuring: verbs and delays as on a real desk, any number of complaints, always the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from pathlib import Path
from typing import Any

from accountability.deadlines.limits import SHANGHAI, show_instant

FIRST = datetime(2026, 3, 2, 8, 0, tzinfo=SHANGHAI)
APART = timedelta(minutes=7)

REGISTER = {"tier": "none", "channel": "call", "category": "企业形象", "priority": "P3", "region": "武汉"}
"""Minutes after registration, who, what, with which fields."""

RETURNED = (
    (1, "kf.agent", "dispatch", {"unit": "WH"}),
    (9, "wh.contact", "hand_off", {"to": "wh.zhang", "method": "system"}),
    (50, "wh.zhang", "request_return", {"reason": "不属本部门职责", "guidance": "请改派", "suggested_unit": "YC"}),
    (70, "kf.agent", "rule_on_return", {"accepted": True, "reason": "属实"}),
)
FINISHED = (
    (80, "kf.agent", "dispatch", {"unit": "YC"}),
    (130, "yc.contact", "hand_off", {"to": "yc.chen", "method": "phone"}),
    (900, "yc.chen", "answer", {"result": "已处理", "cause": "已查明"}),
    (960, "kf.agent", "judge_complete", {"complete": True}),
    (970, "kf.agent", "reply", {"content": "已处理完毕"}),
    (1030, "kf.agent", "record_satisfaction", {"satisfied": True}),
)


def write_log(path: Path, complaints: int) -> None:
    """Every second complaint is returned once; every hand-over of the second unit comes twenty minutes late."""
    header = {
        "title": f"{complaints} made-up complaints",
        "settings": {"returns_before_ruling": 0, "repeat_within": "0d"},
    }
    steps = merge(*(_steps(number) for number in range(complaints)), key=lambda step: step["at"])
    expected = {
        "totals": True, "complaints": complaints, "archived": complaints, "out_of_scope_returns": complaints // 2,
        "handoff_missed": complaints,
    }  # fmt: skip
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for entry in (header, *steps, {"expect": expected}):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _steps(number: int) -> Iterator[dict[str, Any]]:
    begun, name = FIRST + number * APART, f"M{number:06d}"
    intake = REGISTER | {"customer": f"客户{number}", "phone": f"139{number:08d}", "content": f"第 {number} 件"}
    acts = [(0, "kf.agent", "register", intake), *(RETURNED if number % 2 else ()), *FINISHED]
    for minutes, by, verb, facts in acts:
        at = show_instant(begun + timedelta(minutes=minutes))
        yield {"at": at, "by": by, "do": verb, "complaint": name, "with": facts}
