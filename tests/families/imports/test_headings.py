"""The headings of real exports are understood, and what is not understood is left to the agent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.tabular import Line
from marelle.families.imports.drafts import COLUMNS
from marelle.families.imports.headings import guessed, headings_at, headings_found, links_said


def read(titles: str) -> dict[str, str]:
    """The heading of each column that is guessed, by its code."""
    headings = titles.split(";")
    return {code: headings[place] for code, place in guessed(headings).items()}


def test_our_own_titles_and_codes_are_understood():
    assert guessed([column.title for column in COLUMNS]) == {
        column.code: place for place, column in enumerate(COLUMNS)
    }
    assert guessed([column.code for column in COLUMNS]) == {
        column.code: place for place, column in enumerate(COLUMNS)
    }


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Né(e) le", "child_birth"),
        ("Née le", "child_birth"),
        ("Date naiss.", "child_birth"),
        ("DDN enfant", "child_birth"),
        ("DATE_NAISSANCE", "child_birth"),
        ("DateNaissanceEnfant", "child_birth"),
        ("Nom resp. 1", "last1"),
        ("NOM_RESP1", "last1"),
        ("Prénom parent 1", "first1"),
        ("Prénom du parent 1", "first1"),
        ("Parent 1 : prénom", "first1"),
        ("Responsable légal n° 1 - Prénom", "first1"),
        ("1er responsable - Nom de famille", "last1"),
        ("RL1 Nom", "last1"),
        ("Tél. portable 1", "phone1"),
        ("Tél. port. resp. 1", "phone1"),
        ("N° de téléphone", "phone1"),
        ("Portable responsable", "phone1"),
        ("TelMobile1", "phone1"),
        ("Adresse électronique parent 1", "email1"),
        ("E-mail", "email1"),
        ("Mél responsable 1", "email1"),
        ("Lien de parenté 1", "link1"),
        ("Civilité", "civility1"),
        ("Prénom de l’enfant", "child_first"),
        ("Prénom enfant 1", "child_first"),
        ("Nom de l'élève", "child_last"),
        ("Nom de famille élève", "child_last"),
        ("Code famille", "reference"),
        ("N° dossier", "reference"),
        ("ID_FAMILLE", "reference"),
        ("Nom de la famille", "home"),
        ("Adresse postale", "street"),
        ("Adresse 1", "street"),
        ("Adresse du responsable 1", "street"),
        ("Numéro et rue", "street"),
        ("C.P.", "postal_code"),
        ("CP", "postal_code"),
        ("Code postal responsable", "postal_code"),
        ("Commune de résidence", "city"),
        ("Q.F.", "quotient"),
        ("QF CAF", "quotient"),
        ("N° allocataire CAF", "caf_number"),
        ("Num. alloc.", "caf_number"),
        ("Matricule CAF/MSA", "caf_number"),
        ("Établissement scolaire", "school"),
        ("Nom de l’école", "school"),
        ("École fréquentée", "school"),
        ("Niveau de classe", "level"),
        ("Libellé classe", "level"),
        ("Enseignant(e)", "teacher"),
        ("Année scolaire", "school_year"),
        ("Régime alimentaire", "diet"),
        ("Type de repas", "diet"),
        # What is of somebody else, or of something else, is nobody’s here.
        ("Téléphone médecin", None),
        ("Nom du médecin", None),
        ("Tél. travail", None),
        ("Lieu de naissance", None),
        ("Commune de naissance", None),
        ("Date de naissance parent 1", None),
        ("Prénom enfant 2", None),
        ("Prénom 2", None),
        ("Nom et prénom", None),
        ("Nom", None),
        ("Tél. enfant", None),
        ("Adresse 2", None),
        ("Régime CAF", None),
        ("Nom responsable 3", None),
        ("Bonjour", None),
        ("", None),
        ("nom " * 500, None),
    ],
)
def test_what_one_heading_means(title, code):
    assert list(guessed([title])) == ([code] if code else [])


LAYOUTS = {
    # A software of the field: adults by number, « Nom » and « Prénom » of the child.
    "Nom;Prénom;Né(e) le;Sexe;Nom resp. 1;Prénom resp. 1;Tél. domicile 1;Tél. portable 1;Mail 1;Nom resp. 2;"
    "Prénom resp. 2;Tél. portable 2;Mail 2;Adresse;CP;Ville;N° alloc.;QF": {
        "child_last": "Nom", "child_first": "Prénom", "child_birth": "Né(e) le", "last1": "Nom resp. 1",
        "first1": "Prénom resp. 1", "phone1": "Tél. portable 1", "email1": "Mail 1", "last2": "Nom resp. 2",
        "first2": "Prénom resp. 2", "phone2": "Tél. portable 2", "email2": "Mail 2", "street": "Adresse",
        "postal_code": "CP", "city": "Ville", "caf_number": "N° alloc.", "quotient": "QF",
    },
    # The pupils of the State’s directory of schools.
    "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Pays1;Adresse2;"
    "Cp2;Commune2;Cycle;Niveau;Libellé classe;Identifiant classe": {
        "child_last": "Nom élève", "child_first": "Prénom élève", "child_birth": "Date naissance",
        "street": "Adresse1", "postal_code": "Cp1", "city": "Commune1", "level": "Niveau",
    },
    # And their adults.
    "Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;Adresse responsable;"
    "CP responsable;Commune responsable;Pays;Courriel;Téléphone domicile;Téléphone travail;"
    "Téléphone portable;Nom de famille élève;Prénom élève": {
        "civility1": "Civilité Responsable", "last1": "Nom responsable", "first1": "Prénom responsable",
        "street": "Adresse responsable", "postal_code": "CP responsable", "city": "Commune responsable",
        "email1": "Courriel", "phone1": "Téléphone portable", "child_last": "Nom de famille élève",
        "child_first": "Prénom élève",
    },
    # A list kept by hand: the mother, then the father.
    "N° famille;Nom enfant;Prénom enfant;Date de naiss.;Nom de la mère;Prénom de la mère;Tél. mère;"
    "Nom du père;Prénom du père;Portable père;Tél. travail père;Mail": {
        "reference": "N° famille", "child_last": "Nom enfant", "child_first": "Prénom enfant",
        "child_birth": "Date de naiss.", "last1": "Nom de la mère", "first1": "Prénom de la mère",
        "phone1": "Tél. mère", "last2": "Nom du père", "first2": "Prénom du père", "phone2": "Portable père",
        "email1": "Mail",
    },
    # The adult named alone, the child by its column.
    "Famille;Nom;Prénom;Téléphone 1;Téléphone 2;Nom enfant;Prénom enfant;Né le;Établissement;Classe": {
        "home": "Famille", "last1": "Nom", "first1": "Prénom", "phone1": "Téléphone 1",
        "child_last": "Nom enfant", "child_first": "Prénom enfant", "child_birth": "Né le",
        "school": "Établissement", "level": "Classe",
    },
    "Nom responsable;Prénom responsable;Nom conjoint;Prénom conjoint;Portable conjoint;Prénom": {
        "last1": "Nom responsable", "first1": "Prénom responsable", "last2": "Nom conjoint",
        "first2": "Prénom conjoint", "phone2": "Portable conjoint", "child_first": "Prénom",
    },
}  # fmt: skip


@pytest.mark.parametrize("titles", LAYOUTS)
def test_the_columns_of_an_export(titles):
    assert read(titles) == LAYOUTS[titles]


def test_who_an_adult_is_may_be_said_by_its_title():
    titles = ["Nom mère", "Prénom mère", "Nom père", "Prénom père"]
    assert links_said(titles, guessed(titles)) == {1: "mother", 2: "father"}
    titles = ["Nom parent 1", "Prénom parent 1"]
    assert links_said(titles, guessed(titles)) == {}


def lines(*texts: str) -> list[Line]:
    return [Line(number, tuple(text.split(";"))) for number, text in enumerate(texts, start=1)]


def test_the_headings_are_found_under_what_is_above_them():
    file = lines(
        "Service enfance;;;", "Liste au 12/09/2026;;;", "Nom;Prénom;Né(e) le;CP", "Roy;Max;1/2/2020;CP"
    )
    assert headings_found(file) == 2
    assert headings_found(file[2:]) == 0


def test_headings_that_mean_nothing_are_the_first_wide_line():
    assert headings_found(lines("Une liste;;;", "A;B;C;D", "1;2;3;4")) == 1
    assert headings_found(lines("A;B;C;D", "Mail;2;3;4")) == 0  # a cell may read as a title


def test_titles_over_several_columns_are_those_of_each():
    file = lines(
        "Responsable 1;;;Responsable 2;;Enfant;;",
        "Nom;Prénom;Tél. portable;Nom;Prénom;Nom;Prénom;Né(e) le",
        "Haddad;Rachid;06 39 98 10 01;Haddad;Amina;Haddad;Inès;14/05/2018",
    )
    assert headings_found(file) == 1
    assert headings_at(file, 1)[:4] == (
        "Responsable 1 Nom", "Responsable 1 Prénom", "Responsable 1 Tél. portable", "Responsable 2 Nom",
    )  # fmt: skip
    assert len(guessed(headings_at(file, 1))) == 8
    assert headings_at(lines("Liste des familles;;", "Nom enfant;Prénom enfant;Né le"), 1)[0] == "Nom enfant"


@given(st.lists(st.text(max_size=30), max_size=8))
def test_no_heading_breaks_the_guess(headings):
    found = guessed(headings)
    assert len(set(found.values())) == len(found)
    assert all(0 <= place < len(headings) for place in found.values())


WORDS = st.sampled_from(
    (
        "nom",
        "prénom",
        "resp.",
        "parent",
        "enfant",
        "1",
        "2",
        "de la",
        "tél.",
        "portable",
        "mail",
        "né(e) le",
        "cp",
    )
)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), max_size=8))
def test_a_column_is_never_guessed_twice(headings):
    found = guessed(headings)
    assert len(set(found.values())) == len(found)
