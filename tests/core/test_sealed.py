"""What is sealed: shown by nothing, opened by the keys alone, and written again under a new one."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from marelle.core import sealed
from marelle.core.checks import check_sealed, check_sealing
from marelle.core.resealing import Resealing, reseal
from marelle.core.sealed import UNAVAILABLE, CannotOpen, CannotSeal, Sealed, opened, seal
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.models import FamilyNote, Income
from marelle.families.models.incomes import sealed_of
from tests.scenario import Scenario

# What is looked for in a token has a point or many letters: three digits come up by themselves now and then.
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def _told_again(files_folder: Path) -> None:
    """And the files that the command writes again are this test's."""
    sealed.tell_operator.cache_clear()


def test_only_opening_it_shows_what_it_holds(caplog: Any) -> None:
    held = seal("734.00")
    assert opened(held) == "734.00"
    logging.getLogger("any").warning("%s %r %s", held, held, [held])
    assert not [text for text in (*caplog.messages, f"{held}", repr({"a": held})) if "734.00" in text]
    assert "734.00" not in held.token


def test_two_of_one_text_differ_and_short_texts_are_of_one_length() -> None:
    assert seal("734.00").token != seal("734.00").token
    assert len({len(seal(text).token) for text in ("", "0", "99999.99", *IncomeStatus.values)}) == 1


def test_a_key_that_comes_after_the_first_opens_and_the_first_writes(settings: Any) -> None:
    settings.SEALING_KEYS = (OLD,)
    held = seal("1")
    settings.SEALING_KEYS = (NEW, OLD)
    assert opened(held) == "1"
    settings.SEALING_KEYS = (NEW,)
    with pytest.raises(CannotOpen):
        opened(held)
    assert opened(seal("2")) == "2"


@pytest.mark.parametrize("keys", [(), (OTHER,)])
def test_without_its_key_nothing_is_guessed_and_the_operator_is_told_once(
    settings: Any, caplog: Any, keys: tuple[str, ...]
) -> None:
    held = seal("734.00")
    settings.SEALING_KEYS = keys
    for _ in range(2):
        with pytest.raises(CannotOpen):
            opened(held)
    (told,) = caplog.messages
    assert "SEALING_KEYS" in told


def test_nothing_is_kept_in_the_clear_for_want_of_a_key(settings: Any) -> None:
    settings.SEALING_KEYS = ()
    with pytest.raises(CannotSeal):
        seal("734.00")


@pytest.fixture
def income(db: None) -> Income:
    world = Scenario()
    return world.quotient(world.home("Durand"), "734.12")


def raw() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select * from families_income")
        return str(cursor.fetchall())


def test_the_database_holds_neither_an_amount_nor_a_status(income: Income) -> None:
    assert income.told == Told(IncomeStatus.PROVED, Decimal("734.12"))
    assert not [word for word in ("734.12", "proved") if word in raw()]
    assert Income.objects.get().told == income.told


@pytest.mark.parametrize("plain", ["734.12", Decimal("734.12"), 3])
def test_a_column_of_sealed_values_takes_no_other(income: Income, plain: object) -> None:
    income.amount = plain  # type: ignore[assignment]
    with pytest.raises(TypeError, match="sealed"):
        income.save()
    with pytest.raises(TypeError, match="sealed"):
        Income.objects.update(amount=plain)


def test_a_dump_holds_tokens_and_is_read_back(income: Income) -> None:
    written = serializers.serialize("json", [income])
    assert "734.12" not in written
    (read,) = serializers.deserialize("json", written)
    assert read.object.told == income.told  # type: ignore[attr-defined]


def test_check_refuses_a_production_without_a_key_or_with_another(income: Income, settings: Any) -> None:
    assert check_sealing() == check_sealed(databases=["default"]) == []
    settings.SEALING_KEYS = (OTHER,)
    assert [problem.id for problem in check_sealed(databases=["default"])] == ["marelle.E006"] * 2
    settings.SEALING_KEYS = ()
    (missing,) = check_sealing()
    assert (missing.id, missing.is_serious()) == ("marelle.E004", True)
    assert len(check_sealed(databases=["default"])) == 2
    assert check_sealed(databases=None) == []


def many(home: Any, count: int) -> None:
    Income.objects.bulk_create(
        Income(
            family=home.family,
            kind=IncomeKind.RESOURCES,
            since=date(2000 + number, 1, 1),
            source="CAF",
            **sealed_of(Told(IncomeStatus.DECLARED, Decimal(number))),
        )
        for number in range(count)
    )


