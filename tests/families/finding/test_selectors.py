"""The best first, each word needed; and the index follows the files."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.core.management import call_command

from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.families.finding.index import families_index
from marelle.families.finding.selectors import families_matching
from marelle.families.models import Member, SearchKey, SearchWord
from marelle.families.services import NewAdult, NewChild, family_create
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY = NOW.date()


def create(name: str, *first_names: str, child: str = "Zoé", phone: str = "", email: str = "") -> int:
    return family_create(
        actor=SYSTEM,
        name=name,
        adults=[NewAdult(first, first, name, email, phone) for first in first_names],
        children=[NewChild(child, name, birth_date=date(2019, 3, 4))],
        since=date(2026, 9, 1),
        now=NOW,
    ).family_id


def found(query: str, limit: int = 10) -> list[int]:
    return [match.id for match in families_matching(query, limit=limit)]


@pytest.fixture
def lefebvre() -> int:
    create("Martin", "Sacha", child="Lou", phone="+33639982002")
    return create("Lefebvre", "Élodie", "Jean-Marc", phone="+33639981001", email="Elodie.L@famille.example")


@pytest.mark.parametrize(
    "query",
    [
        "lefebvre", "LEFÈBVRE", "lef", "lefebver", "lefevbre", "lefbvre", "zoe lefebvre",
        "Lefebvre Zoé", "elod", "jeanmarc", "jean marc", "06 39 98 10 01", "+33639981001",
        "0639981", "elodie.l@famille.example", "elodie.l@",
    ],
)  # fmt: skip
def test_found_by_name_first_name_telephone_mail_or_child(lefebvre, query):
    assert found(query) == [lefebvre]


@pytest.mark.parametrize(
    "query", ["", "  ", "l", "lou lefebvre", "lefe martin", "dupont", "%", "le_ebvre", "0639981003"]
)
def test_each_word_is_needed_and_signs_mean_nothing(lefebvre, query):
    assert found(query) == []


def test_found_by_the_number_with_or_without_its_zeros(lefebvre):
    assert found(f"{lefebvre:06}") == found(str(lefebvre)) == [lefebvre]


def test_the_very_word_comes_before_its_beginning_and_before_a_mistake():
    martine, marti, martin = create("Martine", "A"), create("Morten", "B"), create("Martin", "C")
    assert found("martin") == [martin, martine]
    assert found("marten") == [martin, marti] or found("marten") == [marti, martin]
    assert found("martin", limit=1) == [martin]


def test_a_home_no_more_found_by_who_left_it_and_no_key_is_kept(lefebvre):
    Member.objects.filter(family_id=lefebvre, person__first_name="Jean-Marc").update(until=date(2026, 11, 1))
    families_index([lefebvre], day=TODAY)
    assert found("jeanmarc") == []
    assert found("lefebvre") == [lefebvre]
    assert not SearchKey.objects.filter(word="jeanmarc").exists()
    assert SearchKey.objects.filter(word="zoe").exists() is SearchWord.objects.filter(word="zoe").exists()


def test_written_again_it_is_the_same(lefebvre):
    before = sorted(SearchWord.objects.values_list("family_id", "word"))
    keys = sorted(SearchKey.objects.values_list("key", "word"))
    call_command("search_index", verbosity=0)
    assert sorted(SearchWord.objects.values_list("family_id", "word")) == before
    assert sorted(SearchKey.objects.values_list("key", "word")) == keys


def test_a_home_without_index_is_not_found_until_it_is_written():
    world = Scenario()
    home = world.home("Durand")
    assert found("durand") == []
    world.searchable()
    assert found("durand") == [home.family.pk]
