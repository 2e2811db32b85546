"""How people sign in, and help for those who can't: by the security administrator, each act recorded. What opens an
account in use takes a second person (`organisation/guarded_changes.py`).
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.revision import revise
from accountability.gate.act import Act, refuse_unless
from accountability.gate.changes import mark_gone
from accountability.gate.fields import Choice, Line, Person, Whole
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import Employee, GuardedChange, SignInPolicy, sign_in_policy
from accountability.organisation import guarded_changes
from accountability.signin import activation, lockout, second_factor, sessions

REASON = Line(name="reason", label=_("理由"), max_length=200)
WHOM = Person(name="employee", label=_("员工"), administers_too=True)
ANY: dict[str, Any] = {"required": False}


@verb(
    Organisation, _("修订登录策略"),
    Whole(name="min_length", label=_("密码最短长度"), least=12, most=64, **ANY),
    Whole(name="classes", label=_("密码至少含几类字符（0：不要求）"), most=4, **ANY),
    Whole(name="max_age_days", label=_("密码最长使用天数（0：不强制更换）"), most=730, **ANY),
    Whole(name="not_repeated", label=_("不得重复最近几次密码（0：不限）"), most=24, **ANY),
    Whole(name="lock_after", label=_("失败几次后须等候（动态口令：锁定）"), least=3, most=10, **ANY),
    Whole(name="lock_within", label=_("失败在几分钟内计数"), least=5, most=60, **ANY),
    Whole(name="lock_for", label=_("等候（动态口令：锁定）持续几分钟"), least=5, most=240, **ANY),
    Whole(name="address_after", label=_("同一地址或各地合计失败几次后须等候"), least=10, most=1000, **ANY),
    Choice(name="second_factor", label=_("谁须双因素认证"), choices=tuple(SignInPolicy.SecondFactor.choices), **ANY),
    Whole(name="idle_minutes", label=_("无操作几分钟退出"), least=5, most=720, **ANY),
    Whole(name="absolute_hours", label=_("一次登录最长几小时"), least=1, most=12, **ANY),
    Whole(name="sessions_each", label=_("每人同时登录数（0：不限；1：只限一处）"), most=1, **ANY),
    Whole(name="dormant_days", label=_("多少天未登录即停用登录"), least=30, most=366, **ANY),
    REASON,
    permission=permissions.set_sign_in_policy, rule="R15",
    seen=version_of("sign-in", SignInPolicy),
)  # fmt: skip
def set_sign_in_policy(act: Act, *, reason: str, **changed: Any) -> None:
    """Set the policy for sign-ins from now on; administrators need a second factor whatever it says."""
    now = sign_in_policy(act.at)
    refuse_unless(any(getattr(now, name) != value for name, value in changed.items()), _("没有变更。"))
    revise(act, SignInPolicy, reason=reason, **changed)


@verb(
    Organisation, _("签发激活码"), WHOM, REASON, permission=permissions.issue_activation_code, rule="R1",
)  # fmt: skip
def issue_activation_code(act: Act, *, employee: Any, reason: str) -> None:
    """Issue a code with which the person sets a new password; the old one keeps working until then. For an account in
    use this is a request that a second person approves, who then sees the code. So it is where the person has a guarded
    office: who gets its first code alone could become their own second person.
    """
    assert act.actor is not None
    refuse_unless(employee.pk != act.actor.pk, _("不能为本人签发，请直接修改密码。"), "employee")
    if activation.is_in_use(employee) or guarded_changes.has_or_awaits_office(employee, act.at):
        guarded_changes.ask(act, employee)
    else:
        _issue(act, employee)


def _issue(act: Act, employee: Employee) -> None:
    assert act.actor is not None
    act.subject.shown_once = activation.issue(act, employee, act.actor.employee)


@verb(
    Organisation, _("解除登录锁定"), WHOM, REASON, permission=permissions.unlock_sign_in, rule="R1",
)  # fmt: skip
def unlock_sign_in(act: Act, *, employee: Any, reason: str) -> None:
    """Clear the failed attempts, so that the account may be tried again at once."""
    assert act.actor is not None
    refuse_unless(employee.pk != act.actor.pk, _("不能为本人解锁。"), "employee")
    forgiven = lockout.forgive(employee)
    refuse_unless(forgiven, _("该员工没有失败的登录。"), "employee")
    act.note(failures=forgiven)


@verb(
    Organisation, _("重置双因素认证"), WHOM, REASON, permission=permissions.reset_second_factor, rule="R1",
)  # fmt: skip
def reset_second_factor(act: Act, *, employee: Any, reason: str) -> None:
    """Request that the second factor of somebody who lost the device and the recovery codes be removed. When a second
    person approves it every session ends, and the next sign-in enrols a new device.
    """
    assert act.actor is not None
    refuse_unless(employee.pk != act.actor.pk, _("不能为本人重置。"), "employee")
    refuse_unless(second_factor.of(employee.pk), _("该员工尚未绑定动态口令。"), "employee")
    guarded_changes.ask(act, employee)


def _reset(act: Act, change: GuardedChange) -> None:
    gone = second_factor.remove(change.employee_id)
    refuse_unless(gone, _("该员工尚未绑定动态口令。"), "change")
    mark_gone(act.entries[-1], gone)
    sessions.end_all(change.employee_id)


guarded_changes.CARRIES_OUT |= {
    "issue_activation_code": lambda act, change: _issue(act, change.employee),
    "reset_second_factor": _reset,
}


@verb(
    Organisation, _("结束登录会话"), WHOM, REASON, permission=permissions.end_sessions, rule="R1",
)  # fmt: skip
def end_sessions(act: Act, *, employee: Any, reason: str) -> None:
    """Sign the person out on every device at once."""
    ended = sessions.end_all(employee.pk)
    refuse_unless(ended, _("该员工没有登录中的会话。"), "employee")
    act.note(sessions=ended)
