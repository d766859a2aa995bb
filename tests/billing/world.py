"""Invoices written straight to the tables, for tests of what reads them."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from marelle.billing.bill_lines import WrittenLine, written_text
from marelle.billing.imports.services import import_prepare
from marelle.billing.late import overdue_bills
from marelle.billing.models import (
    Addressee,
    AnnouncedDebit,
    AssessedChild,
    AssessedMonth,
    Assessment,
    BillingRun,
    Contest,
    Coverage,
    Deferral,
    ExerciseClosing,
    ExportedBill,
    ImportRun,
    Invoice,
    InvoiceLine,
    LeftToRecover,
    Mandate,
    Payer,
    Payment,
    Reminder,
    ReminderBill,
    ReminderRun,
    ReminderStep,
    RunDoubt,
    Share,
    StrayPayment,
    Treasury,
    TresorCounter,
    TresorExport,
    TresorTerms,
)
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.billing.stored import items_text
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.core.sealed import seal
from marelle.core.subject import Subject
from marelle.families.models import Person
from marelle.files.services import STORAGE, file_make
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Authority
from marelle.pricing.lines import Ledger
from tests.billing.files import csv_of, upload
from tests.billing.tresor.bills import SENDER, TERMS
from tests.scenario import Home, Numbers, Scenario, blank_pdf


def is_late(family_id: int, day: date) -> bool:
    """Whether the home has a bill that is held against it on `day`."""
    return overdue_bills(day).of_homes().filter(family_id=family_id).exists()


def billing_rows(home: Home) -> dict[str, int]:
    """An invoice of the home and a file that was read, of the authority that was set up first: their ids."""
    authority = Authority.objects.earliest("pk")
    paid_before(home, authority)
    invoice = Invoice.objects.create(
        authority=authority,
        family=home.family,
        number="2026-1",
        month=date(2026, 10, 1),
        issued_on=date(2026, 11, 10),
        due_on=date(2026, 12, 15),
        total=Decimal("40.00"),
    )
    Addressee.objects.create(
        invoice=invoice, first_name="Camille", last_name="Durand", street="4 rue du Lavoir",
        postal_code="21999", city="Arelle", birth_date=date(1988, 2, 29), reference=home.family.number,
    )  # fmt: skip
    payments_add(
        [NewPayment(invoice.pk, Decimal("10.00"), date(2026, 11, 20), Means.STATE, "R1")],
        run=None,
        who="Line",
        now=timezone.now(),
    )
    run = import_prepare(
        actor=SYSTEM_OFFICE,
        authority_id=authority.pk,
        kind=ImportRun.Kind.PAYMENTS,
        month=None,
        correction=False,
        upload=upload(csv_of("2026-1;40", header="facture;payé")),
        now=timezone.now(),
    )
    return {
        "year": 2025,
        "invoice_id": invoice.pk,
        "run_id": run.pk,
        "moved_in_id": brought(authority).pk,
        "parallel_id": parallel(authority, home).pk,
        "authority_id": authority.pk,
        **run_rows(authority, home),
    }


def brought(authority: Authority) -> ImportRun:
    """Balances of another software, that were imported."""
    return ImportRun.objects.create(
        authority=authority, kind=ImportRun.Kind.BALANCES, file_name="soldes.csv", sha256="1" * 64,
        prepared_at=timezone.now(), prepared_by="Line", done_at=timezone.now(), done_by="Line",
    )  # fmt: skip


def parallel(authority: Authority, home: Home) -> ImportRun:
    """What another software bills of the month that was billed here."""
    return import_prepare(
        actor=SYSTEM_OFFICE,
        authority_id=authority.pk,
        kind=ImportRun.Kind.PARALLEL,
        month=date(2026, 10, 1),
        correction=False,
        upload=upload(
            csv_of(f"{home.family.number};Mercredis;2;24,00", header="famille;activité;quantité;montant")
        ),
        now=timezone.now(),
    )


def paid_before(home: Home, authority: Authority) -> None:
    """A bill of the year before, paid then."""
    invoice = Invoice.objects.create(
        authority=authority, family=home.family, number="2025-1", month=date(2025, 10, 1),
        issued_on=date(2025, 11, 10), due_on=date(2025, 12, 15), total=Decimal("12.00"),
    )  # fmt: skip
    InvoiceLine.objects.create(
        invoice=invoice, activity="Mercredis", label="Matin", quantity=1, unit_price=12, amount=12, order=1
    )
    payments_add(
        [NewPayment(invoice.pk, invoice.total, date(2025, 12, 1), Means.STATE)],
        run=None, who="Line", now=timezone.now(),
    )  # fmt: skip
    closed = ExerciseClosing.objects.create(
        authority=authority, exercise=2025, closed_on=date(2026, 2, 2), closed_at=timezone.now(),
        closed_by="Line", count=1, billed=invoice.total, paid=invoice.total, left_at_end=invoice.total,
        sha256="0" * 64,
    )  # fmt: skip
    LeftToRecover.objects.create(
        closing=closed, invoice=invoice, number=invoice.number, at_end=invoice.total, at_closing=0
    )


def run_rows(authority: Authority, home: Home) -> dict[str, int]:
    """A month that was billed here, of which something waits."""
    now, month = timezone.now(), date(2026, 10, 1)
    run = BillingRun.objects.create(
        authority=authority, month=month, cutoff=date(2026, 10, 31), issued_on=now.date(), due_on=now.date(),
        exercise=2026, state=BillingRun.State.ISSUED, homes=1, started_at=now, started_by="Line",
    )  # fmt: skip
    child = Person.objects.filter(memberships__family=home.family, memberships__kind="child").earliest("pk")
    owes = Assessment.objects.create(
        run=run, family=home.family, place=1, state="settled", digest="0" * 64, total=Decimal("12.00"),
        items=seal(items_text(())),
    )  # fmt: skip
    AssessedChild.objects.create(assessment=owes, number=1, child=child)
    AssessedMonth.objects.create(
        assessment=owes, month=month, digest="0" * 64, scope="31 *", amount=Decimal("12.00")
    )
    line = WrittenLine(
        1, None, "Mercredis", "Matin", Decimal(1), Decimal(12), Decimal(12), None, (month,), Ledger()
    )
    Share.objects.create(
        assessment=owes, state="waiting", total=Decimal("12.00"), lines=seal(written_text((line,)))
    )
    structure = authority.structures.earliest("pk")
    RunDoubt.objects.create(
        run=run, assessment=owes, child=child, structure=structure, code="no_tariff", day=month
    )
    pdf = file_make(
        actor=SYSTEM_OFFICE, content=blank_pdf(), name="facture-2026-1.pdf", pages=1,
        family_id=home.family.pk, now=now,
    )  # fmt: skip
    Invoice.objects.filter(family=home.family, month=month).update(run=run, pdf=pdf)
    payer = Payer.objects.create(
        authority=authority, kind="department", last_name="Département", street="1 rue Haute",
        postal_code="21000", city="Dijon",
    )  # fmt: skip
    aid = Coverage.objects.create(
        family=home.family, authority=authority, payer=payer, since=month, figure=50, reason="Décision",
        noted_at=now, noted_by="Line",
    )  # fmt: skip
    return {
        **sent_rows(authority, home),
        **contest_rows(home, child),
        **reminder_rows(authority, home),
        "bill_run_id": run.pk,
        "assessment_id": owes.pk,
        "part": 1,
        "payer_id": payer.pk,
        "coverage_id": aid.pk,
    }


def bill_of_payer(home: Home, payer: Payer) -> Invoice:
    """What a payer is billed of the home, with a line for its child."""
    child = Person.objects.filter(memberships__family=home.family, memberships__kind="child").earliest("pk")
    bill = Invoice.objects.create(
        authority=payer.authority, family=home.family, payer=payer, number="2026-9", month=date(2026, 10, 1),
        issued_on=date(2026, 11, 10), due_on=date(2026, 12, 15), total=Decimal("8.00"),
    )  # fmt: skip
    InvoiceLine.objects.create(
        invoice=bill, child=child, activity="Mercredis", label="Matin", quantity=2, unit_price=4,
        amount=Decimal("8.00"), order=1, days=["2026-10-07", "2026-10-14"],
    )  # fmt: skip
    return bill


def reminder_rows(authority: Authority, home: Home) -> dict[str, int]:
    """The home was reminded of its bill once, by letter; a delay is granted, another was ended."""
    now = timezone.now()
    step = ReminderStep.objects.create(
        authority=authority, days=15, title="Premier rappel", text="Un oubli ?", way="letter"
    )
    run = ReminderRun.objects.create(
        authority=authority, day=now.date(), made_at=now, made_by="Line", mails=0, letters=1,
        head={
            "name": authority.name, "lines": [], "colour": "#17607a", "pay": ["Par chèque."], "payfip": "",
            "treasury": "", "known": "", "ask": "", "signed": "",
        },
    )  # fmt: skip
    row = Reminder.objects.create(
        run=run, family=home.family, title=step.title, text=step.text, name="Mme Camille Durand",
        lines=["4 rue du Lavoir", "21999 Arelle"], reference=home.family.number, mailed=False, letter=True,
    )  # fmt: skip
    bill = Invoice.objects.filter(family=home.family).latest("pk")
    ReminderBill.objects.create(
        reminder=row, invoice=bill, step=step, days=15, month=bill.month, due_on=bill.due_on,
        left=Decimal("30.00"),
    )  # fmt: skip
    for ended in ({}, {"ended_at": now, "ended_by": "Line"}):
        Deferral.objects.create(
            authority=authority, family=home.family, until=now.date(), reason="Échéancier", granted_at=now,
            granted_by="Line", **ended,
        )  # fmt: skip
    return {"reminder_run_id": run.pk, "reminder_step_id": step.pk}


def contest_rows(home: Home, child: Person) -> dict[str, int]:
    """A line of the home's bill, of which it contests one day of two."""
    now = timezone.now()
    invoice = Invoice.objects.filter(family=home.family).latest("pk")
    line = InvoiceLine.objects.create(
        invoice=invoice, child=child, activity="Mercredis", label="Matin", quantity=2, unit_price=6,
        amount=Decimal("12.00"), order=90, days=["2026-10-07", "2026-10-14"],
    )  # fmt: skip
    row = Contest.objects.create(
        line=line, days=["2026-10-07"], words="Nous avions prévenu.", asked_at=now, asked_by="Camille"
    )
    open_case(
        actor=SYSTEM, kind="contest", subject=Subject("contest", row.pk, f"{child} · Mercredis, 2026-1"),
        family_id=home.family.pk, authority_id=invoice.authority_id, now=now,
    )  # fmt: skip
    return {"line_id": line.pk, "contest_id": row.pk}


