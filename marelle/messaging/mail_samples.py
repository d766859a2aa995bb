"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import AUTHORITY, RECIPIENT, STRUCTURE, Field
from marelle.mail.samples import Sample, register

ABOUT = {
    "thread_id": 12,
    "structure": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
    "agent": "",
    "to_name": "Camille Durand",
}
NUMBER = Field("numéro", _("le numéro de l’échange"), "thread_id")

register(
    Sample(
        "messaging/written",
        _("Un message est arrivé"),
        _("la structure"),
        {
            **ABOUT,
            "author": "Camille Durand",
            "family": "Durand",
            "email": "",
            "on_behalf": False,
            "subject": "Le bonnet de Zoé",
            "quoted": "> Bonjour, Zoé a-t-elle oublié son bonnet ?",
            "files": 1,
        },
    ),
    Sample(
        "messaging/passed",
        _("Un message est passé à un autre service"),
        _("le service qui répond désormais"),
        {
            **ABOUT,
            "former": "Crèche d’Arelle",
            "agent": "Line Roche",
            "family": "Durand",
            "subject": "Le bonnet de Zoé",
            "note": "> Le bonnet est chez vous, je crois.",
            "quoted": "> Bonjour, Zoé a-t-elle oublié son bonnet ?",
        },
    ),
    Sample(
        "messaging/received",
        _("Un message est bien reçu"),
        _("qui l’a écrit"),
        {**ABOUT, "received": "le mercredi 25 novembre 2026 à 21\u00a0h\u00a014", "at_home": True},
        (STRUCTURE, NUMBER, AUTHORITY),
    ),
    Sample(
        "messaging/answered",
        _("Une réponse attend dans l’espace famille"),
        _("la famille, si elle veut cet avis"),
        ABOUT,
        (RECIPIENT, STRUCTURE, NUMBER, AUTHORITY),
    ),
    Sample(
        "messaging/answer",
        _("Une réponse à qui n’a pas d’espace famille"),
        _("l’adresse donnée"),
        {**ABOUT, "author": "La direction", "quoted": "> Il est sous le banc de l’entrée."},
        (STRUCTURE, NUMBER, AUTHORITY),
    ),
    Sample(
        "messaging/news",
        _("Une actualité est envoyée aux familles"),
        _("les familles choisies, si elles veulent cet avis"),
        {
            **ABOUT,
            "title": "Le pique-nique de mercredi",
            "text": "Prévoyez un chapeau et une gourde.\n\nRetour à 17\u00a0h\u00a030.",
            "day": "mercredi 2 décembre 2026",
            "urgent": False,
        },
        (RECIPIENT, STRUCTURE, AUTHORITY),
    ),
)
