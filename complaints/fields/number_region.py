"""Where a telephone number was given out, as a suggestion for the customer's region.

The tables are those of `phonenumbers`. Its geocoder loads every country's at once, some 200 MB in five seconds; they
are in the order of their prefixes, so that one of them is enough for a number.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, lru_cache
from importlib.machinery import SourceFileLoader
from importlib.resources import as_file, files
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

from accountability.models import Region

HERE = "86"
SHORTEST, LONGEST = 4, 9
"""How many digits a prefix has, the country's included."""
_DOMESTIC = re.compile(r"0[1-9]|1[3-9]")
_FIRST_KEY = re.compile(r"'([0-9]+)':")


@cache
def _tables() -> list[tuple[str, Path]]:
    """The first prefix of each table and its file, in order."""
    with as_file(files("phonenumbers") / "geodata") as folder:
        found = ((_FIRST_KEY.search(_head(path)), path) for path in folder.glob("data*.py"))
        return sorted((first[1], path) for first, path in found if first)


def _head(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(1000)


@lru_cache(maxsize=2)
def _table(path: Path) -> dict[str, str]:
    """The Chinese names of places by prefix; those in other languages are let go of."""
    loader = SourceFileLoader(f"phonenumbers.geodata_alone.{path.stem}", str(path))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module: Any = module_from_spec(spec)
    loader.exec_module(module)
    return {prefix: names["zh"] for prefix, names in module.data.items() if "zh" in names}


def place_of(number: str) -> str:
    """The place of a number of this country, such as 湖北省武汉市, by its longest known prefix; empty if unknown."""
    if not _DOMESTIC.match(number):
        return ""
    digits = HERE + number.removeprefix("0")
    for length in range(LONGEST, SHORTEST - 1, -1):
        prefix = digits[:length]
        at = bisect_right(_tables(), (prefix, Path("~"))) - 1
        place = _table(_tables()[at][1]).get(prefix, "") if at >= 0 else ""
        if place:
            return place
    return ""


def region_of(number: str) -> str:
    """The region on the list that the number belongs to; empty if none does, as of a number from elsewhere."""
    place = place_of(number)
    city = place.partition("省")[2] or place
    fitting = [name for name in Region.objects.values_list("name", flat=True) if name.removesuffix("市") in city]
    return max(fitting, key=len, default="") if city else ""
