"""Who the pupils of a list are: known by both names and the birth date, else asked, never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.families.imports.pupil_lines import Listed
from marelle.families.imports.pupil_matches import NOBODY, Child, Class, Fate, Plan, last_day, planned

BORN = date(2018, 5, 14)
TILLEULS, CHENES = 7, 8


def pupil(line: int, first: str, last: str = "Durand", born: date = BORN, **more: object) -> Listed:
    listed = Listed(line, first, last, "", born, TILLEULS, "CE2", "")
    return replace(listed, **more)


def child(pk: int, first: str, last: str = "Durand", born: date = BORN, **more: object) -> Child:
    return replace(Child(pk, first, last, born, (pk,)), **more)


def plan(listed: list[Listed], children: list[Child], **answers: int) -> Plan:
    said = {line.removeprefix("line"): answer for line, answer in answers.items()}
    return planned(listed, children, said, school_year=2027)


def held(level: str, school: int = TILLEULS, teacher: str = "", pk: int = 1, **more: object) -> Class:
    return replace(Class(pk, school, level, teacher), **more)


def test_both_names_and_the_birth_date_are_a_child_however_they_are_written():
    found = plan([pupil(2, "ZOE", "D’URAND")], [child(1, "Zoé", "Durand"), child(2, "Lou")])
    assert [(one.listed.line, one.child.id) for one in found.found] == [(2, 1)]
    assert (found.unknown, found.asked) == ((), ())


def test_a_usual_name_is_a_name():
    found = plan([pupil(2, "Zoé", "Martin", usage_name="Durand")], [child(1, "Zoé")])
    assert [one.child.id for one in found.found] == [1]


@pytest.mark.parametrize(
    "near",
    [
        child(1, "Zoé", "Martin"),
        child(1, "Zoée"),
        child(1, "Zoé", born=date(2018, 5, 15)),
    ],
    ids=["another name", "another first name", "another birth date"],
)
def test_two_of_the_three_are_asked(near):
    found = plan([pupil(2, "Zoé")], [near])
    assert (found.found, found.unknown) == ((), ())
    assert [[one.id for one in question.children] for question in found.asked] == [[1]]


def test_one_of_the_three_is_nobody():
    found = plan([pupil(2, "Zoé")], [child(1, "Lou", "Martin"), child(2, "Lou", born=date(2017, 1, 1))])
    assert [one.line for one in found.unknown] == [2]
    assert found.asked == ()


def test_twins_who_are_both_known_are_not_asked():
    found = plan([pupil(2, "Zoé"), pupil(3, "Lou")], [child(1, "Zoé"), child(2, "Lou")])
    assert {one.listed.line: one.child.id for one in found.found} == {2: 1, 3: 2}


def test_a_twin_unknown_beside_a_known_one_is_nobody():
    found = plan([pupil(2, "Zoé"), pupil(3, "Lou")], [child(1, "Zoé")])
    assert [one.line for one in found.unknown] == [3]


def test_homonyms_of_the_portal_are_asked():
    found = plan([pupil(2, "Zoé")], [child(1, "Zoé"), child(2, "Zoé")])
    assert [[one.id for one in question.children] for question in found.asked] == [[1, 2]]
    assert found.found == ()


def test_homonyms_of_the_list_are_asked():
    found = plan([pupil(2, "Zoé"), pupil(3, "Zoé", level="CM1")], [child(1, "Zoé")])
    assert [question.listed.line for question in found.asked] == [2, 3]


def test_an_answer_is_a_child_or_nobody_and_serves_once():
    children = [child(1, "Zoé"), child(2, "Zoé")]
    listed = [pupil(2, "Zoé"), pupil(3, "Zoé", level="CM1")]
    found = plan(listed, children, line2=2, line3=2)
    assert {one.listed.line: one.child.id for one in found.found} == {2: 2}
    assert [(one.listed.line, one.answer) for one in found.asked] == [(2, 2), (3, None)]
    found = plan(listed, children, line2=NOBODY, line3=9)
    assert [one.line for one in found.unknown] == [2]
    assert found.asked[1].answer is None


@pytest.mark.parametrize(
    ("now", "before", "fate"),
    [
        (None, held("CE1"), Fate.UP),
        (None, held("CE2"), Fate.REPEATS),
        (None, held("CE1", CHENES), Fate.ARRIVES),
        (None, None, Fate.ARRIVES),
        (held("CE2"), held("CE1"), Fate.SAME),
        (held("CM1"), None, Fate.CHANGED),
        (held("CE2", CHENES), None, Fate.CHANGED),
        (held("CE2", until=date(2027, 8, 31)), None, Fate.CHANGED),
    ],
)
def test_what_becomes_of_a_child(now, before, fate):
    (one,) = plan([pupil(2, "Zoé")], [child(1, "Zoé", now=now, before=before)]).found
    assert one.fate is fate


def test_a_teacher_is_kept_where_the_list_names_none_and_changes_otherwise():
    known = child(1, "Zoé", now=held("CE2", teacher="Mme Pommier"))
    (one,) = plan([pupil(2, "Zoé")], [known]).found
    assert (one.fate, one.teacher) == (Fate.SAME, "Mme Pommier")
    (one,) = plan([pupil(2, "Zoé", teacher="M. Roux")], [known]).found
    assert (one.fate, one.teacher) == (Fate.CHANGED, "M. Roux")


def test_who_is_of_the_agents_own_home_is_left_to_a_colleague():
    found = plan(
        [pupil(2, "Zoé")], [child(1, "Zoé", is_own=True), child(2, "Lou", before=held("CP"), is_own=True)]
    )
    assert [one.fate for one in found.found] == [Fate.OWN]
    assert found.leavers == ()


def test_who_was_there_and_is_not_listed_has_left():
    children = [
        child(1, "Zoé", before=held("CE1")),
        child(2, "Lou", "Martin", before=held("CE1", pk=2)),
        child(3, "Tom", "Petit", now=held("CP", pk=3), before=held("GS", pk=4)),
        child(4, "Ana", "Roy", before=held("CE1", CHENES)),
        child(5, "Ben", "Roy", now=held("CP", CHENES), before=held("GS")),
        child(6, "Eva", "Roy", before=held("CE1", until=date(2027, 2, 1))),
    ]
    found = plan([pupil(2, "Zoé")], children)
    assert [(one.child.id, one.row.id, one.school_year) for one in found.leavers] == [
        (2, 2, 2026),
        (3, 3, 2027),
    ]
    assert not found.is_whole
    assert plan([pupil(2, "Zoé"), pupil(3, "Lou", "Martin")], children).is_whole


def test_who_may_be_on_the_list_has_not_left():
    children = [child(1, "Zoée", before=held("CE1"))]
    assert plan([pupil(2, "Zoé")], children).leavers == ()
    assert len(plan([pupil(2, "Zoé")], children, line2=NOBODY).leavers) == 1


def test_a_class_ends_no_later_than_its_year():
    (leaver,) = plan([pupil(2, "Zoé")], [child(2, "Lou", "Martin", before=held("CE1"))]).leavers
    assert last_day(leaver, date(2028, 1, 15)) == date(2027, 8, 31)
    assert last_day(leaver, date(2027, 7, 5)) == date(2027, 7, 5)


NAMES = st.sampled_from(["Zoé", "Lou", "Tom"])
BIRTHS = st.sampled_from([BORN, date(2017, 1, 1)])


@given(
    st.lists(st.tuples(NAMES, NAMES, BIRTHS), max_size=6),
    st.lists(st.tuples(NAMES, NAMES, BIRTHS), max_size=6),
    st.dictionaries(st.integers(0, 6).map(str), st.integers(-1, 6)),
)
def test_every_line_has_one_fate_and_no_child_two(lines, there, answers):
    listed = [pupil(at, *one) for at, one in enumerate(lines)]
    children = [child(at + 1, *one, before=held("CE1", pk=at)) for at, one in enumerate(there)]
    found = planned(listed, children, answers, school_year=2027)
    waits = [one.listed.line for one in found.asked if one.answer is None]
    fates = [one.listed.line for one in found.found] + [one.line for one in found.unknown] + waits
    assert sorted(fates) == [one.line for one in listed]
    taken = [one.child.id for one in found.found]
    assert len(taken) == len(set(taken))
    assert not {one.child.id for one in found.leavers} & set(taken)
    for one in found.found:  # never guessed: what is not answered is the same in all three
        if str(one.listed.line) not in answers:
            assert (one.child.first_name, one.child.last_name, one.child.birth_date) == (
                one.listed.first_name,
                one.listed.last_name,
                one.listed.birth_date,
            )
