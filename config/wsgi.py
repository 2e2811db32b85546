"""The application that gunicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# No page waits longer for one statement; the lock's 4 s are among them.
os.environ.setdefault("STATEMENT_TIMEOUT", "8")
django.setup(set_prefix=False)

from config.any_request import Application  # noqa: E402  the settings come first
from config.production import refuse_unsafe_start  # noqa: E402

application = Application()
refuse_unsafe_start()
