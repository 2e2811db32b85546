"""Every address of the system, by app."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from complaints.views import desk
from config.metrics import metrics
from config.probes import livez, readyz

handler400, handler500 = "config.views.bad_request", "config.views.server_error"

urlpatterns = [
    path("livez", login_not_required(livez), name="livez"),
    path("readyz", login_not_required(readyz), name="readyz"),
    path("metrics", login_not_required(metrics), name="metrics"),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("admin/", admin.site.urls),
    path("", desk.home, name="home"),
    path("", include("accountability.urls")),
    path("", include("complaints.urls")),
    path("", include("assessment.urls")),
]
if settings.API_ENABLED:
    urlpatterns += [path("api/v1/", include("config.api.urls")), path("api/", include("config.api.page_urls"))]
