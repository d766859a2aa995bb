"""Zoé lives in two homes. The first has told, sent and received everything; the others are curious.

What only the first home and those who work for it may read holds a marker, found nowhere else.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from marelle.accounts.models import (
    Channel,
    Device,
    Identity,
    Invitation,
    LinkPurpose,
    Passkey,
    RememberedBrowser,
    SecretLink,
    User,
)
from marelle.accounts.notices import Notice
from marelle.accounts.stopping import stop_token
from marelle.accounts.tokens import hash_of
from marelle.attendance.models import Mismatch
from marelle.billing.models import Addressee, Invoice, InvoiceLine
from marelle.bookings.models import AbsenceProof, BookingRequest
from marelle.bookings.states import BookingState
from marelle.cases.services import open_case
from marelle.core.actor import Role
from marelle.core.sealed import seal
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.families.models import (
    ChangeRequest,
    Family,
    HealthSheet,
    Person,
    PickupPermission,
    ProposedIncome,
    Residence,
)
from marelle.files.models import StoredFile
from marelle.flows.actor.feed import feed_token
from marelle.messaging.models import Message
from marelle.papers.models import Paper, PaperAsked, PaperPage, PaperType, Publication
from marelle.papers.services.sending import subject_of
from marelle.relay.models import CareRequest, Visit
from tests.care import contact, sheets_say
from tests.messaging.rows import exchange_rows
from tests.passkeys import Telephone
from tests.roles.world import NOW, World

PRIVATE = {
    "street": "12 sente aux Renards",
    "street proposed": "2 rue du Four",
    "phone": "06 39 98 77 01",
    "work phone": "06 39 98 77 02",
    "mail": "camille.cachee@famille.example",
    "profession": "souffleuse de verre",
    "employer": "Verrerie Hautbois",
    "CAF number": "7654321",
    "income": "987,65",
    "income proposed": "876,54",
    "contact": "Line Roche",
    "other contact": "Paule Ortiz",
    "contact's phone": "06 39 98 10 02",
    "allowed for a day": "Rachid Haddad",
    "note of the day": "Vient en vélo rouge",
    "banned": "Max Perrin",
    "message": "Le doudou bleu est resté au dortoir",
    "subject": "Doudou oublié",
    "invoice": "431,07",
    "invoice number": "FACT-77-0001",
    "addressee": "6 venelle des Bruyères",
    "paper": "assurance-cachee.pdf",
    "paper of the home": "caf-cachee.pdf",
    "proof of absence": "certificat-cache.pdf",
    "proof of change": "electricite-cachee.pdf",
    "attachment": "dessin-cache.pdf",
    "words of the end": "Nous partons vivre à Brest",
    "words of the request": "Je travaille de nuit",
    "care": "Nous cherchons pour des jumeaux",
    "who comes": "Tante Odette",
    "suspension": "Trois matins sans nouvelles",
    "words on a mismatch": "Vu sous le préau vert",
    "absence": "Certificat illisible de la tante",
}
"""What the first home alone may read on the family side."""

OF_THE_CHILD = {
    "allergies": "Allergie au sésame noir",
    "treatments": "Ventoline au coucher",
    "PAI": "pai-cache.pdf",
}
"""What both homes of the child may read, and nobody else: the health sheet is the child's."""


