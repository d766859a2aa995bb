"""Every kind of mail in the outbox of the demo, what was not sent from its sample; an authority's words."""

from __future__ import annotations

from datetime import datetime

from marelle.accounts.models import User
from marelle.demo.places import Places
from marelle.flows.actors import actor_for
from marelle.flows.wordings import wording_save
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.mail.services import queue
from marelle.mail.wording import EVERY, NO_WORDS, Words

WORDS = {
    "enrolments/accepted": Words(
        before="Bienvenue à {structure}, et merci de votre confiance.",
        after="Le règlement intérieur est sur le portail, page « Documentation structure ».",
    ),
    EVERY: Words(after="Le guichet unique du Val d’Arelle\n2 place du Lavoir, 21990 Arelle"),
}
"""What the communauté de communes says in its own words; the village says what the portal does."""


def word_mails(places: Places, now: datetime) -> None:
    agent = actor_for(User.objects.get(identifier="guichet"))
    for kind, words in WORDS.items():
        wording_save(
            actor=agent,
            authority_id=places.authorities["cc"].pk,
            kind=kind,
            words=words,
            seen=NO_WORDS,
            now=now,
        )


def show_every_mail(now: datetime) -> int:
    """One mail of each kind not yet there, to the first parent of the demo. Returns how many."""
    address = User.objects.get(identifier="durand").email
    there = set(Message.objects.values_list("kind", flat=True))
    missing = [sample for kind, sample in samples().items() if kind not in there]
    for sample in missing:
        queue(kind=sample.kind, to=address, context=sample.context, now=now)
    return len(missing)
