"""A commission prepared, sat and answered; each "no" that it says."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta

import pytest

from marelle.accounts.models import User
from marelle.campaigns import verifier
from marelle.campaigns.commissions import deciding
from marelle.campaigns.commissions.answering import answer_note, sheet_answer
from marelle.campaigns.commissions.deciding import commission_propose, commission_send, sheet_decide
from marelle.campaigns.commissions.reading import (
    commissions_of,
    demands_looked_at,
    is_to_answer,
    sheet_of,
    to_answer,
    told_sheets,
)
from marelle.campaigns.commissions.receipts import missed_texts, names_of
from marelle.campaigns.commissions.refusals import AnswerRefused, CommissionRefused, DecisionRefused
from marelle.campaigns.commissions.services import (
    commission_add,
    commission_change,
    commission_remove,
    part_remove,
    section_add,
    sheet_fill,
    sheets_set,
)
from marelle.campaigns.models import Commission, CommissionSheet, SheetProof
from marelle.cases.models import Case
from marelle.cases.services import OwnFile
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.dashboard.rules import What
from marelle.flows.dashboard.selectors import dashboard
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post
from marelle.relay.services import care_withdraw
from tests.campaigns.commissions.world import NOW, NUMBER, SITS, Sitting
from tests.standing import built_once

pytestmark = pytest.mark.django_db

built = built_once(Sitting)
LATER = SITS + timedelta(days=3)


@pytest.fixture
def world(built, db) -> Sitting:
    return deepcopy(built)


def refused(code, kind=CommissionRefused):
    return pytest.raises(kind, check=lambda error: error.code == code)


def test_who_has_the_right_and_the_proof_is_given_the_place_and_the_other_is_told_why(world):
    tier, points = world.criterion("Parent isolé"), world.criterion("Fratrie", points=3)
    home = world.home("Roy")
    first, second = world.demand("Clara Weiss"), world.demand("Camille Roy", home=home)
    theirs, mine = world.looks_at(first, second)
    world.fill(theirs, points)
    world.fill(mine, tier)
    commission = world.sit()
    theirs, mine = world.sheet(first), world.sheet(second)
    assert (mine.turn, mine.tier, mine.met, mine.outcome) == (0, 0, ["Parent isolé"], "given")
    assert (mine.section, mine.proposed) == (world.section, world.section)
    assert not told_sheets(home.actor).exists()  # nothing has left
    assert (theirs.turn, theirs.tier, theirs.points, theirs.outcome) == (1, 1, 3, "waiting")
    (why,) = missed_texts(theirs, names_of([commission.pk]))
    assert "Multi-accueil · Grands" in why
    assert "plus de place le lundi" in why
    assert "jusqu’au tour 1\u00a0; le vôtre était le 2" in why
    file = json.loads(commission.file)
    assert verifier.faults(file) == []
    assert (file["promise"], file["seed"], file["public"]) == (commission.promise, commission.seed, NUMBER)
    assert "Weiss" not in commission.file


def test_a_criterion_counts_once_its_proof_is_seen_and_no_more_once_it_is_not(world):
    tier = world.criterion("Parent isolé")
    (sheet,) = world.looks_at(world.demand("Clara Weiss"))
    world.fill(sheet, tier)
    sheet_fill(actor=world.agent, sheet_id=sheet.pk, wishes=[], seen={tier.pk: " "}, now=NOW)
    assert not SheetProof.objects.exists()
    world.sit()
    assert world.sheet(sheet.request).tier == 1


def test_the_draw_alone_decides_between_equals(world):
    demands = [world.demand(name) for name in ("Ana A", "Bea B", "Chloé C", "Dora D")]
    world.looks_at(*demands)
    file = json.loads(world.sit().file)
    by_turn = sorted(map(world.sheet, demands), key=lambda one: one.turn)
    assert [file["ranks"][one.ticket] for one in by_turn] == [0, 1, 2, 3]


def test_only_open_demands_for_collective_care_that_fit_are_offered(world):
    fits = world.demand("Clara Weiss")
    world.demand("Odile Trop", birth_date=date(2022, 1, 1))
    world.demand("Ines Assmat", care="childminder")
    world.demand("Noa Vendredi", days=(4,))
    gone = world.demand("Camille Roy", home=(home := world.home("Roy")))
    care_withdraw(actor=home.actor, request_id=gone.pk, now=NOW)
    assert demands_looked_at(world.commission) == [fits]
    with pytest.raises(NotYours):
        world.looks_at(gone)


def test_what_is_withdrawn_before_the_run_is_not_in_it(world):
    home = world.home("Roy")
    gone, there = world.demand("Camille Roy", home=home), world.demand("Clara Weiss")
    world.looks_at(gone, there)
    care_withdraw(actor=home.actor, request_id=gone.pk, now=NOW)
    world.sit()
    assert (world.sheet(gone).turn, world.sheet(gone).outcome) == (None, "gone")
    assert world.sheet(there).turn == 0
    with refused("unknown", DecisionRefused):
        sheet_decide(
            actor=world.agent,
            sheet_id=world.sheet(gone).pk,
            outcome="waiting",
            section_id=None,
            reason="Non",
            now=SITS,
        )


def test_choosing_again_takes_away_what_was_shown_alone(world):
    first, second, hidden = (world.demand(name) for name in ("Ana A", "Bea B", "Chloé C"))
    world.looks_at(first, second, hidden)
    many = sheets_set(
        actor=world.agent,
        commission_id=world.commission.pk,
        request_ids=[second.pk],
        shown=[first.pk, second.pk],
        now=NOW,
    )
    kept = CommissionSheet.objects.order_by("number").values_list("request_id", "number")
    assert (many, list(kept)) == (2, [(second.pk, 2), (hidden.pk, 3)])


def test_it_is_run_with_all_that_it_needs_and_once(world):
    propose = {"actor": world.agent, "commission_id": world.commission.pk, "now": SITS}
    with refused("no_sheets"):
        commission_propose(**propose, number=NUMBER)
    world.looks_at(world.demand("Clara Weiss"))
    with refused("number"):
        commission_propose(**propose, number="  ")
    part_remove(
        actor=world.agent, commission_id=world.commission.pk, name="sections", pk=world.section.pk, now=NOW
    )
    with refused("no_places"):
        commission_propose(**propose, number=NUMBER)
    world.section = world.places("Petits", {"0": 1})
    world.sit()
    with refused("state"):
        world.sit()
    with refused("state"):
        world.places("Autres", {"0": 1})
    with refused("state"):
        world.fill(CommissionSheet.objects.get())
    with refused("state"):
        commission_remove(actor=world.agent, commission_id=world.commission.pk, now=SITS)
    with refused("state"):
        commission_change(
            actor=world.agent,
            commission_id=world.commission.pk,
            changes={"public_source": "Autre chose"},
            seen=None,
            now=SITS,
        )


def test_nothing_is_kept_of_a_run_to_which_the_verifier_objects_or_that_is_not_of_now(world, monkeypatch):
    (sheet,) = world.looks_at(world.demand("Clara Weiss"))
    tier = world.criterion("Parent isolé")
    monkeypatch.setattr(deciding, "verifier_asked", lambda _file: [("*", "tout est faux")])
    with refused("unverified"):
        world.sit()

    def changed_meanwhile(_file):
        world.fill(sheet, tier)
        return []

    monkeypatch.setattr(deciding, "verifier_asked", changed_meanwhile)
    with refused("moved"):
        world.sit()
    assert Commission.objects.get().state == "draft"
    assert world.sheet(sheet.request).turn is None


def test_the_commission_moves_with_a_reason_within_its_places(world):
    first, second = world.demand("Ana A"), world.demand("Bea B")
    world.looks_at(first, second)
    world.sit()
    served, waits = sorted(map(world.sheet, (first, second)), key=lambda one: one.turn)

    def decide(sheet, outcome, section=None, reason=""):
        return sheet_decide(
            actor=world.agent, sheet_id=sheet.pk, outcome=outcome, section_id=section, reason=reason, now=SITS
        )

    with refused("full", DecisionRefused):
        decide(waits, "given", world.section.pk, "Urgence")
    with refused("reason", DecisionRefused):
        decide(served, "waiting")
    with refused("reason", DecisionRefused):
        decide(waits, "refused", reason="  ")
    with refused("same", DecisionRefused):
        decide(waits, "waiting")
    with refused("unknown", DecisionRefused):
        decide(waits, "gone", reason="Urgence")
    with refused("unknown", DecisionRefused):
        decide(waits, "given", 0, "Urgence")
    decide(served, "waiting", reason="Une autre place lui est trouvée")
    decide(waits, "given", world.section.pk, "Urgence")
    assert (world.sheet(waits.request).outcome, world.sheet(waits.request).reason) == ("given", "Urgence")
    with refused("full", DecisionRefused):
        decide(served, "given", world.section.pk)
    decide(waits, "waiting")  # as the order said: no reason is needed, none stays
    assert world.sheet(waits.request).reason == ""
    moves = Entry.objects.filter(verb="commission.decided")
    assert {one.data["after"] for one in moves} == {"waiting", "given"}


def test_answers_leave_once_it_is_known_who_sat(world):
    home, paper = world.home("Roy"), world.home("Petit")
    Person.objects.filter(pk=paper.adult.pk).update(email="")
    given, waits = world.demand("Camille Roy", home=home, days=(0, 1)), world.demand("Clara Weiss")
    no, letter = (
        world.demand("Bea B", days=(1,)),
        world.demand("Max Petit", home=paper, email="", phone="0611"),
    )
    silent = world.demand("Ana A", email="", phone="06 11 22 33 44")
    gone = world.demand("Léa Martin", home=(leaving := world.home("Martin")))
    tier = world.criterion("Parent isolé")
    sheets = world.looks_at(given, waits, no, letter, silent, gone)
    world.fill(sheets[0], tier)
    world.sit()
    sheet_decide(
        actor=world.agent,
        sheet_id=sheets[2].pk,
        outcome="refused",
        section_id=None,
        reason="Déménage",
        now=SITS,
    )
    care_withdraw(actor=leaving.actor, request_id=gone.pk, now=SITS)
    with refused("members"):
        commission_send(actor=world.agent, commission_id=world.commission.pk, now=SITS)
    Message.objects.all().delete()
    assert [one.request for one in world.send()] == [silent]
    states = {
        one.request_id: (one.outcome, one.request.state) for one in map(world.sheet, (given, waits, no, gone))
    }
    assert states == {
        given.pk: ("given", "in_contact"),
        waits.pk: ("waiting", "in_contact"),
        no.pk: ("refused", "closed"),
        gone.pk: ("gone", "withdrawn"),
    }
    assert world.sheet(given).answer_until == date(2027, 4, 1)
    assert Case.objects.get(kind="care", subject_id=no.pk).state == "refused"
    told = {one.to: one for one in Message.objects.all()}
    assert set(told) == {given.email, waits.email, no.email, ""}
    assert told[""].channel == "letter"
    assert told[""].family_id == paper.family.pk
    assert "dans votre espace famille" in told[given.email].text
    assert "Déménage" in told[no.email].text
    assert "lundi" not in told[given.email].text  # what it is stands behind the login
    with refused("state"):
        world.send()


@pytest.fixture
def told(world) -> tuple[Sitting, CommissionSheet, CommissionSheet]:
    """One home was given the place, another demand waits."""
    home = world.home("Roy")
    mine, other = world.demand("Camille Roy", home=home), world.demand("Clara Weiss")
    tier = world.criterion("Parent isolé")
    sheet, _waits = world.looks_at(mine, other)
    world.fill(sheet, tier)
    world.sit()
    world.send()
    world.roy = home
    return world, world.sheet(mine), world.sheet(other)


def test_a_home_accepts_and_its_demand_is_found(told):
    world, sheet, _waits = told
    sheet_answer(actor=world.roy.actor, sheet_id=sheet.pk, accepts=True, now=LATER)
    sheet = world.sheet(sheet.request)
    assert (sheet.answer, sheet.request.state) == ("accepted", "found")
    assert "Multi-accueil · Grands" in sheet.request.answer
    assert Entry.objects.get(verb="commission.accepted").family_id == world.roy.family.pk
    with refused("over", AnswerRefused):
        sheet_answer(actor=world.roy.actor, sheet_id=sheet.pk, accepts=False, now=LATER)


def test_a_place_given_back_goes_to_who_waits_and_is_told_at_once(told):
    world, sheet, waits = told
    give = {"actor": world.agent, "sheet_id": waits.pk, "outcome": "given", "section_id": world.section.pk}
    with refused("full", DecisionRefused):
        sheet_decide(**give, reason="Place rendue", now=LATER)
    sheet_answer(actor=world.roy.actor, sheet_id=sheet.pk, accepts=False, now=LATER)
    assert world.sheet(sheet.request).request.state == "in_contact"
    sheet_decide(**give, reason="Place rendue", now=LATER)
    waits = world.sheet(waits.request)
    assert waits.answer_until == (LATER + timedelta(days=10)).date()
    assert Message.objects.filter(to=waits.request.email, kind="campaigns/commission_answer").count() == 2
    answer_note(actor=world.agent, sheet_id=waits.pk, accepts=True, now=LATER)
    assert world.sheet(waits.request).request.state == "found"
    with refused("unknown", DecisionRefused):
        sheet_decide(**(give | {"sheet_id": sheet.pk}), reason="Encore", now=LATER)


def test_a_place_is_kept_through_its_day_and_goes_after_it(told):
    world, sheet, waits = told
    last = SITS.replace(hour=23) + timedelta(days=10)
    over = last + timedelta(hours=2)
    give = {"actor": world.agent, "sheet_id": waits.pk, "outcome": "given", "section_id": world.section.pk}
    with refused("full", DecisionRefused):
        sheet_decide(**give, reason="Sans réponse", now=last)
    with refused("late", AnswerRefused):
        sheet_answer(actor=world.roy.actor, sheet_id=sheet.pk, accepts=True, now=over)
    sheet_decide(**give, reason="Sans réponse", now=over)
    with refused("over", AnswerRefused):  # sent in time, arrived after the other was given it
        sheet_answer(actor=world.roy.actor, sheet_id=sheet.pk, accepts=True, now=last)


def test_nobody_else_answers_reads_or_runs_it(told):
    world, sheet, waits = told
    martin = world.home("Martin")
    with pytest.raises(NotYours):
        sheet_answer(actor=martin.actor, sheet_id=sheet.pk, accepts=True, now=LATER)
    assert not told_sheets(martin.actor).exists()
    assert list(told_sheets(world.roy.actor)) == [sheet]
    nursery = actor_for(world.staff("creche", Role.DIRECTOR, structure=world.nursery))
    animator = actor_for(world.staff("animation", Role.ANIMATOR, structure=world.relay))
    elsewhere = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    for actor in (nursery, animator, elsewhere):
        assert not commissions_of(actor).exists()
        assert sheet_of(actor, sheet.pk) is None
        with pytest.raises(NotYours):
            answer_note(actor=actor, sheet_id=waits.pk, accepts=True, now=LATER)
        with pytest.raises(NotYours):
            commission_add(actor=actor, values={"structure": world.relay}, now=NOW)
    office = actor_for(world.staff("guichet", Role.OFFICE))
    assert sheet_of(office, sheet.pk) == sheet


def test_an_agent_decides_nothing_of_its_own_home(world):
    home = world.home("Roy")
    Post.objects.create(user=home.user, role=Role.DIRECTOR, structure=world.relay)
    own = actor_for(User.objects.get(pk=home.user.pk))
    (sheet,) = world.looks_at(world.demand("Camille Roy", home=home))
    with pytest.raises(OwnFile):
        sheet_fill(actor=own, sheet_id=sheet.pk, wishes=[], seen={}, now=NOW)
    world.sit()
    with pytest.raises(OwnFile):
        sheet_decide(actor=own, sheet_id=sheet.pk, outcome="refused", section_id=None, reason="Non", now=SITS)
    world.send()
    with pytest.raises(OwnFile):
        answer_note(actor=own, sheet_id=sheet.pk, accepts=True, now=LATER)


def test_places_are_of_a_nursery_of_the_same_authority(world):
    values = {"structure": world.relay, "name": "X", "min_months": 2, "max_months": 9, "places": {"0": 1}}
    with pytest.raises(NotYours):
        section_add(
            actor=world.agent,
            commission_id=world.commission.pk,
            values=values | {"starts_on": SITS.date()},
            now=NOW,
        )


def test_what_a_sheet_says_is_of_its_own_commission(world):
    other = Sitting.places  # a section of another commission
    (sheet,) = world.looks_at(world.demand("Clara Weiss"))
    own = world.commission
    world.commission = commission_add(
        actor=world.agent,
        values={
            "structure": world.relay, "name": "Autre", "sits_on": SITS.date(), "answer_days": 5,
            "public_source": "Loto",
        },
        now=NOW,
    )  # fmt: skip
    foreign, criterion = other(world, "Ailleurs", {"0": 1}), world.criterion("Ailleurs")
    for wishes, seen in (([foreign.pk], {}), ([], {criterion.pk: "vu"})):
        with pytest.raises(NotYours):
            sheet_fill(actor=world.agent, sheet_id=sheet.pk, wishes=wishes, seen=seen, now=NOW)
    with pytest.raises(NotYours):
        part_remove(actor=world.agent, commission_id=own.pk, name="criteria", pk=criterion.pk, now=NOW)
    commission_remove(actor=world.agent, commission_id=own.pk, now=NOW)
    assert not CommissionSheet.objects.exists()


def test_the_dashboard_of_the_home_says_that_a_place_is_kept_until_it_has_answered(world):
    home, other = world.home("Roy"), world.home("Weiss")
    mine, theirs = world.demand("Camille Roy", home=home), world.demand("Clara Weiss", home=other)
    world.looks_at(mine, theirs)
    world.sit()
    kept = world.sheet(mine if world.sheet(mine).outcome == "given" else theirs)
    holder, passed = (home, other) if kept.request_id == mine.pk else (other, home)
    assert not to_answer(holder.actor, SITS.date()).exists(), "nobody is told before it is sent"
    world.send()
    kept.refresh_from_db()
    for day in (kept.answer_until, kept.answer_until + timedelta(days=1)):
        for home_of, sheet in ((holder, kept), (passed, world.sheet(theirs if holder is home else mine))):
            found = to_answer(home_of.actor, day)
            assert [one.pk for one in found] == [sheet.pk] * is_to_answer(sheet, day), "one rule, said twice"
    assert [one.pk for one in to_answer(holder.actor, kept.answer_until)] == [kept.pk]
    assert not to_answer(passed.actor, kept.answer_until).exists()
    assert not to_answer(holder.actor, kept.answer_until + timedelta(days=1)).exists()
    told = dashboard(holder.actor, now=SITS + timedelta(days=1))
    assert [one.what for one in told.todo if one.what is What.NURSERY] == [What.NURSERY]
    assert told.waiting.nursery_until == kept.answer_until
    sheet_answer(actor=holder.actor, sheet_id=kept.pk, accepts=True, now=LATER)
    assert dashboard(holder.actor, now=LATER).waiting.nursery_until is None
