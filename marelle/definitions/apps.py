from __future__ import annotations

from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    name = "marelle.definitions"
    verbose_name = "définitions"
