"""Each trouble of the CAF or the MSA: its words, a trace that names nobody, and when it is asked again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.families.models import CafAgreement, ChangeRequest, Family, Member
from marelle.flows.incomes.caf import A_DAY, PER_MINUTE, agreements_asked
from marelle.journal.models import Entry
from tests.flows.incomes.village import (
    BEFORE,
    NOW,
    PAGE,
    Village,
    client_of,
    decide,
    give,
    held,
    parent,
    text,
    waits,
    waits_of,
)
from tests.particulier import (
    HTML,
    NOT_FOUND,
    QUOTIENT,
    Fake,
    quotient,
    wrong,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (NOT_FOUND, "n’ont trouvé personne de cet état civil, ou plusieurs"),
        (quotient(None, 2026, 10), "vous connaît, mais n’a pas calculé"),
        (wrong(422, "00366"), "n’est pas complet"),
        (wrong(502, "37999"), "ne répond pas en ce moment"),
        (wrong(504, "01504"), "met trop de temps"),
        (wrong(403, "00100"), "le service en est averti"),
        (wrong(429, "00429"), "attend son tour"),
        (HTML, "par sécurité, nous ne l’avons pas prise"),
        (quotient("900", 2026, 10), "par sécurité, nous ne l’avons pas prise"),
    ],
    ids=lambda found: found if isinstance(found, str) else "",
)
def test_each_trouble_has_its_words_and_leaves_the_other_way(
    world: Village, fake: Fake, caplog: Any, reply: Any, words: str
) -> None:
    fake.says = lambda: reply
    client = parent(world)
    answer = text(give(client))
    assert words in answer
    assert 'href="/famille/foyer/"' in answer
    assert words in text(client.get(PAGE)), "it is said again to who comes back"
    assert held() == BEFORE
    assert not ChangeRequest.objects.exists()
    assert not [said for said in ("LEFEBVRE", "1982", "08480", "Durand") if said in caplog.text]
    assert Entry.objects.get(verb="caf.asked").data == {"outcome": CafAgreement.objects.get().outcome}


def test_what_an_operator_mends_is_in_the_log(world: Village, fake: Fake, caplog: Any) -> None:
    fake.says = lambda: wrong(403, "00100")
    give(parent(world))
    assert f"rights. status 403, code 00100 (agreement {CafAgreement.objects.get().pk})" in caplog.text


def test_after_too_many_nobody_asks_until_it_says_so(world: Village, fake: Fake) -> None:
    """Who asks on all the same is banned for twelve hours."""
    fake.says = lambda: wrong(429, "00429", **{"Retry-After": "1800"})
    client = parent(world)
    give(client)
    row = CafAgreement.objects.get()
    assert row.due_at == NOW + timedelta(minutes=30)
    fake.says = None
    fake.asked.clear()
    assert "attend son tour" in text(client.post(f"{PAGE}{row.pk}/redemander/", follow=True))
    assert "attend son tour" in text(give(client_of(world.stranger.user)))
    assert agreements_asked(now=NOW + timedelta(minutes=29)) == 0
    assert fake.asked == []
    assert agreements_asked(now=NOW + timedelta(minutes=31)) == 2
    assert waits_of(world.home_)


def test_whoever_agrees_anew_does_not_end_the_pause(world: Village, fake: Fake) -> None:
    fake.says = lambda: wrong(429, "00429", **{"Retry-After": "1800"})
    client = parent(world)
    give(client)
    fake.says = None
    fake.asked.clear()
    assert "attend son tour" in text(give(client))
    assert agreements_asked(now=NOW + timedelta(minutes=29)) == 0
    assert fake.asked == []
    assert agreements_asked(now=NOW + timedelta(minutes=31)) == 1


def test_one_that_is_down_is_asked_again_by_itself(world: Village, fake: Fake) -> None:
    fake.says = lambda: wrong(503, "01503")
    give(parent(world))
    assert agreements_asked(now=NOW + timedelta(minutes=59)) == 0
    assert agreements_asked(now=NOW + timedelta(minutes=61)) == 1
    fake.says = None
    assert agreements_asked(now=NOW + timedelta(minutes=119)) == 0
    assert agreements_asked(now=NOW + timedelta(minutes=122)) == 1
    assert waits_of(world.home_)


def test_who_asks_too_fast_waits_for_a_minute(world: Village, fake: Fake) -> None:
    give(parent(world))
    row = CafAgreement.objects.get()
    for _one in range(PER_MINUTE - 1):
        row.pk = None
        row.save()
    fake.asked.clear()
    page = text(give(client_of(world.stranger.user)))
    assert "partira seule dans quelques minutes" in page
    assert fake.asked == []
    assert agreements_asked(now=NOW + timedelta(seconds=62)) == 1


def test_a_home_asks_a_few_times_a_day(world: Village, fake: Fake) -> None:
    client = parent(world)
    give(client)
    again = f"{PAGE}{CafAgreement.objects.get().pk}/redemander/"
    for _one in range(A_DAY - 1):
        client.post(again)
    fake.asked.clear()
    assert "recommencez demain" in text(client.post(again, follow=True))
    assert "recommencez demain" in text(give(client, birth_name="FAKIR"))
    assert agreements_asked(now=NOW + timedelta(minutes=2)) == 0, "nor by agreeing for somebody else"
    assert fake.asked == []


JANUARY = datetime(2027, 1, 10, 6, tzinfo=PARIS)


def test_it_is_asked_again_each_january(world: Village, fake: Fake) -> None:
    give(parent(world))
    decide(world, waits(), answer="accept")
    assert CafAgreement.objects.get().due_at == JANUARY
    fake.asked.clear()
    fake.replies["LEFEBVRE", QUOTIENT] = quotient(950, 2027, 1)
    assert agreements_asked(now=JANUARY - timedelta(seconds=1)) == 0
    assert agreements_asked(now=JANUARY) == 1
    assert agreements_asked(now=JANUARY + timedelta(minutes=5)) == 0
    assert len(fake.asked) == 1
    assert waits().asked_by == "Marelle"
    assert CafAgreement.objects.get().due_at == datetime(2028, 1, 10, 6, tzinfo=PARIS)


@pytest.mark.parametrize("why", ["no child is enrolled", "the home has left", "it lives there no more"])
def test_nobody_is_asked_about_who_is_not_there_any_more(world: Village, fake: Fake, why: str) -> None:
    give(parent(world))
    if why == "no child is enrolled":
        Enrolment.objects.update(ends_on=date(2026, 12, 31))
    elif why == "the home has left":
        Family.objects.update(left_on=date(2026, 12, 31))
    else:
        Member.objects.filter(person=world.home_.adult).update(until=date(2026, 12, 31))
    fake.asked.clear()
    assert agreements_asked(now=JANUARY) == 0
    assert fake.asked == []


def test_many_are_asked_a_few_a_minute(world: Village, fake: Fake) -> None:
    give(parent(world))
    row = CafAgreement.objects.get()
    for _one in range(PER_MINUTE + 4):
        row.pk = None
        row.save()
    CafAgreement.objects.update(due_at=JANUARY, asked_at=None)
    fake.asked.clear()
    for one in range(10):
        agreements_asked(now=JANUARY + timedelta(seconds=3 * one))
    assert len(fake.asked) == PER_MINUTE
    assert agreements_asked(now=JANUARY + timedelta(seconds=90)) > 0
