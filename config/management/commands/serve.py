"""`manage.py serve`: the whole system on one machine, as one command that leaves no process behind."""

import errno
import fcntl
import os
import socket
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils.translation import gettext as _

from config.background import DEFAULT_QUEUE
from config.processes import Ended, Program, run_together
from config.production import refuse_unsafe_start

PATIENT = {"LOCK_TIMEOUT": "20"}
"""Seconds that worker and beat wait for the database: longer than a page may, so that pages go first."""


class Command(BaseCommand):
    """gunicorn, Celery workers and beat. One that dies is restarted and named; if it can't be kept running, all end and
    the exit status is 1.
    """

    help = "Serve the pages and run the tasks until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--prepare", action="store_true", help="first migrate, collect static files, seed the demo")

    def handle(self, *args: Any, host: str, port: int, prepare: bool, **options: Any) -> None:
        refuse_taken_port(host, port)
        with alone_in(settings.VAR_DIR):
            self.serve(host, port, prepare=prepare)

    def serve(self, host: str, port: int, *, prepare: bool) -> None:
        if prepare:
            self.prepare_or_stop()
        refuse_unsafe_start()
        connections.close_all()
        ended = run_together(
            programs(host, port),
            is_ready=lambda: answers(host, port),
            when_ready=lambda: self.stdout.write(welcome(host, port)),
            when_died=self.tell_of_death,
        )
        self.farewell(ended)

    def prepare_or_stop(self) -> None:
        try:
            self.prepare()
        except KeyboardInterrupt:
            raise CommandError(_("已中断，未启动。"), returncode=130) from None

    def prepare(self) -> None:
        """What a first start needs; each step is quick where there is nothing to do."""
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        call_command("messages")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if settings.DEMO:
            call_command("demo", if_empty=True)

    def tell_of_death(self, name: str, status: int) -> None:
        sentence = _("%(name)s 意外退出（状态 %(status)s），正在重新启动。")
        self.stderr.write(sentence % {"name": name, "status": status})

    def farewell(self, ended: Ended) -> None:
        if ended.name is None:
            self.stdout.write(_("已全部停止。"))
            return
        sentence = _("%(name)s 意外退出（状态 %(status)s），其余进程已一并停止。")
        raise CommandError(sentence % {"name": ended.name, "status": ended.status})


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Refuse a second system on the same folder: the two would share its database, keys and files.

    The lock is released with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            sentence = _("%(folder)s 已有一个 首问 在运行；另起一个须用别的目录：VAR_DIR=… make run")
            raise CommandError(sentence % {"folder": folder}) from error
        yield


def programs(host: str, port: int) -> list[Program]:
    """Threads in the web workers, so that a browser's idle connection doesn't block a whole worker. Notices are
    sent by a worker of their own, and papers made by another, one at a time, at low priority.
    """
    web = "gunicorn config.wsgi --config python:config.serving"
    return [_program("web", "-m", *web.split(), "--bind", f"{host}:{port}"), *_background()]


def _background() -> list[Program]:
    """With Redis, separate workers and beat; without, each queue's worker and beat in one process."""
    sends_out = any(settings.SENT_OUT.values())
    if settings.ON_ONE_MACHINE:
        start = (str(settings.BASE_DIR / "manage.py"), "background", "--queue")
        return [
            _program("worker", *start, DEFAULT_QUEUE, "--concurrency", "2", env=PATIENT),
            _program("notices", *start, "notices", "--concurrency", "1", env=PATIENT),
            _program("papers", *start, "papers", "--concurrency", "1", env=PATIENT, niceness=10),
            *([_program("events", *start, "events", "--concurrency", "1", env=PATIENT)] if sends_out else []),
        ]
    worker = (
        "celery --quiet --app config worker -n {}@localhost -P threads -c {} -Q {} --without-gossip --without-mingle"
    )
    events = _program("events", "-m", *worker.format("events", 1, "events").split(), "-l", "WARNING", env=PATIENT)
    beat = "celery --quiet --app config beat --schedule"
    return [
        _program("worker", "-m", *worker.format("worker", 2, "celery").split(), "-l", "WARNING", env=PATIENT),
        _program("notices", "-m", *worker.format("notices", 2, "notices").split(), "-l", "WARNING", env=PATIENT),
        _program(
            "papers", "-m", *worker.format("papers", 1, "papers").split(), "-l", "WARNING", env=PATIENT, niceness=10
        ),
        *([events] if sends_out else []),
        _program("beat", "-m", *beat.split(), str(settings.VAR_DIR / "beat-schedule"), "-l", "WARNING", env=PATIENT),
    ]


def _program(name: str, *arguments: str, env: Mapping[str, str] = MappingProxyType({}), niceness: int = 0) -> Program:
    """One program, without Celery's warning about running as root: in a container we may well be root."""
    argv = [sys.executable, "-W", "ignore:You're running the worker", *arguments]
    return Program(name, ["nice", "-n", str(niceness), *argv] if niceness else argv, env)


def refuse_taken_port(host: str, port: int) -> None:
    """Checked before the first start's minute of seeding, not after it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(_why_no_port(error, host, port)) from error


def _why_no_port(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return _("端口 %(port)s 已被占用：可能已在运行。换一个端口：PORT=8001 make run") % {"port": port}
    return _("不能在 %(host)s:%(port)s 上监听：%(why)s") % {"host": host, "port": port, "why": error.strerror}


def answers(host: str, port: int) -> bool:
    """Whether the pages answer: the port opens earlier, before a worker has loaded the application."""
    asked = HTTPConnection(_reachable(host), port, timeout=1)
    try:
        asked.request("GET", "/livez")
        asked.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()
    return True


def _reachable(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 a comparison, nothing is bound # nosec B104


def welcome(host: str, port: int) -> str:
    """The address, and in the demo who may sign in with which password."""
    address = _("首问 已启动： http://%(host)s:%(port)s/  （Ctrl-C 停止）") % {"host": _reachable(host), "port": port}
    return "\n".join(["", address, "", *(accounts_table() if settings.DEMO else [])])


def accounts_table() -> list[str]:
    from config.demo.accounts import demo_accounts

    header = (_("用户名"), _("密码"), _("姓名"), _("单位"), _("角色"), _("可以试试"))
    rows = [(a.username, a.password, a.name, a.unit, a.role, a.tries) for a in demo_accounts()]
    return _aligned([header, *rows])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns for a terminal, where a Chinese character is two cells wide."""
    widths = [max(_cells(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _cells(cell))


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
