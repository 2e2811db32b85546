"""What the company's sign-on service says is believed only where it said it, to us, just now and for this sign-in."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from threading import Event
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, Employee
from accountability.signin import provider as talk
from config.limits import BY_NAME, PROVIDER, SIGNING_IN
from tests.accountability.signin.company import Company, is_in
from tests.accountability.signin.conftest import Door
from tests.accountability.signin.pretend_provider import CLIENT, SECRET, Provider, ec_key, public, rsa_key
from tests.factories import Now

START, RETURN = reverse("company_sign_in"), reverse("company_return")

pytestmark = pytest.mark.usefixtures("cast")

Claims = dict[str, Any]
Forge = Callable[[Provider, Claims], Any]


# Tokens


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Claims, claims: Any, key: bytes = b"") -> str:
    """A token as no library would make it, with a digest under this key."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(key, signed.encode(), hashlib.sha256)) if key else ''}"


def pem() -> bytes:
    return rsa_key("one").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def claiming(**claims: Any) -> Forge:
    """Truly signed, but claiming this; None takes a claim away."""

    def make(provider: Provider, told: Claims) -> str:
        kept = {name: value for name, value in (told | claims).items() if value is not None}
        return provider.sign(kept)

    return make


def later(name: str, seconds: float) -> Forge:
    return lambda provider, told: provider.sign(told | {name: told["iat"] + seconds})


def bent(provider: Provider, told: Claims) -> str:
    head, _body, signature = provider.sign(told).split(".")
    return f"{head}.{part(told | {'sub': 's-other'})}.{signature}"


def own_key(provider: Provider, told: Claims) -> str:
    """With its own key in the header."""
    key = rsa_key("thief")
    return jwt.encode(told, key, algorithm="RS256", headers={"jwk": public("thief", key), "kid": "thief"})


FORGED: dict[str, Forge] = {
    "without a signature": lambda _p, told: by_hand({"alg": "none", "kid": "one"}, told),
    "without a signature, in capitals": lambda _p, told: by_hand({"alg": "NoNe", "kid": "one"}, told),
    "with an empty signature": lambda p, told: p.sign(told).rpartition(".")[0] + ".",
    "signed with our own secret": lambda _p, told: by_hand({"alg": "HS256", "kid": "one"}, told, SECRET.encode()),
    "signed with the public key as a secret": lambda _p, told: by_hand({"alg": "HS256", "kid": "one"}, told, pem()),
    "the same, saying RS256": lambda _p, told: by_hand({"alg": "RS256", "kid": "one"}, told, pem()),
    "signed by another": lambda _p, told: jwt.encode(told, rsa_key("thief"), "RS256", headers={"kid": "one"}),
    "signed by an unknown key": lambda _p, told: jwt.encode(told, rsa_key("thief"), "RS256", headers={"kid": "x"}),
    "with its own key": own_key,
    "with an address of its key": lambda p, told: p.sign(told, rsa_key("thief"), jku="https://evil.example/keys"),
    "of another kind of key": lambda p, told: p.sign(told, ec_key("thief"), "ES256"),
    "without a key's name": lambda _p, told: jwt.encode(told, rsa_key("one"), "RS256"),
    "with bent claims": bent,
    "that must understand what we don't": lambda p, told: p.sign(told, crit=["x"], x=1),
    "for another purpose": lambda p, told: p.sign(told, typ="at+jwt"),
    "that signs out": lambda p, told: p.sign(told, typ="logout+jwt"),
    "of a type that is none": lambda p, told: by_hand({"alg": "RS256", "typ": ["JWT"], "kid": "one"}, told),
    "of another issuer": claiming(iss="https://evil.example"),
    "of an issuer almost the same": lambda p, told: p.sign(told | {"iss": p.issuer + "/"}),
    "of a list of issuers": lambda p, told: by_hand({"alg": "RS256", "kid": "one"}, told | {"iss": [p.issuer]}),
    "without issuer": claiming(iss=None),
    "for another": claiming(aud="another"),
    "for nobody": claiming(aud=None),
    "for several, without who asked": claiming(aud=[CLIENT, "another"]),
    "for several, asked by another": claiming(aud=[CLIENT, "another"], azp="another"),
    "asked by another": claiming(azp="another"),
    "that is over": later("exp", -61),
    "without end": claiming(exp=None),
    "with an end in words": claiming(exp="9999999999"),
    "with an end that is true": claiming(exp=True),
    "with an end that is no number": claiming(exp=float("nan")),
    "without a beginning": claiming(iat=None),
    "made long ago": later("iat", -661),
    "made in the future": later("iat", 61),
    "not good yet": later("nbf", 61),
    "with a beginning in words": claiming(nbf="0"),
    "of nobody": claiming(sub=None),
    "of a number": lambda p, told: by_hand({"alg": "RS256", "kid": "one"}, told | {"sub": 7}),
    "of an empty name": claiming(sub=""),
    "of NUL": claiming(sub="s\x00"),
    "of a long name": claiming(sub="s" * 256),
    "for another sign-in": claiming(nonce="n" * 43),
    "for no sign-in": claiming(nonce=None),
    "for a list of sign-ins": lambda p, told: p.sign(told | {"nonce": [told["nonce"]]}),
    "that is deep": lambda _p, _told: f"{part(b'[' * 9000)}.{part({})}.x",
    "that holds depth": lambda p, _told: f"{part({'alg': 'RS256', 'kid': 'one'})}.{part(b'[' * 9000)}.x",
    "that is long": lambda p, told: p.sign(told | {"x": "x" * 20000}),
    "that is none": lambda _p, _told: "x.y.z",
    "that is empty": lambda _p, _told: "",
    "that is a number": lambda _p, _told: 7,
    "that isn't there": lambda _p, _told: None,
    "that is a list": lambda _p, _told: ["x"],
}


