"""A child's own account: who opens it, who sees it, and how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from marelle.accounts.models import Device, User
from marelle.bookings.rules import Why
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment, TeenAccess, TeenPermission
from marelle.enrolments.services import teens
from marelle.enrolments.teens import AccountState, account_state, opened
from marelle.families.models import Family, Guardianship, Member, Person
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from marelle.mail.services import queue
from marelle.places.models import Authority
from tests.flows.teens import TODAY, World, books, logged, restrict, text
from tests.portal.planning.cast import NOW, WEDNESDAY
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield World()


def invited(world: World, email: str = "lea@college.example") -> TeenAccess:
    teens.teen_invite(actor=world.durand.actor, child_id=world.lea.pk, email=email, now=NOW)
    return TeenAccess.objects.get()


def test_a_parent_invites_allows_and_closes(world):
    parent, here = logged(world.durand.user), f"/famille/{world.lea.pk}/compte/"
    assert here in parent.get(f"/famille/{world.lea.pk}/").content.decode()
    assert here not in parent.get(f"/famille/{world.tom.pk}/").content.decode(), "eight years old"
    assert "adulte du foyer" in text(parent.post(here, {"email": world.durand.adult.email.upper()}))
    page = text(parent.post(here, {"email": "lea@college.example"}, follow=True))
    assert "L’invitation est partie. Le lien est valable jusqu’au lundi 21 septembre 2026" in page
    assert "Invité · voit son planning, ne réserve rien" in page
    access = TeenAccess.objects.get()
    assert (access.account.guest, access.account.is_active) == ("teen", False)
    mail = Message.objects.get(kind="accounts/teen_invitation")
    assert mail.to == "lea@college.example"
    assert "déjà son compte" in text(parent.post(here, {"email": "lea@college.example"}))
    parent.post(f"{here}{access.pk}/inviter/")
    mail = Message.objects.filter(kind="accounts/teen_invitation").latest("pk")
    link = re.search(r"/activation/[^)/]+/", mail.text)[0]
    child = Client()
    assert "Espace jeune" in text(child.get(link))
    said = {"identifier": "lea.d", "password": PASSWORD, "repeated": PASSWORD}
    child.post(link, said)
    assert "Mon planning" in text(child.get("/mon-planning/"))
    allow = {"activities": [world.wednesdays.pk], "seen": ""}
    page = text(parent.post(f"{here}{access.pk}/permissions/", allow, follow=True))
    assert "Ouvert · réserve et annule : Mercredis" in page
    assert "ont changé entre-temps" in text(
        parent.post(f"{here}{access.pk}/permissions/", allow, follow=True)
    )
    parent.post(f"{here}{access.pk}/permissions/", {"seen": world.wednesdays.pk})
    permission = TeenPermission.objects.get()
    assert (permission.ended_at, permission.ended_by) == (NOW, "Camille Durand")
    access.refresh_from_db()
    assert books(access, world.wednesday).why is Why.PARENTS
    assert f'action="{here}{access.pk}/fermer/"' not in parent.get(here).content.decode()
    assert "son compte est effacé" in text(parent.get(f"{here}{access.pk}/fermer/"))
    assert TeenAccess.objects.live().exists(), "asked about first, without scripts too"
    page = text(parent.post(f"{here}{access.pk}/fermer/", follow=True))
    assert "Le compte est fermé" in page
    assert "Fermé" in page
    assert child.get("/mon-planning/").status_code == 302
    assert Message.objects.get(kind="enrolments/teen_ended").to == "lea@college.example"
    account = User.objects.get(pk=access.account_id)
    assert (account.email, account.display_name, account.is_active) == ("", "", False)
    assert not Device.objects.filter(user=account).exists()
    told = text(parent.get("/historique/"))
    for said in ("Planning ouvert à l’enfant", "réserve : Mercredis", "ne réserve plus : Mercredis", "fermé"):
        assert said in told
    assert "déjà fermé" in text(parent.post(f"{here}{access.pk}/fermer/", follow=True))


@pytest.mark.parametrize("lacks", ["has_authority", "may_see", "may_book"])
def test_who_does_not_manage_the_child_opens_nothing(world, lacks):
    Guardianship.objects.filter(child=world.lea).update(**{lacks: False})
    with pytest.raises(NotYours):
        invited(world)
    assert logged(world.durand.user).get(f"/famille/{world.lea.pk}/compte/").status_code == 404


def test_an_agent_in_the_family_s_name_opens_nothing(world):
    office = actor_for(world.staff("guichet", Role.OFFICE))
    for actor in (office, world.durand.actor):  # who is one of its guardians too
        acting = on_behalf_of(actor, world.durand.family.pk)
        with pytest.raises(NotYours):
            teens.teen_invite(actor=acting, child_id=world.lea.pk, email="lea@college.example", now=NOW)


def test_permissions_are_of_what_the_child_is_enrolled_in(world):
    access = world.of_child()
    strange = world.activity("Poterie")
    given = {"actor": world.durand.actor, "access_id": access.pk, "seen": (), "now": NOW}
    with pytest.raises(NotYours):
        teens.teen_allow(child_id=world.lea.pk, activity_ids=[strange.pk], **given)
    with pytest.raises(NotYours):
        teens.teen_allow(child_id=world.tom.pk, activity_ids=[], **given)
    world.other_home()
    stranger = world.home("Martin", "Julie")
    with pytest.raises(NotYours):
        teens.teen_allow(child_id=world.lea.pk, activity_ids=[], **(given | {"actor": stranger.actor}))


def test_the_office_sees_it_and_closes_it_with_a_reason(world):
    access = world.of_child(world.wednesdays)
    office = logged(world.staff("guichet", Role.OFFICE))
    here = f"/agents/familles/comptes/{access.pk}/"
    assert here in office.get(f"/agents/familles/{world.durand.family.pk}/").content.decode()
    assert "Réserve et annule : Mercredis" in text(office.get(here))
    assert "obligatoire" in text(office.post(here, {"reason": ""}))
    page = text(office.post(here, {"reason": "Adresse d’un tiers"}, follow=True))
    assert "Le compte est fermé" in page
    assert "Adresse d’un tiers" in page
    assert "tiers" not in text(logged(world.durand.user).get(f"/famille/{world.lea.pk}/compte/"))
    director = logged(world.staff("direction", Role.DIRECTOR))
    assert director.get(here).status_code == 403


def _leaves(world: World) -> None:
    Member.objects.filter(person=world.lea).update(until=TODAY - timedelta(days=1))


def _goes(world: World) -> None:
    Family.objects.filter(pk=world.durand.family.pk).update(left_on=TODAY)


def _grows_up(world: World) -> None:
    Person.objects.filter(pk=world.lea.pk).update(birth_date=date(2008, 9, 7))
    Enrolment.objects.filter(person=world.lea).update(ends_on=TODAY - timedelta(days=1))


@pytest.mark.parametrize("over", [_leaves, _goes, _grows_up])
def test_it_ends_by_itself(world, over):
    access = world.of_child(world.wednesdays)
    assert teens.teens_end_over(now=NOW) == 0
    over(world)
    assert teens.teens_end_over(now=NOW) == 1
    access.refresh_from_db()
    assert (access.ended_at, access.ended_by) == (NOW, "Marelle")
    assert Message.objects.filter(kind="enrolments/teen_ended").count() == 1
    assert not TeenPermission.objects.filter(ended_at=None).exists()
    assert teens.teens_end_over(now=NOW) == 0


def test_of_age_and_enrolled_still_it_goes_on(world):
    access = world.of_child()
    Person.objects.filter(pk=world.lea.pk).update(birth_date=date(2008, 9, 7))
    assert teens.teens_end_over(now=NOW) == 0
    restrict(world.lea, world.durand.adult)
    assert teens.teens_end_over(now=NOW) == 0, "a judge's restriction may be refused within hours"
    assert access not in opened(TODAY)


def test_its_copy_holds_its_own_and_nothing_of_the_home(world):
    world.booking(world.lea, world.wednesday)
    world.booking(world.tom, world.lesson)
    access = world.of_child(world.wednesdays)
    activity = world.activity(
        "Natation", structure=world.structure("Bassin", authority=world.authority("Ville"))
    )
    world.enrolment(world.lea, activity, world.durand)
    world.booking(
        world.lea, world.opening(world.slot(activity, "Bassin", weekdays=[3]), WEDNESDAY + timedelta(days=1))
    )
    Authority.objects.filter(name="Ville").update(teen_age=16)
    client = logged(access.account)
    assert "de fermer votre compte" in text(client.get("/compte/donnees/"))
    answer = client.post("/compte/donnees/telecharger/")
    data = json.loads(b"".join(answer.streaming_content))
    assert data["activités où vous réservez vous-même"][0]["activité"] == "Mercredis"
    assert [row["créneau"] for row in data["réservations"]] == ["Matin"]
    assert "Tom" not in json.dumps(data, ensure_ascii=False)


def test_its_copy_says_nothing_that_its_home_does_not_see(world):
    """One address may be that of its account in the other home, whose mails come to it too."""
    access = world.of_child(world.wednesdays)
    books(access, world.wednesday)
    queue(
        kind="enrolments/teen_ended",
        to=access.account.email,
        context={"name": "Léa Petit", "service": "Arelle", "phone": "", "email": ""},
        family_id=world.other_home().family.pk,
        now=NOW,
    )
    client = logged(access.account)

    def copy() -> str:
        return b"".join(client.post("/compte/donnees/telecharger/").streaming_content).decode()

    held = copy()
    assert "Réservations modifiées" in held
    assert "Léa Petit" not in held
    restrict(world.lea, world.durand.adult)
    assert "Réservations modifiées" not in copy()


def test_the_page_of_a_child_asks_one_query_of_its_account_and_none_of_who_is_little(world, count_queries):
    actor = world.durand.actor
    baby = world.child(world.durand, "Zoé", born=TODAY.replace(year=TODAY.year - 6) + timedelta(days=1))
    with count_queries(0):
        assert account_state(actor, baby, day=TODAY) is None
    with count_queries(1):
        assert account_state(actor, world.lea, day=TODAY) is AccountState.NONE
    assert account_state(actor, world.tom, day=TODAY) is None
    access = world.of_child()
    with count_queries(1):
        assert account_state(actor, world.lea, day=TODAY) is AccountState.OPEN
    User.objects.filter(pk=access.account_id).update(is_active=False)
    assert account_state(actor, world.lea, day=TODAY) is AccountState.INVITED
    Authority.objects.update(teen_age=17)
    assert account_state(actor, world.lea, day=TODAY) is AccountState.INVITED, "it is to be closed"
    TeenAccess.objects.update(ended_at=NOW, ended_by="Camille")
    assert account_state(actor, world.lea, day=TODAY) is None
    assert account_state(on_behalf_of(actor, world.durand.family.pk), world.lea, day=TODAY) is None


def test_a_home_sends_a_few_invitations_a_day(world):
    """Each is a mail to whatever address was typed, with the names of a child and of its parent."""
    access = invited(world)
    for _again in range(teens.A_DAY - 2):
        teens.teen_invite_again(actor=world.durand.actor, child_id=world.lea.pk, access_id=access.pk, now=NOW)
    teens.teen_access_end(actor=world.durand.actor, child_id=world.lea.pk, access_id=access.pk, now=NOW)
    teens.teen_invite(actor=world.durand.actor, child_id=world.lea.pk, email="x@college.example", now=NOW)
    other = TeenAccess.objects.live().get()
    parent, here = logged(world.durand.user), f"/famille/{world.lea.pk}/compte/"
    assert "Assez d’invitations" in text(parent.post(f"{here}{other.pk}/inviter/", follow=True))
    parent.post(f"{here}{other.pk}/fermer/")
    assert "Assez d’invitations" in text(parent.post(here, {"email": "lea@college.example"}))
    assert not TeenAccess.objects.live().exists()
    assert Message.objects.filter(kind="accounts/teen_invitation").count() == teens.A_DAY
    teens.teen_invite(
        actor=world.durand.actor,
        child_id=world.lea.pk,
        email="x@college.example",
        now=NOW + timedelta(days=1),
    )


def test_an_authority_chooses_the_age(world):
    office = logged(world.staff("guichet", Role.OFFICE))
    here = f"/agents/reglages/collectivite/{world.the_authority.pk}/"
    assert "Âge à partir duquel un enfant peut avoir son compte" in text(office.get(here))
    Authority.objects.update(teen_age=14)
    with pytest.raises(teens.TeenRefused, match="too_young"):
        invited(world)


@pytest.mark.parametrize("email", ["", "lea", "a\0b@college.example", "é" * 10_000, "<b>@</b>"])
def test_what_is_no_address_invites_nobody(world, email):
    answer = logged(world.durand.user).post(f"/famille/{world.lea.pk}/compte/", {"email": email})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not TeenAccess.objects.exists()
