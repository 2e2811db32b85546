"""`/metrics`, for a Prometheus that knows the token: how long requests take and what is refused, as the processes of
this server count it, and how much work waits, as the database knows it at that moment.

No label holds what anybody typed: they are names of pages, codes, statuses and tasks.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.log import log_response
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accountability.monitoring.backlog import Number, numbers
from accountability.web.request import Request
from config.counting import waiting_in
from config.serving import COUNTED_IN

log = logging.getLogger(__name__)

PREFIX = "shouwen"
QUEUES = ("celery", "notices", "papers")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
OTHER = "other"

DURATIONS = Histogram(
    f"{PREFIX}_request_seconds", "How long requests take, by page", ["page"], buckets=(0.1, 0.25, 0.5, 1, 2, 4, 10)
)
ANSWERS = Counter(f"{PREFIX}_answers", "Answers by status", ["method", "status"])


class Measured:
    """Measures each request, all other middleware included. Where nobody may ask, nothing is measured."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else OTHER
        try:
            DURATIONS.labels(page).observe(time.perf_counter() - begun)
            ANSWERS.labels(request.method if request.method in METHODS else OTHER, response.status_code).inc()
        except Exception as error:  # what can't be counted is answered all the same
            log.error("metrics: not counted: %s", type(error).__name__)
        return response


@require_safe
def metrics(request: Request) -> HttpResponse:
    """404 unless the token is right, so that a stranger doesn't learn whether it is there."""
    given = request.headers.get("Authorization", "")
    if not (settings.METRICS_TOKEN and constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")):
        unknown = HttpResponse(status=404)
        # No limit counts who asks here: told as a warning, a stranger's flood would fill the log.
        log_response("metrics: no token", response=unknown, request=request, level="debug")
        return unknown
    waiting = CollectorRegistry(auto_describe=False)
    waiting.register(Waiting(request))
    return HttpResponse(generate_latest(_counted()) + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    """What all processes of this server counted, those that have ended too; without a server, what this one did."""
    if COUNTED_IN not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)
    except ValueError:
        log.error("metrics: the folder of the processes' counts is gone")
    return registry


class Waiting(Collector):
    """What waits, asked when it is wanted. Without the database the rest is answered."""

    def __init__(self, request: Request) -> None:
        self.at = request.at

    def collect(self) -> Iterable[GaugeMetricFamily]:
        queues = Number("queue_length", "Messages in a queue of the broker", waiting_in(QUEUES), label="queue")
        try:
            found, works = list(numbers(self.at)), 1.0
        except Exception as error:
            log.warning("metrics without the database: %s", type(error).__name__)
            found, works = [], 0.0
        for number in (Number("database_up", "Whether the database answers", {"": works}), queues, *found):
            labels = [number.label] if number.label else []
            gauge = GaugeMetricFamily(f"{PREFIX}_{number.name}", number.said, labels=labels)
            for value, amount in number.values.items():
                gauge.add_metric([value] if number.label else [], amount)
            yield gauge
