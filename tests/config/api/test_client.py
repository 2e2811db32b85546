"""The client in docs/examples works as it is written there."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import pytest

from accountability.models import LedgerEntry
from complaints.models import Complaint
from tests.config.api.conftest import Issue
from tests.factories import INTAKE, USUAL, Play

FILE = Path(__file__).parents[3] / "docs" / "examples" / "client.py"
REGISTERED = INTAKE | {"channel": "call", "category": "资费与收费争议", "priority": "P3"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("client_of_the_docs", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    return module


@pytest.fixture
def desk(client: ModuleType, issue: Issue, live_server: Any) -> Callable[[str], Any]:
    return lambda username: client.Desk(f"{live_server.url}/api/v1", issue(username)[1])


@pytest.mark.django_db(transaction=True)
def test_it_goes_from_the_call_to_the_archive(desk: Callable[[str], Any]) -> None:
    agent, contact, handler = desk("kf.agent"), desk("wh.contact"), desk("wh.zhang")
    number = agent.register(key="call-8812", **REGISTERED)["number"]
    assert agent.register(key="call-8812", **REGISTERED)["number"] == number
    agent.act(number, "dispatch", unit="WH")
    contact.act(number, "hand_off", to="wh.zhang", method="system")
    handler.act(number, "accept")
    handler.act(number, "answer", seen=handler.complaint(number), **USUAL["answer"])
    agent.act(number, "judge_complete", seen=agent.complaint(number), complete=True)
    agent.act(number, "reply", **USUAL["reply"])
    agent.act(number, "record_satisfaction", satisfied=True)
    assert [row["number"] for row in agent.complaints(state="archived", fields="number")] == [number]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_names_the_fields_and_the_state(client: ModuleType, desk: Callable[[str], Any]) -> None:
    agent = desk("kf.agent")
    with pytest.raises(client.Refusal) as wrong:
        agent.register(**REGISTERED | {"priority": "P9"})
    assert (wrong.value.status, list(wrong.value.errors)) == (422, ["priority"])
    number = agent.register(**REGISTERED)["number"]
    read = agent.complaint(number)
    agent.act(number, "dispatch", unit="WH")
    for verb, given, status in (("dispatch", {}, 409), ("recall", {"seen": read}, 412)):
        with pytest.raises(client.Refusal) as wrong:
            agent.act(number, verb, **USUAL[verb], **given)
        assert wrong.value.status == status
    with pytest.raises(client.Refusal) as wrong:
        desk("yc.contact").complaint(number)
    assert wrong.value.status == 404


@pytest.mark.django_db(transaction=True)
def test_what_gets_lost_is_sent_again_and_done_once(
    desk: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost after the act was done."""
    agent = desk("kf.agent")
    answered = agent._opener.open
    lost = iter([True, False])

    def open_(*args: Any, **kwargs: Any) -> Any:
        answer = answered(*args, **kwargs)
        if next(lost):
            answer.close()
            raise URLError("reset")
        return answer

    monkeypatch.setattr(agent._opener, "open", open_)
    number = agent.register(**REGISTERED)["number"]
    assert [str(complaint) for complaint in Complaint.objects.all()] == [number]
    assert LedgerEntry.objects.filter(verb="register").count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_reads_every_page_and_only_here(
    desk: Callable[[str], Any], play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [str(play.upto("registered", phone=f"1380000000{place}")) for place in range(3)]
    agent, sent = desk("kf.agent"), list[str]()
    send = agent._send

    def noted(method: str, place: str) -> Any:
        sent.append(place)
        return send(method, place)

    monkeypatch.setattr(agent, "_send", noted)
    found = [row["number"] for row in agent.complaints(limit="2", order="newest")]
    assert (sorted(found), len(sent)) == (sorted(numbers), 2)
    assert [place for place in sent if not place.startswith("/complaints?")] == []


@pytest.mark.django_db(transaction=True)
def test_it_lists_what_is_held_by_the_tokens_person(play: Play, issue: Issue, live_server: Any) -> None:
    complaint = play.upto("delivered")
    environment = {"SHOUWEN_TOKEN": issue("wh.contact")[1], "no_proxy": "*"}
    words = [sys.executable, str(FILE), f"{live_server.url}/api/v1"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == str(complaint)
