"""A run over real rows: rights, quotas, siblings, the verifier as a process; then what goes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from marelle.accounts.models import User
from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.offers.services import offers_expire
from marelle.bookings.refusals import OfferImpossible
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.services import waiting_served
from marelle.bookings.states import BookingState, EndCause
from marelle.campaigns import publishing, running
from marelle.campaigns.models import AnswerMove, Campaign, Wish, WishLine
from marelle.campaigns.moves import answer_move
from marelle.campaigns.publishing import (
    answer_given,
    answers_go_out,
    campaign_publish,
    wish_release,
)
from marelle.campaigns.receipts import Receipt, receipt_of
from marelle.campaigns.refusals import CampaignRefused, MoveRefused
from marelle.campaigns.running import campaign_simulate, campaign_verify
from marelle.campaigns.services import campaign_end
from marelle.cases.services import OwnFile
from marelle.core.actor import SYSTEM, Role
from marelle.core.refusals import NotYours
from marelle.families.models import CustodyPeriod
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.papers.models import Paper, PaperType
from marelle.places.models import Post
from tests.bookings.world import assert_counters_equal_bookings
from tests.campaigns.world import ANSWERS, FIRST, IN_WINDOW, OVER, SECOND, UNTIL, Summer
from tests.scenario import Home

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TUESDAY = timedelta(days=1)


def run(world: Summer) -> Campaign:
    world.drawn()
    world.campaign = campaign_simulate(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    return world.campaign


def outcomes(wish: Wish) -> list[str]:
    return [line.outcome for line in WishLine.objects.filter(wish=wish)]


def published(world: Summer, now=ANSWERS) -> None:
    run(world)
    assert campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER) == []
    campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=now)
    while answers_go_out(now=now):
        pass


def states(home: Home) -> list[tuple[str, str]]:
    rows = Booking.objects.filter(family=home.family).order_by("day", "pk")
    return [(row.child.first_name, row.state) for row in rows]


def receipt(world: Summer, wish: Wish) -> Receipt:
    found = receipt_of(Campaign.objects.get(pk=world.campaign.pk), Wish.objects.get(pk=wish.pk))
    assert found is not None
    return found


def in_turns(homes: Sequence[Home], wishes: Sequence[Wish]) -> list[tuple[Home, Wish]]:
    """Each home with its wish, in the order of their turns."""
    turns = dict(Wish.objects.values_list("pk", "turn"))
    return sorted(zip(homes, wishes, strict=True), key=lambda one: turns[one[1].pk])


def test_homes_choose_in_the_order_of_tiers_then_points_and_the_file_says_it_all_without_a_name():
    world = Summer()
    world.criterion("residents", label="Habiter Arelle")
    world.criterion("siblings", points=3, label="Fratrie")
    world.announced()
    far = world.commune("Loin")
    strange = world.wishes(world.family("Durand", "Luce", commune=far), FIRST, SECOND)
    near = world.wishes(world.family("Roy", "Ève"), FIRST)
    two = world.family("Blanc", "Zoé", "Max")
    siblings = world.wishes(two, FIRST, SECOND, children=world.children_of(two)[:1])
    campaign = run(world)
    assert [(one.tier, one.points, one.turn) for one in Wish.objects.order_by("turn")] == [
        (0, 3, 0), (0, 0, 1), (1, 0, 2)
    ]  # fmt: skip
    assert outcomes(siblings) == ["given", ""]
    assert outcomes(near) == [""]
    assert outcomes(strange) == ["", "given"]
    assert Wish.objects.get(pk=siblings.pk).met == ["Habiter Arelle", "Fratrie"]
    for name in ("Durand", "Luce", "Roy", "Zoé", "Blanc"):
        assert name not in campaign.file
    assert json.loads(campaign.file)["promise"] == campaign.promise


def test_a_paper_that_was_accepted_and_counts_on_the_first_day_gives_its_points():
    world = Summer()
    kind = PaperType.objects.create(
        authority=world.the_authority, title="Attestation d’emploi", why="Les places", about="family"
    )
    world.criterion("paper", points=2, paper_type=kind)
    world.announced()
    homes = [world.family(name) for name in ("Roy", "Blanc", "Noir", "Vert")]
    for home, (state, until) in zip(
        homes,
        (("accepted", None), ("accepted", FIRST - TUESDAY), ("received", None), ("accepted", FIRST)),
        strict=True,
    ):
        Paper.objects.create(
            paper_type=kind, family=home.family, state=state, sent_at=IN_WINDOW, sent_by="C", expires_on=until
        )
    wishes = [world.wishes(home, FIRST) for home in homes]
    run(world)
    assert [Wish.objects.get(pk=one.pk).points for one in wishes] == [2, 0, 0, 2]


def test_among_who_came_early_the_draw_decides_and_then_who_came_first():
    world = Summer(mode="early", early_until=IN_WINDOW + MINUTE)
    world.announced()
    late = [world.wishes(world.family(f"Tard{n}"), FIRST, now=IN_WINDOW + (9 - n) * MINUTE) for n in range(3)]
    early = [world.wishes(world.family(f"Tôt{n}"), FIRST, now=IN_WINDOW + n * MINUTE / 9) for n in range(4)]
    edge = world.wishes(world.family("Pile"), FIRST, now=IN_WINDOW + MINUTE)
    run(world)
    turns = {one.pk: one.turn for one in Wish.objects.all()}
    ranks = json.loads(world.campaign.file)["ranks"]
    drawn = sorted(early, key=lambda one: ranks[one.ticket])
    assert [turns[one.pk] for one in drawn] == [0, 1, 2, 3]
    assert [turns[one.pk] for one in (edge, *reversed(late))] == [4, 5, 6, 7]


def test_brothers_and_sisters_together_have_both_a_place_or_none_and_alone_each_its_own():
    world = Summer(places=1)
    world.announced()
    together = world.wishes(world.family("Roy", "Zoé", "Max"), FIRST, together=True)
    apart = world.wishes(world.family("Blanc", "Léa", "Tom"), SECOND)
    run(world)
    assert outcomes(together) == ["", ""]
    assert sorted(outcomes(apart)) == ["", "given"]


def test_a_child_counts_once_on_a_quota_and_is_never_at_two_places_at_once():
    world = Summer(places=0)
    gauge = world.gauge("Salle", 1)
    morning = world.slot(world.centre, "Matin", "08:00", "12:00", weekdays=[0], gauges=[gauge])
    noon = world.slot(world.centre, "Midi", "12:00", "13:00", weekdays=[0], gauges=[gauge])
    early = world.slot(world.centre, "Aube", "08:00", "12:00", weekdays=[0], capacity=5)
    early.excludes.add(morning)
    for slot in (morning, noon, early):
        world.opening(slot, FIRST)
    world.announced()
    home = world.family("Roy")
    zoe = world.children_of(home)[0].pk
    both = {world.unit(slot=morning): 1, world.unit(slot=noon): 1, world.unit(slot=early): 2}
    wish = world.wishes(home, each={zoe: both}, most=1)
    run(world)
    assert sorted(outcomes(wish)) == ["", "given", "given"]
    Campaign.objects.update(state="announced", most_given=2)
    world.campaign.refresh_from_db()
    again = world.wishes(home, each={zoe: both}, most=2)
    run(world)
    assert sorted(outcomes(again)) == ["", "given", "given"]
    (choice,) = receipt(world, again).choices
    assert [(plan.outcome, [one.gauge for one in plan.lacked]) for plan in choice.plans] == [
        ("given", []), ("", [""])
    ]  # fmt: skip


def test_a_child_of_two_homes_has_one_time():
    world = Summer(places=5)
    world.announced()
    one, other = world.family("Roy"), world.home("Blanc")
    zoe = world.children_of(one)[0]
    world.shared(zoe, one, other)
    world.enrolment(zoe, world.centre, other)
    CustodyPeriod.objects.all().delete()
    wishes = [world.wishes(home, FIRST) for home in (one, other)]
    run(world)
    assert sorted(outcomes(wishes[0]) + outcomes(wishes[1])) == ["", "given"]


def test_what_is_booked_already_or_kept_for_others_is_not_given():
    world = Summer(places=1)
    taken = world.family("Pris")
    world.booking(world.children_of(taken)[0], world.opening_on(FIRST))
    world.announced()
    wish = world.wishes(world.family("Roy"), FIRST, SECOND)
    run(world)
    assert outcomes(wish) == ["", "given"]


def test_a_run_is_done_again_and_only_before_it_is_published():
    world = Summer()
    world.announced()
    world.wishes(world.family("Roy"), FIRST)
    first = run(world).fingerprint
    again = campaign_simulate(actor=world.director, campaign_id=world.campaign.pk, now=OVER + MINUTE)
    assert again.fingerprint == first
    stranger = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Autre")))
    for service in (campaign_simulate, campaign_verify, campaign_publish):
        with pytest.raises(NotYours):
            service(actor=stranger, campaign_id=world.campaign.pk, now=OVER)
    with pytest.raises(CampaignRefused, match="not_verified"):
        campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    campaign_simulate(actor=world.director, campaign_id=world.campaign.pk, now=OVER + MINUTE)
    with pytest.raises(CampaignRefused, match="not_verified"):
        campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=OVER)


def test_what_is_run_again_while_the_verifier_reads_is_to_be_read_again(monkeypatch):
    world = Summer()
    world.announced()
    world.wishes(world.family("Roy"), FIRST)
    run(world)
    asks = running.verifier_asked

    def read_then_run_again(file: bytes) -> list[tuple[str, str]]:
        found = asks(file)
        Opening.objects.filter(pk=world.opening_on(FIRST).pk).update(state="closed")
        campaign_simulate(actor=world.director, campaign_id=world.campaign.pk, now=OVER + MINUTE)
        return found

    monkeypatch.setattr(running, "verifier_asked", read_then_run_again)
    with pytest.raises(CampaignRefused, match="moved"):
        campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    with pytest.raises(CampaignRefused, match="not_verified"):
        campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=OVER)


def test_homes_to_which_the_verifier_objects_wait_for_an_agent_and_the_rest_goes_out():
    world = Summer(places=2)
    world.announced()
    fine, wrong = world.family("Roy"), world.family("Blanc")
    world.wishes(fine, FIRST)
    bad = world.wishes(wrong, FIRST)
    run(world)
    content = json.loads(world.campaign.file)
    (home,) = [one for one in content["homes"] if one["ticket"] == bad.ticket]
    home["choices"][0]["given"] = []
    Campaign.objects.update(file=json.dumps(content))
    told = campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    assert told == [f"{bad.ticket}\u00a0: n’a pas reçu «\u00a01\u00a0», qui était possible"]
    campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=ANSWERS)
    while answers_go_out(now=ANSWERS):
        pass
    assert (len(states(fine)), states(wrong)) == (2, [])
    with pytest.raises(CampaignRefused, match="not_over"):
        campaign_end(actor=world.director, campaign_id=world.campaign.pk, now=UNTIL + MINUTE)
    wish_release(actor=world.director, campaign_id=world.campaign.pk, wish_id=bad.pk, now=ANSWERS)
    while answers_go_out(now=ANSWERS):
        pass
    assert len(states(wrong)) == 2


def test_an_objection_to_the_whole_or_a_file_that_cannot_be_read_lets_nothing_out(monkeypatch):
    world = Summer()
    world.announced()
    world.wishes(world.family("Roy"), FIRST)
    run(world)
    good = world.campaign.file
    Campaign.objects.update(file=good.replace(world.campaign.promise, "0" * 64))
    assert campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    with pytest.raises(CampaignRefused, match="not_verified"):
        campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    Campaign.objects.update(file="{}")
    with pytest.raises(CampaignRefused, match="unreadable"):
        campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)


def test_what_goes_out_is_offered_until_a_day_told_by_one_mail_and_given_once():
    world = Summer()
    world.announced()
    first, second = world.family("Roy"), world.family("Blanc")
    world.criterion("returning")
    wishes = [world.wishes(home, FIRST) for home in (first, second)]
    published(world)
    winner, loser = sorted(
        zip((first, second), wishes, strict=True), key=lambda one: Wish.objects.get(pk=one[1].pk).turn
    )
    assert states(winner[0]) == [("Zoé", "offered")] * 2
    assert {row.offered_until for row in Booking.objects.filter(state="offered")} == {UNTIL}
    assert states(loser[0]) == [("Zoé", "waiting")] * 2
    assert outcomes(loser[1]) == ["waiting"]
    for home in (first, second):
        assert Message.objects.filter(kind="campaigns/answer_there", family_id=home.family.pk).count() == 1
    assert Entry.objects.filter(verb="wishes.answered").count() == 2
    assert_counters_equal_bookings()
    assert answers_go_out(now=ANSWERS) == 0
    assert Booking.objects.count() == 4
    told = receipt(world, loser[1])
    (plan,) = told.choices[0].plans
    assert [(one.gauge, one.day, one.needed, one.left) for one in plan.lacked] == [
        ("Été · Journée", FIRST, 1, 0), ("Été · Journée", FIRST + TUESDAY, 1, 0)
    ]  # fmt: skip
    assert (plan.last_turn, told.turn, told.homes) == (0, 1, 2)


def test_a_home_takes_what_it_was_given_whole_or_gives_it_back_to_who_waits_whole():
    world = Summer()
    world.announced()
    homes = [world.family(name) for name in ("Roy", "Blanc")]
    wishes = [world.wishes(home, FIRST) for home in homes]
    published(world)
    (winner, _wish), (loser, _other) = in_turns(homes, wishes)
    give = {"campaign_id": world.campaign.pk, "now": ANSWERS + MINUTE}
    stranger = world.home("Ailleurs")
    with pytest.raises(NotYours):
        answer_given(actor=stranger.actor, key="0.1", accepts=True, **give)
    with pytest.raises(OfferImpossible):
        answer_given(actor=loser.actor, key="0.1", accepts=True, **give)
    with pytest.raises(OfferImpossible):
        answer_given(actor=winner.actor, key="0.2", accepts=True, **give)
    with pytest.raises(OfferImpossible):
        answer_given(
            actor=winner.actor, campaign_id=world.campaign.pk, key="0.1", accepts=True, now=UNTIL + 2 * MINUTE
        )
    answer_given(actor=winner.actor, key="0.1", accepts=True, **give)
    assert states(winner) == [("Zoé", "booked")] * 2
    with pytest.raises(OfferImpossible):
        answer_given(actor=winner.actor, key="0.1", accepts=False, **give)
    assert (
        campaign_end(actor=world.director, campaign_id=world.campaign.pk, now=UNTIL + MINUTE).state == "ended"
    )


def test_a_week_that_is_given_back_goes_whole_to_the_next_right_and_never_a_day_of_it():
    world = Summer()
    world.announced()
    homes = [world.family(name) for name in ("Roy", "Blanc", "Noir")]
    wishes = [world.wishes(home, FIRST) for home in homes]
    published(world)
    in_turn = [
        home
        for home, _wish in sorted(
            zip(homes, wishes, strict=True), key=lambda one: Wish.objects.get(pk=one[1].pk).turn
        )
    ]
    monday = Booking.objects.filter(family=in_turn[0].family).order_by("day").first()
    bookings_end(actor=SYSTEM, booking_ids=[monday.pk], cause=EndCause.STRUCTURE, now=ANSWERS)
    waiting_served(now=ANSWERS)
    assert {state for _name, state in states(in_turn[1])} == {"waiting"}
    answer_given(actor=in_turn[0].actor, campaign_id=world.campaign.pk, key="0.1", accepts=False, now=ANSWERS)
    waiting_served(now=ANSWERS)
    assert states(in_turn[1]) == [("Zoé", "booked")] * 2
    assert {state for _name, state in states(in_turn[2])} == {"waiting"}
    assert_counters_equal_bookings()


def test_what_is_left_without_an_answer_expires_and_goes_on():
    world = Summer()
    world.announced()
    homes = [world.family(name) for name in ("Roy", "Blanc")]
    for home in homes:
        world.wishes(home, FIRST)
    published(world)
    assert offers_expire(now=UNTIL + 2 * MINUTE) == 2
    waiting_served(now=UNTIL + 2 * MINUTE)
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 2


def test_places_gone_since_the_run_are_told_and_waited_for():
    world = Summer()
    world.announced()
    home = world.family("Roy")
    wish = world.wishes(home, FIRST)
    run(world)
    campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    other = world.family("Agent")
    world.booking(world.children_of(other)[0], world.opening_on(FIRST))
    campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=ANSWERS)
    while answers_go_out(now=ANSWERS):
        pass
    assert {state for _name, state in states(home)} == {"waiting"}
    (plan,) = receipt(world, wish).choices[0].plans
    assert (plan.why, plan.outcome) == ("full", "waiting")
    assert_counters_equal_bookings()


def test_a_killed_publishing_goes_on_where_it_was(monkeypatch):
    world = Summer(places=3)
    world.announced()
    homes = [world.family(f"F{n}") for n in range(3)]
    for home in homes:
        world.wishes(home, FIRST)
    run(world)
    campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=ANSWERS)
    told = publishing.tell_answer
    calls = []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return told(*args, **kwargs)

    monkeypatch.setattr(publishing, "tell_answer", dies)
    with pytest.raises(KeyboardInterrupt):
        answers_go_out(now=ANSWERS)
    assert Booking.objects.count() == 2
    while answers_go_out(now=ANSWERS):
        pass
    assert Booking.objects.filter(state="offered").count() == 6
    assert Message.objects.filter(kind="campaigns/answer_there").count() == 3
    assert_counters_equal_bookings()


def test_nobody_moves_or_lets_out_the_answer_of_its_own_home():
    world = Summer()
    world.announced()
    home = world.family("Roy")
    wish = world.wishes(home, FIRST)
    run(world)
    Post.objects.create(user=home.user, role=Role.DIRECTOR.value, structure=world.the_structure)
    own = {"actor": actor_for(User.objects.get(pk=home.user.pk)), "campaign_id": world.campaign.pk}
    with pytest.raises(OwnFile):
        answer_move(wish_id=wish.pk, choice=0, ranks=[], reason="Pour moi", now=OVER, **own)
    with pytest.raises(OwnFile):
        wish_release(wish_id=wish.pk, now=OVER, **own)


def test_one_is_moved_with_a_reason_where_there_is_room():
    world = Summer()
    world.announced()
    homes = [world.family(name) for name in ("Roy", "Blanc")]
    wishes = [world.wishes(home, FIRST, SECOND) for home in homes]
    run(world)
    first, second = sorted(Wish.objects.filter(pk__in=[one.pk for one in wishes]), key=lambda one: one.turn)
    assert (outcomes(first), outcomes(second)) == (["given", ""], ["", "given"])
    move = {"actor": world.director, "campaign_id": world.campaign.pk, "choice": 0, "now": OVER}

    def refused(wish: Wish, ranks: list[int], reason: str = "Décision du CCAS") -> str:
        with pytest.raises(MoveRefused) as refusal:
            answer_move(wish_id=wish.pk, ranks=ranks, reason=reason, **move)
        return refusal.value.code

    assert refused(first, [2]) == "full"
    assert refused(first, [], " ") == "reason"
    assert refused(first, [1]) == "same"
    assert refused(first, [3]) == "unknown"
    assert refused(first, [1, 2]) == "too_many"
    answer_move(wish_id=first.pk, ranks=[], reason="Ne vient plus", **move)
    answer_move(wish_id=second.pk, ranks=[1], reason="Décision du CCAS", **move)
    assert (outcomes(first), outcomes(second)) == (["", ""], ["given", ""])
    moved = AnswerMove.objects.get(wish=second)
    assert (moved.before, moved.after, moved.reason) == ([2], [1], "Décision du CCAS")
    assert Entry.objects.filter(verb="wishes.moved").count() == 2
    campaign_verify(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    campaign_publish(actor=world.director, campaign_id=world.campaign.pk, now=ANSWERS)
    while answers_go_out(now=ANSWERS):
        pass
    with pytest.raises(CampaignRefused, match="state"):
        answer_move(wish_id=first.pk, ranks=[2], reason="x", **move)
    assert Booking.objects.filter(state="offered", opening__in=world.open[FIRST]).count() == 2
    assert running.verifier_asked(world.campaign.file.encode()) == []
    assert Opening.objects.count() == 4
