"""The legal pages in French. What an authority has not said is told as such, never invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import day_plain
from marelle.core.personal import Keep, Since, declared
from marelle.places.models import Authority
from marelle.places.rules import Conformity, conformity

Pairs = list[tuple[str, str]]

CONFORMITY: Final = {
    Conformity.NONE: gettext_lazy("non conforme"),
    Conformity.PARTIAL: gettext_lazy("partiellement conforme"),
    Conformity.FULL: gettext_lazy("totalement conforme"),
}

KEPT_OF_APP: Final = {
    "accounts": gettext_lazy("Votre compte"),
    "activities": gettext_lazy("Les activités"),
    "billing": gettext_lazy("Les factures et leurs PDF"),
    "bookings": gettext_lazy("Les réservations, les absences et les présences"),
    "cases": gettext_lazy("Vos demandes et leurs réponses"),
    "enrolments": gettext_lazy("Les inscriptions"),
    "families": gettext_lazy("Le dossier de la famille : personnes, adresses, quotient, autorisations"),
    "files": gettext_lazy("Les fichiers, les photos et les PDF"),
    "journal": gettext_lazy("L’historique des demandes, des décisions et des autres actions"),
    "mail": gettext_lazy("Les courriels et les lettres envoyés par le portail"),
    "messaging": gettext_lazy("Les messages échangés avec les structures"),
    "papers": gettext_lazy("Les documents demandés et reçus"),
    "relay": gettext_lazy("Les demandes de mode de garde et les matinées du relais"),
}
KEPT_OF_MODEL: Final = {
    "bookings.AbsenceProof": gettext_lazy("Les justificatifs d’absence"),
    "families.HealthSheet": gettext_lazy("La fiche sanitaire et les vaccinations"),
    "families.Vaccination": gettext_lazy("La fiche sanitaire et les vaccinations"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """The declaration of accessibility. `result` says where the word comes from."""

    publisher: str
    word: str
    result: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the personal data of which services, and whom to write to."""

    name: str
    services: tuple[str, ...]
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Notice:
    """One authority: the publisher of the portal, or another whose services are on it."""

    name: str
    services: tuple[str, ...]
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Notices:
    publisher: Notice | None
    others: tuple[Notice, ...]
    host: Pairs


def conformity_mention(rate: int | None) -> str:
    """ "Accessibilité : non conforme": on each page, as the law wants it."""
    return _("Accessibilité : %(word)s") % {"word": CONFORMITY[conformity(rate)]}


def statement(found: Sequence[Authority]) -> Statement:
    first = found[0] if found else Authority()
    return Statement(
        publisher=first.name,
        word=str(CONFORMITY[conformity(first.accessibility_rate)]),
        result=_result(first),
        email=first.accessibility_email or first.email,
        phone=first.phone,
    )


def _result(authority: Authority) -> str:
    if authority.accessibility_rate is None or authority.accessibility_audited_on is None:
        return _(
            "Aucun audit n’a encore été fait. Tant qu’il manque, un site doit être déclaré non conforme."
        )
    told = {
        "rate": authority.accessibility_rate,
        "day": day_plain(authority.accessibility_audited_on),
    }
    return _("L’audit du %(day)s a trouvé que %(rate)d %% des critères du RGAA sont respectés.") % told


def controllers(found: Sequence[Authority]) -> list[Controller]:
    return [
        Controller(
            name=authority.name,
            services=_services(authority),
            pairs=[
                (_("Adresse"), authority.address or _missing()),
                (_("Courriel"), authority.email or _missing()),
                (_("Téléphone"), authority.phone or _missing()),
                (_("Délégué à la protection des données"), _dpo(authority)),
            ],
        )
        for authority in found
    ]


def _dpo(authority: Authority) -> str:
    return ", ".join(filter(None, (authority.dpo_name, authority.dpo_email))) or _missing()


def notices(found: Sequence[Authority]) -> Notices:
    first = found[0] if found else Authority()
    return Notices(
        publisher=_notice(first, directed=True) if found else None,
        others=tuple(_notice(authority, directed=False) for authority in found[1:]),
        host=[
            (_("Nom"), first.host_name or _missing()),
            (_("Adresse"), first.host_address or _missing()),
            (_("Téléphone"), first.host_phone or _missing()),
        ],
    )


def _notice(authority: Authority, *, directed: bool) -> Notice:
    pairs = [
        (_("Adresse"), authority.address or _missing()),
        (_("Téléphone"), authority.phone or _missing()),
        (_("Courriel"), authority.email or _missing()),
        (_("SIRET"), authority.siret or _missing()),
    ]
    if directed:
        pairs.append((_("Direction de la publication"), authority.publication_director or _missing()))
    return Notice(authority.name, _services(authority), pairs)


def _services(authority: Authority) -> tuple[str, ...]:
    return tuple(structure.name for structure in authority.structures.all())


def _missing() -> str:
    return _("non renseigné à ce jour")


def kept() -> Pairs:
    """How long what is kept, from the very registry that purges read, the shortest first."""
    rows: dict[tuple[str, str], float] = {}
    for declaration in declared():
        options = declaration.model._meta
        name = KEPT_OF_MODEL.get(options.label) or KEPT_OF_APP[options.app_label]
        months: float = inf if declaration.keep.since is Since.ROW else declaration.keep.months
        rows[str(name), keep_text(declaration.keep)] = months
    connections = Keep(settings.CONNECTIONS_KEPT_MONTHS, Since.WRITTEN)
    rows[_("L’historique des connexions"), keep_text(connections)] = connections.months
    return sorted(rows, key=lambda row: (rows[row], row))


def keep_text(keep: Keep) -> str:
    """ "10 ans après leur date", "jusqu’à la fin de la dernière inscription"."""
    if keep.since is Since.ROW:
        return _("aussi longtemps que ce qu’ils accompagnent : document, message, facture…")
    if not keep.months:
        return _("jusqu’à la fin de la dernière inscription")
    whole_years = keep.months % 12 == 0 and keep.months > 12
    length = (
        _("%(n)d ans") % {"n": keep.months // 12} if whole_years else _("%(n)d mois") % {"n": keep.months}
    )
    return {
        Since.WRITTEN: _("%(length)s après leur date"),
        Since.LAST_ENROLMENT: _("%(length)s après la fin de la dernière inscription"),
        Since.LEFT: _("%(length)s après le départ de la famille ou son dernier signe de vie"),
    }[keep.since] % {"length": length}


def cookies() -> Pairs:
    known = _("vous reconnaît tant que vous êtes connecté, %(n)d heures au plus")
    return [
        (settings.SESSION_COOKIE_NAME, known % {"n": settings.SESSION_COOKIE_AGE // 3600}),
        (settings.CSRF_COOKIE_NAME, _("protège les formulaires contre les envois faits à votre insu, un an")),
        ("messages", _("garde la phrase qui confirme votre action jusqu’à la page suivante")),
    ]
