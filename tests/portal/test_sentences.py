from __future__ import annotations

import pytest

from marelle.billing.imports.services import VERBS as IMPORTED
from marelle.bookings.absences import DECLARED, PROOF_DECIDED, PROOF_SENT, WITHDRAWN
from marelle.bookings.telling import (
    ANSWERED,
    OFFER_ACCEPTED,
    OFFER_DECLINED,
    OFFER_EXPIRED,
    OFFERED,
    PLACED,
    SAVED,
    TOLD,
)
from marelle.flows.feed import RENEWED
from marelle.journal.verbs import Verb
from marelle.portal.history.sentences import CELLS_TOLD, OTHER, RESULTS, SENTENCES, cells, sentence

BOOKINGS = (SAVED, PLACED, ANSWERED, DECLARED, WITHDRAWN, PROOF_SENT, *PROOF_DECIDED.values())
OFFERS = (OFFERED, OFFER_ACCEPTED, OFFER_DECLINED, OFFER_EXPIRED)


@pytest.mark.parametrize("verb", [*Verb, *BOOKINGS, RENEWED, *IMPORTED.values()])
def test_each_act_has_its_sentence(verb: str) -> None:
    assert verb in SENTENCES
    assert sentence(verb, "Camille") != str(OTHER).format(label="Camille")


def test_an_unknown_act_still_reads() -> None:
    assert sentence("x.y", "Zoé {0}") == "Modification enregistrée : Zoé {0}"


def test_a_save_tells_its_cells() -> None:
    assert {result.value for result in TOLD} | {"validated", "refused"} == set(RESULTS)
    cell = {"day": "2026-12-02", "slot": "Matin", "result": "booked"}
    assert cells({"cells": [cell]}) == "mercredi 2 décembre, Matin : réservé"
    assert cells({"cells": [cell] * (CELLS_TOLD + 2)}).endswith(" ; et 2 autres")
    assert cells({}) == ""
