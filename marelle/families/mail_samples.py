"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import AUTHORITY, RECIPIENT
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
    "to_name": "Camille Durand",
}

register(
    Sample(
        "families/erasure_asked",
        _("Un effacement est demandé"),
        _("la famille"),
        SERVICE,
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        "families/erasure_refused",
        _("Un effacement n’est pas possible"),
        _("la famille"),
        {**SERVICE, "reason": "Une facture reste à payer."},
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        "families/files_merged",
        _("Deux dossiers n’en font plus qu’un"),
        _("la famille"),
        {**SERVICE, "number": "000124", "former": "000981", "bookings_ended": 2},
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        "families/home_separated",
        _("Un foyer se sépare en deux"),
        _("chacun des deux foyers"),
        {**SERVICE, "home": "goes", "number": "000125", "people": ["Zoé"], "shared": ["Léo"]},
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        "families/caf_unheard",
        _("La CAF ou la MSA ne répond pas à qui a donné son accord"),
        _("le guichet et les administrateurs"),
        {"all": "212", "unheard": "180", "why": _("accès refusé : voir l’administrateur")},
    ),
    Sample(
        "families/file_destroyed",
        _("Un fichier envoyé contenait un virus"),
        _("la famille"),
        {**SERVICE, "day": "25 novembre 2026"},
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        "families/arrival_linked",
        _("Une première visite est reliée à un dossier"),
        _("qui est venu par FranceConnect"),
        {**SERVICE, "name": "Angela Dubois", "provider": "FranceConnect"},
        (AUTHORITY,),
    ),
    Sample(
        "families/arrival_refused",
        _("Une première visite n’est reliée à aucun dossier"),
        _("qui est venu par FranceConnect"),
        {
            **SERVICE,
            "name": "Angela Dubois",
            "provider": "FranceConnect",
            "reason": "Passez nous voir avec une pièce d’identité.",
        },
        (AUTHORITY,),
    ),
    Sample(
        "families/dormant",
        _("Un foyer ne donne plus de nouvelles depuis longtemps"),
        _("la famille, un mois avant qu’un agent puisse confirmer l’effacement"),
        {**SERVICE, "day": "vendredi 1er janvier 2027"},
        (AUTHORITY,),
    ),
    Sample("families/erasure_done", _("Un foyer est effacé"), _("la famille"), SERVICE, (AUTHORITY,)),
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
            "to_name": "Camille Durand",
        },
        (RECIPIENT, AUTHORITY),
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
