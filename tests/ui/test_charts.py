"""A chart is whole on every width: no label is cut, none stands on a figure or on a bar."""

from __future__ import annotations

import re

from marelle.ui.charts import LETTERS, LINE, Bar, bars

TEXT = re.compile(r'<text(?: class="end" x="100%")? y="(\d+)">(.*?)</text>')
LONG = "Accueil de loisirs des Trois Rivières, mercredis et petites vacances · Les Hirondelles"


def test_a_long_label_takes_lines_of_its_own_above_its_bar():
    drawn = bars("Heures", [Bar("Midi", (3,), "3,0 h"), Bar(LONG, (9,), "1 234,5 h")], name="hours")
    lines: dict[int, list[str]] = {}
    for y, text in TEXT.findall(drawn):
        lines.setdefault(int(y), []).append(text)
    assert all(len(" ".join(texts)) <= LETTERS for texts in lines.values())
    assert next(iter(lines.values())) == ["Midi", "3,0 h"]
    assert " ".join(text for texts in [*lines.values()][1:] for text in texts) == f"{LONG} 1 234,5 h"
    tracks = [int(y) for y in re.findall(r'class="track" x="0" y="(\d+)"', drawn)]
    heights = sorted(lines)
    assert tracks[0] > heights[0] > 0
    assert heights[1] - tracks[0] >= LINE
    assert tracks[1] > heights[-1]
