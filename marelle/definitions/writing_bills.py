"""How an authority bills, and the settings of the whole portal, written by their own services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.models import BillingTerms, Treasury, TresorTerms
from marelle.billing.payers import payer_set
from marelle.billing.reminders.steps import step_set
from marelle.billing.runs.terms import terms_set
from marelle.billing.services import TREASURY_FIELDS, treasury_set
from marelle.billing.terms import Terms
from marelle.billing.tresor.services import TERMS_FIELDS, tresor_terms_set
from marelle.core.actor import Actor, Role
from marelle.core.refusals import Refusal
from marelle.journal.edits import NotPossible
from marelle.places.delays import delays_set
from marelle.places.lives import lives_set
from marelle.places.models import Authority
from marelle.places.second import second_rules_set

BY_SCREEN: Final = {"payfip": "", "ics": "", "creditor": ""}
"""What money goes by: no file says it, and none changes it."""


def portal_row() -> Authority:
    """The authority whose portal it is. Raises Refusal ("no_authority") before there is one."""
    found = Authority.objects.order_by("pk").first()
    if found is None:
        raise Refusal("no_authority")
    return found


def bills_write(
    kind: str, values: dict[str, Any], *, pk: int | None, actor: Actor, now: datetime
) -> models.Model:
    """A row with all of its values; `pk` is that of one that is there. Raises what its service does."""
    write: Mapping[str, Callable[..., models.Model]] = {
        "treasury": _treasury,
        "billing": _billing,
        "tresor": _tresor,
        "reminder": _reminder,
        "payer": _payer,
    }
    authority = values.pop("authority").pk
    return write[kind](values, authority, pk=pk, actor=actor, now=now)


def setting_write(kind: str, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Authority:
    """What is said of a setting of the whole portal; the rest stays. Raises what its service does."""
    row = portal_row()
    if kind == "delay":
        delays_set(actor=actor, months=values, now=now)
    elif kind == "life":
        lives_set(actor=actor, chosen=values, now=now)
    else:
        since = {Role(role): day for role, day in values.items()}
        second_rules_set(actor=actor, since=since, now=now)
    return row


def _treasury(values: dict[str, Any], authority: int, *, pk: int | None, **by: Any) -> Treasury:
    held = _only(Treasury, authority, pk)
    return treasury_set(authority_id=authority, values={**_kept(held, TREASURY_FIELDS), **values}, **by)


def _tresor(values: dict[str, Any], authority: int, *, pk: int | None, **by: Any) -> TresorTerms:
    held = _only(TresorTerms, authority, pk)
    return tresor_terms_set(authority_id=authority, values={**_kept(held, TERMS_FIELDS), **values}, **by)


def _kept(held: models.Model | None, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(held, name, empty) for name, empty in BY_SCREEN.items() if name in names}


def _only(model: type[models.Model], authority: int, pk: int | None) -> models.Model | None:
    """The one of an authority. Raises NotPossible where another key of the file is already it."""
    held = model._default_manager.filter(authority=authority).first()
    if held is not None and held.pk != pk:
        told = gettext("cette collectivité en a déjà une : gardez la clé que donne « export definitions ».")
        raise NotPossible({"authority": [told]})
    return held


def _billing(values: dict[str, Any], authority: int, *, pk: int | None, **by: Any) -> BillingTerms:
    there = BillingTerms.objects.filter(authority=authority, since=values["since"]).first()
    if there is not None and there.pk != pk:
        raise NotPossible({"since": [gettext("une façon de facturer commence déjà ce mois-là.")]})
    return terms_set(authority_id=authority, terms=Terms(**values), **by)


def _reminder(values: dict[str, Any], authority: int, *, pk: int | None, **by: Any) -> models.Model:
    return step_set(authority_id=authority, values=values, step_id=pk, **by)


def _payer(values: dict[str, Any], authority: int, *, pk: int | None, **by: Any) -> models.Model:
    email = values.pop("email")
    addressed = Addressed(reference="", **{**values, "kind": PayerKind(values["kind"])})
    return payer_set(authority_id=authority, addressed=addressed, email=email, payer_id=pk, **by)
