"""Taking complaints in: the whole intake on one page, beginning with the number; and forwarding by any employee."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.audit import access_log
from accountability.gate.act import Batch, Refused
from accountability.gate.fields import clean_all
from accountability.gate.perform import perform
from accountability.gate.verbs import find
from accountability.models import limits_in_force
from accountability.privacy.revealing import ONE_CLICK, look
from accountability.security import telephone
from accountability.security.client_ip import client_ip
from accountability.web.request import Request
from accountability.web.uploads import take_files
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import STATUS_OF, ready_again, run
from complaints import permissions
from complaints.actions.intake import number_digests, repeat_of
from complaints.dossier.customer import customer_of
from complaints.dossier.dossier import story_of
from complaints.dossier.facts import supplements
from complaints.dossier.reveal import reveals_at_once
from complaints.dossier.round_card import Said
from complaints.fields.number_region import region_of
from complaints.fields.unit_suggestion import Suggestion, category_named, suggest
from complaints.fields.widgets import CategorySelect, UnitSelect
from complaints.lists.worklists import Line as WorkLine
from complaints.lists.worklists import for_lines, lines
from complaints.models import Complaint, Priority, State, Tier
from complaints.views.complaint import known_complaint
from complaints.views.settling import Settling

KNOWN = "complaints/views/parts/earlier_and_known.html"
READS_AND_WRITES = ["GET", "HEAD", "POST"]
EARLIER_SHOWN = 10
FIRST_GUESS = {"channel": "call", "tier": "none", "priority": Priority.P3.value}
LEFT_BLANK = ("customer", "phone", "content", "wanted", "pre_handling")


def by_agents(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only the centre takes complaints in (R10). Other people's attempts go to the access log."""

    @wraps(view)
    def guarded(request: Request, **place: Any) -> HttpResponse:
        if not permissions.register(Complaint(), request.actor):
            _log(request, view.__name__, "forbidden")
            raise PermissionDenied
        return view(request, **place)

    return guarded


def _log(request: Request, action: str, result: str) -> None:
    access_log.note(request, action, result=result)


@dataclass
class Earlier:
    """What is known of a number: the earlier complaints, the number of the one that a new complaint would repeat, and
    the newest open one, which may be the same matter.
    """

    asked: bool
    lines: list[WorkLine]
    more: bool
    repeats: str

    @property
    def goes_on(self) -> WorkLine | None:
        under_way = (line for line in self.lines if not line.complaint.archived_at and not line.complaint.ended_as)
        return next(under_way, None)


@dataclass(frozen=True)
class Known:
    """What a number suggests. `named` is an earlier complaint whose customer this agent may see at once."""

    region: str
    is_from_history: bool
    tier: str
    named: Complaint | None

    @property
    def masked_name(self) -> str:
        return customer_of(self.named).masked_name if self.named else ""


def _number_in(typed: Any) -> tuple[str, str]:
    """The digits of the number typed, or what is wrong with it."""
    try:
        return (telephone.checked(str(typed)) if str(typed or "").strip() else ""), ""
    except telephone.NoNumber as wrong:
        return "", str(wrong)


