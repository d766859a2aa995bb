"""The files of a home that an erasure deletes, and those that the law keeps."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db.models import ProtectedError

from marelle.billing.models import Invoice
from marelle.core.clock import PARIS
from marelle.files.models import StoredFile
from marelle.files.selectors import erasable_files
from marelle.files.services import file_make
from tests.billing.world import Village, billing_rows

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)


def pdf(village: Village, family_id: int, name: str) -> StoredFile:
    return file_make(
        actor=village.office, content=b"%PDF-1.7", name=name, pages=1, family_id=family_id, now=NOW
    )


def test_the_pdf_of_an_invoice_stays_as_the_invoice_does(count_queries):
    village = Village()
    home, other = village.durand.family.pk, village.home("Martin").family.pk
    assert village.the_authority
    invoice = Invoice.objects.get(pk=billing_rows(village.durand)["invoice_id"])
    invoice.pdf = pdf(village, home, "facture.pdf")
    invoice.save()
    proof, elsewhere = pdf(village, home, "attestation.pdf"), pdf(village, other, "ailleurs.pdf")
    with count_queries(1):
        assert list(erasable_files(home)) == [proof]
    assert list(erasable_files(other)) == [elsewhere]
    with pytest.raises(ProtectedError):
        invoice.pdf.delete()
