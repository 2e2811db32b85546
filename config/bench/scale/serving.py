"""Serves ours, the floor and the peer alike: gunicorn with two workers on a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from config.bench.scale.databases import APP_ROLE, HERE, PEER, PEER_ROLE, address, name_of, peer_of
from config.bench.scale.measuring import Side
from config.bench.scale.operations import TOKEN, Browser

ALIKE = ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning")
Served = tuple[int, int]
"""Port and process."""


def ours(size: int) -> AbstractContextManager[Served]:
    return _served(
        sys.executable, "config.bench.scale.served:application", "--config", "python:config.serving",
        DATABASE_URL=address(name_of(size), APP_ROLE),
    )  # fmt: skip


@contextmanager
def the_floor(key: str) -> Iterator[Side]:
    """The floor, with a browser signed in."""
    own = _served(sys.executable, "floor:application", *ALIKE, "--chdir", str(HERE), BENCH_FLOOR=address("floor"))
    with own as (port, master):
        yield Side(Browser(port, {"sessionid": key}), master, "floor", "postgres")


@contextmanager
def the_peer(size: int, key: str) -> Iterator[Side]:
    """The peer, with a browser signed in."""
    place = address(peer_of(size), PEER_ROLE)
    with _served(str(PEER), "peer:application", *ALIKE, "--chdir", str(HERE), BENCH_PEER=place) as (port, master):
        yield Side(Browser(port, {"sessionid": key, "csrftoken": TOKEN}), master, peer_of(size), PEER_ROLE)


@contextmanager
def _served(python: str, application: str, *options: str, **variables: str) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [python, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(program, env=os.environ | variables) as server:  # noqa: S603
        try:
            for _try in range(120):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.5)
            time.sleep(5)  # the port opens before the workers have loaded the application
            yield port, server.pid
        finally:
            server.terminate()
