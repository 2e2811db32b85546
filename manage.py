#!/usr/bin/env python
"""The command line. Without a SECRET_KEY in the environment it works on this checkout's own var/ (development)."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one command. SECRET_KEY in the environment means a deployment: then every other key is demanded too."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("DEVELOPMENT", "0" if os.environ.get("SECRET_KEY") else "1")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
