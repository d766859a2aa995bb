"""Whatever is changed in the engine of prices is found out, but for what changes nothing."""

from __future__ import annotations

import pytest

from tests.pricing.mutants import is_found, mutants

ALIKE = {
    ("days", "_order", "len(counted) > 1"),  # one child alone is in order
    ("amounts", "_of_brackets", "0"),  # brackets begin at 0: one always holds
    ("sets", "cheapest", "0"),  # where counting begins is the same for every cut
    ("sets", "_best", "1"),  # and how much each gap and each set counts
}


@pytest.mark.prove
def test_a_fault_planted_anywhere_is_found():
    assert {one[::2] + one[3:] for one in mutants() if not is_found(one)} == ALIKE


def test_a_fault_is_planted_and_found():
    one = next(one for one in mutants() if one.was == "min(max(floor, value), ceiling)")
    assert is_found(one)
    assert len(mutants()) > 150
