"""The list of a school: nothing before it is confirmed, then its classes; who left; who is put aside, and not
for long."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.file.reading import schooling_of
from marelle.families.imports.kept import ImportNotReady
from marelle.families.imports.pupil_matches import NOBODY
from marelle.families.imports.words import Kind
from marelle.families.models import Family, ImportWord, Person, PupilList, Schooling
from marelle.families.services import schooling_set
from marelle.files.services import STORAGE
from marelle.flows.actor.actors import actor_for
from marelle.flows.year.promoting import Asked, promotion_take_back, pupils_promote, school_ahead
from marelle.flows.year.pupils.report import Report, list_report, lists_of
from marelle.flows.year.pupils.services import (
    ListMoved,
    aside_listed,
    list_answers_set,
    list_columns_set,
    list_drop,
    list_prepare,
    list_words_set,
    list_write,
    lists_forget,
)
from marelle.journal.models import Entry
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 9, 6, 10, tzinfo=PARIS)
DAY = NOW.date()
HEADINGS = "Nom élève;Prénom élève;Date naissance;Niveau;Nom enseignant"
ZOE = "DURAND;ZOE;14/05/2018;CE1;Mme POMMIER"
LOU = "MARTIN;LOU;14/05/2018;CE2;M. ROUX"
EVA = "LEROY;EVA;02/02/2020;GS;"


class Village(Scenario):
    """Zoé and Lou are on the list of September; Tom is not, nor is Ana of another school."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin, self.petit = map(self.home, ("Durand", "Martin", "Petit"))
        self.zoe = self.child(self.durand, "Zoé", school=self.the_school, level="CP")
        self.lou = self.child(self.martin, "Lou", school=self.the_school, level="CE1")
        self.tom = self.child(self.petit, "Tom", born=date(2017, 1, 3), school=self.the_school, level="CE2")
        self.ana = self.child(
            self.petit, "Ana", born=date(2016, 1, 3), school=self.school("Chênes"), level="CM1"
        )
        self.user = self.staff("guichet", Role.OFFICE)
        self.office = actor_for(self.user)

    def sends(
        self, *lines: str, headings: str = HEADINGS, actor: Actor | None = None, **given: Any
    ) -> PupilList:
        content = "\r\n".join((headings, *lines)).encode(given.pop("encoding", "utf-8-sig"))
        upload = SimpleUploadedFile("onde.csv", content)
        row = list_prepare(actor=actor or self.office, upload=upload, now=NOW)
        told = {"school_year": 2027, "school_id": self.the_school.pk, "columns": row.columns} | given
        return list_columns_set(actor=actor or self.office, list_id=row.pk, now=NOW, **told)

    def report(self, row: PupilList, actor: Actor | None = None) -> Report:
        row.refresh_from_db()
        return list_report(actor or self.office, row, now=NOW)

    def confirms(self, row: PupilList, *, now: datetime = NOW, **given: Any) -> PupilList:
        found = self.report(row)
        told = {
            "seen": found.mark,
            "changed": [one.child.id for one in found.plan.found],
            "left": [one.child.id for one in found.plan.leavers],
            "left_on": date(2027, 8, 31),
        } | given
        return list_write(actor=self.office, list_id=row.pk, now=now, **told)


@pytest.fixture
def world(time_machine: Any) -> Village:
    time_machine.move_to(NOW, tick=False)
    return Village()


def classes(child: Person) -> dict[int, tuple[str, str, str]]:
    rows = Schooling.objects.filter(child=child).select_related("school")
    return {row.school_year: (row.school.name, row.level, row.teacher) for row in rows}


def kept_aside(row: PupilList) -> bool:
    return storages[STORAGE].exists(row.key)


def test_nothing_is_written_before_it_is_confirmed_then_all_at_once(world):
    row = world.sends(ZOE, LOU, EVA)
    before = list(Schooling.objects.values_list())
    found = world.report(row).plan
    assert {one.child.name: one.fate for one in found.found} == {"Zoé Durand": "up", "Lou Martin": "up"}
    assert [one.child.name for one in found.leavers] == ["Tom Petit"]
    assert [one.first_name for one in found.unknown] == ["EVA"]
    assert list(Schooling.objects.values_list()) == before
    done = world.confirms(row)
    assert classes(world.zoe)[2027] == ("École des Tilleuls", "CE1", "Mme POMMIER")
    assert classes(world.zoe)[2026][1] == "CP"
    assert classes(world.lou)[2027][1:] == ("CE2", "M. ROUX")
    assert Person.objects.get(pk=world.zoe.pk).first_name == "Zoé"  # a list renames nobody
    assert {name: n for name, n in done.counts.items() if n} == {"noted": 2, "left": 1, "unknown": 1}
    assert Family.objects.count() == 3


