"""Numbers of the waiting room that several machines take from one database."""

from __future__ import annotations

import pytest

from marelle.activities.awaited import number_next
from tests.races.together import together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_each_number_is_given_once_and_later_ones_are_higher() -> None:
    first = number_next()
    taken = together([lambda: [number_next() for _visitor in range(20)] for _machine in range(4)])
    assert all(one == sorted(one) for one in taken)
    numbers = [number for one in taken for number in one]
    assert sorted(numbers) == list(range(first + 1, first + 81))
