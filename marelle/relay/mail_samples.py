"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import AUTHORITY, CHILDREN, RECIPIENT, STRUCTURE, Field
from marelle.mail.samples import Sample, register
from marelle.relay.childminders import DOOR

ABOUT = {
    "reference": "GU-000007",
    "request_id": 7,
    "structure": "Relais petite enfance",
    "relay_phone": "03 00 00 00 02",
    "relay_email": "relais@arelle.example",
    "at_home": False,
}

MORNING = {
    "at_home": True,
    "comes_in": False,
    "adult": "Camille Durand",
    "children": "Noé",
    "day": "jeudi 3 décembre",
    "to_name": "Camille Durand",
    "hours": "9\u00a0h\u00a030 – 11\u00a0h\u00a030",
    "reason": "Chauffage en panne",
    "words": "",
    "structure": "Relais petite enfance",
    "phone": "03 00 00 00 02",
    "email": "relais@arelle.example",
}
INVITED = {
    "name": "Odile Fontaine",
    "authority": "Communauté de communes du Val d’Arelle",
    "phone": "03 00 00 00 10",
    "email": "contact@arelle.example",
}
ABOUT_REQUEST = (STRUCTURE, Field("numéro", _("le numéro de la demande"), "reference"), AUTHORITY)
ABOUT_MORNING = (RECIPIENT, CHILDREN, Field("jour", _("le jour de la matinée"), "day"), STRUCTURE, AUTHORITY)

register(
    Sample(
        "relay/received",
        _("Une demande de mode de garde est arrivée"),
        _("qui l’a envoyée"),
        {**ABOUT, "received": "mercredi 25 novembre 2026 à 21\u00a0h\u00a014"},
        ABOUT_REQUEST,
    ),
    Sample("relay/arrived", _("Une demande de mode de garde attend"), _("le relais"), ABOUT),
    Sample(
        "relay/answered",
        _("Une demande de mode de garde a sa réponse"),
        _("qui l’a envoyée"),
        {**ABOUT, "found": True, "answer": "Une assistante maternelle a une place en janvier."},
        ABOUT_REQUEST,
    ),
    Sample(
        "relay/morning_closed",
        _("Une matinée du relais n’aura pas lieu"),
        _("qui devait y venir"),
        MORNING,
        ABOUT_MORNING,
    ),
    Sample(
        "relay/morning_reopened",
        _("Une matinée du relais a lieu finalement"),
        _("qui devait y venir"),
        MORNING,
        ABOUT_MORNING,
    ),
    Sample(
        DOOR.invitation,
        _("Une assistante maternelle est invitée à s’inscrire elle-même aux matinées"),
        _("l’assistante maternelle invitée"),
        {**INVITED, "url": "https://portail.example/activation/xxxxxxxxxxxxxxxxxxxxxxxx/", "days": 14},
    ),
    Sample(
        DOOR.told,
        _("Une assistante maternelle a l’accès aux matinées d’un autre relais, ou ne l’a plus"),
        _("cette assistante maternelle"),
        {**INVITED, "told": "ended"},
    ),
)
