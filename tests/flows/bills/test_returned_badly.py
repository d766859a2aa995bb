"""What comes back cut, of others, twice, in any letters, or hostile: clear words, and nothing written."""

from __future__ import annotations

import gzip
from copy import deepcopy
from dataclasses import replace

import pytest
from django.core.files.storage import storages

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_prepare
from marelle.billing.labels import refusal_text
from marelle.billing.models import ImportRun, Payment
from marelle.core.tabular import FileUnreadable
from marelle.files.services import STORAGE
from tests.billing.files import csv_of, upload, zip_of
from tests.billing.tresor.returned import Came, Head, Of, pes_return
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_returned import KIND, LATER, Returned
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Returned, now=NOW)


@pytest.fixture
def world(built, db) -> Returned:
    return deepcopy(built)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";F;4,00;;", "la colonne « date » est vide."),
        ("08/12/2026;;4,00;;", "dites de quoi il s’agit"),
        ("08/12/2026;F;;;", "ni un état ni un montant n’est dit."),
        ("08/12/2026;F;;perdue;", "« perdue » n’est pas un état"),
        ("08/12/2026;F;quatre;;", "n’est pas un montant"),
        ("21/12/2026;F;4,00;;", "n’est pas encore venue"),
    ],
)
def test_a_line_that_cannot_be_says_why(world, row, said):
    header = "date;facture;montant;état;motif"
    content = csv_of(f"08/12/2026;{world.bill.number};1,00;;", row, header=header)
    [text] = world.said(content, ImportRun.Kind.TRESOR_CSV)
    assert text.startswith("Ligne 3 : ")
    assert said in text
    with pytest.raises(ImportRefused):
        world.reads(content, ImportRun.Kind.TRESOR_CSV)
    assert world.paid() == (0, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"came": [Came("2026-12-08", "1,00")]}, "n’est pas un montant"),
        ({"came": [Came("2026-12-99", "1.00")]}, "n’est pas une date"),
        ({"came": [Came("2026-12-21", "1.00")]}, "n’est pas encore venue"),
        ({"state": "09"}, "n’est pas un état de pièce"),
        ({"piece": "x"}, "le numéro manque"),
    ],
)
def test_a_piece_that_cannot_be_is_told_by_its_line_and_nothing_is_written(world, changes, said):
    good = Of(world.pieces[0].piece, came=[Came("2026-12-08", "1.00")])
    content = pes_return([good, replace(Of(world.pieces[1].piece), **changes)])
    [text] = world.said(content)
    assert text.startswith("Ligne ")
    assert said in text
    with pytest.raises(ImportRefused):
        world.reads(content)
    assert not Payment.objects.exists()
    assert world.piece().state == ""


WHOLE = pes_return([Of(1, came=[Came("2026-12-08", "1.00")])])
DTD = Head(before='<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]>\n')
FETCHED = Head(before='<!DOCTYPE a SYSTEM "http://example.org/a.dtd">\n')
UNREADABLE = {
    "of another authority": (pes_return([Of(1)], head=Head(siret="21210002000016")), "autre collectivité"),
    "of another code": (pes_return([Of(1)], head=Head(collection="999")), "autre collectivité"),
    "of nobody": (pes_return([Of(1)], head=Head(siret="", collection="")), "de quelle collectivité"),
    "cut between two elements": (WHOLE[: WHOLE.index(b"<LigneDePiece>")], "s’arrête au milieu"),
    "cut within one": (WHOLE[: WHOLE.index(b"<LigneDePiece>") + 5], "s’arrête au milieu"),
    "crossed": (WHOLE.replace(b"</Piece>", b"</Autre>"), "abîmé à la ligne"),
    "a DTD": (pes_return([Of(1)], head=DTD), "DOCTYPE"),
    "a DTD from elsewhere": (pes_return([Of(1)], head=FETCHED), "DOCTYPE"),
    "zipped": (zip_of({"retour.xml": WHOLE}), "compressé"),
    "gzipped": (gzip.compress(b"\0" * 10_000_000), "compressé"),
    "a CSV": (b"date;facture;montant\n08/12/2026;1;2", "n’est pas un XML"),
    "another XML": (b"<?xml version='1.0'?><html><p V='1'/></html>", "ni un acquittement"),
    "of no piece": (pes_return([]), "d’aucune pièce"),
    "deep": (b"<a>" * 100 + b"</a>" * 100, "trop profond"),
    "a long value": (pes_return([Of(1, text="x" * 3_000)]), "plus de 2\u202f000 lettres"),
    "an unknown encoding": (WHOLE.replace(b"ISO-8859-1", b"KLINGON-88"), ""),
    "nothing": (b" \n", "vide"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_none_says_so_and_leaves_nothing(world, name):
    content, said = UNREADABLE[name]
    if not said:
        world.reads(content)
        assert world.paid()[0] == 1, "its letters tell enough"
        return
    with pytest.raises(FileUnreadable) as refused:
        world.reads(content)
    assert said in refusal_text(refused.value)
    assert not ImportRun.objects.exists()


TEXT = "Réglée à l’échéance, 5 œufs"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (pes_return([Of(1, "04", text="Réglée à 5")]), "Réglée à 5"),
        (pes_return([Of(1, "04", text=TEXT)], head=Head(encoding="UTF-8")), TEXT),
        (
            pes_return([Of(1, "04", text=TEXT)], head=Head(encoding="utf-8-sig")).replace(
                b"utf-8-sig", b"UTF-8"
            ),
            TEXT,
        ),
        (pes_return([Of(1, "04", text=TEXT)], head=Head(encoding="UTF-16")), TEXT),
        (pes_return([Of(1, "04", text=TEXT)], head=Head(encoding="windows-1252")), TEXT),
        (
            pes_return([Of(1, "04", text=TEXT)], head=Head(encoding="windows-1252")).replace(
                b"windows-1252", b"ISO-8859-1"
            ),
            TEXT,
        ),
        (
            pes_return([Of(1, "04", text="Réglée à 5")]).replace(b' encoding="ISO-8859-1"', b""),
            "Réglée à 5",
        ),
        (
            pes_return([Of(1, "04", text=TEXT)], head=Head(encoding="utf-8-sig")).replace(
                b"utf-8-sig", b"ISO-8859-1"
            ),
            TEXT,
        ),
    ],
    ids=[
        "latin-1", "utf-8", "its mark", "utf-16", "windows", "windows, latin", "unsaid", "mark, latin",
    ],
)  # fmt: skip
def test_whatever_letters_a_file_is_written_in(world, content, text):
    world.reads(content)
    assert world.piece().said == text


def test_read_twice_it_is_nothing(world):
    world.reads(WHOLE)
    with pytest.raises(ImportRefused):
        world.reads(WHOLE)
    assert world.paid()[0] == 1


def test_nothing_of_who_owes_is_kept_aside(world):
    run = import_prepare(
        actor=world.bursar, authority_id=world.the_authority.pk, kind=KIND, month=None, correction=False,
        upload=upload(WHOLE, "retour.xml"), now=LATER,
    )  # fmt: skip
    with storages[STORAGE].open(run.key) as kept:
        assert b"SECRET" not in kept.read()
