"""Files of a complaint: brought by an act, listed where they belong, read by whoever reads that, opened masked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accountability.documents.content import Content
from accountability.files.attachments import may_read, take
from accountability.gate.act import Refused
from accountability.models import AccessLog, Attachment, LedgerEntry, Paper, actor_for
from accountability.security import masking
from complaints.models import Complaint
from tests.accountability.files.made_files import png
from tests.factories import INTAKE, Cast, Now, Play

BILL = "账单 13871234567.txt"
WORDS = "王建国 13871234567 的账单"


@pytest.fixture
def hand_in(cast: Cast, now: Now) -> Callable[..., Attachment]:
    def hand_in(by: str, kind: str, name: str = "录音.txt", content: bytes = WORDS.encode()) -> Attachment:
        return take(name, content, by=cast[by], at=now.at, kind=kind)

    return hand_in


@pytest.fixture
def with_files(play: Play, hand_in: Callable[..., Attachment]) -> Complaint:
    """Forwarded with one file, registered with another, answered by WH with a third, then with YC in a second round."""
    found = play("forward", "yc.chen", files=[hand_in("yc.chen", "forwarded", BILL)])
    found = play("register", "kf.agent", found, files=[hand_in("kf.agent", "intake", "来电.txt", b"call")])
    found = play("accept", "wh.zhang", play("hand_off", "wh.contact", play("dispatch", "kf.agent", found)))
    found = play("answer", "wh.zhang", found, files=[hand_in("wh.zhang", "answer", "测试.png", png())])
    found = play("judge_complete", "kf.agent", found)
    found = play("record_satisfaction", "kf.agent", play("reply", "kf.agent", found), satisfied=False)
    return play("dispatch", "kf.agent", found, unit="YC")


def readable(cast: Cast, now: Now, username: str) -> list[str]:
    actor = actor_for(cast[username].pk, now.at)
    assert actor is not None
    return [file.kind for file in Attachment.objects.order_by("pk") if may_read(file, actor)]


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("username", "kinds"),
    [
        ("kf.agent2", ["forwarded", "intake", "answer"]),
        ("sc.officer", ["forwarded", "intake", "answer"]),
        ("sj.auditor", ["forwarded", "intake", "answer"]),
        ("wh.zhang", ["forwarded", "intake", "answer"]),
        ("wh.contact", ["forwarded", "intake", "answer"]),
        ("yc.contact", ["forwarded", "intake"]),
        ("yc.chen", ["forwarded"]),
        ("wl.contact", []),
        ("sj.plain", []),
    ],
)
def test_a_file_is_read_by_whoever_reads_what_it_came_with(
    username: str, kinds: list[str], with_files: Complaint, cast: Cast, now: Now, client_for: Callable[[str], Client]
) -> None:
    client = client_for(username)
    shown = client.get(reverse("complaint", args=[with_files.matter.number])).content.decode()
    tokens = [file.token for file in Attachment.objects.order_by("pk")]
    listed = [
        file.kind for file in Attachment.objects.order_by("pk") if reverse("attachment", args=[file.token]) in shown
    ]
    served = [client.get(reverse("attachment", args=[token])).status_code for token in tokens]
    assert (readable(cast, now, username), listed) == (kinds, kinds)
    assert served == [200 if kind in kinds else 404 for kind in ("forwarded", "intake", "answer")]


def test_an_invited_unit_reads_what_came_with_the_intake(
    play: Play, hand_in: Callable[..., Attachment], cast: Cast, now: Now
) -> None:
    found = play("register", "kf.agent", files=[hand_in("kf.agent", "intake")])
    found = play("accept", "wh.zhang", play("hand_off", "wh.contact", play("dispatch", "kf.agent", found)))
    play("convene", "wh.zhang", found)
    assert [readable(cast, now, username) for username in ("yc.chen", "wl.zhao")] == [["intake"], []]


def test_the_ledger_names_the_files_and_nothing_where_there_are_none(with_files: Complaint, play: Play) -> None:
    kept = LedgerEntry.objects.filter(matter=with_files.matter, verb__in=("forward", "register", "answer")).order_by(
        "seq"
    )
    assert [entry.facts.get("files") for entry in kept] == [
        [pk] for pk in Attachment.objects.values_list("pk", flat=True)
    ]
    plain = play("answer", "wh.zhang", play.upto("accepted"))
    told = LedgerEntry.objects.filter(matter=plain.matter, verb__in=("register", "answer"))
    assert ["files" in entry.facts for entry in told] == [False, False]


def test_a_refused_act_leaves_its_file_a_draft(play: Play, hand_in: Callable[..., Attachment]) -> None:
    file = hand_in("kf.agent", "intake")
    with pytest.raises(Refused):
        play("register", "kf.agent", files=[file], channel="forward")
    file.refresh_from_db()
    assert file.is_draft


def test_a_file_for_something_else_is_not_taken(play: Play, hand_in: Callable[..., Attachment]) -> None:
    with pytest.raises(Refused) as refused:
        play("register", "kf.agent", files=[hand_in("kf.agent", "evidence")])
    assert list(refused.value.fields) == ["files"]


@pytest.mark.rule("R18")
def test_the_notice_names_them_masked(with_files: Complaint, client_for: Callable[[str], Client]) -> None:
    page = client_for("wh.zhang").get(reverse("notice", args=[with_files.matter.number, 1])).content.decode()
    (row,) = re.findall(r'附件</th>\s*<td colspan="3"\s*>(.*?)</td>', page, re.DOTALL)
    assert row == "账单 138****4567.txt、来电.txt"
    told = Paper.objects.filter(matter=with_files.matter, part=1, kind="dispatch_notice").latest("pk")
    lines = Content.from_text(told.text or "").as_lines()
    assert [line for line in lines if "附件" in line] == [
        "附件 | 账单 138****4567.txt、来电.txt", "处理结果 | 已退费。（附件：测试.png）",
    ]  # fmt: skip


def test_nothing_is_fetched_before_the_click(with_files: Complaint, client_for: Callable[[str], Client]) -> None:
    page = client_for("wh.zhang").get(reverse("complaint", args=[with_files.matter.number])).content.decode()
    looks = re.findall(r'<details class="disclosure disclosure--quiet file__look"[^>]*>', page)
    # Three files, one of which came with the latest answer and is shown with it too.
    assert ([" open" in look for look in looks], len(looks)) == ([False] * 4, 4)
    assert re.findall(r'<img src="/files/[^"]+"\s+alt="测试.png" loading="lazy">', page) != []
    assert AccessLog.objects.filter(action="file").count() == 0


def text_of(client: Client, complaint: Complaint, place: int, **headers: Any) -> Any:
    token = Attachment.objects.order_by("pk")[place].token
    return client.get(reverse("attachment_text", args=[complaint.matter.number, token]), headers=headers or None)


def test_a_text_opens_masked_and_the_read_is_noted(with_files: Complaint, client_for: Callable[[str], Client]) -> None:
    part = text_of(client_for("yc.chen"), with_files, 0, **{"HX-Request": "true"})
    whole = text_of(client_for("yc.chen"), with_files, 0)
    assert [answer.headers["Cache-Control"] for answer in (part, whole)] == ["private, no-store"] * 2
    assert ("王** 138****4567 的账单" in part.content.decode(), "<html" in part.content.decode()) == (True, False)
    assert [words in whole.content.decode() for words in ("<html", "138****4567 的账单", "13871234567", "王建国")] == [
        True, True, False, False,
    ]  # fmt: skip
    noted = AccessLog.objects.filter(action="file").values_list("actor__username", "matter", "result")
    assert list(noted) == [("yc.chen", with_files.matter_id, "ok")] * 2


@pytest.mark.asvs("15.2.2")
def test_a_long_text_is_cut_before_it_is_masked(
    with_files: Complaint, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the file, so many characters are masked and no more; none of a number that the cut divides is shown
    in the clear.
    """
    masked: list[int] = []
    mask = masking.mask_text

    def note(text: str) -> str:
        masked.append(len(text))
        return mask(text)

    monkeypatch.setattr(masking, "mask_text", note)
    client = client_for("yc.chen")
    for times in (1, 2, 4):
        text = "账" * 19_995 + "13871234567" + "单" * 100_000 * times
        monkeypatch.setattr("complaints.views.files.read_and_noted", lambda *_, text=text: text.encode())
        masked.clear()
        page = text_of(client, with_files, 0).content.decode()
        assert max(masked) == 20_000
        assert "内容较长，此处只显示开头。" in page
        assert "账" * 19_000 in page
        assert "账1" not in page


