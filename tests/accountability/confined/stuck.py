"""A confined program that doesn't do its work: what it is sent says in which way."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time


def main(arguments: list[str]) -> None:
    way = sys.stdin.buffer.read().decode()
    print(globals()[way](*arguments))


def hang(*_given: str) -> str:
    time.sleep(600)
    return "fit"


def ignore(*_given: str) -> str:
    """Hang, and not listen to its own alarm."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return hang()


def spin(*_given: str) -> str:
    while True:
        pass


def eat(*_given: str) -> str:
    heap = [bytes(1024 * 1024) for _megabyte in range(4096)]
    return f"fit {len(heap)}"


def write(*_given: str) -> str:
    with open("/tmp/written-by-a-confined-program", "w") as file:  # noqa: S108
        file.write("x" * 100)
    return "fit"


def die(*_given: str) -> str:
    os.abort()


def babble(*_given: str) -> str:
    return "nonsense"


def tell(*_given: str) -> str:
    """What it knows: the environment, and modules that it should do without."""
    return ",".join([*os.environ, *sorted({"django", "openpyxl"} & sys.modules.keys()), str(hasattr(socket, "socket"))])
