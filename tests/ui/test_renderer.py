"""Widgets written in Python are those of Django’s templates, letter for letter, but for an empty choice."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from marelle.places.models import Authority
from marelle.ui.renderer import WRITERS, WidgetRenderer

texts = st.text(st.sampled_from("aé1<>&\"' \n"), max_size=6)
names = st.text(st.sampled_from('ab<"-'), min_size=1, max_size=4)
values: st.SearchStrategy[Any] = st.one_of(
    texts, st.none(), st.integers(0, 5000), st.booleans(), texts.map(mark_safe), st.just(date(2026, 11, 25))
)
attributes = st.fixed_dictionaries(
    {}, optional={"id": texts, "class": texts, "required": values, "data-x": values, "maxlength": values}
)
labels = st.one_of(texts, texts.map(mark_safe), st.just(gettext_lazy("Oui")))
options = st.tuples(st.one_of(texts, st.integers(0, 9)), labels)
choices = st.lists(st.one_of(options, st.tuples(names, st.lists(options, max_size=3))), max_size=4)

PLAIN = (
    *(forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput),
    *(forms.HiddenInput, forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput),
    *(forms.Textarea, forms.FileInput),
)
CHOICES = (forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple)


def _same(widget: forms.Widget, name: str, value: Any, attrs: dict[str, Any]) -> None:
    ours = widget.render(name, value, dict(attrs), renderer=WidgetRenderer())
    assert ours == widget.render(name, value, dict(attrs), renderer=DjangoTemplates())


@given(st.sampled_from(PLAIN), names, values, attributes)
def test_plain_widgets(kind: type[forms.Widget], name: str, value: Any, attrs: dict[str, Any]) -> None:
    _same(kind(), name, value, attrs)


@given(st.sampled_from(CHOICES), names, choices, st.lists(texts, max_size=3), attributes)
def test_widgets_with_choices(
    kind: type[forms.ChoiceWidget], name: str, offered: Any, chosen: list[str], attrs: dict[str, Any]
) -> None:
    widget = kind(choices=offered)
    _same(widget, name, chosen if widget.allow_multiple_selected else next(iter(chosen), ""), attrs)


@given(st.sampled_from([forms.RadioSelect, forms.CheckboxSelectMultiple]), choices, attributes)
def test_each_choice_on_its_own(kind: type[forms.RadioSelect], offered: Any, attrs: dict[str, Any]) -> None:
    def lines(renderer: DjangoTemplates) -> list[str]:
        class Asked(forms.Form):
            one = forms.ChoiceField(choices=offered, widget=kind(attrs))
            default_renderer = renderer

        return [line.tag(wrap_label=wraps) for line in Asked()["one"].subwidgets for wraps in (True, False)]

    assert lines(WidgetRenderer()) == lines(DjangoTemplates())


@pytest.mark.parametrize("name", WRITERS)
def test_each_is_a_template_of_django(name: str) -> None:
    assert DjangoTemplates().get_template(name)


def test_what_is_not_known_comes_from_the_template() -> None:
    widget = forms.SplitDateTimeWidget()
    _same(widget, "at", [date(2026, 11, 25), time(8)], {"id": "at"})


@pytest.mark.parametrize(
    ("asked", "words"), [({}, "Choisir…"), ({"required": False}, "Pas de choix")], ids=["asked", "left"]
)
def test_an_empty_choice_says_what_to_do_where_django_draws_dashes(asked: dict[str, Any], words: str) -> None:
    class Place(forms.Form):
        one = forms.ModelChoiceField(Authority.objects.none(), **asked)
        two = forms.ModelChoiceField(Authority.objects.none(), empty_label="Aucun lieu", **asked)
        default_renderer = WidgetRenderer()

    form = Place()
    assert f'<option value="" selected>{words}</option>' in str(form["one"])
    assert '<option value="" selected>Aucun lieu</option>' in str(form["two"])
