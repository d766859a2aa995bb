"""What is made with the portal's secret, and known again once it is another.

Django's own signatures do so by `SECRET_KEY_FALLBACKS`; a keyed digest does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.crypto import salted_hmac


def digest_of(salt: str, value: str) -> bytes:
    """HMAC-SHA256 with the secret of now."""
    return next(digests_of(salt, value))


def digests_of(salt: str, value: str) -> Iterator[bytes]:
    """The same, then with each of the former secrets that are still given."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac(salt, value, secret=secret, algorithm="sha256").digest()
