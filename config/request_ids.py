"""A number for each request, by which its log lines are found again: `config.headers` makes it and answers it; here it
is handed on to the tasks that the request sends, and told to the log.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from celery import current_task
from celery.signals import before_task_publish

HEADER = "X-Request-ID"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


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
