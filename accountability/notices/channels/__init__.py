"""Telling people off-screen: which ways there are, what goes which way and when, and the sending itself.

The row in the inbox is the notice; this is only its echo. Nothing here is called by a verb.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Message:
    """What a channel sends: to one address, as one line of subject and a text; `key` is the same on every try."""

    key: str
    address: str
    subject: str
    text: str


class Rejected(Exception):
    """The channel works and won't take this message, now or later; its text is a short code without any address."""


class Postponed(Exception):
    """The channel works and won't take this message now, but may later; its text as above."""


class Way(Protocol):
    """A way to a person. `address` names what it needs of them: `email` or `mobile`."""

    address: ClassVar[str]

    def send(self, message: Message) -> None:
        """Raises Rejected where trying again is useless, Postponed where it is not; any other exception says that the
        channel doesn't work.
        """


def configured() -> dict[str, Way]:
    """The ways this deployment has, by the channel's name."""
    return {name: _made(**options) for name, options in settings.CHANNELS.items()}


def _made(*, way: str, **options: str) -> Way:
    made: Way = import_string(way)(**options)
    return made
