"""Who comes for the first time is linked where the office holds that very identity; else a case says who."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from marelle.accounts.models import Identity, Invitation
from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.providers import For, Provider
from marelle.accounts.refusals import IdentityTaken
from marelle.accounts.services import account_invite, identity_link, invitation_revoke
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, AlreadyOpen
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.families.models import Family, FormerFile, Member, Person
from marelle.families.refusals import ReasonMissing
from marelle.flows.actor.acting import OwnHome
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.erasure import erasure_ask, erasure_carry_out
from marelle.flows.identities.arrivals import (
    Letter,
    arrival,
    arrival_ask,
    arrival_link,
    arrival_refuse,
    arrival_sheet,
    arrivals_purge,
)
from marelle.flows.identities.arriving import ClosedByOffice, InDoubt, WorksHere, candidates, family_arrive
from marelle.flows.identities.linking import own_identity_link
from marelle.flows.models import Arrival
from marelle.flows.office.dossiers import Access, _adult, _members
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
FRANCECONNECT = Provider(
    "franceconnect",
    "FranceConnect",
    For.FAMILIES,
    "https://identite.example",
    "a",
    "b",
    "openid",
    tells_civil_status=True,
)
ANGELA = Told(
    "franceconnect",
    FRANCECONNECT.issuer,
    "f3",
    "",
    given_names="Angela Claire",
    birth_name="DUBOIS",
    birth_date=date(1982, 8, 24),
    gender="female",
    birth_place="75107",
    email="angela@example.org",
)
MARRIED = replace(ANGELA, birth_name="MARTIN", usage_name="")
LETTER = Letter("angela@example.org", "", "yes", "La mère de Zoé")


@pytest.fixture
def world(settings) -> Scenario:
    settings.IDENTITY_PROVIDERS = (FRANCECONNECT,)
    world = Scenario()
    assert world.the_authority
    return world


@pytest.fixture
def dubois(world: Scenario) -> Home:
    home = world.home("Dubois", "Angela")
    known(home.adult)
    return home


@pytest.fixture
def unseen(dubois: Home) -> Home:
    """An adult who never came in: it has no account."""
    known(dubois.adult, account=None)
    return dubois


@pytest.fixture
def office(world: Scenario) -> Actor:
    return actor_for(world.staff("guichet", Role.OFFICE))


def known(person: Person, **fields: object) -> None:
    for name, value in {"birth_date": date(1982, 8, 24), "civility": "mrs", **fields}.items():
        setattr(person, name, value)
    person.save()


def arrives(told: Told = ANGELA):
    return family_arrive(told=told, provider=FRANCECONNECT, origin=Origin(), now=NOW)


def asks(told: Told = MARRIED, letter: Letter = LETTER) -> Arrival:
    return arrival_ask(told=told, letter=letter, origin=Origin(), now=NOW)


def links(actor: Actor, row: Arrival, home: Home) -> int:
    return arrival_link(actor=actor, arrival_id=row.pk, person_id=home.adult.pk, now=NOW)


def test_who_comes_in_already_links_its_account_itself(dubois) -> None:
    """Four facts are not its password: they open no account that somebody holds."""
    with pytest.raises(InDoubt):
        arrives()
    assert not Identity.objects.exists()


def test_one_that_was_taken_away_from_an_account_does_not_come_back_by_itself(unseen, office) -> None:
    user = arrives()
    Identity.objects.update(ended_at=NOW)
    user.is_active = False
    user.save()
    known(unseen.adult, account=None)
    with pytest.raises(InDoubt):
        arrives()
    links(office, asks(ANGELA), unseen)
    assert Identity.objects.count() == 1, "the office may say so"


def test_the_one_adult_of_that_identity_is_linked_and_told(unseen) -> None:
    dubois = unseen
    user = arrives()
    assert Identity.objects.get().user == user
    assert Message.objects.get().to == dubois.adult.email, "where the office writes to"
    act = Entry.objects.get(verb="identity.linked")
    assert (act.family_id, act.actor_user_id) == (dubois.family.pk, user.pk)
    dubois.adult.refresh_from_db()
    assert dubois.adult.account == user
    assert (user.is_active, user.has_usable_password(), str(user)) == (True, False, "Angela Dubois")
    assert user.email == dubois.adult.email
    assert Entry.objects.get(verb="account.activated").family_id == dubois.family.pk


def test_an_invitation_that_waits_is_used_by_coming(world, dubois, office) -> None:
    sent = account_invite(actor=office, label="Angela Dubois", email="a@example.org", now=NOW)
    dubois.adult.account_id = sent.user_id
    dubois.adult.save()
    assert arrives().pk == sent.user_id
    assert not Invitation.objects.live(NOW).exists(), "its link opens nothing more"
    assert Message.objects.filter(kind="accounts/invitation", state="queued").count() == 0


def test_an_access_that_was_closed_is_not_opened_by_coming(world, dubois, office) -> None:
    sent = account_invite(actor=office, label="Angela Dubois", email="a@example.org", now=NOW)
    invitation_revoke(user_id=sent.user_id, now=NOW)
    dubois.adult.account_id = sent.user_id
    dubois.adult.save()
    with pytest.raises(InDoubt):
        arrives()
    row = asks(ANGELA)
    with pytest.raises(ClosedByOffice):
        links(office, row, dubois)
    assert Case.objects.get().state == CaseState.OPEN
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"last_name": "Martin"},
        {"first_name": "Claire"},
        {"birth_date": None},
        {"birth_date": date(1982, 8, 25)},
        {"civility": "mr"},
    ],
    ids=str,
)
def test_in_doubt_nobody_is_linked_and_the_office_sees_who_it_may_be(unseen, fields) -> None:
    known(unseen.adult, **fields)
    with pytest.raises(InDoubt):
        arrives()
    assert not Identity.objects.exists()
    assert [one.person for one in candidates(ANGELA)] in ([unseen.adult], [])


def test_of_two_alike_neither_is_linked(world, unseen) -> None:
    twin = world.home("Dubois", "Angela")
    known(twin.adult, account=None)
    with pytest.raises(InDoubt):
        arrives()
    assert {one.person for one in candidates(ANGELA)} == {unseen.adult, twin.adult}


def test_a_home_that_left_or_was_erased_and_one_who_is_no_adult_of_it_are_not(world, unseen) -> None:
    Family.objects.filter(pk=unseen.family.pk).update(left_on=NOW.date() - timedelta(days=1))
    with pytest.raises(InDoubt):
        arrives()
    assert candidates(ANGELA), "its bills are still read: the office says"
    Family.objects.update(left_on=None, erased_at=NOW)
    with pytest.raises(InDoubt):
        arrives()
    assert not candidates(ANGELA)
    Family.objects.update(erased_at=None)
    Member.objects.update(until=NOW.date())
    assert not candidates(ANGELA)
    Member.objects.update(until=None, kind="child")
    assert not candidates(ANGELA)


def test_another_subject_of_the_same_person_is_for_the_office(unseen, office) -> None:
    arrives()
    other = replace(ANGELA, subject="f4")
    with pytest.raises(InDoubt):
        arrives(other)
    assert Identity.objects.get().subject == "f3"
    row = asks(other)
    (shown,) = arrival_sheet(office, row, now=NOW).known
    assert shown.linked_since == NOW
    links(office, row, unseen)
    assert Identity.objects.get().subject == "f4", "in the place of the other"


def test_an_account_with_a_post_is_linked_by_its_owner_alone(world, dubois, office) -> None:
    Post.objects.create(user=dubois.user, role="office", authority=world.the_authority, suspended_at=NOW)
    with pytest.raises(WorksHere):
        arrives()
    row = asks(ANGELA)
    (shown,) = arrival_sheet(office, row, now=NOW).known
    assert shown.works_here
    with pytest.raises(WorksHere):
        links(office, row, dubois)
    assert not Identity.objects.exists()
    assert Case.objects.get().state == CaseState.OPEN


def test_a_visit_waits_once_and_its_file_is_found_by_its_names_or_its_number(world, dubois, office) -> None:
    other = world.home("Petit", "Rose")
    row = asks()
    with pytest.raises(AlreadyOpen):
        asks()
    case = Case.objects.get()
    assert (case.kind, case.label, case.authority_id) == (
        "arrival",
        "Angela Claire MARTIN",
        world.the_authority.pk,
    )
    sheet = arrival_sheet(office, row, now=NOW)
    assert [one.candidate.person for one in sheet.known] == [dubois.adult]
    sheet = arrival_sheet(office, row, number=other.family.number.lower(), now=NOW)
    assert [one.candidate.person for one in sheet.known] == [dubois.adult, other.adult]
    FormerFile.objects.create(
        family=other.family, old_id=9999, number="F09999", name="Petit", merged_at=NOW, merged_by="G"
    )
    assert arrival_sheet(office, row, number="F09999", now=NOW).by_number
    assert not arrival_sheet(office, row, number="F12345", now=NOW).by_number


def test_the_office_links_and_both_addresses_are_told(dubois, office) -> None:
    row = asks()
    assert links(office, row, dubois) == dubois.family.pk
    assert Identity.objects.get().user == dubois.user
    assert set(Message.objects.values_list("kind", "to")) == {
        ("accounts/identity_linked", dubois.adult.email),
        ("families/arrival_linked", "angela@example.org"),
    }
    case = Case.objects.get()
    assert (case.state, case.family_id) == (CaseState.ACCEPTED, dubois.family.pk)
    assert not Arrival.objects.exists(), "nothing of the visit is kept"
    act = Entry.objects.get(verb="arrival.linked")
    assert (act.family_id, act.actor_user_id) == (dubois.family.pk, office.user_id)
    with pytest.raises(NotYours):
        links(office, row, dubois)


def test_no_to_one_address_twice_and_a_refusal_is_read_at_the_next_visit(dubois, office) -> None:
    row = asks(letter=replace(LETTER, email=dubois.adult.email.upper()))
    with pytest.raises(ReasonMissing):
        arrival_refuse(actor=office, arrival_id=row.pk, reason=" ", now=NOW)
    arrival_refuse(actor=office, arrival_id=row.pk, reason="Passez nous voir.", now=NOW)
    row.refresh_from_db()
    assert (row.answer, row.closed_at) == ("Passez nous voir.", NOW)
    assert "Passez nous voir." in Message.objects.get(kind="families/arrival_refused").text
    with pytest.raises(AlreadyDecided):
        links(office, row, dubois)
    again = asks(letter=replace(LETTER, email=dubois.adult.email))
    assert again == row
    assert Case.objects.open().count() == 1
    links(office, again, dubois)
    assert not Message.objects.filter(kind="families/arrival_linked").exists(), "told once"


def test_who_keeps_no_files_reads_and_decides_nothing(world, dubois, office) -> None:
    row = asks()
    strangers = [
        actor_for(world.staff("direction", Role.DIRECTOR)),
        actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie"))),
        dubois.actor,
    ]
    for actor in strangers:
        assert arrival(actor, row.pk) is None
        with pytest.raises(NotYours):
            links(actor, row, dubois)
        with pytest.raises(NotYours):
            arrival_refuse(actor=actor, arrival_id=row.pk, reason="Non.", now=NOW)
    assert arrival(office, row.pk) == row


def test_nobody_links_its_own_home_nor_sees_it_among_the_others(world, dubois, office) -> None:
    mine = world.home("Martin", "Angela")
    known(mine.adult)
    agent = world.staff("parent", Role.OFFICE)
    Person.objects.filter(pk=mine.adult.pk).update(account=agent)
    child = world.child(mine, "Zoé")
    world.shared(child, mine, dubois)
    row = asks()
    assert arrival_sheet(actor_for(agent), row, now=NOW).known == ()
    for home in (mine, dubois):
        with pytest.raises(OwnHome):
            links(actor_for(agent), row, home)


def test_whoever_is_no_adult_here_is_not_linked(world, dubois, office) -> None:
    row = asks()
    child = world.child(dubois, "Zoé")
    for person_id in (child.pk, 10**9):
        with pytest.raises(NotYours):
            arrival_link(actor=office, arrival_id=row.pk, person_id=person_id, now=NOW)


def test_one_that_was_linked_meanwhile_is_told_so(world, dubois, office) -> None:
    row = asks()
    elsewhere = world.home("Autre", "Rose")
    identity_link(user=elsewhere.user, told=MARRIED, provider="FranceConnect", now=NOW)
    with pytest.raises(IdentityTaken):
        links(office, row, dubois)
    assert Case.objects.get().state == CaseState.OPEN, "nothing is half done"


def test_a_visit_that_its_owner_or_the_file_answers_waits_no_more(dubois) -> None:
    asks()
    own_identity_link(actor=dubois.actor, told=MARRIED, provider=FRANCECONNECT, origin=Origin(), now=NOW)
    case = Case.objects.get()
    assert (case.state, case.family_id, case.decided_by) == ("withdrawn", dubois.family.pk, "Angela Dubois")
    assert not Arrival.objects.exists()
    Identity.objects.all().delete()
    known(dubois.adult, birth_date=None, account=None)
    with pytest.raises(InDoubt):
        arrives()
    asks(ANGELA)
    known(dubois.adult)
    arrives()
    assert set(Case.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not Arrival.objects.exists()


def test_somebody_elses_visit_waits_on(unseen) -> None:
    asks(replace(MARRIED, subject="f5"))
    arrives()
    assert Case.objects.get().state == CaseState.OPEN
    assert Arrival.objects.count() == 1


def test_an_erasure_takes_what_was_told_on_a_visit_too(dubois, office) -> None:
    row = asks()
    arrival_refuse(actor=office, arrival_id=row.pk, reason="Non.", now=NOW)
    identity_link(user=dubois.user, told=MARRIED, provider="FranceConnect", now=NOW)
    erasure_ask(actor=dubois.actor, now=NOW)
    erasure_carry_out(actor=office, family_id=dubois.family.pk, now=NOW)
    assert not Arrival.objects.exists()
    assert not Identity.objects.exists()
    assert "Angela" not in str(list(Case.objects.values()))


def test_an_erasure_takes_the_way_in_of_a_parent_from_who_works_here_too(world, dubois, office) -> None:
    Post.objects.create(user=dubois.user, role="office", authority=world.the_authority)
    for issuer in (FRANCECONNECT.issuer, "https://proconnect.example"):
        Identity.objects.create(user=dubois.user, issuer=issuer, subject="f3", since=NOW)
    erasure_ask(actor=dubois.actor, now=NOW)
    erasure_carry_out(actor=office, family_id=dubois.family.pk, now=NOW)
    assert [one.issuer for one in Identity.all_ever.all()] == ["https://proconnect.example"]


def test_an_account_that_identities_alone_opened_reads_closed_once_it_is(unseen) -> None:
    user = arrives()
    assert [_adult(row, {}, NOW).access for row in _members(unseen.family.pk, NOW.date())] == [Access.IN_USE]
    user.is_active = False
    user.save()
    assert [_adult(row, {}, NOW).access for row in _members(unseen.family.pk, NOW.date())] == [Access.CLOSED]


def test_a_visit_of_who_is_told_without_a_name_is_named_by_its_provider() -> None:
    row = asks(replace(ANGELA, given_names="", birth_name=""))
    assert Entry.objects.get(verb="arrival.asked").subject_label
    assert str(row).strip()


def test_what_was_answered_goes_after_its_delay_and_names_nobody(dubois, office) -> None:
    row = asks()
    assert arrivals_purge(before=NOW + timedelta(days=900), now=NOW) == 0, "it waits"
    arrival_refuse(actor=office, arrival_id=row.pk, reason="Non.", now=NOW)
    assert arrivals_purge(before=NOW, now=NOW) == 0
    assert arrivals_purge(before=NOW + timedelta(seconds=1), now=NOW) == 1
    assert not Arrival.objects.exists()
    assert (Case.objects.get().label, Case.objects.get().opened_by) == ("", "")
    assert Entry.objects.get(verb="arrival.purged").subject_label == ""
