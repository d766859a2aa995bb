"""« Ma famille » as a parent and its agent see it: what is kept, what waits, and what each answer says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingCondition
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.file.confirmation import to_confirm
from marelle.families.models import (
    ChangeRequest,
    Family,
    FieldPolicy,
    FileConfirmation,
    Person,
    Residence,
)
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


@dataclass
class Cast:
    world: Scenario
    durand: Home
    zoe: Person
    parent: Client
    office: Client


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW)
    world = Scenario()
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4), school=world.the_school)
    parent, office = Client(), Client()
    parent.force_login(durand.user)
    office.force_login(world.staff("guichet", Role.OFFICE))
    return Cast(world, durand, zoe, parent, office)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def filled(client: Client, url: str) -> dict[str, str]:
    """The form of a page, as a browser would send it back untouched."""
    body = text(client.get(url))
    form = body[body.index('id="sheet"') :]
    sent = {"seen": re.search(r'name="seen" value="(.*?)">', form)[1]}  # type: ignore[index]
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="file"' not in tag and name[1] not in ("seen", "csrfmiddlewaretoken"):
            sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def save(client: Client, url: str, **typed: Any) -> Any:
    changed = {name.replace("__", "-"): value for name, value in typed.items()}
    return client.post(url, {**filled(client, url), **changed}, follow=True)


def test_what_is_free_is_saved_and_what_is_checked_waits_both_told(cast: Cast):
    url = f"/famille/{cast.durand.adult.pk}/"
    answer = save(cast.parent, url, adult__phone__value="06 39 98 10 77", adult__situation__value="married")
    assert "Vos modifications sont enregistrées" in text(answer)
    assert "Certaines données sont en attente de modération" in text(answer)
    assert "marié ou mariée" in text(answer)
    later = text(cast.parent.get(url))
    assert "Le service vérifie ce que vous avez envoyé" in later
    assert "modération" not in later
    assert 'value="06 39 98 10 77"' in text(answer)


def test_a_form_sent_back_untouched_changes_nothing(cast: Cast):
    cast.world.quotient(cast.durand)
    for url in ("/famille/foyer/", f"/famille/{cast.zoe.pk}/", f"/famille/{cast.durand.adult.pk}/"):
        assert "Rien n’avait changé" in text(save(cast.parent, url)), url
    assert not ChangeRequest.objects.exists()


def test_the_loop_from_the_parent_to_the_agent_and_back(cast: Cast):
    proof = SimpleUploadedFile("facture.pdf", PDF, "application/pdf")
    save(cast.parent, "/famille/foyer/", home__address__street="2 rue du Four", home__address__proof=proof)
    change = ChangeRequest.objects.get()
    listed = text(cast.parent.get("/famille/"))
    assert "2 rue du Four" in listed
    assert cast.parent.get(f"/famille/modifications/{change.pk}/justificatif/").getvalue()[:4] == b"%PDF"
    assert "Modification · " in text(cast.office.get("/agents/"))
    page = f"/agents/modifications/{change.pk}/"
    seen = text(cast.office.get(page))
    assert "2 rue du Four" in seen
    assert cast.office.get(f"{page}justificatif/").getvalue()[:4] == b"%PDF"
    current = re.search(
        rf'name="{change.pk}-current" value="([^"]*)"', cast.office.get(page).content.decode()
    )
    posted = {
        f"{change.pk}-answer": "accept",
        f"{change.pk}-since": "2026-12-05",
        f"{change.pk}-current": unescape(current[1]),  # type: ignore[index]
    }
    answer = cast.office.post(page, posted, follow=True)
    assert "C’est décidé" in text(answer)
    assert Residence.objects.order_by("-since")[0].since == date(2026, 12, 5)
    assert "accepté le" in text(cast.parent.get("/famille/"))
    assert "acceptée le" in text(cast.office.get(page)), "who comes second reads who decided"


def test_a_refusal_needs_a_reason_and_is_read_by_the_parent(cast: Cast):
    save(cast.parent, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2019-03-05")
    change = ChangeRequest.objects.get()
    page = f"/agents/modifications/{change.pk}/"
    answer = cast.office.post(page, {f"{change.pk}-answer": "refuse"})
    assert "Donnez une raison" in text(answer)
    cast.office.post(
        page, {f"{change.pk}-answer": "refuse", f"{change.pk}-reason": "Le <b>livret</b> dit le 4."}
    )
    shown = cast.parent.get("/famille/").content.decode()
    assert "Le &lt;b&gt;livret&lt;/b&gt; dit le 4." in shown


def test_the_agent_is_told_when_the_value_moved_under_the_request(cast: Cast):
    save(cast.parent, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2019-03-05")
    change = ChangeRequest.objects.get()
    page = f"/agents/modifications/{change.pk}/"
    stale = {f"{change.pk}-answer": "accept", f"{change.pk}-current": '{"value": "2019-03-04"}'}
    Person.objects.filter(pk=cast.zoe.pk).update(birth_date=date(2019, 3, 9))
    assert "La donnée a changé depuis la demande" in text(cast.office.get(page))
    for nonsense in (stale, {**stale, f"{change.pk}-current": "[" * 100_000}):
        assert "La donnée a changé" in text(cast.office.post(page, nonsense))
    cast.zoe.refresh_from_db()
    assert cast.zoe.birth_date == date(2019, 3, 9)


AGED = "À cet âge, ces réservations ne seraient plus possibles"


def seven_years_old(cast: Cast) -> list[str]:
    """Four Wednesdays to come and one that is over, for which Zoé is to be seven; and a meal that asks
    nothing. Returns what is to come."""
    wednesdays = cast.world.activity("Mercredis")
    morning, meal = (cast.world.slot(wednesdays, name, capacity=9) for name in ("Matin", "Repas"))
    cast.world.enrolment(cast.zoe, wednesdays, cast.durand)
    condition = BookingCondition.objects.create(
        activity=wednesdays, since=date(2026, 9, 1), min_age_months=7 * 12
    )
    condition.slots.set([morning])
    definition_changed(Activity.objects.all())
    to_come = [date(2026, 12, day) for day in (2, 9, 16, 23)]
    for day in (date(2026, 11, 18), *to_come):
        for slot in (morning, meal):
            cast.world.booking(cast.zoe, cast.world.opening(slot, day))
    return [f"{day.day} décembre 2026 (Mercredis, Matin)" for day in to_come]


def test_the_agent_reads_what_a_corrected_birth_date_makes_impossible_before_it_accepts(cast: Cast):
    bookings = seven_years_old(cast)
    save(cast.parent, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2019-12-20")
    page = f"/agents/modifications/{ChangeRequest.objects.get().pk}/"
    told = text(cast.office.get(page))
    assert AGED in told
    assert all(one in told for one in bookings[:3])
    assert bookings[3] not in told, "seven by then"
    assert "Repas" not in told
    assert "18 novembre" not in told
    Person.objects.filter(pk=cast.zoe.pk).update(birth_date=date(2020, 1, 4))
    assert AGED not in text(cast.office.get(page)), "a derogation already, or no worse than before"


def test_the_agent_who_writes_it_at_once_is_told_after(cast: Cast):
    *_others, last = seven_years_old(cast)
    cast.office.post(f"/agents/familles/{cast.durand.family.pk}/agir/", follow=True)
    told = text(save(cast.office, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2020-03-04"))
    assert AGED in told
    assert "2 décembre 2026 (Mercredis, Matin), " in told
    assert "et 1 autre. Elles restent" in told
    assert last not in told
    assert Booking.objects.live().count() == 10
    assert AGED not in text(
        save(cast.office, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2019-03-04")
    )


def test_somebody_else_changed_it_meanwhile_and_what_was_typed_stays(cast: Cast):
    url = f"/famille/{cast.durand.adult.pk}/"
    stale = filled(cast.parent, url)
    Person.objects.filter(pk=cast.durand.adult.pk).update(profession="Boulanger", employer="Mairie")
    typed = {**stale, "adult-profession-value": "Pâtissier"}
    answer = cast.parent.post(url, typed)
    assert "Quelqu’un d’autre l’a changé entre-temps : Boulanger" in text(answer)
    assert 'value="Pâtissier"' in text(answer)
    assert 'value="Mairie"' in text(answer), "what the reader left alone is shown as it is now"
    again = re.search(r'name="seen" value="(.*?)">', answer.content.decode())[1]  # type: ignore[index]
    cast.parent.post(url, {**typed, "adult-employer-value": "Mairie", "seen": unescape(again)})
    cast.durand.adult.refresh_from_db()
    assert (cast.durand.adult.profession, cast.durand.adult.employer) == ("Pâtissier", "Mairie")


def test_a_proposal_sent_meanwhile_is_shown_before_it_is_replaced(cast: Cast):
    url = f"/famille/{cast.zoe.pk}/"
    stale = {**filled(cast.parent, url), "child-birth_date-value": "2019-03-06"}
    save(cast.parent, url, child__birth_date__value="2019-03-05")
    answer = cast.parent.post(url, stale)
    assert "Une autre proposition vient d’être envoyée : 5 mars 2019" in text(answer)
    assert ChangeRequest.objects.get().new == {"value": "2019-03-05"}
    again = re.search(r'name="seen" value="(.*?)">', answer.content.decode())[1]  # type: ignore[index]
    answer = cast.parent.post(url, {**stale, "seen": unescape(again)}, follow=True)
    assert "Votre nouvelle proposition remplace celle qui attendait." in text(answer)
    assert ChangeRequest.objects.get(state="open").new == {"value": "2019-03-06"}


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("adult__phone__value", "zéro six", "Écrivez le numéro en chiffres"),
        ("adult__birth_date__value", "1850-01-01", "Cette date est trop ancienne"),
        ("adult__birth_date__value", "2020-01-01", "Un parent ne peut pas être plus jeune"),
        ("adult__profession__value", "x" * 300, "C’est trop long : 80 signes au plus"),
        ("adult__situation__value", "<script>", "Choisissez dans la liste"),
        ("adult__first_name__value", "", "Cette information est nécessaire"),
    ],
)
def test_bad_input_is_told_in_french_and_nothing_is_lost(cast: Cast, name: str, typed: str, told: str):
    url = f"/famille/{cast.durand.adult.pk}/"
    answer = save(cast.parent, url, adult__employer__value="Mairie <i>d’Arelle</i> 🙂", **{name: typed})
    assert told in text(answer)
    assert "Mairie <i>d’Arelle</i> 🙂" in text(answer)
    assert "<i>" not in answer.content.decode().replace("<i ", "")
    cast.durand.adult.refresh_from_db()
    assert cast.durand.adult.employer == ""


@pytest.mark.parametrize("seen", ["", "[]", "null", '{"adult.phone": 3}', "{", '{"x": {"y": "z"}}'])
def test_a_form_that_says_nonsense_of_what_it_showed_is_still_read(cast: Cast, seen: str):
    answer = save(
        cast.parent, f"/famille/{cast.durand.adult.pk}/", seen=seen, adult__employer__value="Mairie"
    )
    assert "Vos modifications sont enregistrées" in text(answer)


def test_a_file_that_is_none_is_refused_and_nothing_waits(cast: Cast):
    fake = SimpleUploadedFile("facture.pdf", b"<html>", "application/pdf")
    answer = save(
        cast.parent, "/famille/foyer/", home__address__street="2 rue du Four", home__address__proof=fake
    )
    assert "ni un PDF ni une photo" in text(answer)
    assert 'value="2 rue du Four"' in text(answer)
    assert not ChangeRequest.objects.exists()


def test_fields_hidden_or_read_only_are_not_written_by_hand(cast: Cast):
    FieldPolicy.objects.create(code="adult.employer", policy="hidden")
    FieldPolicy.objects.create(code="adult.profession", policy="read_only")
    url = f"/famille/{cast.durand.adult.pk}/"
    assert "Employeur" not in text(cast.parent.get(url))
    save(cast.parent, url, adult__employer__value="X", adult__profession__value="Y")
    cast.durand.adult.refresh_from_db()
    assert (cast.durand.adult.employer, cast.durand.adult.profession) == ("", "")


def test_a_child_is_added_by_the_page_and_accepted_by_the_office(cast: Cast):
    assert "Une naissance à venir" in text(cast.parent.get("/famille/ajouter/"))
    typed = {"first_name": "Léo", "last_name": "Durand", "birth_date": "2022-06-01"}
    url = "/famille/ajouter/?qui=enfant"
    hugo = cast.world.adult(cast.durand, "Hugo")
    missing = cast.parent.post(url, {**typed, f"link-{hugo.pk}": "father"}).context["form"].errors
    assert missing == {f"link-{cast.durand.adult.pk}": ["Dites ce que vous êtes pour l’enfant."]}
    answer = cast.parent.post(url, {**typed, f"link-{cast.durand.adult.pk}": "mother"}, follow=True)
    assert "Demande envoyée" in text(answer)
    change = ChangeRequest.objects.get()
    page = f"/agents/modifications/{change.pk}/"
    assert "Camille : mère" in text(cast.office.get(page))
    cast.office.post(page, {f"{change.pk}-answer": "accept"})
    assert "Léo Durand" in text(cast.parent.get("/famille/"))


def test_a_likely_twin_is_shown_to_the_agent_and_chosen(cast: Cast):
    petit = cast.world.home("Petit", "Dominique")
    leo = cast.world.child(petit, "Léo", born=date(2022, 6, 1))
    typed = {"first_name": "Léo", "last_name": "Durand", "birth_date": "2022-06-01"}
    cast.parent.post("/famille/ajouter/?qui=enfant", {**typed, f"link-{cast.durand.adult.pk}": "father"})
    change = ChangeRequest.objects.get()
    page = f"/agents/modifications/{change.pk}/"
    assert "déjà connu dans un autre foyer" in text(cast.office.get(page))
    cast.office.post(page, {f"{change.pk}-answer": "accept", f"{change.pk}-same_as": str(leo.pk)})
    assert cast.parent.get(f"/famille/{leo.pk}/").status_code == 200


def test_a_departure_waits_for_the_end_of_what_runs(cast: Cast):
    cast.world.enrolment(cast.zoe, cast.world.activity("Mercredis"), cast.durand)
    cast.parent.post(f"/famille/{cast.zoe.pk}/retirer/", {"leaving": "2026-11-30", "note": ""})
    change = ChangeRequest.objects.get()
    answer = cast.office.post(
        f"/agents/modifications/{change.pk}/", {f"{change.pk}-answer": "accept"}, follow=True
    )
    assert "Des inscriptions courent encore : Zoé : Mercredis" in text(answer)


def test_a_proposal_is_taken_back(cast: Cast):
    save(cast.parent, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2019-03-05")
    change = ChangeRequest.objects.get()
    url = f"/famille/modifications/{change.pk}/reprendre/"
    assert "Votre demande est reprise" in text(cast.parent.post(url, follow=True))
    assert "n’attend plus de réponse" in text(cast.parent.post(url, follow=True))


def test_the_file_is_confirmed_once_a_year_as_it_was_read(cast: Cast):
    assert "Confirmez votre dossier" in text(cast.parent.get("/famille/"))
    seen = re.search(r'name="seen" value="(\w+)"', text(cast.parent.get("/famille/confirmer/")))[1]  # type: ignore[index]
    page = text(cast.parent.get("/famille/confirmer/"))
    assert f'href="/famille/{cast.zoe.pk}/sante/"' in page
    assert "fiche sanitaire à remplir" in page
    assert f'href="/famille/{cast.zoe.pk}/venir-chercher/"' in page
    assert "pas encore répondu" in page
    Person.objects.filter(pk=cast.durand.adult.pk).update(employer="Mairie")
    assert "a changé entre-temps" in text(cast.parent.post("/famille/confirmer/", {"seen": seen}))
    seen = re.search(r'name="seen" value="(\w+)"', text(cast.parent.get("/famille/confirmer/")))[1]  # type: ignore[index]
    for _again in range(2):
        cast.parent.post("/famille/confirmer/", {"seen": seen})
    row = FileConfirmation.objects.get()
    assert (row.school_year, row.by) == (2026, "Camille Durand")
    assert "Confirmez votre dossier" not in text(cast.parent.get("/famille/"))


def test_the_question_comes_back_with_the_school_year_that_its_page_shows_and_not_to_a_new_file(cast: Cast):
    actor = cast.durand.actor
    FileConfirmation.objects.create(family=cast.durand.family, school_year=2026, at=NOW, by="Camille")
    assert not to_confirm(actor, date(2027, 8, 31))
    assert to_confirm(actor, date(2027, 9, 1))
    Family.objects.update(created_at=datetime(2027, 9, 5, tzinfo=PARIS))
    assert not to_confirm(actor, date(2027, 9, 6))


def test_a_home_that_left_reads_its_file_and_writes_nothing(cast: Cast):
    cast.office.post(f"/agents/familles/{cast.durand.family.pk}/depart/", {"left_on": "2026-11-20"})
    for url in ("/famille/", f"/famille/{cast.zoe.pk}/", "/famille/foyer/"):
        body = text(cast.parent.get(url))
        assert "ENREGISTRER" not in body, url
    assert "n’est plus suivi ici" in text(cast.parent.get("/famille/"))
    posted = {
        "home-address-street": "2 rue du Four",
        "home-address-postal_code": "21999",
        "home-address-city": "A",
    }
    cast.parent.post("/famille/foyer/", posted)
    assert not ChangeRequest.objects.exists()
    assert cast.parent.get("/famille/ajouter/").status_code == 404


def test_pages_ask_a_fixed_number_of_queries(cast: Cast, count_queries):
    for number in range(4):
        cast.world.child(cast.durand, f"Enfant{number}")
    save(cast.parent, f"/famille/{cast.zoe.pk}/", child__birth_date__value="2019-03-05")
    for url, most in (
        ("/famille/", 14),
        ("/famille/foyer/", 9),
        (f"/famille/{cast.zoe.pk}/", 17),
        (f"/famille/{cast.durand.adult.pk}/", 11),
        ("/famille/confirmer/", 14),
    ):
        with count_queries(most):
            assert cast.parent.get(url).status_code == 200
    with count_queries(29):
        cast.office.get(f"/agents/modifications/{ChangeRequest.objects.get().pk}/")
