"""The places of the program and the organisation."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accountability.declarations.places import PLACES, Place, everybody
from accountability.permissions import keeps_the_books, opens_alarms, sees_changes, sees_holds, sees_webhooks

PLACES.add(
    Place("home", _("工作台"), 10),
    Place("operations", _("系统运行"), 1, lambda actor: actor.is_system_admin, order_apart=1),
    Place(
        "accounts", _("账号与角色"), 2, lambda actor: actor.is_security_admin, parts=("account",), order_apart=2
    ),
    Place("sign_in_policy", _("登录策略"), 3, lambda actor: actor.is_audit_admin, order_apart=5),
    Place("answer_templates", _("答复模板"), 70, lambda actor: actor.is_agent, everybody, parts=("edit_template",)),
    Place(
        "units", _("单位与接口人"), 150, aside=everybody,
        parts=("unit", "unit_roster", "import_organisation", "confirm_import"), order_apart=6,
    ),
    Place("calendar", _("工作日历"), 160, aside=everybody, parts=("calendar_year",), order_apart=7),
    Place("limits", _("时限"), 170, aside=everybody, order_apart=8),
    Place("rules", _("规则"), 180, aside=everybody, parts=("confirm_reading", "rule_readings"), order_apart=9),
    Place("privacy_policy", _("个人信息"), 190, aside=everybody),
    Place("changes", _("重要变更"), 195, sees_changes, everybody, order_apart=4),
    Place("holds", _("停摆时段"), 197, sees_holds, everybody),
    Place(
        "webhooks", _("事件推送"), 198, lambda actor: settings.EVENTS_OUT and sees_webhooks(actor), everybody,
        parts=("webhook",), order_apart=5,
    ),
    Place("alarms", _("预警"), 200, opens_alarms, everybody),
    Place("record", _("记录核验"), 210, lambda actor: actor.oversees_record, everybody, order_apart=4),
    Place(
        "access_log", _("访问日志"), 230, lambda actor: actor.reads_access_log,
        lambda actor: not actor.is_audit_admin, order_apart=3,
    ),
    Place("admin:index", _("台账"), 240, keeps_the_books),
)  # fmt: skip
