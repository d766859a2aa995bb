"""A class noted by hand at the moment when the list of the school is confirmed."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from marelle.families.services import schooling_set
from marelle.flows.year.pupils.services import ListMoved
from tests.flows.test_pupils import NOW, ZOE, Village, classes
from tests.races.stopped import wait_until_stopped
from tests.races.together import together_or_errors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.mark.parametrize("lines", [(ZOE,), ("PETIT;TOM;03/01/2017;CM1;",)], ids=["changes", "leaves"])
def test_a_class_noted_while_the_list_is_confirmed_is_not_written_over(lines: tuple[str, ...]) -> None:
    world = Village()

    def note(level: str) -> None:
        schooling_set(
            actor=world.office,
            child_id=world.zoe.pk,
            school_id=world.the_school.pk,
            school_year=2027,
            level=level,
            now=NOW,
        )

    note("CM1")
    row = world.sends(*lines)
    noting = transaction.atomic()
    noting.__enter__()
    note("CE2")

    def keep_once_the_list_waits() -> None:
        wait_until_stopped(1)
        noting.__exit__(None, None, None)

    (answer,) = together_or_errors(
        [lambda: world.confirms(row, left_on=date(2027, 9, 3))], once_started=keep_once_the_list_waits
    )
    assert isinstance(answer, ListMoved)
    assert classes(world.zoe)[2027][1] == "CE2"
