"""Who has an account here is told neither by words nor by time: a name that is known and one that is not get
the same statements, the same hashes, the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from fido2.cose import ES256

from marelle.accounts.models import Authenticator, Invitation, LinkPurpose, Passkey, SecretLink, User
from marelle.accounts.passkeys import Signed
from marelle.accounts.refusals import WrongCredentials, WrongSecond
from marelle.accounts.services import account_invite, account_merge, connection_by_passkey, connection_open
from marelle.accounts.services.connections import actor_of
from marelle.accounts.services.second import passkey_add
from marelle.accounts.tokens import hash_of, new_token
from marelle.core.sealed import seal
from marelle.journal.models import Entry
from tests.accounts.people import AGENT, HOME, NOW, PASSWORD, CountingHasher, someone
from tests.accounts.test_passkeys import made_by, signed_by
from tests.passkeys import Telephone
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def unknown_like(name: str) -> str:
    return "nobody@example.org" if "@" in name else "personne"


KNOWN = (
    "camille",
    "camille@example.org",
    "armed",
    "suspended",
    "sleeping",
    "merged",
    "without",
    "both@example.org",
)
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b|\bNULL\b|%s")
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(autouse=True)
def people() -> None:
    assert Scenario().the_authority.pk
    camille = someone()
    armed = someone("armed")
    Authenticator.objects.create(user=armed, secret=seal("A" * 32), last_step=0, added_at=NOW)
    someone("suspended", is_active=False)
    sleeping = account_invite(actor=AGENT, label="Lou", email="lou@example.org", now=NOW)
    User.objects.filter(pk=sleeping.user_id).update(identifier="sleeping")
    account_merge(user_id=someone("merged").pk, into_id=camille.pk)
    someone("without", email="")
    for name in ("one", "two"):
        someone(name, email="both@example.org")


@pytest.fixture
def hashes(settings: Any) -> type[CountingHasher]:
    settings.PASSWORD_HASHERS = ["tests.accounts.people.CountingHasher"]
    for user in User.objects.all():
        if user.has_usable_password():
            user.set_password(PASSWORD)
            user.save()
    CountingHasher.hashes = 0
    return CountingHasher


def shapes(seen: list[str]) -> list[str]:
    """The statements without what they are about."""
    return [LITERAL.sub("?", one) for one in seen]


def cost(act: Callable[[], object], refusal: Any, hashes: type[CountingHasher], count_queries: Any) -> object:
    before = hashes.hashes
    with count_queries() as seen, pytest.raises(refusal):
        act()
    return hashes.hashes - before, shapes(seen)


def login(name: str, password: str) -> Callable[[], object]:
    return lambda: connection_open(name=name, password=password, origin=HOME, now=NOW)


@pytest.mark.parametrize("name", KNOWN)
def test_a_wrong_password_costs_what_an_unknown_name_does(name: str, hashes, count_queries) -> None:
    unknown = cost(login(unknown_like(name), "wrong"), WrongCredentials, hashes, count_queries)
    assert cost(login(name, "wrong"), WrongCredentials, hashes, count_queries) == unknown
    assert unknown[0] == 1  # type: ignore[index]


@pytest.mark.parametrize("name", ["suspended", "sleeping", "both@example.org"])
def test_the_right_password_of_who_may_not_come_in_does_too(name: str, hashes, count_queries) -> None:
    unknown = cost(login(unknown_like(name), PASSWORD), WrongCredentials, hashes, count_queries)
    assert cost(login(name, PASSWORD), WrongCredentials, hashes, count_queries) == unknown


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Those that were looked at."""
    seen: list[bytes] = []
    verify = ES256.verify
    monkeypatch.setattr(
        ES256, "verify", lambda key, message, signed: (seen.append(signed), verify(key, message, signed))[1]
    )
    return seen


def test_of_a_passkey_too(count_queries, hashes, signatures) -> None:
    camille, lou = User.objects.get(identifier="camille"), User.objects.get(identifier="suspended")
    telephone, of_lou = Telephone(), Telephone()
    User.objects.filter(pk=lou.pk).update(is_active=True)
    passkey_add(actor=actor_of(camille), signed=made_by(telephone), label="x", now=NOW)
    passkey_add(actor=actor_of(lou), signed=made_by(of_lou), label="x", now=NOW)
    User.objects.filter(pk=lou.pk).update(is_active=False)

    def comes(signed: Signed) -> object:
        act = lambda: connection_by_passkey(signed=signed, origin=HOME, now=NOW)  # noqa: E731
        return cost(act, WrongSecond, hashes, count_queries)

    unknown = comes(signed_by(Telephone()))
    assert len(signatures) == 1
    thief = Telephone(credential_id=telephone.credential_id)
    assert comes(signed_by(thief)) == unknown
    assert comes(signed_by(of_lou)) == unknown, "the account is closed"
    assert len(signatures) == 3
    told = Entry.objects.filter(verb="second.failed").order_by("pk").values_list("subject_id", flat=True)
    assert list(told) == [None, camille.pk, lou.pk]
    assert Passkey.objects.filter(used_at=None).count() == 2


@pytest.mark.parametrize("path", ["/connexion/", "/mot-de-passe/"])
@pytest.mark.parametrize("name", KNOWN)
def test_the_page_is_the_same_to_the_byte_but_for_the_name(path: str, name: str) -> None:
    assert said(path, name) == said(path, unknown_like(name))


def said(path: str, name: str) -> tuple[object, ...]:
    client = Client()
    answer = client.post(path, {"identifier": name, "name": name, "password": "wrong"})
    body = TOKEN.sub(b"", answer.content).replace(f'value="{name}"'.encode(), b"")
    headers = {key: value for key, value in answer.items() if key != "Content-Length"}
    return answer.status_code, headers, sorted(client.cookies), body


@pytest.mark.parametrize("path", ["/mot-de-passe/{}/", "/activation/{}/", "/compte/adresse-mail/{}/"])
def test_links_that_open_nothing_cost_the_same_and_are_counted(path: str, settings, count_queries) -> None:
    settings.ATTEMPTS_PER_ACCOUNT, settings.ATTEMPTS_PER_ADDRESS = 3, 7
    camille = User.objects.get(identifier="camille")
    token = new_token()
    dated = {"token_hash": hash_of(token), "created_at": NOW, "expires_at": NOW - timedelta(days=1)}
    Invitation.objects.create(user=camille, channel="mail", **dated)
    purpose = LinkPurpose.EMAIL if "adresse" in path else LinkPurpose.PASSWORD
    SecretLink.objects.create(user=camille, purpose=purpose, **dated)
    found = []
    for one in (token, new_token()):
        with count_queries() as seen:
            assert Client().get(path.format(one)).status_code == 410
        found.append(shapes(seen))
    assert found[0] == found[1]
    for _time in range(2):
        assert Client().get(path.format(token)).status_code == 410
    assert Client().get(path.format(token)).status_code == 429, "one link again and again"
    statuses = [Client().get(path.format(new_token())).status_code for _time in range(4)]
    assert statuses == [410] * 3 + [429], "a network that tries many"