class Intake:
    """The page's parts: the form of `register`, unit and reason of a dispatch, and what is known of the number."""

    is_new_number = False
    """Whether nothing was suggested for this number on this page yet."""
    looked_up_as = "look_up"
    """What the access log calls the look-up."""
    customer_filled = ""
    """The customer's name, if it was asked for."""

    def __init__(self, request: Request, complaint: Complaint, typed: QueryDict | None = None) -> None:
        self.request, self.complaint = request, complaint
        self.is_forwarded = complaint.state == State.FORWARDED
        known = {"tier": complaint.tier, "region": complaint.region} if self.is_forwarded else {}
        known = FIRST_GUESS | known
        data = typed.copy() if typed is not None else None
        if data is not None and "_key" not in data:
            # Comes from the desk or from a softphone, with only a number.
            first = {"_key": secrets.token_urlsafe(16), "_seen": complaint.shown_for("register")} | known
            data.update({name: value for name, value in first.items() if name not in data})
        self.form = VerbForm(find(Complaint, "register"), complaint, request.actor, data=data, initial=known)
        self.dispatch = VerbForm(find(Complaint, "dispatch"), complaint, request.actor, data=data)
        self.dispatch.fields["unit"].required = False  # it may also be only registered
        self.dispatch.fields["unit"].help_text = _("“登记并派单”时必填。")
        self.typed = data
        self.number, self.no_number = _number_in(self.form["phone"].value())
        for name in LEFT_BLANK if self.is_forwarded else ():
            self.form.fields[name].help_text = _("留空则不变。")
        category: Any = self.form.fields["category"]
        category.widget = CategorySelect(category.widget.choices)
        self.dispatch.fields["unit"].widget = UnitSelect()
        self.settling = Settling(request, complaint, data)
        self._begin_at_first_blank()

    def _begin_at_first_blank(self) -> None:
        """Focus the first blank field; for a forwarded complaint the category, since all else is known."""
        names = ("category",) if self.is_forwarded else ("phone", "customer", "region", "category", "content")
        blank = next((name for name in names if not self.form[name].value()), names[0])
        self.form.fields[blank].widget.attrs["autofocus"] = True

    @property
    def wants_dispatch(self) -> bool:
        return self.request.POST.get("then") == "dispatch"

    @cached_property
    def category(self) -> Any:
        return category_named(self.form["category"].value() or "")

    @cached_property
    def suggestion(self) -> Suggestion:
        return suggest(self.category, str(self.form["region"].value() or "").strip())

    @cached_property
    def known(self) -> Known:
        """What the number suggests: region and tier of its latest complaint, else the region it was given out in. The
        name is shown unmasked only on demand, and only of a complaint whose customer this agent may see at once.
        """
        earlier = [line.complaint for line in self.earlier.lines]
        latest = next((one for one in earlier if one.region), None)
        region = latest.region if latest else region_of(self.number)
        tier = Tier.VIP if any(one.tier == Tier.VIP for one in earlier) else ""
        named = next((one for one in earlier if reveals_at_once(one, self.request.actor)), None)
        return Known(region, latest is not None, tier, named)

    def fill(self) -> None:
        """Put what the number suggests into what is still blank, once for each number: nothing is overwritten."""
        known, typed = self.known, self.typed
        if typed is None:
            return
        self.is_new_number = bool(self.number) and typed.get("filled") != self.number
        if self.is_new_number:
            typed["region"] = typed.get("region", "").strip() or known.region
            typed["tier"] = known.tier or typed.get("tier", "")
        if typed.get("fill") == "customer" and known.named and not typed.get("customer", "").strip():
            address = client_ip(self.request)
            look(self.request.user, ONE_CLICK, at=self.request.at, matter_id=known.named.matter_id, address=address)
            typed["customer"] = self.customer_filled = customer_of(known.named).name

    @cached_property
    def earlier(self) -> Earlier:
        """The history of the number typed; for a forwarded complaint without one, of the forwarder's number."""
        numbers = number_digests(self.number)
        if not numbers and not self.no_number and self.complaint.intake is not None:
            numbers = self.complaint.intake.phone_digests
        actor, at = self.request.actor, self.request.at
        of_number = Complaint.objects.visible_to(actor).filter(intake__phone_digest__in=numbers).exclude(intake=None)
        found = list(for_lines(of_number).exclude(pk=self.complaint.pk).order_by("-pk")[: EARLIER_SHOWN + 1])
        shown = lines(found[:EARLIER_SHOWN], actor, at) if numbers else []
        return Earlier(bool(numbers), shown, bool(numbers) and len(found) > EARLIER_SHOWN, self._repeats(numbers))

    def _repeats(self, numbers: tuple[str, ...]) -> str:
        if self.category is None or not numbers:
            return ""
        repeated = repeat_of(numbers, self.category, limits_in_force(self.request.at), self.request.at)
        seen = Complaint.objects.visible_to(self.request.actor).filter(pk=repeated)
        return seen.values_list("matter__number", flat=True).first() or "" if repeated else ""

    @cached_property
    def supplements(self) -> list[Said]:
        """What the customer added to a forwarded complaint before its registration."""
        return supplements(story_of(self.complaint, self.request.actor)) if self.is_forwarded else []

    def keep_files(self) -> None:
        """Keep the files of a form that is shown again, so that they needn't be chosen twice."""
        problems = take_files(self.form, self.request)
        self.form.is_valid()
        for name, sentence in problems.items():
            self.form.add_error(name, sentence)

    def suggest_into_form(self) -> None:
        """Choose the suggested unit, unless the agent has chosen another than the one suggested before."""
        if self.typed is not None and self.typed.get("unit", "") in ("", self.typed.get("suggested", "")):
            self.typed["unit"] = self.suggestion.code

    def refuse_if_unfit(self) -> bool:
        """Refuse a form whose button doesn't fit what was typed: a dispatch without a unit, or the result of settling
        without the button that settles. Nothing is registered then, and everything else that is missing is told too.
        """
        lacks_unit = self.wants_dispatch and not self.dispatch["unit"].data
        if lacks_unit:
            self.dispatch.add_error("unit", _("请选择派往的单位，或只登记。"))
        if self.settling.is_left_out:
            self.settling.refuse_left_out()
        if not (lacks_unit or self.settling.is_left_out):
            return False
        self.keep_files()
        _values, errors = clean_all(self.form.verb.facts, self.form.raw(), self.complaint, Batch(self.request.at))
        for name, sentence in errors.items():
            self.form.add_error(name, sentence)
        return True

    def show(self, template: str = "complaints/views/intake.html", status: int = 200) -> HttpResponse:
        """The page, or a part of it. What it tells of a number is a look-up, whichever button was pressed."""
        page = render(self.request, template, self.context(), status=status)
        if self.typed is not None and "earlier" in vars(self) and self.earlier.asked:
            _log(self.request, self.looked_up_as, "ok")
        return page

    def context(self) -> dict[str, Any]:
        return {
            "intake": self,
            "form": self.form,
            "dispatch": self.dispatch,
            "complaint": self.complaint if self.is_forwarded else None,
            "customer": customer_of(self.complaint) if self.is_forwarded else None,
            "settling": self.settling,
            "errors": bool(self.form.errors or self.dispatch.errors or self.settling.has_errors),
        }


