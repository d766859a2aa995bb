"""A month of invoices enters whole or not at all, twice without harm, and only by its own office."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import storages

from marelle.accounts.models import User
from marelle.billing.imports import services
from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_confirm, import_prepare, import_report, imports_forget
from marelle.billing.labels import problem_text
from marelle.billing.models import ImportRun, Invoice, InvoiceLine
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.core.tabular import FileUnreadable
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.billing.files import csv_of, pdf, upload, zip_of
from tests.billing.world import Village as Base
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 5, 10, 0, tzinfo=PARIS)
NOVEMBER = date(2026, 11, 1)


class Village(Base):
    def line(self, number="2026-1", family="", child="Zoé", price="4,35", quantity="2", **cells) -> str:
        amount = cells.get("amount") or f"{Decimal(price.replace(',', '.')) * int(quantity):.2f}"
        return ";".join(
            [
                number,
                family or self.durand.family.number,
                cells.get("month", "11/2026"),
                "05/12/2026",
                "31/12/2026",
                child,
                "Restauration",
                "Repas",
                quantity,
                price,
                amount,
                cells.get("total", amount),
            ]
        )

    def prepare(self, *rows: str, content: bytes | None = None, **changes) -> ImportRun:
        return import_prepare(
            **{
                "actor": self.office,
                "authority_id": self.the_authority.pk,
                "kind": ImportRun.Kind.INVOICES,
                "month": NOVEMBER,
                "correction": False,
                "upload": upload(content or csv_of(*rows)),
                "now": NOW,
                **changes,
            }
        )

    def confirm(self, run: ImportRun, **changes) -> ImportRun:
        return import_confirm(**{"actor": self.office, "run_id": run.pk, "tell": True, "now": NOW, **changes})

    def report(self, run: ImportRun):
        return import_report(actor=self.office, run_id=run.pk, now=NOW)[1]

    def said(self, run: ImportRun) -> list[str]:
        return [problem_text(problem).replace("\u00a0", " ") for problem in self.report(run).problems]


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def rows() -> tuple[int, int, int]:
    return Invoice.objects.count(), InvoiceLine.objects.count(), Message.objects.count()


def test_a_month_enters_with_its_lines_its_journal_and_one_mail_a_home(
    world, django_capture_on_commit_callbacks
):
    martin = world.home("Martin")
    ines = world.child(martin, "Inès")
    run = world.prepare(
        world.line("2026-1"),
        world.line("2026-2", child="leo durand"),
        world.line("2026-3", martin.family.number, "INES", price="10"),
    )
    assert rows() == (0, 0, 0)
    assert world.report(run).counts == {
        "created": 3, "corrected": 0, "same": 0, "lines": 3, "families": 2, "total": "37.40",
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        world.confirm(run)
    first, second, third = Invoice.objects.order_by("number")
    assert (first.total, first.paid, first.month, first.due_on) == (
        Decimal("8.70"), 0, NOVEMBER, date(2026, 12, 31),
    )  # fmt: skip
    assert [line.child for line in InvoiceLine.objects.order_by("invoice__number")] == [
        world.zoe, world.leo, ines,
    ]  # fmt: skip
    assert second.family == world.durand.family
    assert third.imported_in_id == run.pk
    assert sorted(Message.objects.values_list("to", flat=True)) == sorted(
        [world.durand.adult.email, martin.adult.email]
    )
    entry = Entry.objects.get(verb="invoices.imported")
    assert entry.data["created"] == 3
    assert entry.family_id is None
    assert not storages["private"].exists(run.key)


def test_the_mail_holds_neither_amount_nor_child(world):
    world.confirm(world.prepare(world.line()))
    message = Message.objects.get()
    assert message.subject == "Votre facture est arrivée : novembre 2026"
    assert "/factures/" in message.text
    assert world.the_authority.email in message.text
    for secret in ("8,70", "4,35", "€", "Zoé", "Repas", "Restauration"):
        assert secret not in message.text + message.html + message.subject


def test_who_wants_no_such_mail_gets_none_and_nobody_a_letter(world):
    User.objects.filter(person=world.durand.adult).update(notices={"invoice": False})
    martin = world.home("Martin")
    martin.adult.email = ""
    martin.adult.save()
    run = world.prepare(world.line(), world.line("2026-2", martin.family.number, ""))
    world.confirm(run)
    assert rows() == (2, 2, 0)


def test_an_old_month_may_enter_without_a_word(world):
    world.confirm(world.prepare(world.line()), tell=False)
    assert rows() == (1, 1, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"family": "F99999"}, "Ligne 3 : aucune famille n’a le numéro « F99999 »."),
        ({"child": "Inconnu"}, "Ligne 3 : aucun enfant de cette famille ne s’appelle « Inconnu »."),
        ({"month": "10/2026"}, "Ligne 3 : le mois de la facture"),
        ({"total": "9,99"}, "Ligne 3 : le total est de 9,99 €, et les lignes font 8,70 €."),
        ({"number": "2026-1"}, None),
    ],
)
def test_one_bad_line_and_nothing_is_written(world, changes, said):
    good = world.line("2026-1")
    run = world.prepare(good, world.line(**{"number": "2026-2", **changes}), world.line("2026-3"))
    if said is None:
        assert world.report(run).problem_count == 1
    else:
        assert any(text.startswith(said) for text in world.said(run)), world.said(run)
    with pytest.raises(ImportRefused) as refused:
        world.confirm(run)
    assert refused.value.code == "problems"
    assert rows() == (0, 0, 0)
    assert not Entry.objects.exists()


def test_two_children_of_one_name_are_told_apart_by_their_full_names(world):
    world.child(world.durand, "Zoé", last_name="Martin")
    assert "plusieurs enfants" in world.said(world.prepare(world.line()))[0]
    world.confirm(world.prepare(world.line(child="Zoé Durand")))
    assert InvoiceLine.objects.get().child == world.zoe


def test_the_same_file_again_changes_nothing(world):
    world.confirm(world.prepare(world.line()))
    again = world.prepare(world.line())
    report = world.report(again)
    assert report.already is not None
    with pytest.raises(ImportRefused) as refused:
        world.confirm(again)
    assert refused.value.code == "already"
    assert rows() == (1, 1, 1)


def test_a_second_click_changes_nothing(world):
    run = world.prepare(world.line())
    world.confirm(run)
    assert world.confirm(run).done_at == NOW
    assert rows() == (1, 1, 1)


def test_an_invoice_that_is_there_alike_is_passed_over_however_it_is_written(world):
    world.confirm(world.prepare(world.line()))
    run = world.prepare(
        world.line(child="DURAND Zoé", price="4.350", amount="8,7", total="8.70"), world.line("2026-2")
    )
    assert world.report(run).counts["same"] == 1
    world.confirm(run)
    assert rows() == (2, 2, 2)


def test_another_content_under_the_same_number_needs_a_declared_correction(world):
    world.confirm(world.prepare(world.line()))
    Invoice.objects.update(paid=Decimal("5.00"))
    changed = world.line(price="3,00")
    assert "dites que ce fichier est une correction" in world.said(world.prepare(changed))[0]
    run = world.prepare(changed, correction=True)
    world.confirm(run)
    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.paid) == (Decimal("6.00"), Decimal("5.00"))
    assert InvoiceLine.objects.get().amount == Decimal("6.00")
    assert Message.objects.order_by("-pk")[0].subject == "Votre facture corrigée est arrivée : novembre 2026"
    back = world.prepare(world.line(), correction=True)
    world.confirm(back)
    assert Invoice.objects.get().total == Decimal("8.70")


def test_a_correction_never_gives_an_invoice_to_another_home(world):
    world.confirm(world.prepare(world.line()))
    martin = world.home("Martin")
    run = world.prepare(world.line(family=martin.family.number, child=""), correction=True)
    assert "existe déjà, pour une autre famille" in world.said(run)[0]


def test_a_run_is_its_offices_alone(world):
    run = world.prepare(world.line())
    others = [
        actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie"))),
        actor_for(world.staff("direction", Role.DIRECTOR)),
        world.durand.actor,
    ]
    for actor in others:
        with pytest.raises(NotYours):
            world.prepare(world.line(), actor=actor)
        with pytest.raises(NotYours):
            import_report(actor=actor, run_id=run.pk, now=NOW)
        with pytest.raises(NotYours):
            world.confirm(run, actor=actor)
    world.confirm(run, actor=actor_for(world.staff("admin", Role.ADMINISTRATOR)))
    assert rows() == (1, 1, 1)


def test_what_was_read_and_not_imported_is_forgotten(world, django_capture_on_commit_callbacks):
    run = world.prepare(world.line())
    assert imports_forget(now=NOW + timedelta(hours=23)) == 0
    assert storages["private"].exists(run.key)
    with django_capture_on_commit_callbacks(execute=True):
        assert imports_forget(now=NOW + services.KEPT) == 1
    assert not storages["private"].exists(run.key)
    assert not ImportRun.objects.exists()


def test_a_file_changed_or_lost_between_the_two_steps_is_asked_for_again(world):
    run = world.prepare(world.line())
    storages["private"].delete(run.key)
    with pytest.raises(FileUnreadable) as refused:
        world.confirm(run)
    assert refused.value.code == "forgotten"
    storages["private"].save(run.key, upload(csv_of(world.line(price="1"))))
    with pytest.raises(FileUnreadable):
        world.confirm(run)
    assert rows() == (0, 0, 0)


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty"), (b"  ", "empty"), (b"x" * (20 * 1024 * 1024 + 1), "too_big")]
)
def test_a_file_that_is_nothing_is_refused_at_once(world, content, code):
    with pytest.raises(FileUnreadable) as refused:
        world.prepare(content=content or b"", upload=upload(content))
    assert refused.value.code == code
    assert not ImportRun.objects.exists()


def test_the_cost_is_a_fixed_number_of_queries(world, count_queries):
    def month(of: int, invoices: int) -> ImportRun:
        lines = [world.line(f"{of}-{number}", quantity="1") for number in range(invoices)]
        return world.prepare(*lines)

    few, many = month(1, 2), month(2, 40)
    with count_queries() as first:
        world.confirm(few)
    with count_queries() as second:
        world.confirm(many)
    assert len(first) == len(second)


# PDFs


def test_pdfs_are_attached_by_number_made_harmless_and_kept_for_the_home(world):
    world.confirm(world.prepare(world.line()))
    run = world.prepare(content=zip_of({"2026-1.pdf": pdf()}), kind=ImportRun.Kind.PDFS)
    assert world.report(run).counts == {"attached": 1, "replaced": 0, "same": 0}
    world.confirm(run)
    stored = Invoice.objects.get().pdf
    assert stored is not None
    assert (stored.name, stored.kind, stored.pages) == ("2026-1.pdf", "application/pdf", 1)
    assert stored.family_id == world.durand.family.pk


def test_a_bad_pdf_and_none_is_attached(world):
    world.confirm(world.prepare(world.line()))
    files = {"2026-1.pdf": pdf(), "2026-9.pdf": pdf(), "2026-8.pdf": b"<html>", "a/b.pdf": pdf()}
    run = world.prepare(content=zip_of(files), kind=ImportRun.Kind.PDFS)
    assert len(world.said(run)) == 3
    with pytest.raises(ImportRefused):
        world.confirm(run)
    assert Invoice.objects.get().pdf is None


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script>", b"%PDF-1.7 nothing", b"\xff\xd8\xff"]
)
def test_what_is_no_pdf_under_a_pdfs_name_says_so(world, content):
    world.confirm(world.prepare(world.line()))
    run = world.prepare(content=zip_of({"2026-1.pdf": content}), kind=ImportRun.Kind.PDFS)
    assert world.said(run)[0].startswith("2026-1.pdf : ")


def test_another_pdf_needs_a_correction_and_the_same_is_passed_over(world):
    world.confirm(world.prepare(world.line(), world.line("2026-2")))
    first = pdf()
    world.confirm(world.prepare(content=zip_of({"2026-1.pdf": first}), kind=ImportRun.Kind.PDFS))
    both = world.prepare(content=zip_of({"2026-1.pdf": first, "2026-2.pdf": pdf()}), kind=ImportRun.Kind.PDFS)
    assert world.report(both).counts == {"attached": 1, "replaced": 0, "same": 1}
    other = zip_of({"2026-1.pdf": pdf("other")})
    assert "déjà un autre PDF" in world.said(world.prepare(content=other, kind=ImportRun.Kind.PDFS))[0]
    before = Invoice.objects.get(number="2026-1").pdf_id
    world.confirm(world.prepare(content=other, kind=ImportRun.Kind.PDFS, correction=True))
    assert Invoice.objects.get(number="2026-1").pdf_id != before


def test_a_corrected_invoice_loses_the_pdf_of_before(world):
    world.confirm(world.prepare(world.line()))
    world.confirm(world.prepare(content=zip_of({"2026-1.pdf": pdf()}), kind=ImportRun.Kind.PDFS))
    world.confirm(world.prepare(world.line(price="3,00"), correction=True))
    invoice = Invoice.objects.get()
    assert (invoice.pdf_id, invoice.pdf_source) == (None, "")
