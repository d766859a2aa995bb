"""Who steals the database and the folder of files, without the key, reads no health, judgment nor income."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.db.models import CharField, TextField
from django.test import Client

from marelle.cases.models import Case, CaseNote
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import PARIS
from marelle.core.sealed import SealedTextField
from marelle.enrolments.models import CallNote, EndRequest, Enrolment
from marelle.families.care.health import vaccination_add
from marelle.families.care.rules import SheetData
from marelle.families.file.changes import file_save
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.incomes.selectors import incomes_mark
from marelle.families.incomes.services import NewIncome, income_note
from marelle.families.models import ChangeRequest
from marelle.families.notes import note_add
from marelle.files.rules import Cleaned, Kind
from marelle.files.services import CheckedFile, file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.care import team
from marelle.flows.care.services import health_sheet_save, pai_file_set
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from marelle.messaging.services import Recipient, thread_open
from marelle.messaging.writing import Letter
from marelle.relay.models import CareRequest
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

NOW = datetime(2026, 11, 24, 21, 14, tzinfo=PARIS)
SHEET = SheetData(
    allergies="Arachidonax",
    is_severe=True,
    pai=True,
    pai_until=date(2027, 8, 31),
    pai_meal="family",
    treatments="Ventolinax",
    remarks="Lunettax",
    doctor_name="Docteurax",
)
WORDS = (
    *("Arachidonax", "Ventolinax", "Lunettax", "Docteurax", "Vaccinax"),
    *("Gontranax", "Tribunalax", "Notarax"),
    *("7341.27", "7341,27", "6127.83", "6127,83"),
    *("Carnetax", "Documentax"),
    *("Messagax", "Precisax", "Appelax", "Collegax"),
    *("Refusax", "Finax", "Champax", "Relaisax", "Reponsax"),
)
"""What must not be read: of health, of a judgment, of incomes, of documents, of what was written freely."""

PAGE = b"%PDF-1.7 Documentax 7341,27"
"""Of a file, all that is looked at here: its words lie in it as they are."""

READ = "Durandalix"
"""The name of the home, which a dump does say: what is looked for would be found."""


class Village(Scenario):
    """A home of which everything is known, by the services that write it."""

    office: Actor
    director: Actor

    def __init__(self) -> None:
        super().__init__()
        self.home_ = self.home(READ, "Camille")
        self.zoe = self.child(self.home_, "Zoé", born=date(2019, 3, 4))
        self.enrolment(self.zoe, self.activity("Mercredis"), self.home_)
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.direction = self.staff("direction", Role.DIRECTOR, structure=self.the_structure)
        self.director = actor_for(self.direction)


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built: Village, db: None, files_folder: Path, time_machine: Any) -> Village:
    time_machine.move_to(NOW)
    world = deepcopy(built)
    parent, child_id = world.home_.actor, world.zoe.pk
    health_sheet_save(actor=parent, child_id=child_id, typed=SHEET, seen="", now=NOW)
    vaccination_add(actor=parent, child_id=child_id, vaccine="Vaccinax", on=date(2020, 3, 4), now=NOW)
    upload = CheckedFile("Carnetax.pdf", Cleaned(PAGE, Kind.PDF, 1))
    pai_file_set(actor=parent, child_id=child_id, upload=upload, seen=None, now=NOW)
    team.pickup_ban_set(
        actor=world.director,
        child_id=child_id,
        family_id=world.home_.family.pk,
        name="Gontranax Perrin",
        reason="Tribunalax de Dijon",
        since=NOW.date(),
        until=None,
        now=NOW,
    )
    note_add(actor=world.office, family=world.home_.family, text="Notarax", pinned=True, now=NOW)
    income_note(
        actor=world.office,
        family_id=world.home_.family.pk,
        income=NewIncome(
            IncomeKind.QUOTIENT, Told(IncomeStatus.PROVED, Decimal("7341.27")), date(2026, 9, 1), "CAF"
        ),
        seen=incomes_mark(world.office, world.home_.family.pk),
        now=NOW,
    )
    file_save(
        actor=parent,
        person_id=None,
        typed={"home.quotient": {"amount": "6127,83", "since": ""}},
        seen={},
        now=NOW,
    )
    thread_open(
        actor=parent,
        recipient=Recipient(world.the_structure.pk),
        subject="Demain",
        letter=Letter("Messagax : elle prend son traitement", ()),
        origin=Origin("192.0.2.1"),
        now=NOW,
    )
    assert "Messagax" in Message.objects.get(kind="messaging/written").text, "the mail quotes it"
    Enrolment.objects.update(comment="Precisax")
    enrolment = Enrolment.objects.get()
    CallNote.objects.create(enrolment=enrolment, at=NOW, reached=True, note="Appelax", by="Guichet")
    _say_why(world, enrolment)
    CaseNote.objects.create(case=Case.objects.earliest("pk"), at=NOW, by="Guichet", text="Collegax")
    file_make(
        actor=SYSTEM,
        content=PAGE,
        name="Carnetax 2026.pdf",
        pages=1,
        family_id=world.home_.family.pk,
        now=NOW,
    )
    return world


def _say_why(world: Village, enrolment: Enrolment) -> None:
    """What agents and homes write of what is asked and decided, each in its own row."""
    Enrolment.objects.update(reason="Refusax")
    ChangeRequest.objects.update(reason="Champax")
    EndRequest.objects.create(
        enrolment=enrolment, last_day=NOW.date(), requested_at=NOW, requested_by="Camille", reason="Finax"
    )
    CareRequest.objects.create(
        structure=world.the_structure, asker_name="Camille", email="camille@example.org",
        care="relay", starts_on=NOW.date(), expected_on=NOW.date(), received_at=NOW,
        remarks="Relaisax", answer="Reponsax",
    )  # fmt: skip


FREE: Final = {
    "answer", "comment", "derogation", "message", "note", "priority_reason", "reason", "reason_text",
    "refusal", "remarks", "suspension", "text", "words",
}  # fmt: skip
"""How columns are named in which people write freely."""

OF_THE_SERVICE: Final = {
    "accounts.LetIn.reason", "activities.Opening.reason", "activities.Question.text", "cases.Reason.text",
    "flows.MovingImport.reason",
    "messaging.News.text", "messaging.ReplyTemplate.text", "places.Closure.reason", "places.Closure.words",
}  # fmt: skip
"""Said to all, or of an agent."""

OF_MONEY: Final = {
    "billing.BillingRun.reason", "billing.Coverage.reason", "billing.Deferral.reason",
    "billing.ExerciseClosing.reason", "billing.Invoice.reason", "billing.Mandate.reason",
    "billing.Mandate.text", "billing.Reminder.text", "billing.ReminderStep.text",
    "billing.StrayPayment.reason", "billing.TresorExport.reason", "pricing.HomeTrait.reason",
}  # fmt: skip
"""Accounts are kept, and shown to the Trésor, as they are."""

IN_THE_CLEAR: Final = {
    "bookings.AbsenceProof.derogation", "bookings.Attendance.reason_text", "bookings.Booking.derogation",
    "bookings.Booking.priority_reason", "bookings.Booking.refusal", "bookings.ClosedBooking.priority_reason",
    "bookings.EntryCard.note", "enrolments.Enrolment.derogation",
}  # fmt: skip
"""ADR 48 says so: why a booking or a price is an exception, and what the door wrote beside an absence."""


def test_each_column_in_which_people_write_is_sealed_or_is_said_not_to_be() -> None:
    clear = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name in FREE
        and isinstance(field, CharField | TextField)
        and not isinstance(field, SealedTextField)
        and not field.choices
    }
    assert clear == OF_THE_SERVICE | OF_MONEY | IN_THE_CLEAR


def dump() -> bytes:
    """All that the database holds, as its own tools write it."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return "\n".join(connection.connection.iterdump()).encode()
    held = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                held += b"".join(bytes(part) for part in copy)
    return held