def test_who_left_ends_at_that_school_and_nothing_is_erased(world):
    world.confirms(world.sends(ZOE, LOU), left_on=date(2027, 7, 5))
    assert Schooling.objects.get(child=world.tom).until == date(2027, 7, 5)
    assert classes(world.tom) == {2026: ("École des Tilleuls", "CE2", "Mme Aubry")}
    ahead = school_ahead(world.office, world.the_school.pk, day=date(2027, 10, 1))
    assert "Tom Petit" not in str(ahead)
    told = Entry.objects.get(verb="schooling.ended")
    assert (told.family_id, told.subject_id) == (world.petit.family.pk, world.tom.pk)


def test_who_left_during_the_year_goes_there_until_that_day_and_may_come_back(world):
    world.confirms(world.sends(ZOE, LOU, "PETIT;TOM;03/01/2017;CM1;"))
    later = world.sends(ZOE, LOU)
    assert [one.child.name for one in world.report(later).plan.leavers] == ["Tom Petit"]
    world.confirms(later, left_on=date(2028, 1, 31))
    assert schooling_of(world.tom.pk, date(2028, 1, 31)) is not None
    assert schooling_of(world.tom.pk, date(2028, 2, 1)) is None
    again = world.sends(ZOE, LOU, "PETIT;TOM;03/01/2017;CM1;")
    world.confirms(again)
    assert schooling_of(world.tom.pk, date(2028, 2, 1)) is not None


def test_a_class_written_by_hand_takes_back_who_had_left(world):
    world.confirms(world.sends(ZOE, LOU, "PETIT;TOM;03/01/2017;CM1;"))
    world.confirms(world.sends(ZOE, LOU), left_on=date(2028, 1, 31))
    chenes = Schooling.objects.get(child=world.ana).school_id
    schooling_set(
        actor=world.office, child_id=world.tom.pk, school_id=chenes, school_year=2027, level="CM1", now=NOW
    )
    row = schooling_of(world.tom.pk, date(2028, 2, 1))
    assert row is not None
    assert row.school_id == chenes


def test_only_who_is_ticked_leaves_or_changes(world):
    schooling_set(
        actor=world.office,
        child_id=world.zoe.pk,
        school_id=world.the_school.pk,
        school_year=2027,
        level="CP",
        teacher="Mme Pommier",
        now=NOW,
    )
    done = world.confirms(world.sends(ZOE, LOU), changed=[], left=[], left_on=None)
    assert classes(world.zoe)[2027][1] == "CP"
    assert Schooling.objects.get(child=world.tom).until is None
    assert (done.counts["noted"], done.counts["changed"], done.counts["left"]) == (1, 0, 0)
    world.confirms(world.sends(ZOE, LOU), left=[])
    assert classes(world.zoe)[2027][1:] == ("CE1", "Mme POMMIER")


def test_the_same_file_again_writes_nothing(world):
    world.confirms(world.sends(ZOE, LOU, EVA))
    held = list(Schooling.objects.order_by("pk").values_list())
    again = world.confirms(world.sends(ZOE, LOU, EVA))
    assert {name: n for name, n in again.counts.items() if n} == {"same": 2, "unknown": 1}
    assert list(Schooling.objects.order_by("pk").values_list()) == held
    told = {"seen": "", "changed": [], "left": [world.zoe.pk], "left_on": DAY}
    assert list_write(actor=world.office, list_id=again.pk, now=NOW, **told) == again  # nor a second click


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_whatever_the_letters_and_the_separator(world, encoding, separator):
    lines = [text.replace(";", separator) for text in ("DURAND;ZOÉ;14/05/2018;CE1;Mme POMMIER", LOU)]
    row = world.sends(*lines, headings=HEADINGS.replace(";", separator), encoding=encoding)
    assert {one.child.name for one in world.report(row).plan.found} == {"Zoé Durand", "Lou Martin"}


def test_a_child_of_two_homes_is_one_child_and_both_are_told(world):
    world.shared(world.zoe, world.durand, world.petit)
    world.confirms(world.sends(ZOE, LOU))
    told = Entry.objects.filter(verb="schooling.listed", subject_id=world.zoe.pk)
    assert set(told.values_list("family_id", flat=True)) == {world.durand.family.pk, world.petit.family.pk}
    assert Schooling.objects.filter(child=world.zoe, school_year=2027).count() == 1


