"""Making two files one, in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.bound_labels import amount_label, bound_label, span_label
from marelle.bookings.bounds import Passed
from marelle.core.french import day_plain, join_and
from marelle.core.refusals import Refusal
from marelle.families.fields import BY_CODE
from marelle.families.file.labels import value_text
from marelle.flows.home.merging.matching import Difference, Side, Someone, sides
from marelle.flows.home.merging.preview import HOME_NAME, Preview, Sides
from marelle.flows.home.merging.services import Merged

REFUSALS: Final[Mapping[str, Promise]] = {
    "same_file": gettext_lazy("C’est le même dossier : choisissez-en un autre."),
    "own_file": gettext_lazy("C’est le dossier de votre propre famille : un autre agent doit s’en occuper."),
    "kept_apart": gettext_lazy(
        "Un juge tient l’un des foyers à l’écart d’un enfant de l’autre : chacun garde son dossier."
    ),
    "erasure_waiting": gettext_lazy("L’effacement d’un des deux dossiers est demandé : répondez-y d’abord."),
    "wrong_pairs": gettext_lazy("Ces personnes ne peuvent pas être les mêmes : vérifiez, puis continuez."),
    "two_agents": gettext_lazy(
        "Une même personne a deux comptes d’agent : demandez à l’administration d’en fermer un d’abord."
    ),
    "health_too_long": gettext_lazy(
        "Les deux fiches sanitaires d’un enfant ne tiennent pas dans une seule : "
        "demandez à la famille d’en raccourcir une."
    ),
    "stale": gettext_lazy(
        "Un des deux dossiers a changé depuis que la page est ouverte : relisez, puis confirmez."
    ),
}

COUNTED: Final = (
    ("enrolments.Enrolment", gettext_lazy("Inscriptions et demandes")),
    ("bookings.Booking", gettext_lazy("Réservations")),
    ("papers.Paper", gettext_lazy("Documents envoyés")),
    ("billing.Invoice", gettext_lazy("Factures")),
    ("messaging.Thread", gettext_lazy("Échanges de messages")),
    ("families.FamilyNote", gettext_lazy("Notes des agents")),
    ("journal.Entry", gettext_lazy("Lignes d’historique")),
)
"""What an agent wants to see counted, by table; the rest moves just as well."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody of the file left, and whom of the file kept that may be: (id, name, chosen)."""

    id: int
    name: str
    detail: str
    others: tuple[tuple[int, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A difference: what each file says, and which one is ticked."""

    key: str
    label: str
    kept: str
    left: str
    side: Side


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "acting":
        agents = refusal.data["agents"]
        said = ngettext(
            "%(names)s agit en ce moment au nom d’une de ces familles : attendez la fin.",
            "%(names)s agissent en ce moment au nom d’une de ces familles : attendez la fin.",
            len(agents),
        )
        return said % {"names": join_and(list(agents))}
    return str(REFUSALS.get(refusal.code, _("Ce n’est pas possible maintenant : rouvrez la page.")))


def done_text(done: Merged) -> str:
    if done.already:
        return _("Ces deux dossiers n’en font déjà plus qu’un.")
    return _("Les deux dossiers sont réunis, et la famille est prévenue.")


def people_page(found: Sides) -> dict[str, Any]:
    shared = {one.id for one in found.kept.people} & {one.id for one in found.left.people}
    return {
        "kept": found.kept.family,
        "left": found.left.family,
        "choices": [_choice(found, one, shared) for one in found.left.people if one.id not in shared],
        "shared": [_name(one) for one in found.left.people if one.id in shared],
        "kept_people": [_name(one) for one in found.kept.people],
    }


def check_page(found: Preview, sent: Mapping[str, str]) -> dict[str, Any]:
    names = {one.id: one.first_name for side in (found.kept, found.left) for one in side.people}
    wanted = sides(found.differences, sent)
    counts = {part.declaration.model._meta.label: part.count for part in found.parts}
    newcomers = [_name(one) for one in found.left.people if one.id not in found.pairs]
    return {
        "kept": found.kept.family,
        "left": found.left.family,
        "pairs": sorted(found.pairs.items()),
        "same": [names[new] for new in found.pairs.values()],
        "newcomers": newcomers,
        "lines": [_line(one, names, wanted[one.key]) for one in found.differences],
        "counts": [(str(label), str(counts[name])) for name, label in COUNTED if counts.get(name)],
        "warnings": _warnings(found),
        "fingerprint": found.fingerprint,
    }


def _choice(found: Sides, one: Someone, shared: set[int]) -> Choice:
    others = [
        (other.id, _with_birth(other), found.pairs.get(one.id) == other.id)
        for other in found.kept.people
        if other.is_child is one.is_child and other.id not in shared
    ]
    kind = _("enfant") if one.is_child else _("adulte")
    return Choice(one.id, _name(one), ", ".join(filter(None, (kind, _birth(one)))), tuple(others))


def _line(difference: Difference, names: Mapping[int, str], side: Side) -> Line:
    field = BY_CODE.get(difference.code)
    label = str(field.label) if field is not None else _("Nom du foyer")
    if difference.left_id is not None:
        label = f"{label} · {names[difference.left_id]}"

    def told(value: Mapping[str, str]) -> str:
        text = value["value"] if difference.code == HOME_NAME else value_text(BY_CODE[difference.code], value)
        return text or _("rien")

    return Line(difference.key, label, told(difference.kept), told(difference.left), side)


def _warnings(found: Preview) -> list[str]:
    said = []
    if found.bookings_ended:
        said.append(
            ngettext(
                "%(n)d réservation est faite deux fois pour le même enfant : une seule est gardée, "
                "la place en trop est rendue.",
                "%(n)d réservations sont faites deux fois pour le même enfant : une seule de chaque est "
                "gardée, les places en trop sont rendues.",
                found.bookings_ended,
            )
            % {"n": found.bookings_ended}
        )
    if found.enrolments_joined:
        said.append(
            ngettext(
                "%(n)d inscription existe dans les deux dossiers : une seule est gardée, aux dates les "
                "plus larges.",
                "%(n)d inscriptions existent dans les deux dossiers : une seule de chaque est gardée, aux "
                "dates les plus larges.",
                found.enrolments_joined,
            )
            % {"n": found.enrolments_joined}
        )
    names = {one.id: one.first_name for one in found.kept.people}
    said += [_passed(one, names) for one in found.passed]
    if found.shared:
        said.append(
            _(
                "%(names)s est en garde alternée entre ces deux foyers : ils n’en feront plus qu’un. "
                "Si les parents vivent séparés, ne réunissez pas leurs dossiers."
            )
            % {"names": join_and(list(found.shared))}
        )
    return said


def _passed(one: Passed, names: Mapping[int, str]) -> str:
    """ "Mercredis : 1 jour par semaine au plus, la semaine du 30 novembre 2026. Zoé : 2 jours…"."""
    reached = one.reached
    slots = {slot.id: slot.name for slot in one.activity.slots.values()}
    told = {
        "activity": one.activity.name,
        "bound": bound_label(reached.bound, slots),
        "span": span_label(reached.bound, reached.days),
        "who": names.get(one.child_id or 0, _("Le foyer")),
        "count": amount_label(reached.count, reached.bound.unit),
    }
    said = _(
        "%(activity)s\u00a0: %(bound)s, %(span)s. %(who)s\u00a0: %(count)s avec les deux dossiers. Rien "
        "n’est annulé\u00a0: voyez avec la famille."
    )
    return said % told


def _name(one: Someone) -> str:
    return f"{one.first_name} {one.last_name}"


def _birth(one: Someone) -> str:
    return _("né ou née le %(day)s") % {"day": day_plain(one.born)} if one.born else ""


def _with_birth(one: Someone) -> str:
    return ", ".join(filter(None, (_name(one), _birth(one))))