def said() -> str:
    out = StringIO()
    call_command("reseal", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_every_value_goes_under_the_first_key_by_batches_and_once(settings: Any) -> None:
    settings.SEALING_KEYS = (OLD,)
    world = Scenario()
    many(world.home("Durand"), 7)
    before = [row.told for row in Income.objects.order_by("pk")]
    settings.SEALING_KEYS = (NEW, OLD)
    assert reseal(batch=3) == Resealing(done=14)
    assert "0 valeur(s) rechiffrée(s)." in said()
    settings.SEALING_KEYS = (NEW,)
    assert [row.told for row in Income.objects.order_by("pk")] == before


@pytest.mark.django_db
def test_what_no_key_opens_is_left_and_told(settings: Any) -> None:
    settings.SEALING_KEYS = (OTHER,)
    world = Scenario()
    many(world.home("Durand"), 1)
    settings.SEALING_KEYS = (OLD,)
    many(world.home("Martin"), 2)
    settings.SEALING_KEYS = (NEW, OLD)
    lost = raw()
    with pytest.raises(CommandError, match=r"2 valeur\(s\) qu’aucune clé n’ouvre"):
        said()
    settings.SEALING_KEYS = (NEW, OTHER)
    assert sorted(int(row.told.amount or 0) for row in Income.objects.all()) == [0, 0, 1]
    assert lost != raw()


@pytest.mark.django_db
def test_a_value_written_meanwhile_is_the_one_that_stays(settings: Any) -> None:
    """A writer comes between the read of a batch and its write, once; it still has the old key."""
    settings.SEALING_KEYS = (OLD,)
    world = Scenario()
    many(world.home("Durand"), 2)
    settings.SEALING_KEYS = (NEW, OLD)
    by_the_old_process = Sealed(Fernet(OLD).encrypt(b"999").decode())
    first = Income.objects.order_by("pk")[0]
    wrote: list[int] = []

    def between(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "families_income" SET "amount"') and not wrote:
            wrote.append(1)
            Income.objects.filter(pk=first.pk).update(amount=by_the_old_process)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(between):
        assert reseal() == Resealing(done=4)
    settings.SEALING_KEYS = (NEW,)
    first.refresh_from_db()
    assert first.told.amount == 999


def test_a_new_key_is_one(settings: Any) -> None:
    out = StringIO()
    call_command("reseal", "--new-key", stdout=out)
    settings.SEALING_KEYS = (out.getvalue().strip(),)
    assert opened(seal("1")) == "1"


def test_without_a_key_resealing_says_so(settings: Any, db: None) -> None:
    many(Scenario().home("Durand"), 1)
    settings.SEALING_KEYS = ()
    with pytest.raises(CommandError, match="SEALING_KEYS est vide"):
        call_command("reseal")


@pytest.fixture
def note(db: None) -> FamilyNote:
    home, at = Scenario().home("Durand"), timezone.now()
    return FamilyNote.objects.create(family=home.family, shared=True, text="Arachidonax", at=at, by="Léa")


def held_of(note: FamilyNote) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select text from families_familynote where id = %s", [note.pk])
        return str(cursor.fetchone()[0])


def test_a_text_opens_by_itself_and_the_database_does_not_say_it(note: FamilyNote) -> None:
    assert FamilyNote.objects.get().text == "Arachidonax"
    assert list(FamilyNote.objects.values_list("text", flat=True)) == ["Arachidonax"]
    assert "Arachidonax" not in held_of(note)
    FamilyNote.objects.update(text="")
    assert held_of(note) == ""
    assert FamilyNote.objects.filter(text="").exists()


def test_no_query_finds_a_text_by_what_it_says(note: FamilyNote) -> None:
    with pytest.raises(TypeError, match="sealed"):
        FamilyNote.objects.filter(text="Arachidonax").exists()
    for lookup in ("icontains", "startswith", "in", "iexact", "gt"):
        with pytest.raises(FieldError):
            FamilyNote.objects.filter(**{f"text__{lookup}": "Arachidonax"}).exists()


def test_a_text_that_no_key_opens_is_written_back_as_it_was(note: FamilyNote, settings: Any) -> None:
    held, keys, settings.SEALING_KEYS = held_of(note), settings.SEALING_KEYS, (OTHER,)
    read = FamilyNote.objects.get()
    assert read.text == read.text
    assert read.text != str(UNAVAILABLE)
    assert str.__str__(read.text) == str(UNAVAILABLE)
    read.pinned = True
    read.save()
    assert held_of(note) == held
    settings.SEALING_KEYS = keys
    assert (FamilyNote.objects.get().text, FamilyNote.objects.get().pinned) == ("Arachidonax", True)


def test_a_dump_of_texts_holds_tokens_and_is_read_back(note: FamilyNote) -> None:
    written = serializers.serialize("json", [note])
    assert "Arachidonax" not in written
    (read,) = serializers.deserialize("json", written)
    assert read.object.text == "Arachidonax"  # type: ignore[attr-defined]
