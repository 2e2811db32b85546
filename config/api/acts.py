"""Verbs: what a program does in its person's name goes through the gate like a form, at the instant of its arrival."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accountability.deadlines.limits import SHANGHAI
from accountability.gate.act import Refused
from accountability.gate.fields import Instant
from accountability.gate.perform import Outcome, perform
from accountability.gate.verbs import Verb
from accountability.permissions import Actor
from accountability.signin import tokens
from accountability.web.verb_pages import STATUS_OF
from config.api.framework import View
from config.api.kinds import COMPLAINTS, Kind
from config.api.members import a
from config.api.problems import Problem
from config.api.versions import version_of

KEY = re.compile(r"[\x21-\x7e]{1,200}")
"""What an Idempotency-Key may be: visible ASCII. The quotation marks of a structured header are part of it."""

WITH_OFFSET = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{3}(000)?)?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)

REPEATED = "Idempotency-Replayed"
DO = "do"
"""The member of a beginning that names its verb, as in the scenarios."""

CHANGED = "changed"
"""The head of no record."""

SECONDS = 2
"""After which somebody else's act on the same matter is over."""


class Act(View):
    """POST runs one verb on one matter. The answer is the receipt of its entry in the record, the same each time."""

    kind: Kind = COMPLAINTS

    @property
    def scope(self) -> str:  # type: ignore[override]
        return self.kind.scope

    @extend_schema(request=None, responses={200: a("Receipt")})
    def post(self, request: Any, verb: str, number: str = "") -> Response:
        entry = self.kind.verb(verb)
        subject = self.kind.find(self.asked, number)
        outcome = self.perform(entry, subject, dict(request.data), head=self._head_read(entry, subject, number))
        return self.answer(entry, outcome, 200)

    def perform(self, entry: Verb, subject: Any, facts: dict[str, Any], *, head: str | None = None) -> Outcome:
        known = {fact.name for fact in entry.facts}
        if unknown := sorted(set(facts) - known):
            raise Problem(422, _("请更正标出的内容。"), code="facts", errors=dict.fromkeys(unknown, _("没有这一项。")))
        facts |= {name: local(facts[name]) for name in _instants_of(entry) & facts.keys()}
        try:
            return perform(
                subject, entry.name, by=self.asked.user, at=self.asked.at, key=self._key(), ledger_head=head, **facts
            )
        except Refused as refused:
            raise self._problem(refused, head is not None) from None

    def answer(self, entry: Verb, outcome: Outcome, status: int) -> Response:
        written = next(each for each in outcome.entries if each.verb == entry.name)
        number = str(outcome.subject.matter)
        receipt = {"number": number, "verb": entry.name, "at": written.at.isoformat(), "round": written.part or None}
        headers = {"Location": f"{self.asked.path}/{number}"} if status == 201 and self.kind.is_read else {}
        return Response(receipt, status, headers=headers | ({REPEATED: "true"} if outcome.repeated else {}))

    # What the headers say

    def _key(self) -> str | None:
        """The gate's key for this request; refused where it was sent with something else before."""
        said = self.asked.headers.get("Idempotency-Key")
        if said is None:
            return None
        if not KEY.fullmatch(said):
            raise Problem(400, _("Idempotency-Key 应是 1 到 200 个可见字符。"))
        content = json.dumps([self.asked.path, self.request.data], sort_keys=True)
        known = tokens.remembered(self.asked.actor.employee, said, content, self.asked.at)
        if known is None:
            raise Problem(422, _("这个 Idempotency-Key 已用于另一请求。"), code="key")
        return known.gate_key

    def _head_read(self, entry: Verb, subject: Any, number: str) -> str | None:
        """The head of the record that the program's ETag was made of; None where it named none. Where what it read has
        changed since, no record has the head: the gate refuses the act, unless it was done before under this key.
        """
        said = self.asked.headers.get("If-Match")
        if said is None or said.strip() == "*":
            return self._unread(entry, subject)
        if not self.kind.is_read:
            raise Problem(412, code="version")
        known = version_of(self.asked, self.kind, number)
        if known.tag not in [each.strip() for each in said.split(",")]:
            return CHANGED
        return known.head

    def _unread(self, entry: Verb, subject: Any) -> str | None:
        """What somebody puts their name to by this verb they must have read; who may not run it is told that alone."""
        if entry.seen is None:
            return None
        if entry.permits(subject, self.asked.actor):
            raise Problem(428, _("须先读取，并以 If-Match 指明所读内容的 ETag。"), code="unread")
        return CHANGED

    # Refusals

    def _problem(self, refused: Refused, has_version: bool) -> Problem:
        """The status that a page would answer with; what nobody could judge may be sent again."""
        if refused.code == "busy":
            return Problem(503, refused, code="busy", headers={"Retry-After": str(SECONDS)})
        if refused.code == "stale" and has_version:
            return Problem(412, _("内容已有变化，请重新读取。"), code="version")
        status = STATUS_OF.get(refused.code, 422)
        present = self._present() if status == 409 else {}
        return Problem(status, refused, code=refused.code, errors=refused.fields, **present)

    def _present(self) -> dict[str, Any]:
        """The state that stands in the way, for who may know it."""
        number = self.kwargs.get("number")
        if number is None:
            return {}
        try:
            subject = self.kind.find(self.asked, number)
        except Http404:
            return {}
        return {"state": _state(subject, self.asked.actor)} if subject.tells_present(self.asked.actor) else {}


def _instants_of(entry: Verb) -> set[str]:
    return {fact.name for fact in entry.facts if isinstance(fact, Instant)}


def local(said: Any) -> Any:
    """An instant with its offset, as this interface tells one, in the words of the forms; anything else as it is."""
    if not isinstance(said, str) or not WITH_OFFSET.fullmatch(said):
        return said
    try:
        at = datetime.fromisoformat(said).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        return said
    return at.replace(tzinfo=None).isoformat(" ", "milliseconds")


def _state(subject: Any, actor: Actor) -> dict[str, str]:
    """`label` says it in words, of a complaint that is with a unit that of its round."""
    return {"name": str(getattr(subject, "state", "")), "label": str(subject.describe_state())}


class Begin(Act):
    """POST begins a matter by the verb that `do` names, or by the kind's usual one."""

    @extend_schema(request=None, responses={201: a("Receipt")})
    def post(self, request: Any) -> Response:  # type: ignore[override]
        facts = dict(request.data)
        wanted, known = facts.pop(DO, self.kind.begun_by), {each.name: each for each in self.kind.beginnings}
        if not isinstance(wanted, str) or wanted not in known:
            raise Problem(422, _("请更正标出的内容。"), code="facts", errors={DO: _("请从列出的选项中选择。")})
        if "If-Match" in self.asked.headers:
            raise Problem(412, code="version")
        entry = known[wanted]
        return self.answer(entry, self.perform(entry, self.kind.model(), facts), 201)
