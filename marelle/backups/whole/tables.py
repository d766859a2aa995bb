"""The table of tables: which are exported, under which name, without which columns and why; which are not.

Export, import and documentation come from here; a test holds that nothing personal is said of by neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Model

from marelle.activities import models as activities
from marelle.attendance import models as attendance
from marelle.billing import models as billing
from marelle.bookings import models as bookings
from marelle.campaigns import models as campaigns
from marelle.cases import models as cases
from marelle.enrolments import models as enrolments
from marelle.families import models as families
from marelle.files.models import StoredFile
from marelle.flows import models as flows
from marelle.journal.models import Entry
from marelle.mail.models import Message as Mail
from marelle.messaging import models as messaging
from marelle.papers import models as papers
from marelle.pricing import models as pricing
from marelle.relay import models as relay

ACCOUNTS: Final = "les comptes ne partent pas : chacun est invité de nouveau"
TABLETS: Final = "les tablettes ne partent pas"
IMPORTS: Final = "le fichier importé n’est plus là"
RUNS: Final = "les facturations ne partent pas : leurs factures, si"


@dataclass(frozen=True)
class Table:
    """`name` is that of its file; `omits` are columns left out, each with its reason. `of_health`: exported
    only where it is asked for."""

    name: str
    model: type[Model]
    omits: Mapping[str, str] = field(default_factory=dict)
    of_health: bool = False


TABLES: Final = (
    Table("fichiers", StoredFile, {"key": "chaque dossier a le sien", "scan_at": "se fait de nouveau"}),
    Table("foyers", families.Family),
    Table("references", families.ExternalReference),
    Table("anciens-dossiers", families.FormerFile),
    Table("personnes", families.Person, {"account": ACCOUNTS}),
    Table("membres", families.Member),
    Table("gardes-alternees", families.CustodyPeriod),
    Table("responsables", families.Guardianship),
    Table("scolarites", families.Schooling, {"promotion": "le passage de classe est fait"}),
    Table("adresses", families.Residence),
    Table("revenus", families.Income),
    Table("notes", families.FamilyNote, {"account_id": ACCOUNTS}),
    Table("confirmations", families.FileConfirmation),
    Table("restrictions", families.Restriction, {"writer": ACCOUNTS, "lifter": ACCOUNTS}),
    Table("fiches-sanitaires", families.HealthSheet, of_health=True),
    Table("vaccinations", families.Vaccination, of_health=True),
    Table("personnes-autorisees", families.PickupContact),
    Table("interdictions", families.PickupBan),
    Table("permissions", families.PickupPermission),
    Table("types-autorisations", families.ConsentType),
    Table("autorisations", families.Consent),
    Table("inscriptions", enrolments.Enrolment),
    Table("groupes", enrolments.GroupChoice),
    Table("places-gardees", enrolments.KeptFor),
    Table("demandes-de-fin", enrolments.EndRequest),
    Table("appels", enrolments.CallNote),
    Table("lots", activities.Bundle),
    Table(
        "ouvertures",
        activities.Opening,
        {"closure": "une ouverture fermée dit sa raison", "quotas": "les places se comptent de nouveau"},
    ),
    Table("demandes-de-reservations", bookings.BookingRequest),
    Table("reservations", bookings.Booking),
    Table("justificatifs", bookings.AbsenceProof),
    Table("absences", bookings.Absence),
    Table("cartes", bookings.EntryCard),
    Table("presences", bookings.Attendance),
    Table("pointages", attendance.Tick, {"tablet": TABLETS, "account": ACCOUNTS}),
    Table("abonnements", pricing.Subscription),
    Table("situations", pricing.HomeTrait),
    Table("payeurs", billing.Payer),
    Table("prises-en-charge", billing.Coverage),
    Table(
        "factures",
        billing.Invoice,
        {"imported_in": IMPORTS, "run": RUNS, "pdf_source": "son origine est de ce portail"},
    ),
    Table("lignes-de-factures", billing.InvoiceLine),
    Table("destinataires", billing.Addressee),
    Table("paiements", billing.Payment, {"read_in": IMPORTS}),
    Table("mandats", billing.Mandate, {"noted_account": ACCOUNTS}),
    Table("prelevements-annonces", billing.AnnouncedDebit),
    Table("contestations", billing.Contest),
    Table("delais-accordes", billing.Deferral),
    Table("compteurs-de-factures", billing.InvoiceCounter),
    Table("documents", papers.Paper),
    Table("pages-de-documents", papers.PaperPage),
    Table("documentation", papers.Publication),
    Table("acceptations", papers.Acceptance),
    Table("echanges", messaging.Thread, {"assigned_to": ACCOUNTS}),
    Table("messages", messaging.Message, {"account_id": ACCOUNTS}),
    Table("fichiers-joints", messaging.Attachment),
    Table("demandes-de-garde", relay.CareRequest),
    Table("contacts-du-relais", relay.CareContact),
    Table("assistantes-maternelles", relay.Childminder),
    Table("venues", relay.Visit, {"closure": "une venue annulée dit quand"}),
    Table("enfants-des-venues", relay.VisitChild),
)

OF_HERE: Final = "sert à ce portail seul"
PENDING: Final = "ce qui attend une réponse est à décider avant de partir"
GIVEN: Final = "une campagne se termine avant de partir : ce qu’elle donne est dans les réservations"
SAT: Final = "une commission se termine avant de partir : ses réponses sont dans les demandes"
DONE: Final = "a été fait : ne sert plus"

LEFT_OUT: Final[Mapping[type[Model], str]] = {
    attendance.Mismatch: DONE,
    attendance.NoShow: DONE,
    billing.Assessment: RUNS,
    billing.AssessedChild: RUNS,
    billing.AssessedMonth: RUNS,
    billing.RunDoubt: RUNS,
    billing.Share: "ce qu’un foyer a d’avance part dans les soldes",
    billing.ExportedBill: "les envois au Trésor restent dans la sauvegarde",
    billing.LeftToRecover: "les clôtures restent dans la sauvegarde",
    billing.Reminder: DONE,
    billing.ReminderBill: DONE,
    billing.StrayPayment: PENDING,
    bookings.ClosedBooking: "une fermeture ne se défait que là où elle a été faite",
    bookings.DeadlineTold: DONE,
    bookings.Passing: DONE,
    campaigns.AnswerMove: GIVEN,
    campaigns.CommissionSheet: SAT,
    campaigns.SheetProof: SAT,
    campaigns.Wish: GIVEN,
    campaigns.WishLine: GIVEN,
    cases.Case: PENDING,
    cases.CaseNote: PENDING,
    enrolments.TeenAccess: ACCOUNTS,
    enrolments.TeenPermission: ACCOUNTS,
    families.CafAgreement: "un accord est donné à qui interroge",
    families.CafAnswer: PENDING,
    families.ChangeRequest: PENDING,
    families.ProposedIncome: PENDING,
    families.SearchWord: "se refait",
    flows.Dormant: OF_HERE,
    Entry: "l’historique reste dans la sauvegarde, avec sa chaîne",
    Mail: DONE,
    messaging.NewsRecipient: DONE,
    messaging.ThreadPass: DONE,
    messaging.ThreadRead: ACCOUNTS,
    papers.PaperAsked: DONE,
    papers.PaperReminded: DONE,
}

BY_MODEL: Final = {table.model: table for table in TABLES}
