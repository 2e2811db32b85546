"""Run by test_processes in a process of its own: runs the programs given as JSON together and prints how it ended."""

import json
import sys
from dataclasses import astuple

from config.processes import Program, run_together


def main() -> None:
    programs = [Program(name, argv, {"GREETING": name}) for name, argv in json.loads(sys.argv[1])]
    ended = run_together(
        programs,
        is_ready=lambda: len(sys.argv) == 3,
        when_ready=lambda: print("ready", flush=True),
        when_died=lambda name, status: print("died", name, status, flush=True),
        grace=float(sys.argv[2]),
    )
    print(json.dumps(astuple(ended)))


if __name__ == "__main__":
    main()
