"""A home, an authority that has its bills debited, and two agents of its office."""

from __future__ import annotations

from datetime import date, datetime

from marelle.accounts.recognised import Recognised
from marelle.billing.mandates.offers import Offer, mandate_offer
from marelle.billing.mandates.rules import Account
from marelle.billing.mandates.selectors import standing_of
from marelle.billing.mandates.services import Paper, mandate_accept, mandate_note
from marelle.billing.models import Mandate, TresorTerms
from marelle.core.actor import Actor, Role
from marelle.files.rules import Cleaned, Kind
from marelle.files.services import CheckedFile
from marelle.flows.actor.actors import actor_for
from tests.scenario import Home, Scenario, blank_pdf

NOW = datetime.fromisoformat("2026-11-29T12:00:00+00:00")
IBAN = "FR1420041010050500013M02606"
OTHER = "DE89370400440532013000"


def account(iban: str = IBAN) -> Account:
    return Account("Camille Durand", "4 rue du Lavoir", "21999", "Arelle", iban, "AGRIFRPP882")


class Debited(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.line, self.agnes = (self.staff(name, Role.OFFICE) for name in ("line", "agnes"))
        self.first, self.second = actor_for(self.line), actor_for(self.agnes)
        self.terms = TresorTerms.objects.create(
            authority=self.the_authority, post="021030", collection="123", acronym="VAL", period="none",
            budgets={"": "01"}, products={"": "PERI"}, ics="FR72ZZZ123456",
        )  # fmt: skip

    def offer(self, iban: str = IBAN, home: Home | None = None, now: datetime = NOW) -> Offer:
        actor = (home or self.durand).actor
        return mandate_offer(actor=actor, authority_id=self.the_authority.pk, account=account(iban), now=now)

    def accepts(self, offer: Offer | None = None, home: Home | None = None) -> Mandate:
        actor = (home or self.durand).actor
        shown = Recognised(actor.user_id or 0, NOW)
        return mandate_accept(actor=actor, offer=offer or self.offer(home=home), recognised=shown, now=NOW)

    def paper(self, iban: str = IBAN, **said: object) -> Paper:
        scan = CheckedFile("mandat.pdf", Cleaned(blank_pdf(), Kind.PDF, 1))
        standing = standing_of(self.durand.family.pk, self.the_authority.pk)
        return Paper(**{
            "account": account(iban), "signed_on": date(2026, 11, 20), "scan": scan, "standing": standing,
            **said,
        })  # fmt: skip

    def notes(self, paper: Paper | None = None, actor: Actor | None = None) -> Mandate:
        return mandate_note(
            actor=actor or self.first,
            family_id=self.durand.family.pk,
            authority_id=self.the_authority.pk,
            paper=paper or self.paper(),
            now=NOW,
        )
