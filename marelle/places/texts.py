"""The texts of the public pages that an authority may word itself, with what stands there until it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXT_LENGTH: Final = 1000


@dataclass(frozen=True, slots=True)
class NamedText:
    """Plain text: an empty line begins a paragraph, nothing else is read in it."""

    label: str | Promise
    default: str | Promise


TEXTS: Final = {
    "home_welcome": NamedText(
        _("Accueil public, sous « Bienvenue »"),
        _(
            "Les démarches pour les activités de vos enfants, depuis un accès sécurisé accessible 7 "
            "jours sur 7 et 24 heures sur 24."
        ),
    ),
    "home_no_access": NamedText(
        _("Accueil public, « Vous n’avez pas encore d’accès ? »"),
        _(
            "Contactez l’une des structures ci-dessus : elle ouvrira votre dossier et vous enverra de "
            "quoi vous connecter la première fois."
        ),
    ),
    "first_connection": NamedText(
        _("Page de connexion, « Première connexion ? »"),
        _(
            "Suivez le lien reçu par courriel ou par lettre : il sert à choisir votre identifiant et "
            "votre mot de passe. Vous n’avez rien reçu, ou le lien ne fonctionne plus ?"
        ),
    ),
    "request_received": NamedText(
        _("Demande d’inscription envoyée"),
        _(
            "Un mail de confirmation ou de refus de l’inscription vous sera envoyé. En cas de refus le "
            "responsable du service prendra contact avec vous."
        ),
    ),
    "contact_lead": NamedText(
        _("« Contactez la structure »"),
        _(
            "Une question, un changement, une erreur ? Écrivez ou téléphonez à la structure qui "
            "accueille votre enfant."
        ),
    ),
}
"""By code, in the order in which a family meets them."""
