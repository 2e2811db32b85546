"""A lock that pins every package with hashes and names no address: anything else fails `make check`."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
ADDRESS = re.compile(r"https?:|file:|--(extra-)?index-url|--find-links|--trusted-host|\bgit\+", re.IGNORECASE)
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)==\S+( ;.*)?\\?$")


LOCKS = ("base", "api", "oidc", "ldap", "dev", "mining", "peer")
PAIRS = (("base", "api"), ("base", "oidc"), ("base", "ldap"), ("api", "dev"), ("oidc", "dev"), ("ldap", "dev"))
"""A lock, and one that must hold the same."""


def faults(text: str) -> list[str]:
    """What is wrong with a lock, one sentence a fault."""
    found = [f"names an address: {line.strip()}" for line in text.splitlines() if ADDRESS.search(line)]
    for block in _blocks(text):
        head = block.splitlines()[0].rstrip(" \\")
        if not PINNED.match(head):
            found.append(f"is not pinned: {head}")
        elif "--hash=sha256:" not in block:
            found.append(f"has no hash: {head}")
    return found


def pins(text: str) -> dict[str, str]:
    """Package by pinned version."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", text, re.MULTILINE))


def _blocks(text: str) -> list[str]:
    uncommented = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    return [block for block in re.split(r"\n(?=\S)", uncommented) if block.strip()]


def main() -> int:
    """All locks, and that base, api, oidc, ldap and dev agree: tests must run what the system runs, with the interface
    for programs and the company's account, and without them. `mining` and `peer` are environments apart.
    """
    locks = {name: (HERE / f"{name}.txt").read_text() for name in LOCKS}
    found = [f"requirements/{name}.txt {fault}" for name, text in locks.items() for fault in faults(text)]
    for inner, outer in PAIRS:
        apart = pins(locks[inner]).items() - pins(locks[outer]).items()
        found += [f"{name} differs between {inner}.txt and {outer}.txt" for name, _ in apart]
    print("\n".join(found) or "Locks: pinned and hashed, no addresses.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
