"""The names that the access log gives to actions of this app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.declarations.access import ACTIONS

ACTIONS.put("suggest_unit", _("查询建议单位"))
ACTIONS.put("incoming", _("来电登记"))
ACTIONS.put("customer_progress", _("查询投诉进度"))
ACTIONS.put("recording", _("收听来电录音"))
ACTIONS.put("customer_word", _("评价投诉处理结果"))
