"""The field of « Je ne suis pas un robot »: what it shows and what it reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django import forms

from marelle.portal.robots import RobotField, not_proven_text, too_many_sendings_text
from marelle.robots.challenges import Claim
from marelle.robots.refusals import NotProven, TooManySendings

NOW = datetime(2026, 11, 25, 20, 14, tzinfo=UTC)


def form(data=None) -> forms.Form:
    made = forms.Form(data)
    made.fields["robot"] = RobotField(now=NOW)
    return made


def test_it_shows_the_box_for_the_script_and_the_sum_for_who_has_none():
    shown = str(form()["robot"])
    assert "Je ne suis pas un robot" in shown
    assert "combien font" in shown
    assert "data-work=" in shown
    assert " data-again" not in shown


def test_two_pages_never_show_the_same_challenge():
    assert str(form()["robot"]) != str(form()["robot"])


def test_it_reads_what_came_back():
    sent = form({"robot": "abc", "robot_token": "t", "robot_answer": " 7 "})
    assert sent.is_valid()
    assert sent.cleaned_data["robot"] == Claim("abc", "t", " 7 ")


@pytest.mark.parametrize("data", [{"x": "1"}, {"robot": "", "robot_answer": "  "}])
def test_nothing_ticked_nothing_answered(data):
    sent = form(data)
    assert not sent.is_valid()
    assert "Cochez « Je ne suis pas un robot »" in sent.errors["robot"][0]


def test_who_had_done_the_work_does_it_again_by_itself():
    assert " data-again" in str(form({"robot": "abc"})["robot"])


def test_each_refusal_has_its_sentence():
    for code in ("missing", "wrong", "expired", "used"):
        assert not_proven_text(NotProven(code)).endswith(".")
    said = too_many_sendings_text(TooManySendings(NOW + timedelta(seconds=30)))
    assert "à partir du mercredi 25 novembre à 21 h 15" in said
