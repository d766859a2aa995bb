"""The legal pages in French. What an authority has not said is told as such, never invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.accounts.known import KNOWN_COOKIE
from marelle.accounts.rules import REMEMBERED_COOKIE, REMEMBERED_FOR
from marelle.attendance.tablets import DUTY_COOKIE, TABLET_COOKIE
from marelle.core.french import day_plain
from marelle.core.personal import Erase, Keep, Since, declared
from marelle.places.delays import DELAYS, months_kept
from marelle.places.labels import conformity_label
from marelle.places.lives import lives
from marelle.places.models import Authority
from marelle.room.tickets import ENTRANCE_COOKIE, ENTRANCE_LIFE, TICKET_COOKIE, TICKET_LIFE
from marelle.ui.messages import SaidCookie

Pairs = list[tuple[str, str]]

STATED_ON: Final = date(2026, 11, 28)
"""When what the declaration says of the tests was last looked at whole: to be moved when it is again."""

KEPT_OF_APP: Final = {
    "accounts": gettext_lazy("Votre compte"),
    "activities": gettext_lazy("Les activités"),
    "attendance": gettext_lazy("Les réservations, les absences et les présences"),
    "billing": gettext_lazy("Les factures et leurs PDF"),
    "bookings": gettext_lazy("Les réservations, les absences et les présences"),
    "campaigns": gettext_lazy("Vos vœux de places et leurs réponses"),
    "cases": gettext_lazy("Vos demandes et leurs réponses"),
    "enrolments": gettext_lazy("Les inscriptions"),
    "pricing": gettext_lazy(
        "Ce qui change vos prix\u00a0: enfant confié, venue régulière, aide, abonnements et cartes"
    ),
    "families": gettext_lazy("Le dossier de la famille : personnes, adresses, quotient, autorisations"),
    "files": gettext_lazy("Les fichiers, les photos et les PDF"),
    "flows": gettext_lazy("Le dossier d’un foyer qui ne donne plus de nouvelles"),
    "journal": gettext_lazy("L’historique des demandes, des décisions et des autres actions"),
    "mail": gettext_lazy("Les courriels et les lettres envoyés"),
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
    stated_on: str
    is_audited: bool
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


def statement(found: Sequence[Authority]) -> Statement:
    first = found[0] if found else Authority()
    return Statement(
        publisher=first.name,
        word=str(conformity_label(first.accessibility_rate)),
        result=_result(first),
        stated_on=day_plain(STATED_ON),
        is_audited=first.accessibility_rate is not None,
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


KEPT_FOR: Final = {
    "connections": gettext_lazy("L’historique des connexions"),
    "acts": KEPT_OF_APP["journal"],
    "health": KEPT_OF_MODEL["families.HealthSheet"],
    "dormant": KEPT_OF_APP["flows"],
    "papers": gettext_lazy("Les documents remplacés, refusés ou expirés"),
    "outsiders": gettext_lazy(
        "Les messages, demandes, premières visites et accès d’invités de qui n’a pas de dossier"
    ),
    "mails": KEPT_OF_APP["mail"],
    "staff": gettext_lazy("Le registre du personnel des structures"),
}
"""By code of delay: what goes by itself, because the worker purges it. Nothing else is promised."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`pairs`: what goes by itself or with something else, and when; `with_file`: what stays as long as the
    file of the family does, until an erasure is asked for."""

    pairs: Pairs
    with_file: tuple[str, ...]


def kept() -> Kept:
    """How long what is kept: the delays that purges read, the shortest first, then what no purge takes."""
    chosen = months_kept()
    codes = sorted(KEPT_FOR, key=lambda code: (chosen[code], str(KEPT_FOR[code])))
    pairs = [(str(KEPT_FOR[code]), delay_text(code, chosen[code])) for code in codes]
    by_itself = {name for name, _delay in pairs}
    with_file = set()
    for declaration in declared():
        options, keep = declaration.model._meta, declaration.keep
        name = str(KEPT_OF_MODEL.get(options.label) or KEPT_OF_APP[options.app_label])
        if name in by_itself or not declaration.export:
            continue
        told = _told_apart(declaration.erase, keep)
        if told and (name, told) not in pairs:
            pairs.append((name, told))
        elif not told:
            with_file.add(name)
    return Kept(pairs, tuple(sorted(with_file)))


def delay_text(code: str, months: int) -> str:
    """ "12 mois après leur date", "jusqu’à la fin de la dernière inscription"."""
    if not months:  # of health alone
        return _("jusqu’à la fin de la dernière inscription")
    return f"{_length(months)} {DELAYS[code].start}"


def _told_apart(erase: Erase, keep: Keep) -> str:
    """Of what does not simply stay with the file of the family: when it goes. "" for what does."""
    if keep.since is Since.ROW:
        return _("aussi longtemps que ce qu’ils accompagnent : document, message, facture…")
    if erase is Erase.KEEP:
        return _("%(length)s au moins, parce que la loi l’impose") % {"length": _length(keep.months)}
    return ""


def _length(months: int) -> str:
    whole_years = months % 12 == 0 and months > 12
    return _("%(n)d ans") % {"n": months // 12} if whole_years else _("%(n)d mois") % {"n": months}


def cookies() -> Pairs:
    hours = max(life.whole_hours for life in lives().values())
    at_most = _("%(n)d heures") % {"n": hours} if hours % 24 else _("%(n)d jours") % {"n": hours // 24}
    known = _("vous reconnaît tant que vous êtes connecté, %(at_most)s au plus")
    return [
        (settings.SESSION_COOKIE_NAME, known % {"at_most": at_most}),
        (settings.CSRF_COOKIE_NAME, _("protège les formulaires contre les envois faits à votre insu, un an")),
        (
            KNOWN_COOKIE,
            _("vous laisse entrer par cet appareil même si d’autres se trompent de mot de passe, un an"),
        ),
        (
            REMEMBERED_COOKIE,
            _("si vous l’avez demandé : ne demande plus la double authentification, %(n)d jours")
            % {"n": REMEMBERED_FOR.days},
        ),
        (SaidCookie.cookie_name, _("garde la phrase qui confirme votre action jusqu’à la page suivante")),
        (
            TICKET_COOKIE,
            _("les jours de grande affluence : votre numéro dans la salle d’attente, %(n)d heures")
            % {"n": TICKET_LIFE // 3600},
        ),
        (
            ENTRANCE_COOKIE,
            _("pour les agents seulement : les laisse passer à côté de la salle d’attente, %(n)d jours")
            % {"n": ENTRANCE_LIFE // 86_400},
        ),
        (TABLET_COOKIE, _("sur les tablettes des structures seulement : reconnaît la tablette, un an")),
        (DUTY_COOKIE, _("sur les tablettes des structures seulement : dit quel agent pointe, le jour même")),
    ]
