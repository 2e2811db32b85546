"""The application as in production, except that nobody is turned away for asking too often."""

from config.wsgi import application  # noqa: F401  gunicorn serves it

from django.conf import settings  # isort: skip  the settings are ready after the application

settings.LIMITS_COUNT = False
