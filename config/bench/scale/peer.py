"""The peer: django-helpdesk as it comes, with the same complaints as tickets, in its own environment (`.ci/peer`).

gunicorn serves it from this folder (`--chdir`), outside the product: `peer:application`. Run as a program it fills its
database, of which BENCH_PEER is the address, from the files that `corpus` wrote, with `python peer.py FOLDER`, and
prints the session's key.
"""

# ruff: noqa: E402, S608  the settings come first; the names in the statements are our own
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings

APPS = ("admin", "auth", "contenttypes", "humanize", "messages", "sessions", "sites", "staticfiles")
MIDDLEWARE = (
    "middleware.security.SecurityMiddleware", "contrib.sessions.middleware.SessionMiddleware",
    "middleware.common.CommonMiddleware", "middleware.csrf.CsrfViewMiddleware",
    "contrib.auth.middleware.AuthenticationMiddleware", "contrib.messages.middleware.MessageMiddleware",
    "middleware.clickjacking.XFrameOptionsMiddleware",
)  # fmt: skip
PROCESSORS = (
    "template.context_processors.request", "contrib.auth.context_processors.auth",
    "contrib.messages.context_processors.messages",
)  # fmt: skip
place = urlsplit(os.environ["BENCH_PEER"])
settings.configure(
    SECRET_KEY="peer",  # noqa: S106 it guards nothing  # nosec B106
    ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True, TIME_ZONE="Asia/Shanghai", LANGUAGE_CODE="zh-hans",
    INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "rest_framework", "helpdesk"],
    MIDDLEWARE=[f"django.{name}" for name in MIDDLEWARE], SITE_ID=1, STATIC_URL="/static/", MEDIA_URL="/media/",
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": [f"django.{name}" for name in PROCESSORS]},
    }],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": place.path[1:], "USER": place.username,
        "HOST": place.hostname, "PORT": place.port, "CONN_MAX_AGE": 600,
    }},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"), HELPDESK_TEAMS_MODE_ENABLED=False,
)  # fmt: skip
django.setup()

from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls"))]
application = get_wsgi_application()

TABLES = {
    "queues": ("helpdesk_queue", "id, title, slug, allow_public_submission, allow_email_submission, escalate_days,"
               " email_box_ssl, enable_notifications_on_email_events, permission_name"),
    "users": ("auth_user", "id, username, first_name, last_name, email, password, is_staff, is_active, is_superuser,"
              " date_joined"),
    "tickets": ("helpdesk_ticket", "id, title, queue_id, created, modified, status, priority, due_date, assigned_to_id,"
                " description, on_hold, secret_key"),
    "followups": ("helpdesk_followup", "ticket_id, date, title, comment, public, user_id, email_recipients"),
}  # fmt: skip
"""By file: the table, and its columns in the file's order."""

AFTERWARDS = """
INSERT INTO helpdesk_usersettings (user_id, login_view_ticketlist, email_on_ticket_change, email_on_ticket_assign,
    tickets_per_page, use_email_as_submitter, ticket_respond_layout)
  SELECT id, true, true, true, 25, true, 'tabs' FROM auth_user u
  WHERE NOT EXISTS (SELECT FROM helpdesk_usersettings s WHERE s.user_id = u.id)
"""
"""What the peer makes itself for each user that it saves, with its own defaults."""


def fill(folder: Path) -> str:
    """Load the files where the tables are empty; return the key of a session of the agent's, who is staff."""
    call_command("migrate", verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM helpdesk_ticket)")
        if not cursor.fetchone()[0]:
            for name in TABLES:
                _load(cursor, folder / f"{name}.txt")
            cursor.execute(AFTERWARDS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    user = User.objects.get(username="kf.agent")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _load(cursor: Any, file: Path) -> None:
    table, columns = TABLES[file.stem]
    with file.open() as rows:
        cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", rows)
    cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))", [table])


if __name__ == "__main__":
    print(fill(Path(sys.argv[1])))
