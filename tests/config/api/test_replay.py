"""Scenarios hold through the interface as through the gate, and what they send is as the description says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from config.api.kinds import KINDS
from config.api.problems import PREFIX
from config.api.schema import body_of
from config.replay.over_api import ApiPlayer, served
from config.replay.player import play
from config.replay.reader import files_in, name_of, read

FILES = {name_of(path): path for path in files_in(Path(__file__).parents[2] / "scenarios")}
SOME = (
    "01-satisfied-and-archived", "04-not-ours", "07-coordination", "09-admitted-penalties", "10-disputed-panel",
    "11-limits-keep-their-version", "31-who-sees-what", "37-ranking",
)  # fmt: skip

BODIES = {
    f"{kind.place}/{entry.name}": jsonschema.Draft202012Validator(body_of(entry))
    for kind in KINDS
    for entry in kind.verbs
}


@pytest.fixture(autouse=True)
def _served() -> Iterator[None]:
    with served():
        yield


class Described(ApiPlayer):
    """What is done was sent as the description says: who reads it can do it."""

    def _send(self, place: str, body: str, by: Any, at: Any, **said: Any) -> Any:
        answer = super()._send(place, body, by, at, **said)
        if answer.status_code < 400:
            sent = json.loads(body)
            kind = place.removeprefix(PREFIX).partition("/")[0]
            verb = sent.pop("do", place.rpartition("/")[2])
            BODIES[f"{kind}/{verb}"].validate(sent)
        return answer


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [*SOME, *(pytest.param(name, marks=pytest.mark.slow, id=f"{name}-slow") for name in FILES if name not in SOME)],
)
def test_every_story_holds_through_the_interface(name: str) -> None:
    result = play(read(FILES[name]), player_of=Described)
    assert result.steps > 0
    assert result.failures == []


@pytest.mark.django_db
def test_what_should_not_have_been_done_fails(tmp_path: Path) -> None:
    """The interface's refusal is a refusal of the scenario, and a step done without one isn't."""
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "title: x\nsteps:\n"
        '  - {at: "2026-11-24 09:00", by: wh.zhang, do: register, complaint: C1, with: {customer: 甲,'
        ' phone: "13871234567", tier: none, channel: call, category: 服务态度与服务规范,'
        " priority: P3, region: 武汉, content: 乙}}\n"
        '  - {at: "2026-11-24 09:01", by: yc.chen, do: forward, complaint: C2, refused: true, with: {customer: 甲,'
        ' phone: "13871234567", tier: none, region: 武汉, content: 乙}}\nexpect: []\n'
    )
    first, second = play(read(file), player_of=ApiPlayer).failures
    assert "refused" in first
    assert "was done" in second


def test_where_the_interface_is_off_nothing_is_played_through_it(settings: Any) -> None:
    settings.API_ENABLED = False
    with pytest.raises(CommandError, match="API_ENABLED"):
        call_command("replay", str(FILES[SOME[0]]), "--via", "api")


@pytest.mark.django_db
def test_what_is_not_in_the_interface_is_played_through_the_gate() -> None:
    """A new version of the limits, an approval and a signature: no program gives them, and the stories need them."""
    sent: list[str] = []

    class Listening(ApiPlayer):
        def _send(self, place: str, body: str, by: Any, at: Any, **said: Any) -> Any:
            sent.append(place)
            return super()._send(place, body, by, at, **said)

    result = play(read(FILES["11-limits-keep-their-version"]), player_of=Listening)
    assert (result.failures, [place for place in sent if "set_limits" in place]) == ([], [])
    assert sent
