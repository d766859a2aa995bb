"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.samples import Sample, register

ABOUT = {
    "child": "Zoé",
    "child_id": 1,
    "name": "Rachid Haddad",
    "day": "vendredi 27 novembre",
    "structure": "Accueil de loisirs d’Arelle",
}

SERVICE = {
    "service": "Communauté de communes du Val d’Arelle",
    "phone": "03 00 00 00 10",
    "email": "contact@arelle.example",
}

register(
    Sample("families/erasure_asked", _("Un effacement est demandé"), _("la famille"), SERVICE),
    Sample(
        "families/erasure_refused",
        _("Un effacement n’est pas possible"),
        _("la famille"),
        {**SERVICE, "reason": "Une facture reste à payer."},
    ),
    Sample("families/erasure_done", _("Un foyer est effacé"), _("la famille"), SERVICE),
    Sample(
        "families/change_answered",
        _("Des modifications du dossier ont leur réponse"),
        _("la famille"),
        {
            "accepted": ["Adresse du foyer"],
            "refused": [{"title": "Quotient familial", "reason": "Il manque l’attestation."}],
            "service": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
        },
    ),
    Sample(
        "families/health_changed",
        _("Une fiche sanitaire a changé"),
        _("les structures où l’enfant est inscrit"),
        ABOUT,
    ),
    Sample(
        "families/permission_given",
        _("Une permission d’un jour est donnée"),
        _("les structures où l’enfant est inscrit"),
        ABOUT,
    ),
    Sample(
        "families/permission_taken_back",
        _("Une permission d’un jour est reprise"),
        _("les structures où l’enfant est inscrit"),
        ABOUT,
    ),
)
