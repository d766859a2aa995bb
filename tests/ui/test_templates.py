"""Shells, components and error pages, rendered with undefined variables forbidden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from marelle.ui import views
from marelle.ui.components import Kid, OutcomeKind, OutcomeLine
from marelle.ui.shell import MenuEntry, Shell
from tests.sources import MARELLE
from tests.ui import samples

SHELL = Shell(
    portal_name="Espace famille",
    organisation="Val d’Arelle",
    account_label="Camille <Durand>",
    home_url="/tableau-de-bord/",
    is_family=True,
    account_url="/compte/",
    logout_url="/deconnexion/",
    menu=(MenuEntry("À traiter", "/agents/", "inbox", current=True, badge="14"),),
    legal=(MenuEntry("Mentions légales", "/mentions-legales/"),),
)


class Contact(forms.Form):
    subject = forms.CharField(label="Objet", help_text="En quelques mots.")
    day = forms.DateField(label="Jour", required=False)
    choice = forms.ChoiceField(label="Choix", choices=[("a", "A")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="J’accepte")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, object] | None:
        raise forms.ValidationError("Les réponses se contredisent.")


def render(source: str, **context: object) -> str:
    return Template("{% load ui i18n %}" + source).render(Context(context))


SENDS = re.compile(r"\.(submit|requestSubmit)\(")
SENT_ONCE_ASKED = {"porte.js", "passkey.js"}
"""The scripts that send a form whose button was pressed, after work of their own."""
ASKS = re.compile(r'<form[^>]*method="get".*?</form>', re.DOTALL)


def test_a_choice_never_sends_its_form_by_itself() -> None:
    """WCAG 3.2.2: by keyboard each arrow key is a change, so a visible button sends what was chosen."""
    sources = [
        path for kind in ("*.html", "*.py", "*.js") for path in Path(views.__file__).parents[1].rglob(kind)
    ]
    for path in sources:
        text = path.read_text()
        assert not re.search(r"data-auto|\bonchange=", text), path
        assert bool(SENDS.search(text)) == (path.name in SENT_ONCE_ASKED), path
        for form in ASKS.findall(text):
            assert re.search(r"<button|{% button", form), (path, form)
            assert "nojs" not in form, (path, form)


@pytest.mark.parametrize("name", ["family", "staff", "public"])
def test_a_shell_has_the_menu_the_account_and_a_logout_by_post(name: str) -> None:
    html = render_to_string(f"ui/{name}.html", {"shell": SHELL})
    assert '<html lang="fr">' in html
    assert ('<a class="btn" href="/tableau-de-bord/">' in html) == (name != "staff")
    assert '<a class="logo" href="/tableau-de-bord/">' in html
    assert "Camille &lt;Durand&gt;" in html
    assert html.count('method="post" action="/deconnexion/"') == 2
    assert "Mentions légales" in html
    assert ("À traiter" in html) == (name == "staff")


@pytest.mark.parametrize("name", ["family", "staff", "public"])
def test_a_shell_without_its_context_is_a_bare_page(name: str) -> None:
    html = render_to_string(f"ui/{name}.html")
    assert "Espace famille" in html
    assert "Se déconnecter" not in html


def test_acting_for_a_family_is_always_said() -> None:
    shell = Shell(account_label="Guichet", acting_for="Durand", stop_acting_url="/agents/fin/", demo=True)
    html = render_to_string("ui/family.html", {"shell": shell})
    assert "au nom de la famille <b>Durand</b>" in html
    assert 'action="/agents/fin/"' in html
    assert "Démonstration" in html


def test_nothing_inline_that_the_content_policy_forbids() -> None:
    shells = render_to_string("ui/staff.html", {"shell": SHELL}) + render_to_string("ui/500.html")
    html = shells + render(
        "{% planning_grids grids now %}{% planning_legend grids %}",
        grids=[samples.every_state()],
        now=samples.NOW,
    )
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src)|javascript:", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def test_what_only_a_script_does_waits_for_it_out_of_sight() -> None:
    buttons = [
        (path.name, button)
        for path in MARELLE.rglob("*.html")
        for button in re.findall(r"<button[^>]*\sdata-(?:print|copy)[^>]*>", path.read_text())
    ]
    assert len(buttons) > 10
    assert [(name, button) for name, button in buttons if " hidden" not in button] == []


def test_a_field_links_its_label_help_and_error_and_keeps_what_was_typed() -> None:
    form = Contact({"subject": "", "day": "<hier>"})
    html = render("{% error_summary form %}{% for x in form %}{% field x %}{% endfor %}", form=form)
    assert '<label for="id_subject">' in html
    described = re.search(r'id="id_subject"[^>]*|<input[^>]*name="subject"[^>]*>', html)
    assert described
    subject = next(tag for tag in re.findall(r"<input[^>]*>", html) if 'name="subject"' in tag)
    assert 'aria-describedby="id_subject_helptext id_subject_error"' in subject
    assert 'aria-invalid="true"' in subject
    assert 'id="id_subject_helptext"' in html
    assert 'id="id_subject_error"' in html
    assert 'value="&lt;hier&gt;"' in html
    assert '<a href="#id_subject">Objet</a>' in html
    assert "4 réponses sont à corriger" in html
    assert "Les réponses se contredisent." in html
    assert "<legend>Choix" in html
    assert "Jour <small>(facultatif)</small>" in html


def test_a_form_not_sent_yet_says_what_is_wanted_and_has_no_summary() -> None:
    form = Contact()
    wanted = re.sub("<[^>]+>", "", render("{% error_summary form %}", form=form))
    assert wanted.strip() == "Les champs sont obligatoires, sauf mention « facultatif »."
    assert "J’accepte <small>(obligatoire)</small>" in render("{% field form.agree %}", form=form)
    form.fields["day"].required = True
    assert "Tous les champs sont obligatoires." in render("{% error_summary form %}", form=form)
    del form.fields["day"], form.fields["choice"]
    assert render("{% error_summary form %}", form=form).strip() == ""


def test_of_two_forms_sent_back_the_first_fault_alone_has_the_cursor() -> None:
    two = {"one": Contact({}, prefix="one"), "other": Contact({}, prefix="other")}
    html = render("{% field one.subject %}{% field one.choice %}{% field other.subject %}", **two)
    assert re.findall(r'name="([^"]+)"[^>]* autofocus', html) == ["one-subject"]


def test_components_escape_what_they_are_given() -> None:
    bad = "<script>"
    html = render(
        "{% note 'warn' title=bad %}{{ bad }}{% endnote %}{% card title=bad %}{{ bad }}{% endcard %}"
        "{% tag bad 'ok' %}{% button bad href='/x' %}{% button bad name='n' value=bad confirm=bad %}"
        "{% tile bad '/x' 'family' bad bad %}{% empty_state bad bad bad '/x' %}{% facts pairs %}"
        "{% kids kids bad %}{% outcomes lines %}",
        bad=bad,
        pairs=[(bad, bad)],
        kids=[Kid(bad, "?e=1", "Z", current=True)],
        lines=[OutcomeLine(OutcomeKind.REFUSED, bad, bad, "/x", bad)],
    )
    assert bad not in html
    assert html.count("&lt;script&gt;") >= 20


def test_pages_keep_the_rest_of_the_address() -> None:
    page = Paginator(range(30), 10).page(2)
    request = RequestFactory().get("/", {"q": "zoé", "page": "2"})
    html = render("{% pagination page %}", page=page, request=request)
    assert "?q=zo%C3%A9&amp;page=1" in html
    assert "?q=zo%C3%A9&amp;page=3" in html
    assert "Page 2 sur 3" in html


def test_the_toolbar_names_its_arrows_and_filters_without_script() -> None:
    html = render("{% toolbar bar %}", bar=samples.BAR)
    assert 'aria-label="Semaine précédente"' in html
    assert 'aria-label="Semaine suivante"' in html
    assert 'aria-current="true">Semaine' in html
    assert "Filtrer" in html


def test_the_planning_page_posts_one_form_saved_by_the_bar() -> None:
    context = {
        "bar": samples.BAR,
        "grids": [samples.week()],
        "now": samples.NOW,
        "planning_action": "/r/",
        "planning_unsaved": True,
    }
    html = render_to_string("ui/planning.html", context) + render("{% save_bar 'planning' '/r/' %}")
    assert 'id="planning" action="/r/" data-guard="dirty"' in html
    assert 'form="planning">ENREGISTRER' in html
    assert 'href="/r/" data-reset>Tout remettre' in html


@pytest.mark.parametrize(("tags", "tone"), [("success", "ok"), ("extra warning", "warn"), ("", "info")])
def test_messages_have_a_tone(tags: str, tone: str) -> None:
    assert render("{{ tags|tone_of }}", tags=tags) == tone


def _answer(status: int) -> HttpResponse:
    request = RequestFactory().post(
        "/reservations/", headers={"referer": "http://testserver/reservations/?e=1"}
    )
    match status:
        case 403:
            return views.permission_denied(request, PermissionError())
        case 404:
            return views.page_not_found(request, LookupError())
        case 429:
            return views.too_many_requests(request, retry_after=60, retry_text="Réessayez à 18 h 05.")
    return views.server_error(request)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "ne vous est pas ouverte"),
        (404, "Page introuvable"),
        (429, "18 h 05"),
        (500, "vérifiez votre planning"),
    ],
)
def test_error_pages_say_what_to_do(status: int, words: str, rf: RequestFactory) -> None:
    response = _answer(status)
    assert response.status_code == status
    html = response.content.decode()
    assert words in html
    assert "Revenir à l’accueil" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("referer", "link"),
    [
        ("http://testserver/reservations/?e=1&v=2", "/reservations/?e=1&amp;v=2"),
        ("https://ailleurs.example/x", "/envoi/"),
        ("", "/envoi/"),
    ],
)
def test_a_stale_form_leads_back_to_its_page_and_nowhere_else(referer: str, link: str) -> None:
    request = RequestFactory().post("/envoi/", headers={"referer": referer})
    response = views.csrf_failure(request, "stale")
    assert response.status_code == 403
    assert f'href="{link}"' in response.content.decode()


def test_the_stylesheet_is_small_and_its_texts_are_legible() -> None:
    sheets = Path(views.__file__).parent / "static/ui"
    css = (sheets / "marelle.css").read_text()
    assert len(css.encode()) <= 36_000
    assert len((sheets / "staff.css").read_bytes()) <= 16_000
    colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", css))
    pairs = [
        ("ink", "paper"), ("ink-2", "paper"), ("ink-2", "mist"), ("ink-2", "card"), ("brand", "paper"),
        ("brand-2", "brand-tint"), ("card", "brand"), ("sun-ink", "sun-tint"), ("leaf-ink", "leaf-tint"),
        ("rose", "card"), ("rose-ink", "rose-tint"), ("brand", "brand-tint"), ("leaf-ink", "card"),
    ]  # fmt: skip
    for text, ground in pairs:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["edge"], colours["card"]) >= 3


def contrast(first: str, second: str) -> float:
    """WCAG 2.1 contrast of two colours written as #rgb or #rrggbb."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_why_a_price_is_folded_with_each_step_and_what_it_comes_to():
    told = {
        "title": "Matin <b>",
        "amount": "6,75\u00a0€",
        "steps": [
            {"sentence": "« Tarif », depuis le 1er.", "amount": "7,50\u00a0€"},
            {"sentence": "10 % de moins.", "amount": "6,75\u00a0€"},
        ],
    }
    html = render("{% price_why told %}", told=told)
    assert html.startswith('<details class="why">')
    assert "Pourquoi ce prix\u00a0?" in html
    assert re.findall(r"<li><span>(.*?)</span> <b>(.*?)</b></li>", html) == [
        ("« Tarif », depuis le 1er.", "7,50\u00a0€"),
        ("10 % de moins.", "6,75\u00a0€"),
    ]
    assert "<p><span>Matin &lt;b&gt;</span> <b>6,75\u00a0€</b></p>" in html
