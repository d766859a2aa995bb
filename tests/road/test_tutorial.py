"""The tutorial of the families, walked line by line, wide and on a phone.

Each step bears the name of a section of the tutorial. Hugo walks, an agent of the office answers in
another browser, and each mail is read. Sentences between « » are the tutorial's, word for word.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.enrolments.models import Enrolment
from tests.papers.files import pdf
from tests.road.commune import INSURANCE
from tests.road.walk import STEPS, Walk, link_in, send, step, uploaded, walked
from tests.road.walker import SMALLEST, Axe
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

TABS = (
    "Ma famille",
    "Mes inscriptions",
    "Mes réservations",
    "Mes factures",
    "Mes documents",
    "Documentation structure",
    "Historique de mes actions",
    "Contactez la structure",
    "Modifier les informations de connexion",
)
SENT = (
    "Votre demande est maintenant envoyée. Le service concerné va maintenant valider votre demande.",
    "Cette validation vous permet par la suite d’accéder aux réservations",
    "des activités pour lesquelles nous autorisons les modifications.",
    "Un mail de confirmation ou de refus de l’inscription vous sera envoyé.",
)
NOT_ENOUGH = "ATTENTION L’INSCRIPTION NE SUFFIT PAS IL FAUT RÉSERVER DES CRÉNEAUX"
TREASURY = (
    "Les factures restent à régler auprès du Trésor public. "
    "Vous ne pouvez pas régler directement via le portail famille"
)


@step("Je me connecte · La première connexion")
def first_connection(walk: Walk) -> None:
    home, desk = walk.home, walk.desk
    home.open(
        "/", "accès sécurisé", "Guichet unique", "Contacts des structures", "Contactez l’une des structures"
    )
    desk.come_in("guichet", "À traiter")
    desk.open(f"/agents/familles/{walk.world.durand.family.pk}/", "Hugo Durand")
    desk.page.get_by_role("button", name="Hugo Durand").click()
    desk.look("Hugo Durand")
    home.open(link_in(walk.mail("Votre accès à l’espace famille")), "Bienvenue, Hugo Durand")
    walk.page.get_by_label("Identifiant").fill("hugo.durand")
    walk.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    walk.page.get_by_label("Le même mot de passe").fill(PASSWORD)
    home.press("J’ouvre mon accès")
    home.look("Bonjour Hugo")
    home.leave()
    home.come_in("hugo.durand", "Bonjour Hugo")


@step("Mon tableau de bord · Cliquez sur un onglet pour accéder à son contenu")
def dashboard(walk: Walk) -> None:
    home = walk.home
    tiles = home.main.get_by_role("navigation", name="Menu").locator(".links b")
    assert tuple(tiles.all_inner_texts()) == TABS
    for tab in TABS:
        home.main.get_by_role("navigation", name="Menu").get_by_role("link", name=tab).click()
        heading = walk.page.get_by_role("heading", level=1)
        expect(heading).to_contain_text("Réservations de" if tab == "Mes réservations" else tab)
        home.look()
        home.to_menu()
        expect(heading).to_have_text("Bonjour Hugo")


@step("Onglet • Ma famille")
def my_family(walk: Walk) -> None:
    home, desk = walk.home, walk.desk
    home.menu("Ma famille")
    home.look("Camille Durand", "Zoé Durand", "Léo Durand", "Noé Durand")
    home.follow("Hugo Durand")
    home.look()
    walk.page.get_by_label("Profession").fill("Menuisier")
    home.press("ENREGISTRER")
    home.look("Vos modifications sont enregistrées")
    home.menu("Ma famille")
    home.main.get_by_role("link", name="Corriger").first.click()
    walk.page.get_by_label("Rue").fill("2 rue du Four")
    home.press("ENREGISTRER")
    home.look("Certaines données sont en attente de modération", "2 rue du Four")

    walk.queue("Modification · Adresse")
    desk.look("2 rue du Four")
    desk.page.get_by_label("Accepter").check()
    desk.press("Enregistrer mes décisions")
    desk.look("C’est décidé. La famille sera prévenue")
    walk.mail("Votre dossier : une réponse à vos modifications")
    home.menu("Ma famille")
    home.look("2 rue du Four")
    expect(home.main).not_to_contain_text("en attente de modération")


@step("Onglet • Mes inscriptions · Étape 1")
def enrolments_asked(walk: Walk) -> None:
    home, desk, leo = walk.home, walk.desk, walk.world.leo
    home.menu("Mes inscriptions")
    home.look("Léo Durand")
    home.follow("Léo Durand")
    home.look("Étape 1")
    for activity in ("Mercredis d’Arelle", "Vacances à Arelle"):
        home.main.get_by_role("link", name=f"Demander : {activity}").click()
        home.look("Étape 1")
        home.press("ENREGISTRER")
        home.look(*SENT, "prendra contact avec vous", activity, "Référence")
        walk.mail("Demande d’inscription reçue", activity, "Le service concerné va maintenant valider")
        home.follow("Inscriptions de Léo")
        home.look("en attente")

    walk.queue("Mercredis d’Arelle")
    desk.press("Accepter")
    desk.look("Inscription acceptée")
    walk.mail("inscription validée", NOT_ENOUGH)
    walk.queue("Vacances à Arelle")
    desk.main.get_by_text("Refuser…").click()
    desk.main.get_by_label("Raison du refus").fill("Il manque un document au dossier.")
    desk.press("Refuser la demande")
    desk.look("Demande refusée", "Appel à passer")
    walk.mail("inscription non validée", "Il manque un document au dossier.", "prendra contact avec vous")
    walk.queue("Vacances à Arelle")
    desk.look("Qui appeler", "Il manque un document au dossier.")
    desk.press("Famille jointe")
    states = dict(Enrolment.objects.filter(person=leo).values_list("activity__name", "state"))
    assert states == {"Mercredis d’Arelle": "accepted", "Vacances à Arelle": "refused"}


@step("Onglet • Mes inscriptions · Étape 2")
def enrolments_followed(walk: Walk) -> None:
    home = walk.home
    home.menu("Mes inscriptions")
    home.follow("Léo Durand")
    home.look("acceptée", "refusée", "Il manque un document au dossier.", NOT_ENOUGH)
    home.main.locator("select").first.select_option(label="acceptée")
    home.press("Filtrer les inscriptions")
    home.look("Mercredis d’Arelle")
    home.follow("Détails")
    home.look("Mercredis d’Arelle", "acceptée", NOT_ENOUGH)
    home.follow("Étape 2 : réserver des créneaux")
    home.look("Réservations de Léo")


@step("Onglet • Mes réservations")
def bookings(walk: Walk) -> None:
    home, world = walk.home, walk.world
    week = f"/reservations/?enfant={world.leo.pk}&date={world.wednesday}&activite=toutes"
    home.open(week, "Réservations de Léo", "Cliquez sur une case blanche", "libre", "délai dépassé")
    expect(
        walk.page.get_by_role("navigation", name="Affichage", include_hidden=True).locator("a")
    ).to_have_count(3)
    more = walk.page.locator(".bar .more")
    for view in ("Mois", "Jour", "Semaine"):
        if more.is_visible():
            more.click()
        walk.page.get_by_role("navigation", name="Affichage").get_by_role("link", name=view).click()
        home.look("Réservations de Léo")
    home.cell("Matin").check(force=True)
    home.look("À enregistrer")
    home.cell("Matin").uncheck(force=True)
    expect(walk.page.locator("[data-summary]")).to_contain_text("Rien n’est gardé avant")
    home.cell("Matin").check(force=True)
    home.press("ENREGISTRER")
    home.look("C’est enregistré", "Réservé.")
    home.cell("Matin").uncheck(force=True)
    home.press("ENREGISTRER")
    home.look("Annulé.")
    assert not Booking.objects.live().filter(child=world.leo).exists()


@step("Onglet • Mes réservations · le multi-accueil valide")
def childcare(walk: Walk) -> None:
    home, desk, world = walk.home, walk.desk, walk.world
    home.open(f"/reservations/?enfant={world.noe.pk}&date={world.wednesday}&vue=semaine&activite=toutes")
    for end, hour in (("a", "08:00"), ("d", "12:00")):
        walk.page.locator(f"select[name^='h-'][name$='-{end}']").first.select_option(hour)
    home.press("ENREGISTRER")
    home.look("Demandé : la structure doit encore valider.", "en attente de validation")
    walk.queue("Noé Durand")
    desk.look("Réservations à valider")
    desk.press("Accepter")
    walk.mail("réservations validées", "Multi-accueil")
    assert Booking.objects.get(child=world.noe).state == BookingState.BOOKED
    home.follow("Matinées du relais")
    home.look("4 places libres")
    home.follow("Réserver")
    walk.page.get_by_label("Noé").check()
    home.press("ENREGISTRER")
    home.look("Vous venez", "Noé")


@step("Onglet • Mes réservations · une absence")
def absence(walk: Walk) -> None:
    home, world = walk.home, walk.world
    home.menu("Mes réservations")
    home.open(f"/reservations/?enfant={world.zoe.pk}&date={world.today}&vue=jour&activite=toutes", "Repas")
    home.follow("déclarer une absence")
    home.look("Ce que cela veut dire")
    home.press("DÉCLARER L’ABSENCE")
    home.look("Absence notée")
    walk.mail("Absence notée pour Zoé")
    home.follow("Réservations de Zoé")
    home.follow("À venir, à imprimer")
    home.look("absence déclarée")


@step("Les factures")
def invoices(walk: Walk) -> None:
    home = walk.home
    home.menu("Mes factures")
    home.look(TREASURY, "86,40 €", "Factures mensuelles à payer")
    assert walk.page.locator(".rows > li").count() == 1
    walk.page.get_by_text("Filtrer les factures").click()
    walk.page.select_option("#etat", "toutes")
    home.press("Filtrer")
    home.look("20,00 €")
    home.main.locator(".rows > li a").first.click()
    home.look("Le détail", "Repas", TREASURY)
    with walk.page.expect_download() as download:
        home.follow("Télécharger le PDF")
    assert download.value.suggested_filename.endswith(".pdf")


@step("Les documents")
def papers(walk: Walk) -> None:
    home, desk = walk.home, walk.desk
    home.menu("Mes documents")
    home.look("Votre foyer", "Zoé Durand", "à envoyer")
    home.main.get_by_role("link", name="Votre foyer", exact=True).click()
    home.look("Avis d’imposition")
    send(walk, "Avis d’imposition")
    walk.queue("Avis d’imposition")
    desk.look("Document à vérifier")
    desk.main.get_by_text("Refuser…").click()
    desk.page.get_by_label("Raison du refus").fill("La photo est floue.")
    desk.press("Refuser le document")
    walk.mail("Document à renvoyer", "La photo est floue.")
    home.menu("Mes documents")
    home.main.get_by_role("link", name="Votre foyer", exact=True).click()
    home.look("refusé")
    send(walk, "Avis d’imposition")
    walk.queue("Avis d’imposition")
    desk.press("Accepter")
    desk.look("Document accepté.")
    walk.mail("Document accepté")


@step("Onglet • Documentation structure")
def publications(walk: Walk) -> None:
    home = walk.home
    home.menu("Documentation structure")
    home.look("Restaurant scolaire", "Règlement de la restauration", "Modèle d’attestation")
    with walk.page.expect_download() as download:
        home.main.get_by_role("link", name="Télécharger : Modèle").click()
    assert download.value.suggested_filename.endswith(".pdf")
    home.main.get_by_role("button", name="J’ai lu et j’accepte").click()
    home.look("C’est noté : vous avez lu et accepté ce document.")
    home.follow("Retourner pour Zoé")
    home.look(INSURANCE)
    walk.page.locator("input[type=file]").first.set_input_files([uploaded(pdf())])
    home.press("Envoyer")
    home.look("Votre document est envoyé.")


@step("Onglet • Historique de mes actions")
def history(walk: Walk) -> None:
    home = walk.home
    home.menu("Historique de mes actions")
    home.look("Connexion", "Demande d’inscription envoyée", "Document envoyé", "Absence déclarée : Zoé")
    walk.page.get_by_text("Choisir ce que je vois").click()
    walk.page.select_option("#nature", index=1)
    home.press("Filtrer")
    home.look("Connexion")
    expect(home.main).not_to_contain_text("Document envoyé")


@step("Contactez la structure")
def contact(walk: Walk) -> None:
    home, desk, page = walk.home, walk.desk, walk.page
    home.menu("Contactez la structure")
    home.look("Écrire un message")
    home.follow("Écrire un message")
    home.look("Formulaire de contact")
    expect(page.get_by_label("Je ne suis pas un robot")).to_have_count(0)
    page.get_by_label("Choisir le destinataire").select_option(index=1)
    page.get_by_label("Objet du message").fill("Les bottes")
    page.get_by_label("Contenu du message").fill("Faut-il des bottes mercredi ?")
    home.press("ENVOYER LE MESSAGE")
    home.look("est envoyé au service")
    walk.mail("Message bien reçu")
    walk.mail("Les bottes", "Faut-il des bottes mercredi ?", to="structure@arelle.example")

    desk.page.goto("/agents/messages/")
    desk.follow("Les bottes")
    desk.page.get_by_label("Votre réponse").fill("Oui, il pleuvra.")
    desk.press("Envoyer la réponse")
    desk.look("Oui, il pleuvra.")
    assert "il pleuvra" not in walk.mail("vous a répondu")
    home.menu("Contactez la structure")
    home.look("1 non lu")
    home.follow("Mes échanges")
    home.look("non lu")
    home.follow("Les bottes")
    home.look("Oui, il pleuvra.", "Faut-il des bottes mercredi ?")


@step("Modifier les informations de connexion")
def connection(walk: Walk) -> None:
    home, page = walk.home, walk.page
    home.menu("Modifier les informations de connexion")
    home.look("hugo.durand")
    for link in (
        "Choisir mes courriels",
        "Voir l’adresse du calendrier",
        "Voir les appareils",
        "Voir mes droits",
    ):
        home.follow(link)
        home.look()
        home.menu("Modifier les informations de connexion")
    home.follow("Changer d’adresse de courriel")
    page.get_by_label("Adresse de courriel").fill("hugo@nouvelle.example")
    page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    home.press("ENREGISTRER")
    home.look("Un lien vient de partir à la nouvelle adresse")
    home.open(link_in(walk.mail("Confirmez votre adresse de courriel", to="hugo@nouvelle.example")))
    home.press("Je confirme mon adresse")
    home.look("Votre nouvelle adresse de courriel est confirmée.")
    walk.mail("Votre adresse de courriel a été modifiée")
    home.follow("Changer de mot de passe")
    home.look()
    page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill(f"{PASSWORD}-bis")
    page.get_by_label("Le même mot de passe").fill(f"{PASSWORD}-bis")
    home.press("ENREGISTRER")
    home.look("Modifier les informations de connexion")
    walk.mail("Votre mot de passe a été modifié", to="hugo@nouvelle.example")
    home.leave()
    home.come_in("hugo.durand", "Bonjour Hugo", f"{PASSWORD}-bis")
    home.leave()


@step("Contacts · Guichet unique")
def single_counter(walk: Walk) -> None:
    """A future parent, without an account."""
    home, desk, page, world = walk.home, walk.desk, walk.page, walk.world
    home.open(
        "/", "Parents ou futurs parents, vous cherchez un mode de garde pour votre enfant de 0 à 6 ans ?"
    )
    home.follow("Faire une demande au guichet unique")
    home.look("Guichet unique")
    page.get_by_label("Votre prénom et votre nom").fill("Clara Weiss")
    page.get_by_label("Votre adresse de courriel").fill("clara@familles.example")
    page.get_by_label("Ou naissance prévue le").fill(str(world.wednesday))
    page.get_by_label("À partir du").fill(str(world.span["last_day"]))
    page.get_by_role("checkbox", name="Lundi").check()
    page.locator("#id_hour_from").fill("07:00")
    page.locator("#id_hour_to").fill("17:00")
    page.get_by_label("Je ne suis pas un robot").check()
    page.get_by_role("status").get_by_text("C’est vérifié, merci.").wait_for()
    home.look()
    home.press("ENVOYER LA DEMANDE")
    home.look("Votre demande est arrivée")
    walk.mail("Votre demande de mode de garde est arrivée", to="clara@familles.example")
    walk.queue("Clara Weiss")
    desk.look("Personne n’a encore contacté cette famille.")
    desk.main.get_by_role("radio").first.check()
    desk.page.get_by_label("Votre réponse à la famille").fill("Odile a une place chez elle.")
    desk.press("Clore la demande")
    desk.look("Odile a une place chez elle.")
    walk.mail("Réponse à votre demande de mode de garde", to="clara@familles.example")


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.prove), SMALLEST])
def test_the_tutorial_line_by_line(open_page: Any, axe: Axe, width: int) -> None:
    walked(Walk(open_page, axe, width), STEPS)


def test_the_key_pages_without_javascript(open_page: Any, axe: Axe) -> None:
    """Booking without scripts is in `test_main_road`, the sum instead of the box in the contact's tests."""
    plain = (first_connection, my_family, childcare, absence, invoices, papers, publications, contact)
    walked(Walk(open_page, axe, SMALLEST, javascript=False), [one for one in STEPS if one[1] in plain])
