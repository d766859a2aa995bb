"""The mails of this package with invented data."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import ACTIVITY, AUTHORITY, CHILD, CHILDREN, RECIPIENT, STRUCTURE
from marelle.mail.samples import Sample, register

SERVICE = {
    "structure": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
}
ABOUT = {
    "child": "Zoé",
    "activity": "Mercredis 2026-2027",
    "dates": "du 2 décembre 2026 au 7 juillet 2027",
    "person_id": 1,
    "activity_id": 1,
    "enrolment_id": 1,
    "service": SERVICE,
    "to_name": "Camille Durand",
}
LAST_DAY = "vendredi 18 décembre 2026"
FIELDS = (RECIPIENT, CHILD, ACTIVITY, replace(STRUCTURE, path="service.structure"), AUTHORITY)

register(
    Sample(
        "enrolments/requested",
        _("Une demande d’inscription est reçue"),
        _("la famille"),
        {
            "received": "le mercredi 25 novembre 2026 à 21\u00a0h\u00a014",
            "lines": [
                {
                    "reference": "INS-000042",
                    "child": "Zoé",
                    "activity": "Mercredis 2026-2027",
                    "structure": SERVICE["structure"],
                    "dates": ABOUT["dates"],
                }
            ],
            "several": False,
            "children": "Zoé",
            "person_id": 1,
            "services": [SERVICE],
            "to_name": "Camille Durand",
        },
        (RECIPIENT, CHILDREN, AUTHORITY),
    ),
    Sample(
        "enrolments/accepted",
        _("Une inscription est validée"),
        _("la famille"),
        {
            **ABOUT,
            "books": True,
            "opens_at": "",
            "next_day": "mercredi 9 décembre",
            "next_limit": "jusqu’au vendredi 4 décembre à 12\u00a0h",
        },
        FIELDS,
    ),
    Sample(
        "enrolments/refused",
        _("Une demande d’inscription est refusée"),
        _("la famille"),
        {**ABOUT, "reason": "Il n’y a plus de place dans ce groupe."},
        FIELDS,
    ),
    Sample(
        "enrolments/end_asked",
        _("Une fin d’inscription est demandée"),
        _("la famille"),
        {**ABOUT, "last_day": LAST_DAY},
        FIELDS,
    ),
    Sample(
        "enrolments/end_accepted",
        _("Une fin d’inscription est acceptée"),
        _("la famille"),
        {**ABOUT, "last_day": LAST_DAY, "cancelled": 3},
        FIELDS,
    ),
    Sample(
        "enrolments/group_changed",
        _("Un enfant change de groupe"),
        _("la famille"),
        {
            **ABOUT,
            "group": "6–12 ans",
            "since": LAST_DAY,
            "moved": 4,
            "kept": 0,
            "queued": 1,
            "cancelled": 1,
        },
        FIELDS,
    ),
    Sample(
        "enrolments/end_refused",
        _("Une fin d’inscription n’est pas acceptée"),
        _("la famille"),
        {**ABOUT, "last_day": LAST_DAY, "reason": "Le règlement demande un mois de préavis."},
        FIELDS,
    ),
    Sample(
        "enrolments/teen_ended",
        _("Le compte d’un enfant est fermé"),
        _("l’enfant, s’il l’avait ouvert"),
        {
            "name": "Zoé Durand",
            "service": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
        },
    ),
)
