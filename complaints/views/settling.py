"""Register and settle in one form what is settled on the call: five acts, as if each had been sent by itself.

The centre registers the complaint, handles it directly, judges its own work, replies and records the satisfaction. Each
of the five is judged and written as ever; if one of them is refused, none is done.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.forms import RadioSelect
from django.utils.translation import gettext as _

from accountability.gate.act import Batch, Refused
from accountability.gate.fields import clean_all
from accountability.gate.perform import Outcome, perform_in_turn
from accountability.gate.verbs import find
from accountability.web.request import Request
from accountability.web.uploads import take_files
from accountability.web.verb_forms import VerbForm
from complaints.forms.defaults import REPLY
from complaints.models import Complaint

ASKED = ("handle_directly", "reply", "record_satisfaction")
"""The acts after the registration that ask for something. The judgement doesn't: what isn't complete isn't settled."""


class Settling:
    """What the form asks for besides the registration: the result, what the customer was told, and whether they are
    satisfied. Its fields have the prefix `settled`, since other verbs on the page have facts of the same names.
    """

    def __init__(self, request: Request, complaint: Complaint, data: Any) -> None:
        self.request, self.complaint, self.data = request, complaint, data
        self.forms = {name: self._form(name) for name in ASKED}

    def _form(self, name: str) -> VerbForm:
        form = VerbForm(find(Complaint, name), self.complaint, self.request.actor, data=self.data)
        form.prefix = "settled"
        form.use_required_attribute = False  # the complaint may also be only registered
        if name == "reply":
            form.fields["content"].required = False
            form.fields["content"].help_text = _("留空则以处理结果回复。")
        return form

    @property
    def wanted(self) -> bool:
        return self.data is not None and self.data.get("then") == "settle"

    @property
    def is_open(self) -> bool:
        """Whether the page shows its fields: once something was typed there, or it was refused."""
        return self.wanted or any(value for form in self.forms.values() for value in form.raw().values())

    @property
    def is_left_out(self) -> bool:
        """Whether something was typed there although another button was pressed. An option of a radio group can't be
        taken back, so it alone doesn't count.
        """
        return not self.wanted and any(
            not isinstance(form.fields[name].widget, RadioSelect) for form in self.forms.values() for name in form.raw()
        )

    def refuse_left_out(self) -> None:
        self.result.add_error("result", _("已填写当场处理结果：请点“登记并办结”，或清空后再提交。"))

    @property
    def result(self) -> VerbForm:
        return self.forms["handle_directly"]

    @property
    def reply(self) -> VerbForm:
        return self.forms["reply"]

    @property
    def satisfaction(self) -> VerbForm:
        return self.forms["record_satisfaction"]

    @cached_property
    def has_errors(self) -> bool:
        return any(form.errors for form in self.forms.values())

    def told(self, name: str) -> dict[str, Any]:
        """What is told to the verb of this name. The reply is the result, unless other words were typed."""
        if name == "judge_complete":
            return {"complete": "true"}
        facts = self.forms[name].raw()
        if name == "reply" and not facts and (result := self.result.raw().get("result")):
            return {"content": f"{REPLY}{result}"}
        return facts

    def demanded(self, name: str) -> tuple[str, ...]:
        return tuple(find(Complaint, name).demands(self.told(name)))

    def run(self, form: VerbForm) -> Outcome | None:
        """Do all five acts. None where one was refused: then nothing was done, and every error is at its field."""
        problems = take_files(form, self.request)
        if self._lacks(form) or problems:
            for name, sentence in problems.items():
                form.add_error(name, sentence)
            return None
        steps: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [("register", form.raw(), ())]
        steps += [(name, self.told(name), self.demanded(name)) for name in IN_TURN]
        try:
            return perform_in_turn(
                self.complaint, steps, by=self.request.user, at=self.request.at, key=form.key, seen=form.seen
            )
        except Refused as refusal:
            self.forms.get(refusal.verb, form).refuse(refusal)
            form.refusal = refusal
            return None

    def _lacks(self, form: VerbForm) -> bool:
        """Tell everything that is missing or wrong at once, not only what the first of the acts refuses."""
        batch, found = Batch(self.request.at), False
        for name, shown in {"register": form, **self.forms}.items():
            shown.is_valid()
            typed = form.raw() if name == "register" else self.told(name)
            demanded = () if name == "register" else self.demanded(name)
            _values, errors = clean_all(shown.verb.facts, typed, self.complaint, batch, demanded=demanded)
            if name == "reply" and not self.result.raw():
                errors = {}  # its words are the result's, which is missing
            for fact, sentence in errors.items():
                shown.add_error(fact, sentence)
            found = found or bool(errors)
        return found


IN_TURN = ("handle_directly", "judge_complete", "reply", "record_satisfaction")
"""The acts after the registration."""
