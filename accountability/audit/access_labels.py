"""How the access log reads to people: actions and results in words, and lines without content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.declarations.access import ACTIONS
from accountability.gate.verbs import VERBS
from accountability.notices.sentences import verb_label

RESULTS: dict[str, Any] = {
    "ok": _("成功"),
    "refused": _("被拒绝"),
    "locked": _("未核对：须等候"),
    "forbidden": _("无权限"),
    "hidden": _("不存在或无权查看"),
    "state": _("状态不符"),
    "stale": _("页面过时"),
    "busy": _("系统忙"),
    "held": _("停摆时段待裁定"),
    "facts": _("填写有误"),
    "condition": _("条件不符"),
}


def action_label(action: str) -> Any:
    if action in ACTIONS:
        return ACTIONS[action]
    return verb_label(action)


def result_label(result: str) -> Any:
    return RESULTS.get(result, result)


def known_actions() -> Iterator[tuple[str, Any]]:
    """Every action that a row may have, once, by its name."""
    yield from ACTIONS.items()
    verbs = {entry.name: entry.label for entry in VERBS.values() if entry.name not in ACTIONS}
    yield from sorted(verbs.items())
