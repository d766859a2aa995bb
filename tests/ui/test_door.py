"""The list of the door: escaped in every field, and light enough for a hundred and fifty children."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from marelle.ui.door import (
    DoorFetcher,
    DoorPlace,
    DoorRow,
    DoorSign,
    RowState,
    render_known,
    render_rows,
)

TICK = str(UUID(int=1))
ROW = DoorRow(
    child=34,
    initials="ZD",
    name="Zoé Durand-Lefèvre",
    detail="6–12 ans",
    url="/agents/presences/enfant/34/?structure=1&activite=2&jour=2026-12-02",
    places=(DoorPlace(12, TICK, TICK), DoorPlace(13)),
    state=RowState.HERE,
    told="Arrivé · 8 h 02",
    signs=(DoorSign("Allergie grave", "error"), DoorSign("PAI", "error"), DoorSign("sans porc", "info")),
    fetchers=(
        DoorFetcher("g12", "Camille Durand"),
        DoorFetcher("c4", "Mamie Jeanne"),
        DoorFetcher("", "Paul Martin", is_banned=True),
    ),
    leaves_alone=True,
    asks_times=True,
)
BAD = '<script>"&'


def test_every_text_is_escaped():
    row = replace(
        ROW,
        initials=BAD,
        name=BAD,
        detail=BAD,
        url=BAD,
        told=BAD,
        warning=BAD,
        signs=(DoorSign(BAD),),
        fetchers=(DoorFetcher("g1", BAD), DoorFetcher("", BAD, is_banned=True)),
    )
    page = render_rows([row])
    assert "<script" not in page
    assert page.count("&lt;script&gt;&quot;&amp;") == 9
    assert "1-34:&lt;script" in render_known([replace(ROW, places=(DoorPlace(1, BAD),))])


def test_a_hundred_and_fifty_children_are_light():
    rows = [ROW] * 150
    assert len((render_rows(rows) + render_known(rows)).encode()) < 135_000


def test_a_row_tells_the_script_its_openings_and_what_may_be_undone():
    page = render_rows([ROW])
    assert '<li id=c34 data-o="12,13" class="on al">' in page
    assert page.count("34 12,13") == 3
    assert "<s>Paul Martin</s>" in page
    assert f'value="12-34:{TICK}:{TICK}"' in render_known([ROW])
