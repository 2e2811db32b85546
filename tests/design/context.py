"""What the gallery shows: every part of the design system once, at one instant, with deadlines in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message

from accountability.deadlines.limits import Workdays, WorkingCalendar, explain, read_instant
from accountability.declarations.looks import LOOKS
from accountability.seed.holidays import published_years

AT = read_instant("2026-11-24 10:00")


class IntakeForm(forms.Form):
    phone = forms.CharField(label="客户号码", help_text="十一位手机号，查询后显示历史投诉。")
    channel = forms.ChoiceField(
        label="来源", choices=[("call", "来电"), ("forward", "员工转交")], widget=forms.RadioSelect
    )
    flags = forms.MultipleChoiceField(
        label="标记",
        choices=[("major", "重大"), ("third_party", "第三方")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("1", "资费与收费争议 / 账单不符")])
    content = forms.CharField(label="投诉内容", widget=forms.Textarea)
    consent = forms.BooleanField(label="客户同意录音", required=False)


def deadline(kind: str, started: timedelta, due: timedelta | None, **others: Any) -> SimpleNamespace:
    """A stand-in for accountability.Deadline, its instants given as distances from AT."""
    empty = dict.fromkeys(("met_at", "missed_at", "voided_at", "suspended_at", "excused_at"))
    due_at = None if due is None else AT + due
    given = {key: AT + value if isinstance(value, timedelta) else value for key, value in others.items()}
    return SimpleNamespace(
        **{"warned": 0, "is_window": False} | empty | given,
        kind=kind,
        started_at=AT + started,
        due_at=due_at,
    )


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def all_deadlines() -> list[SimpleNamespace]:
    hour = minutes(60)
    return [
        deadline("交办", minutes(-5), minutes(25)),
        deadline("首次回复", -26 * hour, 22 * hour),
        deadline("处理", -20 * hour, 4 * hour),
        deadline("退回裁定", -3 * hour, -hour),
        deadline("法定答复", -hour, 300 * hour, met_at=minutes(-5)),
        deadline("协办", -9 * hour, -2 * hour, met_at=-hour, missed_at=-2 * hour),
        deadline("交办", minutes(-15), minutes(15), suspended_at=minutes(-1)),
        deadline("处理", -40 * hour, -4 * hour, missed_at=-4 * hour, excused_at=-hour),
        deadline("联系上门测试", -hour, 30 * hour, voided_at=minutes(-1)),
        deadline("退回窗口", -hour, 3 * hour, is_window=True),
        deadline("网络技术方案", -hour, None),
    ]


def gallery_context(request: Any, at: datetime = AT) -> dict[str, Any]:
    late, soon = all_deadlines()[3], all_deadlines()[0]
    form = IntakeForm({"phone": "", "content": "五月账单多出两笔扣费", "channel": ""})
    return {
        "request": request,
        "at": at,
        "form": form,
        "since": at - minutes(42),
        "due": at + timedelta(hours=7),
        "nav": [
            {"label": "工作台", "url": "#1", "current": True},
            {"label": "投诉", "url": "#2"},
            {"label": "登记", "url": "#3"},
            {"label": "单位", "url": "#4"},
            {"label": "日历与时限", "url": "#5", "aside": True},
        ],
        "unread_count": 3,
        "new_alarm": 1,
        "alarms": [{"text": "2027 年工作日历尚未发布，相关时限暂不计算。", "url": "#", "link": "去发布"}],
        "messages": [
            Message(constants.SUCCESS, "已交办给张建国，时限内 12 分钟。"),
            Message(constants.ERROR, "此件已派给宜昌分公司，未作改动。"),
        ],
        "steps": [
            {"label": "受理", "state": "done", "held": minutes(12)},
            {"label": "派单", "state": "done", "held": minutes(2)},
            {"label": "交办", "state": "late", "held": minutes(34)},
            {"label": "处理", "state": "current", "held": minutes(80)},
            {"label": "答复", "state": "skipped"},
            {"label": "审核", "state": "todo"},
            {"label": "回复", "state": "todo"},
            {"label": "归档", "state": "todo"},
        ],
        "tallies": [
            {"label": "在时限内", "count": 21, "tone": "ok", "icon": "check", "url": "#"},
            {"label": "将到期", "count": 4, "tone": "warn", "icon": "alert", "url": "#"},
            {"label": "已超时", "count": 2, "tone": "danger", "icon": "clock-late", "url": "#", "note": "最早 1小时"},
            {"label": "退回待裁定", "count": 1, "tone": "back", "icon": "back", "url": "#"},
        ],
        "chips": [
            {"label": "全部", "url": "#", "current": True, "count": 27},
            {"label": "P1", "url": "#", "count": 2},
            {"label": "重复", "url": "#", "count": 5},
        ],
        "rows": [
            {
                "url": "#",
                "number": "TS2026-001287",
                "title": "五月账单多出两笔增值业务扣费，客户要求退费并说明由谁开通",
                "badges": [
                    ("priority", "P1", "P1 特急"),
                    ("flag", "escalated", "升级"),
                    ("round", "delivered", "已送达"),
                ],
                "meta": ["资费与收费争议 / 账单不符", "武汉分公司 · 王敏"],
                "deadline": late,
                "tone": "danger",
            },
            {
                "url": "#",
                "number": "TS2026-001291",
                "title": "携号转网被告知有隐性合约，三个营业厅说法不一",
                "badges": [("priority", "P3", "P3 一般"), ("complaint", "registered", "已受理")],
                "meta": ["业务办理 / 携号转网"],
                "deadline": soon,
            },
        ],
        "stations": [
            {"unit": "省客户服务中心", "role": "受理", "held": minutes(14)},
            {
                "unit": "网络部",
                "office": "首问责任人",
                "person": "赵磊",
                "role": "已退回",
                "held": minutes(95),
                "tone": "back",
            },
            {
                "unit": "武汉分公司",
                "office": "首问责任人",
                "person": "张建国",
                "leader": "刘洋",
                "role": "处理中",
                "held": minutes(42),
                "is_now": True,
                "is_bounce": True,
                "tone": "brand",
            },
        ],
        "entries": [
            {
                "at": at - minutes(42),
                "title": "交办",
                "actor": "王敏",
                "unit": "武汉分公司",
                "icon": "right",
                "late": True,
                "text": "电话交办给张建国；首问责任人张建国、刘洋。",
            },
            {"at": at - minutes(120), "title": "退回裁定：接受", "actor": "林晓", "icon": "back", "tone": "back"},
            {"at": at - minutes(300), "title": "受理", "actor": "林晓", "unit": "省客户服务中心", "icon": "phone"},
        ],
        "deadlines": all_deadlines(),
        "why": explain(Workdays(5), read_instant("2026-09-30 10:00"), WorkingCalendar(published_years())),
        "calendar": {"2026": 1},
        "page": SimpleNamespace(before="b", after="a"),
        "badges": [(kind, value) for kind, looks in LOOKS.items() for value in looks],
    }
