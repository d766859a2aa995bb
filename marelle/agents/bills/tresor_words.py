"""What leaves for the Trésor, in French: each point that it would refuse, and where it is mended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.billing.models import TresorExport, TresorTerms
from marelle.billing.tresor.checks import DEBTOR_FIELDS, Point, Problem
from marelle.billing.tresor.files import export_name
from marelle.billing.tresor.pieces import Sort
from marelle.billing.tresor.report import Batch, FileDraft, LeftOut, Report, Waiting
from marelle.core.french import day_plain, euros_text, instant_long_year, month_text
from marelle.core.refusals import No

POINTS: Final[Mapping[Point, str | Promise]] = {
    Point.POST: gettext_lazy("Le codique du poste comptable (six ou sept chiffres) manque."),
    Point.COLLECTION: gettext_lazy("Le code collectivité (trois chiffres) manque."),
    Point.ACRONYM: gettext_lazy("Le sigle (32 signes au plus) manque."),
    Point.SIRET: gettext_lazy("Le SIRET de la collectivité manque, ou sa clé est fausse."),
    Point.ADDRESS: gettext_lazy("L’adresse de la collectivité manque."),
    Point.PERIOD: gettext_lazy("Dites ce que devient un mois de deux chiffres, avec votre comptable."),
    Point.EXERCISE: gettext_lazy("L’exercice %(what)s n’est pas ouvert\u00a0: il finit un 31 janvier."),
    Point.CANCELLED: gettext_lazy("Elle est annulée."),
    Point.NIL: gettext_lazy("Elle ne demande rien\u00a0: une facture à zéro ne part pas."),
    Point.PDF: gettext_lazy("PDF en cours\u00a0: revenez dans un instant."),
    Point.SUM: gettext_lazy("Ses lignes ne font pas son total."),
    Point.BUDGET: gettext_lazy("Un budget n’a pas son code (deux chiffres)\u00a0: %(what)s"),
    Point.BUDGETS: gettext_lazy("Elle porte sur plusieurs budgets (%(what)s), qui ont chacun leur fichier."),
    Point.PRODUCT: gettext_lazy("Un compte n’a pas de code produit (quatre signes au plus)\u00a0: %(what)s"),
    Point.ACCOUNT: gettext_lazy("Un tarif n’a pas de compte en chiffres\u00a0: %(what)s"),
    Point.ORIGIN: gettext_lazy("La facture que cet avoir corrige n’est pas encore transmise."),
    Point.OVER: gettext_lazy("Les avoirs de cette facture dépassent son montant."),
    Point.NAME: gettext_lazy("Son nom manque, ou ne s’écrit pas en lettres latines."),
    Point.FIRST_NAME: gettext_lazy("Son prénom manque, ou ne s’écrit pas en lettres latines."),
    Point.CIVILITY: gettext_lazy("Sa civilité manque."),
    Point.PAYER_SIRET: gettext_lazy("Son SIRET manque, ou sa clé est fausse."),
    Point.STREET: gettext_lazy("Sa rue manque."),
    Point.POSTAL_CODE: gettext_lazy("Son code postal n’a pas cinq chiffres."),
    Point.CITY: gettext_lazy("Sa commune manque."),
    Point.COUNTRY: gettext_lazy("Son pays n’est pas connu du Trésor\u00a0: %(what)s"),
    Point.DEBIT_ENDED: gettext_lazy("Le mandat annoncé est arrêté\u00a0: le foyer paie autrement."),
    Point.DEBIT_LAPSED: gettext_lazy("Le mandat annoncé n’a pas servi depuis 36 mois\u00a0: il est éteint."),
    Point.DEBIT_ICS: gettext_lazy("Le mandat annoncé a un autre identifiant (ICS)\u00a0: %(what)s"),
    Point.DEBIT_HOLDER: gettext_lazy("Le titulaire ne s’écrit pas en lettres latines\u00a0: %(what)s"),
    Point.DEBIT_SEALED: gettext_lazy("Comptes illisibles\u00a0: prévenez qui s’occupe du serveur."),
}  # fmt: skip
SETTINGS: Final = frozenset(
    {
        Point.POST,
        Point.COLLECTION,
        Point.ACRONYM,
        Point.PERIOD,
        Point.BUDGET,
        Point.PRODUCT,
        Point.DEBIT_ICS,
    }
)
OTHERS: Final = gettext_lazy("tous les autres")

REFUSALS: Final[Mapping[str, str | Promise]] = {
    "changed": gettext_lazy("Ce qui doit partir a changé entre-temps\u00a0: regardez à nouveau."),
    "lacking": gettext_lazy("Il manque encore quelque chose\u00a0: rien n’est parti."),
    "rehearsal": gettext_lazy("C’est une répétition\u00a0: aucun fichier ne part pour le Trésor."),
    "nothing": gettext_lazy("Il n’y a rien à transmettre."),
    "cancelled": gettext_lazy("Ce fichier est déjà annulé."),
    "reduced": gettext_lazy("Un fichier de réductions nomme une de ses pièces\u00a0: annulez-le d’abord."),
    "taken": gettext_lazy(
        "Le Trésor a pris en charge des pièces de ce fichier\u00a0: renvoyez une à une celles qu’il rejette."
    ),
    "sent": gettext_lazy("Cette facture est déjà dans un fichier\u00a0: annulez-le d’abord."),
    "complete": gettext_lazy("Il n’y manque rien de tel."),
}


def refusal_text(refusal: No) -> str:
    return str(REFUSALS[refusal.code])


def problem_text(one: Problem) -> str:
    return str(POINTS[one.point]) % {"what": one.what or OTHERS}


@dataclass(frozen=True, slots=True)
class Line:
    """`url` is "" for what leads nowhere."""

    title: str
    detail: str
    url: str = ""
    state: str = ""
    tone: str = "plain"


def waiting_line(one: Waiting, *, several: bool) -> Line:
    """`several`: authorities, of which each is named."""
    names = [month_text(one.batch.month), *([one.authority] if several else [])]
    what = _("Avoirs") if one.batch.is_credit else _("Factures")
    told = [_counted(one.count), euros_text(one.total), _exercise(one.batch.exercise)]
    return Line(f"{what} · {' · '.join(names)}", " · ".join(told), report_url(one))


def report_url(one: Waiting) -> str:
    name = "agents_bills:tresor_credits" if one.batch.is_credit else "agents_bills:tresor_report"
    return reverse(name, args=[one.run_id])


def _counted(count: int) -> str:
    return ngettext("%(n)d pièce", "%(n)d pièces", count) % {"n": count}


def _exercise(exercise: int) -> str:
    return _("exercice %(year)d") % {"year": exercise}


def export_line(one: TresorExport, *, several: bool) -> Line:
    names = [
        f"{capfirst(str(Sort(one.sort).label))} n°\u00a0{one.number}",
        month_text(one.month),
        *([one.authority.name] if several else []),
    ]
    told = [
        _counted(one.count),
        euros_text(one.net + one.tax),
        _("le %(day)s") % {"day": day_plain(one.issued_on)},
    ]
    url = reverse("agents_bills:tresor_export", args=[one.pk])
    return Line(" · ".join(map(str, names)), " · ".join(told), url, *_state(one))


def _state(one: TresorExport) -> tuple[str, str]:
    if one.cancelled_at:
        return _("annulé"), "plain"
    return (_("prêt"), "ok") if one.key else (_("en préparation"), "warn")


def terms_line(row: TresorTerms | None, name: str, authority_id: int) -> Line:
    told = _("à régler avant le premier envoi")
    if row is not None:
        told = f"{row.get_sort_display()} · {row.get_layout_display()}"
    return Line(name, told, reverse("agents_bills:tresor_terms", args=[authority_id]))


def batch_title(batch: Batch) -> str:
    what = _("Avoirs") if batch.is_credit else _("Factures")
    return f"{what} · {month_text(batch.month)}"


@dataclass(frozen=True, slots=True)
class FileShown:
    title: str
    facts: list[tuple[str, str]]
    problems: list[Line]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    lines: list[Line]


def report_page(report: Report, apart: Collection[int]) -> dict[str, Any]:
    """`apart`: homes whose files the reader does not open: their bills are counted, and not named."""
    named = [one for one in report.left_out if one.family_id not in apart]
    return {
        "files": [_file(report, one) for one in report.files],
        "groups": list(_groups(report, named)),
        "undebited": list(_groups(report, [one for one in report.undebited if one.family_id not in apart])),
        "hidden": len(report.left_out) - len(named),
        "left_out": len(report.left_out),
        "may_leave": report.may_leave and any(one.bills for one in report.files),
        "seen": report.seen,
    }


def _file(report: Report, draft: FileDraft) -> FileShown:
    facts = [
        (_("Pièces"), str(len(draft.bills))),
        (_("Total"), euros_text(draft.total)),
        *([(_("dont TVA"), euros_text(draft.tax))] if draft.tax else []),
        *([(_("Prélevées par le Trésor"), str(len(draft.drawn)))] if draft.drawn else []),
        *(
            (
                _("Compte %(account)s") % {"account": account} if account else _("Sans compte"),
                euros_text(amount),
            )
            for account, amount in sorted(draft.accounts.items())
        ),
    ]
    budget = _("budget %(code)s") % {"code": draft.budget or "—"}
    problems = [Line(problem_text(one), "", _mended(one.point, report)) for one in draft.problems]
    return FileShown(f"{capfirst(str(report.sort.label))} · {budget}", facts, problems)


def _mended(point: Point, report: Report) -> str:
    if point in SETTINGS:
        return reverse("agents_bills:tresor_terms", args=[report.batch.authority_id])
    if point in (Point.SIRET, Point.ADDRESS):
        return reverse("agents_authorities:authority", args=[report.batch.authority_id])
    return ""


def _groups(report: Report, rows: Iterable[LeftOut]) -> Iterable[Group]:
    found: dict[str, list[Line]] = {}
    for one in rows:
        for problem in one.problems:
            url = _mended(problem.point, report)
            if problem.point in DEBTOR_FIELDS:
                url = reverse("agents_bills:tresor_bill", args=[one.bill.id])
            line = Line(one.bill.addressed.name, one.bill.number, url)
            found.setdefault(problem_text(problem), []).append(line)
    return [Group(f"{title} ({len(lines)})", lines) for title, lines in found.items()]


def export_page(one: TresorExport) -> dict[str, Any]:
    facts = [
        (_("Fichier"), export_name(one)),
        (_("Pièces"), str(one.count)),
        (_("Total"), euros_text(one.net + one.tax)),
        (_("Date du bordereau"), day_plain(one.issued_on)),
        (_("Exercice"), str(one.exercise)),
        (_("Budget"), one.budget),
        (_("Demandé"), _who(one.made_at, one.made_by)),
        *([(_("Empreinte (SHA-256)"), one.sha256)] if one.sha256 else []),
    ]
    if one.cancelled_at:
        facts += [(_("Annulé"), _who(one.cancelled_at, one.cancelled_by)), (_("Motif"), one.reason)]
    return {"line": export_line(one, several=False), "facts": facts, "row": one, "follows": not one.key}


def _who(at: Any, who: str) -> str:
    return _("le %(at)s par %(who)s") % {"at": instant_long_year(at), "who": who}
