"""Giving an adult of a family an account of its own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.accounts.services import InvitationSent, account_invite, invitation_resend
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.families.models import Member, Person
from marelle.families.services import file_to_write


@transaction.atomic
def member_invite(*, actor: Actor, person_id: int, now: datetime) -> InvitationSent:
    """Invite an adult to its first connection, by mail, or by a letter to print when it has no address.

    Asked again before the account was used, it sends a new link and kills the former one. Refused:
    NotAllowed, NotYours (no adult of a home today), accounts' AlreadyActive.
    """
    homes = Member.objects.filter(person_id=person_id, kind=Member.Kind.ADULT, until=None)
    home_id = homes.values_list("family_id", flat=True).first()
    if home_id is None:
        raise NotYours
    family = file_to_write(actor, home_id)
    there = homes.filter(family=family).values("person_id")
    person = Person.objects.select_for_update(of=("self",)).filter(pk__in=there).first()
    if person is None:
        raise NotYours
    return adult_locked_invite(actor=actor, family_id=family.pk, person=person, now=now)


def adult_locked_invite(*, actor: Actor, family_id: int, person: Person, now: datetime) -> InvitationSent:
    """The same, for who holds the home and its adult, and has checked that the actor may: a home is never
    locked after a person. Joins the caller's transaction. Raises accounts' AlreadyActive."""
    if person.account_id is not None:
        return invitation_resend(
            actor=actor, user_id=person.account_id, email=person.email, family_id=family_id, now=now
        )
    sent = account_invite(actor=actor, label=str(person), email=person.email, family_id=family_id, now=now)
    person.account_id = sent.user_id
    person.save(update_fields=["account"])
    return sent
