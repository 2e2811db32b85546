"""An issued paper goes to the OA, whole, once, with what it is and for whom; what the OA calls it comes back."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.documents import keeping
from accountability.documents.kinds import KINDS
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import AccessLog, Alarm, Notification, Paper, PaperFile, PaperHandover
from accountability.oa import outbox, receipts, sending
from accountability.security import file_store
from tests.accountability.files.made_files import OFFICER
from tests.accountability.gate.held import away
from tests.accountability.notices.pretend_gateway import Gateway
from tests.accountability.oa.conftest import Issue
from tests.factories import Cast, Now, Play

Send = Callable[..., int]


def states() -> list[tuple[str, str]]:
    return list(PaperHandover.objects.order_by("pk").values_list("state", "problem"))


# What is handed over


def test_it_gets_number_title_digest_addressees_and_both_files(oa: Gateway, issue: Issue, send: Send) -> None:
    (handover,) = issue()
    assert send() == 1
    (body,) = oa.received
    paper = handover.paper
    files = {file["name"]: file for file in body.pop("files")}
    assert body == {
        "id": handover.key, "kind": "letter", "kind_label": "通知", "number": "鄂市通〔2026〕1号",
        "title": "关于第1件事的通知", "version": 1, "issued_at": "2026-11-24T09:00:00+08:00", "digest": paper.digest,
        "to": ["武汉分公司"], "copies": [], "signed": "省公司市场部",
        "url": f"https://shouwen.example/papers/{paper.token}/",
    }  # fmt: skip
    assert sorted(files) == ["paper.docx", "paper.pdf"]
    for name, file in files.items():
        content = b64decode(file["content"])
        assert content == f"{name.partition('.')[2]} 关于第1件事的通知".encode()
        assert (file["sha256"], file["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
    headers = oa.headers[0]
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer geheim", handover.key)


def test_what_is_as_it_was_issued_is_made_by_the_system_itself(
    oa: Gateway, give_out: Any, monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    """The very files that the paper's page offers, not ones made for the OA."""
    monkeypatch.setattr(outbox, "goes_out", lambda kind: True)
    (paper,) = give_out()
    keeping.make_pending(paper.issued_at)
    send()
    kept = dict(PaperFile.objects.filter(paper=paper).values_list("form", "sha256"))
    assert {file["name"].partition(".")[2]: file["sha256"] for file in oa.received[0]["files"]} == kept
    assert b64decode(oa.received[0]["files"][0]["content"]).startswith(b"%PDF")


def test_in_a_folder_it_lies_whole_or_not_at_all(share: Path, issue: Issue, send: Send) -> None:
    (handover,) = issue()
    assert send() == 1
    (place,) = (share / "out").iterdir()
    manifest = json.loads((place / "manifest.json").read_text())
    assert (place.name, manifest["id"], manifest["to"]) == (handover.key, handover.key, ["武汉分公司"])
    for file in manifest["files"]:
        assert hashlib.sha256((place / file["name"]).read_bytes()).hexdigest() == file["sha256"]
        assert "content" not in file


