"""The application that gunicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# No page waits longer for one statement; the lock's 4 s are among them. All statements of a page together have 8 s
# (config/silence.py), so that a busy machine stays under 10 too.
os.environ.setdefault("STATEMENT_TIMEOUT", "6")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402  the settings come first

from config.any_request import Application  # noqa: E402
from config.silence import give_up_after  # noqa: E402

give_up_after(settings.STATEMENT_TIMEOUT)
# An unsafe deployment is refused here (`config.later.SafeStart`).
application = Application()
