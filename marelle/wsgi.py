"""The entry point of web servers."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")
if settings.STATEMENT_TIMEOUT:
    _options = settings.DATABASES["default"]["OPTIONS"]
    _options["options"] += f" -c statement_timeout={settings.STATEMENT_TIMEOUT}s"
application = get_wsgi_application()
