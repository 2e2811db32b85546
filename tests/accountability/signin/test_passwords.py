"""What a password must be, and that nothing more is asked than the policy says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accountability.models import Employee, FormerPassword, OpenSession, SignInState
from accountability.signin import passwords
from accountability.signin.sessions import digest
from tests.accountability.signin.conftest import NEW, PASSWORD, Door
from tests.factories import Cast, Now

pytestmark = pytest.mark.compliance(7)


def problems(person: Employee, password: str, now: Now) -> list[str]:
    """The codes of what is wrong with it."""
    try:
        passwords.check(password, person, now.at)
    except ValidationError as error:
        return sorted(str(each.code) for each in error.error_list)
    return []


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
@pytest.mark.parametrize(
    "password",
    ["liu an hua ming you yi cun", "correct-horse-26", "correct horse battery staple",
     "zhanghua-yi-mei-li", "春眠不觉晓处处闻啼鸟夜来", "xK9$vQ2!mLp7",
     "a b c d e f g h i j", "kuai-le-de-xiao-yu-" * 5, "  leading and trailing  "],
)  # fmt: skip
def test_long_ones_are_taken_as_they_are_without_classes_of_characters(cast: Cast, now: Now, password: str) -> None:
    person = cast["wh.zhang"]
    assert problems(person, password, now) == []
    passwords.put(person, password, now.at)
    assert (person.check_password(password), person.check_password(password.strip() + "x")) == (True, False)


@pytest.mark.asvs("6.2.1", "6.2.4", "6.1.2", "6.2.11", "6.2.12")
@pytest.mark.parametrize(
    ("password", "why"),
    [("kurz-und-gut", []), ("elf-zeichen", ["too_short"]), ("dragon202611", ["foreseeable"]),
     ("password1234", ["foreseeable", "password_too_common"]), ("Password2026!", ["foreseeable"]),
     ("qwertyuiop12", ["foreseeable", "password_too_common"]), ("shouwen-demo-2026", ["foreseeable"]),
     ("首问责任制10086!!", ["foreseeable"]), ("aaaaaaaaaaaab", ["foreseeable"]),
     ("102938475665", ["password_entirely_numeric"]), ("wh.zhang-2026", ["foreseeable", "password_too_similar"]),
     ("WH2026shouwen!", ["foreseeable"])],
)  # fmt: skip
def test_common_and_foreseeable_ones_are_refused(cast: Cast, now: Now, password: str, why: list[str]) -> None:
    assert problems(cast["wh.zhang"], password, now) == why


def test_ones_own_name_and_units_name_are_foreseeable(cast: Cast, now: Now) -> None:
    person = cast["wh.zhang"]
    assert person.unit is not None
    assert problems(person, f"{person.unit.name}-{person.name}-2026", now) == ["foreseeable"]


@pytest.mark.asvs("6.2.11", "6.1.2")
@pytest.mark.parametrize(
    "password",
    ["zhangweimin2026", "ZhangWeimin@2026", "weiminzhang-2026", "zhangwei_zhangwei", "zhangweimin!zhangweimin1",
     "wuhanfengongsi1", "hubeiyidong2026", "HubeiYidong#123", "yidong10086mobile", "abcdefghijkl", "abcdefghijklm2026",
     "lkjhgfdsapoiuy", "1qaz2wsx3edc", "aaaaaaaa-bbbbb-zzzz1", "9876543210abcd!", "Summer2026!Summer",
     "Summer2026Winter!"],
)  # fmt: skip
def test_names_in_pinyin_rows_of_keys_and_repeated_words_are_foreseeable(cast: Cast, now: Now, password: str) -> None:
    person = cast["wh.zhang"]
    person.name = "张伟民"
    person.save()
    assert "foreseeable" in problems(person, password, now)


@pytest.mark.asvs("6.2.10")
def test_nothing_forces_a_change_by_default(door: Door, now: Now) -> None:
    """No age, no classes, no history; only the present one can't be the new one."""
    person = door.knows("kf.agent")
    SignInState.objects.create(employee=person, password_set_at=now.at)
    now.forward(days=900)
    assert door.inside("kf.agent").get("/inbox/").status_code == 200
    assert problems(person, PASSWORD, now) == ["used"]
    for password in (NEW, PASSWORD, NEW):
        assert problems(person, password, now) == []
        passwords.put(person, password, now.at)
    assert FormerPassword.objects.count() == 0


# What a policy switches on


