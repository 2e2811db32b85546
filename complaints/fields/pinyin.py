"""Pinyin of the catalogue's names, so that people can find them without a Chinese input method."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def pinyin_keys(name: str) -> tuple[str, str]:
    """The initials and the full syllables, in lower case and joined: 退费 gives `tf` and `tuifei`."""
    from pypinyin import Style, lazy_pinyin  # its dictionary is large, and only the intake uses it

    initials, syllables = (lazy_pinyin(name, style=style) for style in (Style.FIRST_LETTER, Style.NORMAL))
    return _joined(initials), _joined(syllables)


def _joined(parts: list[str]) -> str:
    return "".join("".join(parts).lower().split())
