"""How gunicorn serves Marelle, for the demo and for small servers; every value can be given by variable.

Threads, since browsers open connections ahead of need and one that waits would hold a whole process.
"""

from __future__ import annotations

import os
import threading

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

wsgi_app = "marelle.wsgi:application"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 10
control_socket_disable = True
errorlog = "-"
loglevel = "warning"


def on_starting(_server: Arbiter) -> None:
    """A portal that does not know whose files it serves does not start: it says so in one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")
    django.setup()
    from marelle.files.store import StoreRefused, store_start  # noqa: PLC0415 - models, once Django is set up

    try:
        store_start(now=timezone.now())
    except StoreRefused as refusal:
        raise SystemExit(f"Marelle cannot start: {refusal}") from refusal
    finally:
        connections.close_all()


def post_worker_init(_worker: Worker) -> None:
    """Background work (mails to send, places to hand on) in this very process, when settings ask for it.

    One thread in each: they share the work by the rows they lock, and any may die without loss.
    """
    if settings.EMBEDDED_WORKER:
        threading.Thread(target=call_command, args=("worker",), name="marelle-worker", daemon=True).start()
