"""Which roles need a second factor, from which day; and who lets a colleague in once."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.core.cache import cache

from marelle.accounts.models import Authenticator, LetIn, User
from marelle.accounts.refusals import NoSecond, SecondWanted, WrongSecond
from marelle.accounts.services import connection_finish, connection_open
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import instant_at
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.sealed import seal
from marelle.flows.actor.actors import actor_for
from marelle.flows.office.dossiers import OwnHome, adult_let_in
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import SecondRule
from marelle.places.posts.services import PostRefused, agent_let_in, post_give
from marelle.places.second import second_rules, second_rules_set, second_wanted_of, seconds_reminded
from tests.accounts.people import HOME, NOW
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 14)
ADMIN = Actor(user_id=None, label="A", powers=frozenset({Power(Role.ADMINISTRATOR)}))
DIRECTOR = Actor(user_id=None, label="D", powers=frozenset({Power(Role.DIRECTOR, structure_id=1)}))


def armed(user: User) -> User:
    Authenticator.objects.create(user=user, secret=seal("A" * 32), last_step=0, added_at=NOW)
    return user


def finish(user: User, *, now=NOW) -> User:
    with pytest.raises(SecondWanted):
        connection_open(name=user.identifier, password=PASSWORD, origin=HOME, now=now)
    proof = user.get_session_auth_hash()
    return connection_finish(user_id=user.pk, proof=proof, shown=None, origin=HOME, now=now)


def test_the_earliest_day_of_ones_roles_counts() -> None:
    assert second_wanted_of(DIRECTOR) is None
    rules = {Role.DIRECTOR: DAY, Role.ANIMATOR: DAY - timedelta(days=1)}
    assert second_rules_set(actor=ADMIN, since=rules, now=NOW) == 2
    assert second_rules_set(actor=ADMIN, since=rules, now=NOW) == 0
    assert second_wanted_of(DIRECTOR) == DAY
    both = Actor(None, "B", powers=DIRECTOR.powers | {Power(Role.ANIMATOR, structure_id=2)})
    assert second_wanted_of(both) == DAY - timedelta(days=1)
    assert second_wanted_of(ADMIN) is None
    second_rules_set(actor=ADMIN, since={Role.DIRECTOR: None}, now=NOW)
    assert second_rules() == {Role.ANIMATOR: DAY - timedelta(days=1)}
    assert Entry.objects.filter(verb="second_rule.set").count() == 2


def test_an_administrator_alone_says_so_and_overwrites_nothing_unread() -> None:
    office = Actor(None, "O", powers=frozenset({Power(Role.OFFICE, authority_id=1)}))
    for actor in (DIRECTOR, office):
        with pytest.raises(NotYours):
            second_rules_set(actor=actor, since={Role.OFFICE: DAY}, now=NOW)
    SecondRule.objects.create(role="office", since=DAY)
    with pytest.raises(ChangedMeanwhile):
        second_rules_set(actor=ADMIN, since={Role.OFFICE: None}, seen={"office": ""}, now=NOW)


def test_a_colleague_lets_in_once_and_the_owner_is_told() -> None:
    world = Scenario()
    office, director = world.staff("guichet", Role.OFFICE), armed(world.staff("direction", Role.DIRECTOR))
    director.email = "direction@example.org"
    director.save()
    agent_let_in(actor=actor_for(office), user_id=director.pk, reason="Téléphone perdu", now=NOW)
    given = Entry.objects.get(verb="let_in.given")
    assert given.data == {"reason": "Téléphone perdu"}
    assert "vous laisse entrer une fois" in Message.objects.get(kind="accounts/let_in").text
    assert finish(director) == director
    assert Entry.objects.filter(verb="second.let_in").exists()
    with pytest.raises(WrongSecond):
        finish(director)


def test_it_lasts_a_day_and_a_second_one_replaces_it() -> None:
    world = Scenario()
    office, director = world.staff("guichet", Role.OFFICE), armed(world.staff("direction", Role.DIRECTOR))
    for _time in range(2):
        agent_let_in(actor=actor_for(office), user_id=director.pk, reason="x", now=NOW)
    assert LetIn.objects.count() == 1
    with pytest.raises(WrongSecond):
        finish(director, now=NOW + timedelta(hours=24))


def test_nobody_lets_in_itself_nor_who_is_above_nor_who_needs_it_not() -> None:
    world = Scenario()
    office = armed(world.staff("guichet", Role.OFFICE))
    director = world.staff("direction", Role.DIRECTOR)
    with pytest.raises(NoSecond):
        agent_let_in(actor=actor_for(office), user_id=director.pk, reason="x", now=NOW)
    armed(director)
    with pytest.raises(PostRefused, match="own_posts"):
        agent_let_in(actor=actor_for(office), user_id=office.pk, reason="x", now=NOW)
    with pytest.raises(NotYours):
        agent_let_in(actor=actor_for(director), user_id=office.pk, reason="x", now=NOW)
    post_give(actor=ADMIN, user_id=director.pk, power=Power(Role.ADMINISTRATOR), now=NOW)
    with pytest.raises(PostRefused, match="not_allowed"):
        agent_let_in(actor=actor_for(office), user_id=director.pk, reason="x", now=NOW)
    assert not LetIn.objects.exists()


def test_the_office_lets_a_parent_in_but_not_its_own_home_nor_a_parent_above_it() -> None:
    world = Scenario()
    office = actor_for(world.staff("guichet", Role.OFFICE))
    durand = world.home("Durand", "Camille")
    at = {"family_id": durand.family.pk, "person_id": durand.adult.pk, "reason": "x", "now": NOW}
    with pytest.raises(NoSecond):
        adult_let_in(actor=office, **at)
    armed(durand.user)
    with pytest.raises(OwnHome):
        adult_let_in(actor=actor_for(armed_office(durand.user)), **at)
    with pytest.raises(PostRefused):
        adult_let_in(actor=office, **at)


def armed_office(user: User) -> User:
    """The same account, that administers the portal besides."""
    post_give(actor=ADMIN, user_id=user.pk, power=Power(Role.ADMINISTRATOR), now=NOW)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def reminded():
    """Inès at the office, whose post needs it from DAY on; and the worker's job, so many days before."""
    world = Scenario()
    office = world.staff("guichet", Role.OFFICE)
    office.email = "ines@example.org"
    office.save()
    second_rules_set(actor=ADMIN, since={Role.OFFICE: DAY}, now=NOW)

    def run(days: int, hour: int = 10) -> int:
        cache.clear()
        return seconds_reminded(now=instant_at(DAY - timedelta(days=days), time(hour)))

    return world, office, run


