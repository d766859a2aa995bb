"""Every kind of mail in the outbox of the demo, what was not sent from its sample; an authority's words."""

from __future__ import annotations

from datetime import datetime

from marelle.accounts.models import User
from marelle.enrolments.models import Enrolment
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.mail.services import queue
from marelle.papers.models import PaperType


def show_every_mail(now: datetime) -> int:
    """One mail of each kind not yet there, to the first parent of the demo. Returns how many."""
    address = User.objects.get(identifier="durand").email
    ids = _ids_of_zoe()
    there = set(Message.objects.values_list("kind", flat=True))
    missing = [sample for kind, sample in samples().items() if kind not in there]
    for sample in missing:
        known = {name: value for name, value in ids.items() if name in sample.context}
        queue(kind=sample.kind, to=address, context={**sample.context, **known}, now=now)
    return len(missing)


def _ids_of_zoe() -> dict[str, object]:
    """Where the links of the samples lead in this world: to Zoé, a request of hers, a paper asked of her."""
    enrolment = Enrolment.objects.filter(person__first_name="Zoé", person__last_name="Durand").earliest("pk")
    kind = PaperType.objects.filter(about="child", active=True).earliest("pk")
    zoe = enrolment.person_id
    return {
        "child_id": zoe,
        "person_id": zoe,
        "enrolment_id": enrolment.pk,
        "activity_id": enrolment.activity_id,
        "whose": str(zoe),
        "type_id": kind.pk,
    }
