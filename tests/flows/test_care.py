"""Who hears of a change in a child's care, who reads what of it, and when health goes."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from marelle.agents.attendance.rows import _fetchers, signs_of
from marelle.agents.desk.facts import health_fact
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.sealed import Unreadable
from marelle.families.care.bans import bans_held
from marelle.families.care.labels import BAN_LOST, HEALTH_LOST
from marelle.families.care.refusals import WrongValue
from marelle.families.care.rules import Answer, PaiState, SheetData
from marelle.families.models import Consent, HealthSheet, PickupBan, PickupPermission, Vaccination
from marelle.files.models import StoredFile
from marelle.flows.actor.actors import actor_for
from marelle.flows.care import lists as care_lists
from marelle.flows.care import services as care
from marelle.flows.care import team as care_team
from marelle.flows.upkeep.health_purge import MONTHS_ALONE, health_purged
from marelle.flows.upkeep.tidying import tidied
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Delay
from tests.care import asked, ban, care_rows, contact, permission, sheet
from tests.offer import LAST_DAY
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 21, 14, tzinfo=PARIS)
DAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.petit = self.home("Petit", "Alex")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.slot(self.wednesdays, capacity=10)
        self.enrolled = self.enrolment(self.zoe, self.wednesdays, self.durand)

    def agent(self, role: Role, **where: object) -> Actor:
        return actor_for(self.staff(f"agent{next(self._numbers)}", role, **where))

    def read(self, actor: Actor) -> care_team.CareFile | None:
        return care_team.care_file(actor, child_id=self.zoe.pk, now=NOW)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_a_change_of_health_is_told_to_the_structures_without_what(world: Village) -> None:
    elsewhere = world.activity("Cantine", structure=world.structure("Cantine d’Arelle"))
    world.enrolment(world.zoe, elsewhere, world.durand, state="requested")
    over = world.activity("Vacances", structure=world.structure("Ailleurs"))
    world.enrolment(world.zoe, over, world.durand, state="refused")
    typed = SheetData(allergies="Arachide")

    def save() -> None:
        care.health_sheet_save(actor=world.durand.actor, child_id=world.zoe.pk, typed=typed, seen="", now=NOW)

    save()
    mails = list(Message.objects.order_by("pk"))
    assert [mail.to for mail in mails] == ["structure@arelle.example"] * 2
    for mail in mails:
        assert "La fiche sanitaire de Zoé a changé" in mail.subject
        assert f"/agents/sante/{world.zoe.pk}/" in mail.text
        assert "rachide" not in mail.subject + mail.text + mail.html
    save()
    assert Message.objects.count() == 2


def give(world: Village, day: date = TOMORROW) -> care.PermissionGiven:
    return care.pickup_permission_give(
        actor=world.durand.actor,
        child_id=world.zoe.pk,
        day=day,
        name="Rachid Haddad",
        phone="+33639981001",
        note="",
        now=NOW,
    )


def test_a_permission_reaches_the_structure_where_the_child_is_expected(world: Village) -> None:
    (opening,) = world.openings(world.wednesdays, TOMORROW)
    world.booking(world.zoe, opening)
    given = give(world)
    assert given.told == ("Accueil de loisirs d’Arelle",)
    mail = Message.objects.get()
    assert "Rachid Haddad viendra chercher Zoé" in mail.subject
    assert "mercredi 25 novembre" in mail.text
    assert "39981001" not in mail.text.replace(" ", "")
    assert give(world).told == ("Accueil de loisirs d’Arelle",)
    assert Message.objects.count() == 1, "sent twice, told once"
    care.pickup_permission_take_back(
        actor=world.durand.actor, child_id=world.zoe.pk, permission_id=given.permission.pk, now=NOW
    )
    assert "ne viendra pas chercher Zoé" in Message.objects.latest("pk").subject


def test_nobody_is_told_of_a_day_without_booking(world: Village) -> None:
    assert give(world).told == ()
    assert not Message.objects.exists()
    assert PickupPermission.objects.exists()


def test_only_the_lists_of_the_childs_authorities_are_asked(world: Village) -> None:
    photos = asked(world.the_authority)
    elsewhere = asked(world.authority("Mairie"))

    def answer(type_id: int) -> tuple[str, ...]:
        return care.consents_answer(
            actor=world.durand.actor,
            child_id=world.zoe.pk,
            school_year=2026,
            answers={type_id: Answer(True)},
            now=NOW,
        )

    assert answer(photos.pk) == ("photos",)
    with pytest.raises(NotYours):
        answer(elsewhere.pk)
    world.enrolled.state = "withdrawn"
    world.enrolled.save()
    with pytest.raises(NotYours):
        answer(photos.pk)


def test_the_team_reads_health_and_each_reading_is_noted(world: Village) -> None:
    care_rows(world.durand, world.zoe, world.the_authority)
    for role in (Role.DIRECTOR, Role.ANIMATOR):
        actor = world.agent(role)
        found = world.read(actor)
        assert found is not None
        assert found.sheet is not None
        assert found.sheet.pai is True
        assert len(found.vaccinations) == 1
        entry = Entry.objects.filter(verb="health.read", actor_user_id=actor.user_id).get()
        assert (entry.subject_id, entry.data, entry.family_id) == (world.zoe.pk, {}, None)
        assert care_team.pai_file_read(actor=actor, child_id=world.zoe.pk, now=NOW).name == "PAI.pdf"
        assert Entry.objects.filter(verb="health.file_read", actor_user_id=actor.user_id).count() == 1


def test_the_office_and_the_administrator_see_that_there_is_a_sheet_and_not_what(world: Village) -> None:
    care_rows(world.durand, world.zoe, world.the_authority)
    for role in (Role.OFFICE, Role.ADMINISTRATOR):
        actor = world.agent(role)
        found = world.read(actor)
        assert found is not None
        assert found.written_at is not None
        assert (found.sheet, found.vaccinations, found.sees_health) == (None, (), False)
        assert [row.name for row in found.contacts] == ["Line Roche"]
        with pytest.raises(NotYours):
            care_team.pai_file_read(actor=actor, child_id=world.zoe.pk, now=NOW)
        lines = care_lists.care_list(actor, structure_id=world.the_structure.pk, now=NOW)
        assert lines is not None
        assert [(line.allergy, line.pai) for line in lines.lines] == [(None, None)]
    assert not Entry.objects.filter(verb__startswith="health.").exists()


def test_nobody_else_reads_anything(world: Village) -> None:
    elsewhere = world.structure("Ailleurs")
    mairie = world.authority("Mairie")
    for actor in (
        world.agent(Role.DIRECTOR, structure=elsewhere),
        world.agent(Role.ANIMATOR, structure=elsewhere),
        world.agent(Role.OFFICE, authority=mairie),
        world.durand.actor,
    ):
        assert world.read(actor) is None
        assert care_team.safety(actor, [world.zoe.pk], day=DAY) == {}


@pytest.mark.parametrize(
    ("state", "ends_on", "read"),
    [
        ("requested", LAST_DAY, True),
        ("accepted", DAY, True),
        ("accepted", DAY - timedelta(days=1), False),
        ("ended", DAY, True),
        ("refused", LAST_DAY, False),
        ("withdrawn", LAST_DAY, False),
    ],
)
def test_a_team_reads_as_long_as_it_looks_after_the_child(
    world: Village, state: str, ends_on: date, read: bool
) -> None:
    world.enrolled.state, world.enrolled.ends_on = state, ends_on
    world.enrolled.save()
    assert (world.read(world.agent(Role.ANIMATOR)) is not None) is read


def test_an_agent_who_is_a_parent_does_not_read_the_other_homes_contacts(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.petit)
    contact(world.durand, world.zoe)
    sheet(world.zoe, allergies="Arachide")
    user = world.petit.user
    user.posts.create(role=Role.DIRECTOR.value, structure=world.the_structure)
    actor = actor_for(type(user).objects.get(pk=user.pk))
    assert world.read(actor) is None
    listed = care_lists.care_list(actor, structure_id=None, now=NOW)
    assert listed is not None
    assert listed.lines == ()
    found = care_team.safety(actor, [world.zoe.pk], day=DAY)[world.zoe.pk]
    assert (found.allergies, found.fetchers, found.banned) == ("Arachide", (), ())


def ban_set(world: Village, actor: Actor, **fields: object) -> PickupBan:
    given = {
        "family_id": world.durand.family.pk,
        "name": "Max Perrin",
        "reason": "Jugement",
        "since": DAY,
        "until": None,
    }
    return care_team.pickup_ban_set(actor=actor, child_id=world.zoe.pk, now=NOW, **{**given, **fields})


def test_a_judgment_is_noted_by_those_who_decide_and_kept_from_the_other_home(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.petit)
    for role in (Role.DIRECTOR, Role.OFFICE, Role.ADMINISTRATOR):
        ban_set(world, world.agent(role))
    assert PickupBan.objects.count() == 1
    with pytest.raises(NotYours):
        ban_set(world, world.agent(Role.ANIMATOR))
    with pytest.raises(NotYours):
        ban_set(world, world.agent(Role.OFFICE), family_id=world.home("Vidal").family.pk)
    with pytest.raises(WrongValue):
        ban_set(world, world.agent(Role.OFFICE), until=DAY - timedelta(days=1))
    with pytest.raises(ChangedMeanwhile):
        ban_set(world, world.agent(Role.OFFICE), reason="Autre jugement", seen={})
    held = bans_held(PickupBan.objects.all())
    assert ban_set(world, world.agent(Role.OFFICE), until=DAY, seen=held).until == DAY
    ban_set(world, world.agent(Role.OFFICE), name="Alex Petit", family_id=None)
    assert not Entry.objects.filter(family_id=world.petit.family.pk).exists()


def test_a_judgment_lifted_is_over_at_once(world: Village) -> None:
    begun, new = ban(world.zoe, "Max Perrin"), ban(world.zoe, "Alex Petit", since=DAY)
    director = world.agent(Role.DIRECTOR)
    for row in (begun, new):
        care_team.pickup_ban_lift(actor=director, child_id=world.zoe.pk, ban_id=row.pk, now=NOW)
    assert PickupBan.objects.get().until == DAY - timedelta(days=1)
    with pytest.raises(NotYours):
        care_team.pickup_ban_lift(actor=director, child_id=world.zoe.pk, ban_id=begun.pk, now=NOW)


def test_safety_tells_the_team_what_to_see_at_a_glance(world: Village) -> None:
    sheet(world.zoe, allergies="Arachide", is_severe=True, pai=True, pai_until=DAY, pai_meal="family")
    contact(world.durand, world.zoe)
    contact(world.durand, world.zoe, "Max Perrin", order=2)
    contact(world.durand, world.zoe, "Paul Vidal", may_fetch=False, order=3)
    permission(world.durand, world.zoe, DAY)
    world.zoe.diet = "vegetarian"
    world.zoe.save()
    permission(world.durand, world.zoe, TOMORROW, "Demain Seulement")
    ban(world.zoe, "PERRIN Max")
    found = care_team.safety(world.agent(Role.ANIMATOR), [world.zoe.pk, 10**9], day=DAY)
    assert set(found) == {world.zoe.pk}
    facts = found[world.zoe.pk]
    assert facts.diet == "vegetarian"
    assert (facts.is_severe, facts.pai, facts.family_brings_meal) == (True, PaiState.NEARLY_OVER, True)
    assert [(one.name, one.for_the_day, one.is_banned) for one in facts.fetchers] == [
        ("Camille Durand", False, False),
        ("Rachid Haddad", True, False),
        ("Line Roche", False, False),
        ("Max Perrin", False, True),
    ]
    assert facts.banned == ("PERRIN Max",)


def test_a_sheet_that_no_key_opens_is_told_wherever_health_is_looked_for(
    world: Village, settings: Any
) -> None:
    """And a judgment whose words are lost is still one."""
    sheet(world.zoe, allergies="Arachide", is_severe=True)
    ban(world.zoe, "PERRIN Max")
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    director = world.agent(Role.DIRECTOR)
    facts = care_team.safety(director, [world.zoe.pk], day=DAY)[world.zoe.pk]
    assert (facts.is_lost, facts.allergies, facts.banned) == (True, "", (Unreadable(facts.banned[0].token),))
    assert facts.fetchers
    assert all(one.is_banned for one in facts.fetchers)
    assert [one.name for one in _fetchers(facts)] == [
        str(BAN_LOST), *(one.name for one in facts.fetchers)
    ]  # fmt: skip
    assert next(sign.text for sign in signs_of(facts)) == str(HEALTH_LOST)
    told = care_team.signs(director, child=world.zoe, now=NOW)
    assert (told.something, told.is_lost) == (True, True)
    assert [tag.text for tag in health_fact(told, world.zoe.pk).tags] == [str(HEALTH_LOST)]
    found = care_lists.care_list(director, structure_id=None, now=NOW)
    assert found is not None
    (line,) = (one for one in found.lines if one.id == world.zoe.pk)
    assert (line.is_lost, line.allergy, line.has_ban) == (True, None, True)


def test_safety_follows_the_more_careful_of_two_homes(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.petit)
    photos = asked(world.the_authority)
    alone = asked(world.the_authority, "Seul", needs_hour=True)
    facts = care_team.safety(world.agent(Role.ANIMATOR), [world.zoe.pk], day=DAY)[world.zoe.pk]
    assert facts.leaves_alone is None

    def answer(home, photos_given: bool, hour: str) -> None:
        for kind, given, at in ((photos, photos_given, None), (alone, True, hour)):
            Consent.objects.create(
                child=world.zoe,
                family=home.family,
                type=kind,
                school_year=2026,
                given=given,
                from_hour=at,
                answered_at=NOW,
                answered_by="x",
            )

    answer(world.durand, True, "16:30")
    answer(world.petit, False, "17:30")
    facts = care_team.safety(world.agent(Role.ANIMATOR), [world.zoe.pk], day=DAY)[world.zoe.pk]
    assert str(facts.leaves_alone) == "17:30:00"
    assert facts.refused == {"photos"}


def test_reading_costs_the_same_for_one_child_and_for_many(world: Village, count_queries) -> None:
    def fill(name: str) -> int:
        child = world.child(world.durand, name)
        world.enrolment(child, world.wednesdays, world.durand)
        care_rows(world.durand, child, world.the_authority) if name == "Un" else sheet(child)
        return child.pk

    actor = world.agent(Role.ANIMATOR)
    ids = [fill("Un")]
    with count_queries(10):
        care_team.safety(actor, ids, day=DAY)
    with count_queries(7) as few:
        care_lists.care_list(actor, structure_id=None, now=NOW)
    ids += [fill(f"Enfant{number}") for number in range(8)]
    with count_queries(10):
        assert len(care_team.safety(actor, ids, day=DAY)) == 9
    with count_queries() as many:
        care_lists.care_list(actor, structure_id=None, now=NOW)
    assert len(many) == len(few)


def test_health_goes_with_the_last_enrolment_and_nothing_else_does(world: Village) -> None:
    care_rows(world.durand, world.zoe, world.the_authority)
    other = world.child(world.durand, "Léo")
    sheet(other)
    last = datetime.combine(LAST_DAY, NOW.timetz())
    assert health_purged(now=NOW) == 0
    assert health_purged(now=last) == 0
    assert health_purged(now=last + timedelta(days=1)) == 1
    assert not HealthSheet.objects.filter(child=world.zoe).exists()
    assert not Vaccination.objects.filter(child=world.zoe).exists()
    assert not StoredFile.objects.exists()
    assert HealthSheet.objects.filter(child=other).exists(), "never enrolled: it waits for a request"
    assert world.zoe.pickup_contacts.exists()
    entry = Entry.objects.get(verb="health.purged")
    assert (entry.subject_id, entry.data) == (world.zoe.pk, {})
    assert health_purged(now=last + timedelta(days=31 * (MONTHS_ALONE + 2))) == 1


def test_a_request_for_next_year_keeps_the_sheet(world: Village) -> None:
    sheet(world.zoe)
    following = world.activity("Mercredis 2027", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    world.enrolment(
        world.zoe,
        following,
        world.durand,
        state="requested",
        starts_on=date(2027, 9, 1),
        ends_on=date(2028, 8, 31),
    )
    assert health_purged(now=datetime(2027, 9, 1, 3, tzinfo=PARIS)) == 0


def test_the_delay_is_the_one_chosen(world: Village) -> None:
    Delay.objects.create(code="health", months=2)
    sheet(world.zoe)
    assert health_purged(now=datetime(2027, 10, 31, 3, tzinfo=PARIS)) == 0
    assert health_purged(now=datetime(2027, 11, 1, 3, tzinfo=PARIS)) == 1


def test_the_worker_looks_once_an_hour(world: Village) -> None:
    sheet(world.zoe)
    tidied(now=datetime(2027, 9, 1, 3, tzinfo=PARIS))
    assert not HealthSheet.objects.exists()
    sheet(world.zoe)
    tidied(now=datetime(2027, 9, 1, 3, 10, tzinfo=PARIS))
    assert HealthSheet.objects.exists()