def test_a_week_before_and_the_day_before_once_each(reminded) -> None:
    _world, office, run = reminded
    assert [run(days) for days in (30, 8, 7, 7, 4, 2, 1, 1, 0, -1)] == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    first, second = Message.objects.filter(kind="accounts/second_wanted").order_by("pk")
    assert first.to == second.to == "ines@example.org"
    assert "À partir du 14 décembre 2026" in first.text
    assert "/compte/double-authentification/" in first.text
    entry = Entry.objects.filter(verb="second.reminded").latest("pk")
    assert (entry.subject_id, entry.data) == (office.pk, {"days": 1})


def test_another_day_is_reminded_of_anew_and_a_late_worker_says_it_once(reminded) -> None:
    _world, _office, run = reminded
    assert run(3) == 1
    assert run(1, hour=6) == 0, "nobody is written to at night"
    second_rules_set(actor=ADMIN, since={Role.OFFICE: DAY + timedelta(days=1)}, now=NOW)
    assert run(0) == 1


@pytest.mark.parametrize("why", ["armed", "suspended", "asleep", "no address", "no post", "needed already"])
def test_who_needs_no_word_gets_none(reminded, why: str) -> None:
    world, office, run = reminded
    match why:
        case "armed":
            armed(office)
        case "suspended":
            office.posts.update(suspended_at=NOW)
        case "asleep":
            User.objects.filter(pk=office.pk).update(is_active=False)
        case "no address":
            User.objects.filter(pk=office.pk).update(email="")
        case "no post":
            office.posts.all().delete()
            world.home("Durand", "Camille")
        case "needed already":
            post_give(actor=ADMIN, user_id=office.pk, power=Power(Role.ADMINISTRATOR), now=NOW)
            second_rules_set(actor=ADMIN, since={Role.ADMINISTRATOR: DAY - timedelta(days=7)}, now=NOW)
    assert run(7) == 0


def test_it_is_looked_for_now_and_then(reminded, count_queries) -> None:
    _world, _office, run = reminded
    run(7)
    with count_queries(0):
        assert seconds_reminded(now=instant_at(DAY - timedelta(days=1), time(10))) == 0
