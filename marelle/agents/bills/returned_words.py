"""What the Trésor sent back, in French: where a piece stands, why it is rejected and how that is mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.bills.tresor_words import Line
from marelle.billing.models import ExportedBill, ImportRun, Payment, StrayPayment
from marelle.billing.paid import Means, Stray
from marelle.billing.tresor.pieces import Sort
from marelle.billing.tresor.reasons import Reason, reason_of
from marelle.billing.tresor.returns import PieceState
from marelle.core.french import day_plain, euros_text
from marelle.core.refusals import No

TONES: Final = {
    PieceState.REJECTED: "error",
    PieceState.PARTLY: "warn",
    PieceState.WAITING: "warn",
    PieceState.TAKEN: "ok",
}
MENDED: Final[Mapping[Reason, str | Promise]] = {
    Reason.TWICE: gettext_lazy(
        "Le Trésor l’a déjà\u00a0: voyez avec lui avant de la renvoyer, elle serait due deux fois."
    ),
    Reason.SIRET: gettext_lazy("Corrigez le SIRET du payeur, puis renvoyez la facture."),
    Reason.ADDRESS: gettext_lazy("Corrigez l’adresse, ici et sur le dossier, puis renvoyez la facture."),
    Reason.DEBTOR: gettext_lazy(
        "Corrigez le nom, le prénom ou la civilité, ici et sur le dossier, puis renvoyez la facture."
    ),
    Reason.PRODUCT: gettext_lazy("Corrigez le code produit dans les réglages, puis renvoyez la facture."),
    Reason.SETTINGS: gettext_lazy("Corrigez les codes dans les réglages, puis renvoyez la facture."),
    Reason.EXERCISE: gettext_lazy("L’exercice n’est pas ouvert\u00a0: voyez avec la trésorerie."),
    Reason.ATTACHMENT: gettext_lazy("Le PDF n’est pas arrivé entier\u00a0: renvoyez la facture."),
    Reason.ACCOUNT: gettext_lazy("Le compte n’est pas bon\u00a0: voyez avec la trésorerie lequel."),
    Reason.ORIGIN: gettext_lazy("La facture que cet avoir corrige n’est pas encore prise en charge."),
    Reason.UNKNOWN: gettext_lazy(
        "Marelle ne connaît pas ce motif\u00a0: voyez avec la trésorerie, puis renvoyez la facture."
    ),
}
"""What to do, once for each reason."""

REFUSALS: Final[Mapping[str, str | Promise]] = {
    "settled": gettext_lazy("Un collègue s’en est déjà occupé."),
    "unknown": gettext_lazy("Aucune facture de cette collectivité n’a ce numéro."),
    "own": gettext_lazy("Cette facture est de votre propre famille\u00a0: un collègue s’en occupe."),
    "open": gettext_lazy(
        "Il n’y a rien à noter\u00a0: elle est payée ici, ou le Trésor ne la dit plus soldée."
    ),
    "unpaid": gettext_lazy("Il n’y a rien à reprendre\u00a0: rien n’est payé de cette facture."),
    "taken": gettext_lazy("Le Trésor n’a pas rejeté cette facture\u00a0: elle ne repart pas."),
}


def refusal_text(refusal: No) -> str:
    if refusal.code == "more":
        told = {"left": euros_text(refusal.data["left"])}
        return _("C’est plus que ce qui reste à payer de cette facture\u00a0: %(left)s.") % told
    if refusal.code == "less":
        told = {"paid": euros_text(refusal.data["paid"])}
        return _("C’est plus que ce qui est payé de cette facture\u00a0: %(paid)s.") % told
    return str(REFUSALS[refusal.code])


@dataclass(frozen=True, slots=True)
class PieceShown:
    """`mend`: what to do of a rejected one; `links`, where."""

    title: str
    facts: list[tuple[str, str]]
    state: str
    tone: str
    mend: str = ""
    links: Sequence[Line] = ()


def piece_state(row: ExportedBill) -> str:
    return str(PieceState(row.state).label) if row.state else _("sans nouvelle")


def piece_shown(row: ExportedBill) -> PieceShown:
    export = row.export
    told = {"sort": capfirst(str(Sort(export.sort).label)), "number": export.number, "piece": row.piece}
    facts = [
        (_("Exercice"), str(export.exercise)),
        (_("Numéro de dette"), row.debt),
        (_("Depuis le"), day_plain(row.state_on) if row.state_on else ""),
        (_("Motif donné par le Trésor"), _why(row)),
        (_("Soldée au Trésor"), _("oui") if row.settled else ""),
        (_("Remplacée"), _("elle repart, ou est repartie, dans un autre fichier") if not row.live else ""),
    ]
    is_rejected = row.state == PieceState.REJECTED
    reason = reason_of(row.said)
    return PieceShown(
        _("%(sort)s n°\u00a0%(number)d, pièce %(piece)d") % told,
        [(term, said) for term, said in facts if said],
        piece_state(row),
        TONES.get(PieceState(row.state), "plain") if row.state else "plain",
        str(MENDED[reason]) if is_rejected else "",
        _ways(row, reason) if is_rejected else (),
    )


def _why(row: ExportedBill) -> str:
    return " · ".join(filter(None, (row.code, row.said)))


def _ways(row: ExportedBill, reason: Reason) -> list[Line]:
    """Where it is mended."""
    bill = row.invoice
    if reason in (Reason.PRODUCT, Reason.SETTINGS):
        url = reverse("agents_bills:tresor_terms", args=[bill.authority_id])
        return [Line(_("Réglages de l’envoi au Trésor"), "", url)]
    if bill.payer_id is not None:
        return [Line(_("Payeur"), "", reverse("agents_bills:payer", args=[bill.payer_id]))]
    if reason in (Reason.ADDRESS, Reason.DEBTOR, Reason.UNKNOWN):
        return [
            Line(_("Dossier de la famille"), "", reverse("agents_families:family", args=[bill.family_id]))
        ]
    return []


def rejected_line(row: ExportedBill, *, several: bool) -> Line:
    """`several`: authorities, of which each is named."""
    names = [row.invoice.number, str(row.invoice.addressee)]
    told = [
        _why(row) or _("sans motif"),
        _("le %(day)s") % {"day": day_plain(row.state_on)} if row.state_on else "",
        row.export.authority.short_name if several else "",
    ]
    url = reverse("agents_bills:tresor_bill", args=[row.invoice_id])
    return Line(" · ".join(names), " · ".join(filter(None, told)), url, piece_state(row), "error")


def paid_title(count: int, total: Decimal) -> str:
    """Of a file of which pieces are rejected and paid."""
    told = {"n": count, "total": euros_text(total)}
    return (
        ngettext(
            "%(n)d facture rejetée est payée de %(total)s.",
            "%(n)d factures rejetées sont payées de %(total)s.",
            count,
        )
        % told
    )


def paid_line(row: ExportedBill) -> Line:
    bill = row.invoice
    url = reverse("agents_bills:tresor_bill", args=[bill.pk])
    told = _("%(paid)s payés sur %(total)s") % {
        "paid": euros_text(bill.paid),
        "total": euros_text(bill.total),
    }
    return Line(f"{bill.number} · {bill.addressee}", f"{told} · {_why(row) or _('sans motif')}", url)


def payment_from(row: Payment) -> tuple[str, str]:
    """An amount and what it came from: "15 décembre 2026", "12,50 €, retour.xml, importé le …"."""
    run = row.read_in
    came = str(Means(row.means).label)
    if run is not None:
        came = f"{ImportRun.Kind(run.kind).label}, {run.file_name}"
    elif row.means == Means.HAND:
        came = _("noté par %(who)s") % {"who": row.recorded_by}
    return day_plain(row.on), f"{euros_text(row.amount)} · {came}"


def waiting_tag(count: int) -> tuple[str, str]:
    """How many wait, and in which tone that is said."""
    return str(count), "warn" if count else "plain"


def stray_line(row: StrayPayment, *, several: bool) -> Line:
    told = [row.said, str(Stray(row.why).label), row.authority.short_name if several else ""]
    day = {"amount": euros_text(row.amount), "day": day_plain(row.on)}
    url = reverse("agents_bills:stray", args=[row.pk])
    return Line(_("%(amount)s, le %(day)s") % day, " · ".join(filter(None, told)), url)


@dataclass(frozen=True, slots=True)
class StrayChoice:
    """One that may be ticked, among others."""

    id: int
    is_ticked: bool
    line: Line


def stray_choice(row: StrayPayment, *, several: bool, is_ticked: bool) -> StrayChoice:
    return StrayChoice(row.pk, is_ticked, stray_line(row, several=several))


def aside_text(count: int) -> str:
    return ngettext("%(n)d encaissement est écarté.", "%(n)d encaissements sont écartés.", count) % {
        "n": count
    }


def settled_text(count: int) -> str:
    """Of those that were ticked and wait no more."""
    return ngettext(
        "%(n)d n’attendait plus\u00a0: un collègue s’en est occupé.",
        "%(n)d n’attendaient plus\u00a0: un collègue s’en est occupé.",
        count,
    ) % {"n": count}


def stray_facts(row: StrayPayment) -> list[tuple[str, str]]:
    facts = [
        (_("Montant"), euros_text(row.amount)),
        (_("Jour"), day_plain(row.on)),
        (_("Ce que dit le fichier"), row.said),
        (_("Pourquoi il attend"), str(capfirst(str(Stray(row.why).label)))),
        (_("Facture nommée"), row.invoice.number if row.invoice else ""),
        (_("Fichier"), row.read_in.file_name),
    ]
    return [(term, said) for term, said in facts if said]


def states_counted(counts: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    """Of the pieces of a file, by state."""
    return [
        (str(capfirst(str(PieceState(state).label))), ngettext("%(n)d pièce", "%(n)d pièces", n) % {"n": n})
        for state, n in counts
        if state
    ]
