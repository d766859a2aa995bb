"""A turn to ask an identity provider: few requests of a process wait for one at once, and who comes in by a
password waits for nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings

from marelle.accounts.oidc.refusals import ProviderTrouble, Trouble
from marelle.core import fetching

SECONDS: Final = 8.0
"""For all that one page asks of a provider."""

_turns = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


@contextmanager
def turn() -> Iterator[fetching.Turn]:
    """Raises `ProviderTrouble`, also for what is asked of it and not answered."""
    try:
        with fetching.turn(_turns, seconds=SECONDS) as asking:
            yield asking
    except fetching.Unanswered as error:
        raise ProviderTrouble(Trouble(error.why.value), error.detail) from error