def sent_rows(authority: Authority, home: Home) -> dict[str, int]:
    """A file for the Trésor, with the home's bill in it."""
    now = timezone.now()
    TresorTerms.objects.create(
        authority=authority, post="021030", collection="123", acronym="VAL ARELLE", period="none",
        budgets={"": "01"}, products={"": "PERI"}, ics="FR72ZZZ123456",
    )  # fmt: skip
    TresorCounter.objects.create(authority=authority, exercise=2026, what="role", budget="01", last=1)
    export = TresorExport.objects.create(
        authority=authority, layout="pes", sort="role", exercise=2026, budget="01", number=1,
        month=date(2026, 10, 1), issued_on=now.date(), count=1, net=Decimal("40.00"), tax=Decimal("0.00"),
        head={"sender": asdict(SENDER), "terms": asdict(TERMS)}, made_at=now, made_by="Line",
        key=storages[STORAGE].save(f"tresor/{secrets.token_hex(20)}", ContentFile(b"<PES/>")),
    )  # fmt: skip
    invoice = Invoice.objects.filter(family=home.family).latest("pk")
    read = ImportRun.objects.create(
        authority=authority, kind=ImportRun.Kind.TRESOR, file_name="retour.xml", sha256="0" * 64,
        prepared_at=now, prepared_by="Line", done_at=now, done_by="Line",
    )  # fmt: skip
    ExportedBill.objects.create(
        export=export, invoice=invoice, piece=1, debt="26100000001", civility="mrs",
        drawn_on=date(2026, 12, 15), sequence="02", state="rejected", state_on=now.date(), code="12",
        said="Adresse", read_in=read,
    )  # fmt: skip
    stray = StrayPayment.objects.create(
        authority=authority, amount=Decimal("50.00"), on=date(2026, 11, 21), reference="u1", why="more",
        said="pièce 1", invoice=invoice, read_in=read, recorded_at=now,
    )  # fmt: skip
    told = {"tresor_export_id": export.pk, "stray_id": stray.pk, "returned_id": read.pk}
    return {**told, **mandate_rows(authority, home, invoice)}


