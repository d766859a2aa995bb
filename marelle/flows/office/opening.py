"""A family created at the counter: people, address and invitations, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from marelle.accounts.services import InvitationSent
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.families.file.newcomers import Newcomer, NewcomerKind, newcomer_join
from marelle.families.finding.twins import likely_homes
from marelle.families.invitations import member_invite
from marelle.families.models import Family, Person
from marelle.families.refusals import NoSuchTwin
from marelle.families.scope import is_own_file
from marelle.families.services import NewAdult, NewChild, family_create, residence_add
from marelle.flows.actor.acting import OwnHome, may_act
from marelle.places.locks import portal_locked


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    postal_code: str
    city: str
    source: str


@dataclass(frozen=True, slots=True)
class NewHome:
    """`same_as` gives, by rank of a child, the person that it already is: it then lives in both homes."""

    name: str
    adults: Sequence[NewAdult]
    children: Sequence[NewChild]
    same_as: dict[int, int]
    address: Address | None
    invite: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """`invitations` are those that were sent, in the order of the adults."""

    family_id: int
    number: str
    invitations: tuple[InvitationSent, ...]


class HomesAlike(Refusal):
    """Homes of these people may be there already, and were not shown to the agent."""

    def __init__(self) -> None:
        super().__init__("homes_alike")


@transaction.atomic
def home_open(*, actor: Actor, home: NewHome, seen: str = "", now: datetime) -> Opened:
    """Create the home as of today. `seen` says which homes alike the agent was shown (`Likely.seen`).

    Homes are created one at a time, as an import does: of one form sent twice at once, the second finds the
    home of the first. Raises `NotYours`, `HomesAlike`, `OwnHome` (a child of the agent's own), families'
    `NoSuchTwin` and `WrongFamily`.
    """
    if not may_act(actor):
        raise NotYours
    day = local(now).date()
    portal_locked()
    if likely_homes(home.adults, home.children, day=day).seen not in {"", seen}:
        raise HomesAlike
    known = _known(actor, home, now)
    created = family_create(
        actor=actor,
        name=home.name,
        adults=home.adults,
        children=[child for rank, child in enumerate(home.children) if rank not in known],
        since=day,
        now=now,
    )
    family = Family.objects.get(pk=created.family_id)
    for rank, person in known.items():
        child = home.children[rank]
        links = {created.adults[guardian.adult]: guardian.link for guardian in child.guardians}
        joining = Newcomer(
            NewcomerKind.CHILD, person.first_name, person.last_name, person.birth_date, links=links
        )
        newcomer_join(family, joining, same_as=person, day=day)
    if home.address is not None:
        residence_add(
            actor=actor,
            family_id=family.pk,
            street=home.address.street,
            postal_code=home.address.postal_code,
            city=home.address.city,
            commune_id=None,
            since=day,
            source=home.address.source,
            now=now,
        )
    invited = created.adults.values() if home.invite else ()
    sent = tuple(member_invite(actor=actor, person_id=person_id, now=now) for person_id in invited)
    return Opened(family.pk, family.number, sent)


def _known(actor: Actor, home: NewHome, now: datetime) -> dict[int, Person]:
    """The children who are there already, by rank: only those whom the warning named."""
    if not home.same_as:
        return {}
    day = local(now).date()
    twins = likely_homes((), home.children, day=day).children
    found: dict[int, Person] = {}
    for rank, person_id in home.same_as.items():
        twin = next((one for one in twins if (one.rank, one.person.pk) == (rank, person_id)), None)
        if twin is None:
            raise NoSuchTwin
        if is_own_file(actor, family_id=twin.family.pk, person_id=person_id, day=day):
            raise OwnHome
        found[rank] = twin.person
    return found
