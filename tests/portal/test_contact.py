"""« Contactez la structure » through the browser's eyes: from home and from outside, sent, read, answered."""

from __future__ import annotations

import html
import re
from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.files.turns import BUDGET, TURNS
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Attachment, Message, Thread
from marelle.messaging.publishing import Words, news_write
from marelle.messaging.rules import PER_ACCOUNT, TEXT_LENGTH
from marelle.messaging.services import thread_answer
from marelle.messaging.writing import Letter
from marelle.robots.challenges import new_challenge
from tests.messaging.uploads import a_picture, a_web_page
from tests.robots.solving import answered, solved
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
FORM = "/contact/ecrire/"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.aaa = self.structure("Aaa, sans eux")
        self.ours = self.structure("Zzz, la leur")
        self.wednesdays = self.activity(structure=self.ours)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.value = f"{self.ours.pk}-{self.ours.contacts.get().pk}"

    def typed(self, **changes) -> dict[str, object]:
        return {"recipient": self.value, "subject": "Chaussures", "text": "Où sont-elles ?", **changes}

    def from_outside(self, **changes) -> dict[str, object]:
        claim = solved(new_challenge(NOW))
        found = {"name": "Lucie", "email": "lucie@courriel.example", "robot": claim.solution, **changes}
        return self.typed(**found)


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def text(response) -> str:
    return html.unescape(response.content.decode())


def test_the_form_has_the_words_of_the_tutorial(world, parent):
    assert "Écrire un message" in text(parent.get("/contact/"))
    page = text(parent.get(FORM))
    for words in (
        "Formulaire de contact",
        "Choisir le destinataire",
        "Objet du message",
        "Contenu du message",
        "ENVOYER LE MESSAGE",
    ):
        assert words in page
    assert "robot" not in page.replace("robot.js", "")
    assert "Votre nom" not in page
    assert page.index("Zzz, la leur") < page.index("Aaa, sans eux")
    assert "pour les 3–12 ans" in page


def test_a_card_leads_to_the_form_with_its_structure_chosen(world, parent):
    page = text(parent.get("/contact/"))
    assert f'href="{FORM}?destinataire={world.ours.pk}"' in page
    assert f'<option value="{world.value}" selected>' in text(
        parent.get(f"{FORM}?destinataire={world.ours.pk}")
    )
    for nonsense in ("999999", "abc", "<b>"):
        assert "selected>" not in text(parent.get(FORM, {"destinataire": nonsense})).replace(
            '<option value="" selected>', ""
        )


def test_the_only_structure_of_a_home_is_chosen_for_it(world, parent):
    chosen = f'<option value="{world.value}" selected>'
    assert chosen in text(parent.get(FORM))
    assert f'href="{FORM}?destinataire={world.ours.pk}"' in text(parent.get("/tableau-de-bord/"))
    other = world.activity("Judo", structure=world.aaa)
    world.enrolment(world.zoe, other, world.durand)
    assert chosen not in text(parent.get(FORM)), "which of the two is for the home to say"


def test_a_parent_writes_reads_the_answer_and_writes_again(world, parent):
    sent = parent.post(FORM, {**world.typed(), "joined": [a_picture(), a_picture("b.png")]}, follow=True)
    thread = Thread.objects.get()
    assert sent.redirect_chain == [(f"/contact/echanges/{thread.pk}/", 302)]
    assert f"Votre message n° {thread.pk} est envoyé au service « Zzz, la leur »" in text(sent)
    assert "03 00 00 00 01" in text(sent)
    assert "photo.png (1 Ko)" in text(sent)
    director = actor_for(world.staff("direction", Role.DIRECTOR, structure=world.ours))
    thread_answer(
        actor=director,
        thread_id=thread.pk,
        letter=Letter("Sous <b>le</b> banc."),
        now=NOW + timedelta(minutes=1),
    )
    assert "1 non lu" in text(parent.get("/contact/"))
    assert "non lu" in text(parent.get("/contact/echanges/"))
    page = parent.get(f"/contact/echanges/{thread.pk}/").content.decode()
    assert "Sous &lt;b&gt;le&lt;/b&gt; banc." in page
    parent.post(f"/contact/echanges/{thread.pk}/", {"text": "Merci"}, follow=True)
    assert set(Message.objects.values_list("text", flat=True)) == {
        "Où sont-elles ?",
        "Sous <b>le</b> banc.",
        "Merci",
    }


