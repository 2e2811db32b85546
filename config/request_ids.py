"""A number for each request, by which its log lines are found again: answered in a header, and handed on to the tasks
that the request sends.

It is always made here. One that a client or a proxy sends is ignored, since it could be anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from celery import current_task
from celery.signals import before_task_publish
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


class RequestIds:
    """The first middleware. The number holds until the answer is sent: Django logs a refusal behind the middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(8)
        REQUEST_ID.set(number)
        response = self.get_response(request)
        response.headers[HEADER] = number
        return response


@receiver(request_finished)
def forget(**_said: Any) -> None:
    REQUEST_ID.set("")


@before_task_publish.connect
def hand_on(headers: dict[str, Any] | None = None, **_said: Any) -> None:
    if headers is not None and REQUEST_ID.get():
        headers["request_id"] = REQUEST_ID.get()


def ids() -> dict[str, str]:
    """Of the request and the task that run here: a task has the request that sent it, where there was one."""
    task = current_task.request if current_task else None
    found = {
        "request_id": REQUEST_ID.get() or (task and task.get("request_id")),
        "task_id": task and task.id,
    }
    return {name: str(number) for name, number in found.items() if number}
