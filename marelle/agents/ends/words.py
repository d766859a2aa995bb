"""A request of end in French."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.core.french import day_long_year, instant_long, range_sentence
from marelle.enrolments.labels import already_decided_text
from marelle.enrolments.models import EndRequest


def pairs(end: EndRequest) -> list[tuple[str, str]]:
    enrolment = end.enrolment
    received = {"at": instant_long(end.requested_at), "who": end.requested_by}
    rows = [
        (_("Dernier jour demandé"), day_long_year(end.last_day)),
        (_("Inscription"), range_sentence(enrolment.starts_on, enrolment.ends_on)),
        (_("Structure"), enrolment.activity.structure.name),
        (_("Reçue"), _("%(at)s, de %(who)s") % received),
        (_("Famille"), str(enrolment.family)),
        (_("Précision"), end.comment),
    ]
    return [(term, value) for term, value in rows if value]


def decided(end: EndRequest) -> str:
    """Who decided what, for an agent who comes second; nothing while it waits."""
    if end.decided_at is None:
        return ""
    return already_decided_text(
        {"state": end.state, "decided_by": end.decided_by, "decided_at": end.decided_at}
    )