@require_http_methods(READS_AND_WRITES)
@by_agents
def register(request: Request) -> HttpResponse:
    """A new complaint: registered, or registered and dispatched."""
    return _register(request, Complaint())


@require_http_methods(READS_AND_WRITES)
@by_agents
def register_forwarded(request: Request, number: str) -> HttpResponse:
    """The same page for a forwarded complaint. One that has been registered since is shown as it is."""
    complaint = known_complaint(request, number)
    if complaint.state != State.FORWARDED and request.method != "POST":
        messages.info(request, _("该投诉已登记。"))
        return redirect("complaint", number)
    return _register(request, complaint)


def _register(request: Request, complaint: Complaint) -> HttpResponse:
    intake = Intake(request, complaint, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return intake.show()
    if intake.refuse_if_unfit():
        return intake.show(status=422)
    settles = intake.settling.wanted
    outcome = intake.settling.run(intake.form) if settles else run(request, intake.form)
    if outcome is None:
        return intake.show(status=ready_again(intake.form, complaint) if intake.form.refusal else 422)
    messages.success(request, _told(outcome.subject, settles=settles) % {"number": outcome.subject.matter.number})
    if intake.wants_dispatch:
        _dispatch(request, intake, outcome.subject)
    return redirect("complaint", outcome.subject.matter.number)


def _told(complaint: Complaint, *, settles: bool) -> str:
    """What was done, by what became of the complaint: one whose customer isn't satisfied isn't settled."""
    if not settles:
        return _("已登记，编号 %(number)s。")
    if complaint.state == State.ARCHIVED:
        return _("已登记并办结，编号 %(number)s。")
    return _("已登记并回复客户，客户不满意，待决定，编号 %(number)s。")


def _dispatch(request: Request, intake: Intake, complaint: Complaint) -> None:
    """Dispatch as a second verb. Its key is derived from the first, so that a repeated request also takes effect once.

    The registration remains, whatever happens to the dispatch.
    """
    key = f"{intake.form.key}/d"[-64:] if intake.form.key else None
    try:
        perform(complaint, "dispatch", by=request.user, at=request.at, key=key, **intake.dispatch.raw())
    except Refused as refusal:
        told = _("；").join(refusal.fields.values()) or str(refusal)
        messages.error(request, _("登记已完成，但派单未成功：%(why)s") % {"why": told})
    else:
        messages.success(request, _("已派单。"))


@never_cache
@require_POST
@by_agents
def look_up(request: Request) -> HttpResponse:
    """What is known of a number. By POST, so that the number is in no address and no log. The access is logged."""
    intake = Intake(request, _meant(request), request.POST)
    intake.fill()
    return _part_or_page(intake, KNOWN)


@never_cache
@require_safe
@by_agents
def incoming(request: Request) -> HttpResponse:
    """What a softphone opens as a call comes in: a new complaint with the caller's number, and what is known of it
    (docs/integration.md). Where another site's page leads here, the agent asks for what is known: no link looks a
    number up in somebody's name. The number goes into no other request's headers.
    """
    asked = QueryDict(mutable=True)
    asked["phone"] = _as_sent(request.GET.get("phone", ""))
    if not asked["phone"]:
        return redirect("register")
    asked.update({name: request.GET[name] for name in ("call", "recording") if name in request.GET})
    intake = Intake(request, Complaint(), asked)
    intake.looked_up_as = "incoming"
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        intake.number = ""
    intake.fill()
    page = _part_or_page(intake, KNOWN)
    page.headers["Referrer-Policy"] = "strict-origin"  # `no-referrer` would take the origin off the form too
    return page


def _as_sent(number: str) -> str:
    """A plus that wasn't encoded in an address comes as a blank."""
    return f"+{number.strip()}" if number.startswith(" ") and number.strip()[:1].isdigit() else number.strip()


@require_POST
@by_agents
def suggest_unit(request: Request) -> HttpResponse:
    """The unit suggested by category and region, put into the form."""
    intake = Intake(request, _meant(request), request.POST)
    intake.suggest_into_form()
    return _part_or_page(intake, "complaints/views/parts/suggestion.html")


def _meant(request: Request) -> Complaint:
    """The forwarded complaint that the page is about, or a new one."""
    number = request.POST.get("forwarded", "")
    return known_complaint(request, number) if number else Complaint()


def _part_or_page(intake: Intake, part: str) -> HttpResponse:
    """The part that changes; without a script the whole page with everything typed."""
    if intake.request.htmx:
        return intake.show(part)
    intake.keep_files()
    if intake.no_number:
        intake.form.add_error("phone", intake.no_number)
    return intake.show(status=422 if intake.no_number else 200)


@require_http_methods(READS_AND_WRITES)
def forward(request: Request) -> HttpResponse:
    """Any employee forwards what a customer told them (R1), and sees later what became of it."""
    data = request.POST.copy() if request.method == "POST" else None
    form = VerbForm(find(Complaint, "forward"), Complaint(), request.actor, data=data, initial={"tier": "none"})
    outcome = run(request, form) if request.method == "POST" else None
    if outcome is not None:
        messages.success(
            request, _("已转交省客户服务中心，编号 %(number)s。") % {"number": outcome.subject.matter.number}
        )
        return redirect("complaint", outcome.subject.matter.number)
    status = 200 if form.refusal is None else STATUS_OF.get(form.refusal.code, 422)
    return render(request, "complaints/views/forward.html", {"form": form}, status=status)
