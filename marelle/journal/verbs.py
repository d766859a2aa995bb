"""Codes of the acts on accounts and connections. Other domains name theirs likewise: "booking.saved"."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    CONNECTION_OPENED = "connection.opened"
    CONNECTION_FAILED = "connection.failed"
    CONNECTION_LIMITED = "connection.limited"
    CONNECTION_CLOSED = "connection.closed"
    ACCOUNT_INVITED = "account.invited"
    INVITATION_REVOKED = "account.invitation_revoked"
    ACCOUNT_ACTIVATED = "account.activated"
    IDENTIFIER_CHANGED = "account.identifier_changed"
    EMAIL_ASKED = "account.email_asked"
    EMAIL_CHANGED = "account.email_changed"
    NOTICES_CHOSEN = "account.notices_chosen"
    DEVICE_NEW = "account.device_new"
    DEVICES_CLOSED = "account.devices_closed"
    PASSWORD_ASKED = "password.asked"  # noqa: S105 - a code, not a password
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    SECOND_ADDED = "second.added"
    SECOND_REMOVED = "second.removed"
    PASSKEY_NAMED = "second.passkey_named"
    SECOND_FAILED = "second.failed"
    BROWSER_REMEMBERED = "second.browser_remembered"
    BROWSER_FORGOTTEN = "second.browser_forgotten"
    LET_IN = "second.let_in"
    RECOVERY_CODES_MADE = "second.codes_made"
    RECOVERY_CODE_USED = "second.code_used"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
