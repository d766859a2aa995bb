"""The place and the home of the tutorial's walk: every tab has something to show, nothing is decided yet."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from marelle.activities.kinds import BookingMode, EnrolmentMode
from marelle.billing.models import Invoice, InvoiceLine, Treasury
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.files.fields import checked
from marelle.flows.actor.actors import actor_for
from marelle.papers.models import PaperType, Publication
from marelle.papers.services.publishing import PublicationFields, publication_publish
from tests.papers.files import pdf
from tests.scenario import Scenario

INSURANCE = "Attestation d’assurance"


class Commune(Scenario):
    """Camille, Hugo who never connected, Zoé, Léo and little Noé; an office that answers for all."""

    def __init__(self) -> None:
        super().__init__()
        self.today = local(timezone.now()).date()
        self.wednesday = self.today + timedelta(days=(2 - self.today.weekday()) % 7 + 14)
        self.span = {
            "first_day": self.today - timedelta(days=60),
            "last_day": self.today + timedelta(days=200),
        }
        self.guichet = self.staff("guichet", Role.OFFICE)
        self._family()
        self._wednesdays()
        self._canteen()
        self._childcare()
        self._files()
        self._invoices()

    def _family(self) -> None:
        year = self.today.year
        self.durand = self.home("Durand", "Camille", identifier="camille")
        self.hugo = self.adult(self.durand, "Hugo")
        self.zoe = self.child(self.durand, "Zoé", born=date(year - 8, 1, 15), school=self.the_school)
        self.leo = self.child(self.durand, "Léo", born=date(year - 5, 1, 15))
        self.noe = self.child(self.durand, "Noé", born=date(year - 1, 1, 15))
        self.quotient(self.durand)

    def _wednesdays(self) -> None:
        """Léo may ask for Wednesdays and for the holidays."""
        self.wednesdays = self.activity("Mercredis d’Arelle", **self.span)
        self.holidays = self.activity("Vacances à Arelle", kind="holidays", **self.span)
        self.rule(self.wednesdays)
        self.slot(self.wednesdays, "Matin", capacity=8)
        self.openings(self.wednesdays, self.wednesday)

    def _canteen(self) -> None:
        """Zoé eats at school today, and it is too late to cancel."""
        kitchen = self.structure("Restaurant scolaire", kind="canteen")
        canteen = self.activity("Restauration scolaire", kind="canteen", structure=kitchen, **self.span)
        self.rule(canteen)
        meal = self.slot(canteen, "Repas", "23:58", "23:59", weekdays=list(range(7)), has_meal=True)
        self.enrolment(self.zoe, canteen, self.durand)
        self.lunch = self.booking(self.zoe, self.opening(meal, self.today))

    def _childcare(self) -> None:
        """The multi-accueil enrolled Noé and validates what is asked; at the relais nobody enrols."""
        self.nursery = self.structure("Multi-accueil Les Ricochets", kind="childcare")
        self.relais = self.structure("Relais petite enfance", kind="relay")
        self.care = self.activity(
            "Multi-accueil",
            kind="childcare",
            structure=self.nursery,
            years=(0, 4),
            enrolment_mode=EnrolmentMode.BY_STRUCTURE,
            booking_mode=BookingMode.VALIDATED,
            **self.span,
        )
        self.rule(self.care)
        self.slot(self.care, "Accueil", "08:00", "18:00", capacity=2, by_hour=True)
        self.openings(self.care, self.wednesday)
        self.enrolment(self.noe, self.care, self.durand)
        mornings = self.activity(
            "Matinées",
            kind="relay",
            structure=self.relais,
            years=(0, 5),
            enrolment_mode=EnrolmentMode.NONE,
            booking_mode=BookingMode.ACCOMPANIED,
            **self.span,
        )
        self.rule(mornings)
        self.slot(mornings, "Matinée", "09:30", "11:30", capacity=4)
        self.openings(mornings, self.wednesday)

    def _files(self) -> None:
        """A paper of the home and one of each child at the canteen; a form to return and rules to accept."""
        kind = {
            "authority": self.the_authority,
            "why": "Pour le dossier.",
            "stake": "Le dossier attend.",
        }
        income = PaperType.objects.create(title="Avis d’imposition", about="family", **kind)
        self.insurance = PaperType.objects.create(title=INSURANCE, about="child", **kind)
        for paper_type in (income, self.insurance):
            paper_type.needs.create(activity=self.lunch.enrolment.activity, effect="warn")
        self._publish("Modèle d’attestation", returned=self.insurance.pk)
        self._publish("Règlement de la restauration", must_accept=True)

    def _publish(self, title: str, *, returned: int | None = None, must_accept: bool = False) -> None:
        publication_publish(
            actor=actor_for(self.guichet),
            fields=PublicationFields(
                structure_id=self.lunch.enrolment.activity.structure_id,
                activity_id=None,
                theme=Publication.Theme.values[0],
                title=title,
                version="",
                published_on=self.today,
                until=None,
                returns_id=returned,
                must_accept=must_accept,
            ),
            upload=checked(pdf()),
            now=timezone.now(),
        )

    def _invoices(self) -> None:
        """One to pay, one paid; where to pay is told."""
        Treasury.objects.create(
            authority=self.the_authority,
            name="Trésorerie du Val d’Arelle",
            address="3 place du Marché, 21999 Arelle",
            how_to_pay="Par chèque ou en espèces au guichet.",
            how_to_contest="Dans les deux mois, devant le tribunal administratif.",
        )
        for number, amount, paid in (("2026-0001", "86.40", "0.00"), ("2026-0002", "20.00", "20.00")):
            invoice = Invoice.objects.create(
                authority=self.the_authority,
                family=self.durand.family,
                number=number,
                month=self.today.replace(day=1),
                issued_on=self.today,
                due_on=self.today + timedelta(days=30),
                total=Decimal(amount),
                paid=Decimal(paid),
            )
            InvoiceLine.objects.create(
                invoice=invoice,
                child=self.zoe,
                activity="Restauration scolaire",
                label="Repas",
                quantity=Decimal(1),
                unit_price=invoice.total,
                amount=invoice.total,
                order=1,
            )
