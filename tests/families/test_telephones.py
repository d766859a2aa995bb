"""A telephone more on somebody's sheet is one more way to call, on every page that says whom to call."""

from __future__ import annotations

import ast

from marelle.families.fields import FIELDS, Kind, On
from marelle.families.labels import way_text
from marelle.families.models import Person
from marelle.families.telephones import OWN, WAYS, Way, own_phones, ways, ways_to_call
from tests.sources import nodes

KNOW_THE_COLUMN = {
    "families/fields.py",
    "families/personal.py",
    "families/telephones.py",
    "portal/family/forms.py",  # what a browser fills in
}


def test_every_telephone_of_an_adult_is_a_way_to_call():
    of_adults = {field.column for field in FIELDS if field.kind is Kind.PHONE and field.on is On.ADULT}
    held = {field.name for field in Person._meta.get_fields() if "phone" in field.name}
    assert of_adults == held == set(WAYS.columns)
    assert held - set(OWN.columns) == {"work_phone"}, "of those, which is a switchboard is said here"
    typed = {str(column): f"+3363998100{rank}" for rank, column in enumerate(WAYS.columns)}
    assert [way.number for way in ways_to_call(Person(**typed))] == list(typed.values())


def test_each_number_once_and_the_persons_own_before_a_switchboard():
    assert ways("+33639981001", "+33139981002") == (
        Way("+33639981001"),
        Way("+33139981002", at_work=True),
    )
    assert ways("+33639981001", "+33639981001") == (Way("+33639981001"),)
    assert ways("", "+33139981002") == (Way("+33139981002", at_work=True),)
    assert ways("") == ()
    assert [way_text(way) for way in ways("+33639981001", "+33139981002")] == [
        "06 39 98 10 01",
        "01 39 98 10 02 (travail)",
    ]


def test_a_switchboard_makes_no_two_homes_one():
    assert own_phones(Person(work_phone="+33139981002")) == ()


def test_nothing_else_reads_a_telephone_that_only_some_remember():
    others = set(WAYS.columns) - set(OWN.columns)
    reads = {
        path
        for path, node in nodes(*map(str, others))
        if (isinstance(node, ast.Attribute) and node.attr in others)
        or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and any(node.value.endswith(str(column)) for column in others)
        )
    }
    assert reads == KNOW_THE_COLUMN
