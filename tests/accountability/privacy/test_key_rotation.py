"""Changing the keys: everything sealed is sealed anew while people work, and then an old key may go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import models

from accountability.files.attachments import content_of, take
from accountability.models import Attachment, PersonalData, Preferences
from accountability.privacy import key_rotation
from accountability.privacy.key_rotation import KEEPERS, SealedColumn
from accountability.security import file_store
from accountability.security.encryption import bound_to_row, digest, key_of, seal, sealed_anew, unseal, unveil, veil
from complaints.dossier.customer import customer_of
from complaints.models import Complaint
from tests.factories import Play

pytestmark = [pytest.mark.asvs("11.2.2", "13.3.1"), pytest.mark.compliance(17)]

TEXTS = {"customer": "王建国", "phone": "13871234567"}


def command(*options: str) -> list[str]:
    told = StringIO()
    call_command("rotate_keys", *options, stdout=told)
    return told.getvalue().splitlines()


@pytest.fixture
def keys(settings: LazySettings) -> list[str]:
    settings.PERSONAL_DATA_KEYS = ["old"]
    return ["old"]


@pytest.fixture
def filled(keys: list[str], play: Play) -> Complaint:
    """Something sealed of every kind, under the old key."""
    complaint = play.upto("archived")
    agent = play.cast["kf.agent"]
    take("说明.txt", "退费依据".encode(), by=agent, at=play.now.at, kind="evidence")
    found = Preferences(employee=agent)
    found.addresses = {"mobile": "13800000001"}
    found.save()
    return complaint


def test_every_sealed_column_of_every_table_is_kept() -> None:
    """A table with sealed bytes that no keeper knows would be lost with the old key."""
    there = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if isinstance(field, models.BinaryField)
    }
    columns = {f"{one.model.__name__}.{one.column}" for one in KEEPERS.values() if isinstance(one, SealedColumn)}
    files = {one.model.__name__ for one in KEEPERS.values() if not isinstance(one, SealedColumn)}
    with_place = {
        model.__name__
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.name == "place" and isinstance(field, models.CharField)
    }
    assert (columns, files) == (there, with_place)


def test_after_the_change_the_old_key_may_go(filled: Complaint, settings: LazySettings) -> None:
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    assert command("--check")[-1] == "no key may be taken out"
    told = command()
    assert [line for line in told if line.startswith(("addresses", "names of files", "files"))] == [
        "addresses: 1 of 1 sealed anew", "names of files: 1 of 1 sealed anew", "files: 1 of 1 sealed anew",
    ]  # fmt: skip
    assert command("--check")[-1] == "may be taken out: key 2"
    settings.PERSONAL_DATA_KEYS = ["new"]
    assert customer_of(Complaint.objects.select_related("intake").get(pk=filled.pk)).phone == "13871234567"
    file = Attachment.objects.get()
    assert (file.name, content_of(file).decode()) == ("说明.txt", "退费依据")
    assert Preferences.objects.get().addresses == {"mobile": "13800000001"}


def test_a_second_run_has_nothing_to_do(filled: Complaint, settings: LazySettings) -> None:
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    command()
    assert {line.split(": ")[1].split(" of ")[0] for line in command()} == {"0"}


def test_broken_off_it_goes_on_where_it_was(
    filled: Complaint, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    monkeypatch.setattr(key_rotation, "AT_A_TIME", 1)
    keeper = KEEPERS["texts"]
    done: list[int] = []
    real = SealedColumn.renew

    def dies_at_the_second(self: SealedColumn, row: Any) -> bool:
        if done:
            raise KeyboardInterrupt
        done.append(row.pk)
        return real(self, row)

    with monkeypatch.context() as patched:
        patched.setattr(SealedColumn, "renew", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            key_rotation.renew(keeper)
    total = PersonalData.objects.filter(sealed__isnull=False).count()
    assert key_rotation.opened_by(keeper) == Counter({0: 1, 1: total - 1})
    assert key_rotation.renew(keeper) == (total - 1, total, [])


def test_what_somebody_changed_meanwhile_stays_theirs(
    filled: Complaint, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the command's reading and its writing: one row is written anew, one erased."""
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    other = PersonalData.of(filled.matter, "reply", {"answer": "甲"})
    other.save(force_insert=True)
    intake = filled.intake
    assert intake is not None
    rows = list(PersonalData.objects.filter(pk__in=[intake.pk, other.pk]).order_by("pk"))
    theirs = seal(TEXTS | {"customer": "王建军"}, matter_id=intake.matter_id, kind=intake.kind, row=intake.pk)
    PersonalData.objects.filter(pk=intake.pk).update(sealed=theirs)
    PersonalData.objects.filter(pk=other.pk).update(sealed=None)
    settings.PERSONAL_DATA_KEYS = ["newest", "new", "old"]
    assert [KEEPERS["texts"].renew(row) for row in rows] == [False, False]
    assert customer_of(Complaint.objects.select_related("intake").get(pk=filled.pk)).name == "王建军"
    assert PersonalData.objects.get(pk=other.pk).sealed is None


