"""The page of who waits, as bytes: made once a minute, whatever the database does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from marelle.shell.waiting import WaitingPage, ahead_text, wait_text
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def test_it_is_whole_with_the_name_of_the_authority_and_nothing_inline() -> None:
    authority = Scenario().the_authority
    page = WaitingPage()(1234, 5, writes=False).decode()
    assert "<title>Salle d’attente" in page
    assert authority.name in page
    assert "1\u202f234 personnes" in page
    assert "environ 5 minutes" in page
    assert "%" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert "n’a pas été lu" not in page
    assert "n’a pas été lu" in WaitingPage()(0, None, writes=True).decode()
    # Nothing leads to a page for which one waits but the page itself.
    assert 'href="/connexion/"' not in page


def test_it_costs_no_query_but_once_a_minute_and_lives_without_a_database(caplog) -> None:
    now = [0.0]
    page = WaitingPage(clock=lambda: now[0])
    name = Scenario().the_authority.name
    page(1, 1, writes=False)

    def away(*_asked: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        assert name in page(2, 1, writes=False).decode()
        assert not caplog.text
        now[0] += 61
        assert name in page(2, 1, writes=False).decode()
        assert "could not be made anew" in caplog.text
        bare = WaitingPage()(2, None, writes=False).decode()
    assert "Salle d’attente" in bare
    assert "2 personnes" in bare


def test_what_is_told_is_a_phrase() -> None:
    assert ahead_text(0) == "personne, c’est à vous dans un instant"
    assert ahead_text(1) == "1 personne"
    assert wait_text(None) == "pas encore connue"
    assert wait_text(1) == "moins d’une minute"
    assert wait_text(15) == "environ 15 minutes"
