"""Refusals as RFC 9457 says: `application/problem+json`, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.api.settings import PREFIX

MEDIA_TYPE = "application/problem+json"

MOST, LONGEST = 100, 300
"""Of the errors that are told, and of the characters of each: they echo what was sent."""

TITLES: dict[int, Any] = {
    400: _("请求格式有误"),
    401: _("未认证"),
    403: _("无权限"),
    404: _("不存在或无权查看"),
    405: _("不支持这种方法"),
    406: _("不支持这种格式"),
    409: _("与当前状态不符"),
    411: _("未说明内容长度"),
    412: _("内容已有变化"),
    413: _("内容过大"),
    415: _("只接受 JSON"),
    422: _("填写有误"),
    428: _("未指明所读版本"),
    429: _("请求过于频繁"),
    500: _("系统出错"),
    503: _("系统暂时不可用"),
}


class Problem(Exception):
    """A refusal by the interface itself."""

    def __init__(
        self, status: int, detail: Any = "", *, code: str = "", errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None, **members: Any,
    ) -> None:  # fmt: skip
        super().__init__(str(detail))
        self.status, self.detail, self.code, self.members = status, detail, code, members
        self.errors, self.headers = errors or {}, dict(headers or {})

    def response(self) -> HttpResponse:
        return problem(
            self.status, self.detail, code=self.code, errors=self.errors, headers=self.headers, **self.members
        )


def problem(
    status: int, detail: Any = "", *, code: str = "", errors: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None, **members: Any,
) -> HttpResponse:  # fmt: skip
    """`code` names the refusal for programs, `errors` has sentences by field."""
    body: dict[str, Any] = {
        "type": f"urn:shouwen:problem:{code}" if code else "about:blank",
        "title": str(TITLES.get(status) or _standard(status)),
        "status": status,
    }
    if detail:
        body["detail"] = str(detail)
    if errors:
        body["errors"] = {name[:LONGEST]: str(sentence)[:LONGEST] for name, sentence in list(errors.items())[:MOST]}
    text = json.dumps(body | members, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def _standard(status: int) -> str:
    """The words of HTTP for a status that has none of ours."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)


def is_of_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX)
