from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "marelle.core"
    label = "core"

    def ready(self) -> None:
        """Read each app's declarations of personal data, and register the system checks."""
        autodiscover_modules("checks", "personal")
