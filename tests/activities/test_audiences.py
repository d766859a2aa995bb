"""For whom something is: each audience holds who is of it, as things stand on a day."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.activities.audiences import NOBODY, Audience, AudienceKind, Offered, Public, Within, is_of
from marelle.places.rules import Lived

HERE, NEAR, FAR = 1, 2, 3
CENTRE, OTHER = 10, 11
OURS, THEIRS = 20, 21
SCHOOL = 30
OF_SCHOOL = Audience(AudienceKind.SCHOOLS, frozenset({SCHOOL}))
DAY = date(2026, 12, 2)
OFFERED = Offered(CENTRE, OURS, residents=frozenset({HERE}), agreement=frozenset({NEAR}))
YEAR = (date(2025, 9, 1), date(2026, 8, 31))
THIS = (date(2026, 9, 1), date(2027, 8, 31))


def lives(commune: int, since: date = date(2020, 1, 1)) -> Public:
    return Public(lived=(Lived(since, commune),))


@pytest.mark.parametrize(
    ("audience", "public", "holds"),
    [
        (Audience(), NOBODY, True),
        (Audience(AudienceKind.RESIDENTS), lives(HERE), True),
        (Audience(AudienceKind.RESIDENTS), lives(NEAR), False),
        (Audience(AudienceKind.RESIDENTS), lives(HERE, since=date(2026, 12, 3)), False),
        (Audience(AudienceKind.RESIDENTS), NOBODY, False),
        (Audience(AudienceKind.AGREEMENT), lives(NEAR), True),
        (Audience(AudienceKind.AGREEMENT), lives(HERE), False),
        (Audience(AudienceKind.COMMUNES, frozenset({FAR})), lives(FAR), True),
        (Audience(AudienceKind.COMMUNES, frozenset({FAR})), lives(HERE), False),
        (Audience(AudienceKind.RETURNING), Public(stays=(Within(CENTRE, *YEAR),)), True),
        (Audience(AudienceKind.RETURNING), Public(stays=(Within(OTHER, *YEAR),)), False),
        (Audience(AudienceKind.RETURNING), Public(stays=(Within(CENTRE, *THIS),)), False),
        (Audience(AudienceKind.RETURNING), Public(stays=(Within(CENTRE, YEAR[1], YEAR[1]),)), True),
        (Audience(AudienceKind.RETURNING), Public(siblings=(Within(CENTRE, *YEAR),)), False),
        (Audience(AudienceKind.SIBLINGS), Public(siblings=(Within(CENTRE, *THIS),)), True),
        (Audience(AudienceKind.SIBLINGS), Public(siblings=(Within(CENTRE, DAY, DAY),)), True),
        (Audience(AudienceKind.SIBLINGS), Public(siblings=(Within(CENTRE, *YEAR),)), False),
        (Audience(AudienceKind.SIBLINGS), Public(siblings=(Within(OTHER, *THIS),)), False),
        (Audience(AudienceKind.SIBLINGS), Public(stays=(Within(CENTRE, *THIS),)), False),
        (OF_SCHOOL, Public(schools=(Within(SCHOOL, *THIS),)), True),
        (
            Audience(AudienceKind.SCHOOLS, frozenset({SCHOOL})),
            Public(schools=(Within(SCHOOL, *YEAR),)),
            False,
        ),
        (Audience(AudienceKind.SCHOOLS, frozenset({31})), Public(schools=(Within(SCHOOL, *THIS),)), False),
        (Audience(AudienceKind.STAFF), Public(employers=frozenset({OURS})), True),
        (Audience(AudienceKind.STAFF), Public(employers=frozenset({THEIRS})), False),
    ],
)
def test_who_is_of_an_audience(audience: Audience, public: Public, holds: bool) -> None:
    assert is_of(public, audience, OFFERED, DAY) is holds
