"""A gateway to send to, people who can be reached there, and notices to them; files that are handed in; papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accountability import permissions
from accountability.documents.kinds import KINDS, Kind
from accountability.files import attachments
from accountability.files.fields import Files
from accountability.gate.act import Act
from accountability.gate.fields import Text, Whole
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, Verb
from accountability.models import Attachment, Matter, Notification, Paper, Preferences
from accountability.notices import sending
from accountability.permissions import Actor
from accountability.seed.founding import record_founding, whole_organisation
from tests.accountability import papers
from tests.accountability.files.made_files import OFFICER
from tests.accountability.notices.pretend_gateway import Gateway, running_gateway
from tests.factories import Cast, Now

ADDRESSES = {"email": "contact@wh.example", "mobile": "13800000001"}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as found:
        yield found


@pytest.fixture
def sms(settings: Any, gateway: Gateway) -> Gateway:
    """The only channel, wanted for everything."""
    way = "accountability.notices.channels.http.SmsGateway"
    settings.CHANNELS = {"sms": {"way": way, "url": gateway.url, "token": "geheim"}}
    settings.NOTICE_CHANNELS = dict.fromkeys(("clock", "work", "limits", "waiting", "news"), ("sms",))
    settings.SITE_URL = "https://shouwen.example"
    return gateway


@pytest.fixture
def reach(cast: Cast) -> Callable[..., Preferences]:
    def set_addresses(username: str = "wh.contact", addresses: dict[str, str] = ADDRESSES, **more: Any) -> Preferences:
        found = Preferences(employee=cast[username], **more)
        found.addresses = addresses
        found.save()
        return found

    return set_addresses


@pytest.fixture
def tell(cast: Cast, now: Now, reach: Any) -> Callable[..., None]:
    """Notices to wh.contact, put into the inbox; what is due goes out with `deliver`."""
    reach()

    def write(count: int = 1, kind: str = "chased", username: str = "wh.contact", **facts: Any) -> None:
        Notification.objects.bulk_create(
            Notification(recipient=cast[username], kind=kind, facts=facts, created_at=now.at) for _n in range(count)
        )
        sending.send(now.at)

    return write


# Files that are handed in


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def hand_in(cast: Cast, now: Now, folder: Path) -> Callable[..., Attachment]:
    """A draft of marketing's."""

    def draft(
        name: str = "记录.txt", content: bytes = "退费依据".encode(), by: str = OFFICER, **more: Any
    ) -> Attachment:
        return attachments.take(name, content, by=cast[by], at=now.at, **{"kind": "evidence"} | more)

    return draft


def _file_evidence(act: Act, *, evidence: list[Attachment], note: str = "") -> None:
    attachments.claim(act, evidence, field_name="evidence")


def _wipe(act: Act, *, note: str) -> None:
    attachments.erase(act, Attachment.objects.filter(matter=act.matter))


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two verbs of the tests of files alone: one that takes files, one that erases what was taken."""
    told = (Files(name="evidence", label="证据"), Text(name="note", label="说明", required=False, max_length=20))
    entry = Verb(
        name="file_evidence", label="提交证据", model=Organisation, facts=told, run=_file_evidence,
        permission=permissions.set_limits,
    )  # fmt: skip
    monkeypatch.setitem(VERBS, ("organisation", "file_evidence"), entry)
    wipe = replace(entry, name="wipe", facts=(Text(name="note"),), run=_wipe)
    monkeypatch.setitem(VERBS, ("organisation", "wipe"), wipe)


@pytest.fixture
def file_it(words: None, cast: Cast, now: Now) -> Callable[..., Any]:
    def run(*evidence: Any, by: str = OFFICER, **more: Any) -> Any:
        return perform(
            Organisation.standing(), "file_evidence", by=cast[by], at=now.at, evidence=list(evidence), **more
        )

    return run


@pytest.fixture
def officer(words: None, client_for: Callable[[str], Client], folder: Path) -> Client:
    return client_for(OFFICER)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Who may read files of the organisation's matter."""
    allowed: set[str] = {OFFICER}
    monkeypatch.setitem(attachments.MAY_READ, Organisation.matter_kind, lambda _f, a: a.username in allowed)
    return allowed


# Papers


@pytest.fixture
def paper_readers() -> set[str]:
    """Who may read the letters that the organisation gives out in tests."""
    return {OFFICER, "wh.contact"}


@pytest.fixture
def founded(cast: Cast, now: Now) -> None:
    """The ledger says that the cast was there, as it does where a stage is set."""
    record_founding(now.at, whole_organisation())


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch, paper_readers: set[str], folder: Path) -> None:
    """A kind of paper, and a verb that gives some out."""

    def may_read(_thing: Any, actor: Actor) -> bool:
        return actor.username in paper_readers

    kind = Kind(
        "letter", "通知", papers.compose, may_read, drafted_from=lambda _actor: Matter.objects.all(),
        may_draft=lambda _s, actor: actor.is_marketing,
    )  # fmt: skip
    monkeypatch.setitem(KINDS, "letter", kind)
    told = (Whole(name="count", least=1, most=500, required=False), Text(name="text", required=False))
    entry = Verb(
        name="give_out", label="发文", model=Organisation, facts=told, run=papers.give_out,
        permission=permissions.set_limits,
    )  # fmt: skip
    monkeypatch.setitem(VERBS, ("organisation", "give_out"), entry)


@pytest.fixture
def give_out(letters: None, cast: Cast, now: Now) -> Callable[..., list[Paper]]:
    """The letters that this act gave out, the first first."""

    def run(count: int = 1, **facts: Any) -> list[Paper]:
        perform(Organisation.standing(), "give_out", by=cast[OFFICER], at=now.at, count=count, **facts)
        return list(Paper.objects.filter(issued_at=now.at).order_by("part"))

    return run
