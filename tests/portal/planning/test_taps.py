"""Everyday tasks of a parent on a phone, counted in taps from the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from time_machine import TimeMachineFixture

from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.models import Absence, Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.flows.actor.actors import actor_for
from marelle.messaging.models import Thread
from marelle.messaging.services import thread_answer
from marelle.messaging.writing import Letter
from marelle.papers.models import Paper
from tests.papers.files import picture
from tests.papers.world import Desk
from tests.portal.planning.cast import Cast
from tests.portal.planning.conftest import Opener, log_in
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = 390
INSURANCE = "Attestation d’assurance"
SATURDAY = datetime(2026, 11, 28, 10, tzinfo=PARIS)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=PARIS)


class Thumb:
    """What a parent touches; a date or a word typed would be one too."""

    def __init__(self) -> None:
        self.taps = 0

    def __call__(self, target: Locator) -> None:
        self.taps += 1
        target.scroll_into_view_if_needed()
        target.click(force=True)


@pytest.fixture
def canteen(transactional_db: None, time_machine: TimeMachineFixture) -> Cast:
    """A canteen of four days a week, to book until the day before at noon; it is Saturday."""
    time_machine.move_to(SATURDAY, tick=True)
    world = Scenario()
    cast = Cast(world)
    meals = world.activity("Restauration scolaire", kind="canteen")
    world.slot(meals, "Repas", "12:00", "13:30", weekdays=[0, 1, 3, 4], capacity=20, has_meal=True)
    world.rule(meals, absence_proof_hours=48)
    world.enrolment(cast.zoe, meals, cast.durand)
    world.openings(meals, date(2026, 11, 16), date(2027, 1, 29))
    cast.__dict__["wednesdays"] = meals
    return cast


def entered(cast: Cast | Desk, open_page: Opener, live_server: object, *, javascript: bool = True) -> Page:
    page = open_page(width=PHONE, height=844, javascript=javascript)
    log_in(page, cast.durand.user, str(live_server))
    page.goto("/tableau-de-bord/")
    return page


def to_planning(page: Page) -> Locator:
    return page.locator('a[href^="/reservations/"]:visible').first


@pytest.mark.parametrize("javascript", [True, False])
def test_four_weeks_of_canteen(
    canteen: Cast, open_page: Opener, live_server: object, javascript: bool
) -> None:
    page, tap = entered(canteen, open_page, live_server, javascript=javascript), Thumb()
    tap(to_planning(page))
    for _meal in range(4):
        tap(page.locator(".plan input[name=c]:not(:checked)").first)
    tap(page.get_by_role("button", name="ENREGISTRER"))
    tap(page.get_by_role("link", name="Répéter la semaine…"))
    tap(page.get_by_role("button", name="Voir ce que cela donne"))
    tap(page.get_by_role("button", name="ENREGISTRER"))
    expect(page.locator(".outcomes")).to_contain_text("16 réservations enregistrées")
    days = set(Booking.objects.filter(child=canteen.zoe, state="booked").values_list("day", flat=True))
    assert {day.isocalendar().week for day in days} >= {49, 50, 51, 52}
    assert tap.taps == 9  # Twelve before.


@pytest.fixture
def ill(transactional_db: None, time_machine: TimeMachineFixture) -> Cast:
    """On Monday at seven: a meal that can be cancelled no more, and an evening that still can."""
    time_machine.move_to(MONDAY, tick=True)
    world = Scenario()
    cast = Cast(world)
    for name, slot, hours, rule in (
        ("Restauration scolaire", "Repas", ("12:00", "13:30"), {"absence_proof_hours": 48}),
        ("Périscolaire", "Soir", ("16:30", "18:30"), {"book": Limit(LimitKind.START)}),
    ):
        activity = world.activity(name)
        world.slot(activity, slot, *hours, weekdays=range(5), has_meal=slot == "Repas")
        world.rule(activity, **rule)
        world.enrolment(cast.zoe, activity, cast.durand)
        for opening in world.openings(activity, MONDAY.date(), MONDAY.date() + timedelta(days=2)):
            world.booking(cast.zoe, opening)
    return cast


@pytest.mark.parametrize("javascript", [True, False])
def test_an_ill_child(
    ill: Cast, open_page: Opener, live_server: object, axe: Callable[[Page], list[str]], javascript: bool
) -> None:
    page, tap = entered(ill, open_page, live_server, javascript=javascript), Thumb()
    tap(to_planning(page))
    tap(page.get_by_role("link", name="Absence ce jour").first)
    expect(page.locator("main")).to_contain_text("rien n’est facturé")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    if javascript:
        assert axe(page) == []
    tap(page.get_by_role("button", name="CONFIRMER L’ABSENCE"))
    expect(page.locator(".outcomes")).to_contain_text("Absence déclarée.")
    assert tap.taps == 3  # Five before.
    assert (Absence.objects.count(), Booking.objects.filter(state="cancelled").count()) == (1, 1)
    if javascript:
        assert axe(page) == []
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator(".outcomes")).to_contain_text("Absence retirée")
    assert (Absence.objects.count(), Booking.objects.filter(state="booked").count()) == (0, 6)


@pytest.fixture
def insured(transactional_db: None) -> Desk:
    """Zoé must be insured."""
    world = Desk()
    today = local(timezone.now()).date()
    activity = world.activity(first_day=today - timedelta(days=30), last_day=today + timedelta(days=300))
    world.enrolment(world.zoe, activity, world.durand)
    world.wednesdays = activity
    world.paper_type(INSURANCE, needed_by=[activity], validity="school_year")
    return world


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(("others", "taps"), [(0, 3), (2, 3), (6, 4)])
def test_the_insurance_certificate(
    insured: Desk, open_page: Opener, live_server: object, others: int, taps: int, javascript: bool
) -> None:
    for number in range(others):
        insured.paper_type(f"Document {number}", needed_by=[insured.wednesdays])
    page, tap = entered(insured, open_page, live_server, javascript=javascript), Thumb()
    row = page.get_by_role("link", name=INSURANCE)
    if not row.count():
        tap(page.get_by_role("link", name="documents vous attendent"))
        row = page.get_by_role("link", name=INSURANCE)
    tap(row.first)
    with page.expect_file_chooser() as chooser:
        tap(page.locator("input[type=file]").first)
    sent = picture()
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": sent.read()})
    tap(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_text("Votre document est envoyé.")).to_be_visible()
    assert (
        Paper.objects.filter(person=insured.zoe, paper_type__title=INSURANCE, state="received").count() == 1
    )
    assert tap.taps == taps  # Five before.


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(("by_the_dock", "taps"), [(False, 5), (True, 6)])
def test_a_question_and_its_answer(
    insured: Desk, open_page: Opener, live_server: object, by_the_dock: bool, taps: int, javascript: bool
) -> None:
    page, tap = entered(insured, open_page, live_server, javascript=javascript), Thumb()
    if by_the_dock:
        tap(page.get_by_role("navigation", name="Raccourcis").get_by_role("link", name="Messages"))
    tap(page.get_by_role("main").get_by_role("link", name="Écrire un message"))
    for label, words in (("Objet du message", "Le goûter"), ("Contenu du message", "Est-il fourni ?")):
        tap(page.get_by_label(label))
        page.keyboard.type(words)
    tap(page.get_by_role("button", name="ENVOYER LE MESSAGE"))
    expect(page.get_by_text("est envoyé au service")).to_be_visible()
    thread = Thread.objects.get(subject="Le goûter")
    director = actor_for(insured.staff("direction", Role.DIRECTOR))
    answer = Letter("Oui, à 16 h 30.")
    thread_answer(actor=director, thread_id=thread.pk, letter=answer, now=timezone.now())
    page.goto("/tableau-de-bord/")
    tap(page.get_by_role("link", name="Une réponse à lire"))
    expect(page.get_by_text("Oui, à 16 h 30.")).to_be_visible()
    assert tap.taps == taps  # Nine before.
