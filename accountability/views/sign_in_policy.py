"""The sign-in policy, and the security administrator's help for people who can't sign in: unlock, reset, a new code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import SYSTEM_USERNAME, Authenticator, Employee, SignInPolicy, SignInState
from accountability.models import sign_in_policy as policy_at
from accountability.models.signing_in import SETTINGS
from accountability.permissions import Actor
from accountability.signin import lockout, second_factor
from accountability.views.accounts import Mark
from accountability.web.request import Request, page_by_key
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import carry_out, ready_again
from accountability.web.versions import note_changes

FOR_ONE = ("issue_activation_code", "unlock_sign_in", "reset_second_factor", "end_sessions")
"""The verbs on one account's sign-in."""


def _reads_policy(actor: Actor) -> bool:
    """Those who set the policy, and those who audit it."""
    return actor.is_security_admin or actor.is_audit_admin or actor.is_auditor


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_policy(request: Request) -> HttpResponse:
    """The policy in force, every earlier version with author and reason, and for the security administrator the
    form.
    """
    if not _reads_policy(request.actor):
        raise PermissionDenied
    verb, organisation, status = VERBS["organisation", "set_sign_in_policy"], Organisation.standing(), 200
    may_set = verb.permits(organisation, request.actor)
    current = policy_at(request.at)
    form = None
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied
        form = VerbForm(verb, organisation, request.actor, data=request.POST)
        if carry_out(request, form):
            return redirect("sign_in_policy")
        status = ready_again(form, organisation)
    elif may_set:
        form = VerbForm(verb, organisation, request.actor)
    if form is not None:
        _show_present(form, current)
    page = page_by_key(SignInPolicy.objects.select_related("author"), ["-version"], request, size=20)
    note_changes(page.rows, _changes)
    context = {
        "current": current,
        "settings": [_told(current, name) for name in SETTINGS],
        "form": form,
        "page": page,
    }
    return render(request, "accountability/signin/sign_in_policy.html", context, status=status)


def _show_present(form: VerbForm, current: SignInPolicy) -> None:
    """The empty inputs show the values in force; an input left empty changes nothing."""
    for name in SETTINGS:
        form.fields[name].widget.attrs["placeholder"] = str(getattr(current, name))


def _told(policy: SignInPolicy, name: str) -> tuple[Any, Any]:
    field = SignInPolicy._meta.get_field(name)
    value = policy.get_second_factor_display() if name == "second_factor" else getattr(policy, name)
    return field.verbose_name, value  # type: ignore[union-attr]


def _changes(earlier: SignInPolicy | None, after: SignInPolicy) -> list[tuple[Any, Any, Any]]:
    """The first version is compared with the defaults."""
    before = earlier or SignInPolicy()
    changed = [name for name in SETTINGS if getattr(before, name) != getattr(after, name)]
    return [(*_told(before, name), _told(after, name)[1]) for name in changed]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_act(request: Request, username: str, verb: str) -> HttpResponse:
    """One of `FOR_ONE` on one account. An activation code is shown in the answer, only this once."""
    if verb not in FOR_ONE:
        raise Http404
    entry, organisation = VERBS["organisation", verb], Organisation.standing()
    if not entry.permits(organisation, request.actor):
        raise PermissionDenied
    people = Employee.objects.exclude(username=SYSTEM_USERNAME).select_related("unit")
    person = get_object_or_404(people, username=username)
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["employee"] = person.username
    form = VerbForm(entry, organisation, request.actor, data=data, initial={"employee": person.username})
    form.fields["employee"].widget = form.fields["employee"].hidden_widget()
    if data is None:
        return _show(request, form, person)
    outcome = carry_out(request, form)
    if outcome is None:
        return _show(request, form, person, status=ready_again(form, organisation))
    if verb == "issue_activation_code" and not outcome.entries[0].facts.get("needs_approval"):
        return show_code(request, person, outcome.subject.shown_once)
    return redirect("account", person.username)


def show_code(request: Request, person: Employee, code: str) -> HttpResponse:
    """The activation code, in the answer to its issue alone."""
    return render(request, "accountability/signin/activation_code.html", {"person": person, "code": code})


def offers(request: Request, person: Employee) -> Iterator[dict[str, Any]]:
    """The actions that apply to an account now, for its page."""
    is_other, at = person.pk != request.actor.pk, request.at
    known = {
        "issue_activation_code": (is_other and person.is_active, _("首次登录或忘记密码时，由本人用激活码设定密码。")),
        "unlock_sign_in": (
            is_other and lockout.held_among([person], at), _("账号因连续失败而须等候或已锁定，核实身份后解除。"),
        ),
        "reset_second_factor": (
            is_other and second_factor.of(person.pk) is not None,
            _("手机和恢复码都丢失时，解除绑定，下次登录重新绑定。"),
        ),
        "end_sessions": (person.open_sessions.exists(), _("在所有设备上立即退出。")),
    }  # fmt: skip
    for name, (is_possible, about) in known.items():
        if is_possible:
            url = reverse("sign_in_act", args=[person.username, name])
            yield {"label": VERBS["organisation", name].label, "url": url, "about": about}


def marks(people: Sequence[Employee], at: datetime) -> dict[int, list[Mark]]:
    """The badges of each account in the list, in three queries."""
    held = lockout.held_among(people, at)
    bound = set(Authenticator.objects.filter(pk__in=people).exclude(confirmed_at=None).values_list("pk", flat=True))
    closed = set(SignInState.objects.filter(pk__in=people).exclude(closed_at=None).values_list("pk", flat=True))
    found: dict[int, list[Mark]] = {}
    for person in people:
        told = [
            (person.pk in held, Mark(_("登录受限"), "danger", "lock")),
            (person.pk in closed, Mark(_("登录已停用"), "warn", "alert")),
            (not person.has_usable_password(), Mark(_("未设密码"))),
            (person.pk in bound, Mark(_("已绑定动态口令"), "ok", "check")),
        ]
        found[person.pk] = [mark for is_so, mark in told if is_so]
    return found


def _show(request: Request, form: VerbForm, person: Employee, status: int = 200) -> HttpResponse:
    return render(request, "accountability/signin/sign_in_act.html", {"form": form, "person": person}, status=status)
