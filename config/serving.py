"""gunicorn's settings: `gunicorn config.wsgi --config python:config.serving`.

A request line, its headers and their number are limited; an idle connection is kept for seconds. Very slow clients are
the proxy's task (docs/deploy.md): it passes on only whole requests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from typing import Any

from gunicorn.glogging import Logger

from config.logs import formatter_of

worker_class = "gthread"
workers, threads = 2, 4
keepalive, graceful_timeout, timeout = 5, 12, 60
# No request takes longer than 10 s: one that is being served when the stop comes is answered.
limit_request_line, limit_request_fields, limit_request_field_size = 4094, 64, 8190
header_map = "drop"
# By default a peer on the same machine may also set the path of the application, as a client of its could.
forwarder_headers = ""
control_socket_disable = True

loglevel = "warning"
accesslog = "-" if os.environ.get("ACCESS_LOG", "") == "1" else None
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s'
"""Who asked for which page, the answer, and the request's number. Neither query nor headers of a client's: they
contain what people search for."""


class Log(Logger):
    """gunicorn's log, with its lines formatted like all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(formatter_of(os.environ)())


logger_class = Log

COUNTED_IN = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's variable: the folder in which processes count together (config/metrics.py)."""

_folders: list[str] = []


def on_starting(server: Any) -> None:
    """gunicorn's hook, before it starts its processes. They count in a folder of their own: by its files' names two
    servers on one volume would overwrite each other's.
    """
    if not os.environ.get("METRICS_TOKEN"):
        return
    try:
        _folders.append(tempfile.mkdtemp(prefix="shouwen-counts-"))
    except OSError as error:
        server.log.error("metrics: each process counts alone: %s", error)
    else:
        os.environ |= {COUNTED_IN: _folders[-1]}


def on_exit(server: Any) -> None:
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """gunicorn's hook, in each of its processes once the application is loaded: it also watches over the tasks,
    and over the standby."""
    from accountability.db import replica
    from config.cycles import look_rarely
    from config.watching import keep_mark, keep_watch

    look_rarely()
    threading.Thread(target=keep_mark, name="mark of life", daemon=True).start()
    threading.Thread(target=keep_watch, name="watchman", daemon=True).start()
    if replica.is_there():
        threading.Thread(target=replica.keep_asking, name="replica", daemon=True).start()
