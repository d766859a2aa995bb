"""Who goes through FranceConnect to have its quotient asked, and what it reads."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

from django.test import Client

from marelle.accounts.models import Identity
from marelle.families.caf.rules import Identity as CivilStatus
from marelle.families.models import CafAgreement
from tests.particulier import Fake
from tests.portal.test_providers import FAMILIES, back_with, comes
from tests.provider import ANGELA
from tests.scenario import Home

PAGE = "/famille/quotient/"
LEAVES = f"{FAMILIES}?pour=quotient"
PEOPLE = {
    "angela": ANGELA,
    "lente": ANGELA,
    "réticente": ANGELA,
    "à demi": ANGELA,
    "sans jour": {**ANGELA, "birthdate": "1982-00-00"},
    "inconnu": {**ANGELA, "given_name": "Bruno", "family_name": "Zola", "birthdate": "1970-01-01"},
}
BORN = CivilStatus("DUBOIS", ("Angela", "Claire", "Louise"), date(1982, 8, 24), "F", "75107")
BY_TOKEN, BY_STATUS = "/v3/dss/quotient_familial/france_connect", "/v3/dss/quotient_familial/identite"
EAJE = "/v3/dss/participation_familiale_eaje"
RESOURCES_BY_TOKEN, RESOURCES_BY_STATUS = f"{EAJE}/france_connect", f"{EAJE}/identite"


def linked(home: Home, who: str = "angela") -> Client:
    client = Client()
    client.force_login(home.user)
    comes(client, who, pour="relier")
    client.post("/compte/identites/relier/")
    assert Identity.objects.filter(user=home.user).exists()
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def agrees(client: Client) -> CafAgreement:
    form = client.get(PAGE).context["recognised"].form
    client.post(PAGE, {"fc-seen": form["seen"].value(), "fc-agreed": "on"})
    return CafAgreement.objects.latest("pk")


def asks(client: Client, who: str = "angela") -> str:
    """What the page says to who went through FranceConnect to ask."""
    return text(client.get(back_with(client, who, FAMILIES, pour="quotient"), follow=True))


def paths(fake: Fake) -> list[str]:
    return [path for path, _query, _bearer in fake.asked]
