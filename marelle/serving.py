"""How gunicorn serves Marelle, for the demo and for small servers; every value can be given by variable.

Threads, since browsers open connections ahead of need and one that waits would hold a whole process.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from marelle.core.checks import check_proxies, check_sealed, check_sealing
from marelle.core.logs import Json, OfTheServer, OneLine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")

wsgi_app = "marelle.wsgi:application"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = settings.WEB_THREADS
timeout = 60
# Longer than a proxy does (nginx: 60 seconds), or a request may be sent on a connection that we close.
keepalive = 75 if settings.TRUSTED_PROXIES else 5
graceful_timeout = 10
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
# A proxy is believed where the settings tell of one, be it on this machine or another: never by its address.
forwarded_allow_ips = "*" if settings.TRUSTED_PROXIES else ""
forwarder_headers = ""


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn's own lines, written as ours are."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(
                Json() if settings.LOG_FORMAT == "json" else OneLine(settings.LOG_LINE, style="{")
            )
            handler.addFilter(OfTheServer())


logger_class = ServerLog

counted: str | None = None
"""Where processes count for `/sante/metriques`, each in files of its own, of this start alone."""


def on_starting(server: Arbiter) -> None:
    """A portal that does not know whose files it serves does not start: it says so in one line. One that no
    proxy would reach, or whose places were not counted again, starts, and says so."""
    global counted  # noqa: PLW0603 - gunicorn knows functions alone
    if settings.MONITORING_TOKEN:
        counted = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="marelle-metrics-")
    for message in (*check_proxies(), *check_sealing()):
        server.log.warning("%s: %s %s", message.id, message.msg, message.hint)
    django.setup()
    # Models, once Django is set up.
    from marelle.activities.checks import check_counted  # noqa: PLC0415
    from marelle.files.store import StoreRefused, store_start  # noqa: PLC0415

    try:
        store_start(now=timezone.now())
        for message in (*check_counted(databases=["default"]), *check_sealed(databases=["default"])):
            server.log.warning("%s: %s %s", message.id, message.msg, message.hint)
    except StoreRefused as refusal:
        raise SystemExit(f"Marelle cannot start: {refusal}") from refusal
    finally:
        connections.close_all()
        if settings.DATABASES["default"]["OPTIONS"].get("pool"):
            # Its threads would not be in the processes to come, which open one each.
            connections["default"].close_pool()  # type: ignore[attr-defined]


def on_exit(_server: Arbiter) -> None:
    if counted:
        shutil.rmtree(counted, ignore_errors=True)


def post_worker_init(_worker: Worker) -> None:
    """Background work (mails to send, places to hand on) in this very process, when settings ask for it.

    One thread in each: they share the work by the rows they lock, and any may die without loss.
    """
    if settings.EMBEDDED_WORKER:
        threading.Thread(target=call_command, args=("worker",), name="marelle-worker", daemon=True).start()
