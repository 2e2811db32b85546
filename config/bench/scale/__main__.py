"""`python -m config.bench.scale`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config.bench.scale.command import main  # noqa: E402  the settings come first

main()
