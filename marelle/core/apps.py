from __future__ import annotations

from django import forms
from django.apps import AppConfig
from django.conf import settings
from django.urls import register_converter
from django.utils.module_loading import autodiscover_modules

from marelle.core.converters import IdConverter
from marelle.core.driver import statements_kept
from marelle.core.errors import sentry_start
from marelle.core.straight import straight


class CoreConfig(AppConfig):
    name = "marelle.core"
    label = "core"

    def ready(self) -> None:
        """Register system checks and the converters of addresses; read the declarations of personal data;
        begin to send errors, where the settings say so; say what the database's driver keeps.

        No text field of any form takes a sign that turns the direction of writing, as none takes a NUL.
        """
        forms.CharField.default_validators = [straight]
        register_converter(IdConverter, "id")
        autodiscover_modules("checks", "personal")
        statements_kept()
        if settings.ERRORS_SENTRY:
            sentry_start(settings.ERRORS_SENTRY)
