"""One verb on one subject, by a form: what every page of a verb does the same way, whatever frame it stands in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.forms import VerbForm
from accountability.gate import Outcome
from accountability.permissions import Actor
from accountability.verbs import Verb
from accountability.web import STATUS_OF, Request, run


def barred(entry: Verb, subject: Any, actor: Actor) -> tuple[int, str] | None:
    """The status and the sentence instead of a form, where the verb isn't this person's or can't be run now."""
    match entry.barred(subject, actor):
        case "forbidden":
            return 403, _("您没有“%(verb)s”的权限。") % {"verb": entry.label}
        case "state":
            return 409, _("当前状态不能“%(verb)s”。") % {"verb": entry.label}
    return None


def can_run(entry: Verb, subject: Any, actor: Actor) -> bool:
    """Whether a form for it may be sent; a refused one that may not keeps what was typed and has no button."""
    return not entry.barred(subject, actor)


def carry_out(request: Request, form: VerbForm) -> Outcome | None:
    """Put the form through the gate; done is told in a message, refused (None) stands in the form."""
    outcome = run(request, form)
    if outcome:
        messages.success(request, _("“%(verb)s”已完成。") % {"verb": form.verb.label})
    return outcome


def status_of(form: VerbForm) -> int:
    """The status of the answer that shows the form: as it comes, or refused."""
    return STATUS_OF.get(form.refusal.code, 422) if form.refusal else 200


def ready_again(form: VerbForm, present: Any) -> int:
    """Let a refused form be sent once more from what is shown now; gives the status of the answer."""
    assert form.refusal is not None
    status = status_of(form)
    form.renew(present.shown_for(form.verb.name), fresh_key=form.refusal.code == "stale")
    return status


def verb_page(
    entry: Verb, subject: Any, actor: Actor, form: VerbForm | None, sentence: str, *, back: str, action: str
) -> dict[str, Any]:
    """What `includes/verb_page.html` shows: the form, or the sentence instead of it. `back` and `action` name the
    addresses of the matter's page and of its verbs.
    """
    number = subject.matter.number
    return {
        "verb": entry, "form": form, "sentence": sentence, "can_run": can_run(entry, subject, actor),
        "matter": subject.matter, "back": reverse(back, args=[number]),
        "action": reverse(action, args=[number, entry.name]),
    }  # fmt: skip
