"""The desk: what waits is filtered, looked for and counted; a decision opens the next; how long it took."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from marelle.agents.cases import KINDS
from marelle.agents.desk.queue import wanted
from marelle.cases.models import Case
from marelle.cases.rules import percentile
from marelle.cases.services import CaseState, Subject, decide_case, open_case
from marelle.core.actor import Role
from marelle.families.finding.index import families_index
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.cases import Wanted
from marelle.flows.desk.delays import delays
from tests.agents.every_kind import NOW, EveryKind
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


built = built_once(EveryKind, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> EveryKind:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world) -> Client:
    return logged(world.staff("guichet2", Role.OFFICE))


def waits(world: Scenario, kind: str, number: int, at: datetime = NOW, **scope: int | None) -> Case:
    scope = {"authority_id": world.the_authority.pk, "structure_id": world.the_structure.pk, **scope}
    subject = Subject(kind, number, f"Enfant {number} · Quelque chose")
    return open_case(actor=world.durand.actor, kind=kind, subject=subject, now=at, **scope)


def test_filtered_by_kind_and_by_structure(world, office):
    elsewhere = world.structure("Accueil d’ailleurs")
    waits(world, "enrolment", 900, structure_id=elsewhere.pk)
    page = text(office.get("/agents/?nature=enrolment"))
    assert "2 demandes" in page
    assert world.pages["end"] not in page
    assert f'href="{world.pages["enrolment"]}?nature=enrolment"' in page
    page = text(office.get(f"/agents/?structure={elsewhere.pk}"))
    assert "1 demande" in page
    assert "Enfant 900" in page


@pytest.mark.parametrize(
    "query",
    [
        *("nature=x", "structure=-1", "structure=%00", "structure=²", f"structure={'9' * 5000}"),
        *("page=0", "page=x", "q=%00", f"fait={'9' * 5000}"),
    ],
)
def test_nonsense_filters_nothing_or_finds_nothing(world, office, query):
    assert office.get(f"/agents/?{query}").status_code == 200


def test_found_by_a_child_or_a_family_without_accents(world, office):
    families_index([world.durand.family.pk], day=NOW.date())
    waits(world, "message", 901, at=NOW, family_id=None)
    assert "Zoé Durand" in text(office.get("/agents/?q=zoe"))
    assert "Enfant 901" in text(office.get("/agents/?q=enfant 901"))
    assert "Enfant 901" in text(office.get("/agents/?q=quélque CHOSE"))
    assert "Rien ne correspond" in text(office.get("/agents/?q=martinet"))


def test_fifty_by_page_and_the_page_of_a_case_is_the_one_where_it_stands(world, office, count_queries):
    url = world.pages["end"]
    with count_queries() as few:
        office.get("/agents/")
    for number in range(60):
        waits(world, "message", 1000 + number, at=NOW - timedelta(days=2))
    with count_queries(at_most=len(few)):
        page = office.get("/agents/")
    assert len(page.context["lines"]) == 50
    assert "la plus ancienne a 2\u00a0jours" in text(page)
    opened = office.get(url)
    assert 'href="/agents/?page=2"' in text(opened)
    assert [line.url for line in opened.context["desk"].lines if line.current] == [url]


def test_deciding_opens_the_next_of_the_filter_and_the_last_leads_to_the_list(world, office):
    where, data = world.answers["end"]
    answer = office.post(f"{where}?nature=enrolment", data)
    assert answer.url.startswith(f"{world.pages['enrolment']}?nature=enrolment&fait=")
    where, data = world.answers["absence"]
    alone = f"{world.pages['absence']}?nature=absence"
    assert '<nav class="steps"' in text(office.get(alone))
    answer = office.post(f"{where}?nature=absence", data)
    assert answer.url.startswith("/agents/?nature=absence&fait=")
    assert "Annuler la décision" in text(office.get(answer.url))
    assert '<nav class="steps"' not in text(office.get(alone))


def test_the_menu_counts_what_the_agent_decides(world, office):
    waits(world, "message", 902)
    waits(world, "message", 903, authority_id=world.authority("Ailleurs").pk, structure_id=None)
    menu = text(office.get("/agents/fermetures/")).split("</nav>")[0]
    count = Case.objects.open().exclude(subject_id=903).count()
    assert f"<em>{count}<" in menu
    assert "<em>1<" in menu
    animator = logged(world.staff("animation", Role.ANIMATOR))
    assert "<em>" not in text(animator.get("/agents/sante/"))
    first_page = text(animator.get("/agents/")).partition("<main")[2]
    assert 'href="/agents/presences/"' in first_page


def test_how_long_cases_waited(world):
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    office = actor_for(world.staff("guichet4", Role.OFFICE))
    for number, days in enumerate((1, 2, 3, 10)):
        case = waits(world, "care", 2000 + number, at=NOW - timedelta(days=days))
        decide_case(actor=office, case_id=case.pk, state=CaseState.ACCEPTED, now=NOW)
    old = waits(world, "care", 2010, at=NOW - timedelta(days=90))
    decide_case(actor=office, case_id=old.pk, state=CaseState.REFUSED, now=NOW - timedelta(days=40))
    waits(world, "care", 2011, at=NOW - timedelta(days=8))
    waits(world, "care", 2012, at=NOW - timedelta(days=7))
    (line,) = [one for one in delays(director, longer_than=timedelta(days=7), now=NOW) if one.kind == "care"]
    assert (line.month.count, line.month.median, line.month.ninetieth) == (4, 2, 10)
    assert (line.year.count, line.year.ninetieth) == (5, 50)
    assert (line.waiting, line.too_long) == (2, 1)
    elsewhere = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    assert delays(elsewhere, longer_than=timedelta(days=7), now=NOW) == []


def test_the_page_of_delays(world, office, count_queries):
    with count_queries() as few:
        page = text(office.get("/agents/delais/?jours=15"))
    assert "Depuis plus de 15 jours" in page
    for number in range(20):
        waits(world, "message", 3000 + number, at=NOW - timedelta(days=20))
    with count_queries(at_most=len(few)):
        page = text(office.get("/agents/delais/?jours=15"))
    assert 'class="tag warn">20<' in page
    assert office.get("/agents/delais/?jours=deux").status_code == 200


@given(st.lists(st.integers(0, 400), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_enough_do_not_pass(values, percent):
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_a_percentile_of_nothing():
    assert percentile([], 50) is None
    with pytest.raises(ValueError, match="0"):
        percentile([1], 0)


def test_what_an_address_asks_for():
    assert wanted({"nature": "end", "structure": "3", "q": "  zoé   durand "}) == Wanted(
        "end", 3, "zoé durand"
    )
    assert wanted({"structure": str(10**30)}) == Wanted()


def test_no_kind_of_case_differs_from_another_by_an_s_alone():
    """« Pointage » and « Pointages » stood one under the other in the list of kinds."""
    shorts = [str(kind.short).rstrip("s") for kind in KINDS.values()]
    assert len(set(shorts)) == len(shorts)
