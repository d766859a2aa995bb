"""What the table of roles needs of enrolments once a service has decided."""

from __future__ import annotations

from datetime import date, datetime

from marelle.accounts.models import User
from marelle.bookings.models import EntryCard
from marelle.core.clock import PARIS
from marelle.enrolments.services import Terms, end_ask, enrolment_refuse, enrolment_request
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from tests.offer import LAST_DAY
from tests.scenario import Home, Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


def decided_rows(world: Scenario, home: Home, child: Person, agent: User) -> dict[str, int]:
    """A request refused, so that the home is to be called; an enrolment whose end is asked for."""
    refused = enrolment_request(
        actor=home.actor,
        person_id=child.pk,
        activity_id=world.activity("Ateliers").pk,
        terms=Terms(date(2026, 12, 2), LAST_DAY, {}),
        now=NOW,
    )
    enrolment_refuse(actor=actor_for(agent), enrolment_id=refused.pk, reason="Plus de place.", now=NOW)
    accepted = world.enrolment(child, world.activity("Sorties"), home)
    end = end_ask(
        actor=home.actor, enrolment_id=accepted.pk, last_day=date(2026, 12, 18), comment="", now=NOW
    )
    card = EntryCard.objects.create(
        enrolment=accepted, entries=10, first_day=NOW.date(), last_day=LAST_DAY, given_at=NOW, given_by="Line"
    )
    found = {"refused_id": refused.pk, "accepted_id": accepted.pk, "end_id": end.pk}
    return {**found, "card_id": card.pk}