IBAN = "FR1420041010050500013M02606"


def mandate_rows(authority: Authority, home: Home, invoice: Invoice) -> dict[str, int]:
    """A mandate of the home, by which its bill is debited, and one on paper that waits."""
    first = mandate_row(
        authority, home, rum=f"MRL-{home.family.pk}-1", started_at=timezone.now(), state="active"
    )
    AnnouncedDebit.objects.create(invoice=invoice, mandate=first)
    scan = file_make(
        actor=SYSTEM_OFFICE, content=blank_pdf(), name="mandat.pdf", pages=1, family_id=home.family.pk,
        now=timezone.now(),
    )  # fmt: skip
    waits = mandate_row(
        authority,
        home,
        rum=f"MRL-{home.family.pk}-2",
        how="paper",
        paper=scan,
        noted_by="Line",
        drawn_before=date(2026, 11, 5),
    )
    return {"mandate_id": waits.pk}


def mandate_row(authority: Authority, home: Home, *, iban: str = IBAN, **fields: object) -> Mandate:
    return Mandate.objects.create(
        **{
            "family": home.family, "authority": authority, "rum": "MRL-1", "creditor": authority.name,
            "ics": "FR72ZZZ123456", "holder": "Camille Durand", "street": "4 rue du Lavoir",
            "postal_code": "21999", "city": "Arelle", "iban": seal(iban), "bic": seal("AGRIFRPP882"),
            "last_digits": iban[-4:], "how": "screen", "text": "Mandat", "version": "2026-1",
            "signed_on": date(2026, 11, 2), "noted_at": timezone.now(), "noted_by": "Camille Durand",
            "state": "waiting", **fields,
        }
    )  # fmt: skip


