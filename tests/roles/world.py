"""The cast: a request of the Durand home waits at a structure of the first authority."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.accounts.models import User
from marelle.accounts.oidc.claims import Told
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import (
    Activity,
    AwaitedOpening,
    BookingBound,
    BookingCondition,
    Bundle,
    Gauge,
    KeptPlaces,
    Question,
    Quota,
    SpanJudged,
)
from marelle.attendance.models import Tablet
from marelle.billing.models import Payer
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.sealed import seal
from marelle.core.subject import Subject
from marelle.core.tabular import csv_written
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.caf.rules import Identity, identity_told
from marelle.families.file.changes import file_save
from marelle.families.imports.income_lines import Defaults
from marelle.families.imports.incomes import incomes_prepare
from marelle.families.imports.services import import_prepare
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.families.models import CafAgreement, ChangeRequest, FamilyNote, Promotion, Restriction
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.erasure import erasure_ask
from marelle.flows.identities.arrivals import Letter, arrival_ask
from marelle.flows.models import Dormant, Evening
from marelle.flows.moving.labels import model_rows
from marelle.flows.moving.services import moving_prepare
from marelle.flows.moving.subjects import Kind
from marelle.flows.year.pupils.services import list_prepare
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from marelle.mail.services import queue
from marelle.papers.models import Paper, PaperNeed, PaperPage, PaperReminder, PaperType, Publication
from marelle.papers.services.sending import subject_of
from marelle.places.models import Authority, Closure
from marelle.pricing.amounts import Bracket, Brackets
from marelle.pricing.models import HomeTrait, Product, Subscription
from marelle.relay.models import Childminder
from marelle.relay.visits import visit_bring
from tests.attendance.world import unsettled_rows
from tests.billing.world import bill_of_payer, billing_rows
from tests.booked import booked_rows
from tests.campaigns.rows import campaign_rows
from tests.care import care_rows
from tests.enrolments.rows import decided_rows
from tests.messaging.rows import exchange_rows
from tests.offer import LAST_DAY
from tests.relay.rows import relay_rows
from tests.scenario import Home, Scenario, blank_pdf

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)

BORN = Identity("Martin", ("Camille",), date(1985, 5, 6), "F", "21231")

PUPILS = b"Nom;Prenom;Ne le;Niveau\nLeroy;Eva;02/02/2020;GS\nRoy;Tom;03/03/2019;Les grands\n"
"""A pupil whom nobody knows here, and a word to be explained."""


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        durand = self.durand = self.home("Durand", "Camille")
        self.child_asked = self.child(durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.holidays = self.activity("Vacances")
        self.request = enrolment_request(
            actor=durand.actor,
            person_id=self.child_asked.pk,
            activity_id=self.wednesdays.pk,
            terms=Terms(date(2026, 12, 2), LAST_DAY, {}),
            now=NOW,
        )
        erasure_ask(actor=durand.actor, now=NOW)
        elsewhere = self.structure("Ailleurs")
        self.users: dict[str, User | None] = {
            "anonymous": None,
            "parent": durand.user,
            "other_parent": self.home("Martin", "Sacha").user,
            "animator": self.staff("animation", Role.ANIMATOR),
            "director": self.staff("direction", Role.DIRECTOR),
            "other_director": self.staff("ailleurs", Role.DIRECTOR, structure=elsewhere),
            "office": self.staff("guichet", Role.OFFICE),
            "other_office": self.staff("mairie", Role.OFFICE, authority=self.authority("Mairie")),
            "administrator": self.staff("admin", Role.ADMINISTRATOR),
        }
        self.ids = {
            "authority_id": self.the_authority.pk,
            "section": "qui",
            "code": "registre",
            "shared_kind": "ecoles",
            "moved_kind": "soldes",
            "usual": "hors-delai",
            "product_id": Product.objects.create(authority=self.the_authority, name="Carte").pk,
            "shared_id": self.the_school.pk,
            "place_contact_id": self.the_structure.contacts.get().pk,
            "group_id": self.group(self.holidays, "6–8 ans", (6, 8)).pk,
            "dated_id": self.opening(self.slot(self.holidays, "Soir"), date(2026, 12, 2)).pk,
            "bundle_id": Bundle.objects.create(activity=self.holidays, name="Semaine").pk,
            "condition_id": BookingCondition.objects.create(
                activity=self.holidays, min_age_months=72, since=NOW.date()
            ).pk,
            "awaited_id": AwaitedOpening.objects.create(activity=self.holidays, at=NOW).pk,
            "bound_id": BookingBound.objects.create(activity=self.holidays, n=3, since=NOW.date()).pk,
            "kept_places_id": self.kept_places_named().pk,
            "question_id": Question.objects.create(activity=self.holidays, text="Sait-il nager ?").pk,
            "slot_id": self.slot(self.holidays, "Atelier", weekdays=[1]).pk,
            "structure_id": self.the_structure.pk,
            "gauge_id": self.gauge("Bâtiment", 84).pk,
            "worker_id": self.worker("Léa", "Roussel").pk,
            "closure_id": Closure.objects.create(
                structure=self.the_structure, reason="Neige", first_day=NOW.date(), last_day=NOW.date()
            ).pk,
            "change_id": self.change_asked(durand).pk,
            **self.papers(durand),
            "reminder_id": PaperReminder.objects.create(
                structure=self.the_structure, homes=1, asked_at=NOW, asked_by="Line"
            ).pk,
            "case_id": Case.objects.get(kind="enrolment", subject_id=self.request.pk).pk,
            "person_id": self.child_asked.pk,
            "activity_id": self.holidays.pk,
            "calendar_id": self.the_calendar.pk,
            "enrolment_id": self.request.pk,
            "family_id": durand.family.pk,
            "income_id": self.income(durand, IncomeKind.DEPENDANTS, "2", since=date(2025, 9, 1)).pk,
            "agreement_id": CafAgreement.objects.create(
                family=durand.family,
                person=durand.adult,
                wording="J’autorise la collectivité.",
                given_at=NOW,
                given_by="Camille Durand",
                identity=seal(json.dumps(identity_told(BORN))),
                due_at=NOW,
                asked_at=NOW,
                outcome="same",
            ).pk,
            "trait_id": HomeTrait.objects.create(
                authority=self.the_authority,
                family=durand.family,
                kind="regular",
                since=NOW.date(),
                reason="Inscrite à l’année",
                noted_at=NOW,
                noted_by="G",
            ).pk,
            "subscription_id": Subscription.objects.create(
                product=Product.objects.create(authority=self.the_authority, name="Cotisation"),
                family=durand.family,
                since=NOW.date(),
                noted_at=NOW,
                noted_by="G",
            ).pk,
            "sheet_id": incomes_prepare(
                actor=actor_for(self.users["office"] or durand.user),
                upload=SimpleUploadedFile("qf.csv", b"Dossier;QF\n1;734\n2;600\n"),
                defaults=Defaults(IncomeStatus.PROVED, NOW.date(), "CDAP"),
                now=NOW,
            ).pk,
            "moving_kind": "reservations",
            "moving_id": moving_prepare(
                actor=actor_for(self.users["office"] or durand.user),
                kind=Kind.CARDS,
                upload=SimpleUploadedFile("c.csv", csv_written(model_rows(Kind.CARDS))),
                now=NOW,
            ).pk,
            "import_id": import_prepare(
                actor=actor_for(self.staff("imports", Role.OFFICE)),
                upload=SimpleUploadedFile("f.csv", b"Prenom mere;Nom mere;Lien mere\nAnne;Petit;cousine\n"),
                now=NOW,
            ).pk,
            "list_id": list_prepare(
                actor=actor_for(self.staff("listes", Role.OFFICE)),
                upload=SimpleUploadedFile("e.csv", PUPILS),
                now=NOW,
            ).pk,
            "kept_id": self.home("Haddad", "Rachid").family.pk,
            "left_id": self.home("Haddad", "Amina").family.pk,
            "message_id": Message.objects.earliest("pk").pk,
            "adult_id": durand.adult.pk,
            "note_id": FamilyNote.objects.create(
                family=durand.family, text="a", shared=True, at=NOW, by="G"
            ).pk,
            "letter_id": queue(
                kind="accounts/invitation",
                to="",
                context={"name": "Camille", "url": "https://portail.example/", "days": 14},
                family_id=durand.family.pk,
                secret=True,
                now=NOW,
            ).pk,
            "token": "jeton",
            "device_id": 1,
            "passkey_id": 1,
            "identity_id": 1,
            "provider": "franceconnect",
            "arrival_id": self._arrival(),
            "browser_id": 1,
            "erased_id": durand.family.pk,
            "revision": 0,
            "colleague_id": self.users["animator"].pk,
            "app": "accounts",
            "name": "invitation",
            **decided_rows(self, durand, self.child_asked, self.users["administrator"]),
            **exchange_rows(durand, self.the_structure, NOW),
            **booked_rows(self, durand, self.child_asked),
            **campaign_rows(self, durand, self.child_asked, NOW),
            "child_id": self.child_asked.pk,
            **care_rows(durand, self.child_asked, self.the_authority),
            **billing_rows(durand),
            **relay_rows(self, durand, self.child_asked, NOW),
            **unsettled_rows(self.the_structure, self.child_asked, NOW),
            "restriction_id": Restriction.objects.create(
                child=self.child_asked,
                adult=self.users["other_parent"].person,
                since=NOW.date(),
                reason="Juge de Dijon",
                proof=self.pdf("jugement.pdf"),
                written_at=NOW,
                written_by="Line",
            ).pk,
            "recounted_id": self.recounted(NOW.date()).pk,
            "judged_id": self.judged(NOW.date()).pk,
        }
        reads = self.guest("departement", Payer.objects.get(pk=self.ids["payer_id"]))
        self.users["payer"] = reads.account
        self.ids["access_id"] = reads.pk
        self.ids["payer_bill_id"] = bill_of_payer(durand, reads.payer).pk
        Authority.objects.filter(pk=self.the_authority.pk).update(teen_age=6)
        teen = self.teen(durand, self.child_asked, self.holidays, identifier="zoe")
        self.users["teen"], self.ids["teen_id"] = teen.account, teen.pk
        comes = self.minder("odile", Childminder.objects.get(pk=self.ids["childminder_id"]))
        self.users["childminder"] = comes.account
        self.ids["minder_access_id"] = comes.pk
        self.ids["brought_id"] = visit_bring(
            actor=actor_for(comes.account),
            opening_id=self.ids["opening_id"],
            first_names=["Lou"],
            now=NOW,
        ).pk
        workshop = self.holidays.slots.get(name="Atelier")
        self.tariff(
            workshop, amount=Brackets((Bracket(Decimal(0), Decimal(3)), Bracket(Decimal(600), Decimal(5))))
        )
        self.openings(self.holidays, date(2026, 12, 8))
        served = self.activity("Garderie", kind="after_school")
        served.schools.add(self.the_school)
        self.ids["school_id"] = self.the_school.pk
        Dormant.objects.create(family=self.durand.family, told_at=NOW)
        Evening.objects.create(
            structure=self.the_structure, to="mairie@x.fr", password="K7QM", password_at=NOW, set_at=NOW
        )
        self.ids["tablet_id"] = Tablet.objects.create(
            structure=self.the_structure, name="Entrée", secret_digest="0" * 64, enrolled_at=NOW
        ).pk
        self.ids["mate_id"] = self.users["animator"].pk
        self.ids["promotion_id"] = Promotion.objects.create(
            school=self.the_school, school_year=2027, children=1, made_at=NOW, made_by="Line"
        ).pk
        self.ids["noted_id"] = self.ids["decided_id"] = Case.objects.get(
            kind="enrolment", subject_id=self.request.pk
        ).pk

    def recounted(self, day: date) -> Gauge:
        """A gauge of 24, of which a count has freed six places."""
        gauge = self.gauge("Centre", 24)
        Quota.objects.create(gauge=gauge, day=day, capacity=18, taken=3, withheld=6)
        open_case(
            actor=SYSTEM,
            kind="gauge",
            subject=Subject("gauge", gauge.pk, gauge.name),
            authority_id=self.the_authority.pk,
            structure_id=self.the_structure.pk,
            now=NOW,
        )
        return gauge

    def judged(self, day: date) -> SpanJudged:
        """A week in which somebody has less than the least."""
        bound = BookingBound.objects.create(activity=self.holidays, kind="least", n=3, since=day)
        judged = SpanJudged.objects.create(bound=bound, first_day=day, last_day=day, judged_at=NOW)
        definition_changed(Activity.objects.filter(pk=self.holidays.pk))
        open_case(
            actor=SYSTEM,
            kind="least",
            subject=Subject("span_judged", judged.pk, "Vacances"),
            authority_id=self.the_authority.pk,
            structure_id=self.the_structure.pk,
            now=NOW,
        )
        return judged

    def _arrival(self) -> int:
        """Somebody whom a provider has recognised, and whom nobody here is."""
        told = Told(
            "franceconnect",
            "https://identite.example",
            "b",
            "",
            given_names="Angela",
            birth_name="Dubois",
            birth_date=date(1982, 8, 24),
        )
        letter = Letter("angela@example.org", "", "no", "")
        return arrival_ask(told=told, letter=letter, origin=Origin(), now=NOW).pk

    def change_asked(self, home: Home) -> ChangeRequest:
        address = {"street": "2 rue du Four", "postal_code": "21999", "city": "Arelle"}
        file_save(actor=home.actor, person_id=None, typed={"home.address": address}, seen={}, now=NOW)
        change = ChangeRequest.objects.get()
        change.proof = self.pdf("facture.pdf")
        change.save(update_fields=["proof"])
        return change

    def kept_places_named(self) -> KeptPlaces:
        evening = self.holidays.slots.get(name="Soir")
        gauge = self.gauge("Soir", 24)
        self.draws(evening, gauge)
        day = NOW.date()
        return KeptPlaces.objects.create(
            activity=self.holidays, gauge=gauge, name="Suivi", places=1, audience="named", since=day,
            release_time=time(18),
        )  # fmt: skip

    def papers(self, home: Home) -> dict[str, int]:
        """A paper that waits and a publication to accept; their files are not checked for each row."""
        kind = PaperType.objects.create(
            authority=self.the_authority, title="Assurance", why="Pour tous.", about="child"
        )
        PaperNeed.objects.create(activity=self.wednesdays, paper_type=kind)
        paper = Paper.objects.create(
            paper_type=kind, family=home.family, person=self.child_asked, sent_at=NOW, sent_by="Camille"
        )
        open_case(
            actor=home.actor,
            kind="paper",
            subject=subject_of(paper),
            family_id=home.family.pk,
            authority_id=self.the_authority.pk,
            now=NOW,
        )
        page = PaperPage.objects.create(paper=paper, file=self.pdf("assurance.pdf"))
        publication = Publication.objects.create(
            structure=self.the_structure,
            theme="rules",
            title="Règlement",
            file=self.pdf("reglement.pdf"),
            published_on=NOW.date(),
            must_accept=True,
            published_by="Direction",
        )
        return {
            "type_id": kind.pk,
            "paper_id": paper.pk,
            "page_id": page.pk,
            "publication_id": publication.pk,
        }

    def pdf(self, name: str) -> StoredFile:
        return file_make(actor=SYSTEM, content=blank_pdf(), name=name, pages=1, now=NOW)
