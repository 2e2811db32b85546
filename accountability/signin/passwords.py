"""Checks passwords by the policy in force, and sets them.

Length and rarity are what counts; character classes, age and history are checked only where the policy switches them
on.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import check_password, verify_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accountability.db.pinyin import pinyin_of
from accountability.models import Employee, FormerPassword, SignInPolicy, SignInState, sign_in_policy
from accountability.signin import sessions
from accountability.signin.credentials import record_change

OF_THE_HOUSE = (
    "shouwen", "shouwenze", "首问责任制", "首问责任", "首问", "10086", "10080", "tousu", "投诉", "chinamobile",
    "mobile", "中国移动", "移动", "湖北", "zhongguoyidong", "yidong", "hubei", "liantong", "dianxin",
    "unicom", "telecom",
)  # fmt: skip
"""The first words that people here would think of."""

WORN = (
    "password", "passw0rd", "mima", "密码", "admin", "root", "demo", "test", "welcome", "qwerty", "qwertyuiop",
    "asdfgh", "zxcvbn", "iloveyou", "woaini", "abc", "123456789", "12345678", "123456", "12345", "1234", "123",
)  # fmt: skip

YEAR = re.compile(r"(?:19|20)[0-9]{2}")
LEAST_OF_ONES_OWN = 6
"""Characters that must remain once every predictable part is removed."""

LEAST_DIFFERENT = 5

A_COMMON_WORD = 2
"""Characters that a word from the list of common passwords counts for: two of them are no password, four are one."""

ROWS = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm 1qaz2wsx3edc4rfv5tgb6yhn7ujm"
ROWS += f" {ROWS[::-1]}"
LEAST_OF_A_RUN = 4
"""Signs in a row of the alphabet or the keyboard that count as one."""

CLASSES = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"), re.compile("[^a-zA-Z0-9]"))


class ForeseeableValidator:
    """Refuses passwords made of the operator's own words, the person's names, and common passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(set(password)) < LEAST_DIFFERENT or _own_part(password, user) < LEAST_OF_ONES_OWN or _is_worn(password):
            raise ValidationError(_("密码太容易猜到：不要用工号、单位、系统名、年份和常见词拼成。"), code="foreseeable")

    def get_help_text(self) -> str:
        return _("不要用工号、姓名、单位、系统名、年份或常见词拼成。")


def _own_part(password: str, user: Any) -> int:
    """How many letters and digits remain without the predictable parts. A word that is repeated counts once."""
    left = YEAR.sub(" ", password.lower())
    for word in sorted({*OF_THE_HOUSE, *WORN, *_names(user)}, key=len, reverse=True):
        left = left.replace(word, " ")
    parts = {part for part in re.split(r"[\W_]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", _without_runs(left)) if part}
    return sum(min(len(part), A_COMMON_WORD) if part in _common() else len(part) for part in parts)


def _names(user: Any) -> set[str]:
    """The person's and their unit's names as they are written and in pinyin, the given name first too."""
    unit = getattr(user, "unit", None)
    names = [getattr(user, "username", ""), getattr(unit, "code", "")]
    for name, pinyin in ((getattr(who, "name", ""), getattr(who, "pinyin", "")) for who in (user, unit)):
        # A person who isn't written yet has no pinyin either.
        syllables = (pinyin or pinyin_of(name)).split()[1:] if name else []
        begins = ["".join(syllables[:end]) for end in range(2, len(syllables) + 1)]
        names += [name, *begins, "".join([*syllables[1:], *syllables[:1]])]
    parts = {part for name in names for part in (name, *re.split(r"\W+", name or "")) if part and len(part) > 1}
    return {part.lower() for part in parts}


def _without_runs(text: str) -> str:
    """Of a run, such as abcdef, 4321, qwer or zzzz, the first sign."""
    kept, at = [], 0
    while at < len(text):
        end = at + 1
        while end < len(text) and (text[at : end + 1] in ROWS or text[end] == text[at]) and text[end] != " ":
            end += 1
        is_run = end - at >= LEAST_OF_A_RUN
        kept.append(text[at] if is_run else text[at:end])
        at = end
    return "".join(kept)


def _is_worn(password: str) -> bool:
    """A common password with something added before or after it."""
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", password.lower())
    return core in _common()


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def advice(at: datetime) -> str:
    """The text next to the field."""
    policy = sign_in_policy(at)
    sentences = [
        _("至少 %(least)s 个字符，几个不相干的词连起来就很好；不要用工号、姓名、单位、系统名、年份或常见词拼成。")
        % {"least": policy.min_length}
    ]
    if policy.classes:
        sentences.append(_("至少要有 %(least)s 类字符：大写、小写、数字、其他。") % {"least": policy.classes})
    if policy.not_repeated:
        sentences.append(_("不能与最近 %(last)s 次密码相同。") % {"last": policy.not_repeated})
    return " ".join(sentences)


def check(password: str, person: Employee, at: datetime) -> None:
    """Raises ValidationError with every sentence that applies. The length is judged by the policy, which asks for at
    least as much as Django's validator: once, and in the reader's language.
    """
    policy, problems = sign_in_policy(at), []
    try:
        validate_password(password, person)
    except ValidationError as error:
        problems += [problem for problem in error.error_list if problem.code != "password_too_short"]
    if len(password) < policy.min_length:
        sentence = _("密码至少 %(least)s 个字符。") % {"least": policy.min_length}
        problems.append(ValidationError(sentence, code="too_short"))
    if sum(bool(kind.search(password)) for kind in CLASSES) < policy.classes:
        sentence = _("密码至少要有 %(least)s 类字符：大写、小写、数字、其他。") % {"least": policy.classes}
        problems.append(ValidationError(sentence, code="classes"))
    if not problems and person.pk is not None and _was_used(password, person, policy):
        problems.append(ValidationError(_("不能使用现在或最近用过的密码。"), code="used"))
    if problems:
        raise ValidationError(problems)


def _was_used(password: str, person: Employee, policy: SignInPolicy) -> bool:
    """The present password is always refused, former ones as far as the policy looks back."""
    former = FormerPassword.objects.filter(employee=person).values_list("password", flat=True)[: policy.not_repeated]
    return any(check_password(password, known) for known in (person.password, *former) if known)


def put(person: Employee, password: str, at: datetime, *, session: str | None = None) -> None:
    """Set the password. Every other session of the person ends, and a closed sign-in is open again."""
    policy = sign_in_policy(at)
    with transaction.atomic():
        _replace(person, password, at, policy)
        record_change(person, "set_password", at, [person])
    sessions.end_all(person.pk, but=session)


def _replace(person: Employee, password: str, at: datetime, policy: SignInPolicy) -> None:
    if policy.not_repeated and person.has_usable_password():
        FormerPassword.objects.create(employee=person, password=person.password, replaced_at=at)
    keep = FormerPassword.objects.filter(employee=person).values_list("pk", flat=True)[: policy.not_repeated]
    FormerPassword.objects.filter(employee=person).exclude(pk__in=list(keep)).delete()
    person.set_password(password)
    person._history_date = at  # type: ignore[attr-defined]
    person.save(update_fields=["password"])
    SignInState.objects.update_or_create(employee=person, defaults={"password_set_at": at, "closed_at": None})


def is_right(person: Employee, typed: str, at: datetime) -> bool:
    """Whether this is the password. A digest by an old method is replaced by one of the same password."""
    is_correct, is_old = verify_password(typed, person.password)
    if is_correct and is_old:
        with transaction.atomic():
            person.set_password(typed)
            person.save(update_fields=["password"])
            record_change(person, "set_password", at, [person])
    return is_correct
