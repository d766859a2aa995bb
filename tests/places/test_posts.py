"""Who works where: given, taken back, suspended; who may, and that somebody is left to administer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import product

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client

from marelle.accounts.models import Invitation, User
from marelle.accounts.services import account_activate, browser_remember
from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.mail.models import Message, MessageState
from marelle.places.models import Employment, Post
from marelle.places.posts.selectors import agent, agents, givable, shown_posts
from marelle.places.posts.services import (
    PostRefused,
    agent_invite,
    agent_invite_again,
    agent_posts_set,
    agent_resume,
    agent_suspend,
    post_give,
)
from tests.races.together import together_or_errors
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MAIL = "ines@arelle.example"


class Team:
    """Two authorities, each with a structure; one of each role in the first."""

    def __init__(self) -> None:
        world = Scenario()
        self.world = world
        self.here, self.there = (
            world.the_structure,
            world.structure("Ailleurs", authority=world.authority("Mairie")),
        )
        self.users = {role: world.staff(role.value, role) for role in Role}
        self.powers = {
            "administrator": Power(Role.ADMINISTRATOR),
            "office here": Power(Role.OFFICE, authority_id=self.here.authority_id),
            "office there": Power(Role.OFFICE, authority_id=self.there.authority_id),
            "director here": Power(Role.DIRECTOR, structure_id=self.here.pk),
            "director there": Power(Role.DIRECTOR, structure_id=self.there.pk),
            "animator here": Power(Role.ANIMATOR, structure_id=self.here.pk),
            "animator there": Power(Role.ANIMATOR, structure_id=self.there.pk),
        }

    def actor(self, role: Role) -> Actor:
        return actor_for(User.objects.get(pk=self.users[role].pk))


GIVES = {
    Role.ADMINISTRATOR: {
        "administrator",
        "office here",
        "office there",
        "director here",
        "director there",
        "animator here",
        "animator there",
    },
    Role.OFFICE: {"office here", "director here", "animator here"},
    Role.DIRECTOR: {"animator here"},
    Role.ANIMATOR: set(),
}
"""Who gives what: the table of the docs."""


@pytest.mark.parametrize("role", Role)
def test_who_gives_which_post(role: Role) -> None:
    team = Team()
    actor = team.actor(role)
    shown = givable(actor).powers()
    newcomer = team.world.home("Caron", "Inès").user
    for name, power in team.powers.items():
        if name in GIVES[role]:
            assert power in shown
            assert post_give(actor=actor, user_id=newcomer.pk, power=power, now=NOW).user == newcomer
        else:
            assert power not in shown
            with pytest.raises(PostRefused, match="not_allowed"):
                post_give(actor=actor, user_id=newcomer.pk, power=power, now=NOW)
    assert Post.objects.filter(user=newcomer).count() == len(GIVES[role])


def test_a_director_is_given_to_read_incomes_and_keeps_its_post() -> None:
    team = Team()
    director, office = team.users[Role.DIRECTOR], team.actor(Role.OFFICE)
    plain = team.powers["director here"]
    reading = replace(plain, reads_incomes=True)
    given = {"actor": office, "user_id": director.pk, "now": NOW}
    assert agent_posts_set(powers=[reading], seen=[plain], **given) == 1
    post = Post.objects.get(user=director)
    assert actor_for(User.objects.get(pk=director.pk)).powers == {reading}
    assert Entry.objects.get(verb="post.incomes").data["reads_incomes"] is True
    with pytest.raises(ChangedMeanwhile):
        agent_posts_set(powers=[plain], seen=[plain], **given)
    # Suspended, it stays so, and keeps what it was given until it is taken back.
    agent_suspend(actor=office, user_id=director.pk, now=NOW)
    assert agent_posts_set(powers=[plain], seen=[reading], **given) == 1
    post.refresh_from_db()
    assert (post.reads_incomes, post.suspended_at) == (False, NOW)
    assert not Entry.objects.filter(verb__in=("post.taken", "post.given"), subject_id=director.pk).exists()


def test_inviting_somebody_known_gives_more_and_takes_nothing() -> None:
    team = Team()
    office, director = team.actor(Role.OFFICE), team.users[Role.DIRECTOR]
    User.objects.filter(pk=director.pk).update(email=MAIL)
    plain = team.powers["director here"]
    for powers in ({replace(plain, reads_incomes=True)}, {plain}):
        agent_invite(actor=office, name="D", email=MAIL, powers=powers, is_same=True, now=NOW)
        assert Post.objects.get(user=director).reads_incomes


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANIMATOR])
def test_who_reads_incomes_is_said_by_an_office_alone(role: Role) -> None:
    team = Team()
    newcomer = team.world.home("Caron", "Inès").user
    power = replace(team.powers["director here"], reads_incomes=True)
    with pytest.raises(PostRefused, match="not_allowed"):
        post_give(actor=team.actor(role), user_id=newcomer.pk, power=power, now=NOW)


@pytest.mark.parametrize("name", ["animator here", "office here", "administrator"])
def test_only_a_direction_is_given_it(name: str) -> None:
    team = Team()
    power = replace(team.powers[name], reads_incomes=True)
    newcomer = team.world.home("Caron", "Inès").user
    with pytest.raises(PostRefused, match="not_allowed"):
        post_give(actor=team.actor(Role.ADMINISTRATOR), user_id=newcomer.pk, power=power, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(user=team.users[Role.ANIMATOR]).update(reads_incomes=True)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR])
def test_nobody_touches_its_own_posts(role: Role) -> None:
    team = Team()
    actor, me, power = team.actor(role), team.users[role].pk, team.powers["animator here"]
    for act in (
        lambda: post_give(actor=actor, user_id=me, power=power, now=NOW),
        lambda: agent_posts_set(actor=actor, user_id=me, powers={power}, seen=(), now=NOW),
        lambda: agent_suspend(actor=actor, user_id=me, now=NOW),
        lambda: agent_resume(actor=actor, user_id=me, now=NOW),
    ):
        with pytest.raises(PostRefused, match="own_posts"):
            act()


def test_a_suspended_agent_is_out_at_once_and_comes_back_with_its_posts(client: Client) -> None:
    team = Team()
    office, animator = team.actor(Role.OFFICE), team.users[Role.ANIMATOR]
    client.post("/connexion/", {"identifier": "animator", "password": PASSWORD})
    browser_remember(user=animator, token="", origin=Origin(), now=NOW)
    assert client.get("/agents/").status_code == 200
    assert agent_suspend(actor=office, user_id=animator.pk, now=NOW) == 1
    assert not animator.browsers.exists()
    assert client.get("/agents/")["Location"].startswith("/connexion/")
    client.force_login(animator)
    assert client.get("/agents/").status_code == 403
    assert agent_suspend(actor=office, user_id=animator.pk, now=NOW) == 0
    assert agent_resume(actor=office, user_id=animator.pk, now=NOW) == 1
    assert client.get("/agents/").status_code == 200
    verbs = list(Entry.objects.filter(verb__startswith="post.").values_list("verb", flat=True))
    assert sorted(verbs) == ["post.resumed", "post.suspended"]


def test_a_post_taken_back_closes_what_is_open_and_one_given_does_not(client: Client) -> None:
    team = Team()
    office, user = team.actor(Role.OFFICE), team.users[Role.ANIMATOR]
    animates, directs = team.powers["animator here"], team.powers["director here"]
    client.post("/connexion/", {"identifier": "animator", "password": PASSWORD})
    browser_remember(user=user, token="", origin=Origin(), now=NOW)
    agent_posts_set(actor=office, user_id=user.pk, powers={animates, directs}, seen={animates}, now=NOW)
    assert client.get("/agents/").status_code == 200
    agent_posts_set(actor=office, user_id=user.pk, powers={animates}, seen={animates, directs}, now=NOW)
    assert client.get("/agents/")["Location"].startswith("/connexion/")
    assert not user.browsers.exists()


def test_each_sees_and_suspends_only_what_it_answers_for() -> None:
    team = Team()
    both = team.users[Role.ANIMATOR]
    post_give(actor=SYSTEM, user_id=both.pk, power=team.powers["director there"], now=NOW)
    office = team.actor(Role.OFFICE)
    found = agent(office, both.pk)
    assert found is not None
    assert [post.structure for post in shown_posts(found)] == [team.here]
    assert {user.pk for user in agents(office)} == {team.users[role].pk for role in Role} - {
        team.users[Role.ADMINISTRATOR].pk
    }
    assert {user.pk for user in agents(team.actor(Role.DIRECTOR))} == {both.pk}
    agent_suspend(actor=office, user_id=both.pk, now=NOW)
    assert actor_for(User.objects.get(pk=both.pk)).powers == {team.powers["director there"]}
    with pytest.raises(NotYours):
        agent_suspend(actor=office, user_id=team.users[Role.ADMINISTRATOR].pk, now=NOW)
    with pytest.raises(NotYours):
        agent_suspend(actor=team.actor(Role.DIRECTOR), user_id=team.users[Role.OFFICE].pk, now=NOW)


def test_posts_are_set_within_what_the_actor_answers_for() -> None:
    team = Team()
    user, office = team.users[Role.ANIMATOR], team.actor(Role.OFFICE)
    post_give(actor=SYSTEM, user_id=user.pk, power=team.powers["animator there"], now=NOW)
    seen, wanted = {team.powers["animator here"]}, {team.powers["director here"]}
    assert agent_posts_set(actor=office, user_id=user.pk, powers=wanted, seen=seen, now=NOW) == 2
    expected = {team.powers["director here"], team.powers["animator there"]}
    assert actor_for(User.objects.get(pk=user.pk)).powers == expected
    assert agent_posts_set(actor=office, user_id=user.pk, powers=wanted, seen=seen, now=NOW) == 0
    with pytest.raises(ChangedMeanwhile):
        agent_posts_set(actor=office, user_id=user.pk, powers=(), seen=seen, now=NOW)
    with pytest.raises(PostRefused, match="not_allowed"):
        agent_posts_set(
            actor=office, user_id=user.pk, powers={team.powers["administrator"]}, seen=wanted, now=NOW
        )
    assert agent_posts_set(actor=office, user_id=user.pk, powers=(), seen=wanted, now=NOW) == 1
    assert agent(office, user.pk) is None


def test_the_last_administrator_stays() -> None:
    team = Team()
    chief = team.users[Role.ADMINISTRATOR]
    everything = {team.powers["administrator"]}
    with pytest.raises(PostRefused, match="last_administrator"):
        agent_suspend(actor=SYSTEM, user_id=chief.pk, now=NOW)
    with pytest.raises(PostRefused, match="last_administrator"):
        agent_posts_set(actor=SYSTEM, user_id=chief.pk, powers=(), seen=everything, now=NOW)
    asleep = agent_invite(
        actor=team.actor(Role.ADMINISTRATOR), name="A", email=MAIL, powers=everything, now=NOW
    )
    with pytest.raises(PostRefused, match="last_administrator"):  # who never came in administers nothing
        agent_suspend(actor=SYSTEM, user_id=chief.pk, now=NOW)
    User.objects.filter(pk=asleep.user_id).update(is_active=True)
    agent_suspend(actor=actor_for(User.objects.get(pk=asleep.user_id)), user_id=chief.pk, now=NOW)
    chief.refresh_from_db()
    assert (chief.is_staff, chief.is_superuser) == (False, False)
    agent_resume(actor=actor_for(User.objects.get(pk=asleep.user_id)), user_id=chief.pk, now=NOW)
    chief.refresh_from_db()
    assert (chief.is_staff, chief.is_superuser) == (True, True)


def test_an_agent_is_invited_with_its_posts_and_comes_in() -> None:
    team = Team()
    power = team.powers["director here"]
    joined = agent_invite(
        actor=team.actor(Role.OFFICE), name="Inès Caron", email=MAIL, powers={power}, now=NOW
    )
    assert joined.sent is not None
    assert "espace agents" in Message.objects.get(pk=joined.sent.message_id).text
    again = agent_invite_again(actor=team.actor(Role.OFFICE), user_id=joined.user_id, now=NOW)
    assert Message.objects.get(pk=joined.sent.message_id).state == MessageState.REVOKED
    account_activate(token=again.token, identifier="ines.caron", password=PASSWORD, now=NOW)
    assert actor_for(User.objects.get(pk=joined.user_id)).powers == {power}


def test_who_is_suspended_before_it_came_has_no_link_any_more() -> None:
    team = Team()
    office, power = team.actor(Role.OFFICE), team.powers["animator here"]
    joined = agent_invite(actor=office, name="Inès", email=MAIL, powers={power}, now=NOW)
    agent_suspend(actor=office, user_id=joined.user_id, now=NOW)
    assert not Invitation.objects.live(NOW).exists()
    with pytest.raises(NotYours):
        agent_invite_again(actor=office, user_id=joined.user_id, now=NOW)


def test_an_address_that_has_an_account_is_told_and_one_person_keeps_one_account() -> None:
    team = Team()
    office, power = team.actor(Role.OFFICE), team.powers["animator here"]
    parent = team.world.home("Caron", "Inès").user
    User.objects.filter(pk=parent.pk).update(email=MAIL)
    with pytest.raises(PostRefused, match="account_exists") as refused:
        agent_invite(actor=office, name="Inès", email=MAIL.upper(), powers={power}, now=NOW)
    assert refused.value.data["label"]
    joined = agent_invite(actor=office, name="Inès", email=MAIL, powers={power}, is_same=True, now=NOW)
    assert (joined.user_id, joined.sent) == (parent.pk, None)
    assert actor_for(User.objects.get(pk=parent.pk)).family_id is not None
    agent_suspend(actor=office, user_id=parent.pk, now=NOW)
    agent_invite(actor=office, name="Inès", email=MAIL, powers={power}, is_same=True, now=NOW)
    assert actor_for(User.objects.get(pk=parent.pk)).powers == {power}
    with pytest.raises(PostRefused, match="no_post"):
        agent_invite(actor=office, name="Inès", email="a@arelle.example", powers=(), now=NOW)


def test_invited_twice_is_one_account() -> None:
    team = Team()
    office, power = team.actor(Role.OFFICE), team.powers["animator here"]
    agent_invite(actor=office, name="Inès", email=MAIL, powers={power}, now=NOW)
    with pytest.raises(PostRefused, match="invited_already"):
        agent_invite(actor=office, name="Inès", email=MAIL, powers={power}, now=NOW)
    assert User.objects.filter(email=MAIL).count() == 1


def test_the_list_costs_the_same_for_one_and_for_many(django_assert_num_queries) -> None:
    team = Team()
    actor = team.actor(Role.ADMINISTRATOR)
    for number in range(2):
        with django_assert_num_queries(3):
            page = agents(actor)
            assert all(shown_posts(user) for user in page)
        for role, n in product((Role.ANIMATOR, Role.DIRECTOR), range(5)):
            team.world.staff(f"{role.value}{number}{n}", role)
    assert [str(user) for user in agents(actor, query="ÔFFI")] == ["Office"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_suspend_each_other_leave_one() -> None:
    team = Team()
    other = team.world.staff("autre", Role.ADMINISTRATOR)
    pair = [team.actor(Role.ADMINISTRATOR), actor_for(other)]
    answers = together_or_errors(
        [
            lambda who=who, whom=whom: agent_suspend(actor=who, user_id=whom.user_id or 0, now=NOW)
            for who, whom in (pair, pair[::-1])
        ]
    )
    assert Post.objects.held().filter(role=Role.ADMINISTRATOR).count() == 1
    assert sorted(str(answer) for answer in answers) == ["1", "last_administrator"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_address_invited_by_two_at_once_is_one_account() -> None:
    team = Team()
    power = team.powers["animator here"]
    calls = [
        lambda role=role: (
            agent_invite(actor=team.actor(role), name="Inès", email=MAIL, powers={power}, now=NOW).user_id
        )
        for role in (Role.OFFICE, Role.DIRECTOR)
    ]
    answers = together_or_errors(calls)
    assert [str(answer) for answer in answers if isinstance(answer, Exception)] == ["invited_already"]
    assert User.objects.filter(email=MAIL).count() == 1


def test_who_had_a_post_before_that_was_noted_worked_since_ever() -> None:
    team = Team()
    user = team.users[Role.ANIMATOR]
    directs = Post.objects.create(user=user, role=Role.DIRECTOR.value, structure=team.here)
    Post.objects.filter(user=user).update(suspended_at=NOW)
    Post.objects.filter(pk=directs.pk).update(suspended_at=NOW + timedelta(days=2))
    import_module("marelle.places.migrations.0008_as_they_work").as_they_work(apps, None)
    rows = Employment.objects.order_by("until").values_list("user", "authority", "since", "until")
    here, found = team.here.authority_id, {row[0]: row[1:] for row in rows}
    assert found == {
        user.pk: (here, None, date(2026, 11, 26)),
        team.users[Role.OFFICE].pk: (here, None, None),
        team.users[Role.DIRECTOR].pk: (here, None, None),
    }
    Post.objects.filter(pk=directs.pk).update(suspended_at=None)
    Employment.objects.all().delete()
    import_module("marelle.places.migrations.0008_as_they_work").as_they_work(apps, None)
    assert Employment.objects.get(user=user).until is None
