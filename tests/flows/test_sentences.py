from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from marelle.bookings.rules import QUEUE_ORDER
from marelle.bookings.saving.refusing import PASSED_BY_DEROGATION
from marelle.bookings.saving.telling import TOLD
from marelle.enrolments.rules import WITHOUT
from marelle.flows.journal.sentences import (
    CELLS_TOLD,
    OTHER,
    PASSED,
    RESULTS,
    SENTENCES,
    cells,
    derogation_text,
    detail,
    sentence,
)
from marelle.flows.upkeep.journal_purge import LOGS_OF_ACCESS
from marelle.journal.verbs import Verb
from marelle.papers.rules import PaperState
from marelle.portal.history.filters import KINDS, PERIODS, Wanted, verbs_of, wanted
from tests.verbs import verbs_written

COMPUTED = [f"paper.{state.value}" for state in (PaperState.ACCEPTED, PaperState.REFUSED)]


@pytest.mark.parametrize("verb", sorted({*verbs_written(), *Verb, *COMPUTED}))
def test_each_act_has_its_sentence(verb: str) -> None:
    assert verb in SENTENCES
    assert sentence(verb, "Camille") != str(OTHER).format(label="Camille")


def test_verbs_are_found_in_the_code() -> None:
    assert {"booking.saved", "enrolment.requested", "message.sent", "calendar.renewed"} <= verbs_written()
    assert set(LOGS_OF_ACCESS) <= set(SENTENCES)


def test_no_sentence_is_left_over() -> None:
    assert set(SENTENCES) - verbs_written() - {*Verb, *COMPUTED} == set()


def test_an_unknown_act_still_reads() -> None:
    assert sentence("x.y", "Zoé {0}") == "Modification enregistrée : Zoé {0}"


def test_a_save_tells_its_cells() -> None:
    assert {result.value for result in TOLD} | {"validated", "refused"} == set(RESULTS)
    cell = {"day": "2026-12-02", "slot": "Matin", "result": "booked"}
    assert cells({"cells": [cell]}) == "mercredi 2 décembre, Matin : réservé"
    assert cells({"cells": [cell] * (CELLS_TOLD + 2)}).endswith(" ; et 2 autres")
    assert cells({}) == ""


def test_an_absence_tells_its_days() -> None:
    assert detail({"days": ["2026-12-02"]}) == "mercredi 2 décembre"
    assert detail({"days": ["2026-12-02"] * (CELLS_TOLD + 1)}).endswith(" ; et 1 autre")


def test_each_kind_of_act_holds_something_and_none_holds_what_another_does() -> None:
    found = [verbs_of(kind) for kind in KINDS]
    assert all(found)
    assert sum(len(verbs) for verbs in found) == len(frozenset().union(*found))


def test_an_address_that_asks_for_nonsense_asks_for_everything() -> None:
    assert wanted({"nature": "<b>", "periode": "1850"}) == Wanted()
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert wanted({"periode": next(iter(PERIODS))}).since(now) == now - timedelta(days=30)


def test_each_rule_that_a_derogation_passes_has_its_name():
    codes = {*PASSED_BY_DEROGATION, *WITHOUT, QUEUE_ORDER}
    assert codes <= PASSED.keys()
    assert all(derogation_text("Urgence", [code]) != derogation_text("Urgence", []) for code in codes)
