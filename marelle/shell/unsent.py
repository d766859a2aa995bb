"""A form that came after its session had ended: its page shows it filled in, once its account is in again.

It is kept for an hour, sealed, in the session of the browser that sent it, for the account that had been in
there last. Nothing of it is done: who owns it looks, and sends.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.contrib import messages
from django.http import QueryDict
from django.utils.translation import gettext as _

from marelle.accounts.models import User
from marelle.core.sealed import CannotOpen, CannotSeal, Sealed, opened, seal
from marelle.flows.actor.middleware import MarelleRequest

UNSENT: Final = "unsent"
"""Session key: the sealed form."""

KEPT_FOR: Final = timedelta(hours=1)

LONGEST: Final = 200_000
"""Signs of a form: a month of cells of all the children of a home has some twenty thousand."""

View = TypeVar("View", bound=Callable[..., Any])


def shows_unsent(view: View) -> View:
    """Mark a view whose form posts to its own address, and that fills it by `unsent_of`."""
    view.shows_unsent = True  # type: ignore[attr-defined]
    return view


def unsent_keep(request: MarelleRequest, user: User) -> bool:
    """Keep what was posted for this account alone, in place of what was kept before. False where it cannot
    be."""
    posted = request.POST.copy()
    posted.pop("csrfmiddlewaretoken", None)
    text = posted.urlencode()
    if len(text) > LONGEST:
        return False
    kept = {
        "user": user.pk,
        "page": request.get_full_path(),
        "until": (request.now + KEPT_FOR).isoformat(),
        "sent": text,
        "files": bool(request.FILES),
    }
    try:
        request.session[UNSENT] = seal(json.dumps(kept)).token
    except CannotSeal:
        return False
    return True


def unsent_leave_to(request: MarelleRequest, user: User) -> None:
    """Forget what is kept for another account than the one that comes in."""
    _kept(request, user)


def unsent_of(request: MarelleRequest) -> QueryDict | None:
    """What this account had sent to this page, once, and says so; None for nothing, and for what is being
    sent."""
    if request.method != "GET" or UNSENT not in request.session or not request.user.is_authenticated:
        return None
    kept = _kept(request, request.user)
    if kept is None or kept["page"] != request.get_full_path():
        return None
    del request.session[UNSENT]
    told = _(
        "Vous étiez déconnecté\u00a0: rien n’a été envoyé. Voici ce que vous aviez coché ou écrit\u00a0: "
        "vérifiez, puis validez."
    )
    if kept["files"]:
        told += " " + _("Les fichiers sont à joindre de nouveau.")
    messages.warning(request, told)
    return QueryDict(kept["sent"])


def _kept(request: MarelleRequest, user: User) -> dict[str, Any] | None:
    """What is kept for this account; what is another's, too old or cannot be opened is forgotten."""
    token = request.session.get(UNSENT)
    if not token:
        return None
    try:
        kept: dict[str, Any] = json.loads(opened(Sealed(token)))
    except CannotOpen:
        kept = {}
    if kept.get("user") == user.pk and request.now < datetime.fromisoformat(kept["until"]):
        return kept
    del request.session[UNSENT]
    return None
