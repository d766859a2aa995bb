from __future__ import annotations

import pytest

from marelle.journal.verbs import Verb
from marelle.portal.history.sentences import OTHER, SENTENCES, sentence


@pytest.mark.parametrize("verb", list(Verb))
def test_each_act_on_an_account_has_its_sentence(verb: Verb) -> None:
    assert verb in SENTENCES
    assert sentence(verb, "Camille") != str(OTHER).format(label="Camille")


def test_an_unknown_act_still_reads() -> None:
    assert sentence("x.y", "Zoé {0}") == "Modification enregistrée : Zoé {0}"
