"""`manage.py serve`: the port asked first, the programs' command lines, the table; and, slow, the real thing."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from assessment.demo.accounts import demo_accounts
from config.management.commands import serve
from config.processes import Ended
from tests.config.test_processes import is_alive, wait_for

BASE_DIR = Path(__file__).parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_refused_in_plain_words(taken_port: int) -> None:
    with pytest.raises(CommandError) as refusal:
        serve.refuse_taken_port("127.0.0.1", taken_port)
    assert str(refusal.value) == f"端口 {taken_port} 已被占用：可能已在运行。换一个端口：PORT=8001 make run"


def test_a_free_port_is_not_refused_and_answers_nothing() -> None:
    port = free_port()
    serve.refuse_taken_port("127.0.0.1", port)
    assert serve.answers("127.0.0.1", port) is False


def test_a_port_that_is_open_but_silent_is_not_ready(taken_port: int) -> None:
    assert serve.answers("127.0.0.1", taken_port) is False


def test_four_programs_and_only_the_background_is_patient(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.BROKER_DIR = tmp_path / "broker"
    programs = serve.programs("127.0.0.1", 8123)

    assert [(program.name, dict(program.env)) for program in programs] == [
        ("web", {}),
        ("worker", {"LOCK_TIMEOUT": "20"}),
        ("papers", {"LOCK_TIMEOUT": "20"}),
        ("beat", {"LOCK_TIMEOUT": "20"}),
    ]
    assert "127.0.0.1:8123" in programs[0].argv
    assert sorted(os.listdir(tmp_path / "broker")) == ["control", "messages"]


def test_the_table_of_demo_accounts_is_aligned_for_wide_letters(settings: Settings) -> None:
    settings.DEMO = True
    header, *rows = serve.accounts_table()

    assert header.split() == ["用户名", "密码", "姓名", "单位", "角色", "可以试试"]
    assert [row.split()[:2] for row in rows] == [[account.username, account.password] for account in demo_accounts()]
    names = [account.name for account in demo_accounts()]
    assert len({serve._cells(row[: row.index(name)]) for row, name in zip(rows, names, strict=True)}) == 1


def test_without_the_demo_no_account_is_shown(settings: Settings) -> None:
    settings.DEMO = False
    assert serve.welcome("127.0.0.1", 8000) == "\n首问 已启动： http://127.0.0.1:8000/  （Ctrl-C 停止）\n"


def test_the_farewell_names_who_died(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="worker 意外退出（状态 -9），其余进程已一并停止。"):
        serve.Command().farewell(Ended("worker", -9))
    serve.Command().farewell(Ended())
    assert capsys.readouterr().out == "已全部停止。\n"


class Served:
    """The real programs on a new SQLite database and file broker under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        environ = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "CELERY_BROKER_URL")}
        environ |= {"VAR_DIR": str(folder), "DEVELOPMENT": "1", "DEMO": "0"}
        self.printed = folder / "printed.txt"
        with self.printed.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--prepare", "--port", str(self.port)],
                cwd=BASE_DIR,
                env=environ,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        wait_for(lambda: f"http://127.0.0.1:{self.port}/" in self.printed.read_text(), 90)
        self.pids = self.descendants(self.process.pid)

    def descendants(self, pid: int) -> list[int]:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return children + [grandchild for child in children for grandchild in self.descendants(child)]

    def worker(self) -> int:
        return next(pid for pid in self.pids if b"celery\0--quiet\0--app\0config\0worker" in cmdline(pid))

    def end(self) -> tuple[int, str]:
        status = self.process.wait(timeout=30)
        return status, self.printed.read_text().splitlines()[-1]

    def left(self) -> list[int]:
        return [pid for pid in self.pids if is_alive(pid)]


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.mark.slow
def test_it_serves_and_ctrl_c_leaves_nothing(served: Served) -> None:
    with urlopen(f"http://127.0.0.1:{served.port}/healthz", timeout=10) as answer:
        assert answer.read() == b'{"database": true}'
    assert len(served.pids) >= 5

    served.process.send_signal(signal.SIGINT)

    assert served.end() == (0, "已全部停止。")
    assert served.left() == []


@pytest.mark.slow
def test_a_killed_worker_takes_everything_down_with_a_message(served: Served) -> None:
    os.kill(served.worker(), signal.SIGKILL)

    assert served.end() == (1, "CommandError: worker 意外退出（状态 -9），其余进程已一并停止。")
    assert served.left() == []
    assert not re.search("Traceback", served.printed.read_text())