def test_homonyms_are_asked_and_the_answer_is_kept_until_it_is_confirmed(world):
    other = world.child(world.petit, "Zoé", last_name="Durand")
    row = world.sends(ZOE, LOU)
    (asked,) = world.report(row).plan.asked
    assert {child.id for child in asked.children} == {world.zoe.pk, other.pk}
    for wrong in ({2: world.lou.pk}, {3: world.lou.pk}):
        with pytest.raises(NotYours):
            list_answers_set(actor=world.office, list_id=row.pk, answers=wrong, now=NOW)
    list_answers_set(actor=world.office, list_id=row.pk, answers={2: other.pk}, now=NOW)
    done = world.confirms(row)
    assert classes(other)[2027][1] == "CE1"
    assert 2027 not in classes(world.zoe)
    assert done.answers == {}


def test_without_an_answer_nothing_is_noted_and_nobody_leaves(world):
    row = world.sends("DURAND;ZOÉ;15/05/2018;CE1;", LOU)
    assert "Zoé Durand" not in [one.child.name for one in world.report(row).plan.leavers]
    done = world.confirms(row)
    assert 2027 not in classes(world.zoe)
    assert [(one["why"], one["first_name"]) for one in done.aside] == [("unanswered", "ZOÉ")]


def test_nobody_is_an_answer_and_is_taken_back(world):
    row = world.sends("DURAND;ZOÉ;15/05/2018;CE1;", LOU)
    list_answers_set(actor=world.office, list_id=row.pk, answers={2: NOBODY}, now=NOW)
    assert [one.first_name for one in world.report(row).plan.unknown] == ["ZOÉ"]
    list_answers_set(actor=world.office, list_id=row.pk, answers={2: None}, now=NOW)
    assert world.report(row).plan.unknown == ()


def test_what_has_moved_since_it_was_shown_is_told_and_nothing_is_written(world):
    row = world.sends(ZOE, LOU)
    seen = world.report(row).mark
    schooling_set(
        actor=world.office,
        child_id=world.lou.pk,
        school_id=world.the_school.pk,
        school_year=2027,
        level="CM1",
        now=NOW,
    )
    with pytest.raises(ListMoved) as refusal:
        world.confirms(row, seen=seen)
    assert refusal.value.code == "moved"
    assert 2027 not in classes(world.zoe)


def test_a_list_is_not_written_for_another_year_than_was_shown(world):
    """Of children whose class nobody has noted, both years show the same."""
    Schooling.objects.all().delete()
    row = world.sends(ZOE)
    seen = world.report(row).mark
    told = {"school_id": world.the_school.pk, "columns": row.columns}
    list_columns_set(actor=world.office, list_id=row.pk, school_year=2028, now=NOW, **told)
    with pytest.raises(ListMoved):
        world.confirms(row, seen=seen)
    assert not Schooling.objects.exists()


@pytest.mark.parametrize("day", [None, date(2026, 8, 31), date(2028, 9, 1)])
def test_the_last_day_of_who_left_is_of_that_year_or_of_the_one_before(world, day):
    with pytest.raises(ListMoved) as refusal:
        world.confirms(world.sends(ZOE, LOU), left_on=day)
    assert refusal.value.code == "left_on"
    assert Schooling.objects.filter(school_year=2027).count() == 0


def test_what_a_promotion_noted_and_the_list_says_is_no_more_taken_back(world):
    asked = Asked("CP", world.the_school.pk, frozenset({world.zoe.pk}), frozenset())
    made = pupils_promote(actor=world.office, school_id=world.the_school.pk, asked=[asked], now=NOW)
    world.confirms(world.sends("DURAND;ZOE;14/05/2018;CE1;", LOU))
    undone = promotion_take_back(actor=world.office, promotion_id=made.promotion.pk, now=NOW)
    assert undone.removed == 0
    assert classes(world.zoe)[2027][1] == "CE1"


def test_the_agents_own_child_is_left_to_a_colleague(world):
    world.user.person = world.durand.adults[0]
    world.durand.adults[0].account = world.user
    world.durand.adults[0].save()
    actor = actor_for(world.user)
    row = world.sends(ZOE, LOU, actor=actor)
    found = world.report(row, actor)
    list_write(
        actor=actor, list_id=row.pk, seen=found.mark, changed=[world.zoe.pk], left=[], left_on=None, now=NOW
    )
    assert 2027 not in classes(world.zoe)
    assert 2027 in classes(world.lou)


