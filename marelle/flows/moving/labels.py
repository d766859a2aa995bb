"""Files brought from another software, in French: why a line is left out, what was done, what is added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import join_and
from marelle.core.refusals import Refusal
from marelle.families.file.labels import wrong_text
from marelle.families.imports.labels import refusal_text as file_refusal_text
from marelle.flows.moving.subjects import SUBJECTS, Kind, Measure

OWN: Final[Mapping[str, Promise]] = {
    "unknown_child": _(
        "aucun enfant de ce nom, né ce jour-là, n’est dans un foyer : %(value)s. Importez d’abord sa "
        "famille, ou corrigez le nom ou la date."
    ),
    "several_children": _("deux enfants d’ici ont ce nom et cette date de naissance : %(value)s."),
    "unknown_number": _("aucun dossier n’a le numéro, ni la référence, « %(value)s »."),
    "not_of_home": _("%(value)s ne vit pas dans ce foyer : vérifiez le numéro."),
    "several_homes": _("%(value)s vit dans plusieurs foyers : donnez le numéro du dossier."),
    "own_home": _("c’est votre propre famille : un autre agent doit s’en occuper."),
    "unknown_activity": _(
        "« %(value)s » n’est pas une activité d’ici : écrivez son nom comme dans « Activités »."
    ),
    "several_activities": _("plusieurs activités s’appellent « %(value)s » : donnez la structure."),
    "other_service": _("« %(value)s » n’est pas de votre service."),
    "no_enrolment": _("« %(value)s » est sans inscription."),
    "unknown_group": _("« %(value)s » n’est pas un groupe de cette activité."),
    "group_missing": _("« %(value)s » a plusieurs groupes : dites lequel."),
    "outside_activity": _("l’activité va du %(first)s au %(last)s."),
    "not_in_order": _("la fin vient avant le début."),
    "asked_here": _("une demande d’inscription attend déjà une réponse ici : répondez-y, puis recommencez."),
    "enrolled_otherwise": _(
        "cet enfant est déjà inscrit ici, du %(first)s au %(last)s, à d’autres dates ou dans un autre "
        "groupe : son inscription reste comme elle est."
    ),
    "twice": _("c’est déjà dit à la ligne %(line)s."),
    "unknown_state": _(
        "« %(value)s » n’est pas connu : écrivez réservé, présent, absent, absent prévenu, absent excusé, "
        "sans réservation ou annulé."
    ),
    "not_an_hour": _("donnez une heure, par exemple 08:30."),
    "not_entries": _("donnez un nombre d’entrées, %(limit)s au plus."),
    "not_yes_or_no": _("écrivez oui ou non."),
    "not_enrolled": _(
        "%(value)s n’est pas inscrit ici à « %(activity)s » : importez d’abord les inscriptions."
    ),
    "outside_enrolment": _("ce jour n’est pas dans l’inscription de %(value)s."),
    "unknown_slot": _("« %(value)s » n’est pas un créneau de « %(activity)s »."),
    "not_held": _("« %(value)s » n’a pas lieu ce jour-là ici."),
    "other_group": _("ce créneau n’est pas du groupe de %(value)s ce jour-là."),
    "closed": _("c’est fermé ce jour-là ici : %(value)s."),
    "not_yet": _("ce jour n’est pas encore passé : qui viendra n’est pas connu."),
    "bad_hours": _("ce créneau se réserve à l’heure : donnez un début et une fin, à la demi-heure."),
    "conflict": _("l’enfant est déjà réservé à la même heure : %(value)s."),
    "past_capacity": _("il n’y a plus de place pour « %(value)s » ce jour-là."),
    "other_home": _("l’autre foyer de l’enfant a déjà réservé ce créneau."),
    "waits_here": _("l’enfant est déjà en attente d’une place ici."),
    "other_hours": _("l’enfant est déjà réservé à d’autres heures, qui restent comme elles sont."),
    "seen_otherwise": _("ce qui est noté ici à la porte dit le contraire, et reste comme c’est."),
    "other_card": _(
        "une carte des mêmes dates a %(value)s entrées ici, ou ne sert pas aux mêmes enfants : elle reste "
        "comme elle est."
    ),
    "unknown_product": _(
        "« %(value)s » n’est pas un forfait d’ici : écrivez son nom comme dans « Tarifs communs »."
    ),
    "several_products": _("deux collectivités ont un forfait « %(value)s » : notez-le depuis le dossier."),
    "taken_otherwise": _("ce foyer a déjà « %(value)s » à d’autres dates : il reste comme il est."),
    "reason_missing": _("Dites pourquoi ces places sont données au-delà des jauges."),
}

MEASURES: Final[Mapping[Measure, Promise]] = {
    Measure.ENROLMENTS: _("inscriptions"),
    Measure.BOOKINGS: _("réservations"),
    Measure.PRESENT: _("présences"),
    Measure.ABSENT: _("absences"),
    Measure.CARDS: _("cartes"),
    Measure.ENTRIES: _("entrées"),
    Measure.SUBSCRIPTIONS: _("abonnements"),
}


def reason_text(kind: Kind, code: str, data: Mapping[str, Any]) -> str:
    """ "Activité : « Cantine » n’est pas une activité d’ici…", without the line."""
    own = OWN.get(code)
    said = str(own) % data if own is not None else wrong_text(Refusal(code, **data))
    title = SUBJECTS[kind].titles.get(data.get("column", ""))
    told = {"title": title, "said": said[:1].lower() + said[1:]}
    return gettext("%(title)s\u00a0: %(said)s") % told if title else said


def refusal_text(refusal: Refusal) -> str:
    """Why a file as a whole is not read, or not started."""
    if refusal.code == "missing_columns":
        titles = join_and([f"« {title} »" for title in refusal.data["columns"]])
        return gettext("La première ligne ne donne pas ces titres : %(titles)s.") % {"titles": titles}
    if refusal.code in OWN:
        return str(OWN[refusal.code])
    return file_refusal_text(refusal)


def counts_text(counts: Mapping[str, int]) -> str:
    """ "1980 lignes reprises, 20 déjà là, 3 sans rien à reprendre, 12 laissées."."""
    new = counts.get("new", 0)
    return _counted(ngettext("%(n)d ligne reprise", "%(n)d lignes reprises", new) % {"n": new}, counts)


def preview_text(counts: Mapping[str, int]) -> str:
    """ "1980 lignes à reprendre, 20 déjà là, 12 laissées."."""
    new = counts.get("new", 0)
    return _counted(ngettext("%(n)d ligne à reprendre", "%(n)d lignes à reprendre", new) % {"n": new}, counts)


def _counted(first: str, counts: Mapping[str, int]) -> str:
    same, nothing, wrong = (counts.get(name, 0) for name in ("same", "nothing", "wrong"))
    parts = [first]
    if same:
        parts.append(ngettext("%(n)d déjà là", "%(n)d déjà là", same) % {"n": same})
    if nothing:
        parts.append(gettext("%(n)d sans rien à reprendre") % {"n": nothing})
    if wrong:
        parts.append(ngettext("%(n)d laissée", "%(n)d laissées", wrong) % {"n": wrong})
    return gettext("%(parts)s.") % {"parts": ", ".join(parts)}


def report_rows(kind: Kind, headings: Sequence[str], problems: Iterable[Sequence[Any]]) -> list[list[object]]:
    """The lines that were left out as a table: where, why, then their cells as the file had them."""
    head: list[object] = [gettext("Ligne"), gettext("Laissée parce que"), *headings]
    return [head, *([where, reason_text(kind, code, data), *cells] for where, code, data, cells in problems)]


def model_rows(kind: Kind) -> list[list[object]]:
    """A file to begin with: the titles, and one line."""
    told = SUBJECTS[kind].told
    return [[one.column.title for one in told], [one.example for one in told]]
