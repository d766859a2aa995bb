"""What becomes of identities with their accounts; and which providers the environment gives."""

from __future__ import annotations

import socket
import time
from contextlib import nullcontext

import pytest

from marelle.accounts.models import Authenticator, Device, Identity, Passkey, User
from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.providers import For, Provider, providers_read
from marelle.accounts.refusals import ClosedAccount, IdentityTaken, LastWayIn, OtherIdentity, UnknownIdentity
from marelle.accounts.services import (
    account_close,
    account_merge,
    began_by_identity,
    identity_link,
    identity_unlink,
    passkey_remove,
    was_taken_away,
)
from marelle.accounts.services.devices import device_open
from marelle.accounts.services.identities import identity_owner
from marelle.accounts.services.passwords import password_set
from marelle.core import fetching
from marelle.core.actor import Actor
from marelle.core.environment import Environment, WrongSetting
from marelle.core.sealed import seal
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from tests.accounts.people import NOW, PASSWORD, someone

TOLD = Told("franceconnect", "https://identite.example", "f3", "")
VILLE = "https://ville.example"
GIVEN = {
    "FRANCECONNECT_ISSUER": "https://identite.example/api/v2",
    "FRANCECONNECT_CLIENT_ID": "a",
    "FRANCECONNECT_CLIENT_SECRET": "un-secret",
}


def link(user: User, subject: str = "f3", **more: bool) -> Identity:
    told = Told(TOLD.provider, TOLD.issuer, subject, "")
    return identity_link(user=user, told=told, provider="FranceConnect", now=NOW, **more)


@pytest.mark.django_db
def test_linked_twice_is_linked_once_and_another_takes_its_place_only_if_said_so() -> None:
    camille, sacha = someone(), someone("sacha")
    assert link(camille) == link(camille)
    with pytest.raises(IdentityTaken):
        link(sacha)
    with pytest.raises(OtherIdentity):
        link(camille, "f4")
    held_device(camille)
    assert link(camille, "f4", replaces=True) == Identity.objects.get()
    assert not Device.objects.exists(), "whoever came in by the other is out"
    camille.refresh_from_db()
    assert camille.check_password(PASSWORD), "chosen before any identity"
    camille.is_active = False
    camille.save()
    with pytest.raises(ClosedAccount):
        link(camille, "f4")


@pytest.mark.django_db
def test_what_was_chosen_in_an_account_that_an_identity_began_goes_with_it() -> None:
    camille = someone()
    link(camille, begins=True)
    Authenticator.objects.create(user=camille, secret=seal("A" * 32), last_step=0, added_at=NOW)
    camille.email = "intrus@example.org"
    camille.save()
    link(camille, "f4", replaces=True)
    camille.refresh_from_db()
    assert (camille.has_usable_password(), camille.email) == (False, "")
    assert not Authenticator.objects.exists()
    assert began_by_identity(camille.pk)


@pytest.mark.django_db
def test_one_that_is_taken_away_ends_all_sessions_but_this_one_and_is_kept() -> None:
    camille = someone()
    held = link(camille)
    kept, other = held_device(camille), held_device(camille)
    identity_unlink(
        actor=Actor(user_id=camille.pk, label="Camille"),
        identity_id=held.pk,
        provider="FranceConnect",
        kept_device=kept.pk,
        now=NOW,
    )
    assert list(Device.objects.all()) == [kept], other
    with pytest.raises(UnknownIdentity):
        identity_owner(TOLD)
    assert was_taken_away(TOLD)
    assert link(camille) == Identity.objects.get(), "linked again, by who may say so"
    assert not was_taken_away(TOLD)


