"""Files uploaded with a form: stored as drafts before the gate is asked, and from then on named by their tokens.

After any refusal the form comes back with its files, and nobody has to choose them again.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accountability.audit import access_log
from accountability.files import attachments
from accountability.files.fields import Files
from accountability.files.inspection import BadFile, safe_name
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm


def take_files(form: VerbForm, request: Request) -> dict[str, str]:
    """Put the tokens of the uploaded files into the form's data; return the errors for rejected files, by field.

    No file is stored for people who may not run the verb at all: the gate will say so.
    """
    wanted = [fact for fact in form.verb.facts if isinstance(fact, Files)]
    if not wanted or not form.verb.permits(form.subject, request.actor):
        return {}
    typed: Any = form.data.copy()  # type: ignore[attr-defined]
    problems = {}
    for fact in wanted:
        name = form.add_prefix(fact.name)
        tokens, said = _taken(form, request, fact)
        typed.setlist(name, tokens)
        typed.pop(f"{name}-remove", None)
        if said:
            problems[fact.name] = " ".join(said)
    form.data = typed
    if problems:
        _log_refusal(form, request, problems)
    return problems


def _taken(form: VerbForm, request: Request, fact: Files) -> tuple[list[str], list[str]]:
    """The tokens of the field, old and new, and a sentence for each rejected file."""
    tokens: list[str] = list(form[fact.name].data)
    said, over = [], []
    for upload in request.FILES.getlist(form.add_prefix(fact.name)):
        if len(tokens) >= settings.ATTACHMENTS_MOST:
            over.append(safe_name(upload.name or ""))
            continue
        content = upload.read(settings.ATTACHMENT_MOST_BYTES + 1)
        try:
            file = attachments.take(
                upload.name or "", content, by=request.user, at=request.at, kind=fact.holds, key=form.key
            )
        except BadFile as bad:
            said.append(str(bad))
        else:
            tokens = list(dict.fromkeys([*tokens, file.token]))
    if over:
        most = {"most": settings.ATTACHMENTS_MOST, "names": "、".join(over)}
        said.append(_("一次最多 %(most)s 个文件，未收下：%(names)s。") % most)
    return tokens, said


def _log_refusal(form: VerbForm, request: Request, problems: dict[str, str]) -> None:
    said = ",".join(sorted(problems))
    access_log.note(request, "upload", result="refused", matter_id=form.subject.matter_id, detail=said)
