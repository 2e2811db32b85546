"""So often and no oftener, by account and by address: in every process, and whatever a header claims."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config import counting, limits
from config.limits import BY_NAME, Limit
from tests.factories import Cast, Now
from tests.walking import addresses

pytestmark = [pytest.mark.asvs("2.4.1", "6.3.1", "2.1.3"), pytest.mark.compliance(5)]

SECONDS = 60


@pytest.fixture(autouse=True)
def nothing_failed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole process remembers that the broker gave no answer."""
    monkeypatch.setattr(counting, "_again_at", 0.0)
    monkeypatch.setattr(counting, "_pause", counting.PAUSE)


@pytest.fixture(autouse=True)
def counted(settings: Any, tmp_path: Path, now: Now) -> None:
    """In a file of the test's own, whichever broker there is: what a Redis counts, all who use it would share.

    By a standing clock: else a test that runs over the end of a minute counts in two windows.
    """
    settings.LIMITS_COUNT, settings.LIMITS_FILE = True, tmp_path / "limits" / "limits.sqlite3"
    settings.CELERY_BROKER_URL = "memory://"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Only so many of a name, so that a test needn't ask a hundred times."""

    def allow(name: str, *, account: int, address: int, methods: tuple[str, ...] = ("GET", "POST")) -> None:
        monkeypatch.setitem(BY_NAME, name, (Limit(name, account, address), methods))

    return allow


def statuses(client: Client, times: int, place: str, **more: Any) -> list[int]:
    return [client.post(place, {"q": "退费"}, **more).status_code for _time in range(times)]


# Counting


def test_each_count_is_one_more_and_a_window_begins_anew() -> None:
    found = [counting.count("x", window, SECONDS) for window in (7, 7, 7, 8, 7)]
    assert (found, counting.count("y", 7, SECONDS)) == ([1, 2, 3, 1, 4], 1)


