"""Invoices in French words: their states, their dates, and what is wrong in a file, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.billing.imports import moved_labels, returned_labels
from marelle.billing.models import Invoice, InvoiceLine, Mandate
from marelle.billing.paid import Means, Told
from marelle.billing.reminders.rules import Hold
from marelle.billing.rules import InvoiceState
from marelle.core import french
from marelle.core.french import day_plain, euros_text, join_and, month_text
from marelle.core.money import ZERO, rounded
from marelle.core.refusals import No
from marelle.core.tabular import MEGABYTE, Problem
from marelle.files.labels import file_refused_text

STATES: Final = {
    InvoiceState.TO_PAY: _("à payer"),
    InvoiceState.PART_PAID: _("payée en partie"),
    InvoiceState.PAID: _("payée"),
    InvoiceState.CANCELLED: _("annulée"),
    InvoiceState.CREDITED: _("annulée par un avoir"),
    InvoiceState.CREDIT: _("avoir"),
}
STATE_TONES: Final = {
    InvoiceState.TO_PAY: "warn",
    InvoiceState.PART_PAID: "warn",
    InvoiceState.PAID: "ok",
    InvoiceState.CANCELLED: "plain",
    InvoiceState.CREDITED: "plain",
    InvoiceState.CREDIT: "plain",
}
HELD_STATES: Final[Mapping[Hold, str | Promise]] = {
    Hold.DEBITED: _("sera prélevée"),
    Hold.REFUSED: _("en correction"),
}
"""Instead of its state, of a bill that nobody is to pay by hand (`late.held`)."""
LATE_STATES: Final[Mapping[InvoiceState, str | Promise]] = {
    InvoiceState.TO_PAY: _("en retard"),
    InvoiceState.PART_PAID: _("payée en partie, en retard"),
}
"""Instead of its state, of a bill whose date is past."""


def state_and_tone(state: InvoiceState, *, held: str, is_late: bool) -> tuple[str, str]:
    """What the badge of a bill says; `held`: see `late.held`."""
    if held:
        return str(HELD_STATES[Hold(held)]), "info"
    if is_late:
        return str(LATE_STATES[state]), "error"
    return str(STATES[state]), STATE_TONES[state]


PROBLEMS: Final[dict[str, str | Promise]] = {
    "missing": _("la colonne « {column} » est vide."),
    "number": _(
        "« {value} » n’est pas un numéro de facture : des lettres sans accent, des chiffres, un point ou un "
        "tiret, 40 signes au plus."
    ),
    "day": _("« {value} », colonne « {column} », n’est pas une date : écrivez 25/11/2026."),
    "month": _("« {value} », colonne « {column} », n’est pas un mois : écrivez 11/2026."),
    "year": _("« {value} », colonne « {column} » : cette année n’est pas possible."),
    "amount": _("« {value} », colonne « {column} », n’est pas un montant : écrivez 12,50."),
    "quantity": _(
        "« {value} », colonne « {column} », n’est pas une quantité : écrivez 12 ou 7,5, "
        "deux chiffres au plus après la virgule."
    ),
    "busy": _("Beaucoup de fichiers arrivent en ce moment : renvoyez celui-ci dans une minute."),
    "too_long": _("la colonne « {column} » compte plus de {limit} signes."),
    "kind": _("« {value} » n’est pas une nature de facture : écrivez « mensuelle » ou « autre »."),
    "wrong_month": _("le mois de la facture ({found}) n’est pas celui de l’import ({expected})."),
    "due_before_issue": _("l’échéance vient avant l’émission."),
    "negative_total": _("le total est négatif ({total}) : une facture ne l’est jamais."),
    "too_many_lines": _("cette facture a plus de {limit} lignes."),
    "total_differs": _("le total est de {total}, et les lignes font {added}."),
    "line_differs": _(
        "le montant est de {amount}, et la quantité multipliée par le prix unitaire fait {computed}."
    ),
    "extra_cells": _("la ligne a plus de colonnes que l’en-tête."),
    "differs_from_first": _(
        "la colonne « {column} » n’est pas celle de la ligne {line}, de la même facture."
    ),
    "number_again": _(
        "le numéro « {value} » est déjà à la ligne {line} : une facture a un seul numéro, "
        "et ses lignes se suivent."
    ),
    "family_unknown": _("aucune famille n’a le numéro « {value} »."),
    "structure_unknown": _("aucune structure de la collectivité ne s’appelle « {value} »."),
    "child_unknown": _("aucun enfant de cette famille ne s’appelle « {value} »."),
    "child_ambiguous": _(
        "plusieurs enfants de cette famille s’appellent « {value} » : écrivez prénom et nom."
    ),
    "of_another_family": _("la facture « {value} » existe déjà, pour une autre famille."),
    "already_differs": _(
        "la facture « {value} » existe déjà, avec un autre contenu : "
        "pour la remplacer, dites que ce fichier est une correction."
    ),
    "month_made_here": _(
        "les factures de {month} sont faites par Marelle : un fichier n’en apporte pas d’autres."
    ),
    "made_here": _("la facture « {value} » est faite par Marelle : un fichier ne la remplace pas."),
    "number_to_come": _("le numéro « {value} » sera celui d’une facture de Marelle : prenez-en un autre."),
    "exercise_closed": _("l’exercice {value} est clos\u00a0: aucune facture n’y entre, aucune n’y change."),
    "invoice_unknown": _("aucune facture n’a le numéro « {value} »."),
    "negative_payment": _("un paiement n’est pas négatif."),
    "in_the_future": _("la date du {day} n’est pas encore venue."),
    "state": _(
        "« {value} » n’est pas un état : écrivez « à payer », « payée en partie », « payée » ou « annulée »."
    ),
    "nothing_said": _("ni le montant payé ni l’état ne sont dits."),
    "more_than_total": _("le montant payé, {paid}, dépasse le total de la facture, {total}."),
    "state_differs": _("l’état ne va pas avec le montant payé, {paid} sur {total}."),
    "goes_back": _(
        "{paid} étaient déjà payés, ou la facture était annulée : "
        "pour revenir dessus, dites que ce fichier est une correction."
    ),
    **returned_labels.PROBLEMS,
    **moved_labels.PROBLEMS,
    "in_a_folder": _("les PDF sont à la racine du ZIP, sans dossier."),
    "nested": _("c’est un ZIP dans le ZIP : mettez les PDF eux-mêmes."),
    "not_a_number": _("un PDF porte le numéro de sa facture : par exemple 2026-00123.pdf."),
    "twice": _("ce numéro vient deux fois."),
    "encrypted": _("ce fichier est protégé par un mot de passe."),
    "packing": _("ce fichier est compressé d’une façon inconnue : refaites le ZIP."),
    "broken": _("ce fichier est abîmé : refaites le ZIP."),
    "too_big_inside": _("ce fichier est trop lourd, une fois décompressé."),
    "empty_inside": _("ce fichier est vide."),
    "not_a_pdf": _("ce n’est pas un PDF."),
    "already_has_pdf": _(
        "cette facture a déjà un autre PDF : pour le remplacer, dites que ce fichier est une correction."
    ),
}

UNREADABLE: Final[dict[str, str | Promise]] = {
    "empty": _("Ce fichier est vide : choisissez-en un autre."),
    "spreadsheet": _(
        "C’est un classeur, pas un CSV : dans le tableur, choisissez « Enregistrer sous », puis « CSV »."
    ),
    "binary": _("Ce fichier ne se lit pas comme un CSV : exportez-le à nouveau."),
    "no_rows": _("Ce fichier ne contient aucune ligne."),
    "no_header": _(
        "La première ligne ne nomme aucune colonne connue : elle commence par « facture ; famille ; mois »… "
        "pour des factures, par « facture ; payé » pour des paiements."
    ),
    "repeated_column": _("La colonne « {column} » vient deux fois."),
    "not_zip": _("Ce fichier n’est pas un ZIP : choisissez le ZIP des PDF."),
    "forgotten": _("Ce fichier a été lu il y a trop longtemps : envoyez-le à nouveau."),
    "too_big": _("Ce fichier est trop lourd : {megabytes} Mo au plus."),
    "too_many_rows": _("Ce fichier a plus de {limit} lignes : coupez-le en deux."),
    "long_cell": _("À la ligne {line}, une case a plus de {limit} lettres : raccourcissez-la."),
    "open_quote": _(
        'À la ligne {line}, un guillemet (") s’ouvre et ne se ferme pas, ou il y en a un de trop : '
        "corrigez cette ligne, puis recommencez."
    ),
    "busy": _("Beaucoup de fichiers arrivent en ce moment : renvoyez celui-ci dans une minute."),
    "unscanned": _(
        "Les virus ne peuvent pas être recherchés pour le moment : rien n’est importé. Renvoyez ce fichier "
        "dans quelques minutes."
    ),
    "infected": _("Un virus a été trouvé dans ce fichier : rien n’est importé, et rien n’en a été gardé."),
    "too_long": _("Ces PDF demandent trop de temps au serveur : faites-en plusieurs ZIP."),
    "too_many_files": _("Ce ZIP a plus de {limit} fichiers : faites-en plusieurs."),
    **returned_labels.UNREADABLE,
    "already": _("Ce fichier est déjà importé : rien n’a changé."),
    "same_person": _(
        "Ce fichier contient des comptes bancaires\u00a0: une autre personne que celle qui l’a envoyé le "
        "confirme."
    ),
}


@dataclass(frozen=True, slots=True)
class ChildLines:
    """Lines of one child, or of the whole home; `total` in euros."""

    name: str
    lines: tuple[InvoiceLine, ...]
    total: Decimal


def by_child(lines: Iterable[InvoiceLine]) -> tuple[ChildLines, ...]:
    """The lines of an invoice, child by child, in the order in which each first comes."""
    groups: dict[int | None, list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault(line.child_id, []).append(line)
    return tuple(
        ChildLines(
            str(found[0].child) if found[0].child else gettext("Pour le foyer"),
            tuple(found),
            sum((line.amount for line in found), ZERO),
        )
        for found in groups.values()
    )


def line_cells(line: InvoiceLine) -> tuple[str, str, str, str]:
    """What is billed, how many, at what price, for how much."""
    what = f"{line.activity} : {line.label}" if line.label else line.activity
    return what, number_text(line.quantity), price_text(line.unit_price), euros_text(line.amount)


def payment_text(one: Told) -> str:
    """ "12,50 €, retour du Trésor public"; of what was known before its detail, the amount alone."""
    if one.means == Means.KNOWN:
        return euros_text(one.amount)
    return gettext("%(amount)s, %(means)s") % {"amount": euros_text(one.amount), "means": one.means.label}


def payment_term(one: Told) -> str:
    """ "Payé le 15 décembre 2026"."""
    said = gettext("Payé le %(day)s") if one.amount > 0 else gettext("Repris le %(day)s")
    return said % {"day": day_plain(one.on)}


def number_text(quantity: Decimal) -> str:
    """ "12", "7,5"."""
    return f"{quantity.normalize():f}".replace(".", ",")


def price_text(price: Decimal) -> str:
    """To the cent; finer where the price is: "0,0457 €"."""
    if price == rounded(price):
        return euros_text(price)
    return f"{price.normalize():f}".replace(".", ",") + "\u00a0€"


def problem_text(problem: Problem) -> str:
    """ "Ligne 12 : aucune famille n’a le numéro « F00999 ».", or by the name of a file of a ZIP."""
    refusal = problem.data.get("refusal")
    said = (
        file_refused_text(refusal) if refusal else str(PROBLEMS[problem.code]).format(**_told(problem.data))
    )
    if not problem.where:
        return said
    if problem.where.isdigit():
        return gettext("Ligne %(line)s : %(said)s") % {"line": problem.where, "said": said}
    return gettext("%(name)s : %(said)s") % {"name": problem.where, "said": said}


def refusal_text(refusal: No) -> str:
    """Why a file as a whole is refused, and what to do."""
    if refusal.code == "missing_columns":
        columns = refusal.data["columns"]
        said = ngettext(
            "Il manque la colonne %(columns)s.", "Il manque les colonnes %(columns)s.", len(columns)
        )
        return said % {"columns": join_and([f"« {column} »" for column in columns])}
    if refusal.code == "problems":
        count = refusal.data["count"]
        return ngettext(
            "%(n)d ligne est à corriger : rien n’est importé.",
            "%(n)d lignes sont à corriger : rien n’est importé.",
            count,
        ) % {"n": count}
    told = dict(refusal.data)
    if "limit" in told:
        told["megabytes"] = told["limit"] // MEGABYTE
        told["limit"] = french.number_text(told["limit"])
    return str(UNREADABLE[refusal.code]).format(**told)


def counts_text(kind: str, counts: Mapping[str, Any]) -> str:
    """What an import does or did, in one sentence."""
    if kind in ("invoices", "past"):
        return _invoices_text(counts)
    if kind == "payments":
        return _payments_text(counts)
    if kind in ("tresor", "tresor_csv"):
        return returned_labels.returns_text(counts)
    if kind == "mandates":
        return moved_labels.mandates_text(counts)
    if kind == "balances":
        return moved_labels.balances_text(counts)
    attached, replaced, same = counts.get("attached", 0), counts.get("replaced", 0), counts.get("same", 0)
    parts = [ngettext("%(n)d PDF joint", "%(n)d PDF joints", attached) % {"n": attached}]
    if replaced:
        parts.append(ngettext("%(n)d remplacé", "%(n)d remplacés", replaced) % {"n": replaced})
    if same:
        parts.append(gettext("%(n)d déjà là") % {"n": same})
    return gettext("%(parts)s.") % {"parts": join_and(parts)}


def _invoices_text(counts: Mapping[str, Any]) -> str:
    created, corrected, same = counts.get("created", 0), counts.get("corrected", 0), counts.get("same", 0)
    parts = [ngettext("%(n)d nouvelle facture", "%(n)d nouvelles factures", created) % {"n": created}]
    if corrected:
        parts.append(ngettext("%(n)d corrigée", "%(n)d corrigées", corrected) % {"n": corrected})
    if same:
        parts.append(gettext("%(n)d déjà là, sans changement") % {"n": same})
    lines, families = counts.get("lines", 0), counts.get("families", 0)
    told = {
        "parts": join_and(parts),
        "lines": ngettext("%(n)d ligne", "%(n)d lignes", lines) % {"n": lines},
        "families": ngettext("%(n)d famille", "%(n)d familles", families) % {"n": families},
        "total": euros_text(Decimal(counts.get("total", "0"))),
    }
    return gettext("%(parts)s : %(lines)s pour %(families)s, %(total)s en tout.") % told


def _payments_text(counts: Mapping[str, Any]) -> str:
    changed, same, cancelled = counts.get("changed", 0), counts.get("same", 0), counts.get("cancelled", 0)
    parts = [ngettext("%(n)d facture mise à jour", "%(n)d factures mises à jour", changed) % {"n": changed}]
    if cancelled:
        parts.append(ngettext("dont %(n)d annulée", "dont %(n)d annulées", cancelled) % {"n": cancelled})
    if same:
        parts.append(gettext("%(n)d sans changement") % {"n": same})
    total = Decimal(counts.get("total", "0"))
    told = {"parts": ", ".join(parts), "total": euros_text(abs(total))}
    if total < 0:
        return gettext("%(parts)s\u00a0: %(total)s de paiements en moins.") % told
    return gettext("%(parts)s\u00a0: %(total)s de paiements en plus.") % told


def _told(data: Mapping[str, Any]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in data.items():
        if isinstance(value, Decimal):
            told[name] = euros_text(value)
        elif isinstance(value, date):
            told[name] = day_plain(value) if name == "day" else month_text(value)
        else:
            told[name] = str(value)
    return told


LATE_BILL: Final = _(
    "Une facture est en retard de paiement\u00a0: voyez «\u00a0Mes factures\u00a0», ou appelez "
    "votre structure."
)
"""To a home, wherever an activity does something of it."""
MANDATE_TONES: Final[Mapping[str, str]] = {
    Mandate.State.WAITING: "warn",
    Mandate.State.ACTIVE: "ok",
    Mandate.State.ENDED: "plain",
}


def debit_told(invoice: Invoice) -> str:
    """ "Sera prélevé le 4 janvier 2027, ou peu après, sur le compte finissant par 0189": of a bill that
    announced it. A file that leaves late is debited later, never sooner."""
    told = {
        "day": day_plain(invoice.due_on),
        "account": account_told(invoice.debit.mandate.last_digits),
    }
    return gettext("Sera prélevé le %(day)s, ou peu après, sur le %(account)s") % told


def account_told(last_digits: str) -> str:
    """ "compte finissant par 0189": an account is shown by its end."""
    return gettext("compte finissant par %(end)s") % {"end": last_digits}
