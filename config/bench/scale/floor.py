"""The floor: the least that Django can do for the same pages, behind session and sign-in, in one file.

gunicorn serves it from this folder (`--chdir`), outside the product: `floor:application`. Run as a program it fills its
database, of which BENCH_FLOOR is the address, with `python floor.py ROWS`, and prints the session's key.
"""

# ruff: noqa: E402, DJ008  the settings come first; nobody prints a row
import os
import sys

import django
import environ
from django.conf import settings

PAGES = {
    "table.html": """<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>队列</title></head><body><table>
{% for c in rows %}<tr class="p{{ c.priority }}"><td><a href="/detail/{{ c.pk }}">{{ c.no }}</a></td><td>{{ c.title }}
</td><td>{{ c.phone }}</td><td>{{ c.dept.name }}</td><td>{{ c.state }}</td><td>{{ c.created_at|date:"Y-m-d H:i" }}</td>
<td>{{ c.due_at|date:"Y-m-d H:i" }}</td></tr>{% endfor %}</table></body></html>""",
    "detail.html": """<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{{ c.no }}</title></head><body>
<h1>{{ c.title }}</h1><p>{{ c.body }}</p><p>{{ c.dept.name }} {{ c.phone }}</p><ul>{% for e in events %}<li>
{{ e.at|date:"Y-m-d H:i" }} {{ e.kind }} {{ e.body }}</li>{% endfor %}</ul></body></html>""",
}
MIDDLEWARE = (
    "security.SecurityMiddleware", "common.CommonMiddleware", "csrf.CsrfViewMiddleware",
)  # fmt: skip
settings.configure(
    SECRET_KEY="floor",  # noqa: S106 it guards nothing  # nosec B106
    ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True, TIME_ZONE="Asia/Shanghai", LANGUAGE_CODE="zh-hans",
    INSTALLED_APPS=[f"django.contrib.{app}" for app in ("auth", "contenttypes", "sessions")],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware", *(f"django.middleware.{name}" for name in MIDDLEWARE),
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [
            ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", PAGES)]),
        ]},
    }],
    DATABASES={"default": environ.Env.db_url_config(os.environ["BENCH_FLOOR"]) | {"CONN_MAX_AGE": 600}},
)  # fmt: skip
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

FILL = """
CREATE TABLE dept AS SELECT n AS id, '部门' || n AS name FROM generate_series(1, 120) n;
ALTER TABLE dept ADD PRIMARY KEY (id);
CREATE TABLE complaint (id bigserial PRIMARY KEY, no text, title text, body text, phone text, dept_id bigint,
  state smallint, priority smallint, created_at timestamptz, due_at timestamptz, bigrams text[]);
INSERT INTO complaint (no, title, body, phone, dept_id, state, priority, created_at, due_at, bigrams)
  SELECT 'TS' || n, '用户投诉宽带频繁掉线' || n, repeat('已联系用户核实情况，用户表示仍未解决。', 6) || n,
    '138' || lpad(n::text, 8, '0'), 1 + n % 120, (n % 30 = 0)::int, 1 + n % 5, now() - n * interval '5 minutes',
    now() + n * interval '1 minute', CASE WHEN n % 200 = 0 THEN '{{宽带,拆机}}' ELSE '{{宽带,掉线}}' END::text[]
  FROM generate_series(1, {rows}) n;
CREATE TABLE event (id bigserial PRIMARY KEY, complaint_id bigint, at timestamptz, kind text, body text);
INSERT INTO event (complaint_id, at, kind, body) SELECT c, now(), 'note', '现场检测光功率正常，更换光猫后恢复。'
  FROM generate_series(1, {rows}) c, generate_series(1, 5);
CREATE INDEX ON complaint (state, due_at, id);
CREATE INDEX ON complaint USING gin (bigrams);
CREATE INDEX ON event (complaint_id);
ANALYZE;
"""
SHOWN = 50


class Dept(models.Model):
    name = models.TextField()

    class Meta:
        app_label, db_table, managed = "floor", "dept", False


class Complaint(models.Model):
    no, title, body, phone = models.TextField(), models.TextField(), models.TextField(), models.TextField()
    dept = models.ForeignKey(Dept, models.PROTECT)
    state, priority = models.SmallIntegerField(), models.SmallIntegerField()
    created_at, due_at = models.DateTimeField(), models.DateTimeField()

    class Meta:
        app_label, db_table, managed = "floor", "complaint", False


class Event(models.Model):
    complaint = models.ForeignKey(Complaint, models.CASCADE)
    at, kind, body = models.DateTimeField(), models.TextField(), models.TextField()

    class Meta:
        app_label, db_table, managed = "floor", "event", False


@login_required
def table(request: HttpRequest) -> HttpResponse:
    rows = (
        Complaint._default_manager.filter(state=1).select_related("dept").defer("body").order_by("due_at", "id")[:SHOWN]
    )
    return render(request, "table.html", {"rows": rows})


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    found = Complaint._default_manager.select_related("dept").get(pk=pk)
    return render(
        request,
        "detail.html",
        {"c": found, "events": list(Event._default_manager.filter(complaint=found).order_by("id"))},
    )


@login_required
def search(request: HttpRequest) -> HttpResponse:
    found = Complaint._default_manager.select_related("dept").defer("body")
    rows = found.extra(where=["bigrams @> %s"], params=[[request.GET["q"]]]).order_by("-id")[:SHOWN]  # nosec B610
    return render(request, "table.html", {"rows": rows})


@csrf_exempt
@login_required
def create(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        made = Complaint._default_manager.create(
            no="TS", title=request.POST["title"], body=request.POST["body"], phone="", dept_id=1, state=1, priority=3,
            created_at=Now(), due_at=Now(),
        )  # fmt: skip
        Event._default_manager.create(complaint=made, at=Now(), kind="create", body="")
    return HttpResponseRedirect(f"/detail/{made.pk}")


urlpatterns = [
    path("table", table), path("detail/<int:pk>", detail), path("search", search), path("create", create),
]  # fmt: skip
application = get_wsgi_application()


def fill(rows: int) -> str:
    """Make the tables where they are missing; return the key of a session."""
    call_command("migrate", verbosity=0)
    if "complaint" not in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(FILL.format(rows=rows))
    user, _made = User.objects.get_or_create(username="agent")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    print(fill(int(sys.argv[1])))
