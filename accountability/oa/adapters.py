"""The two ways to the OA: a request with a documented body, or a folder for those who have only that."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from accountability.notices.channels import Rejected
from accountability.notices.channels.http import REFUSALS, BadAnswer, post
from accountability.oa.parcels import Parcel
from accountability.security.file_store import sync

TIMEOUT, LONGEST = 5.0, 30.0
"""Seconds for each step of a request, and for the whole of it."""

OUT, IN = "out", "in"
"""In the folder: what is handed over, and what the OA says of it."""

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Answer:
    """What the OA said when it took the paper, as it said it: whatever it is."""

    number: Any = ""
    receipt: Any = ""


class Adapter(Protocol):
    def hand_over(self, parcel: Parcel) -> Answer:
        """Raises Rejected if the OA doesn't want it; any other exception means that the OA can't be reached."""


class Http:
    """Posts the paper as JSON. Redirects aren't followed; of the answer `number` and `receipt` are read."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def hand_over(self, parcel: Parcel) -> Answer:
        headers = {"Idempotency-Key": parcel.key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        files = [file.said | {"content": b64encode(file.content).decode()} for file in parcel.files]
        status, body = post(self.url, parcel.said | {"files": files}, headers, timeout=TIMEOUT, longest=LONGEST)
        if status in REFUSALS:
            raise Rejected(f"HTTP {status}")
        if not 200 <= status < 300:
            raise BadAnswer(f"HTTP {status}")
        return answer_of(body)


def answer_of(body: bytes) -> Answer:
    """An answer without a number, or that is no JSON, is one all the same: the number may come later."""
    try:
        said = json.loads(body)
    except ValueError:
        return Answer()
    return Answer(said.get("number", ""), said.get("receipt", "")) if isinstance(said, dict) else Answer()


class Folder:
    """Lays the paper down as a folder of its own, which is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / OUT

    def hand_over(self, parcel: Parcel) -> Answer:
        place, part = self.out / parcel.key, self.out / f".{parcel.key}.part"
        if place.exists():  # laid down by a worker that died before it could say so
            return Answer()
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        said = parcel.said | {"files": [file.said for file in parcel.files]}
        for name, content in [*((file.name, file.content) for file in parcel.files), (MANIFEST, _written(said))]:
            _write(part / name, content)
        part.rename(place)
        sync(self.out)
        return Answer()


def _written(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _write(place: Path, content: bytes) -> None:
    with place.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def adapter() -> Adapter:
    return Http(settings.OA_URL, settings.OA_TOKEN) if settings.OA_URL else Folder(Path(settings.OA_FOLDER))
