"""What pages read of mandates: a home its own, an office those of its authorities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from marelle.billing.mandates.rules import Creditor, lapses_on
from marelle.billing.models import Mandate, MandateQuerySet, TresorTerms
from marelle.core.actor import Actor
from marelle.places.models import Authority
from marelle.places.scope import in_office


def creditor_of(authority_id: int) -> Creditor | None:
    """None for an authority that has nothing debited."""
    row = TresorTerms.objects.select_related("authority").filter(authority=authority_id).exclude(ics="")
    terms = row.first()
    if terms is None:
        return None
    return Creditor(terms.creditor or terms.authority.name, terms.authority.address, terms.ics)


def debiting() -> QuerySet[Authority]:
    """The authorities that have bills debited, by name."""
    return Authority.objects.filter(~Q(tresor_terms__ics=""), tresor_terms__isnull=False).order_by("name")


def debiting_of(actor: Actor) -> list[bool]:
    """Of each authority that has bills debited, whether it does so of the home that is open: by a mandate in
    force. One query."""
    own = own_mandates(actor).filter(authority=OuterRef("pk"), state=Mandate.State.ACTIVE)
    return list(debiting().annotate(own=Exists(own)).values_list("own", flat=True))


def standing_of(family_id: int, authority_id: int) -> tuple[int, ...]:
    """The mandates that hold or are to be checked, by id."""
    rows = Mandate.objects.live().filter(family=family_id, authority=authority_id).order_by("pk")
    return tuple(rows.values_list("pk", flat=True))


def own_mandates(actor: Actor) -> MandateQuerySet:
    """Those of the home that is open, the newest first: any adult of it reads them, the other home of a child
    does not. An agent in its name reads those of the authorities whose office it is."""
    if actor.family_id is None:
        return Mandate.objects.none()
    rows = Mandate.objects.filter(family=actor.family_id).select_related("authority")
    return rows.filter(in_office(actor, "authority__")) if actor.on_behalf_of else rows


def office_mandates(actor: Actor) -> MandateQuerySet:
    rows = Mandate.objects.filter(in_office(actor, "authority__"))
    return rows.select_related("authority", "family", "paper")


def mandates_to_check(actor: Actor, apart: Collection[int] = ()) -> MandateQuerySet:
    """The oldest first; `apart`: homes whose files the reader does not open."""
    return office_mandates(actor).to_check().exclude(family__in=apart).order_by("noted_at", "pk")


@dataclass(frozen=True, slots=True)
class Life:
    """`drawn_on`: when it was last asked for something, None for never; `lapses_on`: see `rules`."""

    drawn_on: date | None
    lapses_on: date


def lives_of(mandates: Collection[Mandate]) -> dict[int, Life]:
    """By the id of the mandate; one query."""
    drawn = dict(
        Mandate.objects.filter(pk__in=[one.pk for one in mandates])
        .order_by()
        .values_list("pk")
        .annotate(
            last=Max("debits__invoice__exported__drawn_on", filter=Q(debits__invoice__exported__live=True))
        )
    )
    return {one.pk: _life(one, drawn.get(one.pk)) for one in mandates}


def _life(one: Mandate, drawn_here: date | None) -> Life:
    """What another software has had debited counts as what has left from here."""
    drawn_on = max((day for day in (one.drawn_before, drawn_here) if day is not None), default=None)
    return Life(drawn_on, lapses_on(one.signed_on, drawn_on))
