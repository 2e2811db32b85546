"""What every address of the interface shares: who asks, what a token may do, and how a refusal is told."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from accountability.web.request import Request
from config.api.bodies import Parser
from config.api.problems import Problem, problem


class BearerAuthentication(BaseAuthentication):
    """Takes over what the middleware found. Where a token isn't good, a session beside it isn't asked."""

    def authenticate(self, request: Any) -> Any:
        asked = request._request
        if not hasattr(asked, "presented"):
            return None
        if asked.presented.good is None:
            raise exceptions.AuthenticationFailed(_("令牌无效、已过期或不能从这里使用。"))
        return asked.user, asked.presented.good

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


class OwnSession(SessionAuthentication):
    """The browser's session; whoever acts in it proves that one of our pages sent them. The person stays known where
    that is missing, so that it is noted whose browser was misused.
    """

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise Problem(403, _("缺少页面的防伪标记（X-CSRFToken）。"), code="csrf") from None


class WithinScope(BasePermission):
    """A token reads or acts only as far as its person said. A session is bound by nothing but its person's rights."""

    def has_permission(self, request: Any, view: Any) -> bool:
        token = request.auth
        if token is None:
            return True
        scope = "read" if request.method in SAFE_METHODS else view.scope
        if scope not in token.scopes:
            raise Problem(403, _("这个令牌没有此项权限。"), code="scope")
        return True


class AlwaysJson(BaseContentNegotiation):
    """There is one format: whatever a program says it accepts, it gets JSON."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        said = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == said), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def refusal(error: Exception, context: Any) -> HttpResponse | None:
    """The problem that tells of the error; None for a fault of the program."""
    match error:
        case Problem():
            return error.response()
        case Http404():
            return problem(404)
        case RequestDataTooBig():
            return problem(413)
        case BadRequest() | UnreadablePostError():
            return problem(400)
        case PermissionDenied():
            return problem(403)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            told = "" if isinstance(error, exceptions.NotAuthenticated) else error.detail
            return problem(401, told, headers={"WWW-Authenticate": 'Bearer realm="api"'})
        case exceptions.APIException():
            return problem(error.status_code)
    return None


class View(APIView):
    """`asked` is the request as pages see it: with its arrival, and with the person and their roles."""

    authentication_classes = (BearerAuthentication, OwnSession)
    permission_classes = (IsAuthenticated, WithinScope)
    parser_classes = (Parser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AlwaysJson
    throttle_classes = ()
    scope = "act"
    """What a token must be good for, for whatever isn't a read."""
    http_method_names = ("get", "head", "post")

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """A body that nobody would read is refused: one of another kind, and one that doesn't tell its length."""
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in self.asked.headers:
            raise Problem(411)
        has_body = self.asked.headers.get("Content-Length", "0") not in ("", "0")
        if has_body and self.asked.content_type != Parser.media_type:
            raise Problem(415)

    def get_exception_handler(self) -> Any:
        return refusal

    @property
    def asked(self) -> Request:
        found: Request = self.request._request
        return found
