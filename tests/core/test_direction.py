"""A name that turns the direction of writing reads as another: refused wherever one is typed."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.test import Client

from marelle.core.actor import Role
from marelle.core.direction import TURNING
from marelle.core.phones import phone_stored
from marelle.core.straight import TURNED
from marelle.families.fields import BY_CODE
from marelle.families.file.values import Facts, WrongValue, check_name, checked
from marelle.families.models import Family
from marelle.ui.phones import PhoneField
from tests.scenario import Scenario

SIGNS = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]


class AForm(forms.Form):
    label = forms.CharField()


@pytest.mark.parametrize("sign", SIGNS)
def test_no_form_takes_one_and_it_says_so(sign: str) -> None:
    form = AForm({"label": f"Mercre{sign}dis"})
    assert form.errors == {"label": [str(TURNED)]}
    assert form["label"].value() == f"Mercre{sign}dis", "what was typed stays"


@pytest.mark.parametrize("text", ["Mercredis", "سارة\u200f", "\u200eשרה", "Zoé 👩‍👧", "Noël – l’été"])
def test_what_people_write_is_taken(text: str) -> None:
    assert AForm({"label": text}).is_valid()
    assert not TURNING.search(text)


@pytest.mark.parametrize("sign", SIGNS)
def test_nor_does_a_name_that_comes_by_another_way(sign: str) -> None:
    with pytest.raises(WrongValue) as refused:
        check_name(f"Du{sign}rand", 80)
    assert refused.value.code == "turning"
    facts = Facts(day=date(2026, 11, 25))
    typed = {"street": "1 rue", "postal_code": "21999", "city": f"Ar{sign}elle", "since": ""}
    with pytest.raises(WrongValue):
        checked(BY_CODE["home.address"], typed, facts)


def test_a_telephone_that_was_copied_from_a_list_of_contacts_is_read() -> None:
    copied = "\u202a06 39 98 10 01\u202c"
    assert phone_stored(copied) == "+33639981001"
    assert PhoneField().clean(copied) == "+33639981001"


@pytest.mark.django_db
def test_on_a_page_nothing_is_lost_and_nothing_written() -> None:
    world = Scenario()
    durand = world.home("Durand", "Camille")
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    page = client.post(f"/agents/familles/{durand.family.pk}/notes/", {"text": "a\u202eb"}).content.decode()
    assert str(TURNED) in page
    assert "a\u202eb" in page
    assert not Family.objects.get(pk=durand.family.pk).notes.exists()
