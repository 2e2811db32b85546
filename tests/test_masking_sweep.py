"""Raw numbers, identities and names come out nowhere but where somebody is allowed to look at them, however they were
written and whatever pages, files, notices, logs and error pages there are.

The canaries watch that texts stay with those who may read them; here everybody may, and reads them masked.
"""

from __future__ import annotations

import html
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from accountability.attachments import take
from accountability.channels.composing import compose
from accountability.documents import keeping
from accountability.documents.making import MEDIA_TYPES
from accountability.masking import _AS_DIGITS, plain_digits
from accountability.models import Attachment, Notification, Paper
from complaints.models import Complaint
from complaints.views import complaint as pages_of_a_complaint
from tests.factories import Play
from tests.looking import contents
from tests.test_canary import places as places_of
from tests.walking import body_of

pytestmark = [
    pytest.mark.compliance(11, 13, 14, 15, 23), pytest.mark.asvs("14.2.1", "14.2.6", "16.2.5", "16.5.1"),
    pytest.mark.lesson(14),
]  # fmt: skip

ClientFor = Callable[[str], Client]

NAME = "欧阳丝雀"
PHONE, OTHER = "13987654321", "18671230987"
IDENTITY, CARD = "420106199001011238", "6222021234567890123"
RAW = (PHONE, OTHER, IDENTITY, CARD)
MASKED = ("139****4321", "186****0987", "420106********1238", "6222********0123")

WRITTEN = (
    PHONE, "139 8765 4321", "139-8765-4321", "１３９８７６５４３２１", "+86 139 8765 4321", "一三九八七六五四三二一",
    "①③⑨⑧⑦⑥⑤④③②①", OTHER, "186/7123/0987", "186.7123.0987", "一八六，七一二三，零九八七", IDENTITY, "欧 阳 丝 雀",
    "420106 1990 0101 1238", "4 2 0 1 0 6 1 9 9 0 0 1 0 1 1 2 3 8", CARD, "6222 0212 3456 7890 123", NAME,
)  # fmt: skip


def has(text: str) -> str:
    """A text with everything in it that somebody might write of a person."""
    return f"{text}：" + "；".join(WRITTEN) + "。"


def few(text: str) -> str:
    """The same where only a line may be written."""
    return f"{text}：{WRITTEN[5]}；{OTHER}；{NAME}"


APART = re.compile(r"[\s\-‐-―./·，,、()（）:：+\u200b]")


def raw_in(body: str) -> list[str]:
    """What of it stands there, whatever is put between its signs and in whatever digits."""
    plain = APART.sub("", plain_digits(html.unescape(body)).translate(_AS_DIGITS))
    return [raw for raw in (*RAW, NAME) if raw in plain]


def test_the_look_finds_each_of_the_writings() -> None:
    """Or nothing would be proved."""
    assert [raw_in(written) != [] for written in WRITTEN] == [True] * len(WRITTEN)
    assert raw_in(" ".join(MASKED)) == []


@pytest.fixture
def complaint(play: Play) -> Complaint:
    """Through returns, a coordination, an answer, a reply and a file: each act with all of it in every text."""
    file = take(f"{PHONE}{NAME}.txt", has("文件").encode(), by=play.cast["kf.agent"], at=play.now.at, kind="intake")
    found = play("register", "kf.agent", customer=NAME, phone=PHONE, content=has("诉求"), files=[file])
    found = play("dispatch", "kf.agent", found, reason=has("派单"))
    found = play("hand_off", "wh.contact", found)
    found = play("request_return", "wh.zhang", found, reason=has("退回"), guidance=few("建议"))
    found = play("rule_on_return", "kf.agent", found, accepted=False, reason=has("不同意"))
    found = play("convene", "wh.zhang", found, units=["YC"], problem=has("协调"))
    tasks = [{"unit": "YC", "task": few("任务"), "due": "2026-11-24 15:00"}]
    found = play("record_tasks", "wh.zhang", found, tasks=tasks, third_parties=few("第三方"))
    found = play("confirm_task", "yc.chen", found, unit="YC", objection=few("异议"))
    found = play("conclude_coordination", "wh.zhang", found)
    found = play("propose_solution", "wh.zhang", found, solution=has("方案"))
    found = play("answer", "wh.zhang", found, result=has("结果"), cause=has("原因"))
    play("chase", "kf.agent", found, message=few("催办"))
    return play.again(found)


def everything(client: Client, complaint: Complaint) -> Iterator[tuple[str, str]]:
    """(address, headers and body): every page, the words of the file, every paper in every form."""
    number = complaint.matter.number
    mine = [reverse("attachment_text", args=[number, file.token]) for file in Attachment.objects.all()]
    for paper in Paper.objects.all():
        mine += [reverse("paper", args=[paper.token])]
        mine += [reverse("paper_file", args=[paper.token, form]) for form in MEDIA_TYPES]
    for place in (*places_of(complaint), *mine):
        response: Any = client.get(place)
        yield place, f"{response.headers} {words_of(response)}"


def words_of(response: Any) -> str:
    """What can be read in it: inside of an office file and a PDF too."""
    kind, content = response.headers.get("Content-Type", ""), b""
    if kind in MEDIA_TYPES.values() and "html" not in kind:
        content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as packed:
            parts = [packed.read(name).decode(errors="replace") for name in packed.namelist()]
        return re.sub(r"<[^>]*>", "", "\n".join(parts))
    return body_of(response)


READERS = ("kf.agent", "yc.chen", "sj.auditor")
"""The centre, an invited unit, and who may read everything; the canaries walk for all the others."""


@pytest.mark.slow
@pytest.mark.parametrize("username", READERS)
def test_whoever_reads_it_reads_it_masked(
    username: str, complaint: Complaint, client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    """By reading alone nobody comes by a raw value; nor does a log, whose lines are looked at too."""
    caplog.set_level(logging.DEBUG)
    walked = dict(everything(client_for(username), complaint))
    asked = (NAME, PHONE, PHONE[-4:])
    found = {place: raw_in(body) for place, body in walked.items() if not any(text in place for text in asked)}
    assert {place: raw for place, raw in found.items() if raw} == {}
    assert [line for line in caplog.messages if raw_in(line) and not any(text in line for text in asked)] == []
    bodies = "".join(walked.values())
    assert [text for text in MASKED if text not in bodies] == []


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
    composed = [compose([notice], key="k", address="a@b.example", language="zh-hans") for notice in notices]
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
    client = client_for("wh.zhang")
    response: Any = client.post(reverse("act", args=[complaint.matter.number, "request_extension"]), {"reason": "改约"})
    assert (response.status_code, raw_in(body_of(response))) == (409, [])
