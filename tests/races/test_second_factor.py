"""One code, or one let-in, shown by four at the very same moment: one comes in."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest

from marelle.accounts.models import Authenticator, LetIn, RecoveryCode, User
from marelle.accounts.refusals import WrongSecond
from marelle.accounts.services import authenticator_add, connection_finish
from marelle.accounts.services.connections import actor_of
from marelle.core.sealed import opened
from marelle.journal.models import Entry
from tests.accounts.people import HOME, NOW, someone
from tests.accounts.test_second import LATER, SECRET, code_at
from tests.races.together import together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)


def comes(user: User, shown: str | None) -> Callable[[], User]:
    proof = user.get_session_auth_hash()
    return lambda: connection_finish(user_id=user.pk, proof=proof, shown=shown, origin=HOME, now=LATER)


def test_a_second_factor_serves_once_whoever_comes_together() -> None:
    camille = someone()
    codes = authenticator_add(actor=actor_of(camille), secret=SECRET, code=code_at(NOW), now=NOW)
    assert codes is not None
    LetIn.objects.create(user=camille, by_label="G", reason="x", given_at=NOW, until=LATER + (LATER - NOW))
    for shown in (pyotp.TOTP(SECRET).at(LATER), opened(codes).split()[0], None):
        Entry.objects.filter(verb="connection.opened").delete()
        answers = together_or_errors([comes(camille, shown)] * 4)
        assert [type(one) for one in answers if not isinstance(one, User)] == [WrongSecond] * 3
        assert Entry.objects.filter(verb="connection.opened").count() == 1
    assert RecoveryCode.objects.count() == 7
    assert Authenticator.objects.get().last_step == LATER.timestamp() // 30
