"""The entry point of web servers."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")
if settings.STATEMENT_TIMEOUT:
    _options = settings.DATABASES["default"]["OPTIONS"]
    _options["options"] += f" -c statement_timeout={settings.STATEMENT_TIMEOUT}s"
_framework = get_wsgi_application()
# What they import needs Django as it is set up above.
from marelle.activities.awaited import awaited_instants, number_next  # noqa: E402
from marelle.room.gate import Gate  # noqa: E402
from marelle.room.layout import ledger_path  # noqa: E402
from marelle.shell.waiting import WaitingPage  # noqa: E402

application = Gate(
    _framework,
    path=ledger_path(),
    page=WaitingPage(),
    named=awaited_instants,
    load_at=settings.WAITING_ROOM_LOAD,
    numbers=number_next if settings.WAITING_ROOM_SHARED else None,
)