def test_a_list_is_of_a_school_of_the_agents_own(world):
    row = world.sends(ZOE)
    stranger = actor_for(world.staff("ailleurs", Role.OFFICE, authority=world.authority("Ailleurs")))
    assert not lists_of(stranger, day=DAY).exists()
    with pytest.raises(NotYours):
        list_drop(actor=stranger, list_id=row.pk, now=NOW)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    assert not lists_of(director, day=DAY).exists()
    with pytest.raises(NotYours):
        list_prepare(actor=director, upload=SimpleUploadedFile("a.csv", b"Nom\nZ"), now=NOW)


def test_a_school_and_a_near_year_are_asked(world):
    with pytest.raises(ImportNotReady) as refusal:
        world.sends(ZOE, school_id=None)
    assert refusal.value.code == "missing_school"
    with pytest.raises(NotYours):
        world.sends(ZOE, school_year=2025)
    with pytest.raises(NotYours):
        world.sends(ZOE, school_id=987_654)


def test_a_list_of_several_schools_names_them(world):
    row = world.sends(
        f"{ZOE};École des Tilleuls",
        "PETIT;ANA;03/01/2016;CM2;;Chênes",
        headings=f"{HEADINGS};École",
        school_id=None,
    )
    done = world.confirms(row, left=[])
    assert classes(world.ana)[2027][:2] == ("Chênes", "CM2")
    assert done.counts["noted"] == 2


def test_a_word_explained_serves_the_next_list_and_that_of_families_too(world):
    row = world.sends("DURAND;ZOE;14/05/2018;Les grands;", LOU)
    list_words_set(actor=world.office, list_id=row.pk, said={(Kind.LEVEL, "lesgrands"): "CE1"}, now=NOW)
    assert len(world.report(row).plan.found) == 2
    assert ImportWord.objects.get(kind="level").meaning == "CE1"
    assert len(world.report(world.sends("DURAND;ZOE;14/05/2018;les grands;")).plan.found) == 1


def test_a_heading_explained_serves_the_next_list_alone(world):
    row = list_prepare(
        actor=world.office,
        upload=SimpleUploadedFile("a.csv", b"Truc;Prenom;Ne le;Niveau\nDurand;Zoe;14/05/2018;CE1"),
        now=NOW,
    )
    columns = {**row.columns, "child_last": 0}
    told = {"school_year": 2027, "school_id": world.the_school.pk, "columns": columns}
    list_columns_set(actor=world.office, list_id=row.pk, now=NOW, **told)
    assert list(ImportWord.objects.values_list("kind", "word", "meaning")) == [
        ("pupil_column", "truc", "child_last")
    ]


def test_lines_go_with_the_list_and_who_is_unknown_after_a_month(world, django_capture_on_commit_callbacks):
    row = world.sends(ZOE, LOU, EVA)
    assert kept_aside(row)
    key = row.key
    with django_capture_on_commit_callbacks(execute=True):
        done = world.confirms(row)
    assert not storages[STORAGE].exists(key)
    assert [one["last_name"] for one in aside_listed(world.office, done, now=NOW)] == ["LEROY"]
    assert lists_forget(now=NOW + timedelta(days=29)) == 0
    assert lists_forget(now=NOW + timedelta(days=30)) == 1
    done.refresh_from_db()
    assert (done.aside, done.counts["unknown"]) == ([], 1)


def test_a_list_that_nobody_confirms_goes_after_a_day(world, django_capture_on_commit_callbacks):
    row = world.sends(ZOE, EVA)
    assert lists_forget(now=NOW + timedelta(hours=23)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert lists_forget(now=NOW + timedelta(days=1)) == 1
    assert not PupilList.objects.exists()
    assert not kept_aside(row)


def test_the_office_erases_who_is_unknown_at_once(world):
    done = world.confirms(world.sends(ZOE, LOU, EVA))
    assert list_drop(actor=world.office, list_id=done.pk, now=NOW) is False
    done.refresh_from_db()
    assert done.aside == []
    row = world.sends(EVA)
    assert list_drop(actor=world.office, list_id=row.pk, now=NOW) is True
    assert not PupilList.objects.filter(pk=row.pk).exists()


def test_the_journal_names_no_unknown_child(world):
    world.confirms(world.sends(ZOE, LOU, EVA))
    told = Entry.objects.get(verb="pupils.listed")
    assert told.subject_label == "onde.csv"
    assert "LEROY" not in str(Entry.objects.values())


def test_queries_do_not_grow_with_the_list(world, django_assert_max_num_queries):
    row = world.sends(ZOE)
    with django_assert_max_num_queries(8):
        world.report(row)
    lines = [f"NOM{n};PRENOM{n};14/05/2018;CE1;" for n in range(200)]
    row = world.sends(*lines)
    with django_assert_max_num_queries(8):
        world.report(row)
