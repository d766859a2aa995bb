"""What is wrong in a file of the Trésor, and what it does, in French words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import euros_text, join_and

PROBLEMS: Final[dict[str, str | Promise]] = {
    "ack": _("«\u00a0{value}\u00a0» n’est pas un acquittement\u00a0: 1 est accepté, 0 refusé."),
    "before_its_file": _(
        "ce retour est daté du {day}, avant le départ du fichier n°\u00a0{number} auquel il répond\u00a0: "
        "il parle d’un autre envoi."
    ),
    "piece_state": _("«\u00a0{value}\u00a0» n’est pas un état de pièce\u00a0: de 01 à 05."),
    "missing_number": _("le numéro manque ou n’en est pas un\u00a0: {column}."),
    "returned_state": _(
        "«\u00a0{value}\u00a0» n’est pas un état\u00a0: écrivez «\u00a0en attente\u00a0», "
        "«\u00a0prise en charge\u00a0», «\u00a0prise en charge en partie\u00a0», «\u00a0rejetée\u00a0» ou "
        "«\u00a0annulée\u00a0»."
    ),
    "nothing_returned": _("ni un état ni un montant n’est dit."),
    "of_nothing": _(
        "dites de quoi il s’agit\u00a0: la facture, la dette, ou l’exercice, le bordereau et la pièce."
    ),
    "not_digits": _("«\u00a0{value}\u00a0», colonne «\u00a0{column}\u00a0», s’écrit en chiffres."),
}

UNREADABLE: Final[dict[str, str | Promise]] = {
    "zipped": _("Ce fichier est compressé\u00a0: envoyez le XML lui-même, une fois décompressé."),
    "not_xml": _("Ce fichier n’est pas un XML\u00a0: choisissez celui que le Trésor vous a envoyé."),
    "declares": _("Ce XML contient un DOCTYPE, que le Trésor n’écrit jamais\u00a0: il n’est pas lu."),
    "cut": _("Ce fichier s’arrête au milieu\u00a0: téléchargez-le à nouveau, il n’est pas entier."),
    "broken_xml": _("Ce XML est abîmé à la ligne {line}\u00a0: téléchargez-le à nouveau."),
    "broken_file": _("Ce fichier ne se lit pas\u00a0: téléchargez-le à nouveau."),
    "too_deep": _("Ce XML n’est pas un retour du Trésor\u00a0: il est imbriqué trop profond."),
    "too_many_nodes": _("Ce fichier est trop long\u00a0: demandez au Trésor un retour par mois."),
    "not_return": _(
        "Ce XML n’est ni un acquittement (PES_ACQUIT) ni un PES Retour Recette\u00a0: choisissez-en un autre."
    ),
    "no_pieces": _("Ce fichier ne parle d’aucune pièce."),
    "old": _(
        "Cet import date d’avant que Marelle sache les annuler\u00a0: corrigez-le par un autre fichier."
    ),
    "later": _(
        "Le fichier «\u00a0{file}\u00a0», lu depuis, s’appuie sur celui-ci\u00a0: annulez-le d’abord."
    ),
    "by_hand": _(
        "Ce qu’un agent a noté depuis sur la facture {bill} s’appuie sur ce fichier\u00a0: rien n’est annulé."
    ),
    "whose": _("Ce fichier ne dit pas de quelle collectivité il est\u00a0: il n’est pas lu."),
    "other_authority": _("Ce fichier est d’une autre collectivité ({value})\u00a0: il n’est pas lu."),
}


def returns_text(counts: Mapping[str, Any]) -> str:
    """What an import does or did, in one sentence."""
    pieces, rejected, paid, back, still_paid, strays, same, unknown = (
        counts.get(name, 0)
        for name in ("pieces", "rejected", "paid", "back", "still_paid", "strays", "same", "unknown")
    )
    parts = [ngettext("%(n)d pièce change d’état", "%(n)d pièces changent d’état", pieces) % {"n": pieces}]
    if rejected:
        parts.append(ngettext("dont %(n)d rejetée", "dont %(n)d rejetées", rejected) % {"n": rejected})
    total = Decimal(counts.get("total", "0"))
    said = (
        ngettext("%(n)d facture payée de %(total)s", "%(n)d factures payées de %(total)s", paid)
        if total >= 0
        else ngettext(
            "%(total)s repris sur %(n)d facture", "%(total)s repris en tout sur %(n)d factures", paid
        )
    )
    parts.append(said % {"n": paid, "total": euros_text(abs(total))})
    if back and total >= 0:  # Of files of before, whose rejections took back what was paid.
        said = ngettext("%(n)d paiement repris", "%(n)d paiements repris", back)
        parts.append(said % {"n": back})
    if still_paid:
        said = ngettext(
            "%(n)d facture rejetée est payée de %(total)s\u00a0: à vous de décider",
            "%(n)d factures rejetées sont payées de %(total)s\u00a0: à vous de décider",
            still_paid,
        )
        parts.append(said % {"n": still_paid, "total": euros_text(Decimal(counts["still_paid_total"]))})
    if strays:
        said = ngettext("%(n)d encaissement à rattacher", "%(n)d encaissements à rattacher", strays)
        parts.append(said % {"n": strays})
    if same:
        parts.append(ngettext("%(n)d montant déjà connu", "%(n)d montants déjà connus", same) % {"n": same})
    if unknown:
        said = ngettext("%(n)d pièce d’un autre logiciel", "%(n)d pièces d’un autre logiciel", unknown)
        parts.append(said % {"n": unknown})
    return gettext("%(parts)s.") % {"parts": join_and(parts)}
