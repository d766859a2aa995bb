"""Reminders of the demo: steps in both authorities; a late home was reminded once, another has a delay."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from marelle.accounts.models import User
from marelle.billing.models import ImportRun
from marelle.billing.reminders.deferrals import deferral_grant
from marelle.billing.reminders.report import Debtor, report_of
from marelle.billing.reminders.sending import reminders_send
from marelle.core.actor import Actor
from marelle.demo.invoices import SENDER
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Authority

REMINDED: Final = timedelta(days=5, hours=14)
"""How long before this morning."""
DELAY: Final = timedelta(days=45)
SHOWN: Final = "Durand"
"""Of homes that may be reminded, the first to be: its account is told."""


def remind(places: Places, year: SchoolYear) -> None:
    office = actor_for(User.objects.get(identifier="guichet"))
    at = year.morning - REMINDED
    for authority in places.authorities.values():
        _payments_known(authority, at)
    late = _late(office, places.authorities["cc"], at)
    if late:
        seen = {late[0].key: late[0].digest}
        reminders_send(actor=office, authority_id=places.authorities["cc"].pk, seen=seen, now=at)
    for authority, homes in (
        (places.authorities["village"], _late(office, places.authorities["village"], at)),
        (places.authorities["cc"], late[1:]),
    ):
        home = next((one.family for one in homes if one.family), None)
        if home is not None:
            deferral_grant(
                actor=office, authority_id=authority.pk, family_id=home.pk, until=year.today + DELAY,
                reason="Échéancier convenu avec la trésorerie", now=at,
            )  # fmt: skip
            return


def _late(office: Actor, authority: Authority, at: datetime) -> list[Debtor]:
    """Those who may be reminded, the home of which the account is told first."""
    report = report_of(office, authority.pk, now=at)
    return sorted(report.due, key=lambda one: (one.name != SHOWN, one.key))


def _payments_known(authority: Authority, at: datetime) -> None:
    """A state of payments came that day, unless one has since."""
    if not ImportRun.objects.filter(authority=authority, kind__in=ImportRun.OF_PAYMENTS).exists():
        ImportRun.objects.create(
            authority=authority, kind=ImportRun.Kind.PAYMENTS, file_name=f"paiements-{at:%Y-%m-%d}.csv",
            sha256=sha256(f"{authority.pk} {at}".encode()).hexdigest(), prepared_at=at, prepared_by=SENDER,
            done_at=at, done_by=SENDER, counts={"changed": 0, "total": "0.00"},
        )  # fmt: skip
