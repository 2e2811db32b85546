"""The walk in docs/api.md works as it is written there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from complaints.models import Complaint
from tests.config.api.conftest import Issue

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
SCRIPT = "\n".join(line[4:] for line in PAGE.read_text().splitlines() if line.startswith("    "))


def test_the_walk_has_its_steps() -> None:
    assert re.findall(r"/(\w+) (?:-d|-X)", SCRIPT) == [
        "complaints", "dispatch", "hand_off", "accept", "propose_solution", "answer", "judge_complete", "reply",
        "record_satisfaction",
    ]  # fmt: skip


def test_the_walk_goes_from_the_call_to_the_archive(
    transactional_db: None, live_server: Any, issue: Issue, tmp_path: Path
) -> None:
    people = {"AGENT": "kf.agent", "CONTACT": "wh.contact", "HANDLER": "wh.zhang"}
    told = {name: issue(username)[1] for name, username in people.items()}
    environment = os.environ | told | {"API": f"{live_server.url}/api/v1", "no_proxy": "*"}
    words = ["bash", "-euo", "pipefail", "-c", SCRIPT]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    complaint = Complaint.objects.get()
    assert complaint.state == "archived"
    assert f'{{"items":[{{"number":"{complaint.matter.number}","state":' in done.stdout