SYSTEM_OFFICE = Actor(None, "Office", powers=frozenset({Power(Role.ADMINISTRATOR)}))


class Village(Scenario):
    """The Durand home with Zoé and Léo, the office that sends it invoices, and a treasury."""

    def __init__(self) -> None:
        super().__init__()
        self._invoices = Numbers()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.leo = self.child(self.durand, "Léo", born=date(2021, 9, 1))
        self.guichet = self.staff("guichet", Role.OFFICE)
        self.office = actor_for(self.guichet)

    def treasury(self, authority: Authority | None = None, **fields: str) -> Treasury:
        return Treasury.objects.create(
            **{
                "authority": authority or self.the_authority,
                "name": "Trésorerie du Val d’Arelle",
                "address": "3 place du Marché, 21999 Arelle",
                "hours": "du lundi au jeudi, de 9 h à 12 h",
                "how_to_pay": "Par chèque ou en espèces au guichet.",
                "how_to_contest": "Dans les deux mois, devant le tribunal administratif.",
                "signatory": "Agnès Aubry",
                "signatory_capacity": "présidente",
                **fields,
            }
        )

    def invoice(
        self,
        home: Home | None = None,
        total: str = "40.00",
        *,
        paid: str = "0.00",
        month: date = date(2026, 10, 1),
        due_on: date = date(2026, 12, 15),
        **fields: object,
    ) -> Invoice:
        """An invoice of one line of the whole total, for Zoé."""
        invoice = Invoice.objects.create(
            **{
                "authority": self.the_authority,
                "family": (home or self.durand).family,
                "number": f"2026-{next(self._invoices):04}",
                "month": month,
                "issued_on": date(2026, 11, 10),
                "due_on": due_on,
                "total": Decimal(total),
                "paid": Decimal(paid),
                **fields,
            }
        )
        if invoice.paid:
            Payment.objects.create(
                invoice=invoice, amount=invoice.paid, on=invoice.paid_on or invoice.issued_on, means="state",
                recorded_at=timezone.now(), recorded_by="Line",
            )  # fmt: skip
        InvoiceLine.objects.create(
            invoice=invoice,
            child=self.zoe,
            activity="Restauration",
            label="Repas",
            quantity=Decimal(1),
            unit_price=Decimal(total),
            amount=Decimal(total),
            order=1,
        )
        return invoice
