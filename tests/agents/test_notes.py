"""Notes in a file that two authorities share: each its own, but what both must know."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import FamilyNote
from marelle.families.notes import note_add
from marelle.families.refusals import NotAllowed
from marelle.flows.actor.actors import actor_for
from marelle.flows.office.home_file import home_file
from marelle.places.models import Post
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
COMPLAINT, ALLERGY = "Se plaint de tout.", "Urgence : appeler le 15, puis Hugo."

pytestmark = pytest.mark.django_db


class TwoAuthorities(Scenario):
    """The Durand are known to both: the community's office writes what is its own, and what is for both."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.village = self.authority("Commune de Bourg-le-Vieux")
        self.canteen = self.structure("Cantine", authority=self.village)
        for activity in (self.activity("Mercredis"), self.activity("Midi", structure=self.canteen)):
            self.enrolment(zoe, activity, self.durand)
        self.office = self.staff("guichet", Role.OFFICE)
        self.other = self.staff("mairie", Role.OFFICE, authority=self.village)
        self.director = self.staff("direction", Role.DIRECTOR)
        self.cook = self.staff("cantine", Role.DIRECTOR, structure=self.canteen)
        self.url = f"/agents/familles/{self.durand.family.pk}/"

    def write(self, user: User, text: str, **typed: str) -> str:
        answer = self.as_user(user).post(f"{self.url}notes/", {"text": text, **typed}, follow=True)
        return answer.content.decode()

    def page(self, user: User) -> str:
        return self.as_user(user).get(self.url).content.decode()

    def as_user(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client


@pytest.fixture
def world(time_machine) -> TwoAuthorities:
    time_machine.move_to(NOW)
    return TwoAuthorities()


def test_a_note_is_read_by_the_authority_that_wrote_it(world: TwoAuthorities) -> None:
    world.write(world.office, COMPLAINT, pinned="on")
    for user, reads in (
        (world.office, True),
        (world.director, True),
        (world.other, False),
        (world.cook, False),
    ):
        assert (COMPLAINT in world.page(user)) == reads, user
        file = home_file(
            actor_for(user), world.durand.family.pk, authority_id=world.the_authority.pk, now=NOW
        )
        assert file is not None
        assert file.notes == ((COMPLAINT,) if reads else ())


def test_one_that_is_for_safety_is_read_by_both_and_pinned_by_its_own(world: TwoAuthorities) -> None:
    world.write(world.director, ALLERGY, pinned="on", shared="on")
    note = FamilyNote.objects.get()
    pin = f"{world.url}notes/{note.pk}/epingler/"
    for user in (world.other, world.cook):
        page = world.page(user)
        assert ALLERGY in page
        assert "pour toutes les collectivités" in page
        assert f"({world.the_authority.name})" in page
        assert pin not in page
        said = world.as_user(user).post(pin, {"pinned": "0"}, follow=True).content.decode()
        assert "la collectivité qui a écrit une note" in said
    note.refresh_from_db()
    assert note.pinned
    world.as_user(world.office).post(pin, {"pinned": "0"})
    note.refresh_from_db()
    assert not note.pinned


@pytest.mark.parametrize("way", ["epingler", "retirer"])
def test_what_the_other_wrote_is_not_there_for_who_guesses_its_number(
    world: TwoAuthorities, way: str
) -> None:
    world.write(world.office, COMPLAINT, pinned="on")
    note = FamilyNote.objects.get()
    post = world.as_user(world.other).post(f"{world.url}notes/{note.pk}/{way}/", {"pinned": "0"}, follow=True)
    assert "retirée" in post.content.decode(), "as one that is gone"
    note.refresh_from_db()
    assert note.pinned


def test_who_works_for_both_says_in_whose_name(world: TwoAuthorities) -> None:
    Post.objects.create(user=world.office, role=Role.OFFICE.value, authority=world.village)
    assert "Dites au nom de quelle collectivité" in world.write(world.office, COMPLAINT)
    assert not FamilyNote.objects.exists()
    world.write(world.office, COMPLAINT, authority_id=str(world.village.pk))
    assert FamilyNote.objects.get().authority == world.village
    assert COMPLAINT in world.page(world.office)
    assert COMPLAINT in world.page(world.other)
    assert COMPLAINT not in world.page(world.director)


def test_nobody_writes_in_the_name_of_another(world: TwoAuthorities) -> None:
    world.write(world.other, COMPLAINT, authority_id=str(world.the_authority.pk))
    assert FamilyNote.objects.get().authority == world.village
    with pytest.raises(NotAllowed):
        note_add(
            actor=actor_for(world.other),
            family=world.durand.family,
            text=ALLERGY,
            pinned=False,
            authority_id=world.the_authority.pk,
            now=NOW,
        )


def test_an_administrator_reads_all_and_chooses(world: TwoAuthorities) -> None:
    admin = world.staff("admin", Role.ADMINISTRATOR)
    world.write(world.office, COMPLAINT)
    page = world.page(admin)
    assert COMPLAINT in page
    assert "Au nom de" in page
    world.write(admin, ALLERGY, authority_id=str(world.village.pk))
    assert ALLERGY in world.page(world.other)
    assert ALLERGY not in world.page(world.office)


def test_one_whose_author_is_gone_stays_read_and_kept_by_all(world: TwoAuthorities) -> None:
    note = FamilyNote.objects.create(family=world.durand.family, text=ALLERGY, at=NOW, by="Léa", shared=True)
    for user, pinned in ((world.office, True), (world.cook, False)):
        assert ALLERGY in world.page(user)
        world.as_user(user).post(f"{world.url}notes/{note.pk}/epingler/", {"pinned": str(int(pinned))})
        note.refresh_from_db()
        assert note.pinned is pinned


def test_a_note_of_no_authority_says_so_to_all(world: TwoAuthorities) -> None:
    """Written by who has no post any more, before notes were an authority's."""
    FamilyNote.objects.create(family=world.durand.family, text="both", at=NOW, by="Léa", shared=True)
    for user in (world.office, world.cook):
        page = world.page(user)
        assert "Léa (collectivité inconnue)" in page
        assert "pour toutes les collectivités" in page


def test_an_authority_alone_on_its_portal_is_asked_nothing_of_it() -> None:
    alone = Scenario()
    durand = alone.home("Durand", "Camille")
    client = Client()
    client.force_login(alone.staff("guichet", Role.OFFICE))
    page = client.get(f"/agents/familles/{durand.family.pk}/").content.decode()
    assert "Nouvelle note" in page
    assert "toutes les collectivités" not in page
    assert "Au nom de" not in page
