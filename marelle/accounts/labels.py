"""French for what an account shows beside its password."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Second(TextChoices):
    APPLICATION = "application", _("une application d’authentification")
    PASSKEY = "passkey", _("une clé d’accès")