@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2", "9.1.3", "9.2.1", "9.2.2", "9.2.3", "10.5.1", "10.5.4")
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_opens_nothing(company: Company, forge: Forge) -> None:
    company.provider.make = lambda told: forge(company.provider, told)
    client = Client()
    answer = company.comes("wh.zhang", client)
    assert (answer.status_code, is_in(client), company.linked()) == (400, False, [])
    assert company.refusal.startswith("company_sign_in ")
    company.provider.make = None
    assert company.comes("wh.zhang", client).status_code == 302


GOOD: dict[str, Forge] = {
    "for us alone, in a list": claiming(aud=[CLIENT]),
    "for several, asked by us": claiming(aud=[CLIENT, "another"], azp=CLIENT),
    "just over, by our clock": later("exp", -59),
    "just made, by the other clock": later("iat", 59),
    "of a type": lambda p, told: p.sign(told, typ="JWT"),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_what_is_good_is_taken(company: Company, make: Forge) -> None:
    company.provider.make = lambda told: make(company.provider, told)
    assert company.comes("wh.zhang").status_code == 302


@pytest.mark.asvs("9.1.2")
def test_a_key_that_is_shared_weak_or_not_for_signatures_proves_nothing(company: Company) -> None:
    provider, told = company.provider, {"kid": "x"}
    shared = {"kty": "oct", "k": part(b"k" * 32), "kid": "x", "use": "sig"}
    weak, of_rsa = rsa_key("weak", 1024), rsa_key("one")
    tries: list[tuple[Any, Callable[[Claims], str]]] = [
        (shared, lambda claims: by_hand({"alg": "HS256", "kid": "x"}, claims, b"k" * 32)),
        (shared, lambda claims: by_hand({"alg": "RS256", "kid": "x"}, claims, b"k" * 32)),
        (public("x", of_rsa, use="enc"), lambda claims: jwt.encode(claims, of_rsa, "RS256", told)),
        (public("x", of_rsa, alg="PS256"), lambda claims: jwt.encode(claims, of_rsa, "RS256", told)),
        ({"kid": "x", "kty": "RSA"}, lambda claims: jwt.encode(claims, of_rsa, "RS256", told)),
        ("x", lambda claims: jwt.encode(claims, of_rsa, "RS256", told)),
        (public("x", weak), lambda claims: by_weak(claims, weak)),
    ]
    for key, make in tries:
        talk._kept.clear()
        provider.keys, provider.make = [key], make
        assert company.comes("wh.zhang").status_code == 400


def by_weak(claims: Claims, key: Any) -> str:
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        return jwt.encode(claims, key, "RS256", {"kid": "x"})


@pytest.mark.parametrize("alg", ["ES256", "PS256"])
def test_other_signatures_by_a_private_key_are_taken(company: Company, alg: str) -> None:
    key: Any = ec_key("two") if alg == "ES256" else rsa_key("one")
    company.provider.keys = [public("two", key)]
    company.provider.make = lambda told: company.provider.sign(told, key, alg, kid="two")
    assert company.comes("wh.zhang").status_code == 302


def test_keys_may_change_and_made_up_ones_cause_one_question_a_minute(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.monotonic()]
    monkeypatch.setattr(talk.time, "monotonic", lambda: clock[0])
    provider = company.provider
    company.inside("wh.zhang")
    provider.keys = [public("two", rsa_key("two"))]
    provider.make = lambda told: provider.sign(told, rsa_key("two"), kid="two")
    assert company.comes("wh.zhang").status_code == 400
    clock[0] += 61
    assert company.comes("wh.zhang").status_code == 302
    asked = provider.asked.count("/keys")
    for number in range(9):
        Client().post(reverse("company_sign_out"), {"logout_token": provider.sign({}, kid=f"x{number}")})
    assert (asked, provider.asked.count("/keys")) == (2, 2)
    assert provider.asked.count("/.well-known/openid-configuration") == 1


# The way there and back


@pytest.mark.asvs("10.2.1", "10.1.2")
def test_a_return_is_good_once_for_the_browser_that_began_it(company: Company) -> None:
    client, other = Client(), Client()
    company.begins(other)
    place = company.provider.back(company.begins(client).headers["location"], preferred_username="wh.zhang")
    assert [Client().get(place).status_code, other.get(place).status_code] == [400, 400]
    assert (company.provider.forms, company.refusal) == ([], "company_sign_in state")
    assert client.get(place).status_code == 302
    client.post(reverse("sign_out"))
    assert (client.get(place).status_code, is_in(client)) == (400, False)


@pytest.mark.asvs("10.1.2")
def test_a_code_caught_elsewhere_is_worth_nothing_in_another_sign_in(company: Company) -> None:
    """Its verifier is in the session that began it: the provider refuses. What it says of the nonce would be next."""
    victim, thief = Client(), Client()
    caught = company.provider.back(company.begins(victim).headers["location"], preferred_username="wh.zhang")
    code = caught.partition("code=")[2].partition("&")[0]
    own = company.provider.back(company.begins(thief).headers["location"], preferred_username="wh.li")
    state = own.partition("state=")[2]
    assert thief.get(RETURN, {"code": code, "state": state}).status_code == 400
    assert (company.refusal, is_in(thief)) == ("company_sign_in code", False)


def test_a_wrong_state_ends_the_sign_in(company: Company) -> None:
    for state in ("", "x", "x" * 5000, "\ud800"):
        client = Client()
        place = company.provider.back(company.begins(client).headers["location"], preferred_username="wh.zhang")
        wrong = client.get(RETURN, {"code": "x", "state": state.encode("utf-8", "replace").decode()})
        assert (wrong.status_code, client.get(place).status_code) == (400, 400)


def test_whoever_takes_too_long_begins_anew(company: Company, now: Now) -> None:
    client = Client()
    place = company.begins(client).headers["location"]
    now.forward(seconds=601)
    assert client.get(company.provider.back(place, preferred_username="wh.zhang")).status_code == 400


def test_whoever_gives_up_there_is_told_so(company: Company) -> None:
    client = Client()
    state = company.begins(client).headers["location"].partition("state=")[2].partition("&")[0]
    answer = client.get(RETURN, {"error": "access_denied", "error_description": "<b>x</b>", "state": state})
    page = answer.content.decode()
    assert (answer.status_code, "这次登录没有完成" in page, "<b>x" in page) == (400, True, False)
    assert company.refusal == "company_sign_in cancelled"


@pytest.mark.asvs("10.2.2")
@pytest.mark.parametrize(
    ("says", "iss", "status"),
    [(False, None, 302), (False, "own", 302), (False, "https://evil.example", 400), (True, None, 400),
     (True, "own", 302), (True, "", 400)],
)  # fmt: skip
def test_the_answer_of_another_provider_is_none_of_ours(
    company: Company, says: bool, iss: str | None, status: int
) -> None:
    company.provider.says = {"authorization_response_iss_parameter_supported": says}
    client = Client()
    place = company.provider.back(company.begins(client).headers["location"], preferred_username="wh.zhang")
    more = {} if iss is None else {"iss": company.provider.issuer if iss == "own" else iss}
    assert client.get(place + "".join(f"&iss={value}" for value in more.values())).status_code == status


def test_the_secret_is_told_as_the_provider_wants_it(company: Company) -> None:
    company.provider.says = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert company.comes("wh.zhang").status_code == 400  # the pretended one wants it in the header
    assert company.provider.forms[-1]["client_secret"] == SECRET


# A provider that is away, or bent


def test_a_provider_that_is_down_is_told_and_passwords_still_open(company: Company, door: Door) -> None:
    door.knows("wh.zhang")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        company.settings.OIDC_ISSUER = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        answer = Client().get(START)
    assert (answer.status_code, "公司账号服务暂时无法使用" in answer.content.decode()) == (503, True)
    assert company.refusal == "company_sign_in ConnectionRefusedError"
    assert door.sign_in("wh.zhang").status_code == 302


def test_one_that_hangs_is_given_up_within_seconds(company: Company) -> None:
    company.provider.silent = Event()
    began = time.monotonic()
    assert Client().get(START).status_code == 503
    assert time.monotonic() - began < 5
    assert talk.CONNECT + talk.LONGEST <= 5


ANSWERS: tuple[tuple[int, Any], ...] = (
    (500, {}), (302, "http://127.0.0.1:9/"), (404, {}), (200, b"not json"), (200, b""), (200, []), (200, b"[" * 60000),
    (200, b'{"x": "' + b"x" * 70000 + b'"}'), (200, b"\xff"), (401, {}),
)  # fmt: skip


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_an_answer_that_is_none_opens_nothing(company: Company, path: str) -> None:
    for answer in ANSWERS:
        talk._kept.clear()
        company.provider.answers = {path: answer}
        client = Client()
        begun = company.begins(client)
        found = begun if begun.status_code != 302 else client.get(company.provider.back(begun.headers["location"]))
        assert (found.status_code, is_in(client)) == (503, False), answer
    company.provider.answers = {path: (200, {"keys": "x", "id_token": {}})}
    talk._kept.clear()
    assert Client().get(START).status_code in (302, 503)


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize("issuer", ["https://evil.example", None, ["x"], "own/"])
def test_a_description_by_another_name_is_not_taken(company: Company, issuer: Any) -> None:
    company.provider.says = {"issuer": f"{company.provider.issuer}/" if issuer == "own/" else issuer}
    assert Client().get(START).status_code == 503


ELSEWHERE = (
    "http://169.254.169.254/", "https://evil.example/", "file:///etc/passwd", "http://[", 7, None,
    "http://user@127.0.0.1/", "//127.0.0.1/keys", "javascript:alert(1)",
)  # fmt: skip


@pytest.mark.asvs("1.3.6", "9.1.3")
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_nothing_but_the_providers_own_host_is_asked(company: Company, name: str) -> None:
    for address in ELSEWHERE:
        talk._kept.clear()
        company.provider.says = {name: address}
        client = Client()
        begun = company.begins(client)
        found = begun if begun.status_code != 302 else client.get(company.provider.back(begun.headers["location"]))
        assert (found.status_code, company.refusal) == (503, "company_sign_in address"), address


def test_hosts_that_the_settings_name_are_asked_too_but_never_without_tls(company: Company) -> None:
    company.provider.says = {"authorization_endpoint": "https://login.example/x?a=1"}
    company.settings.OIDC_HOSTS = ["login.example"]
    assert company.begins(Client()).headers["location"].startswith("https://login.example/x?a=1&response_type=code&")
    talk._kept.clear()
    company.settings.PRODUCTION = True
    with pytest.raises(talk.Unreachable):
        talk.begin("https://shouwen.example/")


# Limits and traces


def test_starts_and_returns_are_counted_like_sign_ins() -> None:
    assert {name: BY_NAME[name] for name in ("company_sign_in", "company_return", "company_sign_out")} == {
        "company_sign_in": (SIGNING_IN, ("GET",)), "company_return": (SIGNING_IN, ("GET",)),
        "company_sign_out": (PROVIDER, ("POST",)),
    }  # fmt: skip


@pytest.mark.asvs("10.1.1", "14.2.1")
def test_no_token_and_no_secret_of_it_stays_anywhere(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    made: list[str] = []
    company.provider.make = lambda told: made.append(company.provider.sign(told)) or made[-1]  # type: ignore[func-returns-value]
    client = company.inside("wh.zhang", email="z@example.com")
    company.comes("niemand", sub="geheime-kennung")
    kept = str(dict(client.session.items())) + str(list(AccessLog.objects.values_list("detail"))) + caplog.text
    shown = client.get("/inbox/").content.decode()
    for secret in (*made, SECRET, "s-wh.zhang", "niemand", "geheime-kennung", "z@example.com"):
        assert secret not in kept + shown
    assert Employee.objects.filter(username="niemand").count() == 0
