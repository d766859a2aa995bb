"""A ticket is ours, of its number, and of its time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marelle.room.tickets import (
    ENTRANCE_LIFE,
    TICKET_LIFE,
    Ticket,
    entrance_age,
    entrance_written,
    keys,
    mark_of,
    ticket_read,
    ticket_written,
)

OWN = keys()
TICKET = Ticket(0xFEED, 312, 1_800_000_000)


@given(st.integers(0, 2**63 - 1), st.integers(1, 2**40), st.integers(0, 2**33))
def test_what_is_written_is_read(epoch, number, at):
    ticket = Ticket(epoch, number, at)
    assert ticket_read(ticket_written(ticket, OWN), OWN, now=at + 5) == ticket


@given(st.data())
def test_no_sign_of_it_may_be_another(data):
    text = ticket_written(TICKET, OWN)
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[place]))
    assert ticket_read(text[:place] + sign + text[place + 1 :], OWN, now=TICKET.at) is None


@given(st.text(max_size=200))
def test_whatever_a_browser_sends_is_read(text):
    assert ticket_read(text, OWN, now=0) is None
    assert entrance_age(text, OWN, now=0) is None


def test_it_is_over_after_half_a_day_and_a_clock_that_went_back_takes_it():
    text = ticket_written(TICKET, OWN)
    assert ticket_read(text, OWN, now=TICKET.at + TICKET_LIFE - 1) == TICKET
    assert ticket_read(text, OWN, now=TICKET.at + TICKET_LIFE) is None
    assert ticket_read(text, OWN, now=TICKET.at - 7200) == TICKET


def test_a_former_secret_is_believed_and_a_foreign_one_is_not(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-one" * 9, [settings.SECRET_KEY]
    text = ticket_written(TICKET, OWN)
    assert ticket_read(text, keys(), now=TICKET.at) == TICKET
    settings.SECRET_KEY_FALLBACKS = []
    assert ticket_read(text, keys(), now=TICKET.at) is None


def test_what_lets_agents_in_is_no_ticket_and_no_ticket_lets_them_in():
    entrance = entrance_written(7, OWN, now=100)
    assert entrance_age(entrance, OWN, now=160) == 60
    assert entrance_age(entrance, OWN, now=100 + ENTRANCE_LIFE) is None
    assert entrance_age(ticket_written(TICKET, OWN), OWN, now=TICKET.at) is None
    assert ticket_read(entrance, OWN, now=100) is None


@given(st.text(min_size=1))
def test_a_session_leaves_a_mark(session):
    assert 1 <= mark_of(session) < 2**16
