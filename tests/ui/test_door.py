"""The list of the door: escaped in every field, and light enough for a hundred and fifty children."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

from marelle.attendance.reading import tick_short
from marelle.ui.door import (
    DoorCount,
    DoorFetcher,
    DoorPlace,
    DoorRow,
    DoorSign,
    RowState,
    render_blanks,
    render_care,
    render_counts,
    render_enrolled,
    render_known,
    render_rows,
)

TICK = tick_short(UUID(int=1))
ROW = DoorRow(
    child=34,
    initials="ZD",
    name="Zoé Durand-Lefèvre",
    detail="6–12 ans",
    url="enfant/34/?structure=1&activite=2&jour=2026-12-02",
    places=(DoorPlace(12, TICK, TICK, RowState.HERE, "Arrivé · 8 h 02"), DoorPlace(13)),
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
        places=(DoorPlace(12, told=BAD + "!"),),
        signs=(DoorSign(BAD),),
        fetchers=(DoorFetcher("g1", BAD), DoorFetcher("", BAD, is_banned=True)),
    )
    page = render_rows([row])
    assert "<script" not in page
    assert page.count("&lt;script&gt;&quot;&amp;") == 10
    assert "34:1.&lt;script" in render_known([replace(ROW, places=(DoorPlace(1, BAD),))])
    counts = render_counts([DoorCount(BAD, BAD)], [])
    for page in (render_care([row], room=0), render_enrolled([row]), render_blanks([([1], row)]), counts):
        assert "<script" not in page
        assert "&lt;script" in page


def test_a_hundred_and_fifty_children_and_those_who_may_come_are_light():
    """Within 150 kB with the frame of the page: three slots each, all ticked."""
    places = tuple(DoorPlace(12_345 + number, TICK, TICK, ROW.state, ROW.told) for number in range(3))
    plain = replace(ROW, child=12_345, places=places, signs=(), fetchers=ROW.fetchers[:2], leaves_alone=False)
    sign = replace(plain, signs=ROW.signs[:1])
    rows, others = [sign, plain, plain] * 50, [sign, plain, plain] * 100
    listed = render_rows(rows) + render_known(rows) + render_enrolled(others)
    care = render_care(others, room=126_000 - len(listed))
    assert len((listed + care).encode()) < 135_000
    assert care.count("Allergie grave") == 100
    assert care.count("data-m") < 100


def test_of_those_who_may_come_what_must_be_seen_goes_before_what_there_is_room_for():
    others = [replace(ROW, child=1, signs=(), fetchers=ROW.fetchers[:2]), replace(ROW, child=2, signs=())]
    unknown = replace(ROW, child=3, is_known=False)
    told = "<p class=wh><s>Paul Martin</s></p>"
    brief = f'<li data-c=2 data-i="ZD" class=al data-m>{told}'
    assert render_care([*others, unknown], room=0) == f"<template id=door-care>{brief}</template>"
    everybody = render_care([*others, unknown], room=10_000)
    assert re.findall(r"data-c=(\d)", everybody) == ["2", "1"]
    assert everybody.count("Camille Durand") == 2
    assert "data-m" not in everybody


def test_a_row_tells_the_script_its_openings_and_what_may_be_undone():
    page = render_rows([ROW])
    assert '<li id=c34-12 class="on al">' in page
    assert page.count(" 34-12") == 3
    assert "<s>Paul Martin</s>" in page
    assert f'value="34:12.{TICK}.,13"' in render_known([ROW])
    places = (DoorPlace(12, TICK), DoorPlace(13, TICK, BAD, RowState.GONE, "Parti"))
    other = replace(ROW, places=places)
    assert f"34:12.{TICK},13.{TICK}.&lt;" in render_known([other])
    assert "data-o" not in page
    assert '<p hidden data-o=13 data-s="gone">Parti</p>' in render_rows([other])


def test_counts_have_the_words_of_their_number():
    gone = replace(ROW, child=35, state=RowState.GONE, expected=True)
    evening = replace(gone, places=(DoorPlace(20),), state=RowState.HERE)
    here = DoorCount("présent", "présents", (RowState.HERE,))
    came = DoorCount("venu", "venus", (RowState.HERE, RowState.GONE))

    def told(*rows: DoorRow) -> list[str]:
        page = render_counts([here, came, DoorCount("attendu", "attendus")], rows)
        return re.findall(r">([^<]+)</span>", page.replace("\xa0", " "))

    assert told(ROW, gone) == ["1 présent", "2 venus", "1 attendu"]
    assert told(gone, replace(gone, child=36)) == ["0 présent", "2 venus", "2 attendus"]
    assert told(gone, evening) == ["1 présent", "1 venu", "1 attendu"]
    assert told() == ["0 présent", "0 venu", "0 attendu"]
