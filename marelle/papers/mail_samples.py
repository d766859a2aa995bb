"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import AUTHORITY, RECIPIENT, Field
from marelle.mail.samples import Sample, register

ASKER = {
    "asker": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
    "to_name": "Camille Durand",
}
ABOUT = {"title": "Assurance scolaire", "person": "Zoé", "whose": "1", "type_id": 1, **ASKER}
UNTIL = "31 août 2027"
FIELDS = (RECIPIENT, Field("service", _("qui demande le document"), "asker"), AUTHORITY)

register(
    Sample(
        "papers/asked",
        _("Des documents manquent"),
        _("la famille"),
        {
            "titles": ["Assurance scolaire", "Attestation de quotient"],
            "others": 1,
            "reminder": False,
            **ASKER,
        },
        FIELDS,
    ),
    Sample(
        "papers/requested",
        _("Un agent demande un document"),
        _("la famille"),
        {**ABOUT, "message": "Celle que vous avez envoyée est de l’an dernier."},
        FIELDS,
    ),
    Sample(
        "papers/accepted",
        _("Un document est accepté"),
        _("la famille, si elle veut cet avis"),
        {**ABOUT, "until": UNTIL},
        FIELDS,
    ),
    Sample(
        "papers/refused",
        _("Un document est refusé"),
        _("la famille"),
        {**ABOUT, "reason": "La photo est trop sombre."},
        FIELDS,
    ),
    Sample(
        "papers/expiring",
        _("Un document arrive à sa fin"),
        _("la famille, si elle veut cet avis"),
        {**ABOUT, "until": UNTIL},
        FIELDS,
    ),
)
