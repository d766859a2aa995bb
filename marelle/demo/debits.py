"""Mandates of the demo: one home is debited, another's paper waits to be seen by a second agent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from marelle.accounts.models import User
from marelle.accounts.recognised import Recognised
from marelle.billing.mandates.offers import mandate_offer
from marelle.billing.mandates.rules import Account
from marelle.billing.mandates.services import Paper, mandate_accept, mandate_note
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.demo.papers import invented_pdf
from marelle.files.rules import Cleaned, Kind
from marelle.files.services import CheckedFile
from marelle.flows.actor.actors import actor_for

CREDITORS: Final = {"cc": "FR33ZZZ999001", "village": "FR06ZZZ999002"}
"""Invented, with a right key."""

BIC: Final = "INVEFR21XXX"
KARIM: Final = Account(
    "Karim Petit", "2 rue du Four", "21991", "Brisecombe", "FR7699900012340001234567825", BIC
)
MARTIN: Final = Account(
    "Julie Martin", "11 rue du Lavoir", "21990", "Arelle", "FR7699900043210008765432158", BIC
)


def debit(office: Actor, authority_id: int, since: datetime, now: datetime) -> None:
    """Before the first month is billed, so that its bills say it; a paper came lately."""
    karim = User.objects.get(identifier="petit")
    actor = actor_for(karim)
    at = since - timedelta(days=3)
    offer = mandate_offer(actor=actor, authority_id=authority_id, account=KARIM, now=at)
    mandate_accept(actor=actor, offer=offer, recognised=Recognised(karim.pk, at), now=at)
    martin = User.objects.get(identifier="martin").person.memberships.get().family
    noted = now - timedelta(days=2) + timedelta(hours=10)
    signed_on = local(noted).date() - timedelta(days=4)
    paper = Paper(MARTIN, signed_on, _scan())
    mandate_note(actor=office, family_id=martin.pk, authority_id=authority_id, paper=paper, now=noted)


def _scan() -> CheckedFile:
    content = invented_pdf("Mandat de prélèvement SEPA, signé", "Document inventé pour la démonstration.")
    return CheckedFile("mandat-signe.pdf", Cleaned(content, Kind.PDF, 1))
