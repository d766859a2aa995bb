"""A home says what it wishes: what it may, when it may, and nothing that a browser makes up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity
from marelle.campaigns.models import Campaign, Wish, WishLine
from marelle.campaigns.reading import Step, campaigns_told, offers_for
from marelle.campaigns.refusals import CampaignRefused, WishRefused
from marelle.campaigns.services import campaign_announce, campaign_end, number_given
from marelle.campaigns.units import Unit
from marelle.campaigns.wishing import wish_withdraw
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.families.models import Guardianship
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from tests.campaigns.world import CLOSES, DRAFTED, FIRST, IN_WINDOW, OPENS, OVER, SECOND, Summer
from tests.waves import wave, waves_given

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def summer(**fields) -> Summer:
    world = Summer(**fields)
    world.announced()
    return world


def refused(world: Summer, *args, **kwargs) -> str:
    with pytest.raises(WishRefused) as refusal:
        world.wishes(*args, **kwargs)
    return refusal.value.code


def lines(wish: Wish) -> list[tuple[str, date, int, int]]:
    return [(one.child.first_name, one.day, one.rank, one.order) for one in wish.lines.all()]


def test_a_home_ranks_what_it_wishes_and_may_change_it_with_the_time_of_its_first_sending():
    world = summer()
    home = world.family("Roy")
    wish = world.wishes(home, SECOND, FIRST)
    assert lines(wish) == [("Zoé", SECOND, 1, 0), ("Zoé", FIRST, 2, 0)]
    assert len(wish.ticket) == 19
    same = world.wishes(home, SECOND, FIRST, now=IN_WINDOW + MINUTE)
    assert same.sent_at == IN_WINDOW, "nothing was changed"
    again = world.wishes(home, FIRST, now=IN_WINDOW + MINUTE)
    assert (again.pk, again.ticket, again.came_at) == (wish.pk, wish.ticket, IN_WINDOW)
    assert again.sent_at == IN_WINDOW + MINUTE
    assert lines(again) == [("Zoé", FIRST, 1, 0)]
    assert Entry.objects.filter(verb="wishes.sent", family_id=home.family.pk).count() == 2


def test_what_has_one_rank_is_one_plan_and_ranks_are_closed_up():
    world = summer()
    home = world.family("Roy")
    zoe = world.children_of(home)[0].pk
    wish = world.wishes(home, each={zoe: {world.unit(FIRST): 5, world.unit(SECOND): 5}})
    assert lines(wish) == [("Zoé", FIRST, 1, 0), ("Zoé", SECOND, 1, 0)]


def test_the_window_is_the_servers():
    world = summer()
    home = world.family("Roy")
    for now in (OPENS - MINUTE, CLOSES, OVER):
        assert refused(world, home, FIRST, now=now) == "window"
    world.wishes(home, FIRST, now=OPENS)
    with pytest.raises(WishRefused, match="window"):
        wish_withdraw(actor=home.actor, campaign_id=world.campaign.pk, now=CLOSES)
    wish_withdraw(actor=home.actor, campaign_id=world.campaign.pk, now=CLOSES - MINUTE)
    assert not Wish.objects.exists()


def test_only_the_own_children_and_what_each_may_have():
    world = summer(most_plans=1)
    home, other = world.family("Roy"), world.family("Blanc")
    stranger = world.children_of(other)
    assert refused(world, home, FIRST, children=stranger) == "no_child"
    mine = world.children_of(home)[0].pk
    elsewhere = world.slot(world.activity("Autre"), "Soir", weekdays=[0])
    for unit in (
        Unit(FIRST, elsewhere.pk),
        Unit(FIRST + timedelta(days=1), world.day.pk),
        Unit(FIRST, 10**12),
    ):
        assert refused(world, home, each={mine: {unit: 1}}) == "unknown"
    assert refused(world, home, each={mine: {}}) == "empty"
    assert refused(world, home, FIRST, SECOND) == "too_many"
    assert refused(world, home, FIRST, most=2) == "too_many"
    assert refused(world, home, each={mine: {world.unit(): 0}}) == "too_many"
    assert not WishLine.objects.exists()


def test_who_is_enrolled_in_nothing_of_it_is_not_told_of_it():
    world = summer()
    home = world.home("Roy")
    world.child(home, "Zoé")
    assert campaigns_told(home.actor, now=IN_WINDOW) == ()
    with pytest.raises(NotYours):
        world.wishes(home, FIRST)
    told = world.family("Blanc")
    assert [one.step for one in campaigns_told(told.actor, now=IN_WINDOW)] == [Step.OPEN]


def test_a_child_is_offered_the_weeks_of_which_nothing_keeps_it():
    world = summer()
    home = world.home("Roy")
    world.enrolment(world.child(home, "Zoé"), world.centre, home, ends_on=FIRST + timedelta(days=6))
    (offer,) = offers_for(home.actor, world.campaign, now=IN_WINDOW)
    assert list(offer.units) == [world.unit(FIRST)]
    assert [one.day for one in offer.units[world.unit(FIRST)]] == [FIRST, FIRST + timedelta(days=1)]
    assert list(offer.why) == [world.unit(SECOND)]


def test_children_together_have_one_ranking_and_alone_each_its_own_in_the_order_of_the_home():
    world = summer()
    home = world.family("Roy", "Zoé", "Max")
    zoe, max_ = world.children_of(home)
    wish = world.wishes(home, FIRST, together=True)
    assert (wish.together, lines(wish)) == (True, [("Zoé", FIRST, 1, 0), ("Max", FIRST, 1, 0)])
    each = {zoe.pk: {world.unit(FIRST): 1}, max_.pk: {world.unit(SECOND): 1}}
    wish = world.wishes(home, children=[max_, zoe], each=each)
    assert (wish.together, lines(wish)) == (False, [("Max", SECOND, 1, 0), ("Zoé", FIRST, 1, 1)])
    uneven = {zoe.pk: {world.unit(FIRST): 1}, max_.pk: {world.unit(SECOND): 2}}
    assert refused(world, home, each=uneven, together=True) == "unknown"
    more = {zoe.pk: {world.unit(FIRST): 1}, max_.pk: {world.unit(SECOND): 1, world.unit(FIRST): 2}}
    wish = world.wishes(home, children=[zoe, max_], each=more)
    assert lines(wish) == [("Zoé", FIRST, 1, 0), ("Max", SECOND, 1, 1), ("Max", FIRST, 2, 1)]


def test_as_many_wishes_as_the_campaign_takes_and_a_slot_with_the_one_it_requires():
    world = Summer(most_plans=2)
    bus = world.slot(world.centre, "Car", "07:30", "08:00", weekdays=[0], capacity=9)
    for week in (FIRST, SECOND):
        world.opening(bus, week)
    bus.requires.add(world.day)
    definition_changed(Activity.objects.all())
    world.announced()
    home = world.family("Roy")
    child = world.children_of(home)[0].pk
    assert refused(world, home, each={child: {world.unit(FIRST, bus): 1, world.unit(FIRST): 2}}) == "requires"
    both = {child: {world.unit(FIRST, bus): 1, world.unit(FIRST): 1, world.unit(SECOND): 2}}
    assert len(lines(world.wishes(home, each=both))) == 3


def test_wishes_of_another_campaign_and_of_another_home_stay():
    world = Summer()
    first = world.announced()
    home, other = world.family("Roy"), world.family("Blanc")
    kept = [world.wishes(home, FIRST), world.wishes(other, FIRST)]
    world.campaign = world.drafted(world.centre, name="Encore")
    second = world.announced()
    mine = world.wishes(home, SECOND)
    assert mine.campaign == second
    wish_withdraw(actor=home.actor, campaign_id=second.pk, now=IN_WINDOW)
    assert set(Wish.objects.all()) == set(kept)
    world.campaign = first
    assert world.wishes(home, SECOND).pk == kept[0].pk


def test_what_another_adult_asks_for_a_child_of_its_own_stays():
    world = summer()
    home = world.family("Roy", "Zoé", "Max")
    zoe, max_ = world.children_of(home)
    partner = world.adult(home, "Alex", identifier="alex")
    world.guardian(partner, max_)
    Guardianship.objects.filter(adult=home.adult, child=max_).delete()
    world.wishes(home, FIRST, children=[zoe])
    alex = actor_for(partner.account)
    assert refused(world, home, FIRST, children=[zoe], actor=alex) == "no_child"
    wish = world.wishes(home, SECOND, children=[max_], actor=alex)
    assert sorted(lines(wish)) == [("Max", SECOND, 1, 1), ("Zoé", FIRST, 1, 0)]
    taken_back = {"actor": home.actor, "campaign_id": world.campaign.pk, "now": IN_WINDOW}
    for _again in range(2):
        wish_withdraw(**taken_back)
        assert lines(Wish.objects.get()) == [("Max", SECOND, 1, 1)]
    wish_withdraw(**{**taken_back, "actor": alex})
    wish_withdraw(**taken_back)
    assert not Wish.objects.exists()
    assert Entry.objects.filter(verb="wishes.withdrawn").count() == 3


def test_nothing_is_announced_that_families_could_book_before_the_answers():
    world = Summer()
    waves_given(world.centre, wave(None))
    with pytest.raises(CampaignRefused) as refusal:
        campaign_announce(actor=world.director, campaign_id=world.campaign.pk, now=DRAFTED)
    assert (refusal.value.code, refusal.value.data["activity"]) == ("opens_before", "Été")
    waves_given(world.centre, wave(world.campaign.answers_at - MINUTE))
    with pytest.raises(CampaignRefused, match="opens_before"):
        campaign_announce(actor=world.director, campaign_id=world.campaign.pk, now=DRAFTED)
    waves_given(world.centre, wave(world.campaign.answers_at))
    announced = campaign_announce(actor=world.director, campaign_id=world.campaign.pk, now=DRAFTED)
    assert len(announced.promise) == 64
    assert announced.seed
    assert announced.seed not in Entry.objects.get(verb="campaign.announced").data.values()


def test_a_campaign_is_announced_once_before_its_window_and_by_who_runs_it():
    world = Summer()
    stranger = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Autre")))
    for actor in (stranger, actor_for(world.staff("anim", Role.ANIMATOR))):
        with pytest.raises(NotYours):
            campaign_announce(actor=actor, campaign_id=world.campaign.pk, now=DRAFTED)
    with pytest.raises(CampaignRefused, match="too_late"):
        campaign_announce(actor=world.director, campaign_id=world.campaign.pk, now=OPENS)
    world.announced()
    with pytest.raises(CampaignRefused, match="state"):
        campaign_announce(actor=world.director, campaign_id=world.campaign.pk, now=DRAFTED)


def test_the_number_comes_once_no_wish_can_and_a_campaign_without_any_ends():
    world = summer()
    give = {"actor": world.director, "campaign_id": world.campaign.pk}
    with pytest.raises(CampaignRefused, match="no_wishes"):
        number_given(**give, number="7", now=OVER)
    with pytest.raises(CampaignRefused, match="not_over"):
        campaign_end(**give, now=IN_WINDOW)
    world.wishes(world.family("Roy"), FIRST)
    with pytest.raises(CampaignRefused, match="not_over"):
        number_given(**give, number="7", now=CLOSES - MINUTE)
    with pytest.raises(CampaignRefused, match="number"):
        number_given(**give, number="  ", now=CLOSES)
    with pytest.raises(CampaignRefused, match="state"):
        campaign_end(**give, now=OVER)
    assert number_given(**give, number=" 4  8 ", now=CLOSES).public_number == "4 8"
    with pytest.raises(CampaignRefused, match="state"):
        number_given(**give, number="9", now=OVER)
    Campaign.objects.update(state="announced")
    Wish.objects.all().delete()
    assert campaign_end(**give, now=OVER).state == "ended"


def test_a_home_reads_where_each_campaign_stands():
    world = summer()
    home = world.family("Roy")

    def told(now) -> list[Step]:
        return [one.step for one in campaigns_told(home.actor, now=now)]

    assert told(OPENS - MINUTE) == [Step.TO_COME]
    assert told(IN_WINDOW) == [Step.OPEN]
    world.wishes(home, FIRST)
    assert (told(IN_WINDOW), told(OVER)) == ([Step.SENT], [Step.CLOSED])
