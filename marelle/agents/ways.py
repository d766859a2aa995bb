"""Where the names of people lead on the agents' side: to their page for who may open it, else nowhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from marelle.agents.other_home import people_apart
from marelle.core.converters import address_of
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.search import homes_readable
from marelle.places.posts.selectors import agents_known


def home_ways(request: MarelleRequest, family_ids: Collection[int]) -> Mapping[int, str]:
    """The address of the page of each of these homes that the agent may open; at most one query beside that
    of `apart`, however many."""
    found = homes_readable(request.actor, family_ids, day=request.today)
    address = address_of("agents_families:family")
    return {family_id: address(family_id) for family_id in found.difference(request.apart)}


def care_ways(request: MarelleRequest, child_ids: Collection[int]) -> Mapping[int, str]:
    """The same of what is known of the care of children whom the agent sees."""
    address = address_of("agents_care:child")
    return {child_id: address(child_id) for child_id in set(child_ids) - people_apart(request)}


def colleague_ways(request: MarelleRequest, account_ids: Collection[int]) -> Mapping[int, str]:
    """The address of the page of each of these colleagues, of those for whom the agent answers; one query."""
    address = address_of("agents_team:colleague")
    return {account_id: address(account_id) for account_id in agents_known(request.actor, account_ids)}
