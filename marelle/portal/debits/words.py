"""Mandates in French, as a home reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.billing.labels import MANDATE_TONES, account_told
from marelle.billing.mandates.offers import Offer
from marelle.billing.mandates.rules import Account
from marelle.billing.mandates.selectors import Life
from marelle.billing.models import Mandate
from marelle.core.banks import iban_spaced
from marelle.core.french import day_plain, instant_long_year
from marelle.core.refusals import No
from marelle.places.models import Authority

Pairs = list[tuple[str, str]]

REFUSALS: Final[Mapping[str, str | Promise]] = {
    "closed": gettext_lazy("Cette collectivité ne propose pas le prélèvement."),
    "changed": gettext_lazy(
        "Ce mandat n’est plus celui que vous aviez lu, ou il a été affiché il y a plus d’une heure\u00a0: "
        "recommencez."
    ),
    "ended": gettext_lazy("Ce mandat est déjà arrêté."),
}
SEALS_NOTHING: Final = gettext_lazy(
    "Un compte ne peut pas être enregistré pour le moment. Réessayez plus tard, ou appelez votre mairie."
)


def refusal_text(refusal: No) -> str:
    return str(REFUSALS[refusal.code])


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    title: str
    detail: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Card:
    """Of one authority. `active`: the mandate that holds; `may_begin`: one may be accepted."""

    authority_id: int
    authority: str
    lines: list[Line]
    active: Line | None
    waiting: Line | None
    may_begin: bool


def cards(offered: Iterable[Authority], held: Iterable[Mandate]) -> list[Card]:
    authorities = {one.pk: one for one in offered}
    may_begin = frozenset(authorities)
    rows: dict[int, list[Mandate]] = {pk: [] for pk in authorities}
    for one in held:
        authorities.setdefault(one.authority_id, one.authority)
        rows.setdefault(one.authority_id, []).append(one)
    return [
        Card(
            pk,
            authority.name,
            [line(one) for one in rows[pk]],
            next((line(one) for one in rows[pk] if one.state == Mandate.State.ACTIVE), None),
            next((line(one) for one in rows[pk] if one.state == Mandate.State.WAITING), None),
            pk in may_begin,
        )
        for pk, authority in authorities.items()
    ]


def line(one: Mandate) -> Line:
    told = {"day": day_plain(one.signed_on), "rum": one.rum}
    return Line(
        one.pk,
        account_told(one.last_digits),
        _("signé le %(day)s, référence %(rum)s") % told,
        str(Mandate.State(one.state).label),
        MANDATE_TONES[one.state],
    )


def offered_pairs(offer: Offer) -> Pairs:
    """What is to be read again before it is accepted: the account whole, here alone."""
    account: Account = offer.account
    return [
        (_("Titulaire"), account.holder),
        (_("IBAN"), iban_spaced(account.iban)),
        (_("BIC"), account.bic),
        (_("Créancier"), offer.creditor.name),
    ]


def mandate_pairs(one: Mandate, life: Life) -> Pairs:
    rows = [
        (_("Collectivité"), one.authority.name),
        (_("Titulaire"), one.holder),
        (_("Compte"), account_told(one.last_digits)),
        (_("Référence (RUM)"), one.rum),
        (_("Créancier"), _("%(name)s, ICS %(ics)s") % {"name": one.creditor, "ics": one.ics}),
        (_("Signé le"), day_plain(one.signed_on)),
        (_("Façon"), Mandate.How(one.how).label),
        (_("En vigueur depuis"), instant_long_year(one.started_at) if one.started_at else ""),
        (_("Dernier prélèvement"), day_plain(life.drawn_on) if life.drawn_on else ""),
        (_("Sans prélèvement, il prend fin le"), day_plain(life.lapses_on) if _lives(one) else ""),
        (_("Arrêté le"), instant_long_year(one.ended_at) if one.ended_at else ""),
        (_("Pourquoi"), str(Mandate.End(one.end).label) if one.end else ""),
        (_("Motif"), one.reason),
    ]
    return [(term, str(value)) for term, value in rows if value]


def _lives(one: Mandate) -> bool:
    return one.state != Mandate.State.ENDED
