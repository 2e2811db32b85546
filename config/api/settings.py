"""What the settings say where the interface is on."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PREFIX = "/api/v1/"

FRAMEWORK: dict[str, Any] = {
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
}

SCHEMA: dict[str, Any] = {
    "TITLE": "首问 API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": ["config.api.schema.with_verbs"],
}

AFTER = {
    "config.headers.CompressedPages": "config.headers.ApiProblems",
    "accountability.web.middleware.ArrivalMiddleware": "config.headers.ApiTokens",
}
"""After which middleware each of ours stands: the first sees every answer, the second comes before anybody asks who it
is.
"""


def with_api(middleware: list[str]) -> list[str]:
    if find_spec("rest_framework") is None or find_spec("drf_spectacular") is None:
        raise ImproperlyConfigured("API_ENABLED needs what requirements/api.txt names")
    return [name for each in middleware for name in ((each, AFTER[each]) if each in AFTER else (each,))]
