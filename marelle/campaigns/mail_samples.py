"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.campaigns.commissions.mails import ANSWER as COMMISSION_ANSWER
from marelle.campaigns.mails import ANSWER
from marelle.mail.fields import AUTHORITY, RECIPIENT, STRUCTURE, Field
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
    Sample(
        COMMISSION_ANSWER,
        _("La commission d’attribution a répondu"),
        _("la famille, ou qui a envoyé la demande"),
        {
            "reference": "RPE-00007",
            "commission": "Rentrée 2027",
            "outcome": "given",
            "place": "Multi-accueil · Moyens, lundi et mardi, à partir du 30/08/2027",
            "until": "lundi 7 juin 2027",
            "reason": "",
            "sat_on": "27/05/2027",
            "structure": "Relais petite enfance",
            "relay_phone": "03 00 00 00 02",
            "relay_email": "relais@arelle.example",
            "at_home": True,
            "to_name": "Camille Durand",
        },
        (
            RECIPIENT,
            Field("numéro", _("le numéro de la demande"), "reference"),
            Field("commission", _("le nom de la commission"), "commission"),
            STRUCTURE,
            AUTHORITY,
        ),
    ),
)
