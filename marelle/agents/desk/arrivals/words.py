"""First visits in French."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.accounts.oidc.offered import provider_name
from marelle.agents.desk.facts import Fact, Tag, pair_facts, phone_fact, told
from marelle.core.french import day_plain, instant_long_year
from marelle.core.refusals import Refusal
from marelle.families.fields import Civility
from marelle.flows.identities.arrivals import ArrivalSheet, Known
from marelle.flows.identities.rules import Agrees

AGREES: Final[dict[Agrees, tuple[Promise, str]]] = {
    Agrees.YES: (gettext_lazy("identique"), "ok"),
    Agrees.NEARLY: (gettext_lazy("proche"), "warn"),
    Agrees.NO: (gettext_lazy("différent"), "error"),
    Agrees.UNKNOWN: (gettext_lazy("pas comparable"), "plain"),
}
"""What a tag says of a fact, and its tone."""

GENDERS: Final = {"female": gettext_lazy("femme"), "male": gettext_lazy("homme")}


@dataclass(frozen=True, slots=True)
class Line:
    """An adult who may be the one recognised. `may`: it can be chosen; `warn` says why not, or what else."""

    id: int
    name: str
    home: str
    url: str
    tags: tuple[Tag, ...]
    warn: str
    may: bool


def parts(sheet: ArrivalSheet) -> dict[str, object]:
    row = sheet.arrival
    born = day_plain(row.birth_date) if row.birth_date else ""
    place = " · ".join(part for part in (row.birth_place, row.birth_country) if part)
    pairs = [
        (_("Reconnu par"), provider_name(row.provider)),
        (_("Prénoms"), row.given_names),
        (_("Nom de naissance"), row.birth_name),
        (_("Nom d’usage"), row.usage_name),
        (_("Né ou née le"), born),
        (_("Lieu de naissance (code INSEE)"), place),
        (_("Sexe"), str(GENDERS.get(row.gender, ""))),
        (_("Courriel connu du fournisseur"), row.email_told),
        (_("A déjà un dossier"), row.get_has_file_display()),
        (_("Courriel"), row.email),
    ]
    facts = [*pair_facts(pairs), phone_fact(_("Téléphone"), row.phone), Fact(_("Ce qui est dit"), row.words)]
    return {
        "facts": told(facts),
        "lines": [_line(known) for known in sheet.known],
        "may_link": any(not known.works_here for known in sheet.known),
    }


def _line(known: Known) -> Line:
    one, person = known.candidate, known.candidate.person
    alike = one.alike
    civility = Civility(person.civility).label if person.civility else _("civilité inconnue")
    tags = (
        _tag(person.last_name, alike.last_name),
        _tag(person.first_name, alike.first_name),
        _tag(_born(known), alike.birth_date),
        _tag(str(civility), alike.gender),
        _tag(person.email or _("sans courriel"), alike.email),
    )
    return Line(
        id=person.pk,
        name=str(person),
        home=_("dossier %(number)s, %(home)s") % {"number": one.family.number, "home": one.family.name},
        url=reverse("agents_families:family", args=[one.family.pk]),
        tags=tags,
        warn=_warn(known),
        may=not known.works_here,
    )


def _born(known: Known) -> str:
    born = known.candidate.person.birth_date
    return _("né ou née le %(day)s") % {"day": day_plain(born)} if born else _("naissance inconnue")


def _tag(text: str, agrees: Agrees) -> Tag:
    said, tone = AGREES[agrees]
    return Tag(f"{text} : {said}", tone)


def _warn(known: Known) -> str:
    if known.works_here:
        return _("Cette personne a aussi un poste ici : elle relie elle-même son compte, une fois entrée.")
    if known.linked_since is not None:
        told = _("Une autre identité ouvre ce compte depuis le {when} : relier celle-ci la remplace.")
        told = told.format(when=instant_long_year(known.linked_since))
        rest = (
            _(
                "Ce qui l’ouvre aussi (mot de passe, clé d’accès) l’ouvrira toujours : si quelqu’un "
                "d’autre est entré, fermez aussi cet accès."
            )
            if known.keeps_others
            else _("Tout ce qui a été choisi depuis (mot de passe, double authentification) est retiré.")
        )
        return f"{told} {rest}"
    return "" if known.is_open else _("Cet adulte n’est jamais entré : relier ouvre son accès.")


def refusal_text(refusal: Refusal) -> str:
    match refusal.code:
        case "already_decided":
            return _("%(who)s a déjà répondu à cette demande.") % {"who": refusal.data["decided_by"]}
        case "reason_missing":
            return _("Donnez une réponse : la personne la lira.")
        case "works_here":
            return _("Rien n’est relié : cette personne a aussi un poste ici, et relie elle-même son compte.")
        case "closed_by_office" | "closed_account":
            return _(
                "Rien n’est relié : l’accès de cet adulte a été fermé, ou son invitation retirée. "
                "Invitez-le d’abord de nouveau."
            )
        case "identity_taken":
            return _("Rien n’est relié : cette identité ouvre déjà un autre compte.")
        case _other:
            return _("C’est votre propre famille : un autre agent doit s’en occuper.")