def test_reading_takes_the_mark_away(world, parent, time_machine):
    parent.post(FORM, world.typed())
    director = actor_for(world.staff("direction", Role.DIRECTOR, structure=world.ours))
    later = NOW + timedelta(minutes=5)
    time_machine.move_to(later, tick=False)
    thread_answer(actor=director, thread_id=Thread.objects.get().pk, letter=Letter("Oui."), now=later)
    parent.get(f"/contact/echanges/{Thread.objects.get().pk}/")
    assert "non lu" not in text(parent.get("/contact/echanges/"))
    assert "non lu" not in text(parent.get("/contact/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipient": ""}, "Choisissez un destinataire dans la liste."),
        ({"recipient": "999999"}, "Choisissez un destinataire dans la liste."),
        ({"recipient": "x-y"}, "Choisissez un destinataire dans la liste."),
        ({"subject": " "}, "Donnez l’objet en quelques mots."),
        ({"subject": "a" * 121}, "120"),
        ({"text": ""}, "Écrivez quelques mots avant d’envoyer."),
        ({"text": "a" * (TEXT_LENGTH + 1)}, "5000"),
        ({"joined": a_web_page()}, "ni un PDF ni une photo"),
    ],
)
def test_bad_input_keeps_what_was_typed(world, parent, changes, said):
    page = parent.post(FORM, world.typed(**{"text": "Mon texte 🙂 <b>", **changes}))
    assert page.status_code == 200
    assert said in text(page)
    if "text" not in changes:
        assert "Mon texte 🙂 <b>" in text(page)
        assert b"Mon texte \xf0\x9f\x99\x82 &lt;b&gt;" in page.content
    assert not Thread.objects.exists()


def test_sent_twice_it_is_one(world, parent):
    for _twice in range(2):
        parent.post(FORM, world.typed())
    assert Thread.objects.count() == 1
    assert Mail.objects.filter(kind="messaging/written").count() == 1


def test_a_flood_is_told_when_to_come_back_and_keeps_the_words(world, parent):
    for number in range(PER_ACCOUNT.count):
        parent.post(FORM, world.typed(subject=f"N° {number}"))
    page = text(parent.post(FORM, world.typed(subject="Un de plus")))
    assert "réessayez à partir du mercredi 25 novembre à 22 h 14" in page
    assert "Un de plus" in page


def test_files_are_counted_to_who_sends_them_and_the_words_stay_when_they_cost_too_much(world, parent):
    """By account, whatever form they come by; by network for who has none."""
    parent.post(FORM, world.typed(joined=a_picture()))
    mine = f"account {world.durand.user.pk}"
    assert set(TURNS._ledger) == {mine}
    TURNS._ledger[mine].append((TURNS.clock(), BUDGET, True))
    page = parent.post(FORM, world.typed(subject="Autre", joined=a_picture()))
    assert "Vos derniers fichiers ont été longs à vérifier" in text(page)
    assert "Où sont-elles ?" in text(page)
    assert Thread.objects.count() == 1
    Client().post(FORM, {**world.from_outside(), "joined": a_picture()}, REMOTE_ADDR="192.0.2.7")
    assert set(TURNS._ledger) == {mine, "network 192.0.2.7"}
    assert Thread.objects.count() == 2


def test_who_is_not_logged_in_writes_too(world, client):
    page = text(client.get(FORM))
    assert "Je ne suis pas un robot" in page
    assert "La réponse y sera envoyée." in page
    sent = client.post(FORM, world.from_outside(), follow=True)
    assert sent.redirect_chain == [("/contact/", 302)]
    assert "à l’adresse lucie@courriel.example" in text(sent)
    thread = Thread.objects.get()
    assert (thread.family, thread.name, thread.email) == (None, "Lucie", "lucie@courriel.example")


