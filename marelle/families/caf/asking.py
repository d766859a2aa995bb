"""Asking API Particulier v3 over HTTP, by an identity or by a token of FranceConnect. Nothing is written."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from marelle.core.clock import local
from marelle.core.environment import ParticulierApi
from marelle.core.fetching import Answer, Unanswered, turn
from marelle.families.caf.answers import NoAnswer, said_read, trouble_of
from marelle.families.caf.rules import Identity, Outcome, Said, What, identity_query

SECONDS: Final = 8.0
"""For one question."""

PATHS: Final[Mapping[What, str]] = {
    What.QUOTIENT: "/v3/dss/quotient_familial",
    What.RESOURCES: "/v3/dss/participation_familiale_eaje",
}

FRANCE_CONNECT: Final = "france_connect"

_seats = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


@sensitive_variables()
def ask_by_identity(api: ParticulierApi, what: What, identity: Identity, *, now: datetime) -> Said:
    """Raises NoAnswer."""
    return _asked(api, what, "identite", identity_query(identity), api.token, now)


@sensitive_variables()
def ask_by_token(api: ParticulierApi, what: What, token: str, *, now: datetime) -> Said:
    """About whom FranceConnect gave this access token, which is good for a minute. Raises NoAnswer."""
    return _asked(api, what, FRANCE_CONNECT, [], token, now)


@sensitive_variables()
def _asked(
    api: ParticulierApi, what: What, how: str, query: list[tuple[str, str]], bearer: str, now: datetime
) -> Said:
    url = f"{api.url}{PATHS[what]}/{how}"
    try:
        with turn(_seats, seconds=SECONDS) as asking:
            answer = asking.get(url, query=[("recipient", api.siret), *query], bearer=bearer)
            if answer.status == 200:
                return said_read(what, answer.read_json(), day=local(now).date())
    except Unanswered as error:
        raise NoAnswer(Outcome(error.why.value), error.detail) from error
    told = _error(answer)
    by_token = how == FRANCE_CONNECT
    raise trouble_of(answer.status, told, retry_after=answer.retry_after, by_token=by_token, now=now)


def _error(answer: Answer) -> Mapping[str, Any]:
    """What it says of its trouble, if it is of ours at all: what stands in between answers HTML."""
    try:
        return answer.read_json()
    except Unanswered:
        return {}
