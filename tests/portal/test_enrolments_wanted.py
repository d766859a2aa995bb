"""« Il nous faut d’abord… » leads to where it can be given: a paper, a school, a birth date, a late bill."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date

import pytest
from django.test import Client

from marelle.enrolments.models import Enrolment
from marelle.families.fields import BY_CODE, Policy
from marelle.families.file.changes import file_save
from marelle.families.models import ChangeRequest, FieldPolicy, Schooling
from marelle.papers.models import Paper
from tests.papers.world import NOW, Desk
from tests.reading import text
from tests.scenario import picture
from tests.standing import built_once

pytestmark = pytest.mark.django_db


class Newcomer(Desk):
    """A home that has no enrolment yet, in front of an activity that takes no request without a paper."""

    def __init__(self) -> None:
        super().__init__()
        self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=24)
        self.page = f"/inscriptions/{self.zoe.pk}/"
        self.form = f"{self.page}demander/{self.wednesdays.pk}/"
        self.sheet = f"/famille/{self.zoe.pk}/"
        self.typed = {"starts_on": "2026-12-02", "ends_on": "2027-08-31"}

    def swims(self, about: str = "child") -> str:
        kind = self.paper_type(
            "Attestation d’aisance aquatique", about, needed_by=[self.wednesdays], effect="blocks_request"
        )
        if about == "family":
            return f"/documents/foyer/{kind.pk}/"
        return f"/documents/{(self.zoe if about == 'child' else self.durand.adult).pk}/{kind.pk}/"


built = built_once(Newcomer, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Newcomer:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


@pytest.mark.parametrize("about", ["child", "adult", "family"])
def test_a_paper_wanted_first_is_sent_from_there_and_then_the_request_goes(world, parent, about):
    sends = world.swims(about)
    for page in (world.page, world.form):
        shown = text(parent.get(page))
        assert "Il nous faut d’abord : Attestation d’aisance aquatique." in shown
        assert f'href="{sends}"' in shown
    parent.post(world.form, world.typed)
    assert not Enrolment.objects.exists()
    assert "Envoyer ce document" in text(parent.get(sends))
    parent.post(sends, {"pages": [picture("brevet.jpg")]})
    assert Paper.objects.get().state == "received"
    assert "Il nous faut d’abord" not in text(parent.get(world.page))
    folder = sends.rsplit("/", 2)[0] + "/"
    assert "qu’aucune inscription ne demande" in text(parent.get(folder))
    parent.post(world.form, world.typed)
    assert Enrolment.objects.get().state == "requested"


def test_several_asked_at_once_lead_there_too(world, parent):
    world.swims()
    many = "/inscriptions/plusieurs/"
    sent = parent.post(
        many, {"starts_on": "2026-12-02", "wanted": f"{world.zoe.pk}-{world.wednesdays.pk}"}, follow=True
    )
    said = text(sent)
    assert "Il nous faut d’abord" in said
    assert f'href="{world.form}"' in said
    assert not Enrolment.objects.exists()


def test_a_paper_that_blocks_no_request_lets_it_go_and_is_still_one_click_away(world, parent):
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays], effect="blocks_bookings")
    shown = text(parent.get(world.form))
    assert f'href="/documents/{world.zoe.pk}/{kind.pk}/"' in shown
    parent.post(world.form, world.typed)
    assert Enrolment.objects.get().state == "requested"


def test_a_school_that_nobody_told_is_given_on_the_sheet(world, parent):
    """A canteen is for the pupils of its school: a new pupil is not sent away, nor left off the list."""
    world.wednesdays.schools.add(world.the_school)
    for number in range(25):  # more than a page, where what is for others is left out
        other = world.activity(f"Activité {number}")
        world.slot(other, "Matin", weekdays=[2], capacity=24)
    pages = [text(parent.get(world.page, {"page": number})) for number in ("1", "2")]
    (told,) = [page for page in pages if "Il nous faut d’abord celle de l’enfant" in page]
    assert re.search(rf'href="{world.sheet}">Donner son école', told)
    assert f'href="{world.sheet}"' in text(parent.get(world.form))
    Schooling.objects.create(child=world.zoe, school=world.the_school, school_year=2026)
    assert "Cette inscription ne peut pas" not in text(parent.get(world.form))


def test_a_birth_date_that_nobody_told_is_given_on_the_sheet(world, parent):
    world.zoe.birth_date, world.zoe.expected_on = None, date(2026, 11, 1)
    world.zoe.save()
    assert re.search(rf'href="{world.sheet}">Donner sa date de naissance', text(parent.get(world.page)))
    assert "Donner sa date de naissance" in text(parent.get(world.form))
    assert 'name="child-birth_date-value"' in text(parent.get(world.sheet))


def wants(world: Newcomer, field: str) -> None:
    if field == "child.school":
        world.wednesdays.schools.add(world.the_school)
    else:
        world.zoe.birth_date, world.zoe.expected_on = None, date(2026, 11, 1)
        world.zoe.save()


WANTED = pytest.mark.parametrize(
    ("field", "value", "gives"),
    [
        ("child.school", {"level": "CE1", "teacher": ""}, "Donner son école"),
        ("child.birth_date", {"value": "2026-11-03"}, "Donner sa date de naissance"),
    ],
)


@WANTED
def test_what_was_proposed_is_not_asked_for_again_while_it_waits(world, parent, field, value, gives):
    wants(world, field)
    if field == "child.school":
        value = {**value, "school": str(world.the_school.pk)}
    file_save(actor=world.durand.actor, person_id=world.zoe.pk, typed={field: value}, seen={}, now=NOW)
    assert ChangeRequest.objects.get().field == field
    for page in (world.page, world.form):
        shown = text(parent.get(page))
        assert gives not in shown
        assert "a proposée attend la réponse du guichet" in shown
        assert re.search(rf'href="{world.sheet}">Voir ce qui attend', shown)


@WANTED
@pytest.mark.parametrize("policy", [Policy.READ_ONLY, Policy.HIDDEN])
def test_what_a_home_may_not_write_is_asked_of_the_structure(world, parent, field, value, gives, policy):
    if policy not in BY_CODE[field].allowed:
        pytest.skip("a field that the authority may not hide")
    wants(world, field)
    FieldPolicy.objects.create(code=field, policy=policy)
    write = f"/contact/ecrire/?destinataire={world.wednesdays.structure_id}"
    for page in (world.page, world.form):
        shown = text(parent.get(page))
        assert gives not in shown
        assert "la structure peut la noter, écrivez-lui" in shown
        assert re.search(rf'href="{re.escape(write)}">Écrire à la structure', shown)
    assert (
        parent.get(write).context["form"].initial["recipient"].startswith(f"{world.wednesdays.structure_id}-")
    )


def test_the_school_of_a_year_to_come_is_asked_of_the_structure(world, parent):
    """The sheet holds this year's: nobody could give the next one there."""
    Schooling.objects.create(child=world.zoe, school=world.the_school, school_year=2026)
    ahead = world.activity("Mercredis 2027-2028", first_day=date(2027, 9, 1), last_day=date(2028, 7, 5))
    world.slot(ahead, "Matin", weekdays=[2], capacity=24)
    ahead.schools.add(world.the_school)
    shown = text(parent.get(f"{world.page}demander/{ahead.pk}/"))
    assert "Donner son école" not in shown
    assert "pour cette année-là : la structure peut la noter" in shown
