"""A file as it is read, without a database: what is wrong is told, all of it, with its line and its key."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import Delay, Origin, Unit
from marelle.activities.rules import Anchor, Counting, Limit, LimitKind, OffDay
from marelle.core.clock import instant_at
from marelle.definitions import rules, values
from marelle.definitions.dumping import emitted
from marelle.definitions.kinds import EVERY
from marelle.definitions.reading import At, DefinitionsRefused, Fault, parsed
from marelle.definitions.rules import levels_settled
from marelle.definitions.tree import definitions_read
from tests.definitions.example import VILLAGE, edited


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(DefinitionsRefused) as refused:
        definitions_read(text)
    found: tuple[Fault, ...] = refused.value.data["faults"]
    return found


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


WRONG = [
    ("zone: A", "zone: D",
     "calendriers › ecole › zone", "« D » n’est pas connu : écrivez « A » ou « B » ou « C »."),
    ("code postal: 21994", "code postal: 2199", "communes › voisine › code postal", "cinq chiffres"),
    ("SIRET: 21219990500010", "SIRET: 21219990500011", "collectivités › mairie › SIRET", "un numéro SIRET"),
    ("conformité au RGAA: 75", "conformité au RGAA: 175", "conformité au RGAA", "de 0 à 100"),
    ("audit du: 12/05/2026", "audit du: 31/02/2026", "audit du", "une date comme 01/09/2026"),
    ("demandé à tous: oui", "demandé à tous: peut-être", "demandé à tous", "oui ou non"),
    ("âge maximum: 5 ans", "âge maximum: cinq ans", "groupes › petits › âge maximum", "un âge comme"),
    ("de qui: le foyer", "de qui: le foier", "de qui", "vouliez-vous dire « le foyer »"),
    ("qui décide: le guichet", "qui décidera: le guichet",
     "qui décidera", "vouliez-vous dire « qui décide »"),
    ("calendrier: ecole\n\nstr", "calendrier: ecol\n\nstr",
     "écoles › ecole-du-bourg › calendrier", "dire « ecole »"),
    ("jauges: [salle]", "jauges: [sale]", "cantine › créneaux › repas › jauges", "dire « salle »"),
    ("demande: [matin]", "demande: [soir]",
     "créneaux › repas › demande", "« soir » n’est pas dans « créneaux »"),
    ("nombre: 20, heure: 18:00", "nombre: 40, heure: 18:00", "vendredi › réserver", "« nombre » manque, ou"),
    ("      garde:\n", "      Garde du soir:\n", "créneaux › Garde du soir", "comme « garde-du-soir »"),
    ("guichet: [mairie]", "guichet: [marie]", "premiers agents › secretariat", "dire « mairie »"),
    ("animation: garderie", "# rien", "premiers agents › animation", "dites son rôle"),
    ("places: 24", "places: beaucoup", "jauges › matin › places", "un nombre entier"),
    ("{01/09/2026: 48", "{demain: 48", "jauges › salle › places", "une date comme"),
    ("obligatoire: oui\n    # sans", "obligatoire: [oui]\n    # sans", "obligatoire", "une seule valeur"),
    ("effet: {en plus: 2}", "effet: {en moins: 2}",
     "ailleurs › effet › en moins", "écrivez « pourcentage » ou « en plus »"),
    ("cas: hors délai", "cas: hors delais", "hors-delai › cas", "vouliez-vous dire « hors délai »"),
    ("{0: 1, 400: 3.15, 601", "{10: 1, 400: 3.15, 601", "repas-2026 › montant › tranches", "à partir de 0"),
    ("cas: {rang: {du: 3,", "cas: {absence: {}, rang: {du: 3,", "fratrie › cas", "un seul de ceux-ci"),
    ("ensembles: [[mercredis/garde]]", "ensembles: [[mercredis/gard]]",
     "garde › de quoi", "« mercredis/garde »"),
    ("montant: 26", "montant: vingt-six", "tarifs › retard › montant", "il faut un nombre comme 3.15"),
    ("nom: Saint-Loup", "nom:", "communes › voisine › nom", "une valeur est attendue"),
    ("rue: 3 rue des Écoles", "rue: " + "x" * 121, "structures › restaurant › rue",
     "121 caractères : 120 au plus"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "words"), WRONG, ids=[new[:30] for _old, new, *_rest in WRONG]
)
def test_what_is_wrong_is_told_by_line_and_key(old: str, new: str, path: str, words: str) -> None:
    text = edited((old, new))
    found = [one for one in faults(text) if path in one.path]
    assert found, faults(text)
    assert words in found[0].words.replace("\u00a0", " ")
    assert 0 <= line_of(VILLAGE, old) - found[0].line <= 3, (
        "a key that is missing is told where its thing begins"
    )


def test_all_of_it_is_told_at_once() -> None:
    text = edited(*((old, new) for old, new, *_rest in WRONG))
    told = faults(text)
    assert len({one.line for one in told}) >= len(WRONG) - 2
    assert list(told) == sorted(told)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "vide"),
        ("# rien\n", 0, "vide"),
        ("a: b\nformat: 1", 1, "n’est pas connu"),
        ("format: 2", 1, "seul le format 1"),
        ("- a\n- b", 1, "clé"),
        ("communes:\n\tx: 1", 2, "tabulation"),
        ("communes:\n  x: {nom: A", 2, "pas refermé"),
        ('communes:\n  x:\n    nom: "A', 3, "pas refermé"),
        ("communes:\n  x:\n    nom: a : b", 3, "de trop"),
        ("communes:\n  x:\n   nom: a\n    code postal: 21990", 4, ""),
        ("communes:\n  x:\n    nom: &a b\n    code postal: *a", 4, "renvois"),
        ("communes:\n  x:\n    code postal: 21990\n    nom: a\n    Nom: b", 5, "y est déjà, ligne 4"),
        ("communes:\n  x:\n    nom: a\n    code postal: 21990\n---\ncommunes:", 5, "un seul document"),
        ("communes:\n  x:\n    nom: a\x00", 3, "invisible"),
        ("communes: x", 1, "clé : valeur"),
        ("communes:\n  ? [a]\n  : b", 2, "une clé est un mot"),
        ("communes: " + "[" * 40, 1, "niveaux"),
        ("communes:\n  x:\n    nom: !!python/object:os.system a\n    code postal: 1", 4, "cinq chiffres"),
    ],
)
def test_what_is_no_such_file_is_told_in_a_sentence(text: str, line: int, words: str) -> None:
    told = faults(text)
    assert told[0].line == line
    assert words in told[0].words.replace("\u00a0", " ")


def test_a_file_too_large_is_not_read() -> None:
    (told,) = faults("# " + "x" * 2_000_000)
    assert "trop grand" in told.words


def test_the_example_has_every_key() -> None:
    """It is the reference: a key that nobody finds in it is not known to be there."""
    said = {
        one.word
        for entry in definitions_read(VILLAGE).entries.values()
        for one in entry.kind.fields
        if one.attr in entry.values
    }
    words = {one.word for kind in EVERY.values() for one in kind.fields}
    assert sorted(words - said) == ["en vigueur"], "which is for days that the State publishes"


def test_the_example_has_every_word_of_a_choice() -> None:
    choices = [
        one.value for kind in EVERY.values() for one in kind.fields if isinstance(one.value, values.Choice)
    ]
    words = {word for one in (*choices, rules.AUDIENCES_OF_WAVES) for word in one.words.values()}
    text = " ".join(VILLAGE.replace("#", " ").split())
    assert sorted(word for word in words if word not in text) == []


def test_accents_capitals_and_apostrophes_of_keys_do_not_count() -> None:
    text = edited(("collectivités:\n  mairie", "COLLECTIVITES:\n  mairie"), ("nom court:", "Nom_Court:"))
    text = text.replace("jours d’école: [", "jours d'ecole: [")
    assert definitions_read(text) == definitions_read(VILLAGE) or _alike(text)


def _alike(text: str) -> bool:
    there, here = definitions_read(text).entries, definitions_read(VILLAGE).entries
    return {pk: one.values for pk, one in there.items()} == {pk: one.values for pk, one in here.items()}


@pytest.mark.parametrize(
    ("wanted", "held", "settled"),
    [
        (((None, 10),), (), ((date(2026, 11, 25), 10),)),
        (((None, 10),), ((date(2026, 9, 1), 10),), ((date(2026, 9, 1), 10),)),
        (((None, 12),), ((date(2026, 9, 1), 10),), ((date(2026, 9, 1), 10), (date(2026, 11, 25), 12))),
        (
            ((None, 10),),
            ((date(2026, 9, 1), 10), (date(2027, 1, 1), 20)),
            ((date(2026, 9, 1), 10), (date(2026, 11, 25), 10)),
        ),
        (((date(2027, 1, 1), 5),), ((date(2026, 9, 1), 10),), ((date(2027, 1, 1), 5),)),
    ],
)
def test_a_number_of_places_alone_is_that_of_today_on(wanted: Any, held: Any, settled: Any) -> None:
    assert levels_settled(wanted, held, date(2026, 11, 25)) == settled


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"))
    | st.sampled_from("\n\t :#-'\"’«»{}[],&*!|>%@`?\u00a0\u2028\u0085"),
    max_size=60,
)  # fmt: skip
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
HOURS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
INSTANTS = st.builds(instant_at, DAYS.filter(lambda day: day.month not in {3, 10}), HOURS)


def _limits() -> st.SearchStrategy[Limit]:
    timed = st.fixed_dictionaries(
        {
            "n": st.integers(1, 31),
            "weekday": st.integers(0, 6),
            "time": HOURS,
            "counting": st.sampled_from(Counting),
            "off_day": st.sampled_from(OffDay),
            "strict": st.booleans(),
        }
    )
    kinds = st.sampled_from([LimitKind.WEEK_BEFORE, LimitKind.MONTH_BEFORE])
    return st.one_of(
        st.builds(lambda kind, more: Limit(kind, **more), kinds, timed),
        st.builds(
            lambda more, anchor: Limit(LimitKind.DAYS_BEFORE, anchor=anchor, **more),
            timed,
            st.sampled_from(Anchor),
        ),
        st.builds(lambda at: Limit(LimitKind.FIXED, at=at), INSTANTS),
        st.builds(lambda n: Limit(LimitKind.HOURS_BEFORE, n=n), st.integers(0, 500)),
        st.sampled_from([Limit(LimitKind.START), Limit(LimitKind.NEVER)]),
    )


HELD: list[tuple[values.Value, st.SearchStrategy[Any]]] = [
    (values.Text(100), TEXT),
    (values.Several(values.Text(100), ordered=True), st.lists(TEXT, max_size=4).map(tuple)),
    (values.DAY, DAYS),
    (values.HOUR, HOURS),
    (values.INSTANT, INSTANTS),
    (values.YES_NO, st.booleans()),
    (values.FIRST_AGE, st.integers(0, 300)),
    (values.LAST_AGE, st.integers(0, 300)),
    (values.DECIMAL, st.decimals(0, 9999, places=4, allow_nan=False)),
    (values.WEEKDAYS_LIST, st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days)))),
    (rules.LIMIT, _limits()),
    (
        values.Several(rules.PROOF, ordered=True),
        st.lists(
            st.builds(Delay, st.integers(0, 300), st.sampled_from(Unit), st.sampled_from(Origin)), max_size=3
        ).map(tuple),
    ),
    (
        rules.Levels(),
        st.dictionaries(DAYS, st.integers(0, 900), max_size=4).map(
            lambda found: tuple(sorted(found.items()))
        ),
    ),
]


@pytest.mark.parametrize(("value", "held"), HELD, ids=lambda one: type(one).__name__)
def test_what_is_written_is_read_back(value: values.Value, held: st.SearchStrategy[Any]) -> None:
    @given(held)
    def law(one: Any) -> None:
        text = "\n".join(emitted("clé", value.write(one), 1))
        at = At()
        (found,) = _read(value, text, at)
        assert at.faults == []
        assert found == one

    law()


def _read(value: values.Value, text: str, at: At) -> list[Any]:
    node = parsed(text)
    assert node is not None
    read: Callable[..., Any] = value.read
    return [read(inner, at) if inner.value != "" or inner.style else "" for _key, inner in node.value]


def test_nothing_is_guessed_of_a_word() -> None:
    """`non` and `12:00` are texts where a text stands, and `01000` keeps its zero."""
    text = edited(("nom: Saint-Loup", "nom: non"), ("code postal: 21994", "code postal: 01000"))
    commune = definitions_read(text).entries["commune", ("voisine",)]
    assert (commune.values["name"], commune.values["postal_code"]) == ("non", "01000")
    assert re.fullmatch(r"\d{5}", commune.values["postal_code"])
    assert Decimal("3.15") == values.DECIMAL.of("3,15 €")
    assert values.INSTANT.of("01/09/2026 à 7 h 30") == datetime(2026, 9, 1, 5, 30, tzinfo=UTC)
