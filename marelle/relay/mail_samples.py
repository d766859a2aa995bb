"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.samples import Sample, register

ABOUT = {
    "reference": "GU-000007",
    "request_id": 7,
    "structure": "Relais petite enfance",
    "relay_phone": "03 00 00 00 02",
    "relay_email": "relais@arelle.example",
    "at_home": False,
}

register(
    Sample(
        "relay/received",
        _("Une demande de mode de garde est arrivée"),
        _("qui l’a envoyée"),
        {**ABOUT, "received": "mercredi 25 novembre 2026 à 21\u00a0h\u00a014"},
    ),
    Sample("relay/arrived", _("Une demande de mode de garde attend"), _("le relais"), ABOUT),
    Sample(
        "relay/answered",
        _("Une demande de mode de garde a sa réponse"),
        _("qui l’a envoyée"),
        {**ABOUT, "found": True, "answer": "Une assistante maternelle a une place en janvier."},
    ),
)