def stolen() -> bytes:
    folder = Path(storages["private"].path(""))
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 2
    return b"\n".join([dump(), *files])


def found_in(held: bytes) -> list[str]:
    assert READ.encode() in held
    lower = held.lower()
    return [word for word in WORDS if word.lower().encode() in lower]


def read(client: Client, path: str) -> str:
    return text(client.get(path))


def all_is_read(world: Village) -> None:
    """By who may: the same words are on their pages."""
    parent, direction = Client(), Client()
    parent.force_login(world.home_.user)
    direction.force_login(world.direction)
    health = parent.get(f"/famille/{world.zoe.pk}/sante/").content.decode()
    assert not [word for word in ("Arachidonax", "Ventolinax", "Vaccinax", "Carnetax") if word not in health]
    team_page = read(direction, f"/agents/sante/{world.zoe.pk}/")
    assert not [word for word in ("Arachidonax", "Gontranax", "Tribunalax") if word not in team_page]
    assert "7341,27" in read(parent, "/famille/foyer/").replace("\u202f", "").replace("\xa0", "")
    sent = parent.get(f"/famille/{world.zoe.pk}/sante/pai/")
    assert b"Documentax" in b"".join(sent.streaming_content)  # type: ignore[arg-type]


def test_neither_the_database_nor_the_folder_says_any_of_it(world: Village) -> None:
    all_is_read(world)
    assert found_in(stolen()) == []


def test_a_new_key_takes_over_while_all_is_read_and_the_old_one_goes(world: Village, settings: Any) -> None:
    new = Fernet.generate_key().decode()
    before = settings.SEALING_KEYS
    settings.SEALING_KEYS = (new, *before)
    all_is_read(world)
    call_command("reseal", stdout=StringIO())
    all_is_read(world)
    settings.SEALING_KEYS = (new,)
    all_is_read(world)
    assert found_in(stolen()) == []


def test_with_the_key_lost_pages_say_so_and_keep_what_was_typed(world: Village, settings: Any) -> None:
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    parent, direction = Client(), Client()
    parent.force_login(world.home_.user)
    direction.force_login(world.direction)
    path = f"/famille/{world.zoe.pk}/sante/"
    held = dump()
    page = read(parent, path)
    assert "Indisponible pour le moment" in page
    assert "Arachidonax" not in page
    assert 'name="allergies"' not in page
    typed = replace(SHEET, allergies="Kiwi et sésame")
    sent = {"allergies": typed.allergies, "treatments": typed.treatments, "pai": "oui", "seen": ""}
    answer = read_of(parent.post(path, sent))
    assert "illisible pour le moment" in answer
    assert "Kiwi et sésame" in answer
    assert dump() == held or sheet_tokens(held) == sheet_tokens(dump())
    for address in (f"/agents/sante/{world.zoe.pk}/", "/agents/sante/", "/agents/"):
        assert direction.get(address).status_code == 200
    assert "Santé illisible" in read(direction, "/agents/sante/")
    assert "Indisponible pour le moment" in read(direction, f"/agents/sante/{world.zoe.pk}/")
    lost = parent.get(f"{path}pai/")
    assert lost.status_code == 503
    assert "La clé qui protège ces informations manque" in text_of(lost)


def read_of(answer: Any) -> str:
    assert answer.status_code == 200
    return text_of(answer)


def text_of(answer: Any) -> str:
    return str(text(answer)) if answer.status_code == 200 else answer.content.decode()


def sheet_tokens(held: bytes) -> list[bytes]:
    return [line for line in held.splitlines() if b"families_healthsheet" in line]