def test_without_scripts_a_sum_opens_the_way(world, client):
    page = text(client.get(FORM))
    token = re.search(r'name="robot_token" value="([^"]+)"', page)
    assert token is not None
    claim = answered(new_challenge(NOW))
    wrong = client.post(FORM, world.from_outside(robot="", robot_token=token[1], robot_answer="99"))
    assert "Ce n’est pas la bonne réponse" in text(wrong)
    right = world.from_outside(robot="", robot_token=claim.token, robot_answer=claim.answer)
    assert client.post(FORM, right).status_code == 302
    assert Thread.objects.count() == 1


def test_a_machine_does_not(world, client):
    data = world.from_outside()
    for changes, said in (
        ({"robot": ""}, "Cochez « Je ne suis pas un robot »"),
        ({"robot": "bm9u"}, "essayez encore"),
        ({"email": "lucie"}, "pas complète"),
        ({"name": ""}, "obligatoire"),
    ):
        assert said in text(client.post(FORM, {**data, **changes}))
    assert not Thread.objects.exists()
    client.post(FORM, data)
    again = text(client.post(FORM, {**data, "subject": "Autre"}))
    assert "Ce formulaire a déjà été envoyé" in again
    assert Thread.objects.count() == 1


def test_an_agent_without_a_home_leaves_its_address_too(world, client):
    client.force_login(world.staff("guichet", Role.OFFICE))
    assert 'value="Guichet"' in text(client.get(FORM))
    sent = client.post(FORM, world.typed(name="Guichet", email="guichet@x.example"), follow=True)
    assert sent.redirect_chain == [("/contact/", 302)]


def test_both_adults_read_and_the_other_home_never(world, parent):
    sacha = world.adult(world.durand, "Sacha", identifier="sacha")
    petit = world.home("Petit")
    world.shared(world.zoe, world.durand, petit)
    parent.post(FORM, world.typed(joined=a_picture()))
    thread, joined = Thread.objects.get(), Attachment.objects.get()
    page, file = f"/contact/echanges/{thread.pk}/", f"/contact/echanges/{thread.pk}/fichiers/{joined.pk}/"
    partner, other = Client(), Client()
    partner.force_login(sacha.account)
    other.force_login(petit.user)
    assert partner.get(page).status_code == 200
    shown = partner.get(file)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    shown.getvalue()
    assert [other.get(address).status_code for address in (page, file)] == [404, 404]
    assert other.post(page, {"text": "Moi aussi"}).status_code == 404
    assert "Chaussures" not in text(other.get("/contact/echanges/"))
    parent.post(FORM, world.typed(subject="Autre"))
    second = Thread.objects.exclude(pk=thread.pk).get()
    assert parent.get(f"/contact/echanges/{second.pk}/fichiers/{joined.pk}/").status_code == 404


def test_news_of_the_structures_where_the_children_are(world, parent):
    office = actor_for(world.staff("guichet", Role.OFFICE))
    for structure, activity, title in (
        (world.ours, None, "Pour tous"),
        (world.ours, world.wednesdays, "Les mercredis"),
        (world.ours, world.activity("Vacances", structure=world.ours), "Les vacances"),
        (world.aaa, None, "Ailleurs"),
    ):
        words = Words(structure.pk, activity.pk if activity else None, title, "Bonjour <i>", None)
        news_write(actor=office, words=words, publish=True, now=NOW)
    page = parent.get("/actualites/").content.decode()
    assert "Pour tous" in page
    assert "Les mercredis" in page
    assert "Les vacances" not in page
    assert "Ailleurs" not in page
    assert "Bonjour &lt;i&gt;" in page


def test_the_same_number_of_queries_at_one_row_and_at_many(world, parent, count_queries):
    parent.post(FORM, world.typed(joined=a_picture()))
    thread = Thread.objects.get()
    page = f"/contact/echanges/{thread.pk}/"
    for address, most in (
        ("/contact/", 9),
        (FORM, 5),
        ("/contact/echanges/", 5),
        (page, 6),
        ("/actualites/", 6),
    ):
        with count_queries(most):
            parent.get(address)
    with count_queries() as few:
        parent.get(page)
        parent.get("/contact/echanges/")
    for number in range(5):
        parent.post(page, {"text": f"Encore {number}", "joined": a_picture()})
        parent.post(FORM, world.typed(subject=f"N° {number}"))
    with count_queries() as many:
        parent.get(page)
        parent.get("/contact/echanges/")
    assert len(many) == len(few)
