"""What services answer, in the words of who writes a file."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import day_plain
from marelle.core.refusals import No, NotYours
from marelle.journal.edits import InUse, NotPossible

TOLD: Final = {
    ("RuleRefused", "past"): _(
        "une règle qui a commencé ne change plus : écrivez-en une autre, d’un jour à venir, sous sa clé."
    ),
    ("RuleRefused", "not_in_order"): _("la fin vient avant le début."),
    ("RuleRefused", "no_such_slot"): _("ce créneau n’est pas de cette activité."),
    ("RuleRefused", "canteen"): _("rien ne suspend une cantine."),
    ("RuleRefused", "impossible"): _("un de ces nombres ne peut pas être."),
    ("ClosingRefused", "past_day"): _("une date passée : ce qui a commencé ne change plus."),
    ("ClosingRefused", "bad_span"): _("la fin vient avant le début."),
    ("ClosingRefused", "too_long"): _("plus de 62 jours : mieux vaut changer le calendrier."),
    ("ClosingRefused", "held"): _(
        "des enfants y ont réservé, ou une sortie y est prévue : fermez depuis « Fermetures », qui "
        "prévient les familles."
    ),
    ("WrongType", "months"): _("« mois » va avec « valable : des mois », et seulement avec lui."),
    ("WrongType", "health_for_all"): _("un document de santé se demande par activité, jamais à tous."),
    ("WrongType", "title_taken"): _("un document de ce nom existe déjà."),
    ("WrongType", "about_fixed"): _("des documents ont été envoyés : de qui il est ne change plus."),
    ("WrongType", "asked_by_day"): _(
        "une activité le demande pour réserver : il ne peut pas cesser de l’être."
    ),
    ("WrongType", "from_a_date"): _("« à partir du » va avec « pas de réservation », et seulement avec lui."),
    ("LookRefused", "text_not_possible"): _("ce texte est trop long, ou un caractère n’y a pas sa place."),
    ("Refusal", "says_nothing"): _("écrivez au moins un texte."),
    ("TariffRefused", "past"): _(
        "des jours passés ont pu en dépendre : écrivez-en un autre, d’un jour à venir, sous sa clé."
    ),
    ("TariffRefused", "not_in_order"): _("la fin vient avant le début."),
    ("TariffRefused", "no_slots"): _("nommez au moins un créneau."),
    ("TariffRefused", "slots"): _("un de ces créneaux est d’une autre collectivité."),
    ("TariffRefused", "product"): _("cet abonnement est d’une autre collectivité."),
    ("TariffRefused", "replaced"): _("il finit déjà avant."),
    ("TariffRefused", "name"): _("ce nom est déjà pris."),
    ("TariffRefused", "taken"): _("des foyers l’ont pris : son nom seul change encore."),
    ("PostRefused", "account_exists"): _(
        "un compte a déjà cette adresse : donnez-lui son rôle depuis « Réglages », « Agents »."
    ),
    ("PostRefused", "address_shared"): _("plusieurs comptes ont cette adresse : donnez-en une autre."),
    ("PostRefused", "guest"): _("cette adresse est celle d’un invité : donnez-en une autre."),
    ("DrawsRefused", "booked"): _("des enfants y ont réservé : ses jauges ne changent plus sur ces jours."),
    ("DrawsRefused", "no_such_gauge"): _("cette jauge n’est pas de la même collectivité."),
    ("Refusal", "no_authority"): _("décrivez d’abord une collectivité."),
    ("RunRefused", "billed"): _("ce mois a été facturé, ou un mois d’après : prenez-en un à venir."),
    ("StepRefused", "days"): _("une autre étape est déjà prévue ce jour-là."),
    ("StepRefused", "many"): _("six étapes au plus."),
    ("WordingRefused", "not_https"): _("une adresse commence par https://."),
}


def refusal_told(error: No | ValidationError) -> list[tuple[str, str]]:
    """The attributes at fault ("" for none), each with what to say."""
    if isinstance(error, ValidationError):
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return [("" if name == "__all__" else name, text) for name, texts in told.items() for text in texts]
    if isinstance(error, NotPossible):
        return [(name, str(text)) for name, texts in error.data["errors"].items() for text in texts]
    if isinstance(error, NotYours):
        return [("", gettext("c’est d’une autre collectivité, ou n’existe pas."))]
    if error.code == "taken":
        words = gettext("%(taken)s places sont prises le %(day)s : %(capacity)s ne suffisent pas.")
        return [("capacities", words % {**error.data, "day": day_plain(error.data["day"])})]
    if error.code == "cells":
        return [
            ("draws", words) for one in error.data["refused"].values() for _attr, words in refusal_told(one)
        ]
    if isinstance(error, InUse):
        uses = ", ".join(f"{n} {several if n > 1 else one}" for one, several, n in error.data["uses"])
        return [("", gettext("c’est utilisé : %(uses)s.") % {"uses": uses})]
    known = TOLD.get((type(error).__name__, error.code))
    return [("", str(known) if known else gettext("refusé (%(code)s).") % {"code": error.code})]
