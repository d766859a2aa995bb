"""All that is held on a guest, as it may take a copy of it: JSON in French."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marelle.accounts.guest_access import GuestAccess
from marelle.accounts.models import User
from marelle.accounts.selectors import own_account
from marelle.billing.guest_bills import payers_read
from marelle.billing.models import PayerAccess
from marelle.core.actor import Actor, Guest
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.flows.journal.history import hidden_subjects
from marelle.flows.journal.sentences import sentence
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.places.models import Authority
from marelle.relay.models import ChildminderAccess, Visit
from marelle.relay.scope import own_childminders
from marelle.relay.selectors import relays_told

EXPORTED = "account.exported"


def guest_services(actor: Actor) -> tuple[Authority, ...]:
    """The authorities that have let the actor in: whom it asks to be erased."""
    if actor.guest is Guest.CHILDMINDER:
        return relays_told(actor)
    found = {one.authority_id for one in payers_read(actor)}
    return tuple(Authority.objects.filter(pk__in=found).order_by("name"))


def payer_copy(actor: Actor, _day: date) -> dict[str, Any]:
    """The accesses of who reads bills; who ended one, and why, stays among agents."""
    rows = PayerAccess.objects.filter(account_id=actor.user_id or 0)
    return {
        _("accès aux factures"): [
            {
                _("payeur"): str(one.payer),
                _("collectivité"): one.payer.authority.name,
                **_when(one),
            }
            for one in rows.select_related("payer__authority").order_by("pk")
        ]
    }


def childminder_copy(actor: Actor, _day: date) -> dict[str, Any]:
    """The accesses of who comes to mornings; of each relais that lets her in, what it has noted of her, and
    where she has come, whoever registered her."""
    rows = ChildminderAccess.objects.filter(account=actor.user_id or 0).select_related(
        "childminder__authority"
    )
    known = own_childminders(actor)
    visits = Visit.objects.filter(childminder__in=known.order_by()).select_related("opening")
    return {
        _("accès aux matinées"): [
            {_("collectivité"): one.childminder.authority.name, **_when(one)} for one in rows.order_by("pk")
        ],
        _("ce que le relais a noté"): [
            {
                _("nom"): one.name,
                _("téléphone"): one.phone,
                _("adresse de courriel"): one.email,
                _("commune"): str(one.commune or ""),
            }
            for one in known.select_related("commune").order_by("pk")
        ],
        _("venues aux matinées"): [
            {
                _("le"): one.opening.day.isoformat(),
                _("enfants"): [child.first_name for child in one.children.all()],
                _("réservée le"): _at(one.booked_at),
                _("réservée par"): one.booked_by,
                _("annulée le"): _at(one.cancelled_at),
            }
            for one in visits.prefetch_related("children").order_by("opening__day", "pk")
        ],
    }


def guest_export(*, actor: Actor, held: Mapping[str, Any], now: datetime) -> bytes:
    """The account, what is `held` of it as the guest that it is, its acts and the mails that came to it,
    but for a child. Writes the journal. Raises NotYours for who is no guest."""
    if actor.guest is None:
        raise NotYours
    user = own_account(actor)
    hidden = hidden_subjects(actor, local(now).date())
    parts = (Entry.objects.by_account(user.pk), Entry.objects.on_account(user.pk))
    own, of_it = (part.without(hidden).order_by() for part in parts)
    acts = own.union(of_it).order_by("at", "id")
    data: dict[str, Any] = {
        _("écrit le"): _at(now),
        _("votre compte"): {
            _("identifiant"): user.identifier,
            _("nom affiché"): user.display_name,
            _("adresse de courriel"): user.email,
            _("créé le"): _at(user.created_at),
        },
        **held,
        _("historique"): [
            {
                _("le"): _at(one.at),
                _("quoi"): sentence(one.verb, one.subject_label),
                _("appareil"): one.device,
            }
            for one in acts
        ],
        _("courriels reçus"): [
            {_("le"): _at(one.created_at), _("objet"): str(one.subject), _("texte"): str(one.text)}
            for one in _mails(actor, user)
        ],
    }
    with transaction.atomic():
        record(actor=actor, verb=EXPORTED, subject=Subject("account", user.pk, str(user)), now=now)
    return json.dumps(data, ensure_ascii=False, indent=2).encode()


def _mails(actor: Actor, user: User) -> QuerySet[Message]:
    """Those that came to its address. Not to that of a child: it may have an account by it in another home,
    which this one learns nothing of."""
    if actor.guest is Guest.TEEN:
        return Message.objects.none()
    return Message.objects.filter(secret=False, to__iexact=user.email or "-").order_by("pk")


def _when(access: GuestAccess) -> dict[str, Any]:
    return {_("donné le"): _at(access.given_at), _("arrêté le"): _at(access.ended_at)}


def _at(instant: datetime | None) -> str | None:
    return None if instant is None else local(instant).isoformat(timespec="minutes")
