"""The grid's renderer: escaping, accessible names, what it posts, weight and speed."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html import escape, unescape
from html.parser import HTMLParser
from json import loads
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.ui.grid import CellKind, Grid, GridCell, GridColumn, GridColumnGroup
from marelle.ui.planning import render_grids, render_legend, seen_keys
from tests.ui import samples


class Names(HTMLParser):
    """Text by id, and the ids that name each control, by its name and value."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.named_by: dict[tuple[str, str], list[str]] = {}
        self.tags: list[str] = []
        self._open: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if tag in {"input", "select"} and "aria-labelledby" in values:
            key = (values["name"] or "", values.get("value") or "")
            self.named_by[key] = (values["aria-labelledby"] or "").split()
        if tag in {"input", "option"}:
            return
        self._open.append(values.get("id"))
        if values.get("id"):
            assert values["id"] not in self.texts, "an id is used twice"
            self.texts[values["id"] or ""] = ""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the signature is the library’s
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for ident in self._open:
            if ident:
                self.texts[ident] = f"{self.texts[ident]} {data}".strip()

    def name(self, control: str, value: str = "") -> str:
        return " ".join(self.texts[ident] for ident in self.named_by[control, value])


def rendered(grids: Sequence[Grid]) -> str:
    return render_grids(grids, now=samples.NOW)


def test_the_script_is_given_its_words_and_those_of_each_limit() -> None:
    html = rendered([samples.week()])
    said = loads(unescape(re.search(r'data-limits="([^"]*)"', html)[1]))
    assert said == {str(int(samples.LIMIT.timestamp())): "jusqu’à demain 18\u00a0h"}
    assert {"ajout|ajouts", "{limit} pour {day}"} <= set(re.findall(r'data-\w+="([^"]*)"', html))


def one_cell(cell: GridCell, text: str = "Repas") -> Grid:
    groups = (GridColumnGroup(text, text, (GridColumn("k", text, text),)),)
    return Grid(text, groups, (samples.row(date(2026, 12, 1), cell),), who=text)


def test_a_checkbox_is_named_by_slot_activity_child_date_state_and_limit() -> None:
    name = Names(rendered([samples.week()])).name("c", "25")
    for part in (
        "Matin",
        "7 h 15 – 8 h 30",
        "Périscolaire",
        "Zoé",
        "Mardi 1 décembre",
        "libre",
        "ce soir 18 h",
    ):
        assert part in name


def test_selects_by_the_hour_are_named_and_keep_their_hours() -> None:
    html = rendered([samples.by_the_hour()])
    names = Names(html)
    assert names.name("h-h3-a").startswith("Arrivée Accueil")
    assert names.name("h-h3-d").startswith("Départ Accueil")
    assert html.count('value="08:00" selected') == 1
    assert html.count('value="17:00" selected') == 1


def test_ids_are_unique_over_several_tables() -> None:
    html = rendered([samples.week(), samples.every_state(), samples.by_the_hour()])
    assert Names(html).tags.count("table") == 3
    assert html.count('name="seen"') == 1


def test_what_is_saved_is_posted_as_seen_and_what_is_wanted_is_ticked() -> None:
    grid = samples.week()
    assert seen_keys([grid]) == ["26", "41", "46", "51", "56"]
    html = rendered([grid])
    assert 'name="seen" value="26 41 46 51 56"' in html
    ticked = re.findall(r'value="(\d+)"[^>]*\bchecked', html)
    assert ticked == ["31", "32", "41", "46", "51", "56"]


def test_unsaved_input_tells_the_script_what_to_come_back_to() -> None:
    html = rendered([samples.week()])
    assert 'data-k="free" data-w="libre" data-d="jusqu’à demain 12 h"' in html
    assert 'data-k="on" data-w="Réservé"' in html


