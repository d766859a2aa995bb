"""Secrets of links: given once, in the link; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def hash_of(text: str) -> str:
    """SHA-256 in hexadecimal. Enough for random secrets, which nobody can guess one by one."""
    return hashlib.sha256(text.encode()).hexdigest()
