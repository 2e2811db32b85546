"""What failed in a test apart from the rest (`accountability.gate.isolation`)."""

from __future__ import annotations

from datetime import timedelta


class Failures(list[tuple[str, int | str]]):
    """The failures as (work, item); `times` are the moments of a test at which there was one more."""

    def __init__(self) -> None:
        super().__init__()
        self.are_awaited = False
        self.times: list[timedelta] = []

    def note_times(self, moment: timedelta) -> None:
        self.times += [moment] * (len(self) - len(self.times))
