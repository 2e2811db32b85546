"""What a text file is made of."""

from typing import NamedTuple


class Case(NamedTuple):
    """Ways in which customers tell one grievance, and its (cause, solution, result).

    `found` is None where what is usually found in the category (general.py) fits.
    """

    told: tuple[str, ...]
    found: tuple[str, str, str] | None
