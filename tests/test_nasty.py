"""Nasty files on every way in: refused with a sentence or kept as bytes; none runs, none grows, nobody else reads."""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accountability.confined.running import BEGIN, Limits
from accountability.files import inspection
from accountability.files import scanner as scanning
from accountability.files.inspection import BadFile, judge
from accountability.files.judging.program import FIT, check
from accountability.files.judging.reasons import Unfit
from accountability.files.scanner import PIECE, Clamd, pieces
from accountability.models import Attachment, Employee
from tests import nasty
from tests.accountability.files import made_files
from tests.accountability.files.made_files import on_disk
from tests.factories import INTAKE
from tests.nasty import Nasty
from tests.shared_world import shared

stage, own_copy, now, cast, play, client_for, _world = shared()

CORPUS = nasty.corpus()

pytestmark = [pytest.mark.asvs("5.2.1", "5.2.2", "5.2.3", "5.3.1"), pytest.mark.compliance(24), pytest.mark.lesson(13)]

EXECUTES = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.spawn", "ctypes.dlopen",
    "socket.connect", "socket.getaddrinfo", "urllib.Request", "marshal.loads", "pickle.find_class",
)  # fmt: skip
"""What Python reports of itself when something starts, is loaded or calls elsewhere."""

_watching: list[str] | None = None


def _hear(event: str, arguments: Any) -> None:
    is_our_judge = event == "subprocess.Popen" and BEGIN in arguments[1]
    if _watching is not None and event.startswith(EXECUTES) and not _is_an_import(event) and not is_our_judge:
        _watching.append(event)


def _is_an_import(event: str) -> bool:
    """Python reading a module of its own that is needed for the first time."""
    return event == "marshal.loads" and sys._getframe(2).f_code.co_filename.startswith("<frozen importlib")


@cache
def _begin_to_hear() -> None:
    """No sooner than it is needed: no hook is taken out again, and each slows the whole process down."""
    sys.addaudithook(_hear)


@contextmanager
def watched() -> Iterator[list[str]]:
    global _watching
    _begin_to_hear()
    heard: list[str] = []
    _watching = heard
    try:
        yield heard
    finally:
        _watching = None


def judged(one: Nasty) -> str | None:
    """The sentence of the refusal; None where it is taken."""
    try:
        judge(one.name, one.make())
    except BadFile as bad:
        return str(bad)
    return None


def sentence(one: Nasty) -> str | None:
    return None if one.why is None else f"“{one.called}”未收下：{one.why}。"


def test_the_corpus_is_large_and_each_is_told_from_the_others() -> None:
    assert len(CORPUS) >= 150
    assert len({one.what for one in CORPUS}) == len(CORPUS)
    assert sum(one.why is None for one in CORPUS) >= 20


