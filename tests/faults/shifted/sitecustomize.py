"""Python loads this module first where this folder stands in PYTHONPATH. It sets the process's clock wrong by as many
seconds as the file CLOCK_SHIFT says at that moment. The monotonic clock stays as it is, as on a real machine.
"""

import copyreg
import datetime
import os
import time
from typing import Any

_right = time.time
_Real: Any = datetime.datetime
_file = os.open(os.environ["CLOCK_SHIFT"], os.O_RDONLY)


def _shift() -> float:
    return float(os.pread(_file, 32, 0) or 0)


class _Kind(type):
    """An instant is an instant of either class."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _Real)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, _Real)


class _Shifted(_Real, metaclass=_Kind):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _Real.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return _Real.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)


def _remade(*state: Any) -> Any:
    return _Real(*state)


# What was pickled is found again by name: beat keeps its schedule so.
copyreg.pickle(_Real, lambda instant: (_remade, instant.__reduce_ex__(4)[1]))
time.time = lambda: _right() + _shift()
datetime.datetime = _Shifted  # type: ignore[misc]
