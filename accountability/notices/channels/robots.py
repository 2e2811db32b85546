"""Posts to group chats by their robots: those of 企业微信, 钉钉 and 飞书, one for everybody or one for a unit.

Each of the three answers 200 whatever happens; a number in the answer says whether the message was taken. All messages
of a unit go to one robot, so an error concerns the unit's line, not a single message.
"""

from __future__ import annotations

import csv
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from accountability.notices.channels import Message, Rejected
from accountability.notices.channels.http import BadAnswer, post

COLUMNS = ["unit", "kind", "url", "secret"]
LONGEST_CODE = 16
"""Signs of a unit's code."""


class BadTable(ValueError):
    """The table of robots can't be used; the text says where and why, without an address or a secret."""


@dataclass(frozen=True)
class Robot:
    """The robot of one group. `secret` is empty where it was set up without signing."""

    kind: str
    url: str
    secret: str = ""

    def send(self, message: Message) -> None:
        kind = KINDS[self.kind]
        url, body = kind.written(self, message)
        status, answer = post(url, body, {})
        if status != 200:
            raise BadAnswer(f"HTTP {status}")
        code = json.loads(answer).get(kind.told_in)
        if code != 0 or isinstance(code, bool):
            raise BadAnswer(f"{kind.told_in} {code if isinstance(code, int) else '?'}")


@dataclass(frozen=True)
class Kind:
    """How one of the three is spoken to. `told_in` is where its answer says whether it took the message."""

    written: Callable[[Robot, Message], tuple[str, dict[str, Any]]]
    told_in: str
    signs: bool = True


def _wecom(robot: Robot, message: Message) -> tuple[str, dict[str, Any]]:
    """Mentions the person by number. The key in the address is all that protects it."""
    text = {"content": message.text, "mentioned_mobile_list": [message.address]}
    return robot.url, {"msgtype": "text", "text": text}


def _dingtalk(robot: Robot, message: Message) -> tuple[str, dict[str, Any]]:
    """Mentions the person by number. Signed in the address, with milliseconds."""
    body = {
        "msgtype": "text", "text": {"content": message.text},
        "at": {"atMobiles": [message.address], "isAtAll": False},
    }  # fmt: skip
    if not robot.secret:
        return robot.url, body
    moment = str(int(message.at.timestamp() * 1000))
    signed = _digest(robot.secret, f"{moment}\n{robot.secret}")
    joined = "&" if urlsplit(robot.url).query else "?"
    return f"{robot.url}{joined}{urlencode({'timestamp': moment, 'sign': signed})}", body


def _feishu(robot: Robot, message: Message) -> tuple[str, dict[str, Any]]:
    """Mentions nobody: it knows people by identifiers of its own alone. Signed in the body, with seconds, and the text
    that others sign is the key.
    """
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": message.text}}
    if robot.secret:
        moment = str(int(message.at.timestamp()))
        body |= {"timestamp": moment, "sign": _digest(f"{moment}\n{robot.secret}", "")}
    return robot.url, body


def _digest(key: str, said: str) -> str:
    return b64encode(hmac.digest(key.encode(), said.encode(), "sha256")).decode()


KINDS = {
    "wecom": Kind(_wecom, "errcode", signs=False),
    "dingtalk": Kind(_dingtalk, "errcode"),
    "feishu": Kind(_feishu, "code"),
}


class GroupRobots:
    """The robot of the reader's unit; where the table names none, the one for everybody else, if there is one."""

    address: ClassVar[str] = "mobile"

    def __init__(self, url: str = "", kind: str = "wecom", secret: str = "", table: str = "") -> None:  # nosec B107
        self.table = table
        self.otherwise = Robot(kind, url, secret) if url else None

    def send(self, message: Message) -> None:
        robot = robots_of(self.table).get(message.unit) or self.otherwise
        if robot is None:
            raise Rejected("no robot")
        robot.send(message)

    @property
    def units(self) -> frozenset[str]:
        """None while the table can't be read: then every message fails, and the alarm of the channel tells."""
        try:
            return frozenset(robots_of(self.table))
        except BadTable:
            return frozenset()


@cache
def robots_of(path: str) -> dict[str, Robot]:
    """The robots of the file by the unit's code, read once by each process; none where no file is named. Raises
    BadTable.
    """
    if not path:
        return {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{path} ({type(error).__name__})") from error
    if not lines or lines[0] != COLUMNS:
        raise BadTable(f"the first line must be {','.join(COLUMNS)}")
    found: dict[str, Robot] = {}
    for number, line in enumerate(lines[1:], 2):
        if any(line):
            unit, robot = _row(number, line)
            if unit in found:
                raise BadTable(f"line {number} names a unit again")
            found[unit] = robot
    return found


def _row(number: int, cells: list[str]) -> tuple[str, Robot]:
    if len(cells) != len(COLUMNS) or not 0 < len(cells[0]) <= LONGEST_CODE:
        raise BadTable(f"line {number} must have {len(COLUMNS)} cells and a unit's code")
    robot = Robot(*cells[1:])
    if why := fault_of(robot):
        raise BadTable(f"line {number} {why}")
    return cells[0], robot


def fault_of(robot: Robot) -> str:
    """What is wrong with it, as the end of a sentence; empty if nothing is."""
    parts = urlsplit(robot.url)
    if robot.kind not in KINDS:
        return f"must be one of {', '.join(KINDS)}"
    if robot.secret and not KINDS[robot.kind].signs:
        return f"has a secret, which {robot.kind} doesn't use"
    return "" if parts.scheme in ("https", "http") and parts.hostname else "must have an address"
