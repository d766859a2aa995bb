"""Papers asked for once, recalled twice, never at night, and never for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.flows.papers.asked import paper_counts
from marelle.flows.papers.mails import papers_asked, papers_recalled, papers_told
from marelle.mail.models import Message
from marelle.papers.models import PaperAsked
from marelle.papers.selectors import PaperCounts
from tests.papers.world import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db

NOON = NOW.replace(hour=12)


@pytest.fixture
def world() -> Desk:
    world = Desk()
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    return world


def mails(kind: str) -> list[Message]:
    return list(Message.objects.filter(kind=f"papers/{kind}").order_by("pk"))


@pytest.mark.parametrize("about", ["family", "adult", "child"])
def test_a_missing_paper_is_asked_for_once(world, about):
    kind = world.paper_type("Attestation", about, needed_by=[world.wednesdays])
    assert papers_asked(now=NOON) == 1
    assert papers_asked(now=NOON) == 0
    (mail,) = mails("asked")
    assert "- Attestation" in mail.text
    assert "Accueil de loisirs d’Arelle" in mail.text
    assert PaperAsked.objects.get().paper_type == kind
    world.need(world.wednesdays, world.paper_type("Une de plus", about))
    assert papers_asked(now=NOON) == 1
    assert "Attestation" not in mails("asked")[1].text


def test_one_mail_says_all_and_names_no_document_of_health(world):
    world.paper_type("Attestation", needed_by=[world.wednesdays])
    world.paper_type("Domicile", "family", asked_of_all=True)
    world.paper_type("Vaccinations", needed_by=[world.wednesdays], is_health=True)
    assert papers_asked(now=NOON) == 1
    (mail,) = mails("asked")
    assert "- Attestation" in mail.text
    assert "- Domicile" in mail.text
    assert "- un document à voir dans votre espace" in mail.text
    assert "accination" not in mail.text


@pytest.mark.parametrize("why", ["given", "optional", "stopped", "requested", "over"])
def test_nothing_is_asked_for_nothing(world, why):
    kind = world.paper_type(
        needed_by=[world.wednesdays], mandatory=why != "optional", active=why != "stopped"
    )
    if why == "given":
        world.paper(kind, world.durand, world.zoe)
    elif why == "requested":
        world.zoe.enrolments.update(state="requested")
    elif why == "over":
        world.zoe.enrolments.update(ends_on=TODAY - timedelta(days=1))
    assert papers_asked(now=NOON) == 0
    assert not mails("asked")


def test_the_number_of_queries_does_not_grow_with_homes_that_wait_for_nothing(world, count_queries):
    with count_queries(1):
        papers_asked(now=NOON)
    kind = world.paper_type(needed_by=[world.wednesdays])
    for number in range(5):
        home = world.home(f"Foyer{number}")
        child = world.child(home, "Léo")
        world.enrolment(child, world.wednesdays, home)
        world.paper(kind, home, child)
    world.paper(kind, world.durand, world.zoe)
    with count_queries(1):
        papers_asked(now=NOON)


def test_recalled_at_thirty_days_then_at_seven(world):
    kind = world.paper_type(needed_by=[world.wednesdays])
    world.paper(kind, world.durand, world.zoe, "accepted", expires_on=TODAY + timedelta(days=31))
    sent = [papers_recalled(now=NOON + timedelta(days=days)) for days in range(35)]
    assert [day for day, count in enumerate(sent) if count] == [1, 24]
    first, second = mails("expiring")
    assert "valable jusqu’au 26 décembre 2026" in first.text
    assert f"/documents/{world.zoe.pk}/{kind.pk}/" in second.text


@pytest.mark.parametrize("why", ["renewed", "no longer asked", "other child", "stopped"])
def test_nothing_is_recalled_for_nothing(world, why):
    kind = world.paper_type(needed_by=[world.wednesdays], active=why != "stopped")
    owner = world.child(world.durand, "Léo") if why == "other child" else world.zoe
    world.paper(kind, world.durand, owner, "accepted", expires_on=TODAY + timedelta(days=5))
    if why == "renewed":
        world.paper(kind, world.durand, owner)
    elif why == "no longer asked":
        kind.needs.all().delete()
    assert papers_recalled(now=NOON) == 0


def test_of_the_home_and_asked_of_all_it_is_recalled_too(world):
    kind = world.paper_type("Domicile", "family", asked_of_all=True)
    world.paper(kind, world.durand, None, "accepted", expires_on=TODAY + timedelta(days=5))
    assert papers_recalled(now=NOON) == 1


def test_who_does_not_want_such_mails_gets_none(world):
    world.durand.user.notices = {"paper": False}
    world.durand.user.save()
    kind = world.paper_type(needed_by=[world.wednesdays])
    world.paper(kind, world.durand, world.zoe, "accepted", expires_on=TODAY + timedelta(days=5))
    papers_recalled(now=NOON)
    assert not mails("expiring")


def test_never_at_night_and_not_at_every_round(world):
    world.paper_type(needed_by=[world.wednesdays])
    assert papers_told(now=NOW) == 0
    assert papers_told(now=NOON) == 1
    world.paper_type("Une de plus", needed_by=[world.wednesdays])
    assert papers_told(now=NOON) == 0


def test_the_counts_of_the_dashboard(world, count_queries):
    kinds = [world.paper_type(f"Pièce {n}", needed_by=[world.wednesdays]) for n in range(4)]
    world.paper_type("Employeur", "adult", needed_by=[world.wednesdays])
    world.paper(kinds[0], world.durand, world.zoe, "refused")
    world.paper(kinds[1], world.durand, world.zoe, "accepted", expires_on=TODAY + timedelta(days=5))
    world.paper(kinds[2], world.durand, world.zoe)
    actor = world.durand.actor
    with count_queries(3):
        found = paper_counts(
            actor,
            people={world.zoe.pk, *(adult.pk for adult in world.durand.adults)},
            day=TODAY,
        )
    assert found == PaperCounts(to_send=2, refused=1, expiring=1)
