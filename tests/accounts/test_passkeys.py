"""Passkeys: what is signed is what was asked, here, by who it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marelle.accounts.models import Attempt, Passkey, RecoveryCode, User
from marelle.accounts.passkeys import Signed, new_asked, new_checked, shown_asked, shown_checked
from marelle.accounts.refusals import SecondWanted, TooManyAttempts, TooManyPasskeys, WrongSecond
from marelle.accounts.services import (
    account_close,
    account_recognise_second,
    connection_by_passkey,
    connection_finish,
    connection_open,
    passkey_add,
    passkey_name,
    passkey_remove,
)
from marelle.accounts.services.connections import actor_of
from marelle.core.refusals import NotYours
from marelle.core.sealed import opened
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.accounts.people import HOME, NOW, PASSWORD, someone
from tests.passkeys import FLAG, Telephone


def asked_new(held=()) -> Any:
    return new_asked(user_id=7, identifier="camille", name="Camille", held=held)


def json_of(challenge) -> str:
    return json.dumps(dict(challenge.options))


def made_by(telephone: Telephone, challenge=None) -> Signed:
    challenge = challenge or asked_new()
    return Signed(challenge.state, telephone.makes(json_of(challenge)))


def signed_by(telephone: Telephone, challenge=None, **more: str) -> Signed:
    challenge = challenge or shown_asked()
    return Signed(challenge.state, telephone.signs(json_of(challenge), **more))


def checked(signed: Signed, telephone: Telephone) -> int:
    return shown_checked(signed, credential=new_checked(made_by(telephone)).credential, user_id=7)


def test_what_is_asked_is_a_key_found_by_itself_that_knows_its_user() -> None:
    asked = json.loads(json_of(asked_new()))["publicKey"]
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert asked["rp"]["id"] == "localhost"
    shown = json.loads(json_of(shown_asked()))["publicKey"]
    assert shown["userVerification"] == "required"
    assert not shown.get("allowCredentials")
    assert shown["challenge"] != json.loads(json_of(shown_asked()))["publicKey"]["challenge"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"flags": FLAG.UP},
        {"flags": FLAG.UV},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8001"},
        {"origin": "http://deep.localhost:8000"},
        {"host": "evil.example"},
    ],
)
def test_another_page_or_nobody_verified_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongSecond):
        new_checked(made_by(Telephone(**wrong)))
    right = Telephone()
    credential = new_checked(made_by(right)).credential
    other = Telephone(**wrong, credential_id=right.credential_id, key=right.key)
    with pytest.raises(WrongSecond):
        shown_checked(signed_by(other), credential=credential, user_id=7)


def test_another_challenge_another_key_or_another_account_is_refused() -> None:
    telephone = Telephone()
    credential = new_checked(made_by(telephone)).credential
    assert shown_checked(signed_by(telephone, handle="7"), credential=credential, user_id=7) == 0
    forged = Telephone(credential_id=telephone.credential_id)
    late = Signed(None, signed_by(telephone).answer)
    replayed = Signed(shown_asked().state, signed_by(telephone).answer)
    for wrong in (signed_by(forged), late, replayed, signed_by(telephone, handle="8")):
        with pytest.raises(WrongSecond):
            shown_checked(wrong, credential=credential, user_id=7)
    with pytest.raises(WrongSecond):
        new_checked(Signed(None, made_by(telephone).answer))


JSON = st.recursive(st.none() | st.integers() | st.text(max_size=9), lambda some: st.lists(some, max_size=3))
ANSWERS = st.text(max_size=40) | st.dictionaries(
    st.sampled_from(["id", "rawId", "type", "response", "x"]),
    JSON | st.dictionaries(st.sampled_from(["clientDataJSON", "attestationObject", "signature"]), JSON),
).map(json.dumps)


@given(ANSWERS)
@example('{"id": "x", "rawId": 9999999999, "response": {}}')
@example('{"id": "\\u0000", "response": {}}')
@example('{"id": "x", "response": {"clientDataJSON": 9999999999}}')
def test_what_no_authenticator_wrote_is_refused(answer: str) -> None:
    signed = Signed(shown_asked().state, answer)
    assert isinstance(signed.credential_id, str)
    assert "\0" not in signed.credential_id
    with pytest.raises(WrongSecond):
        new_checked(signed)
    with pytest.raises(WrongSecond):
        checked(signed, Telephone())


@pytest.mark.django_db
class TestAccount:
    @pytest.fixture
    def camille(self) -> User:
        return someone()

    @pytest.fixture
    def telephone(self, camille) -> Telephone:
        telephone = Telephone()
        codes = passkey_add(actor=actor_of(camille), signed=made_by(telephone), label="Téléphone", now=NOW)
        assert codes is not None
        self.codes = opened(codes).split()
        return telephone

    def comes_in(self, signed: Signed) -> User:
        return connection_by_passkey(signed=signed, origin=HOME, now=NOW)

    def test_it_opens_the_account_alone_and_after_the_password(self, camille, telephone) -> None:
        assert len(self.codes) == 8
        assert self.comes_in(signed_by(telephone, handle=str(camille.pk))) == camille
        assert not Attempt.objects.exists()
        with pytest.raises(SecondWanted):
            connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW)
        proof = camille.get_session_auth_hash()
        for shown in (signed_by(telephone), self.codes[0]):
            assert (
                connection_finish(user_id=camille.pk, proof=proof, shown=shown, origin=HOME, now=NOW)
                == camille
            )
        assert Passkey.objects.get().used_at == NOW
        told = Entry.objects.filter(verb="connection.opened").order_by("pk")
        assert [entry.data["by"] for entry in told] == [
            ["passkey"],
            ["password", "passkey"],
            ["password", "code"],
        ]

    def test_a_copy_is_seen_by_its_count(self, telephone) -> None:
        telephone.count = 5
        self.comes_in(signed_by(telephone))
        for count in (5, 4, 0):
            telephone.count = count
            with pytest.raises(WrongSecond):
                self.comes_in(signed_by(telephone))
        telephone.count = 6
        self.comes_in(signed_by(telephone))

    def test_unknown_and_wrong_are_answered_and_counted_the_same(self, telephone, settings) -> None:
        settings.ATTEMPTS_PER_ADDRESS = 2
        for signed in (signed_by(Telephone()), Signed(None, signed_by(telephone).answer)):
            with pytest.raises(WrongSecond):
                self.comes_in(signed)
        with pytest.raises(TooManyAttempts):
            self.comes_in(signed_by(telephone))

    def test_an_account_closed_meanwhile_stays_so(self, camille, telephone) -> None:
        User.objects.update(is_active=False)
        with pytest.raises(WrongSecond):
            self.comes_in(signed_by(telephone))
        account_close(user_id=camille.pk)
        assert not Passkey.objects.exists()
        assert not RecoveryCode.objects.exists()

    def test_a_key_is_of_one_account_alone(self, telephone) -> None:
        sacha = someone("sacha")
        with pytest.raises(WrongSecond):
            passkey_add(actor=actor_of(sacha), signed=made_by(telephone), label="x", now=NOW)
        with pytest.raises(WrongSecond):
            account_recognise_second(actor=actor_of(sacha), shown=signed_by(telephone), now=NOW)
        mine = Passkey.objects.get().pk
        for act in (
            lambda: passkey_remove(actor=actor_of(sacha), passkey_id=mine, now=NOW),
            lambda: passkey_name(actor=actor_of(sacha), passkey_id=mine, label="x", now=NOW),
        ):
            with pytest.raises(NotYours):
                act()

    @pytest.mark.usefixtures("telephone")
    def test_named_removed_written_and_told(self, camille) -> None:
        actor, held = actor_of(camille), Passkey.objects.get()
        passkey_name(actor=actor, passkey_id=held.pk, label="Portable", now=NOW)
        passkey_name(actor=actor, passkey_id=held.pk, label="Portable", now=NOW)
        assert str(Passkey.objects.get()) == "Portable"
        passkey_remove(actor=actor, passkey_id=held.pk, now=NOW)
        assert not RecoveryCode.objects.exists()
        verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs == ["second.added", "second.passkey_named", "second.removed"]
        assert all("une clé d’accès" in message.text for message in Message.objects.all())
        assert connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW) == camille

    def test_ten_at_most(self, camille) -> None:
        actor = actor_of(camille)
        for number in range(10):
            passkey_add(actor=actor, signed=made_by(Telephone()), label=str(number), now=NOW)
        with pytest.raises(TooManyPasskeys):
            passkey_add(actor=actor, signed=made_by(Telephone()), label="x", now=NOW)
