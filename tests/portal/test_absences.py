"""« Déclarer une absence », as a parent and an agent see it; and what is coming, to print."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from marelle.activities.absences import AbsenceRule, Delay, Origin, Unit
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.absences.services import absences_declare
from marelle.bookings.models import Absence, AbsenceProof, Booking
from marelle.bookings.states import BookingState, EndCause, ProofState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.files.fields import checked
from marelle.files.models import StoredFile
from marelle.files.rules import Scan
from marelle.journal.models import Entry
from tests.buckets import failing, keep_in
from tests.reading import text
from tests.scenario import Scenario, picture

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.canteen = self.activity("Restauration scolaire", kind="canteen")
        self.slot(self.canteen, "Repas", "12:00", "13:30", weekdays=[0, 1, 2], capacity=10, has_meal=True)
        self.rule(self.canteen, absence_proof_hours=48)
        self.enrolment(self.zoe, self.canteen, self.durand)
        days = self.openings(self.canteen, MONDAY, MONDAY + timedelta(days=2))
        self.monday, self.tuesday, self.wednesday = (self.booking(self.zoe, day) for day in days)

    def page(self, booking: Booking) -> str:
        return f"/reservations/absence/{booking.pk}/"


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def test_the_planning_leads_to_the_absence_of_a_place_that_is_locked(world, parent):
    week = f"/reservations/?enfant={world.zoe.pk}&date={MONDAY}&vue=semaine&activite=toutes"
    found = text(parent.get(week))
    assert f'<a href="{world.page(world.monday)}">déclarer une absence</a>' in found
    assert world.page(world.tuesday) not in found


def test_what_it_means_is_said_before(world, parent):
    found = text(parent.get(world.page(world.monday)))
    assert "Lundi 23 novembre · Repas, 12 h – 13 h 30 · Restauration scolaire" in found
    assert "Elle reste réservée à votre enfant" in found
    assert "Il est déjà commandé." in found
    assert "jusqu’au mercredi 25 novembre à 12 h 00" in found


def graded(world: Village) -> None:
    """Before nine; proofs before the start, then within three days of the first; a day of carence."""
    rule = AbsenceRule(
        MONDAY,
        None,
        told=Limit(LimitKind.DAYS_BEFORE, time=time(9), strict=True),
        proofs=(Delay(0, Unit.HOURS), Delay(3, Unit.CALENDAR, Origin.FIRST)),
        waiting_days=1,
    )
    world.absence_rule(world.canteen, rule)


def plain(response) -> str:
    return text(response).replace("\u00a0", " ")


def test_each_delay_and_the_carence_are_said_before_and_what_it_is_after(world, parent):
    graded(world)
    before = plain(parent.get(world.page(world.monday)))
    assert "Dites-la avant le lundi 23 novembre à 9 h 00 : elle est alors dite à temps." in before
    assert "Reçu jusqu’au lundi 23 novembre à 12 h 00, il compte : justifiée à temps." in before
    assert "Reçu jusqu’au jeudi 26 novembre à 23 h 59, il compte : justifiée dans le 2ᵉ délai." in before
    assert (
        "Délai de carence : 1 jour depuis le premier jour de l’absence, même avec un justificatif." in before
    )
    assert "Ce jour en est un." in before
    after = plain(parent.post(world.page(world.monday), {"reason": "illness"}, follow=True))
    assert "dite à temps, non justifiée, jour de carence" in after


def test_the_days_told_together_are_one_absence(world, parent):
    graded(world)
    world.canteen.booking_rules.update(cancel_n=9)
    here = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-23&au=2026-11-25"
    page = plain(parent.get(here))
    assert page.count("C’est un jour de carence, facturé même avec un justificatif.") == 1
    assert page.count("avec un justificatif reçu jusqu’au jeudi 26 novembre à 23 h 59.") == 2
    told = {"reason": "", "vu": " ".join(fates(page)), "b": [world.monday.pk, world.tuesday.pk]}
    done = plain(parent.post(here, told, follow=True))
    assert done.count("Absence déclarée.") == 2
    assert done.split("Mardi 24 novembre")[1].count("jusqu’au jeudi 26 novembre") >= 1


def test_an_agent_counts_a_late_proof_as_if_it_had_come_in_time(world, client):
    graded(world)
    made = absences_declare(
        actor=world.durand.actor, booking_ids=[world.monday.pk], proof=checked(picture()), now=NOW
    )
    assert made == (None,)
    AbsenceProof.objects.update(sent_at=NOW + timedelta(days=1))
    client.force_login(world.staff("direction", Role.DIRECTOR))
    here = f"/agents/reservations/absences/{AbsenceProof.objects.get().pk}/"
    page = plain(client.get(here))
    assert "dite à temps, justifiée dans le 2ᵉ délai, jour de carence" in page
    missing = plain(client.post(here, {"answer": "in_time", "derogation": " "}))
    assert "Donnez une raison : les autres agents la liront." in missing
    AbsenceProof.objects.update(sent_at=NOW + timedelta(days=9))
    late = plain(client.get(here))
    assert "Absence justifiée" not in late
    assert "Compter comme reçu à temps…" in late
    client.post(here, {"answer": "accept"})
    assert AbsenceProof.objects.get().state == ProofState.RECEIVED
    client.post(here, {"answer": "in_time", "derogation": "Hospitalisée."})
    assert AbsenceProof.objects.get().derogation == "Hospitalisée."
    decided = plain(client.get(here))
    assert "dite à temps, justifiée à temps, jour de carence" in decided
    assert "Hospitalisée." in decided


def test_while_it_can_be_cancelled_the_page_leads_there(world, parent):
    found = text(parent.get(world.page(world.wednesday)))
    assert "peut encore être annulée" in found
    assert f"/reservations/absence/?enfant={world.zoe.pk}&amp;du=2026-11-25&amp;au=2026-11-25" in found
    assert f"/reservations/?enfant={world.zoe.pk}&amp;date=2026-11-25" in found
    parent.post(world.page(world.wednesday), {"reason": ""})
    assert not Absence.objects.exists()


def test_told_then_taken_back(world, parent):
    told = parent.post(world.page(world.monday), {"reason": "illness"}, follow=True)
    assert "Absence notée : la structure est prévenue." in text(told)
    assert "maladie" in text(told)
    again = parent.post(world.page(world.monday), {"reason": ""}, follow=True)
    assert "Cette absence est déjà déclarée." in text(again)
    back = parent.post(f"{world.page(world.monday)}retirer/", follow=True)
    assert "l’équipe attend de nouveau Zoé" in text(back)
    assert not Absence.objects.exists()


def test_a_bad_document_keeps_what_was_typed(world, parent):
    bad = SimpleUploadedFile("certificat.pdf", b"<html><script>")
    sent = parent.post(world.page(world.monday), {"reason": "illness", "proof": bad})
    assert "ni un PDF ni une photo" in text(sent)
    assert '<option value="illness" selected>' in text(sent)
    assert not Absence.objects.exists()


def test_where_nothing_keeps_files_it_is_told_beside_what_was_typed(world, parent, settings):
    with failing() as away:
        keep_in(settings, away)
        sent = parent.post(world.page(world.monday), {"reason": "illness", "proof": picture()})
    assert sent.status_code == 200
    assert "Nous ne pouvons pas garder de fichier pour le moment" in text(sent)
    assert '<option value="illness" selected>' in text(sent)
    assert not Absence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_where_the_store_fails_at_the_last_moment_nothing_is_saved_and_that_is_told(world, parent, settings):
    parent.raise_request_exception = False
    with failing(lists=True) as away:
        keep_in(settings, away)
        sent = parent.post(world.page(world.monday), {"reason": "illness", "proof": picture()})
    assert sent.status_code == 503
    assert "L’endroit où nous gardons les fichiers ne répond pas" in text(sent)
    assert "Rien de ce que vous venez d’envoyer n’a été enregistré" in text(sent)
    assert not Absence.objects.exists()
    assert not AbsenceProof.objects.exists()


def test_a_reason_out_of_the_list_is_refused(world, parent):
    sent = parent.post(world.page(world.monday), {"reason": "<b>grippe</b>"})
    assert "Choisissez une raison dans la liste." in text(sent)
    assert not Absence.objects.exists()


def test_the_document_goes_to_the_structure_and_comes_back_decided(world, parent):
    parent.post(world.page(world.monday), {"reason": "illness", "proof": picture()})
    proof = AbsenceProof.objects.get()
    own = parent.get(f"{world.page(world.monday)}justificatif/")
    assert own.getvalue()[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")
    read = Entry.objects.filter(verb="absence.proof_read")
    assert not read.exists()
    director = Client()
    director.force_login(world.staff("direction", Role.DIRECTOR))
    assert f"/agents/reservations/absences/{proof.pk}/" in text(director.get("/agents/"))
    page = f"/agents/reservations/absences/{proof.pk}/"
    assert director.get(f"{page}fichier/").getvalue()
    assert read.get().verb == "absence.proof_read"
    missing = director.post(page, {"answer": "refuse", "reason": ""})
    assert "Donnez une raison : la famille la lira." in text(missing)
    director.post(page, {"answer": "refuse", "reason": "La date est illisible."})
    found = text(parent.get(world.page(world.monday)))
    assert "La date est illisible." in found
    assert "Envoyer le justificatif" in found
    parent.post(f"{world.page(world.monday)}justificatif/", {"proof": picture()})
    second = AbsenceProof.objects.last()
    director.post(f"/agents/reservations/absences/{second.pk}/", {"answer": "accept"})
    assert "justifiée" in text(parent.get(world.page(world.monday)))
    week = f"/reservations/?enfant={world.zoe.pk}&date={MONDAY}&vue=semaine&activite=toutes"
    assert "voir l’absence" in text(parent.get(week))


def test_a_document_that_was_destroyed_is_accepted_by_nobody_and_sent_again(world, parent):
    parent.post(world.page(world.monday), {"reason": "illness", "proof": picture()})
    StoredFile.objects.update(scan=Scan.INFECTED.value, scan_at=timezone.now())
    lost = AbsenceProof.objects.get()
    director = Client()
    director.force_login(world.staff("direction", Role.DIRECTOR))
    page = f"/agents/reservations/absences/{lost.pk}/"
    shown = text(director.get(page))
    assert "qui a été détruit" in shown
    assert 'value="accept"' not in shown
    assert "qui a été détruit" in text(director.post(page, {"answer": "accept"}, follow=True))
    mine = text(parent.get(world.page(world.monday)))
    assert "fichier détruit, à renvoyer" in mine
    assert "la structure va le lire" not in mine
    parent.post(f"{world.page(world.monday)}justificatif/", {"proof": picture()})
    assert "la structure va le lire" in text(parent.get(world.page(world.monday)))
    assert AbsenceProof.objects.get() != lost
    assert director.get(page).status_code == 404


def test_an_agent_in_the_name_of_a_home_opens_only_the_proofs_of_its_authority(world, parent):
    parent.post(world.page(world.monday), {"reason": "illness", "proof": picture()})
    elsewhere = world.authority("Mairie de Brisecombe")
    for name, authority in (("mairie", elsewhere), ("guichet", world.the_authority)):
        agent = Client()
        agent.force_login(world.staff(name, Role.OFFICE, authority=authority))
        agent.post(f"/agents/familles/{world.durand.family.pk}/agir/")
        address = f"{world.page(world.monday)}justificatif/"
        linked = f'href="{address}"' in text(agent.get(world.page(world.monday)))
        opened = b"Page introuvable" not in agent.get(address).getvalue()
        assert (linked, opened) == (authority != elsewhere, authority != elsewhere)
    entry = Entry.objects.get(verb="absence.proof_read")
    assert (entry.actor_label.startswith("Guichet"), entry.family_id) == (True, world.durand.family.pk)


def fates(page: str) -> list[str]:
    return re.findall(r'name="vu" value="([^"]*)"', page)[0].split()


def test_a_day_says_what_becomes_of_each_booking_then_does_it_once_and_takes_it_back(world, parent):
    span = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-23&au=2026-11-25"
    found = text(parent.get(span))
    assert f'value="{world.monday.pk}" checked' in found
    assert fates(found) == [
        f"{world.monday.pk}.declare",
        f"{world.tuesday.pk}.cancel",
        f"{world.wednesday.pk}.cancel",
    ]
    assert "Le repas est déjà commandé. Peut ne pas être facturé, avec un justificatif reçu" in found
    assert "Le repas n’est pas commandé, rien n’est facturé." in found
    nothing = parent.post(span, {"reason": ""})
    assert "Cochez au moins un jour." in text(nothing)
    sent = {
        "reason": "illness",
        "vu": " ".join(fates(found)),
        "b": [world.monday.pk, world.wednesday.pk, "x", "9" * 30],
    }
    told = parent.post(span, sent)
    assert re.search(r"&fait=20[0-9]{18}$", told["Location"])
    assert set(Absence.objects.values_list("booking_id", "reason")) == {(world.monday.pk, "illness")}
    world.wednesday.refresh_from_db()
    assert (world.wednesday.state, world.wednesday.end_cause) == ("cancelled", "family")
    after = text(parent.get(told["Location"]))
    assert "Annulé. Le repas n’est pas commandé, rien n’est facturé." in after
    assert "Absence déclarée. Le repas est déjà commandé." in after
    hidden = dict(re.findall(r'type="hidden" name="(enfant|fait|du)" value="([^"]*)"', after))
    back = text(parent.post("/reservations/absence/annuler/", hidden, follow=True))
    assert "Absence retirée" in back
    assert "Réservé." in back
    assert not Absence.objects.exists()
    assert Booking.objects.filter(child=world.zoe, state="booked").count() == 3
    twice = text(parent.post("/reservations/absence/annuler/", hidden, follow=True))
    assert "Il n’y avait plus rien à annuler." in twice or "C’était déjà réservé." in twice


def test_sent_twice_the_second_answer_is_the_first(world, parent, time_machine):
    span = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-23&au=2026-11-24"
    booked = [world.monday.pk, world.tuesday.pk]
    sent = {"reason": "", "vu": " ".join(fates(text(parent.get(span)))), "b": booked}
    first = parent.post(span, sent)
    time_machine.move_to(NOW + timedelta(seconds=1))
    second = parent.post(span, sent)
    assert second["Location"] == first["Location"]
    answer = text(parent.get(second["Location"]))
    assert "Absence déclarée." in answer
    assert "Tout est repris d’un coup" in answer


def test_what_the_structure_cancelled_meanwhile_is_not_called_told(world, parent):
    span = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-24&au=2026-11-24"
    sent = {"reason": "", "vu": " ".join(fates(text(parent.get(span)))), "b": [world.tuesday.pk]}
    Booking.objects.filter(pk=world.tuesday.pk).update(
        state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE, ended_at=NOW
    )
    answer = text(parent.post(span, sent, follow=True))
    assert "Ce n’est plus réservé" in answer
    assert "Tout est repris d’un coup" not in answer


def test_what_has_changed_since_it_was_shown_is_shown_again(world, parent, time_machine):
    span = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-24&au=2026-11-24"
    shown = fates(text(parent.get(span)))
    time_machine.move_to(NOW.replace(hour=13))
    parent.force_login(world.durand.user)
    answer = text(parent.post(span, {"reason": "illness", "vu": " ".join(shown), "b": [world.tuesday.pk]}))
    assert "rien n’a été fait" in answer
    assert fates(answer) == [f"{world.tuesday.pk}.declare"]
    assert '<option value="illness" selected>' in answer
    assert not Absence.objects.exists()
    assert not Booking.objects.filter(state="cancelled").exists()


def test_what_can_be_done_no_more_says_so_and_is_not_called_done(world, parent, time_machine):
    span = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-23&au=2026-11-23"
    shown = fates(text(parent.get(span)))
    time_machine.move_to(NOW.replace(hour=7, day=28))
    parent.force_login(world.durand.user)
    answer = text(parent.post(span, {"reason": "", "vu": " ".join(shown), "b": [world.monday.pk]}))
    assert "rien n’a été fait" in answer
    assert "Trop tard" in answer
    assert "déjà noté" not in answer
    assert not Absence.objects.exists()


@pytest.mark.parametrize("at", ["", "x", "20261399000000000000", "20261123060000000000"])
def test_an_act_that_is_not_there_is_not_taken_back(world, parent, at):
    sent = parent.post("/reservations/absence/annuler/", {"enfant": world.zoe.pk, "fait": at})
    assert sent.status_code == (302 if at.startswith("20261123") else 404)
    assert parent.post("/reservations/absence/annuler/", {"enfant": 10**15, "fait": at}).status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("du=2026-11-25&au=2026-11-23", "La fin vient avant le début"),
        ("du=1850-01-01&au=2026-11-23", "31 jours au plus"),
        ("du=hier&au=", "Donnez une date"),
    ],
)
def test_a_span_that_makes_no_sense_says_so(world, parent, query, said):
    assert said in text(parent.get(f"/reservations/absence/?enfant={world.zoe.pk}&{query}"))


def test_the_days_of_another_home_are_not_there(world, parent):
    martin = world.home("Martin")
    ana = world.child(martin, "Ana")
    world.enrolment(ana, world.canteen, martin)
    theirs = world.booking(ana, world.monday.opening)
    assert parent.get(world.page(theirs)).status_code == 404
    span = f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-23&au=2026-11-25"
    assert parent.post(span, {"reason": "", "b": [theirs.pk]}).status_code == 404
    found = parent.get(f"/reservations/absence/?enfant={ana.pk}&du=2026-11-23&au=2026-11-25")
    assert "Choisissez un enfant dans la liste." in text(found)


def test_what_is_coming_is_told_by_day_with_what_the_structure_cancelled(world, parent, count_queries):
    Booking.objects.filter(pk=world.tuesday.pk).update(
        state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE, ended_at=NOW
    )
    Absence.objects.create(booking=world.monday, declared_at=NOW, declared_by="Camille")
    with count_queries(10):
        found = text(parent.get("/reservations/a-venir/"))
    assert found.index("Lundi 23 novembre") < found.index("absence déclarée") < found.index("Mardi 24")
    assert "annulé par la structure" in found
    assert "data-print" in found
    leo = world.child(world.durand, "Léo")
    only = text(parent.get(f"/reservations/a-venir/?enfant={leo.pk}&semaines=2"))
    assert "Rien de réservé sur cette période" in only
    assert "Repas" in text(parent.get("/reservations/a-venir/?enfant=999&semaines=x"))


@pytest.mark.parametrize("width", [390, 1280])
def test_an_absence_in_a_browser(world, live_server, open_page, axe, width, time_machine):
    page = open_page(width=width)
    time_machine.move_to(NOW, tick=True)
    page.goto("/connexion/")
    page.fill("[name=identifier]", world.durand.user.identifier)
    page.fill("[name=password]", "Une-phrase-a-retenir-2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tableau-de-bord/")
    page.goto(world.page(world.monday))
    assert axe(page) == []
    page.get_by_role("button", name="DÉCLARER L’ABSENCE").click()
    page.get_by_text("L’absence est déclarée.").wait_for()
    assert axe(page) == []
    page.goto(f"/reservations/absence/?enfant={world.zoe.pk}&du=2026-11-23&au=2026-11-25")
    assert axe(page) == []
    page.goto("/reservations/a-venir/")
    assert axe(page) == []
