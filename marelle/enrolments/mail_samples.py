"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
}
LAST_DAY = "vendredi 18 décembre 2026"

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
        },
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
            "next_limit": "vendredi 4 décembre à 12\u00a0h",
        },
    ),
    Sample(
        "enrolments/refused",
        _("Une demande d’inscription est refusée"),
        _("la famille"),
        {**ABOUT, "reason": "Il n’y a plus de place dans ce groupe."},
    ),
    Sample(
        "enrolments/end_asked",
        _("Une fin d’inscription est demandée"),
        _("la famille"),
        {**ABOUT, "last_day": LAST_DAY},
    ),
    Sample(
        "enrolments/end_accepted",
        _("Une fin d’inscription est acceptée"),
        _("la famille"),
        {**ABOUT, "last_day": LAST_DAY, "cancelled": 3},
    ),
    Sample(
        "enrolments/end_refused",
        _("Une fin d’inscription n’est pas acceptée"),
        _("la famille"),
        {**ABOUT, "last_day": LAST_DAY, "reason": "Le règlement demande un mois de préavis."},
    ),
)
