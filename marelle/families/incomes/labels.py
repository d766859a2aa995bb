"""Incomes in French, for who may read them and for who sees only that there are some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.french import day_plain, euros_text
from marelle.core.refusals import Refusal
from marelle.core.sealed import UNAVAILABLE
from marelle.families.file.labels import refusal_text as file_refusal_text
from marelle.families.incomes.rules import COUNTS, IncomeKind, IncomeRow, is_holding


def told_text(row: IncomeRow) -> str:
    """ "734,00 €", "3 enfants", "non communiqué"; "noté" where it is not for the reader."""
    if row.lost:
        return str(UNAVAILABLE)
    if row.told is None:
        return _("noté")
    if row.told.amount is None:
        return str(row.told.status.label)
    if row.kind in COUNTS:
        count = int(row.told.amount)
        return ngettext("%(count)s enfant", "%(count)s enfants", count) % {"count": count}
    return euros_text(row.told.amount)


def days_text(row: IncomeRow) -> str:
    """ "depuis le 1er septembre 2026", or "du … au …"."""
    since = day_plain(row.since)
    if row.until is None:
        return _("depuis le %(since)s") % {"since": since}
    return _("du %(since)s au %(until)s") % {"since": since, "until": day_plain(row.until)}


def kind_text(kind: IncomeKind) -> str:
    return str(kind.label[:1].upper() + kind.label[1:])


def income_lines(
    rows: Iterable[IncomeRow], day: date, names: Mapping[int, str] | None = None
) -> tuple[str, ...]:
    """ "Quotient familial : 734,00 €, depuis le 1er septembre 2026" for each that holds on `day`. `names` are
    those of the authorities, by id."""
    rows = tuple(rows)
    found = []
    for row in (row for kind in IncomeKind for row in rows if row.kind == kind):
        if is_holding(row, rows, day):
            told = {"kind": kind_text(row.kind), "told": told_text(row), "days": days_text(row)}
            whose = (names or {}).get(row.authority_id or 0, "")
            found.append(_("%(kind)s : %(told)s, %(days)s") % told + (f" ({whose})" if whose else ""))
    return tuple(found)


def refusal_text(refusal: Refusal) -> str:
    texts = {
        "amount_missing": _("Donnez un montant ou un nombre."),
        "amount_for_nothing": _("Laissez le montant vide, ou dites que le revenu est déclaré ou justifié."),
        "amount_too_high": _("C’est trop élevé : vérifiez."),
        "negative": _("Un montant n’est jamais négatif."),
        "not_whole": _("Donnez un nombre entier d’enfants."),
        "since_far_away": _("Cette date est trop lointaine : vérifiez l’année."),
        "ends_before_it_begins": _("Le dernier jour vient après le premier."),
        "other_authority": _("Choisissez dans la liste."),
    }
    return texts.get(refusal.code) or file_refusal_text(refusal)