def test_a_booking_past_its_limit_is_still_shown_as_booked() -> None:
    html = rendered([one_cell(samples.KEPT)])
    assert '<td class="c lock on">' in html
    assert "<b>Réservé</b><small>délai dépassé</small>" in html
    assert "checkbox" not in html


def test_a_closed_cell_says_why_and_one_without_reason_is_marked_as_bare() -> None:
    assert "Noël" in rendered([one_cell(GridCell(CellKind.CLOSED, detail="Noël"))])
    assert 'class="c shut bare"' in rendered([one_cell(GridCell(CellKind.CLOSED))])


def test_bundle_limit_link_and_whole_name() -> None:
    cell = replace(samples.free("9"), bundle="b7", label="Semaine entière", disabled=True)
    html = rendered([one_cell(cell)])
    assert (
        f'aria-label="Semaine entière" data-t={int(samples.LIMIT.timestamp())} data-b="b7" disabled' in html
    )
    linked = GridCell(
        CellKind.LOCKED, checked=True, link_url="/absence/?a=1&b=2", link_label="Déclarer une absence"
    )
    assert '<a href="/absence/?a=1&amp;b=2">Déclarer une absence</a>' in rendered([one_cell(linked)])
    assert '</label><div><i></i><small><a href="/absence/' in rendered(
        [one_cell(replace(linked, key="9", editable=True))]
    )


def test_weeks_are_set_apart() -> None:
    assert rendered([samples.month()]).count("<tbody>") == 5


def test_a_row_must_have_a_cell_for_each_column() -> None:
    grid = samples.week()
    short = replace(grid.rows[0], cells=grid.rows[0].cells[:-1])
    with pytest.raises(ValueError, match="longer"):
        rendered([replace(grid, rows=(short,))])


def test_no_grid_at_all_and_a_grid_without_rows() -> None:
    assert "<table" not in rendered([])
    assert "</table>" in rendered([Grid("Rien", samples.GROUPS, ())])


def test_the_legend_always_has_the_usual_states_and_adds_the_rare_ones() -> None:
    usual = render_legend([])
    assert "liste d’attente" in usual
    assert "réservé par l’autre foyer" not in usual
    full = render_legend([samples.every_state()])
    assert full.count("<li>") == len(CellKind)


@pytest.mark.parametrize("kind", list(CellKind))
def test_each_state_has_a_word(kind: CellKind) -> None:
    html = rendered([one_cell(GridCell(kind))])
    cell = html[html.index("<tbody>") : html.index("</tbody>")].split("<td", 1)[1]
    assert re.sub(r"<[^>]*>", "", cell.replace("Repas", "").split(">", 1)[1]).strip()


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1), st.sampled_from(CellKind)
)
def test_every_text_is_escaped(text: str, kind: CellKind) -> None:
    cell = GridCell(
        kind,
        word=text,
        detail=text,
        key=text,
        editable=True,
        label=text,
        bundle=text,
        saved=GridCell(CellKind.FREE, word=text, detail=text),
        link_url=text,
        link_label=text,
    )
    for shown in (cell, replace(cell, editable=False)):
        html = rendered([one_cell(shown, text)])
        plain = rendered(
            [
                one_cell(
                    replace(
                        shown,
                        word="a",
                        detail="a",
                        key="a",
                        label="a",
                        bundle="a",
                        link_url="a",
                        link_label="a",
                        saved=GridCell(CellKind.FREE, word="a", detail="a"),
                    ),
                    "a",
                )
            ]
        )
        assert Names(html).tags == Names(plain).tags
        assert escape(text) in html


def test_a_month_of_one_child_is_light_and_quick() -> None:
    grids = [samples.month()]
    html = rendered(grids)
    assert html.count("type=checkbox") == 207
    assert len(html.encode()) <= 63_000
    spent = []
    for _ in range(21):
        start = time.process_time()
        rendered(grids)
        spent.append(time.process_time() - start)
    # Half a millisecond in practice.
    assert median(spent) < 0.005
