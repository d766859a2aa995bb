"""What is wrong in a file of another software, and what it does, in French words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import euros_text

PROBLEMS: Final[dict[str, str | Promise]] = {
    "family_again": _(
        "la famille «\u00a0{value}\u00a0» est déjà à la ligne {line}\u00a0: une seule ligne chacune."
    ),
    "number_known": _("le numéro «\u00a0{value}\u00a0» est celui d’une autre facture."),
    "balance_differs": _(
        "un solde de {had} est déjà repris pour cette famille, et le fichier dit {amount}\u00a0: pour le "
        "remplacer, dites que ce fichier est une correction."
    ),
    "balance_used": _(
        "le solde repris de cette famille, {had}, a déjà servi (payé, annulé, rappelé, déduit d’une facture)"
        "\u00a0: un fichier ne le change plus."
    ),
    "credit_by_files": _(
        "un crédit est déduit des factures que Marelle fait, et celles de cette collectivité viennent par "
        "fichier\u00a0: réglez d’abord, dans «\u00a0Façon de facturer\u00a0», le mois à partir duquel "
        "Marelle les fait."
    ),
    "credit_where": _(
        "ce crédit peut être déduit à plusieurs endroits\u00a0: écrivez le compte, et la régie s’il y en a, "
        "d’où il est déduit."
    ),
    "whose_line": _("ni la famille ni l’enfant n’est dit."),
    "child_of_several": _(
        "plusieurs foyers ont un enfant qui s’appelle «\u00a0{value}\u00a0»\u00a0: écrivez le numéro de la "
        "famille."
    ),
    "paid_undated": _("colonne «\u00a0payée le\u00a0»\u00a0: écrivez le jour où ce montant a été payé."),
    "paid_since": _(
        "la facture «\u00a0{value}\u00a0» est déjà là, payée de {had}, et le fichier dit {paid}\u00a0: "
        "ce qui a été payé depuis vient par un état des paiements."
    ),
    "food_beyond": _("la part du repas, {food}, dépasse le montant de la ligne, {amount}."),
    "no_ics": _(
        "Cette collectivité ne fait rien prélever\u00a0: réglez d’abord son identifiant créancier (ICS), "
        "dans «\u00a0Envoi au Trésor\u00a0»."
    ),
    "rum": _("«\u00a0{value}\u00a0», colonne «\u00a0{column}\u00a0», n’est pas une référence de mandat."),
    "rum_again": _("la référence «\u00a0{value}\u00a0» est déjà à la ligne {line}."),
    "rum_known": _(
        "la référence «\u00a0{value}\u00a0» est celle d’un mandat d’une autre famille, ou d’un autre compte."
    ),
    "holder": _("colonne «\u00a0{column}\u00a0»\u00a0: ce nom ne s’écrit pas pour une banque."),
    "iban_signs": _("colonne «\u00a0{column}\u00a0»\u00a0: ce n’est pas un IBAN."),
    "iban_country": _("colonne «\u00a0{column}\u00a0»\u00a0: ce pays n’est pas de l’espace SEPA."),
    "iban_length": _(
        "colonne «\u00a0{column}\u00a0»\u00a0: cet IBAN n’a pas le nombre de signes de son pays."
    ),
    "iban_key": _(
        "colonne «\u00a0{column}\u00a0»\u00a0: la clé de cet IBAN est fausse, un signe est mal copié."
    ),
    "iban_form": _("colonne «\u00a0{column}\u00a0»\u00a0: cet IBAN n’est pas fait comme ceux de son pays."),
    "bic": _("colonne «\u00a0{column}\u00a0»\u00a0: ce n’est pas un BIC, de huit ou onze signes."),
    "turn": _("«\u00a0{value}\u00a0» n’est pas une séquence\u00a0: écrivez FRST ou RCUR."),
    "turn_undated": _("il est dit déjà prélevé (RCUR)\u00a0: écrivez le jour de son dernier prélèvement."),
    "turn_differs": _("il est dit jamais prélevé (FRST), et son dernier prélèvement est du {day}."),
    "drawn_unsigned": _("son dernier prélèvement, le {day}, vient avant sa signature."),
    "mandate_there": _(
        "cette famille a déjà un mandat, {value}\u00a0: arrêtez-le d’abord s’il n’est plus le bon."
    ),
    "mandate_dead": _(
        "rien n’a été prélevé par ce mandat depuis le {day}, 36 mois au moins\u00a0: il n’est plus valable."
    ),
    "address_missing": _("l’adresse du titulaire n’est ni dans le fichier ni dans le dossier de la famille."),
    "credit_nowhere": _(
        "aucun tarif n’a «\u00a0{value}\u00a0» pour compte ou pour régie\u00a0: prenez ceux d’un tarif."
    ),
}

SIDES: Final[dict[str, str | Promise]] = {
    "debts": _("Ce que les familles doivent"),
    "credits": _("Ce que la collectivité leur doit"),
    "mandates": _("Mandats"),
    "asked": _("Demandé par les factures"),
    "paid": _("Payé"),
    "left": _("Reste à payer"),
}
COUNTED: Final = ("mandates",)
"""Those that are no euros."""


def mandates_text(counts: Mapping[str, Any]) -> str:
    """What an import of mandates does or did, in one sentence."""
    created, recurrent, same = (counts.get(name, 0) for name in ("created", "recurrent", "same"))
    parts = [ngettext("%(n)d mandat repris", "%(n)d mandats repris", created) % {"n": created}]
    if created:
        said = ngettext("dont %(n)d déjà prélevé (RCUR)", "dont %(n)d déjà prélevés (RCUR)", recurrent)
        parts.append(said % {"n": recurrent})
    if same:
        parts.append(gettext("%(n)d déjà là") % {"n": same})
    return gettext("%(parts)s.") % {"parts": ", ".join(parts)}


def beside_text(counts: Mapping[str, Any]) -> str:
    """What may be brought twice; "" where nothing may."""
    homes, left = counts.get("beside", (0, "0"))
    said = ngettext(
        "%(n)d de ces familles a aussi des factures à payer, venues par un fichier (%(left)s)\u00a0: "
        "vérifiez que son solde est dit sans elles.",
        "%(n)d de ces familles ont aussi des factures à payer, venues par un fichier (%(left)s)\u00a0: "
        "vérifiez que leur solde est dit sans elles.",
        homes,
    )
    return said % {"n": homes, "left": euros_text(Decimal(left))} if homes else ""


def balances_text(counts: Mapping[str, Any]) -> str:
    """What an import of balances does or did, in one sentence."""
    debts, given, corrected, same = (
        counts.get(name, 0) for name in ("debts", "credits", "corrected", "same")
    )
    parts = [
        ngettext("%(n)d foyer qui doit", "%(n)d foyers qui doivent", debts) % {"n": debts},
        ngettext("%(n)d foyer à qui il est dû", "%(n)d foyers à qui il est dû", given) % {"n": given},
    ]
    if corrected:
        parts.append(ngettext("dont %(n)d corrigé", "dont %(n)d corrigés", corrected) % {"n": corrected})
    if same:
        parts.append(gettext("%(n)d sans changement") % {"n": same})
    return gettext("%(parts)s.") % {"parts": ", ".join(parts)}
