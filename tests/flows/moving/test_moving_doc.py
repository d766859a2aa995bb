"""docs/moving.md says each column of each file, as the table of subjects has it."""

from __future__ import annotations

from pathlib import Path

from marelle.flows.moving.subjects import SUBJECTS, Subject

PAGE = Path(__file__).resolve().parents[3] / "docs" / "moving.md"


def told(subject: Subject) -> str:
    """The section of a subject, as the page has it."""
    rows = [
        f"| {one.column.title} | {'oui' if one.column.required else ''} | {one.meaning} | {one.example} |"
        for one in subject.told
    ]
    head = ["| colonne | nécessaire | ce qu’elle contient | exemple |", "|---|---|---|---|"]
    return "\n".join([f"## {subject.title}", "", str(subject.lead), "", *head, *rows, ""])


def test_the_page_says_each_column_of_each_file() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for subject in SUBJECTS.values():
        assert told(subject) in page
