"""How gunicorn serves Marelle, for the demo and for small servers; every value can be given by variable.

Threads, since browsers open connections ahead of need and one that waits would hold a whole process.
"""

from __future__ import annotations

import os

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
