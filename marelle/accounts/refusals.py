"""What the services of accounts refuse."""

from __future__ import annotations

from datetime import datetime

from marelle.accounts.models import User
from marelle.core.refusals import Refusal


class WrongCredentials(Refusal):
    """Unknown, inactive, ambiguous or wrong password: never told apart."""

    def __init__(self) -> None:
        super().__init__("wrong_credentials")


class SecondWanted(Refusal):
    """The password is right, and the account has a second factor: nothing opens before it is shown."""

    def __init__(self, user: User) -> None:
        super().__init__("second_wanted")
        self.user = user


class WrongSecond(Refusal):
    """No code and no passkey of the account's, a code that was used, another thing signed than asked."""

    def __init__(self) -> None:
        super().__init__("wrong_second")


class NoSecond(Refusal):
    """The account has no second factor: its password opens it."""

    def __init__(self) -> None:
        super().__init__("no_second")


class TooManyPasskeys(Refusal):
    """The account has as many as it may."""

    def __init__(self) -> None:
        super().__init__("too_many_passkeys")


class TooManyAttempts(Refusal):
    """Too many failures; `retry_at` is when the next attempt is allowed.

    `user_id` is the account that was tried, for the journal alone: no screen tells whether there is one.
    """

    def __init__(self, retry_at: datetime, user_id: int | None) -> None:
        super().__init__("too_many_attempts", retry_at=retry_at)
        self.retry_at = retry_at
        self.user_id = user_id


class IdentifierTaken(Refusal):
    """Another account has this identifier."""

    def __init__(self) -> None:
        super().__init__("identifier_taken")


class DeadLink(Refusal):
    """A link that opens nothing (any more). `why`: unknown, used, replaced or expired."""

    def __init__(self, why: str) -> None:
        super().__init__("dead_link", why=why)
        self.why = why


class AlreadyActive(Refusal):
    """The account is in use: it needs no invitation."""

    def __init__(self) -> None:
        super().__init__("already_active")


class UnknownIdentity(Refusal):
    """No account is opened by this identity."""

    def __init__(self) -> None:
        super().__init__("unknown_identity")


class ClosedAccount(Refusal):
    """The account that this identity opens is closed."""

    def __init__(self) -> None:
        super().__init__("closed_account")


class IdentityTaken(Refusal):
    """This identity opens another account."""

    def __init__(self) -> None:
        super().__init__("identity_taken")


class OtherIdentity(Refusal):
    """The account has another identity of this issuer: which of the two is its owner's is for somebody to
    say."""

    def __init__(self) -> None:
        super().__init__("other_identity")


class LastWayIn(Refusal):
    """Nothing else opens the account: neither a password nor a passkey."""

    def __init__(self) -> None:
        super().__init__("last_way_in")
