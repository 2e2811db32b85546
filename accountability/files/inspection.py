"""Takes or refuses a file by its name, its size, and what the judge says of its content.

Libraries identify a file by its first bytes, which doesn't stop somebody who wants to deceive
(docs/adr/0023-libraries-tried.md). `judging` has a closer check of each format, which only answers whether the file is
what its name says. It runs in a process of its own with limits (`confined`): what it can't finish isn't taken.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.confined.running import Busy, Limits, Unfinished, answer_of
from accountability.files.judging.program import FIT, USE_PACKAGES
from accountability.files.judging.reasons import Reason

LONGEST_NAME = 120
LONGEST_GIVEN = 5000
"""Characters of a given name that are looked at: its last ones."""

JUDGE = "accountability.files.judging.program"
LIMITS = Limits(cpu=2, memory=768 * 1024 * 1024, wall=10)
"""For one file. What takes longer is refused (tests/accountability/files/test_judge.py)."""

OOXML = "application/vnd.openxmlformats-officedocument."

EXTENSIONS: dict[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": f"{OOXML}wordprocessingml.document",
    "xlsx": f"{OOXML}spreadsheetml.sheet",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "amr": "audio/amr",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""The accepted extensions. A file is only ever served with the media type given here."""

SENTENCES = {
    Reason.MISMATCH: gettext_lazy("内容与扩展名不符"),
    Reason.PAGE: gettext_lazy("文件中夹有网页或脚本"),
    Reason.LOCKED: gettext_lazy("文件加了密码，无法检查"),
    Reason.ACTIVE_PDF: gettext_lazy("PDF 含有脚本、启动命令或内嵌文件"),
    Reason.BAD_PDF: gettext_lazy("PDF 不合规范，无法完整检查，请重新导出（打印为 PDF）后再传"),
    Reason.PIXELS: gettext_lazy("图片尺寸过大（超过 5000 万像素）"),
    Reason.CUT: gettext_lazy("图片不完整"),
    Reason.APPENDED: gettext_lazy("图片后面附有别的内容"),
    Reason.VIDEO: gettext_lazy("文件含有视频，只接受录音"),
    Reason.NOT_TEXT: gettext_lazy("文字不是 UTF-8 或 GB18030 编码，请另存后再传"),
    Reason.STARTS: gettext_lazy("文件中的域或公式会启动程序或读取外部内容"),
    Reason.LINKS: gettext_lazy("单元格中的链接公式（HYPERLINK）会隐去真实地址，请改为直接写出网址"),
    Reason.DAMAGED: gettext_lazy("文件已损坏"),
    Reason.LARGE: gettext_lazy("文件解压后过大"),
    Reason.CROWDED: gettext_lazy("文件中的元素过多，请拆分后再传"),
    Reason.ACTIVE: gettext_lazy("文件含有宏、控件或内嵌对象"),
    Reason.OUTSIDE: gettext_lazy("文件引用了外部模板或文件，请断开链接后另存"),
    Reason.FILE_LINK: gettext_lazy("文件中有不指向网页或邮箱的链接（如本机或局域网的文件），请删去后另存"),
    Reason.OLD_OFFICE: gettext_lazy("文件加了密码或为旧版 Office 格式，请去掉密码并另存为 .%(kind)s"),
}
"""What is wrong with a file; part of a sentence."""

UNFINISHED = gettext_lazy("内容过于复杂，未能在限定的时间和内存内检查完，请简化或拆分后再传")
BUSY = gettext_lazy("文件检查暂时忙不过来，请稍后再传")


PATIENCE = 5.0
"""Seconds that a person's file waits while another of theirs is looked at."""

_turns = threading.Condition()
_looked_at: set[int] = set()
_waiting: set[int] = set()
"""People, by key: whose file is looked at in this process, and whose next one waits."""


class BadFile(Exception):
    """A file that isn't accepted; `str()` gives the message for the user, with the file's name."""


@contextmanager
def turn_of(person_id: int, name: str) -> Iterator[None]:
    """One file of a person is looked at a time in a web process and one may wait, so that nobody's files keep its
    threads from the others. Raises BadFile for any further one.
    """
    with _turns:
        if person_id in _looked_at:
            _wait_for_turn(person_id, name)
        _looked_at.add(person_id)
    try:
        yield
    finally:
        with _turns:
            _looked_at.remove(person_id)
            _turns.notify_all()


def _wait_for_turn(person_id: int, name: str) -> None:
    came = False
    if person_id not in _waiting:
        _waiting.add(person_id)
        came = _turns.wait_for(lambda: person_id not in _looked_at, PATIENCE)
        _waiting.remove(person_id)
    if not came:
        raise BadFile(_("“%(name)s”未收下：您的其他文件正在检查，请稍后再传。") % {"name": safe_name(name)})


def judge(name: str, content: bytes) -> tuple[str, str]:
    """Check a file and return its sanitised name and its media type. Raises BadFile."""
    name = safe_name(name)
    extension = extension_of(name)
    if why := _fault(extension, content):
        raise BadFile(_("“%(name)s”未收下：%(why)s。") % {"name": name, "why": why})
    return name, EXTENSIONS[extension]


def _fault(extension: str, content: bytes) -> str:
    """Why the file isn't taken; empty if it is."""
    if not content:
        return _("文件是空的")
    if len(content) > settings.ATTACHMENT_MOST_BYTES:
        return _("文件超过 %(most)s MB") % {"most": settings.ATTACHMENT_MOST_BYTES // 1024 // 1024}
    if extension not in EXTENSIONS:
        return _("不接受这种文件，可用：%(kinds)s") % {"kinds": " ".join(EXTENSIONS)}
    try:
        answer = answer_of(JUDGE, [extension], content, LIMITS, packages=extension in USE_PACKAGES).decode().strip()
        return "" if answer == FIT else str(SENTENCES[Reason(answer)]) % {"kind": extension}
    except Busy:
        return str(BUSY)
    except (Unfinished, ValueError):
        return str(UNFINISHED)


# Names

_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def safe_name(name: str) -> str:
    """The last part of the path without invisible characters (controls, direction marks) and without characters and
    names that are special in a file system; at most 120 characters, with the extension kept.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name[-LONGEST_GIVEN:])[-1])
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    stem = _RESERVED.sub(r"_\g<0>", stem.strip(" .")) or _("文件")
    return (
        f"{stem[: LONGEST_NAME - len(extension) - 1]}{dot}{extension}" if len(extension) < 20 else stem[:LONGEST_NAME]
    )


def extension_of(name: str) -> str:
    """The extension in lower case; empty if there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""
