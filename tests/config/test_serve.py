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

from config.demo.accounts import demo_accounts
from config.management.commands import serve
from config.processes import Ended
from tests.config.test_processes import is_alive, wait_for
from tests.migrated import Migrated

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


@pytest.mark.parametrize(
    ("on_one_machine", "background"),
    [(True, ["worker", "notices", "papers"]), (False, ["worker", "notices", "papers", "beat"])],
)
def test_only_the_background_is_patient(
    settings: Settings, tmp_path: Path, on_one_machine: bool, background: list[str]
) -> None:
    settings.VAR_DIR, settings.ON_ONE_MACHINE = tmp_path, on_one_machine
    programs = serve.programs("127.0.0.1", 8123)

    patient = [(name, {"LOCK_TIMEOUT": "20"}) for name in background]
    assert [(program.name, dict(program.env)) for program in programs] == [("web", {}), *patient]
    assert "127.0.0.1:8123" in programs[0].argv


def test_a_second_system_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with serve.alone_in(tmp_path):
        again = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(free_port())], cwd=BASE_DIR, capture_output=True,
            env={**os.environ, "VAR_DIR": str(tmp_path), "DEVELOPMENT": "1"}, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert again.returncode == 1
    assert f"{tmp_path} 已有一个 首问 在运行" in again.stderr
    with serve.alone_in(tmp_path):
        pass


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


A_BUSY_MACHINE = 600
"""Seconds until it is given up that something starts that hasn't ended: no test fails because others are busy."""


class Served:
    """The real programs on a new SQLite database under `folder`."""

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
        try:
            wait_for(lambda: self.has_begun or self.process.poll() is not None, A_BUSY_MACHINE)
            assert self.has_begun, self.printed.read_text()
            self.pids = self.descendants(self.process.pid)
        except BaseException:
            self.stop()
            raise

    @property
    def has_begun(self) -> bool:
        return f"http://127.0.0.1:{self.port}/" in self.printed.read_text()

    def descendants(self, pid: int) -> list[int]:
        children = [int(child) for child in told_of(pid, f"task/{pid}/children").split()]
        return children + [grandchild for child in children for grandchild in self.descendants(child)]

    def running(self, words: bytes) -> list[int]:
        """The processes as they are now whose command line has the words."""
        return [pid for pid in self.descendants(self.process.pid) if words in told_of(pid, "cmdline")]

    def stop(self) -> None:
        """Whatever has become of the test: its programs are children, which a kill would leave running."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def end(self) -> tuple[int, str]:
        status = self.process.wait(timeout=30)
        return status, self.printed.read_text().splitlines()[-1]

    def left(self) -> list[int]:
        return [pid for pid in self.pids if is_alive(pid)]


def told_of(pid: int, file: str) -> bytes:
    """What /proc tells of it; nothing of one that ended since it was listed."""
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_of_a_process_that_ended_meanwhile_nothing_is_told() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert told_of(ended.pid, "cmdline") == told_of(ended.pid, f"task/{ended.pid}/children") == b""
    assert b"python" in told_of(os.getpid(), "cmdline")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(tmp_path)
    yield running
    running.stop()


@pytest.mark.slow
def test_it_serves_and_ctrl_c_leaves_nothing(served: Served) -> None:
    """From an empty folder."""
    with urlopen(f"http://127.0.0.1:{served.port}/livez", timeout=10) as answer:
        assert answer.read() == b'{"live": true}'
    assert len(served.pids) >= 4

    served.process.send_signal(signal.SIGINT)

    assert served.end() == (0, "已全部停止。")
    assert served.left() == []


@pytest.fixture(scope="class")
def hurt(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One system, of which one program after the other is killed."""
    folder = tmp_path_factory.mktemp("hurt")
    migrated.lay_out(folder)
    running = Served(folder)
    yield running
    running.stop()


@pytest.mark.slow
class TestAKilledProgram:
    @pytest.mark.parametrize("words", [b"background\0--queue\0celery", b"background\0--queue\0papers", b"gunicorn"])
    def test_is_back_within_five_seconds_and_named(self, hurt: Served, words: bytes) -> None:
        killed, said = hurt.running(words), hurt.printed.read_text()
        os.kill(killed[0], signal.SIGKILL)

        wait_for(lambda: bool(set(hurt.running(words)) - set(killed)), 5)
        wait_for(lambda: serve.answers("127.0.0.1", hurt.port), 20)
        assert "意外退出（状态 -9），正在重新启动。" in hurt.printed.read_text().removeprefix(said)

    def test_is_ended_with_the_others(self, hurt: Served) -> None:
        hurt.pids = hurt.descendants(hurt.process.pid)
        hurt.process.send_signal(signal.SIGTERM)
        assert hurt.end() == (0, "已全部停止。")
        assert hurt.left() == []
        assert not re.search("Traceback", hurt.printed.read_text())