class Apart(World):
    """The world of the roles, with the other home of the child and with something private in each field."""

    def __init__(self) -> None:
        super().__init__()
        self.other_home = self.home("Petit", "Alex")
        self.shared(self.child_asked, self.durand, self.other_home)
        self.stranger = self.users["other_parent"]
        assert self.stranger is not None
        elsewhere = self.users["other_director"]
        assert elsewhere is not None
        self.structure_elsewhere = elsewhere.posts.get().structure
        self.users |= {
            "other_home": self.other_home.user,
            "other_animator": self.staff(
                "animation-ailleurs", Role.ANIMATOR, structure=self.structure_elsewhere
            ),
        }
        self._told_by_the_home()
        self._told_of_the_child()
        self._sent_and_received()
        self.own = {
            "other_parent": self._own_rows("other_parent"),
            "other_home": self._own_rows("other_home"),
        }
        booking_request = BookingRequest.objects.get()
        self.ids_under = {
            "/agents/reservations/demandes/": {"request_id": booking_request.pk},
            "/reservations/proposition/": {"booking_id": self._offered()},
            "/documents/foyer/": {"type_id": self._paper_of_the_home()},
        }
        self.secrets, self.spoilt = self._tokens(), self._spoilt()
        self.ids["coming_id"] = self._coming()
        self.ids["device_id"] = Device.objects.create(
            user=self.durand.user, session_key="a" * 32, label="Téléphone", first_seen=NOW, last_seen=NOW
        ).pk
        self.ids["browser_id"] = RememberedBrowser.objects.create(
            user=self.durand.user,
            token_hash="x",
            label="Téléphone",
            since=NOW,
            until=NOW + timedelta(days=30),
        ).pk
        self.ids["identity_id"] = Identity.objects.create(
            user=self.durand.user, issuer="https://identite.example", subject="a", since=NOW
        ).pk
        self.ids["passkey_id"] = Passkey.objects.create(
            user=self.durand.user,
            credential_id="x",
            credential=bytes(Telephone().attested),
            sign_count=0,
            label="Téléphone",
            added_at=NOW,
        ).pk

    def values(self, address: str) -> dict[str, object]:
        """The arguments of a route: rows of the first home."""
        found = dict(self.ids)
        for prefix, ids in self.ids_under.items():
            if address.startswith(prefix):
                found |= ids
        return found

    def _tokens(self) -> dict[str, str]:
        """A secret of the first home that is good for each route that takes one."""
        user, until = self.durand.user, NOW + timedelta(hours=1)
        secrets = {purpose: f"secret-{purpose}" for purpose in LinkPurpose}
        for purpose, secret in secrets.items():
            SecretLink.objects.create(
                user=user,
                purpose=purpose,
                token_hash=hash_of(secret),
                email="nouvelle@famille.example",
                created_at=NOW,
                expires_at=until,
            )
        invited = User.objects.create_user("invitee", None, display_name="Lou Durand", is_active=False)
        Invitation.objects.create(
            user=invited,
            token_hash=hash_of("secret-invitation"),
            channel=Channel.LETTER,
            created_at=NOW,
            created_by_label="Guichet",
            expires_at=until,
        )
        return {
            "/activation/<str:token>/": "secret-invitation",
            "/compte/adresse-mail/<str:token>/": secrets[LinkPurpose.EMAIL],
            "/mot-de-passe/<str:token>/": secrets[LinkPurpose.PASSWORD],
            "/calendrier/<str:token>.ics": feed_token(user),
            "/ne-plus-recevoir/<str:token>/": stop_token(user.pk, Notice.NEWS),
        }

    def _spoilt(self) -> dict[str, str]:
        """The secrets that were good before: used, run out, replaced; a calendar signed for another."""
        old = {purpose: f"old-{purpose}" for purpose in LinkPurpose}
        for purpose, secret in old.items():
            SecretLink.objects.create(
                user=self.durand.user,
                purpose=purpose,
                token_hash=hash_of(secret),
                created_at=NOW - timedelta(days=1),
                expires_at=NOW - timedelta(hours=1),
            )
        Invitation.objects.create(
            user=self.durand.user,
            token_hash=hash_of("old-invitation"),
            channel=Channel.LETTER,
            created_at=NOW - timedelta(days=1),
            created_by_label="Guichet",
            expires_at=NOW + timedelta(days=1),
            used_at=NOW - timedelta(hours=1),
        )
        _number, _dot, signature = feed_token(self.other_home.user).partition(".")
        return {
            "/activation/<str:token>/": "old-invitation",
            "/compte/adresse-mail/<str:token>/": old[LinkPurpose.EMAIL],
            "/mot-de-passe/<str:token>/": old[LinkPurpose.PASSWORD],
            "/calendrier/<str:token>.ics": f"{self.durand.user.pk}-0.{signature}",
            "/ne-plus-recevoir/<str:token>/": f"{self.durand.user.pk}-invoice.{signature}",
        }

    def _told_by_the_home(self) -> None:
        family = self.durand.family
        Person.objects.filter(pk=self.durand.adult.pk).update(
            phone="+33639987701",
            work_phone="+33639987702",
            email=PRIVATE["mail"],
            profession=PRIVATE["profession"],
            employer=PRIVATE["employer"],
        )
        User.objects.filter(pk=self.durand.user.pk).update(email=PRIVATE["mail"])
        Family.objects.filter(pk=family.pk).update(caf_number=PRIVATE["CAF number"])
        Residence.objects.filter(family=family).update(street=PRIVATE["street"])
        self.quotient(self.durand, "987.65")
        income = ChangeRequest.objects.create(
            kind="field", family=family, field="home.quotient", asked_at=NOW, asked_by="Camille Durand"
        )
        ProposedIncome.objects.create(change=income, amount=seal("876.54"), since=date(2026, 11, 1))
        PickupPermission.objects.filter(family=family).update(note=PRIVATE["note of the day"])
        EndRequest.objects.update(comment=PRIVATE["words of the end"])
        Enrolment.objects.filter(family=family).update(
            comment=PRIVATE["words of the request"],
            suspension=PRIVATE["suspension"],
            suspended_from=date(2026, 9, 1),
            suspended_until=date(2026, 9, 2),
        )
        CareRequest.objects.update(remarks=PRIVATE["care"])
        Visit.objects.exclude(family=None).update(adult_name=PRIVATE["who comes"])

    def _told_of_the_child(self) -> None:
        sheets_say(allergies=OF_THE_CHILD["allergies"], treatments=OF_THE_CHILD["treatments"])
        contact(self.durand, self.child_asked, PRIVATE["other contact"], order=2)
        self._named(HealthSheet.objects.get().pai_file, OF_THE_CHILD["PAI"])

    def _sent_and_received(self) -> None:
        Message.objects.update(text=PRIVATE["message"])
        message = Message.objects.get()
        message.thread.subject = PRIVATE["subject"]
        message.thread.save()
        self._named(message.attachments.get().file, PRIVATE["attachment"])
        self._named(PaperPage.objects.get().file, PRIVATE["paper"])
        self._named(AbsenceProof.objects.get().file, PRIVATE["proof of absence"])
        self._named(ChangeRequest.objects.exclude(proof=None).get().proof, PRIVATE["proof of change"])
        Mismatch.objects.update(words=PRIVATE["words on a mismatch"])
        AbsenceProof.objects.update(refusal=PRIVATE["absence"])
        invoice = Invoice.objects.of_homes().get(month=date(2026, 10, 1))
        invoice.number, invoice.total = PRIVATE["invoice number"], Decimal("431.07")
        invoice.pdf = self.pdf("facture-cachee.pdf")
        invoice.save()
        Addressee.objects.update(street=PRIVATE["addressee"])
        InvoiceLine.objects.create(
            food=Decimal("1.20"),
            minutes=240,
            invoice=invoice,
            child=self.child_asked,
            activity="Restauration",
            label="Repas",
            quantity=Decimal(1),
            unit_price=Decimal("431.07"),
            amount=Decimal("431.07"),
            order=1,
        )
        self._billed_beside(invoice)
        reserved = Publication.objects.create(
            structure=self.the_structure,
            activity=Enrolment.objects.get(pk=self.ids["accepted_id"]).activity,
            theme="rules",
            title="Règlement des sorties",
            file=self.pdf("sorties.pdf"),
            published_on=NOW.date(),
            must_accept=True,
            published_by="Direction",
        )
        self.ids["publication_id"] = reserved.pk

    def _offered(self) -> int:
        """A place offered to the first home for the child."""
        activity = self.activity("Ateliers du soir")
        self.slot(activity, "Soir", "17:00", "18:00", weekdays=[4], capacity=1)
        self.rule(activity)
        self.enrolment(self.child_asked, activity, self.durand)
        (opening,) = self.openings(activity, date(2026, 12, 4))
        return self.booking(
            self.child_asked, opening, state=BookingState.OFFERED, offered_until=NOW + timedelta(days=2)
        ).pk

    def _coming(self) -> int:
        """A booking of tomorrow, of which the first home has said nothing yet."""
        activity = Enrolment.objects.get(pk=self.ids["accepted_id"]).activity
        slot = self.slot(activity, "Sortie", "09:00", "17:00", weekdays=[3], capacity=5)
        self.rule(activity)
        return self.booking(self.child_asked, self.opening(slot, date(2026, 11, 26))).pk

    def _paper_of_the_home(self) -> int:
        kind = PaperType.objects.create(
            authority=self.the_authority, title="Attestation de la CAF", why="Pour le tarif.", about="family"
        )
        PaperAsked.objects.create(paper_type=kind, family=self.durand.family, asked_at=NOW)
        paper = Paper.objects.create(
            paper_type=kind, family=self.durand.family, sent_at=NOW, sent_by="Camille Durand"
        )
        open_case(
            actor=self.durand.actor,
            kind="paper",
            subject=subject_of(paper),
            family_id=self.durand.family.pk,
            authority_id=self.the_authority.pk,
            now=NOW,
        )
        file = self.pdf("caf.pdf")
        self._named(file, PRIVATE["paper of the home"])
        PaperPage.objects.create(paper=paper, file=file)
        return kind.pk

    def _own_rows(self, role: str) -> dict[str, object]:
        """Rows of the curious themselves, to be put beside those of the first home in one address."""
        user = self.users[role]
        assert user is not None
        home = self.other_home
        if role == "other_parent":
            home = type(home)(user.person.memberships.get().family, [user.person])
        child = self.child(home, f"Noé {home.family.name}", born=date(2019, 5, 6))
        enrolment = self.enrolment(child, self.wednesdays, home)
        exchange = exchange_rows(home, self.the_structure, NOW)
        return {
            "person_id": child.pk,
            "enrolment_id": enrolment.pk,
            "accepted_id": enrolment.pk,
            "thread_id": exchange["thread_id"],
        }

    def _billed_beside(self, invoice: Invoice) -> None:
        """The bill of another home: a sum of all is not what one of them owes."""
        beside = Invoice.objects.create(
            authority=invoice.authority,
            family=self.other_home.family,
            number="FACT-78-0001",
            month=invoice.month,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            total=Decimal("12.30"),
        )
        price = Decimal("12.30")
        InvoiceLine.objects.create(
            invoice=beside, activity="Restauration", label="Repas", quantity=Decimal(1), unit_price=price,
            amount=price, order=1,
        )  # fmt: skip

    def _named(self, file: StoredFile | None, name: str) -> None:
        assert file is not None
        StoredFile.objects.filter(pk=file.pk).update(name=name)
