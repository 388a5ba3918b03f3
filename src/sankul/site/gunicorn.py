"""How gunicorn serves the site: `gunicorn -c python:sankul.site.gunicorn sankul.site.wsgi`.

The application is loaded once, before the workers fork, which halves start and memory. So nothing may
open a connection or run a Polars query when it is imported: neither survives a fork.
"""

import gc
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from prometheus_client import multiprocess

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 8  # a slow client holds up a thread, not a worker; small messages of a moment share a transaction
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
umask = 0o077
# Requests are in the application's own log.
loglevel = "warning"
# The control socket would lie in the user's home and answer to whoever may open it.
control_socket_disable = True
# Workers report that they live through a file; on a slow disk they would seem dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def when_ready(_server: Any) -> None:
    """Make Polars find NumPy now: two threads of a worker that both do so first trip each other.

    Then set what is loaded apart from what is searched for garbage: it stays, the search of all of it stops every thread for
    up to half a second now and then, and it would copy to each worker the memory that they share.
    """
    pl.DataFrame({"ready": np.zeros(1)})
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Take a dead worker's gauges out of the metrics that its siblings report."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)
