"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.campaigns.mails import ANSWER
from marelle.mail.fields import AUTHORITY, RECIPIENT
from marelle.mail.samples import Sample, register

register(
    Sample(
        ANSWER,
        _("La réponse à des vœux est arrivée"),
        _("la famille"),
        {
            "campaign": "Été 2027",
            "campaign_id": 1,
            "has_places": True,
            "until": "jusqu’au lundi 7 juin à 23 h 59",
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
            "to_name": "Camille Durand",
        },
        (RECIPIENT, AUTHORITY),
    ),
)
