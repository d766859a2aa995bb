"""What an account is linked to by its owner; and agents, whom a provider tells by mail and establishment."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.accounts.models import Identity, User
from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.providers import For, Provider
from marelle.accounts.services import identity_link
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours, Refusal
from marelle.families.locks import own_home_locked
from marelle.families.models import Person
from marelle.flows.identities.over import arrival_over
from marelle.flows.identities.rules import Held, alike
from marelle.journal.origin import Origin
from marelle.places.models import Authority, Post


class NotTheSame(Refusal):
    """What the provider tells contradicts what is held of the account's owner."""

    def __init__(self) -> None:
        super().__init__("not_the_same")


class NotAnAgent(Refusal):
    """`why`: "establishment" of who does not work, or not here any more, where the provider says it does;
    "nobody" where no account with a post has that address, or several have."""

    def __init__(self, why: str) -> None:
        super().__init__("not_an_agent", why=why)
        self.why = why


def may_link(actor: Actor, provider: Provider) -> bool:
    """Whether the actor's account may be opened by this provider: of a parent, or of an agent."""
    return actor.person_id is not None if provider.audience is For.FAMILIES else actor.is_staff


def held_of(person: Person) -> Held:
    return Held(person.first_name, person.last_name, person.birth_date, person.civility, person.email)


@transaction.atomic
def own_identity_link(
    *, actor: Actor, told: Told, provider: Provider, origin: Origin, now: datetime
) -> Identity:
    """Link the actor's own account to who was recognised in its browser, as it says.

    Raises `NotYours`, `NotTheSame`, `NotAnAgent`, and accounts' IdentityTaken, OtherIdentity, ClosedAccount.
    The caller has had the actor recognised.
    """
    if not may_link(actor, provider):
        raise NotYours
    user, email = User.objects.get(pk=actor.user_id or 0), ""
    if provider.audience is For.FAMILIES:
        if actor.family_id is not None and not actor.on_behalf_of:
            own_home_locked(actor)
        person = Person.objects.filter(pk=actor.person_id or 0).first()
        if person is None:
            raise NotYours
        if not alike(told, held_of(person)).is_possible:
            raise NotTheSame
        email = person.email
        arrival_over(actor=actor, told=told, family_id=actor.home_id, now=now)
    else:
        agent_check(user, told=told, provider=provider)
    return identity_link(user=user, told=told, provider=provider.name, email=email, origin=origin, now=now)


@transaction.atomic
def agent_arrive(*, told: Told, provider: Provider, origin: Origin, now: datetime) -> User:
    """Link the one account with a post that has the address which the provider tells of an agent of that
    establishment. No account is made. Raises `NotAnAgent`, and accounts' refusals."""
    if not told.email:
        raise NotAnAgent("nobody")
    posts = Post.objects.held().values("user_id")
    found = list(User.objects.filter(email__iexact=told.email, is_active=True, pk__in=posts)[:2])
    if len(found) != 1:
        raise NotAnAgent("nobody")
    agent_check(found[0], told=told, provider=provider)
    identity_link(user=found[0], told=told, provider=provider.name, origin=origin, now=now)
    return found[0]


def agent_check(user: User, *, told: Told, provider: Provider) -> None:
    """Raises `NotAnAgent` of who has no post, or not where the provider says that it works."""
    posts = list(Post.objects.held().filter(user=user).select_related("structure"))
    if not posts:
        raise NotAnAgent("nobody")
    if not provider.tells_establishment:
        return
    authorities = Authority.objects.all()
    if not any(post.role == Role.ADMINISTRATOR for post in posts):
        offices = {post.authority_id for post in posts if post.authority_id}
        elsewhere = {post.structure.authority_id for post in posts if post.structure}
        authorities = authorities.filter(pk__in=offices | elsewhere)
    if not told.siret or not authorities.filter(siret=told.siret).exists():
        raise NotAnAgent("establishment")
