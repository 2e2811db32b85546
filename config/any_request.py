"""The application as the server calls it: every request becomes one that the middleware can answer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class AnyRequest(WSGIRequest):
    """A request whose Content-Type can't be read counts as one in another encoding, which `config.headers` refuses.
    Django's own request would fail before any middleware could answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (ValueError, LookupError, SuspiciousOperation):  # Django reads the query too, in the named encoding
            self.content_type, self.content_params, self._encoding = "", {}, "ascii"


class Application(WSGIHandler):
    request_class = AnyRequest
