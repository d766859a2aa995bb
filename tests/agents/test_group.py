"""« Changer de groupe » on the screen: looked at first, then done; a stale page is shown again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from marelle.agents.families.enrolments.group_words import moved_text
from marelle.bookings.closing.moving import Moved
from marelle.core.actor import Role
from tests.flows.test_moving import FIRST, NOW, SECOND, Village, where
from tests.forms import forms_of

pytestmark = pytest.mark.django_db


def mark_of(html: str) -> str:
    shown = [form.inputs["vu"].values for form in forms_of("/", html) if "vu" in form.inputs]
    return shown[0][0]


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        (Moved(), "Rien n’était réservé."),
        (Moved(there=1), "1 attente finie, l’enfant est déjà dans ce groupe"),
        (
            Moved(queued=2, there=2),
            "2 en liste d’attente, 2 attentes finies, l’enfant est déjà dans ce groupe",
        ),
    ],
)
def test_a_wait_that_ended_is_told(moved: Moved, told: str) -> None:
    assert moved_text(moved) == told


def test_it_is_looked_at_then_done(client: Client, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    world = Village()
    full, free = world.booked_on(FIRST, SECOND)
    world.other(FIRST)
    client.force_login(world.staff("direction", Role.DIRECTOR))
    case = client.get(f"/agents/inscriptions/{world.stay.pk}/").content.decode()
    here = f"/agents/inscriptions/{world.stay.pk}/groupe/"
    assert here in case
    assert "« 3–5 ans » depuis le" in client.get(here).content.decode()
    given = {"group": world.big.pk, "since": FIRST.isoformat(), "then": "keep", "reason": ""}
    shown = client.post(here, given).content.decode()
    assert "complet dans ce groupe" in shown
    assert where(free)[0] == "3–5 ans", "nothing is done before it is confirmed"
    sent = {**given, "confirme": "1", "vu": mark_of(shown)}
    assert "Donnez la raison de la dérogation." in client.post(here, sent).content.decode()
    stale = client.post(here, {**sent, "reason": "Fratrie", "vu": "hier"}).content.decode()
    assert "Quelque chose a changé" in stale
    assert where(free)[0] == "3–5 ans"
    done = client.post(here, {**sent, "reason": "Fratrie"}, follow=True).content.decode()
    assert "1 réservation déplacée, 1 gardée en dérogation" in done
    assert where(free)[0] == "6–12 ans"
    assert where(full) == ("3–5 ans", "booked")
    again = client.post(here, {**given, "since": "2026-11-25"}).content.decode()
    assert "Choisissez un jour à partir de demain." in again
    assert "Choisissez dans la liste." in client.post(here, {**given, "group": 10**9}).content.decode()
    assert client.post(here, {"since": "x" * 5_000}).status_code == 200
