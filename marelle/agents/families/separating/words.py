"""A home that separates, in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.french import day_plain, join_and, of_name
from marelle.core.phones import phone_text
from marelle.core.refusals import Refusal
from marelle.families.labels import custody_text
from marelle.families.models import Member
from marelle.flows.home.separating.plan import ALWAYS, Where
from marelle.flows.home.separating.preview import Moving, Preview
from marelle.flows.home.separating.services import Separated

REFUSALS: Final[Mapping[str, Promise]] = {
    "own_file": gettext_lazy("C’est le dossier de votre propre famille : un autre agent doit s’en occuper."),
    "erasure_waiting": gettext_lazy("L’effacement de ce dossier est demandé : répondez-y d’abord."),
    "home_left": gettext_lazy("Ce foyer est parti : notez d’abord son retour."),
    "nobody_leaves": gettext_lazy("Dites quel adulte quitte le foyer."),
    "nobody_stays": gettext_lazy("Tout le foyer part : changez son adresse, le dossier reste le même."),
    "children_alone": gettext_lazy(
        "Plus aucun adulte ne reste avec les enfants : dites où ils vivent, ou cochez que vous le savez."
    ),
    "not_theirs": gettext_lazy("Le dossier a changé depuis que la page est ouverte : rouvrez-la."),
    "request_of_both": gettext_lazy(
        "Une demande de réservations attend une réponse, pour des jours que les deux foyers se "
        "partageraient : répondez-y d’abord."
    ),
    "stale": gettext_lazy("Le dossier a changé depuis que la page est ouverte : relisez, puis confirmez."),
}

COUNTED: Final = (
    ("papers.Paper", gettext_lazy("Documents envoyés")),
    ("families.PickupContact", gettext_lazy("Personnes qui viennent chercher")),
    ("families.Consent", gettext_lazy("Autorisations")),
    ("families.ChangeRequest", gettext_lazy("Modifications demandées")),
)
"""What goes with who leaves, where an agent wants to see it counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody, with what becomes of it and who answers for it."""

    name: str
    detail: str
    guardians: tuple[str, ...] = ()


def refusal_text(refusal: Refusal) -> str:
    data = refusal.data
    if refusal.code == "acting":
        agents = data["agents"]
        said = ngettext(
            "%(names)s agit en ce moment au nom de cette famille : attendez la fin.",
            "%(names)s agissent en ce moment au nom de cette famille : attendez la fin.",
            len(agents),
        )
        return said % {"names": join_and(list(agents))}
    if refusal.code == "no_guardian":
        return _(
            "Aucun adulte qui part n’est responsable %(of_name)s : notez d’abord ses droits, depuis "
            "« Responsables » sur la fiche du foyer."
        ) % {"of_name": of_name(data["name"])}
    if refusal.code == "wrong_date":
        return (
            _(
                "%(name)s, %(activity)s : donnez un jour à partir d’aujourd’hui, avant la fin de "
                "l’inscription."
            )
            % data
        )
    return str(REFUSALS.get(refusal.code, _("Ce n’est pas possible maintenant : rouvrez la page.")))


def done_text(done: Separated) -> str:
    if done.already:
        return _("Ces personnes ont déjà leur propre dossier : le voici.")
    return _("Le foyer est séparé : voici le nouveau dossier. Chaque foyer est prévenu.")


def check_page(found: Preview) -> dict[str, Any]:
    plan, people = found.plan, found.household.people
    address = plan.address
    counts = [(str(label), str(found.rows[name])) for name, label in COUNTED if found.rows[name]]
    if found.threads:
        counts.append((_("Échanges de messages"), str(found.threads)))
    if plan.contacts:
        counts.append((_("Personnes qui viennent chercher, choisies"), str(len(plan.contacts))))
    return {
        "family": found.household.family,
        "name": plan.name,
        "address": f"{address.street}, {address.postal_code} {address.city}",
        "staying": [
            row.person.first_name
            for row in people
            if row.person_id not in plan.leaving and row.kind == Member.Kind.ADULT
        ],
        "leaving": [_adult(found, row) for row in people if row.person_id in plan.adults],
        "children": [_child(found, row) for row in people if row.kind == Member.Kind.CHILD],
        "enrolments": [_enrolment(one) for one in found.moving],
        "counts": counts,
        "warnings": _warnings(found),
        "fingerprint": found.fingerprint,
    }


def _adult(found: Preview, row: Member) -> Line:
    reach = found.plan.adults[row.person_id]
    contacts = " · ".join(filter(None, (reach.email, phone_text(reach.phone))))
    return Line(str(row.person), contacts or _("ni adresse de courriel ni téléphone"))


def _child(found: Preview, row: Member) -> Line:
    where = found.plan.where(row.person_id)
    told = {
        Where.STAYS: _("reste dans ce foyer"),
        Where.FOLLOWS: _("part dans le nouveau foyer"),
        Where.SHARED: _("vit dans les deux foyers"),
    }[where]
    pattern = found.plan.patterns.get(row.person_id, ALWAYS)
    if where is Where.SHARED and pattern != ALWAYS:
        other = pattern.of_the_other
        told = _("%(told)s. Nouveau foyer : %(new)s. Ce foyer : %(old)s.") % {
            "told": told,
            "new": custody_text(pattern.weeks, pattern.holidays),
            "old": custody_text(other.weeks, other.holidays),
        }
    guardians = (
        f"{one.adult.first_name}, {one.get_link_display()}"
        for one in found.household.guardians
        if one.child_id == row.person_id
    )
    return Line(str(row.person), told, tuple(guardians))


def _enrolment(moving: Moving) -> Line:
    row = moving.enrolment
    when = _("en entier") if moving.whole else _("à partir du %(day)s") % {"day": day_plain(moving.since)}
    bookings = ngettext("%(n)d réservation", "%(n)d réservations", moving.bookings) % {"n": moving.bookings}
    return Line(f"{row.person.first_name} : {row.activity.name}", f"{when}, {bookings}")


def _warnings(found: Preview) -> list[str]:
    said = [
        _(
            "%(name)s garde une adresse de courriel ou un téléphone d’un adulte qui reste : les courriels de "
            "l’un arriveraient à l’autre."
        )
        % {"name": name}
        for name in found.same_reach
    ]
    said += [
        _("%(adult)s reste responsable %(of_child)s, mais ne verra plus ses pages : l’enfant vit ailleurs.")
        % {"adult": adult, "of_child": of_name(child)}
        for adult, child in found.unseen
    ]
    return said
