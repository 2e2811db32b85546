"""What the access log tells whoever reads it: actions and results in words, and lines without content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.models import Matter
from accountability.verbs import VERBS

ACTIONS: dict[str, Any] = {
    "sign_in": _("登录"),
    "sign_out": _("退出登录"),
    "change_password": _("修改密码"),
    "second_factor": _("双因素认证"),
    "recovery_code": _("用恢复码认证"),
    "begin_second_factor": _("开始绑定动态口令"),
    "bind_second_factor": _("绑定动态口令"),
    "activate": _("用激活码设定密码"),
    "end_session": _("退出其他登录"),
    "change_preferences": _("更改个人设置"),
    "read": _("审计查阅"),
    "reveal": _("查看号码"),
    "look_up": _("按号码查询"),
    "sheet": _("查看互动单"),
    "file": _("取用文件"),
    "upload": _("上传文件"),
    "paper": _("查看公文"),
    "paper_file": _("取用公文文件"),
    "export": _("导出"),
    "export_ranking": _("导出排名表"),
    "export_readings": _("导出阅读记录"),
    "confirm_reading": _("确认阅读规则"),
    "suggest_unit": _("查询建议单位"),
}
"""What is looked at or tried; a refused verb stands under its own name."""

RESULTS: dict[str, Any] = {
    "ok": _("成功"),
    "refused": _("被拒绝"),
    "locked": _("锁定中"),
    "forbidden": _("无权限"),
    "state": _("状态不符"),
    "stale": _("页面过时"),
    "busy": _("系统忙"),
    "facts": _("填写有误"),
    "condition": _("条件不符"),
}


def action_label(action: str) -> Any:
    if action in ACTIONS:
        return ACTIONS[action]
    return next((entry.label for kind in Matter.Kind.values if (entry := VERBS.get((kind, action)))), action)


def result_label(result: str) -> Any:
    return RESULTS.get(result, result)


def known_actions() -> Iterator[tuple[str, Any]]:
    """Every action a row may tell of, once, by its name."""
    yield from ACTIONS.items()
    verbs = {entry.name: entry.label for entry in VERBS.values() if entry.name not in ACTIONS}
    yield from sorted(verbs.items())