def test_classes_of_characters(cast: Cast, now: Now, order: Callable[..., Any]) -> None:
    order("set_sign_in_policy", classes=3, min_length=14)
    found = {
        password: problems(cast["wh.zhang"], password, now)
        for password in ("liu-an-hua-ming", "Liu-an-hua-ming", "Liu-an-hua-7", "LiuAnHuaMing77")
    }
    assert found == {
        "liu-an-hua-ming": ["classes"], "Liu-an-hua-ming": [], "Liu-an-hua-7": ["too_short"], "LiuAnHuaMing77": [],
    }  # fmt: skip


@pytest.mark.asvs("11.4.2")
def test_former_ones_are_kept_as_hashes_and_no_more_of_them_than_asked(
    door: Door, now: Now, order: Callable[..., Any]
) -> None:
    order("set_sign_in_policy", not_repeated=2)
    person = door.knows("kf.agent", "ein-erstes-wort")
    chosen = ["ein-zweites-wort", "ein-drittes-wort", "ein-viertes-wort"]
    for password in chosen:
        passwords.put(person, password, now.at)
    assert {password: problems(person, password, now) for password in ("ein-erstes-wort", *chosen)} == {
        "ein-erstes-wort": [], "ein-zweites-wort": ["used"], "ein-drittes-wort": ["used"], "ein-viertes-wort": ["used"],
    }  # fmt: skip
    kept = list(FormerPassword.objects.values_list("password", flat=True))
    assert (len(kept), [password for password in chosen if password in "".join(kept)]) == (2, [])


def test_one_that_is_too_old_must_be_changed_before_anything_else(
    door: Door, now: Now, order: Callable[..., Any]
) -> None:
    order("set_sign_in_policy", max_age_days=90)
    person = door.knows("kf.agent")
    SignInState.objects.create(employee=person, password_set_at=now.at)
    now.forward(days=90)
    assert door.inside("kf.agent").get("/inbox/").status_code == 200
    now.forward(minutes=1)
    client = door.inside("kf.agent")
    place = reverse("password")
    assert client.get("/inbox/").headers["location"].startswith(place)
    assert client.post(reverse("search"), {"q": "x"}).headers["location"] == place
    assert "最长使用天数" in client.get(place).content.decode()
    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(place, typed).status_code == 302
    assert client.get("/inbox/").status_code == 200


def test_one_whose_age_nobody_knows_counts_as_too_old(door: Door, order: Callable[..., Any]) -> None:
    order("set_sign_in_policy", max_age_days=90)
    door.knows("kf.agent")
    assert door.inside("kf.agent").get("/inbox/").headers["location"].startswith(reverse("password"))


# The page


@pytest.mark.asvs("6.2.2", "6.2.3", "6.2.6", "6.2.7", "7.4.3")
def test_a_change_needs_the_present_one_and_ends_the_other_sessions(door: Door) -> None:
    door.knows("kf.agent")
    here, elsewhere = door.inside("kf.agent"), door.inside("kf.agent")
    typed = {"old_password": "falsch", "new_password1": NEW, "new_password2": NEW}
    assert here.post(reverse("password"), typed).status_code == 422
    before = here.session.session_key
    assert here.post(reverse("password"), typed | {"old_password": PASSWORD}).status_code == 302
    assert here.session.session_key != before
    assert (here.get("/inbox/").status_code, elsewhere.get("/inbox/").status_code) == (200, 302)
    assert [one.digest for one in OpenSession.objects.all()] == [digest(here.session.session_key)]
    page = here.get(reverse("password")).content.decode()
    assert page.count('type="password"') == 3
    assert (page.count('autocomplete="current-password"'), page.count('autocomplete="new-password"')) == (1, 2)


@pytest.mark.asvs("11.4.2")
def test_a_deployment_hashes_with_argon2(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Tests take a quick one; what a deployment takes is asked of the settings file itself. Argon2id at OWASP's least
    (19 MiB, two passes) or more.
    """
    from config.settings import HASHERS

    settings.PASSWORD_HASHERS = HASHERS
    made = make_password("ein-langes-wort")
    hasher = identify_hasher(made)
    told = hasher.decode(made)
    assert HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert (hasher.algorithm, told["variety"]) == ("argon2", "argon2id")
    assert (told["memory_cost"] >= 19 * 1024, told["time_cost"] >= 2) == (True, True)


def test_no_page_and_no_log_says_what_was_typed(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.knows("kf.agent")
    client: Client = door.inside("kf.agent")
    typed = {"old_password": "ein-falsches-wort", "new_password1": NEW, "new_password2": "ein-anderes-wort"}
    page = client.post(reverse("password"), typed).content.decode()
    assert [text for text in typed.values() if text in page + caplog.text] == []
