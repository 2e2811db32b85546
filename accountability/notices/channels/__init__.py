"""Sends notices off-screen: the available channels, what is sent on which and when, and the sending itself.

The row in the inbox is the notice; a message is only a copy of it. No verb calls anything here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Message:
    """A message to one address: a subject line and a text. `key` is the same on every try, `at` when this one is made.

    `unit` is the code of its reader's unit, if it has one. `kind` and `values` are for a gateway that knows the text by
    a template and is told only what stands in its gaps.
    """

    key: str
    address: str
    subject: str
    text: str
    at: datetime = field(kw_only=True)
    unit: str = ""
    kind: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Rejected(Exception):
    """The channel works but refuses this message for good. The text is a short code that contains no address."""


class Postponed(Exception):
    """The channel works but can't take this message now. The text is a short code that contains no address."""


class Way(Protocol):
    """The interface of a channel. `address` is the kind of address that it needs: `email` or `mobile`. `units` are the
    codes of the units that it reaches on a line of their own, which works or fails by itself.
    """

    address: ClassVar[str]

    @property
    def units(self) -> frozenset[str]: ...

    def send(self, message: Message) -> None:
        """Send a message. Raises Rejected if trying again is useless, Postponed if it isn't; any other exception means
        that the channel doesn't work.
        """


class OneLine:
    """A channel that has the same line to everybody."""

    units: frozenset[str] = frozenset()


def configured() -> dict[str, Way]:
    """The configured channels, by name."""
    return {name: _made(**options) for name, options in settings.CHANNELS.items()}


def _made(*, way: str, **options: str) -> Way:
    made: Way = import_string(way)(**options)
    return made
