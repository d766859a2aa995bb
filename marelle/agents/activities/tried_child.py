"""Whom something is tried for: a child that is enrolled, by its name, or nobody, for an invented one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from marelle.activities.models import Activity
from marelle.core.converters import id_read
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.trying import stays_named, tried_stays


@dataclass(frozen=True, slots=True)
class Whom:
    """`child` None: an invented one, or else one of the several of that name."""

    child: Enrolment | None = None
    choices: tuple[Enrolment, ...] = ()


def whom(request: MarelleRequest, form: forms.Form, activity: Activity) -> Whom | None:
    """By « enfant », and « inscription » where one of several was chosen. None where there is none, which is
    said at the field."""
    chosen = id_read(request.GET.get("inscription", ""))
    name = form.cleaned_data["enfant"]
    if chosen is None and not name:
        return Whom()
    if chosen is not None:
        found = list(tried_stays(request.actor, activity, day=request.today).filter(pk=chosen))
    else:
        found = stays_named(request.actor, activity, name, day=request.today)
    if not found:
        form.add_error("enfant", _("Aucun enfant de ce nom n’est inscrit à cette activité."))
        return None
    return Whom(choices=tuple(found)) if len(found) > 1 else Whom(found[0])


def choices(found: Iterable[Enrolment], asked: QueryDict) -> list[tuple[str, str]]:
    """The address that tries the same with each of several children, and its name."""
    listed = []
    for enrolment in found:
        query = asked.copy()
        query["inscription"] = str(enrolment.pk)
        listed.append((f"?{query.urlencode()}", child_name(enrolment)))
    return listed


def child_name(enrolment: Enrolment) -> str:
    return f"{enrolment.person.last_name} {enrolment.person.first_name}"
