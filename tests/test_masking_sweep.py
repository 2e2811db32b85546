"""Raw numbers, identities and names come out nowhere but where somebody is allowed to look at them, however they were
written and whatever pages, files, notices, logs and error pages there are.

tests/test_canary.py walks over all pages; here are the other ways out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.documents import keeping
from accountability.documents.making import MEDIA_TYPES
from accountability.models import Notification, Paper, actor_for
from accountability.notices.channels.messages import Reader, compose
from complaints.models import Complaint
from complaints.views import complaint as pages_of_a_complaint
from tests.factories import Play
from tests.looking import contents
from tests.planted import MASKED, PHONE, WRITTEN, Planted, planted, raw_in, words_of
from tests.shared_world import shared
from tests.walking import body_of

pytestmark = [
    pytest.mark.compliance(11, 13, 14, 15, 23), pytest.mark.asvs("14.2.1", "14.2.6", "16.2.5", "16.5.1"),
    pytest.mark.lesson(14),
]  # fmt: skip

ClientFor = Callable[[str], Client]

stage, own_copy, now, cast, play, client_for, world = shared(planted)


@pytest.fixture
def complaint(world: Planted) -> Complaint:
    return world.complaint


def test_the_look_finds_each_of_the_writings() -> None:
    """Or nothing would be proved."""
    assert [raw_in(written) != [] for written in WRITTEN] == [True] * len(WRITTEN)
    assert raw_in(" ".join(MASKED)) == []


@pytest.mark.slow
def test_papers_and_tables_are_masked_in_every_form(complaint: Complaint, play: Play, client_for: ClientFor) -> None:
    """Word, PDF and workbook are opened."""
    play.now.forward(hours=80)
    papers = list(Paper.objects.all())
    for paper in papers:
        for form in MEDIA_TYPES:
            keeping.ask(paper, form, by=play.cast["sc.officer"], at=play.now.at)
    while keeping.make_pending(play.now.at):
        pass
    client, told = client_for("sc.officer"), {}
    for paper in papers:
        for form in MEDIA_TYPES:
            place = reverse("paper_file", args=[paper.token, form])
            told[paper.kind, form] = words_of(client.get(place))
    assert {key: raw for key, words in told.items() if (raw := raw_in(words))} == {}
    assert any(MASKED[1] in words for words in told.values())


def test_notices_and_messages_name_nobody(complaint: Complaint) -> None:
    notices = list(Notification.objects.select_related("matter"))
    assert [notice.kind for notice in notices if raw_in(str(notice.facts))] == []
    composed = [
        compose(
            [row],
            key="k",
            address="a@b.example",
            at=row.created_at,
            reader=Reader("zh-hans", actor_for(row.recipient_id, row.created_at)),
        )
        for row in notices
    ]
    assert [message for message in composed if raw_in(str(message))] == []
    assert len(composed) > 5


def test_no_row_holds_it_readable(complaint: Complaint, client_for: ClientFor) -> None:
    """History, ledger, access log, search and notices: whatever is in the tables after it was read and looked for."""
    client = client_for("kf.agent")
    client.post(reverse("search"), {"q": PHONE}, follow=True)
    client.post(reverse("reveal", args=[complaint.matter.number]))
    assert raw_in(repr(contents(without=()))) == []


def test_an_error_page_and_its_log_tell_nothing(
    complaint: Complaint, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The customer is in memory when it fails."""
    client = client_for("kf.agent")
    client.raise_request_exception = False

    def fails(story: Any, *args: Any) -> None:
        raise RuntimeError(f"broken at {story.complaint.pk}")

    monkeypatch.setattr(pages_of_a_complaint, "steps", fails)
    response: Any = client.get(reverse("complaint", args=[complaint.matter.number]))
    assert (response.status_code, raw_in(body_of(response)), raw_in(caplog.text)) == (500, [], [])
    assert "RuntimeError" in caplog.text


def test_what_was_typed_wrongly_comes_back_to_who_typed_it_alone(complaint: Complaint, client_for: ClientFor) -> None:
    """A form keeps what was typed; the page around it still masks what is there."""
    client, told = client_for("wh.zhang"), {}
    for verb in ("request_extension", "withdraw_review"):
        response: Any = client.post(reverse("act", args=[complaint.matter.number, verb]), {"reason": "改约"})
        told[response.status_code] = raw_in(body_of(response))
    assert told == {422: [], 409: []}
