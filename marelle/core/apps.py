from __future__ import annotations

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.module_loading import autodiscover_modules

from marelle.core.converters import IdConverter


class CoreConfig(AppConfig):
    name = "marelle.core"
    label = "core"

    def ready(self) -> None:
        """Register system checks and the converters of addresses; read the declarations of personal data."""
        register_converter(IdConverter, "id")
        autodiscover_modules("checks", "personal")
