"""Room for the frames of a request's, a task's or a test's calls.

CPython lays the frames of calls into pieces of 16 KB. A call that doesn't fit any more fetches a piece from the system,
its return gives it back. A page is deeper than one piece: where its work begins at the end of one, each of its calls
does so, a thousand times for a list. That took a quarter of its processor time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Given = TypeVar("Given")

SLOTS = 1 << 16
"""Half a megabyte: a frame of that size has a piece of its own, of twice as much, and the other half is free."""


def with_room(run: Callable[Asked, Given], *args: Asked.args, **kwargs: Asked.kwargs) -> Given:
    """What `run` gives. The frames of all that it calls lie in one piece, hundreds of kilobytes long. A traceback that
    is kept holds as much of addresses, but hardly of memory: nothing was written there.
    """
    return run(*args, **kwargs)


with_room.__code__ = with_room.__code__.replace(co_stacksize=SLOTS)
