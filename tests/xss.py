"""What somebody types who wants it to run in another's browser. Each says `xss` and its number, so that it can be
looked for, and marks what it makes with `data-xss`, so that it can be found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeGuard
from zlib import crc32

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, Model, TextField

from accountability.db import sql
from accountability.gate.fields import Code, Fact, Phone, Text
from accountability.gate.verbs import VERBS
from accountability.security import encryption
from accountability.web import standing_statements

TEMPLATES = (
    "<script data-xss>alert('{}')</script>",
    "<img data-xss src=x onerror=alert('{}')>",
    "<svg data-xss onload=alert('{}')>",
    "\"><img data-xss src=x onerror=alert('{}')>",
    "'><svg data-xss onload=alert('{}')>",
    "\" autofocus onfocus=alert('{}') data-xss=\"",
    "' onmouseover=alert('{}') data-xss='",
    "` onclick=alert('{}') data-xss=`",
    "</textarea><script data-xss>alert('{}')</script>",
    "</title><script data-xss>alert('{}')</script>",
    "</style><script data-xss>alert('{}')</script>",
    "</script><script data-xss>alert('{}')</script>",
    "</select><svg data-xss onload=alert('{}')>",
    "--><script data-xss>alert('{}')</script>",
    "]]><script data-xss>alert('{}')</script>",
    "javascript:alert('{}')",
    "java\tscript:alert('{}')",
    "data:text/html,<script data-xss>alert('{}')</script>",
    "<a data-xss href=javascript:alert('{}')>x</a>",
    "<iframe data-xss srcdoc=\"<script>alert('{}')</script>\">",
    "<object data-xss data=javascript:alert('{}')>",
    "<embed data-xss src=javascript:alert('{}')>",
    "<base data-xss href=//evil.example/{}/>",
    "<meta data-xss http-equiv=refresh content=\"0;url=javascript:alert('{}')\">",
    "<form data-xss action=javascript:alert('{}')><button autofocus>x",
    "<details data-xss open ontoggle=alert('{}')>",
    "<video data-xss><source onerror=alert('{}')></video>",
    "<body data-xss onload=alert('{}')>",
    "<div data-xss hx-get=/sign-out/ hx-trigger=load>{}</div>",
    "<div data-xss hx-on:load=\"alert('{}')\">x</div>",
    "<div data-xss hx-vals='js:{{x:alert(\"{}\")}}' hx-get=/ hx-trigger=load>",
    "<link data-xss rel=stylesheet href=//evil.example/{}.css>",
    "<style data-xss>*{{background:url(//evil.example/{})}}</style>",
    "<p data-xss style=\"background:url(//evil.example/{})\">",
    "{{{{ 7|add:'{}' }}}}{{% debug %}}",
    "${{alert('{}')}}#{{alert(1)}}",
    "\\u003cscript data-xss\\u003ealert('{}')\\u003c/script\\u003e",
    "&lt;script data-xss&gt;alert('{}')&lt;/script&gt;",
    "&#60;img data-xss src=x onerror=alert('{}')&#62;",
    "\ufeff＜script data-xss＞alert('{}')＜/script＞",
    "<scr<script>ipt data-xss>alert('{}')</scr</script>ipt>",
    "<math data-xss><mtext><style><img src=x onerror=alert('{}')></style></mtext></math>",
    "<noscript><p title=\"</noscript><img data-xss src=x onerror=alert('{}')>\">",
    "\"}}; alert('{}'); //",
    "';alert('{}')//",
    "<i data-xss hx-post=/{}/ hx-trigger=load></i>",
    "<i data-xss data-hx-post=/{}/ data-hx-trigger=load></i>",
    "<i data-xss hx-get=/{}/ hx-trigger=load hx-swap=outerHTML hx-target=body></i>",
    "<i data-xss hx-post=/{}/ hx-trigger=load hx-include='[name=csrfmiddlewaretoken]'></i>",
    "<i data-xss hx-vals='{{\"_key\":\"{}\"}}' hx-post=. hx-trigger='load delay:9ms'></i>",
    "<button data-xss form=intake formaction=/{}/ autofocus>x</button>",
    "<input data-xss type=image src=x formaction=/{}/ formmethod=post>",
    "</form><form data-xss method=post action=/{}/><button>x",
    "<iframe data-xss srcdoc='<form action=/{}/ method=post></form>'></iframe>",
    "<meta data-xss http-equiv=refresh content='0;url=/{}/'>",
    "<p data-xss style='position:fixed;inset:0' title={}>x</p>",
    "\" hx-post=/{}/ hx-trigger=load data-xss=\"",
    "' data-hx-get=/{}/ data-hx-trigger=load data-xss='",
    "</option></select><i data-xss hx-get=/{}/ hx-trigger=load></i>",
)  # fmt: skip

PAYLOADS = [template.format(f"xss{number}") for number, template in enumerate(TEMPLATES)]

SHORT = [
    template.format(f"xss{number}")
    for number, template in enumerate((
        "<b data-xss>{}</b>", "<u data-xss>{}</u>", "<i data-xss hx-post=/{}>", "<i data-xss hx-get=/{}>",
        "<b data-xss onclick={}>", "<base data-xss href=/{}>", "<a data-xss href=//{}>", "<s data-xss srcdoc={}>",
        "<i data-hx-get=/{} data-xss>", "<p data-xss style={}>", "<form data-xss id={}>",
    ), 90)
]  # fmt: skip
"""For a short fact: a region, a source, a shift, the number of a letter or of a slip."""


def that_fits(most: int, turn: int) -> str:
    """A payload of at most so many letters, another one each turn; empty where none is so short."""
    fitting = [payload for payload in (*PAYLOADS, *SHORT) if len(payload) <= most]
    return fitting[turn % len(fitting)] if fitting else ""


# What is typed by somebody who means harm


def nasty(fact: Fact, value: Any, turn: Iterator[int], several: int) -> Any:
    """The value with so many payloads at its end, as far as there is room: of a text, a name or a short fact."""
    if not is_typed(fact) or not isinstance(value, str) or not value:
        return value
    room, payloads = fact.max_length, ""
    for _payload in range(several):
        payloads += that_fits(room - 1 - len(payloads), next(turn))
    return f"{value[: room - len(payloads)]}{payloads}"


def is_typed(fact: Fact) -> TypeGuard[Text]:
    """Whether somebody types it as they like: any kind of text but a number or a code, which have a pattern."""
    return isinstance(fact, Text) and not isinstance(fact, (Code, Phone))


# What is stored by somebody who means harm

WORDS = re.compile("[\u4e00-\u9fff]|[A-Za-z] [A-Za-z]")
MARKED = re.compile(r"xss\d+")


def stored(value: Any, *, is_word: bool = False) -> Any:
    """What is read from a column, with two payloads at the end of each text in it that holds words; always the same two
    for the same text, so that what is equal stays equal.
    """
    if isinstance(value, dict):
        return {key: stored(each) for key, each in value.items()}
    if isinstance(value, list):
        return [stored(each) for each in value]
    if not isinstance(value, str) or not value or MARKED.search(value) or not (is_word or WORDS.search(value)):
        return value
    if value[0] in "{[":  # a paper is sealed as it is written in JSON
        with suppress(ValueError):
            return json.dumps(stored(json.loads(value)), ensure_ascii=False)
    turn = crc32(value.encode())
    return f"{value}{PAYLOADS[turn % len(PAYLOADS)]}{PAYLOADS[turn // 99 % len(PAYLOADS)]}"


@contextmanager
def planted() -> Iterator[set[str]]:
    """Every text that is read from the database inside carries payloads: each column of each model of ours that holds
    words, however it came there, each sealed text and each file's name. Gives the columns in which it was seen.

    How a column is read is kept by the process; it is forgotten before, or nothing would be planted in what was read
    already, and afterwards, or the next tests would read it too.
    """
    forget_how_to_read()
    with pytest.MonkeyPatch.context() as patched:
        yield _plant(patched)
    forget_how_to_read()


def forget_how_to_read() -> None:
    """What the process keeps of how rows become objects, with the converters of each field."""
    standing_statements._reading.cache_clear()
    sql.shape_of.cache_clear()


def _plant(patched: pytest.MonkeyPatch) -> set[str]:
    seen: set[str] = set()
    typed = {fact.name for verb in VERBS.values() for fact in verb.facts if is_typed(fact)}
    for field in (field for model in apps.get_models() if is_ours(model) for field in model._meta.concrete_fields):
        if isinstance(field, (CharField, TextField, JSONField)) and not field.choices:
            patched.setattr(field, "from_db_value", _reader(field, field.name in typed, seen), raising=False)
    unseal = encryption._unseal

    def unseal_with_payloads(sealed: bytes, bound: bytes) -> bytes:
        plain = unseal(sealed, bound)
        if bound.startswith(b"name:"):
            stem, dot, extension = plain.decode().rpartition(".")
            return f"{stored(stem, is_word=True)}{dot}{extension}".encode()
        try:
            return json.dumps(stored(json.loads(plain)), ensure_ascii=False).encode()
        except ValueError:
            return plain

    patched.setattr(encryption, "_unseal", unseal_with_payloads)
    return seen


def is_ours(model: type[Model]) -> bool:
    return model.__module__.partition(".")[0] in ("accountability", "complaints", "assessment")


def _reader(field: Any, is_word: bool, seen: set[str]) -> Callable[..., Any]:
    read = getattr(field, "from_db_value", None)

    def with_payloads(value: Any, expression: Any, connection: Any) -> Any:
        plain = read(value, expression, connection) if read else value
        found = stored(plain, is_word=is_word)
        if found != plain:
            seen.add(f"{field.model.__name__}.{field.name}")
        return found

    return with_payloads