@pytest.mark.parametrize("where", ["_write", "sync"])
def test_a_worker_that_dies_while_it_writes_leaves_nothing_half(
    share: Path, issue: Issue, send: Send, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    issue()

    def full(*_said: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(f"accountability.oa.adapters.{where}", full)
        assert send() == 0
    seen = [place.name for place in (share / "out").iterdir() if not place.name.startswith(".")]
    assert len(seen) == (where == "sync")  # the folder is there whole, and is not laid down twice
    assert send(2) == 1
    assert [len(list(place.iterdir())) for place in (share / "out").iterdir()] == [3]


# When


def test_it_waits_for_its_files_and_counts_no_try(oa: Gateway, issue: Issue, send: Send, now: Now) -> None:
    issue(made=False)
    assert (send(), oa.received, states()) == (0, [], [("waiting", "files")])
    assert PaperHandover.objects.get().attempts == 0
    keeping.make_pending(now.at)
    assert (send(1), len(oa.received)) == (1, 1)


def test_a_paper_is_ordered_with_the_act_or_not_at_all(
    oa: Gateway, issue: Issue, send: Send, cast: Cast, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_said: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("accountability.gate.changes._end_notices", broken)
    with pytest.raises(RuntimeError):
        perform(Organisation.standing(), "give_out", by=cast[OFFICER], at=now.at, count=1)
    assert (Paper.objects.count(), PaperHandover.objects.count()) == (0, 0)


def test_an_act_costs_one_statement_and_none_where_it_is_off(
    settings: Any, issue: Issue, give_out: Any, django_assert_num_queries: Any, now: Now
) -> None:
    counted = []
    for url in ("", "https://oa.example/"):
        settings.OA_URL = url
        with CaptureQueriesContext(connection) as asked:
            give_out(3)
        counted.append([one["sql"] for one in asked if "handover" in one["sql"]])
    assert [len(one) for one in counted] == [0, 1]
    settings.OA_URL = ""
    with django_assert_num_queries(0):
        assert sending.send(now.at) == 0


def test_only_letters_go_and_of_them_those_that_are_wanted(settings: Any) -> None:
    """Sheets, reports, opinions, minutes and the notices of rounds never do."""
    letters = {"urging", "outside_answer", "notice", "order", "circular", "bulletin", "ranking"}
    assert {name for name in KINDS if outbox.goes_out(name)} == letters
    settings.OA_KINDS = ["circular", "sheet"]
    assert {name for name in KINDS if outbox.goes_out(name)} == {"circular"}


def test_papers_of_other_kinds_are_not_ordered(oa: Gateway, play: Play) -> None:
    play.upto("delivered")
    assert (Paper.objects.count() > 0, PaperHandover.objects.count()) == (True, 0)


def test_what_was_withdrawn_or_erased_meanwhile_stays_here(
    oa: Gateway, issue: Issue, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdrawn, erased, good = issue(3)
    monkeypatch.setattr(
        "accountability.oa.parcels.mark_of", lambda paper: "已撤回" if paper.pk == withdrawn.paper_id else ""
    )
    content = erased.paper.content
    type(content).objects.filter(pk=content.pk).update(sealed=None)
    assert (send(), [body["id"] for body in oa.received]) == (1, [good.key])
    assert states() == [("dropped", "withdrawn"), ("dropped", "erased"), ("sent", "")]


def test_a_file_that_is_not_what_was_made_stays_here_and_holds_up_nothing(
    oa: Gateway, issue: Issue, send: Send, failures: Any
) -> None:
    bent, good = issue(2)
    row = PaperFile.objects.get(paper=bent.paper, form="pdf")
    other = PaperFile.objects.get(paper=good.paper, form="pdf")
    assert row.place is not None
    assert other.place is not None
    overwrite(row.place, file_store.get(other.place))
    assert (send(), [body["id"] for body in oa.received]) == (1, [good.key])
    assert (states()[0], Alarm.objects.get(kind="oa").facts) == (("failed", "content"), {"papers": 1})


def test_a_file_without_its_digest_stays_here(
    oa: Gateway, issue: Issue, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue()
    monkeypatch.setattr(keeping, "bytes_of", lambda row: b"something else")
    assert (send(), oa.received, states()) == (0, [], [("failed", "content")])


def overwrite(place: str, content: bytes) -> None:
    """What somebody does who can write in the folder."""
    found = next(Path(configured.ATTACHMENTS_DIR).rglob(place))
    found.chmod(0o600)
    found.write_bytes(content)


def test_in_the_held_state_nothing_from_before_is_handed_over(
    oa: Gateway, issue: Issue, send: Send, play: Play
) -> None:
    """A copy that is put back would hand over a second time what went out before."""
    issue()
    away(play, 1)
    assert (send(), oa.received) == (0, [])


# Failures


@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 503])
def test_an_oa_that_fails_is_asked_once_a_run_and_later_with_the_same_id(
    oa: Gateway, issue: Issue, send: Send, status: int
) -> None:
    oa.answers = [(status, {}), (200, {})]
    issue(2)
    assert (send(), send(), len(oa.received)) == (0, 0, 1)
    assert states()[0] == ("waiting", f"HTTP {status}")
    assert (send(1), len(oa.received), states()) == (2, 3, [("sent", "")] * 2)
    assert oa.received[0]["id"] in {body["id"] for body in oa.received[1:]}


def test_an_oa_that_keeps_silent_is_not_waited_for_long(
    oa: Gateway, issue: Issue, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accountability.oa.adapters.TIMEOUT", 0.2)
    oa.silent = Event()
    issue()
    assert (send(), states()) == (0, [("waiting", "TimeoutError")])


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422])
def test_a_paper_that_is_refused_is_an_alarm_until_it_is_handed_over_again(
    oa: Gateway, issue: Issue, send: Send, status: int, client_for: Callable[[str], Client], now: Now
) -> None:
    oa.answers = [(status, {}), (200, {})]
    refused, _good = issue(2)
    assert (send(), states()) == (1, [("failed", f"HTTP {status}"), ("sent", "")])
    told = Notification.objects.filter(kind="oa_failed").values_list("recipient__username", flat=True)
    assert set(told) == {"sc.leader", "sc.officer", "sc.officer2", "sj.system"}
    sentence = "1 份公文未能送交OA，请检查OA接口（manage.py oa）。"
    assert sentence in [row["text"] for row in client_for("sc.officer").get(reverse("alarms")).context["rows"]]
    call_command("oa", refused.key, again=True)
    assert (send(), Alarm.objects.get(kind="oa").cleared_at) == (1, now.at)
    assert [body["id"] for body in oa.received].count(refused.key) == 2


def test_what_is_tried_for_hours_is_one_alarm_and_after_a_week_is_given_up(
    oa: Gateway, issue: Issue, send: Send
) -> None:
    oa.answers = [(503, {})]
    issue()
    found = []
    for _n in range(6):
        send(60)
        found.append(Alarm.objects.filter(kind="oa", cleared_at=None).count())
    assert found == [0, 0, 0, 0, 1, 1]
    send(7 * 24 * 60)
    assert states() == [("failed", "too old")]
    asked = len(oa.received)
    assert (send(60), len(oa.received)) == (0, asked)


def test_two_workers_hand_it_over_once(oa: Gateway, issue: Issue, now: Now) -> None:
    (handover,) = issue()
    again = PaperHandover.objects.get(pk=handover.pk)
    assert [one.claim(now.at + sending.LEASE) for one in (handover, again)] == [True, False]


# What comes back


def test_number_and_receipt_stand_on_the_papers_page(
    oa: Gateway, issue: Issue, send: Send, client_for: Callable[[str], Client], now: Now
) -> None:
    (handover,) = issue()
    place = reverse("paper", args=[handover.paper.token])
    assert "待发送" in client_for(OFFICER).get(place).content.decode()
    send()
    page = client_for(OFFICER).get(place).content.decode()
    assert ("鄂移公文〔2026〕88号" in page, "已接收" in page) == (True, True)
    kept = PaperHandover.objects.get()
    assert (kept.handed_at, kept.answered_at) == (now.at, now.at)
    row = AccessLog.objects.get(action="hand_over_paper")
    assert (row.matter_id, handover.key in row.detail) == (handover.paper.matter_id, True)


def test_a_paper_withdrawn_later_says_that_the_oa_has_it(
    oa: Gateway, issue: Issue, send: Send, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    (handover,) = issue()
    send()
    place = reverse("paper", args=[handover.paper.token])
    assert "另行撤回" not in client_for(OFFICER).get(place).content.decode()
    monkeypatch.setattr("accountability.views.papers.mark_of", lambda paper: "已撤回")
    assert "另行撤回" in client_for(OFFICER).get(place).content.decode()


@pytest.mark.parametrize(
    ("said", "number", "receipt"),
    [({"number": "A" * 100, "receipt": "B" * 500}, "A" * 60, "B" * 120), (["x"], "", ""), (b"<html>", "", ""),
     ({"number": {"a": 1}, "receipt": None}, "", ""), ({"number": 20260088}, "20260088", ""),
     ({"number": True}, "", ""),
     ({"number": "a\r\nb\x00\u202ec", "receipt": " 王伟 13912345678 "}, "a b c", "王伟 139****5678"), (b"", "", "")],
)  # fmt: skip
def test_whatever_the_oa_answers_is_one_line_bounded_and_masked(
    oa: Gateway, issue: Issue, send: Send, said: Any, number: str, receipt: str
) -> None:
    oa.answers = [(200, said)]
    issue()
    assert send() == 1
    kept = PaperHandover.objects.get()
    assert (kept.state, kept.oa_number, kept.receipt) == ("sent", number, receipt)


def test_markup_of_the_oa_is_text(oa: Gateway, issue: Issue, send: Send, client_for: Callable[[str], Client]) -> None:
    oa.answers = [(200, {"number": "<img src=x>", "receipt": "<script>1</script>"})]
    (handover,) = issue()
    send()
    page = client_for(OFFICER).get(reverse("paper", args=[handover.paper.token])).content.decode()
    assert ("<img src=x>" in page, "&lt;img src=x&gt;" in page, "<script>1" in page) == (False, True, False)


def test_a_receipt_in_the_folder_is_taken_and_put_aside(share: Path, issue: Issue, send: Send) -> None:
    first, second, third = issue(3)
    send()
    inside = share / "in"
    inside.mkdir()
    (inside / f"{first.key}.json").write_text('{"number": "OA-1", "receipt": "已签收"}')
    (inside / f"{second.key}.json").write_text("{")
    (inside / f"oa_{'z' * 32}.json").write_text('{"number": "OA-2"}')
    (inside / "other.json").write_text('{"number": "OA-3"}')
    (share / "secret.json").write_text('{"number": "OA-4"}')
    (inside / f"{third.key}.json").symlink_to(share / "secret.json")
    send()
    kept = PaperHandover.objects.get(pk=first.pk)
    assert (kept.oa_number, kept.receipt) == ("OA-1", "已签收")
    assert [place.name for place in (inside / "done").iterdir()] == [f"{first.key}.json"]
    assert sorted(place.name for place in (inside / "bad").iterdir()) == sorted(
        [f"{second.key}.json", f"{third.key}.json", f"oa_{'z' * 32}.json"]
    )
    assert PaperHandover.objects.get(pk=third.pk).oa_number == ""
    assert [place.name for place in inside.iterdir() if place.is_file()] == ["other.json"]


def test_a_number_that_comes_later_is_written_back_by_command(oa: Gateway, issue: Issue, send: Send, now: Now) -> None:
    """Of one that was refused too: then somebody has handed it over by hand."""
    oa.answers = [(422, {})]
    (handover,) = issue()
    send()
    with pytest.raises(CommandError):
        call_command("oa", "oa_none", number="OA-9")
    with pytest.raises(CommandError):
        call_command("oa", handover.key, number="\x00")
    call_command("oa", handover.key, number="OA-9", receipt="收发室签收")
    kept = PaperHandover.objects.get()
    assert (kept.state, kept.oa_number, kept.receipt, kept.problem) == ("sent", "OA-9", "收发室签收", "")
    send()
    assert Alarm.objects.get(kind="oa").cleared_at == now.at
    assert len(oa.received) == 1
    assert receipts.note(handover.key, "", "补充", now.at)
    assert PaperHandover.objects.get().oa_number == "OA-9"


def test_the_command_lists_what_the_oa_has_not_got(oa: Gateway, issue: Issue, send: Send, capsys: Any) -> None:
    oa.answers = [(422, {}), (200, {})]
    refused, _good = issue(2)
    send()
    call_command("oa")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split()[0] == refused.key
    assert "failed 1 HTTP 422" in line
    with pytest.raises(CommandError):
        call_command("oa", "oa_none", again=True)


# Around it


def test_switched_on_there_is_a_worker_a_queue_and_a_tick_of_its_own(tmp_path: Path) -> None:
    """The settings are read once, so a process of its own reads them."""
    told = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from accountability.monitoring import heartbeats, system_health\n"
        "from config.management.commands import serve\n"
        "task = 'accountability.tasks.hand_over_papers'\n"
        "names = [program.name for program in serve.programs('127.0.0.1', 8123)]\n"
        "print(settings.CELERY_TASK_ROUTES[task]['queue'], 'events' in names, task in system_health.TASKS,"
        " task in heartbeats.scheduled(), 'send_events' in settings.CELERY_BEAT_SCHEDULE)"
    )
    environ = os.environ | {"OA_FOLDER": str(tmp_path), "DEVELOPMENT": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=configured.BASE_DIR, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["events", "True", "True", "True", "False"], done.stderr