@pytest.mark.django_db
@pytest.mark.parametrize("configured", [False, True])
def test_a_provider_that_the_portal_has_no_more_is_no_way_in(settings, configured: bool) -> None:
    settings.IDENTITY_PROVIDERS = (
        Provider(
            "ville", "Ville", For.FAMILIES, "https://ville.example" if configured else "-", "a", "b", "openid"
        ),
    )
    camille = someone()
    camille.set_unusable_password()
    camille.save()
    actor = Actor(user_id=camille.pk, label="Camille")
    held = link(camille)
    Identity.objects.create(user=camille, issuer=VILLE, subject="v", since=NOW)
    passkey = Passkey.objects.create(
        user=camille, credential_id="x", credential=b"x", sign_count=0, label="T", added_at=NOW
    )
    with nullcontext() if configured else pytest.raises(LastWayIn):
        passkey_remove(actor=actor, passkey_id=passkey.pk, now=NOW)
    Passkey.objects.all().delete()
    with nullcontext() if configured else pytest.raises(LastWayIn):
        identity_unlink(actor=actor, identity_id=held.pk, provider="F", now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("linked", [False, True])
def test_who_changes_its_password_is_told_what_else_opens(linked: bool) -> None:
    camille = someone()
    if linked:
        link(camille)
        text = Message.objects.get(kind="accounts/identity_linked").text
        assert "Ne plus relier" in text
    password_set(
        actor=Actor(user_id=camille.pk, label="C"), user=camille, password="autre", origin=Origin(), now=NOW
    )
    text = Message.objects.get(kind="accounts/password_changed").text
    assert ("Ne plus relier" in text) is linked


def held_device(user: User) -> Device:
    return device_open(
        user=user, session_key=str(Device.objects.count()), is_new=False, origin=Origin(), now=NOW
    )


@pytest.mark.django_db
def test_a_closed_account_and_one_that_is_merged_have_none() -> None:
    camille, sacha, other = someone(), someone("sacha"), someone("autre")
    link(camille)
    link(sacha, "f4")
    account_close(user_id=camille.pk)
    account_merge(user_id=sacha.pk, into_id=other.pk)
    assert not Identity.all_ever.exists()


def test_a_provider_is_off_until_it_is_given_whole() -> None:
    assert providers_read(Environment({})) == ()
    (found,) = providers_read(Environment(GIVEN))
    assert (found.key, found.audience) == ("franceconnect", For.FAMILIES)
    assert "un-secret" not in repr(found), "no log holds it"
    for name in GIVEN:
        with pytest.raises(WrongSetting) as wrong:
            providers_read(Environment({**GIVEN, name: ""}))
        assert wrong.value.name == name


@pytest.mark.parametrize(
    "issuer",
    [
        "http://identite.example",
        "https://",
        "identite.example",
        "https://a/?b",
        "https://a:b/",
        "https://u@a/",
    ],
)
def test_an_issuer_is_an_https_address(issuer: str) -> None:
    with pytest.raises(WrongSetting):
        providers_read(Environment({**GIVEN, "FRANCECONNECT_ISSUER": issuer}))


def test_an_issuer_of_the_town_lets_in_agents_unless_said_otherwise() -> None:
    given = {name.replace("FRANCECONNECT", "OIDC"): value for name, value in GIVEN.items()}
    with pytest.raises(WrongSetting, match="OIDC_NAME"):
        providers_read(Environment(given))
    (found,) = providers_read(Environment({**given, "OIDC_NAME": "Ma ville"}))
    assert (found.name, found.audience) == ("Ma ville", For.AGENTS)
    (found,) = providers_read(Environment({**given, "OIDC_NAME": "Ma ville", "OIDC_FOR": "families"}))
    assert found.audience is For.FAMILIES
    with pytest.raises(WrongSetting, match="OIDC_FOR"):
        providers_read(Environment({**given, "OIDC_NAME": "Ma ville", "OIDC_FOR": "tous"}))


@pytest.mark.parametrize("kind", [fetching._Plain, fetching._Safe])
def test_one_that_is_cut_before_it_is_reached_is_not_spoken_to(kind) -> None:
    """Its name was looked up, or its host tried, until the time was over."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = kind("127.0.0.1", silent.getsockname()[1], timeout=5)
        connection.cut()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            connection.connect()
        connection.close()
    assert time.monotonic() - began < 3