@pytest.mark.parametrize(("username", "place"), [("yc.chen", 1), ("yc.contact", 2), ("wh.zhang", 2), ("sj.plain", 0)])
def test_a_text_that_is_not_theirs_or_no_text_is_not_there(
    username: str, place: int, with_files: Complaint, client_for: Callable[[str], Client]
) -> None:
    assert text_of(client_for(username), with_files, place).status_code == 404


def upload(name: str = "来电.txt", content: bytes = b"call") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_intake_takes_files_in_one_go(client_for: Callable[[str], Client]) -> None:
    typed = INTAKE | {
        "channel": "call",
        "category": "资费与收费争议",
        "priority": "P3",
        "unit": "WH",
        "then": "dispatch",
    }
    answer = client_for("kf.agent").post(reverse("register"), {**typed, "_key": "k1", "files": [upload()]})
    file, complaint = Attachment.objects.get(), Complaint.objects.get()
    assert (answer.status_code, file.matter_id, file.kind, complaint.state) == (
        302,
        complaint.pk,
        "intake",
        "dispatched",
    )


def test_a_form_shown_again_keeps_its_files(client_for: Callable[[str], Client]) -> None:
    """Without a script a look-up shows the page anew, a forgotten unit too: nobody chooses a file twice."""
    client = client_for("kf.agent")
    for address, more in ((reverse("look_up"), {}), (reverse("register"), {"then": "dispatch", "unit": ""})):
        answer = client.post(address, {**INTAKE, "_key": "k1", "files": [upload()], **more})
        held = re.findall(r'<input type="hidden" name="files" value="([^"]+)">', answer.content.decode())
        assert held == [Attachment.objects.get().token]


def test_a_file_that_is_not_taken_is_said_at_its_field(client_for: Callable[[str], Client]) -> None:
    typed = {**INTAKE, "_key": "k1", "files": [upload("来电.exe", b"MZ")]}
    answer = client_for("yc.chen").post(reverse("forward"), typed)
    page = answer.content.decode()
    assert (answer.status_code, "“来电.exe”未收下" in page, INTAKE["content"] in page) == (422, True, True)
    assert (Attachment.objects.count(), Complaint.objects.count()) == (0, 0)


def test_an_answer_and_its_template_keep_the_file(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint, client = play.upto("accepted"), client_for("wh.zhang")
    place = reverse("act", args=[complaint.matter.number, "answer"])
    page = client.post(place, {"_insert": "", "_preset": "", "_key": "k1", "files": [upload()]}).content.decode()
    token = Attachment.objects.get().token
    assert re.findall(r'<input type="hidden" name="files" value="([^"]+)">', page) == [token]
    done = client.post(place, {"result": "已退费。", "cause": "系统。", "files": token, "_key": "k1"})
    assert (done.status_code, Attachment.objects.get().matter_id) == (302, complaint.pk)
