"""What does not hold is told by `verify`, which writes nothing, and put right where that is safe."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from marelle.activities.models import Quota
from marelle.backups.verifying import CHECKS, faults
from marelle.billing.models import BillingRun, Invoice, InvoiceCounter, InvoiceLine
from marelle.bookings.models import Booking
from marelle.cases.models import Case
from marelle.core.actor import SYSTEM
from marelle.core.subject import Subject
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.files.store import store_turn
from marelle.files.sweeping import TRASH
from marelle.journal.chain import entries_seal
from marelle.journal.models import Entry
from marelle.journal.services import Act, record_many
from marelle.mail.models import Message
from tests.backups.machines import committing, on_sqlite
from tests.care import sheet
from tests.races.crowd import NOW, WEDNESDAY, crowd
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


class Whole:
    """A booking, a sheet, a file, a bill made here and an act that is sealed; all of it holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        world = Scenario()
        slot = world.slot(world.activity(), capacity=2)
        world.rule(slot.activity)
        (self.parent,) = crowd(world, 1, [slot.activity])
        world.booking(self.parent.child, world.opening(slot, WEDNESDAY))
        self.sheet = sheet(self.parent.child)
        self.kept = file_make(actor=SYSTEM, content=b"%PDF" + b"x" * 200_000, name="a.pdf", pages=1, now=NOW)
        store_turn(now=NOW)
        self.bill = self._billed(world)
        record_many(actor=SYSTEM, acts=[Act("enrolment.accepted", Subject("person", 1), 10)], now=NOW)
        assert entries_seal(now=NOW + timedelta(hours=1)) == 1

    def _billed(self, world: Scenario) -> Invoice:
        run = BillingRun.objects.create(
            authority=world.the_authority, month=date(2026, 8, 1), cutoff=date(2026, 8, 31),
            issued_on=NOW.date(), due_on=NOW.date(), exercise=2026, state=BillingRun.State.ISSUED, homes=1,
            started_at=NOW, started_by="Line",
        )  # fmt: skip
        InvoiceCounter.objects.create(authority=world.the_authority, exercise=2026, last=1)
        bill = Invoice.objects.create(
            authority=world.the_authority, family=self.parent.home.family, number="2026-000001",
            month=run.month, issued_on=NOW.date(), due_on=NOW.date(), total=Decimal("12.10"), run=run,
        )  # fmt: skip
        for order, amount in enumerate(("4.03", "8.07"), 1):
            InvoiceLine.objects.create(
                invoice=bill, activity="Mercredis", label="Matin", quantity=1, unit_price=amount,
                amount=amount, order=order,
            )  # fmt: skip
        return bill

    @property
    def content(self) -> Path:
        return self.folder / self.kept.path


@pytest.fixture
def whole(files_folder: Path, settings: Any) -> Whole:
    settings.MAIL_IS_SENT = True
    return Whole(files_folder)


def told() -> list[str]:
    return [fault.check for fault in faults(now=timezone.now())]


def test_what_holds_is_told_to_hold_and_nothing_is_written(whole: Whole, count_queries: Any) -> None:
    said = io.StringIO()
    with count_queries() as seen:
        call_command("verify", stdout=said)
    assert all(check in said.getvalue() for check in CHECKS)
    assert not [sql for sql in seen if not sql.lower().startswith(("select", "pragma"))]


def _swept(whole: Whole) -> None:
    trash = whole.folder / TRASH / "2026-09-02"
    trash.mkdir(parents=True)
    whole.content.rename(trash / whole.kept.key)


def _flipped(whole: Whole) -> None:
    content = bytearray(whole.content.read_bytes())
    content[100_000] ^= 1
    whole.content.write_bytes(content)


def _another(whole: Whole) -> None:
    other = file_make(actor=SYSTEM, content=b"%PDF another", name="b.pdf", pages=1, now=NOW)
    whole.content.write_bytes((whole.folder / other.path).read_bytes())


