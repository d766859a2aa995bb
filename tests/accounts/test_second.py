"""The second factor: what an account shows beside its password."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.test import override_settings

from marelle.accounts.known import mark_with
from marelle.accounts.models import Attempt, Authenticator, RecoveryCode, RememberedBrowser, User
from marelle.accounts.refusals import SecondWanted, TooManyAttempts, WrongCredentials, WrongSecond
from marelle.accounts.second import CODE_LENGTH, CODES_GIVEN, new_secret, spaced, step_of
from marelle.accounts.services import (
    account_recognise_second,
    authenticator_add,
    authenticator_remove,
    browser_forget,
    browser_remember,
    connection_finish,
    connection_open,
    password_change,
    recovery_codes_renew,
)
from marelle.accounts.services.connections import actor_of
from marelle.accounts.services.passwords import password_set
from marelle.accounts.services.remembered import browsers_purge
from marelle.core.refusals import NotYours
from marelle.core.resealing import sealed_columns
from marelle.core.sealed import Sealed, opened
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.accounts.people import HOME, NOW, OTHER_PASSWORD, PASSWORD, someone

STEP = timedelta(seconds=30)
LATER = NOW + timedelta(hours=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(instant, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(instant)


def armed(user: User) -> tuple[str, ...]:
    return words(authenticator_add(actor=actor_of(user), secret=SECRET, code=code_at(NOW), now=NOW))


def words(sealed: Sealed | None) -> tuple[str, ...]:
    assert sealed is not None
    return tuple(opened(sealed).split())


def waiting(now=LATER) -> User:
    with pytest.raises(SecondWanted) as asked:
        connection_open(name="camille", password=PASSWORD, origin=HOME, now=now)
    return asked.value.user


def finish(user: User, code: str, *, now=LATER, proof: str = "", mark: str = "") -> User:
    proof = proof or user.get_session_auth_hash()
    return connection_finish(user_id=user.pk, proof=proof, shown=code, mark=mark, origin=HOME, now=now)


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_holds_for_its_step_and_the_two_beside(steps: int, is_right: bool) -> None:
    assert (step_of(SECRET, code_at(NOW + steps * STEP), NOW) is not None) is is_right


@pytest.mark.django_db
class TestCodes:
    def test_the_password_alone_opens_nothing_then_the_code_does(self) -> None:
        camille = someone()
        armed(camille)
        user = waiting()
        assert not Entry.objects.filter(verb="connection.opened").exists()
        assert not Attempt.objects.exists()
        code = f" {code_at(LATER)[:3]} {code_at(LATER)[3:]}"
        assert finish(user, code) == camille
        entry = Entry.objects.get(verb="connection.opened")
        assert entry.data == {"by": ["password", "code"]}
        assert not Attempt.objects.exists()

    @pytest.mark.parametrize("later", [0, 1])
    def test_a_code_is_taken_once_and_none_of_before(self, later: int) -> None:
        camille = someone()
        armed(camille)
        finish(camille, code_at(LATER + later * STEP))
        with pytest.raises(WrongSecond):
            finish(camille, code_at(LATER))
        with pytest.raises(WrongSecond):
            finish(camille, code_at(LATER + later * STEP))

    def test_the_code_that_added_it_opens_nothing(self) -> None:
        camille = someone()
        armed(camille)
        with pytest.raises(WrongSecond):
            finish(camille, code_at(NOW), now=NOW)

    def test_a_recovery_code_serves_once_and_is_told(self) -> None:
        camille = someone()
        codes = armed(camille)
        assert (len(codes), {len(code) for code in codes}) == (CODES_GIVEN, {CODE_LENGTH})
        assert not RecoveryCode.objects.filter(code_hash__in=codes).exists()
        finish(camille, spaced(codes[0]).upper())
        with pytest.raises(WrongSecond):
            finish(camille, codes[0])
        assert RecoveryCode.objects.count() == CODES_GIVEN - 1
        assert "Il vous en reste 7." in Message.objects.latest("pk").text

    def test_a_new_password_by_mail_gives_no_new_tries(self, settings) -> None:
        settings.ATTEMPTS_PER_ACCOUNT, settings.ATTEMPTS_PER_ADDRESS = 2, 5
        camille = someone()
        armed(camille)
        kinds = []
        for number in range(4):
            password_set(
                actor=actor_of(camille), user=camille, password=f"{PASSWORD} {number}", origin=HOME, now=LATER
            )
            # The page that chooses it makes its browser known, each time another.
            mark = mark_with("", camille)
            for _try in range(2):
                with pytest.raises((WrongSecond, TooManyAttempts)) as refused:
                    finish(camille, "000000", mark=mark)
                kinds.append(refused.type)
        assert kinds == [WrongSecond] * 5 + [TooManyAttempts] * 3

    def test_codes_made_again_replace_those_before(self) -> None:
        camille = someone()
        assert recovery_codes_renew(actor=actor_of(camille), now=NOW) is None
        before = armed(camille)
        after = words(recovery_codes_renew(actor=actor_of(camille), now=NOW))
        with pytest.raises(WrongSecond):
            finish(camille, before[0])
        finish(camille, after[0])

    def test_an_application_changed_keeps_the_recovery_codes(self) -> None:
        camille = someone()
        codes, secret = armed(camille), new_secret()
        assert not authenticator_add(
            actor=actor_of(camille), secret=secret, code=code_at(NOW, secret), now=NOW
        )
        with pytest.raises(WrongSecond):
            finish(camille, code_at(LATER))
        finish(camille, code_at(LATER, secret))
        finish(camille, codes[0])

    def test_added_and_removed_are_written_and_told_by_mail(self) -> None:
        camille = someone()
        with pytest.raises(WrongSecond):
            authenticator_add(actor=actor_of(camille), secret=SECRET, code="000000", now=NOW)
        armed(camille)
        assert authenticator_remove(actor=actor_of(camille), now=NOW)
        assert not authenticator_remove(actor=actor_of(camille), now=NOW)
        assert not RecoveryCode.objects.exists()
        told = list(Message.objects.order_by("pk").values_list("kind", flat=True))
        assert told == ["accounts/second_added", "accounts/second_removed"]
        assert [entry.verb for entry in Entry.objects.order_by("pk")] == ["second.added", "second.removed"]
        assert connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW) == camille

    def test_the_secret_is_sealed(self) -> None:
        armed(someone())
        held = Authenticator.objects.get()
        assert SECRET not in held.secret.token
        assert (Authenticator, ("secret",)) in list(sealed_columns())


@pytest.mark.django_db
class TestAttempts:
    @pytest.fixture(autouse=True)
    def three(self, settings) -> None:
        settings.ATTEMPTS_PER_ACCOUNT = 3

    def test_wrong_codes_are_counted_written_and_stop(self) -> None:
        camille = someone()
        armed(camille)
        for _try in range(3):
            with pytest.raises(WrongSecond):
                finish(camille, "000000")
        with pytest.raises(TooManyAttempts):
            finish(camille, code_at(LATER))
        verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs[-4:] == ["second.failed"] * 3 + ["connection.limited"]
        finish(camille, code_at(LATER + timedelta(minutes=16)), now=LATER + timedelta(minutes=16))

    def test_the_right_password_does_not_give_the_tries_back(self) -> None:
        camille = someone()
        armed(camille)
        for _try in range(3):
            waiting()
            with pytest.raises(WrongSecond):
                finish(camille, "000000")
        waiting()
        with pytest.raises(TooManyAttempts):
            finish(camille, code_at(LATER))

    def test_who_is_in_and_shows_it_again_is_counted_too(self) -> None:
        camille = someone()
        codes = armed(camille)
        for _try in range(2):
            with pytest.raises(WrongSecond):
                account_recognise_second(actor=actor_of(camille), shown="000000", now=LATER)
        assert account_recognise_second(actor=actor_of(camille), shown=codes[0], now=LATER).by == {"second"}
        with pytest.raises(WrongSecond):
            account_recognise_second(actor=actor_of(camille), shown="000000", now=LATER)
        with pytest.raises(TooManyAttempts):
            account_recognise_second(actor=actor_of(camille), shown=codes[1], now=LATER)


@pytest.mark.django_db
def test_another_password_meanwhile_and_the_first_page_is_asked_again() -> None:
    camille = someone()
    armed(camille)
    proof = waiting().get_session_auth_hash()
    camille.set_password("un goûter sous le tilleul")
    camille.save()
    with pytest.raises(WrongCredentials):
        finish(camille, code_at(LATER), proof=proof)


@pytest.mark.django_db
@pytest.mark.parametrize("is_given", [True, False])
def test_another_secret_meanwhile_and_the_first_page_counts_where_the_former_is_given(is_given: bool) -> None:
    camille = someone()
    armed(camille)
    proof = waiting().get_session_auth_hash()
    former = [settings.SECRET_KEY] if is_given else []
    with override_settings(SECRET_KEY="another-secret-of-a-test" * 3, SECRET_KEY_FALLBACKS=former):
        if is_given:
            assert finish(camille, code_at(LATER), proof=proof) == camille
        else:
            with pytest.raises(WrongCredentials):
                finish(camille, code_at(LATER), proof=proof)


@pytest.mark.django_db
class TestRemembered:
    def opens(self, token: str, *, now=LATER) -> bool:
        try:
            connection_open(name="camille", password=PASSWORD, remembered=token, origin=HOME, now=now)
        except SecondWanted:
            return False
        return True

    @pytest.fixture
    def camille(self) -> User:
        camille = someone()
        self.codes = armed(camille)
        self.token = browser_remember(user=camille, token="", origin=HOME, now=NOW)
        return camille

    def test_the_password_alone_opens_there_for_thirty_days(self, camille) -> None:
        assert self.opens(self.token)
        assert not self.opens("")
        assert not self.opens("another")
        assert self.opens(self.token, now=NOW + timedelta(days=30, seconds=-1))
        assert not self.opens(self.token, now=NOW + timedelta(days=30))
        assert browsers_purge(now=NOW + timedelta(days=30)) == 1
        assert camille.browsers.count() == 0

    def test_two_accounts_have_one_browser_each_for_itself(self, camille) -> None:
        sacha = someone("sacha")
        authenticator_add(actor=actor_of(sacha), secret=SECRET, code=code_at(NOW), now=NOW)
        with pytest.raises(SecondWanted):
            connection_open(name="sacha", password=PASSWORD, remembered=self.token, origin=HOME, now=LATER)
        both = browser_remember(user=sacha, token=self.token, origin=HOME, now=NOW)
        connection_open(name="sacha", password=PASSWORD, remembered=both, origin=HOME, now=LATER)
        assert self.opens(both)
        with pytest.raises(NotYours):
            browser_forget(actor=actor_of(sacha), browser_id=camille.browsers.get().pk, now=LATER)

    def test_a_secret_that_somebody_else_put_there_stands_for_no_browser(self, camille) -> None:
        """Of its own account, and known to it: a cookie can be put in a browser from beside."""
        sacha = someone("sacha")
        authenticator_add(actor=actor_of(sacha), secret=SECRET, code=code_at(NOW), now=NOW)
        of_sacha = browser_remember(user=sacha, token="", origin=HOME, now=NOW)
        for put in (of_sacha, self.token, "chosen"):
            carried = browser_remember(user=camille, token=put, origin=HOME, now=LATER)
            assert self.opens(carried)
            assert not self.opens(put)

    def test_its_owner_takes_it_back(self, camille) -> None:
        browser_forget(actor=actor_of(camille), browser_id=camille.browsers.get().pk, now=LATER)
        assert not self.opens(self.token)

    @pytest.mark.usefixtures("camille")
    def test_another_password_takes_it_back(self) -> None:
        camille = User.objects.get()
        password_change(actor=actor_of(camille), old=PASSWORD, new=OTHER_PASSWORD, now=LATER)
        assert not RememberedBrowser.objects.exists()

    def test_another_application_takes_it_back(self, camille) -> None:
        secret = new_secret()
        authenticator_add(actor=actor_of(camille), secret=secret, code=code_at(NOW, secret), now=NOW)
        assert not self.opens(self.token)
