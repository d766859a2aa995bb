"""Messages between homes and structures over the last days, and the news that structures publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from marelle.accounts.models import User
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.flows.actor.actors import actor_for
from marelle.journal.origin import Origin
from marelle.messaging.publishing import Words, news_write
from marelle.messaging.replies import ReplyWords, reply_save
from marelle.messaging.services import (
    Outsider,
    Recipient,
    thread_answer,
    thread_close,
    thread_open,
    thread_reply,
)
from marelle.messaging.writing import Letter

NOBODY = Actor(user_id=None, label="")


@dataclass(frozen=True, slots=True)
class Said:
    """One message, so many days ago; by an agent when `by` is one of the staff's identifiers."""

    by: str
    days_ago: int
    hour: time
    text: str


@dataclass(frozen=True, slots=True)
class ExchangePlan:
    structure: str
    subject: str
    said: tuple[Said, ...]
    closed: bool = False
    outsider: Outsider | None = None


EXCHANGES = (
    ExchangePlan(
        "brisecombe",
        "Gâteau d’anniversaire de Zoé",
        (
            Said(
                "durand",
                3,
                time(21, 5),
                "Bonjour,\nZoé fête son anniversaire mercredi. Peut-elle apporter un gâteau ?\nMerci !",
            ),
            Said(
                "direction",
                2,
                time(9, 40),
                "Bonjour,\nAvec plaisir. Un gâteau du commerce, dans son emballage, et sans bougies.\n"
                "À mercredi !",
            ),
        ),
    ),
    ExchangePlan(
        "arelle",
        "Bonnet oublié",
        (
            Said("durand", 20, time(19, 30), "Léo a laissé un bonnet bleu au vestiaire, je crois."),
            Said("guichet", 19, time(10, 15), "Il est retrouvé : il vous attend à l’accueil."),
            Said("durand", 19, time(20, 2), "Merci beaucoup."),
        ),
        closed=True,
    ),
    ExchangePlan(
        "brisecombe",
        "Qui vient chercher Inès mercredi ?",
        (Said("martin", 1, time(20, 48), "Sa tante viendra mercredi, vers 17 h. Est-ce possible ?"),),
    ),
    ExchangePlan(
        "cantine",
        "Pique-nique du vendredi",
        (
            Said("petit", 5, time(18, 20), "Le repas de vendredi est-il fourni pour la sortie de l’école ?"),
            Said("guichet", 4, time(11, 0), "Oui, la cantine prépare le pique-nique de chacun."),
            Said("petit", 2, time(22, 10), "Parfait. Et la gourde ?"),
        ),
    ),
    ExchangePlan(
        "relais",
        "Une place pour un bébé attendu en mai",
        (Said("", 2, time(14, 12), "Nous arrivons dans la commune en mars. Comment faire la demande ?"),),
        outsider=Outsider("Lucie Fontaine", "lucie.fontaine@courriel.example"),
    ),
)

NEWS = (
    (
        "brisecombe",
        4,
        "Sortie à la ferme",
        "Mercredi prochain, les grands vont à la ferme : bottes et vêtements chauds.\nRetour à 17 h 30.",
    ),
    ("arelle", 6, "Inscriptions des vacances", "Les demandes pour les prochaines vacances sont ouvertes."),
    ("creche", 3, "Photographe", "Le photographe vient jeudi matin. Dites-nous si vous ne le souhaitez pas."),
    ("periscolaire", 2, "Nouvel horaire du soir", "L’accueil du soir ferme à 18 h 45 à partir de lundi."),
    ("cantine", 1, "Repas de saison", "Lundi, le repas est préparé avec les légumes des fermes voisines."),
)
RECEIVED = """Bonjour {prénom},

Votre message est bien reçu. Nous vous répondons avant demain soir.

{agent}, {structure}"""
FETCHED = """Bonjour {prénom},

La personne qui viendra chercher {enfant} doit être inscrite dans « Ma famille ».
Qu’elle ait sa pièce d’identité avec elle.

{agent}, {structure}"""
REPLIES = ((None, "Bien reçu", RECEIVED), ("brisecombe", "Qui vient chercher l’enfant", FETCHED))
"""Reply templates: of a structure, None for all of the authority."""

NEWS_SHOWN_FOR = timedelta(days=21)


def exchange_messages(places: Places, year: SchoolYear) -> None:
    """Write the exchanges, each message on its day."""
    for plan in EXCHANGES:
        thread_id = 0
        for said in plan.said:
            now = _at(year, said)
            letter = Letter(said.text)
            actor = actor_for(User.objects.get(identifier=said.by)) if said.by else NOBODY
            if not thread_id:
                thread_id = thread_open(
                    actor=actor,
                    recipient=Recipient(places.structures[plan.structure].pk),
                    subject=plan.subject,
                    letter=letter,
                    outsider=plan.outsider,
                    origin=Origin(),
                    now=now,
                ).pk
            elif actor.is_staff:
                thread_answer(actor=actor, thread_id=thread_id, letter=letter, now=now)
            else:
                thread_reply(actor=actor, thread_id=thread_id, letter=letter, origin=Origin(), now=now)
        if plan.closed:
            agent = actor_for(User.objects.get(identifier="guichet"))
            thread_close(actor=agent, thread_id=thread_id, now=_at(year, plan.said[-1]) + timedelta(hours=12))


def publish_news(places: Places, year: SchoolYear) -> None:
    agent = actor_for(User.objects.get(identifier="guichet"))
    for key, days_ago, title, text in NEWS:
        words = Words(places.structures[key].pk, None, title, text, year.today + NEWS_SHOWN_FOR)
        now = instant_at(year.today - timedelta(days=days_ago), time(9, 30))
        news_write(actor=agent, words=words, publish=True, now=now)


def keep_replies(places: Places, year: SchoolYear) -> None:
    agent = actor_for(User.objects.get(identifier="guichet"))
    now = instant_at(year.today - timedelta(days=40), time(11, 0))
    for key, title, text in REPLIES:
        there = places.structures[key or "brisecombe"]
        words = ReplyWords(there.authority_id, there.pk if key else None, title, text)
        reply_save(actor=agent, words=words, now=now)


def _at(year: SchoolYear, said: Said) -> datetime:
    return instant_at(year.today - timedelta(days=said.days_ago), said.hour)
