"""The steps of an authority: written by its office, with words to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marelle.billing.models import ReminderStep
from marelle.billing.reminders.rules import Way
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.scope import in_office

FIELDS: Final = ("days", "title", "text", "way")
MOST: Final = 6
"""Steps of an authority."""


class StepRefused(Refusal):
    """`code`: "days" (another step is of that day), "many" (there are `MOST` of them)."""


def steps_of(actor: Actor) -> QuerySet[ReminderStep]:
    rows = ReminderStep.objects.filter(in_office(actor, "authority__"))
    return rows.select_related("authority").order_by("authority__name", "days")


@transaction.atomic
def step_set(
    *,
    actor: Actor,
    authority_id: int,
    values: Mapping[str, Any],
    step_id: int | None = None,
    now: datetime,
) -> ReminderStep:
    """Add one, or change it from now on; `values` holds each of `FIELDS`, checked by the form. Raises
    NotYours, or StepRefused."""
    authority = authority_locked(actor, authority_id)
    rows = ReminderStep.objects.filter(authority=authority)
    row = rows.filter(pk=step_id).first() if step_id else ReminderStep(authority=authority)
    if row is None:
        raise NotYours
    others = rows.exclude(pk=row.pk)
    if others.filter(days=values["days"]).exists():
        raise StepRefused("days")
    if step_id is None and others.count() >= MOST:
        raise StepRefused("many")
    for name in FIELDS:
        setattr(row, name, values[name])
    row.full_clean(exclude=["authority"])
    row.save()
    _record(actor, "reminder_step.set", row, now)
    return row


@transaction.atomic
def step_remove(*, actor: Actor, step_id: int, now: datetime) -> None:
    """What was sent of it stays as it was sent. Raises NotYours."""
    found = steps_of(actor).filter(pk=step_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    _record(actor, "reminder_step.removed", found, now)
    found.delete()


def _record(actor: Actor, verb: str, row: ReminderStep, now: datetime) -> None:
    subject = Subject("reminder_step", row.pk, row.title)
    record(actor=actor, verb=verb, subject=subject, data={"authority": row.authority.name}, now=now)


def first_words(steps: int) -> dict[str, Any]:
    """What a form proposes to who has that many steps already; the last one beyond three."""
    found = _words()
    return found[min(steps, len(found) - 1)]


def _words() -> list[dict[str, Any]]:
    return [
        {
            "days": 15,
            "title": _("Premier rappel"),
            "way": Way.MAIL,
            "text": _(
                "Sauf erreur de notre part, la date de paiement d’une ou de plusieurs factures est passée et "
                "leur règlement ne nous est pas encore parvenu. C’est peut-être un simple oubli.\n\n"
                "Si vous avez payé ces jours-ci, ne tenez pas compte de ce rappel\u00a0: un paiement met "
                "quelques jours à nous parvenir. Sinon, nous vous remercions de le faire auprès du Trésor "
                "public."
            ),
        },
        {
            "days": 30,
            "title": _("Deuxième rappel"),
            "way": Way.BOTH,
            "text": _(
                "Un premier rappel vous a été envoyé, et une ou plusieurs factures restent à régler.\n\n"
                "Si le montant vous paraît inexact, dites-le-nous\u00a0: nous le vérifierons avec vous. Si "
                "c’est le paiement qui est difficile, appelez sans attendre le Trésor public\u00a0: lui seul "
                "peut accorder un délai ou un paiement en plusieurs fois. Nous pouvons vous orienter."
            ),
        },
        {
            "days": 50,
            "title": _("Dernier rappel"),
            "way": Way.LETTER,
            "text": _(
                "Malgré nos rappels, une ou plusieurs factures restent à régler. Ce rappel est le dernier "
                "que nous vous adressons\u00a0: la suite appartient au seul comptable public, au Trésor "
                "public.\n\nIl est encore temps de payer, ou de convenir avec lui d’un délai. Si une "
                "facture vous paraît inexacte, prévenez-nous dès maintenant."
            ),
        },
    ]
