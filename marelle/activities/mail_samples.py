"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.activities.mails import CALENDAR_READ
from marelle.mail.samples import Sample, register

register(
    Sample(
        CALENDAR_READ,
        _("Un calendrier partagé est lu pour une autre année"),
        _("le guichet de l’autre collectivité dont des activités le suivent"),
        {"calendar": "Calendrier des écoles", "year": "2027-2028", "agent": "Line Roche"},
    ),
)
