"""Every kind of mail in the demo's outbox: what the invented days did not send is shown from its sample."""

from __future__ import annotations

from datetime import datetime

from marelle.accounts.models import User
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.mail.services import queue


def show_every_mail(now: datetime) -> int:
    """One mail of each kind not yet there, to the first parent of the demo. Returns how many."""
    address = User.objects.get(identifier="durand").email
    there = set(Message.objects.values_list("kind", flat=True))
    missing = [sample for kind, sample in samples().items() if kind not in there]
    for sample in missing:
        queue(kind=sample.kind, to=address, context=sample.context, now=now)
    return len(missing)
