"""System check of the list of stolen passwords."""

from __future__ import annotations

from django.conf import settings
from django.core import checks

from marelle.accounts.breached import WrongList, list_check


@checks.register(checks.Tags.security)
def check_breached(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W010`: `BREACHED_PASSWORDS` names nothing that can be looked in: it refuses no password."""
    if settings.BREACHED_PASSWORDS is None:
        return []
    try:
        list_check(settings.BREACHED_PASSWORDS)
    except (OSError, WrongList) as error:
        return [
            checks.Warning(
                f"BREACHED_PASSWORDS is no list of stolen passwords: {error}.",
                hint="Give what PwnedPasswordsDownloader has written, of SHA-1: docs/settings.md.",
                id="marelle.W010",
            )
        ]
    return []
