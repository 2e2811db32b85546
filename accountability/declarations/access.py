"""Names the actions that the access log records. A refused verb is recorded under the verb's name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.declarations.registry import Registry, Words

ACTIONS: Registry[Words] = Registry("action of the access log")
"""The label of each action, by the name stored in the log."""

ACTIONS.put("sign_in", _("登录"))
ACTIONS.put("sign_out", _("退出登录"))
ACTIONS.put("change_password", _("修改密码"))
ACTIONS.put("second_factor", _("双因素认证"))
ACTIONS.put("recovery_code", _("用恢复码认证"))
ACTIONS.put("begin_second_factor", _("开始绑定动态口令"))
ACTIONS.put("bind_second_factor", _("绑定动态口令"))
ACTIONS.put("activate", _("用激活码设定密码"))
ACTIONS.put("end_session", _("退出其他登录"))
ACTIONS.put("issue_token", _("签发接口令牌"))
ACTIONS.put("renew_token", _("更换接口令牌密钥"))
ACTIONS.put("end_token", _("作废接口令牌"))
ACTIONS.put("use_token", _("使用接口令牌"))
ACTIONS.put("make_calendar", _("生成日历订阅地址"))
ACTIONS.put("end_calendar", _("作废日历订阅地址"))
ACTIONS.put("resend_event", _("重发事件"))
ACTIONS.put("change_preferences", _("更改个人设置"))
ACTIONS.put("read", _("审计查阅"))
ACTIONS.put("refused_access", _("被拒的访问"))
ACTIONS.put("reveal", _("查看号码"))
ACTIONS.put("look_up", _("按号码查询"))
ACTIONS.put("file", _("取用文件"))
ACTIONS.put("upload", _("上传文件"))
ACTIONS.put("paper", _("查看公文"))
ACTIONS.put("hand_over_paper", _("公文送交OA"))
ACTIONS.put("paper_file", _("取用公文文件"))
ACTIONS.put("export_readings", _("导出阅读记录"))
ACTIONS.put("confirm_reading", _("确认阅读规则"))