def test_processes_and_threads_count_together(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty times at once, half of them in two other processes: nobody is counted twice, nobody is missed.

    All wait as long as it takes: who can't count within half a second on a busy machine goes on without.
    """
    monkeypatch.setattr(counting, "WAIT", SECONDS)
    ask = (
        "import django; from django.conf import settings; django.setup(); from pathlib import Path; "
        f"settings.LIMITS_FILE = Path({str(settings.LIMITS_FILE)!r}); settings.SECRET_KEY = {settings.SECRET_KEY!r}; "
        f"from config import counting; counting.WAIT = {SECONDS}; "
        "[counting.count('x', 1, 60) for _n in range(12)]"
    )
    environ = {"DJANGO_SETTINGS_MODULE": "config.settings", "DEVELOPMENT": "1", "PATH": ""}
    others = [subprocess.Popen([sys.executable, "-c", ask], cwd=project.BASE_DIR, env=environ) for _process in range(2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: counting.count("x", 1, SECONDS), range(26)))
    assert [process.wait() for process in others] == [0, 0]
    assert counting.count("x", 1, SECONDS) == 51


def test_whoever_comes_first_to_a_new_file_is_counted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several at once, on a file that isn't there yet: a change of its journal would refuse some of them."""
    monkeypatch.setattr(counting, "WAIT", SECONDS)
    there = Path(settings.LIMITS_FILE).parent
    for turn in range(60):
        settings.LIMITS_FILE, start = there / f"{turn}.sqlite3", Barrier(4)
        with ThreadPoolExecutor(4) as pool:
            counted = pool.map(lambda _n, start=start: (start.wait(), counting.count("x", 1, SECONDS))[1], range(4))
        assert sorted(counted) == [1, 2, 3, 4]


def test_what_is_over_is_cleared_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    monkeypatch.setattr(counting, "CLEARED_EVERY", 2)
    for window in (1, 2, 3, 9):
        counting.count("x", window, SECONDS)
    with sqlite3.connect(settings.LIMITS_FILE) as file:
        assert file.execute("SELECT count(*) FROM counted").fetchone() == (1,)
    file.close()


class Pipe:
    """What of Redis is used, as it answers."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}
        self.said: list[Any] = []

    def pipeline(self) -> Pipe:
        return self

    def __enter__(self) -> Pipe:
        self.said = []
        return self

    def __exit__(self, *_error: Any) -> None:
        return None

    def incr(self, name: str) -> Pipe:
        self.kept[name] = self.kept.get(name, 0) + 1
        self.said.append(self.kept[name])
        return self

    def expire(self, name: str, seconds: int) -> Pipe:
        self.said.append(seconds)
        return self

    def execute(self) -> list[Any]:
        return self.said


def test_with_redis_it_is_counted_there(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Pipe()
    settings.CELERY_BROKER_URL = "redis://localhost:6379/0"
    monkeypatch.setattr(counting, "_redis", lambda _url: pipe)
    assert [counting.count("x", 1, SECONDS) for _time in range(3)] == [1, 2, 3]
    assert (pipe.said, len(pipe.kept), settings.LIMITS_FILE.exists()) == ([3, 120], 1, False)
    assert re.fullmatch(r"shouwen:limit:[0-9a-f]{32}:1", next(iter(pipe.kept)))


@pytest.mark.parametrize("url", ["redis://localhost:1/0", "memory://"])
def test_a_counter_that_is_not_there_closes_nothing(
    settings: Any, tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture, client_for: Callable[[str], Client]
) -> None:
    (tmp_path / "file").write_text("")
    settings.CELERY_BROKER_URL, settings.LIMITS_FILE = url, tmp_path / "file" / "limits.sqlite3"
    assert client_for("kf.agent").get("/search/").status_code == 200
    assert "limits: not counted" in caplog.text


# Pages


def test_an_account_is_stopped_and_goes_on_in_the_next_window(
    client_for: Callable[[str], Client], few: Callable[..., None], now: Now
) -> None:
    few("search", account=3, address=100)
    agent, other = client_for("kf.agent"), client_for("kf.agent2")
    assert statuses(agent, 5, "/search/") == [302, 302, 302, 429, 429]
    assert statuses(client_for("kf.agent"), 1, "/search/") == [429]  # another session of the same person
    assert (statuses(other, 1, "/search/"), agent.get("/inbox/").status_code) == ([302], 200)
    now.forward(seconds=SECONDS)
    assert statuses(agent, 1, "/search/") == [302]


def test_an_address_is_stopped_whoever_asks(client_for: Callable[[str], Client], few: Callable[..., None]) -> None:
    few("search", account=100, address=3)
    found = [statuses(client_for(who), 2, "/search/", REMOTE_ADDR="192.0.2.1") for who in ("kf.agent", "kf.agent2")]
    assert found == [[302, 302], [302, 429]]
    assert statuses(client_for("kf.agent"), 1, "/search/", REMOTE_ADDR="192.0.2.2") == [302]


FORGERIES = (
    "X-Forwarded-For",
    "X-Real-IP",
    "Forwarded",
    "Client-IP",
    "X-Client-IP",
    "CF-Connecting-IP",
    "True-Client-IP",
)


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_no_header_makes_another_client_of_somebody(
    behind_proxy: bool, settings: Any, few: Callable[..., None], db: None
) -> None:
    """Trying passwords from one machine, each time with another claim; the proxy notes the same address each time."""
    settings.BEHIND_PROXY = behind_proxy
    few("sign_in", account=100, address=3)
    found = []
    for number in range(6):
        headers = dict.fromkeys(FORGERIES, f"198.51.100.{number}")
        if behind_proxy:
            headers["X-Forwarded-For"] = f"198.51.100.{number}, 10.{number}.0.1, 192.0.2.1"
        answer = Client().post("/sign-in/", {"username": f"u{number}", "password": "x"}, headers=headers)
        found.append(answer.status_code)
    assert found == [422, 422, 422, 429, 429, 429]


def test_a_network_of_ipv6_is_one_client(few: Callable[..., None], db: None) -> None:
    few("sign_in", account=100, address=2)
    typed = {"username": "u", "password": "x"}
    found = [
        Client().post("/sign-in/", typed, REMOTE_ADDR=f"2001:db8:1:2::{number}").status_code for number in range(1, 5)
    ]
    assert found == [422, 422, 429, 429]


def test_the_refusal_says_when_and_keeps_what_was_typed(
    client_for: Callable[[str], Client], few: Callable[..., None]
) -> None:
    few("search", account=0, address=100)
    answer = client_for("kf.agent").post("/search/", {"q": '退费"><script>', "password": "geheim", "_key": "k1"})
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "操作过于频繁，请 60 秒后再试。" in page
    (form,) = re.findall(r'<form method="post" action="/search/">.*?</form>', page, re.DOTALL)
    assert re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', form) == [
        ("q", "退费&quot;&gt;&lt;script&gt;")
    ]
    assert "geheim" not in page


@pytest.mark.parametrize("place", ["/search/?q=13871234567", "/intake/?phone=13871234567"])
def test_the_length_of_an_answer_is_counted_like_the_answer(
    client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(limits, "SEARCHES", Limit("searches", 2, 100))
    monkeypatch.setattr(limits, "BY_NAME", dict.fromkeys(("search", "incoming"), (limits.SEARCHES, ("GET",))))
    client = client_for("kf.agent")
    assert [client.head(place).status_code for _time in range(3)][-1] == 429


def test_what_was_uploaded_is_not_done(client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOADS", Limit("uploads", 1, 100))
    client = client_for("kf.agent")
    found = []
    for _time in range(3):
        answer = client.post("/complaints/new/", {"files": SimpleUploadedFile("a.txt", b"a")})
        found.append(answer.status_code)
    assert found == [422, 429, 429]
    assert "返回上一页，填写的内容还在" in answer.content.decode()


def test_a_flood_is_stopped_on_any_page(client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVERYTHING", Limit("everything", 2, 100))
    monkeypatch.setattr(limits, "STRANGERS", Limit("strangers", 0, 2))
    for client, place in ((client_for("kf.agent"), "/inbox/"), (Client(), "/sign-in/")):
        assert [client.get(place).status_code for _time in range(4)] == [200, 200, 429, 429]
    assert [Client().get("/livez").status_code for _time in range(4)] == [200] * 4


@pytest.fixture
def one_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVERYTHING", Limit("everything", 1, 100))
    monkeypatch.setattr(limits, "STRANGERS", Limit("strangers", 0, 1))


STRANGE: dict[str, dict[str, Any]] = {
    "an address that leads nowhere": {"path": "/nowhere/"},
    "one that isn't even text": {"path": "/a%00b"},
    "a host that isn't ours": {"path": "/sign-in/", "headers": {"Host": "evil.example"}},
    "a page for others": {"path": "/inbox/"},
    "a file of styles that isn't there": {"path": "/static/nowhere.css"},
}


@pytest.mark.usefixtures("one_a_minute")
@pytest.mark.parametrize("what", STRANGE)
def test_what_no_page_answers_counts_as_well(what: str, client_for: Callable[[str], Client]) -> None:
    """The refusal has the headers of every answer, whoever asks."""
    for client in (Client(), client_for("kf.agent")):
        answers = [client.get(**STRANGE[what]) for _time in range(3)]
        assert answers[0].status_code != 429
        assert [answer.status_code for answer in answers[1:]] == [429, 429]
        assert (answers[2].headers["Retry-After"], answers[2].headers["X-Frame-Options"]) == ("60", "DENY")


def test_a_sign_in_without_its_token_counts(few: Callable[..., None], db: None) -> None:
    few("sign_in", account=100, address=2)
    client = Client(enforce_csrf_checks=True)
    assert statuses(client, 4, "/sign-in/") == [403, 403, 429, 429]


def test_a_flood_costs_no_statement(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, client_for: Callable[[str], Client]
) -> None:
    """Neither with a cookie that somebody made up, nor with one of a session, nor by a file."""
    monkeypatch.setattr(limits, "EVERYTHING", Limit("everything", 100, 0))
    made_up = Client()
    made_up.cookies[project.SESSION_COOKIE_NAME] = "a" * 32
    for client in (Client(), made_up, client_for("kf.agent")):
        with django_assert_num_queries(0):
            assert client.get("/inbox/").status_code == 429
            assert client.post("/complaints/new/", {"files": SimpleUploadedFile("a.txt", b"a")}).status_code == 429


def test_a_cookie_that_opens_nothing_makes_nobody_known(one_a_minute: None, db: None) -> None:
    found = []
    for number in range(3):
        client = Client()
        client.cookies[project.SESSION_COOKIE_NAME] = f"{number}" * 32
        found.append(client.get("/nowhere/").status_code)
    assert found[1:] == [429, 429]


def test_what_carries_much_away_or_looks_people_up_has_a_limit() -> None:
    """An address that hands out a table or a file joins by name, or fails here."""
    names = {address.name for address in addresses()}
    carries = {
        name for name in names if re.search(r"file|table|export|download|attachment|look_up|incoming|search$", name)
    }
    assert carries - set(BY_NAME) - NO_FILE == set()
    assert set(BY_NAME) - names == set()


NO_FILE = {"export", "exports"}
"""Named like one, and hands out none."""


def test_threads_that_waited_together_failed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now, others = [100.0], ["a", "b", "c"]

    def hangs(key: str, window: int, seconds: int) -> int:
        if others:
            counting.count(others.pop(), 1, SECONDS)  # as from another thread, while this one waits
        now[0] += 0.5
        raise TimeoutError

    monkeypatch.setattr(counting, "_has_redis", lambda: True)
    monkeypatch.setattr(counting, "_in_redis", hangs)
    monkeypatch.setattr(counting.time, "monotonic", lambda: now[0])
    counting.count("x", 1, SECONDS)
    assert (others, counting._again_at, counting._pause) == ([], 100.5 + counting.PAUSE, 2 * counting.PAUSE)


def test_limits_are_kept_everywhere_but_in_tests(cast: Cast) -> None:
    text = (project.BASE_DIR / "config" / "settings.py").read_text()
    assert re.findall(r"^LIMITS_COUNT = (.*)$", text, re.MULTILINE) == ["not TESTING"]
    every = [limits.EVERYTHING, limits.STRANGERS, limits.UPLOADS, *(limit for limit, _methods in BY_NAME.values())]
    assert [limit.name for limit in every if not limit.account <= limit.address] == []


def test_a_broker_without_an_answer_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each request would wait for it, several times; while it hangs on, ever longer, up to a minute."""
    asked: list[float] = []
    works = False

    def hangs(key: str, window: int, seconds: int) -> int:
        asked.append(now[0])
        if works:
            return 1
        raise TimeoutError

    now = [100.0]
    monkeypatch.setattr(counting, "_has_redis", lambda: True)
    monkeypatch.setattr(counting, "_in_redis", hangs)
    monkeypatch.setattr(counting.time, "monotonic", lambda: now[0])
    for _second in range(200):
        assert [counting.count(what, 1, SECONDS) for what in "xyz"] == [0, 0, 0]
        now[0] += 1
    assert asked == [100, 110, 130, 170, 230, 290]
    works, now[0] = True, 350.0
    assert counting.count("x", 1, SECONDS) == 1
    works = False
    asked.clear()
    for _second in range(15):
        counting.count("x", 1, SECONDS)
        now[0] += 1
    assert asked == [350, 360]
