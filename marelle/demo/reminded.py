"""Reminders of the demo: steps in both authorities; a late home was reminded once, another has a delay."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from marelle.accounts.models import User
from marelle.billing.reminders.deferrals import deferral_grant
from marelle.billing.reminders.report import report_of
from marelle.billing.reminders.sending import reminders_send
from marelle.billing.reminders.steps import first_words, step_set
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.flows.actor.actors import actor_for

STEPS: Final = 3
REMINDED: Final = timedelta(days=6)
"""How long ago."""
DELAY: Final = timedelta(days=45)
SHOWN: Final = "Durand"
"""Of homes that may be reminded, the first to be: its account is told."""


def set_steps(places: Places, year: SchoolYear) -> None:
    office = actor_for(User.objects.get(identifier="guichet"))
    for authority in places.authorities.values():
        for place in range(STEPS):
            values = first_words(place)
            step_set(actor=office, authority_id=authority.pk, values=values, now=year.morning)


def remind(places: Places, year: SchoolYear) -> None:
    office = actor_for(User.objects.get(identifier="guichet"))
    authority = places.authorities["cc"]
    at = year.morning - REMINDED
    report = report_of(office, authority.pk, now=at)
    late = sorted(report.due, key=lambda one: (one.name != SHOWN, one.key))
    if late:
        seen = {late[0].key: late[0].digest}
        reminders_send(actor=office, authority_id=authority.pk, seen=seen, now=at)
    others = [one.family for one in late[1:] if one.family]
    if others:
        deferral_grant(
            actor=office,
            authority_id=authority.pk,
            family_id=others[0].pk,
            until=year.today + DELAY,
            reason="Échéancier convenu avec la trésorerie",
            now=at,
        )