@pytest.fixture
def _judged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process it is heard what runs and counted what memory is taken; no process is started for each file."""
    monkeypatch.setattr(inspection, "answer_of", answer_here)


@pytest.mark.usefixtures("_judged_here")
@pytest.mark.asvs("1.5.1", "5.2.6", "1.5.2")
def test_each_is_judged_as_it_should_be_and_nothing_runs() -> None:
    with watched() as heard:
        found = {one.what: judged(one) for one in CORPUS}
    assert {what: said for what, said in found.items() if said != EXPECTED[what]} == {}
    assert heard == []


def answer_here(_program: str, arguments: list[str], content: bytes, _limits: Limits, **_packages: bool) -> bytes:
    try:
        check(arguments[0], content)
    except Unfit as unfit:
        return unfit.reason.encode()
    return FIT.encode()


@pytest.mark.parametrize("reason", sorted({one.why or "" for one in CORPUS}))
def test_the_confined_judge_says_the_same(reason: str) -> None:
    """Of one file of each reason, and of a harmless one."""
    one = next(one for one in CORPUS if (one.why or "") == reason)
    assert judged(one) == EXPECTED[one.what]


EXPECTED = {one.what: sentence(one) for one in CORPUS}

MORE = 24 * 1024 * 1024
"""Bytes that looking at one file may take beside the file itself, however much it unpacks to."""


@pytest.mark.slow
@pytest.mark.usefixtures("_judged_here")
def test_no_file_makes_memory_grow() -> None:
    too_much = {}
    for one in CORPUS:
        content = one.make()
        tracemalloc.start()
        with suppress(BadFile):
            judge(one.name, content)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        if peak > 4 * len(content) + MORE:
            too_much[one.what] = peak
    assert too_much == {}


# Through the pages


def post(client: Client, place: str, one: Nasty, content: bytes) -> Any:
    typed = INTAKE | {"_key": one.what[:40], "content": ""}
    return client.post(place, {**typed, "files": SimpleUploadedFile(one.name, content, "text/html")})


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_DIR = tmp_path / "files"
    settings.ATTACHMENT_DRAFTS_MOST = 1000
    return tmp_path / "files"


SAID = re.compile(r"“[^”]*”未收下：[^<]*?。")

UPLOADS = (("yc.chen", "/complaints/forward/"), ("kf.agent", "/complaints/new/"))


@pytest.mark.slow
@pytest.mark.usefixtures("_judged_here")
@pytest.mark.parametrize(("who", "place"), UPLOADS)
@pytest.mark.asvs("5.3.2", "5.4.1", "5.4.2", "3.2.1")
def test_through_a_form_it_is_refused_or_kept_as_bytes(
    who: str, place: str, client_for: Callable[[str], Client], folder: Path
) -> None:
    """The form lacks its content, so nothing is done; the files of it are judged nevertheless."""
    client, other = client_for(who), client_for("sj.plain")
    wrong: dict[str, Any] = {}
    with watched() as heard:
        for one in CORPUS:
            before = set(Attachment.objects.values_list("pk", flat=True))
            content = one.make()
            answer = post(client, place, one, content)
            new = Attachment.objects.exclude(pk__in=before).first()
            if answer.status_code != 422 or (new is not None) != is_kept(one):
                wrong[one.what] = (answer.status_code, SAID.findall(answer.content.decode()))
            if new is not None:
                served = client.get(f"/files/{new.token}/")
                problems = faults_of(served, content) + (
                    [] if other.get(f"/files/{new.token}/").status_code == 404 else ["read"]
                )
                wrong |= {one.what: problems} if problems else {}
    assert wrong == {}
    assert heard == []
    assert [path.name for path in on_disk(folder) if not re.fullmatch("[0-9a-f]{32}", path.name)] == []


def is_kept(one: Nasty) -> bool:
    """A name with a new line in it ends there, as the head of a part of the form does: its rest is no extension."""
    return one.why is None and "\r\n" not in one.name


def faults_of(served: Any, content: bytes) -> list[str]:
    """What of a file that was kept isn't as it must be when it is handed out."""
    said = served.headers
    demanded = {
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "private, no-store", "X-Frame-Options": "DENY",
    }  # fmt: skip
    faults = [name for name, value in demanded.items() if said[name] != value]
    disposition = said["Content-Disposition"]
    if not re.fullmatch(r"attachment; filename=\"file\.[a-z0-9]{3,4}\"; filename\*=UTF-8''[\w.%~-]+", disposition):
        faults.append(disposition)
    if said["Content-Type"].startswith(("text/html", "image/svg", "application/javascript", "text/xml")):
        faults.append(said["Content-Type"])
    if served.content != content:
        faults.append("content")
    return faults


@pytest.mark.slow
def test_through_the_import_none_does_harm(client_for: Callable[[str], Client], folder: Path) -> None:
    """Compared or refused with a sentence; never an error of ours, and nothing is kept."""
    client, people = client_for("sc.officer"), Employee.objects.count()
    wrong: dict[str, Any] = {}
    with watched() as heard:
        for one in CORPUS:
            answer = client.post("/import/organisation/", {"file": SimpleUploadedFile(one.name, one.make())})
            page = answer.content.decode()
            if answer.status_code not in (200, 422) or (answer.status_code == 422 and "id_file_error" not in page):
                wrong[one.what] = answer.status_code
            if "<script>alert" in page or "onload=" in page:
                wrong[one.what] = "written"
    assert wrong == {}
    assert heard == []
    assert (on_disk(folder), Employee.objects.count()) == ([], people)


@pytest.mark.asvs("5.2.4", "5.1.1")
def test_so_many_and_no_more(client_for: Callable[[str], Client], folder: Path, settings: Any) -> None:
    """Too many for an act, for a form, for a person."""
    client = client_for("yc.chen")
    many = [SimpleUploadedFile(f"{number}.txt", str(number).encode()) for number in range(15)]
    page = client.post("/complaints/forward/", {"_key": "k", "files": many}).content.decode()
    assert "一次最多 10 个文件，未收下：10.txt、11.txt、12.txt、13.txt、14.txt。" in page
    more = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]
    assert client.post("/complaints/forward/", {"_key": "k", "files": more}).status_code == 400
    settings.ATTACHMENT_DRAFTS_MOST = 10
    one = SimpleUploadedFile("a.txt", b"one more")
    page = client.post("/complaints/forward/", {"_key": "k2", "files": [one]}).content.decode()
    assert "您还有过多未提交的文件" in page


