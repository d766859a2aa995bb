"""What a table of routes needs of the relais: a demand of the home and its commission, a morning, its
coming, a childminder."""

from __future__ import annotations

from datetime import date, datetime

from marelle.families.models import Person
from marelle.relay.models import Childminder
from marelle.relay.services import care_ask
from marelle.relay.visits import visit_book
from tests.campaigns.commissions.rows import commission_rows
from tests.relay.test_services import ASKED
from tests.scenario import Home, Scenario


def relay_rows(world: Scenario, home: Home, child: Person, now: datetime) -> dict[str, int]:
    relay = world.structure("Relais petite enfance", kind="relay")
    mornings = world.activity(
        "Matinées", kind="relay", structure=relay, enrolment_mode="none", booking_mode="accompanied"
    )
    world.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=4)
    world.rule(mornings)
    (opening,) = world.openings(mornings, date(2026, 12, 3), date(2026, 12, 3))
    visit = visit_book(
        actor=home.actor, opening_id=opening.pk, adult_name="Camille", child_ids=[child.pk], now=now
    )
    demand_id = care_ask(actor=home.actor, demand=ASKED, now=now).pk
    return {
        "demand_id": demand_id,
        **commission_rows(world, demand_id, now),
        "opening_id": opening.pk,
        "visit_id": visit.pk,
        "childminder_id": Childminder.objects.create(authority=world.the_authority, name="Odile").pk,
    }
