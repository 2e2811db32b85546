"""Translations and labels that are looked up once."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partialmethod

import pytest
from django.apps import apps
from django.test.utils import override_script_prefix
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation.trans_real import DjangoTranslation

from accountability.models import Deadline
from complaints.models import Complaint, State
from config import kept_words
from tests.test_consistency import code


def catalogue(language: str) -> DjangoTranslation:
    """One of its own, whose kept texts no other test has asked for."""
    return DjangoTranslation(language)


def test_a_text_is_looked_up_once_in_each_language(monkeypatch):
    asked = []

    def look_up(self, message: str) -> str:
        asked.append(self.language())
        return message

    monkeypatch.setattr(DjangoTranslation, "gettext", look_up)
    english, chinese = catalogue("en"), catalogue("zh-hans")
    for each in (english, english, chinese, chinese):
        each.gettext("投诉")
    assert asked == ["en", "zh-hans"]


def test_languages_are_kept_apart():
    assert catalogue("en").gettext("投诉") != catalogue("zh-hans").gettext("投诉") == "投诉"


def test_what_people_typed_doesnt_fill_the_memory(monkeypatch):
    monkeypatch.setattr(kept_words, "MOST", 3)
    english = catalogue("en")
    assert [english.gettext(f"没有人写过 {n}") for n in range(9)] == [f"没有人写过 {n}" for n in range(9)]
    assert vars(english)["gettext"].cache_info().currsize == 3


def test_a_safe_text_stays_safe_and_no_other_becomes_it():
    assert hasattr(gettext(mark_safe("没有人写过的 <b>字</b>")), "__html__")
    assert not hasattr(gettext("没有人写过的 <b>字</b>"), "__html__")


def test_a_label_is_told_in_the_readers_language():
    complaint = Complaint(state=State.ARCHIVED, channel="none of ours")
    told = {}
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            told[language] = complaint.get_state_display()
            assert told[language] == str(State.ARCHIVED.label)
    assert told["zh-hans"] != told["en"]
    assert complaint.get_channel_display() == "none of ours"


def test_every_label_of_ours_is_looked_up_so():
    """A model that was made before would make a dictionary of all choices for each label that is told."""
    ours = [
        model for model in apps.get_models() if model._meta.app_label in ("accountability", "complaints", "assessment")
    ]
    told = {
        f"{model.__name__}.{name}": made.func
        for model in ours
        for name, made in vars(model).items()
        if name.startswith("get_") and name.endswith("_display") and isinstance(made, partialmethod)
    }
    assert len(told) > 50
    assert {name for name, look_up in told.items() if look_up is not kept_words.label_of} == set()


def test_a_value_that_is_no_key_is_told_as_it_is():
    complaint = Complaint()
    vars(complaint)["channel"] = ["a"]
    assert complaint.get_channel_display() == "['a']"


def test_labels_that_a_function_gives_are_asked_of_it_each_time(monkeypatch):
    field, limit = Deadline._meta.get_field("kind"), Deadline(kind="late")
    monkeypatch.setattr(field.choices, "func", lambda: [("late", "一")])
    first = kept_words.label_of(limit, field)
    monkeypatch.setattr(field.choices, "func", lambda: [("late", "二")])
    assert (first, kept_words.label_of(limit, field)) == ("一", "二")


@pytest.mark.parametrize(("module", "name"), kept_words.OF_THE_THREAD)
def test_what_holds_for_a_thread_is_looked_up_without_detours(module, name):
    assert type(getattr(module, name)) is threading.local


def test_a_thread_has_its_own_language_time_zone_and_addresses():
    """Each request activates its own; another's, which is made at the same time, must not be told it."""
    first, second = [ThreadPoolExecutor(1) for _thread in range(2)]

    def holds() -> tuple[object, ...]:
        return translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix(), get_urlconf()

    def begin(language: str, zone: str, prefix: str, urlconf: str) -> None:
        translation.activate(language)
        timezone.activate(zone)
        set_script_prefix(prefix)
        set_urlconf(urlconf)

    with first, second:
        asked = {first: ("en", "Europe/Paris", "/a/", "a"), second: ("zh-hans", "Asia/Tokyo", "/b/", "b")}
        here = holds()
        for thread, given in asked.items():
            thread.submit(begin, *given).result()
        assert [thread.submit(holds).result() for thread in asked] == list(asked.values())
        assert holds() == here
        first.submit(translation.deactivate).result()
        assert first.submit(translation.get_language).result() == "zh-hans"


def test_to_keep_twice_forgets_nothing():
    with translation.override("en"), override_script_prefix("/elsewhere/"):
        kept_words.keep()
        assert (translation.get_language(), get_script_prefix()) == ("en", "/elsewhere/")


def test_nothing_of_ours_is_asynchronous():
    """Tasks that take turns in one thread would be told each other's language."""
    asks = re.compile(r"^\s*(async def|import asyncio|from asyncio|from asgiref|import asgiref)\b", re.MULTILINE)
    assert [file.name for file in code() if asks.search(file.read_text())] == []
