"""Imports of incomes in French: what is wrong at a cell, why a file is not read, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import join_and
from marelle.core.refusals import Refusal
from marelle.families.file.labels import wrong_text
from marelle.families.imports.income_lines import TITLES
from marelle.families.imports.labels import refusal_text as file_refusal_text
from marelle.families.incomes.labels import refusal_text as income_refusal_text

OWN: Final[Mapping[str, Promise]] = {
    "home_missing": _("donnez le numéro de dossier, ou le nom, le prénom et la date de naissance."),
    "nothing_said": _("cette ligne ne dit aucun revenu."),
    "unknown_number": _("aucun dossier n’a le numéro %(value)s."),
    "unknown_person": _(
        "personne de ce nom et de cette date de naissance n’est dans un foyer\u00a0: %(value)s."
    ),
    "several_homes": _("%(value)s vit dans plusieurs foyers\u00a0: donnez le numéro de dossier."),
    "own_home": _("c’est votre propre famille\u00a0: un autre agent doit s’en occuper."),
    "other_name": _("le dossier %(value)s est à un autre nom\u00a0: vérifiez le numéro."),
    "home_twice": _("la ligne %(line)s dit déjà un revenu de ce foyer à cette date."),
    "unknown_status": _(
        "«\u00a0%(value)s\u00a0» n’est pas connu\u00a0: écrivez justifié, déclaré, non communiqué, sans "
        "revenu ou inconnu."
    ),
    "incomes_moved": _(
        "Un de ces foyers ou de ces revenus vient de changer. Rien n’est noté\u00a0: regardez de nouveau."
    ),
}
AT_A_CELL: Final = frozenset(
    {
        "amount_missing", "amount_for_nothing", "amount_too_high", "negative", "not_whole", "since_far_away",
        "ends_before_it_begins",
    }
)  # fmt: skip


def reason_text(code: str, data: Mapping[str, Any]) -> str:
    """ "Quotient familial : Un montant n’est jamais négatif.", without the line."""
    if code in OWN:
        said = str(OWN[code]) % data
    elif code in AT_A_CELL:
        said = income_refusal_text(Refusal(code))
    else:
        said = wrong_text(Refusal(code, **data))
    title = TITLES.get(data.get("column", ""))
    return gettext("%(title)s\u00a0: %(said)s") % {"title": title, "said": said} if title else said


def refusal_text(refusal: Refusal) -> str:
    """Why a file as a whole is not read, or not written."""
    if refusal.code == "missing_columns":
        titles = join_and([f"«\u00a0{title}\u00a0»" for title in refusal.data["columns"]])
        return gettext("La première ligne ne donne pas ces titres\u00a0: %(titles)s.") % {"titles": titles}
    if refusal.code in OWN:
        return str(OWN[refusal.code])
    if refusal.code in {"cannot_seal", "cannot_open"}:
        return income_refusal_text(refusal)
    return file_refusal_text(refusal)


def counts_text(counts: Mapping[str, int]) -> str:
    """ "12 revenus notés, 3 remplacés, 5 déjà notés, 2 lignes laissées."."""
    new, replaced, same, wrong = (counts.get(name, 0) for name in ("new", "replaced", "same", "wrong"))
    parts = [ngettext("%(n)d revenu noté", "%(n)d revenus notés", new) % {"n": new}]
    if replaced:
        parts.append(ngettext("%(n)d remplacé", "%(n)d remplacés", replaced) % {"n": replaced})
    if same:
        parts.append(ngettext("%(n)d déjà noté", "%(n)d déjà notés", same) % {"n": same})
    if wrong:
        parts.append(ngettext("%(n)d ligne laissée", "%(n)d lignes laissées", wrong) % {"n": wrong})
    return gettext("%(parts)s.") % {"parts": ", ".join(parts)}


def preview_text(counts: Mapping[str, int]) -> str:
    """ "12 revenus à noter, 3 à remplacer, 5 déjà notés."."""
    new, replaced, same = (counts.get(name, 0) for name in ("new", "replaced", "same"))
    parts = [ngettext("%(n)d revenu à noter", "%(n)d revenus à noter", new) % {"n": new}]
    if replaced:
        parts.append(ngettext("%(n)d à remplacer", "%(n)d à remplacer", replaced) % {"n": replaced})
    if same:
        parts.append(ngettext("%(n)d déjà noté", "%(n)d déjà notés", same) % {"n": same})
    return gettext("%(parts)s.") % {"parts": ", ".join(parts)}
