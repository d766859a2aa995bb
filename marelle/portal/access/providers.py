"""Who has left for an identity provider, and what is kept until it comes back; and where it logs out there.

All of it is in the session of that browser alone: what somebody else's browser brings back is not waited for.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.exchange import Sent, leave_address, new_sent
from marelle.accounts.oidc.offered import provider_of, providers
from marelle.accounts.oidc.providers import For, Provider
from marelle.accounts.oidc.refusals import Trouble
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.incomes.recognised import scope_asked

LEFT: Final = "left"
"""Session key: those who left from this browser, the latest last."""

TOLD: Final = "told"
"""Session key: somebody whom a provider has recognised, and who is yet to say what for."""

CAME_BY: Final = "came_by"
"""Session key: by which provider the session was opened, and what logs out there."""

LEAVES: Final = "leaves"
"""Session key, of nobody's session: of which provider somebody is logging out as well."""

LEFT_FOR: Final = timedelta(minutes=10)
TOLD_FOR: Final = timedelta(minutes=30)
AT_MOST: Final = 5
"""Pages open at once, each of which left for a provider."""


class Purpose(StrEnum):
    """What somebody is recognised for: its value stands in an address."""

    IN = "entrer"
    LINK = "relier"
    AGAIN = "confirmer"
    QUOTIENT = "quotient"  # to have the CAF or the MSA asked: nobody comes in by it


TROUBLES: Final[dict[Trouble, Promise]] = {
    Trouble.DOWN: _("{name} ne répond pas en ce moment."),
    Trouble.SLOW: _("{name} met trop de temps à répondre."),
    Trouble.BUSY: _("Trop de personnes passent par {name} à la fois : réessayez dans quelques secondes."),
    Trouble.LIES: _(
        "{name} ne répond pas comme nous l’attendions : par sécurité, nous ne l’avons pas prise."
    ),
    Trouble.EXPIRED: _("Le passage par {name} a duré trop longtemps, ou a déjà servi."),
    Trouble.DENIED: _("{name} ne vous a pas reconnu."),
    Trouble.SCOPE: _("{name} ne nous permet pas de demander cela : dites-le au service."),
}


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who left. `user_id` is whose session it was, None for nobody's."""

    sent: Sent
    provider: str
    purpose: Purpose
    wanted: str
    user_id: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Door:
    """A button that leads to a provider, and to what that is."""

    name: str
    url: str
    about: str


def provider_asked(key: str) -> Provider:
    """Raises Http404 for one that this portal has not."""
    provider = provider_of(key)
    if provider is None:
        raise Http404
    return provider


def door(provider: Provider, purpose: Purpose = Purpose.IN, wanted: str = "") -> Door:
    """To the page `wanted`, once somebody was recognised."""
    query = {"pour": "" if purpose is Purpose.IN else purpose.value, "next": wanted}
    said = {name: value for name, value in query.items() if value}
    url = reverse("access:leave", args=[provider.key], query=said or None)
    return Door(provider.name, url, provider.about)


def doors(audience: For, wanted: str = "") -> list[Door]:
    """The ways in by a provider."""
    return [door(one, wanted=wanted) for one in providers(audience)]


def back_address(provider: Provider) -> str:
    """Where the provider sends back to: it knows this address to the letter."""
    return settings.PUBLIC_URL + reverse("access:back", args=[provider.key])


def gone_to(request: MarelleRequest, provider: Provider, purpose: Purpose, wanted: str) -> str:
    """Remember who leaves, and say where to. Raises `ProviderTrouble`."""
    sent = new_sent()
    address = leave_address(
        provider,
        sent,
        back=back_address(provider),
        again=purpose is Purpose.AGAIN,
        scope=scope_asked(request.actor, now=request.now) if purpose is Purpose.QUOTIENT else "",
        now=request.now,
    )
    kept = {
        "sent": asdict(sent),
        "provider": provider.key,
        "purpose": purpose.value,
        "wanted": wanted,
        "user_id": request.actor.user_id,
        "since": request.now.isoformat(),
    }
    request.session[LEFT] = [*request.session.get(LEFT, []), kept][-AT_MOST:]
    return address


def come_from(request: MarelleRequest, provider: Provider, state: str) -> Gone | None:
    """Who left with this state, once; None for who is not waited for, or no more."""
    left = request.session.get(LEFT, [])
    mine = next((one for one in left if one["sent"]["state"] == state), None)
    if mine is None:
        return None
    request.session[LEFT] = [one for one in left if one is not mine]
    at = datetime.fromisoformat(mine["since"])
    if mine["provider"] != provider.key or not at <= request.now < at + LEFT_FOR:
        return None
    named = {"sent": Sent(**mine["sent"]), "purpose": Purpose(mine["purpose"]), "since": at}
    return Gone(**{**mine, **named})


def told_keep(request: MarelleRequest, told: Told, purpose: Purpose) -> None:
    """Remember somebody until it has said what for."""
    kept = asdict(told)
    kept |= {"how": sorted(told.how), "since": None}
    kept["birth_date"] = told.birth_date.isoformat() if told.birth_date else ""
    request.session[TOLD] = {
        "purpose": purpose.value,
        "user_id": request.actor.user_id,
        "since": request.now.isoformat(),
        "told": kept,
    }


def told_kept(request: MarelleRequest, purpose: Purpose) -> Told | None:
    """Who was recognised for this, lately, in this very session; None for nobody."""
    found = request.session.get(TOLD)
    if not found:
        return None
    at = datetime.fromisoformat(found["since"])
    is_mine = found["purpose"] == purpose and found["user_id"] == request.actor.user_id
    return _told_read(found["told"]) if is_mine and at <= request.now < at + TOLD_FOR else None


def told_forget(request: MarelleRequest) -> None:
    request.session.pop(TOLD, None)


def came_by_keep(request: MarelleRequest, provider: str, token: str) -> None:
    """Remember by which provider the session was opened, to log out there as well."""
    request.session[CAME_BY] = {"provider": provider, "token": token}


def _told_read(kept: dict[str, Any]) -> Told:
    birth = kept["birth_date"]
    return Told(
        **{
            **kept,
            "how": frozenset(kept["how"]),
            "birth_date": date.fromisoformat(birth) if birth else None,
        }
    )
