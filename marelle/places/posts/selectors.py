"""What screens read of agents: who works where, within what the reader answers for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from marelle.accounts.models import User
from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.core.spelling import spelt
from marelle.places.models import Authority, Post, Structure
from marelle.places.scope import answers_for, in_office

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Givable:
    """The posts that an actor may give: keys with the names of the places."""

    administrator: bool
    offices: tuple[tuple[int, str], ...]
    directed: tuple[tuple[int, str], ...]
    animated: tuple[tuple[int, str], ...]

    def powers(self) -> frozenset[Power]:
        return frozenset(
            [Power(Role.ADMINISTRATOR)] * self.administrator
            + [Power(Role.OFFICE, authority_id=pk) for pk, _name in self.offices]
            + [
                Power(Role.DIRECTOR, structure_id=pk, reads_incomes=reads)
                for pk, _name in self.directed
                for reads in (False, True)
            ]
            + [Power(Role.ANIMATOR, structure_id=pk) for pk, _name in self.animated]
        )


def givable(actor: Actor) -> Givable:
    """Two queries."""
    offices = Authority.objects.filter(in_office(actor)).order_by("name")
    theirs = in_office(actor, "authority__")
    structures = Structure.objects.filter(theirs | Q(pk__in=actor.structures(Role.DIRECTOR)))
    rows = list(structures.order_by("order", "name").values_list("pk", "name", "authority_id"))
    kept = dict(offices.values_list("pk", "name"))
    return Givable(
        administrator=actor.is_administrator or actor == SYSTEM,
        offices=tuple(kept.items()),
        directed=tuple((pk, name) for pk, name, authority_id in rows if authority_id in kept),
        animated=tuple((pk, name) for pk, name, _authority in rows),
    )


def agents(actor: Actor, *, query: str = "", page: str | int | None = 1) -> Page[User]:
    """Who works where the actor answers for, by name; each with `shown_posts`, those that it answers for.

    `query` is looked for in the name, the identifier and the address, without accents. Three queries. A page
    that does not exist gives the nearest.
    """
    rows = _agents(actor)
    if words := spelt(query.strip()):
        rows = rows.filter(Q(display_name__regex=words) | Q(identifier__regex=words) | Q(email__regex=words))
    return Paginator(rows.order_by("display_name", "pk"), PER_PAGE).get_page(page)


def agents_counted(actor: Actor) -> tuple[int, int]:
    """How many `agents` there are, and how many of them are invited and not yet in; one query."""
    mine = Post.objects.filter(answers_for(actor))
    found = mine.aggregate(
        everyone=Count("user", distinct=True),
        invited=Count("user", distinct=True, filter=Q(user__is_active=False, suspended_at=None)),
    )
    return found["everyone"], found["invited"]


def agent(actor: Actor, user_id: int) -> User | None:
    """One of `agents`; None for anybody else. Two queries."""
    return _agents(actor).filter(pk=user_id).first()


def agents_known(actor: Actor, user_ids: Collection[int]) -> frozenset[int]:
    """Those of these accounts that are among `agents`; one query."""
    mine = Post.objects.filter(answers_for(actor), user_id__in=set(user_ids))
    return frozenset(mine.order_by().values_list("user_id", flat=True))


def addresses_of(*roles: Role) -> tuple[str, ...]:
    """The mail addresses of who holds a post of one of these roles anywhere, each once; one query."""
    held = Post.objects.held().filter(role__in=roles).values("user_id")
    users = User.objects.filter(pk__in=held, is_active=True).exclude(email="").order_by("pk")
    return tuple(dict.fromkeys(users.values_list("email", flat=True)))


def shown_posts(user: User) -> list[Post]:
    """Of an account that a selector of this module gave: its posts that the reader answers for."""
    found: list[Any] = user.shown_posts  # type: ignore[attr-defined]
    return found


def _agents(actor: Actor) -> QuerySet[User]:
    mine = Post.objects.filter(answers_for(actor))
    posts = mine.select_related("authority", "structure").order_by(
        "role", "authority__name", "structure__name"
    )
    return User.objects.filter(Exists(mine.filter(user_id=OuterRef("pk")).order_by())).prefetch_related(
        Prefetch("posts", queryset=posts, to_attr="shown_posts")
    )