def test_an_erased_file_does_not_come_back(filled: Complaint, settings: LazySettings, play: Play) -> None:
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    file = Attachment.objects.get()
    Attachment.objects.update(sealed=None, erased_at=play.now.at)
    file_store.discard(file.place)
    assert KEEPERS["files"].renew(file) is False
    with pytest.raises(FileNotFoundError):
        file_store.get(file.place)


def test_a_file_keeps_its_place_and_its_date(filled: Complaint, settings: LazySettings) -> None:
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    file = Attachment.objects.get()
    path = file_store._path(file.place)
    before = (path.stat().st_mtime, path.read_bytes(), path.stat().st_mode & 0o777)
    command()
    after = (path.stat().st_mtime, path.read_bytes(), path.stat().st_mode & 0o777)
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] != before[1]
    assert [one.name for one in path.parent.iterdir()] == [file.place]


def test_what_no_key_opens_is_named_and_the_rest_goes_on(filled: Complaint, settings: LazySettings) -> None:
    intake = filled.intake
    assert intake is not None
    PersonalData.objects.filter(pk=intake.pk).update(sealed=seal(TEXTS, matter_id=0, kind="elsewhere", row=1))
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    with pytest.raises(CommandError, match=rf"^No key opens: texts {intake.pk}; 1 in all$"):
        command()
    assert set(key_rotation.opened_by(KEEPERS["addresses"])) == {0}
    with pytest.raises(CommandError, match=r"^1 opened by none of the keys, or without their file$"):
        command("--check")


# Which key a row names


def of_the_first_version(place: int, key: str, bound: bytes, plain: bytes) -> bytes:
    """As rows were written before keys had names: the place of the key, counted from the oldest."""
    from hashlib import sha256

    return bytes([place]) + b"n" * 12 + AESGCM(sha256(key.encode()).digest()).encrypt(b"n" * 12, plain, bound)


@pytest.mark.parametrize(
    ("present", "place"), [(["b", "a"], 1), (["c", "b", "a"], 2), (["c", "a"], 1), (["a", "b"], 0), (["a"], 0)]
)
def test_rows_of_the_first_version_are_read_whatever_came_and_went(
    present: list[str], place: int, settings: LazySettings
) -> None:
    settings.PERSONAL_DATA_KEYS = present
    bound = bound_to_row(7, "register", 3)
    row = of_the_first_version(0, "a", bound, b'{"phone": "1"}')
    assert (unseal(row, matter_id=7, kind="register", row=3), key_of(row, bound)) == ({"phone": "1"}, place)
    assert (sealed_anew(row, bound) or b"")[:1] == b"\xff"


def test_a_key_that_was_taken_out_leaves_the_others_names_alone(settings: LazySettings) -> None:
    settings.PERSONAL_DATA_KEYS = ["b", "a"]
    row = seal(TEXTS, matter_id=7, kind="register", row=3)
    settings.PERSONAL_DATA_KEYS = ["c", "b"]
    assert unseal(row, matter_id=7, kind="register", row=3) == TEXTS
    settings.PERSONAL_DATA_KEYS = ["c", "a"]
    with pytest.raises(InvalidTag):
        unseal(row, matter_id=7, kind="register", row=3)


def test_addresses_of_pages_outlive_the_change_of_the_secret_key(settings: LazySettings) -> None:
    token = veil("13871234567", purpose="search")
    before = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [before]
    assert (unveil(token, purpose="search"), unveil(token, purpose="else")) == ("13871234567", None)
    settings.SECRET_KEY_FALLBACKS = []
    assert unveil(token, purpose="search") is None


# The blind index


def test_while_the_key_changes_both_are_looked_for_and_then_one(
    play: Play, settings: LazySettings, client_for: Callable[[str], Any]
) -> None:
    """A repetition is recognised on every day of the change (R25), and the customer is found by number and name."""
    first = play.upto("registered")
    settings.BLIND_INDEX_KEY_OLD, settings.BLIND_INDEX_KEY = settings.BLIND_INDEX_KEY, "new"
    second = play.upto("registered")
    assert (second.repeat_of_id, second.intake and second.intake.phone_digest) == (
        first.pk, digest("phone", "13871234567"),
    )  # fmt: skip
    assert found(client_for("kf.agent"), "13871234567") == {first.matter.number, second.matter.number}
    assert command("--blind-index")[0] == "digests: 1 of 2 written anew"
    settings.BLIND_INDEX_KEY_OLD = ""
    assert found(client_for("kf.agent"), "13871234567") == {first.matter.number, second.matter.number}
    assert found(client_for("kf.agent"), "王建国") == {first.matter.number, second.matter.number}
    assert play.upto("registered").repeat_of_id == second.pk
    assert command("--blind-index")[0] == "digests: 0 of 3 written anew"


def found(client: Any, text: str) -> set[str]:
    place, typed = ("/complaints/lookup/", "phone") if text.isdigit() else ("/search/", "q")
    page = client.post(place, {typed: text}, follow=True).content.decode()
    return {str(number) for number in Complaint.objects.values_list("matter__number", flat=True) if str(number) in page}
