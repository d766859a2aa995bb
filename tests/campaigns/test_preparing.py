"""What an agent may do with a campaign before its wishes are in, at each step; and what stays of each act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, BookingRule, Opening
from marelle.activities.rules import After, Limit, LimitKind
from marelle.campaigns.models import Campaign, Criterion
from marelle.campaigns.refusals import CampaignRefused
from marelle.campaigns.services import (
    campaign_add,
    campaign_announce,
    campaign_change,
    campaign_end,
    campaign_remove,
    criterion_add,
    criterion_remove,
    number_given,
)
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.papers.models import PaperType
from tests.campaigns.world import ANSWERS, CLOSES, DRAFTED, FIRST, NUMBER, OPENS, OVER, SECOND, UNTIL, Summer
from tests.waves import RESIDENTS, wave, waves_given

pytestmark = pytest.mark.django_db


def values(world: Summer, **fields) -> dict[str, object]:
    return {
        "name": "Juillet",
        "activities": [world.centre],
        "first_day": FIRST,
        "last_day": SECOND,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "answers_at": ANSWERS,
        "answer_until": UNTIL,
        "public_source": "Loto du 19 mai",
        **fields,
    }


def acts(campaign_id: int) -> list[tuple[str, dict[str, object]]]:
    rows = Entry.objects.filter(subject_kind="campaign", subject_id=campaign_id).order_by("pk")
    return [(row.verb.removeprefix("campaign."), row.data) for row in rows]


def paper_type(world: Summer, authority=None) -> PaperType:
    return PaperType.objects.create(
        authority=authority or world.the_authority, title="Attestation d’employeur", about="family"
    )


def test_the_journal_keeps_each_act_and_nothing_of_what_changed_nothing():
    world = Summer()
    row = campaign_add(actor=world.director, values=values(world), now=DRAFTED)
    pk = row.pk
    same = {"name": "Juillet", "activities": [world.centre]}
    given = {"actor": world.director, "campaign_id": pk, "now": DRAFTED}
    assert campaign_change(**given, changes=same, seen=None) == ()
    assert campaign_change(**given, changes={**same, "name": "Août"}, seen=None) == ("name",)
    kept = {"use": "tier", "kind": "residents", "label": "Habiter Arelle"}
    criterion = criterion_add(**given, values=kept)
    criterion_remove(**given, criterion_id=criterion.pk)
    campaign_remove(**given)
    assert acts(pk) == [
        ("added", {}),
        ("changed", {"fields": ["name"]}),
        ("changed", {"fields": ["criteria"]}),
        ("changed", {"fields": ["criteria"]}),
        ("removed", {}),
    ]


def test_it_is_of_the_authority_of_its_activities_whatever_they_become():
    world = Summer()
    elsewhere = world.authority("Ville de Brume")
    there = world.activity("Loin", structure=world.structure("Le Phare", authority=elsewhere))
    office = actor_for(world.staff("bureau", Role.ADMINISTRATOR))
    row = campaign_add(actor=office, values=values(world), now=DRAFTED)
    assert row.authority == world.the_authority
    given = {"actor": office, "campaign_id": row.pk, "seen": None, "now": DRAFTED}
    campaign_change(**given, changes={"activities": [there]})
    assert Campaign.objects.get(pk=row.pk).authority == elsewhere
    with pytest.raises(NotYours):
        campaign_change(**given, changes={"activities": [there, world.centre]})
    for activities in ([], [there, world.centre], [world.centre, there]):
        with pytest.raises(NotYours):
            campaign_add(actor=office, values=values(world, activities=activities), now=DRAFTED)
    away = world.activity("Autre", structure=world.structure("Autre"))
    with pytest.raises(NotYours):
        campaign_add(actor=world.director, values=values(world, activities=[world.centre, away]), now=DRAFTED)


def test_a_criterion_asks_for_a_paper_of_its_authority_and_is_taken_from_its_own_campaign():
    world = Summer()
    given = {"actor": world.director, "campaign_id": world.campaign.pk, "now": DRAFTED}
    kept = {"use": "tier", "kind": "paper", "label": "Travailler"}
    own, other = paper_type(world), paper_type(world, world.authority("Ville de Brume"))
    with pytest.raises(NotYours):
        criterion_add(**given, values={**kept, "paper_type": other})
    first = criterion_add(**given, values={**kept, "paper_type": own})
    second = criterion_add(**given, values={"use": "tier", "kind": "residents", "label": "Habiter Arelle"})
    assert (first.order, second.order) == (0, 1)
    given["campaign_id"] = world.drafted(world.centre, name="Toussaint").pk
    for pk in (first.pk, 10**6):
        with pytest.raises(NotYours):
            criterion_remove(**given, criterion_id=pk)
    assert Criterion.objects.count() == 2


def test_it_is_announced_in_time_and_only_with_places():
    world = Summer()
    given = {"actor": world.director, "campaign_id": world.campaign.pk}
    with pytest.raises(CampaignRefused, match="too_late"):
        campaign_announce(**given, now=OPENS)
    Opening.objects.update(state=Opening.State.CLOSED)
    with pytest.raises(CampaignRefused, match="no_places"):
        campaign_announce(**given, now=DRAFTED)
    Opening.objects.update(state=Opening.State.OPEN)
    row = campaign_announce(**given, now=DRAFTED)
    assert acts(row.pk) == [("announced", {"promise": row.promise})]
    with pytest.raises(CampaignRefused, match="state"):
        campaign_announce(**given, now=DRAFTED)


@pytest.mark.parametrize("mode", [BookingMode.STRUCTURE, BookingMode.FREE])
def test_what_families_never_book_by_themselves_needs_no_opening_date(mode):
    world = Summer()
    Activity.objects.update(booking_mode=mode)
    waves_given(world.centre, wave(None))
    assert world.announced().state == Campaign.State.ANNOUNCED


def test_what_could_still_be_booked_before_the_answers_is_refused_and_what_could_not_is_not():
    """Without rules nobody books; past its limit a booking is refused, unless it may be late or wait."""
    world = Summer()
    given = {"actor": world.director, "campaign_id": world.campaign.pk, "now": DRAFTED}
    passed = Limit(LimitKind.FIXED, at=DRAFTED - timedelta(minutes=1))
    waves_given(world.centre, wave(ANSWERS, RESIDENTS), wave(None))
    with pytest.raises(CampaignRefused, match="opens_before"):
        campaign_announce(**given)
    BookingRule.objects.all().delete()
    for after in (After.LATE, After.WAIT):
        rule = world.rule(world.centre, book=passed, after=after)
        definition_changed(Activity.objects.all())
        with pytest.raises(CampaignRefused, match="opens_before") as refusal:
            campaign_announce(**given)
        assert refusal.value.data == {"activity": "Été", "slot": "Journée"}
        rule.delete()
    rule = world.rule(world.centre, book=Limit(LimitKind.FIXED, at=OPENS), after=After.REFUSE)
    definition_changed(Activity.objects.all())
    with pytest.raises(CampaignRefused, match="opens_before"):
        campaign_announce(**given)
    for left in (passed, None):
        rule.delete()
        if left:
            rule = world.rule(world.centre, book=left, after=After.REFUSE)
        definition_changed(Activity.objects.all())
        assert campaign_announce(**given).state == Campaign.State.ANNOUNCED
        Campaign.objects.update(state=Campaign.State.DRAFT)


def test_the_number_is_kept_with_who_gave_it():
    world = Summer()
    world.announced()
    world.wishes(world.family("Roy"), FIRST)
    given = {"actor": world.director, "campaign_id": world.campaign.pk}
    for now, number, code in (
        (CLOSES - timedelta(minutes=1), "4", "not_over"),
        (OVER, "  ", "number"),
    ):
        with pytest.raises(CampaignRefused, match=code):
            number_given(**given, number=number, now=now)
    row = number_given(**given, number=f" {NUMBER}\n", now=OVER)
    assert (row.public_number, row.closed_at) == (NUMBER, OVER)
    assert acts(row.pk)[-1] == ("drawn", {"number": NUMBER})


def test_one_without_wishes_is_put_away_once_its_window_is_over_and_stays_so():
    world = Summer()
    world.announced()
    given = {"actor": world.director, "campaign_id": world.campaign.pk}
    with pytest.raises(CampaignRefused, match="not_over"):
        campaign_end(**given, now=CLOSES - timedelta(minutes=1))
    with pytest.raises(CampaignRefused, match="no_wishes"):
        number_given(**given, number=NUMBER, now=OVER)
    campaign_end(**given, now=CLOSES)
    row = Campaign.objects.get(pk=world.campaign.pk)
    assert (row.state, row.ended_at) == (Campaign.State.ENDED, CLOSES)
    assert acts(row.pk)[-1] == ("ended", {})
