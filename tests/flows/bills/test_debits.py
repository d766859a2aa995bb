"""Bills of homes that have a mandate say that they are debited, and leave so: once, by that mandate alone."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from marelle.billing.mandates.announcing import debits_announce
from marelle.billing.mandates.services import mandate_end
from marelle.billing.models import AnnouncedDebit, ExportedBill, Invoice, InvoiceLine, Mandate
from marelle.billing.tresor.checks import Point
from marelle.billing.tresor.files import exports_write
from marelle.billing.tresor.services import tresor_export_cancel
from marelle.core.actor import Role
from marelle.families.models import Family
from marelle.files.services import open_content
from tests.billing.pdf_text import text_of
from tests.billing.tresor.checker import faults
from tests.billing.world import IBAN, mandate_row
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_tresor import DAY, Sent, all_of
from tests.standing import built_once

pytestmark = pytest.mark.django_db

ICS = "FR72ZZZ123456"


class Drawn(Sent):
    """Of three homes, the first has a mandate in force when its bill is issued, the second one that waits."""

    def __init__(self, **terms: object) -> None:
        super().__init__(**{"ics": ICS, **terms})

    def bills(self, *args, **kwargs):
        if not Mandate.objects.exists():
            homes = [SimpleNamespace(family=one) for one in self.families()]
            self.mandate = mandate_row(
                self.the_authority, homes[0], state="active", started_at=NOW, holder="Zoé Łukasz-d’Œil & fils"
            )
            mandate_row(self.the_authority, homes[1], rum="MRL-2")
        return super().bills(*args, **kwargs)

    def families(self):
        return Family.objects.order_by("pk")

    def bill(self) -> Invoice:
        return Invoice.objects.get(family=self.mandate.family)


built = built_once(Drawn, now=NOW)


@pytest.fixture
def world(built, db) -> Drawn:
    return deepcopy(built)


def test_the_bill_of_a_home_with_a_mandate_is_debited_and_says_so(world):
    assert [row.invoice.family for row in AnnouncedDebit.objects.all()] == [world.mandate.family]
    with open_content(world.bill().pdf) as content:
        told = text_of(content.read())
    assert "Sera prélevé le" in told
    assert "sur le compte finissant par 2606" in told
    assert IBAN not in told
    [export] = world.leaves()
    content = world.written(export)
    assert faults(content) == []
    due = world.bill().due_on
    for name, value in {
        "NatPrel": "01", "PerPrel": "07", "DtePrel": due.isoformat(), "SequencePres": "02",
        "DateSignMandat": "2026-11-02", "RefUniMdt": "MRL-1", "IBAN": IBAN, "BIC": "AGRIFRPP882",
        "TitCpte": "Zoe Lukasz-d'OEil fils",
    }.items():  # fmt: skip
        assert set(all_of(content, name)) == {value}, name
    assert sum(map(Decimal, all_of(content, "MtPrel"))) == world.bill().total
    assert [row.drawn_on for row in ExportedBill.objects.order_by("piece")].count(due) == 1


def test_the_file_is_the_same_to_the_byte_once_the_mandate_has_ended(world, settings):
    [export] = world.leaves()
    before = world.written(export)
    mandate_end(actor=world.bursar, mandate_id=world.mandate.pk, reason="Clos", now=NOW)
    export.key = ""
    export.save()
    assert world.written(export) == before
    export.key = ""
    export.save()
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    assert not exports_write(now=NOW)
    export.refresh_from_db()
    assert export.key == "", "no file has a debit without its account"


def test_what_a_debit_lacks_is_told_and_the_bill_leaves_without_it(world, settings):
    lacks = {
        Point.DEBIT_ENDED: {"state": "ended", "ended_at": NOW, "end": "home"},
        Point.DEBIT_LAPSED: {"signed_on": DAY - timedelta(days=3 * 365 - 20)},
        Point.DEBIT_ICS: {"ics": "FR61ZZZ654321"},
        Point.DEBIT_HOLDER: {"holder": "東京"},
    }
    held = {name: getattr(world.mandate, name) for fields in lacks.values() for name in fields}
    for point, fields in lacks.items():
        Mandate.objects.filter(pk=world.mandate.pk).update(**{**held, **fields})
        report = world.report()
        assert [one.problems[0].point for one in report.undebited] == [point]
        assert report.may_leave
        assert not report.files[0].drawn
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    page = client.get(f"/agents/factures/tresor/mois/{world.bill().run_id}/").content.decode()
    assert "Partent sans le prélèvement annoncé" in page
    Mandate.objects.filter(pk=world.mandate.pk).update(**held)
    keys, settings.SEALING_KEYS = settings.SEALING_KEYS, (Fernet.generate_key().decode(),)
    assert [one.point for one in world.report().files[0].problems] == [Point.DEBIT_SEALED]
    settings.SEALING_KEYS = keys
    Mandate.objects.filter(pk=world.mandate.pk).update(**held | lacks[Point.DEBIT_ENDED])
    [export] = world.leaves()
    content = world.written(export)
    assert faults(content) == []
    assert not all_of(content, "IBAN")


def test_a_mandate_that_ends_once_the_report_was_read_has_it_read_again(world):
    seen = world.report().seen
    mandate_end(actor=world.bursar, mandate_id=world.mandate.pk, reason="Clos", now=NOW)
    assert world.report().seen != seen


def test_after_the_first_debit_the_next_is_recurrent_unless_its_file_is_cancelled(world):
    [export] = world.leaves()
    again = Invoice.objects.get(pk=world.bill().pk)
    tresor_export_cancel(actor=world.bursar, export_id=export.pk, reason="Refusé", now=NOW)
    assert {one[1] for one in world.report().files[0].drawn.values()} == {"02"}
    world.leaves()
    lines, to = list(again.lines.all()), again.addressee
    again.pk, again.number, again.pdf = None, "2026-9", world.bill().pdf
    again.save()
    for line in lines:
        line.pk, line.invoice = None, again
        line.save()
    to.pk, to.invoice = None, again
    to.save()
    AnnouncedDebit.objects.create(invoice=again, mandate=world.mandate)
    assert {one[1] for one in world.report().files[0].drawn.values()} == {"03"}


def test_one_that_gives_something_back_on_an_account_announces_no_debit(world):
    bill = world.bill()
    AnnouncedDebit.objects.all().delete()
    InvoiceLine.objects.create(
        invoice=bill,
        activity="Avoir",
        label="Rendu",
        quantity=1,
        unit_price=-1,
        amount=-1,
        order=99,
        account="9",
    )
    debits_announce([bill], world.the_authority.pk)
    assert not AnnouncedDebit.objects.exists()
    InvoiceLine.objects.filter(order=99).delete()
    debits_announce([bill], world.the_authority.pk)
    assert AnnouncedDebit.objects.count() == 1


def test_the_home_reads_what_becomes_of_its_bill(world):
    bill = world.bill()
    client = Client()
    client.force_login(bill.family.members.get(person__account__isnull=False).person.account)
    page = client.get(f"/factures/{bill.pk}/").content.decode()
    assert "finissant par 2606" in page
    assert "sera prélevée" in page
    for asks in ("À payer avant le", "restent à régler", "Comment payer", "payfip"):
        assert asks not in page
    assert "Comment contester une facture" in page
    mandate_end(actor=world.bursar, mandate_id=world.mandate.pk, reason="Clos", now=NOW)
    page = client.get(f"/factures/{bill.pk}/").content.decode()
    assert "elle est à payer par vous" in page
    assert "À payer avant le" in page
    assert "restent à régler" in page
    assert "sera prélevée" not in page
