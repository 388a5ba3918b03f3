"""How gunicorn serves the site: `gunicorn -c python:sankul.site.gunicorn sankul.site.wsgi`.

The application is not loaded before the workers fork: Polars starts threads when it is imported, and
a process with threads must not fork.
"""

import os
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4  # a slow client holds up a thread, not a worker
timeout = 60
graceful_timeout = 10
keepalive = 5
umask = 0o077
# Requests are in the application's own log.
loglevel = "warning"
# The control socket would lie in the user's home and answers to whoever may open it.
control_socket_disable = True
# Workers report that they live through a file; on a slow disk they would seem dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def child_exit(_server: Any, worker: Any) -> None:
    """Take a dead worker's gauges out of the metrics that its siblings report."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