@pytest.mark.lesson(6)
def test_tokens_and_places_are_random(client_for: Callable[[str], Client], folder: Path) -> None:
    client = client_for("yc.chen")
    for number in range(8):
        client.post(
            "/complaints/forward/", {"_key": "k", "files": [SimpleUploadedFile(f"{number}.txt", b"%d" % number)]}
        )
    found = list(Attachment.objects.values_list("token", "place"))
    assert [len(set(column)) for column in zip(*found, strict=True)] == [8, 8]
    assert {(len(token), len(place)) for token, place in found} == {(32, 32)}  # 192 and 128 bits
    assert [position for position in range(32) if len({token[position] for token, _place in found}) == 1] == []


# A scanner


class Finds:
    def scan(self, name: str, content: bytes) -> str | None:
        return "Eicar" if b"EICAR" in content else None


class IsDown:
    def scan(self, name: str, content: bytes) -> str | None:
        raise ConnectionRefusedError


ASKED = pytest.mark.parametrize(
    ("scanner", "content", "said"),
    [
        ("Finds", b"a,b\n1,2\n", None),
        ("Finds", b"EICAR,b\n1,2\n", "“a.csv”未收下：查出有害内容。"),
        ("IsDown", b"a,b\n1,2\n", "“a.csv”未收下：查毒服务暂时没有应答，请稍后再传。"),
        ("NotThere", b"a,b\n1,2\n", "“a.csv”未收下：查毒服务暂时没有应答，请稍后再传。"),
    ],
)


@ASKED
@pytest.mark.asvs("5.4.3")
def test_a_scanner_is_asked_first_and_without_its_answer_nothing_is_taken(
    scanner: str, content: bytes, said: str | None, settings: Any, folder: Path, client_for: Callable[[str], Client]
) -> None:
    settings.UPLOAD_SCANNER = f"tests.test_nasty.{scanner}"
    upload = {"_key": "k", "files": [SimpleUploadedFile("a.csv", content)]}
    page = client_for("yc.chen").post("/complaints/forward/", upload).content.decode()
    assert set(SAID.findall(page)) == (set() if said is None else {said})
    assert (Attachment.objects.count(), len(on_disk(folder))) == ((1, 1) if said is None else (0, 0))
    answer = client_for("sc.officer").post("/import/organisation/", {"file": SimpleUploadedFile("a.csv", content)})
    assert set(SAID.findall(answer.content.decode())) == (set() if said is None else {said})


class Line:
    """The daemon's end of the talk: keeps what it is sent, and answers."""

    def __init__(self, answer: bytes) -> None:
        self.sent, self.answer = b"", answer

    def sendall(self, piece: bytes) -> None:
        self.sent += piece

    def recv(self, _most: int) -> bytes:
        said, self.answer = self.answer[:7], self.answer[7:]
        return said

    def close(self) -> None:
        return None


@pytest.mark.parametrize(
    ("answer", "found"), [(b"stream: OK\0", None), (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", "Win.Test.EICAR_HDB-1")]
)
def test_clamd_is_told_the_content_and_believed(
    answer: bytes, found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(answer)
    monkeypatch.setattr(Clamd, "_connected", lambda _self: line)
    assert Clamd().scan("王建国.txt", b"abc") == found
    assert line.sent == b"zINSTREAM\0\x00\x00\x00\x03abc\x00\x00\x00\x00"
    assert [len(piece) for piece in pieces(bytes(PIECE + 1))] == [PIECE, 1]


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: lstat() failed ERROR\0"])
def test_another_answer_is_none(answer: bytes, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(Clamd, "_connected", lambda _self: Line(answer))
    settings.UPLOAD_SCANNER = "accountability.files.scanner.Clamd"
    with pytest.raises(BadFile, match="没有应答"):
        scanning.demand_clean("a.txt", b"abc")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "no-such-folder/clamd.sock"])
def test_no_daemon_no_file(address: str, settings: Any) -> None:
    settings.UPLOAD_SCANNER, settings.CLAMD = "accountability.files.scanner.Clamd", address
    with pytest.raises(BadFile, match="没有应答"):
        scanning.demand_clean("a.txt", b"abc")


def test_a_good_file_of_each_kind_is_still_taken() -> None:
    assert [name for name, content in made_files.GOOD.items() if judge(name, content)[0] != name] == []
