"""What becomes of identities with their accounts; and which providers the environment gives."""

from __future__ import annotations

import pytest

from marelle.accounts.models import Identity, User
from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.providers import For, providers_read
from marelle.accounts.refusals import ClosedAccount, IdentityTaken, OtherIdentity
from marelle.accounts.services import account_close, account_merge, identity_link
from marelle.core.environment import Environment, WrongSetting
from tests.accounts.people import NOW, someone

TOLD = Told("franceconnect", "https://identite.example", "f3", "")
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
    assert link(camille, "f4", replaces=True) == Identity.objects.get()
    camille.is_active = False
    camille.save()
    with pytest.raises(ClosedAccount):
        link(camille, "f4")


@pytest.mark.django_db
def test_a_closed_account_and_one_that_is_merged_have_none() -> None:
    camille, sacha, other = someone(), someone("sacha"), someone("autre")
    link(camille)
    link(sacha, "f4")
    account_close(user_id=camille.pk)
    account_merge(user_id=sacha.pk, into_id=other.pk)
    assert not Identity.objects.exists()


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
