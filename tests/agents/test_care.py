"""« Santé et sorties » and the list of authorisations, as agents see them."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Consent, ConsentType, PickupBan
from marelle.journal.models import Entry
from tests.agents.village import seen
from tests.care import asked, ban, care_rows, contact, permission, sheet
from tests.reading import text
from tests.scenario import Home, Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 21, 14, tzinfo=PARIS)
LIST = "/agents/reglages/autorisations/"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.page = f"/agents/sante/{self.zoe.pk}/"

    def answers(self, row: ConsentType, home: Home | None = None, *, given: bool = True) -> None:
        Consent.objects.create(
            child=self.zoe,
            family=(home or self.durand).family,
            type=row,
            school_year=2026,
            given=given,
            answered_by="Camille",
            answered_at=NOW,
        )


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def as_(world: Village, client: Client, role: Role, **where: Any) -> Client:
    client.force_login(world.staff(role.value, role, **where))
    return client


def test_the_list_shows_signs_to_the_team_and_none_to_the_office(world, client):
    sheet(world.zoe, allergies="Arachide", is_severe=True, pai=True, pai_until=date(2026, 11, 23))
    permission(world.durand, world.zoe, date(2026, 11, 25))
    permission(world.durand, world.zoe, date(2026, 11, 26), "Max Perrin")
    ban(world.zoe, "Max Perrin")
    shown = text(as_(world, client, Role.ANIMATOR).get("/agents/sante/"))
    for told in ("Durand Zoé", "Allergie grave", "PAI terminé", "Rachid Haddad", "Interdit par un jugement"):
        assert told in shown
    assert "Arachide" not in shown
    assert Entry.objects.filter(verb="health.listed").count() == 1
    shown = text(as_(world, client, Role.OFFICE).get("/agents/sante/"))
    assert "fiche modifiée le 2 septembre 2026" in shown
    assert "Allergie" not in shown
    assert not re.search(r"\bPAI\b", shown)


def test_the_file_of_a_child_for_its_team(world, client):
    care_rows(world.durand, world.zoe, world.the_authority)
    contact(world.durand, world.zoe, "Max Perrin", order=2)
    shown = text(as_(world, client, Role.DIRECTOR).get(world.page))
    for told in ("Jugement du tribunal", "Line Roche", "Rachid Haddad", "4 mars 2020", "fichier du PAI"):
        assert told in shown
    assert shown.count("Interdit par un jugement") == 1
    answer = client.get(f"{world.page}pai/")
    assert answer["Content-Type"] == "application/pdf"
    answer.getvalue()
    assert Entry.objects.filter(verb="health.file_read").count() == 1


def test_the_office_learns_that_there_is_a_sheet(world, client):
    sheet(world.zoe, allergies="Arachide", doctor_name="Dr Lemoine")
    shown = text(as_(world, client, Role.OFFICE).get(world.page))
    assert "Il y a une fiche sanitaire." in shown
    assert "Arachide" not in shown
    assert "Lemoine" not in shown


def test_answers_of_two_homes_are_told_with_what_holds(world, client):
    petit = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, petit)
    photos = asked(world.the_authority)
    for home, given in ((world.durand, True), (petit, False)):
        world.answers(photos, home, given=given)
    shown = text(as_(world, client, Role.ANIMATOR).get(world.page))
    assert "non (les foyers ont répondu : oui, non)" in shown


def test_a_judgment_is_noted_and_lifted(world, client):
    typed = {"name": "Max Perrin", "reason": "Tribunal de Dijonville", "since": "2026-11-24"}
    director = as_(world, client, Role.DIRECTOR)
    bad = text(director.post(f"{world.page}interdictions/", {**typed, "since": "1er mai", "until": ""}))
    assert "Donnez une date" in bad
    assert "Max Perrin" in bad
    backwards = text(director.post(f"{world.page}interdictions/", {**typed, "until": "2026-11-01"}))
    assert "La fin vient avant le début" in backwards
    theirs = world.home("Martin").family.pk
    assert "Sélectionnez" in text(director.post(f"{world.page}interdictions/", {**typed, "home": theirs}))
    assert not PickupBan.objects.exists()
    sent = director.post(
        f"{world.page}interdictions/", {**typed, "home": world.durand.family.pk}, follow=True
    )
    assert "Ne doit pas venir chercher" in text(sent)
    stale = text(director.post(f"{world.page}interdictions/", {**typed, "reason": "Un autre"}))
    assert "Cette fiche a été modifiée" in stale
    assert 'value="Un autre"' in stale
    row = PickupBan.objects.get()
    assert (row.family, row.reason) == (world.durand.family, "Tribunal de Dijonville")
    assert "Interdiction levée" in text(
        director.post(f"{world.page}interdictions/{row.pk}/lever/", follow=True)
    )
    animator = as_(world, client, Role.ANIMATOR)
    assert "Noter une interdiction" not in text(animator.get(world.page))


def test_a_director_of_several_structures_chooses_one(world, client):
    user = world.staff("directrice", Role.DIRECTOR)
    second = world.structure("Espace jeunes")
    user.posts.create(role=Role.DIRECTOR.value, structure=second)
    client.force_login(user)
    assert "Durand Zoé" in text(client.get("/agents/sante/"))
    other = text(client.get("/agents/sante/", {"structure": second.pk}))
    assert "Aucun enfant n’est inscrit ici" in other
    assert client.get("/agents/sante/", {"structure": world.structure("Ailleurs").pk}).status_code == 404
    assert client.get("/agents/sante/", {"structure": "9" * 30}).status_code == 200


def test_the_office_keeps_the_list_of_its_authority(world, client):
    elsewhere = world.authority("Mairie")
    theirs = asked(elsewhere, "Cantine")
    office = as_(world, client, Role.OFFICE)
    assert "Aucune autorisation dans la liste" in text(office.get(LIST))
    typed = {"authority": world.the_authority.pk, "label": "Photos  <b>🎉</b>", "order": "1"}
    assert "Photos &lt;b&gt;🎉&lt;/b&gt;" in text(office.post(f"{LIST}ajouter/", typed, follow=True))
    assert "déjà dans la liste" in text(office.post(f"{LIST}ajouter/", typed))
    refused = text(office.post(f"{LIST}ajouter/", {**typed, "authority": elsewhere.pk, "label": "Bain"}))
    assert "Choisissez une collectivité de la liste" in refused
    row = ConsentType.objects.get(authority=world.the_authority)
    assert row.code == "photos-bb"
    office.post(f"{LIST}{row.pk}/demander/", {"demandee": "non"})
    assert "plus demandée" in text(office.get(LIST))
    for path in (f"{LIST}{theirs.pk}/", f"{LIST}{10**12}/"):
        assert office.get(path).status_code == 404
    assert office.post(f"{LIST}{theirs.pk}/demander/", {"demandee": "non"}).status_code == 404


def test_what_was_answered_keeps_its_question(world, client):
    row = asked(world.the_authority)
    world.answers(row)
    office = as_(world, client, Role.OFFICE)
    shown = seen(office.get(f"{LIST}{row.pk}/"))
    typed = {"label": "Photos", "order": "3", "needs_hour": "on", "seen": shown}
    assert "Des familles ont déjà répondu" in text(office.post(f"{LIST}{row.pk}/", typed))
    del typed["needs_hour"]
    assert office.post(f"{LIST}{row.pk}/", {**typed, "label": "Photos de groupe"}).status_code == 302
    row.refresh_from_db()
    assert (row.label, row.order, row.code) == ("Photos de groupe", 3, "photos")
    assert Consent.objects.get().type == row


def test_an_authorisation_that_nobody_answered_is_removed_and_one_that_was_says_how_often(world, client):
    office = as_(world, client, Role.OFFICE)
    row, unused = asked(world.the_authority), asked(world.the_authority, "Baignade")
    theirs = asked(world.authority("Ailleurs"), "Vélo")
    world.answers(row)
    refused = unescape(text(office.post(f"{LIST}{row.pk}/supprimer/", follow=True)))
    assert "c’est utilisé par : 1 réponse de famille. Pour ne plus la demander" in refused
    assert "L’autorisation est supprimée" in text(office.post(f"{LIST}{unused.pk}/supprimer/", follow=True))
    for pk in (theirs.pk, unused.pk, 10**12):
        assert office.post(f"{LIST}{pk}/supprimer/").status_code == 404
    assert set(ConsentType.objects.values_list("pk", flat=True)) == {row.pk, theirs.pk}
    entry = Entry.objects.get(verb="consent_type.removed")
    assert (entry.subject_id, entry.subject_label) == (unused.pk, "Baignade")
