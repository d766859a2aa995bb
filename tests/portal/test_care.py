"""A child's care through its parents' eyes: what is shown, kept, refused, and hidden from the other home."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import (
    Consent,
    FieldPolicy,
    Guardianship,
    HealthSheet,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.files.models import StoredFile
from marelle.files.rules import Kind, Scan
from marelle.flows.actor.actors import ACTING_FOR
from tests.care import asked, ban, contact, permission, picture, sheet
from tests.forms import form_with
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 21, 14, tzinfo=PARIS)
HOSTILE = '<script>alert("1")</script> 🎉'


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.petit = self.home("Petit", "Alex")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.page = f"/famille/{self.zoe.pk}/"
        self.health = f"{self.page}sante/"
        self.contacts = f"{self.page}venir-chercher/"
        self.permission = f"{self.page}permission/"
        self.consents = f"{self.page}autorisations/"


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


LINE = {"name": "Line Roche", "link": "voisine", "phone": "06 39 98 10 02", "may_fetch": "on"}
RACHID = {"day": "2026-11-25", "name": "Rachid Haddad", "phone": "+32 470 12 34 56"}


def test_the_childs_page_leads_to_each_part(world, parent):
    page = text(parent.get(world.page))
    for path in (world.health, world.contacts, world.permission, world.consents):
        assert f'href="{path}"' in page
    assert "fiche sanitaire à remplir" in page
    contact(world.durand, world.zoe)
    permission(world.durand, world.zoe, date(2026, 11, 25))
    sheet(world.zoe)
    page = text(parent.get(world.page))
    for told in ("modifiée le 2 septembre 2026", "1 personne", "1 à venir"):
        assert told in page
    adult = text(parent.get(f"/famille/{world.durand.adult.pk}/"))
    assert "Santé et sorties" not in adult


def test_health_is_written_and_kept_at_once(world, parent):
    empty = text(parent.get(world.health))
    assert "checked" not in empty, "nothing is ticked beforehand"
    typed = {"allergies": HOSTILE, "is_severe": "on", "pai": "oui", "doctor_phone": "06.39.98.10.01"}
    sent = parent.post(world.health, typed, follow=True)
    assert sent.redirect_chain == [(world.health, 302)]
    assert "Vos modifications sont enregistrées" in text(sent)
    assert "&lt;script&gt;" in text(sent)
    assert 'value="06 39 98 10 01"' in text(sent)
    row = HealthSheet.objects.get()
    assert (row.allergies, row.pai, row.doctor_phone) == (HOSTILE, True, "+33639981001")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"allergies": "é" * 1001}, "1000"),
        ({"allergies": "", "is_severe": "on"}, "Dites à quoi votre enfant est allergique."),
        ({"pai": "oui", "pai_until": "1850-01-01"}, "Vérifiez l’année de la fin du PAI."),
        ({"pai": "oui", "pai_until": "hier"}, "Donnez une date"),
        ({"pai_meal": "family"}, "Dites si votre enfant a un PAI."),
        ({"pai": "peut-être"}, "peut-être"),
        ({"doctor_phone": "zéro six"}, "n’a que des chiffres"),
        ({"doctor_phone": "06"}, "Vérifiez ce numéro"),
    ],
)
def test_a_bad_sheet_says_why_and_loses_nothing(world, parent, changes, said):
    answer = parent.post(world.health, {"remarks": "Porte des lunettes", **changes})
    assert answer.status_code == 200
    assert said in text(answer)
    assert "Porte des lunettes" in text(answer)
    assert not HealthSheet.objects.exists()


def test_a_sheet_changed_meanwhile_shows_both_and_then_saves(world, parent):
    row = sheet(world.zoe, allergies="Arachide")
    row.refresh_from_db()
    answer = text(parent.post(world.health, {"allergies": "Kiwi", "seen": "2026-01-01T00:00:00+00:00"}))
    assert "pendant que vous écriviez" in answer
    assert "Arachide" in answer
    assert "Kiwi" in answer
    assert row.updated_at.isoformat() in answer
    parent.post(world.health, {"allergies": "Kiwi", "seen": row.updated_at.isoformat()})
    assert HealthSheet.objects.get().allergies == "Kiwi"


def test_vaccinations_are_added_and_removed(world, parent):
    add = f"{world.health}vaccins/"
    sent = parent.post(add, {"vaccine": HOSTILE, "on": "2020-03-04"}, follow=True)
    assert "Vaccination ajoutée." in text(sent)
    assert "4 mars 2020" in text(sent)
    twice = text(parent.post(add, {"vaccine": HOSTILE, "on": "2020-03-04"}))
    assert "déjà noté" in twice
    early = text(parent.post(add, {"vaccine": "ROR", "on": "1850-01-01"}))
    assert "entre la naissance" in early
    assert 'value="ROR"' in early
    assert "Quel vaccin ?" in text(parent.post(add, {"vaccine": " ", "on": ""}))
    row = Vaccination.objects.get()
    parent.post(f"{add}{row.pk}/retirer/")
    assert not Vaccination.objects.exists()
    assert parent.post(f"{add}{row.pk}/retirer/").status_code == 404


def test_the_file_of_the_pai_is_sent_served_and_taken_away(world, parent, client):
    send, served = f"{world.health}pai/envoyer/", f"{world.health}pai/"
    assert parent.get(served).status_code == 404
    html = SimpleUploadedFile("pai.pdf", b"<html><script>alert(1)</script>", "application/pdf")
    assert "n’est ni un PDF ni une photo" in text(parent.post(send, {"file": html}))
    assert not HealthSheet.objects.exists()
    parent.post(send, {"file": picture()})
    answer = parent.get(served)
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment")
    answer.getvalue()
    client.force_login(world.petit.user)
    assert client.get(served).status_code == 404
    client.force_login(world.durand.user)
    parent.post(f"{world.health}pai/retirer/")
    assert parent.get(served).status_code == 404


def test_an_agent_is_told_of_the_file_that_it_would_replace_and_confirms(world, parent):
    send = f"{world.health}pai/envoyer/"
    parent.post(send, {"file": picture("de la famille.png")})
    agent = Client()
    agent.force_login(world.staff("guichet", Role.OFFICE))
    agent.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    before = text(agent.get(world.health))
    assert "de la famille.png" not in before
    assert "Remplacer le fichier" not in before
    told = text(agent.post(send, {**form_with(before, "file").data(), "file": picture("du guichet.png")}))
    assert "Un fichier du PAI est déjà là, que vous ne pouvez pas lire" in told
    assert "Remplacer le fichier</button>" in told
    assert "de la famille.png" not in told
    assert HealthSheet.objects.get().pai_file.name == "de la famille.png"
    done = agent.post(
        send, {**form_with(told, "file").data(), "file": picture("du guichet.png")}, follow=True
    )
    assert "Le fichier du PAI est enregistré." in text(done)
    assert HealthSheet.objects.get().pai_file.name == "du guichet.png"
    assert agent.post(f"{world.health}pai/retirer/").status_code == 404
    assert HealthSheet.objects.get().pai_file.name == "du guichet.png"


def test_contacts_without_a_script(world, parent):
    assert "Personne d’autre que les responsables" in text(parent.get(world.contacts))
    parent.post(f"{world.contacts}ajouter/", LINE)
    sent = parent.post(f"{world.contacts}ajouter/", {**LINE, "name": "Paul Vidal"}, follow=True)
    assert "Paul Vidal est dans la liste de Zoé." in text(sent)
    assert "06 39 98 10 02" in text(sent)
    paul = PickupContact.objects.get(name="Paul Vidal")
    parent.post(f"{world.contacts}{paul.pk}/deplacer/", {"sens": "haut"})
    assert PickupContact.objects.earliest("order").name == "Paul Vidal"
    page = f"{world.contacts}{paul.pk}/"
    shown = form_with(text(parent.get(page)), "link").data()
    parent.post(page, {**shown, "link": "parrain"})
    stale = text(parent.post(page, {**shown, "link": "oncle"}))
    assert "Quelqu’un de votre foyer a modifié ceci" in stale
    assert "parrain : peut venir chercher l’enfant" in stale
    assert PickupContact.objects.get(pk=paul.pk).link == "parrain"
    parent.post(page, form_with(stale, "link").data())
    assert PickupContact.objects.get(pk=paul.pk).link == "oncle"
    parent.post(f"{world.contacts}{paul.pk}/retirer/")
    assert PickupContact.objects.get().name == "Line Roche"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "  "}, "Donnez le prénom et le nom"),
        ({"name": "x" * 121}, "120"),
        ({"phone": ""}, "Donnez un numéro"),
        ({"phone": "appeler le soir"}, "n’a que des chiffres"),
        ({"may_fetch": ""}, "venir chercher l’enfant, être appelée, ou les deux"),
        ({"name": "ROCHE Line"}, "déjà dans la liste"),
    ],
)
def test_a_bad_contact_says_why_and_loses_nothing(world, parent, changes, said):
    contact(world.durand, world.zoe)
    typed = {key: value for key, value in {**LINE, "link": "amie de la famille", **changes}.items() if value}
    answer = text(parent.post(f"{world.contacts}ajouter/", {"name": "Nina", **typed}))
    assert said in answer
    assert "amie de la famille" in answer
    assert PickupContact.objects.count() == 1


def test_a_permission_tells_whom_it_reached(world, parent):
    world.slot(world.wednesdays, capacity=3)
    (opening,) = world.openings(world.wednesdays, date(2026, 11, 25))
    world.booking(world.zoe, opening)
    assert 'value="2026-11-25"' in text(parent.get(world.permission))
    sent = text(parent.post(world.permission, RACHID, follow=True))
    assert "Prévenu : « Accueil de loisirs d’Arelle »." in sent
    assert "+32 470 12 34 56" in sent
    again = text(parent.post(world.permission, RACHID, follow=True))
    assert "déjà enregistrée" in again
    nothing = text(parent.post(world.permission, {**RACHID, "day": "2026-11-27"}, follow=True))
    assert "rien de réservé vendredi 27 novembre" in nothing
    row = PickupPermission.objects.get(day=date(2026, 11, 25))
    assert "Permission reprise" in text(parent.post(f"{world.permission}{row.pk}/reprendre/", follow=True))
    assert parent.post(f"{world.permission}{row.pk}/reprendre/").status_code == 404


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-09", "1850-01-01", "demain", ""])
def test_a_permission_for_no_such_day(world, parent, day):
    answer = text(parent.post(world.permission, {**RACHID, "day": day}))
    assert "Rachid Haddad" in answer
    assert "Choisissez un jour" in answer or "Donnez une date" in answer
    assert not PickupPermission.objects.exists()


def test_authorisations_are_a_yes_or_a_no_that_nobody_ticked(world, parent):
    photos, alone = asked(world.the_authority), asked(world.the_authority, "Seul", needs_hour=True)
    assert "checked" not in text(parent.get(world.consents))
    late = text(parent.post(world.consents, {f"c{photos.pk}": "non", f"c{alone.pk}": "oui"}))
    assert "Dites à partir de quelle heure." in late
    assert not Consent.objects.exists()
    typed = {f"c{photos.pk}": "non", f"c{alone.pk}": "oui", f"h{alone.pk}": "17:00"}
    sent = text(parent.post(world.consents, typed, follow=True))
    assert "Vos modifications sont enregistrées" in sent
    assert "Répondu par Camille" in sent
    assert '<button class="btn go" form="consents">' in sent, "in sight at the bottom, however long the list"
    assert 'value="17:00"' in sent
    assert "peut-être" in text(parent.post(world.consents, {f"c{photos.pk}": "peut-être"}))
    assert Consent.objects.get(type=photos).given is False


def test_an_answer_of_the_other_adult_is_not_written_over(world, parent):
    photos, bath = asked(world.the_authority), asked(world.the_authority, "Baignade")
    shown = form_with(text(parent.get(world.consents)), "seen").data()
    parent.post(world.consents, {**shown, f"c{photos.pk}": "non"})
    stale = text(parent.post(world.consents, {**shown, f"c{photos.pk}": "oui", f"c{bath.pk}": "oui"}))
    assert "Quelqu’un de votre foyer a modifié ceci" in stale
    assert Consent.objects.get().given is False
    parent.post(world.consents, form_with(stale, "seen").data())
    assert dict(Consent.objects.values_list("type", "given")) == {photos.pk: True, bath.pk: True}
    answered = {"seen": form_with(stale, "seen").data()["seen"], f"c{photos.pk}": "non"}
    parent.post(world.consents, answered)
    assert Consent.objects.get(type=photos).given is True, "as it was on the page: left alone"


def test_nothing_is_asked_without_an_enrolment(world, parent):
    asked(world.authority("Mairie"))
    assert "Rien ne vous est demandé pour l’instant" in text(parent.get(world.consents))


def test_the_other_home_sees_the_child_and_nothing_of_this_one(world, parent, client):
    world.shared(world.zoe, world.durand, world.petit)
    photos = asked(world.the_authority)
    sheet(world.zoe, allergies="Arachide")
    row, given = contact(world.durand, world.zoe), permission(world.durand, world.zoe, date(2026, 11, 25))
    ban(world.zoe, "Alex Petit", home=world.durand)
    parent.post(world.consents, {f"c{photos.pk}": "oui"})
    assert "Alex Petit" in text(parent.get(world.contacts))
    client.force_login(world.petit.user)
    assert "Arachide" in text(client.get(world.health)), "the sheet is the child's"
    consents = text(client.get(world.consents))
    assert "Camille, de l’autre foyer : oui" in consents
    for page in (world.page, world.health, world.contacts, world.permission):
        shown = text(client.get(page))
        for hidden in ("Line Roche", "Rachid Haddad", "Jugement", "39 98 10", "Camille Durand"):
            assert hidden not in shown, page
    assert client.get(f"{world.contacts}{row.pk}/").status_code == 404
    assert client.post(f"{world.permission}{given.pk}/reprendre/").status_code == 404
    client.post(world.consents, {f"c{photos.pk}": "non"})
    after = text(client.get(world.consents))
    assert "L’équipe suit\u00a0: non" in after


def test_who_has_no_parental_authority_reads_only(world, parent):
    Guardianship.objects.update(has_authority=False)
    sheet(world.zoe, allergies="Arachide")
    contact(world.durand, world.zoe)
    asked(world.the_authority)
    for page in (world.health, world.contacts, world.permission, world.consents):
        shown = text(parent.get(page))
        assert "autorité parentale" in shown
        assert "ENREGISTRER" not in shown
    assert "Arachide" in text(parent.get(world.health))
    answer = text(parent.post(world.permission, RACHID))
    assert "autorité parentale" in answer
    assert not PickupPermission.objects.exists()


def test_an_agent_in_the_familys_name_writes_without_reading(world, client):
    sheet(world.zoe, allergies="Arachide", pai=True, pai_file=None)
    Vaccination.objects.create(child=world.zoe, vaccine="ROR", on=date(2020, 3, 4))
    client.force_login(world.staff("guichet", Role.OFFICE))
    session = client.session
    session[ACTING_FOR] = world.durand.family.pk
    session.save()
    shown = text(client.get(world.health))
    assert "n’est pas montré ici" in shown
    assert "Arachide" not in shown
    assert "4 mars 2020" not in shown
    client.post(world.health, {"allergies": "Kiwi"})
    assert HealthSheet.objects.get().allergies == "Arachide\nKiwi"


def test_what_the_authority_hides_is_not_shown(world, parent):
    sheet(world.zoe, allergies="Arachide", treatments="Ventoline", pai=True)
    FieldPolicy.objects.create(code="health.allergies", policy="read_only")
    FieldPolicy.objects.create(code="health.treatments", policy="hidden")
    FieldPolicy.objects.create(code="health.vaccinations", policy="hidden")
    shown = text(parent.get(world.health))
    assert "Arachide" in shown
    assert 'name="allergies"' not in shown
    assert "Ventoline" not in shown
    assert "Ajouter une vaccination" not in shown
    assert 'name="remarks"' in shown


def test_another_file_is_asked_of_who_can_send_one(world, parent):
    gone = StoredFile.objects.create(
        name="PAI.pdf", kind=Kind.PDF, size=1, pages=1, sha256="0" * 64, stored_at=NOW, scan=Scan.INFECTED
    )
    sheet(world.zoe, pai=True, pai_file=gone)
    shown = text(parent.get(world.health))
    assert "un virus y a été trouvé. Envoyez-en un autre" in shown
    FieldPolicy.objects.create(code="health.pai", policy="read_only")
    shown = text(parent.get(world.health))
    assert "un virus y a été trouvé" in shown
    assert "Envoyez-en un autre" not in shown


def test_each_page_keeps_to_its_queries(world, parent, count_queries):
    for number in range(6):
        contact(world.durand, world.zoe, f"Voisin {number}", order=number)
        asked(world.the_authority, f"Sortie {number}")
        Vaccination.objects.create(child=world.zoe, vaccine=f"V{number}", on=date(2020, 3, 4))
    for page, most in (
        (world.health, 8),
        (world.contacts, 6),
        (world.permission, 5),
        (world.consents, 7),
    ):
        parent.get(page)
        with count_queries(most):
            parent.get(page)
