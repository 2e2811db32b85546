"""Pinyin of the catalogue's names, so that whoever types them needn't switch the keyboard to Chinese."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def pinyin_keys(name: str) -> tuple[str, str]:
    """The initials and the whole syllables, in lower case and run together: 退费 gives `tf` and `tuifei`."""
    from pypinyin import Style, lazy_pinyin  # its dictionary is big, and only the intake has use for it

    initials, syllables = (lazy_pinyin(name, style=style) for style in (Style.FIRST_LETTER, Style.NORMAL))
    return _joined(initials), _joined(syllables)


def _joined(parts: list[str]) -> str:
    return "".join("".join(parts).lower().split())
