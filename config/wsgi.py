"""The application that gunicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.any_request import Application  # noqa: E402  the settings come first
from config.production import refuse_unsafe_start  # noqa: E402

application = Application()
refuse_unsafe_start()