def _mail(**fields: Any) -> Callable[[Whole], object]:
    old = NOW - timedelta(days=90)
    return lambda _whole: Message.objects.create(
        kind="x", to="a@b.fr", subject="s", text="t", created_at=old, not_before=old, next_attempt_at=old,
        message_id="<1@b.fr>", **fields,
    )  # fmt: skip


BREAKS: dict[str, tuple[str, Callable[[Whole], object]]] = {
    "a place that nobody has": ("places", lambda _whole: Quota.objects.update(taken=2)),
    "a booking that is counted nowhere": ("places", lambda _whole: Quota.objects.update(taken=0)),
    "a booking taken away": ("places", lambda _whole: Booking.objects.all().delete()),
    "paid by nobody": ("paiements", lambda _whole: Invoice.objects.update(paid="3.00")),
    "a line changed": ("factures", lambda _whole: InvoiceLine.objects.update(amount="4.04")),
    "a number left out": ("factures", lambda _whole: InvoiceCounter.objects.update(last=2)),
    "a number too many": ("factures", lambda _whole: InvoiceCounter.objects.update(last=0)),
    "a file gone": ("fichiers", lambda whole: whole.content.unlink()),
    "a file swept": ("fichiers", _swept),
    "a byte of a file": ("fichiers", _flipped),
    "another file in its place": ("fichiers", _another),
    "a file cut": ("fichiers", lambda whole: whole.content.write_bytes(whole.content.read_bytes()[:-1])),
    "an act rewritten": ("journal", lambda _whole: Entry.objects.update(verb="enrolment.refused")),
    "a mail that does not leave": ("courriels", _mail(state="queued")),
    "a mail that left at no time": ("courriels", _mail(state="sent")),
    "a case of no home": (
        "demandes",
        lambda _whole: Case.objects.create(
            kind="enrolment", subject_kind="enrolment", subject_id=1, label="x", family_id=999_999,
            opened_at=NOW, opened_by="Line",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_what_does_not_hold_is_told_and_left_as_it_is(whole: Whole, what: str) -> None:
    check, breaks = BREAKS[what]
    breaks(whole)
    assert set(told()) == {check}
    found = [fault.text for fault in faults(now=timezone.now())]
    assert found, "what was wrong is so the second time"
    assert not any("€" in text for text in found), "the drill tells it by mail"
    with pytest.raises(CommandError, match="défaut"):
        call_command("verify", stderr=io.StringIO())


def test_without_its_key_sealed_values_and_files_are_told(whole: Whole, settings: Any) -> None:
    settings.SEALING_KEYS = ["b" * 43 + "="]
    assert {"valeurs scellées", "fichiers", "journal"} == set(told())


def test_mails_that_nothing_sends_may_wait(whole: Whole, settings: Any) -> None:
    """As in the copy that a drill makes."""
    settings.MAIL_IS_SENT = False
    _mail(state="queued")(whole)
    assert told() == []


@committing
@on_sqlite
def test_a_row_that_points_nowhere_is_told(whole: Whole) -> None:
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("delete from places_commune")
    assert "base" in told()


def test_counters_and_what_was_swept_are_put_right_and_the_journal_says_so(whole: Whole) -> None:
    Quota.objects.update(taken=2)
    Invoice.objects.update(paid="3.00")
    _swept(whole)
    call_command("verify", repair=True, stdout=(said := io.StringIO()))
    assert "1 compteur(s)" in said.getvalue()
    assert "1 fichier(s) repris" in said.getvalue()
    assert told() == []
    assert Quota.objects.get().taken == 1
    assert Invoice.objects.get().paid == 0
    assert Entry.objects.filter(verb="invoice.recounted").count() == 1
    assert StoredFile.objects.filter(pk=whole.kept.pk).exists()


def test_what_cannot_be_known_is_not_put_right(whole: Whole) -> None:
    whole.content.unlink()
    InvoiceLine.objects.update(amount="4.04")
    with pytest.raises(CommandError, match="défaut"):
        call_command("verify", repair=True, stdout=io.StringIO(), stderr=io.StringIO())
    assert set(told()) == {"fichiers", "factures"}
