"""Complaints with words of their own planted in every text, and personal data written there in every way.

Each text says who wrote it when (`SECRETS`, `AT_THE_TABLE`, `FORWARDED`), and after it stand numbers, identities and
names as people write them. `raw_in` finds them however they were written.
"""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pypdf

from accountability.documents.making import MEDIA_TYPES
from accountability.files.attachments import take
from accountability.security.masking import _AS_DIGITS, plain_digits
from complaints.models import Complaint
from tests.factories import Play
from tests.walking import body_of

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

INTAKE, FORWARDED_INTAKE = "金丝雀甲", "黄雀甲"
SECRETS = {INTAKE, "金丝雀乙", "金丝雀丙", "金丝雀丁", "金丝雀戊"}
AT_THE_TABLE = {f"云雀{sign}" for sign in "甲乙丙丁戊己庚辛"}
FORWARDED = {FORWARDED_INTAKE, "黄雀乙", "黄雀丁"}
ADDED, NOTED = "雨燕甲", "雨燕乙"
"""What the customer added, for whoever reads the intake; and what the unit of the round noted for itself."""


def has(text: str) -> str:
    """A text with everything in it that somebody might write of a person."""
    return f"{text}，客户电话：" + "；".join(WRITTEN) + "。"


def few(text: str) -> str:
    """The same where only a line may be written."""
    return f"{text}：{WRITTEN[5]}；{OTHER}；{NAME}"


APART = re.compile(r"[\s\-‐-―./·，,、()（）:：+\u200b]")


class _Plain(dict[int, str]):
    """What each sign is told as: a digit, nothing where it only stands between others, or itself. A page is read once
    by this; the three steps, one after the other over the whole of it, took a tenth of a walk.
    """

    def __missing__(self, sign: int) -> str:
        self[sign] = APART.sub("", plain_digits(chr(sign)).translate(_AS_DIGITS))
        return self[sign]


PLAIN = _Plain()


def raw_in(body: str) -> list[str]:
    """What of it stands there, whatever is put between its signs and in whatever digits."""
    plain = html.unescape(body).translate(PLAIN)
    return [raw for raw in (*RAW, NAME) if raw in plain]


def words_of(response: Any) -> str:
    """What can be read in an answer: inside of an office file and a PDF too."""
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


@dataclass
class Planted:
    complaint: Complaint
    """With WH: returned once and not accepted, YC and WL at its table, answered, sent back."""
    forwarded: Complaint
    """By zd.zhou, with WH, answered."""


def planted(play: Play) -> Planted:
    return Planted(_at_one_table(play), _forwarded(play))


def _at_one_table(play: Play) -> Complaint:
    """Each act with personal data in every text; each unit at the table has a task, an objection and a result."""
    file = take(f"{PHONE}{NAME}.txt", has("文件").encode(), by=play.cast["kf.agent"], at=play.now.at, kind="intake")
    found = play("register", "kf.agent", customer=NAME, phone=PHONE, content=has(INTAKE), files=[file])
    found = play("hand_off", "wh.contact", play("dispatch", "kf.agent", found, reason=has("金丝雀乙")))
    found = play("request_return", "wh.zhang", found, reason=has("金丝雀丙"), guidance=few("金丝雀丙"))
    found = play("rule_on_return", "kf.agent", found, accepted=False, reason=has("金丝雀丙"))
    due = "2026-11-24 15:00"
    tasks = [{"unit": code, "task": few(text), "due": due} for code, text in (("YC", "云雀甲"), ("WL", "云雀乙"))]
    found = play("convene", "wh.zhang", found, units=["YC", "WL"], problem=has("云雀丙"))
    found = play("record_tasks", "wh.zhang", found, tasks=tasks, third_parties=few("云雀丁"))
    for code, by, text in (("YC", "yc.chen", "云雀戊"), ("WL", "wl.zhao", "云雀己")):
        found = play("confirm_task", by, found, unit=code, objection=few(text))
    found = play("conclude_coordination", "wh.zhang", found)
    for code, by, text in (("YC", "yc.chen", "云雀庚"), ("WL", "wl.zhao", "云雀辛")):
        found = play("finish_task", by, found, unit=code, result=few(text))
    found = play("propose_solution", "wh.zhang", found, solution=has("金丝雀丁"))
    found = play("answer", "wh.zhang", found, result=has("金丝雀丁"), cause=has("金丝雀丁"))
    found = play("judge_complete", "kf.agent", found, complete=False, reason=has("金丝雀戊"))
    found = play("supplement", "kf.agent", found, content=has(ADDED))
    found = play("add_note", "wh.zhang", found, note=has(NOTED))
    play("chase", "kf.agent", found, message=few("金丝雀戊"))
    return play.again(found)


def _forwarded(play: Play) -> Complaint:
    forwarded = play("forward", "zd.zhou", customer=NAME, phone=PHONE, content=has(FORWARDED_INTAKE))
    found = play("dispatch", "kf.agent", play("register", "kf.agent", forwarded), reason=has("黄雀乙"))
    found = play("hand_off", "wh.contact", found)
    return play("answer", "wh.zhang", found, result=has("黄雀丁"), cause=has("黄雀丁"))
